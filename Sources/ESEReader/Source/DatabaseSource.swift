// Layer: ESEReader/Source. Uses: RandomAccessFile. Used by: PageStore.
// Where the bytes of a database come from: the only way to the outside.

public import PlatformIO

/// Bytes that can be read at any place: a file, memory, a part of a disk image.
public protocol DatabaseSource: Sendable {
    /// What to call it in messages: usually the path.
    var name: String { get }
    /// How many bytes there are.
    var byteCount: UInt64 { get }
    /// Reads from `offset` over the first `count` bytes of `bytes`, which holds at least so many.
    /// - Returns: how many were read: fewer than `count` only at the end.
    func read(at offset: UInt64, into bytes: inout [UInt8], count: Int) throws(IOError) -> Int
}

extension RandomAccessFile: DatabaseSource {
    /// The path.
    public var name: String { path }
}

/// A database in memory.
public struct MemorySource: DatabaseSource {
    /// What to call it in messages.
    public let name: String
    private let bytes: [UInt8]

    /// Makes a source of bytes.
    public init(_ bytes: [UInt8], name: String = "memory") {
        self.bytes = bytes
        self.name = name
    }

    /// How many bytes there are.
    public var byteCount: UInt64 { UInt64(bytes.count) }

    /// Copies a part.
    public func read(at offset: UInt64, into buffer: inout [UInt8], count: Int) throws(IOError) -> Int {
        guard let start = Int(exactly: offset), start < bytes.count else { return 0 }
        let part = bytes[start...].prefix(count)
        buffer.replaceSubrange(0..<part.count, with: part)
        return part.count
    }
}
