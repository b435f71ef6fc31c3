import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// Our manager as the sender, our listener as the receiver.
@Suite(.timeLimit(.minutes(6)))
struct NotificationListenerTests {
    private static let everyTransport: [ServiceEndpoint] = [
        ServiceEndpoint(.loopbackIPv4(port: 0)), ServiceEndpoint(.loopbackIPv6(port: 0)),
        ServiceEndpoint(.loopbackIPv4(port: 0), .tcp), ServiceEndpoint(.loopbackIPv6(port: 0), .tcp),
    ]
    private static let bindings = [
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 3], .integer(-3)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 3], .octetString([0, 255, 128])),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 3], .objectIdentifier([1, 3, 6, 1, 4, 1, 4_294_967_295])),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 4, 3], .ipAddress(0xC000_0201)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 5, 3], .counter32(.max)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 3], .gauge32(.max)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 3], .timeTicks(.max)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 3], .opaque([1, 2, 3])),
    ]

    /// Repeats itself soon, but has the patience for a busy machine.
    private static let eager = {
        var policy = RequestPolicy()
        policy.initialTimeout = .milliseconds(50)
        policy.minimumTimeout = .milliseconds(50)
        policy.retries = 10
        return policy
    }()

    private func listener(
        _ change: (inout NotificationListener.Options) -> Void = { _ in }
    ) throws -> NotificationListener {
        var options = NotificationListener.Options([ServiceEndpoint(.loopbackIPv4(port: 0))])
        options.users = users
        change(&options)
        return try NotificationListener(options)
    }

    @Test func everyKindOverEveryTransport() async throws {
        let listener = try listener { $0.endpoints = Self.everyTransport }
        var notifications = listener.notifications.makeAsyncIterator()
        let manager = try SNMPManager()
        let counter = VarBind([1, 3, 6, 1, 9], .counter64(.max))
        for endpoint in listener.endpoints {
            for security in [TargetSecurity.v1, .v2c] + users.map({ .v3($0) }) {
                let target = try manager.target(Peer(endpoint.address, endpoint.transport), security, policy: patient)
                let sent = Self.bindings + (security.version == .v1 ? [] : [counter])
                try await target.trap(.linkDown, upTime: 4_711, sent)
                var received = try #require(await notifications.next())
                check(received, endpoint, security)
                if security.version == .v1 {
                    guard case .trapV1(let trap) = received.kind else {
                        Issue.record("\(received.kind)")
                        continue
                    }
                    #expect(trap.genericTrap == 2 && received.variableBindings == sent)
                    let error = await failure { () async throws(SNMPError) in
                        try await target.inform(.linkDown, upTime: 0)
                    }
                    #expect(error == .request(.notExpressible(.inform, .v1)))
                    continue
                }
                #expect(received.kind == .trap && received.variableBindings.dropFirst(2).elementsEqual(sent))
                async let confirmed: Void = target.inform(.linkDown, upTime: 4_711, sent)
                received = try #require(await notifications.next())
                check(received, endpoint, security)
                #expect(received.variableBindings.dropFirst(2).elementsEqual(sent))
                guard case .inform(let token) = received.kind else {
                    Issue.record("\(received.kind)")
                    continue
                }
                listener.confirm(token)
                try await confirmed
            }
        }
        let statistics = listener.statistics.receiver
        #expect(statistics.delivered == 4 * 9 && statistics.confirmed == 4 * 4)
        #expect(statistics.rejected == 0 && statistics.malformed == 0 && statistics.duplicates == 0)
    }

    private func check(_ received: ReceivedNotification, _ endpoint: ServiceEndpoint, _ security: TargetSecurity) {
        #expect(received.trapOID == .linkDown && received.upTime == 4_711)
        #expect(received.version == security.version)
        #expect(received.source.transport == endpoint.transport)
        #expect(received.source.address.isLoopback && received.source.address.family == endpoint.address.family)
        if case .v3(let user, _, _) = security {
            #expect(received.userName == user.userName && received.securityLevel == user.securityLevel)
        } else {
            #expect(received.community == Array("tests".utf8))
        }
    }

    @Test func informIsAnsweredWhenConfirmedOnly() async throws {
        let listener = try listener()
        let received = Recorder<ReceivedNotification>()
        listener.start { received.append($0) }
        let manager = try SNMPManager()
        for (number, security) in ([TargetSecurity.v2c] + users.map { .v3($0) }).enumerated() {
            let target = try manager.target(
                Peer(listener.endpoints[0].address), security, policy: Self.eager)
            let outcomes = Recorder<SNMPError?>()
            let duplicates = listener.statistics.receiver.duplicates
            let task = Task {
                outcomes.append(
                    await failure { () async throws(SNMPError) in try await target.inform(.linkDown, upTime: 1) })
            }
            guard case .inform(let token) = await received.values(atLeast: number + 1).last?.kind else {
                Issue.record("no inform")
                return
            }
            // It is repeated while it waits, and each repetition is known for what it is.
            while listener.statistics.receiver.duplicates < duplicates + 2 { await Task.yield() }
            #expect(outcomes.values.isEmpty)
            listener.confirm(token)
            #expect(await outcomes.values(atLeast: 1) == [nil])
            await task.value
            #expect(received.values.count == number + 1)
            // A second confirmation means nothing.
            listener.confirm(token)
            listener.refuse(token)
        }
        #expect(listener.statistics.receiver.confirmed == 4)
    }

    @Test func refusedInformIsDeliveredAgain() async throws {
        let listener = try listener()
        let received = Recorder<InformToken>()
        // Refused twice, in the handler itself; confirmed the third time.
        listener.start { [unowned listener] notification in
            guard case .inform(let token) = notification.kind else { return }
            received.append(token)
            if received.values.count % 3 == 0 { listener.confirm(token) } else { listener.refuse(token) }
        }
        let manager = try SNMPManager()
        for (number, security) in ([TargetSecurity.v2c] + users.map { .v3($0) }).enumerated() {
            let target = try manager.target(
                Peer(listener.endpoints[0].address), security, policy: Self.eager)
            try await target.inform(.linkDown, upTime: 1)
            #expect(received.values.count == 3 * (number + 1))
            // Sent three times, and a fourth if the timer was faster than the answer.
            #expect(target.statistics.retransmitted >= 2)
        }
        #expect(Set(received.values).count == received.values.count)
    }

    /// Confirmed on the loop's thread, but by nothing that the listener received.
    @Test func confirmationFromAnotherServiceOfTheLoop() async throws {
        let loop = try SNMPLoop()
        let server = try agentServer()
        var options = NotificationListener.Options([ServiceEndpoint(.loopbackIPv4(port: 0))])
        options.communities = [Array("tests".utf8)]
        let listener = try NotificationListener(options, loop: loop)
        let shared = try SNMPManager(loop: loop)
        let agent = try shared.target(server.udp)
        let request = Request.get(try EncodedBindings(names: [.title]))
        listener.start { [unowned listener] notification in
            guard case .inform(let token) = notification.kind else { return }
            // Kept elsewhere first: the answer is what confirms.
            shared.submit(request, to: agent.id) { _, _ in listener.confirm(token) }
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(listener.endpoints[0].address), policy: patient)
        for _ in 0..<10 { try await target.inform(.linkDown, upTime: 1) }
        _ = try await inTasks(100) { _ in try await target.inform(.linkDown, upTime: 1) }
        #expect(listener.statistics.receiver.confirmed == 110)
        shared.close()
    }

    @Test func foreignersAreCountedAndNotDelivered() async throws {
        let listener = try listener { $0.communities = [Array("other".utf8), Array("tests".utf8)] }
        let received = Recorder<ReceivedNotification>()
        listener.start { received.append($0) }
        let manager = try SNMPManager()
        let peer = Peer(listener.endpoints[0].address)
        for community in ["wrong", "test", "testss", ""] {
            try await manager.target(peer, .v2c(community: Array(community.utf8))).trap(.linkDown, upTime: 1)
            try await manager.target(peer, .v1(community: Array(community.utf8))).trap(.linkDown, upTime: 1)
        }
        let strangers = [
            try USMCredentials(userName: "stranger"),
            try USMCredentials(userName: "plain", auth: .hmacMD5, authKey: .password("some password")),
            try USMCredentials(userName: "signer", auth: .hmacSHA256, authKey: .password("wrong password")),
            try USMCredentials(
                userName: "hider", auth: .hmacSHA512, authKey: .password("hider's password"), priv: .aes256,
                privKey: .password("wrong privacy"), keyExtension: .blumenthal),
        ]
        for stranger in strangers { try await manager.target(peer, .v3(stranger)).trap(.linkDown, upTime: 1) }
        let refusals: [SecurityRefusal] = [.unknownUserName, .unsupportedSecurityLevel, .wrongDigest, .decryptionError]
        for (stranger, refusal) in zip(strangers, refusals) {
            let target = try manager.target(peer, .v3(stranger), policy: patient)
            let error = await failure { () async throws(SNMPError) in try await target.inform(.linkDown, upTime: 1) }
            #expect(error == .request(.refused(refusal)))
        }
        // A request is no notification.
        let asking = try manager.target(peer, .v2c, policy: .fixed(timeout: .milliseconds(20), retries: 0))
        _ = await failure { () async throws(SNMPError) in _ = try await asking.get(.title) }
        try await manager.target(peer, .v2c(community: Array("other".utf8))).trap(.linkDown, upTime: 2)
        #expect(await received.values(atLeast: 1).map(\.upTime) == [2])
        // Counters follow at the end of the batch.
        while listener.statistics.receiver.delivered < 1 { await Task.yield() }
        let statistics = listener.statistics.receiver
        #expect(statistics.badCommunity == 8 && statistics.rejected == 8)
        #expect(statistics.unexpected == 1 && statistics.delivered == 1)
    }

    @Test func manySendersAtOnce() async throws {
        let listener = try listener { $0.endpoints = Self.everyTransport }
        let received = Recorder<ReceivedNotification>()
        listener.start { [unowned listener] notification in
            received.append(notification)
            if case .inform(let token) = notification.kind { listener.confirm(token) }
        }
        let managers = try (0..<5).map { _ in try SNMPManager() }
        let targets = try managers.flatMap { manager in
            try listener.endpoints.flatMap { endpoint in
                try ([.v2c] + users.map { TargetSecurity.v3($0) }).map { security in
                    try manager.target(Peer(endpoint.address, endpoint.transport), security)
                }
            }
        }
        _ = try await inTasks(800) { number in
            let target = targets[number % targets.count]
            if number / targets.count % 2 == 0 {
                try await target.inform(.linkDown, upTime: UInt32(number))
            } else {
                try await target.trap(.linkDown, upTime: UInt32(number))
            }
        }
        let times = await received.values(atLeast: 800).map(\.upTime)
        #expect(times.sorted() == Array(0..<800))
        #expect(listener.statistics.receiver.rejected == 0)
        for manager in managers { manager.close() }
    }

    /// The kernel's drops under a flood, with the thread held so that nothing is read meanwhile.
    @Test func floodBeyondTheBufferIsCounted() async throws {
        let listener = try listener { $0.receiveBufferByteCount = 4_096 }
        let received = Recorder<UInt32>()
        let isBlocked = Locked(true)
        let gate = Lock()
        gate.withLock {
            listener.start { notification in
                // The first one holds the listener's thread until the flood is over.
                if isBlocked.withLock({ blocked in
                    defer { blocked = false }; return blocked
                }) {
                    gate.withLock {}
                }
                received.append(notification.upTime)
            }
            guard let socket = try? UDPSocket(binding: .loopbackIPv4(port: 0)) else { return }
            for number in 0..<2_000 {
                let trap = message(
                    .notification(requestID: 1, NotificationHead(upTime: UInt32(number), .linkDown)))
                while (try? socket.send(trap, to: listener.endpoints[0].address)) == false {}
            }
        }
        _ = await received.values(atLeast: 1)
        // Drops are learned with what comes after them.
        let manager = try SNMPManager()
        let target = try manager.target(Peer(listener.endpoints[0].address))
        while received.values.last != 9_999 {
            try await target.trap(.linkDown, upTime: 9_999)
            await Task.yield()
        }
        while listener.statistics.kernelDrops == 0 { await Task.yield() }
        let delivered = received.values.filter { $0 != 9_999 }.count
        #expect(delivered < 2_000)
        #expect(listener.statistics.kernelDrops >= UInt64(2_000 - delivered))
    }

    @Test func slowConsumerLosesTrapsAndIsAskedAgainForInforms() async throws {
        let listener = try listener { $0.maximumWaiting = 10 }
        let stream = listener.notifications
        let manager = try SNMPManager()
        let target = try manager.target(
            Peer(listener.endpoints[0].address), policy: Self.eager)
        for number in 0..<15 { try await target.trap(.linkDown, upTime: UInt32(number)) }
        while listener.statistics.overWaitingLimit < 5 { await Task.yield() }
        async let confirmed: Void = target.inform(.linkDown, upTime: 99)
        while listener.statistics.overWaitingLimit < 7 { await Task.yield() }
        var times: [UInt32] = []
        for await notification in stream {
            times.append(notification.upTime)
            guard case .inform(let token) = notification.kind else { continue }
            listener.confirm(token)
            break
        }
        try await confirmed
        #expect(times == Array(0..<10) + [99])
        listener.close()
    }

    @Test func closedListenerEndsItsSequenceAndFreesItsPort() async throws {
        let listener = try listener { $0.endpoints = Self.everyTransport }
        let endpoints = listener.endpoints
        let stream = listener.notifications
        let task = Task {
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(endpoints[2].address, .tcp))
        try await target.trap(.linkDown, upTime: 1)
        while listener.statistics.receiver.delivered < 1 { await Task.yield() }
        listener.close()
        listener.close()
        #expect(await task.value == 1)
        let again = try NotificationListener(.init(endpoints))
        #expect(again.endpoints == endpoints)
        #expect(throws: SNMPServiceError.self) { try NotificationListener(.init([endpoints[0]])) }
        #expect(throws: SNMPServiceError.self) { try NotificationListener(.init([endpoints[2]])) }
    }

    @Test func listenerReleasedByItsHandler() async throws {
        let gone = Recorder<Bool>()
        let kept = Locked<NotificationListener?>(nil)
        weak var watched: NotificationListener?
        let address: SocketAddress
        do {
            let listener = try listener()
            address = listener.endpoints[0].address
            kept.withLock { $0 = listener }
            watched = listener
            listener.start { _ in
                kept.withLock { $0 = nil }
                gone.append(true)
            }
        }
        let manager = try SNMPManager()
        try await manager.target(Peer(address)).trap(.linkDown, upTime: 1)
        #expect(await gone.values(atLeast: 1) == [true])
        while watched != nil { await Task.yield() }
    }
}
