// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// HOST-RESOURCES-MIB, hrDevice (RFC 2790): processors, network interfaces, disks, and file systems. Indexes have the
// kind of device in their upper half, as net-snmp's agent has them.

import Primitives
import SNMPCodec

extension Interface {
    /// hrDeviceIndex. Interfaces whose index takes more than 16 bits would get into each other's way: nil.
    fileprivate var deviceIndex: UInt32? { index <= 0xFFFF ? 4 << 16 | index : nil }
}

extension Disk {
    /// hrDeviceIndex.
    var deviceIndex: UInt32 { 6 << 16 | (index - 1) & 0xFFFF }
}

/// hrDeviceIndex of the processor at a position.
private func processorIndex(_ position: Int) -> UInt32 { 3 << 16 | UInt32(truncatingIfNeeded: position) & 0xFFFF }

/// hrDeviceTypes.
private enum DeviceType {
    static let processor = make(3)
    static let network = make(4)
    static let diskStorage = make(6)

    private static func make(_ arc: UInt32) -> SNMPValue {
        .objectIdentifier([1, 3, 6, 1, 2, 1, 25, 3, 1, arc])
    }
}

/// hrDeviceStatus.
private enum DeviceStatus {
    static let running = SNMPValue.integer(2)
    static let down = SNMPValue.integer(5)
}

/// What the group is made of.
struct DeviceReading {
    var interfaces: [Interface]
    var disks: [Disk]
    var fileSystems: [FileSystem]
    var processors: [(number: UInt32, times: ProcessorTimes)]
    /// The same processors up to a minute ago.
    var earlierProcessors: [(number: UInt32, times: ProcessorTimes)]
    var processorModel: [UInt8]

    init(_ sampler: HostSampler, at now: Instant) {
        interfaces = sampler.interfaces(at: now) ?? []
        disks = sampler.disks(at: now) ?? []
        fileSystems = sampler.fileSystems(at: now) ?? []
        let activity = sampler.activity(at: now)
        processors = activity?.current.statistics.processors ?? []
        earlierProcessors = activity?.base?.reading.statistics.processors ?? []
        processorModel = sampler.processorModel
    }
}

/// The group hrDevice. Printers and partitions are not offered.
func hostDeviceBindings(_ reading: DeviceReading) -> [VarBind] {
    var list = BindingList(HostGroup.hostDevices.root)
    list.table([2, 1], columns: Array(1...6), deviceRows(reading))
    list.table([3, 1], columns: [1, 2], processorRows(reading))
    list.table(
        [4, 1], columns: [1],
        reading.interfaces.compactMap { interface in
            interface.deviceIndex.map { Row([$0], [.integer(clamping: UInt64(interface.index))]) }
        })
    list.table([6, 1], columns: Array(1...4), reading.disks.map(diskRow))
    list.table([8, 1], columns: Array(1...9), reading.fileSystems.map(fileSystemRow))
    return list.bindings
}

private func deviceRows(_ reading: DeviceReading) -> [Row] {
    func row(
        _ index: UInt32, _ type: SNMPValue, _ description: some Sequence<UInt8>, _ status: SNMPValue,
        errors: UInt64? = nil
    ) -> Row {
        Row(
            [index],
            [
                .integer(clamping: UInt64(index)), type, .octets(description, limit: 64), .noIdentifier, status,
                errors.map { .counter32(wrapping: $0) },
            ])
    }
    var rows = reading.processors.indices.map {
        row(processorIndex($0), DeviceType.processor, reading.processorModel, DeviceStatus.running)
    }
    for interface in reading.interfaces {
        guard let index = interface.deviceIndex else { continue }
        let isUp = interface.attributes.operationalStatus == 1
        rows.append(
            row(
                index, DeviceType.network, ("network interface " + interface.name).utf8,
                isUp ? DeviceStatus.running : DeviceStatus.down,
                errors: interface.counters.inErrors &+ interface.counters.outErrors))
    }
    for disk in reading.disks {
        let model = disk.model.isEmpty ? [] : disk.model.trimmed + [0x20]
        let description = model + Array("(/dev/\(disk.name))".utf8)
        rows.append(row(disk.deviceIndex, DeviceType.diskStorage, description, DeviceStatus.running))
    }
    return rows
}

extension [UInt8] {
    /// Without blanks at the end.
    fileprivate var trimmed: [UInt8] { Array(self[..<(lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? 0)]) }
}

/// hrProcessorEntry. The load is that of the last minute, or since the agent started; at its very start there is none.
private func processorRows(_ reading: DeviceReading) -> [Row] {
    let earlier = Dictionary(reading.earlierProcessors.map { ($0.number, $0.times) }) { first, _ in first }
    return reading.processors.enumerated().map { position, processor in
        let load = earlier[processor.number].flatMap { processor.times.load(since: $0) }
        return Row([processorIndex(position)], [.noIdentifier, load.map { .integer($0) }])
    }
}

/// hrDiskStorageEntry: access readWrite(1) or readOnly(2), medium hardDisk(3), capacity in KiB.
private func diskRow(_ disk: Disk) -> Row {
    Row(
        [disk.deviceIndex],
        [
            .integer(disk.isReadOnly ? 2 : 1), .integer(disk.isRemovable ? 2 : 3), .truth(disk.isRemovable),
            .integer(clamping: disk.byteCount / 1024),
        ])
}

/// hrFSEntry.
private func fileSystemRow(_ system: FileSystem) -> Row {
    // "Unknown" as a DateAndTime: hrFSLastFullBackupDate and hrFSLastPartialBackupDate.
    let never = SNMPValue.octetString([0, 0, 1, 1, 0, 0, 0, 0])
    return Row(
        [system.index],
        [
            .integer(clamping: UInt64(system.index)), .octets(system.path.utf8, limit: 128),
            .octets(system.isRemote ? Array(system.source.utf8) : [], limit: 128), fileSystemType(system.kind),
            .integer(system.isReadOnly ? 2 : 1), .truth(system.path == "/"),
            // 0: no row in hrStorageTable.
            .integer(clamping: system.space == nil ? 0 : UInt64(system.storageIndex)), never, never,
        ])
}

/// hrFSTypes (HOST-RESOURCES-TYPES): what Linux has that the list does not know is other(1).
private func fileSystemType(_ kind: String) -> SNMPValue {
    let arc: UInt32 =
        switch kind {
        case "ext2", "ext3", "ext4": 23
        case "vfat", "exfat": 22
        case "msdos": 5
        case "ntfs", "ntfs3", "fuseblk": 9
        case "iso9660": 12
        case "nfs", "nfs4": 14
        case "afs": 16
        case "hfs", "hfsplus": 7
        case "jfs", "xfs", "reiserfs": 11
        case "ufs": 3
        default: 1
        }
    return .objectIdentifier([1, 3, 6, 1, 2, 1, 25, 3, 9, arc])
}
