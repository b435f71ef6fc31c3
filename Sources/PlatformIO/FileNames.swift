// Layer: PlatformIO. Uses: libc, FileAccess. Used by: stores that rename and remove files, and must know them by name.
// Names of files: renaming, removing, bringing a directory to the disk, one path for each file.

import CLinux

extension FileAccess {
    /// Removes a file; a directory is an error (`EISDIR`).
    public static func removeFile(_ path: String) throws(IOError) {
        try checkPath(path, "remove")
        if path.withCString({ unlink($0) }) == 0 { return }
        let code = oriel_errno()
        // POSIX says EPERM, Linux says EISDIR.
        let isDirectory = code == EPERM && path.withCString({ oriel_is_directory($0) }) != 0
        throw IOError(code: isDirectory ? EISDIR : code, operation: "remove", subject: path)
    }

    /// Renames a file, which takes the place of another one of the new name in one step.
    public static func rename(_ path: String, to newPath: String) throws(IOError) {
        try checkPath(path, "rename")
        try checkPath(newPath, "rename to")
        let result = path.withCString { from in newPath.withCString { CLinux.rename(from, $0) } }
        guard result == 0 else { throw .last("rename to \(newPath)", path) }
    }

    /// Returns when the names in a directory would survive a power failure.
    public static func syncDirectory(_ path: String) throws(IOError) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY, mode: 0, "open")
        guard retryingInterrupted({ fsync(directory.number) }) != 0 else { return }
        // Some file systems can't sync a directory and say EINVAL; then there is nothing more to be done.
        if oriel_errno() != EINVAL { throw .last("sync the directory", path) }
    }

    /// Makes a directory and those above it that are missing; their names survive a power failure when this returns.
    public static func createDirectoryDurably(_ path: String, mode: UInt32 = 0o777) throws(IOError) {
        try checkPath(path, "create the directory")
        if path.withCString({ oriel_is_directory($0) }) != 0 { return }
        let parent = parentDirectory(of: path)
        if parent != path { try createDirectoryDurably(parent, mode: mode) }
        guard path.withCString({ mkdir($0, mode_t(mode)) }) == 0 || oriel_errno() == EEXIST
        else { throw .last("create the directory", path) }
        guard path.withCString({ oriel_is_directory($0) }) != 0 else {
            throw IOError(code: EEXIST, operation: "create the directory", subject: path)
        }
        try syncDirectory(parent)
    }

    /// How many links to a name that isn't there yet are followed.
    private static let linkLimit = 40

    /// The path from the root without links, `.` and `..`, so that two paths of one file are equal. Of what isn't there
    /// yet, the part that is there is resolved and the rest taken as it is said.
    public static func fullPath(_ path: String) throws(IOError) -> String {
        try fullPath(path, linkLimit)
    }

    private static func fullPath(_ path: String, _ linksLeft: Int) throws(IOError) -> String {
        try checkPath(path, "resolve")
        guard !path.isEmpty else { throw IOError(code: ENOENT, operation: "resolve", subject: path) }
        if let found = path.withCString({ realpath($0, nil) }) {
            defer { free(found) }
            return String(cString: found)
        }
        guard oriel_errno() == ENOENT else { throw .last("resolve", path) }
        if linksLeft > 0, let target = try? readLink(path) {
            // A link to something that isn't there: opening the link would make that.
            let isAbsolute = target.utf8.first == UInt8(ascii: "/")
            return try fullPath(isAbsolute ? target : "\(parentDirectory(of: path))/\(target)", linksLeft - 1)
        }
        let parent = parentDirectory(of: path)
        guard parent != path else { throw IOError(code: ENOENT, operation: "resolve", subject: path) }
        let resolved = try fullPath(parent, linksLeft)
        let name = path.split(separator: "/").last ?? ""
        if name == "." { return resolved }
        if name == ".." { return parentDirectory(of: resolved) }
        return resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
    }
}
