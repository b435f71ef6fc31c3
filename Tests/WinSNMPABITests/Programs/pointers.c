/*
 * What can be wrong with the memory that a program passes, and is found before it is used: NULL, wild lengths, buffers
 * that are too small. The guards around buffers stay as they were.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <winsnmp.h>

#include <oriel_winsnmp.h>

static int problems;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            problems++; \
            printf("line %d: %s (last error %u)\n", __LINE__, #condition, SnmpGetLastError(NULL)); \
        } \
    } while (0)
#define FAILS(call, code) CHECK((call) == 0 && SnmpGetLastError(NULL) == (code))

static SNMPAPI_STATUS CALLBACK ignore(HSNMP_SESSION s, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    (void)s, (void)w, (void)m, (void)wp, (void)lp, (void)data;
    return SNMPAPI_SUCCESS;
}

static smiUINT32 arcs[MAXOBJIDSIZE] = {1, 3, 6, 1};
static smiBYTE octets[] = {1, 2, 3, 4, 5, 6};

static smiVALUE value_of(smiUINT32 syntax, smiUINT32 length, smiLPBYTE octets_at) {
    smiVALUE value;
    memset(&value, 0x55, sizeof value);
    value.syntax = syntax;
    value.value.string.len = length;
    value.value.string.ptr = octets_at;
    return value;
}

static void identifiers(HSNMP_SESSION session, HSNMP_VBL list) {
    smiOID good = {4, arcs}, empty = {0, arcs}, none = {4, NULL}, wild = {129, arcs}, wilder = {UINT_MAX, arcs};
    smiOID *bad[] = {&empty, &none, &wild, &wilder};
    smiOID copy;
    smiINT order;
    char text[64];
    for (int i = 0; i < 4; i++) {
        FAILS(SnmpOidCopy(bad[i], &copy), SNMPAPI_OID_INVALID);
        FAILS(SnmpOidToStr(bad[i], sizeof text, text), SNMPAPI_OID_INVALID);
        FAILS(SnmpCreateVbl(session, bad[i], NULL), SNMPAPI_OID_INVALID);
        FAILS(SnmpSetVb(list, 0, bad[i], NULL), SNMPAPI_OID_INVALID);
        if (bad[i] != &empty) {
            FAILS(SnmpOidCompare(&good, bad[i], 0, &order), SNMPAPI_OID_INVALID);
            FAILS(SnmpRegister(session, NULL, NULL, NULL, bad[i], SNMPAPI_ON), SNMPAPI_OID_INVALID);
        }
        smiVALUE value;
        value.syntax = SNMP_SYNTAX_OID;
        value.value.oid = *bad[i];
        FAILS(SnmpCreateVbl(session, &good, &value), SNMPAPI_OID_INVALID);
    }
    FAILS(SnmpOidCopy(NULL, &copy), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpOidCopy(&good, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpStrToOid(NULL, &copy), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpStrToOid("1.3.6", NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpOidToStr(NULL, sizeof text, text), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpOidToStr(&good, sizeof text, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpOidCompare(&good, NULL, 0, &order), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpOidCompare(&good, &good, 0, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpFreeDescriptor(SNMP_SYNTAX_OID, NULL), SNMPAPI_ALLOC_ERROR);
    /* Identifiers of no length are equal, whatever their pointers. */
    smiOID nothing = {0, NULL};
    CHECK(SnmpOidCompare(&nothing, &empty, 0, &order) == SNMPAPI_SUCCESS && order == 0);
    CHECK(SnmpOidCompare(&nothing, &good, 0, &order) == SNMPAPI_SUCCESS && order < 0);
}

static void values(HSNMP_SESSION session, HSNMP_VBL list) {
    static const smiUINT32 texts[] = {
        SNMP_SYNTAX_OCTETS, SNMP_SYNTAX_BITS, SNMP_SYNTAX_OPAQUE, SNMP_SYNTAX_IPADDR, SNMP_SYNTAX_NSAPADDR};
    smiOID name = {4, arcs}, found_name;
    smiVALUE found;
    for (int i = 0; i < 5; i++) {
        smiVALUE none = value_of(texts[i], 6, NULL), wild = value_of(texts[i], UINT_MAX, octets);
        FAILS(SnmpCreateVbl(session, &name, &none), SNMPAPI_ALLOC_ERROR);
        FAILS(SnmpCreateVbl(session, &name, &wild), SNMPAPI_SIZE_INVALID);
        /* No octets are no octets, wherever they are; and come back without memory. */
        smiVALUE empty = value_of(texts[i], 0, (smiLPBYTE)1), full = value_of(texts[i], 6, octets);
        SNMPAPI_STATUS index = SnmpSetVb(list, 0, &name, &empty);
        CHECK(index > 0);
        CHECK(SnmpGetVb(list, index, NULL, &found) == SNMPAPI_SUCCESS);
        CHECK(found.syntax == texts[i] && found.value.string.len == 0 && found.value.string.ptr == NULL);
        CHECK(SnmpFreeDescriptor(found.syntax, &found.value.string) == SNMPAPI_SUCCESS);
        index = SnmpSetVb(list, 0, &name, &full);
        CHECK(SnmpGetVb(list, index, &found_name, &found) == SNMPAPI_SUCCESS);
        CHECK(found.syntax == texts[i] && found.value.string.len == 6);
        CHECK(found.value.string.ptr != octets && memcmp(found.value.string.ptr, octets, 6) == 0);
        /* Not counted, for programs that print them. */
        CHECK(found.value.string.ptr[6] == 0);
        CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &found.value.string) == SNMPAPI_SUCCESS);
        CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, (smiLPOPAQUE)&found_name) == SNMPAPI_SUCCESS);
    }
    FAILS(SnmpGetVb(list, 1, NULL, NULL), SNMPAPI_NOOP);
    CHECK(SnmpGetLastError(session) == SNMPAPI_NOOP);
    /* What is wrong with a handle or an index is said before what is wrong with a pointer. */
    FAILS(SnmpGetVb(list, 999, NULL, NULL), SNMPAPI_INDEX_INVALID);
    FAILS(SnmpGetVb(NULL, 1, NULL, NULL), SNMPAPI_VBL_INVALID);
    FAILS(SnmpSetVb(NULL, 1, &name, NULL), SNMPAPI_VBL_INVALID);
}

static void buffers(HSNMP_SESSION session) {
    HSNMP_ENTITY entity = SnmpStrToEntity(session, "127.0.0.1");
    smiOID name = {4, arcs};
    CHECK(entity != NULL);
    for (smiUINT32 size = 0; size < 16; size++) {
        char text[18];
        memset(text, 'x', sizeof text);
        SNMPAPI_STATUS result = SnmpEntityToStr(entity, size, text + 1);
        CHECK(text[0] == 'x' && text[1 + size] == 'x');
        if (size == 0) CHECK(result == 0 && SnmpGetLastError(session) == SNMPAPI_SIZE_INVALID);
        else if (size < 10) {
            CHECK(result == 0 && SnmpGetLastError(session) == SNMPAPI_OUTPUT_TRUNCATED);
            CHECK(strlen(text + 1) == size - 1 && memcmp(text + 1, "127.0.0.1", size - 1) == 0);
        } else CHECK(result == 10 && strcmp(text + 1, "127.0.0.1") == 0);

        memset(text, 'x', sizeof text);
        result = SnmpOidToStr(&name, size, text + 1);
        CHECK(text[0] == 'x' && text[1 + size] == 'x');
        if (size >= 8) CHECK(result == 8 && strcmp(text + 1, "1.3.6.1") == 0);
        else CHECK(result == 0 && (size == 0 || strlen(text + 1) == size - 1));
    }
    FAILS(SnmpEntityToStr(entity, 16, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpGetTimeout(entity, NULL, NULL), SNMPAPI_NOOP);
    CHECK(SnmpGetLastError(session) == SNMPAPI_NOOP);
    FAILS(SnmpGetRetry(entity, NULL, NULL), SNMPAPI_NOOP);
    FAILS(SnmpGetVendorInfo(NULL), SNMPAPI_NOOP);
    FAILS(SnmpGetTranslateMode(NULL), SNMPAPI_NOOP);
    FAILS(SnmpGetRetransmitMode(NULL), SNMPAPI_NOOP);
    CHECK(SnmpFreeEntity(entity) == SNMPAPI_SUCCESS);
}

static void contexts_and_messages(HSNMP_SESSION session) {
    smiOCTETS none = {6, NULL}, empty = {0, octets}, wild = {UINT_MAX, octets}, good = {6, octets}, found;
    FAILS(SnmpStrToContext(session, &none), SNMPAPI_CONTEXT_INVALID);
    FAILS(SnmpStrToContext(session, &empty), SNMPAPI_CONTEXT_INVALID);
    FAILS(SnmpStrToContext(session, &wild), SNMPAPI_CONTEXT_INVALID);
    FAILS(SnmpStrToContext(session, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpStrToContext(NULL, NULL), SNMPAPI_SESSION_INVALID);
    HSNMP_CONTEXT context = SnmpStrToContext(session, &good);
    CHECK(context != NULL);
    FAILS(SnmpContextToStr(context, NULL), SNMPAPI_ALLOC_ERROR);
    CHECK(SnmpContextToStr(context, &found) == SNMPAPI_SUCCESS && found.len == 6 && found.ptr[6] == 0);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &found) == SNMPAPI_SUCCESS && found.ptr == NULL);

    HSNMP_ENTITY source = context, destination = context;
    HSNMP_CONTEXT decoded = context;
    HSNMP_PDU pdu = context;
    FAILS(SnmpDecodeMsg(session, &source, &destination, &decoded, &pdu, &none), SNMPAPI_MESSAGE_INVALID);
    CHECK(!source && !destination && !decoded && !pdu);
    FAILS(SnmpDecodeMsg(session, &source, &destination, &decoded, &pdu, &empty), SNMPAPI_MESSAGE_INVALID);
    FAILS(SnmpDecodeMsg(session, &source, &destination, &decoded, &pdu, &good), SNMPAPI_MESSAGE_INVALID);
    FAILS(SnmpDecodeMsg(session, &source, &destination, &decoded, &pdu, NULL), SNMPAPI_ALLOC_ERROR);
    source = destination = decoded = pdu = context;
    FAILS(SnmpRecvMsg(session, &source, &destination, &decoded, &pdu), SNMPAPI_NOOP);
    CHECK(!source && !destination && !decoded && !pdu);
    FAILS(SnmpRecvMsg(session, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    FAILS(SnmpGetPduData(NULL, NULL, NULL, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
    pdu = SnmpCreatePdu(session, 0, 0, 0, 0, NULL);
    CHECK(pdu != NULL);
    FAILS(SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK(SnmpGetLastError(session) == SNMPAPI_NOOP);
    FAILS(SnmpSetPduData(pdu, NULL, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    HSNMP_VBL no_list = NULL;
    FAILS(SnmpSetPduData(pdu, NULL, NULL, NULL, NULL, &no_list), SNMPAPI_VBL_INVALID);
}

static void addendum(HSNMP_SESSION session) {
    smiENTITYINFO entity_info;
    smiCONTEXTINFO context_info;
    memset(&entity_info, 0, sizeof entity_info);
    memset(&context_info, 0, sizeof context_info);
    FAILS(SnmpCreateEntity(NULL, NULL), SNMPAPI_SESSION_INVALID);
    FAILS(SnmpCreateEntity(session, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpCreateContext(session, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpGetEntityInfo(NULL, NULL), SNMPAPI_ENTITY_INVALID);
    FAILS(SnmpSetContextInfo(NULL, NULL), SNMPAPI_CONTEXT_INVALID);
    FAILS(SnmpFreeEntityInfo(NULL), SNMPAPI_ALLOC_ERROR);

    entity_info.nTranslateMode = SNMPAPI_UNTRANSLATED_V3;
    entity_info.nSnmpVersion = 3;
    entity_info.dAddressString.len = 9;
    entity_info.dAddressString.ptr = (smiLPBYTE) "127.0.0.1";
    entity_info.nRequestPort = 1161;
    HSNMP_ENTITY entity = SnmpCreateEntity(session, &entity_info);
    CHECK(entity != NULL);
    FAILS(SnmpSetEntityInfo(entity, NULL), SNMPAPI_NOOP);
    FAILS(SnmpGetEntityInfo(entity, NULL), SNMPAPI_NOOP);
    CHECK(SnmpGetLastError(session) == SNMPAPI_NOOP);
    /* The program's own octets are not the library's to free. */
    FAILS(SnmpFreeEntityInfo(&entity_info), SNMPAPI_OPERATION_INVALID);
    memset(&entity_info, 0x55, sizeof entity_info);
    CHECK(SnmpGetEntityInfo(entity, &entity_info) == SNMPAPI_SUCCESS);
    CHECK(entity_info.hEntity == entity && entity_info.hSession == session && entity_info.nSnmpVersion == 3);
    CHECK(entity_info.nRequestPort == 1161 && entity_info.dAddressString.len == 9);
    CHECK(SnmpFreeEntityInfo(&entity_info) == SNMPAPI_SUCCESS && entity_info.dAddressString.ptr == NULL);
    CHECK(SnmpFreeEntityInfo(&entity_info) == SNMPAPI_SUCCESS);

    smiOCTETS password = {8, (smiLPBYTE) "password"}, short_password = {3, (smiLPBYTE) "abc"}, key;
    FAILS(SnmpPasswordToKey(NULL, SNMP_USM_HMACSHA_AUTH_PROTOCOL, &key), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpPasswordToKey(&password, SNMP_USM_HMACSHA_AUTH_PROTOCOL, NULL), SNMPAPI_ALLOC_ERROR);
    FAILS(SnmpPasswordToKey(&password, 99, &key), SNMPAPI_MODE_INVALID);
    FAILS(SnmpPasswordToKey(&short_password, SNMP_USM_HMACSHA_AUTH_PROTOCOL, &key), SNMPAPI_SIZE_INVALID);
    CHECK(SnmpPasswordToKey(&password, SNMP_USM_HMACSHA_AUTH_PROTOCOL, &key) == SNMPAPI_SUCCESS && key.len == 20);
    context_info.nTranslateMode = SNMPAPI_UNTRANSLATED_V3;
    context_info.nSnmpVersion = 3;
    context_info.nSecurityModel = SNMP_SEC_MODEL_USM;
    context_info.nSecurityLevel = SNMP_AUTH_NOPRIV;
    context_info.nSecurityAuthProtocol = SNMP_USM_HMACSHA_AUTH_PROTOCOL;
    context_info.nSecurityPrivProtocol = SNMP_USM_NO_PRIV_PROTOCOL;
    context_info.dSecurityName.len = 4;
    context_info.dSecurityName.ptr = (smiLPBYTE) "user";
    context_info.dSecurityAuthKey = key;
    HSNMP_CONTEXT context = SnmpCreateContext(session, &context_info);
    CHECK(context != NULL);
    CHECK(SnmpGetContextInfo(context, &context_info) == SNMPAPI_SUCCESS);
    CHECK(context_info.hContext == context && context_info.dSecurityName.len == 4);
    CHECK(context_info.dSecurityAuthKey.ptr != key.ptr);
    CHECK(SnmpFreeContextInfo(&context_info) == SNMPAPI_SUCCESS && context_info.dSecurityName.ptr == NULL);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &key) == SNMPAPI_SUCCESS);
}

static void extensions(HSNMP_SESSION session) {
    smiUINT32 number;
    char text[256];
    FAILS(OrielSnmpSetOption(0, 0), SNMPAPI_OPERATION_INVALID);
    FAILS(OrielSnmpGetOption(99, &number), SNMPAPI_OPERATION_INVALID);
    FAILS(OrielSnmpGetOption(ORIEL_SNMP_OPTION_TRAP_PORT, NULL), SNMPAPI_NOOP);
    FAILS(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, 70000), SNMPAPI_SIZE_INVALID);
    CHECK(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, 10162) == SNMPAPI_SUCCESS);
    CHECK(OrielSnmpGetOption(ORIEL_SNMP_OPTION_TRAP_PORT, &number) == SNMPAPI_SUCCESS && number == 10162);
    CHECK(OrielSnmpGetDescriptor(NULL) == -1 && SnmpGetLastError(NULL) == SNMPAPI_SESSION_INVALID);
    CHECK(OrielSnmpGetDescriptor(session) >= 0);
    FAILS(OrielSnmpWait(session, 0), SNMPAPI_TL_TIMEOUT);
    FAILS(OrielSnmpSetWindowHook((ORIEL_SNMP_ISWINDOW)1, NULL), SNMPAPI_OPERATION_INVALID);
    CHECK(OrielSnmpSetWindowHook(NULL, NULL) == SNMPAPI_SUCCESS);
    FAILS(SnmpFreePdu(session), SNMPAPI_PDU_INVALID);
    SNMPAPI_STATUS length = OrielSnmpGetErrorText(NULL, sizeof text, text);
    CHECK(length > 1 && length == strlen(text) + 1);
    CHECK(SnmpGetLastError(NULL) == SNMPAPI_PDU_INVALID);
    FAILS(OrielSnmpGetErrorText(NULL, 0, text), SNMPAPI_SIZE_INVALID);
    FAILS(OrielSnmpGetErrorText(NULL, 4, text), SNMPAPI_OUTPUT_TRUNCATED);
    CHECK(strlen(text) == 3);
}

int main(void) {
    CHECK(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    HSNMP_SESSION session = SnmpCreateSession(NULL, 0, ignore, NULL);
    HSNMP_VBL list = SnmpCreateVbl(session, NULL, NULL);
    CHECK(session != NULL && list != NULL);
    identifiers(session, list);
    values(session, list);
    buffers(session);
    contexts_and_messages(session);
    addendum(session);
    extensions(session);
    CHECK(SnmpCleanup() == SNMPAPI_SUCCESS);
    puts(problems == 0 ? "ok" : "not ok");
    return problems != 0;
}
