/* SQLite as a store: a write-ahead log, a table whose integer key is the rowid, prepared statements, one connection a
   thread. synchronous is FULL where every commit must be durable and NORMAL for batches, which then are durable at the
   next checkpoint of the log. A checkpoint comes every 64 MB of log (the default, 4 MB, makes random inserts write each page
   again and again). */

#define STORE_FILE "store.sqlite"
#include "store_bench.h"

#include <sqlite3.h>

struct session {
    sqlite3 *db;
    sqlite3_stmt *begin_writing, *begin_reading, *commit, *put, *get, *scan;
};

/* Keeps the log from being removed with the last connection of the threads. */
static struct session *keeper;
static char path[4096];

static void check(sqlite3 *db, int result, const char *what) {
    if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW) die(what, sqlite3_errmsg(db));
}

static void execute(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static void step(struct session *s, sqlite3_stmt *statement, const char *what) {
    check(s->db, sqlite3_step(statement), what);
    sqlite3_reset(statement);
}

static struct session *session_open(void) {
    struct session *s = calloc(1, sizeof *s);
    check(s->db, sqlite3_open_v2(path, &s->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL), path);
    sqlite3_busy_timeout(s->db, 60000);
    execute(s->db, "PRAGMA journal_mode=WAL");
    execute(s->db, options.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    execute(s->db, "PRAGMA cache_size=-4194304");
    execute(s->db, "PRAGMA wal_autocheckpoint=16384");
    execute(s->db, "CREATE TABLE IF NOT EXISTS rows (key INTEGER PRIMARY KEY, value BLOB NOT NULL)");
    s->begin_writing = prepare(s->db, "BEGIN IMMEDIATE");
    s->begin_reading = prepare(s->db, "BEGIN");
    s->commit = prepare(s->db, "COMMIT");
    s->put = prepare(s->db, "INSERT INTO rows VALUES (?, ?)");
    s->get = prepare(s->db, "SELECT value FROM rows WHERE key = ?");
    s->scan = prepare(s->db, "SELECT key, value FROM rows ORDER BY key");
    return s;
}

static void session_close(struct session *s) {
    sqlite3_stmt *all[] = {s->begin_writing, s->begin_reading, s->commit, s->put, s->get, s->scan};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) sqlite3_finalize(all[i]);
    check(s->db, sqlite3_close(s->db), "close");
    free(s);
}

static void store_open(bool fresh) {
    (void) fresh;
    snprintf(path, sizeof path, "%s/" STORE_FILE, options.directory);
    keeper = session_open();
}

static void store_close(void) { session_close(keeper); }

static void begin(struct session *s, bool writing) { step(s, writing ? s->begin_writing : s->begin_reading, "begin"); }

static void commit(struct session *s, bool writing) {
    (void) writing;
    step(s, s->commit, "commit");
}

static void put(struct session *s, uint64_t key, const void *value) {
    sqlite3_bind_int64(s->put, 1, (sqlite3_int64) key);
    sqlite3_bind_blob(s->put, 2, value, VALUE_BYTES, SQLITE_STATIC);
    step(s, s->put, "insert");
}

static bool get(struct session *s, uint64_t key, void *value) {
    sqlite3_bind_int64(s->get, 1, (sqlite3_int64) key);
    int result = sqlite3_step(s->get);
    check(s->db, result, "select");
    bool found = result == SQLITE_ROW && sqlite3_column_bytes(s->get, 0) == VALUE_BYTES;
    if (found) memcpy(value, sqlite3_column_blob(s->get, 0), VALUE_BYTES);
    sqlite3_reset(s->get);
    return found;
}

static void scan(struct session *s, void (*visit)(uint64_t key, const void *value)) {
    int result;
    while ((result = sqlite3_step(s->scan)) == SQLITE_ROW) {
        if (sqlite3_column_bytes(s->scan, 1) != VALUE_BYTES) die("scan", "a value of another length");
        visit((uint64_t) sqlite3_column_int64(s->scan, 0), sqlite3_column_blob(s->scan, 1));
    }
    check(s->db, result, "scan");
    sqlite3_reset(s->scan);
}

STORE_MAIN("sqlite")
