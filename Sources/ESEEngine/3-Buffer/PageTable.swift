// Layer: ESEEngine/3-Buffer. Used by: BufferManager.
// From a page's number to its frame, for one database: two levels of arrays, looked up without a lock.
//
// Unsafe: an index is compared with the count that stands at the beginning of its own array. Arrays are published after
// they were filled and freed only by `removeAll`, when nobody uses the database.

import ESEFormat
import Synchronization

/// The table of one database. Entries are frame numbers plus 1; 0 is none. ESE's term: the BF hash table.
struct PageTable: ~Copyable {
    /// The address of the root: count of leaves, address of the root before it (for `removeAll`), addresses of leaves.
    private let root = Atomic<UInt>(0)

    /// Entries of a leaf: 16 KiB.
    private static let leafCount = 4_096
    private static let leafShift: UInt32 = 12
    /// Words before the leaves of a root.
    private static let rootHeader = 2

    init() {}

    /// The entry of a page; 0 is none.
    @inline(__always)
    func lookup(_ page: PageNumber) -> UInt32 {
        guard let entry = existingEntry(page) else { return 0 }
        return entry.pointee.load(ordering: .acquiring)
    }

    /// Where the entry of a page is, if its leaf is there.
    @inline(__always)
    func existingEntry(_ page: PageNumber) -> UnsafeMutablePointer<Atomic<UInt32>>? {
        guard let words = UnsafeMutablePointer<Atomic<UInt>>(bitPattern: root.load(ordering: .acquiring)) else {
            return nil
        }
        let top = UInt(page.rawValue >> Self.leafShift)
        guard top < words[0].load(ordering: .relaxed) else { return nil }
        let address = words[Int(top) + Self.rootHeader].load(ordering: .acquiring)
        guard let leaf = UnsafeMutablePointer<Atomic<UInt32>>(bitPattern: address) else { return nil }
        return leaf + Int(page.rawValue) % Self.leafCount
    }

    /// Where the entry of a page is; makes the arrays if they are missing. One thread at a time (the caller's lock).
    func entry(_ page: PageNumber) -> UnsafeMutablePointer<Atomic<UInt32>> {
        if let entry = existingEntry(page) { return entry }
        let top = Int(page.rawValue >> Self.leafShift)
        var words = UnsafeMutablePointer<Atomic<UInt>>(bitPattern: root.load(ordering: .relaxed))
        let count = words.map { Int($0[0].load(ordering: .relaxed)) } ?? 0
        if top >= count {
            let newCount = max(64, (top + 1).nextPowerOf2)
            let new = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: newCount + Self.rootHeader)
            (new + 0).initialize(to: Atomic(UInt(newCount)))
            (new + 1).initialize(to: Atomic(UInt(bitPattern: words)))
            for index in 0..<newCount {
                let old = index < count ? words?[index + Self.rootHeader].load(ordering: .relaxed) : nil
                (new + Self.rootHeader + index).initialize(to: Atomic(old ?? 0))
            }
            // Who still looks into the old root finds less, and then comes here.
            root.store(UInt(bitPattern: new), ordering: .releasing)
            words = new
        }
        if let place = words.map({ $0 + top + Self.rootHeader }), place.pointee.load(ordering: .relaxed) == 0 {
            let leaf = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: Self.leafCount)
            for index in 0..<Self.leafCount { (leaf + index).initialize(to: Atomic(0)) }
            place.pointee.store(UInt(bitPattern: leaf), ordering: .releasing)
        }
        guard let entry = existingEntry(page) else { preconditionFailure("the leaf was made") }
        return entry
    }

    /// Frees everything. Nobody else uses the table.
    func removeAll() {
        var address = root.exchange(0, ordering: .acquiringAndReleasing)
        var isNewest = true
        while let words = UnsafeMutablePointer<Atomic<UInt>>(bitPattern: address) {
            if isNewest {
                for index in 0..<Int(words[0].load(ordering: .relaxed)) {
                    let leaf = words[index + Self.rootHeader].load(ordering: .relaxed)
                    UnsafeMutablePointer<Atomic<UInt32>>(bitPattern: leaf)?.deallocate()
                }
            }
            isNewest = false
            address = words[1].load(ordering: .relaxed)
            words.deallocate()
        }
    }
}

extension Int {
    /// The smallest power of two that is not less, for a positive number.
    fileprivate var nextPowerOf2: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
