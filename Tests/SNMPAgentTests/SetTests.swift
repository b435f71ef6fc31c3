import Primitives
import SNMPAgent
import SNMPCodec
import Testing

/// Evidence: RFC 3416, 4.2.5.
@Suite struct SetTests {
    static let names = [Lab.oid(1, 1), Lab.oid(2, 1), Lab.oid(1, 2)]
    static let request = PDU(.set, requestID: 4, names.map { VarBind($0, .integer(100)) })

    /// Two subtrees, so that the phases have to cross them.
    static func agent() throws -> (Agent, [FaultySubtree]) {
        let agent = Lab.agent()
        let subtrees = [
            FaultySubtree(root: Lab.oid(1), [Lab.oid(1, 1): .integer(1), Lab.oid(1, 2): .integer(2)]),
            FaultySubtree(root: Lab.oid(2), [Lab.oid(2, 1): .integer(3)]),
        ]
        for subtree in subtrees { try agent.register(subtree) }
        return (agent, subtrees)
    }

    static func values(_ agent: Agent) throws -> [SNMPValue] {
        let request = PDU(.get, requestID: 1, names.map { VarBind($0) })
        return try #require(try Lab.ask(agent, request)).variableBindings.map(\.value)
    }

    static let before: [SNMPValue] = [.integer(1), .integer(3), .integer(2)]
    static let after = [SNMPValue](repeating: .integer(100), count: 3)

    @Test func allPhasesInOrder() throws {
        let (agent, subtrees) = try Self.agent()
        let response = try #require(try Lab.ask(agent, Self.request))
        #expect(response.errorStatus == .noError && response.errorIndexField == 0)
        #expect(response.variableBindings == Self.request.variableBindings)
        #expect(try Self.values(agent) == Self.after)
        #expect(subtrees[0].log.map(\.0) == [.prepare, .prepare, .commit, .commit, .release, .release])
        #expect(subtrees[1].log.map(\.0) == [.prepare, .commit, .release])
    }

    /// Every phase fails once at every binding.
    @Test(arguments: [FaultySubtree.Phase.prepare, .commit], 0..<3)
    func failureChangesNothing(phase: FaultySubtree.Phase, position: Int) throws {
        let (agent, subtrees) = try Self.agent()
        for subtree in subtrees { subtree.failures[phase] = [Self.names[position]: .wrongLength] }
        let response = try #require(try Lab.ask(agent, Self.request))
        #expect(response.errorStatus == (phase == .prepare ? .wrongLength : .commitFailed))
        #expect(response.errorIndexField == Int32(position + 1))
        #expect(response.variableBindings == Self.request.variableBindings)
        #expect(try Self.values(agent) == Self.before)
        // What was prepared is released, and nothing else; what was committed is undone, last first.
        let log = subtrees.flatMap(\.log)
        #expect(log.count { $0.0 == .release } == (phase == .prepare ? position : 3))
        #expect(log.count { $0.0 == .undo } == (phase == .prepare ? 0 : position))
        if phase == .prepare { #expect(!log.contains { $0.0 == .commit }) }
    }

    @Test(arguments: 0..<2)
    func failedUndo(position: Int) throws {
        let (agent, subtrees) = try Self.agent()
        for subtree in subtrees {
            subtree.failures[.commit] = [Self.names[2]: .genErr]
            subtree.failures[.undo] = [Self.names[position]: .genErr]
        }
        let response = try #require(try Lab.ask(agent, Self.request))
        #expect(response.errorStatus == .undoFailed && response.errorIndexField == 0)
        // The other one is undone all the same.
        var expected = Self.before
        expected[position] = .integer(100)
        #expect(try Self.values(agent) == expected)
        #expect(subtrees.flatMap(\.log).count { $0.0 == .release } == 3)
    }

    /// Evidence: RFC 3584, 4.4.
    @Test(arguments: [
        (.wrongType, .badValue), (.wrongLength, .badValue), (.wrongEncoding, .badValue), (.wrongValue, .badValue),
        (.inconsistentValue, .badValue), (.noCreation, .noSuchName), (.notWritable, .noSuchName),
        (.inconsistentName, .noSuchName), (.noAccess, .noSuchName), (.resourceUnavailable, .genErr),
        (.genErr, .genErr), (.undoFailed, .genErr), (.tooBig, .genErr),
    ] as [(ErrorStatus, ErrorStatus)])
    func statusOfV1(status: ErrorStatus, v1: ErrorStatus) throws {
        let (agent, subtrees) = try Self.agent()
        subtrees[1].failures[.prepare] = [Self.names[1]: status]
        let response = try #require(try Lab.ask(agent, Self.request, version: .v1))
        #expect(response.errorStatus == v1 && response.errorIndexField == 2)
        // Only the statuses of the first phase come through in v2c.
        let isPossible = ![.genErr, .undoFailed, .tooBig].contains(status)
        #expect(try Lab.ask(agent, Self.request)?.errorStatus == (isPossible ? status : .genErr))
    }

    @Test func failedCommitInV1IsGenErr() throws {
        let (agent, subtrees) = try Self.agent()
        subtrees[1].failures[.commit] = [Self.names[1]: .genErr]
        let response = try #require(try Lab.ask(agent, Self.request, version: .v1))
        #expect(response.errorStatus == .genErr && response.errorIndexField == 2)
    }

    /// Evidence: RFC 3416, 4.2.5, (2): nothing there can be set.
    @Test func notWritable() throws {
        let (agent, _) = try Self.agent()
        try agent.register(StoredSubtree(root: Lab.oid(3), [VarBind(Lab.oid(3, 0), .integer(1))]))
        for name in [Lab.oid(3, 0), Lab.oid(77)] {
            let response = try #require(try Lab.ask(agent, Lab.set(VarBind(name, .integer(1)))))
            #expect(response.errorStatus == .notWritable && response.errorIndexField == 1)
        }
    }

    /// Evidence: RFC 3416, 4.2.5: whether the response fits is decided before anything changes.
    @Test func tooBigChangesNothing() throws {
        let (agent, subtrees) = try Self.agent()
        let value = SNMPValue.octetString([UInt8](repeating: 1, count: 400))
        let request = Lab.set(VarBind(Self.names[0], value), VarBind(Self.names[1], value))
        let response = try #require(try Lab.ask(agent, request, room: 500))
        #expect(response.errorStatus == .tooBig && response.variableBindings.isEmpty)
        #expect(subtrees.flatMap(\.log).isEmpty)
    }

    /// Evidence: RFC 3416, 4.2.5, (4): an INTEGER of no octets.
    @Test func badEncoding() throws {
        let (agent, subtrees) = try Self.agent()
        let request = Lab.set(VarBind(Self.names[0], .other(tag: 0x02, content: [])))
        let response = try #require(try Lab.ask(agent, request))
        #expect(response.errorStatus == .wrongEncoding && response.errorIndexField == 1)
        #expect(subtrees.flatMap(\.log).isEmpty)
    }

    @Test func readOnlyAccess() throws {
        let agent = Lab.agent(access: .readOnly())
        let subtree = FaultySubtree(root: Lab.oid(1), [Lab.oid(1, 1): .integer(1)])
        try agent.register(subtree)
        let request = Lab.set(VarBind(Lab.oid(1, 1), .integer(2)))
        #expect(try Lab.ask(agent, request)?.errorStatus == .authorizationError)
        #expect(try Lab.ask(agent, request, version: .v1)?.errorStatus == .noSuchName)
        #expect(subtree.log.isEmpty)
        #expect(agent.counters.inBadCommunityUses == 2)
    }
}

@Suite struct ScalarTests {
    @Test func valuesAndGaps() throws {
        let agent = Lab.agent()
        var calls: Int32 = 0
        try agent.register(
            ScalarGroup(
                root: Lab.oid(1),
                [
                    Scalar(7) { (now) throws(ObjectError) in .timeTicks(UInt32(now.nanoseconds / 10_000_000)) },
                    .constant(2, .string("name")),
                    Scalar(4) { (_) throws(ObjectError) in calls += 1; return .integer(calls) },
                    Scalar(5) { (_) throws(ObjectError) in .noSuchInstance },
                ]))
        let get = try #require(
            try Lab.ask(
                agent, Lab.get(Lab.oid(1, 2, 0), Lab.oid(1, 7, 0), Lab.oid(1, 2), Lab.oid(1, 2, 1), Lab.oid(1, 3, 0)),
                at: Instant.zero + .seconds(3)))
        #expect(
            get.variableBindings.map(\.value)
                == [.string("name"), .timeTicks(300), .noSuchInstance, .noSuchInstance, .noSuchObject])
        let walk = try #require(try Lab.ask(agent, Lab.bulk(0, 10, [Lab.oid(1)])))
        #expect(
            walk.variableBindings.map(\.name) == [
                Lab.oid(1, 2, 0), Lab.oid(1, 4, 0), Lab.oid(1, 7, 0), Lab.oid(1, 7, 0),
            ])
    }

    @Test func storedScalarsCanBeSet() throws {
        let agent = Lab.agent()
        try agent.register(
            ScalarGroup(
                root: Lab.oid(1),
                [
                    .stored(1, .string("a")) { (value) throws(ObjectError) in
                        if (value.asOctets?.count ?? 0) > 3 { throw ObjectError(.wrongLength) }
                    },
                    .stored(2, .integer(5)), .constant(3, .integer(6)),
                ]))
        func set(_ bindings: VarBind...) throws -> [Int32] {
            let response = try #require(try Lab.ask(agent, PDU(.set, requestID: 1, bindings)))
            return [response.errorStatus.rawValue, response.errorIndexField]
        }
        let first = Lab.oid(1, 1, 0), second = Lab.oid(1, 2, 0)
        #expect(try set(VarBind(first, .string("abc")), VarBind(second, .integer(9))) == [0, 0])
        #expect(try set(VarBind(second, .integer(1)), VarBind(first, .string("abcd"))) == [8, 2])
        #expect(try set(VarBind(second, .gauge32(1))) == [7, 1])
        #expect(try set(VarBind(Lab.oid(1, 3, 0), .integer(1))) == [17, 1])
        #expect(try set(VarBind(Lab.oid(1, 2, 1), .integer(1))) == [11, 1])
        #expect(try set(VarBind(Lab.oid(1, 9, 0), .integer(1))) == [17, 1])
        let get = try #require(try Lab.ask(agent, Lab.get(first, second)))
        #expect(get.variableBindings.map(\.value) == [.string("abc"), .integer(9)])
    }

    @Test func failedCommitRestoresScalarsSetTwice() throws {
        let agent = Lab.agent()
        try agent.register(ScalarGroup(root: Lab.oid(1), [.stored(1, .integer(5))]))
        let faulty = FaultySubtree(root: Lab.oid(2), [:])
        faulty.failures[.commit] = [Lab.oid(2, 1): .genErr]
        try agent.register(faulty)
        let name = Lab.oid(1, 1, 0)
        let response = try Lab.ask(
            agent,
            Lab.set(VarBind(name, .integer(6)), VarBind(name, .integer(7)), VarBind(Lab.oid(2, 1), .integer(1))))
        #expect(response?.errorStatus == .commitFailed && response?.errorIndexField == 3)
        #expect(try Lab.ask(agent, Lab.get(name))?.variableBindings == [VarBind(name, .integer(5))])
    }

    /// Evidence: RFC 2579, TestAndIncr; RFC 3418, snmpSetSerialNo.
    @Test func setSerialNumber() throws {
        let agent = Lab.agent(servesOwnObjects: true)
        let name: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 6, 1, 0]
        #expect(try Lab.ask(agent, Lab.set(VarBind(name, .integer(0))))?.errorStatus == .noError)
        #expect(try Lab.ask(agent, Lab.set(VarBind(name, .integer(0))))?.errorStatus == .inconsistentValue)
        #expect(try Lab.ask(agent, Lab.set(VarBind(name, .gauge32(1))))?.errorStatus == .wrongType)
        #expect(try Lab.ask(agent, Lab.get(name))?.variableBindings == [VarBind(name, .integer(1))])
        // Taken back when another binding fails.
        let faulty = FaultySubtree(root: Lab.oid(2), [:])
        faulty.failures[.commit] = [Lab.oid(2, 1): .genErr]
        try agent.register(faulty)
        let both = Lab.set(VarBind(name, .integer(1)), VarBind(Lab.oid(2, 1), .integer(1)))
        #expect(try Lab.ask(agent, both)?.errorStatus == .commitFailed)
        #expect(try Lab.ask(agent, Lab.get(name))?.variableBindings == [VarBind(name, .integer(1))])
    }
}
