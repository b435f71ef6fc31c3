/*
 * Layer: test programs of the C library. Used by: the test suite.
 * The numbered checks of the specification as one program: conformance [--list] [--here] [NUMBER…]
 * Each check runs in a process of its own, so that none disturbs another and a crash or a hang is one failure; --here
 * runs them in this process, for debuggers and memory checkers. Output in TAP; the exit code is 0 if nothing failed.
 */
#include "conformance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSED, FAILED, SKIPPED, LIMIT_SECONDS = 180 };

static const struct check *const sections[] = {
    lifecycle_checks,    session_checks,   entity_checks,       pdu_checks,        utility_checks,
    message_checks,      traffic_checks,   registration_checks, trap_port_checks,  notification_checks,
    agent_role_checks,   abi_checks,       program_checks};

enum { SECTIONS = sizeof sections / sizeof sections[0] };

bool is_fresh_process;

/* Undoes whatever the check left behind, so that the next one in this process starts afresh. */
static void reset(void) {
    static const struct {
        smiUINT32 option, value;
    } defaults[] = {
        {ORIEL_SNMP_OPTION_TRAP_PORT, 162},        {ORIEL_SNMP_OPTION_POLLING_SESSIONS, 0},
        {ORIEL_SNMP_OPTION_RFC3584_TRAPS, 0},      {ORIEL_SNMP_OPTION_ANSWER_INFORMS, 1},
        {ORIEL_SNMP_OPTION_DEFAULT_TIMEOUT, 300},  {ORIEL_SNMP_OPTION_DEFAULT_RETRIES, 3},
        {ORIEL_SNMP_OPTION_MAX_SESSIONS, 4096},    {ORIEL_SNMP_OPTION_MAX_HANDLES, 262144},
        {ORIEL_SNMP_OPTION_SHARE_TRAP_PORT, 1}};
    while (SnmpCleanupEx() == SNMPAPI_SUCCESS) continue;
    SnmpCleanup();
    OrielSnmpSetWindowHook(NULL, NULL);
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        OrielSnmpSetOption(defaults[i].option, defaults[i].value);
}

static int run_here(const struct check *check, char *reason, size_t size) {
    const char *text = NULL;
    int result = check_run(check, &text);
    snprintf(reason, size, "%s", text != NULL ? text : "");
    reset();
    return result;
}

static int run_apart(const struct check *check, char *reason, size_t size) {
    int pipes[2], status = 0;
    if (pipe2(pipes, O_CLOEXEC) != 0) return FAILED;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(LIMIT_SECONDS);
        is_fresh_process = true;
        int result = run_here(check, reason, size);
        ssize_t written = write(pipes[1], reason, strlen(reason));
        fflush(stdout);
        _exit(written < 0 ? FAILED : result);
    }
    close(pipes[1]);
    ssize_t length = read(pipes[0], reason, size - 1);
    reason[length > 0 ? length : 0] = '\0';
    close(pipes[0]);
    if (child < 0 || waitpid(child, &status, 0) != child) return FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) <= SKIPPED) return WEXITSTATUS(status);
    if (WIFSIGNALED(status)) {
        printf("# ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else {
        printf("# ended with code %d\n", WEXITSTATUS(status));
    }
    return FAILED;
}

static bool is_wanted(const struct check *check, int argc, char **argv) {
    bool any = false;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') continue;
        any = true;
        if (strcmp(argv[i], check->number) == 0) return true;
    }
    return !any;
}

static bool has_option(const char *option, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], option) == 0) return true;
    return false;
}

static int child_count;
static char **child_arguments;
static int child_result;

static void run_child(void) { child_result = trap_child(child_count, child_arguments); }

int main(int argc, char **argv) {
    static const char *const variables[] = {
        "WINSNMP_TRAP_PORT", "WINSNMP_POLLING_SESSIONS", "WINSNMP_RFC3584_TRAPS", "WINSNMP_ANSWER_INFORMS",
        "WINSNMP_TIMEOUT", "WINSNMP_RETRIES", "WINSNMP_MAX_SESSIONS", "WINSNMP_MAX_HANDLES",
        "WINSNMP_SHARE_TRAP_PORT", "WINSNMP_DATABASE"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) unsetenv(variables[i]);
    if (argc > 2 && strcmp(argv[1], "--child") == 0) {
        const struct check child = {"child", "a part of another process's check", run_child};
        const char *reason;
        child_count = argc - 2;
        child_arguments = argv + 2;
        int result = check_run(&child, &reason);
        return result == PASSED ? child_result : 100 + result;
    }
    bool only_list = has_option("--list", argc, argv), here = has_option("--here", argc, argv);
    unsigned count = 0, failed = 0, skipped = 0;
    for (int section = 0; section < SECTIONS; section++) {
        for (const struct check *check = sections[section]; check->number != NULL; check++) {
            char reason[256] = "";
            if (!is_wanted(check, argc, argv)) continue;
            count++;
            if (only_list) {
                printf("%s %s\n", check->number, check->title);
                continue;
            }
            int result = (here ? run_here : run_apart)(check, reason, sizeof reason);
            failed += result == FAILED;
            skipped += result == SKIPPED;
            if (result == SKIPPED) {
                printf("skip %s %s: %s\n", check->number, check->title, reason);
            } else {
                printf("%s %s %s\n", result == PASSED ? "ok" : "not ok", check->number, check->title);
            }
            fflush(stdout);
        }
    }
    if (only_list) return 0;
    if (count == 0) {
        fprintf(stderr, "no such check\n");
        return 2;
    }
    printf("1..%u\n# %u failed, %u skipped\n", count, failed, skipped);
    return failed == 0 ? 0 : 1;
}
