/* A process that writes is killed again and again. What it said was durable must be there afterwards, nothing else.

   crash DIRECTORY ROUNDS SEED
       starts itself as writer ROUNDS times, kills it (SIGKILL) at a random moment; the last one it lets end well. Some
       begin without any file, and are killed while they make them. Files are in DIRECTORY/files.
   crash FILES write ENDS
       recovers, or makes the database; tells what is there; then writes until killed, or for a moment if ENDS is 1.

   Each of two threads inserts rows 0, 1, 2 ... of its own; in the same transaction it counts them in a row of another
   table; then it says "durable". Now and then it inserts rubbish and rolls back. So after a kill the count must be what
   was said or one more, and rows and count must agree. */
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2, GREATEST_VALUE = 6000 };

struct message {
    /* 'n': there is no database; 'm': it is made, with its tables; 'r': recovered, with the count that is there;
       'd': durable, with the count now. */
    uint64_t kind, thread, count;
};

static JET_INSTANCE instance;
static char database[4096];
static JET_COLUMNID row_thread, row_number, row_value, count_thread, count_number;
static volatile int is_ending;

static void tell(uint64_t kind, uint64_t thread, uint64_t count) {
    struct message message = {kind, thread, count};
    HOLDS(write(STDOUT_FILENO, &message, sizeof message) == sizeof message);
}

static size_t make_value(uint64_t thread, uint64_t number, unsigned char *value) {
    /* Some go to the tree of long values. */
    size_t size = number % 16 == 0 ? 2000 + number * 7 % 4000 : 20 + number * 13 % 300;
    for (size_t i = 0; i < size; i++) value[i] = (unsigned char) (thread * 31 + number * 17 + i);
    return size;
}

static JET_COLUMNID column(JET_SESID sesid, JET_TABLEID table, const char *name) {
    JET_COLUMNDEF definition = {.cbStruct = sizeof definition};
    OK(JetGetTableColumnInfoA(sesid, table, name, &definition, sizeof definition, JET_ColInfo));
    return definition.columnid;
}

static void create(JET_SESID sesid, JET_DBID dbid) {
    static char name_t[] = "thread", name_n[] = "number", name_v[] = "value", rows[] = "rows", counts[] = "counts";
    static char primary[] = "primary", by_number[] = "byNumber", key[] = "+thread\0+number\0", key_n[] = "+number\0",
                key_t[] = "+thread\0";
    JET_COLUMNCREATE_A columns[] = {
        {.cbStruct = sizeof columns[0], .szColumnName = name_t, .coltyp = JET_coltypLong,
            .grbit = JET_bitColumnNotNULL},
        {.cbStruct = sizeof columns[0], .szColumnName = name_n, .coltyp = JET_coltypCurrency,
            .grbit = JET_bitColumnNotNULL},
        {.cbStruct = sizeof columns[0], .szColumnName = name_v, .coltyp = JET_coltypLongBinary},
    };
    JET_INDEXCREATE_A indexes[] = {
        {.cbStruct = sizeof indexes[0], .szIndexName = primary, .szKey = key, .cbKey = sizeof key,
            .grbit = JET_bitIndexPrimary | JET_bitIndexUnique, .ulDensity = 90},
        {.cbStruct = sizeof indexes[0], .szIndexName = by_number, .szKey = key_n, .cbKey = sizeof key_n,
            .ulDensity = 90},
    };
    JET_TABLECREATE_A table = {.cbStruct = sizeof table, .szTableName = rows, .ulPages = 1, .ulDensity = 90,
        .rgcolumncreate = columns, .cColumns = 3, .rgindexcreate = indexes, .cIndexes = 2};
    OK(JetCreateTableColumnIndexA(sesid, dbid, &table));
    OK(JetCloseTable(sesid, table.tableid));
    JET_INDEXCREATE_A index = {.cbStruct = sizeof index, .szIndexName = primary, .szKey = key_t, .cbKey = sizeof key_t,
        .grbit = JET_bitIndexPrimary | JET_bitIndexUnique, .ulDensity = 90};
    JET_TABLECREATE_A other = {.cbStruct = sizeof other, .szTableName = counts, .ulPages = 1, .ulDensity = 90,
        .rgcolumncreate = columns, .cColumns = 2, .rgindexcreate = &index, .cIndexes = 1};
    OK(JetCreateTableColumnIndexA(sesid, dbid, &other));
    OK(JetCloseTable(sesid, other.tableid));
}

static void insert(JET_SESID sesid, JET_TABLEID table, uint32_t thread, int64_t number) {
    unsigned char value[GREATEST_VALUE];
    size_t size = make_value(thread, (uint64_t) number, value);
    OK(JetPrepareUpdate(sesid, table, JET_prepInsert));
    OK(JetSetColumn(sesid, table, row_thread, &thread, sizeof thread, 0, NULL));
    OK(JetSetColumn(sesid, table, row_number, &number, sizeof number, 0, NULL));
    OK(JetSetColumn(sesid, table, row_value, value, (uint32_t) size, 0, NULL));
    OK(JetUpdate(sesid, table, NULL, 0, NULL));
}

/* Compares what is there with the count that is there, and gives that. */
static uint64_t recount(JET_SESID sesid, JET_TABLEID rows, JET_TABLEID counts, uint32_t thread) {
    int64_t count = 0;
    uint32_t actual = 0;
    OK(JetMakeKey(sesid, counts, &thread, sizeof thread, JET_bitNewKey));
    JET_ERR err = JetSeek(sesid, counts, JET_bitSeekEQ);
    if (err != JET_errRecordNotFound) {
        OK(err);
        OK(JetRetrieveColumn(sesid, counts, count_number, &count, sizeof count, &actual, 0, NULL));
    }
    int64_t found = 0;
    OK(JetMakeKey(sesid, rows, &thread, sizeof thread, JET_bitNewKey));
    OK(JetMakeKey(sesid, rows, &found, sizeof found, 0));
    err = JetSeek(sesid, rows, JET_bitSeekGE);
    for (; err >= 0; err = JetMove(sesid, rows, JET_MoveNext, 0)) {
        unsigned char value[GREATEST_VALUE], expected[GREATEST_VALUE];
        uint32_t row = 0;
        int64_t number = 0;
        OK(JetRetrieveColumn(sesid, rows, row_thread, &row, sizeof row, &actual, 0, NULL));
        if (row != thread) break;
        OK(JetRetrieveColumn(sesid, rows, row_number, &number, sizeof number, &actual, 0, NULL));
        HOLDS(number == found);
        OK(JetRetrieveColumn(sesid, rows, row_value, value, sizeof value, &actual, 0, NULL));
        HOLDS(actual == make_value(thread, (uint64_t) number, expected));
        HOLDS(memcmp(value, expected, actual) == 0);
        found += 1;
    }
    HOLDS(err >= 0 || err == JET_errNoCurrentRecord || err == JET_errRecordNotFound);
    HOLDS(found == count);
    return (uint64_t) count;
}

static void *work(void *argument) {
    uint32_t thread = (uint32_t) (uintptr_t) argument;
    JET_SESID sesid;
    JET_DBID dbid;
    JET_TABLEID rows, counts;
    OK(JetBeginSessionA(instance, &sesid, NULL, NULL));
    OK(JetOpenDatabaseA(sesid, database, NULL, &dbid, 0));
    OK(JetOpenTableA(sesid, dbid, "rows", NULL, 0, 0, &rows));
    OK(JetOpenTableA(sesid, dbid, "counts", NULL, 0, 0, &counts));
    int64_t count = (int64_t) recount(sesid, rows, counts, thread);
    tell('r', thread, (uint64_t) count);
    while (!is_ending) {
        OK(JetBeginTransaction(sesid));
        if (count % 7 == 3) {
            insert(sesid, rows, thread, count + 1000000);
            OK(JetRollback(sesid, 0));
            OK(JetBeginTransaction(sesid));
        }
        insert(sesid, rows, thread, count);
        count += 1;
        OK(JetMakeKey(sesid, counts, &thread, sizeof thread, JET_bitNewKey));
        int is_new = JetSeek(sesid, counts, JET_bitSeekEQ) == JET_errRecordNotFound;
        OK(JetPrepareUpdate(sesid, counts, is_new ? JET_prepInsert : JET_prepReplace));
        if (is_new) OK(JetSetColumn(sesid, counts, count_thread, &thread, sizeof thread, 0, NULL));
        OK(JetSetColumn(sesid, counts, count_number, &count, sizeof count, 0, NULL));
        OK(JetUpdate(sesid, counts, NULL, 0, NULL));
        OK(JetCommitTransaction(sesid, 0));
        tell('d', thread, (uint64_t) count);
    }
    OK(JetEndSession(sesid, 0));
    return NULL;
}

static void set(uint32_t parameter, JET_API_PTR number, const char *text) {
    OK(JetSetSystemParameterA(&instance, JET_sesidNil, parameter, number, text));
}

static int write_until_killed(const char *directory, int ends) {
    char path[4200];
    snprintf(path, sizeof path, "%s/", directory);
    snprintf(database, sizeof database, "%s/crash.edb", directory);
    OK(JetCreateInstanceA(&instance, "crash"));
    set(JET_paramSystemPath, 0, path);
    set(JET_paramLogFilePath, 0, path);
    set(JET_paramTempPath, 0, path);
    set(JET_paramCircularLog, 1, NULL);
    set(JET_paramLogFileSize, 256, NULL);
    set(JET_paramCheckpointDepthMax, 512 << 10, NULL);
    set(JET_paramCacheSizeMax, 128, NULL);
    OK(JetInit(&instance));
    JET_SESID sesid;
    JET_DBID dbid;
    OK(JetBeginSessionA(instance, &sesid, NULL, NULL));
    JET_ERR err = JetAttachDatabaseA(sesid, database, 0);
    if (err == JET_errDatabaseNotFound) {
        tell('n', 0, 0);
        OK(JetCreateDatabaseA(sesid, database, NULL, &dbid, 0));
    } else {
        OK(err);
        OK(JetOpenDatabaseA(sesid, database, NULL, &dbid, 0));
    }
    JET_TABLEID rows, counts;
    OK(JetBeginTransaction(sesid));
    err = JetOpenTableA(sesid, dbid, "rows", NULL, 0, 0, &rows);
    if (err == JET_errObjectNotFound) create(sesid, dbid);
    else OK(err);
    OK(JetCommitTransaction(sesid, 0));
    tell('m', 0, 0);
    if (err == JET_errObjectNotFound) OK(JetOpenTableA(sesid, dbid, "rows", NULL, 0, 0, &rows));
    OK(JetOpenTableA(sesid, dbid, "counts", NULL, 0, 0, &counts));
    row_thread = column(sesid, rows, "thread");
    row_number = column(sesid, rows, "number");
    row_value = column(sesid, rows, "value");
    count_thread = column(sesid, counts, "thread");
    count_number = column(sesid, counts, "number");
    OK(JetEndSession(sesid, 0));
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) HOLDS(pthread_create(&threads[i], NULL, work, (void *) i) == 0);
    if (ends) {
        usleep(50000);
        is_ending = 1;
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    OK(JetTerm2(instance, JET_bitTermComplete));
    return 0;
}

static uint64_t milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

static void remove_files(const char *directory) {
    DIR *list = opendir(directory);
    HOLDS(list != NULL);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        if (entry->d_name[0] != '.') HOLDS(unlinkat(dirfd(list), entry->d_name, 0) == 0);
    closedir(list);
}

int main(int argc, char **argv) {
    HOLDS(argc == 4);
    if (strcmp(argv[2], "write") == 0) return write_until_killed(argv[1], atoi(argv[3]));
    int rounds = atoi(argv[2]);
    srandom((unsigned) atoi(argv[3]));
    static char files[4096];
    snprintf(files, sizeof files, "%s/files", argv[1]);
    HOLDS(mkdir(files, 0700) == 0);
    uint64_t said[THREADS] = {0}, all_rows = 0, deaths_in_making = 0, deaths_in_recovery = 0;
    int is_made = 0;
    for (int round = 0; round <= rounds; round++) {
        int ends = round == rounds, pipes[2];
        if (!ends && random() % 8 == 0) {
            remove_files(files);
            for (int i = 0; i < THREADS; i++) all_rows += said[i], said[i] = 0;
            is_made = 0;
        }
        HOLDS(pipe(pipes) == 0);
        pid_t child = fork();
        HOLDS(child >= 0);
        if (child == 0) {
            dup2(pipes[1], STDOUT_FILENO);
            close(pipes[0]);
            close(pipes[1]);
            execl("/proc/self/exe", argv[0], files, "write", ends ? "1" : "0", (char *) NULL);
            _exit(127);
        }
        close(pipes[1]);
        /* Often early, so that recovery itself is cut off, too. */
        int is_early = random() % (is_made ? 3 : 2) == 0;
        uint64_t end = milliseconds() + (uint64_t) (random() % (is_early ? 40 : 250));
        int was_made = is_made, recovered = 0, is_dead = 0;
        struct message message;
        for (;;) {
            uint64_t now = milliseconds();
            if (!ends && !is_dead && now >= end) {
                kill(child, SIGKILL);
                is_dead = 1;
            }
            struct pollfd wait = {.fd = pipes[0], .events = POLLIN};
            int ready = poll(&wait, 1, ends || is_dead ? -1 : (int) (end - now));
            if (ready <= 0) continue;
            ssize_t count = read(pipes[0], &message, sizeof message);
            if (count == 0) break;
            if (count != sizeof message || message.thread >= THREADS) {
                /* A writer's check failed: this is its text. */
                HOLDS(count > 0);
                fwrite(&message, 1, (size_t) count, stdout);
                char rest[1000];
                while ((count = read(pipes[0], rest, sizeof rest)) > 0) fwrite(rest, 1, (size_t) count, stdout);
                printf("round %d\n", round);
                return 1;
            }
            if (message.kind == 'r') {
                recovered += 1;
                if (message.count != said[message.thread] && message.count != said[message.thread] + 1) {
                    printf("round %d: thread %d was told of %d durable rows, there are %d\n", round,
                        (int) message.thread, (int) said[message.thread], (int) message.count);
                    return 1;
                }
            }
            if (message.kind == 'n' && is_made) {
                printf("round %d: the database is gone\n", round);
                return 1;
            }
            if (message.kind == 'm') is_made = 1;
            if (message.kind == 'r' || message.kind == 'd') said[message.thread] = message.count;
        }
        close(pipes[0]);
        int status = 0;
        HOLDS(waitpid(child, &status, 0) == child);
        if (ends || !is_dead) {
            HOLDS(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            HOLDS(ends);
        }
        deaths_in_making += !is_made;
        deaths_in_recovery += was_made && recovered < THREADS;
    }
    for (int i = 0; i < THREADS; i++) all_rows += said[i];
    HOLDS(said[0] + said[1] > 0 && all_rows > (uint64_t) rounds);
    fprintf(stderr, "%d kills, %d of them while the database was made, %d before recovery was over; %d rows\n", rounds,
        (int) deaths_in_making, (int) deaths_in_recovery, (int) all_rows);
    puts("ok");
    return 0;
}
