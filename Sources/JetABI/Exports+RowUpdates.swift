// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: rows are prepared, set, written, deleted, locked.

public import CJet
import ESEEngine
import Jet

/// See esent.h.
@c @implementation
public func JetPrepareUpdate(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ prep: UInt32) -> JET_ERR {
    result { () throws(JetError) in try library.prepareUpdate(sesid, tableid, prep) }
}

/// See esent.h.
@c @implementation
public func JetSetColumn(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ columnid: JET_COLUMNID, _ pvData: UnsafeRawPointer?,
    _ cbData: UInt32, _ grbit: JET_GRBIT, _ psetinfo: UnsafeMutablePointer<JET_SETINFO>?
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        guard let psetinfo else {
            return try library.setColumn(sesid, tableid, columnid, pvData, byteCount: cbData, grbit)
        }
        try checkLeast(psetinfo.pointee.cbStruct, of: JET_SETINFO.self)
        return try library.setColumn(
            sesid, tableid, columnid, pvData, byteCount: cbData, grbit, occurrence: psetinfo.pointee.itagSequence,
            offset: psetinfo.pointee.ibLongValue)
    }
}

/// Checks the cbStruct of a structure that may be followed by something newer. JET_errInvalidParameter.
@inline(__always)
func checkLeast<Structure>(_ cbStruct: UInt32, of type: Structure.Type) throws(JetError) {
    guard Int(cbStruct) >= MemoryLayout<Structure>.stride else { throw .invalidParameter }
}

/// See esent.h.
@c @implementation
public func JetSetColumns(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ psetcolumn: UnsafeMutablePointer<JET_SETCOLUMN>?,
    _ csetcolumn: UInt32
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let columns = try elements(psetcolumn, csetcolumn)
        return try library.setColumns(sesid, tableid, count: columns.count) { index in
            let column = columns[index]
            return JetLibrary.ColumnValue(
                column: column.columnid, start: column.pvData, byteCount: column.cbData, bits: column.grbit,
                offset: column.ibLongValue, occurrence: column.itagSequence)
        } _: { index, code in
            columns[index].err = code
        }
    }
}

@inline(__always)
private func update(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvBookmark: UnsafeMutableRawPointer?, _ cbBookmark: UInt32,
    _ pcbActual: UnsafeMutablePointer<UInt32>?
) -> JET_ERR {
    result { () throws(JetError) in
        let count = try library.update(
            sesid, tableid, bookmark: pvBookmark == nil ? nil : room(pvBookmark, cbBookmark))
        pcbActual?.pointee = UInt32(count)
    }
}

/// See esent.h.
@c @implementation
public func JetUpdate(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvBookmark: UnsafeMutableRawPointer?, _ cbBookmark: UInt32,
    _ pcbActual: UnsafeMutablePointer<UInt32>?
) -> JET_ERR { update(sesid, tableid, pvBookmark, cbBookmark, pcbActual) }

/// See esent.h. Limits of Windows 2000 are not checked.
@c @implementation
public func JetUpdate2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvBookmark: UnsafeMutableRawPointer?, _ cbBookmark: UInt32,
    _ pcbActual: UnsafeMutablePointer<UInt32>?, _ grbit: JET_GRBIT
) -> JET_ERR { update(sesid, tableid, pvBookmark, cbBookmark, pcbActual) }

/// See esent.h.
@c @implementation
public func JetDelete(_ sesid: JET_SESID, _ tableid: JET_TABLEID) -> JET_ERR {
    result { () throws(JetError) in try library.delete(sesid, tableid) }
}

/// See esent.h. JET_bitEscrowNoRollback is refused: what is added is rolled back here.
@c @implementation
public func JetEscrowUpdate(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ columnid: JET_COLUMNID, _ pv: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ pvOld: UnsafeMutableRawPointer?, _ cbOldMax: UInt32,
    _ pcbOldActual: UnsafeMutablePointer<UInt32>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        guard grbit == 0 else { throw .invalidGrbit }
        let old = room(pvOld, cbOldMax)
        let count = try library.escrowUpdate(sesid, tableid, columnid, by: try bytes(pv, cbMax), old: old)
        pcbOldActual?.pointee = old.isEmpty ? 0 : UInt32(count)
    }
}

/// See esent.h.
@c @implementation
public func JetGetLock(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.lock(sesid, tableid, grbit) }
}
