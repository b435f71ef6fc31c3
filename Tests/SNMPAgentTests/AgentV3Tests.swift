import Primitives
import SNMPAgent
import SNMPCodec
import SNMPSecurity
import Testing

@Suite struct AgentV3Tests {
    static let user = Array("ann".utf8)

    static func credentials() throws -> USMCredentials {
        try USMCredentials(
            userName: "ann", auth: .hmacSHA256, authKey: .password("authpassword"), priv: .aes256,
            privKey: .password("privpassword"))
    }

    static func agent(servesOwnObjects: Bool = false) throws -> (Agent, LocalizedKeys) {
        let agent = Lab.agent(servesOwnObjects: servesOwnObjects)
        try agent.add(credentials())
        try agent.register(Lab.table(rows: 300))
        return (agent, try LocalizedKeys(credentials(), engineID: Lab.engineID.octets, cache: Lab.cache))
    }

    static func message(
        _ pdu: PDU, _ level: SecurityLevel, keys: LocalizedKeys?, context: [UInt8] = [],
        contextEngineID: [UInt8] = Lab.engineID.octets, maximumSize: Int32 = 65_507, user: [UInt8] = user
    ) throws -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_507, alignment: 1)
        defer { buffer.deallocate() }
        var writer = BERWriter(buffer)
        writer.pdu(.pdu(pdu))
        writer.scopedHeader(contextEngineID: contextEngineID, contextName: context, since: 0)
        try MessageProtection.protect(
            &writer,
            ProtectionHeader(
                messageID: 321, maximumSize: maximumSize, level: level, isReportable: pdu.type.isConfirmed,
                engineID: Lab.engineID.octets, engineBoots: 4, engineTime: 0, userName: user, saltCounter: 5),
            keys: keys)
        return writer.finished
    }

    struct Answer {
        let pdu: PDU
        let level: SecurityLevel
        let contextName: [UInt8]
        let contextEngineID: [UInt8]
        let octets: Int
    }

    static func open(_ octets: [UInt8]?, keys: LocalizedKeys?) throws -> Answer? {
        guard var message = octets else { return nil }
        let count = message.count
        return try message.withUnsafeMutableBytes { buffer in
            var deviations = Deviations()
            let parsed = try MessageLayout.parse(UnsafeRawBufferPointer(buffer).bytes, &deviations)
            guard case .v3(let layout) = parsed else { return nil }
            #expect(layout.messageID == 321)
            let range = try MessageProtection.unprotect(buffer, layout, keys: keys)
            let bytes = UnsafeRawBufferPointer(buffer).bytes
            let scoped = try ScopedPDULayout.parse(bytes, range, &deviations)
            guard case .pdu(let pdu) = try scoped.pdu.pdu(bytes, &deviations) else { return nil }
            return Answer(
                pdu: pdu, level: layout.flags.level, contextName: bytes.octets(scoped.contextName),
                contextEngineID: bytes.octets(scoped.contextEngineID), octets: count)
        }
    }

    @Test func requestsAreAnsweredAtTheirLevel() throws {
        let (agent, keys) = try Self.agent()
        for level in [SecurityLevel.authNoPriv, .authPriv] {
            let octets = Lab.exchange(agent, try Self.message(Lab.get(Lab.oid(1, 1, 1)), level, keys: keys))
            let answer = try #require(try Self.open(octets, keys: keys))
            #expect(answer.level == level)
            #expect(answer.pdu == PDU(.response, requestID: 1, [VarBind(Lab.oid(1, 1, 1), .integer(0))]))
            #expect(answer.contextEngineID == Lab.engineID.octets && answer.contextName.isEmpty)
        }
        // Access control wants signed messages.
        let plain = Lab.exchange(agent, try Self.message(Lab.get(Lab.oid(1, 1, 1)), .noAuthNoPriv, keys: nil))
        #expect(try Self.open(plain, keys: nil)?.pdu.errorStatus == .authorizationError)
        #expect(agent.counters.inPackets == 3 && agent.counters.outPackets == 3)
    }

    /// Evidence: RFC 3412, 6.3 (msgMaxSize); RFC 3416, 4.2.3.
    @Test(arguments: [484, 485, 500, 777, 1_472, 5_000] as [Int32])
    func responsesKeepToTheSizeOfTheSender(size: Int32) throws {
        let (agent, keys) = try Self.agent()
        for level in [SecurityLevel.authNoPriv, .authPriv] {
            let bulk = Lab.bulk(0, 500, [Lab.oid(1, 2)])
            let octets = Lab.exchange(agent, try Self.message(bulk, level, keys: keys, maximumSize: size))
            let answer = try #require(try Self.open(octets, keys: keys))
            #expect(answer.pdu.errorStatus == .noError)
            #expect(answer.octets <= size)
            // Another binding (39 octets here, and perhaps a longer length field) would not have fitted.
            #expect(answer.octets > Int(size) - 45 || answer.pdu.variableBindings.count == 300)
        }
        let many = PDU(.get, requestID: 1, (1...200).map { VarBind(Lab.oid(1, 2, UInt32($0))) })
        let octets = Lab.exchange(agent, try Self.message(many, .authPriv, keys: keys, maximumSize: size))
        let answer = try #require(try Self.open(octets, keys: keys))
        #expect(answer.pdu.errorStatus == .tooBig && answer.pdu.variableBindings.isEmpty)
    }

    /// Evidence: RFC 3413, 3.2, (5): noSuchContext is a Report, at the level of the request.
    @Test func unknownContextIsReported() throws {
        let (agent, keys) = try Self.agent()
        try agent.register(
            StoredSubtree(root: Lab.oid(1), [VarBind(Lab.oid(1, 0), .integer(8))]), context: Array("vlan-7".utf8))
        let request = Lab.get(Lab.oid(1, 0))
        let known = Lab.exchange(
            agent, try Self.message(request, .authPriv, keys: keys, context: Array("vlan-7".utf8)))
        let answer = try #require(try Self.open(known, keys: keys))
        #expect(answer.pdu.variableBindings.map(\.value) == [.integer(8)])
        #expect(answer.contextName == Array("vlan-7".utf8))
        let unknown = Lab.exchange(
            agent, try Self.message(request, .authPriv, keys: keys, context: Array("vlan-8".utf8)))
        let report = try #require(try Self.open(unknown, keys: keys))
        #expect(report.level == .authPriv)
        #expect(
            report.pdu
                == PDU(.report, requestID: 1, [VarBind([1, 3, 6, 1, 6, 3, 12, 1, 5, 0], .counter32(1))]))
    }

    /// Evidence: RFC 3412, 7.2, (13): snmpUnknownPDUHandlers.
    @Test func otherEnginesAndOtherPDUs() throws {
        let (agent, keys) = try Self.agent()
        let object: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0]
        let other = Lab.exchange(
            agent, try Self.message(Lab.get(Lab.oid(1)), .authNoPriv, keys: keys, contextEngineID: [1, 2, 3, 4, 5]))
        #expect(
            try Self.open(other, keys: keys)?.pdu == PDU(.report, requestID: 1, [VarBind(object, .counter32(1))]))
        let inform = Lab.exchange(
            agent, try Self.message(PDU(.inform, requestID: 6, []), .authNoPriv, keys: keys))
        #expect(
            try Self.open(inform, keys: keys)?.pdu == PDU(.report, requestID: 6, [VarBind(object, .counter32(2))]))
        // Unconfirmed classes get nothing.
        for type in [PDUType.trap, .response, .report] {
            #expect(Lab.exchange(agent, try Self.message(PDU(type, requestID: 6, []), .authNoPriv, keys: keys)) == nil)
        }
        #expect(agent.counters.unknownPDUHandlers == 5)
    }

    @Test func securityFailuresAreReportedCountedAndServed() throws {
        let (agent, keys) = try Self.agent(servesOwnObjects: true)
        agent.reportsAuthenticationFailures = true
        var failures = 0
        agent.onAuthenticationFailure = { _, _ in failures += 1 }
        var wrong = try Self.message(Lab.get(Lab.oid(1)), .authPriv, keys: keys)
        wrong[wrong.count - 1] ^= 1
        let report = try #require(try Self.open(Lab.exchange(agent, wrong), keys: keys))
        #expect(report.level == .noAuthNoPriv)
        #expect(report.pdu.variableBindings == [VarBind([1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0], .counter32(1))])
        let stranger = try Self.message(Lab.get(Lab.oid(1)), .noAuthNoPriv, keys: nil, user: [1])
        #expect(Lab.exchange(agent, stranger) != nil)
        let late = Lab.exchange(
            agent, try Self.message(Lab.get(Lab.oid(1)), .authPriv, keys: keys), at: Instant.zero + .seconds(151))
        #expect(try Self.open(late, keys: keys)?.level == .authNoPriv)
        #expect(failures == 2)
        let stats = try #require(try Lab.ask(agent, Lab.bulk(0, 6, [USMStatistics.root])))
        #expect(
            stats.variableBindings.map(\.value)
                == [0, 1, 1, 0, 1, 0].map { SNMPValue.counter32($0) })
        #expect(agent.removeUser(Self.user))
        let gone = Lab.exchange(agent, try Self.message(Lab.get(Lab.oid(1)), .authPriv, keys: keys))
        #expect(
            try Self.open(gone, keys: nil)?.pdu.variableBindings.map(\.name)
                == [USMStatistics.root.appending(3).appending(0)])
    }

    @Test func setThroughV3() throws {
        let (agent, keys) = try Self.agent()
        try agent.register(ScalarGroup(root: Lab.oid(2), [.stored(1, .integer(5))]))
        let name = Lab.oid(2, 1, 0)
        for (value, status) in [(SNMPValue.integer(6), ErrorStatus.noError), (.null, .wrongType)] {
            let octets = Lab.exchange(agent, try Self.message(Lab.set(VarBind(name, value)), .authPriv, keys: keys))
            let answer = try #require(try Self.open(octets, keys: keys))
            #expect(answer.pdu.errorStatus == status)
            #expect(answer.pdu.variableBindings == [VarBind(name, value)])
        }
        #expect(try Lab.ask(agent, Lab.get(name))?.variableBindings == [VarBind(name, .integer(6))])
    }
}

@Suite struct AgentCountersTests {
    static func object(_ arcs: UInt32...) -> ObjectIdentifier { ObjectIdentifier(arcs: arcs) ?? [] }

    /// Evidence: RFC 3411, section 5, snmpEngine group.
    @Test func engineGroup() throws {
        let agent = Lab.agent(servesOwnObjects: true, start: Instant.zero + .seconds(100))
        let now = Instant.zero + .milliseconds(107_999)
        let response = try #require(
            try Lab.ask(agent, Lab.bulk(0, 4, [Self.object(1, 3, 6, 1, 6, 3, 10, 2, 1)]), at: now))
        #expect(
            response.variableBindings.map(\.value)
                == [.octetString(Lab.engineID.octets), .integer(4), .integer(7), .integer(65_507)])
        #expect(agent.engineID == Lab.engineID && agent.engineBoots == 4 && agent.engineTime(at: now) == 7)
    }

    /// Evidence: RFC 3418, snmp group; RFC 3412, snmpMPDStats.
    @Test func badMessagesAreCountedAndNeverAnswered() throws {
        let agent = Lab.agent(servesOwnObjects: true)
        let good = try CommunityMessage(
            version: .v2c, community: Array("public".utf8), pdu: .pdu(Lab.get(Lab.oid(1)))).encoded()
        // Version 2 is the historic SNMPv2p.
        var version = good
        version[4] = 2
        #expect(Lab.exchange(agent, version) == nil)
        #expect(agent.counters.inBadVersions == 1)
        #expect(Lab.exchange(agent, []) == nil)
        #expect(Lab.exchange(agent, Array(good.dropLast())) == nil)
        // A binding whose value is longer than the binding.
        var inner = good
        inner[inner.count - 1] = 3
        #expect(Lab.exchange(agent, inner) == nil)
        #expect(agent.counters.inASNParseErrors == 3)
        #expect(try Lab.ask(agent, PDU(.trap, requestID: 1, [])) == nil)
        #expect(try Lab.ask(agent, PDU(.inform, requestID: 1, [])) == nil)
        #expect(try Lab.ask(agent, PDU(.response, requestID: 1, [])) == nil)
        #expect(agent.counters.unknownPDUHandlers == 3)
        // Encrypted but not signed; another security model.
        var v3 = try AgentV3Tests.message(Lab.get(Lab.oid(1)), .noAuthNoPriv, keys: nil)
        let flags = try #require(v3.indices.first { v3[$0...].starts(with: [4, 1, 4, 2, 1, 3]) }) + 2
        v3[flags + 3] = 9
        #expect(Lab.exchange(agent, v3) == nil)
        #expect(agent.counters.unknownSecurityModels == 1)
        v3[flags + 3] = 3
        v3[flags] = 6
        #expect(Lab.exchange(agent, v3) == nil)
        #expect(agent.counters.invalidMessages == 1)
        #expect(agent.counters.outPackets == 0)

        func read(_ name: ObjectIdentifier) throws -> SNMPValue? {
            try Lab.ask(agent, Lab.get(name))?.variableBindings.first?.value
        }
        let snmp = Self.object(1, 3, 6, 1, 2, 1, 11), mpd = Self.object(1, 3, 6, 1, 6, 3, 11, 2, 1)
        #expect(try read(snmp.appending(1).appending(0)) == .counter32(10))
        #expect(try read(snmp.appending(2).appending(0)) == .counter32(1))
        #expect(try read(snmp.appending(3).appending(0)) == .counter32(1))
        #expect(try read(snmp.appending(4).appending(0)) == .counter32(0))
        #expect(try read(snmp.appending(6).appending(0)) == .counter32(3))
        #expect(try read(snmp.appending(30).appending(0)) == .integer(2))
        #expect(try read(mpd.appending(1).appending(0)) == .counter32(1))
        #expect(try read(mpd.appending(2).appending(0)) == .counter32(1))
        #expect(try read(mpd.appending(3).appending(0)) == .counter32(3))
        #expect(try read(Self.object(1, 3, 6, 1, 6, 3, 12, 1, 4, 0)) == .counter32(0))
    }

    @Test func enableAuthenTrapsCanBeSet() throws {
        let agent = Lab.agent(servesOwnObjects: true)
        let name = Self.object(1, 3, 6, 1, 2, 1, 11, 30, 0)
        #expect(try Lab.ask(agent, Lab.set(VarBind(name, .integer(3))))?.errorStatus == .wrongValue)
        #expect(!agent.reportsAuthenticationFailures)
        #expect(try Lab.ask(agent, Lab.set(VarBind(name, .integer(1))))?.errorStatus == .noError)
        #expect(agent.reportsAuthenticationFailures)
        #expect(try Lab.ask(agent, Lab.get(name))?.variableBindings == [VarBind(name, .integer(1))])
    }

    /// Damaged requests of every kind: counted, dropped or answered, never a trap.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func damagedMessagesAreHarmless(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let (agent, keys) = try AgentV3Tests.agent(servesOwnObjects: true)
        var sources: [[UInt8]] = []
        let pdus = [
            Lab.get(Lab.oid(1, 1, 1)), Lab.bulk(1, 9, [Lab.oid(1), Lab.oid(1, 2)]),
            Lab.set(VarBind(Lab.oid(1), .string("x"))),
        ]
        for pdu in pdus {
            for version in [SNMPVersion.v1, .v2c] {
                sources.append(
                    try CommunityMessage(version: version, community: Array("public".utf8), pdu: .pdu(pdu)).encoded())
            }
            for level in SecurityLevel.allCases { sources.append(try AgentV3Tests.message(pdu, level, keys: keys)) }
        }
        for _ in 0..<400 {
            var message = sources[Int(random.next() % UInt64(sources.count))]
            for _ in 0...Int(random.next() % 3) where !message.isEmpty {
                let index = Int(random.next() % UInt64(message.count))
                switch random.next() % 4 {
                case 0: message[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: message.removeLast(message.count - index)
                case 2: message.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                default: message[index] = [0, 0x7F, 0x80, 0x84, 0xFF][Int(random.next() % 5)]
                }
            }
            if let answer = Lab.exchange(agent, message, room: Int(random.next() % 2_000)) {
                var deviations = Deviations()
                #expect(throws: Never.self, "seed \(seed)") {
                    _ = try MessageLayout.parse(answer.span.bytes, &deviations)
                }
            }
        }
        #expect(agent.counters.inPackets == 400)
    }
}
