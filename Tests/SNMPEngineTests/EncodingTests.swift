import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// What goes out is what anybody else makes of the same PDU with the codec, to the octet.
@Suite struct EncodingTests {
    /// Names with NULL, with one value of every type, and with long names and values.
    static let lists: [[VarBind]] = [
        [], [VarBind(sysName)], [VarBind(sysName), VarBind([1, 3]), VarBind([0, 0])],
        [
            VarBind(sysName, .integer(-129)), VarBind([2, 999, 3], .octetString([])),
            VarBind([1, 3, 6, 1, 4, 1, 4_294_967_295], .objectIdentifier([1, 3, 6, 1])),
            VarBind(sysName, .ipAddress(0x7F00_0001)), VarBind(sysName, .counter32(.max)),
            VarBind(sysName, .gauge32(0)), VarBind(sysName, .timeTicks(0x8000_0000)),
            VarBind(sysName, .opaque([1, 2])),
        ],
        (0..<40).map { VarBind(sysName.appending($0), .octetString([UInt8](repeating: 7, count: 300))) },
    ]

    private static let community = Array("some community".utf8)

    /// The first message of a request.
    private func sent(_ request: Request, _ version: SNMPVersion) throws -> [UInt8] {
        let network = SimulatedNetwork(seed: 1)
        let security: TargetSecurity =
            version == .v1 ? .v1(community: Self.community) : .v2c(community: Self.community)
        let configuration = TargetConfiguration(Peer(address(1)), security)
        let added = network.engine.addTarget(configuration)
        let target = try #require(added)
        nonisolated(unsafe) var messages: [[UInt8]] = []
        network.onSend = { octets, _, _ in messages.append(octets) }
        network.submit(request, to: target)
        network.run(for: .zero)
        return try #require(messages.first)
    }

    private func check(_ request: Request, _ version: SNMPVersion, _ pdu: (Int32) -> PDU) throws {
        for identifier in RequestIDTests.values {
            var request = request
            request.requestID = identifier
            let expected = try CommunityMessage(
                version: version, community: Self.community, pdu: .pdu(pdu(identifier))
            ).encoded()
            #expect(try sent(request, version) == expected, "\(request.type) \(identifier) in \(version)")
        }
    }

    // By number: a list of the longest message would be printed in whole.
    @Test(arguments: lists.indices)
    func requestsAreWhatTheCodecWrites(number: Int) throws {
        let list = Self.lists[number]
        let bindings = try EncodedBindings(list)
        for version in [SNMPVersion.v1, .v2c] {
            try check(.get(bindings), version) { PDU(.get, requestID: $0, list) }
            try check(.getNext(bindings), version) { PDU(.getNext, requestID: $0, list) }
            try check(.set(bindings), version) { PDU(.set, requestID: $0, list) }
        }
        try check(.inform(bindings), .v2c) { PDU(.inform, requestID: $0, list) }
        try check(.trap(bindings), .v2c) { PDU(.trap, requestID: $0, list) }
        for (nonRepeaters, maxRepetitions) in [(0, 0), (1, 10), (-3, -1), (2, .max)] as [(Int, Int)] {
            let request = Request.getBulk(bindings, nonRepeaters: nonRepeaters, maxRepetitions: maxRepetitions)
            // Counts are clamped to what a GETBULK can say.
            try check(request, .v2c) {
                .getBulk(
                    requestID: $0, nonRepeaters: max(0, Int32(nonRepeaters)),
                    maxRepetitions: Int32(clamping: max(0, maxRepetitions)), list)
            }
            // RFC 3584, section 4.1.1.
            try check(request, .v1) { PDU(.getNext, requestID: $0, list) }
        }
    }

    @Test(arguments: lists.indices)
    func trapsOfVersionOneAreWhatTheCodecWrites(number: Int) throws {
        let list = Self.lists[number]
        let trap = TrapV1PDU(
            enterprise: [1, 3, 6, 1, 4, 1, 8_072], agentAddress: 0xC000_0201, genericTrap: 6, specificTrap: -1,
            timestamp: .max, list)
        let expected = try CommunityMessage(version: .v1, community: Self.community, pdu: .trapV1(trap)).encoded()
        var request = try Request.trapV1(trap)
        #expect(try sent(request, .v1) == expected)
        // There is no request-id in it.
        request.requestID = 99
        #expect(try sent(request, .v1) == expected)
    }

    @Test func namesAreBindingsWithNull() throws {
        for names in [[], [sysName], [sysName, [1, 3]]] as [[ObjectIdentifier]] {
            #expect(try EncodedBindings(names: names) == EncodedBindings(names.map { VarBind($0) }))
        }
        #expect(try EncodedBindings([]).count == 0 && EncodedBindings(names: []).count == 0)
    }

    /// An agent answers the names of a GET, whatever values stand beside them; and an empty list with an empty list.
    @Test func valuesInAGetAndEmptyListsAreAnswered() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([], table: SimulatedTable(identity: 77)), at: address(1))
        for version in [SNMPVersion.v1, .v2c] {
            let target = try network.addTarget(address(1), version)
            let odd = try EncodedBindings([VarBind(sysName, .string("what is it?"))])
            for request in [Request.get(odd), .getNext(odd)] {
                let number = network.submit(request, to: target).number
                #expect(network.run())
                let outcome = try #require(network.outcome(number))
                #expect(outcome.bindings?.count == 1 && outcome.response?.deviations == [])
                if request.type == .get { #expect(outcome.bindings == [VarBind(sysName, .gauge32(77))]) }
            }
            let empty = network.submit(.get(try EncodedBindings([])), to: target).number
            #expect(network.run())
            #expect(network.outcome(empty)?.bindings == [] && network.outcome(empty)?.response?.deviations == [])
        }
    }

    /// SNMPv1 has no Counter64: not even in a GET, where the value means nothing.
    @Test func valuesNewerThanVersionOneAreRefusedThere() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1), .v1)
        let request = Request.get(try EncodedBindings([VarBind(sysName, .counter64(1))]))
        let number = network.submit(request, to: target).number
        #expect(network.run())
        #expect(network.outcome(number)?.failure == .notExpressible(.get, .v1))
    }
}
