// Layer: ESEEngine/4-Version. Uses: ESEFormat. Used by: the version store, trees.
// How the version store calls a node: database, tree, bookmark. Hash and comparison of that.

public import ESEFormat

/// A node: its database, its tree and its bookmark, which is its key, and also its data in trees that are not unique.
///
/// The bytes belong to the caller and stay as they are during a call. ESE's names: IFMP, pgnoFDP, BOOKMARK.
public struct NodeName {
    /// The database's slot in the instance.
    public var database: UInt8
    /// The root page of the node's tree.
    public var tree: PageNumber
    /// The key's bytes in the page's prefix; may be empty.
    public var keyPrefix: UnsafeRawBufferPointer
    /// The key's remaining bytes.
    public var keySuffix: UnsafeRawBufferPointer
    /// The data, in trees that are not unique; else empty.
    public var data: UnsafeRawBufferPointer

    /// Names a node. The prefix and the data may be missing.
    @inline(__always)
    public init(
        database: UInt8, tree: PageNumber,
        keyPrefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        key: UnsafeRawBufferPointer,
        data: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        self.database = database
        self.tree = tree
        self.keyPrefix = keyPrefix
        keySuffix = key
        self.data = data
    }

    /// The count of the key's bytes.
    @inline(__always)
    var keyByteCount: Int { keyPrefix.count &+ keySuffix.count }

    /// The count of all bytes of the bookmark.
    @inline(__always)
    var bookmarkByteCount: Int { keyByteCount &+ data.count }

    /// A hash that does not depend on how the key is cut in two.
    @inline(__always)
    var hash: UInt32 {
        var hash = BookmarkHash(UInt64(tree.rawValue) << 8 | UInt64(database))
        hash.add(keyPrefix)
        hash.add(keySuffix)
        hash.add(data)
        return hash.finish()
    }

    /// Copies prefix, suffix and data to `target`, which has `bookmarkByteCount` bytes.
    @inline(__always)
    func copy(to target: UnsafeMutableRawPointer) {
        var target = target
        copyBytes(keyPrefix, &target)
        copyBytes(keySuffix, &target)
        copyBytes(data, &target)
    }

    /// Whether the bytes at `stored`, `bookmarkByteCount` of them, are those of the bookmark.
    @inline(__always)
    func equals(_ stored: UnsafeRawPointer) -> Bool {
        equalBytes(keyPrefix, stored)
            && equalBytes(keySuffix, stored + keyPrefix.count)
            && equalBytes(data, stored + keyByteCount)
    }
}

/// Copies and moves the target on. Short runs are the rule, a call of memcpy costs more than they do.
@inline(__always)
private func copyBytes(_ source: UnsafeRawBufferPointer, _ target: inout UnsafeMutableRawPointer) {
    guard let start = source.baseAddress, source.count > 0 else { return }
    if source.count == 8 {
        target.storeBytes(of: start.loadUnaligned(as: UInt64.self), as: UInt64.self)
    } else {
        target.copyMemory(from: start, byteCount: source.count)
    }
    target += source.count
}

/// Whether as many bytes at `stored` are the same. Reads no byte beyond `source.count` of either.
@inline(__always)
private func equalBytes(_ source: UnsafeRawBufferPointer, _ stored: UnsafeRawPointer) -> Bool {
    guard let start = source.baseAddress else { return true }
    let count = source.count
    var at = 0
    while at &+ 8 <= count {
        if start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            != stored.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        {
            return false
        }
        at &+= 8
    }
    while at < count {
        if start.load(fromByteOffset: at, as: UInt8.self) != stored.load(fromByteOffset: at, as: UInt8.self) {
            return false
        }
        at &+= 1
    }
    return true
}

/// A hash over a stream of bytes, eight at a time, whatever pieces they come in.
struct BookmarkHash {
    private var state: UInt64
    /// Bytes that don't fill a word yet, the first one lowest.
    private var pending: UInt64 = 0
    /// How many bits `pending` has: 0, 8 … 56.
    private var pendingBitCount: UInt64 = 0

    @inline(__always)
    init(_ seed: UInt64) { state = (seed ^ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9 }

    @inline(__always)
    private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        state = product.high ^ product.low
    }

    /// Adds bytes. Reads none beyond `bytes`.
    @inline(__always)
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let count = bytes.count
        var at = 0
        while at &+ 8 <= count {
            let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            if pendingBitCount == 0 {
                mix(word)
            } else {
                mix(pending | word &<< pendingBitCount)
                pending = word &>> (64 &- pendingBitCount)
            }
            at &+= 8
        }
        while at < count {
            pending |= UInt64(start.load(fromByteOffset: at, as: UInt8.self)) &<< pendingBitCount
            pendingBitCount &+= 8
            if pendingBitCount == 64 {
                mix(pending)
                pending = 0
                pendingBitCount = 0
            }
            at &+= 1
        }
    }

    /// The hash of what was added.
    @inline(__always)
    mutating func finish() -> UInt32 {
        mix(pending ^ (pendingBitCount &<< 56))
        return UInt32(truncatingIfNeeded: state ^ (state &>> 32))
    }
}
