/* libesent as a store: a table with a fixed binary key of 8 big-endian bytes, its primary index, and a fixed binary
   value; one session and cursor a thread. Batches are committed lazily, which is what SQLite's NORMAL means: durable a
   little later, and never half. Single commits wait for the log. */

#define STORE_FILE "store.edb"
#include "store_bench.h"

#include <esent.h>

struct session {
    JET_SESID sesid;
    JET_DBID dbid;
    JET_TABLEID tableid;
};

static JET_INSTANCE instance;
static JET_COLUMNID key_column, value_column;
static char path[4096];

static void check(JET_ERR err, const char *what) {
    char text[32];
    if (err >= JET_errSuccess) return;
    snprintf(text, sizeof text, "JET error %d", (int) err);
    die(what, text);
}

static void set(uint32_t parameter, JET_API_PTR value) {
    check(JetSetSystemParameter(&instance, JET_sesidNil, parameter, value, NULL), "parameter");
}

static void set_text(uint32_t parameter, const char *value) {
    check(JetSetSystemParameter(&instance, JET_sesidNil, parameter, 0, value), "parameter");
}

/* Makes the table; sets its column ids. */
static void create_table(struct session *s) {
    static char key_name[] = "key", value_name[] = "value", index_name[] = "primary", table_name[] = "rows";
    static char index_key[] = "+key\0";
    JET_COLUMNCREATE_A columns[2] = {
        {.cbStruct = sizeof columns[0], .szColumnName = key_name, .coltyp = JET_coltypBinary, .cbMax = 8,
            .grbit = JET_bitColumnFixed | JET_bitColumnNotNULL},
        {.cbStruct = sizeof columns[0], .szColumnName = value_name, .coltyp = JET_coltypBinary,
            .cbMax = VALUE_BYTES, .grbit = JET_bitColumnFixed | JET_bitColumnNotNULL},
    };
    JET_INDEXCREATE_A index = {.cbStruct = sizeof index, .szIndexName = index_name, .szKey = index_key,
        .cbKey = sizeof index_key, .grbit = JET_bitIndexPrimary | JET_bitIndexUnique, .ulDensity = 100};
    JET_TABLECREATE_A table = {.cbStruct = sizeof table, .szTableName = table_name, .ulPages = 16, .ulDensity = 100,
        .rgcolumncreate = columns, .cColumns = 2, .rgindexcreate = &index, .cIndexes = 1};
    check(JetCreateTableColumnIndexA(s->sesid, s->dbid, &table), "create table");
    check(JetCloseTable(s->sesid, table.tableid), "close table");
}

static void store_open(bool fresh) {
    char directory[4096 + 1];
    snprintf(directory, sizeof directory, "%s/", options.directory);
    snprintf(path, sizeof path, "%s/" STORE_FILE, options.directory);
    JET_API_PTR cache_pages = (JET_API_PTR) options.rows * 256 / 8192 + 16384;
    JET_INSTANCE none = JET_instanceNil;
    (void) JetSetSystemParameter(NULL, JET_sesidNil, JET_paramDatabasePageSize, 8192, NULL);
    instance = none;
    check(JetCreateInstanceA(&instance, "store_jet"), "instance");
    set_text(JET_paramSystemPath, directory);
    set_text(JET_paramLogFilePath, directory);
    set(JET_paramMaxTemporaryTables, 0);
    set(JET_paramMaxSessions, 80);
    set(JET_paramCacheSizeMin, cache_pages);
    set(JET_paramCacheSizeMax, cache_pages);
    set(JET_paramLogFileSize, 16384);
    set(JET_paramLogBuffers, 4096);
    set(JET_paramCircularLog, 1);
    set(JET_paramMaxVerPages, 1024);
    set(JET_paramCheckpointDepthMax, 64 << 20);
    check(JetInit(&instance), "init");
    struct session s;
    check(JetBeginSessionA(instance, &s.sesid, NULL, NULL), "session");
    if (fresh) {
        check(JetCreateDatabaseA(s.sesid, path, NULL, &s.dbid, 0), "create");
        create_table(&s);
    } else {
        check(JetAttachDatabaseA(s.sesid, path, 0), "attach");
        check(JetOpenDatabaseA(s.sesid, path, NULL, &s.dbid, 0), "open");
    }
    check(JetOpenTableA(s.sesid, s.dbid, "rows", NULL, 0, 0, &s.tableid), "open table");
    JET_COLUMNDEF definition = {.cbStruct = sizeof definition};
    check(JetGetTableColumnInfoA(s.sesid, s.tableid, "key", &definition, sizeof definition, JET_ColInfo), "column");
    key_column = definition.columnid;
    check(JetGetTableColumnInfoA(s.sesid, s.tableid, "value", &definition, sizeof definition, JET_ColInfo), "column");
    value_column = definition.columnid;
    check(JetCloseTable(s.sesid, s.tableid), "close table");
    check(JetEndSession(s.sesid, 0), "end session");
}

static void store_close(void) { check(JetTerm2(instance, JET_bitTermComplete), "term"); }

static struct session *session_open(void) {
    struct session *s = calloc(1, sizeof *s);
    check(JetBeginSessionA(instance, &s->sesid, NULL, NULL), "session");
    check(JetOpenDatabaseA(s->sesid, path, NULL, &s->dbid, 0), "open");
    check(JetOpenTableA(s->sesid, s->dbid, "rows", NULL, 0, 0, &s->tableid), "open table");
    return s;
}

static void session_close(struct session *s) {
    check(JetCloseTable(s->sesid, s->tableid), "close table");
    check(JetEndSession(s->sesid, 0), "end session");
    free(s);
}

static void begin(struct session *s, bool writing) {
    check(JetBeginTransaction2(s->sesid, writing ? 0 : JET_bitTransactionReadOnly), "begin");
}

static void commit(struct session *s, bool writing) {
    (void) writing;
    check(JetCommitTransaction(s->sesid, options.durable ? 0 : JET_bitCommitLazyFlush), "commit");
}

static void put(struct session *s, uint64_t key, const void *value) {
    uint64_t bytes = big_endian(key);
    JET_SETCOLUMN columns[2] = {
        {.columnid = key_column, .pvData = &bytes, .cbData = sizeof bytes},
        {.columnid = value_column, .pvData = value, .cbData = VALUE_BYTES},
    };
    check(JetPrepareUpdate(s->sesid, s->tableid, JET_prepInsert), "prepare");
    check(JetSetColumns(s->sesid, s->tableid, columns, 2), "set");
    check(JetUpdate(s->sesid, s->tableid, NULL, 0, NULL), "update");
}

static bool get(struct session *s, uint64_t key, void *value) {
    uint64_t bytes = big_endian(key);
    uint32_t actual = 0;
    check(JetMakeKey(s->sesid, s->tableid, &bytes, sizeof bytes, JET_bitNewKey), "key");
    JET_ERR err = JetSeek(s->sesid, s->tableid, JET_bitSeekEQ);
    if (err == JET_errRecordNotFound) return false;
    check(err, "seek");
    check(JetRetrieveColumn(s->sesid, s->tableid, value_column, value, VALUE_BYTES, &actual, 0, NULL), "retrieve");
    return actual == VALUE_BYTES;
}

static void scan(struct session *s, void (*visit)(uint64_t key, const void *value)) {
    uint64_t bytes = 0;
    unsigned char value[VALUE_BYTES];
    JET_RETRIEVECOLUMN columns[2] = {
        {.columnid = key_column, .pvData = &bytes, .cbData = sizeof bytes, .itagSequence = 1},
        {.columnid = value_column, .pvData = value, .cbData = VALUE_BYTES, .itagSequence = 1},
    };
    check(JetSetTableSequential(s->sesid, s->tableid, 0), "sequential");
    JET_ERR err = JetMove(s->sesid, s->tableid, (int32_t) JET_MoveFirst, 0);
    while (err >= JET_errSuccess) {
        check(JetRetrieveColumns(s->sesid, s->tableid, columns, 2), "retrieve");
        if (columns[1].cbActual != VALUE_BYTES) die("scan", "a value of another length");
        visit(big_endian(bytes), value);
        err = JetMove(s->sesid, s->tableid, JET_MoveNext, 0);
    }
    if (err != JET_errNoCurrentRecord) check(err, "move");
    check(JetResetTableSequential(s->sesid, s->tableid, 0), "sequential");
}

STORE_MAIN("jet")
