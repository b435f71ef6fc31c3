// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: cursors, moves, searches, bookmarks.

public import CJet
import ESEEngine
import Jet

/// A caller's buffer; none without an address.
@inline(__always)
func room(_ address: UnsafeMutableRawPointer?, _ byteCount: UInt32) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: address, count: address == nil ? 0 : Int(byteCount))
}

// MARK: Cursors

/// See esent.h.
@c @implementation
public func JetCloseTable(_ sesid: JET_SESID, _ tableid: JET_TABLEID) -> JET_ERR {
    result { () throws(JetError) in try library.closeTable(sesid, tableid) }
}

/// See esent.h.
@c @implementation
public func JetDupCursor(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let ptableid = try required(ptableid)
        ptableid.pointee = .max
        ptableid.pointee = try library.duplicateCursor(sesid, tableid)
    }
}

/// See esent.h. A hint that needs nothing done: pages are read ahead anyhow.
@c @implementation
public func JetSetTableSequential(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.checkHandles(sesid, tableid) }
}

/// See esent.h.
@c @implementation
public func JetResetTableSequential(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.checkHandles(sesid, tableid) }
}

/// See esent.h.
@c @implementation
public func JetGetCursorInfo(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        guard cbMax == 0, InfoLevel == 0 else { throw .invalidParameter }
        try library.checkCursor(sesid, tableid)
    }
}

// MARK: Moves

/// See esent.h.
@c @implementation
public func JetMove(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ cRow: Int32, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.move(sesid, tableid, cRow, grbit) }
}

/// See esent.h.
@c @implementation
public func JetMakeKey(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvData: UnsafeRawPointer?, _ cbData: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in try library.makeKey(sesid, tableid, try bytes(pvData, cbData), grbit) }
}

/// See esent.h.
@c @implementation
public func JetSeek(_ sesid: JET_SESID, _ tableid: JET_TABLEID, _ grbit: JET_GRBIT) -> JET_ERR {
    resultOrWarning { () throws(JetError) in try library.seek(sesid, tableid, grbit) }
}

/// See esent.h.
@c @implementation
public func JetSetIndexRange(_ sesid: JET_SESID, _ tableidSrc: JET_TABLEID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.setIndexRange(sesid, tableidSrc, grbit) }
}

/// See esent.h.
@c @implementation
public func JetRetrieveKey(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvKey: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ pcbActual: UnsafeMutablePointer<UInt32>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let (count, warning) = try library.retrieveKey(sesid, tableid, into: room(pvKey, cbMax), grbit)
        pcbActual?.pointee = UInt32(count)
        return warning
    }
}

// MARK: Bookmarks

/// See esent.h.
@c @implementation
public func JetGetBookmark(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvBookmark: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ pcbActual: UnsafeMutablePointer<UInt32>?
) -> JET_ERR {
    result { () throws(JetError) in
        let buffer = room(pvBookmark, cbMax)
        let count = try library.bookmark(sesid, tableid, into: buffer)
        pcbActual?.pointee = UInt32(count)
        if count > buffer.count { throw .bufferTooSmall }
    }
}

/// See esent.h.
@c @implementation
public func JetGotoBookmark(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvBookmark: UnsafeMutableRawPointer?, _ cbBookmark: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let bookmark = UnsafeRawBufferPointer(room(pvBookmark, cbBookmark))
        try library.goto(sesid, tableid, bookmark: bookmark)
    }
}

/// See esent.h.
@c @implementation
public func JetGetSecondaryIndexBookmark(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvSecondaryKey: UnsafeMutableRawPointer?,
    _ cbSecondaryKeyMax: UInt32, _ pcbSecondaryKeyActual: UnsafeMutablePointer<UInt32>?,
    _ pvPrimaryBookmark: UnsafeMutableRawPointer?, _ cbPrimaryBookmarkMax: UInt32,
    _ pcbPrimaryBookmarkActual: UnsafeMutablePointer<UInt32>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let key = room(pvSecondaryKey, cbSecondaryKeyMax)
        let record = room(pvPrimaryBookmark, cbPrimaryBookmarkMax)
        let count = try library.secondaryBookmark(sesid, tableid, key: key, record: record)
        pcbSecondaryKeyActual?.pointee = UInt32(count.key)
        pcbPrimaryBookmarkActual?.pointee = UInt32(count.record)
        if count.key > key.count || count.record > record.count { throw .bufferTooSmall }
    }
}

/// See esent.h.
@c @implementation
public func JetGotoSecondaryIndexBookmark(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvSecondaryKey: UnsafeMutableRawPointer?, _ cbSecondaryKey: UInt32,
    _ pvPrimaryBookmark: UnsafeMutableRawPointer?, _ cbPrimaryBookmark: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        try library.goto(
            sesid, tableid, key: UnsafeRawBufferPointer(room(pvSecondaryKey, cbSecondaryKey)),
            record: UnsafeRawBufferPointer(room(pvPrimaryBookmark, cbPrimaryBookmark)),
            staysInGap: grbit & JET_GRBIT(JET_bitBookmarkPermitVirtualCurrency) != 0)
    }
}
