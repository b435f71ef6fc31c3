// Layer: ESEEngine/4-Version. Used by: the version store, sessions, recovery.
// Gives transactions their numbers and knows which is the oldest open one.

import Synchronization

/// Numbers of transactions (ESE: trxNewest) and the list of the open ones.
///
/// A number is given and what it means is published under one lock: who begins after a commit sees all of it, who began
/// before sees nothing of it. Safe from any thread, each transaction from one at a time.
public final class TransactionClock: Sendable {
    private struct Core: ~Copyable {
        let lock = ShortLock()
        /// The newest number that was given. Written under the lock.
        let newest: Atomic<UInt64>
        /// A number that no open and no future transaction began before. Written under the lock.
        let oldest: Atomic<UInt64>
        let first = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
        let last = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
        let free = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
        /// The slot that was made last; the others follow by `madeBefore`.
        let lastMade = Cell<UnsafeMutablePointer<TransactionSlot>?>(nil)
        let openCount = Cell<Int>(0)

        init(_ newest: UInt64) {
            self.newest = Atomic(newest)
            oldest = Atomic(newest + 1)
        }
    }

    /// How far the numbers of two transactions are apart. ESE's name: TRXID_INCR.
    static let step: UInt64 = 4
    /// One slot a pair of cache lines, so that sessions don't disturb each other.
    private static let slotByteCount = 128

    // Everything mutable in it is atomic or only touched under its lock.
    nonisolated(unsafe) private let core: UnsafeMutablePointer<Core>

    /// Makes a clock whose next number is `newest` + 4.
    public init(newest: TransactionNumber = TransactionNumber(0)) {
        precondition(MemoryLayout<TransactionSlot>.size <= Self.slotByteCount)
        core = .allocate(capacity: 1)
        core.initialize(to: Core(newest.rawValue))
    }

    deinit {
        var next = core.pointee.lastMade.value
        while let slot = next {
            next = slot.pointee.madeBefore
            slot.deinitialize(count: 1)
            UnsafeMutableRawPointer(slot).deallocate()
        }
        core.deinitialize(count: 1)
        core.deallocate()
    }

    /// The newest number that was given. ESE's name: trxNewest.
    public var newest: TransactionNumber { TransactionNumber(core.pointee.newest.load(ordering: .acquiring)) }

    /// A number that no transaction, open or to come, began before: revisions committed before it are seen by all.
    /// ESE's name: TrxOldest.
    @inline(__always)
    public var oldest: TransactionNumber { TransactionNumber(core.pointee.oldest.load(ordering: .acquiring)) }

    /// The oldest place where the log has the begin of an open transaction, or shortly before; 0 if it has none.
    var oldestLoggedBegin: UInt64 {
        core.pointee.lock.lock()
        defer { core.pointee.lock.unlock() }
        var oldest: UInt64 = 0
        var next = core.pointee.first.value
        while let slot = next {
            let begin = slot.pointee.loggedBegin.load(ordering: .acquiring)
            if begin != 0 && (oldest == 0 || begin < oldest) { oldest = begin }
            next = slot.pointee.newer.value
        }
        return oldest
    }

    /// How many transactions are open.
    public var openCount: Int {
        core.pointee.lock.lock()
        defer { core.pointee.lock.unlock() }
        return core.pointee.openCount.value
    }

    /// Makes the state of a session, at level 0. `session` is its number in the log.
    public func make(session: UInt16) -> TransactionState {
        core.pointee.lock.lock()
        defer { core.pointee.lock.unlock() }
        if let slot = core.pointee.free.value {
            core.pointee.free.set(slot.pointee.newer.value)
            slot.pointee.newer.set(nil)
            slot.pointee.session.set(session)
            return TransactionState(slot: slot)
        }
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: Self.slotByteCount, alignment: Self.slotByteCount)
        let slot = bytes.bindMemory(to: TransactionSlot.self, capacity: 1)
        slot.initialize(to: TransactionSlot(session: session, madeBefore: core.pointee.lastMade.value))
        core.pointee.lastMade.set(slot)
        return TransactionState(slot: slot)
    }

    /// Takes a session's state back. It is at level 0; the caller uses it no more.
    public func release(_ transaction: TransactionState) {
        precondition(transaction.level == 0, "the transaction is open")
        core.pointee.lock.lock()
        transaction.slot.pointee.newer.set(core.pointee.free.value)
        core.pointee.free.set(transaction.slot)
        core.pointee.lock.unlock()
    }

    /// Begins a transaction, or a nested one. JET_errTransTooDeep beyond level 7.
    ///
    /// A read-only one gets a number between those of others and does not use one up.
    @inline(__always)
    public func begin(_ transaction: TransactionState, readOnly: Bool = false) throws(JetError) {
        let slot = transaction.slot
        if slot.pointee.level.value != 0 {
            guard slot.pointee.level.value < UInt8(TransactionState.greatestLevel) else {
                throw JetError(rawValue: -1103)
            }
            slot.pointee.level.set(slot.pointee.level.value + 1)
            return
        }
        begin0(slot, readOnly, nil)
    }

    /// Begins a transaction with a number from the log, for recovery.
    public func begin(_ transaction: TransactionState, at number: TransactionNumber) {
        precondition(transaction.level == 0)
        begin0(transaction.slot, false, number.rawValue)
    }

    private func begin0(_ slot: UnsafeMutablePointer<TransactionSlot>, _ readOnly: Bool, _ given: UInt64?) {
        // Released: whoever sees this sees that the slot's last revisions carry their commit themselves.
        slot.pointee.commit.store(.max, ordering: .releasing)
        slot.pointee.level.set(1)
        slot.pointee.isReadOnly.set(readOnly)
        slot.pointee.hasLoggedBegin.set(false)
        core.pointee.lock.lock()
        let newest = core.pointee.newest.load(ordering: .relaxed)
        let number = given ?? newest + (readOnly ? Self.step / 2 : Self.step)
        if !readOnly && number > newest { core.pointee.newest.store(number, ordering: .releasing) }
        slot.pointee.begin.set(number)
        // Numbers ascend, except in recovery: the place is at the end.
        var older = core.pointee.last.value
        while let other = older, other.pointee.begin.value > number { older = other.pointee.older.value }
        let newer = if let older { older.pointee.newer.value } else { core.pointee.first.value }
        slot.pointee.older.set(older)
        slot.pointee.newer.set(newer)
        if let older { older.pointee.newer.set(slot) } else { core.pointee.first.set(slot) }
        if let newer { newer.pointee.older.set(slot) } else { core.pointee.last.set(slot) }
        core.pointee.openCount.set(core.pointee.openCount.value + 1)
        if older == nil { core.pointee.oldest.store(number, ordering: .releasing) }
        core.pointee.lock.unlock()
    }

    /// What the next commit will be, about; for the log's record, which is written before. ESE logs it as vaguely.
    public var approximateCommit: TransactionNumber { TransactionNumber(newest.rawValue + Self.step) }

    /// Commits: gives the number and publishes it, which makes all revisions of the transaction count as committed, and
    /// ends the transaction. `given` is a number from the log.
    func commit(_ slot: UnsafeMutablePointer<TransactionSlot>, at given: TransactionNumber?) -> UInt64 {
        core.pointee.lock.lock()
        let newest = core.pointee.newest.load(ordering: .relaxed)
        let number = given?.rawValue ?? newest + Self.step
        if number > newest { core.pointee.newest.store(number, ordering: .releasing) }
        slot.pointee.commit.store(number, ordering: .releasing)
        remove(slot)
        core.pointee.lock.unlock()
        return number
    }

    /// Ends a transaction without revisions.
    func end(_ slot: UnsafeMutablePointer<TransactionSlot>) {
        core.pointee.lock.lock()
        remove(slot)
        core.pointee.lock.unlock()
    }

    @inline(__always)
    private func remove(_ slot: UnsafeMutablePointer<TransactionSlot>) {
        let older = slot.pointee.older.value
        let newer = slot.pointee.newer.value
        if let older { older.pointee.newer.set(newer) } else { core.pointee.first.set(newer) }
        if let newer { newer.pointee.older.set(older) } else { core.pointee.last.set(older) }
        slot.pointee.older.set(nil)
        slot.pointee.newer.set(nil)
        core.pointee.openCount.set(core.pointee.openCount.value - 1)
        if older == nil {
            let oldest = newer?.pointee.begin.value ?? core.pointee.newest.load(ordering: .relaxed) + 1
            core.pointee.oldest.store(oldest, ordering: .releasing)
        }
    }
}
