/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 1 to 9 and W1 to W4: starting, ending, errors.
 */
#include "conformance.h"
#include "scene.h"

#include <string.h>

/* W1 to W4 are those of Wine's test, which has been run on Windows. */

static void w1(void) { CHECK_EQUAL(SnmpStartup(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS); }

static void w2(void) {
    w1();
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
}

static void w3(void) {
    w2();
    smiUINT32 major = 0xdeadbeef, minor = 0xdeadbeef, level = 0xdeadbeef, translate = 0xdeadbeef, resend = 0xdeadbeef;
    CHECK_EQUAL(SnmpStartup(&major, &minor, &level, &translate, &resend), SNMPAPI_SUCCESS);
}

static void w4(void) {
    w3();
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
}

/* Every function that must fail as long as nothing is started, with arguments that would be wrong in other ways. */
static void everything_fails(HANDLE handle) {
    smiUINT32 number = 0;
    smiINT sign = 0;
    smiOCTETS octets = {0, NULL};
    smiOID oid = {0, NULL};
    smiVALUE value = integer_value(1);
    smiVENDORINFO vendor;
    HANDLE out = NULL;
    char text[64] = "1.3.6";
    smiENTITYINFO entity_info;
    smiCONTEXTINFO context_info;
    memset(&entity_info, 0, sizeof entity_info);
    memset(&context_info, 0, sizeof context_info);
#define DEAD(call) CHECK_FAILS(call, SNMPAPI_NOT_INITIALIZED)
    DEAD(SnmpGetTranslateMode(&number));
    DEAD(SnmpGetTranslateMode(NULL));
    DEAD(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V1));
    DEAD(SnmpSetTranslateMode(99));
    DEAD(SnmpGetRetransmitMode(&number));
    DEAD(SnmpSetRetransmitMode(SNMPAPI_ON));
    DEAD(SnmpGetTimeout(handle, &number, &number));
    DEAD(SnmpSetTimeout(handle, 1));
    DEAD(SnmpGetRetry(handle, &number, &number));
    DEAD(SnmpSetRetry(handle, 1));
    DEAD(SnmpGetVendorInfo(&vendor));
    DEAD(SnmpGetVendorInfo(NULL));
    DEAD(SnmpCleanup());
    DEAD(SnmpOpen(handle, 0x407));
    DEAD(SnmpClose(handle));
    DEAD(SnmpSendMsg(handle, NULL, handle, handle, handle));
    DEAD(SnmpRecvMsg(handle, &out, &out, &out, &out));
    DEAD(SnmpRegister(handle, NULL, NULL, NULL, NULL, SNMPAPI_ON));
    DEAD(SnmpCreateSession(0, 0, record_notice, NULL));
    DEAD(SnmpListen(handle, SNMPAPI_ON));
    DEAD(SnmpListenEx(handle, SNMPAPI_ON, SNMPLISTEN_ALL_ADDR));
    DEAD(SnmpCancelMsg(handle, 1));
    DEAD(SnmpStrToEntity(handle, "127.0.0.1"));
    DEAD(SnmpEntityToStr(handle, sizeof text, text));
    DEAD(SnmpFreeEntity(handle));
    DEAD(SnmpSetPort(handle, 161));
    DEAD(SnmpStrToContext(handle, &octets));
    DEAD(SnmpContextToStr(handle, &octets));
    DEAD(SnmpFreeContext(handle));
    DEAD(SnmpCreatePdu(handle, SNMP_PDU_GET, 0, 0, 0, NULL));
    DEAD(SnmpGetPduData(handle, &sign, &sign, &sign, &sign, &out));
    DEAD(SnmpGetPduData(handle, NULL, NULL, NULL, NULL, NULL));
    DEAD(SnmpSetPduData(handle, &sign, &sign, &sign, &sign, &out));
    DEAD(SnmpDuplicatePdu(handle, handle));
    DEAD(SnmpFreePdu(handle));
    DEAD(SnmpCreateVbl(handle, NULL, NULL));
    DEAD(SnmpDuplicateVbl(handle, handle));
    DEAD(SnmpFreeVbl(handle));
    DEAD(SnmpCountVbl(handle));
    DEAD(SnmpGetVb(handle, 1, &oid, &value));
    DEAD(SnmpSetVb(handle, 0, &oid, &value));
    DEAD(SnmpDeleteVb(handle, 1));
    DEAD(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets));
    DEAD(SnmpEncodeMsg(handle, NULL, NULL, handle, handle, &octets));
    DEAD(SnmpDecodeMsg(handle, &out, &out, &out, &out, &octets));
    DEAD(SnmpStrToOid(text, &oid));
    DEAD(SnmpStrToOid(NULL, NULL));
    DEAD(SnmpOidToStr(&oid, sizeof text, text));
    DEAD(SnmpOidCopy(&oid, &oid));
    DEAD(SnmpOidCompare(&oid, &oid, 0, &sign));
    DEAD(SnmpCreateEntity(handle, &entity_info));
    DEAD(SnmpGetEntityInfo(handle, &entity_info));
    DEAD(SnmpSetEntityInfo(handle, &entity_info));
    DEAD(SnmpFreeEntityInfo(&entity_info));
    DEAD(SnmpCreateContext(handle, &context_info));
    DEAD(SnmpGetContextInfo(handle, &context_info));
    DEAD(SnmpSetContextInfo(handle, &context_info));
    DEAD(SnmpFreeContextInfo(&context_info));
    DEAD(SnmpPasswordToKey(&octets, SNMP_USM_HMACMD5_AUTH_PROTOCOL, &octets));
    DEAD(OrielSnmpWait(handle, 0));
    CHECK_EQUAL(OrielSnmpGetDescriptor(handle), -1);
    CHECK_EQUAL(SnmpGetLastError(NULL), SNMPAPI_NOT_INITIALIZED);
#undef DEAD
    /* SnmpCleanupEx has a code of its own for this (check 4). */
    CHECK_FAILS(SnmpCleanupEx(), SNMPAPI_OTHER_ERROR);
}

static void c1(void) {
    int place = 0;
    if (is_fresh_process) CHECK_EQUAL(SnmpGetLastError(NULL), SNMPAPI_SUCCESS);
    everything_fails(NULL);
    everything_fails((HANDLE)&place);
    SnmpFreeEntity(NULL);
    CHECK_EQUAL(SnmpGetLastError(NULL), 18);
    start(SNMPAPI_UNTRANSLATED_V1);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    everything_fails((HANDLE)&place);
}

static void c2(void) {
    smiUINT32 major = 99, minor = 99, level = 99, translate = 99, resend = 99, all = 99;
    REQUIRE(SnmpStartup(&major, &minor, &level, &translate, &resend) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(major, 2);
    CHECK_EQUAL(minor, 0);
    CHECK_EQUAL(level, SNMPAPI_V2_SUPPORT);
    CHECK_EQUAL(translate, SNMPAPI_UNTRANSLATED_V1);
    CHECK_EQUAL(resend, SNMPAPI_ON);
    CHECK_EQUAL(SnmpStartup(&all, &all, &all, &all, &all), SNMPAPI_SUCCESS);
    CHECK(all <= 2);
    /* Clients hand back what they were given. */
    CHECK_EQUAL(SnmpSetTranslateMode(translate), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpSetRetransmitMode(resend), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStartup(NULL, &minor, NULL, NULL, &resend), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStartupEx(&major, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(major, 2);
}

static bool is_usable(void) {
    smiOID oid = {0, NULL};
    if (SnmpStrToOid("1.3.6", &oid) != 3) return false;
    return CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&oid) == SNMPAPI_SUCCESS);
}

static void c3(void) {
    smiOID oid = {0, NULL};
    for (int i = 0; i < 3; i++) CHECK_EQUAL(SnmpStartup(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK(is_usable());
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpStrToOid("1.3.6", &oid), SNMPAPI_NOT_INITIALIZED);
}

static void c4(void) {
    smiOID oid = {0, NULL};
    CHECK_EQUAL(SnmpStartupEx(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStartupEx(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCleanupEx(), SNMPAPI_SUCCESS);
    CHECK(is_usable());
    CHECK_EQUAL(SnmpCleanupEx(), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpStrToOid("1.3.6", &oid), SNMPAPI_NOT_INITIALIZED);
    CHECK_FAILS(SnmpCleanupEx(), SNMPAPI_OTHER_ERROR);
}

static void c5(void) {
    smiOID oid = {0, NULL};
    CHECK_EQUAL(SnmpStartupEx(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStartup(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    CHECK(is_usable());
    CHECK_EQUAL(SnmpCleanupEx(), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpStrToOid("1.3.6", &oid), SNMPAPI_NOT_INITIALIZED);

    /* The other way round. */
    CHECK_EQUAL(SnmpStartup(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStartupEx(NULL, NULL, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCleanupEx(), SNMPAPI_SUCCESS);
    CHECK(is_usable());
    CHECK_FAILS(SnmpCleanupEx(), SNMPAPI_OTHER_ERROR);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpStrToOid("1.3.6", &oid), SNMPAPI_NOT_INITIALIZED);
}

static void c6(void) {
    enum { SESSIONS = 8, REQUESTS = 10 };
    struct agent *silent = agent_start("127.0.0.1", 0), *slow = agent_start("127.0.0.1", 0);
    REQUIRE(silent != NULL && slow != NULL);
    agent_set_mode(silent, AGENT_SILENT, 0);
    agent_set_mode(slow, AGENT_DELAY, 100);
    unsigned threads = live_threads(), descriptors = 0;
    struct recorder recorders[SESSIONS];
    for (int round = 0; round < 3; round++) {
        unsigned expected = (unsigned)(round + 1) * SESSIONS * REQUESTS;
        start(SNMPAPI_UNTRANSLATED_V2);
        for (int i = 0; i < SESSIONS; i++) {
            HSNMP_SESSION session = open_session(&recorders[i]);
            HSNMP_ENTITY to_silent = entity_of(session, silent, 20, 5), to_slow = entity_of(session, slow, 100, 0);
            HSNMP_CONTEXT context = community(session, "public");
            for (int j = 0; j < REQUESTS; j++) send_get(session, j % 2 ? to_silent : to_slow, context);
        }
        CHECK(agent_wait(silent, expected / 2, PATIENCE_MS) && agent_wait(slow, expected / 2, PATIENCE_MS));
        CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
        unsigned notices[SESSIONS];
        for (int i = 0; i < SESSIONS; i++) notices[i] = recorder_count(&recorders[i]);
        pause_ms(QUIET_MS);
        for (int i = 0; i < SESSIONS; i++) {
            CHECK_EQUAL(recorder_count(&recorders[i]), notices[i]);
            recorder_close(&recorders[i]);
        }
        /* A joined thread leaves /proc a moment later. */
        for (uint64_t end = now_ms() + 5000; live_threads() > threads && now_ms() < end;) pause_ms(5);
        CHECK_EQUAL(live_threads(), threads);
        if (round > 0) CHECK_EQUAL(open_descriptors(), descriptors);
        descriptors = open_descriptors();
    }
    start(SNMPAPI_UNTRANSLATED_V2);
    HSNMP_SESSION session = open_session(&recorders[0]);
    smiINT32 id = send_get(session, entity_of(session, slow, 500, 3), community(session, "public"));
    CHECK(recorder_wait(&recorders[0], 1, PATIENCE_MS));
    check_response(session, id);
    CHECK_EQUAL(SnmpCleanup(), SNMPAPI_SUCCESS);
    agent_stop(silent);
    agent_stop(slow);
}

static void c7(void) {
    int place = 0;
    struct recorder recorder;
    start(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_SESSION session = open_session(&recorder);
    CHECK_EQUAL(SnmpClose(session), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpClose(session), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpClose(NULL), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpClose((HSNMP_SESSION)&place), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpClose((HSNMP_SESSION)(uintptr_t)0xdeadbeef), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpClose((HSNMP_SESSION)UINTPTR_MAX), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS(SnmpClose((HSNMP_SESSION)((uintptr_t)session + 1)), SNMPAPI_SESSION_INVALID);
    /* A freed handle's value does not come back soon. */
    for (int i = 0; i < 100; i++) {
        HSNMP_SESSION next = SnmpCreateSession(0, 0, record_notice, &recorder);
        CHECK(next != NULL && next != session);
        CHECK_EQUAL(SnmpClose(next), SNMPAPI_SUCCESS);
    }
    CHECK_FAILS(SnmpClose(session), SNMPAPI_SESSION_INVALID);
}

static void *fail_elsewhere(void *session) {
    /* A thread that never failed sees the newest error of all. */
    SNMPAPI_STATUS before = SnmpGetLastError(NULL);
    CHECK_FAILS_IN((HSNMP_SESSION)session, SnmpCancelMsg((HSNMP_SESSION)session, 77), SNMPAPI_PDU_INVALID);
    return (void *)(uintptr_t)before;
}

static void c8(void) {
    struct recorder of_a, of_b;
    smiUINT32 number;
    start(SNMPAPI_UNTRANSLATED_V1);
    HSNMP_SESSION a = open_session(&of_a), b = open_session(&of_b);
    CHECK_EQUAL(SnmpGetLastError(a), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(a, SnmpStrToEntity(a, "300.1.1.1"), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_EQUAL(SnmpGetLastError(b), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(b, SnmpCancelMsg(b, 123), SNMPAPI_PDU_INVALID);
    CHECK_EQUAL(SnmpGetLastError(a), SNMPAPI_ENTITY_UNKNOWN);
    /* Functions on a handle fail for its session. */
    HSNMP_ENTITY entity = entity_at(a, "127.0.0.1", 0);
    CHECK_EQUAL(SnmpGetLastError(a), SNMPAPI_ENTITY_UNKNOWN);
    CHECK_FAILS_IN(a, SnmpGetTimeout(entity, NULL, NULL), SNMPAPI_NOOP);
    CHECK_EQUAL(SnmpGetLastError(b), SNMPAPI_PDU_INVALID);
    /* Functions without a session fail for none. */
    smiOID oid = {0, NULL};
    CHECK_FAILS(SnmpStrToOid("1", &oid), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpSetTranslateMode(99), SNMPAPI_MODE_INVALID);
    CHECK_EQUAL(SnmpGetLastError(a), SNMPAPI_NOOP);
    CHECK_EQUAL(SnmpGetLastError(b), SNMPAPI_PDU_INVALID);
    /* Success leaves it. */
    CHECK_EQUAL(SnmpGetTranslateMode(&number), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpGetLastError(NULL), SNMPAPI_MODE_INVALID);
    /* What isn't a session has the error of all. */
    CHECK_EQUAL(SnmpGetLastError((HSNMP_SESSION)&number), SNMPAPI_MODE_INVALID);

    pthread_t thread;
    void *before = NULL;
    REQUIRE(pthread_create(&thread, NULL, fail_elsewhere, b) == 0);
    pthread_join(thread, &before);
    CHECK_EQUAL((uintptr_t)before, SNMPAPI_MODE_INVALID);
    /* This thread keeps its own. */
    CHECK_EQUAL(SnmpGetLastError(NULL), SNMPAPI_MODE_INVALID);
}

static bool is_terminated(const char *text, size_t size) { return memchr(text, 0, size) != NULL; }

static void c9(void) {
    smiVENDORINFO info;
    memset(&info, 0xFF, sizeof info);
    start(SNMPAPI_UNTRANSLATED_V1);
    CHECK_FAILS(SnmpGetVendorInfo(NULL), SNMPAPI_NOOP);
    CHECK_EQUAL(sizeof info, 196);
    CHECK_EQUAL(SnmpGetVendorInfo(&info), SNMPAPI_SUCCESS);
    CHECK(is_terminated(info.vendorName, sizeof info.vendorName) && info.vendorName[0] != 0);
    CHECK(is_terminated(info.vendorContact, sizeof info.vendorContact));
    CHECK(is_terminated(info.vendorVersionId, sizeof info.vendorVersionId));
    CHECK(is_terminated(info.vendorVersionDate, sizeof info.vendorVersionDate));
    CHECK(info.vendorEnterprise != UINT32_MAX);
}

const struct check lifecycle_checks[] = {
    {"W1", "SnmpStartup with five NULLs", w1},
    {"W2", "SnmpCleanup after it", w2},
    {"W3", "SnmpStartup again with five variables", w3},
    {"W4", "SnmpCleanup again", w4},
    {"1", "everything fails before SnmpStartup and after SnmpCleanup", c1},
    {"2", "what SnmpStartup tells", c2},
    {"3", "one SnmpCleanup undoes any number of SnmpStartup", c3},
    {"4", "SnmpStartupEx and SnmpCleanupEx are counted", c4},
    {"5", "SnmpStartup and SnmpStartupEx together", c5},
    {"6", "SnmpCleanup with open sessions and outstanding requests", c6},
    {"7", "SnmpClose twice, and of what is no session", c7},
    {"8", "errors of sessions and of threads", c8},
    {"9", "SnmpGetVendorInfo", c9},
    {NULL, NULL, NULL},
};
