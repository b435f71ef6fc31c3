/* Layer: test programs of the C library. What programs of WinSNMP take from <snmp.h>: memory and default ports. */
#ifndef ORIEL_SHIM_SNMP_H
#define ORIEL_SHIM_SNMP_H

#include "windows.h"

#define DEFAULT_SNMP_PORT_UDP 161
#define DEFAULT_SNMP_PORT_IPX 36879
#define DEFAULT_SNMPTRAP_PORT_UDP 162
#define DEFAULT_SNMPTRAP_PORT_IPX 36880

#define SNMP_MEM_ALLOC(size) malloc(size)
#define SNMP_MEM_FREE(memory) free(memory)

static inline LPVOID SnmpUtilMemAlloc(UINT size) { return malloc(size); }

static inline VOID SnmpUtilMemFree(LPVOID memory) { free(memory); }

#endif
