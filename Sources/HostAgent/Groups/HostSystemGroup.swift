// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// HOST-RESOURCES-MIB, hrSystem (RFC 2790).

import Primitives
import SNMPCodec

/// The group hrSystem.
func hostSystemBindings(_ sampler: HostSampler, at now: Instant) -> [VarBind] {
    let files = sampler.files
    var list = BindingList(HostGroup.hostSystem.root)
    list.scalar(1, value: systemUpTime(files).map { .timeTicks(UInt32(truncatingIfNeeded: $0)) })
    let time = files.wallDeciseconds
    let offset = files.utcOffsetSeconds(at: time / 10)
    list.scalar(2, value: .octetString(dateAndTime(wallDeciseconds: time, utcOffsetSeconds: offset)))
    let bootDisk = bootDisk(sampler.disks(at: now) ?? [], sampler.fileSystems(at: now) ?? [])
    list.scalar(3, value: bootDisk.map { .integer(clamping: UInt64($0.deviceIndex)) })
    list.scalar(4, value: files.value("/proc/cmdline").map { .octets($0, limit: 128) })
    // Without the file nobody keeps a list of logins, as on machines without any.
    let sessions = files.read(UserSessions.path, limit: HostLimits.fileByteCount).map(UserSessions.count)
    list.scalar(5, value: .gauge32(clamping: sessions ?? 0))
    list.scalar(6, value: Process.numbers(files).map { .gauge32(clamping: UInt64($0.count)) })
    list.scalar(7, value: files.number("/proc/sys/kernel/pid_max").map { .integer(clamping: $0) })
    return list.bindings
}

/// The time since the machine started, in hundredths of a second.
private func systemUpTime(_ files: any HostFiles) -> UInt64? {
    files.value("/proc/uptime").flatMap { text in
        TextCursor.hundredths(text.prefix { $0 != 0x20 })
    }
}

/// The disk that holds the root file system: of all whose names the device's name begins with, that of the longest.
private func bootDisk(_ disks: [Disk], _ fileSystems: [FileSystem]) -> Disk? {
    guard let source = fileSystems.first(where: { $0.path == "/" })?.source, source.hasPrefix("/dev/") else {
        return nil
    }
    let device = source.dropFirst("/dev/".count)
    return disks.filter { device.hasPrefix($0.name) }.max { $0.name.utf8.count < $1.name.utf8.count }
}
