// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// HOST-RESOURCES-MIB, hrSWRun and hrSWRunPerf (RFC 2790): processes and what they use.

import SNMPCodec

/// hrSWRun. hrSWOSIndex names the first process, which started all others.
func hostSoftwareBindings(_ processes: [Process]?, showsArguments: Bool) -> [VarBind] {
    var list = BindingList(HostGroup.hostSoftware.root)
    guard let processes else { return [] }
    list.scalar(1, value: processes.first.map { $0.number == 1 ? .integer(1) : .integer(0) })
    list.table(
        [2, 1], columns: Array(1...7),
        processes.map { process in
            Row(
                [process.number],
                [
                    .integer(clamping: UInt64(process.number)), .octets(process.name, limit: 64), .noIdentifier,
                    .octets(process.path, limit: 128),
                    showsArguments ? .octets(process.parameters, limit: 128) : .octetString([]),
                    .integer(process.isKernelThread ? 2 : 4), .integer(status(process.state)),
                ])
        })
    return list.bindings
}

/// hrSWRunStatus: running(1), runnable(2), notRunnable(3), invalid(4). A process that sleeps counts as runnable: it is
/// what monitors take for alive, and what net-snmp's agent says.
private func status(_ state: UInt8) -> Int32 {
    switch state {
    case UInt8(ascii: "R"): 1
    case UInt8(ascii: "S"), UInt8(ascii: "I"), UInt8(ascii: "D"): 2
    case UInt8(ascii: "Z"), UInt8(ascii: "X"), UInt8(ascii: "x"): 4
    default: 3
    }
}

/// hrSWRunPerf: processor time in hundredths of a second, memory in KiB.
func hostSoftwarePerformanceBindings(_ processes: [Process]?, _ files: any HostFiles) -> [VarBind] {
    var list = BindingList(HostGroup.hostSoftwarePerformance.root)
    guard let processes else { return [] }
    let ticksPerSecond = max(files.ticksPerSecond, 1)
    let pageByteCount = files.pageByteCount
    list.table(
        [1, 1], columns: [1, 2],
        processes.map { process in
            let centiseconds = process.ticks.multipliedClamping(by: 100) / ticksPerSecond
            let bytes = process.residentPageCount.multipliedClamping(by: pageByteCount)
            return Row([process.number], [.integer(clamping: centiseconds), .integer(clamping: bytes / 1024)])
        })
    return list.bindings
}
