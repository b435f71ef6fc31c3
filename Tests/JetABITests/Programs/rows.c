/*
 * Rows through libesent.so: a table, inserts, searches, updates, long values, indexes in all spellings, restart.
 * usage: rows DIRECTORY
 */
#include <string.h>

#include "check.h"

static JET_INSTANCE instance;
static JET_SESID session;
static JET_DBID database;
static JET_TABLEID rows;
static JET_COLUMNID id_column, name_column, blob_column;
static char path[512];

static void start(const char *directory) {
    char directory_name[480];
    snprintf(directory_name, sizeof directory_name, "%s/", directory);
    snprintf(path, sizeof path, "%s/rows.edb", directory);
    OK(JetCreateInstance(&instance, "rows"));
    OK(JetSetSystemParameter(&instance, 0, JET_paramSystemPath, 0, directory_name));
    OK(JetSetSystemParameter(&instance, 0, JET_paramLogFilePath, 0, directory_name));
    OK(JetSetSystemParameter(&instance, 0, JET_paramTempPath, 0, directory_name));
    OK(JetSetSystemParameter(&instance, 0, JET_paramLogFileSize, 256, NULL));
    OK(JetInit(&instance));
    OK(JetBeginSession(instance, &session, NULL, NULL));
}

static void stop(void) {
    OK(JetCloseTable(session, rows));
    OK(JetCloseDatabase(session, database, 0));
    OK(JetEndSession(session, 0));
    OK(JetTerm2(instance, JET_bitTermComplete));
}

static JET_COLUMNID add_column(const char *name, JET_COLTYP type, uint32_t most) {
    JET_COLUMNDEF definition;
    JET_COLUMNID column = 0;
    memset(&definition, 0, sizeof definition);
    definition.cbStruct = sizeof definition;
    definition.coltyp = type;
    definition.cbMax = most;
    definition.cp = 1252;
    OK(JetAddColumn(session, rows, name, &definition, NULL, 0, &column));
    return column;
}

static void create(void) {
    OK(JetCreateDatabase(session, path, NULL, &database, 0));
    OK(JetBeginTransaction(session));
    OK(JetCreateTable(session, database, "rows", 4, 80, &rows));
    id_column = add_column("id", JET_coltypLong, 0);
    name_column = add_column("name", JET_coltypText, 40);
    blob_column = add_column("blob", JET_coltypLongBinary, 0);
    OK(JetCreateIndex(session, rows, "primary", JET_bitIndexPrimary | JET_bitIndexUnique, "+id\0", 5, 80));
    OK(JetCreateIndex(session, rows, "byName", 0, "+name\0", 7, 80));
    OK(JetCommitTransaction(session, 0));
}

static unsigned char blob[30000];

static void insert(int32_t id) {
    char name[16];
    snprintf(name, sizeof name, "name %d", (int)(id % 10));
    OK(JetPrepareUpdate(session, rows, JET_prepInsert));
    OK(JetSetColumn(session, rows, id_column, &id, sizeof id, 0, NULL));
    OK(JetSetColumn(session, rows, name_column, name, (uint32_t)strlen(name), 0, NULL));
    if (id % 50 == 0) OK(JetSetColumn(session, rows, blob_column, blob, sizeof blob, 0, NULL));
    OK(JetUpdate(session, rows, NULL, 0, NULL));
}

static int32_t current(void) {
    int32_t id = -1;
    uint32_t size = 0;
    OK(JetRetrieveColumn(session, rows, id_column, &id, sizeof id, &size, 0, NULL));
    HOLDS(size == sizeof id);
    return id;
}

static void seek(int32_t id) {
    OK(JetMakeKey(session, rows, &id, sizeof id, JET_bitNewKey));
    OK(JetSeek(session, rows, JET_bitSeekEQ));
}

static void all(int32_t count) {
    int32_t id = 0;
    uint32_t counted = 0;
    JET_ERR err;
    for (err = JetMove(session, rows, JET_MoveFirst, 0); err >= 0; err = JetMove(session, rows, JET_MoveNext, 0)) {
        HOLDS(current() == id);
        id++;
    }
    GIVES(JET_errNoCurrentRecord, err);
    HOLDS(id == count);
    OK(JetMove(session, rows, JET_MoveFirst, 0));
    OK(JetIndexRecordCount(session, rows, &counted, 0));
    HOLDS(counted == (uint32_t)count);
}

static void indexes(void) {
    static WCHAR wide[] = {'b', 'Y', 'n', 'A', 'M', 'E', 0};
    WCHAR name[65];
    char narrow[65];
    int count = 0;
    JET_ERR err;
    OK(JetSetCurrentIndexW(session, rows, wide));
    OK(JetGetCurrentIndexW(session, rows, name, sizeof name));
    HOLDS(name[0] == 'b' && name[2] == 'N' && name[6] == 0);
    OK(JetGetCurrentIndexA(session, rows, narrow, sizeof narrow));
    HOLDS(strcmp(narrow, "byName") == 0);
    OK(JetMakeKey(session, rows, "name 3", 6, JET_bitNewKey));
    OK(JetSeek(session, rows, JET_bitSeekEQ | JET_bitSetIndexRange));
    do {
        HOLDS(current() % 10 == 3);
        count++;
        err = JetMove(session, rows, JET_MoveNext, 0);
    } while (err >= 0);
    HOLDS(count == 20);
    OK(JetSetCurrentIndex2(session, rows, NULL, JET_bitMoveFirst));
    HOLDS(current() == 0);
    GIVES(JET_errIndexNotFound, JetSetCurrentIndex(session, rows, "none"));
}

static void long_values(void) {
    static unsigned char copy[sizeof blob];
    uint32_t size = 0;
    JET_RETINFO where;
    seek(50);
    OK(JetRetrieveColumn(session, rows, blob_column, copy, sizeof copy, &size, 0, NULL));
    HOLDS(size == sizeof blob && memcmp(copy, blob, sizeof blob) == 0);
    memset(&where, 0, sizeof where);
    where.cbStruct = sizeof where;
    where.itagSequence = 1;
    where.ibLongValue = sizeof blob - 10;
    OK(JetRetrieveColumn(session, rows, blob_column, copy, sizeof copy, &size, 0, &where));
    HOLDS(size == 10 && memcmp(copy, blob + sizeof blob - 10, 10) == 0);
    seek(51);
    GIVES(JET_wrnColumnNull, JetRetrieveColumn(session, rows, blob_column, copy, sizeof copy, &size, 0, NULL));
}

int main(int count, char **arguments) {
    int32_t id;
    HOLDS(count == 2);
    for (id = 0; id < (int32_t)sizeof blob; id++) blob[id] = (unsigned char)(id * 7);
    start(arguments[1]);
    create();
    OK(JetBeginTransaction(session));
    for (id = 199; id >= 0; id--) insert(id);
    OK(JetCommitTransaction(session, 0));
    all(200);
    indexes();
    long_values();
    OK(JetBeginTransaction(session));
    for (id = 150; id < 200; id++) {
        seek(id);
        OK(JetDelete(session, rows));
    }
    all(150);
    OK(JetRollback(session, 0));
    all(200);
    stop();

    start(arguments[1]);
    OK(JetAttachDatabase(session, path, 0));
    OK(JetOpenDatabase(session, path, NULL, &database, 0));
    OK(JetOpenTable(session, database, "rows", NULL, 0, 0, &rows));
    all(200);
    indexes();
    long_values();
    stop();
    puts("ok");
    return 0;
}
