// Layer: ESEEngine/7-Table. Uses: Tree, TreeCursor+Delta, LongValuesCursor. Used by: tables, their cursors.
// The long values of a table, in a tree of their own (format map, section 8; ESE: LV).
//
// A value is a root node (count of references, size) and chunks behind it. Records name it by its ID; records that were
// copied name the same. Who changes a value takes its root first, so chunks never conflict; a value with several
// references is copied before it is changed.
//
// A count of references is changed by deltas. The transaction that takes it to zero does no more than that: when
// everybody sees it, cleaning removes root and chunks (`Tree.removeUnreferenced`), as in ESE. Until then whoever has an
// older snapshot reads the value as before. To add a reference to a value that one sees at zero is a write conflict.

public import ESEFormat
import PlatformIO
import Synchronization

/// The long values of one table, shared by all sessions.
///
/// Everything runs in the worker's transaction and is rolled back with it. A call that throws may have done a part of
/// its work: the caller rolls back to where it was before it, by a level or an update.
public final class LongValues: Sendable {
    /// The tree.
    public let tree: Tree
    /// Bytes of a value in each chunk but the last. ESE: cbLVChunkMost.
    public let chunkByteCount: Int
    /// The least chunk in bytes for which XPRESS is tried. C name: JET_paramMinDataForXpress.
    public let minimumForXpress: Int

    /// The greatest size of a value in bytes: 2 GiB less one. ESE: lMax.
    public static let greatestByteCount = Int(Int32.max)
    /// The greatest key of the tree: an ID of 64 bits and an offset.
    public static let greatestKeyByteCount = 12

    private let lastID = Atomic<UInt64>(0)
    private let isLastIDKnown = Atomic<Bool>(false)
    private let lock = Lock()

    /// The long values in a tree.
    /// - Parameter chunkByteCount: Bytes of a chunk, as the catalog has it or as it follows from the page's size.
    public init(tree: Tree, chunkByteCount: Int, minimumForXpress: Int = 1_024) {
        precondition(chunkByteCount > 0, "a chunk has bytes")
        self.tree = tree
        self.chunkByteCount = chunkByteCount
        self.minimumForXpress = minimumForXpress
    }

    /// Makes the tree for a table that has none. The catalog's entry is the caller's.
    /// - Throws: What space and log throw.
    public static func create(
        in table: Tree, objectID: ObjectID, worker: Worker, minimumForXpress: Int = 1_024
    ) throws(JetError) -> LongValues {
        let tree = try Tree.create(
            in: table, objectID: objectID, pageFlags: .longValue, pageCount: 1, withExtents: false,
            greatestKeyByteCount: greatestKeyByteCount, worker)
        return LongValues(
            tree: tree, chunkByteCount: table.database.pageSize.longValueChunkByteCount,
            minimumForXpress: minimumForXpress)
    }

    // MARK: Values.

    /// Stores a value with one reference.
    /// - Parameters:
    ///   - isCompressed: Whether chunks are compressed that get shorter by it.
    ///   - update: The update it belongs to; 0 for none.
    /// - Throws: `columnTooBig`, `outOfLongValueIDs`, what trees throw.
    public func insert(
        _ bytes: UnsafeRawBufferPointer, isCompressed: Bool, update: UInt32 = 0, _ worker: Worker
    ) throws(JetError) -> LongValueID {
        guard bytes.count <= Self.greatestByteCount else { throw .columnTooBig }
        return try insert(
            LongValueWrite(
                range: 0..<bytes.count, source: bytes.baseAddress, isCompressed: isCompressed, update: update), worker)
    }

    /// Stores a value of zeros with one reference. Throws as `insert` does.
    public func insertZeros(
        byteCount: Int, isCompressed: Bool, update: UInt32 = 0, _ worker: Worker
    ) throws(JetError) -> LongValueID {
        guard byteCount <= Self.greatestByteCount else { throw .columnTooBig }
        return try insert(
            LongValueWrite(range: 0..<byteCount, source: nil, isCompressed: isCompressed, update: update), worker)
    }

    private func insert(_ write: LongValueWrite, _ worker: Worker) throws(JetError) -> LongValueID {
        let id = try makeID()
        let cursor = LongValueCursor(self, worker)
        try cursor.insertRoot(id, byteCount: write.range.upperBound, update: write.update)
        try cursor.change(id, from: 0, to: write.range.upperBound, write)
        return id
    }

    /// The size of a value in bytes, as the transaction sees it.
    /// - Throws: `lvCorrupted` if it is not there, what trees throw.
    public func byteCount(of id: LongValueID, _ worker: Worker) throws(JetError) -> Int {
        try LongValueCursor(self, worker).root(of: id).byteCount
    }

    /// Reads a part of a value, expanded; only chunks with some of it are touched.
    /// - Returns: How many bytes were copied: fewer than fit only at the value's end.
    /// - Throws: `lvCorrupted`, `decompressionFailed`, `decryptionFailed` for an encrypted value, what trees throw.
    public func read(
        _ id: LongValueID, from offset: Int, into buffer: UnsafeMutableRawBufferPointer, _ worker: Worker
    ) throws(JetError) -> Int {
        try LongValueCursor(self, worker).read(id, from: offset, into: buffer)
    }

    // MARK: References.

    /// Says that one more record has the value.
    /// - Throws: `writeConflict` if somebody is changing the value itself, or if nobody has it any more; `lvCorrupted`
    ///   if it is not there.
    public func addReference(_ id: LongValueID, update: UInt32 = 0, _ worker: Worker) throws(JetError) {
        let cursor = LongValueCursor(self, worker)
        guard try cursor.root(of: id).referenceCount > 0 else { throw .writeConflict }
        try cursor.cursor.delta(at: 0, byteCount: 4, 1, isReferenceCount: true, update: update)
    }

    /// Says that one record less has the value. Without any left it goes, once everybody sees that.
    /// - Throws: `writeConflict` if somebody is changing the value itself, or others have given up all references;
    ///   `lvCorrupted` if it is not there.
    public func release(_ id: LongValueID, update: UInt32 = 0, _ worker: Worker) throws(JetError) {
        let cursor = LongValueCursor(self, worker)
        _ = try cursor.root(of: id)
        try cursor.cursor.delta(at: 0, byteCount: 4, -1, isReferenceCount: true, update: update)
    }

    /// How many records have the value, as the transaction sees it.
    public func referenceCount(of id: LongValueID, _ worker: Worker) throws(JetError) -> Int {
        try LongValueCursor(self, worker).root(of: id).referenceCount
    }

    /// Removes values without references that nobody cleans any more, since the engine was stopped before it had.
    /// - Parameter worker: One of the engine's own, in no transaction.
    /// - Returns: How many values were removed.
    public func removeUnreferenced(_ worker: Worker) throws(JetError) -> Int {
        var count = 0
        let cursor = LongValueCursor(self, worker)
        var id = try cursor.firstRoot(from: nil)
        while let this = id {
            if this.referenceCount == 0 {
                let key = this.id.keyBytes
                let outcome = try key.lend { (key) throws(JetError) in
                    try tree.removeUnreferenced(key, at: 0, 4, worker)
                }
                if case .done = outcome { count += 1 }
            }
            id = try cursor.firstRoot(from: this.id)
        }
        return count
    }

    // MARK: IDs.

    /// A new ID, greater than all there ever were: of 32 bits, or of 64 if the tree has such.
    func makeID() throws(JetError) -> LongValueID {
        if !isLastIDKnown.load(ordering: .acquiring) { try findLastID() }
        let id = lastID.add(1, ordering: .relaxed).newValue
        if id >> 63 == 1 {
            guard id < Self.wideLimit else { throw .outOfLongValueIDs }
            return LongValueID(wide: id)
        }
        guard id < Self.limit else { throw .outOfLongValueIDs }
        return LongValueID(UInt32(truncatingIfNeeded: id))
    }

    /// IDs are below this. ESE: lid32MaxAllowed, lid64MaxAllowed.
    private static let limit: UInt64 = 0x7fff_ff00
    private static let wideLimit: UInt64 = 0x80ff_ffff_0000_0000

    /// The ID of the last node, be it visible or not.
    private func findLastID() throws(JetError) {
        try lock.withLock { () throws(JetError) in
            guard !isLastIDKnown.load(ordering: .acquiring) else { return }
            var held = try tree.lastLeaf(.shared)
            defer { tree.database.release(held) }
            // Leaves without nodes are there for moments only.
            while held.page.nodeCount == 0, held.page.previous != .none {
                let previous = held.page.previous
                tree.database.release(held)
                held = try tree.database.latch(previous, .shared)
            }
            if held.page.nodeCount > 0 {
                let key = held.page.node(held.page.nodeCount - 1).key.array()
                guard let last = try? LongValueKey(key.span.bytes).id, !last.isWide || last.rawValue >> 63 == 1 else {
                    throw .lvCorrupted
                }
                lastID.store(last.rawValue, ordering: .relaxed)
            }
            isLastIDKnown.store(true, ordering: .releasing)
        }
    }
}
