// Layer: ESEEngine/4-Version. Used by: the clock, the version store, sessions.
// What the engine knows of a session's transaction.

import Synchronization

/// The memory of a session's transaction. Lives until the clock goes away, since revisions point to it.
struct TransactionSlot: ~Copyable {
    /// When the transaction was committed; `TransactionNumber.open` while it is open. ESE's name: trxCommit0.
    let commit = Atomic<UInt64>(.max)
    /// When it began. ESE's name: trxBegin0.
    let begin = Cell<UInt64>(0)
    /// The neighbours among the open transactions, by `begin`. Under the clock's lock.
    let older = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
    /// See `older`; also the next free slot.
    let newer = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
    /// The newest revision of the transaction. Only the session's thread reads and writes it, and all below.
    let newestRevision = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    /// The revision that was taken out of the chain last, by its number.
    let lastRemoved = Cell<UInt32>(0)
    /// The number of the last update.
    let lastUpdate = Cell<UInt32>(0)
    /// Where the log has its begin, or shortly before; 0 if it has none.
    let loggedBegin = Atomic<UInt64>(0)
    let session: Cell<UInt16>
    let level = Cell<UInt8>(0)
    let isReadOnly = Cell(false)
    let hasLoggedBegin = Cell(false)
    /// The slot that was made before this one.
    let madeBefore: UnsafeMutablePointer<TransactionSlot>?

    init(session: UInt16, madeBefore: UnsafeMutablePointer<TransactionSlot>?) {
        self.session = Cell(session)
        self.madeBefore = madeBefore
    }
}

/// A session's transaction: its level, when it began, what it changed. ESE's name: the transaction part of PIB.
///
/// Made and given back by `TransactionClock`. Used by one thread at a time. A copy names the same transaction.
public struct TransactionState: @unchecked Sendable, Equatable {
    /// The deepest level. C name: the limit behind JET_errTransTooDeep.
    public static let greatestLevel = 7

    /// Valid from `TransactionClock.make` to `release`; the memory lives as long as the clock.
    let slot: UnsafeMutablePointer<TransactionSlot>

    /// The session's number, as log records carry it. ESE's name: procid.
    public var session: UInt16 { slot.pointee.session.value }

    /// How deep transactions are nested, 0...7. 0: there is none.
    @inline(__always)
    public var level: Int { Int(slot.pointee.level.value) }

    /// When the transaction began. Means nothing at level 0. ESE's name: trxBegin0.
    @inline(__always)
    public var begin: TransactionNumber { TransactionNumber(slot.pointee.begin.value) }

    /// Whether the transaction was begun for reading only.
    public var isReadOnly: Bool { slot.pointee.isReadOnly.value }

    /// Whether it has revisions now.
    public var hasRevisions: Bool { slot.pointee.newestRevision.value != nil }

    /// The newest revision of the transaction, or nil. ESE's name: prceNewest.
    public var newestRevision: Revision? { slot.pointee.newestRevision.value.map(Revision.init) }

    /// Whether the log has its beginning. The log layer sets this; it is false again when a transaction begins.
    public var hasLoggedBegin: Bool {
        get { slot.pointee.hasLoggedBegin.value }
        nonmutating set { slot.pointee.hasLoggedBegin.set(newValue) }
    }

    /// Where the log has its begin, or shortly before; 0 if it has none. The log layer sets this, to 0 after the
    /// transaction's end. Any thread may read it to see where the checkpoint may go.
    @inline(__always)
    var loggedBegin: UInt64 {
        get { slot.pointee.loggedBegin.load(ordering: .acquiring) }
        nonmutating set { slot.pointee.loggedBegin.store(newValue, ordering: .releasing) }
    }

    /// A number for an update, other than those before; never 0. ESE's name: UPDATEID.
    public func makeUpdateNumber() -> UInt32 {
        slot.pointee.lastUpdate.set(slot.pointee.lastUpdate.value == .max ? 1 : slot.pointee.lastUpdate.value + 1)
        return slot.pointee.lastUpdate.value
    }

    /// What the session sees: what was committed before this. At level 0 everything that is committed.
    @inline(__always)
    var horizon: UInt64 { slot.pointee.level.value == 0 ? .max : slot.pointee.begin.value }

    /// The same transaction.
    public static func == (a: Self, b: Self) -> Bool { a.slot == b.slot }
}
