/* LMDB as a store: keys of 8 big-endian bytes, MDB_APPEND where rows come in order, commits synced as by default, also
   those of batches (it has no log, so a commit that is not synced may lose the file). */

#define STORE_FILE "data.mdb"
#include "store_bench.h"

#include <lmdb.h>

struct session {
    MDB_txn *txn, *reading;
};

static MDB_env *env;
static MDB_dbi dbi;

static void check(int result, const char *what) {
    if (result != MDB_SUCCESS) die(what, mdb_strerror(result));
}

static void store_open(bool fresh) {
    MDB_txn *txn;
    (void) fresh;
    check(mdb_env_create(&env), "env");
    check(mdb_env_set_mapsize(env, (size_t) options.rows * 1024 + (64 << 20)), "mapsize");
    check(mdb_env_set_maxreaders(env, 256), "maxreaders");
    check(mdb_env_open(env, options.directory, MDB_NOTLS, 0644), options.directory);
    check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    check(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
    check(mdb_txn_commit(txn), "commit");
}

static void store_close(void) { mdb_env_close(env); }

static struct session *session_open(void) { return calloc(1, sizeof(struct session)); }

static void session_close(struct session *s) {
    if (s->reading) mdb_txn_abort(s->reading);
    free(s);
}

static void begin(struct session *s, bool writing) {
    if (writing) {
        check(mdb_txn_begin(env, NULL, 0, &s->txn), "begin");
    } else if (s->reading) {
        check(mdb_txn_renew(s->reading), "renew");
        s->txn = s->reading;
    } else {
        check(mdb_txn_begin(env, NULL, MDB_RDONLY, &s->reading), "begin");
        s->txn = s->reading;
    }
}

static void commit(struct session *s, bool writing) {
    if (writing) check(mdb_txn_commit(s->txn), "commit");
    else mdb_txn_reset(s->reading);
}

static void put(struct session *s, uint64_t key, const void *value) {
    uint64_t bytes = big_endian(key);
    MDB_val k = {sizeof bytes, &bytes}, v = {VALUE_BYTES, (void *) (uintptr_t) value};
    check(mdb_put(s->txn, dbi, &k, &v, options.ascending ? MDB_APPEND : MDB_NOOVERWRITE), "put");
}

static bool get(struct session *s, uint64_t key, void *value) {
    uint64_t bytes = big_endian(key);
    MDB_val k = {sizeof bytes, &bytes}, v;
    int result = mdb_get(s->txn, dbi, &k, &v);
    if (result == MDB_NOTFOUND) return false;
    check(result, "get");
    if (v.mv_size != VALUE_BYTES) return false;
    memcpy(value, v.mv_data, VALUE_BYTES);
    return true;
}

static void scan(struct session *s, void (*visit)(uint64_t key, const void *value)) {
    MDB_cursor *cursor;
    MDB_val k, v;
    int result;
    check(mdb_cursor_open(s->txn, dbi, &cursor), "cursor");
    while ((result = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == MDB_SUCCESS) {
        uint64_t bytes;
        if (k.mv_size != sizeof bytes || v.mv_size != VALUE_BYTES) die("scan", "a row of another length");
        memcpy(&bytes, k.mv_data, sizeof bytes);
        visit(big_endian(bytes), v.mv_data);
    }
    if (result != MDB_NOTFOUND) check(result, "scan");
    mdb_cursor_close(cursor);
}

STORE_MAIN("lmdb")
