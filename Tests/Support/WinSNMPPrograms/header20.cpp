/*
 * Layer: test programs of the C library. Used by: conformance (check 71).
 * The headers compile as C++20, under each spelling that programs use, alone and together.
 */
#include <winsnmp.h>
#include <WinSnmp.h>
#include <Winsnmp.h>
#include <WinSNMP.h>
#include <oriel_winsnmp.h>

extern "C" int header20(void);

namespace {
SNMPAPI_STATUS CALLBACK call_back(HSNMP_SESSION, HWND, UINT, WPARAM, LPARAM, LPVOID) { return SNMPAPI_SUCCESS; }
}

/* What programs in C++ do with these types: a handle compared with a plain 0, one kind of handle for another. */
extern "C" int header20(void) {
    SNMPAPI_CALLBACK callback = call_back;
    HSNMP_SESSION session = SNMPAPI_FAILURE;
    HSNMP_VBL list = session;
    smiINT32 number = 0;
    smiLPINT pointer = &number;
    return session == SNMPAPI_FAILURE && list == session && *pointer == 0 && callback != 0 ? int(sizeof(smiOID)) : 0;
}
