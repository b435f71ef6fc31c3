/*
 * Layer: test programs of the C library. Used by: registrations.c, trap_port.c, notifications.c.
 */
#include "trap_scene.h"

#include <string.h>

HSNMP_SESSION session;
struct recorder recorder;
struct agent *sender;
uint16_t trap_port;

void begin_traps(void) {
    trap_port = free_port();
    sender = agent_start("127.0.0.1", 0);
    REQUIRE(sender != NULL && trap_port != 0);
    agent_set_mode(sender, AGENT_SILENT, 0);
    REQUIRE(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, trap_port) == SNMPAPI_SUCCESS);
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
}

void end_traps(void) {
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(sender);
}

/* ---- Sending ---- */

struct ber_binding *add_binding(struct trap *trap, const char *name, uint8_t tag) {
    struct ber_binding *binding = &trap->message.bindings[trap->message.count];
    binding->name = ber_oid_of(name);
    binding->tag = tag;
    binding->content = trap->contents[trap->message.count++];
    return binding;
}

void fill_trap(struct trap *trap, const char *community_text, uint8_t type, int32_t id, const char *oid_text) {
    memset(&trap->message, 0, sizeof trap->message);
    trap->message.version = 1;
    trap->message.community_length = strlen(community_text);
    memcpy(trap->message.community, community_text, strlen(community_text));
    trap->message.type = type;
    trap->message.id = id;
    struct ber_binding *time = add_binding(trap, SYS_UP_TIME, 0x43);
    time->length = ber_unsigned_content(4200, trap->contents[0]);
    struct ber_oid oid = ber_oid_of(oid_text);
    struct ber_binding *name = add_binding(trap, TRAP_OID, 0x06);
    name->length = ber_oid_content(&oid, trap->contents[1], sizeof trap->contents[1]);
}

void send_message(struct agent *from, const char *address, const struct ber_message *message) {
    static uint8_t bytes[BER_MAX_DATAGRAM];
    size_t length = ber_encode(message, bytes, sizeof bytes);
    REQUIRE(length > 0);
    CHECK(agent_send(from, address, trap_port, bytes, length));
}

void send_trap_as(const char *community_text, int32_t id, const char *oid) {
    static struct trap trap;
    fill_trap(&trap, community_text, 0xA7, id, oid);
    send_message(sender, "127.0.0.1", &trap.message);
}

void send_trap(int32_t id, const char *oid) { send_trap_as("public", id, oid); }

/* ---- Receiving ---- */

SNMPAPI_STATUS set_registration(const char *oid, smiUINT32 state) {
    struct name name;
    return SnmpRegister(session, NULL, NULL, NULL, oid != NULL ? name_of(&name, oid) : NULL, state);
}

struct received take_trap(unsigned index, int32_t id) {
    CHECK(recorder_wait(&recorder, index + 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&recorder, index);
    CHECK_EQUAL(notice.w_param, 0);
    CHECK_EQUAL(notice.l_param, id);
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK_EQUAL(received.id, id);
    return received;
}

void expect_trap(unsigned index, int32_t id) {
    struct received received = take_trap(index, id);
    CHECK_EQUAL(received.type, SNMP_PDU_TRAP);
    free_received(&received);
}

void expect_silence(unsigned count) {
    struct recorder of_witness;
    HSNMP_SESSION witness = open_session(&of_witness);
    CHECK_EQUAL(SnmpRegister(witness, NULL, NULL, NULL, NULL, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap_as("witness", 987654, "1.3.6.1.4.1.424242.0.1");
    CHECK(recorder_wait(&of_witness, 1, PATIENCE_MS));
    CHECK_EQUAL(SnmpClose(witness), SNMPAPI_SUCCESS);
    recorder_close(&of_witness);
    if (!CHECK(recorder_stays(&recorder, count, 50))) check_note("wanted %u notices", count);
}

void check_binding(HSNMP_VBL list, smiUINT32 index, const char *name, smiUINT32 syntax, const char *oid) {
    smiOID found = {0, NULL};
    smiVALUE value = integer_value(0);
    if (!CHECK(SnmpGetVb(list, index, &found, &value) == SNMPAPI_SUCCESS)) return;
    if (!CHECK(oid_is(&found, name))) check_note("binding %u should be %s", (unsigned)index, name);
    CHECK_EQUAL(value.syntax, syntax);
    if (oid != NULL && !CHECK(value.syntax == SNMP_SYNTAX_OID && oid_is(&value.value.oid, oid)))
        check_note("binding %u should have %s", (unsigned)index, oid);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&found), SNMPAPI_SUCCESS);
    if (value.syntax == SNMP_SYNTAX_OID || value.syntax == SNMP_SYNTAX_OCTETS || value.syntax == SNMP_SYNTAX_IPADDR)
        CHECK_EQUAL(SnmpFreeDescriptor(value.syntax, &value.value.string), SNMPAPI_SUCCESS);
}

HSNMP_VBL list_in(HSNMP_PDU pdu) {
    HSNMP_VBL list = NULL;
    CHECK_EQUAL(SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    REQUIRE(list != NULL);
    return list;
}
