// Layer: ESEEngine/4-Version. Uses: ESEFormat. Used by: the version store, the log layer, trees.
// A revision: what one operation of a transaction did to a node, and how to see or undo it.

public import ESEFormat
public import Synchronization

/// What a revision is of. The raw values are ESE's (OPER), as log records carry them.
public enum RevisionOperation: UInt16, Sendable, CaseIterable, AtomicRepresentable {
    /// A record was inserted, or a deleted one revived.
    case insert = 1
    /// A record's data was replaced.
    case replace = 2
    /// A record was flagged as deleted.
    case flagDelete = 3
    /// A number of 32 bits was added to, in place. C name: what JetEscrowUpdate does.
    case delta = 4
    /// Somebody wants the record to stay as it is.
    case readLock = 5
    /// Somebody is about to change the record.
    case writeLock = 6
    /// Pages were taken from space.
    case allocateExtent = 7
    /// As `delta`, with 64 bits.
    case delta64 = 9
    /// An insert that has not reached its page yet.
    case preInsert = 0x80
    /// A table was created.
    case createTable = 0x100
    /// A table was deleted.
    case deleteTable = 0x300
    /// A column was added.
    case addColumn = 0x700
    /// A column was deleted.
    case deleteColumn = 0x900
    /// A table got its tree of long values.
    case createLongValueTree = 0xB00
    /// An index was created.
    case createIndex = 0xD00
    /// An index was deleted.
    case deleteIndex = 0xF00

    /// Whether it is of a node, and found by its name; the others belong to a transaction only.
    @inline(__always)
    public var isOfNode: Bool { rawValue < 0x100 && self != .allocateExtent }

    /// Whether several transactions may do it to one node at a time.
    @inline(__always)
    var commutes: Bool { self == .delta || self == .delta64 || self == .readLock }

    /// Whether it is undone on a page, from the log's records or from what the revision holds.
    public var isUndoneOnPage: Bool {
        switch self {
        case .insert, .replace, .flagDelete, .delta, .delta64: true
        default: false
        }
    }

    /// Whether the log must have what undoes it before the page is written. ESE's name: undo info.
    @inline(__always)
    var needsUndoInformation: Bool { self == .replace || self == .flagDelete }
}

/// A revision in memory, followed by its bookmark and its payload.
///
/// Who may touch what: `commit` is atomic. The links of the node, `operation` and the reserve change under the lock of
/// the node's chain; the undo links under the lock of their list; the rest is written when it is made, or by its owner.
struct RevisionHeader: ~Copyable {
    /// When it was committed: 0 for one that counts no more, `open` before, see `VersionStore.commitNumber`.
    let commit: Atomic<UInt64>
    /// When its transaction began.
    let begin: UInt64
    let slot: UnsafeMutablePointer<TransactionSlot>
    /// The newest revision of the next node of the hash chain; only in the newest one of a node.
    let nextNode = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    /// The neighbours among the revisions of the node.
    let older = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    let newer = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    let olderOfTransaction = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    /// The neighbours among the revisions whose undo information a page waits for.
    let undoNext = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    let undoPrevious = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    /// What was added, for `delta` and `delta64`.
    let delta: Int64
    let id: UInt32
    let hash: UInt32
    let tree: UInt32
    let update: UInt32
    /// The page that may not be written without it; 0: none, or it is logged already.
    let undoPage = Atomic<UInt32>(0)
    /// The greatest data the node had since the transaction began, for `replace`. ESE's name: cbMaxSize.
    let greatestDataByteCount = Cell<Int32>(0)
    /// How many bytes of the page this keeps for a rollback, for `replace`. ESE's name: cbDelta.
    let reservedByteCount = Cell<Int32>(0)
    let byteCount: UInt32
    let payloadByteCount: UInt32
    let keyByteCount: UInt16
    let dataByteCount: UInt16
    let operation: Cell<RevisionOperation>
    /// Where in the record's data the number is, for `delta` and `delta64`.
    let offset: UInt16
    let session: UInt16
    let database: UInt8
    let level: Cell<UInt8>
    let undoIsLogged = Cell<Bool>(false)
    let isDeferredDelete: Bool
    let deletesRecord: Bool

    /// The bytes before the bookmark.
    static var byteCount: Int { (MemoryLayout<RevisionHeader>.size + 7) & ~7 }
}

/// A revision. ESE's name: RCE.
///
/// Valid until its transaction has been committed or has rolled it back; a cleaner's until the cleaner's closure
/// returns.
public struct Revision: @unchecked Sendable, Equatable {
    let header: UnsafeMutablePointer<RevisionHeader>

    @inline(__always)
    init(_ header: UnsafeMutablePointer<RevisionHeader>) { self.header = header }

    /// The same revision.
    public static func == (a: Self, b: Self) -> Bool { a.header == b.header }

    /// Its number; greater ones are newer. ESE's name: rceid.
    public var id: UInt32 { header.pointee.id }
    /// What was done.
    public var operation: RevisionOperation { header.pointee.operation.value }
    /// Who did it.
    public var session: UInt16 { header.pointee.session }
    /// The level of the transaction.
    public var level: Int { Int(header.pointee.level.value) }
    /// When its transaction began.
    public var begin: TransactionNumber { TransactionNumber(header.pointee.begin) }
    /// When its transaction was committed, for a cleaner; `open` before.
    public var commit: TransactionNumber { TransactionNumber(header.pointee.commit.load(ordering: .acquiring)) }
    /// The update it belongs to, or 0. ESE's name: updateid.
    public var update: UInt32 { header.pointee.update }
    /// The database's slot.
    public var database: UInt8 { header.pointee.database }
    /// The root page of the tree.
    public var tree: PageNumber { PageNumber(header.pointee.tree) }
    /// What was added, for `delta` and `delta64`.
    public var delta: Int64 { header.pointee.delta }
    /// Where in the record's data that number is.
    public var offset: Int { Int(header.pointee.offset) }
    /// Whether a number that reaches zero means that a long value goes. ESE's name: fDeferredDelete.
    public var isDeferredDelete: Bool { header.pointee.isDeferredDelete }
    /// Whether a number that reaches zero means that the record goes. ESE's name: fDeleteOnZero.
    public var deletesRecord: Bool { header.pointee.deletesRecord }
    /// The greatest data the node had since its transaction began, for `replace`. ESE's name: cbMaxSize.
    public var greatestDataByteCount: Int { Int(header.pointee.greatestDataByteCount.value) }
    /// How many bytes of the page it keeps for a rollback, for `replace`; less than 0 if it used some of what an
    /// older one keeps. ESE's name: cbDelta.
    public var reservedByteCount: Int { Int(header.pointee.reservedByteCount.value) }
    /// Whether the log has what undoes it.
    public var undoIsLogged: Bool { header.pointee.undoIsLogged.value }

    @inline(__always)
    private var bytes: UnsafeRawPointer { UnsafeRawPointer(header) + RevisionHeader.byteCount }

    /// The bookmark's key.
    public var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes, count: Int(header.pointee.keyByteCount))
    }

    /// The bookmark's data, in trees that are not unique.
    public var data: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: bytes + Int(header.pointee.keyByteCount), count: Int(header.pointee.dataByteCount))
    }

    /// The record before it was replaced, or what `VersionStore.note` was given.
    public var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: bytes + Int(header.pointee.keyByteCount) + Int(header.pointee.dataByteCount),
            count: Int(header.pointee.payloadByteCount))
    }

    /// The node's name; its bytes are the revision's.
    public var node: NodeName { NodeName(database: database, tree: tree, key: key, data: data) }
}

/// What is to be done to a node.
public struct Modification {
    var operation: RevisionOperation
    var before = UnsafeRawBufferPointer(start: nil, count: 0)
    var delta: Int64 = 0
    var offset: UInt16 = 0
    var isDeferredDelete = false
    var deletesRecord = false
    /// The update it belongs to, or 0.
    public var update: UInt32 = 0

    @inline(__always)
    private init(_ operation: RevisionOperation) { self.operation = operation }

    @inline(__always)
    init(_ operation: RevisionOperation, payload: UnsafeRawBufferPointer) {
        self.operation = operation
        before = payload
    }

    /// A record is inserted; counts as an insert after `VersionStore.confirm`.
    public static var insert: Modification { Modification(.preInsert) }
    /// A record is flagged as deleted.
    public static var flagDelete: Modification { Modification(.flagDelete) }
    /// A record is to stay as it is.
    public static var readLock: Modification { Modification(.readLock) }
    /// A record will be changed.
    public static var writeLock: Modification { Modification(.writeLock) }

    /// A record's data is replaced; `before` is what it was.
    public static func replace(_ before: UnsafeRawBufferPointer) -> Modification {
        var modification = Modification(.replace)
        modification.before = before
        return modification
    }

    /// `delta` is added to 32 bits at `offset`. `isDeferredDelete`: the long value goes if that is 0.
    public static func delta(_ delta: Int32, at offset: UInt16, isDeferredDelete: Bool = false) -> Modification {
        var modification = Modification(.delta)
        modification.delta = Int64(delta)
        modification.offset = offset
        modification.isDeferredDelete = isDeferredDelete
        return modification
    }

    /// The same with 64 bits.
    public static func delta64(_ delta: Int64, at offset: UInt16, isDeferredDelete: Bool = false) -> Modification {
        var modification = Modification(.delta64)
        modification.delta = delta
        modification.offset = offset
        modification.isDeferredDelete = isDeferredDelete
        return modification
    }

    /// The same for a number of bytes that is 4 or 8. `deletesRecord`: the record goes if that is 0.
    static func delta(
        _ delta: Int64, byteCount: Int, at offset: UInt16, isDeferredDelete: Bool, deletesRecord: Bool
    ) -> Modification {
        var modification: Modification =
            byteCount == 4
            ? .delta(Int32(truncatingIfNeeded: delta), at: offset, isDeferredDelete: isDeferredDelete)
            : .delta64(delta, at: offset, isDeferredDelete: isDeferredDelete)
        modification.deletesRecord = deletesRecord
        return modification
    }

    /// The same as part of an update.
    public func of(update: UInt32) -> Modification {
        var modification = self
        modification.update = update
        return modification
    }
}
