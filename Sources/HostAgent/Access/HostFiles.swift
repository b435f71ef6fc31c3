// Layer: HostAgent/Access. Uses: nothing. Used by: HostSampler, SystemFiles, tests with invented machines.
// The one seam to the machine: everything the objects are made of comes through here, so a dictionary of texts can
// stand in for it. Nothing here throws: what can't be read is nil, and the object made of it is left out.

/// What the machine calls itself, as `uname` tells it.
public struct HostIdentity: Hashable, Sendable {
    /// The operating system: `Linux`.
    public var system: String
    /// The host's name.
    public var node: String
    /// The release of the kernel.
    public var release: String
    /// The build of the kernel.
    public var version: String
    /// The architecture: `x86_64`.
    public var machine: String

    /// Makes a name.
    public init(system: String, node: String, release: String, version: String, machine: String) {
        self.system = system
        self.node = node
        self.release = release
        self.version = version
        self.machine = machine
    }
}

/// How full a file system is, as `statvfs` tells it.
public struct FileSystemSpace: Hashable, Sendable {
    /// The size of a block in bytes (f_frsize).
    public var blockByteCount: UInt64
    /// All blocks.
    public var blockCount: UInt64
    /// Blocks nobody uses, those kept for root among them.
    public var freeBlockCount: UInt64
    /// Blocks that users other than root can still take.
    public var availableBlockCount: UInt64
    /// All inodes; 0 where the file system has no fixed number.
    public var inodeCount: UInt64
    /// Inodes nobody uses.
    public var freeInodeCount: UInt64

    /// Makes a description.
    public init(
        blockByteCount: UInt64, blockCount: UInt64, freeBlockCount: UInt64, availableBlockCount: UInt64,
        inodeCount: UInt64 = 0, freeInodeCount: UInt64 = 0
    ) {
        self.blockByteCount = blockByteCount
        self.blockCount = blockCount
        self.freeBlockCount = freeBlockCount
        self.availableBlockCount = availableBlockCount
        self.inodeCount = inodeCount
        self.freeInodeCount = freeInodeCount
    }
}

/// An IPv4 address of an interface. (IPv6 addresses come from `/proc/net/if_inet6`, with their states.)
public struct HostIPv4Address: Hashable, Sendable {
    /// The name of the interface; of an alias such as `eth0:1` the name with its label.
    public var interfaceName: String
    /// The address, first octet in the highest byte.
    public var address: UInt32
    /// The network mask, likewise.
    public var mask: UInt32
    /// Whether the interface can broadcast.
    public var canBroadcast: Bool

    /// Makes an address.
    public init(interfaceName: String, address: UInt32, mask: UInt32, canBroadcast: Bool) {
        self.interfaceName = interfaceName
        self.address = address
        self.mask = mask
        self.canBroadcast = canBroadcast
    }
}

/// The machine, as far as managed objects are made of it.
public protocol HostFiles {
    /// The first `limit` bytes of a file; nil if it can't be read.
    func read(_ path: String, limit: Int) -> [UInt8]?
    /// The same for a list that the kernel makes up as it is read, in lines of at most 512 bytes.
    func readList(_ path: String, limit: Int) -> [UInt8]?
    /// At most `limit` names in a directory, in any order; nil if it can't be read.
    func entries(of directory: String, limit: Int) -> [String]?
    /// Whether there is a file or directory of this name.
    func exists(_ path: String) -> Bool
    /// The space of the file system mounted at `path`; nil if the system does not tell.
    func space(at path: String) -> FileSystemSpace?
    /// What the machine calls itself; nil if the system does not tell.
    var identity: HostIdentity? { get }
    /// The IPv4 addresses of all interfaces.
    var ipv4Addresses: [HostIPv4Address] { get }
    /// Tenths of a second since 1970-01-01 00:00 UTC.
    var wallDeciseconds: Int64 { get }
    /// How far local time was or will be ahead of UTC at a time in seconds since 1970, in seconds.
    func utcOffsetSeconds(at wallSeconds: Int64) -> Int
    /// How many ticks of `/proc/stat` make a second.
    var ticksPerSecond: UInt64 { get }
    /// The size of a memory page in bytes.
    var pageByteCount: UInt64 { get }
}

/// How much of a machine is shown at most, so that a machine with very many of something costs bounded time and memory.
/// What lies beyond is left out.
public enum HostLimits {
    /// Interfaces.
    public static let interfaceCount = 4096
    /// Addresses, and neighbours.
    public static let addressCount = 8192
    /// Sockets of each kind (TCP, UDP; IPv4, IPv6).
    public static let socketCount = 8192
    /// Processes, lowest numbers first.
    public static let processCount = 8192
    /// Mounted file systems.
    public static let fileSystemCount = 512
    /// Disks.
    public static let diskCount = 512
    /// Processors.
    public static let processorCount = 1024
    /// Bytes of an ordinary file.
    public static let fileByteCount = 1 << 20
    /// Bytes of a list of sockets: a line has about 150.
    public static let socketListByteCount = 2 << 20
    /// Bytes of a file that holds a single value.
    public static let valueByteCount = 4096
}
