// Layer: StationTestKit. Uses: SNMPAgent, StationSeries. Used by: Fleet.
// The objects of a made-up device: what a switch with some host resources has. Counters grow at each GET, so that each
// value is served once; what is served is written down.

import PlatformIO
import Primitives
import SNMPAgent
import SNMPCodec
import StationSeries

/// The objects of one device of a fleet.
final class FleetObjects: ManagedSubtree, @unchecked Sendable {  // all that changes is under `lock`
    /// How an object gets its values.
    private enum Source {
        /// Always the same, and not written down: nothing that is asked for each round, but for what tells of changes.
        case fixed
        case upTime
        /// Grows by 0 to twice the mean.
        case counter(SampleType, mean: UInt64)
        /// Anything from `low` on, `span` numbers.
        case level(SampleType, low: UInt64, span: UInt64)
        /// 1 or, once in a while, 2.
        case state
    }

    let root: ObjectIdentifier = [1, 3, 6, 1]
    private let walked: StoredSubtree
    private let places: OIDMap<Int>
    private let sources: [Source]
    private let start: Instant
    private let lock = Lock()
    private var random: SeededRandom
    private var bits: [UInt64]
    private var log: ServedLog

    /// The objects of the device of that number.
    init(device: Int, interfaces: Int, seed: UInt64, start: Instant) {
        var maker = Maker(random: SeededRandom(seed: seed &+ UInt64(device) &* 0x9E37_79B9_7F4A_7C15))
        maker.addSystem(device)
        for index in 1...max(interfaces, 1) { maker.addInterface(UInt32(index), device) }
        maker.addCount(interfaces)
        maker.addHost()
        let ordered = OIDMap(maker.objects.map { ($0.name, $0) })
        places = OIDMap(ordered.keys.enumerated().map { ($0.element, $0.offset) })
        sources = ordered.values.map(\.source)
        bits = ordered.values.map(\.bits)
        walked = StoredSubtree(root: root, ordered.values.map { VarBind($0.name, $0.value) })
        random = maker.random
        log = ServedLog(names: ordered.keys)
        self.start = start
    }

    /// What was served so far.
    var served: ServedLog { lock.withLock { log } }

    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        guard let place = places[name] else { return .noSuchInstance }
        return lock.withLock {
            guard let value = next(place, now) else { return walked.value(of: name, at: now) }
            log.values.append(ServedValue(place: Int32(place), value: value, at: now.nanoseconds))
            return SNMPValue(value)
        }
    }

    /// Walks get the values that there were at the start.
    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        lock.withLock {
            log.noteWalk(at: now.nanoseconds)
            return walked.next(after: name, at: now)
        }
    }

    /// The value that a GET gets; nil: the same as ever.
    private func next(_ place: Int, _ now: Instant) -> RawValue? {
        switch sources[place] {
        case .fixed: return nil
        case .upTime:
            return RawValue(type: .timeTicks, bits: UInt64(max((now - start).nanoseconds, 0) / 10_000_000))
        case .counter(let type, let mean):
            bits[place] &+= random.next() % (2 * mean + 1)
            return RawValue(type: type, bits: bits[place])
        case .level(let type, let low, let span): return RawValue(type: type, bits: low + random.next() % span)
        case .state: return RawValue(type: .integer32, bits: random.oneIn(50) ? 2 : 1)
        }
    }

    // MARK: Making them.

    private struct Object {
        var name: ObjectIdentifier
        var source: Source
        /// What a walk gets, and GETs of what is fixed.
        var value: SNMPValue
        /// What a counter begins with.
        var bits: UInt64 = 0
    }

    private struct Maker {
        var random: SeededRandom
        var objects: [Object] = []

        private mutating func fixed(_ name: ObjectIdentifier, _ value: SNMPValue) {
            objects.append(Object(name: name, source: .fixed, value: value))
        }

        private mutating func text(_ name: ObjectIdentifier, _ text: String) {
            fixed(name, .octetString(Array(text.utf8)))
        }

        private mutating func counter(_ name: ObjectIdentifier, _ type: SampleType, mean: UInt64) {
            // Anywhere; one in eight passes zero soon.
            let first = random.oneIn(8) ? 0 &- random.next() % (mean * 64 + 1) : random.next()
            let value = RawValue(type: type, bits: first)
            objects.append(
                Object(name: name, source: .counter(type, mean: mean), value: SNMPValue(value), bits: value.bits))
        }

        private mutating func level(_ name: ObjectIdentifier, _ type: SampleType, _ low: UInt64, _ span: UInt64) {
            let value = SNMPValue(RawValue(type: type, bits: low))
            objects.append(Object(name: name, source: .level(type, low: low, span: span), value: value))
        }

        mutating func addSystem(_ device: Int) {
            let system: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]
            func scalar(_ arc: UInt32) -> ObjectIdentifier { system.appending(arc).appending(0) }
            text(scalar(1), "Made-up switch \(device + 1)")
            fixed(scalar(2), .objectIdentifier([1, 3, 6, 1, 4, 1, 8072, 3, 2, 10]))
            objects.append(Object(name: scalar(3), source: .upTime, value: .timeTicks(0)))
            text(scalar(4), "nobody")
            text(scalar(5), "fleet-\(device + 1)")
            text(scalar(6), "a loopback address")
        }

        mutating func addCount(_ interfaces: Int) {
            fixed([1, 3, 6, 1, 2, 1, 2, 1, 0], .integer(Int32(clamping: interfaces)))
            fixed([1, 3, 6, 1, 2, 1, 31, 1, 5, 0], .timeTicks(0))
        }

        mutating func addInterface(_ index: UInt32, _ device: Int) {
            let (row, extended) = (
                [1, 3, 6, 1, 2, 1, 2, 2, 1] as ObjectIdentifier, [1, 3, 6, 1, 2, 1, 31, 1, 1, 1] as ObjectIdentifier
            )
            func column(_ arc: UInt32) -> ObjectIdentifier { row.appending(arc).appending(index) }
            func wide(_ arc: UInt32) -> ObjectIdentifier { extended.appending(arc).appending(index) }
            fixed(column(1), .integer(Int32(index)))
            text(column(2), "GigabitEthernet1/0/\(index)")
            fixed(column(3), .integer(6))
            fixed(column(4), .integer(1_500))
            fixed(column(5), .gauge32(1_000_000_000))
            fixed(column(6), .octetString([2, 0, 0, 0, UInt8(truncatingIfNeeded: device), UInt8(clamping: index)]))
            level(column(7), .integer32, 1, 1)
            objects.append(Object(name: column(8), source: .state, value: .integer(1)))
            for arc: UInt32 in [13, 14, 19, 20] { counter(column(arc), .counter32, mean: arc % 2 == 0 ? 1 : 4) }
            text(wide(1), "Gi1/0/\(index)")
            for arc: UInt32 in [6, 10] { counter(wide(arc), .counter64, mean: 40_000_000) }
            for arc: UInt32 in [7, 11] { counter(wide(arc), .counter64, mean: 60_000) }
            for arc: UInt32 in [8, 9, 12, 13] { counter(wide(arc), .counter64, mean: 300) }
            fixed(wide(15), .gauge32(1_000))
            text(wide(18), index == 1 ? "uplink" : "")
            level(wide(19), .timeTicks, 0, 1)
        }

        mutating func addHost() {
            let ucd: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 2021]
            let host: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25]
            for arc: UInt32 in [50, 51, 52, 53, 54, 56, 61, 64] {
                counter(ucd.appending(11).appending(arc).appending(0), .counter32, mean: 250)
            }
            for arc: UInt32 in [3, 4, 5, 6, 14, 15] {
                level(ucd.appending(4).appending(arc).appending(0), .integer32, 1_000_000, 200_000)
            }
            for index: UInt32 in 1...3 {
                level(ucd.appending(10).appending(1).appending(5).appending(index), .integer32, 0, 400)
            }
            level(host.appending(1).appending(5).appending(0), .gauge32, 0, 8)
            level(host.appending(1).appending(6).appending(0), .gauge32, 90, 40)
            for index: UInt32 in 196_608...196_609 {
                level([1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2, index], .integer32, 0, 101)
                text([1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, index], "a processor")
            }
            for index: UInt32 in 1...2 {
                let row = host.appending(2).appending(3).appending(1)
                fixed(row.appending(2).appending(index), .objectIdentifier([1, 3, 6, 1, 2, 1, 25, 2, 1, 4]))
                text(row.appending(3).appending(index), index == 1 ? "/" : "/var")
                fixed(row.appending(4).appending(index), .integer(4_096))
                level(row.appending(5).appending(index), .integer32, 20_000_000, 1)
                level(row.appending(6).appending(index), .integer32, 5_000_000, 1_000_000)
            }
        }
    }
}

extension SNMPValue {
    /// The sample as it is on the wire.
    init(_ value: RawValue) {
        let low = UInt32(truncatingIfNeeded: value.bits)
        switch value.type {
        case .integer32: self = .integer(Int32(bitPattern: low))
        case .counter32: self = .counter32(low)
        case .gauge32: self = .gauge32(low)
        case .timeTicks: self = .timeTicks(low)
        case .counter64: self = .counter64(value.bits)
        case .float: self = .float(Float(bitPattern: low))
        case .double: self = .double(Double(bitPattern: value.bits))
        }
    }
}
