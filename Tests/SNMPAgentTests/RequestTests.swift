import Primitives
import SNMPAgent
import SNMPCodec
import Testing

@Suite struct GetTests {
    /// Evidence: RFC 3416, 4.2.1, (1) to (3).
    @Test func valueNoSuchObjectAndNoSuchInstance() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 2))
        let names = [Lab.oid(1, 1, 2), Lab.oid(1, 1, 3), Lab.oid(1, 3, 1), Lab.oid(2, 0), Lab.oid(1, 1)]
        let response = try #require(try Lab.ask(agent, PDU(.get, requestID: 1, names.map { VarBind($0) })))
        #expect(response.errorStatus == .noError && response.errorIndexField == 0)
        #expect(response.variableBindings.map(\.name) == names)
        #expect(
            response.variableBindings.map(\.value)
                == [.integer(1), .noSuchInstance, .noSuchObject, .noSuchObject, .noSuchInstance])
    }

    @Test func emptyRequestIsAnswered() throws {
        let agent = Lab.agent()
        for type in [PDUType.get, .getNext, .getBulk, .set] {
            let response = try #require(try Lab.ask(agent, PDU(type, requestID: 1, [])))
            #expect(response.errorStatus == .noError)
            #expect(response.variableBindings.isEmpty)
        }
    }

    /// Evidence: RFC 1157, 4.1.2, (1); RFC 3584, 4.2.2.1 (Counter64).
    @Test func v1HasNoExceptions() throws {
        let agent = Lab.agent()
        let subtree = Lab.table(rows: 1)
        subtree.set(Lab.oid(1, 5, 1), to: .counter64(1))
        try agent.register(subtree)
        for missing in [Lab.oid(2, 0), Lab.oid(1, 1, 9), Lab.oid(1, 5, 1)] {
            let request = Lab.get(Lab.oid(1, 1, 1), missing)
            let response = try #require(try Lab.ask(agent, request, version: .v1))
            #expect(response.errorStatus == .noSuchName && response.errorIndexField == 2)
            #expect(response.variableBindings == request.variableBindings)
        }
        let fine = try #require(try Lab.ask(agent, Lab.get(Lab.oid(1, 1, 1)), version: .v1))
        #expect(fine.variableBindings == [VarBind(Lab.oid(1, 1, 1), .integer(0))])
    }

    /// Evidence: RFC 3416, 4.2.1: "genErr", with the index of the binding and the request's own bindings.
    @Test func failureToReadIsGenErr() throws {
        let agent = Lab.agent()
        let faulty = FaultySubtree(root: Lab.oid(1), [Lab.oid(1, 1): .integer(1), Lab.oid(1, 2): .integer(2)])
        faulty.failures[.read] = [Lab.oid(1, 2): .resourceUnavailable]
        try agent.register(faulty)
        for request in [
            Lab.get(Lab.oid(1, 1), Lab.oid(1, 2)), Lab.getNext(Lab.oid(1), Lab.oid(1, 1)),
            Lab.bulk(1, 5, [Lab.oid(1), Lab.oid(1, 1)]), Lab.bulk(0, 5, [Lab.oid(9), Lab.oid(1)]),
        ] {
            let response = try #require(try Lab.ask(agent, request))
            #expect(response.errorStatus == .genErr && response.errorIndexField == 2)
            #expect(response.variableBindings == request.variableBindings)
        }
    }

    /// Evidence: RFC 3416, 4.2.1: tooBig, index zero, no bindings; RFC 1157, 4.1.2, (3): the request's bindings.
    @Test func tooBig() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 60))
        let names = (1...50).map { VarBind(Lab.oid(1, 2, UInt32($0))) }
        let whole = try #require(try Lab.ask(agent, PDU(.get, requestID: 1, names)))
        #expect(whole.variableBindings.count == 50)
        for type in [PDUType.get, .getNext] {
            let request = PDU(type, requestID: 1, names)
            let response = try #require(try Lab.ask(agent, request, room: 1_500))
            #expect(response.errorStatus == .tooBig && response.errorIndexField == 0)
            #expect(response.variableBindings.isEmpty)
            let v1 = try #require(try Lab.ask(agent, request, version: .v1, room: 1_500))
            #expect(v1.errorStatus == .tooBig && v1.errorIndexField == 0)
            #expect(v1.variableBindings == names)
        }
        #expect(agent.counters.silentDrops == 0)
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1, 2, 1)), room: 20) == nil)
        #expect(agent.counters.silentDrops == 1)
    }

    /// The greatest response that fits is sent, one octet less room makes it tooBig.
    @Test func roomIsUsedToTheLastOctet() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 3))
        let request = CommunityMessage(
            version: .v2c, community: Array("public".utf8),
            pdu: .pdu(Lab.get(Lab.oid(1, 2, 1), Lab.oid(1, 2, 2), Lab.oid(1, 2, 3))))
        let size = try #require(Lab.exchange(agent, try request.encoded())).count
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1, 2, 1)), room: size)?.errorStatus == .noError)
        guard case .pdu(let pdu) = request.pdu else { return }
        #expect(try Lab.ask(agent, pdu, room: size)?.errorStatus == .noError)
        #expect(try Lab.ask(agent, pdu, room: size - 1)?.errorStatus == .tooBig)
    }
}

@Suite struct GetNextTests {
    /// Evidence: RFC 3416, 4.2.2.
    @Test func endOfMibViewKeepsTheName() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 2))
        let response = try #require(
            try Lab.ask(agent, Lab.getNext(Lab.oid(1), Lab.oid(1, 1, 2), Lab.oid(1, 2, 2), Lab.oid(500))))
        #expect(
            response.variableBindings == [
                VarBind(Lab.oid(1, 1, 1), .integer(0)),
                VarBind(Lab.oid(1, 2, 1), .octetString([UInt8](repeating: 0x61, count: 20))),
                VarBind(Lab.oid(1, 2, 2), .endOfMibView), VarBind(Lab.oid(500), .endOfMibView),
            ])
    }

    /// Evidence: RFC 3584, 4.2.2.1: Counter64 is stepped over; RFC 1157, 4.1.3, (1): noSuchName at the end.
    @Test func v1StepsOverCounter64() throws {
        let agent = Lab.agent()
        try agent.register(
            StoredSubtree(
                root: Lab.oid(1),
                [
                    VarBind(Lab.oid(1, 1), .counter64(1)), VarBind(Lab.oid(1, 2), .counter64(1)),
                    VarBind(Lab.oid(1, 3), .integer(3)), VarBind(Lab.oid(1, 4), .counter64(1)),
                ]))
        let response = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1)), version: .v1))
        #expect(response.variableBindings == [VarBind(Lab.oid(1, 3), .integer(3))])
        let request = Lab.getNext(Lab.oid(1), Lab.oid(1, 3))
        let end = try #require(try Lab.ask(agent, request, version: .v1))
        #expect(end.errorStatus == .noSuchName && end.errorIndexField == 2)
        #expect(end.variableBindings == request.variableBindings)
        let v2 = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1))))
        #expect(v2.variableBindings == [VarBind(Lab.oid(1, 1), .counter64(1))])
    }

    @Test func stepsAreBounded() throws {
        var limits = AgentLimits()
        limits.maximumSteps = 10
        let agent = Lab.agent(limits: limits)
        let bindings = (1...20).map { VarBind(Lab.oid(1, $0), .counter64(1)) } + [VarBind(Lab.oid(1, 21), .integer(1))]
        try agent.register(StoredSubtree(root: Lab.oid(1), bindings))
        let far = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1)), version: .v1))
        #expect(far.errorStatus == .genErr && far.errorIndexField == 1)
        let near = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1, 12)), version: .v1))
        #expect(near.variableBindings == [VarBind(Lab.oid(1, 21), .integer(1))])
        // A GETBULK shows what it has by then.
        let bulk = try #require(try Lab.ask(agent, Lab.bulk(0, 100, [Lab.oid(1)])))
        #expect(bulk.errorStatus == .noError && bulk.variableBindings.count == 10)
    }

    /// A subtree that answers with a name that is not greater would make walks endless.
    @Test func disorderlySubtreesAreGenErr() throws {
        final class Stuck: ManagedSubtree {
            let root = Lab.oid(1)
            func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue { .noSuchInstance }
            func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? { VarBind(Lab.oid(1, 5), .null) }
        }
        let agent = Lab.agent()
        try agent.register(Stuck())
        #expect(try Lab.ask(agent, Lab.getNext(Lab.oid(1)))?.errorStatus == .noError)
        #expect(try Lab.ask(agent, Lab.getNext(Lab.oid(1, 5)))?.errorStatus == .genErr)
        #expect(try Lab.ask(agent, Lab.getNext(Lab.oid(1, 6)))?.errorStatus == .genErr)
    }
}

@Suite struct GetBulkTests {
    /// Evidence: RFC 3416, 4.2.3: order of bindings.
    @Test func nonRepeatersThenRowsOfRepeaters() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 3))
        let response = try #require(
            try Lab.ask(agent, Lab.bulk(1, 2, [Lab.oid(1), Lab.oid(1, 1), Lab.oid(1, 2)])))
        #expect(
            response.variableBindings.map(\.name) == [
                Lab.oid(1, 1, 1), Lab.oid(1, 1, 1), Lab.oid(1, 2, 1), Lab.oid(1, 1, 2), Lab.oid(1, 2, 2),
            ])
    }

    /// Evidence: RFC 3416, 4.2.3: a row of endOfMibView only may end the response.
    @Test func endsWithTheMib() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 2))
        let response = try #require(try Lab.ask(agent, Lab.bulk(0, 50, [Lab.oid(1, 1, 2), Lab.oid(1, 2, 1)])))
        #expect(
            response.variableBindings.map(\.name) == [
                Lab.oid(1, 2, 1), Lab.oid(1, 2, 2), Lab.oid(1, 2, 2), Lab.oid(1, 2, 2), Lab.oid(1, 2, 2),
                Lab.oid(1, 2, 2),
            ])
        #expect(
            response.variableBindings.map(\.value.isException) == [false, false, false, true, true, true])
    }

    /// Evidence: RFC 3416, 4.2.3: negative counts are zero.
    @Test(arguments: [(-5, 2, 4), (1, -7, 1), (0, 0, 0), (9, 9, 2), (.min, .min, 0)] as [(Int32, Int32, Int)])
    func countsAreClamped(nonRepeaters: Int32, maxRepetitions: Int32, count: Int) throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 9))
        let response = try #require(
            try Lab.ask(agent, Lab.bulk(nonRepeaters, maxRepetitions, [Lab.oid(1, 1), Lab.oid(1, 2)])))
        #expect(response.variableBindings.count == count)
    }

    @Test func repetitionsAreLimited() throws {
        var limits = AgentLimits()
        limits.maximumRepetitions = 7
        let agent = Lab.agent(limits: limits)
        try agent.register(Lab.table(rows: 100))
        let response = try #require(try Lab.ask(agent, Lab.bulk(0, .max, [Lab.oid(1, 1), Lab.oid(1, 2)])))
        #expect(response.variableBindings.count == 14)
    }

    /// Evidence: RFC 3416, 4.2.3: as many bindings as fit; for every room one more octet never gives fewer, and the
    /// next binding would not have fitted.
    @Test func responsesAreCutToFit() throws {
        let agent = Lab.agent()
        try agent.register(Lab.table(rows: 300))
        let all = Lab.bulk(0, 1_000, [Lab.oid(1, 1), Lab.oid(1, 2)])
        let sequence = try #require(try Lab.ask(agent, all)).variableBindings
        #expect(sequence.count > 600)
        for room in Array(484...700) + [1_472, 9_000] {
            let response = try #require(try Lab.ask(agent, all, room: room))
            let count = response.variableBindings.count
            #expect(response.errorStatus == .noError && count > 0)
            #expect(response.variableBindings == Array(sequence.prefix(count)))
            let next = CommunityMessage(
                version: .v2c, community: Array("public".utf8),
                pdu: .pdu(PDU(.response, requestID: 3, Array(sequence.prefix(count + 1)))))
            #expect(try next.encoded().count > room)
        }
    }

    @Test func nothingFitsIsTooBig() throws {
        let agent = Lab.agent()
        try agent.register(
            StoredSubtree(root: Lab.oid(1), [VarBind(Lab.oid(1, 1), .octetString([UInt8](repeating: 1, count: 900)))]))
        for request in [Lab.bulk(0, 10, [Lab.oid(1)]), Lab.bulk(1, 10, [Lab.oid(1)])] {
            let response = try #require(try Lab.ask(agent, request, room: 500))
            #expect(response.errorStatus == .tooBig && response.errorIndexField == 0)
            #expect(response.variableBindings.isEmpty)
        }
    }

    /// The work is bounded by the response, not by what is asked for.
    @Test func hostileRequestsCostNoMoreThanTheirResponse() throws {
        final class Endless: ManagedSubtree {
            let root = Lab.oid(1)
            var calls = 0
            func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue { .noSuchInstance }
            func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
                calls += 1
                return VarBind(Lab.oid(1, UInt32(calls)), .integer(1))
            }
        }
        let endless = Endless()
        let agent = Lab.agent()
        try agent.register(endless)
        let names = [ObjectIdentifier](repeating: Lab.oid(1), count: 200)
        let response = try #require(try Lab.ask(agent, Lab.bulk(0, .max, names), room: 1_472))
        #expect(!response.variableBindings.isEmpty)
        #expect(endless.calls <= 200)
        #expect(try Lab.ask(agent, Lab.bulk(.max, .max, names), room: 1_472) != nil)
        #expect(endless.calls <= 400)
    }

    /// v1 has no GETBULK: the message is malformed.
    @Test func notInV1() throws {
        let agent = Lab.agent()
        #expect(try Lab.ask(agent, Lab.bulk(0, 1, [Lab.oid(1)]), version: .v1) == nil)
        #expect(agent.counters.inASNParseErrors == 1)
    }
}
