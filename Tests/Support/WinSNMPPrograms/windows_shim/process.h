/* Layer: test programs of the C library. Threads by the names of Microsoft's C library. */
#ifndef ORIEL_SHIM_PROCESS_H
#define ORIEL_SHIM_PROCESS_H

#include "windows.h"

#ifdef __cplusplus
extern "C" {
#endif

#define __stdcall
#define __cdecl

uintptr_t _beginthread(void (*start)(void *), unsigned stackSize, void *argument);
uintptr_t _beginthreadex(
    void *security, unsigned stackSize, unsigned (*start)(void *), void *argument, unsigned flags, unsigned *id);

#ifdef __cplusplus
}
#endif

#endif
