import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Synchronization
import Testing

/// Informs and traps from a manager engine to a receiver, without a network.
@Suite struct NotificationReceiverTests {
    static let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]
    static let receiverEngine = EngineID([0x80, 0, 0x1F, 0x88, 0x80, 1, 2, 3, 4])
    static let senderEngine = EngineID([0x80, 0, 0x1F, 0x88, 0x80, 9, 9, 9, 9])
    static let receiverPeer = Peer(.loopbackIPv4(port: 162))
    static let senderPeer = Peer(SocketAddress(ipv4: 192, 0, 2, 7, port: 4_000))

    static func user(_ name: String = "trapper", _ password: String = "correct horse") throws -> USMCredentials {
        try USMCredentials(
            userName: name, auth: .hmacSHA256, authKey: .password(password), priv: .aes128,
            privKey: .password(password))
    }

    /// What became of requests, in their order.
    final class Outcomes: Sendable {
        let labels = Mutex<[String]>([])
    }

    /// The two ends, and what passes between them.
    final class Line {
        var now = Instant.zero
        var sender: ManagerEngine
        var receiver: NotificationReceiver
        let target: TargetID
        let outcomes = Outcomes()
        let reply = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_507, alignment: 16)
        var delivered: [ReceivedNotification] = []
        var lastMessages: [[UInt8]] = []

        init(
            _ security: TargetSecurity, users: [USMCredentials] = [], communities: [[UInt8]]? = nil,
            limits: NotificationLimits = NotificationLimits()
        ) throws {
            let cache = MasterKeyCache()
            var authority = USMAuthority(
                engineID: receiverEngine, engineBoots: 3, start: .zero, firstSalt: 1, cache: cache)
            var remote = USMRemoteEngines(cache: cache)
            let configuration = TargetConfiguration(receiverPeer, security)
            for user in users {
                try authority.add(user)
                remote.add(user)
            }
            receiver = NotificationReceiver(
                communities: communities, authority: authority, remoteEngines: remote, limits: limits)
            sender = ManagerEngine(
                random: RandomSource(seed: 1), local: LocalEngine(engineID: senderEngine, boots: 7, start: .zero),
                at: .zero)
            let added = sender.addTarget(configuration)
            target = try #require(added)
        }

        deinit { reply.deallocate() }

        func submit(_ request: Request) {
            sender.submit(request, to: target, at: now) { [outcomes] outcome, _ in
                outcomes.labels.withLock { $0.append(Line.label(outcome)) }
            }
        }

        private static func label(_ outcome: RequestOutcome) -> String {
            switch outcome {
            case .response: "confirmed"
            case .sent: "sent"
            case .failure(let failure): "\(failure)"
            }
        }

        /// Carries everything to the receiver and its immediate answers back, until the line is quiet.
        func run() {
            for _ in 0..<20 {
                var messages: [[UInt8]] = []
                sender.drainOutgoing { bytes, _ in messages.append([UInt8](bytes)) }
                if messages.isEmpty { break }
                lastMessages = messages
                for message in messages { deliver(message) }
            }
            complete()
        }

        func deliver(_ message: [UInt8]) {
            var message = message
            message.withUnsafeMutableBytes { bytes in
                switch receiver.receive(bytes, from: senderPeer, at: now, reply: reply) {
                case .none: break
                case .reply(let range): answer(range)
                case .notification(let notification): delivered.append(notification)
                }
            }
        }

        func confirm(_ token: InformToken) {
            if let (range, peer, _) = receiver.confirm(token, at: now, into: reply) {
                #expect(peer == senderPeer)
                answer(range)
            }
            complete()
        }

        private func answer(_ range: Range<Int>) {
            sender.receive(UnsafeMutableRawBufferPointer(rebasing: reply[range]), from: receiverPeer, at: now)
            // The message lies in the reply buffer, which is written again next time.
            complete()
        }

        private func complete() {
            var due: [DueCompletion] = []
            sender.swapCompletions(&due)
            for completion in due { completion.run() }
        }

        func pass(_ interval: Interval) {
            now = now + interval
            sender.advance(to: now)
            run()
        }

        func inform() throws {
            let pdu = PDU.notification(
                .inform, requestID: 0, NotificationHead(upTime: 4_711, linkDown),
                [VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 3], .integer(3))])
            submit(.inform(try EncodedBindings(pdu.variableBindings)))
            run()
        }

        var results: [String] { outcomes.labels.withLock { $0 } }

        func token() throws -> InformToken {
            guard case .inform(let token) = try #require(delivered.last).kind else {
                throw Unexpected(what: "\(delivered)")
            }
            return token
        }
    }

    struct Unexpected: Error { let what: String }

    static let trapBindings = PDU.notification(
        .trap, requestID: 0, NotificationHead(upTime: 5, linkDown), []
    ).variableBindings

    static var securities: [TargetSecurity] {
        get throws { [.v2c(community: Array("public".utf8)), .v3(try user())] }
    }

    @Test func informIsAnsweredOnlyAfterItsConfirmation() throws {
        for security in try Self.securities {
            let line = try Line(security, users: [try Self.user()])
            try line.inform()
            #expect(line.delivered.count == 1)
            #expect(line.results.isEmpty, "not confirmed yet")
            let notification = try #require(line.delivered.first)
            #expect(notification.trapOID == Self.linkDown)
            #expect(notification.upTime == 4_711)
            #expect(notification.version == security.version)
            line.confirm(try line.token())
            #expect(line.results == ["confirmed"])
            #expect(line.receiver.statistics.confirmed == 1)
            #expect(line.receiver.pendingInformCount == 0)
        }
    }

    @Test func repeatedInformIsNotDeliveredTwice() throws {
        for security in try Self.securities {
            let line = try Line(security, users: [try Self.user()])
            try line.inform()
            let token = try line.token()
            line.pass(.seconds(3))
            #expect(line.delivered.count == 1)
            #expect(line.receiver.statistics.duplicates >= 1)
            line.confirm(token)
            #expect(line.results == ["confirmed"])
            // A repetition that was under way when the answer came is answered from memory.
            let last = try #require(line.lastMessages.last)
            line.deliver(last)
            #expect(line.delivered.count == 1)
        }
    }

    @Test func lostAnswerIsGivenAgainWithoutAnotherDelivery() throws {
        for security in try Self.securities {
            let line = try Line(security, users: [try Self.user()])
            try line.inform()
            // The confirmation's datagram is lost: written, but not handed to the sender.
            _ = line.receiver.confirm(try line.token(), at: line.now, into: line.reply)
            #expect(line.results.isEmpty)
            line.pass(.seconds(2))
            #expect(line.results == ["confirmed"])
            #expect(line.delivered.count == 1)
        }
    }

    @Test func refusedInformIsDeliveredAgain() throws {
        let line = try Line(.v2c(community: [1, 2]))
        try line.inform()
        line.receiver.refuse(try line.token())
        line.pass(.seconds(2))
        #expect(line.delivered.count == 2)
        line.confirm(try line.token())
        #expect(line.results == ["confirmed"])
    }

    @Test func pendingInformsAreBounded() throws {
        var limits = NotificationLimits()
        limits.maximumPendingInforms = 3
        let line = try Line(.v2c(community: [1]), limits: limits)
        for _ in 0..<4 { try line.inform() }
        #expect(line.delivered.count == 3)
        #expect(line.receiver.statistics.overPendingLimit == 1)
        // When there is room again, the repetition is taken.
        line.confirm(try line.token())
        line.pass(.seconds(2))
        #expect(line.delivered.count == 4)
    }

    @Test func trapsOfAllVersionsArrive() throws {
        let bindings = Self.trapBindings
        for security in try Self.securities {
            let line = try Line(security, users: [try Self.user()])
            line.submit(.trap(try EncodedBindings(bindings)))
            line.run()
            let notification = try #require(line.delivered.first)
            #expect(notification.trapOID == Self.linkDown)
            #expect(notification.kind == .trap)
            #expect(line.results == ["sent"])
            if case .v3 = security {
                #expect(notification.userName == Array("trapper".utf8))
                #expect(notification.securityLevel == .authPriv)
                #expect(notification.contextEngineID == Self.senderEngine)
            }
        }
        let line = try Line(.v1(community: [1]))
        let trap = TrapV1PDU(
            enterprise: [1, 3, 6, 1, 4, 1, 9], agentAddress: 0xC000_0207, genericTrap: 6, specificTrap: 42,
            timestamp: 99, [])
        line.submit(try .trapV1(trap))
        line.run()
        let notification = try #require(line.delivered.first)
        #expect(notification.kind == .trapV1(trap))
        #expect(notification.trapOID == [1, 3, 6, 1, 4, 1, 9, 0, 42])
        #expect(notification.upTime == 99)
    }

    @Test func wrongCredentialsAreCountedAndNotDelivered() throws {
        let community = try Line(.v2c(community: Array("wrong".utf8)), communities: [Array("right".utf8)])
        try community.inform()
        #expect(community.delivered.isEmpty)
        #expect(community.receiver.statistics.badCommunity == 1)

        let password = try Line(.v3(try Self.user("trapper", "another one")), users: [try Self.user()])
        try password.inform()
        #expect(password.delivered.isEmpty)
        #expect(password.results.first?.contains("authentication") == true)

        let stranger = try Line(.v3(try Self.user("stranger")), users: [try Self.user()])
        try stranger.inform()
        #expect(stranger.delivered.isEmpty)
        #expect(stranger.results.first?.contains("user name") == true)
    }

    @Test func replayedTrapIsRejectedOutsideTheTimeWindow() throws {
        let bindings = Self.trapBindings
        let line = try Line(.v3(try Self.user()), users: [try Self.user()])
        line.submit(.trap(try EncodedBindings(bindings)))
        line.run()
        let recorded = try #require(line.lastMessages.first)
        line.pass(.seconds(200))
        line.submit(.trap(try EncodedBindings(bindings)))
        line.run()
        #expect(line.delivered.count == 2)
        line.deliver(recorded)
        #expect(line.delivered.count == 2)
        #expect(line.receiver.statistics.rejected == 1)
    }

    @Test func sourceOverItsLimitLosesOnlyItsOwn() throws {
        var limits = NotificationLimits()
        limits.perSourceRate = 1
        limits.perSourceBurst = 5
        let line = try Line(.v2c(community: [1]), limits: limits)
        let bindings = Self.trapBindings
        for _ in 0..<8 {
            line.submit(.trap(try EncodedBindings(bindings)))
            line.run()
        }
        #expect(line.delivered.count == 5)
        #expect(line.receiver.statistics.overSourceLimit == 3)
        #expect(line.receiver.offenders().first?.dropped == 3)
        var other = try #require(line.lastMessages.first)
        let event = other.withUnsafeMutableBytes {
            line.receiver.receive($0, from: Peer(.loopbackIPv4(port: 9)), at: line.now, reply: line.reply)
        }
        guard case .notification = event else {
            Issue.record("another source must not suffer")
            return
        }
        line.pass(.seconds(2))
        line.submit(.trap(try EncodedBindings(bindings)))
        line.run()
        #expect(line.delivered.count == 6)
    }

    @Test func responsesAndGarbageAreNotNotifications() throws {
        let line = try Line(.v2c(community: [1]))
        let response = try CommunityMessage(
            version: .v2c, community: [1], pdu: .pdu(PDU(.response, requestID: 1, []))
        ).encoded()
        line.deliver(response)
        line.deliver([0x30, 0x03, 0x02])
        line.deliver([])
        #expect(line.delivered.isEmpty)
        #expect(line.receiver.statistics.unexpected == 1)
        #expect(line.receiver.statistics.malformed == 2)
    }

    @Test func noSecretIsPrinted() throws {
        let line = try Line(.v2c(community: Array("s3cr3t".utf8)))
        try line.inform()
        let notification = try #require(line.delivered.first)
        var dumped = ""
        dump(notification, to: &dumped)
        let secret = "\(Array("s3cr3t".utf8))"
        #expect(!dumped.contains("s3cr3t") && !dumped.contains(secret))
        #expect(!"\(notification)".contains("s3cr3t") && !String(reflecting: notification).contains(secret))
    }
}
