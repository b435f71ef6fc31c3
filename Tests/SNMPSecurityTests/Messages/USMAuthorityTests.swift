import Primitives
import SNMPCodec
import SNMPSecurity
import Testing

/// What a verdict was, comparable.
enum Outcome: Equatable {
    case accepted(AnyPDU, String, SecurityLevel)
    /// A Report: its level, its object, the counter's value, its request-id and what its header says of the clock.
    case report(USMRejection, SecurityLevel, ObjectIdentifier, UInt32, Int32, boots: Int32, time: Int32)
    case drop(USMRejection)
}

@Suite struct USMAuthorityTests {
    static let pair = ProtocolPair(auth: .hmacSHA256, priv: .aes128, keyExtension: nil)
    static let boots: Int32 = 3

    static func authority(boots: Int32 = boots) throws -> USMAuthority {
        var authority = USMAuthority(
            engineID: EngineID(Sample.engineID), engineBoots: boots, start: .zero, firstSalt: 77, cache: Sample.cache)
        try authority.add(pair.credentials())
        try authority.add(USMCredentials(userName: "signer", auth: .hmacSHA1, authKey: .password("signpassword")))
        try authority.add(USMCredentials(userName: "plain"))
        return authority
    }

    static func keys(_ credentials: USMCredentials) throws -> LocalizedKeys {
        try LocalizedKeys(credentials, engineID: Sample.engineID, cache: Sample.cache)
    }

    static func send(
        _ message: [UInt8], to authority: inout USMAuthority, at seconds: Int64, keys: LocalizedKeys? = nil
    ) throws -> Outcome {
        var message = message
        var reply = [UInt8](repeating: 0, count: 1_500)
        var messageID: Int32 = -1
        let verdict = try message.withUnsafeMutableBytes { buffer in
            var deviations = Deviations()
            let parsed = try MessageLayout.parse(UnsafeRawBufferPointer(buffer).bytes, &deviations)
            guard case .v3(let layout) = parsed else {
                throw BERError(.unknownVersion, at: 0)
            }
            messageID = layout.messageID
            let now = Instant.zero + .seconds(seconds)
            return reply.withUnsafeMutableBytes { authority.receive(buffer, layout, at: now, reply: $0) }
        }
        switch verdict {
        case .accepted(let accepted):
            var deviations = Deviations()
            return .accepted(
                try accepted.scoped.pdu.pdu(message.span.bytes, &deviations),
                String(decoding: accepted.userName, as: UTF8.self), accepted.level)
        case .drop(let rejection): return .drop(rejection)
        case .reply(let range, let rejection):
            let (layout, pdu) = try Sample.open(Array(reply[range]), keys: keys)
            guard case .pdu(let report) = pdu, report.type == .report, let binding = report.variableBindings.first,
                case .counter32(let value) = binding.value
            else { throw BERError(.unknownPDUType, at: 0) }
            #expect(layout.messageID == messageID)
            #expect(!layout.flags.contains(.reportable))
            return .report(
                rejection, layout.flags.level, binding.name, value, report.requestID, boots: layout.engineBoots,
                time: layout.engineTime)
        }
    }

    static func object(_ arc: UInt32) -> ObjectIdentifier { USMStatistics.root.appending(arc).appending(0) }

    /// The whole way of a manager: RFC 3414, section 4 (discovery), then 3.2.
    @Test func discoveryThenTimeThenRequestThenReplay() throws {
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        // Discovery: no engine ID, no user. Evidence: RFC 3414, 3.2, step 3.
        var discovery = Sample.header(.noAuthNoPriv, boots: 0, time: 0, user: [])
        discovery.engineID = []
        #expect(
            try Self.send(Sample.message(discovery, keys: nil), to: &authority, at: 1_000)
                == .report(
                    .unknownEngineID, .noAuthNoPriv, Self.object(4), 1, 7, boots: Self.boots, time: 1_000))
        // Signed with a clock of zero: the Report that sets the clock is signed itself. Evidence: 3.2, step 7a.
        let early = try Sample.message(Sample.header(.authPriv, boots: 0, time: 0), keys: keys)
        #expect(
            try Self.send(early, to: &authority, at: 1_001, keys: keys)
                == .report(.notInTimeWindow, .authNoPriv, Self.object(2), 1, 0, boots: Self.boots, time: 1_001))
        // In time.
        let request = try Sample.message(Sample.header(.authPriv, boots: Self.boots, time: 1_001), keys: keys)
        #expect(try Self.send(request, to: &authority, at: 1_002) == .accepted(Sample.pdu(), "user", .authPriv))
        // The same octets, 150 seconds later and then too late.
        #expect(try Self.send(request, to: &authority, at: 1_151) == .accepted(Sample.pdu(), "user", .authPriv))
        #expect(
            try Self.send(request, to: &authority, at: 1_152, keys: keys)
                == .report(.notInTimeWindow, .authNoPriv, Self.object(2), 2, 0, boots: Self.boots, time: 1_152))
    }

    /// RFC 3414, 3.2, step 7a: 150 seconds either way, the same boots, and never at the greatest boots.
    @Test(arguments: [
        (3, 850, true), (3, 849, false), (3, 1_150, true), (3, 1_151, false), (2, 1_000, false), (4, 1_000, false),
    ] as [(Int32, Int32, Bool)])
    func timeWindow(boots: Int32, time: Int32, isAccepted: Bool) throws {
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        let message = try Sample.message(Sample.header(.authNoPriv, boots: boots, time: time), keys: keys)
        let outcome = try Self.send(message, to: &authority, at: 1_000, keys: keys)
        if isAccepted {
            #expect(outcome == .accepted(Sample.pdu(), "user", .authNoPriv))
        } else {
            // The PDU is plain, so the Report carries its request-id.
            #expect(
                outcome
                    == .report(.notInTimeWindow, .authNoPriv, Self.object(2), 1, 7, boots: Self.boots, time: 1_000))
        }
        let counted = authority.statistics.notInTimeWindows
        #expect(counted == (isAccepted ? 0 : 1))
    }

    @Test func nothingSignedIsAcceptedAtTheLastBoot() throws {
        var authority = try Self.authority(boots: .max)
        let keys = try Self.keys(Self.pair.credentials())
        let message = try Sample.message(Sample.header(.authNoPriv, boots: .max, time: 5), keys: keys)
        #expect(
            try Self.send(message, to: &authority, at: 5, keys: keys)
                == .report(.notInTimeWindow, .authNoPriv, Self.object(2), 1, 7, boots: .max, time: 5))
    }

    @Test func unknownUser() throws {
        // RFC 3414, 3.2, step 4.
        var authority = try Self.authority()
        let message = try Sample.message(Sample.header(.noAuthNoPriv, user: Array("nobody".utf8)), keys: nil)
        #expect(
            try Self.send(message, to: &authority, at: 10)
                == .report(.unknownUserName, .noAuthNoPriv, Self.object(3), 1, 7, boots: Self.boots, time: 10))
    }

    @Test func levelWithoutKeys() throws {
        // RFC 3414, 3.2, step 5.
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        let message = try Sample.message(
            Sample.header(.authPriv, time: 10, user: Array("signer".utf8)), keys: keys)
        #expect(
            try Self.send(message, to: &authority, at: 10)
                == .report(.unsupportedSecurityLevel, .noAuthNoPriv, Self.object(1), 1, 0, boots: Self.boots, time: 10))
        #expect(authority.statistics.unsupportedSecurityLevels == 1)
    }

    @Test func wrongPassword() throws {
        // RFC 3414, 3.2, step 6.
        var authority = try Self.authority()
        let wrong = try Self.keys(
            USMCredentials(userName: "user", auth: .hmacSHA256, authKey: .password("wrongpassword")))
        let message = try Sample.message(Sample.header(.authNoPriv, time: 10), keys: wrong)
        #expect(
            try Self.send(message, to: &authority, at: 10)
                == .report(.wrongDigest, .noAuthNoPriv, Self.object(5), 1, 7, boots: Self.boots, time: 10))
    }

    @Test func wrongPrivacyPassword() throws {
        // RFC 3414, 3.2, step 8; decrypted with another key the payload is noise, which is reported too.
        var authority = try Self.authority()
        let wrong = try Self.keys(
            USMCredentials(
                userName: "user", auth: .hmacSHA256, authKey: .password("authpassword"), priv: .aes128,
                privKey: .password("wrongpassword")))
        let message = try Sample.message(Sample.header(.authPriv, time: 10), keys: wrong)
        #expect(
            try Self.send(message, to: &authority, at: 10)
                == .report(.decryptionError, .noAuthNoPriv, Self.object(6), 1, 0, boots: Self.boots, time: 10))
    }

    /// RFC 3412, 6.4: the class of a readable PDU decides, not the flag.
    @Test func reportsOnlyAnswerConfirmedClasses() throws {
        var authority = try Self.authority()
        for type in [PDUType.get, .getNext, .getBulk, .set, .inform, .response, .trap, .report] {
            var header = Sample.header(.noAuthNoPriv, user: Array("nobody".utf8))
            header.isReportable = !type.isConfirmed
            let message = try Sample.message(header, keys: nil, pdu: .pdu(PDU(type, requestID: 7, [])))
            let outcome = try Self.send(message, to: &authority, at: 10)
            if case .report = outcome { #expect(type.isConfirmed) } else {
                #expect(outcome == .drop(.unknownUserName))
                #expect(!type.isConfirmed)
            }
        }
        #expect(authority.statistics.unknownUserNames == 8)
    }

    /// An encrypted PDU cannot be read, so the flag decides.
    @Test func encryptedMessageWithoutFlagIsNotReported() throws {
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        var header = Sample.header(.authPriv, boots: 9, time: 10)
        header.isReportable = false
        #expect(
            try Self.send(Sample.message(header, keys: keys), to: &authority, at: 10) == .drop(.notInTimeWindow))
    }

    @Test func reportThatDoesNotFitIsDropped() throws {
        var authority = try Self.authority()
        var message = try Sample.message(Sample.header(.noAuthNoPriv, user: Array("nobody".utf8)), keys: nil)
        var reply = [UInt8](repeating: 0, count: 40)
        let isDropped = try message.withUnsafeMutableBytes { buffer in
            var deviations = Deviations()
            let parsed = try MessageLayout.parse(UnsafeRawBufferPointer(buffer).bytes, &deviations)
            guard case .v3(let layout) = parsed else {
                return false
            }
            let verdict = reply.withUnsafeMutableBytes { authority.receive(buffer, layout, at: .zero, reply: $0) }
            if case .drop(.unknownUserName) = verdict { return true }
            return false
        }
        #expect(isDropped)
    }

    /// No octet of a signed message can be changed so that it is still accepted as the user's at that level.
    @Test func tamperedMessagesAreNeverAccepted() throws {
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        let message = try Sample.message(Sample.header(.authPriv, time: 10), keys: keys)
        #expect(try Self.send(message, to: &authority, at: 10) == .accepted(Sample.pdu(), "user", .authPriv))
        for index in message.indices {
            for change in 1...UInt8(255) {
                var copy = message
                copy[index] ^= change
                let outcome: Outcome?
                do {
                    outcome = try Self.send(copy, to: &authority, at: 10, keys: keys)
                } catch is BERError {
                    outcome = nil
                }
                if case .accepted(_, let user, let level) = outcome {
                    Issue.record("octet \(index) ^ \(change) accepted for \(user) at \(level)")
                }
            }
        }
    }

    @Test func manyUsersAreToldApart() throws {
        var authority = USMAuthority(
            engineID: EngineID(Sample.engineID), engineBoots: 1, start: .zero, firstSalt: 0, cache: Sample.cache)
        // Names that share beginnings and lengths; one password, so that only the first costs a derivation.
        let names = (0..<60).map { "u" + String(repeating: "x", count: $0 % 7) + "\($0)" }
        for name in names { try authority.add(ProtocolPair.all[pairIndex(name)].credentials(name)) }
        #expect(authority.userNames.count == names.count)
        for name in names {
            let pair = ProtocolPair.all[pairIndex(name)]
            let keys = try Self.keys(pair.credentials(name))
            let header = Sample.header(keys.securityLevel, boots: 1, time: 0, user: Array(name.utf8))
            #expect(
                try Self.send(Sample.message(header, keys: keys), to: &authority, at: 0)
                    == .accepted(Sample.pdu(), name, keys.securityLevel))
        }
        let wasThere = authority.removeUser(Array(names[5].utf8))
        #expect(wasThere)
        let isStillThere = authority.removeUser(Array(names[5].utf8))
        #expect(!isStillThere)
        let header = Sample.header(.noAuthNoPriv, user: Array(names[5].utf8))
        #expect(
            try Self.send(Sample.message(header, keys: nil), to: &authority, at: 0)
                == .report(.unknownUserName, .noAuthNoPriv, Self.object(3), 1, 7, boots: 1, time: 0))
    }

    private func pairIndex(_ name: String) -> Int { name.utf8.reduce(0) { $0 + Int($1) } % ProtocolPair.all.count }

    @Test func repliesAreAtTheLevelOfTheRequest() throws {
        var authority = try Self.authority()
        let keys = try Self.keys(Self.pair.credentials())
        for level in SecurityLevel.allCases {
            let message = try Sample.message(Sample.header(level, time: 10), keys: keys)
            var room = [UInt8](repeating: 0, count: 1_000)
            var salts: Set<[UInt8]> = []
            for _ in 0..<2 {
                var copy = message
                let reply = try copy.withUnsafeMutableBytes { buffer in
                    var deviations = Deviations()
                    let parsed = try MessageLayout.parse(UnsafeRawBufferPointer(buffer).bytes, &deviations)
                    guard case .v3(let layout) = parsed else { return [UInt8]() }
                    return try room.withUnsafeMutableBytes { room in
                        let verdict = authority.receive(buffer, layout, at: Instant.zero + .seconds(10), reply: room)
                        guard case .accepted(let accepted) = verdict else { return [UInt8]() }
                        var writer = BERWriter(room)
                        writer.pdu(.pdu(PDU(.response, requestID: 7, [])))
                        writer.scopedHeader(contextEngineID: Sample.engineID, contextName: [], since: 0)
                        try authority.protectReply(&writer, to: accepted, at: Instant.zero + .seconds(11))
                        return writer.finished
                    }
                }
                let (layout, pdu) = try Sample.open(reply, keys: keys)
                #expect(pdu == .pdu(PDU(.response, requestID: 7, [])))
                #expect(layout.flags == V3Flags(level, isReportable: false))
                #expect(layout.engineBoots == Self.boots && layout.engineTime == 11)
                salts.insert(Array(reply[layout.privacy]))
            }
            // RFC 3414, 8.1.1.1: a salt is never used twice.
            #expect(salts.count == (level == .authPriv ? 2 : 1))
        }
    }
}
