/* What the store_*.c benchmark programs share: command line, keys, values, threads, times, the JSON line.

   A store is a file of rows: an 8-byte key, ascending as big-endian numbers, and 100 bytes. Each program includes this
   header once, implements the functions under "A store", and ends with `STORE_MAIN("name")`.
   STORE_FILE, defined before, is the name of the store's file in the directory. See Benchmarks/README.md. */

#include <dirent.h>
#include <getopt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { VALUE_BYTES = 100 };

struct options {
    const char *mode, *directory;
    long threads, rows, batch;
    bool durable; /* every commit survives a power failure */
    bool ascending; /* rows are added in the order of their keys by one thread */
};

static struct options options = {.mode = "seq-insert", .threads = 1, .rows = 1000000, .batch = 1000};
static const char *program;

__attribute__((noreturn)) static void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s: %s\n", program, what, why);
    exit(2);
}

/* ---- A store: what each program implements; all end the program when they fail ---- */

struct session;
/* Opens the store in options.directory, which is empty when `fresh`. */
static void store_open(bool fresh);
/* Closes it so that its files are complete. */
static void store_close(void);
/* A connection, session or transaction handle of one thread. */
static struct session *session_open(void);
static void session_close(struct session *session);
static void begin(struct session *session, bool writing);
static void commit(struct session *session, bool writing);
static void put(struct session *session, uint64_t key, const void *value);
/* Copies a value; false if there is no such key. */
static bool get(struct session *session, uint64_t key, void *value);
/* Hands all rows to `visit` in the order of their keys. */
static void scan(struct session *session, void (*visit)(uint64_t key, const void *value));

/* ---- Keys and values ---- */

static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t big_endian(uint64_t x) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(x);
#else
    return x;
#endif
}

static void make_value(uint64_t key, unsigned char *value) {
    for (int at = 0; at < VALUE_BYTES; at += 8) {
        uint64_t word = mix(key * 16 + (uint64_t) at);
        memcpy(value + at, &word, VALUE_BYTES - at < 8 ? (size_t) (VALUE_BYTES - at) : 8);
    }
}

/* Reads all of a value; the sum over rows does not depend on their order. */
static uint64_t sum_of(uint64_t key, const void *value) {
    uint64_t sum = key;
    for (int at = 0; at < VALUE_BYTES; at += 8) {
        uint64_t word = 0;
        memcpy(&word, (const char *) value + at, VALUE_BYTES - at < 8 ? (size_t) (VALUE_BYTES - at) : 8);
        sum += word;
    }
    return sum;
}

/* The order in which rows are added or read. */
static uint64_t *order;

static void make_order(bool shuffled) {
    order = malloc((size_t) options.rows * sizeof *order);
    if (!order) die("memory", "none left");
    for (long i = 0; i < options.rows; i++) order[i] = (uint64_t) i;
    uint64_t state = 20260101;
    for (long i = options.rows - 1; shuffled && i > 0; i--) {
        state = mix(state);
        long j = (long) (state % (uint64_t) (i + 1));
        uint64_t other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
}

/* ---- Work of one thread ---- */

static pthread_barrier_t barrier;
static long errors;
static uint64_t scanned_rows, scanned_sum;

static void visit(uint64_t key, const void *value) {
    scanned_rows++;
    scanned_sum += sum_of(key, value);
}

static void add_rows(struct session *session, long first, long end, long batch) {
    unsigned char value[VALUE_BYTES];
    for (long at = first; at < end; at += batch) {
        begin(session, true);
        for (long i = at; i < end && i < at + batch; i++) {
            make_value(order[i], value);
            put(session, order[i], value);
        }
        commit(session, true);
    }
}

static long read_rows(struct session *session, long first, long end) {
    unsigned char value[VALUE_BYTES], expected[VALUE_BYTES];
    long wrong = 0;
    for (long at = first; at < end; at += options.batch) {
        begin(session, false);
        for (long i = at; i < end && i < at + options.batch; i++) {
            make_value(order[i], expected);
            if (!get(session, order[i], value) || memcmp(value, expected, VALUE_BYTES) != 0) wrong++;
        }
        commit(session, false);
    }
    return wrong;
}

static void *work(void *argument) {
    long number = (long) (intptr_t) argument;
    long first = options.rows * number / options.threads, end = options.rows * (number + 1) / options.threads;
    struct session *session = session_open();
    pthread_barrier_wait(&barrier);
    if (strcmp(options.mode, "point-read") == 0) {
        __atomic_add_fetch(&errors, read_rows(session, first, end), __ATOMIC_RELAXED);
    } else if (strcmp(options.mode, "scan") == 0) {
        begin(session, false);
        scan(session, visit);
        commit(session, false);
    } else {
        add_rows(session, first, end, options.durable ? 1 : options.batch);
    }
    pthread_barrier_wait(&barrier);
    session_close(session);
    return NULL;
}

/* ---- Measuring ---- */

static double wall_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double) (u.ru_utime.tv_sec + u.ru_stime.tv_sec)
        + (double) (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* Bytes of the store's file, and of all files in the directory: logs, locks, shared memory. */
static void file_sizes(long long *file, long long *all) {
    DIR *directory = opendir(options.directory);
    if (!directory) die(options.directory, "can't be listed");
    *file = *all = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[4096];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", options.directory, entry->d_name);
        if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (strcmp(entry->d_name, STORE_FILE) == 0) *file = status.st_size;
        *all += status.st_size;
    }
    closedir(directory);
}

/* For modes that read: all rows, and then a scan, so that what fits in the cache is there. */
static void fill(void) {
    options.ascending = true;
    make_order(false);
    store_open(true);
    struct session *session = session_open();
    add_rows(session, 0, options.rows, 1000);
    session_close(session);
    store_close();
    free(order);
    options.ascending = false;
    store_open(false);
    session = session_open();
    begin(session, false);
    scan(session, visit);
    commit(session, false);
    session_close(session);
    scanned_rows = scanned_sum = 0;
}

static void check_scan(void) {
    unsigned char value[VALUE_BYTES];
    uint64_t sum = 0;
    for (long i = 0; i < options.rows; i++) {
        make_value((uint64_t) i, value);
        sum += sum_of((uint64_t) i, value);
    }
    if (scanned_rows != (uint64_t) options.rows || scanned_sum != sum) errors++;
}

static void usage(void) {
    fprintf(stderr, "usage: %s --mode seq-insert|random-insert|point-read|scan|durable --dir D\n"
        "    [--threads N] [--rows N] [--batch N]     D is an empty directory\n", program);
    exit(2);
}

static int store_main(const char *name, int argc, char **argv) {
    program = name;
    static const struct option flags[] = {
        {"mode", 1, 0, 'm'}, {"threads", 1, 0, 't'}, {"rows", 1, 0, 'r'}, {"batch", 1, 0, 'b'}, {"dir", 1, 0, 'd'},
        {0, 0, 0, 0},
    };
    for (int flag; (flag = getopt_long(argc, argv, "", flags, NULL)) != -1;) {
        switch (flag) {
        case 'm': options.mode = optarg; break;
        case 't': options.threads = atol(optarg); break;
        case 'r': options.rows = atol(optarg); break;
        case 'b': options.batch = atol(optarg); break;
        case 'd': options.directory = optarg; break;
        default: usage();
        }
    }
    if (!options.directory || options.threads < 1 || options.threads > 64 || options.rows < 1 || options.batch < 1)
        usage();
    bool reads = strcmp(options.mode, "point-read") == 0 || strcmp(options.mode, "scan") == 0;
    bool sequential = strcmp(options.mode, "seq-insert") == 0;
    options.durable = strcmp(options.mode, "durable") == 0;
    if (!reads && !sequential && !options.durable && strcmp(options.mode, "random-insert") != 0) usage();
    if (strcmp(options.mode, "scan") == 0 && options.threads != 1) die("--threads", "a scan has one");

    if (reads) {
        fill();
    } else {
        options.ascending = sequential && options.threads == 1;
        store_open(true);
    }
    make_order(!sequential);
    pthread_t threads[64];
    pthread_barrier_init(&barrier, NULL, (unsigned) options.threads + 1);
    for (long i = 0; i < options.threads; i++) {
        if (pthread_create(&threads[i], NULL, work, (void *) (intptr_t) i) != 0) die("threads", "none left");
    }
    pthread_barrier_wait(&barrier);
    double wall = wall_seconds(), cpu = cpu_seconds();
    pthread_barrier_wait(&barrier);
    wall = wall_seconds() - wall;
    cpu = cpu_seconds() - cpu;
    for (long i = 0; i < options.threads; i++) pthread_join(threads[i], NULL);
    if (!reads) {
        struct session *session = session_open();
        begin(session, false);
        scan(session, visit);
        commit(session, false);
        session_close(session);
    }
    if (strcmp(options.mode, "point-read") != 0) check_scan();
    store_close();

    struct rusage usage_now;
    getrusage(RUSAGE_SELF, &usage_now);
    long long file, all;
    file_sizes(&file, &all);
    printf("{\"peer\":\"%s\",\"mode\":\"%s\",\"threads\":%ld,\"rows\":%ld,\"batch\":%ld,\"wall_s\":%.6f,"
        "\"cpu_s\":%.6f,\"bytes\":%lld,\"directory_bytes\":%lld,\"peak_rss_kb\":%ld,\"errors\":%ld}\n",
        name, options.mode, options.threads, options.rows, options.durable ? 1 : options.batch, wall, cpu, file,
        all, usage_now.ru_maxrss, errors);
    free(order);
    return errors == 0 ? 0 : 1;
}

#define STORE_MAIN(name) \
    int main(int argc, char **argv) { return store_main(name, argc, argv); }
