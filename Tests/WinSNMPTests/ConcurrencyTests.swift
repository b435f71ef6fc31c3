import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Many threads, sessions and requests at once.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct ConcurrencyTests {
    @Test("check 58: four threads on one session")
    func fourThreads() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let count = rounds(300)
        let sent = Log<Int>()
        let answered = Log<Int>()
        let threads = try (0..<4).map { thread in
            try Background {
                let library = caller.library
                for number in 0..<count {
                    let entity = try caller.entity(agent.port, timeout: 1_000)
                    let name = ObjectIdentifier.ours.appending(UInt32(thread)).appending(UInt32(number))
                    let id = try caller.send(caller.pdu(.get, [VarBind(name)]), to: entity)
                    sent.append(Int(id))
                    try library.freeEntity(entity)
                    // Whoever comes takes the next message.
                    while let message = try? caller.receive() { answered.append(Int(message.data.requestID)) }
                }
            }
        }
        for thread in threads { try await thread.value() }
        let isOver = try await eventually {
            while let message = try? caller.receive() { answered.append(Int(message.data.requestID)) }
            return answered.count == 4 * count && caller.notices.count == 4 * count
        }
        #expect(isOver)
        #expect(Set(sent.all).count == 4 * count)
        #expect(answered.all.sorted() == sent.all.sorted())
        #expect(caller.notices.all.map(\.lParam).sorted() == sent.all.sorted())
    }

    @Test("callbacks of a session run one at a time, those of several side by side")
    func serialised() async throws {
        let agents = try (0..<4).map { _ in try ScriptedAgent() }
        let started = try Started()
        let gate = Gate()
        let overlaps = Log<Int>()
        let callers = try (0..<4).map { number in
            let inside = Locked(0)
            return try Caller(started) { _, _ in
                let count = inside.withLock { value -> Int in
                    value += 1
                    return value
                }
                if count > 1 { overlaps.append(number) }
                // All four are in their callbacks before any goes on.
                gate.pass()
                inside.withLock { $0 -= 1 }
                return true
            }
        }
        for caller in callers {
            for agent in agents {
                let entity = try caller.entity(agent.port)
                for _ in 0..<20 { try caller.send(caller.pdu(.get), to: entity) }
            }
        }
        #expect(try await eventually { gate.arrivals == 4 })
        try await settle(milliseconds: 50)
        #expect(gate.arrivals == 4)
        gate.open()
        for caller in callers { _ = try await caller.notices.first(80) }
        #expect(overlaps.count == 0)
    }

    @Test("slow callbacks stop neither other sessions nor timers")
    func slowCallbacks() async throws {
        let agent = try ScriptedAgent()
        let silent = try ScriptedAgent(.silent)
        let started = try Started()
        let gate = Gate()
        let slow = try (0..<30).map { _ in
            try Caller(started) { _, _ in
                gate.pass()
                return true
            }
        }
        for caller in slow { try caller.send(caller.pdu(.get), to: caller.entity(agent.port)) }
        #expect(try await eventually { gate.arrivals == 30 })
        let caller = try Caller(started)
        for _ in 0..<20 { _ = try await caller.get(caller.entity(agent.port)) }
        try caller.send(caller.pdu(.get), to: caller.entity(silent.port, timeout: 5, retries: 1))
        #expect(try await caller.notices.first(21)[20].wParam == 108)
        gate.open()
        for caller in slow { _ = try await caller.notices.first(1) }
    }

    @Test("the same request-id to the same agent from 20 sessions: each gets its own answer", arguments: 1...3)
    func clashes(seed: UInt64) async throws {
        let agent = try ScriptedAgent(.queue)
        let started = try Started()
        let callers = try (0..<20).map { _ in try Caller(started) }
        func name(_ number: Int) -> ObjectIdentifier { .ours.appending(UInt32(number)) }
        for (number, caller) in callers.enumerated() {
            try caller.send(caller.pdu(.get, [VarBind(name(number))], id: 4_711), to: caller.entity(agent.port))
        }
        _ = try await agent.first(20)
        agent.release(seed: seed)
        for (number, caller) in callers.enumerated() {
            #expect(try await caller.notices.first(1)[0] == Notice(session: caller.session, wParam: 0, lParam: 4_711))
            let answer = try caller.receive()
            #expect(answer.bindings == [VarBind(name(number), .string(name(number).description))])
        }
        try await settle(milliseconds: 20)
        #expect(callers.allSatisfy { $0.notices.count == 1 })
        // All with the id as it is.
        for datagram in agent.datagrams {
            guard case .pdu(let pdu) = try message(datagram.octets).pdu else { throw SNMPAPIError.otherError }
            #expect(pdu.requestID == 4_711)
        }
    }

    @Test("a request that goes elsewhere while it is being sent is not lost")
    func clashesWhileSending() async throws {
        let agent = try ScriptedAgent(.delayed(.milliseconds(2)))
        let started = try Started()
        let callers = try (0..<8).map { _ in try Caller(started) }
        for round in 1...rounds(25) {
            try await onThreads(4) { thread in
                for caller in callers[(thread * 2)...(thread * 2 + 1)] {
                    for _ in 0..<4 { try caller.send(caller.pdu(.get, id: 99), to: caller.entity(agent.port)) }
                }
            }
            for caller in callers { _ = try await caller.notices.first(4 * round) }
        }
        for caller in callers { #expect(caller.notices.all.allSatisfy { $0.wParam == 0 }) }
    }

    @Test("the same request-id to the same agent five times from one session: each is answered")
    func clashesInOneSession() async throws {
        let agent = try ScriptedAgent(.queue)
        let caller = try Caller()
        let entity = try caller.entity(agent.port)
        let names = (0..<5).map { ObjectIdentifier.ours.appending(UInt32($0)) }
        for name in names { try caller.send(caller.pdu(.get, [VarBind(name)], id: 7), to: entity) }
        _ = try await agent.first(5)
        agent.release(seed: 3)
        _ = try await caller.notices.first(5)
        let answers = try (0..<5).map { _ in try caller.receive() }
        #expect(Set(answers.map { $0.bindings[0].name }) == Set(names))
        #expect(
            answers.allSatisfy {
                $0.data.requestID == 7 && $0.bindings[0].value == .string($0.bindings[0].name.description)
            })
    }

    @Test("cancelling while answers come: each request is either cancelled or told", arguments: 1...2)
    func cancellingRace(seed: UInt64) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let entity = try caller.entity(agent.port, timeout: 1_000)
        let context = try caller.context()
        let cancelled = Log<Int>()
        try await onThreads(2) { thread in
            var random = SeededRandom(seed: seed &* 10 &+ UInt64(thread))
            for _ in 0..<rounds(500) {
                let id = try caller.send(caller.pdu(.get), to: entity, context)
                for _ in 0..<Int.random(in: 0..<3, using: &random) { _ = caller.library.lastError() }
                if Bool.random(using: &random) {
                    SystemClock.sleep(.microseconds(Int64.random(in: 1...300, using: &random)))
                }
                if (try? caller.library.cancelMsg(caller.session, requestID: id)) != nil { cancelled.append(Int(id)) }
            }
        }
        let all = rounds(500) * 2
        let isOver = try await eventually { caller.notices.count + cancelled.count >= all }
        #expect(isOver)
        try await settle(milliseconds: 50)
        let told = Set(caller.notices.all.map(\.lParam))
        #expect(told.count == caller.notices.count)
        #expect(told.isDisjoint(with: cancelled.all))
        #expect(told.count + cancelled.count == all)
        var received = 0
        while (try? caller.receive()) != nil { received += 1 }
        #expect(received == told.count)
    }

    @Test("sessions, registrations and listening ports come and go while traps and requests arrive")
    func churn() async throws {
        let trapPort = try freePort()
        let listenPort = try freePort()
        let started = try Started(.untranslatedV2, .trapPort(trapPort))
        let isOver = Locked(false)
        let problems = Log<String>()
        let noise = try Background {
            let traps = try TrapSender(trapPort)
            let requests = try TrapSender(listenPort)
            while !isOver.withLock({ $0 }) {
                // Nobody may be there: what the network says about it is no matter.
                try? traps.trap(.linkDown)
                try? traps.send(octets(TrapSender.pdu(.linkDown, .inform)))
                try? requests.send(octets(PDU(.get, requestID: 1, [])))
                SystemClock.sleep(.microseconds(200))
            }
        }
        try await onThreads(4) { thread in
            for _ in 0..<rounds(40) {
                do {
                    let caller = try Caller(started) { library, notice in
                        (try? library.message(notice.session)) != nil || true
                    }
                    let library = started.library
                    try library.register(caller.session, isOn: true)
                    try library.register(caller.session, notification: .ours, isOn: true)
                    let entity = try caller.entity(listenPort)
                    // One of the four has the port.
                    let listens = (try? library.listen(entity, isOn: true)) != nil
                    try library.register(caller.session, isOn: false)
                    if listens, thread % 2 == 0 { try library.listen(entity, isOn: false) }
                    if thread % 2 == 1 { try library.freeEntity(entity) }
                    try library.close(caller.session)
                } catch {
                    problems.append("\(error): \(started.library.lastErrorText())")
                }
            }
        }
        isOver.withLock { $0 = true }
        try await noise.value()
        #expect(problems.all == [])
        let socket = try UDPSocket(binding: .anyIPv4(port: trapPort))
        #expect(socket.localAddress.port == trapPort)
    }

    @Test("switching modes while requests are under way loses none")
    func modes() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let isOver = Locked(false)
        let switching = try Background {
            var mode: UInt32 = 0
            while !isOver.withLock({ $0 }) {
                try caller.library.setRetransmitMode(mode)
                mode = 1 - mode
                SystemClock.sleep(.microseconds(300))
            }
        }
        let entity = try caller.entity(agent.port, timeout: 1_000)
        let context = try caller.context()
        // No more at once than sockets hold: what is lost while retransmission is off stays lost.
        for round in 1...rounds(3) {
            try await onThreads(3) { _ in
                for _ in 0..<60 { try caller.send(caller.pdu(.get), to: entity, context) }
            }
            _ = try await caller.notices.first(round * 180)
        }
        isOver.withLock { $0 = true }
        try await switching.value()
        #expect(caller.notices.all.allSatisfy { $0.wParam == 0 })
        #expect(Set(caller.notices.all.map(\.lParam)).count == rounds(3) * 180)
    }
}
