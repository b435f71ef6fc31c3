/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Runs the programs in the style of Windows' clients against a scripted agent. They stand beside this one.
 */
#include "conformance.h"
#include "scene.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 50 };

static const char *const table = "1.3.6.1.4.1.99999.1";

/* Starts a program with the agent's port as its argument; -1 if it isn't there. */
static pid_t run_program(const char *name, uint16_t port, uint16_t trap_port) {
    char path[4096], argument[16], trap_text[16];
    if (!sibling_path(name, path, sizeof path)) return -1;
    snprintf(argument, sizeof argument, "%u", port);
    snprintf(trap_text, sizeof trap_text, "%u", trap_port);
    fflush(stdout);
    pid_t id = fork();
    if (id == 0) {
        setenv("WINSNMP_TRAP_PORT", trap_text, 1);
        execl(path, path, "127.0.0.1", argument, (char *)NULL);
        _exit(127);
    }
    return id;
}

static void p1(void) {
    static struct ber_message trap;
    static uint8_t bytes[BER_MAX_DATAGRAM];
    struct agent *agent = agent_start("127.0.0.1", 0);
    uint16_t trap_port = free_port();
    REQUIRE(agent != NULL && trap_port != 0);
    agent_add(agent, "1.3.6.1.2.1.1.1.0", 0x04, "a description", 13);
    pid_t id = run_program("window_app", agent_port(agent), trap_port);
    REQUIRE(id > 0);
    memset(&trap, 0, sizeof trap);
    trap.community_length = 6;
    memcpy(trap.community, "public", 6);
    trap.type = 0xA4;
    trap.enterprise = ber_oid_of("1.3.6.1.4.1.99");
    memcpy(trap.agent_address, "\x7F\0\0\x01", 4);
    trap.generic = SNMP_TRAP_ENTERPRISESPECIFIC;
    trap.specific = 7;
    size_t length = ber_encode(&trap, bytes, sizeof bytes);
    /* The program ends when it has its response, a tick of its timer and a trap; when it listens can't be seen. */
    int status = -1;
    for (uint64_t end = now_ms() + PATIENCE_MS; waitpid(id, &status, WNOHANG) == 0; pause_ms(20)) {
        CHECK(agent_send(agent, "127.0.0.1", trap_port, bytes, length));
        if (now_ms() > end) kill(id, SIGKILL);
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(agent_count(agent) >= 1);
    agent_stop(agent);
}

static void p2(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_add_rows(agent, table, ROWS);
    pid_t id = run_program("callback_app", agent_port(agent), free_port());
    REQUIRE(id > 0);
    int status = -1;
    for (uint64_t end = now_ms() + 3 * PATIENCE_MS; waitpid(id, &status, WNOHANG) == 0; pause_ms(5))
        if (now_ms() > end) kill(id, SIGKILL);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(agent_count(agent) >= ROWS);
    agent_stop(agent);
}

const struct check program_checks[] = {
    {"P1", "a program with windows, as in check 13", p1},
    {"P2", "a console program with callbacks and timers of its own", p2},
    {NULL, NULL, NULL},
};
