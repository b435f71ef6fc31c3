/*
 * Sessions on many threads: each with its own, some with one for all, while another thread takes an instance down.
 * usage: threads DIRECTORY ROUNDS
 */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

static JET_INSTANCE instance;
static JET_SESID shared;
static atomic_int violations, successes, refusals;
static int rounds;

static void *own_sessions(void *unused) {
    (void)unused;
    for (int round = 0; round < rounds; round++) {
        JET_SESID session, copy;
        OK(JetBeginSession(instance, &session, NULL, NULL));
        OK(JetDupSession(session, &copy));
        HOLDS(session != copy);
        OK(JetBeginTransaction(session));
        OK(JetBeginTransaction(copy));
        OK(JetCommitTransaction(session, 0));
        if (round % 2) OK(JetRollback(copy, 0));
        OK(JetEndSession(copy, 0));
        GIVES(JET_errInvalidSesid, JetEndSession(copy, 0));
        OK(JetEndSession(session, 0));
    }
    return NULL;
}

static void *shared_session(void *unused) {
    (void)unused;
    for (int round = 0; round < rounds * 10; round++) {
        uint32_t version;
        JET_ERR error = JetGetVersion(shared, &version);
        if (error == JET_errSuccess)
            successes++;
        else {
            GIVES(JET_errSessionSharingViolation, error);
            violations++;
        }
    }
    return NULL;
}

static void *until_refused(void *unused) {
    (void)unused;
    for (;;) {
        JET_SESID session;
        JET_ERR error = JetBeginSession(instance, &session, NULL, NULL);
        if (error == JET_errSuccess) {
            uint32_t version;
            error = JetGetVersion(session, &version);
            if (error == JET_errSuccess) error = JetEndSession(session, 0);
        }
        if (error == JET_errSuccess || error == JET_errOutOfSessions) continue;
        HOLDS(error == JET_errTermInProgress || error == JET_errInvalidInstance || error == JET_errInvalidParameter
            || error == JET_errInvalidSesid || error == JET_errNotInitialized);
        refusals++;
        return NULL;
    }
}

static void run(void *(*body)(void *), int count, void (*meanwhile)(void)) {
    pthread_t threads[16];
    for (int index = 0; index < count; index++) HOLDS(pthread_create(&threads[index], NULL, body, NULL) == 0);
    if (meanwhile) meanwhile();
    for (int index = 0; index < count; index++) HOLDS(pthread_join(threads[index], NULL) == 0);
}

static void take_down(void) { OK(JetTerm(instance)); }

static void *transaction_of_another(void *unused) {
    (void)unused;
    GIVES(JET_errSessionSharingViolation, JetCommitTransaction(shared, 0));
    GIVES(JET_errSessionSharingViolation, JetRollback(shared, 0));
    GIVES(JET_errSessionSharingViolation, JetEndSession(shared, 0));
    return NULL;
}

static void *end_by_another(void *unused) {
    (void)unused;
    OK(JetEndSession(shared, 0));
    return NULL;
}

static void start(const char *directory) {
    OK(JetCreateInstance(&instance, "threads"));
    OK(JetSetSystemParameter(&instance, 0, JET_paramSystemPath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramLogFilePath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramTempPath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramMaxSessions, 40, NULL));
    OK(JetInit(&instance));
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    rounds = atoi(argv[2]);
    char directory[512];
    snprintf(directory, sizeof directory, "%s/", argv[1]);
    start(directory);
    OK(JetBeginSession(instance, &shared, NULL, NULL));
    run(own_sessions, 16, NULL);
    run(shared_session, 8, NULL);
    HOLDS(successes + violations == 8 * rounds * 10 && successes > 0);
    OK(JetBeginTransaction(shared));
    run(transaction_of_another, 1, NULL);
    OK(JetCommitTransaction(shared, 0));
    run(end_by_another, 1, NULL);
    OK(JetTerm(instance));
    for (int round = 0; round < 10; round++) {
        start(directory);
        run(until_refused, 8, take_down);
    }
    HOLDS(refusals == 80);
    puts("ok");
    return 0;
}
