/*
 * Layer: test programs of the C library. Used by: fuzz.c.
 * Every function with random arguments, and the errors that each may have. Pointers are NULL or to memory that is
 * there, with lengths that it has: no library in C can check more.
 */
#include "fuzz.h"

#include <stdatomic.h>
#include <string.h>

/* ---- Handles ---- */

struct call;

enum { POOL = 24 };

enum kind { SESSION, ENTITY, CONTEXT, PDU, VBL, KINDS };

/* The handles of late, alive or not. */
static _Atomic(HANDLE) pool[KINDS][POOL];

/* What it takes the place of is freed, so that there are never more than the limits allow. */
static void keep(enum kind kind, HANDLE handle, uint64_t *random) {
    if (handle == NULL) return;
    HANDLE old = atomic_exchange(&pool[kind][next_random(random) % POOL], handle);
    if (old == NULL) return;
    switch (kind) {
    case SESSION:
        SnmpClose(old);
        break;
    case ENTITY:
        SnmpFreeEntity(old);
        break;
    case CONTEXT:
        SnmpFreeContext(old);
        break;
    case PDU:
        SnmpFreePdu(old);
        break;
    default:
        SnmpFreeVbl(old);
    }
}

/* Mostly of that kind and alive; else stale, of another kind, altered, made up, or NULL. */
static HANDLE some(enum kind kind, uint64_t *random) {
    uint64_t chosen = next_random(random);
    static int place;
    switch (chosen % 64) {
    case 0:
        return NULL;
    case 1:
        return (HANDLE)(uintptr_t)next_random(random);
    case 2:
        return (HANDLE)(uintptr_t)(next_random(random) % 4096);
    case 3:
        return (HANDLE)&place;
    case 4:
        return (HANDLE)((uintptr_t)atomic_load(&pool[kind][chosen / 64 % POOL]) ^ (uintptr_t)1 << (chosen >> 40) % 64);
    case 5:
    case 6:
        kind = (enum kind)(chosen / 64 % KINDS);
    }
    return atomic_load(&pool[kind][(chosen >> 20) % POOL]);
}

/* Makes one of each kind that belong together, so that the calls around find something to work with. */
static void furnish(struct call *call);

/* ---- Numbers, texts, descriptors ---- */

static smiUINT32 number(uint64_t *random) {
    static const smiUINT32 edges[] = {
        0, 1, 2, 3, 5, 7, 99, 127, 128, 129, 255, 256, 1023, 1024, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    uint64_t chosen = next_random(random);
    if (chosen % 4 == 0) return (smiUINT32)(chosen >> 32);
    if (chosen % 4 == 1) return (smiUINT32)(chosen >> 32) % 20;
    return edges[(chosen >> 8) % (sizeof edges / sizeof edges[0])];
}

static bool one_in(unsigned count, uint64_t *random) { return next_random(random) % count == 0; }

static smiUINT32 syntax(uint64_t *random) {
    static const smiUINT32 all[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x40, 0x41, 0x42,
                                    0x43, 0x44, 0x45, 0x46, 0x47, 0x80, 0x81, 0x82};
    return one_in(8, random) ? number(random) : all[next_random(random) % (sizeof all / sizeof all[0])];
}

static smiINT pdu_type(uint64_t *random) {
    return one_in(8, random) ? (smiINT)number(random) : (smiINT)(0xA0 + next_random(random) % 9);
}

enum { ARCS = 130, OCTETS = 2048 };

/* A call's own memory. */
struct memory {
    smiUINT32 arcs[2][ARCS];
    smiBYTE octets[OCTETS];
    smiOID oid[2];
    smiVALUE value;
    smiOCTETS string;
};

static smiLPOID some_oid(struct memory *memory, int which, uint64_t *random) {
    smiLPOID oid = &memory->oid[which];
    if (one_in(16, random)) return NULL;
    oid->len = (smiUINT32)(one_in(8, random) ? next_random(random) % (ARCS + 1) : next_random(random) % 12);
    oid->ptr = one_in(16, random) ? NULL : memory->arcs[which];
    for (smiUINT32 i = 0; i < oid->len; i++)
        memory->arcs[which][i] = one_in(4, random) ? number(random) : (smiUINT32)(next_random(random) % 10);
    /* Usually one that an identifier may begin with. */
    if (!one_in(6, random)) memory->arcs[which][0] = 1, memory->arcs[which][1] = 3;
    /* No memory stands behind a longer length, unless there is none at all. */
    if (oid->ptr == NULL && one_in(2, random)) oid->len = number(random);
    return oid;
}

static void fill_octets(struct memory *memory, smiLPOCTETS octets, uint64_t *random) {
    octets->len = (smiUINT32)(one_in(8, random) ? next_random(random) % OCTETS : next_random(random) % 20);
    octets->ptr = one_in(16, random) ? NULL : memory->octets;
    for (smiUINT32 i = 0; i < octets->len && i < 32; i++) memory->octets[i] = (smiBYTE)next_random(random);
    if (octets->ptr == NULL && one_in(2, random)) octets->len = number(random);
}

static smiLPOCTETS some_octets(struct memory *memory, uint64_t *random) {
    if (one_in(16, random)) return NULL;
    fill_octets(memory, &memory->string, random);
    return &memory->string;
}

static smiLPVALUE some_value(struct memory *memory, uint64_t *random) {
    smiLPVALUE value = &memory->value;
    if (one_in(8, random)) return NULL;
    memset(value, 0, sizeof *value);
    value->syntax = syntax(random);
    if (value->syntax == SNMP_SYNTAX_OID) {
        smiLPOID oid = some_oid(memory, 1, random);
        if (oid != NULL) value->value.oid = *oid;
    } else if (
        value->syntax == SNMP_SYNTAX_OCTETS || value->syntax == SNMP_SYNTAX_BITS ||
        value->syntax == SNMP_SYNTAX_OPAQUE || value->syntax == SNMP_SYNTAX_IPADDR ||
        value->syntax == SNMP_SYNTAX_NSAPADDR) {
        fill_octets(memory, &value->value.string, random);
    } else {
        value->value.hNumber.hipart = number(random);
        value->value.hNumber.lopart = number(random);
    }
    return value;
}

static LPCSTR some_text(struct memory *memory, uint64_t *random) {
    static const char *const texts[] = {
        "127.0.0.1", "::1", "1.3.6.1.2.1.1.1.0", "", ".", "1", "0.0.0.0", "300.1.1.1", "fe80::1%lo", "[::1]",
        "00000001:00081A0D01C2", "1.3.6.1.4294967296", "127.0.0.2", "%s%n", "1.3.6.1.4.1.99", "\xFF\xFE", "a b"};
    uint64_t chosen = next_random(random);
    if (chosen % 16 == 0) return NULL;
    if (chosen % 16 < 12) return texts[(chosen >> 8) % (sizeof texts / sizeof texts[0])];
    size_t length = (chosen >> 8) % (chosen % 16 == 15 ? OCTETS - 1 : 24);
    static const smiBYTE digits[] = "0123456789.:abcdef%[]-";
    bool is_likely = (chosen >> 32) % 2;
    for (size_t i = 0; i < length; i++) {
        uint64_t next = next_random(random);
        memory->octets[i] = is_likely ? digits[next % (sizeof digits - 1)] : (smiBYTE)(1 + next % 255);
    }
    memory->octets[length] = 0;
    return (LPCSTR)memory->octets;
}

static void free_octets(smiLPOCTETS octets, smiUINT32 as) {
    /* Another thread may have cleaned up between. */
    if (octets->ptr != NULL) SnmpFreeDescriptor(as, octets);
}

/* ---- Callbacks and windows ---- */

static SNMPAPI_STATUS CALLBACK call_back(HSNMP_SESSION session, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    HSNMP_PDU pdu = NULL;
    (void)w, (void)m, (void)lp;
    if (wp == 0) SnmpRecvMsg(session, NULL, NULL, NULL, &pdu);
    if (pdu != NULL) SnmpFreePdu(pdu);
    /* One of them closes its session now and then, by its answer or by itself. */
    uint64_t random = (uintptr_t)data ^ (uint64_t)lp ^ 88172645463325252u;
    uint64_t chosen = next_random(&random) % 64;
    if (chosen == 0) SnmpClose(session);
    return chosen == 1 ? SNMPAPI_FAILURE : SNMPAPI_SUCCESS;
}

static int SNMPAPI_CALL is_window(HWND window) { return (uintptr_t)window % 2 == 1; }

static int SNMPAPI_CALL post_message(HWND w, UINT m, WPARAM wp, LPARAM lp) {
    (void)w, (void)m, (void)wp;
    return lp % 3 != 0;
}

/* ---- Functions and their errors ---- */

struct call {
    struct memory memory;
    const struct world *world;
    uint64_t *random;
    /* The error, of functions after which others are called; else 0. */
    SNMPAPI_STATUS code;
};

#define CALLS(X) \
    X(GetTranslateMode) X(SetTranslateMode) X(GetRetransmitMode) X(SetRetransmitMode) X(GetTimeout) X(SetTimeout) \
    X(GetRetry) X(SetRetry) X(GetVendorInfo) X(Startup) X(Cleanup) X(Open) X(Close) X(SendMsg) X(RecvMsg) X(Register) \
    X(CreateSession) X(Listen) X(CancelMsg) X(StartupEx) X(CleanupEx) X(ListenEx) X(StrToEntity) X(EntityToStr) \
    X(FreeEntity) X(SetPort) X(StrToContext) X(ContextToStr) X(FreeContext) X(CreatePdu) X(GetPduData) X(SetPduData) \
    X(DuplicatePdu) X(FreePdu) X(CreateVbl) X(DuplicateVbl) X(FreeVbl) X(CountVbl) X(GetVb) X(SetVb) X(DeleteVb) \
    X(FreeDescriptor) X(EncodeMsg) X(DecodeMsg) X(StrToOid) X(OidToStr) X(OidCopy) X(OidCompare) X(GetLastError) \
    X(CreateEntity) X(GetEntityInfo) X(SetEntityInfo) X(FreeEntityInfo) X(CreateContext) X(GetContextInfo) \
    X(SetContextInfo) X(FreeContextInfo) X(PasswordToKey) X(OrielSetWindowHook) X(OrielSetOption) X(OrielGetOption) \
    X(OrielGetDescriptor) X(OrielWait) X(OrielGetErrorText)

#define ERRORS(...) \
    { __VA_ARGS__, 0 }
#define RUN(name) static bool run_##name(struct call *c)
#define CODES(name) static const SNMPAPI_STATUS errors_##name[]

/* Those that SnmpSendMsg and SnmpRecvMsg have of the transport. */
#define TRANSPORT \
    SNMPAPI_TL_NOT_INITIALIZED, SNMPAPI_TL_NOT_SUPPORTED, SNMPAPI_TL_NOT_AVAILABLE, SNMPAPI_TL_RESOURCE_ERROR, \
        SNMPAPI_TL_SRC_INVALID, SNMPAPI_TL_INVALID_PARAM, SNMPAPI_TL_PDU_TOO_BIG, SNMPAPI_TL_OTHER

CODES(GetTranslateMode) = ERRORS(SNMPAPI_NOOP);
RUN(GetTranslateMode) {
    smiUINT32 mode = 0;
    bool done = SnmpGetTranslateMode(one_in(4, c->random) ? NULL : &mode) != SNMPAPI_FAILURE;
    return done ? CHECK(mode <= 2) : false;
}
CODES(SetTranslateMode) = ERRORS(SNMPAPI_MODE_INVALID);
RUN(SetTranslateMode) {
    smiUINT32 mode = one_in(4, c->random) ? number(c->random) : 1 + (smiUINT32)(next_random(c->random) % 2);
    /* Translated mode would ask name servers for the garbage that the texts are. */
    if (mode == SNMPAPI_TRANSLATED) mode = 99;
    return SnmpSetTranslateMode(mode) != SNMPAPI_FAILURE;
}
CODES(GetRetransmitMode) = ERRORS(SNMPAPI_NOOP);
RUN(GetRetransmitMode) {
    smiUINT32 mode = 0;
    bool done = SnmpGetRetransmitMode(one_in(4, c->random) ? NULL : &mode) != SNMPAPI_FAILURE;
    return done ? CHECK(mode <= 1) : false;
}
CODES(SetRetransmitMode) = ERRORS(SNMPAPI_MODE_INVALID);
RUN(SetRetransmitMode) { return SnmpSetRetransmitMode(number(c->random)) != SNMPAPI_FAILURE; }
CODES(GetTimeout) = ERRORS(SNMPAPI_ENTITY_INVALID, SNMPAPI_NOOP);
RUN(GetTimeout) {
    smiTIMETICKS policy, actual;
    HSNMP_ENTITY entity = some(ENTITY, c->random);
    return SnmpGetTimeout(entity, one_in(2, c->random) ? NULL : &policy, one_in(2, c->random) ? NULL : &actual) != 0;
}
CODES(SetTimeout) = ERRORS(SNMPAPI_ENTITY_INVALID);
RUN(SetTimeout) { return SnmpSetTimeout(some(ENTITY, c->random), number(c->random)) != SNMPAPI_FAILURE; }
CODES(GetRetry) = ERRORS(SNMPAPI_ENTITY_INVALID, SNMPAPI_NOOP);
RUN(GetRetry) {
    smiUINT32 policy, actual;
    HSNMP_ENTITY entity = some(ENTITY, c->random);
    return SnmpGetRetry(entity, one_in(2, c->random) ? NULL : &policy, one_in(2, c->random) ? NULL : &actual) != 0;
}
CODES(SetRetry) = ERRORS(SNMPAPI_ENTITY_INVALID);
RUN(SetRetry) { return SnmpSetRetry(some(ENTITY, c->random), number(c->random) % 4) != SNMPAPI_FAILURE; }
CODES(GetVendorInfo) = ERRORS(SNMPAPI_NOOP);
RUN(GetVendorInfo) {
    smiVENDORINFO info;
    return SnmpGetVendorInfo(one_in(4, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
}
CODES(Startup) = ERRORS(SNMPAPI_TL_RESOURCE_ERROR, SNMPAPI_TL_NOT_INITIALIZED);
RUN(Startup) {
    smiUINT32 value;
    smiLPUINT32 place = one_in(2, c->random) ? NULL : &value;
    return SnmpStartup(place, place, NULL, place, place) != SNMPAPI_FAILURE;
}
CODES(Cleanup) = ERRORS(SNMPAPI_NOT_INITIALIZED);
RUN(Cleanup) {
    if (!c->world->restarts || !one_in(128, c->random)) return SnmpStartup(NULL, NULL, NULL, NULL, NULL) != 0;
    return SnmpCleanup() != SNMPAPI_FAILURE;
}
CODES(Open) =
    ERRORS(SNMPAPI_HWND_INVALID, SNMPAPI_MESSAGE_INVALID, SNMPAPI_MODE_INVALID, SNMPAPI_OPERATION_INVALID);
RUN(Open) {
    HSNMP_SESSION session = SnmpOpen((HWND)(uintptr_t)number(c->random), number(c->random));
    keep(SESSION, session, c->random);
    return session != NULL;
}
CODES(Close) = ERRORS(SNMPAPI_SESSION_INVALID);
RUN(Close) {
    if (!one_in(16, c->random)) return true;
    return SnmpClose(some(SESSION, c->random)) != SNMPAPI_FAILURE;
}
CODES(SendMsg) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_PDU_INVALID,
    SNMPAPI_OPERATION_INVALID, SNMPAPI_TL_UNDELIVERABLE, TRANSPORT);
RUN(SendMsg) {
    HSNMP_SESSION session = some(SESSION, c->random);
    HSNMP_ENTITY from = one_in(2, c->random) ? NULL : some(ENTITY, c->random), to = some(ENTITY, c->random);
    return SnmpSendMsg(session, from, to, some(CONTEXT, c->random), some(PDU, c->random)) != SNMPAPI_FAILURE;
}
CODES(RecvMsg) =
    ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_NOOP, SNMPAPI_TL_UNDELIVERABLE, SNMPAPI_TL_TIMEOUT, TRANSPORT);
RUN(RecvMsg) {
    HSNMP_ENTITY from = NULL, to = NULL;
    HSNMP_CONTEXT context = NULL;
    HSNMP_PDU pdu = NULL;
    uint64_t which = next_random(c->random);
    bool done = SnmpRecvMsg(
                    some(SESSION, c->random), which & 1 ? &from : NULL, which & 2 ? &to : NULL,
                    which & 4 ? &context : NULL, which & 8 ? &pdu : NULL) != SNMPAPI_FAILURE;
    if (!done) c->code = SnmpGetLastError(NULL);
    keep(ENTITY, from, c->random);
    keep(ENTITY, to, c->random);
    keep(CONTEXT, context, c->random);
    keep(PDU, pdu, c->random);
    return done;
}
CODES(Register) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_OID_INVALID, SNMPAPI_NOOP,
    SNMPAPI_TL_NOT_INITIALIZED, SNMPAPI_TL_IN_USE, SNMPAPI_TL_NOT_AVAILABLE, SNMPAPI_TL_OTHER,
    SNMPAPI_TL_RESOURCE_ERROR);
RUN(Register) {
    HSNMP_ENTITY from = one_in(2, c->random) ? NULL : some(ENTITY, c->random);
    HSNMP_ENTITY to = one_in(2, c->random) ? NULL : some(ENTITY, c->random);
    HSNMP_CONTEXT context = one_in(2, c->random) ? NULL : some(CONTEXT, c->random);
    smiLPOID prefix = some_oid(&c->memory, 0, c->random);
    smiUINT32 state = number(c->random) % 3;
    return SnmpRegister(some(SESSION, c->random), from, to, context, prefix, state) != SNMPAPI_FAILURE;
}
CODES(CreateSession) =
    ERRORS(SNMPAPI_HWND_INVALID, SNMPAPI_MESSAGE_INVALID, SNMPAPI_MODE_INVALID, SNMPAPI_OPERATION_INVALID);
RUN(CreateSession) {
    HSNMP_SESSION session = SnmpCreateSession(
        (HWND)(uintptr_t)number(c->random), number(c->random), one_in(3, c->random) ? NULL : call_back,
        (LPVOID)(uintptr_t)next_random(c->random));
    keep(SESSION, session, c->random);
    return session != NULL;
}
CODES(Listen) = ERRORS(
    SNMPAPI_ENTITY_INVALID, SNMPAPI_MODE_INVALID, SNMPAPI_NOOP, SNMPAPI_TL_RESOURCE_ERROR, SNMPAPI_TL_OTHER);
RUN(Listen) { return SnmpListen(some(ENTITY, c->random), number(c->random) % 3) != SNMPAPI_FAILURE; }
CODES(CancelMsg) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_PDU_INVALID);
RUN(CancelMsg) { return SnmpCancelMsg(some(SESSION, c->random), (smiINT32)number(c->random)) != SNMPAPI_FAILURE; }
CODES(StartupEx) = ERRORS(SNMPAPI_TL_RESOURCE_ERROR, SNMPAPI_TL_NOT_INITIALIZED);
RUN(StartupEx) {
    smiUINT32 value;
    /* Less often than it is undone, so that SnmpCleanup has its full effect now and then. */
    return !one_in(8, c->random) || SnmpStartupEx(&value, NULL, &value, NULL, NULL) != SNMPAPI_FAILURE;
}
CODES(CleanupEx) = ERRORS(SNMPAPI_NOT_INITIALIZED);
RUN(CleanupEx) { return one_in(2, c->random) || SnmpCleanupEx() != SNMPAPI_FAILURE; }
CODES(ListenEx) = ERRORS(
    SNMPAPI_ENTITY_INVALID, SNMPAPI_MODE_INVALID, SNMPAPI_NOOP, SNMPAPI_TL_RESOURCE_ERROR, SNMPAPI_TL_OTHER);
RUN(ListenEx) {
    return SnmpListenEx(some(ENTITY, c->random), number(c->random) % 3, number(c->random) % 3) != SNMPAPI_FAILURE;
}
CODES(StrToEntity) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_UNKNOWN);
RUN(StrToEntity) {
    HSNMP_ENTITY entity = SnmpStrToEntity(some(SESSION, c->random), some_text(&c->memory, c->random));
    /* Only our own agent and our own port of traps are sent to. */
    if (entity != NULL) SnmpSetPort(entity, one_in(4, c->random) ? c->world->trap_port : c->world->agent_port);
    keep(ENTITY, entity, c->random);
    return entity != NULL;
}
CODES(EntityToStr) = ERRORS(SNMPAPI_ENTITY_INVALID, SNMPAPI_SIZE_INVALID, SNMPAPI_OUTPUT_TRUNCATED);
RUN(EntityToStr) {
    smiUINT32 size = (smiUINT32)(next_random(c->random) % 80);
    LPSTR text = one_in(8, c->random) ? NULL : (LPSTR)c->memory.octets;
    smiUINT32 length = SnmpEntityToStr(some(ENTITY, c->random), size, text);
    return length != 0 ? CHECK(length <= size && strlen((char *)c->memory.octets) == length - 1) : false;
}
CODES(FreeEntity) = ERRORS(SNMPAPI_ENTITY_INVALID);
RUN(FreeEntity) { return !one_in(8, c->random) || SnmpFreeEntity(some(ENTITY, c->random)) != SNMPAPI_FAILURE; }
CODES(SetPort) = ERRORS(SNMPAPI_ENTITY_INVALID, SNMPAPI_OPERATION_INVALID, SNMPAPI_TL_INVALID_PARAM);
RUN(SetPort) {
    UINT port = one_in(2, c->random) ? c->world->agent_port : one_in(2, c->random) ? 0 : 65536 + number(c->random) / 2;
    return SnmpSetPort(some(ENTITY, c->random), port) != SNMPAPI_FAILURE;
}
CODES(StrToContext) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_CONTEXT_UNKNOWN);
RUN(StrToContext) {
    HSNMP_CONTEXT context = SnmpStrToContext(some(SESSION, c->random), some_octets(&c->memory, c->random));
    keep(CONTEXT, context, c->random);
    return context != NULL;
}
CODES(ContextToStr) = ERRORS(SNMPAPI_CONTEXT_INVALID);
RUN(ContextToStr) {
    smiOCTETS octets = {0, NULL};
    bool done = SnmpContextToStr(some(CONTEXT, c->random), one_in(8, c->random) ? NULL : &octets) != SNMPAPI_FAILURE;
    free_octets(&octets, SNMP_SYNTAX_OCTETS);
    return done;
}
CODES(FreeContext) = ERRORS(SNMPAPI_CONTEXT_INVALID);
RUN(FreeContext) { return !one_in(8, c->random) || SnmpFreeContext(some(CONTEXT, c->random)) != SNMPAPI_FAILURE; }
CODES(CreatePdu) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_PDU_INVALID, SNMPAPI_VBL_INVALID);
RUN(CreatePdu) {
    smiINT status = one_in(4, c->random) ? (smiINT)number(c->random) : 0;
    smiINT index = one_in(4, c->random) ? (smiINT)number(c->random) : 0;
    HSNMP_PDU pdu = SnmpCreatePdu(
        some(SESSION, c->random), pdu_type(c->random), (smiINT32)number(c->random), status, index,
        one_in(4, c->random) ? NULL : some(VBL, c->random));
    keep(PDU, pdu, c->random);
    return pdu != NULL;
}
CODES(GetPduData) = ERRORS(SNMPAPI_PDU_INVALID, SNMPAPI_NOOP);
RUN(GetPduData) {
    smiINT type = 0, status, index;
    smiINT32 id;
    HSNMP_VBL list = NULL;
    uint64_t which = next_random(c->random);
    bool done = SnmpGetPduData(
                    some(PDU, c->random), which & 1 ? &type : NULL, which & 2 ? &id : NULL, which & 4 ? &status : NULL,
                    which & 8 ? &index : NULL, which & 16 ? &list : NULL) != SNMPAPI_FAILURE;
    if (done && (which & 16)) CHECK(list != NULL);
    if (done && (which & 1)) CHECK(type >= SNMP_PDU_GET && type <= SNMP_PDU_REPORT && type != SNMP_PDU_V1TRAP);
    keep(VBL, list, c->random);
    return done;
}
CODES(SetPduData) = ERRORS(SNMPAPI_PDU_INVALID, SNMPAPI_VBL_INVALID, SNMPAPI_NOOP);
RUN(SetPduData) {
    smiINT type = pdu_type(c->random), once = (smiINT)number(c->random), repeat = (smiINT)number(c->random);
    smiINT32 id = (smiINT32)number(c->random);
    HSNMP_VBL list = some(VBL, c->random);
    uint64_t which = next_random(c->random);
    return SnmpSetPduData(
               some(PDU, c->random), which & 1 ? &type : NULL, which & 2 ? &id : NULL, which & 4 ? &once : NULL,
               which & 8 ? &repeat : NULL, which & 16 ? &list : NULL) != SNMPAPI_FAILURE;
}
CODES(DuplicatePdu) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_PDU_INVALID);
RUN(DuplicatePdu) {
    HSNMP_PDU pdu = SnmpDuplicatePdu(some(SESSION, c->random), some(PDU, c->random));
    keep(PDU, pdu, c->random);
    return pdu != NULL;
}
CODES(FreePdu) = ERRORS(SNMPAPI_PDU_INVALID);
RUN(FreePdu) { return !one_in(4, c->random) || SnmpFreePdu(some(PDU, c->random)) != SNMPAPI_FAILURE; }
CODES(CreateVbl) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_OID_INVALID, SNMPAPI_SYNTAX_INVALID);
RUN(CreateVbl) {
    smiLPOID name = some_oid(&c->memory, 0, c->random);
    HSNMP_VBL list = SnmpCreateVbl(some(SESSION, c->random), name, some_value(&c->memory, c->random));
    keep(VBL, list, c->random);
    return list != NULL;
}
CODES(DuplicateVbl) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_VBL_INVALID);
RUN(DuplicateVbl) {
    HSNMP_VBL list = SnmpDuplicateVbl(some(SESSION, c->random), some(VBL, c->random));
    keep(VBL, list, c->random);
    return list != NULL;
}
CODES(FreeVbl) = ERRORS(SNMPAPI_VBL_INVALID);
RUN(FreeVbl) { return !one_in(4, c->random) || SnmpFreeVbl(some(VBL, c->random)) != SNMPAPI_FAILURE; }
CODES(CountVbl) = ERRORS(SNMPAPI_VBL_INVALID, SNMPAPI_NOOP);
RUN(CountVbl) { return SnmpCountVbl(some(VBL, c->random)) != SNMPAPI_FAILURE; }
CODES(GetVb) = ERRORS(SNMPAPI_VBL_INVALID, SNMPAPI_INDEX_INVALID, SNMPAPI_NOOP);
RUN(GetVb) {
    smiOID name = {0, NULL};
    smiVALUE value;
    memset(&value, 0, sizeof value);
    HSNMP_VBL list = some(VBL, c->random);
    smiUINT32 index = one_in(4, c->random) ? number(c->random) : 1 + (smiUINT32)(next_random(c->random) % 3);
    bool done =
        SnmpGetVb(list, index, one_in(8, c->random) ? NULL : &name, one_in(8, c->random) ? NULL : &value) != 0;
    if (!done) return false;
    free_octets((smiLPOCTETS)&name, SNMP_SYNTAX_OID);
    if (value.syntax == SNMP_SYNTAX_OCTETS || value.syntax == SNMP_SYNTAX_OID || value.syntax == SNMP_SYNTAX_OPAQUE ||
        value.syntax == SNMP_SYNTAX_BITS || value.syntax == SNMP_SYNTAX_IPADDR || value.syntax == SNMP_SYNTAX_NSAPADDR)
        free_octets(&value.value.string, SNMP_SYNTAX_OCTETS);
    return true;
}
CODES(SetVb) = ERRORS(SNMPAPI_VBL_INVALID, SNMPAPI_INDEX_INVALID, SNMPAPI_OID_INVALID, SNMPAPI_SYNTAX_INVALID);
RUN(SetVb) {
    smiLPOID name = some_oid(&c->memory, 0, c->random);
    smiUINT32 index = one_in(4, c->random) ? number(c->random) : 1 + (smiUINT32)(next_random(c->random) % 3);
    /* Lists that only grow would fill the memory. */
    if (index == 0 && one_in(2, c->random)) index = 1;
    return SnmpSetVb(some(VBL, c->random), index, name, some_value(&c->memory, c->random)) != SNMPAPI_FAILURE;
}
CODES(DeleteVb) = ERRORS(SNMPAPI_VBL_INVALID, SNMPAPI_INDEX_INVALID);
RUN(DeleteVb) { return SnmpDeleteVb(some(VBL, c->random), number(c->random) % 5) != SNMPAPI_FAILURE; }
CODES(FreeDescriptor) = ERRORS(SNMPAPI_SYNTAX_INVALID, SNMPAPI_OPERATION_INVALID);
RUN(FreeDescriptor) { return SnmpFreeDescriptor(syntax(c->random), some_octets(&c->memory, c->random)) != 0; }
/* SnmpSendMsg's refusals of what the version can't say are this one's, too. */
CODES(EncodeMsg) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_PDU_INVALID,
    SNMPAPI_OPERATION_INVALID, SNMPAPI_TL_PDU_TOO_BIG, SNMPAPI_TL_NOT_SUPPORTED);
RUN(EncodeMsg) {
    smiOCTETS octets = {0, NULL};
    HSNMP_ENTITY from = one_in(2, c->random) ? NULL : some(ENTITY, c->random);
    HSNMP_ENTITY to = one_in(2, c->random) ? NULL : some(ENTITY, c->random);
    HSNMP_SESSION session = some(SESSION, c->random);
    HSNMP_CONTEXT context = some(CONTEXT, c->random);
    smiUINT32 length =
        SnmpEncodeMsg(session, from, to, context, some(PDU, c->random), one_in(16, c->random) ? NULL : &octets);
    if (length == 0) return false;
    CHECK(octets.len == length && octets.ptr != NULL && octets.ptr[0] == 0x30);
    free_octets(&octets, SNMP_SYNTAX_OCTETS);
    return true;
}
CODES(DecodeMsg) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_PDU_INVALID,
    SNMPAPI_OUTPUT_TRUNCATED, SNMPAPI_MESSAGE_INVALID);
RUN(DecodeMsg) {
    static const smiBYTE message[] = {
        0x30, 0x21, 0x02, 0x01, 0x01, 0x04, 0x06, 'p',  'u',  'b',  'l',  'i',  'c',  0xA0, 0x14, 0x02, 0x01, 0x05,
        0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x09, 0x30, 0x07, 0x06, 0x03, 0x2B, 0x06, 0x01, 0x05, 0x00};
    smiLPOCTETS octets = some_octets(&c->memory, c->random);
    if (octets != NULL && octets->ptr != NULL && !one_in(4, c->random)) {
        memcpy(octets->ptr, message, sizeof message);
        octets->len = sizeof message - (one_in(4, c->random) ? next_random(c->random) % sizeof message : 0);
        uint64_t place = next_random(c->random) % sizeof message;
        if (one_in(2, c->random)) octets->ptr[place] = (smiBYTE)next_random(c->random);
    }
    HSNMP_ENTITY from = NULL, to = NULL;
    HSNMP_CONTEXT context = NULL;
    HSNMP_PDU pdu = NULL;
    uint64_t which = next_random(c->random);
    smiUINT32 taken = SnmpDecodeMsg(
        some(SESSION, c->random), which & 1 ? &from : NULL, which & 2 ? &to : NULL, which & 4 ? &context : NULL,
        which & 8 ? &pdu : NULL, octets);
    CHECK(from == NULL && to == NULL);
    if (taken == 0) {
        CHECK(context == NULL && pdu == NULL);
        return false;
    }
    keep(CONTEXT, context, c->random);
    keep(PDU, pdu, c->random);
    return CHECK(octets != NULL && taken <= octets->len);
}
CODES(StrToOid) = ERRORS(SNMPAPI_OID_INVALID);
RUN(StrToOid) {
    smiOID oid = {0, NULL};
    smiUINT32 count = SnmpStrToOid(some_text(&c->memory, c->random), one_in(16, c->random) ? NULL : &oid);
    if (count == 0) return false;
    CHECK(oid.len == count && count >= 2 && count <= 128);
    free_octets((smiLPOCTETS)&oid, SNMP_SYNTAX_OID);
    return true;
}
CODES(OidToStr) = ERRORS(SNMPAPI_SIZE_INVALID, SNMPAPI_OID_INVALID, SNMPAPI_OUTPUT_TRUNCATED);
RUN(OidToStr) {
    smiUINT32 size = (smiUINT32)(next_random(c->random) % (one_in(2, c->random) ? 40 : OCTETS));
    smiLPOID oid = some_oid(&c->memory, 0, c->random);
    smiUINT32 length = SnmpOidToStr(oid, size, one_in(16, c->random) ? NULL : (LPSTR)c->memory.octets);
    return length != 0 ? CHECK(length <= size && strlen((char *)c->memory.octets) == length - 1) : false;
}
CODES(OidCopy) = ERRORS(SNMPAPI_OID_INVALID);
RUN(OidCopy) {
    smiOID copy = {0, NULL};
    smiLPOID oid = some_oid(&c->memory, 0, c->random);
    smiUINT32 count = SnmpOidCopy(oid, one_in(16, c->random) ? NULL : &copy);
    if (count == 0) return false;
    CHECK(copy.len == count && oid != NULL && oid->len == count && memcmp(copy.ptr, oid->ptr, count * 4) == 0);
    free_octets((smiLPOCTETS)&copy, SNMP_SYNTAX_OID);
    return true;
}
CODES(OidCompare) = ERRORS(SNMPAPI_OID_INVALID, SNMPAPI_SIZE_INVALID);
RUN(OidCompare) {
    smiINT result = 9;
    smiLPOID x = some_oid(&c->memory, 0, c->random), y = some_oid(&c->memory, 1, c->random);
    bool done = SnmpOidCompare(x, y, number(c->random) % 140, one_in(16, c->random) ? NULL : &result) != 0;
    return done ? CHECK(result >= -1 && result <= 1) : false;
}
CODES(GetLastError) = ERRORS(0);
RUN(GetLastError) {
    /* Anything, but one of the codes; with any handle. */
    SNMPAPI_STATUS code = SnmpGetLastError(some(SESSION, c->random));
    return CHECK(strcmp(error_name(code), "another code") != 0 || (code >= 200 && code <= 299));
}

/* ---- The v3 addendum ---- */

static void fill_entity_info(struct call *c, smiENTITYINFO *info) {
    memset(info, 0, sizeof *info);
    info->nSnmpVersion = number(c->random) % 5;
    info->nTranslateMode = 1 + number(c->random) % 4;
    info->nAddressFamily = number(c->random) % 12;
    info->nRequestPort = one_in(4, c->random) ? number(c->random) : c->world->agent_port;
    info->nNotificationPort = one_in(4, c->random) ? number(c->random) : c->world->trap_port;
    info->nMaxMsgSize = number(c->random);
    info->nPolicyTimeout = number(c->random) % 100;
    info->nPolicyRetry = number(c->random) % 3;
    LPCSTR text = some_text(&c->memory, c->random);
    if (text != NULL) {
        info->dAddressString.len = (smiUINT32)strlen(text);
        info->dAddressString.ptr = (smiLPBYTE)(uintptr_t)text;
    }
    if (one_in(4, c->random)) info->dEngineID = info->dAddressString;
    if (one_in(4, c->random)) info->dFriendlyName = info->dAddressString;
}

static void fill_context_info(struct call *c, smiCONTEXTINFO *info) {
    static smiBYTE key[64] = "0123456789012345678901234567890123456789";
    memset(info, 0, sizeof *info);
    info->nSnmpVersion = number(c->random) % 5;
    info->nTranslateMode = 1 + number(c->random) % 4;
    info->nSecurityModel = number(c->random) % 5;
    info->nSecurityLevel = number(c->random) % 5;
    info->nSecurityAuthProtocol = number(c->random) % 9;
    info->nSecurityPrivProtocol = number(c->random) % 8;
    smiOCTETS name = {0, NULL}, keys = {(smiUINT32)(next_random(c->random) % sizeof key), key};
    fill_octets(&c->memory, &name, c->random);
    if (!one_in(4, c->random)) info->dContextName = name;
    if (!one_in(4, c->random)) info->dSecurityName = name;
    if (one_in(4, c->random)) info->dContextEngineID = name;
    if (one_in(4, c->random)) info->dFriendlyName = name;
    if (!one_in(4, c->random)) info->dSecurityAuthKey = keys;
    if (!one_in(4, c->random)) info->dSecurityPrivKey = keys;
}

CODES(CreateEntity) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_ENTITY_INVALID, SNMPAPI_ENTITY_UNKNOWN, SNMPAPI_ENGINE_INVALID, SNMPAPI_NOOP,
    SNMPAPI_MODE_INVALID, SNMPAPI_SIZE_INVALID, SNMPAPI_TL_INVALID_PARAM, SNMPAPI_TL_NOT_SUPPORTED);
RUN(CreateEntity) {
    smiENTITYINFO info;
    fill_entity_info(c, &info);
    HSNMP_ENTITY entity = SnmpCreateEntity(some(SESSION, c->random), one_in(16, c->random) ? NULL : &info);
    /* Not kept: it may have any port, and nobody else's is sent to. */
    if (entity != NULL) SnmpFreeEntity(entity);
    return entity != NULL;
}
CODES(GetEntityInfo) = ERRORS(SNMPAPI_ENTITY_INVALID, SNMPAPI_NOOP);
RUN(GetEntityInfo) {
    smiENTITYINFO info;
    memset(&info, 0, sizeof info);
    bool done = SnmpGetEntityInfo(some(ENTITY, c->random), one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
    if (done) SnmpFreeEntityInfo(&info);
    return done;
}
CODES(SetEntityInfo) = ERRORS(
    SNMPAPI_ENTITY_INVALID, SNMPAPI_ENTITY_UNKNOWN, SNMPAPI_ENGINE_INVALID, SNMPAPI_NOOP, SNMPAPI_MODE_INVALID,
    SNMPAPI_OPERATION_INVALID, SNMPAPI_SIZE_INVALID, SNMPAPI_TL_INVALID_PARAM, SNMPAPI_TL_NOT_SUPPORTED);
RUN(SetEntityInfo) {
    smiENTITYINFO info;
    fill_entity_info(c, &info);
    /* On the loopback interface and to our own ports. */
    info.nRequestPort = c->world->agent_port;
    info.nNotificationPort = c->world->trap_port;
    info.dAddressString.len = 9;
    info.dAddressString.ptr = (smiLPBYTE)(uintptr_t)"127.0.0.1";
    return SnmpSetEntityInfo(some(ENTITY, c->random), one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
}
CODES(FreeEntityInfo) = ERRORS(SNMPAPI_OPERATION_INVALID, SNMPAPI_NOOP);
RUN(FreeEntityInfo) {
    smiENTITYINFO info;
    fill_entity_info(c, &info);
    return SnmpFreeEntityInfo(one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
}
CODES(CreateContext) = ERRORS(
    SNMPAPI_SESSION_INVALID, SNMPAPI_CONTEXT_INVALID, SNMPAPI_CONTEXT_UNKNOWN, SNMPAPI_NOOP, SNMPAPI_MODE_INVALID,
    SNMPAPI_SIZE_INVALID, SNMPAPI_ENGINE_INVALID, SNMPAPI_OPERATION_INVALID);
RUN(CreateContext) {
    smiCONTEXTINFO info;
    fill_context_info(c, &info);
    HSNMP_CONTEXT context = SnmpCreateContext(some(SESSION, c->random), one_in(16, c->random) ? NULL : &info);
    keep(CONTEXT, context, c->random);
    return context != NULL;
}
CODES(GetContextInfo) = ERRORS(SNMPAPI_CONTEXT_INVALID, SNMPAPI_NOOP);
RUN(GetContextInfo) {
    smiCONTEXTINFO info;
    memset(&info, 0, sizeof info);
    bool done = SnmpGetContextInfo(some(CONTEXT, c->random), one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
    if (done) SnmpFreeContextInfo(&info);
    return done;
}
CODES(SetContextInfo) = ERRORS(
    SNMPAPI_CONTEXT_INVALID, SNMPAPI_CONTEXT_UNKNOWN, SNMPAPI_NOOP, SNMPAPI_MODE_INVALID, SNMPAPI_SIZE_INVALID,
    SNMPAPI_ENGINE_INVALID, SNMPAPI_OPERATION_INVALID);
RUN(SetContextInfo) {
    smiCONTEXTINFO info;
    fill_context_info(c, &info);
    return SnmpSetContextInfo(some(CONTEXT, c->random), one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
}
CODES(FreeContextInfo) = ERRORS(SNMPAPI_OPERATION_INVALID, SNMPAPI_NOOP);
RUN(FreeContextInfo) {
    smiCONTEXTINFO info;
    fill_context_info(c, &info);
    return SnmpFreeContextInfo(one_in(16, c->random) ? NULL : &info) != SNMPAPI_FAILURE;
}
CODES(PasswordToKey) = ERRORS(SNMPAPI_SIZE_INVALID, SNMPAPI_MODE_INVALID, SNMPAPI_NOOP, SNMPAPI_CONTEXT_INVALID);
RUN(PasswordToKey) {
    smiOCTETS key = {0, NULL};
    /* A megabyte is hashed for each good one. */
    if (!one_in(16, c->random)) return true;
    smiLPOCTETS password = some_octets(&c->memory, c->random);
    bool done = SnmpPasswordToKey(password, (smiINT32)number(c->random) % 9, one_in(16, c->random) ? NULL : &key) != 0;
    free_octets(&key, SNMP_SYNTAX_OCTETS);
    return done;
}

/* ---- Ours ---- */

CODES(OrielSetWindowHook) = ERRORS(SNMPAPI_OPERATION_INVALID);
RUN(OrielSetWindowHook) {
    uint64_t which = next_random(c->random);
    return OrielSnmpSetWindowHook(which & 1 ? is_window : NULL, which & 2 ? post_message : NULL) != SNMPAPI_FAILURE;
}
CODES(OrielSetOption) = ERRORS(SNMPAPI_OPERATION_INVALID, SNMPAPI_SIZE_INVALID);
RUN(OrielSetOption) {
    smiUINT32 option = number(c->random) % 12, value = number(c->random);
    if (option == ORIEL_SNMP_OPTION_TRAP_PORT || option == ORIEL_SNMP_OPTION_MAX_SESSIONS ||
        option == ORIEL_SNMP_OPTION_MAX_HANDLES || option == ORIEL_SNMP_OPTION_DEFAULT_TIMEOUT)
        return true;
    return OrielSnmpSetOption(option, value) != SNMPAPI_FAILURE;
}
CODES(OrielGetOption) = ERRORS(SNMPAPI_OPERATION_INVALID, SNMPAPI_NOOP);
RUN(OrielGetOption) {
    smiUINT32 value;
    return OrielSnmpGetOption(number(c->random) % 12, one_in(8, c->random) ? NULL : &value) != SNMPAPI_FAILURE;
}
CODES(OrielGetDescriptor) = ERRORS(SNMPAPI_SESSION_INVALID);
RUN(OrielGetDescriptor) {
    /* The session may be closed by another thread, and the number then be anybody's: it isn't touched. */
    return OrielSnmpGetDescriptor(some(SESSION, c->random)) >= 0;
}
CODES(OrielWait) = ERRORS(SNMPAPI_SESSION_INVALID, SNMPAPI_TL_TIMEOUT);
RUN(OrielWait) { return OrielSnmpWait(some(SESSION, c->random), (smiINT32)(next_random(c->random) % 3)) != 0; }
CODES(OrielGetErrorText) = ERRORS(SNMPAPI_SIZE_INVALID, SNMPAPI_OUTPUT_TRUNCATED);
RUN(OrielGetErrorText) {
    smiUINT32 size = (smiUINT32)(next_random(c->random) % 300);
    LPSTR text = one_in(8, c->random) ? NULL : (LPSTR)c->memory.octets;
    smiUINT32 length = OrielSnmpGetErrorText(some(SESSION, c->random), size, text);
    return length != 0 ? CHECK(length <= size && strlen((char *)c->memory.octets) == length - 1) : false;
}

static const struct {
    const char *name;
    bool (*run)(struct call *call);
    const SNMPAPI_STATUS *errors;
} functions[] = {
#define ROW(name) {#name, run_##name, errors_##name},
    CALLS(ROW)
#undef ROW
};

enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static atomic_ulong calls[FUNCTIONS], successes[FUNCTIONS];

static bool is_documented(int index, SNMPAPI_STATUS code) {
    /* Any function may have these. */
    if (code == SNMPAPI_NOT_INITIALIZED || code == SNMPAPI_ALLOC_ERROR || code == SNMPAPI_OTHER_ERROR) return true;
    for (const SNMPAPI_STATUS *each = functions[index].errors; *each != 0; each++)
        if (*each == code) return true;
    return false;
}

static void furnish(struct call *c) {
    static smiBYTE text[] = "public";
    smiUINT32 arcs[] = {1, 3, 6, 1, 2, 1, 1, 1, 0};
    smiOID name = {sizeof arcs / sizeof arcs[0], arcs};
    smiOCTETS octets = {6, text};
    HSNMP_SESSION session = atomic_load(&pool[SESSION][next_random(c->random) % POOL]);
    if (one_in(8, c->random)) {
        session = SnmpCreateSession(0, 0, call_back, (LPVOID)(uintptr_t)next_random(c->random));
        keep(SESSION, session, c->random);
    }
    HSNMP_ENTITY entity = SnmpStrToEntity(session, "127.0.0.1");
    HSNMP_CONTEXT context = SnmpStrToContext(session, &octets);
    HSNMP_VBL list = SnmpCreateVbl(session, &name, NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(session, pdu_type(c->random), 0, 0, 0, list);
    if (entity != NULL) SnmpSetPort(entity, one_in(4, c->random) ? c->world->trap_port : c->world->agent_port);
    SnmpSendMsg(session, NULL, entity, context, pdu);
    keep(ENTITY, entity, c->random);
    keep(CONTEXT, context, c->random);
    keep(VBL, list, c->random);
    keep(PDU, pdu, c->random);
}

void random_call(const struct world *world, uint64_t *random) {
    static _Thread_local struct call call;
    int index = (int)(next_random(random) % FUNCTIONS);
    call.world = world;
    call.random = random;
    call.code = 0;
    if (one_in(16, random)) furnish(&call);
    atomic_fetch_add(&calls[index], 1);
    if (functions[index].run(&call)) {
        atomic_fetch_add(&successes[index], 1);
        return;
    }
    /* Failures of the calls that check their own results have been told. */
    SNMPAPI_STATUS code = call.code != 0 ? call.code : SnmpGetLastError(NULL);
    if (!CHECK(is_documented(index, code)))
        check_note("Snmp%s failed with %u (%s)", functions[index].name, (unsigned)code, error_name(code));
}

int fuzz_functions(void) { return FUNCTIONS; }

const char *fuzz_function(int index, unsigned long *all, unsigned long *good) {
    *all = atomic_load(&calls[index]);
    *good = atomic_load(&successes[index]);
    return functions[index].name;
}
