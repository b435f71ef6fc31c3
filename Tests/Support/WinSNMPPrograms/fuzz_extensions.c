/*
 * Layer: test programs of the C library. Used by: fuzz.c.
 * The functions of the v3 addendum and of this library alone, and the errors that each may have.
 */
#include "fuzz_values.h"

#include <string.h>

#define EXTENSIONS(X) \
    X(CreateEntity) X(GetEntityInfo) X(SetEntityInfo) X(FreeEntityInfo) X(CreateContext) X(GetContextInfo) \
    X(SetContextInfo) X(FreeContextInfo) X(PasswordToKey) X(OrielSetWindowHook) X(OrielSetOption) X(OrielGetOption) \
    X(OrielGetDescriptor) X(OrielWait) X(OrielGetErrorText)

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

static int SNMPAPI_CALL is_window(HWND window) { return (uintptr_t)window % 2 == 1; }

static int SNMPAPI_CALL post_message(HWND w, UINT m, WPARAM wp, LPARAM lp) {
    (void)w, (void)m, (void)wp;
    return lp % 3 != 0;
}

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

const struct function extension_functions[] = {EXTENSIONS(ROW){NULL, NULL, NULL}};

_Static_assert(sizeof extension_functions / sizeof extension_functions[0] == EXTENSION_COUNT + 1, "their number");
