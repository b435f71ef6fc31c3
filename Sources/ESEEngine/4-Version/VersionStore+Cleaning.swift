// Layer: ESEEngine/4-Version. Used by: background work, termination, detaching.
// Removes revisions that everybody sees, in the order of their making, and frees the buckets.

import ESEFormat
import Synchronization

/// What became of a revision that was handed to the cleaner's closure.
public enum CleanOutcome: Sendable {
    /// All that it called for is done.
    case done
    /// It can't be done now; the closure is called again at a later cleaning.
    case later
}

/// What a cleaning did.
public struct CleanResult: Equatable, Sendable {
    /// How many revisions were cleaned.
    public var cleanedCount = 0
    /// Whether revisions are left that may be cleaned some time. C name: JET_wrnRemainingVersions.
    public var isMoreLeft = false
    /// Another thread is cleaning, so nothing was done.
    public var isBusy = false
    /// Open transactions have revisions of the database that was asked for.
    public var isInUse = false

    /// Nothing done yet, or so many cleaned.
    public init(cleanedCount: Int = 0) { self.cleanedCount = cleanedCount }
}

/// What the cleaner remembers. Touched by whoever set `isBusy`.
struct Cleaner: ~Copyable {
    let isBusy = Atomic<Bool>(false)
    let laterCount = Atomic<Int>(0)
    let discardedCount = Atomic<Int>(0)
    /// Copies of revisions for later, the oldest first; linked by `nextNode`.
    let firstLater = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)
    let lastLater = Cell<UnsafeMutablePointer<RevisionHeader>?>(nil)

    deinit {
        var next = firstLater.value
        while let this = next {
            next = this.pointee.nextNode.value
            UnsafeMutableRawPointer(this).deallocate()
        }
    }
}

extension VersionStore {
    /// More than so many things to do later are not kept: deleted nodes then stay until somebody meets them.
    static let greatestLaterCount = 16384

    /// How many revisions wait to be handed to the cleaner's closure again.
    public var laterCount: Int { cleaner.pointee.laterCount.load(ordering: .relaxed) }

    /// How many deletions were given up, because too many were to be done later. Nodes or long values stay, unseen.
    public var discardedCount: Int { cleaner.pointee.discardedCount.load(ordering: .relaxed) }

    /// Cleans up to `limit` revisions, the oldest first, until one comes that somebody does not see.
    ///
    /// Each is taken out of the store and handed to `body`, which deletes what it deleted, or frees what it dropped.
    /// `body` may latch pages and use the version store, except for cleaning; it must look whether the node is still
    /// flagged as deleted, and not `isActive`, since others may have used it again. One thread at a time; without
    /// latches.
    ///
    /// With `database`: cleans all committed revisions of that one, seen by all or not, since it is being detached.
    /// ESE's name: ErrVERRCEClean.
    public func cleanOldest(
        limit: Int = .max, database: UInt8? = nil, _ body: (Revision) -> CleanOutcome
    ) -> CleanResult {
        var result = CleanResult()
        guard
            cleaner.pointee.isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        else {
            result.isBusy = true
            result.isMoreLeft = true
            return result
        }
        cleanLater(limit, database, &result, body)
        if let database {
            cleanAll(of: database, &result, body)
        } else {
            cleanBuckets(limit, &result, body)
        }
        if cleaner.pointee.firstLater.value != nil { result.isMoreLeft = true }
        cleaner.pointee.isBusy.store(false, ordering: .releasing)
        return result
    }

    private func cleanBuckets(_ limit: Int, _ result: inout CleanResult, _ body: (Revision) -> CleanOutcome) {
        var oldest = clock.oldest.rawValue
        buckets.pointee.lock.lock()
        var next = buckets.pointee.oldest.value
        buckets.pointee.lock.unlock()
        while let bucket = next {
            var offset = bucket.pointee.cleanedByteCount.value
            var used = usedByteCount(bucket)
            while true {
                if offset == used {
                    // It may have grown meanwhile, if it is the newest.
                    buckets.pointee.lock.lock()
                    used = bucket.pointee.usedByteCount.value
                    if offset == used {
                        next = buckets.pointee.freeOldest()
                        buckets.pointee.lock.unlock()
                        break
                    }
                    buckets.pointee.lock.unlock()
                }
                let header = revision(bucket, offset)
                let commit = header.pointee.commit.load(ordering: .acquiring)
                if commit != 0 {
                    if commit >= oldest { oldest = clock.oldest.rawValue }
                    guard commit < oldest, result.cleanedCount < limit else {
                        result.isMoreLeft = true
                        return
                    }
                    cleanOne(header, &result, body)
                }
                offset += Int(header.pointee.byteCount)
                bucket.pointee.cleanedByteCount.set(offset)
            }
        }
    }

    /// Goes through all buckets and leaves what is not the database's.
    private func cleanAll(of database: UInt8, _ result: inout CleanResult, _ body: (Revision) -> CleanOutcome) {
        buckets.pointee.lock.lock()
        var next = buckets.pointee.oldest.value
        buckets.pointee.lock.unlock()
        while let bucket = next {
            var offset = bucket.pointee.cleanedByteCount.value
            let used = usedByteCount(bucket)
            while offset < used {
                let header = revision(bucket, offset)
                let commit = header.pointee.commit.load(ordering: .acquiring)
                if commit != 0 && header.pointee.database == database {
                    if commit == TransactionNumber.open.rawValue {
                        result.isMoreLeft = true
                        result.isInUse = true
                    } else {
                        cleanOne(header, &result, body)
                    }
                }
                offset += Int(header.pointee.byteCount)
            }
            buckets.pointee.lock.lock()
            next = bucket.pointee.next.value
            buckets.pointee.lock.unlock()
        }
    }

    private func cleanOne(
        _ header: UnsafeMutablePointer<RevisionHeader>, _ result: inout CleanResult,
        _ body: (Revision) -> CleanOutcome
    ) {
        if header.pointee.operation.value.isOfNode { unlink(header) }
        result.cleanedCount += 1
        if body(Revision(header)) == .later { keepForLater(header) }
        header.pointee.commit.store(0, ordering: .releasing)
    }

    /// Copies a revision out of its bucket, so that the bucket can go. Everybody sees it: only the closure needs it.
    private func keepForLater(_ header: UnsafeMutablePointer<RevisionHeader>) {
        let isOfNode = header.pointee.operation.value.isOfNode
        if isOfNode && cleaner.pointee.laterCount.load(ordering: .relaxed) >= Self.greatestLaterCount {
            cleaner.pointee.discardedCount.add(1, ordering: .relaxed)
            return
        }
        let byteCount = Int(header.pointee.byteCount)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        bytes.copyMemory(from: header, byteCount: byteCount)
        let copy = bytes.bindMemory(to: RevisionHeader.self, capacity: 1)
        copy.pointee.nextNode.set(nil)
        if let last = cleaner.pointee.lastLater.value {
            last.pointee.nextNode.set(copy)
        } else {
            cleaner.pointee.firstLater.set(copy)
        }
        cleaner.pointee.lastLater.set(copy)
        cleaner.pointee.laterCount.add(1, ordering: .relaxed)
    }

    /// Hands those that were to come later to the closure again, each once. Those of a database that goes are
    /// forgotten.
    private func cleanLater(
        _ limit: Int, _ database: UInt8?, _ result: inout CleanResult, _ body: (Revision) -> CleanOutcome
    ) {
        var previous: UnsafeMutablePointer<RevisionHeader>?
        var next = cleaner.pointee.firstLater.value
        while let this = next, result.cleanedCount < limit {
            next = this.pointee.nextNode.value
            let isAsked = database.map { this.pointee.database == $0 } ?? true
            if isAsked && (body(Revision(this)) == .done || database != nil) {
                if let previous { previous.pointee.nextNode.set(next) } else { cleaner.pointee.firstLater.set(next) }
                if next == nil { cleaner.pointee.lastLater.set(previous) }
                cleaner.pointee.laterCount.subtract(1, ordering: .relaxed)
                UnsafeMutableRawPointer(this).deallocate()
                result.cleanedCount += 1
            } else {
                previous = this
            }
        }
    }

    private func usedByteCount(_ bucket: UnsafeMutablePointer<Bucket>) -> Int {
        buckets.pointee.lock.lock()
        defer { buckets.pointee.lock.unlock() }
        return bucket.pointee.usedByteCount.value
    }

    /// The revision at an offset where one begins.
    private func revision(_ bucket: UnsafeMutablePointer<Bucket>, _ offset: Int) -> UnsafeMutablePointer<RevisionHeader>
    {
        (UnsafeMutableRawPointer(bucket) + (Bucket.headerByteCount + offset))
            .assumingMemoryBound(to: RevisionHeader.self)
    }

    /// What is wrong with the links between revisions, or nil. For tests; nobody else may use the store meanwhile.
    public func brokenLink() -> String? {
        var linkedCount = 0
        for index in 0...Int(headMask) {
            let first = (heads + index).pointee.lock()
            defer { (heads + index).pointee.unlock(first) }
            var node = first
            while let newest = node {
                if newest.pointee.newer.value != nil { return "the newest of a node has a newer one" }
                if Int(newest.pointee.hash & headMask) != index { return "a node is in a chain of another hash" }
                var next: UnsafeMutablePointer<RevisionHeader>? = newest
                while let this = next {
                    linkedCount += 1
                    if this.pointee.commit.load(ordering: .acquiring) == 0 { return "a dead revision is linked" }
                    if let older = this.pointee.older.value, older.pointee.newer.value != this {
                        return "siblings disagree"
                    }
                    if this != newest && this.pointee.nextNode.value != nil { return "an older one links the chain" }
                    next = this.pointee.older.value
                }
                node = newest.pointee.nextNode.value
            }
        }
        var liveCount = 0
        var next = buckets.pointee.oldest.value
        while let bucket = next {
            var offset = bucket.pointee.cleanedByteCount.value
            while offset < bucket.pointee.usedByteCount.value {
                let header = revision(bucket, offset)
                if header.pointee.commit.load(ordering: .acquiring) != 0 && header.pointee.operation.value.isOfNode {
                    liveCount += 1
                }
                offset += Int(header.pointee.byteCount)
            }
            next = bucket.pointee.next.value
        }
        return linkedCount == liveCount ? nil : "\(liveCount) revisions in buckets, \(linkedCount) in chains"
    }
}
