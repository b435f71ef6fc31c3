// Layer: ESEEngine/2-Log. Uses: ESEFormat. Used by: LogStream.
// The checkpoint file.

public import ESEFormat
import PlatformIO

/// The checkpoint file, two copies of one sector. One is always whole: a copy is written only when the other is durable
/// and good.
final class CheckpointFile: @unchecked Sendable {
    private let lock = Lock()
    private var file: (any StorageFile)?
    /// The copy that is to be written first: it may be bad.
    private var firstCopy: UInt64 = 0

    func write(
        _ checkpoint: Checkpoint, _ storage: any StorageSystem, _ path: String, directory: String
    ) throws(StorageError) {
        let bytes = checkpoint.encoded()
        try lock.withLock { () throws(StorageError) in
            var isNew = false
            let file: any StorageFile
            if let open = self.file {
                file = open
            } else {
                isNew = try !storage.exists(path)
                file = try storage.open(path, isNew ? .creating : .writing)
                self.file = file
                // What was cut off while it wrote the second copy left only the first.
                if !isNew, firstCopy == 0 { firstCopy = try Self.isGood(file, copy: 1) ? 0 : 1 }
            }
            do throws(StorageError) {
                for copy in [firstCopy, 1 - firstCopy] {
                    firstCopy = copy
                    try file.write(bytes, at: copy * UInt64(bytes.count))
                    try file.sync()
                }
                firstCopy = 0
                if isNew { try storage.syncDirectory(directory) }
            } catch {
                file.close()
                self.file = nil
                throw error
            }
        }
    }

    private static func isGood(_ file: any StorageFile, copy: UInt64) throws(StorageError) -> Bool {
        var bytes = [UInt8](repeating: 0, count: Checkpoint.byteCount)
        let count = try file.read(into: &bytes, at: copy * UInt64(bytes.count))
        return count == bytes.count && (try? Checkpoint(decoding: bytes.span.bytes)) != nil
    }

    func close() {
        lock.withLock {
            file?.close()
            file = nil
        }
    }
}

extension LogStream {
    /// Writes the checkpoint. Its position must be durable and the databases' headers must not need an older
    /// generation: from now on older files may be removed or used again. Signature and parameters are the stream's. A
    /// failure leaves the old checkpoint in force and latches nothing.
    public func writeCheckpoint(_ checkpoint: Checkpoint) throws(JetError) {
        precondition(checkpoint.position <= flushedPosition, "the checkpoint is durable log")
        var checkpoint = checkpoint
        checkpoint.signature = options.signature
        checkpoint.parameters = options.parameters
        do throws(StorageError) {
            try checkpointFile.write(checkpoint, storage, names.checkpoint, directory: options.checkpointDirectory)
        } catch {
            reporter.report(.warning, "the checkpoint can't be written: \(error.text)")
            throw LogError.of(error)
        }
        lock.withLock { control.pointee.checkpoint = max(control.pointee.checkpoint, checkpoint.position) }
    }
}
