// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// HOST-RESOURCES-MIB, hrStorage (RFC 2790): kinds of memory, and file systems. Indexes are the ones that net-snmp's
// agent gives them, so that what was set up for it finds the same rows: memory from 1, file systems from 31.

import SNMPCodec

extension FileSystem {
    /// hrStorageIndex.
    var storageIndex: UInt32 { 30 + index }
}

/// hrStorageTypes.
private enum StorageType {
    static let other = make(1)
    static let ram = make(2)
    static let virtualMemory = make(3)
    static let fixedDisk = make(4)
    static let compactDisc = make(7)

    private static func make(_ arc: UInt32) -> SNMPValue {
        .objectIdentifier([1, 3, 6, 1, 2, 1, 25, 2, 1, arc])
    }
}

/// A size in units that are doubled until it fits into a signed number of 32 bits.
struct ScaledSize: Hashable {
    /// Bytes in a unit.
    var unit: UInt64
    var total: UInt64
    var used: UInt64

    init(unit: UInt64, total: UInt64, used: UInt64) {
        self.unit = max(unit, 1)
        self.total = total
        self.used = used
        while self.total > UInt64(Int32.max), self.unit <= UInt64(Int32.max) / 2 {
            self.unit *= 2
            self.total /= 2
            self.used /= 2
        }
    }
}

private func row(_ index: UInt32, _ type: SNMPValue, _ description: String, _ size: ScaledSize) -> Row {
    Row(
        [index],
        [
            .integer(clamping: UInt64(index)), type, .octets(description.utf8, limit: 255),
            .integer(clamping: size.unit), .integer(clamping: size.total), .integer(clamping: size.used),
        ])
}

/// The group hrStorage. hrStorageAllocationFailures is not offered: nobody counts them.
func hostStorageBindings(_ memory: NamedNumbers, _ fileSystems: [FileSystem]?) -> [VarBind] {
    var list = BindingList(HostGroup.hostStorage.root)
    list.scalar(2, value: memory["MemTotal"].map { .integer(clamping: $0) })
    let rows = memoryRows(memory) + (fileSystems ?? []).compactMap(fileSystemRow)
    list.table([3, 1], columns: Array(1...6), rows)
    return list.bindings
}

/// Memory in KiB. "Used" is what is not free, buffers and caches among it; how much of these could be had back shows in
/// "Available memory".
private func memoryRows(_ memory: NamedNumbers) -> [Row] {
    var rows: [Row] = []
    func add(_ index: UInt32, _ type: SNMPValue, _ description: String, _ total: UInt64?, _ used: UInt64?) {
        guard let total, let used else { return }
        rows.append(row(index, type, description, ScaledSize(unit: 1024, total: total, used: used)))
    }
    let total = memory["MemTotal"]
    let used = total.flatMap { total in memory["MemFree"].map { total.subtractingClamping($0) } }
    let swapTotal = memory["SwapTotal"]
    let swapUsed = swapTotal.flatMap { total in memory["SwapFree"].map { total.subtractingClamping($0) } }
    let cached = memory.cached
    let shared = memory["Shmem"]
    add(1, StorageType.ram, "Physical memory", total, used)
    add(
        3, StorageType.virtualMemory, "Virtual memory", total.map { $0.addingClamping(swapTotal ?? 0) },
        used.map { $0.addingClamping(swapUsed ?? 0) })
    add(6, StorageType.other, "Memory buffers", total, memory["Buffers"])
    add(7, StorageType.other, "Cached memory", cached, cached)
    add(8, StorageType.other, "Shared memory", shared, shared)
    add(10, StorageType.virtualMemory, "Swap space", swapTotal, swapUsed)
    add(11, StorageType.other, "Available memory", memory["MemAvailable"], memory["MemAvailable"] == nil ? nil : 0)
    return rows
}

extension NamedNumbers {
    /// Of /proc/meminfo: the cache of files, with that of their names, in KiB.
    var cached: UInt64? { self["Cached"].map { $0.addingClamping(self["SReclaimable"] ?? 0) } }
}

private func fileSystemRow(_ system: FileSystem) -> Row? {
    guard let space = system.space else { return nil }
    let type =
        switch system.kind {
        case "iso9660", "udf": StorageType.compactDisc
        default: StorageType.fixedDisk
        }
    let used = space.blockCount.subtractingClamping(space.freeBlockCount)
    let size = ScaledSize(unit: space.blockByteCount, total: space.blockCount, used: used)
    return row(system.storageIndex, type, system.path, size)
}
