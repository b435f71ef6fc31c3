/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 39 to 45: identifiers, descriptors, encoding and decoding.
 */
#include "conformance.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_oid(smiLPOID oid) {
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)oid), SNMPAPI_SUCCESS);
    CHECK(oid->len == 0 && oid->ptr == NULL);
}

static void check_parses(const char *text, const char *as) {
    smiOID oid = {77, NULL};
    struct ber_oid wanted = ber_oid_of(as);
    if (!CHECK(SnmpStrToOid(text, &oid) == wanted.count)) {
        check_note("the text was \"%s\"", text);
        return;
    }
    CHECK(oid_is(&oid, as));
    free_oid(&oid);
}

static void c39(void) {
    static const char *const wrong[] = {
        "1", "", "1..3", "1.3.x", "1.4294967296", ".", "..1.3", "1.3.", "1.-3", "1. 3", " 1.3", "1.3 ",
        "1.99999999999999999999", "0x1.3", "1,3", "+1.3"};
    smiOID oid = {0, NULL};
    start(SNMPAPI_UNTRANSLATED_V1);
    check_parses("1.3.6.1", "1.3.6.1");
    check_parses(".1.3.6", "1.3.6");
    check_parses("0.0", "0.0");
    check_parses("2.999.4294967295", "2.999.4294967295");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (!CHECK_FAILS(SnmpStrToOid(wrong[i], &oid), SNMPAPI_OID_INVALID)) check_note("text \"%s\"", wrong[i]);

    char text[4096] = "1.3";
    size_t length = 3;
    for (int count = 3; count <= 128; count++)
        length += (size_t)snprintf(text + length, sizeof text - length, ".%u", count % 2 ? 1 : 4294967295U);
    CHECK_EQUAL(SnmpStrToOid(text, &oid), 128);
    CHECK_EQUAL(oid.len, 128);
    CHECK(oid.ptr != NULL && oid.ptr[127] == 4294967295U);
    free_oid(&oid);
    strcpy(text + length, ".1");
    CHECK_FAILS(SnmpStrToOid(text, &oid), SNMPAPI_OID_INVALID);
    /* Longer than MAXOBJIDSTRSIZE, though the number is a small one. */
    memset(text, '0', sizeof text);
    strcpy(text + 1500, ".3.6");
    text[0] = '1';
    text[1] = '.';
    CHECK_FAILS(SnmpStrToOid(text, &oid), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpStrToOid("1.3.6", NULL), SNMPAPI_ALLOC_ERROR);
}

static void c40(void) {
    struct name name;
    char text[32];
    start(SNMPAPI_UNTRANSLATED_V1);
    smiLPCOID oid = name_of(&name, "1.3.6.1");
    memset(text, 'x', sizeof text);
    CHECK_EQUAL(SnmpOidToStr(oid, 8, text), 8);
    CHECK(memcmp(text, "1.3.6.1\0x", 9) == 0);
    memset(text, 'x', sizeof text);
    CHECK_FAILS(SnmpOidToStr(oid, 7, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(memcmp(text, "1.3.6.\0x", 8) == 0);
    CHECK_FAILS(SnmpOidToStr(oid, 1, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(text[0] == '\0');
    CHECK_FAILS(SnmpOidToStr(oid, 0, text), SNMPAPI_SIZE_INVALID);
    CHECK_EQUAL(SnmpOidToStr(oid, sizeof text, text), 8);
    smiOID empty = {0, name.arcs}, nowhere = {3, NULL}, too_long = {129, name.arcs};
    CHECK_FAILS(SnmpOidToStr(&empty, sizeof text, text), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidToStr(&nowhere, sizeof text, text), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidToStr(&too_long, sizeof text, text), SNMPAPI_OID_INVALID);

    /* The longest identifier in the largest buffer. */
    static char longest[MAXOBJIDSTRSIZE];
    static smiUINT32 arcs[MAXOBJIDSIZE];
    for (int i = 0; i < MAXOBJIDSIZE; i++) arcs[i] = i == 0 ? 2 : UINT32_MAX;
    smiOID all = {MAXOBJIDSIZE, arcs};
    CHECK_EQUAL(SnmpOidToStr(&all, sizeof longest, longest), 2 + 127 * 11);
    CHECK(strlen(longest) == 1 + 127 * 11);
}

static int compare(const char *a, const char *b, smiUINT32 limit) {
    struct name of_a, of_b;
    smiINT result = 99;
    CHECK_EQUAL(SnmpOidCompare(name_of(&of_a, a), name_of(&of_b, b), limit, &result), SNMPAPI_SUCCESS);
    return result;
}

static void c41(void) {
    struct name name;
    smiINT result = 99;
    start(SNMPAPI_UNTRANSLATED_V1);
    CHECK_EQUAL(compare("1.3.6", "1.3.6.1", 0), -1);
    CHECK_EQUAL(compare("1.3.6.1", "1.3.6", 0), 1);
    CHECK_EQUAL(compare("1.3.6", "1.3.6.1", 3), 0);
    CHECK_EQUAL(compare("1.3.6", "1.3.6.1", 4), -1);
    CHECK_EQUAL(compare("1.3.6", "1.3.7", 2), 0);
    CHECK_EQUAL(compare("1.3.6", "1.3.7", 3), -1);
    CHECK_EQUAL(compare("1.3.4294967295", "1.3.1", 0), 1);
    CHECK_EQUAL(compare("1.3.2147483648", "1.3.2147483647", 0), 1);
    CHECK_EQUAL(compare("1.3.6", "1.3.6", 128), 0);
    smiLPCOID oid = name_of(&name, "1.3.6");
    CHECK_FAILS(SnmpOidCompare(oid, oid, 129, &result), SNMPAPI_SIZE_INVALID);
    smiOID empty = {0, NULL}, nowhere = {3, NULL}, too_long = {129, name.arcs};
    CHECK_EQUAL(SnmpOidCompare(&empty, &empty, 0, &result), SNMPAPI_SUCCESS);
    CHECK_EQUAL(result, 0);
    CHECK_EQUAL(SnmpOidCompare(&empty, oid, 0, &result), SNMPAPI_SUCCESS);
    CHECK(result < 0);
    CHECK_FAILS(SnmpOidCompare(&nowhere, oid, 0, &result), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidCompare(oid, &too_long, 0, &result), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidCompare(oid, oid, 0, NULL), SNMPAPI_ALLOC_ERROR);
}

static void c42(void) {
    struct name name;
    smiOID copy = {0, NULL};
    start(SNMPAPI_UNTRANSLATED_V1);
    smiLPCOID oid = name_of(&name, "1.3.6.1.4.1");
    CHECK_EQUAL(SnmpOidCopy(oid, &copy), 6);
    CHECK(copy.ptr != NULL && copy.ptr != oid->ptr && oid_is(&copy, "1.3.6.1.4.1"));
    smiOID saved = copy;
    free_oid(&copy);
    CHECK_FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&saved), SNMPAPI_OPERATION_INVALID);
    smiOID empty = {0, name.arcs}, nowhere = {3, NULL}, too_long = {129, name.arcs};
    CHECK_FAILS(SnmpOidCopy(&empty, &copy), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidCopy(&nowhere, &copy), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidCopy(&too_long, &copy), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpOidCopy(oid, NULL), SNMPAPI_ALLOC_ERROR);
    /* Identifiers have no session and outlive each. */
    struct recorder recorder;
    HSNMP_SESSION session = open_session(&recorder);
    CHECK_EQUAL(SnmpOidCopy(oid, &copy), 6);
    CHECK_EQUAL(SnmpClose(session), SNMPAPI_SUCCESS);
    CHECK(oid_is(&copy, "1.3.6.1.4.1"));
    free_oid(&copy);
}

static void c43(void) {
    static const smiUINT32 accepted[] = {
        SNMP_SYNTAX_OCTETS, SNMP_SYNTAX_OPAQUE, SNMP_SYNTAX_BITS,
        SNMP_SYNTAX_IPADDR, SNMP_SYNTAX_NSAPADDR, SNMP_SYNTAX_OID};
    static const smiUINT32 refused[] = {
        SNMP_SYNTAX_INT, SNMP_SYNTAX_NULL, SNMP_SYNTAX_CNTR32, SNMP_SYNTAX_GAUGE32, SNMP_SYNTAX_TIMETICKS,
        SNMP_SYNTAX_CNTR64, SNMP_SYNTAX_UINT32, SNMP_SYNTAX_NOSUCHOBJECT, SNMP_SYNTAX_SEQUENCE, 0x99};
    smiBYTE own[4] = {1, 2, 3, 4};
    smiOID oid = {0, NULL};
    start(SNMPAPI_UNTRANSLATED_V1);
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        REQUIRE(SnmpStrToOid("1.3.6.1", &oid) == 4);
        CHECK_EQUAL(SnmpFreeDescriptor(accepted[i], (smiLPOPAQUE)&oid), SNMPAPI_SUCCESS);
        smiOCTETS foreign = {sizeof own, own}, empty = {0, NULL};
        CHECK_FAILS(SnmpFreeDescriptor(accepted[i], &foreign), SNMPAPI_OPERATION_INVALID);
        CHECK(foreign.len == sizeof own && foreign.ptr == own);
        CHECK_EQUAL(SnmpFreeDescriptor(accepted[i], &empty), SNMPAPI_SUCCESS);
    }
    REQUIRE(SnmpStrToOid("1.3.6.1", &oid) == 4);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CHECK_FAILS(SnmpFreeDescriptor(refused[i], (smiLPOPAQUE)&oid), SNMPAPI_SYNTAX_INVALID);
    CHECK(oid_is(&oid, "1.3.6.1"));
    /* Neither a part of our memory nor the application's. */
    smiOCTETS inside = {4, (smiLPBYTE)oid.ptr + 4}, garbage = {4, (smiLPBYTE)(uintptr_t)0xdeadbeef};
    smiOCTETS heap = {16, malloc(16)};
    CHECK_FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &inside), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &garbage), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &heap), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, NULL), SNMPAPI_ALLOC_ERROR);
    free(heap.ptr);
    free_oid(&oid);
}

/* ---- Encoding and decoding ---- */

static HSNMP_SESSION session;
static struct recorder recorder;

static void check_same_bytes(struct agent *agent, HSNMP_ENTITY to, HSNMP_CONTEXT context, HSNMP_PDU pdu) {
    smiOCTETS octets = {12345, (smiLPBYTE)&octets};
    unsigned before = agent_count(agent);
    smiUINT32 encoded = SnmpEncodeMsg(session, NULL, to, context, pdu, &octets);
    REQUIRE(encoded > 0 && encoded == octets.len && octets.ptr != NULL);
    SNMPAPI_STATUS done = SnmpSendMsg(session, NULL, to, context, pdu);
    /* A response may want the listening entity that it comes from; nothing says so, and nothing says otherwise. */
    bool is_refused = type_of(pdu) == SNMP_PDU_RESPONSE && done == SNMPAPI_FAILURE;
    if (is_refused) {
        CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_TL_SRC_INVALID);
    } else {
        CHECK_EQUAL(done, SNMPAPI_SUCCESS);
        CHECK(agent_wait(agent, before + 1, PATIENCE_MS));
        const struct datagram *datagram = agent_datagram(agent, before);
        REQUIRE(datagram != NULL);
        CHECK(datagram->length == octets.len && memcmp(datagram->bytes, octets.ptr, octets.len) == 0);
    }

    HSNMP_ENTITY from = to, target = to;
    HSNMP_CONTEXT decoded_context = NULL;
    HSNMP_PDU decoded = NULL;
    CHECK_EQUAL(SnmpDecodeMsg(session, &from, &target, &decoded_context, &decoded, &octets), octets.len);
    CHECK(from == NULL && target == NULL);
    REQUIRE(decoded_context != NULL && decoded != NULL);
    CHECK(decoded_context != context && decoded != pdu);
    CHECK_EQUAL(id_of(decoded), id_of(pdu));
    smiOCTETS text = {0, NULL};
    CHECK_EQUAL(SnmpContextToStr(decoded_context, &text), SNMPAPI_SUCCESS);
    CHECK(text.len == 6 && memcmp(text.ptr, "public", 6) == 0);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &text), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeContext(decoded_context), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(decoded), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpDecodeMsg(session, NULL, NULL, NULL, NULL, &octets), octets.len);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets), SNMPAPI_SUCCESS);
}

static void c44(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    start(SNMPAPI_UNTRANSLATED_V1);
    session = open_session(&recorder);
    REQUIRE(agent != NULL);
    agent_set_mode(agent, AGENT_SILENT, 0);
    for (smiUINT32 mode = SNMPAPI_UNTRANSLATED_V1; mode <= SNMPAPI_UNTRANSLATED_V2; mode++) {
        CHECK_EQUAL(SnmpSetTranslateMode(mode), SNMPAPI_SUCCESS);
        HSNMP_ENTITY to = entity_of(session, agent, 6000, 0);
        HSNMP_CONTEXT context = community(session, "public");
        smiVALUE value = octets_value("some text", 9);
        HSNMP_VBL list = list_of(session, "1.3.6.1.2.1.1.4.0", &value);
        check_same_bytes(agent, to, context, pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1.2.1.1.1.0"));
        check_same_bytes(agent, to, context, pdu_of(session, SNMP_PDU_GETNEXT, -1, "2.999.4294967295"));
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_SET, 7, 0, 0, list));
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 8, 2, 1, list));
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_GET, 0, 0, 0, NULL));
        if (mode == SNMPAPI_UNTRANSLATED_V1) continue;
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_GETBULK, 9, 1, 20, list));
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_INFORM, 10, 0, 0, list));
        check_same_bytes(agent, to, context, SnmpCreatePdu(session, SNMP_PDU_TRAP, 11, 0, 0, list));
    }
    /* The bytes themselves, worked out by hand. */
    static const smiBYTE wanted[] = {
        0x30, 0x21, 0x02, 0x01, 0x01, 0x04, 0x06, 'p',  'u',  'b',  'l',  'i',  'c',  0xA0, 0x14, 0x02, 0x01, 0x05,
        0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x09, 0x30, 0x07, 0x06, 0x03, 0x2B, 0x06, 0x01, 0x05, 0x00};
    smiOCTETS octets = {0, NULL};
    HSNMP_CONTEXT context = community(session, "public");
    HSNMP_ENTITY to = entity_at(session, "127.0.0.1", 0);
    HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 5, "1.3.6.1");
    CHECK_EQUAL(SnmpEncodeMsg(session, NULL, to, context, pdu, &octets), sizeof wanted);
    CHECK(octets.len == sizeof wanted && memcmp(octets.ptr, wanted, sizeof wanted) == 0);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets), SNMPAPI_SUCCESS);
    /* Without a destination the source's version, without both the mode's: both are version 2 now. */
    CHECK_EQUAL(SnmpEncodeMsg(session, to, NULL, context, pdu, &octets), sizeof wanted);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpEncodeMsg(session, NULL, NULL, context, pdu, &octets), sizeof wanted);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, NULL, to, NULL, pdu, &octets), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, NULL, to, context, NULL, &octets), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, context, to, context, pdu, &octets), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, NULL, context, context, pdu, &octets), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpEncodeMsg(NULL, NULL, to, context, pdu, &octets), SNMPAPI_SESSION_INVALID);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* True if the bytes were taken; whatever was made is freed, and nothing may have been made if they were not. */
static bool decode(const smiBYTE *bytes, smiUINT32 length, SNMPAPI_STATUS *taken) {
    /* Memory of exactly that size, so that reading past it shows under a memory checker. */
    smiBYTE *copy = malloc(length + (length == 0));
    smiOCTETS octets = {length, copy};
    HSNMP_ENTITY from = NULL, to = NULL;
    HSNMP_CONTEXT context = NULL;
    HSNMP_PDU pdu = NULL;
    if (length > 0) memcpy(copy, bytes, length);
    *taken = SnmpDecodeMsg(session, &from, &to, &context, &pdu, &octets);
    free(copy);
    CHECK(from == NULL && to == NULL);
    if (*taken == SNMPAPI_FAILURE) {
        SNMPAPI_STATUS code = SnmpGetLastError(session);
        CHECK(code == SNMPAPI_MESSAGE_INVALID || code == SNMPAPI_OUTPUT_TRUNCATED);
        CHECK(context == NULL && pdu == NULL);
        return false;
    }
    CHECK(*taken <= length);
    CHECK_EQUAL(SnmpFreeContext(context), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    return true;
}

static void mutate(smiBYTE *bytes, smiUINT32 *length, smiUINT32 room, uint64_t *random) {
    for (uint64_t changes = next_random(random) % 4 + 1; changes > 0; changes--) {
        smiUINT32 at = (smiUINT32)(next_random(random) % *length);
        switch (next_random(random) % 5) {
        case 0:
            bytes[at] ^= (smiBYTE)(1u << next_random(random) % 8);
            break;
        case 1:
            bytes[at] = (smiBYTE)next_random(random);
            break;
        case 2:
            if (*length > 1) *length = at + 1;
            break;
        case 3:
            if (*length < room) {
                memmove(bytes + at + 1, bytes + at, *length - at);
                bytes[at] = (smiBYTE)next_random(random);
                ++*length;
            }
            break;
        default: {
            static const smiBYTE lengths[] = {0x00, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x85, 0xFF};
            bytes[at] = lengths[next_random(random) % sizeof lengths];
        }
        }
    }
}

static void c45(void) {
    enum { MUTATIONS = 100000, ROOM = 600 };
    smiVALUE values[] = {
        integer_value(-5), octets_value("text of some length", 19), unsigned_value(SNMP_SYNTAX_GAUGE32, 0xFFFFFFFF)};
    struct name name;
    SNMPAPI_STATUS taken;
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
    HSNMP_VBL list = SnmpCreateVbl(session, NULL, NULL);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1.4.1.99999.7"), &values[i]), i + 1);
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 123456, 0, 0, list);
    smiOCTETS octets = {0, NULL};
    REQUIRE(SnmpEncodeMsg(session, NULL, NULL, community(session, "public"), pdu, &octets) != SNMPAPI_FAILURE);
    REQUIRE(octets.len < ROOM);

    for (smiUINT32 length = 0; length < octets.len; length++) {
        CHECK(!decode(octets.ptr, length, &taken));
        /* The header says how much is missing. */
        if (length > 2) CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_OUTPUT_TRUNCATED);
    }
    smiBYTE bytes[ROOM];
    memcpy(bytes, octets.ptr, octets.len);
    memset(bytes + octets.len, 0x30, 20);
    CHECK(decode(bytes, octets.len + 20, &taken));
    CHECK_EQUAL(taken, octets.len);
    /* Version 3 is not for DecodeMsg, and the numbers between are nobody's. */
    for (smiBYTE version = 2; version < 5; version++) {
        memcpy(bytes, octets.ptr, octets.len);
        REQUIRE(bytes[2] == 0x02 || bytes[3] == 0x02);
        bytes[bytes[2] == 0x02 ? 4 : 5] = version;
        CHECK(!decode(bytes, octets.len, &taken));
        CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_MESSAGE_INVALID);
    }

    uint64_t seed = now_ms() * 2654435761u + 1, random;
    const char *given = getenv("SEED");
    if (given != NULL) seed = strtoull(given, NULL, 0) | 1;
    random = seed;
    check_note("SEED=%llu", (unsigned long long)seed);
    /* A handle that is made and lost in one of them would use these up. */
    CHECK_EQUAL(OrielSnmpSetOption(ORIEL_SNMP_OPTION_MAX_HANDLES, 64), SNMPAPI_SUCCESS);
    unsigned good = 0, before = check_failures();
    for (int i = 0; i < MUTATIONS && check_failures() == before; i++) {
        smiUINT32 length = octets.len;
        memcpy(bytes, octets.ptr, length);
        mutate(bytes, &length, ROOM, &random);
        if (decode(bytes, length, &taken)) good++;
    }
    check_note("%u of %d mutations are messages", good, MUTATIONS);
    CHECK(good > 0 && good < MUTATIONS);
    CHECK(decode(octets.ptr, octets.len, &taken));
}

const struct check utility_checks[] = {
    {"39", "SnmpStrToOid", c39},
    {"40", "SnmpOidToStr", c40},
    {"41", "SnmpOidCompare", c41},
    {"42", "SnmpOidCopy", c42},
    {"43", "SnmpFreeDescriptor", c43},
    {"44", "SnmpEncodeMsg is what SnmpSendMsg sends", c44},
    {"45", "SnmpDecodeMsg of cut and mutated messages", c45},
    {NULL, NULL, NULL},
};
