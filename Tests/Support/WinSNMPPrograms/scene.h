/*
 * Layer: test programs of the C library. Used by: the checks, stress.
 * What most checks need: a session whose notifications are recorded, entities, lists, PDUs, received messages.
 */
#ifndef ORIEL_TEST_SCENE_H
#define ORIEL_TEST_SCENE_H

#include "agent.h"
#include "check.h"

#include <pthread.h>

/* How long a check waits for what must come, and for what must not. */
enum { PATIENCE_MS = 20000, QUIET_MS = 250 };

/* One notification. */
struct notice {
    HSNMP_SESSION session;
    HWND window;
    UINT message;
    WPARAM w_param;
    LPARAM l_param;
    LPVOID data;
    uint64_t time_ms;
    pthread_t thread;
};

/* The client data of a recorded session. */
struct recorder {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct notice *notices;
    unsigned count, room;
    /* What the callback returns. */
    SNMPAPI_STATUS result;
    /* Called within the callback, without the lock; may be NULL. */
    void (*then)(struct recorder *recorder, const struct notice *notice);
    void *data;
};

void recorder_open(struct recorder *recorder);
void recorder_close(struct recorder *recorder);
void recorder_add(struct recorder *recorder, const struct notice *notice);
unsigned recorder_count(struct recorder *recorder);
/* True when there are `count` notices within the time. */
bool recorder_wait(struct recorder *recorder, unsigned count, unsigned milliseconds);
/* True when there still are exactly `count` after the time. */
bool recorder_stays(struct recorder *recorder, unsigned count, unsigned milliseconds);
struct notice recorder_notice(struct recorder *recorder, unsigned index);

/* The callback of recorded sessions; its client data is the recorder. */
SNMPAPI_STATUS CALLBACK record_notice(HSNMP_SESSION, HWND, UINT, WPARAM, LPARAM, LPVOID);

/* Startup with version `mode` (SNMPAPI_UNTRANSLATED_V1 or _V2) and requests that are repeated. */
void start(smiUINT32 mode);
/* A session with callback; leaves the check when there is none. */
HSNMP_SESSION open_session(struct recorder *recorder);
HSNMP_ENTITY entity_at(HSNMP_SESSION session, const char *address, UINT port);
/* Of an agent on 127.0.0.1, with a timeout in hundredths of a second and a number of repetitions. */
HSNMP_ENTITY entity_of(HSNMP_SESSION session, const struct agent *agent, smiTIMETICKS timeout, smiUINT32 retries);
HSNMP_CONTEXT community(HSNMP_SESSION session, const char *text);

/* An identifier of the caller's own memory. */
struct name {
    smiOID oid;
    smiUINT32 arcs[BER_MAX_ARCS];
};
smiLPCOID name_of(struct name *name, const char *text);
bool oid_is(smiLPCOID oid, const char *text);

smiVALUE integer_value(smiINT32 number);
smiVALUE octets_value(const void *octets, smiUINT32 length);
smiVALUE unsigned_value(smiUINT32 syntax, smiUINT32 number);

/* A list with one binding; value NULL: SNMP_SYNTAX_NULL. */
HSNMP_VBL list_of(HSNMP_SESSION session, const char *name, smiLPCVALUE value);
/* A PDU with one binding without value. */
HSNMP_PDU pdu_of(HSNMP_SESSION session, smiINT type, smiINT32 id, const char *name);
smiINT32 id_of(HSNMP_PDU pdu);
smiINT type_of(HSNMP_PDU pdu);

/* Creates a GET of 1.3.6.1.2.1.1.1.0, sends it, frees it; the identifier, 0 if it was not sent. */
smiINT32 send_get(HSNMP_SESSION session, HSNMP_ENTITY to, HSNMP_CONTEXT context);

/* A received message; the handles are the caller's. */
struct received {
    HSNMP_ENTITY from, to;
    HSNMP_CONTEXT context;
    HSNMP_PDU pdu;
    SNMPAPI_STATUS status;
    smiINT type, error_status, error_index;
    smiINT32 id;
};
/* Receives and looks into the PDU. */
struct received receive(HSNMP_SESSION session);
void free_received(struct received *received);
/* The session can receive one response with that identifier, and nothing after it. */
void check_response(HSNMP_SESSION session, smiINT32 id);

/* Descriptors and threads of this process, and its resident memory. */
unsigned open_descriptors(void);
unsigned live_threads(void);
size_t resident_kilobytes(void);

/* The path of a program that stands beside this one; false if it isn't there. */
bool sibling_path(const char *name, char *path, size_t size);

#endif
