/*
 * winsnmp.h: the WinSNMP manager API 2.0 for C and C++, as the library wsnmp32 of Oriel implements it.
 *
 * The names, values and layouts are those of Windows, so that programs written for it compile and link here. That holds
 * for 64-bit systems too: every number below has 32 bits whatever the size of `long`, and handles are pointers.
 * Extensions of this library are declared in oriel_winsnmp.h, except the functions of the v3 addendum at the end.
 *
 * Rules that hold for every function:
 *   - It may be called by any thread, and within callbacks.
 *   - Failure is SNMPAPI_FAILURE (0, also for handles); SnmpGetLastError says why. Success is any other value.
 *   - Before SnmpStartup and after SnmpCleanup everything but SnmpGetLastError fails with SNMPAPI_NOT_INITIALIZED.
 *   - SNMPAPI_ALLOC_ERROR: out of memory, or a pointer is NULL that must not be. SNMPAPI_OTHER_ERROR: anything else.
 *   - Arguments are copied: the caller's memory and handles may be freed as soon as the function has returned.
 *   - A handle that isn't one, or no longer, fails with the ..._INVALID code of its kind.
 * The comments name the other error codes, without the prefix SNMPAPI_.
 *
 * Copyright (c) the Oriel contributors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef ORIEL_WINSNMP_H
#define ORIEL_WINSNMP_H
#ifndef _INC_WINSNMP
#define _INC_WINSNMP
#endif

#include "oriel_windows_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Calling convention ---- */

#ifndef SNMPAPI_CALL
#define SNMPAPI_CALL WINAPI
#endif

/* ---- Numbers ---- */

typedef unsigned char smiBYTE, FAR *smiLPBYTE;

/* smiINT and smiINT32 are one type, and 32 bits wide: C's long would not be. */
typedef signed int smiINT, FAR *smiLPINT;
typedef smiINT smiINT32, FAR *smiLPINT32;
typedef unsigned int smiUINT32, FAR *smiLPUINT32;

typedef smiUINT32 smiCNTR32, FAR *smiLPCNTR32;
typedef smiUINT32 smiGAUGE32, FAR *smiLPGAUGE32;
typedef smiUINT32 smiTIMETICKS, FAR *smiLPTIMETICKS;

/* A 64-bit counter in two halves, the high one first. This is not the layout of a 64-bit integer. */
typedef struct {
    smiUINT32 hipart;
    smiUINT32 lopart;
} smiCNTR64, FAR *smiLPCNTR64;
typedef const smiCNTR64 FAR *smiLPCCNTR64;

/* What most functions return: SNMPAPI_FAILURE, or SNMPAPI_SUCCESS or a count. */
typedef smiUINT32 SNMPAPI_STATUS;

/* ---- Descriptors: a length and where the elements are ---- */

/* `len` octets at `ptr`. Length 0 has `ptr` NULL when the library fills it in. */
typedef struct {
    smiUINT32 len;
    smiLPBYTE ptr;
} smiOCTETS, FAR *smiLPOCTETS;
typedef const smiOCTETS FAR *smiLPCOCTETS;

typedef smiOCTETS smiBITS, FAR *smiLPBITS;
typedef const smiBITS FAR *smiLPCBITS;
typedef smiOCTETS smiOPAQUE, FAR *smiLPOPAQUE;
typedef const smiOPAQUE FAR *smiLPCOPAQUE;
typedef smiOCTETS smiIPADDR, FAR *smiLPIPADDR;
typedef const smiIPADDR FAR *smiLPCIPADDR;
typedef smiOCTETS smiNSAPADDR, FAR *smiLPNSAPADDR;
typedef const smiNSAPADDR FAR *smiLPCNSAPADDR;

/* An object identifier: `len` sub-identifiers of 32 bits at `ptr`. */
typedef struct {
    smiUINT32 len;
    smiLPUINT32 ptr;
} smiOID, FAR *smiLPOID;
typedef const smiOID FAR *smiLPCOID;

/* A value. `syntax` (SNMP_SYNTAX_...) tells which member of the union holds it. */
typedef struct {
    smiUINT32 syntax;
    union {
        smiINT sNumber;    /* INT, INT32 */
        smiUINT32 uNumber; /* UINT32, CNTR32, GAUGE32, UNSIGNED32, TIMETICKS */
        smiCNTR64 hNumber; /* CNTR64 */
        smiOCTETS string;  /* OCTETS, BITS, OPAQUE, IPADDR, NSAPADDR */
        smiOID oid;        /* OID */
        smiBYTE empty;     /* NULL, NOSUCHOBJECT, NOSUCHINSTANCE, ENDOFMIBVIEW */
    } value;
} smiVALUE, FAR *smiLPVALUE;
typedef const smiVALUE FAR *smiLPCVALUE;

#define MAXOBJIDSIZE 128     /* sub-identifiers in an object identifier */
#define MAXOBJIDSTRSIZE 1408 /* octets of its text, with the final NUL */
#define MAXVENDORINFO 32     /* unit of the texts in smiVENDORINFO */

typedef struct {
    char vendorName[MAXVENDORINFO * 2];
    char vendorContact[MAXVENDORINFO * 2];
    char vendorVersionId[MAXVENDORINFO];
    char vendorVersionDate[MAXVENDORINFO];
    smiUINT32 vendorEnterprise; /* the vendor's number below 1.3.6.1.4.1 */
} smiVENDORINFO, FAR *smiLPVENDORINFO;

/* ---- Handles: all of one type, as on Windows ---- */

typedef HANDLE HSNMP_SESSION, FAR *LPHSNMP_SESSION;
typedef HANDLE HSNMP_ENTITY, FAR *LPHSNMP_ENTITY;
typedef HANDLE HSNMP_CONTEXT, FAR *LPHSNMP_CONTEXT;
typedef HANDLE HSNMP_PDU, FAR *LPHSNMP_PDU;
typedef HANDLE HSNMP_VBL, FAR *LPHSNMP_VBL;

/* ---- ASN.1 tags, syntaxes of values, types of PDUs ---- */

#define ASN_UNIVERSAL 0x00
#define ASN_APPLICATION 0x40
#define ASN_CONTEXT 0x80
#define ASN_PRIVATE 0xC0
#define ASN_PRIMITIVE 0x00
#define ASN_CONSTRUCTOR 0x20

#define SNMP_SYNTAX_INT 0x02
#define SNMP_SYNTAX_INT32 0x02
#define SNMP_SYNTAX_BITS 0x03
#define SNMP_SYNTAX_OCTETS 0x04
#define SNMP_SYNTAX_NULL 0x05
#define SNMP_SYNTAX_OID 0x06
#define SNMP_SYNTAX_SEQUENCE 0x30
#define SNMP_SYNTAX_IPADDR 0x40
#define SNMP_SYNTAX_CNTR32 0x41
#define SNMP_SYNTAX_GAUGE32 0x42
#define SNMP_SYNTAX_UNSIGNED32 0x42
#define SNMP_SYNTAX_TIMETICKS 0x43
#define SNMP_SYNTAX_OPAQUE 0x44
#define SNMP_SYNTAX_NSAPADDR 0x45
#define SNMP_SYNTAX_CNTR64 0x46
#define SNMP_SYNTAX_UINT32 0x47
#define SNMP_SYNTAX_NOSUCHOBJECT 0x80
#define SNMP_SYNTAX_NOSUCHINSTANCE 0x81
#define SNMP_SYNTAX_ENDOFMIBVIEW 0x82

#define SNMP_PDU_GET 0xA0
#define SNMP_PDU_GETNEXT 0xA1
#define SNMP_PDU_RESPONSE 0xA2
#define SNMP_PDU_SET 0xA3
#define SNMP_PDU_V1TRAP 0xA4
#define SNMP_PDU_GETBULK 0xA5
#define SNMP_PDU_INFORM 0xA6
#define SNMP_PDU_TRAP 0xA7

/* Generic traps of SNMPv1. */
#define SNMP_TRAP_COLDSTART 0
#define SNMP_TRAP_WARMSTART 1
#define SNMP_TRAP_LINKDOWN 2
#define SNMP_TRAP_LINKUP 3
#define SNMP_TRAP_AUTHFAIL 4
#define SNMP_TRAP_EGPNEIGHBORLOSS 5
#define SNMP_TRAP_ENTERPRISESPECIFIC 6

/* The error status of a response. */
#define SNMP_ERROR_NOERROR 0
#define SNMP_ERROR_TOOBIG 1
#define SNMP_ERROR_NOSUCHNAME 2
#define SNMP_ERROR_BADVALUE 3
#define SNMP_ERROR_READONLY 4
#define SNMP_ERROR_GENERR 5
#define SNMP_ERROR_NOACCESS 6
#define SNMP_ERROR_WRONGTYPE 7
#define SNMP_ERROR_WRONGLENGTH 8
#define SNMP_ERROR_WRONGENCODING 9
#define SNMP_ERROR_WRONGVALUE 10
#define SNMP_ERROR_NOCREATION 11
#define SNMP_ERROR_INCONSISTENTVALUE 12
#define SNMP_ERROR_RESOURCEUNAVAILABLE 13
#define SNMP_ERROR_COMMITFAILED 14
#define SNMP_ERROR_UNDOFAILED 15
#define SNMP_ERROR_AUTHORIZATIONERROR 16
#define SNMP_ERROR_NOTWRITABLE 17
#define SNMP_ERROR_INCONSISTENTNAME 18

/* ---- Modes, levels, states ---- */

#define SNMPAPI_TRANSLATED 0      /* names of entities and contexts are looked up in the database */
#define SNMPAPI_UNTRANSLATED_V1 1 /* addresses and communities are literal, messages have version 1 */
#define SNMPAPI_UNTRANSLATED_V2 2 /* the same with version 2c */

#define SNMPAPI_NO_SUPPORT 0
#define SNMPAPI_V1_SUPPORT 1
#define SNMPAPI_V2_SUPPORT 2
#define SNMPAPI_M2M_SUPPORT 3

#define SNMPAPI_OFF 0
#define SNMPAPI_ON 1

#define SNMPLISTEN_USEENTITY_ADDR 0 /* SnmpListenEx: at the address of the entity */
#define SNMPLISTEN_ALL_ADDR 1       /* SnmpListenEx: at all addresses of its family */

/* ---- Results and error codes ---- */

/* A plain zero: it is compared with, and assigned to, both numbers and handles. */
#define SNMPAPI_FAILURE 0
#define SNMPAPI_SUCCESS 1

#define SNMPAPI_ALLOC_ERROR 2
#define SNMPAPI_CONTEXT_INVALID 3
#define SNMPAPI_CONTEXT_UNKNOWN 4
#define SNMPAPI_ENTITY_INVALID 5
#define SNMPAPI_ENTITY_UNKNOWN 6
#define SNMPAPI_INDEX_INVALID 7
#define SNMPAPI_NOOP 8
#define SNMPAPI_OID_INVALID 9
#define SNMPAPI_OPERATION_INVALID 10
#define SNMPAPI_OUTPUT_TRUNCATED 11
#define SNMPAPI_PDU_INVALID 12
#define SNMPAPI_SESSION_INVALID 13
#define SNMPAPI_SYNTAX_INVALID 14
#define SNMPAPI_VBL_INVALID 15
#define SNMPAPI_MODE_INVALID 16
#define SNMPAPI_SIZE_INVALID 17
#define SNMPAPI_NOT_INITIALIZED 18
#define SNMPAPI_MESSAGE_INVALID 19
#define SNMPAPI_HWND_INVALID 20
#define SNMPAPI_OTHER_ERROR 99

/* Of the transport layer. TL_TIMEOUT also is the wParam that reports a request without an answer. */
#define SNMPAPI_TL_NOT_INITIALIZED 100
#define SNMPAPI_TL_NOT_SUPPORTED 101
#define SNMPAPI_TL_NOT_AVAILABLE 102
#define SNMPAPI_TL_RESOURCE_ERROR 103
#define SNMPAPI_TL_UNDELIVERABLE 104
#define SNMPAPI_TL_SRC_INVALID 105
#define SNMPAPI_TL_INVALID_PARAM 106
#define SNMPAPI_TL_IN_USE 107
#define SNMPAPI_TL_TIMEOUT 108
#define SNMPAPI_TL_PDU_TOO_BIG 109
#define SNMPAPI_TL_OTHER 199

/* ---- Types of functions ---- */

/*
 * Told by a thread of the library that something happened in a session: wParam is 0 when a message can be received with
 * SnmpRecvMsg, or an error code when the request lParam failed. lParam is the request's identifier. hWnd, wMsg and
 * lpClientData are what the session was created with. Return SNMPAPI_SUCCESS; 0 closes the session.
 */
typedef SNMPAPI_STATUS(CALLBACK *SNMPAPI_CALLBACK)(
    HSNMP_SESSION hSession, HWND hWnd, UINT wMsg, WPARAM wParam, LPARAM lParam, LPVOID lpClientData);

/* Of SnmpStartupEx and SnmpCleanupEx, for programs that look them up at run time. */
typedef SNMPAPI_STATUS(SNMPAPI_CALL *PFNSNMPSTARTUPEX)(
    smiLPUINT32 nMajorVersion, smiLPUINT32 nMinorVersion, smiLPUINT32 nLevel, smiLPUINT32 nTranslateMode,
    smiLPUINT32 nRetransmitMode);
typedef SNMPAPI_STATUS(SNMPAPI_CALL *PFNSNMPCLEANUPEX)(void);

/* ---- Life cycle ---- */

/*
 * Makes the library ready; every output may be NULL. Fills in version 2 and 0, the level, the two modes in force. Calls
 * aren't counted: one SnmpCleanup undoes any number of them.
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpStartup(
    smiLPUINT32 nMajorVersion, smiLPUINT32 nMinorVersion, smiLPUINT32 nLevel, smiLPUINT32 nTranslateMode,
    smiLPUINT32 nRetransmitMode);
/* Closes all sessions, frees all handles and descriptors, ends all threads. Not for destructors and exit handlers. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpCleanup(void);
/* As SnmpStartup, but each success wants one SnmpCleanupEx: for libraries that share a process. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpStartupEx(
    smiLPUINT32 nMajorVersion, smiLPUINT32 nMinorVersion, smiLPUINT32 nLevel, smiLPUINT32 nTranslateMode,
    smiLPUINT32 nRetransmitMode);
/* OTHER_ERROR: no SnmpStartupEx is outstanding. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpCleanupEx(void);

/* The code of the session's last failure; NULL: of the last failure at all. Works always. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetLastError(HSNMP_SESSION session);
/* NOOP: NULL. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetVendorInfo(smiLPVENDORINFO vendorInfo);

/* ---- Sessions and messages ---- */

/* A session that posts window messages (oriel_winsnmp.h tells how). HWND_INVALID, MESSAGE_INVALID. */
HSNMP_SESSION SNMPAPI_CALL SnmpOpen(HWND hWnd, UINT wMsg);
/*
 * A session that calls back, or without a callback one that posts window messages.
 * HWND_INVALID, MESSAGE_INVALID, MODE_INVALID, OPERATION_INVALID (neither callback nor window).
 */
HSNMP_SESSION SNMPAPI_CALL SnmpCreateSession(HWND hWnd, UINT wMsg, SNMPAPI_CALLBACK fCallBack, LPVOID lpClientData);
/* Drops the session's requests and messages and frees all that was made with it. SESSION_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpClose(HSNMP_SESSION session);

/*
 * Sends without waiting; srcEntity may be NULL. SESSION_INVALID, ENTITY_INVALID, CONTEXT_INVALID, PDU_INVALID,
 * OPERATION_INVALID (the destination's version has no such PDU), TL_...
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSendMsg(
    HSNMP_SESSION session, HSNMP_ENTITY srcEntity, HSNMP_ENTITY dstEntity, HSNMP_CONTEXT context, HSNMP_PDU PDU);
/*
 * The next message of the session, without waiting; an output may be NULL, all others want freeing, also when a failed
 * request is reported by a TL_... error. NOOP: nothing is there, the outputs are NULL. SESSION_INVALID, TL_...
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpRecvMsg(
    HSNMP_SESSION session, LPHSNMP_ENTITY srcEntity, LPHSNMP_ENTITY dstEntity, LPHSNMP_CONTEXT context,
    LPHSNMP_PDU PDU);
/*
 * Starts or ends the delivery of traps and informs; NULL stands for any. Entities are those of the agent and of the
 * manager, in the order of a request: srcEntity the manager, dstEntity the agent.
 * SESSION_INVALID, ENTITY_INVALID, CONTEXT_INVALID, OID_INVALID, TL_NOT_INITIALIZED, TL_IN_USE, TL_NOT_AVAILABLE
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpRegister(
    HSNMP_SESSION session, HSNMP_ENTITY srcEntity, HSNMP_ENTITY dstEntity, HSNMP_CONTEXT context,
    smiLPCOID notification, smiUINT32 state);
/* Forgets a request. SESSION_INVALID, PDU_INVALID (no such request is outstanding). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpCancelMsg(HSNMP_SESSION session, smiINT32 reqId);

/*
 * SNMPAPI_ON: receive requests at the entity's address and port, SNMPAPI_OFF: no longer.
 * ENTITY_INVALID, MODE_INVALID, NOOP (it is so already), TL_RESOURCE_ERROR, TL_OTHER (the port can't be had).
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpListen(HSNMP_ENTITY hEntity, SNMPAPI_STATUS lStatus);
/* The same, nUseEntityAddr one of SNMPLISTEN_... */
SNMPAPI_STATUS SNMPAPI_CALL SnmpListenEx(HSNMP_ENTITY hEntity, SNMPAPI_STATUS lStatus, smiUINT32 nUseEntityAddr);

/* ---- Modes, timeouts, retries ---- */

/* NOOP: NULL. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetTranslateMode(smiLPUINT32 nTranslateMode);
/* For what is made and sent from now on. MODE_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetTranslateMode(smiUINT32 nTranslateMode);
/* NOOP: NULL. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetRetransmitMode(smiLPUINT32 nRetransmitMode);
/* SNMPAPI_OFF also ends the repetition of outstanding requests. MODE_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetRetransmitMode(smiUINT32 nRetransmitMode);
/* In hundredths of a second: as set, and as measured last (0: never). ENTITY_INVALID, NOOP (both NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetTimeout(
    HSNMP_ENTITY hEntity, smiLPTIMETICKS nPolicyTimeout, smiLPTIMETICKS nActualTimeout);
/* ENTITY_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetTimeout(HSNMP_ENTITY hEntity, smiTIMETICKS nPolicyTimeout);
/* Repetitions: as set, and as were needed last. ENTITY_INVALID, NOOP (both NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetRetry(HSNMP_ENTITY hEntity, smiLPUINT32 nPolicyRetry, smiLPUINT32 nActualRetry);
/* ENTITY_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetRetry(HSNMP_ENTITY hEntity, smiUINT32 nPolicyRetry);

/* ---- Entities and contexts ---- */

/* An address, or in translated mode a name. SESSION_INVALID, ENTITY_UNKNOWN. */
HSNMP_ENTITY SNMPAPI_CALL SnmpStrToEntity(HSNMP_SESSION session, LPCSTR string);
/* Returns the length with the final NUL. ENTITY_INVALID, SIZE_INVALID (0), OUTPUT_TRUNCATED (what fits, with a NUL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpEntityToStr(HSNMP_ENTITY entity, smiUINT32 size, LPSTR string);
/* ENTITY_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeEntity(HSNMP_ENTITY entity);
/* The UDP port that is sent to or listened at. ENTITY_INVALID, TL_INVALID_PARAM, OPERATION_INVALID (it listens). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetPort(HSNMP_ENTITY hEntity, UINT nPort);

/* A community, or in translated mode a name. SESSION_INVALID, CONTEXT_INVALID (no octets), CONTEXT_UNKNOWN. */
HSNMP_CONTEXT SNMPAPI_CALL SnmpStrToContext(HSNMP_SESSION session, smiLPCOCTETS string);
/* The octets want freeing by SnmpFreeDescriptor. CONTEXT_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpContextToStr(HSNMP_CONTEXT context, smiLPOCTETS string);
/* CONTEXT_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeContext(HSNMP_CONTEXT context);

/* ---- PDUs ---- */

/*
 * Type 0 is SNMP_PDU_GETNEXT, request identifier 0 a new one; of SNMP_PDU_GETBULK the other numbers are non-repeaters
 * and max-repetitions. The bindings are copied; NULL: none. SESSION_INVALID, PDU_INVALID (no such type), VBL_INVALID.
 */
HSNMP_PDU SNMPAPI_CALL SnmpCreatePdu(
    HSNMP_SESSION session, smiINT PDU_type, smiINT32 request_id, smiINT error_status, smiINT error_index,
    HSNMP_VBL varbindlist);
/* An output may be NULL; the list of bindings is a new one each time. PDU_INVALID, NOOP (all NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetPduData(
    HSNMP_PDU PDU, smiLPINT PDU_type, smiLPINT32 request_id, smiLPINT error_status, smiLPINT error_index,
    LPHSNMP_VBL varbindlist);
/* NULL leaves what is there; the two counts are of SNMP_PDU_GETBULK only. PDU_INVALID, VBL_INVALID, NOOP (all NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetPduData(
    HSNMP_PDU PDU, const smiINT FAR *PDU_type, const smiINT32 FAR *request_id, const smiINT FAR *non_repeaters,
    const smiINT FAR *max_repetitions, const HSNMP_VBL FAR *varbindlist);
/* SESSION_INVALID, PDU_INVALID. */
HSNMP_PDU SNMPAPI_CALL SnmpDuplicatePdu(HSNMP_SESSION session, HSNMP_PDU PDU);
/* PDU_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreePdu(HSNMP_PDU PDU);

/* ---- Lists of variable bindings ---- */

/* One binding, or none if name is NULL; value NULL: SNMP_SYNTAX_NULL. SESSION_INVALID, OID_INVALID, SYNTAX_INVALID. */
HSNMP_VBL SNMPAPI_CALL SnmpCreateVbl(HSNMP_SESSION session, smiLPCOID name, smiLPCVALUE value);
/* SESSION_INVALID, VBL_INVALID. */
HSNMP_VBL SNMPAPI_CALL SnmpDuplicateVbl(HSNMP_SESSION session, HSNMP_VBL vbl);
/* VBL_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeVbl(HSNMP_VBL vbl);
/* Returns the number of bindings. VBL_INVALID, NOOP (there are none). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpCountVbl(HSNMP_VBL vbl);
/*
 * The binding `index`, from 1. The name, and values that are octets or identifiers, want freeing by SnmpFreeDescriptor.
 * VBL_INVALID, INDEX_INVALID, NOOP (both outputs NULL).
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetVb(HSNMP_VBL vbl, smiUINT32 index, smiLPOID name, smiLPVALUE value);
/*
 * Replaces a binding, or with index 0 appends one; returns its index. name NULL keeps the name, value NULL is
 * SNMP_SYNTAX_NULL. VBL_INVALID, INDEX_INVALID, OID_INVALID, SYNTAX_INVALID.
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetVb(HSNMP_VBL vbl, smiUINT32 index, smiLPCOID name, smiLPCVALUE value);
/* Later bindings move down. VBL_INVALID, INDEX_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpDeleteVb(HSNMP_VBL vbl, smiUINT32 index);

/* ---- Utilities ---- */

/*
 * Frees what the library allocated and sets the descriptor to length 0. Any of the syntaxes OCTETS, OPAQUE, BITS,
 * IPADDR, NSAPADDR and OID frees any descriptor. SYNTAX_INVALID (another one), OPERATION_INVALID (not our memory).
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeDescriptor(smiUINT32 syntax, smiLPOPAQUE descriptor);
/*
 * The message that SnmpSendMsg would send; returns its length. To be freed by SnmpFreeDescriptor.
 * SESSION_INVALID, ENTITY_INVALID, CONTEXT_INVALID, PDU_INVALID
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpEncodeMsg(
    HSNMP_SESSION session, HSNMP_ENTITY srcEntity, HSNMP_ENTITY dstEntity, HSNMP_CONTEXT context, HSNMP_PDU pdu,
    smiLPOCTETS msgBufDesc);
/*
 * Takes a message apart; returns how many octets it had. The entities are NULL for versions 1 and 2c.
 * SESSION_INVALID, MESSAGE_INVALID (nothing was made), OUTPUT_TRUNCATED
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpDecodeMsg(
    HSNMP_SESSION session, LPHSNMP_ENTITY srcEntity, LPHSNMP_ENTITY dstEntity, LPHSNMP_CONTEXT context, LPHSNMP_PDU pdu,
    smiLPCOCTETS msgBufDesc);
/* Dotted decimals, 2 to 128 of them; returns how many. To be freed by SnmpFreeDescriptor. OID_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpStrToOid(LPCSTR string, smiLPOID dstOID);
/* Returns the length with the final NUL. SIZE_INVALID (0), OID_INVALID, OUTPUT_TRUNCATED (what fits, with a NUL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpOidToStr(smiLPCOID srcOID, smiUINT32 size, LPSTR string);
/* Returns the number of sub-identifiers. To be freed by SnmpFreeDescriptor. OID_INVALID. */
SNMPAPI_STATUS SNMPAPI_CALL SnmpOidCopy(smiLPCOID srcOID, smiLPOID dstOID);
/*
 * *result is negative, 0 or positive as xOID comes before, equals or follows yOID, comparing no more than maxlen
 * sub-identifiers if maxlen isn't 0. OID_INVALID, SIZE_INVALID (maxlen above 128).
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpOidCompare(smiLPCOID xOID, smiLPCOID yOID, smiUINT32 maxlen, smiLPINT result);

/*
 * ---- The SNMPv3 addendum ----
 *
 * Entities with engine data, contexts with a user of the user-based security model. PDUs, lists of bindings and
 * messages work as ever. Engines are discovered when first sent to. Windows' own library has none of these functions.
 */

#define SNMPAPI_UNTRANSLATED_V3 3
#define SNMPAPI_V3_SUPPORT 3

#define SNMP_PDU_REPORT 0xA8

#define SNMP_SEC_MODEL_V1 1
#define SNMP_SEC_MODEL_V2 2
#define SNMP_SEC_MODEL_USM 3

#define SNMP_NOAUTH_NOPRIV 0
#define SNMP_AUTH_NOPRIV 1
#define SNMP_AUTH_PRIV 3

#define SNMP_USM_NO_AUTH_PROTOCOL 1
#define SNMP_USM_HMACMD5_AUTH_PROTOCOL 2
#define SNMP_USM_HMACSHA_AUTH_PROTOCOL 3
/* Not of the addendum: RFC 7860. */
#define SNMP_USM_HMACSHA224_AUTH_PROTOCOL 4
#define SNMP_USM_HMACSHA256_AUTH_PROTOCOL 5
#define SNMP_USM_HMACSHA384_AUTH_PROTOCOL 6
#define SNMP_USM_HMACSHA512_AUTH_PROTOCOL 7

#define SNMP_USM_NO_PRIV_PROTOCOL 1
#define SNMP_USM_DES_PRIV_PROTOCOL 2
/* Not of the addendum: 3DES and AES with 192 and 256 bits as widely implemented, AES-128 as in RFC 3826. */
#define SNMP_USM_3DES_PRIV_PROTOCOL 3
#define SNMP_USM_AES128_PRIV_PROTOCOL 4
#define SNMP_USM_AES192_PRIV_PROTOCOL 5
#define SNMP_USM_AES256_PRIV_PROTOCOL 6

#define SNMPAPI_ENGINE_INVALID 30
#define SNMPAPI_ENGINE_DISCOVERY_FAILED 31

/* What a Report said that came instead of a response. */
#define SNMPAPI_RPT_INVALIDMSG 200
#define SNMPAPI_RPT_INASNPARSEERR 201
#define SNMPAPI_RPT_UNKNOWNSECMODEL 202
#define SNMPAPI_RPT_UNKNOWNENGINEID 203
#define SNMPAPI_RPT_UNSUPPSECLEVEL 204
#define SNMPAPI_RPT_UNKNOWNUSERNAME 205
#define SNMPAPI_RPT_WRONGDIGEST 206
#define SNMPAPI_RPT_NOTINTIMEWINDOW 207
#define SNMPAPI_RPT_DECRYPTIONERROR 208
#define SNMPAPI_RPT_OTHER 299

typedef struct {
    HSNMP_ENTITY hEntity;
    HSNMP_SESSION hSession;
    smiUINT32 nTranslateMode;
    smiUINT32 nSnmpVersion;
    smiOCTETS dFriendlyName;
    smiUINT32 nAddressFamily;
    smiOCTETS dAddressString;
    smiUINT32 nRequestPort;
    smiUINT32 nNotificationPort;
    smiUINT32 nMaxMsgSize;
    smiOCTETS dEngineID;
    smiUINT32 nEngineBoots;
    smiUINT32 nEngineTime;
    smiUINT32 nEngineSeconds;
    smiUINT32 nRetransmitMode;
    smiTIMETICKS nPolicyTimeout;
    smiUINT32 nPolicyRetry;
    smiTIMETICKS nActualTimeout;
    smiUINT32 nActualRetry;
} smiENTITYINFO, FAR *smiLPENTITYINFO;

typedef struct {
    HSNMP_CONTEXT hContext;
    HSNMP_SESSION hSession;
    smiUINT32 nTranslateMode;
    smiUINT32 nSnmpVersion;
    smiOCTETS dFriendlyName;
    smiOCTETS dContextEngineID;
    smiOCTETS dContextName;
    smiOCTETS dSecurityName;
    smiUINT32 nSecurityModel;
    smiUINT32 nSecurityLevel;
    smiUINT32 nSecurityAuthProtocol;
    smiOCTETS dSecurityAuthKey;
    smiUINT32 nSecurityPrivProtocol;
    smiOCTETS dSecurityPrivKey;
} smiCONTEXTINFO, FAR *smiLPCONTEXTINFO;

/* SESSION_INVALID, ENTITY_UNKNOWN, ENGINE_INVALID. */
HSNMP_ENTITY SNMPAPI_CALL SnmpCreateEntity(HSNMP_SESSION session, smiLPENTITYINFO entityInfo);
/* The octets want freeing by SnmpFreeEntityInfo. ENTITY_INVALID, NOOP (NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetEntityInfo(HSNMP_ENTITY hEntity, smiLPENTITYINFO entityInfo);
/* ENTITY_INVALID, NOOP (NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetEntityInfo(HSNMP_ENTITY hEntity, smiLPENTITYINFO entityInfo);
/* Frees the octets that SnmpGetEntityInfo made, not the entity. OPERATION_INVALID (other octets). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeEntityInfo(smiLPENTITYINFO entityInfo);
/* SESSION_INVALID, CONTEXT_INVALID, CONTEXT_UNKNOWN. */
HSNMP_CONTEXT SNMPAPI_CALL SnmpCreateContext(HSNMP_SESSION session, smiLPCONTEXTINFO contextInfo);
/* The octets want freeing by SnmpFreeContextInfo. CONTEXT_INVALID, NOOP (NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpGetContextInfo(HSNMP_CONTEXT hContext, smiLPCONTEXTINFO contextInfo);
/* CONTEXT_INVALID, NOOP (NULL). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpSetContextInfo(HSNMP_CONTEXT hContext, smiLPCONTEXTINFO contextInfo);
/* Frees the octets that SnmpGetContextInfo made, not the context. OPERATION_INVALID (other octets). */
SNMPAPI_STATUS SNMPAPI_CALL SnmpFreeContextInfo(smiLPCONTEXTINFO contextInfo);
/*
 * The key that a password means for an authentication protocol (RFC 3414 A.2), not yet localized to an engine. It wants
 * freeing by SnmpFreeDescriptor. SIZE_INVALID (less than 8 octets), MODE_INVALID (no such protocol).
 */
SNMPAPI_STATUS SNMPAPI_CALL SnmpPasswordToKey(smiLPOCTETS password, smiINT32 authProtocol, smiLPOCTETS key);

#ifdef __cplusplus
}
#endif

#endif /* ORIEL_WINSNMP_H */
