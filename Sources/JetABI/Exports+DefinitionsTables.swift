// Layer: JetABI. Uses: Definitions+Tables. Used by: C programs, through esent.h, which says what each function takes.
// Exports: tables, columns and indexes.

public import CJet
import ESEEngine
import Jet

/// See esent.h.
@c @implementation
public func JetCreateTable(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ lPages: UInt32, _ lDensity: UInt32,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    createTable(CChar.self, sesid, dbid, szTableName, lPages, lDensity, ptableid)
}

/// See esent.h.
@c @implementation
public func JetCreateTableA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ lPages: UInt32, _ lDensity: UInt32,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    createTable(CChar.self, sesid, dbid, szTableName, lPages, lDensity, ptableid)
}

/// See esent.h.
@c @implementation
public func JetCreateTableW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCWSTR?, _ lPages: UInt32, _ lDensity: UInt32,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    createTable(WCHAR.self, sesid, dbid, szTableName, lPages, lDensity, ptableid)
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE_A>?
) -> JET_ERR {
    createTableColumnIndex(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndexA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE_A>?
) -> JET_ERR {
    createTableColumnIndex(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndexW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE_W>?
) -> JET_ERR {
    createTableColumnIndex(WCHAR.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex2(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE2_A>?
) -> JET_ERR {
    createTableColumnIndex2(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex2A(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE2_A>?
) -> JET_ERR {
    createTableColumnIndex2(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex2W(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE2_W>?
) -> JET_ERR {
    createTableColumnIndex2(WCHAR.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex3(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE3_A>?
) -> JET_ERR {
    createTableColumnIndex3(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex3A(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE3_A>?
) -> JET_ERR {
    createTableColumnIndex3(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex3W(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE3_W>?
) -> JET_ERR {
    createTableColumnIndex3(WCHAR.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex4(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE4_A>?
) -> JET_ERR {
    createTableColumnIndex4(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex4A(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE4_A>?
) -> JET_ERR {
    createTableColumnIndex4(CChar.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetCreateTableColumnIndex4W(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ ptablecreate: UnsafeMutablePointer<JET_TABLECREATE4_W>?
) -> JET_ERR {
    createTableColumnIndex4(WCHAR.self, sesid, dbid, UnsafeMutableRawPointer(ptablecreate))
}

/// See esent.h.
@c @implementation
public func JetOpenTable(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ pvParameters: UnsafeRawPointer?,
    _ cbParameters: UInt32, _ grbit: JET_GRBIT, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    openTable(CChar.self, sesid, dbid, szTableName, pvParameters, cbParameters, grbit, ptableid)
}

/// See esent.h.
@c @implementation
public func JetOpenTableA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ pvParameters: UnsafeRawPointer?,
    _ cbParameters: UInt32, _ grbit: JET_GRBIT, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    openTable(CChar.self, sesid, dbid, szTableName, pvParameters, cbParameters, grbit, ptableid)
}

/// See esent.h.
@c @implementation
public func JetOpenTableW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCWSTR?, _ pvParameters: UnsafeRawPointer?,
    _ cbParameters: UInt32, _ grbit: JET_GRBIT, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    openTable(WCHAR.self, sesid, dbid, szTableName, pvParameters, cbParameters, grbit, ptableid)
}

/// See esent.h.
@c @implementation
public func JetDeleteTable(_ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?) -> JET_ERR {
    deleteTable(CChar.self, sesid, dbid, szTableName)
}

/// See esent.h.
@c @implementation
public func JetDeleteTableA(_ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?) -> JET_ERR {
    deleteTable(CChar.self, sesid, dbid, szTableName)
}

/// See esent.h.
@c @implementation
public func JetDeleteTableW(_ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCWSTR?) -> JET_ERR {
    deleteTable(WCHAR.self, sesid, dbid, szTableName)
}

/// See esent.h.
@c @implementation
public func JetRenameTable(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szName: JET_PCSTR?, _ szNameNew: JET_PCSTR?
) -> JET_ERR {
    renameTable(CChar.self, sesid, dbid, szName, szNameNew)
}

/// See esent.h.
@c @implementation
public func JetRenameTableA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szName: JET_PCSTR?, _ szNameNew: JET_PCSTR?
) -> JET_ERR {
    renameTable(CChar.self, sesid, dbid, szName, szNameNew)
}

/// See esent.h.
@c @implementation
public func JetRenameTableW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szName: JET_PCWSTR?, _ szNameNew: JET_PCWSTR?
) -> JET_ERR {
    renameTable(WCHAR.self, sesid, dbid, szName, szNameNew)
}

/// See esent.h.
@c @implementation
public func JetAddColumn(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?,
    _ pcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ pvDefault: UnsafeRawPointer?, _ cbDefault: UInt32,
    _ pcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    addColumn(CChar.self, sesid, tableid, szColumnName, pcolumndef, pvDefault, cbDefault, pcolumnid)
}

/// See esent.h.
@c @implementation
public func JetAddColumnA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?,
    _ pcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ pvDefault: UnsafeRawPointer?, _ cbDefault: UInt32,
    _ pcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    addColumn(CChar.self, sesid, tableid, szColumnName, pcolumndef, pvDefault, cbDefault, pcolumnid)
}

/// See esent.h.
@c @implementation
public func JetAddColumnW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCWSTR?,
    _ pcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ pvDefault: UnsafeRawPointer?, _ cbDefault: UInt32,
    _ pcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    addColumn(WCHAR.self, sesid, tableid, szColumnName, pcolumndef, pvDefault, cbDefault, pcolumnid)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumn(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?) -> JET_ERR {
    deleteColumn(CChar.self, sesid, tableid, szColumnName)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumnA(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?) -> JET_ERR {
    deleteColumn(CChar.self, sesid, tableid, szColumnName)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumnW(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCWSTR?) -> JET_ERR {
    deleteColumn(WCHAR.self, sesid, tableid, szColumnName)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumn2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    deleteColumn2(CChar.self, sesid, tableid, szColumnName, grbit)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumn2A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    deleteColumn2(CChar.self, sesid, tableid, szColumnName, grbit)
}

/// See esent.h.
@c @implementation
public func JetDeleteColumn2W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCWSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    deleteColumn2(WCHAR.self, sesid, tableid, szColumnName, grbit)
}

/// See esent.h.
@c @implementation
public func JetRenameColumn(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szName: JET_PCSTR?, _ szNameNew: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    renameColumn(CChar.self, sesid, tableid, szName, szNameNew, grbit)
}

/// See esent.h.
@c @implementation
public func JetRenameColumnA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szName: JET_PCSTR?, _ szNameNew: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    renameColumn(CChar.self, sesid, tableid, szName, szNameNew, grbit)
}

/// See esent.h.
@c @implementation
public func JetRenameColumnW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szName: JET_PCWSTR?, _ szNameNew: JET_PCWSTR?, _ grbit: JET_GRBIT
) -> JET_ERR {
    renameColumn(WCHAR.self, sesid, tableid, szName, szNameNew, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT,
    _ szKey: UnsafePointer<CChar>?, _ cbKey: UInt32, _ lDensity: UInt32
) -> JET_ERR {
    createIndex(CChar.self, sesid, tableid, szIndexName, grbit, szKey, cbKey, lDensity)
}

/// See esent.h.
@c @implementation
public func JetCreateIndexA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT,
    _ szKey: UnsafePointer<CChar>?, _ cbKey: UInt32, _ lDensity: UInt32
) -> JET_ERR {
    createIndex(CChar.self, sesid, tableid, szIndexName, grbit, szKey, cbKey, lDensity)
}

/// See esent.h.
@c @implementation
public func JetCreateIndexW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?, _ grbit: JET_GRBIT,
    _ szKey: UnsafePointer<WCHAR>?, _ cbKey: UInt32, _ lDensity: UInt32
) -> JET_ERR {
    createIndex(WCHAR.self, sesid, tableid, szIndexName, grbit, szKey, cbKey, lDensity)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex2(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex2A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex2(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex2W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE_W>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex2(WCHAR.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex3(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE2_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex3(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex3A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE2_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex3(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex3W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE2_W>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex3(WCHAR.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex4(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE3_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex4(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex4A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE3_A>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex4(CChar.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetCreateIndex4W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pindexcreate: UnsafeMutablePointer<JET_INDEXCREATE3_W>?,
    _ cIndexCreate: UInt32
) -> JET_ERR {
    createIndex4(WCHAR.self, sesid, tableid, UnsafeMutableRawPointer(pindexcreate), cIndexCreate)
}

/// See esent.h.
@c @implementation
public func JetDeleteIndex(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?) -> JET_ERR {
    deleteIndex(CChar.self, sesid, tableid, szIndexName)
}

/// See esent.h.
@c @implementation
public func JetDeleteIndexA(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?) -> JET_ERR {
    deleteIndex(CChar.self, sesid, tableid, szIndexName)
}

/// See esent.h.
@c @implementation
public func JetDeleteIndexW(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?) -> JET_ERR {
    deleteIndex(WCHAR.self, sesid, tableid, szIndexName)
}

/// See esent.h.
@c @implementation
public func JetComputeStats(_ sesid: JET_SESID, _ tableid: JET_TABLEID) -> JET_ERR { computeStats(sesid, tableid) }
