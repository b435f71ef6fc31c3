/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 46 to 56: requests, responses, timeouts, what is sent.
 */
#include "conformance.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static HSNMP_SESSION session;
static struct recorder recorder;
static struct agent *agent;

static void begin(smiUINT32 mode) {
    agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    start(mode);
    session = open_session(&recorder);
}

static void end(void) {
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static void check_notice(unsigned index, WPARAM w_param, smiINT32 id) {
    CHECK(recorder_wait(&recorder, index + 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&recorder, index);
    CHECK_EQUAL(notice.w_param, w_param);
    CHECK_EQUAL(notice.l_param, id);
}

static void c46(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    agent_add(agent, "1.3.6.1.2.1.1.1.0", 0x04, "a description", 13);
    HSNMP_ENTITY to = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT context = community(session, "public");
    smiINT32 id = send_get(session, to, context);
    check_notice(0, 0, id);
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK_EQUAL(received.type, SNMP_PDU_RESPONSE);
    CHECK_EQUAL(received.id, id);
    CHECK_EQUAL(received.error_status, 0);
    CHECK_EQUAL(received.error_index, 0);
    CHECK(received.from == to);
    CHECK(received.context == context);
    CHECK(received.to != NULL && received.to != to);
    char text[64] = "";
    CHECK(SnmpEntityToStr(received.to, sizeof text, text) != SNMPAPI_FAILURE);
    CHECK(strcmp(text, "127.0.0.1") == 0);

    HSNMP_VBL list = NULL;
    smiOID name = {0, NULL};
    smiVALUE value = integer_value(0);
    CHECK_EQUAL(SnmpGetPduData(received.pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCountVbl(list), 1);
    CHECK_EQUAL(SnmpGetVb(list, 1, &name, &value), SNMPAPI_SUCCESS);
    CHECK(oid_is(&name, "1.3.6.1.2.1.1.1.0"));
    CHECK_EQUAL(value.syntax, SNMP_SYNTAX_OCTETS);
    CHECK(value.value.string.len == 13 && memcmp(value.value.string.ptr, "a description", 13) == 0);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &value.value.string), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);

    /* The returned handles are references of their own. */
    free_received(&received);
    id = send_get(session, to, context);
    check_notice(1, 0, id);
    check_response(session, id);
    CHECK_EQUAL(SnmpFreeEntity(to), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeContext(context), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpFreeEntity(to), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeContext(context), SNMPAPI_CONTEXT_INVALID);

    /* Errors of the agent are data. */
    agent_set_mode(agent, AGENT_ERROR, SNMP_ERROR_NOACCESS);
    id = send_get(session, entity_of(session, agent, 500, 2), community(session, "public"));
    check_notice(2, 0, id);
    received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK_EQUAL(received.error_status, SNMP_ERROR_NOACCESS);
    CHECK_EQUAL(received.error_index, 1);
    free_received(&received);
    end();
}

static void c47(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_ENTITY to = entity_of(session, agent, 500, 2), other = to;
    HSNMP_CONTEXT context = community(session, "public"), other_context = context;
    HSNMP_PDU pdu = (HSNMP_PDU)&pdu;
    HSNMP_ENTITY from = to;
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, &from, &other, &other_context, &pdu), SNMPAPI_NOOP);
    CHECK(from == NULL && other == NULL && other_context == NULL && pdu == NULL);
    smiINT32 id = send_get(session, to, context);
    check_notice(0, 0, id);
    CHECK_EQUAL(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    /* Some outputs only. */
    id = send_get(session, to, context);
    check_notice(1, 0, id);
    CHECK_EQUAL(SnmpRecvMsg(session, NULL, NULL, NULL, &pdu), SNMPAPI_SUCCESS);
    CHECK_EQUAL(id_of(pdu), id);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    from = to;
    CHECK_FAILS(SnmpRecvMsg(NULL, &from, NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);
    CHECK(from == NULL);
    /* First come, first served. */
    agent_set_mode(agent, AGENT_QUEUE, 0);
    smiINT32 ids[5];
    for (unsigned i = 0; i < 5; i++) {
        unsigned before = agent_count(agent);
        ids[i] = send_get(session, to, context);
        CHECK(agent_wait(agent, before + 1, PATIENCE_MS));
        CHECK_EQUAL(agent_release(agent, 1), 1);
        check_notice(2 + i, 0, ids[i]);
    }
    for (unsigned i = 0; i < 5; i++) {
        struct received received = receive(session);
        CHECK_EQUAL(received.id, ids[i]);
        free_received(&received);
    }
    end();
}

static void c48(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    agent_set_mode(agent, AGENT_DELAY, 100);
    HSNMP_ENTITY to = entity_of(session, agent, 500, 2);
    smiBYTE text[] = "public";
    smiOCTETS octets = {6, text};
    HSNMP_CONTEXT context = SnmpStrToContext(session, &octets);
    HSNMP_VBL list = list_of(session, "1.3.6.1.2.1.1.1.0", NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_GET, 4711, 0, 0, list);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, to, context, pdu), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeEntity(to), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeContext(context), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    memset(text, 'x', sizeof text);
    check_notice(0, 0, 4711);
    check_response(session, 4711);
    end();
}

static void check_identical(unsigned count) {
    const struct datagram *first = agent_datagram(agent, 0);
    REQUIRE(first != NULL);
    for (unsigned i = 1; i < count; i++) {
        const struct datagram *datagram = agent_datagram(agent, i);
        REQUIRE(datagram != NULL);
        CHECK(datagram->length == first->length && memcmp(datagram->bytes, first->bytes, first->length) == 0);
        CHECK_EQUAL(datagram->from_port, first->from_port);
    }
}

/* One request of 20 cs and 2 repetitions; true if it kept its times within 60 ms for each step. */
static bool time_out(HSNMP_ENTITY to, HSNMP_CONTEXT context, unsigned notices) {
    enum { STEP = 200, SLACK = 60 };
    uint64_t gaps[3], started = now_ms();
    bool is_exact = true;
    agent_forget(agent, true);
    smiINT32 id = send_get(session, to, context);
    check_notice(notices, SNMPAPI_TL_TIMEOUT, id);
    CHECK_EQUAL(agent_count(agent), 3);
    check_identical(3);
    gaps[0] = agent_datagram(agent, 1)->time_ms - agent_datagram(agent, 0)->time_ms;
    gaps[1] = agent_datagram(agent, 2)->time_ms - agent_datagram(agent, 1)->time_ms;
    gaps[2] = recorder_notice(&recorder, notices).time_ms - started;
    /* Nothing comes early; the record of one datagram may be late and the next in time. */
    CHECK(gaps[2] >= 3 * STEP - 10);
    for (int i = 0; i < 2; i++) is_exact = is_exact && gaps[i] >= STEP - SLACK && gaps[i] <= STEP + SLACK;
    is_exact = is_exact && gaps[2] <= 3 * (STEP + SLACK);
    check_note(
        "repeated after %u and %u ms, ended after %u ms", (unsigned)gaps[0], (unsigned)gaps[1], (unsigned)gaps[2]);
    return is_exact;
}

static void c49(void) {
    enum { TRIES = 10 };
    begin(SNMPAPI_UNTRANSLATED_V2);
    agent_set_mode(agent, AGENT_SILENT, 0);
    HSNMP_ENTITY to = entity_of(session, agent, 20, 2);
    HSNMP_CONTEXT context = community(session, "public");
    /* A busy machine delays; one try without delay is enough, and wrong times would be wrong in all. */
    unsigned tries = 0;
    while (tries < TRIES && !time_out(to, context, tries)) tries++;
    CHECK(tries < TRIES);
    unsigned notices = tries + 1;
    smiINT32 id = (smiINT32)recorder_notice(&recorder, tries).l_param;
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK(recorder_stays(&recorder, notices, QUIET_MS));
    CHECK_EQUAL(agent_count(agent), 3);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, id), SNMPAPI_PDU_INVALID);
    /* Without repetitions there is one. */
    CHECK_EQUAL(SnmpSetRetry(to, 0), SNMPAPI_SUCCESS);
    id = send_get(session, to, context);
    check_notice(notices, SNMPAPI_TL_TIMEOUT, id);
    CHECK_EQUAL(agent_count(agent), 4);
    end();
}

static void c50(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    CHECK_EQUAL(SnmpSetRetransmitMode(SNMPAPI_OFF), SNMPAPI_SUCCESS);
    agent_set_mode(agent, AGENT_QUEUE, 0);
    smiINT32 id = send_get(session, entity_of(session, agent, 10, 2), community(session, "public"));
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    CHECK(recorder_stays(&recorder, 0, 600));
    CHECK_EQUAL(agent_count(agent), 1);
    CHECK_EQUAL(agent_release(agent, 1), 1);
    check_notice(0, 0, id);
    check_response(session, id);
    end();
}

static void c51(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    agent_set_mode(agent, AGENT_QUEUE, 0);
    smiINT32 id = send_get(session, entity_of(session, agent, 50, 5), community(session, "public"));
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    CHECK_EQUAL(SnmpSetRetransmitMode(SNMPAPI_OFF), SNMPAPI_SUCCESS);
    unsigned sent = agent_count(agent);
    CHECK(sent >= 1);
    CHECK(recorder_stays(&recorder, 0, 1200));
    /* One may have been on its way. */
    CHECK(agent_count(agent) <= sent + 1);
    CHECK(agent_release(agent, 1) >= 1);
    check_notice(0, 0, id);
    check_response(session, id);
    /* ON concerns later requests only. */
    agent_forget(agent, true);
    id = send_get(session, entity_of(session, agent, 10, 2), community(session, "public"));
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    CHECK_EQUAL(SnmpSetRetransmitMode(SNMPAPI_ON), SNMPAPI_SUCCESS);
    CHECK(recorder_stays(&recorder, 1, 500));
    CHECK_EQUAL(agent_count(agent), 1);
    CHECK_EQUAL(SnmpCancelMsg(session, id), SNMPAPI_SUCCESS);
    end();
}

static void c52(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    agent_set_mode(agent, AGENT_QUEUE, 0);
    HSNMP_ENTITY to = entity_of(session, agent, 30, 1);
    HSNMP_CONTEXT context = community(session, "public");
    smiINT32 id = send_get(session, to, context);
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    CHECK_EQUAL(SnmpCancelMsg(session, id), SNMPAPI_SUCCESS);
    CHECK(agent_release(agent, 1) >= 1);
    CHECK(recorder_stays(&recorder, 0, 800));
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, id), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, 0x7ABCDEF1), SNMPAPI_PDU_INVALID);
    CHECK_FAILS(SnmpCancelMsg(NULL, id), SNMPAPI_SESSION_INVALID);
    /* Answered ones are no longer outstanding, whether received yet or not. */
    agent_set_mode(agent, AGENT_ANSWER, 0);
    id = send_get(session, to, context);
    check_notice(0, 0, id);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, id), SNMPAPI_PDU_INVALID);
    check_response(session, id);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, id), SNMPAPI_PDU_INVALID);
    /* Another session's requests are none of ours. */
    struct recorder of_other;
    HSNMP_SESSION other = open_session(&of_other);
    agent_set_mode(agent, AGENT_SILENT, 0);
    id = send_get(session, to, context);
    CHECK_FAILS_IN(other, SnmpCancelMsg(other, id), SNMPAPI_PDU_INVALID);
    CHECK_EQUAL(SnmpCancelMsg(session, id), SNMPAPI_SUCCESS);
    /* Two with one identifier: the older one goes first. */
    HSNMP_PDU twin = pdu_of(session, SNMP_PDU_GET, 99, "1.3.6.1.2.1.1.1.0");
    CHECK_EQUAL(SnmpSendMsg(session, NULL, to, context, twin), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, to, context, twin), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCancelMsg(session, 99), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCancelMsg(session, 99), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpCancelMsg(session, 99), SNMPAPI_PDU_INVALID);
    end();
}

static void c53(void) {
    static const enum agent_mode modes[] = {
        AGENT_WRONG_ID, AGENT_OTHER_PORT, AGENT_OTHER_HOST, AGENT_OTHER_VERSION};
    begin(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_ENTITY to = entity_of(session, agent, 30, 0);
    HSNMP_CONTEXT context = community(session, "public");
    unsigned notices = 0;
    smiINT32 id;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        agent_set_mode(agent, modes[i], 0);
        id = send_get(session, to, context);
        check_notice(notices++, SNMPAPI_TL_TIMEOUT, id);
        CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    }
    agent_set_mode(agent, AGENT_DUPLICATE, 0);
    id = send_get(session, to, context);
    check_notice(notices++, 0, id);
    CHECK(recorder_stays(&recorder, notices, QUIET_MS));
    check_response(session, id);

    /* Garbage and foreign messages to the session's port do not disturb the request. */
    static struct ber_message message;
    static uint8_t bytes[BER_MAX_DATAGRAM];
    agent_set_mode(agent, AGENT_QUEUE, 0);
    CHECK_EQUAL(SnmpSetTimeout(to, 500), SNMPAPI_SUCCESS);
    unsigned before = agent_count(agent);
    id = send_get(session, to, context);
    CHECK(agent_wait(agent, before + 1, PATIENCE_MS));
    const struct datagram *request = agent_datagram(agent, before);
    REQUIRE(request != NULL && ber_decode(request->bytes, request->length, &message));
    CHECK(agent_send(agent, "127.0.0.1", request->from_port, "garbage", 7));
    CHECK(agent_send(agent, "127.0.0.1", request->from_port, request->bytes, request->length));
    CHECK(agent_send(agent, "127.0.0.1", request->from_port, "", 0));
    message.type = 0xA8;
    size_t length = ber_encode(&message, bytes, sizeof bytes);
    CHECK(agent_send(agent, "127.0.0.1", request->from_port, bytes, length));
    /* A response with another community is one; the community that came is told. */
    message.type = 0xA2;
    memcpy(message.community, "others", 6);
    length = ber_encode(&message, bytes, sizeof bytes);
    CHECK(recorder_stays(&recorder, notices, 100));
    CHECK(agent_send(agent, "127.0.0.1", request->from_port, bytes, length));
    check_notice(notices, 0, id);
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK(received.context != NULL && received.context != context);
    smiOCTETS text = {0, NULL};
    CHECK_EQUAL(SnmpContextToStr(received.context, &text), SNMPAPI_SUCCESS);
    CHECK(text.len == 6 && memcmp(text.ptr, "others", 6) == 0);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &text), SNMPAPI_SUCCESS);
    free_received(&received);
    end();
}

static void c54(void) {
    enum { TOO_LONG = 70000 };
    struct recorder unused;
    begin(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_ENTITY v1 = entity_of(session, agent, 500, 2);
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2), SNMPAPI_SUCCESS);
    HSNMP_ENTITY v2 = entity_of(session, agent, 500, 2), stale_entity = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT context = community(session, "public"), stale_context = community(session, "public");
    HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1"), stale_pdu = SnmpDuplicatePdu(session, pdu);
    HSNMP_SESSION stale_session = open_session(&unused);
    CHECK_EQUAL(SnmpClose(stale_session), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeEntity(stale_entity), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeContext(stale_context), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(stale_pdu), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpSendMsg(stale_session, NULL, v2, context, pdu), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, stale_entity, v2, context, pdu), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, stale_entity, context, pdu), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, NULL, context, pdu), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, stale_context, pdu), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, NULL, pdu), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, context, stale_pdu), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, context, NULL), SNMPAPI_PDU_INVALID);
    /* In the order of the parameters. */
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, NULL, NULL), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS(SnmpSendMsg(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);

    HSNMP_PDU inform = pdu_of(session, SNMP_PDU_INFORM, 0, "1.3.6.1");
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v1, context, inform), SNMPAPI_OPERATION_INVALID);
    /* Version 1 has no 64-bit counters. */
    smiVALUE wide = integer_value(0);
    wide.syntax = SNMP_SYNTAX_CNTR64;
    HSNMP_VBL wide_list = list_of(session, "1.3.6.1", &wide);
    HSNMP_PDU wide_set = SnmpCreatePdu(session, SNMP_PDU_SET, 0, 0, 0, wide_list);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v1, context, wide_set), SNMPAPI_OPERATION_INVALID);
    unsigned before = agent_count(agent);
    CHECK_EQUAL(before, 0);

    smiBYTE *octets = calloc(1, TOO_LONG);
    smiVALUE value = octets_value(octets, TOO_LONG);
    HSNMP_VBL list = list_of(session, "1.3.6.1", &value);
    HSNMP_PDU too_big = SnmpCreatePdu(session, SNMP_PDU_SET, 0, 0, 0, list);
    CHECK(too_big != NULL);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, v2, context, too_big), SNMPAPI_TL_PDU_TOO_BIG);
    /* What UDP can carry is carried. */
    value = octets_value(octets, 65000);
    CHECK_EQUAL(SnmpSetVb(list, 1, NULL, &value), 1);
    HSNMP_PDU big = SnmpCreatePdu(session, SNMP_PDU_SET, 0, 0, 0, list);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, v2, context, big), SNMPAPI_SUCCESS);
    check_notice(0, 0, id_of(big));
    check_response(session, id_of(big));
    free(octets);
    /* A source that is no address of this machine. */
    HSNMP_ENTITY elsewhere = entity_at(session, "192.0.2.1", 0);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, elsewhere, v2, context, pdu), SNMPAPI_TL_SRC_INVALID);
    CHECK(recorder_stays(&recorder, 1, QUIET_MS));
    end();
}

static void c55(void) {
    static struct ber_message message;
    begin(SNMPAPI_UNTRANSLATED_V1);
    agent_add_rows(agent, "1.3.6.1.4.1.99999.1", 30);
    HSNMP_VBL list = list_of(session, "1.3.6.1.4.1.99999.1", NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_GETBULK, 55, 0, 20, list);
    HSNMP_ENTITY v1 = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT context = community(session, "public");
    CHECK_EQUAL(SnmpSendMsg(session, NULL, v1, context, pdu), SNMPAPI_SUCCESS);
    CHECK(agent_wait(agent, 1, PATIENCE_MS));
    const struct datagram *datagram = agent_datagram(agent, 0);
    REQUIRE(datagram != NULL && ber_decode(datagram->bytes, datagram->length, &message));
    CHECK_EQUAL(message.version, 0);
    CHECK_EQUAL(message.type, 0xA1);
    CHECK_EQUAL(message.error_status, 0);
    CHECK_EQUAL(message.error_index, 0);
    CHECK_EQUAL(message.id, 55);
    CHECK_EQUAL(message.count, 1);
    check_notice(0, 0, 55);
    check_response(session, 55);
    /* Version 2c gets what was asked for. */
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, entity_of(session, agent, 500, 2), context, pdu), SNMPAPI_SUCCESS);
    CHECK(agent_wait(agent, 2, PATIENCE_MS));
    datagram = agent_datagram(agent, 1);
    REQUIRE(datagram != NULL && ber_decode(datagram->bytes, datagram->length, &message));
    CHECK_EQUAL(message.type, 0xA5);
    CHECK_EQUAL(message.error_status, 0);
    CHECK_EQUAL(message.error_index, 20);
    check_notice(1, 0, 55);
    struct received received = receive(session);
    HSNMP_VBL rows = NULL;
    CHECK_EQUAL(SnmpGetPduData(received.pdu, NULL, NULL, NULL, NULL, &rows), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCountVbl(rows), 20);
    CHECK_EQUAL(SnmpFreeVbl(rows), SNMPAPI_SUCCESS);
    free_received(&received);
    end();
}

static void c56(void) {
    begin(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_ENTITY to = entity_at(session, "127.0.0.1", free_port());
    HSNMP_CONTEXT context = community(session, "public");
    CHECK_EQUAL(SnmpSetTimeout(to, 20), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetRetry(to, 1), SNMPAPI_SUCCESS);
    smiINT32 id = send_get(session, to, context);
    CHECK(recorder_wait(&recorder, 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&recorder, 0);
    CHECK_EQUAL(notice.l_param, id);
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_FAILURE);
    if (notice.w_param == 0) {
        CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_TL_UNDELIVERABLE);
        /* The handles are those of the message that failed: the agent is where it went. */
        CHECK(received.to == to && received.from != to && received.context == context && received.pdu != NULL);
        CHECK_EQUAL(received.id, id);
        free_received(&received);
    } else {
        CHECK_EQUAL(notice.w_param, SNMPAPI_TL_TIMEOUT);
        CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_NOOP);
    }
    CHECK(recorder_stays(&recorder, 1, 500));
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    end();
}

const struct check message_checks[] = {
    {"46", "a GET and its response", c46},
    {"47", "SnmpRecvMsg without outputs and without messages", c47},
    {"48", "everything freed right after SnmpSendMsg", c48},
    {"49", "timeout after identical repetitions", c49},
    {"50", "mode OFF: one datagram, late response", c50},
    {"51", "switching to OFF ends repetitions", c51},
    {"52", "SnmpCancelMsg", c52},
    {"53", "responses that are not ours", c53},
    {"54", "what SnmpSendMsg refuses", c54},
    {"55", "GETBULK to version 1", c55},
    {"56", "a closed port", c56},
    {NULL, NULL, NULL},
};
