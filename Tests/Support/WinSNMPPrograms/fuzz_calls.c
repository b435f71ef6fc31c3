/*
 * Layer: test programs of the C library. Used by: fuzz.c.
 * The standard's functions and the errors that each may have; the choice of the next call.
 */
#include "fuzz_values.h"

#include <stdatomic.h>
#include <string.h>

#define STANDARD(X) \
    X(GetTranslateMode) X(SetTranslateMode) X(GetRetransmitMode) X(SetRetransmitMode) X(GetTimeout) X(SetTimeout) \
    X(GetRetry) X(SetRetry) X(GetVendorInfo) X(Startup) X(Cleanup) X(Open) X(Close) X(SendMsg) X(RecvMsg) \
    X(Register) X(CreateSession) X(Listen) X(CancelMsg) X(StartupEx) X(CleanupEx) X(ListenEx) X(StrToEntity) \
    X(EntityToStr) X(FreeEntity) X(SetPort) X(StrToContext) X(ContextToStr) X(FreeContext) X(CreatePdu) \
    X(GetPduData) X(SetPduData) X(DuplicatePdu) X(FreePdu) X(CreateVbl) X(DuplicateVbl) X(FreeVbl) X(CountVbl) \
    X(GetVb) X(SetVb) X(DeleteVb) X(FreeDescriptor) X(EncodeMsg) X(DecodeMsg) X(StrToOid) X(OidToStr) X(OidCopy) \
    X(OidCompare) X(GetLastError)

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

const struct function standard_functions[] = {STANDARD(ROW){NULL, NULL, NULL}};

#define COUNT(name) +1

enum { STANDARDS = 0 STANDARD(COUNT), FUNCTIONS = STANDARDS + EXTENSION_COUNT };

static const struct function *function_at(int index) {
    return index < STANDARDS ? &standard_functions[index] : &extension_functions[index - STANDARDS];
}

static atomic_ulong calls[FUNCTIONS], successes[FUNCTIONS];

static bool is_documented(int index, SNMPAPI_STATUS code) {
    /* Any function may have these. */
    if (code == SNMPAPI_NOT_INITIALIZED || code == SNMPAPI_ALLOC_ERROR || code == SNMPAPI_OTHER_ERROR) return true;
    for (const SNMPAPI_STATUS *each = function_at(index)->errors; *each != 0; each++)
        if (*each == code) return true;
    return false;
}

/* Makes one of each kind that belong together, so that the calls around find something to work with. */
static void furnish(struct call *c) {
    static smiBYTE text[] = "public";
    smiUINT32 arcs[] = {1, 3, 6, 1, 2, 1, 1, 1, 0};
    smiOID name = {sizeof arcs / sizeof arcs[0], arcs};
    smiOCTETS octets = {6, text};
    HSNMP_SESSION session = pooled(SESSION, c->random);
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
    if (function_at(index)->run(&call)) {
        atomic_fetch_add(&successes[index], 1);
        return;
    }
    /* Failures of the calls that check their own results have been told. */
    SNMPAPI_STATUS code = call.code != 0 ? call.code : SnmpGetLastError(NULL);
    if (!CHECK(is_documented(index, code)))
        check_note("Snmp%s failed with %u (%s)", function_at(index)->name, (unsigned)code, error_name(code));
}

int fuzz_functions(void) { return FUNCTIONS; }

const char *fuzz_function(int index, unsigned long *all, unsigned long *good) {
    *all = atomic_load(&calls[index]);
    *good = atomic_load(&successes[index]);
    return function_at(index)->name;
}
