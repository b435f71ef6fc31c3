// Layer: ESEEngine/4-Version. Used by: the version store.
// Memory of revisions: buckets that are filled one after the other, and emptied in the same order.

import Synchronization

/// A bucket: a piece of memory for revisions in the order of their making. ESE's name: BUCKET.
struct Bucket: ~Copyable {
    /// The bucket that was begun after this one.
    var next: UnsafeMutablePointer<Bucket>?
    /// How many bytes of `start` are in use. Under the lock; fixed as soon as there is a next bucket.
    var usedByteCount = 0
    /// How many of them are cleaned. The cleaner's.
    var cleanedByteCount = 0

    /// The bytes before the first revision.
    static var headerByteCount: Int { 64 }
}

/// The buckets of a version store.
struct RevisionBuckets: ~Copyable {
    let lock = ShortLock()
    /// Bytes in a bucket, header included.
    let bucketByteCount: Int
    /// How many buckets there may be. C name: JET_paramMaxVerPages.
    let limit: Int
    /// How many more for what can't wait.
    let reserve: Int
    /// More than so many buckets: the oldest transaction may go no further. C name: JET_paramMaxTransactionSize.
    let transactionLimit: Int
    /// How many there are.
    let count = Atomic<Int>(0)
    var oldest: UnsafeMutablePointer<Bucket>?
    var newest: UnsafeMutablePointer<Bucket>?
    /// An empty one, kept for the next.
    var spare: UnsafeMutablePointer<Bucket>?
    var lastID: UInt32 = 0
    var createdCount = 0

    init(bucketByteCount: Int, limit: Int, reserve: Int, transactionPercentage: Int) {
        self.bucketByteCount = bucketByteCount
        self.limit = limit
        self.reserve = reserve
        transactionLimit = limit * transactionPercentage / 100
    }

    deinit {
        var bucket = oldest
        while let this = bucket {
            bucket = this.pointee.next
            UnsafeMutableRawPointer(this).deallocate()
        }
        if let spare { UnsafeMutableRawPointer(spare).deallocate() }
    }

    /// The bytes a bucket has for revisions.
    var capacity: Int { bucketByteCount - Bucket.headerByteCount }

    /// Memory for a revision, at the end of the newest bucket, or of a new one; nil if there may be no more. Under the
    /// lock; `byteCount` is a multiple of 8 and not greater than `capacity`.
    @inline(__always)
    mutating func take(_ byteCount: Int, beginsBucket: inout Bool) -> UnsafeMutableRawPointer? {
        if let bucket = newest {
            let used = bucket.pointee.usedByteCount
            if used &+ byteCount <= capacity {
                bucket.pointee.usedByteCount = used &+ byteCount
                return UnsafeMutableRawPointer(bucket) + (Bucket.headerByteCount &+ used)
            }
        }
        beginsBucket = true
        return takeFromNew(byteCount)
    }

    @inline(never)
    private mutating func takeFromNew(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let present = count.load(ordering: .relaxed)
        guard present < limit + reserve else { return nil }
        let bucket: UnsafeMutablePointer<Bucket>
        if let spare {
            bucket = spare
            self.spare = nil
        } else {
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: bucketByteCount, alignment: 64)
            bucket = bytes.bindMemory(to: Bucket.self, capacity: 1)
        }
        bucket.initialize(to: Bucket())
        bucket.pointee.usedByteCount = byteCount
        if let newest { newest.pointee.next = bucket } else { oldest = bucket }
        newest = bucket
        count.store(present + 1, ordering: .relaxed)
        return UnsafeMutableRawPointer(bucket) + Bucket.headerByteCount
    }

    /// Whether so many bytes can be had without the reserve. Under the lock.
    func hasRoom(_ byteCount: Int) -> Bool {
        if let newest, newest.pointee.usedByteCount + byteCount <= capacity { return true }
        return count.load(ordering: .relaxed) < limit
    }

    /// Frees the oldest bucket, all of which is cleaned; returns the next. Under the lock, by the cleaner.
    mutating func freeOldest() -> UnsafeMutablePointer<Bucket>? {
        guard let bucket = oldest else { return nil }
        oldest = bucket.pointee.next
        if oldest == nil { newest = nil }
        count.store(count.load(ordering: .relaxed) - 1, ordering: .relaxed)
        if spare == nil { spare = bucket } else { UnsafeMutableRawPointer(bucket).deallocate() }
        return oldest
    }

    /// The next number of a revision; never 0. Under the lock.
    @inline(__always)
    mutating func makeID() -> UInt32 {
        lastID &+= 1
        if lastID == 0 { lastID = 1 }
        return lastID
    }
}
