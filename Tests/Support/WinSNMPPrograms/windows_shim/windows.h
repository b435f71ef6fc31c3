/*
 * Layer: test programs of the C library. Used by: window_app.c, callback_app.c.
 * As much of <windows.h> as programs around WinSNMP use, on top of POSIX. Test material: the library knows nothing of
 * it.
 * The names that winsnmp.h brings along are the same types here, whichever header comes first.
 */
#ifndef ORIEL_SHIM_WINDOWS_H
#define ORIEL_SHIM_WINDOWS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ORIEL_WINDOWS_TYPES
#define ORIEL_WINDOWS_TYPES

#define FAR
#define IN
#define OUT
#define CONST const
#define WINAPI
#define CALLBACK

typedef void *HANDLE;
typedef HANDLE HWND;
typedef int INT;
typedef int LONG;
typedef unsigned int UINT;
typedef unsigned int DWORD;
typedef uintptr_t WPARAM;
typedef intptr_t LPARAM;
typedef void *LPVOID;
typedef char *LPSTR;
typedef const char *LPCSTR;

#endif

#define APIENTRY
#define PASCAL
#define NEAR
#define VOID void
#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif

typedef char CHAR;
typedef unsigned char BYTE;
typedef unsigned short WORD;
typedef short SHORT;
typedef int BOOL;
typedef unsigned int ULONG;
typedef unsigned char UCHAR;
typedef void *PVOID;
typedef BYTE *LPBYTE;
typedef DWORD *LPDWORD;
typedef HANDLE HINSTANCE, HMODULE, HICON, HCURSOR, HBRUSH, HMENU, HGDIOBJ;
typedef intptr_t LRESULT;
typedef uintptr_t UINT_PTR, DWORD_PTR;
typedef long long __int64;
typedef CHAR TCHAR;
typedef LPSTR LPTSTR;
typedef LPCSTR LPCTSTR;

#define TEXT(text) text
#define LOWORD(number) ((WORD)((uintptr_t)(number) & 0xFFFF))
#define HIWORD(number) ((WORD)((uintptr_t)(number) >> 16 & 0xFFFF))
#define UNREFERENCED_PARAMETER(name) (void)(name)
#define ZeroMemory(memory, size) memset((memory), 0, (size))
#define CopyMemory(to, from, size) memcpy((to), (from), (size))
#define stricmp strcasecmp
#define _stricmp strcasecmp
#define strnicmp strncasecmp
#define _atoi64 atoll
#define wsprintf sprintf
#define lstrlen(text) ((int)strlen(text))
#define lstrcpy strcpy

/* ---- Time, threads, synchronisation ---- */

#define INFINITE 0xFFFFFFFFu
#define WAIT_OBJECT_0 0u
#define WAIT_TIMEOUT 258u
#define WAIT_FAILED 0xFFFFFFFFu
#define INVALID_HANDLE_VALUE ((HANDLE)(intptr_t)-1)
#define ERROR_INVALID_HANDLE 6u

typedef struct {
    void *mutex;
} CRITICAL_SECTION, *LPCRITICAL_SECTION;
typedef DWORD (*LPTHREAD_START_ROUTINE)(LPVOID);

void Sleep(DWORD milliseconds);
DWORD GetTickCount(void);
DWORD GetLastError(void);
DWORD GetCurrentThreadId(void);

HANDLE CreateEvent(LPVOID attributes, BOOL manualReset, BOOL initialState, LPCSTR name);
BOOL SetEvent(HANDLE event);
BOOL ResetEvent(HANDLE event);
HANDLE CreateThread(
    LPVOID attributes, size_t stackSize, LPTHREAD_START_ROUTINE start, LPVOID parameter, DWORD flags, LPDWORD id);
/* Of events and threads. */
DWORD WaitForSingleObject(HANDLE object, DWORD milliseconds);
BOOL CloseHandle(HANDLE object);

void InitializeCriticalSection(LPCRITICAL_SECTION section);
void EnterCriticalSection(LPCRITICAL_SECTION section);
void LeaveCriticalSection(LPCRITICAL_SECTION section);
void DeleteCriticalSection(LPCRITICAL_SECTION section);

LONG InterlockedIncrement(volatile LONG *number);
LONG InterlockedDecrement(volatile LONG *number);
LONG InterlockedExchange(volatile LONG *number, LONG value);

/* ---- Windows that nobody sees ---- */

#define WM_CREATE 0x0001u
#define WM_DESTROY 0x0002u
#define WM_CLOSE 0x0010u
#define WM_QUIT 0x0012u
#define WM_COMMAND 0x0111u
#define WM_TIMER 0x0113u
#define WM_USER 0x0400u
#define PM_NOREMOVE 0u
#define PM_REMOVE 1u
#define WS_OVERLAPPEDWINDOW 0x00CF0000u
#define CW_USEDEFAULT ((int)0x80000000u)
#define SW_HIDE 0
#define SW_SHOW 5
#define CS_HREDRAW 2u
#define CS_VREDRAW 1u
#define COLOR_WINDOW 5
#define IDI_APPLICATION ((LPCSTR)(uintptr_t)32512)
#define IDC_ARROW ((LPCSTR)(uintptr_t)32512)

typedef LRESULT(CALLBACK *WNDPROC)(HWND, UINT, WPARAM, LPARAM);
typedef void(CALLBACK *TIMERPROC)(HWND, UINT, UINT_PTR, DWORD);

typedef struct {
    LONG x, y;
} POINT;

typedef struct {
    HWND hwnd;
    UINT message;
    WPARAM wParam;
    LPARAM lParam;
    DWORD time;
    POINT pt;
} MSG, *LPMSG;

typedef struct {
    UINT style;
    WNDPROC lpfnWndProc;
    int cbClsExtra, cbWndExtra;
    HINSTANCE hInstance;
    HICON hIcon;
    HCURSOR hCursor;
    HBRUSH hbrBackground;
    LPCSTR lpszMenuName, lpszClassName;
} WNDCLASS;

WORD RegisterClass(const WNDCLASS *windowClass);
HWND CreateWindow(
    LPCSTR className, LPCSTR title, DWORD style, int x, int y, int width, int height, HWND parent, HMENU menu,
    HINSTANCE instance, LPVOID parameter);
BOOL DestroyWindow(HWND window);
BOOL IsWindow(HWND window);
BOOL ShowWindow(HWND window, int command);
BOOL UpdateWindow(HWND window);
LRESULT DefWindowProc(HWND window, UINT message, WPARAM wParam, LPARAM lParam);
/* Waits for a message of a window of this thread; 0 for WM_QUIT. */
BOOL GetMessage(LPMSG message, HWND window, UINT lowest, UINT highest);
BOOL PeekMessage(LPMSG message, HWND window, UINT lowest, UINT highest, UINT remove);
BOOL TranslateMessage(const MSG *message);
LRESULT DispatchMessage(const MSG *message);
/* Any thread. */
BOOL PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam);
LRESULT SendMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam);
void PostQuitMessage(int exitCode);
UINT_PTR SetTimer(HWND window, UINT_PTR id, UINT milliseconds, TIMERPROC function);
BOOL KillTimer(HWND window, UINT_PTR id);
HICON LoadIcon(HINSTANCE instance, LPCSTR name);
HCURSOR LoadCursor(HINSTANCE instance, LPCSTR name);
/* Writes to standard error; nobody could close a box. */
int MessageBox(HWND window, LPCSTR text, LPCSTR title, UINT type);
#define MB_OK 0u
#define MB_ICONSTOP 0x10u

/* The program's; windows_main.c calls it. */
int WINAPI WinMain(HINSTANCE instance, HINSTANCE previous, LPSTR commandLine, int show);

#ifdef __cplusplus
}
#endif

#endif
