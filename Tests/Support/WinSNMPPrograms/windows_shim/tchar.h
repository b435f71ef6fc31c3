/* Layer: test programs of the C library. Text is in chars here. */
#ifndef ORIEL_SHIM_TCHAR_H
#define ORIEL_SHIM_TCHAR_H

#include "windows.h"

#define _T(text) text
#define _TCHAR char
#define _tmain main
#define _tprintf printf
#define _tcslen strlen
#define _tcscpy strcpy
#define _tcscmp strcmp

#endif
