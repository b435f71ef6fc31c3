// Layer: PlatformIO. Uses: libc. Used by: programs (configuration, engine boots) and HostAgent (/proc).
// Files as a whole: reading with a limit, writing so that a crash leaves the old or the new content and never a mix.

import CLinux
import Primitives

/// Whole-file operations. All block; all throw `IOError` with the path in it.
public enum FileAccess {
    /// The limit of `read` unless told: 16 MiB.
    public static let defaultLimit = 16 << 20

    /// Reads a whole file, also one under /proc whose size the system doesn't know beforehand.
    /// - Parameter limit: the most bytes to accept; a longer file throws `EFBIG`.
    public static func read(_ path: String, limit: Int = defaultLimit) throws(IOError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(path, into: &bytes, limit: limit)
        return bytes
    }

    /// Reads a whole file over the contents of `bytes`, whose memory is used again: for files read time after time.
    public static func read(_ path: String, into bytes: inout [UInt8], limit: Int = defaultLimit) throws(IOError) {
        bytes.removeAll(keepingCapacity: true)
        try readAll(try open(path, O_RDONLY, mode: 0, "open"), path, into: &bytes, limit: limit)
    }

    /// Reads an open file to its end, behind what `bytes` holds.
    static func readAll(
        _ file: borrowing Descriptor, _ path: String, into bytes: inout [UInt8], limit: Int
    ) throws(IOError) {
        let number = file.number
        var step = 4_096
        while true {
            let count = bytes.count
            // One byte beyond the limit tells a file that is too long from one that just fits.
            let room = min(step, limit - count + 1)
            bytes.append(contentsOf: repeatElement(0, count: room))
            let result = bytes.withUnsafeMutableBufferPointer { buffer in
                retryingInterrupted { CLinux.read(number, buffer.baseAddress.map { $0 + count }, room) }
            }
            guard result >= 0 else {
                let error = IOError.last("read", path)
                bytes.removeAll(keepingCapacity: true)
                throw error
            }
            bytes.removeLast(room - result)
            guard bytes.count <= limit else {
                bytes.removeAll(keepingCapacity: true)
                throw IOError(code: EFBIG, operation: "read", subject: path)
            }
            if result == 0 { return }
            step = min(step * 2, 1 << 20)
        }
    }

    /// Reads a whole file as UTF-8 text; octets that are not become replacement characters.
    public static func readText(_ path: String, limit: Int = defaultLimit) throws(IOError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Replaces a file's contents: after a crash at any moment the file has all of the old or all of the new ones.
    ///
    /// Writes a temporary file beside it, brings that to the disk, renames it over the old one and brings the directory
    /// to the disk. Once this returns, the new contents survive a power failure.
    /// - Parameter mode: the permissions of the file, not reduced by the umask; owner only unless told.
    public static func writeAtomically(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600
    ) throws(IOError) {
        // The process and the moment keep two writers apart; O_EXCL refuses a file or link that somebody planted.
        let temporary = "\(path).\(getpid()).\(SystemClock.now.nanoseconds).tmp"
        var isCreated = false
        do throws(IOError) {
            try writeNew(temporary, bytes, mode, &isCreated)
            let result = temporary.withCString { from in path.withCString { CLinux.rename(from, $0) } }
            guard result == 0 else { throw .last("replace", path) }
        } catch {
            if isCreated { _ = temporary.withCString { unlink($0) } }
            throw IOError(code: error.code, operation: error.operation, subject: path)
        }
        let directory = try open(parentDirectory(of: path), O_RDONLY | O_DIRECTORY, mode: 0, "open")
        // Some file systems can't sync a directory and say EINVAL; then there is nothing more to be done.
        if fsync(directory.number) != 0 && oriel_errno() != EINVAL { throw .last("sync the directory of", path) }
    }

    private static func writeNew(
        _ path: String, _ bytes: [UInt8], _ mode: UInt32, _ isCreated: inout Bool
    ) throws(IOError) {
        let file = try open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, "create")
        isCreated = true
        let code = bytes.withUnsafeBufferPointer { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while !rest.isEmpty {
                let count = retryingInterrupted { write(file.number, rest.baseAddress, rest.count) }
                if count < 0 { return oriel_errno() }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
        guard code == 0 else { throw IOError(code: code, operation: "write", subject: path) }
        guard fchmod(file.number, mode_t(mode)) == 0 else { throw .last("set the permissions of", path) }
        guard fsync(file.number) == 0 else { throw .last("sync", path) }
        try file.closeReporting(path)
    }

    /// The names in a directory, sorted, without `.` and `..`.
    public static func list(_ path: String) throws(IOError) -> [String] {
        try checkPath(path, "list")
        guard let directory = path.withCString({ opendir($0) }) else { throw .last("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            oriel_clear_errno()
            guard let entry = readdir(directory) else {
                guard oriel_errno() == 0 else { throw .last("list", path) }
                return names.sorted()
            }
            let name = String(cString: oriel_entry_name(entry))
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Whether something exists at `path`, links followed.
    public static func exists(_ path: String) -> Bool {
        !path.utf8.contains(0) && path.withCString { access($0, F_OK) } == 0
    }

    /// Makes a directory and those above it that are missing. No error if it is there.
    public static func createDirectory(_ path: String, mode: UInt32 = 0o755) throws(IOError) {
        try checkPath(path, "create the directory")
        if path.withCString({ mkdir($0, mode_t(mode)) }) == 0 { return }
        let code = oriel_errno()
        if code == EEXIST && path.withCString({ oriel_is_directory($0) }) != 0 { return }
        let parent = parentDirectory(of: path)
        guard code == ENOENT, parent != path else {
            throw IOError(code: code, operation: "create the directory", subject: path)
        }
        try createDirectory(parent, mode: mode)
        guard path.withCString({ mkdir($0, mode_t(mode)) }) == 0 || oriel_errno() == EEXIST
        else { throw .last("create the directory", path) }
    }

    /// Removes a file or an empty directory.
    public static func remove(_ path: String) throws(IOError) {
        try checkPath(path, "remove")
        guard path.withCString({ CLinux.remove($0) }) == 0 else { throw .last("remove", path) }
    }

    /// The directory that holds `path`: what stands before its last component.
    static func parentDirectory(of path: String) -> String {
        var parts = path[...]
        while parts.count > 1 && parts.last == "/" { parts.removeLast() }
        guard let slash = parts.lastIndex(of: "/") else { return "." }
        var parent = parts[..<slash]
        while parent.last == "/" { parent.removeLast() }
        return parent.isEmpty ? "/" : String(parent)
    }

    /// C would read a path only as far as a NUL byte, and so a different file.
    static func checkPath(_ path: String, _ operation: String) throws(IOError) {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: operation, subject: path) }
    }

    static func open(
        _ path: String, _ flags: Int32, mode: UInt32, _ operation: String
    ) throws(IOError) -> Descriptor {
        try checkPath(path, operation)
        let number = retryingInterrupted { oriel_open(path, flags | O_CLOEXEC, mode) }
        guard number >= 0 else { throw .last(operation, path) }
        return Descriptor(owning: number)
    }
}
