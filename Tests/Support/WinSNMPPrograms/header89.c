/*
 * Layer: test programs of the C library. Used by: conformance (check 71).
 * The headers compile as C89, under each spelling that programs use, alone and together.
 */
#include <winsnmp.h>
#include <WinSnmp.h>
#include <Winsnmp.h>
#include <WinSNMP.h>
#include <oriel_winsnmp.h>

int header89(void);

static SNMPAPI_STATUS CALLBACK call_back(
    HSNMP_SESSION session, HWND window, UINT message, WPARAM w_param, LPARAM l_param, LPVOID data) {
    return session == data && window == data && message == 0 && w_param == 0 && l_param == 0;
}

int header89(void) {
    SNMPAPI_CALLBACK callback = call_back;
    HSNMP_SESSION session = SNMPAPI_FAILURE;
    smiINT32 number = 0;
    smiLPINT pointer = &number;
    return session == SNMPAPI_FAILURE && *pointer == 0 && callback != 0 ? (int)sizeof(smiOID) : 0;
}
