/*
 * Layer: test programs of the C library. Used by: the test suite.
 * Load and life cycles under it: stress [SCALE] [NAME…], with SCALE in percent of the full load (default 100).
 * Prints figures in lines that begin with #, and a TAP line for each part; the exit code is 0 if nothing failed.
 */
#include "scene.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 600 };

static unsigned scale = 100;

/* So many of them at this scale, but never fewer than `least`. */
static unsigned scaled(unsigned all, unsigned least) {
    unsigned long long part = (unsigned long long)all * scale / 100;
    return part < least ? least : (unsigned)part;
}

static void check_idle(unsigned descriptors, unsigned threads) {
    for (uint64_t end = now_ms() + 5000; live_threads() > threads && now_ms() < end;) pause_ms(5);
    CHECK_EQUAL(live_threads(), threads);
    CHECK(open_descriptors() <= descriptors);
}

/* ---- Sessions one after another ---- */

static atomic_uint loop_notices;

static SNMPAPI_STATUS CALLBACK count_notice(HSNMP_SESSION s, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    (void)s, (void)w, (void)m, (void)wp, (void)lp;
    atomic_fetch_add((atomic_uint *)data, 1);
    return SNMPAPI_SUCCESS;
}

static void use_sessions(struct agent *agent, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        HSNMP_SESSION session = SnmpCreateSession(0, 0, count_notice, &loop_notices);
        REQUIRE(session != SNMPAPI_FAILURE);
        REQUIRE(send_get(session, entity_at(session, "127.0.0.1", agent_port(agent)), community(session, "public")));
        REQUIRE(SnmpClose(session) == SNMPAPI_SUCCESS);
    }
}

/* Rounds until memory is constant, as tables and arenas grow at first; what leaks grows in every round. */
static void sessions_in_a_loop(void) {
    enum { ROUNDS = 8 };
    unsigned each = scaled(10000, 1000);
    size_t allowed = 256 + each / 10; /* kilobytes: 100 octets for each session, and a page here and there */
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_forget(agent, false);
    start(SNMPAPI_UNTRANSLATED_V2);
    use_sessions(agent, each / 5);
    unsigned descriptors = open_descriptors(), threads = live_threads();
    bool is_constant = false;
    for (int round = 0; round < ROUNDS && !is_constant; round++) {
        size_t memory = resident_kilobytes();
        uint64_t began = now_ms();
        use_sessions(agent, each);
        uint64_t lasted = now_ms() - began;
        check_note(
            "%u sessions in %llu ms (%.0f/s); descriptors %u -> %u, threads %u -> %u, memory %zu -> %zu KB", each,
            (unsigned long long)lasted, each * 1000.0 / (double)(lasted + 1), descriptors, open_descriptors(), threads,
            live_threads(), memory, resident_kilobytes());
        is_constant = resident_kilobytes() <= memory + allowed;
    }
    CHECK(is_constant);
    CHECK(open_descriptors() <= descriptors + 2);
    /* A pool of threads may grow to its limit; a thread for each session would show. */
    CHECK(live_threads() <= threads + 32);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* ---- Many sessions at one time ---- */

static void sessions_at_once(void) {
    unsigned count = scaled(1024, 64);
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder *recorders = calloc(count, sizeof *recorders);
    HSNMP_SESSION *sessions = calloc(count, sizeof *sessions);
    smiINT32 *ids = calloc(count, sizeof *ids);
    REQUIRE(agent != NULL && recorders != NULL && sessions != NULL && ids != NULL);
    agent_forget(agent, false);
    start(SNMPAPI_UNTRANSLATED_V2);
    unsigned threads = live_threads(), descriptors = open_descriptors();
    uint64_t began = now_ms();
    for (unsigned i = 0; i < count; i++) sessions[i] = open_session(&recorders[i]);
    for (unsigned i = 0; i < count; i++) {
        HSNMP_ENTITY to = entity_of(sessions[i], agent, 200, 10);
        ids[i] = send_get(sessions[i], to, community(sessions[i], "public"));
    }
    for (unsigned i = 0; i < count; i++) {
        CHECK(recorder_wait(&recorders[i], 1, PATIENCE_MS));
        CHECK_EQUAL(recorder_notice(&recorders[i], 0).l_param, ids[i]);
        check_response(sessions[i], ids[i]);
    }
    check_note(
        "%u sessions at once: %llu ms, %u more descriptors, %u more threads", count,
        (unsigned long long)(now_ms() - began), open_descriptors() - descriptors, live_threads() - threads);
    for (unsigned i = 0; i < count; i++) CHECK_EQUAL(SnmpClose(sessions[i]), SNMPAPI_SUCCESS);
    /* What the first session made the library open may stay until SnmpCleanup. */
    CHECK(open_descriptors() <= descriptors + 16);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQUAL(recorder_count(&recorders[i]), 1);
        recorder_close(&recorders[i]);
    }
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
    free(recorders);
    free(sessions);
    free(ids);
}

/* ---- Outstanding requests ---- */

static int by_value(const void *a, const void *b) {
    smiINT32 left = *(const smiINT32 *)a, right = *(const smiINT32 *)b;
    return left < right ? -1 : left > right;
}

static void outstanding_requests(void) {
    enum { AGENTS = 50 };
    unsigned count = scaled(1000, 200) / AGENTS * AGENTS;
    struct agent *agents[AGENTS];
    HSNMP_ENTITY to[AGENTS];
    smiINT32 *sent = calloc(count, sizeof *sent), *got = calloc(count, sizeof *got);
    struct recorder recorder;
    uint64_t seed = now_ms() | 1;
    check_note("seed %llu", (unsigned long long)seed);
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorder);
    HSNMP_CONTEXT context = community(session, "public");
    for (int i = 0; i < AGENTS; i++) {
        agents[i] = agent_start("127.0.0.1", 0);
        REQUIRE(agents[i] != NULL);
        agent_set_mode(agents[i], AGENT_QUEUE, 0);
        to[i] = entity_of(session, agents[i], 6000, 0);
    }
    uint64_t began = now_ms();
    for (unsigned i = 0; i < count; i++) sent[i] = send_get(session, to[i % AGENTS], context);
    for (int i = 0; i < AGENTS; i++) CHECK(agent_wait(agents[i], count / AGENTS, PATIENCE_MS));
    unsigned released = 0;
    for (int i = 0; i < AGENTS; i++) {
        released += agent_release(agents[i], next_random(&seed) | 1);
        /* Not so many at once that a socket's buffer overflows. */
        if (released > 100) CHECK(recorder_wait(&recorder, released - 100, PATIENCE_MS));
    }
    CHECK(recorder_wait(&recorder, count, PATIENCE_MS));
    CHECK(recorder_stays(&recorder, count, QUIET_MS));
    for (unsigned i = 0; i < count; i++) {
        struct received received = receive(session);
        got[i] = received.id;
        free_received(&received);
    }
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    qsort(sent, count, sizeof *sent, by_value);
    qsort(got, count, sizeof *got, by_value);
    CHECK(memcmp(sent, got, count * sizeof *sent) == 0);
    check_note("%u requests to %d agents: %llu ms", count, AGENTS, (unsigned long long)(now_ms() - began));
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    recorder_close(&recorder);
    for (int i = 0; i < AGENTS; i++) agent_stop(agents[i]);
    free(sent);
    free(got);
}

/* ---- Threads on one session ---- */

enum { THREADS = 4 };

struct shared {
    HSNMP_SESSION session;
    HSNMP_ENTITY to;
    HSNMP_CONTEXT context;
    unsigned each;
    atomic_uint sent, received, cancelled;
};

static void take_one(struct recorder *recorder, const struct notice *notice) {
    struct shared *shared = recorder->data;
    if (CHECK(notice->w_param == 0)) {
        struct received received = receive(notice->session);
        CHECK_EQUAL(received.status, SNMPAPI_SUCCESS);
        free_received(&received);
    }
    atomic_fetch_add(&shared->received, 1);
}

static void *use_session(void *argument) {
    struct shared *shared = argument;
    struct name name;
    for (unsigned i = 0; i < shared->each; i++) {
        smiVALUE value = integer_value((smiINT32)i);
        HSNMP_VBL list = SnmpCreateVbl(shared->session, name_of(&name, "1.3.6.1.2.1.1.1.0"), &value);
        HSNMP_PDU pdu = SnmpCreatePdu(shared->session, i % 2 ? SNMP_PDU_GET : SNMP_PDU_SET, 0, 0, 0, list);
        smiINT32 id = id_of(pdu);
        CHECK_EQUAL(SnmpSendMsg(shared->session, NULL, shared->to, shared->context, pdu), SNMPAPI_SUCCESS);
        atomic_fetch_add(&shared->sent, 1);
        /* Either it is cancelled or it is answered; never both, never neither. */
        if (i % 16 == 0 && SnmpCancelMsg(shared->session, id) == SNMPAPI_SUCCESS)
            atomic_fetch_add(&shared->cancelled, 1);
        CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
        while (atomic_load(&shared->sent) > atomic_load(&shared->received) + atomic_load(&shared->cancelled) + 100)
            pause_ms(1);
    }
    return NULL;
}

static void threads_on_one_session(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder recorder;
    struct shared shared = {.each = scaled(5000, 200)};
    pthread_t threads[THREADS];
    REQUIRE(agent != NULL);
    agent_forget(agent, false);
    start(SNMPAPI_UNTRANSLATED_V2);
    shared.session = open_session(&recorder);
    recorder.then = take_one;
    recorder.data = &shared;
    shared.to = entity_of(shared.session, agent, 200, 10);
    shared.context = community(shared.session, "public");
    uint64_t began = now_ms();
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, use_session, &shared) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    unsigned answered = THREADS * shared.each - atomic_load(&shared.cancelled);
    CHECK(recorder_wait(&recorder, answered, PATIENCE_MS));
    CHECK(recorder_stays(&recorder, answered, QUIET_MS));
    CHECK_EQUAL(atomic_load(&shared.received), answered);
    uint64_t lasted = now_ms() - began;
    check_note(
        "%d threads: %u requests, %u cancelled, %llu ms (%.0f/s)", THREADS, THREADS * shared.each,
        atomic_load(&shared.cancelled), (unsigned long long)lasted,
        THREADS * shared.each * 1000.0 / (double)(lasted + 1));
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    recorder_close(&recorder);
    agent_stop(agent);
}

/* ---- Closing in the middle of traffic ---- */

/* A session that asks again with each answer, until it is closed; nothing may come after that has returned. */
struct busy {
    HSNMP_SESSION session;
    HSNMP_ENTITY to;
    HSNMP_CONTEXT context;
    HSNMP_PDU pdu;
    atomic_bool closed;
    atomic_uint calls, late, active;
    /* What the callback does when it has been called so often; 0: nothing. */
    unsigned limit;
    void (*then)(struct busy *busy);
    struct busy *other;
};

/* Errors that mean that somebody has closed or cleaned up meanwhile. */
static bool is_gone(SNMPAPI_STATUS code) {
    return code == SNMPAPI_SESSION_INVALID || code == SNMPAPI_NOT_INITIALIZED || code == SNMPAPI_ENTITY_INVALID ||
           code == SNMPAPI_CONTEXT_INVALID || code == SNMPAPI_PDU_INVALID;
}

static SNMPAPI_STATUS CALLBACK keep_asking(HSNMP_SESSION s, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    struct busy *busy = data;
    (void)w, (void)m, (void)lp;
    atomic_fetch_add(&busy->active, 1);
    if (atomic_load(&busy->closed)) atomic_fetch_add(&busy->late, 1);
    unsigned calls = atomic_fetch_add(&busy->calls, 1) + 1;
    if (wp == 0 && SnmpRecvMsg(s, NULL, NULL, NULL, NULL) == SNMPAPI_FAILURE) CHECK(is_gone(SnmpGetLastError(NULL)));
    if (busy->limit != 0 && calls == busy->limit) busy->then(busy);
    if (SnmpSendMsg(s, NULL, busy->to, busy->context, busy->pdu) == SNMPAPI_FAILURE)
        CHECK(is_gone(SnmpGetLastError(NULL)));
    atomic_fetch_sub(&busy->active, 1);
    return SNMPAPI_SUCCESS;
}

static void open_busy(struct busy *busy, struct agent *agent) {
    /* The last callback of the round before may have closed the session and still be on its way out. */
    for (uint64_t end = now_ms() + PATIENCE_MS; atomic_load(&busy->active) > 0 && now_ms() < end;) pause_ms(1);
    REQUIRE(atomic_load(&busy->active) == 0);
    memset(busy, 0, sizeof *busy);
    busy->session = SnmpCreateSession(0, 0, keep_asking, busy);
    REQUIRE(busy->session != SNMPAPI_FAILURE);
    busy->to = entity_of(busy->session, agent, 100, 10);
    busy->context = community(busy->session, "public");
    busy->pdu = pdu_of(busy->session, SNMP_PDU_GET, 0, "1.3.6.1.2.1.1.1.0");
}

static void ask(struct busy *busy, unsigned requests) {
    for (unsigned i = 0; i < requests; i++)
        if (SnmpSendMsg(busy->session, NULL, busy->to, busy->context, busy->pdu) == SNMPAPI_FAILURE)
            CHECK(is_gone(SnmpGetLastError(NULL)));
}

static bool wait_for_calls(struct busy *busy, unsigned count) {
    for (uint64_t end = now_ms() + PATIENCE_MS; atomic_load(&busy->calls) < count && now_ms() < end;) pause_ms(1);
    return CHECK(atomic_load(&busy->calls) >= count);
}

static bool wait_until_closed(struct busy *busy) {
    for (uint64_t end = now_ms() + PATIENCE_MS; !atomic_load(&busy->closed) && now_ms() < end;) pause_ms(1);
    return CHECK(atomic_load(&busy->closed));
}

static void close_busy(struct busy *busy) {
    SNMPAPI_STATUS done = SnmpClose(busy->session);
    atomic_store(&busy->closed, true);
    /* Two may close each other; the second then finds nothing. */
    if (done == SNMPAPI_FAILURE) CHECK(is_gone(SnmpGetLastError(NULL)));
}

static void close_other(struct busy *busy) { close_busy(busy->other); }

static void *close_on_thread(void *busy) {
    close_busy(busy);
    return NULL;
}

static void check_quiet(struct busy *all, unsigned count, unsigned milliseconds) {
    unsigned calls = 0, after = 0, late = 0;
    for (unsigned i = 0; i < count; i++) calls += atomic_load(&all[i].calls);
    pause_ms(milliseconds);
    for (unsigned i = 0; i < count; i++) after += atomic_load(&all[i].calls), late += atomic_load(&all[i].late);
    CHECK_EQUAL(after, calls);
    CHECK_EQUAL(late, 0);
}

static void closing_in_traffic(void) {
    enum { BUSY = 4 };
    static struct busy all[BUSY];
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_forget(agent, false);
    start(SNMPAPI_UNTRANSLATED_V2);
    unsigned rounds = scaled(200, 10);
    for (unsigned round = 0; round < rounds; round++) {
        pthread_t threads[BUSY];
        for (int i = 0; i < BUSY; i++) open_busy(&all[i], agent);
        for (int i = 0; i < BUSY; i++) ask(&all[i], 8);
        for (int i = 0; i < BUSY; i++) wait_for_calls(&all[i], 10);
        if (round % 2 == 0) {
            for (int i = 0; i < BUSY; i++) close_busy(&all[i]);
        } else {
            for (int i = 0; i < BUSY; i++)
                REQUIRE(pthread_create(&threads[i], NULL, close_on_thread, &all[i]) == 0);
            for (int i = 0; i < BUSY; i++) pthread_join(threads[i], NULL);
        }
        check_quiet(all, BUSY, round < 4 ? QUIET_MS : 2);
    }
    check_note("%u rounds of closing %d busy sessions", rounds, BUSY);

    /* Each within its own callback. */
    for (unsigned round = 0; round < rounds; round++) {
        for (int i = 0; i < BUSY; i++) {
            open_busy(&all[i], agent);
            all[i].limit = 5;
            all[i].then = close_busy;
        }
        for (int i = 0; i < BUSY; i++) ask(&all[i], 4);
        for (int i = 0; i < BUSY; i++) wait_until_closed(&all[i]);
        /* The callback that closed goes on to return; after it there is none. */
        for (int i = 0; i < BUSY; i++) CHECK_EQUAL(SnmpClose(all[i].session), SNMPAPI_FAILURE);
        pause_ms(2);
        for (int i = 0; i < BUSY; i++) CHECK_EQUAL(atomic_load(&all[i].calls), 5);
    }
    check_note("%u rounds of sessions that close themselves", rounds);

    /* Two callbacks that close each other's sessions, perhaps at the same moment. */
    for (unsigned round = 0; round < rounds; round++) {
        for (int i = 0; i < 2; i++) open_busy(&all[i], agent);
        for (int i = 0; i < 2; i++) {
            all[i].limit = 3 + round % 3;
            all[i].then = close_other;
            all[i].other = &all[1 - i];
        }
        for (int i = 0; i < 2; i++) ask(&all[i], 4);
        for (uint64_t end = now_ms() + PATIENCE_MS;
             !atomic_load(&all[0].closed) && !atomic_load(&all[1].closed) && now_ms() < end;)
            pause_ms(1);
        /* One is closed; a second close of either is harmless, and then both are. */
        CHECK(atomic_load(&all[0].closed) || atomic_load(&all[1].closed));
        SnmpClose(all[0].session);
        SnmpClose(all[1].session);
        check_quiet(all, 2, 2);
    }
    check_note("%u rounds of sessions that close each other", rounds);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* ---- Cleaning up in the middle of traffic ---- */

static atomic_bool cleaned;

static void clean_up(struct busy *busy) {
    (void)busy;
    if (SnmpCleanup() == SNMPAPI_FAILURE) CHECK(is_gone(SnmpGetLastError(NULL)));
    atomic_store(&cleaned, true);
}

static void *clean_up_on_thread(void *unused) {
    clean_up(unused);
    return NULL;
}

/* The library is down: it may take a moment when a callback asked for it. */
static void wait_until_down(void) {
    smiUINT32 mode;
    bool down = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !down && now_ms() < end;) {
        down = SnmpGetTranslateMode(&mode) == SNMPAPI_FAILURE && SnmpGetLastError(NULL) == SNMPAPI_NOT_INITIALIZED;
        if (!down) pause_ms(1);
    }
    CHECK(down);
}

static void cleaning_in_traffic(void) {
    enum { BUSY = 4 };
    static struct busy all[BUSY];
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_forget(agent, false);
    unsigned rounds = scaled(150, 9), threads = live_threads(), descriptors = 0;
    for (unsigned round = 0; round < rounds; round++) {
        start(SNMPAPI_UNTRANSLATED_V2);
        atomic_store(&cleaned, false);
        for (int i = 0; i < BUSY; i++) open_busy(&all[i], agent);
        if (round % 3 == 2) {
            all[round % BUSY].limit = 7;
            all[round % BUSY].then = clean_up;
        }
        for (int i = 0; i < BUSY; i++) ask(&all[i], 8);
        if (round % 3 == 2) {
            /* From within a callback: it happens when that has returned. */
            for (uint64_t end = now_ms() + PATIENCE_MS; !atomic_load(&cleaned) && now_ms() < end;) pause_ms(1);
            CHECK(atomic_load(&cleaned));
            wait_until_down();
            check_quiet(all, BUSY, 2);
        } else {
            for (int i = 0; i < BUSY; i++) wait_for_calls(&all[i], 10);
            pthread_t thread;
            if (round % 3 == 1) {
                REQUIRE(pthread_create(&thread, NULL, clean_up_on_thread, NULL) == 0);
                pthread_join(thread, NULL);
            } else {
                CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
            }
            for (int i = 0; i < BUSY; i++) atomic_store(&all[i].closed, true);
            check_quiet(all, BUSY, round < 6 ? QUIET_MS : 2);
        }
        if (round == 5) descriptors = open_descriptors();
    }
    check_idle(descriptors, threads);
    check_note("%u rounds of starting and cleaning up with %d busy sessions", rounds, BUSY);
    agent_stop(agent);
}

static const struct check parts[] = {
    {"loop", "sessions one after another", sessions_in_a_loop},
    {"many", "sessions at one time", sessions_at_once},
    {"requests", "outstanding requests", outstanding_requests},
    {"threads", "threads on one session", threads_on_one_session},
    {"close", "SnmpClose in the middle of traffic", closing_in_traffic},
    {"cleanup", "SnmpCleanup in the middle of traffic", cleaning_in_traffic},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

int main(int argc, char **argv) {
    unsigned failed = 0, count = 0;
    struct rlimit files;
    /* A socket for each of 1,024 sessions is more than the usual limit of descriptors allows. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    alarm(LIMIT_SECONDS);
    if (argc > 1) scale = (unsigned)strtoul(argv[1], NULL, 10);
    for (int i = 0; i < PARTS; i++) {
        bool wanted = argc < 3;
        for (int j = 2; j < argc; j++) wanted = wanted || strcmp(argv[j], parts[i].number) == 0;
        if (!wanted) continue;
        const char *reason;
        count++;
        int result = check_run(&parts[i], &reason);
        if (result == 1) failed++;
        printf("%s %s %s\n", result == 1 ? "not ok" : "ok", parts[i].number, parts[i].title);
        fflush(stdout);
        SnmpCleanup();
    }
    printf("1..%u\n# %u failed\n", count, failed);
    return failed == 0 && count > 0 ? 0 : 1;
}
