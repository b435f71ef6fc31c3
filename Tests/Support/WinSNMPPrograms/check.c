/*
 * Layer: test programs of the C library. Used by: the checks, stress, fuzz.
 */
#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_uint failures;
static jmp_buf outside;
static const char *skip_reason;

const char *error_name(SNMPAPI_STATUS code) {
#define NAME(name) \
    case SNMPAPI_##name: \
        return #name;
    switch (code) {
    case 0:
        return "0";
        NAME(SUCCESS)
        NAME(ALLOC_ERROR)
        NAME(CONTEXT_INVALID)
        NAME(CONTEXT_UNKNOWN)
        NAME(ENTITY_INVALID)
        NAME(ENTITY_UNKNOWN)
        NAME(INDEX_INVALID)
        NAME(NOOP)
        NAME(OID_INVALID)
        NAME(OPERATION_INVALID)
        NAME(OUTPUT_TRUNCATED)
        NAME(PDU_INVALID)
        NAME(SESSION_INVALID)
        NAME(SYNTAX_INVALID)
        NAME(VBL_INVALID)
        NAME(MODE_INVALID)
        NAME(SIZE_INVALID)
        NAME(NOT_INITIALIZED)
        NAME(MESSAGE_INVALID)
        NAME(HWND_INVALID)
        NAME(ENGINE_INVALID)
        NAME(ENGINE_DISCOVERY_FAILED)
        NAME(OTHER_ERROR)
        NAME(TL_NOT_INITIALIZED)
        NAME(TL_NOT_SUPPORTED)
        NAME(TL_NOT_AVAILABLE)
        NAME(TL_RESOURCE_ERROR)
        NAME(TL_UNDELIVERABLE)
        NAME(TL_SRC_INVALID)
        NAME(TL_INVALID_PARAM)
        NAME(TL_IN_USE)
        NAME(TL_TIMEOUT)
        NAME(TL_PDU_TOO_BIG)
        NAME(TL_OTHER)
    default:
        return "another code";
    }
#undef NAME
}

bool check_that(bool holds, const char *text, const char *file, int line) {
    if (holds) return true;
    SNMPAPI_STATUS code = SnmpGetLastError(NULL);
    atomic_fetch_add(&failures, 1);
    printf("# %s:%d: does not hold: %s (last error %u, %s)\n", file, line, text, (unsigned)code, error_name(code));
    fflush(stdout);
    return false;
}

bool check_equal(long long left, long long right, const char *a, const char *b, const char *file, int line) {
    if (left == right) return true;
    atomic_fetch_add(&failures, 1);
    printf("# %s:%d: %s is %lld, not %lld (%s)\n", file, line, a, left, right, b);
    fflush(stdout);
    return false;
}

bool check_failure(bool failed, SNMPAPI_STATUS code, const char *call, const char *name, const char *file, int line) {
    SNMPAPI_STATUS found = SnmpGetLastError(NULL);
    if (failed && found == code) return true;
    atomic_fetch_add(&failures, 1);
    if (failed) {
        printf("# %s:%d: error %u (%s), not %s: %s\n", file, line, (unsigned)found, error_name(found), name, call);
    } else {
        printf("# %s:%d: succeeded, wanted %s: %s\n", file, line, name, call);
    }
    fflush(stdout);
    return false;
}

bool check_failure_in(
    bool failed, SNMPAPI_STATUS code, HSNMP_SESSION session, const char *call, const char *name, const char *file,
    int line) {
    SNMPAPI_STATUS of_session = SnmpGetLastError(session);
    if (!check_failure(failed, code, call, name, file, line)) return false;
    if (of_session == code) return true;
    atomic_fetch_add(&failures, 1);
    printf(
        "# %s:%d: the session's error is %u (%s), not %s: %s\n", file, line, (unsigned)of_session,
        error_name(of_session), name, call);
    fflush(stdout);
    return false;
}

void check_leave(void) { longjmp(outside, 1); }

void check_skip(const char *reason) {
    skip_reason = reason;
    longjmp(outside, 2);
}

void check_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("# ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

unsigned check_failures(void) { return atomic_load(&failures); }

int check_run(const struct check *check, const char **reason) {
    unsigned before = atomic_load(&failures);
    int left = setjmp(outside);
    if (left == 0) check->run();
    /* A check that failed first and was skipped then has failed. */
    if (atomic_load(&failures) != before) return 1;
    *reason = skip_reason;
    return left == 2 ? 2 : 0;
}
