/*
 * oriel_windows_types.h: the few names of <windows.h> that winsnmp.h is written with, for systems without it.
 *
 * A program that brings its own windows.h, or a shim of one, defines ORIEL_WINDOWS_TYPES before it includes winsnmp.h
 * and declares these names itself. It must keep their sizes: 32 bits for UINT, DWORD, LONG and INT (never C's long, 64
 * bits on LP64 systems), a pointer's size for the handles, WPARAM and LPARAM.
 *
 * Copyright (c) the Oriel contributors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef ORIEL_WINDOWS_TYPES_H
#define ORIEL_WINDOWS_TYPES_H

#if defined(_WIN32)

#include <windows.h>
#ifndef ORIEL_WINDOWS_TYPES
#define ORIEL_WINDOWS_TYPES
#endif

#elif defined(_WINDEF_) || defined(_WINDEF_H) || defined(_MINWINDEF_)

/* Wine's or another library's windef.h came first. */
#ifndef ORIEL_WINDOWS_TYPES
#define ORIEL_WINDOWS_TYPES
#endif

#endif

#ifndef ORIEL_WINDOWS_TYPES
#define ORIEL_WINDOWS_TYPES

/* Decorations of declarations; they mean nothing here. */
#ifndef FAR
#define FAR
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef WINAPI
#define WINAPI
#endif
#ifndef CALLBACK
#define CALLBACK
#endif

typedef void *HANDLE;
typedef HANDLE HWND;

typedef int INT;
typedef int LONG;
typedef unsigned int UINT;
typedef unsigned int DWORD;

/* Integers of a pointer's size. */
#if defined(__UINTPTR_TYPE__) && defined(__INTPTR_TYPE__)
typedef __UINTPTR_TYPE__ WPARAM;
typedef __INTPTR_TYPE__ LPARAM;
#else
typedef unsigned long WPARAM;
typedef long LPARAM;
#endif

typedef void *LPVOID;
typedef char *LPSTR;
typedef const char *LPCSTR;

#endif /* ORIEL_WINDOWS_TYPES */

#endif /* ORIEL_WINDOWS_TYPES_H */
