/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 57 and 58: many requests, walks from within callbacks, threads that share a session.
 */
#include "conformance.h"
#include "scene.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { AGENTS = 50, REQUESTS = 1000 };

/* Marks the identifier's request as answered; false if it isn't one or was answered before. */
static bool tick_off(const smiINT32 *ids, bool *answered, smiINT32 id) {
    for (int i = 0; i < REQUESTS; i++)
        if (ids[i] == id) {
            bool first = !answered[i];
            answered[i] = true;
            return first;
        }
    return false;
}

static void c57(void) {
    static struct agent *agents[AGENTS];
    static HSNMP_ENTITY entities[AGENTS];
    static smiINT32 ids[REQUESTS];
    static bool notified[REQUESTS], received[REQUESTS];
    struct recorder recorder;
    uint64_t seed = now_ms() * 7919 + 1;
    check_note("seed %llu", (unsigned long long)seed);
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorder);
    HSNMP_CONTEXT context = community(session, "public");
    for (int i = 0; i < AGENTS; i++) {
        agents[i] = agent_start("127.0.0.1", 0);
        REQUIRE(agents[i] != NULL);
        agent_set_mode(agents[i], AGENT_QUEUE, 0);
        entities[i] = entity_of(session, agents[i], 6000, 0);
    }
    for (int i = 0; i < REQUESTS; i++) ids[i] = send_get(session, entities[i % AGENTS], context);
    for (int i = 0; i < AGENTS; i++) CHECK(agent_wait(agents[i], REQUESTS / AGENTS, PATIENCE_MS));
    CHECK_EQUAL(recorder_count(&recorder), 0);
    for (int left = AGENTS; left > 0; left--) {
        int chosen = (int)(next_random(&seed) % (uint64_t)left);
        struct agent *agent = agents[chosen];
        CHECK_EQUAL(agent_release(agent, next_random(&seed) | 1), REQUESTS / AGENTS);
        /* Not so many at once that a socket's buffer overflows. */
        int released = (AGENTS - left + 1) * (REQUESTS / AGENTS);
        if (released > 100) CHECK(recorder_wait(&recorder, (unsigned)released - 100, PATIENCE_MS));
        agents[chosen] = agents[left - 1];
        agents[left - 1] = agent;
    }
    CHECK(recorder_wait(&recorder, REQUESTS, PATIENCE_MS));
    CHECK(recorder_stays(&recorder, REQUESTS, QUIET_MS));
    for (unsigned i = 0; i < REQUESTS; i++) {
        struct notice notice = recorder_notice(&recorder, i);
        CHECK_EQUAL(notice.w_param, 0);
        CHECK(tick_off(ids, notified, (smiINT32)notice.l_param));
        struct received message = receive(session);
        CHECK_EQUAL(message.status, SNMPAPI_SUCCESS);
        CHECK(tick_off(ids, received, message.id));
        free_received(&message);
    }
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    for (int i = 0; i < AGENTS; i++) agent_stop(agents[i]);
}

/* ---- Walks ---- */

static const char *const table = "1.3.6.1.4.1.99999.1";

struct walk {
    HSNMP_ENTITY to;
    HSNMP_CONTEXT context;
    unsigned steps;
    uintptr_t span; /* the largest distance between the stack of two callbacks of one thread */
};

/* Receives one row and asks for the next; false at the end. */
static bool step(HSNMP_SESSION session, struct walk *walk) {
    HSNMP_PDU pdu = NULL;
    HSNMP_VBL list = NULL;
    smiOID name = {0, NULL};
    smiVALUE value;
    const smiINT type = SNMP_PDU_GETNEXT;
    if (!CHECK(SnmpRecvMsg(session, NULL, NULL, NULL, &pdu) == SNMPAPI_SUCCESS)) return false;
    CHECK_EQUAL(SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    if (!CHECK(SnmpGetVb(list, 1, &name, &value) != SNMPAPI_FAILURE)) return false;
    bool goes_on = value.syntax == SNMP_SYNTAX_INT;
    if (goes_on) {
        walk->steps++;
        CHECK_EQUAL(value.value.sNumber, walk->steps);
        CHECK_EQUAL(SnmpSetVb(list, 1, &name, NULL), 1);
        HSNMP_PDU next = SnmpCreatePdu(session, type, 0, 0, 0, list);
        goes_on = CHECK(SnmpSendMsg(session, NULL, walk->to, walk->context, next) == SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpFreePdu(next), SNMPAPI_SUCCESS);
    }
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    return goes_on;
}

static void walk_on(struct recorder *recorder, const struct notice *notice) {
    struct walk *walk = recorder->data;
    static _Thread_local uintptr_t lowest = UINTPTR_MAX, highest;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (here < lowest) lowest = here;
    if (here > highest) highest = here;
    if (highest - lowest > walk->span) walk->span = highest - lowest;
    CHECK_EQUAL(notice->w_param, 0);
    if (!step(notice->session, walk)) recorder->then = NULL;
}

static void check_walk(void) {
    enum { ROWS = 10000 };
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_add_rows(agent, table, ROWS);
    agent_forget(agent, false);
    struct recorder recorder;
    struct walk walk = {.steps = 0};
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorder);
    recorder.then = walk_on;
    recorder.data = &walk;
    walk.to = entity_of(session, agent, 500, 5);
    walk.context = community(session, "public");
    HSNMP_PDU first = pdu_of(session, SNMP_PDU_GETNEXT, 0, table);
    CHECK_EQUAL(SnmpSendMsg(session, NULL, walk.to, walk.context, first), SNMPAPI_SUCCESS);
    CHECK(recorder_wait(&recorder, ROWS + 1, 3 * PATIENCE_MS));
    CHECK_EQUAL(walk.steps, ROWS);
    CHECK(recorder_stays(&recorder, ROWS + 1, QUIET_MS));
    /* Callbacks may come from several threads, but on none deeper and deeper. */
    check_note("stack of the callbacks: %zu octets apart", (size_t)walk.span);
    CHECK(walk.span < 65536);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* ---- Threads that share a session ---- */

enum { THREADS = 4, EACH = 500 };

struct sharing {
    HSNMP_SESSION session;
    HSNMP_ENTITY to;
    HSNMP_CONTEXT context;
    atomic_uint received;
};

static void receive_in_callback(struct recorder *recorder, const struct notice *notice) {
    struct sharing *sharing = recorder->data;
    struct received message = receive(notice->session);
    CHECK_EQUAL(message.status, SNMPAPI_SUCCESS);
    free_received(&message);
    atomic_fetch_add(&sharing->received, 1);
}

static void *share(void *argument) {
    struct sharing *sharing = argument;
    for (int i = 0; i < EACH; i++) {
        HSNMP_VBL list = SnmpCreateVbl(sharing->session, NULL, NULL);
        struct name name;
        CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1.2.1.1.1.0"), NULL), 1);
        HSNMP_PDU pdu = SnmpCreatePdu(sharing->session, SNMP_PDU_GET, 0, 0, 0, list);
        CHECK_EQUAL(SnmpSendMsg(sharing->session, NULL, sharing->to, sharing->context, pdu), SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
        CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
        /* Not so many at once that a socket's buffer overflows. */
        while ((unsigned)i * THREADS > atomic_load(&sharing->received) + 200) pause_ms(1);
    }
    return NULL;
}

static void check_sharing(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder recorder;
    struct sharing sharing = {0};
    pthread_t threads[THREADS];
    start(SNMPAPI_UNTRANSLATED_V2);
    sharing.session = open_session(&recorder);
    recorder.data = &sharing;
    recorder.then = receive_in_callback;
    sharing.to = entity_of(sharing.session, agent, 500, 5);
    sharing.context = community(sharing.session, "public");
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, share, &sharing) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    CHECK(recorder_wait(&recorder, THREADS * EACH, PATIENCE_MS));
    CHECK(recorder_stays(&recorder, THREADS * EACH, QUIET_MS));
    CHECK_EQUAL(atomic_load(&sharing.received), THREADS * EACH);
    /* Each identifier once. */
    bool distinct = true;
    for (unsigned i = 0; i < THREADS * EACH; i++)
        for (unsigned j = 0; j < i; j++)
            distinct = distinct && recorder.notices[i].l_param != recorder.notices[j].l_param;
    CHECK(distinct);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static void c58(void) {
    check_walk();
    check_sharing();
}

const struct check traffic_checks[] = {
    {"57", "1,000 requests, 50 agents, random order", c57},
    {"58", "a walk of 10,000 steps in callbacks; four threads on one session", c58},
    {NULL, NULL, NULL},
};
