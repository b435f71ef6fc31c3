/*
 * Layer: test programs of the C library. Used by: conformance (P2).
 * A console program as it would be written for Windows: sessions with callbacks, an event for each answer, a walk with
 * GETNEXT, mode OFF with waiting and repeating of its own, and the habits of such programs: double frees, freeing what
 * isn't the library's, cancelling what was answered. The exit code is 0 if all went as it does on Windows.
 */
#include <winsock2.h>
#include <windows.h>

#include <conio.h>
#include <process.h>
#include <stdio.h>
#include <tchar.h>

#include <WinSnmp.h>

#include <snmp.h>

#define TABLE "1.3.6.1.4.1.99999.1"
#define ROWS 50

typedef struct {
    HANDLE hEvent;
    CRITICAL_SECTION section;
    HSNMP_PDU hPdu; /* the last response; 0 after an error */
    WPARAM error;
    volatile LONG calls;
} REQUEST;

static int failures;

static void Expect(BOOL holds, const char *what) {
    if (holds) return;
    printf("# callback_app: %s (error %d)\n", what, (int)SnmpGetLastError(NULL));
    failures++;
}

static SNMPAPI_STATUS CALLBACK OnSnmp(
    HSNMP_SESSION hSession, HWND hWnd, UINT wMsg, WPARAM wParam, LPARAM lParam, LPVOID lpClientData) {
    REQUEST *request = (REQUEST *)lpClientData;
    UNREFERENCED_PARAMETER(hWnd);
    UNREFERENCED_PARAMETER(wMsg);
    UNREFERENCED_PARAMETER(lParam);
    EnterCriticalSection(&request->section);
    request->error = wParam;
    request->hPdu = SNMPAPI_FAILURE;
    if (wParam == 0) {
        HSNMP_ENTITY hSource = SNMPAPI_FAILURE, hDestination = SNMPAPI_FAILURE;
        HSNMP_CONTEXT hContext = SNMPAPI_FAILURE;
        if (SnmpRecvMsg(hSession, &hSource, &hDestination, &hContext, &request->hPdu) == SNMPAPI_FAILURE)
            request->error = SnmpGetLastError(hSession);
        SnmpFreeEntity(hSource);
        SnmpFreeEntity(hDestination);
        SnmpFreeContext(hContext);
    }
    InterlockedIncrement(&request->calls);
    LeaveCriticalSection(&request->section);
    SetEvent(request->hEvent);
    return SNMPAPI_SUCCESS;
}

/* Sends and waits; up to three tries by this program's own clock. The response is the caller's. */
static HSNMP_PDU Exchange(
    HSNMP_SESSION hSession, HSNMP_ENTITY hAgent, HSNMP_CONTEXT hContext, smiINT type, smiLPCOID name,
    REQUEST *request) {
    HSNMP_VBL hVbl = SnmpCreateVbl(hSession, name, NULL);
    HSNMP_PDU hPdu = SnmpCreatePdu(hSession, type, 0, 0, 0, hVbl), hResponse = SNMPAPI_FAILURE;
    smiINT32 id = 0;
    int attempt;
    SnmpGetPduData(hPdu, NULL, &id, NULL, NULL, NULL);
    for (attempt = 0; attempt < 3 && hResponse == SNMPAPI_FAILURE; attempt++) {
        ResetEvent(request->hEvent);
        if (SnmpSendMsg(hSession, 0, hAgent, hContext, hPdu) == SNMPAPI_FAILURE) {
            Expect(FALSE, "SnmpSendMsg");
            break;
        }
        if (WaitForSingleObject(request->hEvent, 5000) == WAIT_OBJECT_0) {
            EnterCriticalSection(&request->section);
            hResponse = request->hPdu;
            LeaveCriticalSection(&request->section);
        } else {
            SnmpCancelMsg(hSession, id);
        }
    }
    /* Answered already: fails, and does no harm. */
    Expect(
        SnmpCancelMsg(hSession, id) == SNMPAPI_FAILURE && SnmpGetLastError(hSession) == SNMPAPI_PDU_INVALID,
        "SnmpCancelMsg of an answered request");
    SnmpFreeVbl(hVbl);
    SnmpFreePdu(hPdu);
    /* Once more, and as something else. */
    Expect(SnmpFreeVbl(hVbl) == SNMPAPI_FAILURE, "a list freed twice");
    Expect(SnmpFreePdu(hPdu) == SNMPAPI_FAILURE, "a PDU freed twice");
    Expect(SnmpFreeVbl(hResponse) == SNMPAPI_FAILURE, "a PDU freed as a list");
    return hResponse;
}

static int Walk(HSNMP_SESSION hSession, HSNMP_ENTITY hAgent, HSNMP_CONTEXT hContext, REQUEST *request) {
    smiOID root, name, next;
    smiINT order = 0;
    int rows = 0;
    Expect(SnmpStrToOid(TABLE, &root) != SNMPAPI_FAILURE, "SnmpStrToOid");
    Expect(SnmpOidCopy(&root, &name) == root.len, "SnmpOidCopy");
    for (;;) {
        HSNMP_VBL hVbl = SNMPAPI_FAILURE;
        smiVALUE value;
        BOOL inside;
        HSNMP_PDU hResponse = Exchange(hSession, hAgent, hContext, SNMP_PDU_GETNEXT, &name, request);
        SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, (smiLPOPAQUE)&name);
        if (hResponse == SNMPAPI_FAILURE) {
            Expect(FALSE, "a response of the walk");
            break;
        }
        SnmpGetPduData(hResponse, NULL, NULL, NULL, NULL, &hVbl);
        if (SnmpGetVb(hVbl, 1, &next, &value) == SNMPAPI_FAILURE) {
            Expect(FALSE, "SnmpGetVb");
            break;
        }
        SnmpOidCompare(&next, &root, root.len, &order);
        inside = order == 0 && value.syntax != SNMP_SYNTAX_ENDOFMIBVIEW;
        if (inside) Expect(value.syntax == SNMP_SYNTAX_INT && value.value.sNumber == ++rows, "a row's value");
        SnmpFreeVbl(hVbl);
        SnmpFreePdu(hResponse);
        name = next;
        if (!inside) {
            SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name);
            break;
        }
    }
    SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&root);
    return rows;
}

/* What programs free although it isn't the library's. */
static void FreeForeignMemory(void) {
    smiOCTETS own;
    LPVOID memory = SnmpUtilMemAlloc(16);
    own.len = 16;
    own.ptr = (smiLPBYTE)memory;
    Expect(
        SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &own) == SNMPAPI_FAILURE &&
            SnmpGetLastError(NULL) == SNMPAPI_OPERATION_INVALID,
        "memory of the program freed");
    SnmpUtilMemFree(memory);
    own.ptr = (smiLPBYTE)(DWORD_PTR)0xCDCDCDCD;
    Expect(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &own) == SNMPAPI_FAILURE, "garbage freed");
}

static void WalkInBackground(void *argument) {
    SetEvent((HANDLE)argument);
}

int _tmain(int argc, TCHAR *argv[]) {
    WSADATA wsa;
    REQUEST request;
    smiUINT32 version;
    smiOCTETS community;
    HSNMP_SESSION hSession;
    HSNMP_ENTITY hAgent;
    HSNMP_CONTEXT hContext;
    HANDLE hStarted;
    DWORD started = GetTickCount();
    LPHOSTENT host;
    char address[64];
    int port = argc > 2 ? atoi(argv[2]) : DEFAULT_SNMP_PORT_UDP, round;
    if (argc < 2) {
        _tprintf(_T("Usage: callback_app ADDRESS [PORT]\n"));
        return 2;
    }
    WSAStartup(MAKEWORD(2, 2), &wsa);
    /* One variable for everything, as nobody looks at it. */
    if (SnmpStartup(&version, &version, &version, &version, &version) == SNMPAPI_FAILURE) return 3;
    SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2);
    ZeroMemory(&request, sizeof(request));
    request.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    InitializeCriticalSection(&request.section);

    hStarted = CreateEvent(NULL, TRUE, FALSE, NULL);
    _beginthread(WalkInBackground, 0, hStarted);
    Expect(WaitForSingleObject(hStarted, INFINITE) == WAIT_OBJECT_0, "a thread");
    CloseHandle(hStarted);

    for (round = 0; round < 2; round++) {
        /* Repetitions by the library first, by this program then. */
        SnmpSetRetransmitMode(round == 0 ? SNMPAPI_ON : SNMPAPI_OFF);
        hSession = SnmpCreateSession(NULL, 0, OnSnmp, &request);
        Expect(hSession != SNMPAPI_FAILURE, "SnmpCreateSession");
        hAgent = SnmpStrToEntity(hSession, argv[1]);
        if (hAgent == SNMPAPI_FAILURE && (host = gethostbyname(argv[1])) != NULL) {
            inet_ntop(AF_INET, host->h_addr_list[0], address, sizeof(address));
            hAgent = SnmpStrToEntity(hSession, address);
        }
        SnmpSetPort(hAgent, (UINT)port);
        community.len = 6;
        community.ptr = (smiLPBYTE)"public";
        hContext = SnmpStrToContext(hSession, &community);
        Expect(Walk(hSession, hAgent, hContext, &request) == ROWS, "the number of rows");
        SnmpFreeContext(hContext);
        SnmpFreeEntity(hAgent);
        Expect(SnmpClose(hSession) == SNMPAPI_SUCCESS, "SnmpClose");
        Expect(SnmpClose(hSession) == SNMPAPI_FAILURE, "SnmpClose twice");
    }
    Expect(request.calls == 2 * (ROWS + 1), "one callback for each response");
    FreeForeignMemory();
    Expect(SnmpCleanup() == SNMPAPI_SUCCESS, "SnmpCleanup");
    DeleteCriticalSection(&request.section);
    CloseHandle(request.hEvent);
    WSACleanup();
    _tprintf(_T("# %d rows twice in %u ms\n"), ROWS, GetTickCount() - started);
    if (_kbhit()) _getch();
    return failures == 0 ? 0 : 1;
}
