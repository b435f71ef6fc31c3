import Primitives
import SNMPCodec
import SNMPSecurity
import Testing

@Suite struct USMRemoteEnginesTests {
    static let here = SocketAddress(ipv4: 192, 0, 2, 1, port: 4_000)
    static let there = SocketAddress(ipv4: 192, 0, 2, 2, port: 4_000)
    static let pair = ProtocolPair(auth: .hmacSHA1, priv: .aes128, keyExtension: nil)

    static func engineID(_ number: Int) -> [UInt8] {
        [0x80, 0, 0, 1, 5, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    static func trap(
        engine: Int = 0, boots: Int32, time: Int32, level: SecurityLevel = .authPriv,
        pair: ProtocolPair = pair, user: String = "user"
    ) throws -> [UInt8] {
        var header = Sample.header(level, boots: boots, time: time, user: Array(user.utf8))
        header.engineID = engineID(engine)
        header.isReportable = false
        let keys = try LocalizedKeys(pair.credentials(user), engineID: header.engineID, cache: Sample.cache)
        return try Sample.message(header, keys: keys, pdu: .pdu(PDU(.trap, requestID: 1, [])))
    }

    /// The rejection, or nil when the message was accepted and is the trap that was sent.
    static func send(
        _ message: [UInt8], to engines: inout USMRemoteEngines, from source: SocketAddress = here, at seconds: Int64
    ) throws -> USMRejection? {
        var message = message
        return try message.withUnsafeMutableBytes { buffer in
            var deviations = Deviations()
            let bytes = UnsafeRawBufferPointer(buffer).bytes
            guard case .v3(let layout) = try MessageLayout.parse(bytes, &deviations) else {
                throw BERError(.unknownVersion, at: 0)
            }
            do throws(USMRejection) {
                let accepted = try engines.receive(buffer, layout, from: source, at: Instant.zero + .seconds(seconds))
                #expect(accepted.scoped.pdu.type == .trap)
                return nil
            } catch {
                return error
            }
        }
    }

    static func engines(
        identity: USMRemoteEngines.Identity = .engineID, capacity: Int = 100
    ) throws -> USMRemoteEngines {
        var engines = USMRemoteEngines(identity: identity, capacity: capacity, cache: Sample.cache)
        try engines.add(pair.credentials())
        try engines.add(USMCredentials(userName: "plain"))
        return engines
    }

    /// RFC 3414, 3.2, step 7b, as a story: (boots, time, our clock, accepted).
    @Test func clockOnlyGoesForward() throws {
        var engines = try Self.engines()
        let story: [(Int32, Int32, Int64, Bool)] = [
            (5, 1_000, 0, true),  // first contact sets the clock
            (5, 1_000, 150, true),  // 150 seconds old
            (5, 1_000, 151, false),  // replayed too late
            (5, 1_200, 152, true),  // the sender's clock runs fast: forward
            (5, 1_049, 152, false),  // older than the window
            (5, 1_050, 152, true),
            (6, 0, 153, true),  // restarted
            (5, 9_999, 153, false),  // from before the restart
            (.max, 10, 154, false),  // RFC 3414, 3.2, 7b, 2: latched
            (6, 5, 154, false),  // and stays so
        ]
        for (boots, time, clock, isAccepted) in story {
            let rejection = try Self.send(try Self.trap(boots: boots, time: time), to: &engines, at: clock)
            #expect(rejection == (isAccepted ? nil : .notInTimeWindow), "\(boots) \(time) at \(clock)")
        }
        #expect(engines.statistics.notInTimeWindows == 5)
    }

    @Test func forgedMessagesTeachNothing() throws {
        var engines = try Self.engines()
        var forged = try Self.trap(boots: 9_000, time: 1)
        forged[forged.count - 1] ^= 1
        #expect(try Self.send(forged, to: &engines, at: 0) == .wrongDigest)
        #expect(engines.count == 0)
        #expect(try Self.send(Self.trap(boots: 1, time: 1), to: &engines, at: 0) == nil)
        #expect(try Self.send(forged, to: &engines, at: 1) == .wrongDigest)
        #expect(try Self.send(Self.trap(boots: 1, time: 2), to: &engines, at: 1) == nil)
        let clock = engines.clock(of: EngineID(Self.engineID(0)), at: Instant.zero + .seconds(11))
        #expect(clock?.boots == 1 && clock?.timeSeconds == 12)
        // Unsigned messages say nothing about the clock either.
        #expect(
            try Self.send(
                Self.trap(boots: 9_000, time: 2, level: .noAuthNoPriv), to: &engines, at: 2) == nil)
        #expect(engines.clock(of: EngineID(Self.engineID(0)), at: .zero)?.boots == 1)
    }

    @Test func manyEnginesAndUsersAtOnce() throws {
        var engines = USMRemoteEngines(capacity: 1_000, cache: Sample.cache)
        let users = ProtocolPair.all.filter { $0.keyExtension != .reeder && $0.priv != .tripleDES }
        for (index, pair) in users.enumerated() { try engines.add(pair.credentials("user\(index)")) }
        for round in 0..<3 as Range<Int32> {
            for engine in 0..<100 {
                let index = engine % users.count
                let trap = try Self.trap(
                    engine: engine, boots: 1, time: 10 + round,
                    level: users[index].priv == nil ? .authNoPriv : .authPriv, pair: users[index], user: "user\(index)")
                #expect(try Self.send(trap, to: &engines, at: Int64(round)) == nil)
            }
        }
        #expect(engines.count == 100)
    }

    @Test func theOldestEngineMakesRoom() throws {
        var engines = try Self.engines(capacity: 3)
        for engine in 0..<3 {
            #expect(try Self.send(Self.trap(engine: engine, boots: 2, time: 9), to: &engines, at: 0) == nil)
        }
        // Engine 0 is heard again, so 1 is the oldest.
        #expect(try Self.send(Self.trap(engine: 0, boots: 2, time: 10), to: &engines, at: 1) == nil)
        #expect(try Self.send(Self.trap(engine: 7, boots: 2, time: 9), to: &engines, at: 2) == nil)
        #expect(engines.count == 3)
        #expect(engines.clock(of: EngineID(Self.engineID(0)), at: .zero) != nil)
        #expect(engines.clock(of: EngineID(Self.engineID(1)), at: .zero) == nil)
        #expect(engines.clock(of: EngineID(Self.engineID(7)), at: .zero) != nil)
    }

    @Test func clonedEngineIDs() throws {
        let fromHere = try Self.trap(boots: 50, time: 10)
        let fromThere = try Self.trap(boots: 4, time: 10)
        var strict = try Self.engines()
        #expect(try Self.send(fromHere, to: &strict, at: 0) == nil)
        #expect(try Self.send(fromThere, to: &strict, from: Self.there, at: 0) == .notInTimeWindow)
        var bySource = try Self.engines(identity: .engineIDAndSource)
        #expect(try Self.send(fromHere, to: &bySource, at: 0) == nil)
        #expect(try Self.send(fromThere, to: &bySource, from: Self.there, at: 0) == nil)
        // Another port of the same host is the same engine.
        #expect(
            try Self.send(Self.trap(boots: 3, time: 10), to: &bySource, from: Self.there.with(port: 9), at: 0)
                == .notInTimeWindow)
    }

    @Test func unknownUsersAndLevelsAreRefused() throws {
        var engines = try Self.engines()
        #expect(try Self.send(Self.trap(boots: 1, time: 1, user: "nobody"), to: &engines, at: 0) == .unknownUserName)
        #expect(
            try Self.send(Self.trap(boots: 1, time: 1, user: "plain"), to: &engines, at: 0)
                == .unsupportedSecurityLevel)
        engines.removeUser(Array("user".utf8))
        #expect(try Self.send(Self.trap(boots: 1, time: 1), to: &engines, at: 0) == .unknownUserName)
    }

    @Test func aReplacedUserNeedsItsNewKeys() throws {
        var engines = try Self.engines()
        #expect(try Self.send(Self.trap(boots: 1, time: 1), to: &engines, at: 0) == nil)
        try engines.add(USMCredentials(userName: "user", auth: .hmacSHA1, authKey: .password("newpassword")))
        #expect(try Self.send(Self.trap(boots: 1, time: 2, level: .authNoPriv), to: &engines, at: 1) == .wrongDigest)
    }
}
