/*
 * Layer: test programs of the C library. Used by: the checks, stress.
 */
#include "scene.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Notifications ---- */

void recorder_open(struct recorder *recorder) {
    memset(recorder, 0, sizeof *recorder);
    recorder->result = SNMPAPI_SUCCESS;
    pthread_mutex_init(&recorder->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->arrived, &clock);
    pthread_condattr_destroy(&clock);
}

void recorder_close(struct recorder *recorder) {
    pthread_cond_destroy(&recorder->arrived);
    pthread_mutex_destroy(&recorder->lock);
    free(recorder->notices);
}

void recorder_add(struct recorder *recorder, const struct notice *notice) {
    pthread_mutex_lock(&recorder->lock);
    if (recorder->count == recorder->room) {
        recorder->room = recorder->room * 2 + 16;
        recorder->notices = realloc(recorder->notices, recorder->room * sizeof *recorder->notices);
        if (recorder->notices == NULL) abort();
    }
    recorder->notices[recorder->count++] = *notice;
    pthread_cond_broadcast(&recorder->arrived);
    pthread_mutex_unlock(&recorder->lock);
}

unsigned recorder_count(struct recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    unsigned count = recorder->count;
    pthread_mutex_unlock(&recorder->lock);
    return count;
}

bool recorder_wait(struct recorder *recorder, unsigned count, unsigned milliseconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += milliseconds / 1000;
    end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    pthread_mutex_lock(&recorder->lock);
    int result = 0;
    while (recorder->count < count && result == 0)
        result = pthread_cond_timedwait(&recorder->arrived, &recorder->lock, &end);
    bool enough = recorder->count >= count;
    pthread_mutex_unlock(&recorder->lock);
    return enough;
}

bool recorder_stays(struct recorder *recorder, unsigned count, unsigned milliseconds) {
    return !recorder_wait(recorder, count + 1, milliseconds) && recorder_count(recorder) == count;
}

struct notice recorder_notice(struct recorder *recorder, unsigned index) {
    struct notice notice = {0};
    pthread_mutex_lock(&recorder->lock);
    if (index < recorder->count) notice = recorder->notices[index];
    pthread_mutex_unlock(&recorder->lock);
    return notice;
}

SNMPAPI_STATUS CALLBACK record_notice(
    HSNMP_SESSION session, HWND window, UINT message, WPARAM w_param, LPARAM l_param, LPVOID data) {
    struct recorder *recorder = data;
    struct notice notice = {
        .session = session, .window = window, .message = message, .w_param = w_param, .l_param = l_param,
        .data = data, .time_ms = now_ms(), .thread = pthread_self()};
    SNMPAPI_STATUS result = recorder->result;
    void (*then)(struct recorder *, const struct notice *) = recorder->then;
    if (then != NULL) then(recorder, &notice);
    recorder_add(recorder, &notice);
    return result;
}

/* ---- Sessions and what belongs to them ---- */

void start(smiUINT32 mode) {
    REQUIRE(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    REQUIRE(SnmpSetTranslateMode(mode) == SNMPAPI_SUCCESS);
    REQUIRE(SnmpSetRetransmitMode(SNMPAPI_ON) == SNMPAPI_SUCCESS);
}

HSNMP_SESSION open_session(struct recorder *recorder) {
    recorder_open(recorder);
    HSNMP_SESSION session = SnmpCreateSession(0, 0, record_notice, recorder);
    REQUIRE(session != SNMPAPI_FAILURE);
    return session;
}

HSNMP_ENTITY entity_at(HSNMP_SESSION session, const char *address, UINT port) {
    HSNMP_ENTITY entity = SnmpStrToEntity(session, address);
    REQUIRE(entity != SNMPAPI_FAILURE);
    if (port != 0) REQUIRE(SnmpSetPort(entity, port) == SNMPAPI_SUCCESS);
    return entity;
}

HSNMP_ENTITY entity_of(HSNMP_SESSION session, const struct agent *agent, smiTIMETICKS timeout, smiUINT32 retries) {
    REQUIRE(agent != NULL);
    HSNMP_ENTITY entity = entity_at(session, "127.0.0.1", agent_port(agent));
    REQUIRE(SnmpSetTimeout(entity, timeout) == SNMPAPI_SUCCESS);
    REQUIRE(SnmpSetRetry(entity, retries) == SNMPAPI_SUCCESS);
    return entity;
}

HSNMP_CONTEXT community(HSNMP_SESSION session, const char *text) {
    char copy[BER_MAX_COMMUNITY];
    snprintf(copy, sizeof copy, "%s", text);
    smiOCTETS octets = {(smiUINT32)strlen(copy), (smiLPBYTE)copy};
    HSNMP_CONTEXT context = SnmpStrToContext(session, &octets);
    REQUIRE(context != SNMPAPI_FAILURE);
    return context;
}

smiLPCOID name_of(struct name *name, const char *text) {
    struct ber_oid oid = ber_oid_of(text);
    memcpy(name->arcs, oid.arcs, oid.count * sizeof oid.arcs[0]);
    name->oid.len = oid.count;
    name->oid.ptr = name->arcs;
    return &name->oid;
}

bool oid_is(smiLPCOID oid, const char *text) {
    struct ber_oid other = ber_oid_of(text);
    return oid->len == other.count && oid->ptr != NULL &&
           memcmp(oid->ptr, other.arcs, other.count * sizeof other.arcs[0]) == 0;
}

smiVALUE integer_value(smiINT32 number) {
    smiVALUE value;
    memset(&value, 0, sizeof value);
    value.syntax = SNMP_SYNTAX_INT;
    value.value.sNumber = number;
    return value;
}

smiVALUE octets_value(const void *octets, smiUINT32 length) {
    smiVALUE value;
    memset(&value, 0, sizeof value);
    value.syntax = SNMP_SYNTAX_OCTETS;
    value.value.string.len = length;
    value.value.string.ptr = (smiLPBYTE)(uintptr_t)octets;
    return value;
}

smiVALUE unsigned_value(smiUINT32 syntax, smiUINT32 number) {
    smiVALUE value;
    memset(&value, 0, sizeof value);
    value.syntax = syntax;
    value.value.uNumber = number;
    return value;
}

HSNMP_VBL list_of(HSNMP_SESSION session, const char *text, smiLPCVALUE value) {
    struct name name;
    HSNMP_VBL list = SnmpCreateVbl(session, name_of(&name, text), value);
    REQUIRE(list != SNMPAPI_FAILURE);
    return list;
}

HSNMP_PDU pdu_of(HSNMP_SESSION session, smiINT type, smiINT32 id, const char *name) {
    HSNMP_VBL list = list_of(session, name, NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(session, type, id, 0, 0, list);
    REQUIRE(pdu != SNMPAPI_FAILURE);
    CHECK(SnmpFreeVbl(list) == SNMPAPI_SUCCESS);
    return pdu;
}

smiINT32 id_of(HSNMP_PDU pdu) {
    smiINT32 id = 0;
    CHECK(SnmpGetPduData(pdu, NULL, &id, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    return id;
}

smiINT type_of(HSNMP_PDU pdu) {
    smiINT type = 0;
    CHECK(SnmpGetPduData(pdu, &type, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    return type;
}

smiINT32 send_get(HSNMP_SESSION session, HSNMP_ENTITY to, HSNMP_CONTEXT context) {
    HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1.2.1.1.1.0");
    smiINT32 id = id_of(pdu);
    bool sent = CHECK(SnmpSendMsg(session, NULL, to, context, pdu) == SNMPAPI_SUCCESS);
    CHECK(SnmpFreePdu(pdu) == SNMPAPI_SUCCESS);
    return sent ? id : 0;
}

struct received receive(HSNMP_SESSION session) {
    struct received received = {0};
    received.status = SnmpRecvMsg(session, &received.from, &received.to, &received.context, &received.pdu);
    if (received.pdu != NULL) {
        CHECK(
            SnmpGetPduData(
                received.pdu, &received.type, &received.id, &received.error_status, &received.error_index, NULL) ==
            SNMPAPI_SUCCESS);
    }
    return received;
}

void free_received(struct received *received) {
    if (received->from != NULL) CHECK(SnmpFreeEntity(received->from) == SNMPAPI_SUCCESS);
    if (received->to != NULL) CHECK(SnmpFreeEntity(received->to) == SNMPAPI_SUCCESS);
    if (received->context != NULL) CHECK(SnmpFreeContext(received->context) == SNMPAPI_SUCCESS);
    if (received->pdu != NULL) CHECK(SnmpFreePdu(received->pdu) == SNMPAPI_SUCCESS);
    memset(received, 0, sizeof *received);
}

void check_response(HSNMP_SESSION session, smiINT32 id) {
    struct received received = receive(session);
    CHECK(received.status == SNMPAPI_SUCCESS);
    CHECK(received.from != NULL && received.to != NULL && received.context != NULL && received.pdu != NULL);
    CHECK_EQUAL(received.type, SNMP_PDU_RESPONSE);
    CHECK_EQUAL(received.id, id);
    free_received(&received);
    CHECK_FAILS_IN(session, SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
}

/* ---- This process ---- */

static unsigned entries(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL) return 0;
    unsigned count = 0;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

unsigned open_descriptors(void) { return entries("/proc/self/fd"); }

unsigned live_threads(void) { return entries("/proc/self/task"); }

size_t resident_kilobytes(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    unsigned long size = 0, resident = 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

bool sibling_path(const char *name, char *path, size_t size) {
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length <= 0) return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL) return false;
    snprintf(slash + 1, size - (size_t)(slash + 1 - path), "%s", name);
    return access(path, X_OK) == 0;
}
