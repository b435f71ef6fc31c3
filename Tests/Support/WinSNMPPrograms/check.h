/*
 * Layer: test programs of the C library. Used by: the checks, stress, fuzz.
 * A tiny harness: what doesn't hold is printed with its place and WinSNMP's last error, and counted.
 */
#ifndef ORIEL_TEST_CHECK_H
#define ORIEL_TEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <winsnmp.h>

#include <oriel_winsnmp.h>

/* A numbered check of the specification; "12", or "W1" for those that other people published. */
struct check {
    const char *number, *title;
    void (*run)(void);
};

/* Counts and prints a condition that doesn't hold; goes on. Any thread. */
#define CHECK(condition) check_that((condition) ? true : false, #condition, __FILE__, __LINE__)
/* The same, and leaves the check. Only on the thread that runs the check. */
#define REQUIRE(condition) \
    do { \
        if (!CHECK(condition)) check_leave(); \
    } while (0)
/* The call returns 0 or NULL, and this thread's last error is `code`. */
#define CHECK_FAILS(call, code) check_failure((call) == 0, (code), #call, #code, __FILE__, __LINE__)
/* The same, and the session's last error is `code`, too. */
#define CHECK_FAILS_IN(session, call, code) \
    check_failure_in((call) == 0, (code), (session), #call, #code, __FILE__, __LINE__)
/* Numbers that must be equal; prints both. */
#define CHECK_EQUAL(left, right) \
    check_equal((long long)(left), (long long)(right), #left, #right, __FILE__, __LINE__)

bool check_that(bool holds, const char *text, const char *file, int line);
bool check_equal(long long left, long long right, const char *a, const char *b, const char *file, int line);
bool check_failure(bool failed, SNMPAPI_STATUS code, const char *call, const char *name, const char *file, int line);
bool check_failure_in(
    bool failed, SNMPAPI_STATUS code, HSNMP_SESSION session, const char *call, const char *name, const char *file,
    int line);
/* Ends the running check. */
_Noreturn void check_leave(void);
/* Ends the running check as skipped: for lack of privileges, of IPv6 or of another program, nothing else. */
_Noreturn void check_skip(const char *reason);
/* A line that belongs to the check's output. */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Failures so far. */
unsigned check_failures(void);
/* Runs one check here; 0 passed, 1 failed, 2 skipped. `reason` is why it was skipped. */
int check_run(const struct check *check, const char **reason);

/* "NOOP" for 8 and so on. */
const char *error_name(SNMPAPI_STATUS code);

#endif
