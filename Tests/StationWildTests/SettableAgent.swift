// Layer: StationWildTests. Uses: SNMP (AgentServer). Used by: the suites beside it.
// A device of SNMP on loopback whose counters and clock the test sets; left alone they grow with the time.

import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPSecurity

/// A number that grows evenly.
struct Ramp: Sendable {
    /// Its value at `start`.
    var base: UInt64
    /// A second.
    var perSecond: UInt64
    var start = SystemClock.now

    /// Its value at a time, modulo 2^64.
    func value(at now: Instant) -> UInt64 {
        base &+ UInt64(max(0, (now - start).nanoseconds)) / 1_000 &* perSecond / 1_000_000
    }

    /// One that passes 2^`bits` so many seconds from now.
    static func wrapping(bits: UInt64, in seconds: UInt64, perSecond: UInt64) -> Ramp {
        Ramp(base: (bits == 64 ? 0 : 1 << bits) &- seconds * perSecond, perSecond: perSecond)
    }
}

/// A port of the device.
struct SettablePort: Sendable {
    var name: String
    /// Received octets.
    var octets: Ramp
    /// Whether it has counters of 64 bits.
    var isWide = true
    var discontinuity: UInt32 = 0
}

/// The device.
final class SettableAgent: ManagedSubtree, Sendable {
    struct Contents: Sendable {
        var ports: [SettablePort] = []
        /// sysUpTime in hundredths of a second.
        var upTime = Ramp(base: 360_000, perSecond: 100)
    }

    let root: ObjectIdentifier = [1, 3, 6, 1]
    private let contents: Locked<Contents>
    static let community = Array("wild".utf8)

    init(_ ports: [SettablePort]) { contents = Locked(Contents(ports: ports)) }

    /// Changes the device.
    func change(_ body: (inout Contents) -> Void) { contents.withLock { body(&$0) } }

    /// Serves it on a port of 127.0.0.1, of the system's choice if 0.
    func serve(port: UInt16 = 0) throws -> AgentServer {
        let configuration = AgentConfiguration(
            engineID: EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("wild".utf8)), engineBoots: 1,
            communities: [Community(Self.community)], access: .readOnly(minimumUserLevel: .noAuthNoPriv),
            servesOwnObjects: false, firstSalt: 1)
        let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
        try agent.register(self)
        return try AgentServer(agent, endpoints: [ServiceEndpoint(.loopbackIPv4(port: port))])
    }

    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        objects(now)[name] ?? .noSuchInstance
    }

    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        objects(now).next(after: name).map { VarBind($0.key, $0.value) }
    }

    private func objects(_ now: Instant) -> OIDMap<SNMPValue> {
        let contents = contents.withLock { $0 }
        let system: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]
        let ifEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1]
        let ifXEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1]
        var list: [(ObjectIdentifier, SNMPValue)] = [
            (system.appending(1).appending(0), .string("a device of the tests")),
            (
                system.appending(3).appending(0),
                .timeTicks(UInt32(truncatingIfNeeded: contents.upTime.value(at: now)))
            ), (system.appending(5).appending(0), .string("settable")),
            ([1, 3, 6, 1, 2, 1, 2, 1, 0], .integer(Int32(contents.ports.count))),
        ]
        for (place, port) in contents.ports.enumerated() {
            let index = UInt32(place + 1)
            func add(_ entry: ObjectIdentifier, _ column: UInt32, _ value: SNMPValue) {
                list.append((entry.appending(column).appending(index), value))
            }
            let octets = port.octets.value(at: now)
            add(ifEntry, 2, .string(port.name))
            add(ifEntry, 3, .integer(6))
            add(ifEntry, 5, .gauge32(1_000_000_000))
            add(ifEntry, 7, .integer(1))
            add(ifEntry, 8, .integer(1))
            add(ifEntry, 10, .counter32(UInt32(truncatingIfNeeded: octets)))
            add(ifXEntry, 1, .string(port.name))
            if port.isWide { add(ifXEntry, 6, .counter64(octets)) }
            add(ifXEntry, 15, .gauge32(1_000))
            add(ifXEntry, 19, .timeTicks(port.discontinuity))
        }
        return OIDMap(list)
    }
}
