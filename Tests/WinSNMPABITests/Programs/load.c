/*
 * Loads libwsnmp32.so by its path or name at run time, uses it and unloads it, many times and on threads that end.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include <winsnmp.h>

typedef SNMPAPI_STATUS (*cleanup_function)(void);
typedef HSNMP_SESSION (*create_function)(HWND, UINT, SNMPAPI_CALLBACK, LPVOID);
typedef SNMPAPI_STATUS (*parse_function)(LPCSTR, smiLPOID);

static SNMPAPI_STATUS CALLBACK ignore(HSNMP_SESSION s, HWND w, UINT m, WPARAM wp, LPARAM lp, LPVOID data) {
    (void)s, (void)w, (void)m, (void)wp, (void)lp, (void)data;
    return SNMPAPI_SUCCESS;
}

static void *use(void *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
    PFNSNMPSTARTUPEX startup = (PFNSNMPSTARTUPEX)dlsym(library, "SnmpStartupEx");
    PFNSNMPCLEANUPEX cleanup = (PFNSNMPCLEANUPEX)dlsym(library, "SnmpCleanupEx");
    create_function create = (create_function)dlsym(library, "SnmpCreateSession");
    parse_function parse = (parse_function)dlsym(library, "SnmpStrToOid");
    if (!startup || !cleanup || !create || !parse) return "a function is missing";
    smiOID name;
    if (startup(NULL, NULL, NULL, NULL, NULL) != SNMPAPI_SUCCESS) return "startup failed";
    if (!create(NULL, 0, ignore, NULL)) return "no session";
    if (parse("1.3.6.1", &name) != 4) return "no identifier";
    if (cleanup() != SNMPAPI_SUCCESS) return "cleanup failed";
    return dlclose(library) == 0 ? NULL : dlerror();
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    for (int round = 0; round < 50; round++) {
        pthread_t thread;
        void *problem;
        if (pthread_create(&thread, NULL, use, argv[1]) || pthread_join(thread, &problem)) return 3;
        if (problem) {
            printf("round %d: %s\n", round, (char *)problem);
            return 1;
        }
    }
    puts("ok");
    return 0;
}
