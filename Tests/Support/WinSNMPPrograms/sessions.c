/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 10 to 17: sessions, callbacks, window messages, polling.
 */
#include "conformance.h"
#include "scene.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { WM_USER_ = 0x400 };

static void c10(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder recorder, passed;
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorder);
    smiINT32 id = send_get(session, entity_of(session, agent, 500, 2), community(session, "public"));
    CHECK(recorder_wait(&recorder, 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&recorder, 0);
    CHECK(notice.session == session);
    CHECK(notice.window == NULL && notice.message == 0);
    CHECK_EQUAL(notice.w_param, 0);
    CHECK_EQUAL(notice.l_param, id);
    CHECK(notice.data == &recorder);
    CHECK(!pthread_equal(notice.thread, pthread_self()));

    /* Window and message are only handed through when there is a callback. */
    recorder_open(&passed);
    int place = 0;
    HSNMP_SESSION other = SnmpCreateSession((HWND)&place, 5, record_notice, &passed);
    REQUIRE(other != SNMPAPI_FAILURE);
    /* A negative identifier is extended to the width of LPARAM. */
    HSNMP_PDU pdu = pdu_of(other, SNMP_PDU_GET, -5, "1.3.6.1.2.1.1.1.0");
    CHECK_EQUAL(
        SnmpSendMsg(other, NULL, entity_of(other, agent, 500, 2), community(other, "public"), pdu), SNMPAPI_SUCCESS);
    CHECK(recorder_wait(&passed, 1, PATIENCE_MS));
    notice = recorder_notice(&passed, 0);
    CHECK(notice.session == other && notice.window == (HWND)&place && notice.message == 5 && notice.w_param == 0);
    CHECK_EQUAL(notice.l_param, -5);
    CHECK(recorder_stays(&recorder, 1, QUIET_MS));
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static bool is_readable(int descriptor, int milliseconds) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
    return poll(&wanted, 1, milliseconds) == 1;
}

static void c11(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    smiUINT32 option = 99;
    start(SNMPAPI_UNTRANSLATED_V2);
    CHECK_FAILS(SnmpCreateSession(0, 0, NULL, NULL), SNMPAPI_OPERATION_INVALID);
    CHECK_EQUAL(OrielSnmpGetOption(ORIEL_SNMP_OPTION_POLLING_SESSIONS, &option), SNMPAPI_SUCCESS);
    CHECK_EQUAL(option, 0);
    REQUIRE(OrielSnmpSetOption(ORIEL_SNMP_OPTION_POLLING_SESSIONS, 1) == SNMPAPI_SUCCESS);
    HSNMP_SESSION session = SnmpCreateSession(0, 0, NULL, NULL);
    REQUIRE(session != SNMPAPI_FAILURE);
    HSNMP_ENTITY to = entity_of(session, agent, 20, 1);
    HSNMP_CONTEXT context = community(session, "public");
    int descriptor = OrielSnmpGetDescriptor(session);
    CHECK(descriptor >= 0);
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK(!is_readable(descriptor, 0));
    CHECK_FAILS_IN(session, OrielSnmpWait(session, 0), SNMPAPI_TL_TIMEOUT);

    smiINT32 id = send_get(session, to, context);
    CHECK(is_readable(descriptor, PATIENCE_MS));
    CHECK_EQUAL(OrielSnmpWait(session, PATIENCE_MS), SNMPAPI_SUCCESS);
    check_response(session, id);
    CHECK(!is_readable(descriptor, 0));

    /* As the published clients poll: without the extensions. */
    id = send_get(session, to, context);
    struct received received = {0};
    for (uint64_t end = now_ms() + PATIENCE_MS; received.status == SNMPAPI_FAILURE && now_ms() < end;) {
        received = receive(session);
        if (received.status == SNMPAPI_FAILURE) pause_ms(2);
    }
    CHECK(received.status == SNMPAPI_SUCCESS && received.id == id);
    free_received(&received);

    /* The final timeout is received. */
    agent_set_mode(agent, AGENT_SILENT, 0);
    id = send_get(session, to, context);
    CHECK_EQUAL(OrielSnmpWait(session, PATIENCE_MS), SNMPAPI_SUCCESS);
    received = receive(session);
    CHECK_EQUAL(received.status, SNMPAPI_FAILURE);
    CHECK_EQUAL(SnmpGetLastError(session), SNMPAPI_TL_TIMEOUT);
    /* The handles are those of the message that failed: the agent is where it went. */
    CHECK(received.to == to && received.from != to && received.context == context && received.pdu != NULL);
    CHECK_EQUAL(received.id, id);
    CHECK_EQUAL(received.type, SNMP_PDU_GET);
    free_received(&received);
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK(SnmpFreeEntity(to) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpClose(session), SNMPAPI_SUCCESS);
    CHECK_EQUAL(OrielSnmpGetDescriptor(session), -1);
    CHECK_EQUAL(SnmpGetLastError(NULL), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(OrielSnmpWait(session, 0), SNMPAPI_SESSION_INVALID);
    CHECK_EQUAL(OrielSnmpSetOption(ORIEL_SNMP_OPTION_POLLING_SESSIONS, 0), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpCreateSession(0, 0, NULL, NULL), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS(OrielSnmpSetOption(0, 1), SNMPAPI_OPERATION_INVALID);
    CHECK_FAILS(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, 65536), SNMPAPI_SIZE_INVALID);
    CHECK_FAILS(OrielSnmpGetOption(99, &option), SNMPAPI_OPERATION_INVALID);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* ---- Windows ---- */

static int one_window;
static struct recorder posted;

static int SNMPAPI_CALL is_window(HWND window) { return window == (HWND)&one_window; }

static int SNMPAPI_CALL post_message(HWND window, UINT message, WPARAM w_param, LPARAM l_param) {
    struct notice notice = {.window = window, .message = message, .w_param = w_param, .l_param = l_param};
    recorder_add(&posted, &notice);
    return 1;
}

static void c12(void) {
    int other = 0;
    HWND window = (HWND)&one_window;
    start(SNMPAPI_UNTRANSLATED_V1);
    CHECK_FAILS(SnmpCreateSession((HWND)&other, WM_USER_ + 1, NULL, NULL), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpCreateSession(window, WM_USER_ + 1, NULL, NULL), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpOpen(window, WM_USER_ + 1), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(OrielSnmpSetWindowHook(is_window, NULL), SNMPAPI_OPERATION_INVALID);
    REQUIRE(OrielSnmpSetWindowHook(is_window, post_message) == SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpCreateSession((HWND)&other, WM_USER_ + 1, NULL, NULL), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpCreateSession(NULL, WM_USER_ + 1, NULL, NULL), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpOpen((HWND)&other, WM_USER_ + 1), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpOpen(NULL, WM_USER_ + 1), SNMPAPI_HWND_INVALID);
    CHECK_FAILS(SnmpCreateSession(window, 0, NULL, NULL), SNMPAPI_MESSAGE_INVALID);
    CHECK_FAILS(SnmpCreateSession(window, WM_USER_ - 1, NULL, NULL), SNMPAPI_MESSAGE_INVALID);
    CHECK_FAILS(SnmpOpen(window, 0), SNMPAPI_MESSAGE_INVALID);
    CHECK_FAILS(SnmpCreateSession(NULL, 0, NULL, NULL), SNMPAPI_OPERATION_INVALID);
    HSNMP_SESSION a = SnmpOpen(window, WM_USER_), b = SnmpCreateSession(window, 0x7FFF, NULL, &other);
    CHECK(a != NULL && b != NULL && a != b);
    CHECK_EQUAL(SnmpClose(a), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpClose(b), SNMPAPI_SUCCESS);
    CHECK_EQUAL(OrielSnmpSetWindowHook(NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpOpen(window, WM_USER_), SNMPAPI_HWND_INVALID);
}

static void c13(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    recorder_open(&posted);
    start(SNMPAPI_UNTRANSLATED_V1);
    REQUIRE(OrielSnmpSetWindowHook(is_window, post_message) == SNMPAPI_SUCCESS);
    HSNMP_SESSION session = SnmpOpen((HWND)&one_window, WM_USER_ + 7);
    REQUIRE(session != SNMPAPI_FAILURE);
    HSNMP_ENTITY to = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT context = community(session, "public");
    smiINT32 id = send_get(session, to, context);
    CHECK(recorder_wait(&posted, 1, PATIENCE_MS));
    struct notice notice = recorder_notice(&posted, 0);
    CHECK(notice.window == (HWND)&one_window);
    CHECK_EQUAL(notice.message, WM_USER_ + 7);
    CHECK_EQUAL(notice.w_param, 0);
    CHECK_EQUAL(notice.l_param, id);
    check_response(session, id);
    CHECK(recorder_stays(&posted, 1, QUIET_MS));

    /* The timeout is posted, too. */
    agent_set_mode(agent, AGENT_SILENT, 0);
    CHECK_EQUAL(SnmpSetTimeout(to, 10), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetRetry(to, 0), SNMPAPI_SUCCESS);
    id = send_get(session, to, context);
    CHECK(recorder_wait(&posted, 2, PATIENCE_MS));
    notice = recorder_notice(&posted, 1);
    CHECK_EQUAL(notice.w_param, SNMPAPI_TL_TIMEOUT);
    CHECK_EQUAL(notice.l_param, id);
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);

    /* What was posted can't be recalled; receiving then fails. */
    agent_set_mode(agent, AGENT_ANSWER, 0);
    CHECK_EQUAL(SnmpSetTimeout(to, 500), SNMPAPI_SUCCESS);
    send_get(session, to, context);
    CHECK(recorder_wait(&posted, 3, PATIENCE_MS));
    CHECK_EQUAL(SnmpClose(session), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

/* ---- Closing in callbacks ---- */

static void c14(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder recorder;
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorder);
    recorder.result = SNMPAPI_FAILURE;
    HSNMP_ENTITY to = entity_of(session, agent, 500, 2);
    HSNMP_CONTEXT context = community(session, "public");
    agent_set_mode(agent, AGENT_QUEUE, 0);
    for (int i = 0; i < 5; i++) send_get(session, to, context);
    CHECK(agent_wait(agent, 5, PATIENCE_MS));
    CHECK_EQUAL(agent_release(agent, 1), 5);
    CHECK(recorder_wait(&recorder, 1, PATIENCE_MS));
    /* The session is closed when the callback has returned, which nobody can observe but by trying. */
    bool closed = false;
    for (uint64_t end = now_ms() + PATIENCE_MS; !closed && now_ms() < end; pause_ms(1))
        closed =
            SnmpCancelMsg(session, 1) == SNMPAPI_FAILURE && SnmpGetLastError(NULL) == SNMPAPI_SESSION_INVALID;
    CHECK(closed);
    CHECK_FAILS(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpStrToEntity(session, "127.0.0.1"), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpFreeEntity(to), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeContext(context), SNMPAPI_CONTEXT_INVALID);
    CHECK(recorder_stays(&recorder, 1, QUIET_MS));
    CHECK_FAILS(SnmpClose(session), SNMPAPI_SESSION_INVALID);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static void close_session(struct recorder *recorder, const struct notice *notice) {
    (void)recorder;
    CHECK_EQUAL(SnmpClose(notice->session), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpClose(notice->session), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpRecvMsg(notice->session, NULL, NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);
}

static void c15(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder recorder, other;
    start(SNMPAPI_UNTRANSLATED_V2);
    for (int round = 0; round < 20; round++) {
        HSNMP_SESSION session = open_session(&recorder);
        recorder.then = close_session;
        HSNMP_ENTITY to = entity_of(session, agent, 500, 2);
        HSNMP_CONTEXT context = community(session, "public");
        HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1.2.1.1.1.0");
        /* The callback may close before all are sent; that must show as what it is. */
        for (int i = 0; i < 5; i++)
            CHECK(
                SnmpSendMsg(session, NULL, to, context, pdu) == SNMPAPI_SUCCESS ||
                SnmpGetLastError(NULL) == SNMPAPI_SESSION_INVALID);
        CHECK(recorder_wait(&recorder, 1, PATIENCE_MS));
        CHECK_FAILS(SnmpClose(session), SNMPAPI_SESSION_INVALID);
        CHECK(recorder_stays(&recorder, 1, round == 0 ? QUIET_MS : 5));
        recorder.then = NULL;
    }
    /* Others are still served. */
    HSNMP_SESSION session = open_session(&other);
    smiINT32 id = send_get(session, entity_of(session, agent, 500, 2), community(session, "public"));
    CHECK(recorder_wait(&other, 1, PATIENCE_MS));
    check_response(session, id);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static SNMPAPI_STATUS CALLBACK ignore_notice(HSNMP_SESSION s, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    (void)s, (void)w, (void)m, (void)wp, (void)lp, (void)data;
    return SNMPAPI_SUCCESS;
}

static void use_sessions(struct agent *agent, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        HSNMP_SESSION session = SnmpCreateSession(0, 0, ignore_notice, NULL);
        REQUIRE(session != SNMPAPI_FAILURE);
        send_get(session, entity_at(session, "127.0.0.1", agent_port(agent)), community(session, "public"));
        REQUIRE(SnmpClose(session) == SNMPAPI_SUCCESS);
    }
}

/*
 * A library that keeps the values of freed handles from coming back soon, and an allocator with several arenas, grow
 * for a while. What leaks grows in every round; 100 octets for each session are seen.
 */
static void c16(void) {
    enum { EACH = 10000, ROUNDS = 8, ALLOWED_KB = 1000 };
    struct agent *agent = agent_start("127.0.0.1", 0);
    REQUIRE(agent != NULL);
    agent_forget(agent, false);
    start(SNMPAPI_UNTRANSLATED_V1);
    use_sessions(agent, EACH / 5);
    unsigned descriptors = open_descriptors(), threads = live_threads();
    bool is_constant = false;
    for (int round = 0; round < ROUNDS && !is_constant; round++) {
        size_t memory = resident_kilobytes();
        use_sessions(agent, EACH);
        check_note("memory %zu -> %zu KB", memory, resident_kilobytes());
        is_constant = resident_kilobytes() <= memory + ALLOWED_KB;
    }
    check_note(
        "descriptors %u -> %u, threads %u -> %u", descriptors, open_descriptors(), threads, live_threads());
    CHECK(is_constant);
    CHECK(open_descriptors() <= descriptors + 2);
    /* A pool of threads may grow to its limit; a thread for each session would show. */
    CHECK(live_threads() <= threads + 32);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

static void c17(void) {
    struct agent *agent = agent_start("127.0.0.1", 0);
    struct recorder of_a, of_b;
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION a = open_session(&of_a), b = open_session(&of_b);
    HSNMP_ENTITY entity = entity_of(a, agent, 500, 2);
    HSNMP_CONTEXT context = community(a, "public");
    smiINT32 id = send_get(b, entity, context);
    CHECK(recorder_wait(&of_b, 1, PATIENCE_MS));
    check_response(b, id);
    CHECK_EQUAL(recorder_count(&of_a), 0);

    /* An unfinished request keeps what it needs, also when its owner goes. */
    agent_set_mode(agent, AGENT_QUEUE, 0);
    unsigned before = agent_count(agent);
    id = send_get(b, entity, context);
    CHECK(agent_wait(agent, before + 1, PATIENCE_MS));
    HSNMP_PDU pdu = pdu_of(b, SNMP_PDU_GET, 0, "1.3.6.1");
    HSNMP_VBL list = list_of(a, "1.3.6.1", NULL);
    CHECK_EQUAL(SnmpClose(a), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(b, SnmpSendMsg(b, NULL, entity, context, pdu), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeEntity(entity), SNMPAPI_ENTITY_INVALID);
    CHECK_FAILS(SnmpFreeContext(context), SNMPAPI_CONTEXT_INVALID);
    CHECK_FAILS(SnmpFreeVbl(list), SNMPAPI_VBL_INVALID);
    CHECK_EQUAL(agent_release(agent, 1), 1);
    CHECK(recorder_wait(&of_b, 2, PATIENCE_MS));
    check_response(b, id);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(agent);
}

const struct check session_checks[] = {
    {"10", "the arguments of a callback", c10},
    {"11", "a session without callback and window", c11},
    {"12", "windows and message numbers that are not valid", c12},
    {"13", "SnmpOpen posts one message", c13},
    {"14", "a callback that returns 0 closes", c14},
    {"15", "SnmpClose within the callback", c15},
    {"16", "10,000 sessions one after another", c16},
    {"17", "an entity of another session", c17},
    {NULL, NULL, NULL},
};
