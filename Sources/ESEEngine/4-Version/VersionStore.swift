// Layer: ESEEngine/4-Version. Used by: trees, sessions, recovery.
// The version store: its memory, its hash table, and what its parts have in common.

import ESEFormat
import Synchronization

/// The revisions of an instance: who changed which node when, and what it was before. ESE's name: VER.
///
/// Pages hold the newest state; this says who sees it, what others see instead, and who may change it (V1, V2).
///
/// Any thread may call, each transaction from one thread at a time. All calls but `reserve` and cleaning may be made
/// with pages latched, and `modify`, `confirm`, `cancel` and `removeUndone` are to be made with the node's page latched
/// exclusively. Inner locks are held for moments: first the one of a node's chain, then that of the buckets or of a
/// page's list of undo information, then the clock's.
public final class VersionStore: Sendable {
    /// How a version store is made.
    public struct Options: Sendable {
        /// Bytes of a bucket. A revision must fit into one, so this should be more than a page and a bookmark.
        public var bucketByteCount = 32 * 1024
        /// How many buckets there may be. C name: JET_paramMaxVerPages.
        public var bucketLimit = 64
        /// How many more `modify` may take, after `reserve` said that there is room.
        public var bucketReserve = 4
        /// Above this share of the buckets the oldest transaction may go no further. C name:
        /// JET_paramMaxTransactionSize.
        public var transactionPercentage = 100
        /// The slot of the database of temporary tables, whose revisions are for rollback only.
        public var temporaryDatabase: UInt8?

        /// The defaults.
        public init() {}
    }

    /// The numbers of transactions.
    public let clock: TransactionClock
    let temporaryDatabase: Int
    let headMask: UInt32
    // What these point to is atomic, or touched under the locks that are in it.
    nonisolated(unsafe) let heads: UnsafeMutablePointer<LockedHead>
    nonisolated(unsafe) let undoHeads: UnsafeMutablePointer<LockedHead>
    nonisolated(unsafe) let buckets: UnsafeMutablePointer<RevisionBuckets>
    nonisolated(unsafe) let cleaner: UnsafeMutablePointer<Cleaner>
    /// How many revisions there are in the trees of each group; see `mayHaveRevisions`.
    nonisolated(unsafe) let treeCounts: UnsafeMutablePointer<Atomic<Int>>
    private let requestClean: @Sendable () -> Void
    private let reclaim: @Sendable () -> Bool

    static let undoHeadCount = 256
    /// Groups of trees, and words from one counter to the next, so that they don't share cache lines.
    static let treeGroupCount = 64
    static let treeCountStride = 8

    /// Makes an empty store.
    ///
    /// `requestClean` is called whenever cleaning might be good soon: with pages latched, so it must not wait.
    /// `reclaim` is called by `reserve` if all buckets are in use: it may clean, or wait until somebody has; it returns
    /// false if no cleaning took place.
    public init(
        clock: TransactionClock, options: Options = Options(),
        requestClean: @escaping @Sendable () -> Void = {},
        reclaim: @escaping @Sendable () -> Bool = { true }
    ) {
        precondition(options.bucketByteCount >= 1024 && options.bucketLimit > 0 && options.bucketReserve >= 0)
        self.clock = clock
        self.requestClean = requestClean
        self.reclaim = reclaim
        temporaryDatabase = options.temporaryDatabase.map(Int.init) ?? -1
        var headCount = 1024
        while headCount < 1 << 20 && headCount * 160 < options.bucketLimit * options.bucketByteCount { headCount *= 2 }
        headMask = UInt32(headCount - 1)
        heads = .allocate(capacity: headCount)
        for index in 0..<headCount { (heads + index).initialize(to: LockedHead()) }
        undoHeads = .allocate(capacity: Self.undoHeadCount)
        for index in 0..<Self.undoHeadCount { (undoHeads + index).initialize(to: LockedHead()) }
        buckets = .allocate(capacity: 1)
        buckets.initialize(
            to: RevisionBuckets(
                bucketByteCount: options.bucketByteCount & ~63, limit: options.bucketLimit,
                reserve: options.bucketReserve, transactionPercentage: options.transactionPercentage))
        cleaner = .allocate(capacity: 1)
        cleaner.initialize(to: Cleaner())
        treeCounts = .allocate(capacity: Self.treeGroupCount * Self.treeCountStride)
        for index in 0..<Self.treeGroupCount * Self.treeCountStride { (treeCounts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        treeCounts.deinitialize(count: Self.treeGroupCount * Self.treeCountStride)
        treeCounts.deallocate()
        cleaner.deinitialize(count: 1)
        cleaner.deallocate()
        buckets.deinitialize(count: 1)
        buckets.deallocate()
        heads.deinitialize(count: Int(headMask) + 1)
        heads.deallocate()
        undoHeads.deinitialize(count: Self.undoHeadCount)
        undoHeads.deallocate()
    }

    /// How many buckets are in use.
    public var bucketCount: Int { buckets.pointee.count.load(ordering: .relaxed) }

    /// How many buckets there may be.
    public var bucketLimit: Int { buckets.pointee.limit }

    /// Whether more than 60 % of the buckets are in use. C name: JET_wrnIdleFull.
    public var isRatherFull: Bool { bucketCount * 10 > bucketLimit * 6 }

    /// How many revisions were ever made.
    public var createdCount: Int {
        buckets.pointee.lock.lock()
        defer { buckets.pointee.lock.unlock() }
        return buckets.pointee.createdCount.value
    }

    /// Before an update: whether the transaction may go on, and whether there is memory for revisions of `byteCount`
    /// bytes of bookmarks and records. Call it without latches, since it may wait for a cleaning.
    ///
    /// Throws `versionStoreOutOfMemory` if all buckets are in use and cleaning does not help, or if the transaction is
    /// the oldest one and more than its share is (JET_paramMaxTransactionSize);
    /// JET_errVersionStoreOutOfMemoryAndCleanupTimedOut if no cleaning took place.
    public func reserve(_ transaction: TransactionState, byteCount: Int = 256) throws(JetError) {
        let count = bucketCount
        if count > buckets.pointee.transactionLimit && transaction.begin == clock.oldest {
            throw .versionStoreOutOfMemory
        }
        if count < buckets.pointee.limit || hasRoom(byteCount) { return }
        let wasCleaned = reclaim()
        if !hasRoom(byteCount) { throw wasCleaned ? .versionStoreOutOfMemory : JetError(rawValue: -1066) }
    }

    private func hasRoom(_ byteCount: Int) -> Bool {
        let byteCount = min(RevisionHeader.byteCount + byteCount, buckets.pointee.capacity)
        buckets.pointee.lock.lock()
        defer { buckets.pointee.lock.unlock() }
        return buckets.pointee.hasRoom(byteCount)
    }

    /// When a revision was committed, as of now; `open` before. The chain of its node is locked, or it is the caller's.
    @inline(__always)
    func commitNumber(_ header: UnsafeMutablePointer<RevisionHeader>) -> UInt64 {
        let own = header.pointee.commit.load(ordering: .acquiring)
        if own != TransactionNumber.open.rawValue { return own }
        let published = header.pointee.slot.pointee.commit.load(ordering: .acquiring)
        // Meanwhile the session may have gone on to its next transaction, and the slot speaks of that one. Then the
        // revision has got its own number before.
        let again = header.pointee.commit.load(ordering: .acquiring)
        return again == TransactionNumber.open.rawValue ? published : again
    }

    /// Whether a revision is one that the transaction does not see: open and another's, or committed after its
    /// beginning. ESE's name: FActiveNotByMe.
    @inline(__always)
    func isActiveByOther(_ header: UnsafeMutablePointer<RevisionHeader>, _ transaction: TransactionState) -> Bool {
        let commit = commitNumber(header)
        if commit == TransactionNumber.open.rawValue { return header.pointee.slot != transaction.slot }
        return commit > transaction.horizon
    }

    @inline(__always)
    func head(_ hash: UInt32) -> UnsafeMutablePointer<LockedHead> { heads + Int(hash & headMask) }

    /// The count of revisions of a tree's group.
    @inline(__always)
    func treeCount(_ tree: UInt32) -> UnsafeMutablePointer<Atomic<Int>> {
        treeCounts + Int((tree &* 0x9E37_79B1) >> 26) &* Self.treeCountStride
    }

    /// False if no node of the tree has a revision. Nodes keep their versioned bit when their revisions are gone: this
    /// tells cheaply, where looking for each node would miss the processor's cache.
    ///
    /// Asked with the node's page latched: its revisions were counted before the page was changed.
    @inline(__always)
    func mayHaveRevisions(_ tree: PageNumber) -> Bool {
        treeCount(tree.rawValue).pointee.load(ordering: .acquiring) != 0
    }

    /// The newest revision of a node in a locked chain, and the newest one of the node before it in the chain.
    @inline(__always)
    func find(
        _ first: UnsafeMutablePointer<RevisionHeader>?, _ node: NodeName, _ hash: UInt32
    ) -> (found: UnsafeMutablePointer<RevisionHeader>?, previous: UnsafeMutablePointer<RevisionHeader>?) {
        var previous: UnsafeMutablePointer<RevisionHeader>?
        var next = first
        while let header = next {
            if header.pointee.hash == hash && header.pointee.tree == node.tree.rawValue
                && header.pointee.database == node.database
                && Int(header.pointee.keyByteCount) == node.keyByteCount
                && Int(header.pointee.dataByteCount) == node.data.count
                && node.equals(UnsafeRawPointer(header) + RevisionHeader.byteCount)
            {
                return (header, previous)
            }
            previous = header
            next = header.pointee.nextNode.value
        }
        return (nil, previous)
    }

    /// Takes a revision out of its node's chain.
    func unlink(_ header: UnsafeMutablePointer<RevisionHeader>) {
        let head = head(header.pointee.hash)
        var first = head.pointee.lock()
        let older = header.pointee.older.value
        if let newer = header.pointee.newer.value {
            newer.pointee.older.set(older)
            older?.pointee.newer.set(newer)
        } else {
            let replacement = older ?? header.pointee.nextNode.value
            if let older {
                older.pointee.newer.set(nil)
                older.pointee.nextNode.set(header.pointee.nextNode.value)
            }
            if first == header {
                first = replacement
            } else {
                var previous = first
                while let this = previous, this.pointee.nextNode.value != header {
                    previous = this.pointee.nextNode.value
                }
                guard let previous else { preconditionFailure("the node is in its chain") }
                previous.pointee.nextNode.set(replacement)
            }
        }
        head.pointee.unlock(first)
        treeCount(header.pointee.tree).pointee.subtract(1, ordering: .releasing)
    }

    /// Takes a revision out of everything; its memory may be gone after that.
    func nullify(_ header: UnsafeMutablePointer<RevisionHeader>) {
        removeUndoLink(header)
        if header.pointee.operation.value.isOfNode { unlink(header) }
        header.pointee.commit.store(0, ordering: .releasing)
    }

    /// Tells whoever cleans; outside of all locks.
    func suggestClean() { requestClean() }
}
