// Layer: OrielCommand/Live. Uses: SNMP. Used by: LiveChange, LiveCommand.
// What the live view reads of a device at one moment: standard objects first, net-snmp's own where those say more.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

/// What a device said at one moment.
struct LiveReading: Sendable {
    struct Interface: Sendable {
        let index: UInt32
        var name = ""
        /// ifOperStatus: 1 up, 2 down ...
        var status: Int64?
        /// In bits per second; 0 or nil when the device does not say.
        var speed: UInt64?
        var inOctets: UInt64?
        var outOctets: UInt64?
        /// Whether the counters have 64 bits.
        var isWide = false
        var errors: UInt64?
    }

    struct Space: Sendable, Equatable {
        let name: String
        let total: UInt64
        let used: UInt64
    }

    /// When it was read, on this machine's clock.
    var time: Instant
    var name = ""
    /// sysUpTime, in hundredths of a second.
    var upTime: UInt32?
    /// Time of all processors together: all of it, and that without work, in ticks.
    var processorTime: (total: UInt64, idle: UInt64)?
    /// Share of the last minute that processors worked, in percent, for devices that say only that.
    var processorLoad: Double?
    var load: [String] = []
    var memory: Space?
    var swap: Space?
    var interfaces: [Interface] = []
    var disks: [Space] = []
    /// What it took.
    var requests = 0
    var duration = Interval.zero
}

/// Reads a device.
struct LiveReader {
    private let target: SNMPTarget

    private static let system: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]
    private static let ucd: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 2021]
    private static let ifEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1]
    private static let ifXEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1]
    private static let storageEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 2, 3, 1]
    private static let processorLoad: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2]
    /// ssCpuRawUser, Nice, System, Idle, Wait, Interrupt, SoftIRQ, Steal: parts that don't overlap.
    private static let processorArcs: [UInt32] = [50, 51, 52, 53, 54, 56, 61, 64]
    private static let idleArcs: Set<UInt32> = [53, 54]
    /// memTotalSwap, memAvailSwap, memTotalReal, memAvailReal, memBuffer, memCached.
    private static let memoryArcs: [UInt32] = [3, 4, 5, 6, 14, 15]

    init(_ target: SNMPTarget) { self.target = target }

    /// Reads everything once.
    func read() async -> Result<LiveReading, SNMPError> {
        do throws(SNMPError) { return .success(try await readAll()) } catch { return .failure(error) }
    }

    private func readAll() async throws(SNMPError) -> LiveReading {
        let sentBefore = target.statistics.sent
        let start = SystemClock.now
        var reading = LiveReading(time: start)
        try await readScalars(&reading)
        try await readInterfaces(&reading)
        try await readStorage(&reading)
        if reading.processorTime == nil {
            let loads = try await rows([Self.processorLoad]).flatMap { $0.1 }.compactMap { $0?.asInt64 }
            if !loads.isEmpty { reading.processorLoad = Double(loads.reduce(0, +)) / Double(loads.count) }
        }
        reading.requests = target.statistics.sent - sentBefore
        reading.duration = SystemClock.now - start
        return reading
    }

    private func readScalars(_ reading: inout LiveReading) async throws(SNMPError) {
        let processors = Self.processorArcs.map { Self.ucd.appending(11).appending($0).appending(0) }
        let memory = Self.memoryArcs.map { Self.ucd.appending(4).appending($0).appending(0) }
        let loads = (1...3).map { Self.ucd.appending(10).appending(1).appending(3).appending(UInt32($0)) }
        let head = [Self.system.appending(5).appending(0), Self.system.appending(3).appending(0)]
        let bindings = try await target.get(head + processors + memory + loads)
        var values: [ObjectIdentifier: SNMPValue] = [:]
        for binding in bindings { values[binding.name] = binding.value }
        reading.name = values[head[0]]?.asText ?? ""
        if case .timeTicks(let ticks)? = values[head[1]] { reading.upTime = ticks }

        let ticks = zip(Self.processorArcs, processors).compactMap { arc, name in
            values[name]?.asUInt64.map { (arc, $0) }
        }
        if ticks.contains(where: { $0.0 == 53 }) {
            reading.processorTime = (
                ticks.reduce(0) { $0 &+ $1.1 }, ticks.reduce(0) { Self.idleArcs.contains($1.0) ? $0 &+ $1.1 : $0 }
            )
        }
        let kilobytes = memory.map { values[$0]?.asUInt64 }
        if let total = kilobytes[2], let free = kilobytes[3], total > 0 {
            let unused = free &+ (kilobytes[4] ?? 0) &+ (kilobytes[5] ?? 0)
            reading.memory = .init(name: "Memory", total: total << 10, used: (total - min(unused, total)) << 10)
        }
        if let total = kilobytes[0], let free = kilobytes[1], total > 0 {
            reading.swap = .init(name: "Swap", total: total << 10, used: (total - min(free, total)) << 10)
        }
        reading.load = loads.compactMap { values[$0]?.asText }
    }

    private func readInterfaces(_ reading: inout LiveReading) async throws(SNMPError) {
        // ifDescr, ifSpeed, ifOperStatus, ifInOctets, ifInErrors, ifOutOctets, ifOutErrors.
        for (index, cells) in try await rows([2, 5, 8, 10, 14, 16, 20].map { Self.ifEntry.appending($0) }) {
            guard index.count == 1 else { continue }
            var interface = LiveReading.Interface(index: index[0])
            interface.name = cells[0]?.asText ?? ""
            interface.speed = cells[1]?.asUInt64
            interface.status = cells[2]?.asInt64
            interface.inOctets = cells[3]?.asUInt64
            interface.outOctets = cells[5]?.asUInt64
            if cells[4] != nil || cells[6] != nil {
                interface.errors = (cells[4]?.asUInt64 ?? 0) &+ (cells[6]?.asUInt64 ?? 0)
            }
            reading.interfaces.append(interface)
        }
        // ifName, ifHCInOctets, ifHCOutOctets, ifHighSpeed.
        for (index, cells) in try await rows([1, 6, 10, 15].map { Self.ifXEntry.appending($0) }) {
            guard index.count == 1, let place = reading.interfaces.firstIndex(where: { $0.index == index[0] })
            else { continue }
            if let name = cells[0]?.asText, !name.isEmpty { reading.interfaces[place].name = name }
            if case .counter64(let received)? = cells[1], case .counter64(let sent)? = cells[2] {
                reading.interfaces[place].inOctets = received
                reading.interfaces[place].outOctets = sent
                reading.interfaces[place].isWide = true
            }
            if let megabits = cells[3]?.asUInt64, megabits > 0, megabits < 1 << 40 {
                reading.interfaces[place].speed = megabits * 1_000_000
            }
        }
    }

    private func readStorage(_ reading: inout LiveReading) async throws(SNMPError) {
        // hrStorageType, hrStorageDescr, hrStorageAllocationUnits, hrStorageSize, hrStorageUsed.
        for (_, cells) in try await rows([2, 3, 4, 5, 6].map { Self.storageEntry.appending($0) }) {
            guard case .objectIdentifier(let type)? = cells[0], let name = cells[1]?.asText,
                let unit = cells[2]?.asUInt64, let size = cells[3]?.asUInt64, let used = cells[4]?.asUInt64, size > 0
            else { continue }
            // Agents answer 32-bit numbers, so the products fit.
            let space = LiveReading.Space(name: name, total: size &* unit, used: used &* unit)
            switch type.last {
            case 2: if reading.memory == nil { reading.memory = space }
            // One device mounted at several places is one disk.
            case 4:
                if !reading.disks.contains(where: { $0.total == space.total && $0.used == space.used }) {
                    reading.disks.append(space)
                }
            default: break
            }
        }
    }

    /// The rows of some columns; without an answer it throws, and columns that the device lacks are empty.
    private func rows(
        _ columns: [ObjectIdentifier]
    ) async throws(SNMPError) -> [(ObjectIdentifier, [SNMPValue?])] {
        let table = await target.table(columns)
        if case .partial(.noAnswer(let failure), _) = table.verdict.outcome { throw .request(failure) }
        if case .partial(.cancelled, _) = table.verdict.outcome { throw .request(.cancelled) }
        return table.indexes.compactMap { index in table[row: index].map { (index, $0) } }
    }
}
