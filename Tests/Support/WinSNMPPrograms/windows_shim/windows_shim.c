/*
 * Layer: test programs of the C library. Used by: window_app.c, callback_app.c.
 * The functions of windows.h. One lock guards all messages and windows: this is for tests, not for speed.
 */
#include "windows.h"

#include "process.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <oriel_winsnmp.h>

static _Thread_local DWORD last_error;

static BOOL fail(DWORD code) {
    last_error = code;
    return FALSE;
}

DWORD GetLastError(void) { return last_error; }

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

DWORD GetTickCount(void) { return (DWORD)now_ms(); }

void Sleep(DWORD milliseconds) {
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

DWORD GetCurrentThreadId(void) {
    static int last;
    static _Thread_local int mine;
    if (mine == 0) mine = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    return (DWORD)mine;
}

static struct timespec at(uint64_t milliseconds) {
    struct timespec time = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
    return time;
}

static void make_condition(pthread_cond_t *condition) {
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &clock);
    pthread_condattr_destroy(&clock);
}

/* ---- Events and threads: both are signalled or not ---- */

struct object {
    uint32_t mark;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    BOOL is_set, is_manual;
    int owners; /* the handle, and of a thread the thread */
    LPTHREAD_START_ROUTINE start;
    unsigned (*start_ex)(void *);
    void (*start_void)(void *);
    LPVOID parameter;
};

enum { MARK = 0x4F424A31 };

static struct object *make_object(BOOL is_set, BOOL is_manual) {
    struct object *object = calloc(1, sizeof *object);
    if (object == NULL) abort();
    object->mark = MARK;
    object->is_set = is_set;
    object->is_manual = is_manual;
    object->owners = 1;
    pthread_mutex_init(&object->lock, NULL);
    make_condition(&object->changed);
    return object;
}

static void release(struct object *object) {
    pthread_mutex_lock(&object->lock);
    int owners = --object->owners;
    pthread_mutex_unlock(&object->lock);
    if (owners > 0) return;
    object->mark = 0;
    pthread_cond_destroy(&object->changed);
    pthread_mutex_destroy(&object->lock);
    free(object);
}

static struct object *object_of(HANDLE handle) {
    struct object *object = handle;
    return object != NULL && handle != INVALID_HANDLE_VALUE && object->mark == MARK ? object : NULL;
}

static BOOL change(HANDLE handle, BOOL is_set) {
    struct object *object = object_of(handle);
    if (object == NULL) return fail(ERROR_INVALID_HANDLE);
    pthread_mutex_lock(&object->lock);
    object->is_set = is_set;
    pthread_cond_broadcast(&object->changed);
    pthread_mutex_unlock(&object->lock);
    return TRUE;
}

HANDLE CreateEvent(LPVOID attributes, BOOL manualReset, BOOL initialState, LPCSTR name) {
    (void)attributes;
    (void)name;
    return make_object(initialState, manualReset);
}

BOOL SetEvent(HANDLE event) { return change(event, TRUE); }

BOOL ResetEvent(HANDLE event) { return change(event, FALSE); }

DWORD WaitForSingleObject(HANDLE handle, DWORD milliseconds) {
    struct object *object = object_of(handle);
    if (object == NULL) {
        fail(ERROR_INVALID_HANDLE);
        return WAIT_FAILED;
    }
    struct timespec end = at(now_ms() + milliseconds);
    int result = 0;
    pthread_mutex_lock(&object->lock);
    while (!object->is_set && result == 0)
        result = milliseconds == INFINITE ? pthread_cond_wait(&object->changed, &object->lock)
                                          : pthread_cond_timedwait(&object->changed, &object->lock, &end);
    DWORD answer = object->is_set ? WAIT_OBJECT_0 : WAIT_TIMEOUT;
    if (object->is_set && !object->is_manual) object->is_set = FALSE;
    pthread_mutex_unlock(&object->lock);
    return answer;
}

BOOL CloseHandle(HANDLE handle) {
    struct object *object = object_of(handle);
    if (object == NULL) return fail(ERROR_INVALID_HANDLE);
    release(object);
    return TRUE;
}

static void *run(void *argument) {
    struct object *object = argument;
    if (object->start != NULL) object->start(object->parameter);
    if (object->start_ex != NULL) object->start_ex(object->parameter);
    if (object->start_void != NULL) object->start_void(object->parameter);
    change(object, TRUE);
    release(object);
    return NULL;
}

static HANDLE start_thread(struct object *object, LPVOID parameter) {
    pthread_t thread;
    object->parameter = parameter;
    object->owners++;
    if (pthread_create(&thread, NULL, run, object) != 0) {
        object->owners = 1;
        release(object);
        return NULL;
    }
    pthread_detach(thread);
    return object;
}

HANDLE CreateThread(
    LPVOID attributes, size_t stackSize, LPTHREAD_START_ROUTINE start, LPVOID parameter, DWORD flags, LPDWORD id) {
    (void)attributes;
    (void)stackSize;
    (void)flags;
    struct object *object = make_object(FALSE, TRUE);
    object->start = start;
    if (id != NULL) *id = 0;
    return start_thread(object, parameter);
}

uintptr_t _beginthreadex(
    void *security, unsigned stackSize, unsigned (*start)(void *), void *argument, unsigned flags, unsigned *id) {
    (void)security;
    (void)stackSize;
    (void)flags;
    struct object *object = make_object(FALSE, TRUE);
    object->start_ex = start;
    if (id != NULL) *id = 0;
    return (uintptr_t)start_thread(object, argument);
}

uintptr_t _beginthread(void (*start)(void *), unsigned stackSize, void *argument) {
    (void)stackSize;
    struct object *object = make_object(FALSE, TRUE);
    object->start_void = start;
    HANDLE handle = start_thread(object, argument);
    if (handle == NULL) return (uintptr_t)-1;
    /* Nobody has to close this one. */
    release(object);
    return 1;
}

void InitializeCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutexattr_t recursive;
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    if (mutex == NULL) abort();
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    section->mutex = mutex;
}

void EnterCriticalSection(LPCRITICAL_SECTION section) { pthread_mutex_lock(section->mutex); }

void LeaveCriticalSection(LPCRITICAL_SECTION section) { pthread_mutex_unlock(section->mutex); }

void DeleteCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutex_destroy(section->mutex);
    free(section->mutex);
    section->mutex = NULL;
}

LONG InterlockedIncrement(volatile LONG *number) { return __atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST); }

LONG InterlockedDecrement(volatile LONG *number) { return __atomic_sub_fetch(number, 1, __ATOMIC_SEQ_CST); }

LONG InterlockedExchange(volatile LONG *number, LONG value) {
    return __atomic_exchange_n(number, value, __ATOMIC_SEQ_CST);
}

/* ---- Windows and messages ---- */

enum { CLASSES = 16, WINDOWS = 64, TIMERS = 64 };

struct window {
    BOOL exists;
    WNDPROC procedure;
    pthread_t thread;
};

struct timer {
    BOOL exists;
    HWND window;
    UINT_PTR id;
    UINT period;
    uint64_t due;
    TIMERPROC function;
};

struct entry {
    MSG message;
    struct entry *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted;
static WNDCLASS classes[CLASSES];
static char class_names[CLASSES][64];
static int class_count;
static struct window windows[WINDOWS];
static int window_count; /* values are never used again */
static struct timer timers[TIMERS];
static struct entry *first, **last = &first;
static _Thread_local BOOL is_quitting;
static _Thread_local int quit_code;

WORD RegisterClass(const WNDCLASS *windowClass) {
    WORD atom = 0;
    pthread_mutex_lock(&lock);
    if (class_count < CLASSES) {
        classes[class_count] = *windowClass;
        snprintf(class_names[class_count], sizeof class_names[0], "%s", windowClass->lpszClassName);
        atom = (WORD)++class_count;
    }
    pthread_mutex_unlock(&lock);
    return atom;
}

static HWND handle_of(int index) { return (HWND)(uintptr_t)(0x10000 + index * 4); }

/* The lock is held. */
static struct window *window_of(HWND handle) {
    for (int i = 0; i < window_count; i++)
        if (handle == handle_of(i) && windows[i].exists) return &windows[i];
    return NULL;
}

HWND CreateWindow(
    LPCSTR className, LPCSTR title, DWORD style, int x, int y, int width, int height, HWND parent, HMENU menu,
    HINSTANCE instance, LPVOID parameter) {
    (void)title, (void)style, (void)x, (void)y, (void)width, (void)height, (void)parent, (void)menu, (void)instance;
    HWND handle = NULL;
    WNDPROC procedure = NULL;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < class_count; i++)
        if (strcmp(class_names[i], className) == 0) procedure = classes[i].lpfnWndProc;
    if (procedure != NULL && window_count < WINDOWS) {
        struct window window = {TRUE, procedure, pthread_self()};
        windows[window_count] = window;
        handle = handle_of(window_count++);
    }
    pthread_mutex_unlock(&lock);
    if (handle != NULL && procedure(handle, WM_CREATE, 0, (LPARAM)parameter) == -1) {
        DestroyWindow(handle);
        return NULL;
    }
    return handle;
}

BOOL IsWindow(HWND handle) {
    pthread_mutex_lock(&lock);
    BOOL found = window_of(handle) != NULL;
    pthread_mutex_unlock(&lock);
    return found;
}

BOOL DestroyWindow(HWND handle) {
    SendMessage(handle, WM_DESTROY, 0, 0);
    pthread_mutex_lock(&lock);
    struct window *window = window_of(handle);
    if (window != NULL) window->exists = FALSE;
    for (int i = 0; i < TIMERS; i++)
        if (timers[i].window == handle) timers[i].exists = FALSE;
    pthread_mutex_unlock(&lock);
    return window != NULL;
}

BOOL ShowWindow(HWND window, int command) {
    (void)window;
    (void)command;
    return FALSE;
}

BOOL UpdateWindow(HWND window) { return IsWindow(window); }

LRESULT DefWindowProc(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    (void)wParam;
    (void)lParam;
    if (message == WM_CLOSE) DestroyWindow(window);
    return 0;
}

LRESULT SendMessage(HWND handle, UINT message, WPARAM wParam, LPARAM lParam) {
    pthread_mutex_lock(&lock);
    struct window *window = window_of(handle);
    WNDPROC procedure = window != NULL ? window->procedure : NULL;
    pthread_mutex_unlock(&lock);
    return procedure != NULL ? procedure(handle, message, wParam, lParam) : 0;
}

BOOL PostMessage(HWND handle, UINT message, WPARAM wParam, LPARAM lParam) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) return FALSE;
    entry->message.hwnd = handle;
    entry->message.message = message;
    entry->message.wParam = wParam;
    entry->message.lParam = lParam;
    entry->message.time = GetTickCount();
    pthread_mutex_lock(&lock);
    BOOL exists = window_of(handle) != NULL;
    if (exists) {
        *last = entry;
        last = &entry->next;
        pthread_cond_broadcast(&posted);
    }
    pthread_mutex_unlock(&lock);
    if (!exists) free(entry);
    return exists;
}

void PostQuitMessage(int exitCode) {
    is_quitting = TRUE;
    quit_code = exitCode;
}

UINT_PTR SetTimer(HWND window, UINT_PTR id, UINT milliseconds, TIMERPROC function) {
    UINT_PTR result = 0;
    pthread_mutex_lock(&lock);
    int chosen = -1;
    for (int i = 0; i < TIMERS; i++) {
        if (timers[i].exists && timers[i].window == window && timers[i].id == id) chosen = i;
        if (!timers[i].exists && chosen < 0) chosen = i;
    }
    if (chosen >= 0 && window_of(window) != NULL) {
        struct timer timer = {TRUE, window, id, milliseconds, now_ms() + milliseconds, function};
        timers[chosen] = timer;
        result = id != 0 ? id : 1;
        pthread_cond_broadcast(&posted);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

BOOL KillTimer(HWND window, UINT_PTR id) {
    BOOL found = FALSE;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < TIMERS; i++)
        if (timers[i].exists && timers[i].window == window && timers[i].id == id) {
            timers[i].exists = FALSE;
            found = TRUE;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

/* True if a window of this thread is meant. The lock is held. */
static BOOL is_mine(HWND handle, HWND wanted) {
    struct window *window = window_of(handle);
    return window != NULL && (wanted == NULL || wanted == handle) && pthread_equal(window->thread, pthread_self());
}

/* A message that was posted, else one of a timer that is due; says when the next one will be. The lock is held. */
static BOOL take(LPMSG message, HWND wanted, UINT lowest, UINT highest, BOOL remove, uint64_t *next) {
    for (struct entry **place = &first; *place != NULL; place = &(*place)->next) {
        struct entry *entry = *place;
        UINT number = entry->message.message;
        if (!is_mine(entry->message.hwnd, wanted)) continue;
        if ((lowest != 0 || highest != 0) && (number < lowest || number > highest)) continue;
        *message = entry->message;
        if (remove) {
            *place = entry->next;
            if (entry->next == NULL) last = place;
            free(entry);
        }
        return TRUE;
    }
    uint64_t now = now_ms();
    *next = UINT64_MAX;
    for (int i = 0; i < TIMERS; i++) {
        struct timer *timer = &timers[i];
        if (!timer->exists || !is_mine(timer->window, wanted)) continue;
        if (timer->due <= now) {
            MSG tick = {timer->window, WM_TIMER, timer->id, (LPARAM)timer->function, (DWORD)now, {0, 0}};
            *message = tick;
            if (remove) timer->due = now + timer->period;
            return TRUE;
        }
        if (timer->due < *next) *next = timer->due;
    }
    return FALSE;
}

BOOL GetMessage(LPMSG message, HWND window, UINT lowest, UINT highest) {
    uint64_t next;
    memset(message, 0, sizeof *message);
    pthread_mutex_lock(&lock);
    while (!is_quitting && !take(message, window, lowest, highest, TRUE, &next)) {
        struct timespec end = at(next);
        if (next == UINT64_MAX) {
            pthread_cond_wait(&posted, &lock);
        } else {
            pthread_cond_timedwait(&posted, &lock, &end);
        }
    }
    pthread_mutex_unlock(&lock);
    if (!is_quitting) return TRUE;
    message->message = WM_QUIT;
    message->wParam = (WPARAM)quit_code;
    return FALSE;
}

BOOL PeekMessage(LPMSG message, HWND window, UINT lowest, UINT highest, UINT remove) {
    uint64_t next;
    if (is_quitting) {
        memset(message, 0, sizeof *message);
        message->message = WM_QUIT;
        message->wParam = (WPARAM)quit_code;
        return TRUE;
    }
    pthread_mutex_lock(&lock);
    BOOL found = take(message, window, lowest, highest, remove == PM_REMOVE, &next);
    pthread_mutex_unlock(&lock);
    return found;
}

BOOL TranslateMessage(const MSG *message) {
    (void)message;
    return FALSE;
}

LRESULT DispatchMessage(const MSG *message) {
    if (message->message == WM_TIMER && message->lParam != 0) {
        ((TIMERPROC)message->lParam)(message->hwnd, WM_TIMER, message->wParam, message->time);
        return 0;
    }
    return SendMessage(message->hwnd, message->message, message->wParam, message->lParam);
}

HICON LoadIcon(HINSTANCE instance, LPCSTR name) {
    (void)instance;
    return (HICON)(uintptr_t)name;
}

HCURSOR LoadCursor(HINSTANCE instance, LPCSTR name) {
    (void)instance;
    return (HCURSOR)(uintptr_t)name;
}

int MessageBox(HWND window, LPCSTR text, LPCSTR title, UINT type) {
    (void)window;
    (void)type;
    fprintf(stderr, "%s: %s\n", title != NULL ? title : "Error", text);
    return 1;
}

/* ---- The library's way to windows ---- */

static int SNMPAPI_CALL is_window(HWND window) { return IsWindow(window); }

static int SNMPAPI_CALL post_message(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    return PostMessage(window, message, wParam, lParam);
}

/* Before main, so that programs for Windows need not know. */
__attribute__((constructor)) static void set_hook(void) {
    make_condition(&posted);
    if (OrielSnmpSetWindowHook(is_window, post_message) != SNMPAPI_SUCCESS)
        fprintf(stderr, "windows_shim: the window hook was refused\n");
}
