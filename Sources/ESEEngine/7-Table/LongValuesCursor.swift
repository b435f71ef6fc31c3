// Layer: ESEEngine/7-Table. Uses: TreeCursor, Compression, Compressor, RecordBuffer's test for noise. Used by:
// LongValues, LongValueReader.
// A place in the tree of long values, for one session: roots and chunks are found, read, written.
//
// A chunk has no flag for compression: one that is shorter than it has to be is compressed. So a last chunk is always
// written anew when the size of the value changes what it has to be.

import ESEFormat

/// What is written over a value, or behind it.
struct LongValueWrite {
    /// Where; begins inside the value or at its end.
    var range: Range<Int>
    /// The bytes; nil means zeros.
    var source: UnsafeRawPointer?
    /// Whether chunks are compressed that get shorter by it.
    var isCompressed: Bool
    /// The update it belongs to; 0 for none.
    var update: UInt32

    /// Where the bytes of a place of the value are.
    func source(at offset: Int) -> UnsafeRawPointer? { source.map { $0 + (offset - range.lowerBound) } }
}

/// The root of a value as a transaction sees it.
struct SeenLongValue {
    let byteCount: Int
    /// Without what others have not committed for the transaction.
    let referenceCount: Int
}

/// Works on long values for one session.
final class LongValueCursor {
    let values: LongValues
    let cursor: TreeCursor
    private let chunkByteCount: Int
    private let keyMemory: UnsafeMutableRawPointer
    private var chunkMemory: UnsafeMutableRawPointer?
    private var plain: [UInt8] = []
    /// The compressed form of a whole chunk of zeros, once it was needed.
    private var zeros: [UInt8]?

    init(_ values: LongValues, _ worker: Worker) {
        self.values = values
        cursor = TreeCursor(values.tree, worker)
        chunkByteCount = values.chunkByteCount
        keyMemory = .allocate(byteCount: 16, alignment: 8)
    }

    deinit {
        keyMemory.deallocate()
        chunkMemory?.deallocate()
    }

    // MARK: Keys.

    /// The key of a root. Valid until the next key is made.
    func key(_ id: LongValueID) -> Bytes {
        if id.isWide {
            keyMemory.storeBytes(of: id.rawValue.bigEndian, as: UInt64.self)
            return Bytes(UnsafeRawPointer(keyMemory), 8)
        }
        keyMemory.storeBytes(of: UInt32(truncatingIfNeeded: id.rawValue).bigEndian, as: UInt32.self)
        return Bytes(UnsafeRawPointer(keyMemory), 4)
    }

    /// The key of the chunk at an offset. Valid until the next key is made.
    private func key(_ id: LongValueID, at offset: Int) -> Bytes {
        let root = key(id).byteCount
        keyMemory.storeBytes(
            of: UInt32(truncatingIfNeeded: offset).bigEndian, toByteOffset: root, as: UInt32.self)
        return Bytes(UnsafeRawPointer(keyMemory), root + 4)
    }

    // MARK: Roots.

    /// Goes to the root of a value and lets go of it.
    /// - Throws: `lvCorrupted` if the transaction sees none, `decryptionFailed`, what trees throw.
    func root(of id: LongValueID) throws(JetError) -> SeenLongValue {
        guard try cursor.seek(key(id), .equal) else { throw .lvCorrupted }
        defer { cursor.release() }
        guard let root = try? LongValueRoot(RawSpan(_unsafeBytes: cursor.data.buffer)) else { throw .lvCorrupted }
        if root.isEncrypted { throw .decryptionFailed }
        return SeenLongValue(
            byteCount: Int(root.byteCount), referenceCount: Int(try cursor.number(at: 0, byteCount: 4)))
    }

    /// The first value behind another, or of all; nil if there is none.
    func firstRoot(from last: LongValueID?) throws(JetError) -> (id: LongValueID, referenceCount: Int)? {
        defer { cursor.reset() }
        var isThere: Bool
        if let last {
            guard last.rawValue < (last.isWide ? UInt64.max : UInt64(UInt32.max)) else { return nil }
            let next =
                last.isWide
                ? LongValueID(wide: last.rawValue + 1) : LongValueID(UInt32(truncatingIfNeeded: last.rawValue + 1))
            isThere = try cursor.seek(key(next), .greaterOrEqual)
        } else {
            isThere = try cursor.first()
        }
        while isThere {
            let bytes = cursor.key.array()
            guard let found = try? LongValueKey(bytes.span.bytes) else { throw .lvCorrupted }
            if found.offset == nil { return (found.id, Int(try cursor.number(at: 0, byteCount: 4))) }
            isThere = try cursor.next()
        }
        return nil
    }

    /// Inserts the root of a value with one reference.
    func insertRoot(_ id: LongValueID, byteCount: Int, update: UInt32) throws(JetError) {
        cursor.release()
        let bookmark = Bookmark(key: key(id))
        try withUnsafeRoot(byteCount) { (data) throws(JetError) in
            try cursor.insert(bookmark, data: data, update: update)
        }
    }

    /// Takes the root, at which the cursor is, for a change of the value, and gives it another size.
    func takeRoot(old: Int, new: Int, update: UInt32) throws(JetError) {
        if old == new { return try cursor.lock(.writeLock.of(update: update)) }
        try withUnsafeRoot(new) { (data) throws(JetError) in try cursor.replace(data, update: update) }
    }

    private func withUnsafeRoot(_ byteCount: Int, _ body: (Bytes) throws(JetError) -> Void) throws(JetError) {
        // Reference count in the low half.
        let word = (UInt64(UInt32(truncatingIfNeeded: byteCount)) << 32 | 1).littleEndian
        try withUnsafeBytes(of: word) { (bytes) throws(JetError) in try body(Bytes(bytes)) }
    }

    // MARK: Reading.

    /// Reads a part of a value; see `LongValues.read`.
    func read(
        _ id: LongValueID, from offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        precondition(offset >= 0, "offsets are not negative")
        let size = try root(of: id).byteCount
        return try read(id, size: size, from: offset, into: target)
    }

    /// The same with the size known and the cursor at the root.
    func read(
        _ id: LongValueID, size: Int, from offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        guard let base = target.baseAddress, target.count > 0, offset < size else { return 0 }
        let end = target.count < size - offset ? offset + target.count : size
        defer { cursor.reset() }
        var position = offset
        var start = position - position % chunkByteCount
        // The first chunk is right behind the root.
        var isBefore = start == 0
        while position < end {
            let isThere = isBefore ? try cursor.next() : try cursor.seek(key(id, at: start), .equal)
            guard isThere, !isBefore || cursor.compareKey(key(id, at: start)) == 0 else { throw .lvCorrupted }
            let expected = min(chunkByteCount, size - start)
            let from = position - start
            let count = min(end - start, expected) - from
            try copyChunk(expected: expected, from, count, to: base + (position - offset))
            position += count
            start += chunkByteCount
            isBefore = true
        }
        return end - offset
    }

    /// Copies a part of the chunk at which the cursor is.
    private func copyChunk(
        expected: Int, _ offset: Int, _ count: Int, to target: UnsafeMutableRawPointer
    ) throws(JetError) {
        let stored = cursor.data
        if stored.byteCount == expected {
            target.copyMemory(from: stored.start + offset, byteCount: count)
            return
        }
        guard stored.byteCount < expected else { throw .lvCorrupted }
        var bytes = plain
        plain = []
        bytes.removeAll(keepingCapacity: true)
        do throws(FormatError) {
            try Compression.expand(RawSpan(_unsafeBytes: stored.buffer), into: &bytes, limit: expected)
        } catch {
            throw .decompressionFailed
        }
        guard bytes.count == expected else { throw .lvCorrupted }
        bytes.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { target.copyMemory(from: base + offset, byteCount: count) }
        }
        plain = bytes
    }

    // MARK: Writing.

    /// Changes the chunks of a value whose root is the transaction's: from one size to another, with bytes written
    /// over.
    func change(_ id: LongValueID, from old: Int, to new: Int, _ write: LongValueWrite) throws(JetError) {
        try removeChunks(id, from: new, to: old)
        var start = write.range.lowerBound - write.range.lowerBound % chunkByteCount
        var end = write.range.upperBound
        if write.range.isEmpty {
            // Cut inside a chunk, which has to be written as a last one.
            guard new < old, new % chunkByteCount != 0 else { return }
            start = new - new % chunkByteCount
            end = new
        }
        while start < end {
            try changeChunk(id, at: start, from: old, to: new, write)
            start += chunkByteCount
        }
    }

    private func removeChunks(_ id: LongValueID, from new: Int, to old: Int) throws(JetError) {
        var start = (new + chunkByteCount - 1) / chunkByteCount * chunkByteCount
        guard start < old else { return }
        guard try cursor.seek(key(id, at: start), .equal) else { throw .lvCorrupted }
        while true {
            try cursor.delete()
            start += chunkByteCount
            guard start < old else { return }
            guard try cursor.next(), cursor.compareKey(key(id, at: start)) == 0 else { throw .lvCorrupted }
        }
    }

    private func changeChunk(
        _ id: LongValueID, at start: Int, from old: Int, to new: Int, _ write: LongValueWrite
    ) throws(JetError) {
        let oldCount = max(0, min(chunkByteCount, old - start))
        let newCount = min(chunkByteCount, new - start)
        let part = write.range.clamped(to: start..<(start + newCount))
        if oldCount > 0 {
            guard try cursor.seek(key(id, at: start), .equal) else { throw .lvCorrupted }
        }
        if part.count == newCount, let source = write.source(at: start) {
            try store(id, at: start, Bytes(source, newCount), replacing: oldCount > 0, write)
            return
        }
        let memory = chunk()
        if part.count < newCount {
            // What is neither old nor written would be a hole.
            precondition(max(oldCount, part.upperBound - start) >= newCount && part.lowerBound - start <= oldCount)
            if oldCount > 0 { try copyChunk(expected: oldCount, 0, min(oldCount, newCount), to: memory) }
        }
        if let source = write.source(at: part.lowerBound) {
            (memory + (part.lowerBound - start)).copyMemory(from: source, byteCount: part.count)
        } else {
            (memory + (part.lowerBound - start)).initializeMemory(as: UInt8.self, repeating: 0, count: part.count)
        }
        let isZeros = write.source == nil && part.count == chunkByteCount
        try store(id, at: start, Bytes(UnsafeRawPointer(memory), newCount), replacing: oldCount > 0, write, isZeros)
    }

    /// Stores a chunk, compressed if that is wanted and good.
    private func store(
        _ id: LongValueID, at start: Int, _ chunk: Bytes, replacing: Bool, _ write: LongValueWrite,
        _ isZeros: Bool = false
    ) throws(JetError) {
        guard write.isCompressed, let packed = compress(chunk, isZeros) else {
            return try put(id, at: start, chunk, replacing: replacing, write.update)
        }
        try packed.lend { (data) throws(JetError) in try put(id, at: start, data, replacing: replacing, write.update) }
    }

    private func compress(_ chunk: Bytes, _ isZeros: Bool) -> [UInt8]? {
        if isZeros, let zeros { return zeros }
        guard RecordBuffer.isWorthCompressing(chunk.buffer) else { return nil }
        let packed = Compressor.compress(
            RawSpan(_unsafeBytes: chunk.buffer), minimumForXpress: values.minimumForXpress)
        if isZeros { zeros = packed }
        return packed
    }

    /// Inserts a chunk, or replaces that at which the cursor is.
    private func put(
        _ id: LongValueID, at start: Int, _ data: Bytes, replacing: Bool, _ update: UInt32
    ) throws(JetError) {
        if replacing { return try cursor.replace(data, update: update) }
        cursor.release()
        do throws(JetError) {
            try cursor.insert(Bookmark(key: key(id, at: start)), data: data, update: update)
        } catch {
            // The root is the transaction's: there is no such chunk, or the tree is damaged.
            throw error == .keyDuplicate ? .lvCorrupted : error
        }
    }

    /// Copies the first bytes of a value to another that has no chunks yet, chunks as they are stored if they fit.
    /// - Parameters:
    ///   - size: The size of the value.
    ///   - count: How many bytes, up to `size`.
    func copy(
        _ id: LongValueID, size: Int, _ count: Int, to new: LongValueID, isCompressed: Bool, update: UInt32
    ) throws(JetError) {
        let memory = chunk()
        var write = LongValueWrite(
            range: 0..<count, source: UnsafeRawPointer(memory), isCompressed: isCompressed, update: update)
        var start = 0
        while start < count {
            let isThere = start == 0 ? try cursor.seek(key(id, at: 0), .equal) : try cursor.next()
            guard isThere, start == 0 || cursor.compareKey(key(id, at: start)) == 0 else { throw .lvCorrupted }
            let expected = min(chunkByteCount, size - start)
            let wanted = min(chunkByteCount, count - start)
            if wanted == expected {
                let stored = cursor.data
                guard stored.byteCount <= expected else { throw .lvCorrupted }
                memory.copyMemory(from: stored.start, byteCount: stored.byteCount)
                let data = Bytes(UnsafeRawPointer(memory), stored.byteCount)
                try put(new, at: start, data, replacing: false, update)
            } else {
                try copyChunk(expected: expected, 0, wanted, to: memory)
                write.range = start..<(start + wanted)
                let data = Bytes(UnsafeRawPointer(memory), wanted)
                try store(new, at: start, data, replacing: false, write)
            }
            start += chunkByteCount
        }
        cursor.reset()
    }

    private func chunk() -> UnsafeMutableRawPointer {
        if let chunkMemory { return chunkMemory }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: chunkByteCount, alignment: 8)
        chunkMemory = memory
        return memory
    }
}
