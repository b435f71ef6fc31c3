/*
 * oriel_winsnmp.h: what this library adds to WinSNMP. Windows has none of it; a program that wants to stay portable
 * leaves these functions out, or finds them with dlsym.
 *
 * The rules of winsnmp.h hold here too, except that options, the hook and the database may be set before SnmpStartup.
 *
 * Copyright (c) the Oriel contributors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef ORIEL_WINSNMP_EXTENSIONS_H
#define ORIEL_WINSNMP_EXTENSIONS_H

#include "winsnmp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Window messages ---- */

/* Non-zero: hWnd is a window. */
typedef int(SNMPAPI_CALL *ORIEL_SNMP_ISWINDOW)(HWND hWnd);
/* Non-zero: the message was posted. Called by threads of the library. */
typedef int(SNMPAPI_CALL *ORIEL_SNMP_POSTMESSAGE)(HWND hWnd, UINT wMsg, WPARAM wParam, LPARAM lParam);

/* How sessions with windows reach them; both NULL: there are no windows. OPERATION_INVALID: only one is NULL. */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpSetWindowHook(ORIEL_SNMP_ISWINDOW isWindow, ORIEL_SNMP_POSTMESSAGE postMessage);

/* ---- Options; each can also be set by the environment variable that is named behind it ---- */

/* The UDP port of traps and informs; 162. WINSNMP_TRAP_PORT */
#define ORIEL_SNMP_OPTION_TRAP_PORT 1
/* 1: SnmpCreateSession(0, 0, NULL, NULL) makes a session to be polled; 0. WINSNMP_POLLING_SESSIONS */
#define ORIEL_SNMP_OPTION_POLLING_SESSIONS 2
/* 1: traps of version 1 also get snmpTrapAddress and snmpTrapCommunity (RFC 3584 3.1); 0. WINSNMP_RFC3584_TRAPS */
#define ORIEL_SNMP_OPTION_RFC3584_TRAPS 3
/* 1: informs that are registered for are answered; 1. WINSNMP_ANSWER_INFORMS */
#define ORIEL_SNMP_OPTION_ANSWER_INFORMS 4
/* Of new entities, in hundredths of a second; 300. WINSNMP_TIMEOUT */
#define ORIEL_SNMP_OPTION_DEFAULT_TIMEOUT 5
/* Of new entities; 3. WINSNMP_RETRIES */
#define ORIEL_SNMP_OPTION_DEFAULT_RETRIES 6
/* Sessions at one time; 4096. WINSNMP_MAX_SESSIONS */
#define ORIEL_SNMP_OPTION_MAX_SESSIONS 7
/* Handles of each other kind at one time; 262144. WINSNMP_MAX_HANDLES */
#define ORIEL_SNMP_OPTION_MAX_HANDLES 8
/* 1: the programs of one user share the port of traps; 1. WINSNMP_SHARE_TRAP_PORT */
#define ORIEL_SNMP_OPTION_SHARE_TRAP_PORT 9

/* OPERATION_INVALID (no such option), SIZE_INVALID (value out of range). */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpSetOption(smiUINT32 option, smiUINT32 value);
/* OPERATION_INVALID (no such option), NOOP (value NULL). */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpGetOption(smiUINT32 option, smiLPUINT32 value);

/*
 * The database with the names of entities and contexts for translated mode, alone: a directory, or a JSON file whose
 * name ends in .json. NULL: the default, which is the user's own, whose place the environment variable WINSNMP_DATABASE
 * may name, and for names that it lacks the station's. OTHER_ERROR (it can't be read, or is wrong).
 */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpSetDatabase(LPCSTR path);

/* ---- Waiting without callbacks ---- */

/*
 * A file descriptor for poll, select and the like that is readable while messages or notifications wait in the session;
 * -1 on failure. It belongs to the session: neither read from it nor close it. SESSION_INVALID.
 */
int SNMPAPI_CALL OrielSnmpGetDescriptor(HSNMP_SESSION session);
/*
 * Waits until something can be received; a negative time has no end. SNMPAPI_SUCCESS: something waits.
 * SESSION_INVALID, TL_TIMEOUT (nothing came).
 */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpWait(HSNMP_SESSION session, smiINT32 milliseconds);

/*
 * One English sentence about the last error (of a session; NULL: at all), in UTF-8 and never with secrets. Returns the
 * length with the final NUL. Works always; doesn't change what SnmpGetLastError returns unless it fails itself:
 * SIZE_INVALID (size 0), ALLOC_ERROR (text NULL), OUTPUT_TRUNCATED (what fits, with a NUL).
 */
SNMPAPI_STATUS SNMPAPI_CALL OrielSnmpGetErrorText(HSNMP_SESSION session, smiUINT32 size, LPSTR text);

#ifdef __cplusplus
}
#endif

#endif /* ORIEL_WINSNMP_EXTENSIONS_H */
