// Layer: OrielCommand/Live. Uses: LiveReading. Used by: LiveScreen, LiveCommand.
// Readings become rates. Agents answer from caches that are older than the interval, so a rate is the change since the
// counters last moved, and stays as it is while they don't.

import JSON
import PlatformIO
import Primitives
import SNMPCodec
import SNMPNames

/// What happened between two readings.
struct LiveChange {
    struct Interface {
        let name: String
        let status: String
        /// Bits per second; nil when the device counts none or has started anew.
        let inRate: Double?
        let outRate: Double?
        let speed: UInt64?
        let errors: UInt64?
        let index: UInt32
    }

    let reading: LiveReading
    /// Share of time that the processors worked, 0...100.
    let processorPercent: Double?
    let interfaces: [Interface]

    fileprivate init(_ reading: LiveReading, processorPercent: Double?, interfaces: [Interface]) {
        self.reading = reading
        self.processorPercent = processorPercent
        self.interfaces = interfaces
    }

    /// The change as an object on one line.
    var json: JSONObject {
        var object = JSONObject()
        object.add("time", LocalTime(utcSeconds: SystemClock.wallSeconds)?.utcText)
        object.add("name", reading.name)
        object.add("upTime", reading.upTime.map { .unsigned(UInt64($0)) })
        object.add("cpuPercent", processorPercent.map { .number(Self.rounded($0)) })
        object.add("load", .array(reading.load.map { Double($0).map { .number($0) } ?? .null }))
        object.add("memory", reading.memory.map { .object(Self.json($0)) })
        object.add("swap", reading.swap.map { .object(Self.json($0)) })
        object.add(
            "interfaces",
            .array(
                interfaces.map { interface in
                    var row = JSONObject()
                    row.add("index", Int(interface.index))
                    row.add("name", interface.name)
                    row.add("status", interface.status)
                    row.add("inBitsPerSecond", interface.inRate.map { .number($0.rounded()) })
                    row.add("outBitsPerSecond", interface.outRate.map { .number($0.rounded()) })
                    row.add("speed", interface.speed.map { .unsigned($0) })
                    row.add("errors", interface.errors.map { .unsigned($0) })
                    return .object(row)
                }))
        object.add("disks", .array(reading.disks.map { .object(Self.json($0, name: true)) }))
        object.add("requests", reading.requests)
        object.add("milliseconds", .number(Self.rounded(reading.duration.inSeconds * 1_000)))
        return object
    }

    private static func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

    private static func json(_ space: LiveReading.Space, name: Bool = false) -> JSONObject {
        var object = JSONObject()
        if name { object.add("name", space.name) }
        object.add("totalBytes", .unsigned(space.total))
        object.add("usedBytes", .unsigned(space.used))
        return object
    }
}

/// Compares readings of one device.
struct LiveTracker {
    /// The readings in which the counters last moved.
    private var interfaceBase: LiveReading
    private var processorBase: LiveReading
    private var rates: [UInt32: (received: Double?, sent: Double?)] = [:]
    private var percent: Double?

    init(_ first: LiveReading) { (interfaceBase, processorBase) = (first, first) }

    /// What has changed with a new reading.
    mutating func add(_ reading: LiveReading) -> LiveChange {
        updateProcessors(reading)
        updateInterfaces(reading)
        let labels = NameTable.standard.node(named: "IF-MIB::ifOperStatus")?.syntax
        let interfaces = reading.interfaces.map { interface in
            LiveChange.Interface(
                name: interface.name, status: interface.status.map { labels?.label(for: $0) ?? "\($0)" } ?? "",
                inRate: rates[interface.index]?.received, outRate: rates[interface.index]?.sent,
                speed: interface.speed, errors: interface.errors, index: interface.index)
        }
        return LiveChange(reading, processorPercent: percent, interfaces: interfaces)
    }

    private mutating func updateProcessors(_ new: LiveReading) {
        guard let b = new.processorTime else {
            percent = new.processorLoad
            return
        }
        guard let a = processorBase.processorTime, b.total >= a.total, b.idle >= a.idle else {
            // It started anew.
            (processorBase, percent) = (new, nil)
            return
        }
        let total = b.total - a.total
        guard total > 0 else { return }
        percent = 100 * Double(total - min(b.idle - a.idle, total)) / Double(total)
        processorBase = new
    }

    private mutating func updateInterfaces(_ new: LiveReading) {
        let old = interfaceBase
        let seconds = (new.time - old.time).inSeconds
        let before = Dictionary(old.interfaces.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        // Our own requests travel over one of its interfaces: if not a single counter moved, it answers from a cache.
        let hasMoved = new.interfaces.contains { interface in
            let old = before[interface.index]
            return old?.inOctets != interface.inOctets || old?.outOctets != interface.outOctets
        }
        guard hasMoved, seconds > 0 else { return }
        interfaceBase = new
        rates = [:]
        // A device that started anew counts from zero.
        guard (new.upTime ?? 0) >= (old.upTime ?? 0) else { return }
        for interface in new.interfaces {
            guard let old = before[interface.index], old.isWide == interface.isWide else { continue }
            func rate(_ a: UInt64?, _ b: UInt64?) -> Double? {
                guard let a, let b else { return nil }
                // Counters wrap at their width.
                let octets = interface.isWide ? b &- a : (b &- a) & 0xFFFF_FFFF
                return Double(octets) * 8 / seconds
            }
            rates[interface.index] = (
                rate(old.inOctets, interface.inOctets), rate(old.outOctets, interface.outOctets)
            )
        }
    }
}
