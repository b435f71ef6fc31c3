// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler; storage, device and disk groups.
// Mounted file systems from /proc/mounts with their space, and disks from /sys/block and /proc/diskstats.

/// A mounted file system.
struct FileSystem: Hashable {
    /// Stays the same as long as the agent runs: file systems are numbered in the order in which they were first seen.
    var index: UInt32
    /// Where it is mounted.
    var path: String
    /// What is mounted: a device, a remote directory or a word.
    var source: String
    /// The kind: `ext4`, `tmpfs`.
    var kind: String
    var isReadOnly: Bool
    /// nil if the system does not tell, or was not asked because the file system is on another machine.
    var space: FileSystemSpace?

    /// Whether it is on another machine. Such a file system is never asked for its space: if the server is gone the
    /// question would not return, and the whole agent would stand still.
    var isRemote: Bool { FileSystem.remoteKinds.contains(kind) || kind.hasPrefix("fuse.ssh") }

    static let remoteKinds: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "fuse.glusterfs", "9p", "lustre",
        "fuse.s3fs", "fuse.rclone", "coda",
    ]

    /// Kinds that hold no files of their own: windows into the kernel, and automatic mounts.
    static let pseudoKinds: Set<String> = [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "hugetlbfs", "mqueue", "none", "nsfs", "proc",
        "pstore", "ramfs", "rootfs", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sysfs", "tracefs",
    ]
}

/// A line of `/proc/mounts`.
struct Mount: Hashable {
    var source: String
    var path: String
    var kind: String
    var isReadOnly: Bool

    static func parse(_ text: TextCursor) -> [Mount] {
        var text = text
        var result: [Mount] = []
        while result.count < HostLimits.fileSystemCount * 8, text.nextLine() {
            guard let source = text.word(), let path = text.word(), let kind = text.word(), let options = text.word()
            else { continue }
            let isReadOnly = options.split(separator: 0x2C).contains { $0.elementsEqual("ro".utf8) }
            result.append(
                Mount(
                    source: unescape(source), path: unescape(path), kind: String(decoding: kind, as: UTF8.self),
                    isReadOnly: isReadOnly))
        }
        return result
    }

    /// Blanks and the like are written as `\040`.
    private static func unescape(_ text: ArraySlice<UInt8>) -> String {
        guard text.contains(0x5C) else { return String(decoding: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            let isOctal = digits.count == 3 && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x37 }
            guard byte == 0x5C, isOctal else {
                bytes.append(byte)
                continue
            }
            let value = digits.reduce(0) { $0 * 8 + UInt32($1 - 0x30) }
            bytes.append(UInt8(truncatingIfNeeded: value))
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Gives names numbers that last as long as the agent runs, counted from 1 in the order of first sight.
struct LastingNumbers {
    private var numbers: [String: UInt32] = [:]
    /// A machine that makes up ever new names shall not fill the memory.
    static let maximumCount = 65_536

    /// The number of a name; nil once there are too many names.
    mutating func number(of name: String) -> UInt32? {
        if let number = numbers[name] { return number }
        guard numbers.count < LastingNumbers.maximumCount else { return nil }
        let number = UInt32(numbers.count + 1)
        numbers[name] = number
        return number
    }
}

extension FileSystem {
    /// Real file systems, ascending by index. If several are mounted at one place, the last one hides the others.
    static func readAll(_ files: some HostFiles, numbers: inout LastingNumbers) -> [FileSystem]? {
        guard let mounts = files.text("/proc/mounts").map(Mount.parse) else { return nil }
        var found: [UInt32: FileSystem] = [:]
        for mount in mounts {
            // All places get numbers, in the order that other agents number them by.
            guard let index = numbers.number(of: mount.path) else { continue }
            guard !pseudoKinds.contains(mount.kind) else {
                found[index] = nil
                continue
            }
            guard found[index] != nil || found.count < HostLimits.fileSystemCount else { continue }
            found[index] = FileSystem(
                index: index, path: mount.path, source: mount.source, kind: mount.kind, isReadOnly: mount.isReadOnly)
        }
        return found.values.sorted { $0.index < $1.index }.compactMap { system in
            var system = system
            if !system.isRemote {
                guard let space = files.space(at: system.path), space.blockCount > 0 else { return nil }
                system.space = space
            }
            return system
        }
    }
}

/// A disk as a device: an entry of `/sys/block`.
struct Disk: Hashable {
    /// Stays the same as long as the agent runs.
    var index: UInt32
    /// `sda`, `nvme0n1`.
    var name: String
    var model: [UInt8]
    /// In bytes.
    var byteCount: UInt64
    var isReadOnly: Bool
    var isRemovable: Bool

    static func readAll(_ files: some HostFiles, numbers: inout LastingNumbers) -> [Disk]? {
        guard let names = files.entries(of: "/sys/block", limit: HostLimits.diskCount * 4) else { return nil }
        var result: [Disk] = []
        for name in names.sorted() where result.count < HostLimits.diskCount {
            // Made of memory or of files: not devices.
            guard !["loop", "ram", "zram", "nbd"].contains(where: { name.hasPrefix($0) }), !name.contains("/")
            else { continue }
            let path = "/sys/block/" + name + "/"
            guard let sectors = files.number(path + "size"), sectors > 0, let index = numbers.number(of: name)
            else { continue }
            let model = files.value(path + "device/model").map { Array($0.prefix(64)) } ?? []
            result.append(
                Disk(
                    index: index, name: name, model: model, byteCount: sectors.multipliedClamping(by: 512),
                    isReadOnly: files.number(path + "ro") == 1, isRemovable: files.number(path + "removable") == 1))
        }
        return result.sorted { $0.index < $1.index }
    }
}

/// A line of `/proc/diskstats`: what a disk, or a part of one, has done since the machine started.
struct DiskActivity: Hashable {
    var index: UInt32
    var name: String
    var reads: UInt64
    var writes: UInt64
    /// Of 512 bytes.
    var sectorsRead: UInt64
    /// Of 512 bytes.
    var sectorsWritten: UInt64
    /// Time with at least one operation under way.
    var busyMilliseconds: UInt64

    static func parse(_ text: TextCursor, numbers: inout LastingNumbers) -> [DiskActivity] {
        var text = text
        var result: [DiskActivity] = []
        while result.count < HostLimits.diskCount, text.nextLine() {
            // major minor name; reads merged sectors ms; writes merged sectors ms; in-flight, busy ms, weighted ms.
            guard text.skipWords(2), let name = text.word().map({ String(decoding: $0, as: UTF8.self) }),
                let reads = text.number(), text.skipWords(1), let sectorsRead = text.number(), text.skipWords(1),
                let writes = text.number(), text.skipWords(1), let sectorsWritten = text.number(), text.skipWords(2),
                let busy = text.number(), text.skipWords(1), let index = numbers.number(of: name)
            else { continue }
            result.append(
                DiskActivity(
                    index: index, name: name, reads: reads, writes: writes, sectorsRead: sectorsRead,
                    sectorsWritten: sectorsWritten, busyMilliseconds: busy))
        }
        return result.sorted { $0.index < $1.index }
    }
}
