import Primitives
import SNMPAgent
import SNMPCodec
import SNMPSecurity
import Testing

/// An agent with a few objects, and messages to and from it.
enum Lab {
    static let engineID = EngineID([0x80, 0, 0x1F, 0x88, 4, 9, 9])
    static let cache = MasterKeyCache()
    static let manager = SocketAddress(ipv4: 192, 0, 2, 7, port: 40_000)
    static let root: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 99_999]

    static func oid(_ arcs: UInt32...) -> ObjectIdentifier { root.appending(contentsOf: arcs) ?? root }

    static func agent(
        access: AccessControl = .readWrite(), communities: [Community] = [Community(Array("public".utf8))],
        limits: AgentLimits = AgentLimits(), servesOwnObjects: Bool = false, start: Instant = .zero
    ) -> Agent {
        Agent(
            AgentConfiguration(
                engineID: engineID, engineBoots: 4, communities: communities, access: access, limits: limits,
                servesOwnObjects: servesOwnObjects, firstSalt: 1),
            start: start, cache: cache)
    }

    /// The octets that the agent answers with; nil for none.
    static func exchange(
        _ agent: Agent, _ message: [UInt8], from source: SocketAddress = manager, at now: Instant = .zero,
        room: Int = SNMPLimits.maximumMessageByteCount
    ) -> [UInt8]? {
        var message = message
        var reply = [UInt8](repeating: 0, count: room)
        let range = message.withUnsafeMutableBytes { datagram in
            reply.withUnsafeMutableBytes { agent.receive(datagram, from: source, at: now, reply: $0) }
        }
        return range.map { Array(reply[$0]) }
    }

    /// The response to a request of v1 or v2c; nil for none.
    static func ask(
        _ agent: Agent, _ pdu: PDU, version: SNMPVersion = .v2c, community: String = "public",
        from source: SocketAddress = manager, at now: Instant = .zero, room: Int = SNMPLimits.maximumMessageByteCount
    ) throws -> PDU? {
        let message = CommunityMessage(version: version, community: Array(community.utf8), pdu: .pdu(pdu))
        guard let octets = exchange(agent, try message.encoded(), from: source, at: now, room: room) else { return nil }
        var deviations = Deviations()
        let answer = try CommunityMessage(decoding: octets.span.bytes, &deviations)
        // A request's own bindings come back as they were, empty numbers included.
        #expect(deviations.subtracting(.emptyInteger).isEmpty, "\(deviations.labels)")
        #expect(answer.version == version)
        #expect(answer.community == message.community)
        guard case .pdu(let response) = answer.pdu else { return nil }
        #expect(response.type == .response)
        #expect(response.requestID == pdu.requestID)
        return response
    }

    static func get(_ names: ObjectIdentifier...) -> PDU { PDU(.get, requestID: 1, names.map { VarBind($0) }) }
    static func getNext(_ names: ObjectIdentifier...) -> PDU { PDU(.getNext, requestID: 2, names.map { VarBind($0) }) }

    static func bulk(_ nonRepeaters: Int32, _ maxRepetitions: Int32, _ names: [ObjectIdentifier]) -> PDU {
        .getBulk(
            requestID: 3, nonRepeaters: nonRepeaters, maxRepetitions: maxRepetitions, names.map { VarBind($0) })
    }

    static func set(_ bindings: VarBind...) -> PDU { PDU(.set, requestID: 4, bindings) }

    /// A table of two columns and `rows` rows, at `oid(1, column, row)`.
    static func table(rows: Int) -> StoredSubtree {
        let text = SNMPValue.octetString([UInt8](repeating: 0x61, count: 20))
        let rows = (0..<rows).map { row in TableRow(index: [UInt32(row) + 1], [.integer(Int32(row)), text]) }
        return StoredSubtree(root: oid(1), TableRow.bindings(entry: oid(1), columns: [1, 2], rows))
    }
}

/// A subtree that fails on purpose, and writes down what is asked of it.
final class FaultySubtree: WritableSubtree {
    enum Phase: Hashable { case read, prepare, commit, undo, release }

    let root: ObjectIdentifier
    var values: [ObjectIdentifier: SNMPValue]
    var failures: [Phase: [ObjectIdentifier: ErrorStatus]] = [:]
    var log: [(Phase, ObjectIdentifier)] = []
    private var before: [ObjectIdentifier: SNMPValue] = [:]

    init(root: ObjectIdentifier, _ values: [ObjectIdentifier: SNMPValue]) {
        self.root = root
        self.values = values
    }

    private func step(_ phase: Phase, _ name: ObjectIdentifier) throws(ObjectError) {
        if phase != .read { log.append((phase, name)) }
        if let status = failures[phase]?[name] { throw ObjectError(status) }
    }

    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        try step(.read, name)
        return values[name] ?? .noSuchInstance
    }

    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        guard let next = values.keys.filter({ $0 > name }).min() else { return nil }
        try step(.read, next)
        return VarBind(next, values[next] ?? .null)
    }

    func prepare(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        try step(.prepare, binding.name)
    }

    func commit(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        try step(.commit, binding.name)
        before[binding.name] = values[binding.name]
        values[binding.name] = binding.value
    }

    func undo(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        try step(.undo, binding.name)
        values[binding.name] = before[binding.name]
    }

    func release(_ binding: VarBind, of request: SetRequest, at now: Instant) { log.append((.release, binding.name)) }
}
