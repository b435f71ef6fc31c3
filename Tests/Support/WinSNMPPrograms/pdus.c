/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 27 to 38: PDUs, lists of variable bindings, values.
 */
#include "conformance.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static HSNMP_SESSION session;
static struct recorder recorder;

static void begin(void) {
    start(SNMPAPI_UNTRANSLATED_V2);
    session = open_session(&recorder);
}

struct pdu_data {
    smiINT type, error_status, error_index;
    smiINT32 id;
};

static struct pdu_data data_of(HSNMP_PDU pdu) {
    struct pdu_data data = {-1, -1, -1, -1};
    CHECK_EQUAL(
        SnmpGetPduData(pdu, &data.type, &data.id, &data.error_status, &data.error_index, NULL), SNMPAPI_SUCCESS);
    return data;
}

/* The list is a new handle. */
static HSNMP_VBL list_in(HSNMP_PDU pdu) {
    HSNMP_VBL list = NULL;
    CHECK_EQUAL(SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    REQUIRE(list != NULL);
    return list;
}

static void check_name(HSNMP_VBL list, smiUINT32 index, const char *text) {
    smiOID name = {0, NULL};
    CHECK(SnmpGetVb(list, index, &name, NULL) != SNMPAPI_FAILURE);
    CHECK(oid_is(&name, text));
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name), SNMPAPI_SUCCESS);
}

static smiVALUE value_in(HSNMP_VBL list, smiUINT32 index) {
    smiVALUE value;
    memset(&value, 0xEE, sizeof value);
    CHECK(SnmpGetVb(list, index, NULL, &value) != SNMPAPI_FAILURE);
    return value;
}

static void c27(void) {
    begin();
    HSNMP_PDU a = SnmpCreatePdu(session, 0, 0, 0, 0, NULL), b = SnmpCreatePdu(session, 0, 0, 0, 0, NULL);
    REQUIRE(a != NULL && b != NULL && a != b);
    struct pdu_data of_a = data_of(a), of_b = data_of(b);
    CHECK_EQUAL(of_a.type, SNMP_PDU_GETNEXT);
    CHECK_EQUAL(of_a.error_status, 0);
    CHECK_EQUAL(of_a.error_index, 0);
    CHECK(of_a.id > 0 && of_b.id > 0 && of_a.id != of_b.id);
    /* Without bindings there is a list that is empty. */
    HSNMP_VBL list = list_in(a);
    CHECK_FAILS(SnmpCountVbl(list), SNMPAPI_NOOP);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    HSNMP_PDU chosen = SnmpCreatePdu(session, SNMP_PDU_SET, -77, 0, 0, NULL);
    CHECK_EQUAL(data_of(chosen).id, -77);
    CHECK_EQUAL(data_of(chosen).type, SNMP_PDU_SET);
    /* A thousand generated identifiers are all different. */
    enum { MANY = 1000 };
    static smiINT32 ids[MANY];
    bool different = true;
    for (int i = 0; i < MANY; i++) {
        HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_GET, 0, 0, 0, NULL);
        ids[i] = data_of(pdu).id;
        for (int j = 0; j < i; j++) different = different && ids[i] != ids[j];
        CHECK(SnmpFreePdu(pdu) == SNMPAPI_SUCCESS);
    }
    CHECK(different);
}

static void c28(void) {
    begin();
    static const smiINT wrong[] = {0xA4, 0x55, 1, -1, 0xA9, 0x1A0, 0x30};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (!CHECK_FAILS_IN(session, SnmpCreatePdu(session, wrong[i], 0, 0, 0, NULL), SNMPAPI_PDU_INVALID))
            check_note("the type was 0x%X", (unsigned)wrong[i]);
    static const smiINT right[] = {0, 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA6, 0xA7};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        HSNMP_PDU pdu = SnmpCreatePdu(session, right[i], 0, 0, 0, NULL);
        CHECK(pdu != NULL);
        CHECK_EQUAL(data_of(pdu).type, right[i] == 0 ? SNMP_PDU_GETNEXT : right[i]);
    }
    HSNMP_VBL list = list_of(session, "1.3.6.1", NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_GET, 0, 0, 0, list);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpCreatePdu(session, SNMP_PDU_GET, 0, 0, 0, list), SNMPAPI_VBL_INVALID);
    CHECK_FAILS_IN(session, SnmpCreatePdu(session, SNMP_PDU_GET, 0, 0, 0, pdu), SNMPAPI_VBL_INVALID);
    CHECK_FAILS(SnmpCreatePdu(NULL, SNMP_PDU_GET, 0, 0, 0, NULL), SNMPAPI_SESSION_INVALID);
    /* Lists and PDUs are not each other. */
    CHECK_FAILS(SnmpFreeVbl(pdu), SNMPAPI_VBL_INVALID);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpFreePdu(pdu), SNMPAPI_PDU_INVALID);
    CHECK_FAILS(SnmpGetPduData(pdu, NULL, &(smiINT32){0}, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
}

static void c29(void) {
    begin();
    HSNMP_PDU bulk = SnmpCreatePdu(session, SNMP_PDU_GETBULK, 5, 1, 20, NULL);
    HSNMP_PDU get = SnmpCreatePdu(session, SNMP_PDU_GET, 5, 0, 0, NULL);
    CHECK_EQUAL(data_of(bulk).error_status, 1);
    CHECK_EQUAL(data_of(bulk).error_index, 20);
    const smiINT once = 3, repeat = 40, type = SNMP_PDU_GETBULK;
    CHECK_EQUAL(SnmpSetPduData(bulk, NULL, NULL, &once, &repeat, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(data_of(bulk).error_status, 3);
    CHECK_EQUAL(data_of(bulk).error_index, 40);
    CHECK_EQUAL(SnmpSetPduData(get, NULL, NULL, &once, &repeat, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(data_of(get).error_status, 0);
    CHECK_EQUAL(data_of(get).error_index, 0);
    /* The new type decides. */
    CHECK_EQUAL(SnmpSetPduData(get, &type, NULL, &once, &repeat, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(data_of(get).type, SNMP_PDU_GETBULK);
    CHECK_EQUAL(data_of(get).error_status, 3);
    CHECK_EQUAL(data_of(get).error_index, 40);
}

static void c30(void) {
    begin();
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_GET, 5, 0, 0, NULL);
    const smiINT32 zero = 0, negative = INT32_MIN;
    const smiINT trap = SNMP_PDU_V1TRAP, unknown = 0x55;
    const HSNMP_VBL stale = (HSNMP_VBL)&zero;
    CHECK_EQUAL(SnmpSetPduData(pdu, NULL, &zero, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(data_of(pdu).id, 0);
    CHECK_EQUAL(SnmpSetPduData(pdu, NULL, &negative, NULL, NULL, NULL), SNMPAPI_SUCCESS);
    CHECK_EQUAL(data_of(pdu).id, INT32_MIN);
    CHECK_FAILS_IN(session, SnmpGetPduData(pdu, NULL, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpSetPduData(pdu, NULL, NULL, NULL, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpSetPduData(pdu, &trap, NULL, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpSetPduData(pdu, &unknown, &zero, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpSetPduData(pdu, NULL, &zero, NULL, NULL, &stale), SNMPAPI_VBL_INVALID);
    /* What fails changes nothing. */
    CHECK_EQUAL(data_of(pdu).id, INT32_MIN);
    CHECK_EQUAL(data_of(pdu).type, SNMP_PDU_GET);
    CHECK_FAILS(SnmpGetPduData(NULL, NULL, NULL, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
    CHECK_FAILS(SnmpSetPduData(NULL, NULL, NULL, NULL, NULL, NULL), SNMPAPI_PDU_INVALID);
}

static void c31(void) {
    begin();
    HSNMP_PDU pdu = pdu_of(session, SNMP_PDU_GET, 0, "1.3.6.1.2.1");
    HSNMP_VBL a = list_in(pdu), b = list_in(pdu);
    CHECK(a != b);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCountVbl(a), 1);
    check_name(b, 1, "1.3.6.1.2.1");
    CHECK_EQUAL(SnmpFreeVbl(a), SNMPAPI_SUCCESS);
    check_name(b, 1, "1.3.6.1.2.1");
    CHECK_EQUAL(SnmpFreeVbl(b), SNMPAPI_SUCCESS);
    CHECK_FAILS(SnmpFreeVbl(a), SNMPAPI_VBL_INVALID);
}

static void c32(void) {
    struct name name;
    begin();
    smiVALUE one = integer_value(1), two = integer_value(2);
    HSNMP_VBL list = list_of(session, "1.3.6.1.2.1", &one);
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_SET, 0, 0, 0, list);
    CHECK_EQUAL(SnmpSetVb(list, 1, name_of(&name, "1.3.6.9"), &two), 1);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.10"), &two), 2);
    HSNMP_VBL inside = list_in(pdu);
    CHECK_EQUAL(SnmpCountVbl(inside), 1);
    check_name(inside, 1, "1.3.6.1.2.1");
    CHECK_EQUAL(value_in(inside, 1).value.sNumber, 1);
    /* Nor does the list that came out change the PDU. */
    CHECK_EQUAL(SnmpDeleteVb(inside, 1), SNMPAPI_SUCCESS);
    HSNMP_VBL again = list_in(pdu);
    CHECK_EQUAL(SnmpCountVbl(again), 1);

    HSNMP_PDU copy = SnmpDuplicatePdu(session, pdu);
    REQUIRE(copy != NULL && copy != pdu);
    CHECK_EQUAL(data_of(copy).id, data_of(pdu).id);
    CHECK_EQUAL(data_of(copy).type, SNMP_PDU_SET);
    CHECK_EQUAL(SnmpFreePdu(pdu), SNMPAPI_SUCCESS);
    HSNMP_VBL of_copy = list_in(copy);
    check_name(of_copy, 1, "1.3.6.1.2.1");
    CHECK_EQUAL(value_in(of_copy, 1).value.sNumber, 1);
    CHECK_FAILS_IN(session, SnmpDuplicatePdu(session, pdu), SNMPAPI_PDU_INVALID);
    CHECK_FAILS(SnmpDuplicatePdu(NULL, copy), SNMPAPI_SESSION_INVALID);
    /* A new list replaces the bindings. */
    CHECK_EQUAL(SnmpSetPduData(copy, NULL, NULL, NULL, NULL, &list), SNMPAPI_SUCCESS);
    HSNMP_VBL replaced = list_in(copy);
    CHECK_EQUAL(SnmpCountVbl(replaced), 2);
    check_name(replaced, 1, "1.3.6.9");
}

static void c33(void) {
    begin();
    HSNMP_ENTITY to = entity_at(session, "127.0.0.1", 4711);
    HSNMP_CONTEXT context = community(session, "public");
    HSNMP_VBL list = list_of(session, "1.3.6.1", NULL);
    smiOCTETS out = {0, NULL};
    HSNMP_PDU with_status = SnmpCreatePdu(session, SNMP_PDU_GET, 0, 5, 0, list);
    HSNMP_PDU with_index = SnmpCreatePdu(session, SNMP_PDU_SET, 0, 0, 1, list);
    HSNMP_PDU response = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 9, 5, 1, list);
    REQUIRE(with_status != NULL && with_index != NULL && response != NULL);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, NULL, to, context, with_status, &out), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, to, context, with_status), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpEncodeMsg(session, NULL, to, context, with_index, &out), SNMPAPI_PDU_INVALID);
    CHECK_FAILS_IN(session, SnmpSendMsg(session, NULL, to, context, with_index), SNMPAPI_PDU_INVALID);
    smiUINT32 length = SnmpEncodeMsg(session, NULL, to, context, response, &out);
    CHECK(length == out.len && length > 0);
    static struct ber_message message;
    REQUIRE(out.ptr != NULL && ber_decode(out.ptr, out.len, &message));
    CHECK_EQUAL(message.type, 0xA2);
    CHECK_EQUAL(message.id, 9);
    CHECK_EQUAL(message.error_status, 5);
    CHECK_EQUAL(message.error_index, 1);
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &out), SNMPAPI_SUCCESS);
}

static void c34(void) {
    struct name name;
    smiOID out = {0, NULL};
    smiVALUE value = integer_value(1);
    begin();
    HSNMP_VBL list = SnmpCreateVbl(session, NULL, NULL);
    REQUIRE(list != NULL);
    CHECK_FAILS_IN(session, SnmpCountVbl(list), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpGetVb(list, 1, &out, &value), SNMPAPI_INDEX_INVALID);
    CHECK_FAILS_IN(session, SnmpGetVb(list, 0, &out, &value), SNMPAPI_INDEX_INVALID);
    CHECK_FAILS_IN(session, SnmpDeleteVb(list, 1), SNMPAPI_INDEX_INVALID);
    /* Without a name the value is ignored. */
    HSNMP_VBL ignoring = SnmpCreateVbl(session, NULL, &value);
    CHECK_FAILS(SnmpCountVbl(ignoring), SNMPAPI_NOOP);
    HSNMP_VBL copy = SnmpDuplicateVbl(session, list);
    CHECK(copy != NULL && copy != list);
    CHECK_FAILS(SnmpCountVbl(copy), SNMPAPI_NOOP);
    CHECK_EQUAL(SnmpSetVb(copy, 0, name_of(&name, "1.3.6"), &value), 1);
    CHECK_EQUAL(SnmpCountVbl(copy), 1);
    CHECK_FAILS(SnmpCountVbl(list), SNMPAPI_NOOP);
    CHECK_FAILS(SnmpCountVbl(NULL), SNMPAPI_VBL_INVALID);
    CHECK_FAILS(SnmpCreateVbl(NULL, NULL, NULL), SNMPAPI_SESSION_INVALID);
    CHECK_FAILS_IN(session, SnmpDuplicateVbl(session, NULL), SNMPAPI_VBL_INVALID);
}

static void c35(void) {
    struct name name;
    static smiUINT32 many[BER_MAX_ARCS + 1];
    begin();
    HSNMP_VBL list = list_of(session, "1.3.6.1", NULL);
    CHECK_EQUAL(value_in(list, 1).syntax, SNMP_SYNTAX_NULL);
    smiOID empty = {0, many}, nowhere = {3, NULL}, too_long = {BER_MAX_ARCS + 1, many};
    CHECK_FAILS_IN(session, SnmpCreateVbl(session, &empty, NULL), SNMPAPI_OID_INVALID);
    CHECK_FAILS_IN(session, SnmpCreateVbl(session, &nowhere, NULL), SNMPAPI_OID_INVALID);
    CHECK_FAILS_IN(session, SnmpCreateVbl(session, &too_long, NULL), SNMPAPI_OID_INVALID);
    static const smiUINT32 wrong[] = {0x99, 0x30, 0, 1, 0x48, 0x83, 0x102, UINT32_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        smiVALUE value = unsigned_value(wrong[i], 0);
        if (!CHECK_FAILS_IN(
                session, SnmpCreateVbl(session, name_of(&name, "1.3.6"), &value), SNMPAPI_SYNTAX_INVALID))
            check_note("the syntax was 0x%X", (unsigned)wrong[i]);
        CHECK_FAILS_IN(session, SnmpSetVb(list, 1, NULL, &value), SNMPAPI_SYNTAX_INVALID);
    }
    CHECK_EQUAL(SnmpCountVbl(list), 1);
}

static void c36(void) {
    struct name name;
    smiOID no_name = {0, NULL};
    begin();
    smiVALUE value = integer_value(7);
    HSNMP_VBL list = list_of(session, "1.3.6.1", NULL);
    CHECK_FAILS_IN(session, SnmpSetVb(list, 2, name_of(&name, "1.3.6.2"), &value), SNMPAPI_INDEX_INVALID);
    CHECK_FAILS_IN(session, SnmpSetVb(list, UINT32_MAX, NULL, &value), SNMPAPI_INDEX_INVALID);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.2"), &value), 2);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.3"), NULL), 3);
    CHECK_EQUAL(value_in(list, 3).syntax, SNMP_SYNTAX_NULL);
    CHECK_EQUAL(SnmpSetVb(list, 1, NULL, &value), 1);
    check_name(list, 1, "1.3.6.1");
    CHECK_EQUAL(value_in(list, 1).syntax, SNMP_SYNTAX_INT);
    CHECK_EQUAL(value_in(list, 1).value.sNumber, 7);
    CHECK_EQUAL(SnmpSetVb(list, 2, name_of(&name, "1.3.6.22"), &value), 2);
    check_name(list, 2, "1.3.6.22");
    CHECK_FAILS_IN(session, SnmpSetVb(list, 0, NULL, &value), SNMPAPI_OID_INVALID);
    CHECK_FAILS_IN(session, SnmpSetVb(list, 0, &no_name, &value), SNMPAPI_OID_INVALID);
    CHECK_FAILS(SnmpSetVb(NULL, 0, name_of(&name, "1.3.6.2"), &value), SNMPAPI_VBL_INVALID);
    CHECK_EQUAL(SnmpCountVbl(list), 3);
    CHECK_FAILS_IN(session, SnmpGetVb(list, 1, NULL, NULL), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpGetVb(list, 4, NULL, &value), SNMPAPI_INDEX_INVALID);
}

static void c37(void) {
    struct name name;
    begin();
    HSNMP_VBL list = list_of(session, "1.3.6.1", NULL);
    CHECK_FAILS_IN(session, SnmpDeleteVb(list, 0), SNMPAPI_INDEX_INVALID);
    CHECK_FAILS_IN(session, SnmpDeleteVb(list, 2), SNMPAPI_INDEX_INVALID);
    CHECK_EQUAL(SnmpDeleteVb(list, 1), SNMPAPI_SUCCESS);
    CHECK_FAILS_IN(session, SnmpCountVbl(list), SNMPAPI_NOOP);
    CHECK_FAILS_IN(session, SnmpDeleteVb(list, 1), SNMPAPI_INDEX_INVALID);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.1"), NULL), 1);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.2"), NULL), 2);
    CHECK_EQUAL(SnmpSetVb(list, 0, name_of(&name, "1.3.6.3"), NULL), 3);
    CHECK_EQUAL(SnmpDeleteVb(list, 2), SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpCountVbl(list), 2);
    check_name(list, 1, "1.3.6.1");
    check_name(list, 2, "1.3.6.3");
    CHECK_FAILS(SnmpDeleteVb(NULL, 1), SNMPAPI_VBL_INVALID);
}

/* ---- Check 38: every syntax, there and back ---- */

enum { LONG_OCTETS = 1000, MAX_VALUES = 48 };

static smiBYTE long_octets[LONG_OCTETS];
static smiUINT32 arcs_of_2_999_1[] = {2, 999, 1}, arcs_of_0_0[] = {0, 0}, big_arcs[] = {1, 3, UINT32_MAX, 0};

static smiVALUE octets_as(smiUINT32 syntax, const void *octets, smiUINT32 length) {
    smiVALUE value = octets_value(octets, length);
    value.syntax = syntax;
    return value;
}

static smiVALUE oid_value(smiUINT32 *arcs, smiUINT32 count) {
    smiVALUE value = integer_value(0);
    value.syntax = SNMP_SYNTAX_OID;
    value.value.oid.len = count;
    value.value.oid.ptr = arcs;
    return value;
}

static smiVALUE wide_value(smiUINT32 high, smiUINT32 low) {
    smiVALUE value = integer_value(0);
    value.syntax = SNMP_SYNTAX_CNTR64;
    value.value.hNumber.hipart = high;
    value.value.hNumber.lopart = low;
    return value;
}

static unsigned all_values(smiVALUE *values) {
    static const smiUINT32 unsigned_syntaxes[] = {
        SNMP_SYNTAX_CNTR32, SNMP_SYNTAX_GAUGE32, SNMP_SYNTAX_TIMETICKS, SNMP_SYNTAX_UINT32};
    static const smiUINT32 octet_syntaxes[] = {
        SNMP_SYNTAX_OCTETS, SNMP_SYNTAX_BITS, SNMP_SYNTAX_OPAQUE, SNMP_SYNTAX_NSAPADDR};
    static const smiUINT32 empty_syntaxes[] = {
        SNMP_SYNTAX_NULL, SNMP_SYNTAX_NOSUCHOBJECT, SNMP_SYNTAX_NOSUCHINSTANCE, SNMP_SYNTAX_ENDOFMIBVIEW};
    static const smiINT32 integers[] = {0, 1, -1, 127, 128, -128, -129, INT32_MAX, INT32_MIN};
    static const smiUINT32 numbers[] = {0, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
    unsigned count = 0;
    for (int i = 0; i < LONG_OCTETS; i++) long_octets[i] = (smiBYTE)(i * 7);
    for (int i = 0; i < 9; i++) values[count++] = integer_value(integers[i]);
    for (int i = 0; i < 4; i++)
        for (int j = i == 0 ? 0 : 2; j < 4; j++) values[count++] = unsigned_value(unsigned_syntaxes[i], numbers[j]);
    for (int i = 0; i < 4; i++) values[count++] = octets_as(octet_syntaxes[i], long_octets, 5);
    values[count++] = octets_value(NULL, 0);
    values[count++] = octets_value(long_octets, LONG_OCTETS);
    values[count++] = octets_as(SNMP_SYNTAX_IPADDR, "\x7F\x00\x00\x01", 4);
    values[count++] = oid_value(arcs_of_2_999_1, 3);
    values[count++] = oid_value(arcs_of_0_0, 2);
    values[count++] = oid_value(big_arcs, 4);
    values[count++] = wide_value(0xFFFFFFFF, 0);
    values[count++] = wide_value(0, 0xFFFFFFFF);
    values[count++] = wide_value(0x7FFFFFFF, 0xFFFFFFFF);
    values[count++] = wide_value(0, 0);
    for (int i = 0; i < 4; i++) values[count++] = unsigned_value(empty_syntaxes[i], 0);
    return count;
}

static bool same_value(const smiVALUE *a, const smiVALUE *b) {
    if (a->syntax != b->syntax) return false;
    switch (a->syntax) {
    case SNMP_SYNTAX_INT:
        return a->value.sNumber == b->value.sNumber;
    case SNMP_SYNTAX_CNTR32:
    case SNMP_SYNTAX_GAUGE32:
    case SNMP_SYNTAX_TIMETICKS:
    case SNMP_SYNTAX_UINT32:
        return a->value.uNumber == b->value.uNumber;
    case SNMP_SYNTAX_CNTR64:
        return a->value.hNumber.hipart == b->value.hNumber.hipart && a->value.hNumber.lopart == b->value.hNumber.lopart;
    case SNMP_SYNTAX_OID:
        return a->value.oid.len == b->value.oid.len && b->value.oid.ptr != a->value.oid.ptr &&
               memcmp(a->value.oid.ptr, b->value.oid.ptr, a->value.oid.len * sizeof(smiUINT32)) == 0;
    case SNMP_SYNTAX_OCTETS:
    case SNMP_SYNTAX_BITS:
    case SNMP_SYNTAX_OPAQUE:
    case SNMP_SYNTAX_IPADDR:
    case SNMP_SYNTAX_NSAPADDR:
        if (a->value.string.len != b->value.string.len) return false;
        if (a->value.string.len == 0) return b->value.string.ptr == NULL;
        return b->value.string.ptr != a->value.string.ptr &&
               memcmp(a->value.string.ptr, b->value.string.ptr, a->value.string.len) == 0;
    default:
        return true;
    }
}

static void check_values(HSNMP_VBL list, const smiVALUE *values, unsigned count) {
    CHECK_EQUAL(SnmpCountVbl(list), count);
    for (unsigned i = 0; i < count; i++) {
        smiVALUE value = value_in(list, i + 1);
        if (!CHECK(same_value(&values[i], &value)))
            check_note("value %u, syntax 0x%X", i, (unsigned)values[i].syntax);
        if (value.syntax == SNMP_SYNTAX_OID) {
            CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&value.value.oid), SNMPAPI_SUCCESS);
        } else if (values[i].value.string.ptr == long_octets) {
            CHECK_EQUAL(SnmpFreeDescriptor(value.syntax, &value.value.string), SNMPAPI_SUCCESS);
        }
    }
}

/* What stands on the wire, by the other decoder. */
static void check_wire(const smiOCTETS *octets, const smiVALUE *values, unsigned count) {
    static struct ber_message message;
    REQUIRE(ber_decode(octets->ptr, octets->len, &message));
    CHECK_EQUAL(message.version, 1);
    CHECK_EQUAL(message.type, 0xA2);
    REQUIRE(message.count == count);
    for (unsigned i = 0; i < count; i++) {
        const struct ber_binding *binding = &message.bindings[i];
        const smiVALUE *value = &values[i];
        uint8_t content[BER_MAX_ARCS * 5];
        size_t length = 0;
        const void *expected = content;
        CHECK_EQUAL(binding->tag, value->syntax);
        if (value->syntax == SNMP_SYNTAX_INT) {
            length = ber_integer_content(value->value.sNumber, content);
        } else if (value->syntax == SNMP_SYNTAX_CNTR64) {
            uint64_t wide = (uint64_t)value->value.hNumber.hipart << 32 | value->value.hNumber.lopart;
            length = ber_unsigned_content(wide, content);
        } else if (value->syntax == SNMP_SYNTAX_OID) {
            struct ber_oid oid = {.count = value->value.oid.len};
            memcpy(oid.arcs, value->value.oid.ptr, oid.count * sizeof oid.arcs[0]);
            length = ber_oid_content(&oid, content, sizeof content);
        } else if (value->syntax == SNMP_SYNTAX_CNTR32 || value->syntax == SNMP_SYNTAX_GAUGE32 ||
                   value->syntax == SNMP_SYNTAX_TIMETICKS || value->syntax == SNMP_SYNTAX_UINT32) {
            length = ber_unsigned_content(value->value.uNumber, content);
        } else if (value->syntax != SNMP_SYNTAX_NULL && value->syntax < 0x80) {
            length = value->value.string.len;
            expected = value->value.string.ptr;
        }
        CHECK_EQUAL(binding->length, length);
        CHECK(binding->length == length && (length == 0 || memcmp(binding->content, expected, length) == 0));
    }
}

/* Each in a message of its own, which says whose fault it is. */
static void check_alone(const smiVALUE *value) {
    HSNMP_VBL list = list_of(session, "2.999.1", value), inside = NULL;
    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 1, 0, 0, list), decoded = NULL;
    smiOCTETS octets = {0, NULL};
    CHECK(SnmpEncodeMsg(session, NULL, NULL, community(session, "public"), pdu, &octets) != SNMPAPI_FAILURE);
    if (CHECK(SnmpDecodeMsg(session, NULL, NULL, NULL, &decoded, &octets) != SNMPAPI_FAILURE)) {
        CHECK_EQUAL(SnmpGetPduData(decoded, NULL, NULL, NULL, NULL, &inside), SNMPAPI_SUCCESS);
        check_values(inside, value, 1);
    } else {
        check_note(
            "syntax 0x%X, number or length %u", (unsigned)value->syntax, (unsigned)value->value.uNumber);
    }
}

static void c38(void) {
    smiVALUE values[MAX_VALUES];
    struct name name;
    begin();
    unsigned count = all_values(values);
    REQUIRE(count <= MAX_VALUES);
    HSNMP_VBL list = SnmpCreateVbl(session, NULL, NULL);
    for (unsigned i = 0; i < count; i++)
        if (!CHECK(SnmpSetVb(list, 0, name_of(&name, "2.999.1"), &values[i]) == i + 1))
            check_note("syntax 0x%X", (unsigned)values[i].syntax);
    check_values(list, values, count);
    check_name(list, 1, "2.999.1");
    HSNMP_VBL copy = SnmpDuplicateVbl(session, list);
    CHECK_EQUAL(SnmpFreeVbl(list), SNMPAPI_SUCCESS);
    check_values(copy, values, count);
    for (unsigned i = 0; i < count; i++) check_alone(&values[i]);

    HSNMP_PDU pdu = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 1, 0, 0, copy);
    HSNMP_ENTITY to = entity_at(session, "127.0.0.1", 4711);
    smiOCTETS octets = {0, NULL};
    smiUINT32 length = SnmpEncodeMsg(session, NULL, to, community(session, "public"), pdu, &octets);
    REQUIRE(length > 0 && length == octets.len);
    check_wire(&octets, values, count);
    HSNMP_ENTITY from = to;
    HSNMP_CONTEXT context = NULL;
    HSNMP_PDU decoded = NULL;
    CHECK_EQUAL(SnmpDecodeMsg(session, &from, &to, &context, &decoded, &octets), octets.len);
    CHECK(from == NULL && to == NULL && context != NULL && decoded != NULL);
    HSNMP_VBL inside = list_in(decoded);
    check_values(inside, values, count);
    check_name(inside, count, "2.999.1");
    CHECK_EQUAL(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &octets), SNMPAPI_SUCCESS);

    /* An address of another length is the application's affair: it is kept and sent as it is. */
    values[0] = octets_as(SNMP_SYNTAX_IPADDR, long_octets, 16);
    HSNMP_VBL odd = list_of(session, "2.999.1", &values[0]);
    check_values(odd, values, 1);
    pdu = SnmpCreatePdu(session, SNMP_PDU_RESPONSE, 1, 0, 0, odd);
    HSNMP_ENTITY v2 = entity_at(session, "127.0.0.1", 4711);
    CHECK(SnmpEncodeMsg(session, NULL, v2, community(session, "public"), pdu, &octets) != SNMPAPI_FAILURE);
    check_wire(&octets, values, 1);
}

const struct check pdu_checks[] = {
    {"27", "SnmpCreatePdu with defaults", c27},
    {"28", "types of PDUs, stale lists", c28},
    {"29", "non-repeaters and max-repetitions", c29},
    {"30", "SnmpSetPduData", c30},
    {"31", "each SnmpGetPduData makes a list", c31},
    {"32", "PDUs copy their bindings", c32},
    {"33", "error fields of requests and responses", c33},
    {"34", "the empty list", c34},
    {"35", "SnmpCreateVbl: names and syntaxes", c35},
    {"36", "SnmpSetVb", c36},
    {"37", "SnmpDeleteVb", c37},
    {"38", "every syntax, there and back", c38},
    {NULL, NULL, NULL},
};
