// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: values of columns, sizes of records.

public import CJet
import ESEEngine
import Jet

/// See esent.h.
@c @implementation
public func JetRetrieveColumn(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ columnid: JET_COLUMNID, _ pvData: UnsafeMutableRawPointer?,
    _ cbData: UInt32, _ pcbActual: UnsafeMutablePointer<UInt32>?, _ grbit: JET_GRBIT,
    _ pretinfo: UnsafeMutablePointer<JET_RETINFO>?
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        guard let pretinfo else {
            let (count, warning) = try library.retrieveColumn(
                sesid, tableid, columnid, into: room(pvData, cbData), grbit)
            pcbActual?.pointee = UInt32(truncatingIfNeeded: count)
            return warning
        }
        try checkLeast(pretinfo.pointee.cbStruct, of: JET_RETINFO.self)
        let value = try library.retrieveColumn(
            sesid, tableid, columnid, into: room(pvData, cbData), grbit, occurrence: pretinfo.pointee.itagSequence,
            offset: pretinfo.pointee.ibLongValue)
        pcbActual?.pointee = UInt32(truncatingIfNeeded: value.byteCount)
        pretinfo.pointee.columnidNextTagged = value.column
        if grbit & JET_GRBIT(JET_bitRetrieveTag) != 0 { pretinfo.pointee.itagSequence = value.occurrence }
        return value.warning
    }
}

/// See esent.h.
@c @implementation
public func JetRetrieveColumns(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pretrievecolumn: UnsafeMutablePointer<JET_RETRIEVECOLUMN>?,
    _ cretrievecolumn: UInt32
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let columns = try elements(pretrievecolumn, cretrievecolumn)
        return try library.retrieveColumns(sesid, tableid, count: columns.count) { index in
            let column = columns[index]
            return JetLibrary.ColumnRead(
                column: column.columnid, buffer: room(column.pvData, column.cbData), bits: column.grbit,
                offset: column.ibLongValue, occurrence: column.itagSequence)
        } _: { index, value, error in
            columns[index].err = error?.rawValue ?? value.warning?.rawValue ?? 0
            if error != nil { return }
            let column = columns[index]
            columns[index].columnidNextTagged = value.column
            if column.itagSequence == 0 || column.grbit & JET_GRBIT(JET_bitRetrieveTag) != 0 {
                columns[index].itagSequence = value.occurrence
            }
            columns[index].cbActual = UInt32(truncatingIfNeeded: value.byteCount)
        }
    }
}

// MARK: Enumeration

/// Memory of the caller's function, which gives all of it back unless everything went well.
private struct CallerMemory {
    let function: JET_PFNREALLOC
    let context: UnsafeMutableRawPointer?
    var pieces: [UnsafeMutableRawPointer] = []

    mutating func allocate(_ byteCount: Int) throws(JetError) -> UnsafeMutableRawPointer {
        guard byteCount <= Limit.value, let piece = function(context, nil, UInt32(byteCount)) else {
            throw .outOfMemory
        }
        pieces.append(piece)
        return piece
    }

    mutating func freeAll() {
        for piece in pieces { _ = function(context, piece, 0) }
        pieces = []
    }

    mutating func place(_ bytes: [UInt8]) throws(JetError) -> UnsafeMutableRawPointer? {
        if bytes.isEmpty { return nil }
        let piece = try allocate(bytes.count)
        bytes.withUnsafeBytes { piece.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: bytes.count) }
        return piece
    }
}

/// Lays out JET_ENUMCOLUMN; that structure's union is written by its offsets.
private func layOut(
    _ results: [EnumeratedResult], _ memory: inout CallerMemory
) throws(JetError) -> UnsafeMutablePointer<JET_ENUMCOLUMN>? {
    if results.isEmpty { return nil }
    let stride = MemoryLayout<JET_ENUMCOLUMN>.stride
    let pointerOffset = 8 + MemoryLayout<UInt>.size
    let array = try memory.allocate(stride * results.count)
    array.initializeMemory(as: UInt8.self, repeating: 0, count: stride * results.count)
    for (index, result) in results.enumerated() {
        let place = array + index * stride
        place.storeBytes(of: result.column, as: UInt32.self)
        place.storeBytes(of: result.code, toByteOffset: 4, as: Int32.self)
        if result.code == JET_wrnColumnSingleValue {
            let bytes = result.values[0].bytes
            place.storeBytes(of: UInt32(bytes.count), toByteOffset: 8, as: UInt32.self)
            let piece = try memory.place(bytes)
            place.storeBytes(of: UInt(bitPattern: piece), toByteOffset: pointerOffset, as: UInt.self)
        } else if !result.values.isEmpty {
            let count = result.values.count
            let values = try memory.allocate(MemoryLayout<JET_ENUMCOLUMNVALUE>.stride * count)
                .bindMemory(to: JET_ENUMCOLUMNVALUE.self, capacity: count)
            values.initialize(repeating: JET_ENUMCOLUMNVALUE(), count: count)
            place.storeBytes(of: UInt32(count), toByteOffset: 8, as: UInt32.self)
            place.storeBytes(of: UInt(bitPattern: values), toByteOffset: pointerOffset, as: UInt.self)
            for (number, value) in result.values.enumerated() {
                values[number] = JET_ENUMCOLUMNVALUE(
                    itagSequence: value.occurrence, err: value.code, cbData: UInt32(value.bytes.count),
                    pvData: try memory.place(value.bytes))
            }
        }
    }
    return array.bindMemory(to: JET_ENUMCOLUMN.self, capacity: results.count)
}

/// See esent.h. The caller's function is called outside of the session.
@c @implementation
public func JetEnumerateColumns(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ cEnumColumnId: UInt32,
    _ rgEnumColumnId: UnsafeMutablePointer<JET_ENUMCOLUMNID>?, _ pcEnumColumn: UnsafeMutablePointer<UInt32>?,
    _ prgEnumColumn: UnsafeMutablePointer<UnsafeMutablePointer<JET_ENUMCOLUMN>?>?, _ pfnRealloc: JET_PFNREALLOC?,
    _ pvReallocContext: UnsafeMutableRawPointer?, _ cbDataMost: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let count = try required(pcEnumColumn)
        let place = try required(prgEnumColumn)
        let function = try required(pfnRealloc)
        count.pointee = 0
        place.pointee = nil
        var requests: [EnumeratedColumnRequest] = []
        for column in try elements(rgEnumColumnId, cEnumColumnId) {
            let occurrences = try elements(column.rgtagSequence, column.ctagSequence)
            requests.append(EnumeratedColumnRequest(column: column.columnid, occurrences: Array(occurrences)))
        }
        let (columns, failure) = try library.enumerateColumns(
            sesid, tableid, requests, limit: Int(cbDataMost), grbit)
        var memory = CallerMemory(function: function, context: pvReallocContext)
        do throws(JetError) {
            place.pointee = try layOut(columns, &memory)
            count.pointee = UInt32(columns.count)
        } catch {
            memory.freeAll()
            throw error
        }
        if let failure { throw failure }
    }
}

// MARK: Sizes

private func recordSize(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ grbit: JET_GRBIT
) throws(JetError) -> RecordSize {
    let known = JET_bitRecordSizeInCopyBuffer | JET_bitRecordSizeRunningTotal | JET_bitRecordSizeLocal
    guard grbit & ~JET_GRBIT(known) == 0 else { throw .invalidGrbit }
    return try library.recordSize(
        sesid, tableid, isOfCopy: grbit & JET_GRBIT(JET_bitRecordSizeInCopyBuffer) != 0,
        withLongValues: grbit & JET_GRBIT(JET_bitRecordSizeLocal) == 0)
}

/// See esent.h.
@c @implementation
public func JetGetRecordSize(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ precsize: UnsafeMutablePointer<JET_RECSIZE>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let place = try required(precsize)
        let size = try recordSize(sesid, tableid, grbit)
        var sum = grbit & JET_GRBIT(JET_bitRecordSizeRunningTotal) != 0 ? place.pointee : JET_RECSIZE()
        sum.cbData &+= UInt32(clamping: size.storedData)
        sum.cbLongValueData &+= UInt32(clamping: size.storedLongValueData)
        sum.cbOverhead &+= UInt32(clamping: size.overhead)
        sum.cbLongValueOverhead &+= UInt32(clamping: size.longValueOverhead)
        sum.cNonTaggedColumns &+= UInt32(clamping: size.plainColumns)
        sum.cTaggedColumns &+= UInt32(clamping: size.taggedColumns)
        sum.cLongValues &+= UInt32(clamping: size.longValues)
        sum.cMultiValues &+= UInt32(clamping: size.multiValues)
        place.pointee = sum
    }
}

/// See esent.h.
@c @implementation
public func JetGetRecordSize2(
    _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ precsize: UnsafeMutablePointer<JET_RECSIZE2>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let place = try required(precsize)
        let size = try recordSize(sesid, tableid, grbit)
        var sum = grbit & JET_GRBIT(JET_bitRecordSizeRunningTotal) != 0 ? place.pointee : JET_RECSIZE2()
        sum.cbData &+= UInt32(clamping: size.data)
        sum.cbLongValueData &+= UInt32(clamping: size.longValueData)
        sum.cbOverhead &+= UInt32(clamping: size.overhead)
        sum.cbLongValueOverhead &+= UInt32(clamping: size.longValueOverhead)
        sum.cNonTaggedColumns &+= UInt32(clamping: size.plainColumns)
        sum.cTaggedColumns &+= UInt32(clamping: size.taggedColumns)
        sum.cLongValues &+= UInt32(clamping: size.longValues)
        sum.cMultiValues &+= UInt32(clamping: size.multiValues)
        sum.cCompressedColumns &+= UInt32(clamping: size.compressedColumns)
        sum.cbDataCompressed &+= UInt32(clamping: size.storedData)
        sum.cbLongValueDataCompressed &+= UInt32(clamping: size.storedLongValueData)
        place.pointee = sum
    }
}
