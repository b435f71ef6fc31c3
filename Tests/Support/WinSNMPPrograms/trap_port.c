/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 65 and 66: the port of traps, shared by programs or held by one.
 */
#include "conformance.h"
#include "trap_scene.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    begin_traps();
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
    end_traps();
}

static void c66(void) {
    char text[512] = "", number[16];
    begin_traps();
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
    end_traps();

    if (geteuid() != 0) check_skip("no privileges to give up, so that none is shown to lack");
    trap_port = 162;
    child = start_child("unprivileged");
    const char *line = child_line(&child, PATIENCE_MS);
    bool open_port = strncmp(line, "open", 4) == 0, kept = strcmp(line, "kept") == 0;
    if (!open_port && !kept && !CHECK(strcmp(line, "closed 0 100") == 0)) check_note("it said \"%s\"", line);
    end_child(&child);
    if (open_port || kept) check_skip("every user may open port 162 here, or privileges can't be given up");
}

const struct check trap_port_checks[] = {
    {"65", "two sessions and two processes", c65},
    {"66", "the port is taken, or not allowed", c66},
    {NULL, NULL, NULL},
};
