// Layer: PlatformIO. Uses: libc. Used by: HostAgent and the programs.
// What the system says about itself: names, file systems.

import CLinux

/// The sizes of a mounted file system, in units of `blockByteCount`.
public struct FileSystemUsage: Equatable, Sendable {
    /// The bytes of one block.
    public let blockByteCount: UInt64
    /// All blocks.
    public let blockCount: UInt64
    /// Blocks that hold nothing.
    public let freeBlockCount: UInt64
    /// Blocks that hold nothing and are not reserved for root.
    public let availableBlockCount: UInt64
    /// All file entries; 0 where the file system has no such limit.
    public let fileCount: UInt64
    /// Unused file entries.
    public let freeFileCount: UInt64
    /// Whether the file system is mounted for reading only.
    public let isReadOnly: Bool

    /// Asks about the file system that holds `path`. Can block for long on a network file system whose server is gone.
    public init(holding path: String) throws(IOError) {
        var status = statvfs()
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "inspect", subject: path) }
        guard path.withCString({ statvfs($0, &status) }) == 0 else { throw .last("inspect the file system of", path) }
        blockByteCount = UInt64(status.f_frsize)
        blockCount = UInt64(status.f_blocks)
        freeBlockCount = UInt64(status.f_bfree)
        availableBlockCount = UInt64(status.f_bavail)
        fileCount = UInt64(status.f_files)
        freeFileCount = UInt64(status.f_ffree)
        isReadOnly = oriel_is_read_only(&status) != 0
    }
}

/// The operating system's name and version, as `uname` reports them.
public struct SystemName: Equatable, Sendable {
    /// The name of the system: "Linux".
    public let system: String
    /// The name of this machine.
    public let host: String
    /// The release of the kernel: "6.1.0-18-amd64".
    public let release: String
    /// The version of the kernel's build.
    public let version: String
    /// The kind of processor: "x86_64".
    public let machine: String

    /// Asks the system.
    public static var current: SystemName {
        var name = utsname()
        let result = uname(&name)
        precondition(result >= 0, "uname failed")
        return SystemName(
            system: text(name.sysname), host: text(name.nodename), release: text(name.release),
            version: text(name.version), machine: text(name.machine))
    }

    /// A C array of characters, which Swift sees as a tuple.
    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
