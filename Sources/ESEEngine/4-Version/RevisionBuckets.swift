// Layer: ESEEngine/4-Version. Used by: the version store.
// Memory of revisions: buckets that are filled one after the other, and emptied in the same order.

import Synchronization

/// A bucket: a piece of memory for revisions in the order of their making. ESE's name: BUCKET.
struct Bucket: ~Copyable {
    /// The bucket that was begun after this one.
    let next = Cell<UnsafeMutablePointer<Bucket>?>(nil)
    /// How many bytes of `start` are in use. Under the lock; fixed as soon as there is a next bucket.
    let usedByteCount = Cell<Int>(0)
    /// How many of them are cleaned. The cleaner's.
    let cleanedByteCount = Cell<Int>(0)

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
    let oldest = Cell<UnsafeMutablePointer<Bucket>?>(nil)
    let newest = Cell<UnsafeMutablePointer<Bucket>?>(nil)
    /// Empty ones, kept since fresh memory is slow; linked by `next`.
    let spareCount = Cell<Int>(0)
    /// See `spareCount`.
    let spare = Cell<UnsafeMutablePointer<Bucket>?>(nil)
    let lastID = Cell<UInt32>(0)
    let createdCount = Cell<Int>(0)

    init(bucketByteCount: Int, limit: Int, reserve: Int, transactionPercentage: Int) {
        self.bucketByteCount = bucketByteCount
        self.limit = limit
        self.reserve = reserve
        transactionLimit = limit * transactionPercentage / 100
    }

    deinit {
        var bucket = oldest.value
        while let this = bucket {
            bucket = this.pointee.next.value
            UnsafeMutableRawPointer(this).deallocate()
        }
        bucket = spare.value
        while let this = bucket {
            bucket = this.pointee.next.value
            UnsafeMutableRawPointer(this).deallocate()
        }
    }

    static var greatestSpareCount: Int { 64 }

    /// The bytes a bucket has for revisions.
    var capacity: Int { bucketByteCount - Bucket.headerByteCount }

    /// Memory for a revision, at the end of the newest bucket, or of a new one; nil if there may be no more. Under the
    /// lock; `byteCount` is a multiple of 8 and not greater than `capacity`.
    @inline(__always)
    func take(_ byteCount: Int, beginsBucket: inout Bool) -> UnsafeMutableRawPointer? {
        if let bucket = newest.value {
            let used = bucket.pointee.usedByteCount.value
            if used &+ byteCount <= capacity {
                bucket.pointee.usedByteCount.set(used &+ byteCount)
                return UnsafeMutableRawPointer(bucket) + (Bucket.headerByteCount &+ used)
            }
        }
        beginsBucket = true
        return takeFromNew(byteCount)
    }

    @inline(never)
    private func takeFromNew(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let present = count.load(ordering: .relaxed)
        guard present < limit + reserve else { return nil }
        let bucket: UnsafeMutablePointer<Bucket>
        if let spare = spare.value {
            bucket = spare
            self.spare.set(spare.pointee.next.value)
            spareCount.set(spareCount.value - 1)
        } else {
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: bucketByteCount, alignment: 64)
            bucket = bytes.bindMemory(to: Bucket.self, capacity: 1)
        }
        bucket.initialize(to: Bucket())
        bucket.pointee.usedByteCount.set(byteCount)
        if let newest = newest.value { newest.pointee.next.set(bucket) } else { oldest.set(bucket) }
        newest.set(bucket)
        count.store(present + 1, ordering: .relaxed)
        return UnsafeMutableRawPointer(bucket) + Bucket.headerByteCount
    }

    /// Whether so many bytes can be had without the reserve. Under the lock.
    func hasRoom(_ byteCount: Int) -> Bool {
        if let newest = newest.value, newest.pointee.usedByteCount.value + byteCount <= capacity { return true }
        return count.load(ordering: .relaxed) < limit
    }

    /// Frees the oldest bucket, all of which is cleaned; returns the next. Under the lock, by the cleaner.
    func freeOldest() -> UnsafeMutablePointer<Bucket>? {
        guard let bucket = oldest.value else { return nil }
        oldest.set(bucket.pointee.next.value)
        if oldest.value == nil { newest.set(nil) }
        count.store(count.load(ordering: .relaxed) - 1, ordering: .relaxed)
        if spareCount.value < Self.greatestSpareCount {
            bucket.pointee.next.set(spare.value)
            spare.set(bucket)
            spareCount.set(spareCount.value + 1)
        } else {
            UnsafeMutableRawPointer(bucket).deallocate()
        }
        return oldest.value
    }

    /// The next number of a revision; never 0. Under the lock.
    @inline(__always)
    func makeID() -> UInt32 {
        let id = lastID.value &+ 1
        lastID.set(id == 0 ? 1 : id)
        return lastID.value
    }
}
