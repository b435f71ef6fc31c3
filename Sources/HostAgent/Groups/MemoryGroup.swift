// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// UCD-SNMP-MIB, memory, in KiB: as INTEGER, which stops at 2^31 - 1, and as 64-bit gauges.

import SNMPCodec

/// The group memory.
func memoryBindings(_ memory: NamedNumbers, minimumSwap: UInt64) -> [VarBind] {
    var list = BindingList(HostGroup.memory.root)
    guard !memory.isEmpty else { return [] }
    let swapTotal = memory["SwapTotal"]
    let swapFree = memory["SwapFree"]
    let free = memory["MemFree"]
    let totalFree = free.map { $0.addingClamping(swapFree ?? 0) }
    // A machine that was given no swap space does not lack it.
    let lacksSwap = (swapTotal ?? 0) > 0 && (swapFree ?? 0) < minimumSwap
    // The sizes of columns 3… and once more, in 64 bits, of 18….
    let values: [(narrow: UInt32, wide: UInt32, value: UInt64?)] = [
        (3, 18, swapTotal), (4, 19, swapFree), (5, 20, memory["MemTotal"]), (6, 21, free), (11, 22, totalFree),
        (12, 23, minimumSwap), (13, 24, memory["Shmem"]), (14, 25, memory["Buffers"]), (15, 26, memory.cached),
    ]
    list.scalar(1, value: .integer(0))
    list.scalar(2, value: .string("swap"))
    for (narrow, _, value) in values { list.scalar(narrow, value: value.map { .integer(clamping: $0) }) }
    for (_, wide, value) in values { list.scalar(wide, value: value.map { .counter64($0) }) }
    list.scalar(27, value: memory["MemAvailable"].map { .counter64($0) })
    list.scalar(100, value: .integer(lacksSwap ? 1 : 0))
    list.scalar(101, value: .string(lacksSwap ? "Running out of swap space (\(swapFree ?? 0))" : ""))
    return list.bindings
}
