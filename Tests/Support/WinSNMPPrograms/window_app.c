/*
 * Layer: test programs of the C library. Used by: conformance (P1).
 * A program as it would be written for Windows: WinMain, a hidden window, SnmpOpen, a message loop, a timer. It asks
 * the agent that its command line names, registers for traps, and ends when it has a response, a tick and a trap; the
 * exit code is 0 if they were right. Nothing in it knows this library.
 */
#include <windows.h>
#include <winsnmp.h>

#define WM_SNMP_MESSAGE (WM_USER + 7)
#define TIMER_ID 1
#define LIMIT_TICKS 300

static char className[] = "SnmpWindow";
static HSNMP_SESSION hSession = SNMPAPI_FAILURE;
static HSNMP_ENTITY hAgent = SNMPAPI_FAILURE;
static HSNMP_CONTEXT hContext = SNMPAPI_FAILURE;
static char agentAddress[64];
static UINT agentPort = 161;
static smiINT32 requestId;
static int responses, ticks, traps, errors;

static void ReportError(LPCSTR where) {
    char text[128];
    wsprintf(text, "%s failed: error %d", where, (int)SnmpGetLastError(hSession));
    MessageBox(NULL, text, "SNMP", MB_OK | MB_ICONSTOP);
    errors++;
}

static BOOL StartSession(HWND hWnd) {
    smiUINT32 major, minor, level, translateMode, retransmitMode;
    smiOCTETS community;
    if (SnmpStartup(&major, &minor, &level, &translateMode, &retransmitMode) == SNMPAPI_FAILURE) {
        ReportError("SnmpStartup");
        return FALSE;
    }
    SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V1);
    SnmpSetRetransmitMode(SNMPAPI_ON);
    hSession = SnmpOpen(hWnd, WM_SNMP_MESSAGE);
    if (hSession == SNMPAPI_FAILURE) {
        ReportError("SnmpOpen");
        return FALSE;
    }
    hAgent = SnmpStrToEntity(hSession, agentAddress);
    community.len = lstrlen("public");
    community.ptr = (smiLPBYTE)"public";
    hContext = SnmpStrToContext(hSession, &community);
    if (hAgent == SNMPAPI_FAILURE || hContext == SNMPAPI_FAILURE) {
        ReportError("SnmpStrToEntity or SnmpStrToContext");
        return FALSE;
    }
    SnmpSetPort(hAgent, agentPort);
    if (SnmpRegister(hSession, NULL, NULL, NULL, NULL, SNMPAPI_ON) == SNMPAPI_FAILURE) {
        ReportError("SnmpRegister");
        return FALSE;
    }
    return TRUE;
}

static BOOL SendGet(void) {
    smiOID name;
    HSNMP_VBL hVbl;
    HSNMP_PDU hPdu;
    BOOL sent;
    if (SnmpStrToOid("1.3.6.1.2.1.1.1.0", &name) == SNMPAPI_FAILURE) {
        ReportError("SnmpStrToOid");
        return FALSE;
    }
    hVbl = SnmpCreateVbl(hSession, &name, NULL);
    hPdu = SnmpCreatePdu(hSession, SNMP_PDU_GET, 0, 0, 0, hVbl);
    SnmpGetPduData(hPdu, NULL, &requestId, NULL, NULL, NULL);
    sent = SnmpSendMsg(hSession, NULL, hAgent, hContext, hPdu) == SNMPAPI_SUCCESS;
    if (!sent) ReportError("SnmpSendMsg");
    SnmpFreePdu(hPdu);
    SnmpFreeVbl(hVbl);
    SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name);
    return sent;
}

static void ShowBindings(HSNMP_PDU hPdu) {
    HSNMP_VBL hVbl;
    smiUINT32 count, index;
    if (SnmpGetPduData(hPdu, NULL, NULL, NULL, NULL, &hVbl) == SNMPAPI_FAILURE) {
        ReportError("SnmpGetPduData");
        return;
    }
    count = SnmpCountVbl(hVbl);
    for (index = 1; index <= count; index++) {
        smiOID name;
        smiVALUE value;
        char text[MAXOBJIDSTRSIZE];
        if (SnmpGetVb(hVbl, index, &name, &value) == SNMPAPI_FAILURE) {
            ReportError("SnmpGetVb");
            continue;
        }
        if (SnmpOidToStr(&name, sizeof(text), text) == SNMPAPI_FAILURE) ReportError("SnmpOidToStr");
        printf("# %s = ", text);
        switch (value.syntax) {
        case SNMP_SYNTAX_OCTETS:
            printf("%.*s\n", (int)value.value.string.len, (char *)value.value.string.ptr);
            SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &value.value.string);
            break;
        case SNMP_SYNTAX_OID:
            SnmpOidToStr(&value.value.oid, sizeof(text), text);
            printf("%s\n", text);
            /* With the wrong syntax, as programs do. */
            SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, (smiLPOPAQUE)&value.value.oid);
            break;
        default:
            printf("(syntax %d) %d\n", (int)value.syntax, (int)value.value.sNumber);
        }
        SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name);
    }
    SnmpFreeVbl(hVbl);
}

static void OnSnmpMessage(WPARAM wParam, LPARAM lParam) {
    HSNMP_ENTITY hSource, hDestination;
    HSNMP_CONTEXT hCommunity;
    HSNMP_PDU hPdu;
    smiINT type, errorStatus;
    smiINT32 id;
    if (wParam != 0) {
        /* An error of the transport, such as a timeout: nothing is to be received. */
        printf("# request %d: error %d\n", (int)lParam, (int)wParam);
        errors++;
        return;
    }
    if (SnmpRecvMsg(hSession, &hSource, &hDestination, &hCommunity, &hPdu) == SNMPAPI_FAILURE) {
        ReportError("SnmpRecvMsg");
        return;
    }
    SnmpGetPduData(hPdu, &type, &id, &errorStatus, NULL, NULL);
    if (id != (smiINT32)lParam) errors++;
    if (type == SNMP_PDU_RESPONSE) {
        responses++;
        if (id != requestId || errorStatus != SNMP_ERROR_NOERROR || hSource != hAgent || hCommunity != hContext)
            errors++;
    } else if (type == SNMP_PDU_TRAP) {
        traps++;
    } else {
        errors++;
    }
    ShowBindings(hPdu);
    SnmpFreePdu(hPdu);
    SnmpFreeContext(hCommunity);
    SnmpFreeEntity(hSource);
    SnmpFreeEntity(hDestination);
}

LRESULT CALLBACK WndProc(HWND hWnd, UINT message, WPARAM wParam, LPARAM lParam) {
    switch (message) {
    case WM_CREATE:
        return SetTimer(hWnd, TIMER_ID, 50, NULL) != 0 ? 0 : -1;
    case WM_SNMP_MESSAGE:
        OnSnmpMessage(wParam, lParam);
        break;
    case WM_TIMER:
        ticks++;
        break;
    case WM_DESTROY:
        KillTimer(hWnd, TIMER_ID);
        PostQuitMessage(errors == 0 && responses == 1 && traps >= 1 && ticks >= 1 ? 0 : 1);
        break;
    default:
        return DefWindowProc(hWnd, message, wParam, lParam);
    }
    if ((responses > 0 && traps > 0 && ticks > 0) || ticks > LIMIT_TICKS || errors > 0)
        if (message != WM_DESTROY) DestroyWindow(hWnd);
    return 0;
}

int WINAPI WinMain(HINSTANCE hInstance, HINSTANCE hPrevious, LPSTR lpCmdLine, int nShow) {
    WNDCLASS wc;
    HWND hWnd;
    MSG msg;
    UNREFERENCED_PARAMETER(hPrevious);
    if (sscanf(lpCmdLine, "%63s %u", agentAddress, &agentPort) < 1) {
        MessageBox(NULL, "Usage: window_app ADDRESS [PORT]", "SNMP", MB_OK);
        return 2;
    }
    ZeroMemory(&wc, sizeof(wc));
    wc.style = CS_HREDRAW | CS_VREDRAW;
    wc.lpfnWndProc = WndProc;
    wc.hInstance = hInstance;
    wc.hIcon = LoadIcon(NULL, IDI_APPLICATION);
    wc.hCursor = LoadCursor(NULL, IDC_ARROW);
    wc.hbrBackground = (HBRUSH)(COLOR_WINDOW + 1);
    wc.lpszClassName = className;
    if (!RegisterClass(&wc)) return 3;
    hWnd = CreateWindow(
        className, "SNMP", WS_OVERLAPPEDWINDOW, CW_USEDEFAULT, CW_USEDEFAULT, 300, 200, NULL, NULL, hInstance, NULL);
    if (hWnd == NULL) return 4;
    ShowWindow(hWnd, nShow);
    UpdateWindow(hWnd);
    if (!StartSession(hWnd) || !SendGet()) return 5;
    while (GetMessage(&msg, NULL, 0, 0)) {
        TranslateMessage(&msg);
        DispatchMessage(&msg);
    }
    SnmpRegister(hSession, NULL, NULL, NULL, NULL, SNMPAPI_OFF);
    SnmpFreeContext(hContext);
    SnmpFreeEntity(hAgent);
    if (SnmpClose(hSession) == SNMPAPI_FAILURE) return 6;
    if (SnmpCleanup() == SNMPAPI_FAILURE) return 7;
    return (int)msg.wParam;
}
