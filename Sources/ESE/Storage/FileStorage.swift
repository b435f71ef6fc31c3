// Layer: ESE/Storage. Uses: ESEEngine (StorageSystem), PlatformIO (DataFile). Used by: whoever makes an instance.
// The engine's files as files of this machine. Buffers only pass through: their bounds are checked in DataFile.

public import ESEEngine
import PlatformIO

/// Files of this machine. Paths are the system's, with `/` between their parts.
public final class FileStorage: StorageSystem {
    private let reservesSpace: Bool
    private let permissions: UInt32

    /// Makes the storage; it has no state of its own.
    /// - Parameters:
    ///   - reservesSpace: whether files grow by zeros that are really written, so that a full disk shows when a file
    ///     grows and not when a page is written into it later. Else what is new is a hole.
    ///   - permissions: those of new files, less what the umask takes away.
    public init(reservesSpace: Bool = false, permissions: UInt32 = 0o666) {
        self.reservesSpace = reservesSpace
        self.permissions = permissions
    }

    /// Opens a file; `denied` if it is a directory, `failed` if it is a device or a pipe.
    public func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        let fileMode: DataFile.Mode =
            switch mode {
            case .reading: .reading
            case .writing: .writing
            case .creating: .creating
            case .replacing: .replacing
            }
        do throws(IOError) {
            return OpenFile(try DataFile(path, fileMode, permissions: permissions), reservesSpace: reservesSpace)
        } catch {
            throw StorageError(error)
        }
    }

    /// Whether there is a file or directory; of a link, whether there is what it points to.
    public func exists(_ path: String) throws(StorageError) -> Bool {
        do throws(IOError) {
            _ = try FileAccess.status(path)
            return true
        } catch {
            if error.isNotFound || error.isNotDirectory { return false }
            throw StorageError(error)
        }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(StorageError) {
        do throws(IOError) { try FileAccess.removeFile(path) } catch { throw StorageError(error) }
    }

    /// Renames a file; both names must be in one file system.
    public func rename(_ path: String, to newPath: String) throws(StorageError) {
        do throws(IOError) { try FileAccess.rename(path, to: newPath) } catch { throw StorageError(error) }
    }

    /// The names in a directory, sorted.
    public func list(_ directory: String) throws(StorageError) -> [String] {
        do throws(IOError) { return try FileAccess.list(directory) } catch { throw StorageError(error) }
    }

    /// Makes a directory, and those above it, if missing; durable when it returns.
    public func createDirectory(_ path: String) throws(StorageError) {
        do throws(IOError) { try FileAccess.createDirectoryDurably(path) } catch { throw StorageError(error) }
    }

    /// Returns when the names in the directory would survive a power failure.
    public func syncDirectory(_ path: String) throws(StorageError) {
        do throws(IOError) { try FileAccess.syncDirectory(path) } catch { throw StorageError(error) }
    }

    /// The path from the root without links, `.` and `..`; also of what isn't there yet.
    public func fullPath(_ path: String) throws(StorageError) -> String {
        do throws(IOError) { return try FileAccess.fullPath(path) } catch { throw StorageError(error) }
    }
}

/// One open file.
private final class OpenFile: StorageFile {
    private let file: DataFile
    private let reservesSpace: Bool

    init(_ file: DataFile, reservesSpace: Bool) {
        self.file = file
        self.reservesSpace = reservesSpace
    }

    var path: String { file.path }

    func byteCount() throws(StorageError) -> UInt64 {
        do throws(IOError) { return try file.byteCount() } catch { throw StorageError(error) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        do throws(IOError) { return try file.read(into: buffer, at: offset) } catch { throw StorageError(error) }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        do throws(IOError) { try file.write(buffer, at: offset) } catch { throw StorageError(error) }
    }

    func setByteCount(_ count: UInt64) throws(StorageError) {
        do throws(IOError) {
            if reservesSpace { try file.growWithZeros(to: count) }
            // Also after growing, which has no effect on a file that was longer.
            try file.setByteCount(count)
        } catch {
            throw StorageError(error)
        }
    }

    func sync() throws(StorageError) {
        do throws(IOError) { try file.sync() } catch { throw StorageError(error) }
    }

    func close() { file.close() }
}

extension StorageError {
    /// What a failed system call means to the engine; the text is the call's.
    init(_ error: IOError) {
        let kind: Kind =
            if error.isNotFound || error.isNotDirectory {
                .notFound
            } else if error.isExisting {
                .exists
            } else if error.isWouldBlock {
                .locked
            } else if error.isPermissionDenied || error.isReadOnly || error.isDirectory {
                .denied
            } else if error.isFull {
                .full
            } else {
                .failed
            }
        self.init(kind, error.description)
    }
}
