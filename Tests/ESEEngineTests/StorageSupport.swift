// The calls of a storage with arrays instead of buffers.

import ESEEngine

extension StorageFile {
    /// Writes an array.
    func write(_ bytes: [UInt8], at offset: UInt64) throws(StorageError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(StorageError) in try write(buffer, at: offset) }
        }
        try result.get()
    }

    /// Reads up to `count` bytes.
    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(StorageError) in try read(into: buffer, at: offset) }
        }
        bytes.removeLast(count - (try result.get()))
        return bytes
    }
}
