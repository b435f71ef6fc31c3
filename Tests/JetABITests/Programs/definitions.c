/*
 * Databases, tables, columns, indexes and what is told of them through libesent.so, in all spellings of the functions.
 * usage: definitions DIRECTORY
 */
#include <string.h>

#include "check.h"

static char path[600];
static WCHAR wide_path[600];
static JET_SESID session;
static JET_DBID database;

static void widen(WCHAR *to, const char *from) {
    do *to++ = (WCHAR)(unsigned char)*from; while (*from++);
}

static int same(const WCHAR *a, const char *b) {
    while (*b && *a == (WCHAR)(unsigned char)*b) a++, b++;
    return *a == 0 && *b == 0;
}

static void databases(void) {
    JET_DBID other = 0;
    WCHAR name[600];
    char text[600];
    uint64_t size = 0;
    JET_DBINFOMISC misc;
    OK(JetCreateDatabaseW(session, wide_path, NULL, &database, 0));
    GIVES(JET_errDatabaseDuplicate, JetCreateDatabase(session, path, NULL, &other, 0));
    GIVES(JET_errDatabaseDuplicate, JetCreateDatabase2A(session, path, 0, &other, 0));
    GIVES(JET_errDatabaseDuplicate, JetCreateDatabase2W(session, wide_path, 0, &other, 0));
    OK(JetOpenDatabase(session, path, NULL, &other, 0));
    HOLDS(other == database);
    OK(JetCloseDatabase(session, other, 0));
    OK(JetCloseDatabase(session, database, 0));
    OK(JetDetachDatabaseW(session, wide_path));
    OK(JetAttachDatabase2W(session, wide_path, 0, 0));
    GIVES(JET_wrnDatabaseAttached, JetAttachDatabase(session, path, 0));
    GIVES(JET_wrnDatabaseAttached, JetAttachDatabase2(session, path, 100, 0));
    OK(JetDetachDatabase2(session, path, 0));
    OK(JetGetDatabaseFileInfoA(path, &size, sizeof size, JET_DbInfoFilesize));
    HOLDS(size > 0);
    OK(JetGetDatabaseFileInfoW(wide_path, &misc, sizeof misc, JET_DbInfoMisc));
    HOLDS(misc.dbstate == 3);
    OK(JetAttachDatabaseW(session, wide_path, 0));
    OK(JetOpenDatabaseW(session, wide_path, NULL, &database, 0));
    OK(JetGetDatabaseInfoW(session, database, name, sizeof name, JET_DbInfoFilename));
    OK(JetGetDatabaseInfo(session, database, text, sizeof text, JET_DbInfoFilename));
    HOLDS(same(name, text));
}

static JET_COLUMNDEF definition(JET_COLTYP type, JET_GRBIT grbit) {
    JET_COLUMNDEF column;
    memset(&column, 0, sizeof column);
    column.cbStruct = sizeof column;
    column.coltyp = type;
    column.grbit = grbit;
    return column;
}

static void tables(void) {
    JET_TABLEID table = 0, other = 0;
    JET_COLUMNDEF column = definition(JET_coltypLong, 0), told;
    JET_COLUMNID first = 0, second = 0;
    JET_COLUMNBASE_A base;
    JET_INDEXCREATE_A index;
    JET_INDEXCREATE2_W index2;
    JET_OBJECTINFO object;
    char text[300];
    WCHAR wide[300];
    uint32_t count = 0;
    OK(JetCreateTableW(session, database, u"by hand", 1, 0, &table));
    OK(JetAddColumn(session, table, "first", &column, NULL, 0, &first));
    OK(JetAddColumnW(session, table, u"second", &column, NULL, 0, &second));
    GIVES(JET_errColumnDuplicate, JetAddColumnA(session, table, "FIRST", &column, NULL, 0, NULL));
    OK(JetCreateIndex(session, table, "one", 0, "+first\0", 8, 80));
    OK(JetCreateIndexW(session, table, u"two", JET_bitIndexUnique, u"-second\0", 18, 80));
    memset(&index, 0, sizeof index);
    index.cbStruct = sizeof index;
    index.szIndexName = "three";
    index.szKey = "+second\0-first\0";
    index.cbKey = 16;
    index.err = 99;
    OK(JetCreateIndex2(session, table, &index, 1));
    HOLDS(index.err == 0);
    GIVES(JET_errIndexDuplicate, JetCreateIndex2A(session, table, &index, 1));
    HOLDS(index.err == JET_errIndexDuplicate);
    memset(&index2, 0, sizeof index2);
    index2.cbStruct = sizeof index2;
    index2.szIndexName = u"four";
    index2.szKey = u"+first\0";
    index2.cbKey = 16;
    index2.grbit = JET_bitIndexPrimary;
    OK(JetCreateIndex3W(session, table, &index2, 1));
    OK(JetGetTableIndexInfo(session, table, NULL, &count, sizeof count, JET_IdxInfoCount));
    HOLDS(count == 4);
    OK(JetGetTableColumnInfo(session, table, "second", &told, sizeof told, JET_ColInfo));
    HOLDS(told.columnid == second && told.coltyp == JET_coltypLong && told.cbMax == 4);
    OK(JetGetTableColumnInfoW(session, table, (JET_PCWSTR)(const void *)&first, &told, sizeof told,
        JET_ColInfoByColid));
    HOLDS(told.columnid == first);
    OK(JetGetColumnInfoA(session, database, "by hand", "first", &base, sizeof base, JET_ColInfoBase));
    HOLDS(strcmp(base.szBaseTableName, "by hand") == 0 && strcmp(base.szBaseColumnName, "first") == 0);
    OK(JetGetTableInfo(session, table, text, sizeof text, JET_TblInfoName));
    OK(JetGetTableInfoW(session, table, wide, sizeof wide, JET_TblInfoName));
    HOLDS(strcmp(text, "by hand") == 0 && same(wide, text));
    GIVES(JET_errBufferTooSmall, JetGetTableInfoA(session, table, text, 3, JET_TblInfoName));
    OK(JetGetObjectInfo(session, database, JET_objtypTable, NULL, "by hand", &object, sizeof object, JET_ObjInfo));
    HOLDS(object.objtyp == JET_objtypTable && object.grbit & JET_bitTableInfoUpdatable);
    OK(JetComputeStats(session, table));
    OK(JetDeleteIndexW(session, table, u"three"));
    OK(JetRenameColumnW(session, table, u"second", u"other", 0));
    GIVES(JET_errColumnInUse, JetDeleteColumnW(session, table, u"other"));
    OK(JetDeleteIndex(session, table, "two"));
    OK(JetDeleteColumn2W(session, table, u"other", 0));
    OK(JetCloseTable(session, table));
    OK(JetRenameTableW(session, database, u"by hand", u"renamed"));
    OK(JetOpenTableW(session, database, u"renamed", NULL, 0, JET_bitTableReadOnly, &table));
    OK(JetOpenTable(session, database, "RENAMED", NULL, 0, 0, &other));
    OK(JetCloseTable(session, table));
    OK(JetCloseTable(session, other));
    OK(JetDeleteTableW(session, database, u"renamed"));
    GIVES(JET_errObjectNotFound, JetDeleteTable(session, database, "renamed"));
}

static void lists(void) {
    JET_TABLECREATE_A create;
    JET_COLUMNCREATE_A columns[2];
    JET_COLUMNLIST list;
    JET_INDEXLIST indexes;
    JET_OBJECTLIST objects;
    JET_TABLEID temporary = 0;
    JET_COLUMNDEF sorted = definition(JET_coltypLong, JET_bitColumnTTKey);
    JET_COLUMNID id = 0;
    JET_OPENTEMPORARYTABLE open;
    char name[64];
    uint32_t size = 0;
    memset(&create, 0, sizeof create);
    memset(columns, 0, sizeof columns);
    for (int i = 0; i < 2; i++) {
        columns[i].cbStruct = sizeof columns[i];
        columns[i].szColumnName = i ? "beta" : "alpha";
        columns[i].coltyp = i ? JET_coltypLongText : JET_coltypText;
    }
    create.cbStruct = sizeof create;
    create.szTableName = "made";
    create.rgcolumncreate = columns;
    create.cColumns = 2;
    OK(JetCreateTableColumnIndex(session, database, &create));
    HOLDS(create.cCreated == 3 && columns[1].columnid != 0);
    OK(JetGetColumnInfo(session, database, "made", NULL, &list, sizeof list, JET_ColInfoList));
    HOLDS(list.cRecord == 2);
    OK(JetRetrieveColumn(session, list.tableid, list.columnidcolumnname, name, sizeof name, &size, 0, NULL));
    HOLDS(size == 5 && memcmp(name, "alpha", 5) == 0);
    OK(JetMove(session, list.tableid, JET_MoveNext, 0));
    OK(JetRetrieveColumn(session, list.tableid, list.columnidcolumnname, name, sizeof name, &size, 0, NULL));
    HOLDS(size == 4 && memcmp(name, "beta", 4) == 0);
    GIVES(JET_errNoCurrentRecord, JetMove(session, list.tableid, JET_MoveNext, 0));
    OK(JetCloseTable(session, list.tableid));
    OK(JetGetIndexInfoW(session, database, u"made", NULL, &indexes, sizeof indexes, JET_IdxInfoList));
    HOLDS(indexes.cRecord == 0);
    OK(JetCloseTable(session, indexes.tableid));
    OK(JetGetObjectInfoW(session, database, JET_objtypNil, NULL, NULL, &objects, sizeof objects, JET_ObjInfoList));
    HOLDS(objects.cRecord == 5);
    OK(JetCloseTable(session, objects.tableid));
    OK(JetCloseTable(session, create.tableid));

    OK(JetOpenTempTable(session, &sorted, 1, JET_bitTTScrollable, &temporary, &id));
    OK(JetCloseTable(session, temporary));
    OK(JetOpenTempTable2(session, &sorted, 1, 0x409, 0, &temporary, &id));
    OK(JetCloseTable(session, temporary));
    OK(JetOpenTempTable3(session, &sorted, 1, NULL, 0, &temporary, &id));
    memset(&open, 0, sizeof open);
    open.cbStruct = sizeof open;
    open.prgcolumndef = &sorted;
    open.ccolumn = 1;
    open.prgcolumnid = &id;
    OK(JetOpenTemporaryTable(session, &open));
    HOLDS(open.tableid != temporary && open.tableid != 0);
    for (int32_t i = 3; i > 0; i--) {
        OK(JetPrepareUpdate(session, open.tableid, JET_prepInsert));
        OK(JetSetColumn(session, open.tableid, id, &i, sizeof i, 0, NULL));
        OK(JetUpdate(session, open.tableid, NULL, 0, NULL));
    }
    for (int32_t i = 1, read = 0; i <= 3; i++) {
        OK(JetMove(session, open.tableid, JET_MoveNext, 0));
        OK(JetRetrieveColumn(session, open.tableid, id, &read, sizeof read, NULL, 0, NULL));
        HOLDS(read == i);
    }
}

int main(int count, char **arguments) {
    JET_INSTANCE instance = 0;
    char directory[560];
    if (count != 2) return 2;
    snprintf(directory, sizeof directory, "%s/", arguments[1]);
    snprintf(path, sizeof path, "%s/definitions.edb", arguments[1]);
    widen(wide_path, path);
    OK(JetCreateInstance(&instance, "definitions"));
    OK(JetSetSystemParameter(&instance, 0, JET_paramSystemPath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramLogFilePath, 0, directory));
    OK(JetSetSystemParameter(&instance, 0, JET_paramTempPath, 0, directory));
    OK(JetInit(&instance));
    OK(JetBeginSession(instance, &session, NULL, NULL));
    databases();
    tables();
    lists();
    OK(JetIdle(session, JET_bitIdleFlushBuffers));
    OK(JetEndSession(session, 0));
    OK(JetTerm2(instance, JET_bitTermComplete));
    puts("ok");
    return 0;
}
