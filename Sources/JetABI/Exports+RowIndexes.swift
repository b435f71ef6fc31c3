// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: the current index of a cursor, counts.

public import CJet
import ESEEngine
import Jet

/// What a JET_INDEXID names. JET_errInvalidIndexId.
func indexIdentity(_ address: UnsafePointer<JET_INDEXID>) throws(JetError) -> IndexIdentity {
    let start = UnsafeRawPointer(address)
    guard start.loadUnaligned(as: UInt32.self) == UInt32(MemoryLayout<JET_INDEXID>.size) else {
        throw .invalidIndexId
    }
    let word = MemoryLayout<UInt>.size
    return IndexIdentity(
        table: start.loadUnaligned(fromByteOffset: 4, as: UInt.self),
        object: start.loadUnaligned(fromByteOffset: 4 + word, as: UInt32.self),
        root: start.loadUnaligned(fromByteOffset: 8 + word, as: UInt32.self))
}

/// Fills a JET_INDEXID in.
func write(_ identity: IndexIdentity, to address: UnsafeMutablePointer<JET_INDEXID>) {
    let start = UnsafeMutableRawPointer(address)
    let word = MemoryLayout<UInt>.size
    start.storeBytes(of: UInt32(MemoryLayout<JET_INDEXID>.size), as: UInt32.self)
    start.storeBytes(of: identity.table, toByteOffset: 4, as: UInt.self)
    start.storeBytes(of: identity.object, toByteOffset: 4 + word, as: UInt32.self)
    start.storeBytes(of: identity.root, toByteOffset: 8 + word, as: UInt32.self)
}

private func setCurrentIndex<Unit: TextUnit>(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ name: UnsafePointer<Unit>?,
    _ pindexid: UnsafeMutablePointer<JET_INDEXID>? = nil, _ grbit: JET_GRBIT = 0, _ itagSequence: UInt32 = 1
) -> JET_ERR {
    result { () throws(JetError) in
        let choice: JetLibrary.IndexChoice =
            if let pindexid { .identified(try indexIdentity(pindexid)) } else { .named(try readText(name) ?? "") }
        try library.setCurrentIndex(sesid, tableid, choice, grbit, occurrence: itagSequence)
    }
}

private func getCurrentIndex<Unit: TextUnit>(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ name: UnsafeMutablePointer<Unit>?, _ byteCount: UInt32
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let text = try library.currentIndex(sesid, tableid)
        if Int(byteCount) < MemoryLayout<Unit>.size { return .bufferTruncated }
        // What was cut is no warning then, in no version of Windows.
        try write(text, to: name, byteCount: byteCount)
        return nil
    }
}

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndexA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndexW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex2A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex2W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?, _ grbit: JET_GRBIT
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex3(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex3A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex3W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, nil, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex4(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?,
    _ pindexid: UnsafeMutablePointer<JET_INDEXID>?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, pindexid, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex4A(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCSTR?,
    _ pindexid: UnsafeMutablePointer<JET_INDEXID>?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, pindexid, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetSetCurrentIndex4W(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PCWSTR?,
    _ pindexid: UnsafeMutablePointer<JET_INDEXID>?, _ grbit: JET_GRBIT, _ itagSequence: UInt32
) -> JET_ERR { setCurrentIndex(sesid, tableid, szIndexName, pindexid, grbit, itagSequence) }

/// See esent.h.
@c @implementation
public func JetGetCurrentIndex(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PSTR?, _ cbIndexName: UInt32
) -> JET_ERR { getCurrentIndex(sesid, tableid, szIndexName, cbIndexName) }

/// See esent.h.
@c @implementation
public func JetGetCurrentIndexA(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PSTR?, _ cbIndexName: UInt32
) -> JET_ERR { getCurrentIndex(sesid, tableid, szIndexName, cbIndexName) }

/// See esent.h.
@c @implementation
public func JetGetCurrentIndexW(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: JET_PWSTR?, _ cbIndexName: UInt32
) -> JET_ERR { getCurrentIndex(sesid, tableid, szIndexName, cbIndexName) }

/// See esent.h.
@c @implementation
public func JetIndexRecordCount(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pcrec: UnsafeMutablePointer<UInt32>?, _ crecMax: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let pcrec = try required(pcrec)
        pcrec.pointee = UInt32(clamping: try library.countRows(sesid, tableid, limit: UInt64(crecMax)))
    }
}

/// See esent.h.
@c @implementation
public func JetIndexRecordCount2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pcrec: UnsafeMutablePointer<UInt64>?, _ crecMax: UInt64
) -> JET_ERR {
    result { () throws(JetError) in
        let pcrec = try required(pcrec)
        pcrec.pointee = try library.countRows(sesid, tableid, limit: crecMax)
    }
}
