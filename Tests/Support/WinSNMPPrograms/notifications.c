/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 67 and 68: traps and informs that we send, informs that are answered.
 */
#include "conformance.h"
#include "trap_scene.h"

#include <string.h>

static HSNMP_PDU trap_pdu(const char *oid, bool with_wide, const char *address) {
    struct name name, value_name;
    smiVALUE value = unsigned_value(SNMP_SYNTAX_TIMETICKS, 4242);
    HSNMP_VBL list = SnmpCreateVbl(session, name_of(&name, SYS_UP_TIME), &value);
    value.syntax = SNMP_SYNTAX_OID;
    value.value.oid = *name_of(&value_name, oid);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, TRAP_OID), &value), 2);
    value = integer_value(3);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1.2.1.2.2.1.1.3"), &value), 3);
    if (with_wide) {
        value.syntax = SNMP_SYNTAX_CNTR64;
        CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1.2.1.31.1.1.1.6.3"), &value), 4);
    }
    if (address != NULL) {
        value = octets_value(address, 4);
        value.syntax = SNMP_SYNTAX_IPADDR;
        CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1.6.3.18.1.3.0"), &value), 4);
    }
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_TRAP, 0, 0, 0, list);
    REQUIRE(pdu != NULL);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    return pdu;
}

static struct ber_message *sent(struct agent *to, unsigned index) {
    static struct ber_message message;
    CHECK(agent_wait(to, index + 1, PATIENCE_MS));
    const struct datagram *datagram = agent_datagram(to, index);
    REQUIRE(datagram != NULL && ber_decode(datagram->bytes, datagram->length, &message));
    return &message;
}

static void check_v1(struct ber_message *message, const char *enterprise, int generic, int specific, const char *from) {
    CHECK_EQUAL(message->version, 0);
    CHECK_EQUAL(message->type, 0xA4);
    CHECK(ber_oid_is(&message->enterprise, enterprise));
    CHECK_EQUAL(message->generic, generic);
    CHECK_EQUAL(message->specific, specific);
    CHECK(memcmp(message->agent_address, from, 4) == 0);
    CHECK_EQUAL(message->time_stamp, 4242);
    CHECK_EQUAL(message->count, 1);
    CHECK(ber_oid_is(&message->bindings[0].name, "1.3.6.1.2.1.2.2.1.1.3"));
}

static void c67(void) {
    const char *here = "\x7F\x00\x00\x01";
    begin_traps();
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V1), SNMPAPI_SUCCESS);
    HSNMP_ENTITY v1 = entity_at(session, "127.0.0.1", agent_port(sender));
    HSNMP_CONTEXT context = community(session, "public");
    CHECK_EQUAL(
        SnmpSendMsg(session, NULL, v1, context, trap_pdu("1.3.6.1.6.3.1.1.5.3", false, NULL)), SNMPAPI_SUCCESS);
    check_v1(sent(sender, 0), "1.3.6.1.6.3.1.1.5", SNMP_TRAP_LINKDOWN, 0, here);
    CHECK_EQUAL(
        SnmpSendMsg(session, NULL, v1, context, trap_pdu("1.3.6.1.4.1.99.0.7", false, NULL)), SNMPAPI_SUCCESS);
    check_v1(sent(sender, 1), "1.3.6.1.4.1.99", SNMP_TRAP_ENTERPRISESPECIFIC, 7, here);
    CHECK_EQUAL(
        SnmpSendMsg(session, NULL, v1, context, trap_pdu("1.3.6.1.4.1.99.7", false, "\x0A\x01\x02\x03")),
        SNMPAPI_SUCCESS);
    check_v1(sent(sender, 2), "1.3.6.1.4.1.99", SNMP_TRAP_ENTERPRISESPECIFIC, 7, "\x0A\x01\x02\x03");
    CHECK_FAILS_IN(
        session, SnmpSendMsg(session, NULL, v1, context, trap_pdu("1.3.6.1.4.1.99.0.7", true, NULL)),
        SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS_IN(
        session, SnmpSendMsg(session, NULL, v1, context, pdu_of(session, SNMP_PDU_TRAP, 0, "1.3.6.1")),
        SNMPAPI_PDU_INVALID);
    /* Version 2c takes it as it is. */
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2), SNMPAPI_SUCCESS);
    HSNMP_ENTITY v2 = entity_at(session, "127.0.0.1", agent_port(sender));
    HSNMP_PDU pdu = trap_pdu("1.3.6.1.4.1.99.0.7", true, NULL);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, v2, context, pdu), SNMPAPI_SUCCESS);
    struct ber_message *message = sent(sender, 3);
    CHECK_EQUAL(message->version, 1);
    CHECK_EQUAL(message->type, 0xA7);
    CHECK_EQUAL(message->id, id_of(pdu));
    CHECK_EQUAL(message->count, 4);
    /* Nobody answers a trap. */
    CHECK(recorder_stays(&recorder, 0, QUIET_MS));
    CHECK_EQUAL(agent_count(sender), 4);
    if (!have_ipv6()) {
        end_traps();
        check_skip("no IPv6 on the loopback interface");
    }
    struct agent *over6 = agent_start("::1", 0);
    REQUIRE(over6 != NULL);
    agent_set_mode(over6, AGENT_SILENT, 0);
    CHECK_EQUAL(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V1), SNMPAPI_SUCCESS);
    HSNMP_ENTITY v6 = entity_at(session, "::1", agent_port(over6));
    CHECK_EQUAL(
        SnmpSendMsg(session, NULL, v6, context, trap_pdu("1.3.6.1.4.1.99.0.7", false, NULL)), SNMPAPI_SUCCESS);
    check_v1(sent(over6, 0), "1.3.6.1.4.1.99", SNMP_TRAP_ENTERPRISESPECIFIC, 7, "\0\0\0\0");
    end_traps();
    agent_stop(over6);
}

static void c68(void) {
    static struct trap trap;
    struct recorder of_sender;
    begin_traps();
    REQUIRE(set_registration(NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    HSNMP_SESSION from = open_session(&of_sender);
    HSNMP_ENTITY to = entity_at(from, "127.0.0.1", trap_port);
    HSNMP_PDU inform = trap_pdu("1.3.6.1.4.1.99.0.7", false, NULL);
    const smiINT type = SNMP_PDU_INFORM;
    CHECK_EQUAL(SnmpSetPduData(inform, &type, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    smiINT32 id = id_of(inform);
    CHECK_EQUAL(SnmpSendMsg(from, NULL, to, community(from, "public"), inform), SNMPAPI_SUCCESS);
    struct received received = take_trap(0, id);
    CHECK_EQUAL(received.type, SNMP_PDU_INFORM);
    free_received(&received);
    CHECK(recorder_wait(&of_sender, 1, PATIENCE_MS));
    CHECK_EQUAL(recorder_notice(&of_sender, 0).w_param, 0);
    CHECK_EQUAL(recorder_notice(&of_sender, 0).l_param, id);
    check_response(from, id);

    /* One that is repeated is answered again and delivered once. */
    fill_trap(&trap, "public", 0xA6, 555, "1.3.6.1.4.1.99.0.8");
    for (unsigned i = 0; i < 3; i++) {
        send_message(sender, "127.0.0.1", &trap.message);
        struct ber_message *answer = sent(sender, i);
        CHECK_EQUAL(answer->type, 0xA2);
        CHECK_EQUAL(answer->id, 555);
        CHECK_EQUAL(answer->error_status, 0);
        CHECK_EQUAL(answer->error_index, 0);
        CHECK_EQUAL(answer->count, 2);
        CHECK_EQUAL(agent_datagram(sender, i)->from_port, trap_port);
    }
    received = take_trap(1, 555);
    CHECK_EQUAL(received.type, SNMP_PDU_INFORM);
    free_received(&received);
    CHECK(recorder_stays(&recorder, 2, QUIET_MS));

    /* One that nobody registered for is not answered. */
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    REQUIRE(set_registration("1.3.6.1.4.1.1", SNMPAPI_ON) == SNMPAPI_SUCCESS);
    send_message(sender, "127.0.0.1", &trap.message);
    send_trap(700, "1.3.6.1.4.1.1.0.1");
    expect_trap(2, 700);
    pause_ms(50);
    CHECK_EQUAL(agent_count(sender), 3);

    /* The application answers if that is set: a RESPONSE with swapped entities, from the port that was asked. */
    CHECK_EQUAL(OrielSnmpSetOption(ORIEL_SNMP_OPTION_ANSWER_INFORMS, 0), SNMPAPI_SUCCESS);
    fill_trap(&trap, "public", 0xA6, 556, "1.3.6.1.4.1.1.0.8");
    send_message(sender, "127.0.0.1", &trap.message);
    received = take_trap(3, 556);
    pause_ms(50);
    CHECK_EQUAL(agent_count(sender), 3);
    HSNMP_VBL list = list_in(received.pdu);
    HSNMP_PDU response = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, received.id, 0, 0, list);
    CHECK_EQUAL(SnmpSendMsg(session, received.to, received.from, received.context, response), SNMPAPI_SUCCESS);
    struct ber_message *answer = sent(sender, 3);
    CHECK_EQUAL(answer->type, 0xA2);
    CHECK_EQUAL(answer->id, 556);
    CHECK_EQUAL(agent_datagram(sender, 3)->from_port, trap_port);
    free_received(&received);
    end_traps();
}

const struct check notification_checks[] = {
    {"67", "sending traps", c67},
    {"68", "informs", c68},
    {NULL, NULL, NULL},
};
