// Layer: ESETestKit/Simulation. Uses: DiskState. Used by: SimulatedDisk.
// An open file of a simulated disk. Buffers are copied within their bounds, as collections.

import ESEEngine
import Synchronization

/// An open file; dead once the power failed.
final class SimulatedFile: StorageFile {
    let path: String
    private let disk: SimulatedDisk
    private let file: Guarded
    private let epoch: Int
    private let isWriter: Bool
    private let isClosed = Atomic(false)
    private let isSyncBroken = Atomic(false)

    /// Reached only through the disk's lock.
    private struct Guarded: @unchecked Sendable { let node: FileNode }

    init(_ disk: SimulatedDisk, _ path: String, _ node: FileNode, _ epoch: Int, isWriter: Bool) {
        self.disk = disk
        self.path = path
        self.epoch = epoch
        self.isWriter = isWriter
        file = Guarded(node: node)
    }

    deinit { close() }

    private func withState<Result>(
        _ body: (DiskState, FileNode) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        precondition(!isClosed.load(ordering: .relaxed), "the file is closed")
        return try disk.withState { state throws(StorageError) in
            guard state.epoch == epoch else {
                throw StorageError(.failed, "cannot use \(path): it was open when the power failed")
            }
            return try body(state, file.node)
        }
    }

    /// Offsets that no memory has room for are an error.
    private func place(_ offset: UInt64, _ count: Int = 0) throws(StorageError) -> Int {
        guard offset <= 1 << 40 else { throw StorageError(.failed, "cannot reach byte \(offset) of \(path)") }
        return Int(offset)
    }

    func byteCount() throws(StorageError) -> UInt64 {
        try withState { state, node throws(StorageError) in
            try state.call(StorageCall(operation: .byteCount, path: path)) { () throws(StorageError) in
                UInt64(node.content.count)
            }
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        let start = try place(offset)
        return try withState { state, node throws(StorageError) in
            let call = StorageCall(operation: .read, path: path, offset: offset, byteCount: buffer.count)
            return try state.call(call) { () throws(StorageError) in
                let count = max(0, min(buffer.count, node.content.count - start))
                if count > 0 {
                    node.content.withUnsafeBytes { content in
                        // Bounds: count is no more than either buffer has from its start.
                        UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: content[start..<(start + count)]))
                    }
                }
                return count
            }
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        precondition(isWriter, "opened for reading")
        let start = try place(offset)
        let bytes = [UInt8](buffer)
        try withState { state, node throws(StorageError) in try state.write(bytes, at: start, node, path) }
    }

    func setByteCount(_ count: UInt64) throws(StorageError) {
        precondition(isWriter, "opened for reading")
        let size = try place(count)
        try withState { state, node throws(StorageError) in try state.setByteCount(size, node, path) }
    }

    func sync() throws(StorageError) {
        try withState { state, node throws(StorageError) in
            guard !isSyncBroken.load(ordering: .relaxed) else {
                throw StorageError(.failed, "cannot sync \(path): an earlier call failed")
            }
            do throws(StorageError) {
                try state.sync(node, path)
            } catch {
                isSyncBroken.store(true, ordering: .relaxed)
                throw error
            }
        }
    }

    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing), isWriter else { return }
        disk.withState { if $0.epoch == epoch { file.node.isLocked = false } }
    }
}
