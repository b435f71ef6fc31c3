/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 59 to 68: registrations, traps, informs, the shared port.
 */
#include "conformance.h"
#include "scene.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYS_UP_TIME "1.3.6.1.2.1.1.3.0"
#define TRAP_OID "1.3.6.1.6.3.1.1.4.1.0"
#define TRAP_ENTERPRISE "1.3.6.1.6.3.1.1.4.3.0"
#define COLD_START "1.3.6.1.6.3.1.1.5.1"

static HSNMP_SESSION session;
static struct recorder recorder;
static struct agent *sender;
static uint16_t trap_port;

static void begin_without_session(void) {
    trap_port = free_port();
    sender = agent_start("127.0.0.1", 0);
    REQUIRE(sender != NULL && trap_port != 0);
    agent_set_mode(sender, AGENT_SILENT, 0);
    REQUIRE(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, trap_port) == SNMPAPI_SUCCESS);
    start(SNMPAPI_UNTRANSLATED_V2);
}

static void begin(void) {
    begin_without_session();
    session = open_session(&recorder);
}

static void end(void) {
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(sender);
}

/* ---- Sending ---- */

struct trap {
    struct ber_message message;
    uint8_t contents[4][BER_MAX_ARCS * 5];
};

static struct ber_binding *add_binding(struct trap *trap, const char *name, uint8_t tag) {
    struct ber_binding *binding = &trap->message.bindings[trap->message.count];
    binding->name = ber_oid_of(name);
    binding->tag = tag;
    binding->content = trap->contents[trap->message.count++];
    return binding;
}

static void fill_trap(struct trap *trap, const char *community_text, uint8_t type, int32_t id, const char *oid_text) {
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

static void send_message(struct agent *from, const char *address, const struct ber_message *message) {
    static uint8_t bytes[BER_MAX_DATAGRAM];
    size_t length = ber_encode(message, bytes, sizeof bytes);
    REQUIRE(length > 0);
    CHECK(agent_send(from, address, trap_port, bytes, length));
}

static void send_trap_as(const char *community_text, int32_t id, const char *oid) {
    static struct trap trap;
    fill_trap(&trap, community_text, 0xA7, id, oid);
    send_message(sender, "127.0.0.1", &trap.message);
}

static void send_trap(int32_t id, const char *oid) { send_trap_as("public", id, oid); }

/* ---- Receiving ---- */

static SNMPAPI_STATUS set_registration(const char *oid, smiUINT32 state) {
    struct name name;
    return SnmpRegister(session, NULL, NULL, NULL, oid != NULL ? name_of(&name, oid) : NULL, state);
}

/* Notice `index` of the session is that of a trap with that identifier, and it is received. */
static struct received take_trap(unsigned index, int32_t id) {
    CHECK(recorder_wait(&recorder, index + 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&recorder, index);
    CHECK_EQUAL(notice.w_param, 0);
    CHECK_EQUAL(notice.l_param, id);
    struct received received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
    CHECK_EQUAL(received.id, id);
    return received;
}

static void expect_trap(unsigned index, int32_t id) {
    struct received received = take_trap(index, id);
    CHECK_EQUAL(received.type, SNMP_PDU_TRAP);
    free_received(&received);
}

/*
 * Nothing but `count` notices came. Traps come in the order in which they were sent, so a second session that takes
 * everything tells when those before must have been there.
 */
static void expect_silence(unsigned count) {
    struct recorder of_witness;
    HSNMP_SESSION witness = open_session(&of_witness);
    CHECK_EQUAL(SnmpRegister(witness, NULL, NULL, NULL, NULL, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap_as("witness", 987654, "1.3.6.1.4.1.424242.0.1");
    CHECK(recorder_wait(&of_witness, 1, PATIENCE_MS));
    CHECK_EQUAL(SnmpClose(witness), SNMPAPI_SUCCESS);
    recorder_close(&of_witness);
    if (!CHECK(recorder_stays(&recorder, count, 50))) check_note("wanted %u notices", count);
}

static void check_binding(HSNMP_VBL list, smiUINT32 index, const char *name, smiUINT32 syntax, const char *oid) {
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

static HSNMP_VBL list_in(HSNMP_PDU pdu) {
    HSNMP_VBL list = NULL;
    CHECK_EQUAL(SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    REQUIRE(list != NULL);
    return list;
}

static void c59(void) {
    char text[64] = "";
    begin();
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
    end();
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
    begin();
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
    end();
}

static void c61(void) {
    begin();
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
    end();
}

static void c62(void) {
    begin();
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
    end();
    agent_stop(stranger);
}

static void c63(void) {
    begin();
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
    end();
}

static void c64(void) {
    begin();
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
    end();
}

/* ---- Other processes ---- */

struct child {
    pid_t id;
    int in, out; /* its standard input and output */
};

static struct child start_child(const char *role) {
    char path[4096], port[16];
    struct child child = {0};
    int to[2], from[2];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    REQUIRE(length > 0 && pipe(to) == 0 && pipe(from) == 0);
    path[length] = '\0';
    snprintf(port, sizeof port, "%u", trap_port);
    fflush(stdout);
    child.id = fork();
    REQUIRE(child.id >= 0);
    if (child.id == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[0]);
        close(to[1]);
        close(from[0]);
        close(from[1]);
        execl(path, path, "--child", role, port, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    child.in = to[1];
    child.out = from[0];
    return child;
}

/* The child's next line; "" when none comes in time. */
static const char *child_line(const struct child *child, unsigned milliseconds) {
    static char line[256];
    size_t used = 0;
    for (uint64_t limit = now_ms() + milliseconds; used < sizeof line - 1;) {
        uint64_t now = now_ms();
        struct pollfd wanted = {.fd = child->out, .events = POLLIN};
        if (now >= limit || poll(&wanted, 1, (int)(limit - now)) <= 0) break;
        if (read(child->out, line + used, 1) != 1) break;
        if (line[used] == '\n') {
            line[used] = '\0';
            return line;
        }
        used++;
    }
    return "";
}

static int end_child(struct child *child) {
    int status = -1;
    close(child->in);
    for (uint64_t limit = now_ms() + PATIENCE_MS; waitpid(child->id, &status, WNOHANG) == 0; pause_ms(2))
        if (now_ms() > limit) kill(child->id, SIGKILL);
    close(child->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Registers for everything and writes the identifier of each trap, until its input ends. */
static int child_receives(void) {
    char byte;
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
    if (set_registration(NULL, SNMPAPI_ON) != SNMPAPI_SUCCESS) {
        printf("failed %u\n", (unsigned)SnmpGetLastError(NULL));
        fflush(stdout);
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    for (unsigned seen = 0;;) {
        struct pollfd input = {.fd = 0, .events = POLLIN};
        if (poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0) break;
        if (!recorder_wait(&recorder, seen + 1, 20)) continue;
        printf("%d\n", (int)recorder_notice(&recorder, seen++).l_param);
        fflush(stdout);
    }
    return SnmpCleanup() == SNMPAPI_SUCCESS ? 0 : 2;
}

static int child_holds(void) {
    char byte;
    int v4 = bound_socket("0.0.0.0", trap_port), v6 = bound_socket("::", trap_port);
    printf("%s\n", v4 >= 0 ? "ready" : "failed");
    fflush(stdout);
    while (read(0, &byte, 1) > 0) continue;
    if (v6 >= 0) close(v6);
    return v4 >= 0 && close(v4) == 0 ? 0 : 1;
}

/* Gives up its privileges and registers at a port that wants some. */
static int child_without_privileges(void) {
    if (setgid(65534) != 0 || setuid(65534) != 0) {
        printf("kept\n");
    } else {
        int fd = bound_socket("0.0.0.0", trap_port);
        start(SNMPAPI_UNTRANSLATED_V2);
        session = open_session(&recorder);
        SNMPAPI_STATUS done = set_registration(NULL, SNMPAPI_ON);
        printf("%s %u %u\n", fd >= 0 ? "open" : "closed", (unsigned)done, (unsigned)SnmpGetLastError(NULL));
    }
    fflush(stdout);
    return 0;
}

int trap_child(int argc, char **argv) {
    if (argc < 2) return 2;
    trap_port = (uint16_t)atoi(argv[1]);
    if (strcmp(argv[0], "hold") == 0) return child_holds();
    if (OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, trap_port) != SNMPAPI_SUCCESS) return 3;
    if (strcmp(argv[0], "unprivileged") == 0) return child_without_privileges();
    return strcmp(argv[0], "receive") == 0 ? child_receives() : 2;
}

static void c65(void) {
    struct recorder of_second;
    begin();
    HSNMP_SESSION second = open_session(&of_second);
    REQUIRE(set_registration(NULL, SNMPAPI_ON) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpRegister(second, NULL, NULL, NULL, NULL, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap(1, COLD_START);
    expect_trap(0, 1);
    CHECK(recorder_wait(&of_second, 1, PATIENCE_MS));
    CHECK_EQUAL(recorder_notice(&of_second, 0).l_param, 1);
    /* The second's copy is its own. */
    HSNMP_PDU pdu = NULL;
    CHECK_EQUAL(SnmpRecvMsg(second, NULL, NULL, NULL, &pdu), SNMPAPI_SUCCESS);
    CHECK_EQUAL(id_of(pdu), 1);
    CHECK_EQUAL(SnmpClose(second), SNMPAPI_SUCCESS);

    /* Another process beside this one. */
    struct child child = start_child("receive");
    const char *line = child_line(&child, PATIENCE_MS);
    if (!CHECK(strcmp(line, "ready") == 0)) check_note("the other process said \"%s\"", line);
    send_trap(2, COLD_START);
    expect_trap(1, 2);
    CHECK(atoi(child_line(&child, PATIENCE_MS)) == 2);
    /* It goes on when this one, which had the port first, has left. */
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);
    int got = 0;
    for (int32_t id = 100; got < 100 && id < 200; id++) {
        send_trap(id, COLD_START);
        got = atoi(child_line(&child, 100));
    }
    CHECK(got >= 100);
    CHECK_EQUAL(recorder_count(&recorder), 2);
    CHECK_EQUAL(end_child(&child), 0);
    end();
}

static void c66(void) {
    char text[512] = "", number[16];
    begin();
    struct child child = start_child("hold");
    REQUIRE(strcmp(child_line(&child, PATIENCE_MS), "ready") == 0);
    CHECK_FAILS_IN(session, set_registration(NULL, SNMPAPI_ON), SNMPAPI_TL_IN_USE);
    CHECK(OrielSnmpGetErrorText(session, sizeof text, text) == strlen(text) + 1);
    snprintf(number, sizeof number, "%d", (int)child.id);
    check_note("the error's text: %s", text);
    CHECK(strstr(text, number) != NULL || strstr(text, "conformance") != NULL);
    CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_TL_IN_USE);
    CHECK_FAILS(OrielSnmpGetErrorText(session, 0, text), SNMPAPI_SIZE_INVALID);
    CHECK_EQUAL(end_child(&child), 0);
    /* Nothing is left behind that would keep the next try from working. */
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_ON), SNMPAPI_SUCCESS);
    send_trap(1, COLD_START);
    expect_trap(0, 1);
    CHECK_EQUAL(set_registration(NULL, SNMPAPI_OFF), SNMPAPI_SUCCESS);

    /* A program of this library that has the port, while we are not to share. */
    child = start_child("receive");
    REQUIRE(strcmp(child_line(&child, PATIENCE_MS), "ready") == 0);
    CHECK_EQUAL(OrielSnmpSetOption(ORIEL_SNMP_OPTION_SHARE_TRAP_PORT, 0), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, set_registration(NULL, SNMPAPI_ON), SNMPAPI_TL_IN_USE);
    CHECK_EQUAL(end_child(&child), 0);
    end();

    if (geteuid() != 0) check_skip("no privileges to give up, so that none is shown to lack");
    trap_port = 162;
    child = start_child("unprivileged");
    const char *line = child_line(&child, PATIENCE_MS);
    bool open_port = strncmp(line, "open", 4) == 0, kept = strcmp(line, "kept") == 0;
    if (!open_port && !kept && !CHECK(strcmp(line, "closed 0 100") == 0)) check_note("it said \"%s\"", line);
    end_child(&child);
    if (open_port || kept) check_skip("every user may open port 162 here, or privileges can't be given up");
}

/* ---- Sending traps ---- */

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
    begin();
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
        end();
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
    end();
    agent_stop(over6);
}

static void c68(void) {
    static struct trap trap;
    struct recorder of_sender;
    begin();
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
    end();
}

const struct check trap_checks[] = {
    {"59", "a trap is delivered while registered", c59},
    {"60", "traps of version 1 are translated", c60},
    {"61", "registrations of a prefix", c61},
    {"62", "registrations of an agent and a community", c62},
    {"63", "a narrow registration under a broad one", c63},
    {"64", "redundant registrations", c64},
    {"65", "two sessions and two processes", c65},
    {"66", "the port is taken, or not allowed", c66},
    {"67", "sending traps", c67},
    {"68", "informs", c68},
    {NULL, NULL, NULL},
};
