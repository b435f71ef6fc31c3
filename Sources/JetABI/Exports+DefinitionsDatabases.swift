// Layer: JetABI. Uses: Definitions+Databases. Used by: C programs, through esent.h, which says what each function takes.
// Exports: databases: made, attached, opened, told of.

public import CJet
import ESEEngine
import Jet

/// See esent.h.
@c @implementation
public func JetCreateDatabase(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ szConnect: JET_PCSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase(CChar.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateDatabaseA(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ szConnect: JET_PCSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase(CChar.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateDatabaseW(
    _ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ szConnect: JET_PCWSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase(WCHAR.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateDatabase2(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ cpgDatabaseSizeMax: UInt32,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase2(CChar.self, sesid, szFilename, cpgDatabaseSizeMax, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateDatabase2A(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ cpgDatabaseSizeMax: UInt32,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase2(CChar.self, sesid, szFilename, cpgDatabaseSizeMax, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCreateDatabase2W(
    _ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ cpgDatabaseSizeMax: UInt32,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    createDatabase2(WCHAR.self, sesid, szFilename, cpgDatabaseSizeMax, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabase(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    attachDatabase(CChar.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabaseA(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    attachDatabase(CChar.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabaseW(_ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    attachDatabase(WCHAR.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabase2(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ cpgDatabaseSizeMax: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    attachDatabase2(CChar.self, sesid, szFilename, cpgDatabaseSizeMax, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabase2A(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ cpgDatabaseSizeMax: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    attachDatabase2(CChar.self, sesid, szFilename, cpgDatabaseSizeMax, grbit)
}

/// See esent.h.
@c @implementation
public func JetAttachDatabase2W(
    _ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ cpgDatabaseSizeMax: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    attachDatabase2(WCHAR.self, sesid, szFilename, cpgDatabaseSizeMax, grbit)
}

/// See esent.h.
@c @implementation
public func JetOpenDatabase(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ szConnect: JET_PCSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    openDatabase(CChar.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetOpenDatabaseA(
    _ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ szConnect: JET_PCSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    openDatabase(CChar.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetOpenDatabaseW(
    _ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ szConnect: JET_PCWSTR?, _ pdbid: UnsafeMutablePointer<JET_DBID>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    openDatabase(WCHAR.self, sesid, szFilename, szConnect, pdbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetCloseDatabase(_ sesid: JET_SESID, _ dbid: JET_DBID, _ grbit: JET_GRBIT) -> JET_ERR {
    closeDatabase(sesid, dbid, grbit)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabase(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?) -> JET_ERR {
    detachDatabase(CChar.self, sesid, szFilename)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabaseA(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?) -> JET_ERR {
    detachDatabase(CChar.self, sesid, szFilename)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabaseW(_ sesid: JET_SESID, _ szFilename: JET_PCWSTR?) -> JET_ERR {
    detachDatabase(WCHAR.self, sesid, szFilename)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabase2(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    detachDatabase2(CChar.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabase2A(_ sesid: JET_SESID, _ szFilename: JET_PCSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    detachDatabase2(CChar.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetDetachDatabase2W(_ sesid: JET_SESID, _ szFilename: JET_PCWSTR?, _ grbit: JET_GRBIT) -> JET_ERR {
    detachDatabase2(WCHAR.self, sesid, szFilename, grbit)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseInfo(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseInfo(CChar.self, sesid, dbid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseInfoA(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseInfo(CChar.self, sesid, dbid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseInfoW(
    _ sesid: JET_SESID, _ dbid: JET_DBID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseInfo(WCHAR.self, sesid, dbid, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseFileInfo(
    _ szDatabaseName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseFileInfo(CChar.self, szDatabaseName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseFileInfoA(
    _ szDatabaseName: JET_PCSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseFileInfo(CChar.self, szDatabaseName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetGetDatabaseFileInfoW(
    _ szDatabaseName: JET_PCWSTR?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    getDatabaseFileInfo(WCHAR.self, szDatabaseName, pvResult, cbMax, InfoLevel)
}

/// See esent.h.
@c @implementation
public func JetIdle(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR { idle(sesid, grbit) }
