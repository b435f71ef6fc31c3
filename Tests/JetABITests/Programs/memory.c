/*
 * Memory runs out while sessions begin: the call says so, and the library goes on.
 * usage: memory DIRECTORY
 */
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

static JET_SESID sessions[30000];
static void *blocks[60000];

static size_t address_space(void) {
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    HOLDS(file && fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    char directory[512];
    snprintf(directory, sizeof directory, "%s/", argv[1]);
    JET_INSTANCE instance;
    OK(JetCreateInstance(&instance, "memory"));
    OK(JetSetSystemParameter(&instance, 0, JET_paramSystemPath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramLogFilePath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramTempPath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramMaxSessions, 30000, NULL));
    OK(JetInit(&instance));
    OK(JetBeginSession(instance, &sessions[0], NULL, NULL));
    /* The heap keeps pieces of 60 KB for what is small; the library's pieces for handles are larger and get none. */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    for (int index = 0; index < 60000; index++) HOLDS(blocks[index] = malloc(1000));
    for (int index = 0; index < 60000; index++)
        if (index % 64) free(blocks[index]);
    struct rlimit limit, before;
    HOLDS(getrlimit(RLIMIT_AS, &before) == 0);
    limit = before;
    limit.rlim_cur = address_space();
    HOLDS(setrlimit(RLIMIT_AS, &limit) == 0);
    int count = 1;
    JET_ERR error = JET_errSuccess;
    for (; count < 30000; count++) {
        error = count % 2 ? JetDupSession(sessions[0], &sessions[count])
                          : JetBeginSession(instance, &sessions[count], NULL, NULL);
        if (error != JET_errSuccess) break;
    }
    GIVES(JET_errOutOfMemory, error);
    GIVES(JET_errOutOfMemory, JetDupSession(sessions[0], &sessions[count]));
    GIVES(JET_errOutOfMemory, JetBeginSession(instance, &sessions[count], NULL, NULL));
    /* What is there goes on, and what ends makes room. */
    OK(JetBeginTransaction(sessions[0]));
    OK(JetCommitTransaction(sessions[0], 0));
    OK(JetEndSession(sessions[1], 0));
    OK(JetBeginSession(instance, &sessions[1], NULL, NULL));
    HOLDS(setrlimit(RLIMIT_AS, &before) == 0);
    OK(JetBeginSession(instance, &sessions[count], NULL, NULL));
    OK(JetTerm(instance));
    for (int index = 0; index < 60000; index += 64) free(blocks[index]);
    puts("ok");
    return 0;
}
