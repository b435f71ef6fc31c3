// Layer: JetABI. Uses: Definitions+Information. Used by: C programs, through esent.h, which says what each function takes.
// Exports: what is told about tables, columns and indexes; temporary tables.

public import CJet
import ESEEngine
import Jet

/// See esent.h.
@c @implementation
public func JetGetObjectInfo(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ objtyp: JET_OBJTYP, _ szContainerName: JET_PCSTR?,
    _ szObjectName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getObjectInfo(CChar.self, sesid, dbid, objtyp, szContainerName, szObjectName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetObjectInfoA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ objtyp: JET_OBJTYP, _ szContainerName: JET_PCSTR?,
    _ szObjectName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getObjectInfo(CChar.self, sesid, dbid, objtyp, szContainerName, szObjectName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetObjectInfoW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ objtyp: JET_OBJTYP, _ szContainerName: JET_PCWSTR?,
    _ szObjectName: JET_PCWSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getObjectInfo(WCHAR.self, sesid, dbid, objtyp, szContainerName, szObjectName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableInfo(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    getTableInfo(CChar.self, sesid, tableid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableInfoA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    getTableInfo(CChar.self, sesid, tableid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableInfoW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    getTableInfo(WCHAR.self, sesid, tableid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetColumnInfo(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ pColumnNameOrId: JET_PCSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getColumnInfo(CChar.self, sesid, dbid, szTableName, pColumnNameOrId, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetColumnInfoA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ pColumnNameOrId: JET_PCSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getColumnInfo(CChar.self, sesid, dbid, szTableName, pColumnNameOrId, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetColumnInfoW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCWSTR?, _ pwColumnNameOrId: JET_PCWSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getColumnInfo(WCHAR.self, sesid, dbid, szTableName, pwColumnNameOrId, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableColumnInfo(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableColumnInfo(CChar.self, sesid, tableid, szColumnName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableColumnInfoA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableColumnInfo(CChar.self, sesid, tableid, szColumnName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableColumnInfoW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: JET_PCWSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableColumnInfo(WCHAR.self, sesid, tableid, szColumnName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetIndexInfo(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ szIndexName: JET_PCSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getIndexInfo(CChar.self, sesid, dbid, szTableName, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetIndexInfoA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCSTR?, _ szIndexName: JET_PCSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getIndexInfo(CChar.self, sesid, dbid, szTableName, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetIndexInfoW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: JET_PCWSTR?, _ szIndexName: JET_PCWSTR?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getIndexInfo(WCHAR.self, sesid, dbid, szTableName, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableIndexInfo(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableIndexInfo(CChar.self, sesid, tableid, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableIndexInfoA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableIndexInfo(CChar.self, sesid, tableid, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetTableIndexInfoW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getTableIndexInfo(WCHAR.self, sesid, tableid, szIndexName, pvResult, cbResult, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetOpenTempTable(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32, _ grbit: JET_GRBIT,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?, _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    openTempTable(sesid, prgcolumndef, ccolumn, grbit, ptableid, prgcolumnid)
}

/// See esent.h.
@c @implementation
public func JetOpenTempTable2(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32, _ lcid: UInt32,
    _ grbit: JET_GRBIT, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?,
    _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    openTempTable2(sesid, prgcolumndef, ccolumn, lcid, grbit, ptableid, prgcolumnid)
}

/// See esent.h.
@c @implementation
public func JetOpenTempTable3(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32,
    _ pidxunicode: UnsafeMutablePointer<JET_UNICODEINDEX>?, _ grbit: JET_GRBIT,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?, _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    openTempTable3(sesid, prgcolumndef, ccolumn, pidxunicode, grbit, ptableid, prgcolumnid)
}

/// See esent.h.
@c @implementation
public func JetOpenTemporaryTable(
    _ sesid: JET_SESID, _ popentemporarytable: UnsafeMutablePointer<JET_OPENTEMPORARYTABLE>?
) -> JET_ERR {
    openTemporaryTable(sesid, popentemporarytable)
}

/// See esent.h.
@c @implementation
public func JetOpenTemporaryTable2(
    _ sesid: JET_SESID, _ popentemporarytable: UnsafeMutablePointer<JET_OPENTEMPORARYTABLE2>?
) -> JET_ERR {
    openTemporaryTable2(sesid, popentemporarytable)
}
