/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 18 to 26: modes, entities, contexts.
 */
#include "conformance.h"
#include "scene.h"

#include <string.h>
#include <strings.h>

static HSNMP_SESSION session;
static struct recorder recorder;

static void begin(smiUINT32 mode) {
    start(mode);
    session = open_session(&recorder);
}

static void c18(void) {
    smiUINT32 mode = 99;
    begin(SNMPAPI_UNTRANSLATED_V1);
    for (smiUINT32 each = 0; each <= 2; each++) {
        CHECK_EQUAL(SnmpSetTranslateMode(each), SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpGetTranslateMode(&mode), SNMPAPI_SUCCESS);
        CHECK_EQUAL(mode, each);
    }
    CHECK_FAILS(SnmpSetTranslateMode(3), SNMPAPI_MODE_INVALID);
    CHECK_FAILS(SnmpSetTranslateMode(99), SNMPAPI_MODE_INVALID);
    CHECK_FAILS(SnmpSetTranslateMode(UINT32_MAX), SNMPAPI_MODE_INVALID);
    CHECK_EQUAL(SnmpGetTranslateMode(&mode), SNMPAPI_SUCCESS);
    CHECK_EQUAL(mode, 2);
    CHECK_FAILS(SnmpGetTranslateMode(NULL), SNMPAPI_NOOP);
    for (smiUINT32 each = 0; each <= 1; each++) {
        CHECK_EQUAL(SnmpSetRetransmitMode(each), SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpGetRetransmitMode(&mode), SNMPAPI_SUCCESS);
        CHECK_EQUAL(mode, each);
    }
    CHECK_FAILS(SnmpSetRetransmitMode(2), SNMPAPI_MODE_INVALID);
    CHECK_EQUAL(SnmpGetRetransmitMode(&mode), SNMPAPI_SUCCESS);
    CHECK_EQUAL(mode, SNMPAPI_ON);
    CHECK_FAILS(SnmpGetRetransmitMode(NULL), SNMPAPI_NOOP);
}

static void check_text(const char *in, const char *out) {
    char text[128];
    HSNMP_ENTITY entity = SnmpStrToEntity(session, in);
    if (!CHECK(entity != NULL)) {
        check_note("the text was %s", in);
        return;
    }
    memset(text, 'x', sizeof text);
    CHECK_EQUAL(SnmpEntityToStr(entity, sizeof text, text), strlen(out) + 1);
    text[sizeof text - 1] = '\0';
    if (!CHECK(strcasecmp(text, out) == 0)) check_note("%s became %s, not %s", in, text, out);
    CHECK_EQUAL(SnmpFreeEntity(entity), SNMPAPI_SUCCESS);
}

static void c19(void) {
    char text[64] = "xxxxxxxxxxxxxxx";
    begin(SNMPAPI_UNTRANSLATED_V1);
    check_text("127.0.0.1", "127.0.0.1");
    check_text("0.0.0.0", "0.0.0.0");
    check_text("255.255.255.255", "255.255.255.255");
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", 4711);
    CHECK_EQUAL(SnmpEntityToStr(entity, 64, text), 10);
    CHECK(strcmp(text, "127.0.0.1") == 0);
    memset(text, 'x', 20);
    CHECK_EQUAL(SnmpEntityToStr(entity, 10, text), 10);
    CHECK(text[10] == 'x');
    memset(text, 'x', 20);
    CHECK_FAILS_IN(session, SnmpEntityToStr(entity, 5, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(memcmp(text, "127.\0x", 6) == 0);
    CHECK_FAILS(SnmpEntityToStr(entity, 9, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(strcmp(text, "127.0.0.") == 0);
    CHECK_FAILS(SnmpEntityToStr(entity, 1, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(text[0] == '\0');
    CHECK_FAILS(SnmpEntityToStr(entity, 0, text), SNMPAPI_SIZE_INVALID);
    CHECK_FAILS(SnmpEntityToStr(entity, 64, NULL), SNMPAPI_ALLOC_ERROR);
    CHECK_FAILS(SnmpEntityToStr(NULL, 64, text), SNMPAPI_ENTITY_INVALID);
}

static void c20(void) {
    static const char *const wrong[] = {
        "300.1.1.1", "",      "1.2.3",     "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4",      "localhost",
        "-1.2.3.4",  "1..2.3", "127.0.0.1:161", "1:2",       "::g",      "fe80::1::2", "a.b.c.d"};
    for (smiUINT32 mode = SNMPAPI_UNTRANSLATED_V1; mode <= SNMPAPI_UNTRANSLATED_V2; mode++) {
        begin(mode);
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
            if (!CHECK_FAILS_IN(session, SnmpStrToEntity(session, wrong[i]), SNMPAPI_ENTITY_UNKNOWN))
                check_note("the text was \"%s\"", wrong[i]);
        CHECK_FAILS(SnmpStrToEntity(session, NULL), SNMPAPI_ENTITY_UNKNOWN);
        CHECK_FAILS(SnmpStrToEntity(NULL, "127.0.0.1"), SNMPAPI_SESSION_INVALID);
        CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    }
    /* Translated mode takes addresses, too. */
    begin(SNMPAPI_TRANSLATED);
    check_text("127.0.0.1", "127.0.0.1");
    CHECK_FAILS(SnmpStrToEntity(session, ""), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS(SnmpStrToEntity(session, NULL), SNMPAPI_ENTITY_UNKNOWN);
}

static void c21(void) {
    begin(SNMPAPI_UNTRANSLATED_V1);
    check_text("00000001:00081A0D01C2", "00000001:00081A0D01C2");
    check_text("0000000a:00081a0d01c2", "0000000A:00081A0D01C2");
    HSNMP_ENTITY dot = SnmpStrToEntity(session, "00000001.00081A0D01C2");
    HSNMP_ENTITY dash = SnmpStrToEntity(session, "00000001-00081A0D01C2");
    CHECK(dot != NULL && dash != NULL);
    HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1.2.1.1.1.0");
    HSNMP_CONTEXT context = community(session, "public");
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, dot, context, pdu), SNMPAPI_TL_NOT_SUPPORTED);
    CHECK_FAILS(SnmpStrToEntity(session, "00000001:00081A0D01C"), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS(SnmpStrToEntity(session, "0000001:00081A0D01C2"), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS(SnmpStrToEntity(session, "00000001:00081A0D01C23"), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS(SnmpStrToEntity(session, "00000001:00081A0D01CX"), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS(SnmpStrToEntity(session, "00000001/00081A0D01C2"), SNMPAPI_ENTITY_UNKNOWN);
}

static void c22(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    check_text("::1", "::1");
    check_text("[::1]", "::1");
    check_text("fe80::1%lo", "fe80::1%lo");
    check_text("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    if (!have_ipv6()) check_skip("no IPv6 on the loopback interface");
    struct agent *agent = agent_start("::1", 0);
    REQUIRE(agent != NULL);
    HSNMP_ENTITY entity = entity_at(session, "::1", agent_port(agent));
    smiINT32 id = send_get(session, entity, community(session, "public"));
    CHECK(recorder_wait(&recorder, 1, PATIENCE_MS));
    CHECK_EQUAL(recorder_notice(&recorder, 0).w_param, 0);
    check_response(session, id);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static void c23(void) {
    static smiBYTE binary[] = {'a', 0, 'b', 0xFF, 0};
    smiOCTETS empty = {0, binary}, nowhere = {4, NULL}, all = {sizeof binary, binary}, out = {99, binary};
    begin(SNMPAPI_UNTRANSLATED_V1);
    CHECK_FAILS_IN(session, SnmpStrToContext(session, &empty), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS_IN(session, SnmpStrToContext(session, &nowhere), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS(SnmpStrToContext(NULL, &all), SNMPAPI_SESSION_INVALID);
    HSNMP_CONTEXT context = SnmpStrToContext(session, &all);
    REQUIRE(context != SNMPAPI_FAILURE);
    CHECK_EQUAL(SnmpContextToStr(context, &out), SNMPAPI_SUCCESS);
    CHECK_EQUAL(out.len, sizeof binary);
    REQUIRE(out.ptr != NULL && out.ptr != binary);
    CHECK(memcmp(out.ptr, binary, sizeof binary) == 0);
    CHECK(out.ptr[out.len] == 0);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &out), SNMPAPI_SUCCESS);
    CHECK(out.len == 0 && out.ptr == NULL);
    CHECK_FAILS(SnmpContextToStr(context, NULL), SNMPAPI_ALLOC_ERROR);
    CHECK_FAILS(SnmpContextToStr(NULL, &out), SNMPAPI_CONTEXT_INVALID);
}

static void c24(void) {
    begin(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", 0), other = entity_at(session, "127.0.0.1", 0);
    HSNMP_CONTEXT context = community(session, "public");
    CHECK(entity != other);
    CHECK_EQUAL(SnmpFreeEntity(entity), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpFreeEntity(entity), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpSetPort(entity, 161), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeEntity(context), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeContext(other), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS(SnmpFreeEntity(session), SNMPAPI_ENTITY_INVALID);
    CHECK_EQUAL(SnmpFreeContext(context), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpFreeContext(context), SNMPAPI_CONTEXT_INVALID);
    CHECK_EQUAL(SnmpFreeEntity(other), SNMPAPI_SUCCESS);
}

static void c25(void) {
    smiTIMETICKS policy = 9, actual = 9;
    smiUINT32 retries = 9, needed = 9;
    begin(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", 0), other = entity_at(session, "127.0.0.1", 0);
    CHECK_EQUAL(SnmpGetTimeout(entity, &policy, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(policy, 300);
    CHECK_EQUAL(SnmpGetRetry(entity, &retries, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(retries, 3);
    CHECK_EQUAL(SnmpSetTimeout(entity, 250), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetRetry(entity, 2), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpGetTimeout(entity, &policy, &actual), SNMPAPI_SUCCESS);
    CHECK_EQUAL(policy, 250);
    CHECK_EQUAL(actual, 0);
    CHECK_EQUAL(SnmpGetRetry(entity, &retries, &needed), SNMPAPI_SUCCESS);
    CHECK_EQUAL(retries, 2);
    CHECK_EQUAL(needed, 0);
    CHECK_EQUAL(SnmpGetTimeout(entity, NULL, &actual), SNMPAPI_SUCCESS);
    /* Entities with one address are separate. */
    CHECK_EQUAL(SnmpGetTimeout(other, &policy, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(policy, 300);
    CHECK_FAILS_IN(session, SnmpGetTimeout(entity, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpGetRetry(entity, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS(SnmpSetTimeout(0, 1), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpSetRetry(0, 1), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpGetTimeout(0, &policy, &actual), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpGetRetry(0, NULL, NULL), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpSetPort(entity, 0), SNMPAPI_TL_INVALID_PARAM);
    CHECK_FAILS_IN(session, SnmpSetPort(entity, 65536), SNMPAPI_TL_INVALID_PARAM);
    CHECK_EQUAL(SnmpSetPort(entity, 65535), SNMPAPI_SUCCESS);
}

static int version_byte(struct agent *agent, unsigned index) {
    const struct datagram *datagram = agent_datagram(agent, index);
    struct ber_message message;
    if (datagram == NULL || !ber_decode(datagram->bytes, datagram->length, &message)) return -1;
    return message.version;
}

static void c26(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    begin(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_ENTITY v1 = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT made_in_v1 = community(session, "public");
    send_get(session, v1, made_in_v1);
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    CHECK_EQUAL(version_byte(agent, 0), 0);
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2), SNMPAPI_SUCCESS);
    HSNMP_ENTITY v2 = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT made_in_v2 = community(session, "public");
    send_get(session, v2, made_in_v2);
    CHECK(agent_wait(agent, 2, PATIENCE_MS));
    CHECK_EQUAL(version_byte(agent, 1), 1);
    /* Not the mode of now, and not the context's: the entity's. */
    send_get(session, v1, made_in_v2);
    CHECK(agent_wait(agent, 3, PATIENCE_MS));
    CHECK_EQUAL(version_byte(agent, 2), 0);
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V1), SNMPAPI_SUCCESS);
    send_get(session, v2, made_in_v1);
    CHECK(agent_wait(agent, 4, PATIENCE_MS));
    CHECK_EQUAL(version_byte(agent, 3), 1);
    /* All were answered. */
    CHECK(recorder_wait(&recorder, 4, PATIENCE_MS));
    for (unsigned i = 0; i < 4; i++) CHECK_EQUAL(recorder_notice(&recorder, i).w_param, 0);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

const struct check entity_checks[] = {
    {"18", "modes", c18},
    {"19", "SnmpEntityToStr and its sizes", c19},
    {"20", "texts that are no entity", c20},
    {"21", "IPX addresses", c21},
    {"22", "IPv6 addresses", c22},
    {"23", "communities are octets", c23},
    {"24", "freeing twice, freeing something else", c24},
    {"25", "timeouts and repetitions of an entity", c25},
    {"26", "the version is the entity's", c26},
    {NULL, NULL, NULL},
};
