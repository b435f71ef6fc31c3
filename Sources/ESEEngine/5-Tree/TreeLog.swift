// Layer: ESEEngine/5-Tree. Uses: 2-Log. Used by: changes of trees and of space.
// The log records of trees, put together in memory of the worker and appended in pieces (format map, section 11.5).

import ESEFormat

/// The types of the records that trees write.
enum TreeRecord: UInt8 {
    case macroBegin = 11
    case macroCommit = 12
    case createMultipleExtentTree = 24
    case createSingleExtentTree = 25
    case insert = 29
    case flagInsert = 30
    case flagInsertAndReplace = 31
    case flagDelete = 32
    case replace = 33
    case replaceByDifference = 34
    case delete = 35
    case undoInformation = 36
    case delta = 37
    case setExternalHeader = 38
    case undo = 39
    case emptyTree = 48
    case convertTree = 58
    case extendDatabase = 68
    case delta64 = 93
}

/// What a record says of the node beside its place.
struct RecordFlags: OptionSet {
    let rawValue: UInt8

    /// There is a version of the change. ESE: fVersioned.
    static let versioned = RecordFlags(rawValue: 1)
    /// The node is deleted.
    static let deleted = RecordFlags(rawValue: 2)
    /// The tree is unique.
    static let unique = RecordFlags(rawValue: 4)
    /// The tree is one of extents.
    static let space = RecordFlags(rawValue: 8)
    /// A task of the engine's own does it.
    static let system = RecordFlags(rawValue: 0x20)
}

/// Puts a record's fixed part together, little-endian and packed.
///
/// Unsafe: the memory has room for the greatest fixed part, which `Worker` allocates.
struct RecordWriter {
    let start: UnsafeMutableRawPointer
    private(set) var byteCount = 0

    /// Bytes that the fixed part of any record has at most.
    static let capacity = 128

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer) { self.start = start }

    @inline(__always)
    mutating func put<T: FixedWidthInteger>(_ value: T) {
        (start + byteCount).storeBytes(of: value.littleEndian, as: T.self)
        byteCount &+= MemoryLayout<T>.size
    }

    /// What was put, lent.
    @inline(__always)
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: byteCount) }
}

extension Worker {
    /// Starts a record that changes a page. ESE: LRPAGE_.
    @inline(__always)
    func pageRecord(
        _ type: TreeRecord, _ database: Database, _ page: PageNumber, time: DatabaseTime, before: DatabaseTime,
        line: Int, flags: RecordFlags
    ) -> RecordWriter {
        var record = RecordWriter(recordMemory)
        let isInTransaction = transaction.level > 0
        record.put(type.rawValue)
        record.put(number)
        record.put(database.slot.rawValue)
        record.put(page.rawValue)
        record.put(time.rawValue)
        record.put(before.rawValue)
        record.put(isInTransaction ? transaction.begin.logged : 0)
        record.put(UInt8(truncatingIfNeeded: transaction.level))
        record.put(UInt16(truncatingIfNeeded: line))
        record.put(flags.rawValue | (isSystem ? RecordFlags.system.rawValue : 0))
        return record
    }

    /// Starts a record that changes a node. ESE: LRNODE_.
    @inline(__always)
    func nodeRecord(
        _ type: TreeRecord, _ tree: Tree, _ held: HeldPage, time: DatabaseTime, line: Int, flags: RecordFlags,
        revision: UInt32
    ) -> RecordWriter {
        var record = pageRecord(
            type, tree.database, held.number, time: time, before: held.page.databaseTime, line: line,
            flags: flags.union(tree.recordFlags))
        record.put(revision)
        record.put(tree.owningRoot.rawValue)
        record.put(tree.objectID.rawValue)
        return record
    }
}
