/*
 * The life of instances and sessions through libesent.so, in all spellings of the functions.
 * usage: sessions DIRECTORY
 */
#include <string.h>

#include "check.h"

static char path[512];
static WCHAR wide_path[512];

static void set_paths(JET_INSTANCE *instance) {
    OK(JetSetSystemParameterA(instance, 0, JET_paramSystemPath, 0, path));
    OK(JetSetSystemParameterW(instance, 0, JET_paramLogFilePath, 0, wide_path));
    OK(JetSetSystemParameter(instance, 0, JET_paramTempPath, 0, path));
    OK(JetSetSystemParameter(instance, 0, JET_paramBaseName, 0, "tst"));
    OK(JetSetSystemParameter(instance, 0, JET_paramLogFileSize, 64, NULL));
}

static void one_instance(void) {
    JET_INSTANCE instance = 0;
    JET_SESID session = 0, other = 0;
    uint32_t version = 0;
    GIVES(JET_errInvalidParameter, JetBeginSession(0, &session, NULL, NULL));
    GIVES(JET_errNotInitialized, JetDupSession(4711, &session));
    set_paths(NULL);
    OK(JetInit(&instance));
    HOLDS(instance != 0 && instance != JET_instanceNil);
    GIVES(JET_errAlreadyInitialized, JetInit(&instance));
    GIVES(JET_errRunningInOneInstanceMode, JetCreateInstance(&instance, "x"));
    GIVES(JET_errRunningInOneInstanceMode, JetEnableMultiInstance(NULL, 0, NULL));
    OK(JetBeginSession(0, &session, NULL, NULL));
    OK(JetBeginSession(JET_instanceNil, &other, "user", "password"));
    HOLDS(session != other);
    OK(JetGetVersion(session, &version));
    HOLDS(version >> 28 == 10);
    OK(JetEndSession(other, 0));
    GIVES(JET_errInvalidSesid, JetEndSession(other, 0));
    OK(JetStopService());
    GIVES(JET_errClientRequestToStopJetService, JetBeginSession(0, &other, NULL, NULL));
    GIVES(JET_errClientRequestToStopJetService, JetDupSession(session, &other));
    OK(JetEndSession(session, 0));
    OK(JetTerm(0));
    GIVES(JET_errInvalidParameter, JetTerm(0));
    GIVES(JET_errNotInitialized, JetDupSession(session, &other));
}

static void many_instances(void) {
    JET_INSTANCE first = 0, second = 0, third = 0;
    JET_SESID sessions[3], copy = 0;
    uint32_t count = 0;
    JET_SETSYSPARAM_A settings[2];
    memset(settings, 0, sizeof settings);
    settings[0].paramid = JET_paramMaxInstances;
    settings[0].lParam = 3;
    settings[1].paramid = JET_paramBaseName;
    settings[1].sz = "abc";
    OK(JetEnableMultiInstance(settings, 2, &count));
    HOLDS(count == 2);
    GIVES(JET_errSystemParamsAlreadySet, JetEnableMultiInstanceW(NULL, 0, NULL));
    OK(JetCreateInstance(&first, NULL));
    OK(JetCreateInstanceA(&second, "second"));
    GIVES(JET_errInstanceNameInUse, JetCreateInstanceW(&third, u"second"));
    HOLDS(third == JET_instanceNil);
    OK(JetCreateInstance2W(&third, u"third", u"the third one", 0));
    GIVES(JET_errTooManyInstances, JetCreateInstance2A(&third + 0, "fourth", NULL, 0));
    JET_INSTANCE_INFO *none = NULL;
    OK(JetGetInstanceInfo(&count, &none));
    HOLDS(count == 0);
    JET_SESID session;
    GIVES(JET_errNotInitialized, JetBeginSession(first, &session, NULL, NULL));
    GIVES(JET_errRunningInMultiInstanceMode, JetInit(NULL));
    GIVES(JET_errRunningInMultiInstanceMode, JetStopService());
    set_paths(&first);
    OK(JetInit2(&first, 0));
    OK(JetInit3(&second, NULL, 0));
    GIVES(JET_errAlreadyInitialized, JetInit(&second));
    OK(JetBeginSessionA(first, &sessions[0], NULL, NULL));
    OK(JetBeginSessionW(second, &sessions[1], NULL, NULL));
    OK(JetDupSession(sessions[1], &sessions[2]));
    JET_INSTANCE_INFO_W *infos = NULL;
    OK(JetGetInstanceInfoW(&count, &infos));
    HOLDS(count == 2 && infos[0].szInstanceName[0] == 0);
    HOLDS(infos[1].hInstanceId == second && infos[1].szInstanceName[0] == u's' && infos[1].cDatabases == 0);
    OK(JetFreeBuffer((char *)infos));
    GIVES(JET_errInvalidParameter, JetFreeBuffer((char *)infos));
    OK(JetTerm2(second, JET_bitTermComplete));
    GIVES(JET_errInvalidSesid, JetDupSession(sessions[1], &copy));
    GIVES(JET_errInvalidSesid, JetDupSession(sessions[2], &copy));
    GIVES(JET_errInvalidInstance, JetBeginSession(second, &copy, NULL, NULL));
    OK(JetDupSession(sessions[0], &copy));
    OK(JetTerm(first));
}

static void transactions(JET_SESID session) {
    GIVES(JET_errNotInTransaction, JetCommitTransaction(session, 0));
    GIVES(JET_errNotInTransaction, JetRollback(session, 0));
    for (int level = 1; level <= 7; level++) OK(JetBeginTransaction(session));
    GIVES(JET_errTransTooDeep, JetBeginTransaction(session));
    uint32_t level = 0, size = 0;
    OK(JetGetSessionParameter(session, JET_sesparamTransactionLevel, &level, sizeof level, &size));
    HOLDS(level == 7 && size == 4);
    OK(JetCommitTransaction(session, JET_bitCommitLazyFlush));
    OK(JetRollback(session, JET_bitRollbackAll));
    OK(JetBeginTransaction2(session, JET_bitTransactionReadOnly));
    OK(JetBeginTransaction3(session, 4711, 0));
    GIVES(JET_errInvalidGrbit, JetCommitTransaction(session, 0x40000000));
    OK(JetCommitTransaction2(session, JET_bitCommitLazyFlush, 100, NULL));
    OK(JetRollback(session, 0));
    OK(JetSetSessionContext(session, 99));
    GIVES(JET_errSessionContextAlreadySet, JetSetSessionContext(session, 100));
    GIVES(JET_errSessionInUse, JetEndSession(session, 0));
    OK(JetResetSessionContext(session));
    GIVES(JET_errSessionContextNotSetByThisThread, JetResetSessionContext(session));
    GIVES(JET_errInvalidParameter, JetSetSessionContext(session, 0));
}

static void parameters(JET_INSTANCE instance) {
    JET_API_PTR number = 0;
    char text[64];
    WCHAR wide[64];
    OK(JetGetSystemParameter(instance, 0, JET_paramMaxSessions, &number, NULL, 0));
    HOLDS(number == 16);
    OK(JetGetSystemParameterA(instance, 0, JET_paramBaseName, NULL, text, sizeof text));
    HOLDS(strcmp(text, "tst") == 0);
    OK(JetGetSystemParameterW(instance, 0, JET_paramBaseName, NULL, wide, sizeof wide));
    HOLDS(wide[0] == u't' && wide[2] == u't' && wide[3] == 0);
    OK(JetGetSystemParameter(instance, 0, JET_paramBaseName, NULL, text, 2));
    HOLDS(strcmp(text, "t") == 0);
    GIVES(JET_errInvalidParameter, JetGetSystemParameter(instance, 0, JET_paramBaseName, NULL, text, 0));
    GIVES(JET_errInvalidParameter, JetGetSystemParameter(instance, 0, JET_paramMaxSessions, NULL, NULL, 0));
    GIVES(JET_errInvalidParameter, JetGetSystemParameter(instance, 0, 100000, &number, NULL, 0));
    GIVES(JET_errAlreadyInitialized, JetSetSystemParameter(&instance, 0, JET_paramMaxSessions, 20, NULL));
    OK(JetSetSystemParameter(&instance, 0, JET_paramCommitDefault, JET_bitCommitLazyFlush, NULL));
    OK(JetGetSystemParameter(instance, 0, JET_paramCommitDefault, &number, NULL, 0));
    HOLDS(number == JET_bitCommitLazyFlush);
    GIVES(JET_errInvalidParameter, JetSetSystemParameter(&instance, 0, JET_paramSystemPath + 100000, 0, NULL));
    number = (JET_API_PTR)(uint32_t)JET_errOutOfSessions;
    OK(JetGetSystemParameter(instance, 0, JET_paramErrorToString, &number, text, sizeof text));
    HOLDS(strncmp(text, "JET_errOutOfSessions, ", 22) == 0);
    JET_ERR error = JET_errOutOfSessions;
    JET_ERRINFOBASIC_W info = {.cbStruct = sizeof info};
    OK(JetGetErrorInfoW(&error, &info, sizeof info, JET_ErrorInfoSpecificErr, 0));
    HOLDS(info.errcatMostSpecific == JET_errcatMemory && info.rgCategoricalHierarchy[0] == JET_errcatError);
    HOLDS(info.rgCategoricalHierarchy[3] == JET_errcatMemory && info.rgCategoricalHierarchy[4] == 0);
}

/* Handles that are none: every function refuses them. */
static void garbage(JET_INSTANCE instance, JET_SESID session) {
    JET_API_PTR values[] = {0, 1, 2, 3, 7, 0xB, 4711, 0x7FFFFFFF, (JET_API_PTR)-1, (JET_API_PTR)-2,
        (JET_API_PTR)(uintptr_t)path, session ^ 1, session ^ 16, session + 16, session ^ ((JET_API_PTR)1 << 28),
        session ^ ((JET_API_PTR)1 << 62), instance, instance ^ 16, (JET_API_PTR)1 << 63};
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        JET_API_PTR value = values[index];
        JET_SESID out;
        uint32_t version;
        GIVES(JET_errInvalidSesid, JetDupSession(value, &out));
        GIVES(JET_errInvalidSesid, JetEndSession(value, 0));
        GIVES(JET_errInvalidSesid, JetBeginTransaction(value));
        GIVES(JET_errInvalidSesid, JetCommitTransaction(value, 0));
        GIVES(JET_errInvalidSesid, JetRollback(value, 0));
        GIVES(JET_errInvalidSesid, JetGetVersion(value, &version));
        GIVES(JET_errInvalidSesid, JetSetSessionContext(value, 1));
        GIVES(JET_errInvalidSesid, JetResetSessionContext(value));
        if (value == instance) continue;
        HOLDS(JetBeginSession(value, &out, NULL, NULL) < 0);
        HOLDS(JetTerm(value) < 0);
        HOLDS(JetStopServiceInstance(value) < 0);
    }
    uint64_t state = 88172645463325252u;
    for (int round = 0; round < 200000; round++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        JET_SESID out;
        if (state == session || state == instance) continue;
        GIVES(JET_errInvalidSesid, JetDupSession(state, &out));
        GIVES(JET_errInvalidSesid, JetDupSession(session ^ (state & 0xFFFFFF0) ^ 0x10000000000, &out));
    }
    GIVES(JET_errInvalidParameter, JetDupSession(session, NULL));
    GIVES(JET_errInvalidParameter, JetBeginSession(instance, NULL, NULL, NULL));
    GIVES(JET_errInvalidParameter, JetGetVersion(session, NULL));
    GIVES(JET_errInvalidParameter, JetCreateInstance(NULL, "x"));
    GIVES(JET_errInvalidParameter, JetGetInstanceInfo(NULL, NULL));
    GIVES(JET_errInvalidParameter, JetFreeBuffer(path));
    OK(JetFreeBuffer(NULL));
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    snprintf(path, sizeof path, "%s/", argv[1]);
    for (size_t index = 0; index <= strlen(path); index++) wide_path[index] = (WCHAR)path[index];
    one_instance();
    many_instances();
    JET_INSTANCE instance;
    JET_SESID session, others[16];
    OK(JetCreateInstance(&instance, "last"));
    set_paths(&instance);
    OK(JetInit(&instance));
    OK(JetBeginSession(instance, &session, NULL, NULL));
    transactions(session);
    parameters(instance);
    garbage(instance, session);
    for (int index = 0; index < 15; index++) OK(JetDupSession(session, &others[index]));
    GIVES(JET_errOutOfSessions, JetDupSession(session, &others[15]));
    GIVES(JET_errOutOfSessions, JetBeginSession(instance, &others[15], NULL, NULL));
    OK(JetEndSession(others[7], 0));
    OK(JetBeginSession(instance, &others[7], NULL, NULL));
    OK(JetBeginTransaction(session));
    GIVES(JET_errTooManyActiveUsers, JetTerm(instance));
    OK(JetRollback(session, 0));
    OK(JetTerm(instance));
    puts("ok");
    return 0;
}
