/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 59 to 64: what is registered for is delivered, and nothing else.
 */
#include "conformance.h"
#include "trap_scene.h"

#include <string.h>
#include <unistd.h>

static void c59(void) {
    char text[64] = "";
    begin_traps();
    REQUIRE(set_registration(NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    send_trap(4711, COLD_START);
    struct received received = take_trap(0, 4711);
    CHECK_EQUAL(received.type, SNMP_PDU_TRAP);
    CHECK_EQUAL(received.error_status, 0);
    CHECK(SnmpEntityToStr(received.from, sizeof text, text) != SNMPAPI_FAILURE && strcmp(text, "127.0.0.1") == 0);
    CHECK(SnmpEntityToStr(received.to, sizeof text, text) != SNMPAPI_FAILURE && strcmp(text, "127.0.0.1") == 0);
    smiOCTETS octets = {0, NULL};
    CHECK_EQUAL(SnmpContextToStr(received.context, &octets), SNMPAPI_SUCCESS);
    CHECK(octets.len == 6 && memcmp(octets.ptr, "public", 6) == 0);
    HSNMP_VBL list = list_in(received.pdu);
    CHECK_EQUAL(SnmpCountVbl(list), 2);
    check_binding(list, 1, SYS_UP_TIME, SNMP_SYNTAX_TIMETICKS, NULL);
    check_binding(list, 2, TRAP_OID, SNMP_SYNTAX_OID, COLD_START);
    free_received(&received);
    /* Garbage at the port is nobody's message. */
    CHECK(agent_send(sender, "127.0.0.1", trap_port, "garbage", 7));
    send_trap(-9, COLD_START);
    expect_trap(1, -9);
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(4712, COLD_START);
    expect_silence(2);
    CHECK_FAILS_IN(session, set_registration(NULL, SNMPAPI_OFF), SNMPAPI_NOOP);
    /* The port is free again. */
    int fd = -1;
    for (uint64_t limit = now_ms() + PATIENCE_MS; fd < 0 && now_ms() < limit; pause_ms(2))
        fd = bound_socket("0.0.0.0", trap_port);
    CHECK(fd >= 0);
    if (fd >= 0) close(fd);
    end_traps();
}

static void send_v1(int32_t generic, int32_t specific, const char *enterprise) {
    static struct trap trap;
    fill_trap(&trap, "public", 0xA4, 0, "1.3");
    trap.message.version = 0;
    trap.message.count = 0;
    trap.message.enterprise = ber_oid_of(enterprise);
    memcpy(trap.message.agent_address, "\x0A\x01\x02\x03", 4);
    trap.message.generic = generic;
    trap.message.specific = specific;
    trap.message.time_stamp = 777;
    add_binding(&trap, "1.3.6.1.2.1.2.2.1.1.5", 0x02)->length = ber_integer_content(5, trap.contents[0]);
    send_message(sender, "127.0.0.1", &trap.message);
}

static void take_v1(unsigned index, const char *trap_oid, const char *enterprise, bool with_address) {
    CHECK(recorder_wait(&recorder, index + 1, PATIENCE_MS));
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK_EQUAL(received.type, SNMP_PDU_TRAP);
    CHECK(received.id != 0);
    CHECK_EQUAL(received.id, recorder_notice(&recorder, index).l_param);
    CHECK_EQUAL(received.error_status, 0);
    CHECK_EQUAL(received.error_index, 0);
    REQUIRE(received.pdu != NULL);
    HSNMP_VBL list = list_in(received.pdu);
    CHECK_EQUAL(SnmpCountVbl(list), with_address ? 6 : 4);
    check_binding(list, 1, SYS_UP_TIME, SNMP_SYNTAX_TIMETICKS, NULL);
    smiVALUE time = integer_value(0);
    CHECK_EQUAL(SnmpGetVb(list, 1, NULL, &time), SNMPAPI_SUCCESS);
    CHECK_EQUAL(time.value.uNumber, 777);
    check_binding(list, 2, TRAP_OID, SNMP_SYNTAX_OID, trap_oid);
    check_binding(list, 3, "1.3.6.1.2.1.2.2.1.1.5", SNMP_SYNTAX_INT, NULL);
    if (with_address) {
        check_binding(list, 4, "1.3.6.1.6.3.18.1.3.0", SNMP_SYNTAX_IPADDR, NULL);
        check_binding(list, 5, "1.3.6.1.6.3.18.1.4.0", SNMP_SYNTAX_OCTETS, NULL);
        smiVALUE address = integer_value(0);
        CHECK_EQUAL(SnmpGetVb(list, 4, NULL, &address), SNMPAPI_SUCCESS);
        CHECK(address.value.string.len == 4 && memcmp(address.value.string.ptr, "\x0A\x01\x02\x03", 4) == 0);
    }
    check_binding(list, with_address ? 6 : 4, TRAP_ENTERPRISE, SNMP_SYNTAX_OID, enterprise);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    free_received(&received);
}

static void c60(void) {
    static const char *const standard[] = {
        "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.6.3.1.1.5.2", "1.3.6.1.6.3.1.1.5.3",
        "1.3.6.1.6.3.1.1.5.4", "1.3.6.1.6.3.1.1.5.5", "1.3.6.1.6.3.1.1.5.6"};
    const char *enterprise = "1.3.6.1.4.1.99";
    unsigned count = 0;
    begin_traps();
    REQUIRE(set_registration(NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    for (int generic = 0; generic < 6; generic++) {
        send_v1(generic, 0, enterprise);
        take_v1(count++, standard[generic], enterprise, false);
    }
    send_v1(SNMP_TRAP_ENTERPRISESPECIFIC, 7, enterprise);
    take_v1(count++, "1.3.6.1.4.1.99.0.7", enterprise, false);
    /* No such generic number: dropped. The witness's trap is one of "all". */
    send_v1(7, 0, enterprise);
    expect_silence(++count);
    CHECK_EQUAL(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(OrielSnmpSetOption(ORIEL_SNMP_OPTION_RFC3584_TRAPS, 1), SNMPAPI_SUCCESS);
    send_v1(SNMP_TRAP_LINKDOWN, 0, enterprise);
    take_v1(count++, standard[2], enterprise, true);
    end_traps();
}

static void c61(void) {
    begin_traps();
    REQUIRE(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON) == SNMPAPI_SUCCESS);
    send_trap(1, "1.3.6.1.4.1.9");
    send_trap(2, "1.3.6.1.4.1.990");
    send_trap(3, "1.3.6.1.4.1");
    send_trap(4, "1.3.6.1.4.1.99.0.7");
    expect_trap(0, 4);
    send_trap(5, "1.3.6.1.4.1.99");
    expect_trap(1, 5);
    send_trap(6, "1.3.6.1.4.1.100.0.7");
    expect_silence(2);
    /* Translated traps count as what they became. */
    send_v1(SNMP_TRAP_ENTERPRISESPECIFIC, 7, "1.3.6.1.4.1.99");
    take_v1(2, "1.3.6.1.4.1.99.0.7", "1.3.6.1.4.1.99", false);
    send_v1(SNMP_TRAP_COLDSTART, 0, "1.3.6.1.4.1.99");
    expect_silence(3);
    /* An identifier of length 0 is any. */
    smiOID empty = {0, NULL}, nowhere = {4, NULL};
    CHECK_EQUAL(SnmpRegister(session, NULL, NULL, NULL, &empty, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap(7, "1.3.6.1.4.1.100.0.7");
    expect_trap(3, 7);
    CHECK_FAILS_IN(session, SnmpRegister(session, NULL, NULL, NULL, &nowhere, SNMPAPI_ON), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpRegister(NULL, NULL, NULL, NULL, NULL, SNMPAPI_ON), SNMPAPI_SESSION_INVALID);
    end_traps();
}

static void c62(void) {
    begin_traps();
    struct agent *stranger = agent_start("127.0.0.3", 0);
    REQUIRE(stranger != NULL);
    HSNMP_ENTITY manager = entity_at(session, "10.9.8.7", 0);
    /* The agent's port is that of requests; traps come from any. */
    HSNMP_ENTITY of_agent = entity_at(session, "127.0.0.1", 161);
    HSNMP_CONTEXT context = community(session, "public");
    REQUIRE(SnmpRegister(session, manager, of_agent, context, NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    static struct trap trap;
    fill_trap(&trap, "public", 0xA7, 1, COLD_START);
    send_message(stranger, "127.0.0.1", &trap.message);
    send_trap_as("private", 2, COLD_START);
    send_trap_as("publi", 3, COLD_START);
    send_trap_as("public2", 4, COLD_START);
    send_trap_as("PUBLIC", 5, COLD_START);
    send_trap(6, COLD_START);
    struct received received = take_trap(0, 6);
    CHECK(received.from == of_agent);
    CHECK(received.context == context);
    CHECK(received.to != NULL && received.to != manager);
    free_received(&received);
    send_trap(7, COLD_START);
    received = take_trap(1, 7);
    CHECK(received.from == of_agent && received.context == context);
    free_received(&received);
    expect_silence(2);
    /* The registration goes on without the application's handles; values are compared. */
    CHECK_EQUAL(SnmpFreeEntity(of_agent), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeContext(context), SNMPAPI_SUCCESS);
    send_trap(8, COLD_START);
    expect_trap(2, 8);
    HSNMP_ENTITY same = entity_at(session, "127.0.0.1", 4711);
    HSNMP_CONTEXT same_context = community(session, "public");
    CHECK_EQUAL(SnmpRegister(session, manager, same, same_context, NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(9, COLD_START);
    expect_silence(3);
    /* Stale handles. */
    CHECK_FAILS_IN(session, SnmpRegister(session, of_agent, NULL, NULL, NULL, SNMPAPI_ON), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpRegister(session, NULL, of_agent, NULL, NULL, SNMPAPI_ON), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS_IN(session, SnmpRegister(session, NULL, NULL, context, NULL, SNMPAPI_ON), SNMPAPI_CONTEXT_INVALID);
    end_traps();
    agent_stop(stranger);
}

static void c63(void) {
    begin_traps();
    REQUIRE(set_registration(NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap(1, "1.3.6.1.4.1.99.0.7");
    expect_trap(0, 1);
    expect_silence(2); /* the witness's trap is one of "all" */
    CHECK_EQUAL(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(2, "1.3.6.1.4.1.99.0.7");
    expect_silence(2);
    /* The other way round the narrow one was effective, and outlives the broad one. */
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON), SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap(3, "1.3.6.1.4.1.99.0.7");
    expect_trap(2, 3);
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(4, "1.3.6.1.4.1.98.0.7");
    send_trap(5, "1.3.6.1.4.1.99.0.7");
    expect_trap(3, 5);
    expect_silence(4);
    end_traps();
}

static void c64(void) {
    begin_traps();
    REQUIRE(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON), SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(1, "1.3.6.1.4.1.99.0.7");
    expect_silence(0);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_ON), SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99.0.7", SNMPAPI_ON), SNMPAPI_SUCCESS);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", SNMPAPI_OFF), SNMPAPI_SUCCESS);
    send_trap(2, "1.3.6.1.4.1.99.0.7");
    expect_silence(0);
    CHECK_EQUAL(set_registration("1.3.6.1.4.1.99", 7), SNMPAPI_SUCCESS);
    send_trap(3, "1.3.6.1.4.1.99.0.7");
    expect_trap(0, 3);
    end_traps();
}

const struct check registration_checks[] = {
    {"59", "a trap is delivered while registered", c59},
    {"60", "traps of version 1 are translated", c60},
    {"61", "registrations of a prefix", c61},
    {"62", "registrations of an agent and a community", c62},
    {"63", "a narrow registration under a broad one", c63},
    {"64", "redundant registrations", c64},
    {NULL, NULL, NULL},
};
