// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// UCD-SNMP-MIB, dskTable: file systems in KiB; and UCD-DISKIO-MIB: what disks have done.

import SNMPCodec

/// dskTable: all real file systems whose space is known.
func diskSpaceBindings(_ fileSystems: [FileSystem]?, minimumFreePercent: Int32) -> [VarBind] {
    var list = BindingList(HostGroup.diskSpace.root)
    let rows = (fileSystems ?? []).compactMap { system in
        system.space.map { diskSpaceRow(system, $0, minimumFreePercent: minimumFreePercent) }
    }
    list.table([1], columns: Array(1...16) + [100, 101], rows)
    return list.bindings
}

private func diskSpaceRow(_ system: FileSystem, _ space: FileSystemSpace, minimumFreePercent: Int32) -> Row {
    func kilobytes(_ blocks: UInt64) -> UInt64 { blocks.multipliedClamping(by: space.blockByteCount) / 1024 }
    let total = kilobytes(space.blockCount)
    let available = kilobytes(space.availableBlockCount)
    let used = kilobytes(space.blockCount.subtractingClamping(space.freeBlockCount))
    let freePercent = percent(available, of: total)
    let isShort = freePercent < minimumFreePercent
    let message = isShort ? "\(system.path): less than \(minimumFreePercent)% free (= \(freePercent)%)" : ""
    // Columns 11…16: halves of 64-bit sizes, the lower one first.
    let halves = [total, available, used].flatMap { size in
        [SNMPValue.gauge32(UInt32(truncatingIfNeeded: size)), .gauge32(UInt32(size >> 32))]
    }
    let usedInodes = space.inodeCount.subtractingClamping(space.freeInodeCount)
    return Row(
        [system.index],
        [
            .integer(clamping: UInt64(system.index)), .octets(system.path.utf8, limit: 255),
            .octets(system.source.utf8, limit: 255), .integer(-1), .integer(minimumFreePercent),
            .integer(clamping: total), .integer(clamping: available), .integer(clamping: used),
            .integer(percent(used, of: total)), .integer(percent(usedInodes, of: space.inodeCount)),
        ] + halves + [.integer(isShort ? 1 : 0), .octets(message.utf8, limit: 255)])
}

/// A share in percent, rounded, 0...100; 0 of nothing.
private func percent(_ part: UInt64, of whole: UInt64) -> Int32 {
    whole == 0 ? 0 : Int32((Double(min(part, whole)) * 100 / Double(whole)).rounded())
}

/// diskIOTable. Averages of how busy a disk was are not offered; diskIOBusyTime has what makes them.
func diskActivityBindings(_ disks: [DiskActivity]?) -> [VarBind] {
    var list = BindingList(HostGroup.diskActivity.root)
    let rows = (disks ?? []).map { disk in
        let read = disk.sectorsRead &* 512
        let written = disk.sectorsWritten &* 512
        return Row(
            [disk.index],
            [
                .integer(clamping: UInt64(disk.index)), .octets(disk.name.utf8, limit: 255),
                .counter32(wrapping: read), .counter32(wrapping: written), .counter32(wrapping: disk.reads),
                .counter32(wrapping: disk.writes), .counter64(read), .counter64(written),
                // In microseconds.
                .counter64(disk.busyMilliseconds &* 1000),
            ])
    }
    list.table([1, 1], columns: [1, 2, 3, 4, 5, 6, 12, 13, 14], rows)
    return list.bindings
}
