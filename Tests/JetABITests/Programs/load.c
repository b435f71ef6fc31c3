/*
 * Loads libesent.so at run time, uses it on a thread that ends, and unloads it, many times.
 * usage: load LIBRARY
 */
#include <dlfcn.h>
#include <pthread.h>

#include "check.h"

static void *use(void *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
    JET_ERR (*init)(JET_INSTANCE *) = (JET_ERR(*)(JET_INSTANCE *))dlsym(library, "JetInit");
    JET_ERR (*set)(JET_INSTANCE *, JET_SESID, uint32_t, JET_API_PTR, JET_PCSTR) =
        (JET_ERR(*)(JET_INSTANCE *, JET_SESID, uint32_t, JET_API_PTR, JET_PCSTR))dlsym(
            library, "JetSetSystemParameterA");
    JET_ERR (*begin)(JET_INSTANCE, JET_SESID *, JET_PCSTR, JET_PCSTR) =
        (JET_ERR(*)(JET_INSTANCE, JET_SESID *, JET_PCSTR, JET_PCSTR))dlsym(library, "JetBeginSession");
    JET_ERR (*term)(JET_INSTANCE) = (JET_ERR(*)(JET_INSTANCE))dlsym(library, "JetTerm");
    if (!init || !set || !begin || !term) return "a function is missing";
    JET_INSTANCE instance = 0;
    JET_SESID session;
    if (set(NULL, 0, JET_paramRecovery, 0, "off") || set(NULL, 0, JET_paramMaxTemporaryTables, 0, NULL))
        return "no parameter";
    if (init(&instance)) return "no init";
    if (begin(instance, &session, NULL, NULL)) return "no session";
    if (term(instance)) return "no term";
    return dlclose(library) == 0 ? NULL : dlerror();
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    for (int round = 0; round < 50; round++) {
        pthread_t thread;
        void *problem;
        HOLDS(!pthread_create(&thread, NULL, use, argv[1]) && !pthread_join(thread, &problem));
        if (problem) {
            printf("round %d: %s\n", round, (char *)problem);
            return 1;
        }
    }
    puts("ok");
    return 0;
}
