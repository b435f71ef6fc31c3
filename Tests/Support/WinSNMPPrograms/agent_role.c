/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 69 and 70: answering requests.
 */
#include "conformance.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static HSNMP_SESSION session;
static struct recorder recorder;

/* Answers a request with the octets "from the agent" for its first name. */
static void answer(struct recorder *to, const struct notice *notice) {
    (void)to;
    struct received request = receive(notice->session);
    if (!CHECK(request.status == SNMPAPI_SUCCESS && request.pdu != NULL)) return;
    HSNMP_VBL list = NULL;
    smiVALUE value = octets_value("from the agent", 14);
    CHECK_EQUAL(SnmpGetPduData(request.pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetVb(list, 1, NULL, &value), 1);
    HSNMP_PDU response = SnmpCreatePdu(notice->session, SNMP_PDU_RESPONSE, request.id, 0, 0, list);
    CHECK_EQUAL(
        SnmpSendMsg(notice->session, request.to, request.from, request.context, response), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(response), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    free_received(&request);
}

/* Another socket asks with raw bytes; true if it is answered as `answer` does, from the port that was asked. */
static bool ask(const char *address, uint16_t port, uint8_t version, uint8_t type) {
    static struct ber_message message;
    static uint8_t bytes[BER_MAX_DATAGRAM];
    struct agent *peer = agent_start("127.0.0.1", 0);
    REQUIRE(peer != NULL);
    agent_set_mode(peer, AGENT_SILENT, 0);
    memset(&message, 0, sizeof message);
    message.version = version;
    message.community_length = 6;
    memcpy(message.community, "public", 6);
    message.type = type;
    message.id = 31337;
    message.count = 1;
    message.bindings[0].name = ber_oid_of("1.3.6.1.2.1.1.1.0");
    message.bindings[0].tag = 0x05;
    size_t length = ber_encode(&message, bytes, sizeof bytes);
    unsigned before = recorder_count(&recorder);
    CHECK(agent_send(peer, address, port, bytes, length));
    bool answered = agent_wait(peer, 1, strcmp(address, "127.0.0.1") == 0 ? PATIENCE_MS : 1000);
    if (answered) {
        /* The callback has more to do after its answer, which wants the library. */
        CHECK(recorder_wait(&recorder, before + 1, PATIENCE_MS));
        const struct datagram *datagram = agent_datagram(peer, 0);
        REQUIRE(ber_decode(datagram->bytes, datagram->length, &message));
        CHECK_EQUAL(datagram->from_port, port);
        CHECK_EQUAL(message.version, version);
        CHECK_EQUAL(message.type, 0xA2);
        CHECK_EQUAL(message.id, 31337);
        CHECK(message.community_length == 6 && memcmp(message.community, "public", 6) == 0);
        CHECK_EQUAL(message.count, 1);
        CHECK(message.bindings[0].length == 14 && memcmp(message.bindings[0].content, "from the agent", 14) == 0);
    }
    agent_stop(peer);
    return answered;
}

/* net-snmp's tool asks; false if it isn't installed. */
static bool ask_with_tool(uint16_t port, const char *version) {
    char command[256], line[512] = "";
    if (system("command -v snmpget >/dev/null 2>&1") != 0) return false;
    snprintf(
        command, sizeof command, "snmpget -v%s -c public -r1 -t5 -On -Ov 127.0.0.1:%u .1.3.6.1.2.1.1.1.0 2>&1", version,
        port);
    FILE *output = popen(command, "r");
    REQUIRE(output != NULL);
    while (fgets(line, sizeof line, output) != NULL && strstr(line, "from the agent") == NULL) continue;
    int status = pclose(output);
    if (!CHECK(status == 0 && strstr(line, "from the agent") != NULL)) check_note("snmpget: %s", line);
    return true;
}

static void c69(void) {
    uint16_t port = free_port();
    struct recorder of_other;
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
    HSNMP_SESSION other = open_session(&of_other);
    recorder.then = answer;
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", port);
    CHECK_FAILS_IN(session, SnmpListen(entity, SNMPAPI_OFF), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpListen(entity, 5), SNMPAPI_MODE_INVALID);
    CHECK_FAILS_IN(session, SnmpListenEx(entity, SNMPAPI_ON, 2), SNMPAPI_MODE_INVALID);
    CHECK_FAILS(SnmpListen(NULL, SNMPAPI_ON), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpListen(session, SNMPAPI_ON), SNMPAPI_ENTITY_INVALID);
    REQUIRE(SnmpListen(entity, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    CHECK(ask("127.0.0.1", port, 1, 0xA0));
    CHECK(ask("127.0.0.1", port, 0, 0xA0));
    CHECK(ask("127.0.0.1", port, 1, 0xA1));
    CHECK(ask("127.0.0.1", port, 1, 0xA3));
    CHECK(ask("127.0.0.1", port, 1, 0xA6));
    unsigned asked = 5;
    if (ask_with_tool(port, "2c") && ask_with_tool(port, "1")) {
        asked += 2;
    } else {
        check_note("snmpget is not installed; only this program's own client asked");
    }
    CHECK(recorder_stays(&recorder, asked, QUIET_MS));
    for (unsigned i = 0; i < asked; i++) CHECK_EQUAL(recorder_notice(&recorder, i).w_param, 0);
    CHECK_EQUAL(recorder_count(&of_other), 0);

    CHECK_FAILS_IN(session, SnmpListen(entity, SNMPAPI_ON), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpSetPort(entity, 4711), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS_IN(session, SnmpListen(entity, 5), SNMPAPI_MODE_INVALID);
    HSNMP_ENTITY twin = entity_at(other, "127.0.0.1", port);
    CHECK_FAILS_IN(other, SnmpListen(twin, SNMPAPI_ON), SNMPAPI_TL_OTHER);
    CHECK_EQUAL(SnmpListen(entity, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpListen(entity, SNMPAPI_OFF), SNMPAPI_NOOP);
    int fd = -1;
    for (uint64_t end = now_ms() + PATIENCE_MS; fd < 0 && now_ms() < end; pause_ms(2))
        fd = bound_socket("127.0.0.1", port);
    REQUIRE(fd >= 0);
    CHECK_FAILS_IN(session, SnmpListen(entity, SNMPAPI_ON), SNMPAPI_TL_OTHER);
    close(fd);
    CHECK_EQUAL(SnmpSetPort(entity, port), SNMPAPI_SUCCESS);
    /* Closing the session ends its role, and so does freeing the entity. */
    REQUIRE(SnmpListen(twin, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpClose(other), SNMPAPI_SUCCESS);
    bool listens = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !listens && now_ms() < end; pause_ms(2))
        listens = SnmpListen(entity, SNMPAPI_ON) == SNMPAPI_SUCCESS;
    CHECK(listens);
    CHECK_EQUAL(SnmpFreeEntity(entity), SNMPAPI_SUCCESS);
    HSNMP_ENTITY third = entity_at(session, "127.0.0.1", port);
    listens = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !listens && now_ms() < end; pause_ms(2))
        listens = SnmpListen(third, SNMPAPI_ON) == SNMPAPI_SUCCESS;
    CHECK(listens);
    CHECK(ask("127.0.0.1", port, 1, 0xA0));
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
}

static void c70(void) {
    uint16_t port = free_port();
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
    recorder.then = answer;
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", port);
    REQUIRE(SnmpListenEx(entity, SNMPAPI_ON, SNMPLISTEN_ALL_ADDR) == SNMPAPI_SUCCESS);
    CHECK(ask("127.0.0.1", port, 1, 0xA0));
    CHECK(ask("127.0.0.2", port, 1, 0xA0));
    CHECK_EQUAL(SnmpListenEx(entity, SNMPAPI_OFF, SNMPLISTEN_ALL_ADDR), SNMPAPI_SUCCESS);
    HSNMP_ENTITY own = entity_at(session, "127.0.0.1", free_port());
    bool listens = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !listens && now_ms() < end; pause_ms(2))
        listens = SnmpListenEx(own, SNMPAPI_ON, SNMPLISTEN_USEENTITY_ADDR) == SNMPAPI_SUCCESS;
    CHECK(listens);
    CHECK_EQUAL(SnmpListen(own, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetPort(own, port), SNMPAPI_SUCCESS);
    listens = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !listens && now_ms() < end; pause_ms(2))
        listens = SnmpListenEx(own, SNMPAPI_ON, SNMPLISTEN_USEENTITY_ADDR) == SNMPAPI_SUCCESS;
    CHECK(listens);
    CHECK(ask("127.0.0.1", port, 1, 0xA0));
    CHECK(!ask("127.0.0.2", port, 1, 0xA0));
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
}

const struct check agent_role_checks[] = {
    {"69", "SnmpListen: requests of other programs", c69},
    {"70", "SnmpListenEx: addresses", c70},
    {NULL, NULL, NULL},
};
