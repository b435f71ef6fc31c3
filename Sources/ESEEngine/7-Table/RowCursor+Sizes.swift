// Layer: ESEEngine/7-Table. Uses: RowCursor, RecordView. Used by: the C API.
// How large a record is, and what it is made of.

import ESEFormat

/// How large records are; several can be added up. Counts are of bytes if nothing else is said. C name: JET_RECSIZE2.
public struct RecordSize: Hashable, Sendable {
    /// Values in records. C name: cbData.
    public var data = 0
    /// Values outside of records. C name: cbLongValueData.
    public var longValueData = 0
    /// All else in records, and their keys. C name: cbOverhead.
    public var overhead = 0
    /// What long values need besides. C name: cbLongValueOverhead.
    public var longValueOverhead = 0
    /// Fixed and variable columns that have a value, a number. C name: cNonTaggedColumns.
    public var plainColumns = 0
    /// Tagged columns, a number. C name: cTaggedColumns.
    public var taggedColumns = 0
    /// Long values outside of records, a number. C name: cLongValues.
    public var longValues = 0
    /// Values beyond the first of their columns, a number. C name: cMultiValues.
    public var multiValues = 0
    /// Values in records that are compressed, a number. C name: cCompressedColumns.
    public var compressedColumns = 0
    /// As `data`, as it is stored. C name: cbDataCompressed.
    public var storedData = 0
    /// As `longValueData`, as it is stored; what compression saved outside of records is not known.
    /// C name: cbLongValueDataCompressed.
    public var storedLongValueData = 0

    /// Nothing.
    public init() {}
}

extension RowCursor {
    /// How large the row's record is, or what is prepared. C name: JetGetRecordSize2.
    /// - Parameter withLongValues: Whether to look at what stands outside of the record.
    /// - Throws: `noCurrentRecord`, `recordDeleted`; what trees of long values throw.
    public func recordSize(from source: ValueSource, withLongValues: Bool) throws(JetError) -> RecordSize {
        var size = RecordSize()
        var names: [LongValueID] = []
        try withRecord(from: source) { (record) throws(JetError) in
            try record.forEachColumn(ignoresDefaults: true) { (column) throws(JetError) in
                let isTagged = column.column.storage == .tagged
                if isTagged { size.taggedColumns += 1 } else if column.valueCount > 0 { size.plainColumns += 1 }
                size.multiValues += max(0, column.valueCount - 1)
                if column.valueCount == 0 { return }
                for occurrence in 1...column.valueCount {
                    let field = try column.value(occurrence)
                    if let id = try field.longValueID() {
                        names.append(id)
                        continue
                    }
                    size.data += try field.byteCount()
                    size.storedData += field.bytes.count
                    if field.traits.contains(.compressed) { size.compressedColumns += 1 }
                }
            }
            size.overhead = record.byteCount - size.storedData
        }
        if source == .copy, isPrepared {
            if isInserting, schema.primary != nil {
                size.overhead += (try? preparedKeyByteCount()) ?? 0
            } else {
                size.overhead += isInserting ? 4 : pending.key.pointee.bookmark.bytes.byteCount
            }
        } else {
            size.overhead += try bookmark().byteCount
        }
        size.longValues = names.count
        guard withLongValues else { return size }
        for id in names {
            let count = try byteCount(of: id)
            size.longValueData += count
            size.storedLongValueData += count
            // The root's data, and the keys of the root and of each chunk.
            let chunk = table.database.pageSize.longValueChunkByteCount
            size.longValueOverhead += 8 + 4 + 8 * ((count + chunk - 1) / chunk)
        }
        return size
    }
}
