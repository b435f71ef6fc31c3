// Directories of their own, and the calls of a storage with arrays instead of buffers.

import ESEEngine
import PlatformIO
import Testing

/// A directory of its own for one test, removed with everything in it at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/oriel-ese-\(Program.id)-\(UInt64.random(in: 0...UInt64.max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { TemporaryDirectory.removeAll(path) }

    private static func removeAll(_ path: String) {
        let isLink = (try? FileAccess.readLink(path)) != nil
        for name in isLink ? [] : (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }
}

extension StorageFile {
    func write(_ bytes: [UInt8], at offset: UInt64) throws(StorageError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(StorageError) in try write(buffer, at: offset) }
        }
        try result.get()
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(StorageError) in try read(into: buffer, at: offset) }
        }
        bytes.removeLast(count - (try result.get()))
        return bytes
    }
}

/// What `body` failed with; nil, and an issue, if it didn't.
func kind(
    _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> StorageError.Kind? {
    #expect(throws: StorageError.self, sourceLocation: sourceLocation) { try body() }?.kind
}
