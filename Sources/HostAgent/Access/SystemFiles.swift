// Layer: HostAgent/Access. Uses: PlatformIO. Used by: programs that offer this machine.

import PlatformIO

/// The machine that this program runs on.
public struct SystemFiles: HostFiles {
    /// Makes an access to this machine.
    public init() {}

    /// Reads the beginning of a file. A file that is not there, or not for this user, is nil.
    public func read(_ path: String, limit: Int) -> [UInt8]? { try? FileAccess.readPrefix(path, limit: limit) }

    /// Reads the beginning of a list without looking for its end.
    public func readList(_ path: String, limit: Int) -> [UInt8]? {
        try? FileAccess.readPrefix(path, limit: limit, longestLine: 512)
    }

    /// Lists a directory.
    public func entries(of directory: String, limit: Int) -> [String]? {
        (try? FileAccess.list(directory)).map { Array($0.prefix(limit)) }
    }

    /// Looks whether something is there, following links.
    public func exists(_ path: String) -> Bool { FileAccess.exists(path) }

    /// Asks for the space of a file system.
    public func space(at path: String) -> FileSystemSpace? {
        guard let usage = try? FileSystemUsage(holding: path) else { return nil }
        return FileSystemSpace(
            blockByteCount: usage.blockByteCount, blockCount: usage.blockCount, freeBlockCount: usage.freeBlockCount,
            availableBlockCount: usage.availableBlockCount, inodeCount: usage.fileCount,
            freeInodeCount: usage.freeFileCount)
    }

    /// What `uname` tells.
    public var identity: HostIdentity? {
        let name = SystemName.current
        return HostIdentity(
            system: name.system, node: name.host, release: name.release, version: name.version, machine: name.machine)
    }

    /// The addresses of all interfaces; none if the system does not tell.
    public var ipv4Addresses: [HostIPv4Address] {
        let addresses = (try? InterfaceAddress.ipv4()) ?? []
        return addresses.map {
            HostIPv4Address(interfaceName: $0.name, address: $0.address, mask: $0.mask, canBroadcast: $0.canBroadcast)
        }
    }

    /// The time of day.
    public var wallDeciseconds: Int64 { SystemClock.wallNanoseconds / 100_000_000 }

    /// By the machine's time zone; 0 for times that no calendar has.
    public func utcOffsetSeconds(at wallSeconds: Int64) -> Int {
        LocalTime(wallSeconds: wallSeconds)?.utcOffsetSeconds ?? 0
    }

    /// What the kernel was built with, mostly 100.
    public var ticksPerSecond: UInt64 { SystemUnits.ticksPerSecond }

    /// What the processor uses, mostly 4096.
    public var pageByteCount: UInt64 { SystemUnits.pageByteCount }
}
