import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Ends in the middle of things: close and cleanup, from callbacks and other threads.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct ClosingTests {
    /// A session that keeps `width` requests to an agent going, and records callbacks that start after `isOver`.
    private func traffic(
        _ started: Started, _ agent: ScriptedAgent, _ width: Int
    ) throws -> (Caller, Locked<Bool>, Log<Notice>) {
        let isOver = Locked(false)
        let late = Log<Notice>()
        let parts = Locked<(EntityHandle, ContextHandle)?>(nil)
        let caller = try Caller(started) { library, notice in
            if isOver.withLock({ $0 }) { late.append(notice) }
            guard let (entity, context) = parts.withLock({ $0 }) else { return true }
            // All of this may fail, as the session ends meanwhile.
            if let message = try? library.recvMsg(notice.session) {
                try? library.freePdu(message.pdu)
                try? library.freeEntity(message.source)
                try? library.freeEntity(message.destination)
                try? library.freeContext(message.context)
            }
            guard let pdu = try? library.createPdu(notice.session, type: 0xA0) else { return true }
            try? library.sendMsg(notice.session, source: nil, destination: entity, context: context, pdu: pdu)
            try? library.freePdu(pdu)
            return true
        }
        let entity = try caller.entity(agent.port, timeout: 50, retries: 5)
        let context = try caller.context()
        parts.withLock { $0 = (entity, context) }
        for _ in 0..<width { try caller.send(caller.pdu(.get, []), to: entity, context) }
        return (caller, isOver, late)
    }

    @Test("no callback starts after close returned, in the middle of traffic")
    func closeInTraffic() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        var all: [Log<Notice>] = []
        for round in 0..<rounds(40) {
            let (caller, isOver, late) = try traffic(started, agent, 8)
            _ = try await caller.notices.first(1 + round % 20)
            try await Background {
                try caller.library.close(caller.session)
                isOver.withLock { $0 = true }
            }.value()
            #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.recvMsg(caller.session) }
            all.append(late)
        }
        try await settle(milliseconds: 100)
        #expect(all.allSatisfy { $0.count == 0 })
    }

    @Test("no callback starts after cleanup returned, in the middle of traffic; then a new life")
    func cleanupInTraffic() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        for round in 0..<rounds(15) {
            let all = try (0..<4).map { _ in try traffic(started, agent, 4) }
            _ = try await all[0].0.notices.first(1 + round % 20)
            try await Background {
                try started.library.cleanup()
                for (_, isOver, _) in all { isOver.withLock { $0 = true } }
            }.value()
            #expect(throws: SNMPAPIError.notInitialized) { try started.library.translateMode() }
            try started.library.startup()
            try started.library.setTranslateMode(2)
            // Handles of the life before are dead.
            #expect(throws: SNMPAPIError.sessionInvalid) { try started.library.recvMsg(all[0].0.session) }
            let caller = try Caller(started)
            _ = try await caller.get(caller.entity(agent.port))
            #expect(all.allSatisfy { $0.2.count == 0 })
            try started.library.close(caller.session)
        }
    }

    @Test("close from four threads at once: one succeeds")
    func closeTogether() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        for _ in 0..<rounds(10) {
            let (caller, _, _) = try traffic(started, agent, 4)
            _ = try await caller.notices.first(1)
            let successes = Log<Int>()
            try await onThreads(4) { number in
                if (try? caller.library.close(caller.session)) != nil { successes.append(number) }
            }
            #expect(successes.count == 1)
        }
    }

    @Test("close waits for the callback that runs")
    func closeWaits() async throws {
        let agent = try ScriptedAgent()
        let gate = Gate()
        let isInside = Locked(false)
        let caller = try Caller { _, _ in
            isInside.withLock { $0 = true }
            gate.pass()
            isInside.withLock { $0 = false }
            return true
        }
        try caller.send(caller.pdu(.get), to: caller.entity(agent.port))
        _ = try await caller.notices.first(1)
        let closing = try Background { () -> Bool in
            try caller.library.close(caller.session)
            return isInside.withLock { $0 }
        }
        try await settle(milliseconds: 100)
        #expect(!closing.isFinished)
        // The session is closed for everybody else already.
        #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.recvMsg(caller.session) }
        gate.open()
        #expect(try await closing.value() == false)
    }

    @Test("callbacks that close each other's sessions in a ring", arguments: [2, 3, 5])
    func ring(count: Int) async throws {
        let agent = try ScriptedAgent()
        for _ in 0..<rounds(10) {
            let started = try Started()
            let gate = Gate()
            let sessions = Locked<[SessionHandle]>([])
            let results = Log<Bool>()
            let callers = try (0..<count).map { number in
                try Caller(started) { library, _ in
                    gate.pass()
                    let next = sessions.withLock { $0[(number + 1) % count] }
                    results.append((try? library.close(next)) != nil)
                    return true
                }
            }
            sessions.withLock { $0 = callers.map(\.session) }
            for caller in callers { try caller.send(caller.pdu(.get), to: caller.entity(agent.port)) }
            #expect(try await eventually { gate.arrivals == count })
            gate.open()
            #expect(try await results.first(count) == [Bool](repeating: true, count: count))
            for caller in callers {
                #expect(throws: SNMPAPIError.sessionInvalid) { try started.library.close(caller.session) }
            }
            try await Background { try started.library.cleanup() }.value()
        }
    }

    @Test("cleanup in a callback, and a new life afterwards")
    func cleanupInCallback() async throws {
        let agent = try ScriptedAgent()
        let library = WinSNMPLibrary()
        for _ in 0..<rounds(10) {
            try library.startup()
            let results = Log<Bool>()
            let requests = try (0..<3).map { _ in
                let session = try library.createSession { [weak library] _, _, _ in
                    results.append((try? library?.cleanup()) != nil)
                    return true
                }
                let entity = try library.strToEntity(session, "127.0.0.1")
                try library.setPort(entity, UInt32(agent.port))
                return (
                    session, entity, try library.strToContext(session, [65]),
                    try library.createPdu(session, type: 0xA0)
                )
            }
            for (session, entity, context, pdu) in requests {
                // The callback of one before may have been faster.
                try? library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
            }
            _ = try await results.first(1)
            let isOver = try await eventually { (try? library.translateMode()) == nil }
            #expect(isOver)
            #expect(results.all.filter { $0 }.count == 1)
        }
        #expect(throws: SNMPAPIError.notInitialized) { try library.cleanup() }
    }

    @Test("cleanup on a thread while callbacks close sessions and clean up")
    func cleanupsTogether() async throws {
        let agent = try ScriptedAgent()
        for round in 0..<rounds(10) {
            let started = try Started()
            let gate = Gate()
            let successes = Log<Int>()
            let callers = try (0..<4).map { number in
                try Caller(started) { library, notice in
                    gate.pass()
                    if number % 2 == 0 {
                        _ = try? library.close(notice.session)
                    } else if (try? library.cleanup()) != nil {
                        successes.append(number)
                    }
                    return number < 2
                }
            }
            for caller in callers { try caller.send(caller.pdu(.get), to: caller.entity(agent.port)) }
            #expect(try await eventually { gate.arrivals == 4 })
            let cleaning = try Background { if (try? started.library.cleanup()) != nil { successes.append(-1) } }
            if round % 2 == 0 { try await settle(milliseconds: 5) }
            gate.open()
            try await cleaning.value()
            let isOver = try await eventually { (try? started.library.translateMode()) == nil && successes.count == 1 }
            #expect(isOver, "\(successes.all)")
        }
    }

    @Test("a callback that closes its session while another thread waits to close it")
    func closeFromBoth() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        for _ in 0..<rounds(20) {
            let gate = Gate()
            let caller = try Caller(started) { library, notice in
                gate.pass()
                _ = try? library.close(notice.session)
                return false
            }
            try caller.send(caller.pdu(.get), to: caller.entity(agent.port))
            #expect(try await eventually { gate.arrivals == 1 })
            let closing = try Background { _ = try? started.library.close(caller.session) }
            gate.open()
            try await closing.value()
        }
    }

    @Test("cleanup frees ports and sockets")
    func descriptors() async throws {
        let agent = try ScriptedAgent()
        let port = try freePort()
        let library = WinSNMPLibrary(options: .trapPort(port))
        for _ in 0..<rounds(20) {
            try library.startup()
            let session = try library.createSession { _, _, _ in true }
            try library.register(session, isOn: true)
            let entity = try library.strToEntity(session, "127.0.0.1")
            try library.setPort(entity, UInt32(agent.port))
            let pdu = try library.createPdu(session, type: 0xA0)
            try library.sendMsg(
                session, source: nil, destination: entity, context: library.strToContext(session, [65]), pdu: pdu)
            try await Background { try library.cleanup() }.value()
            let socket = try UDPSocket(binding: .anyIPv4(port: port))
            #expect(socket.localAddress.port == port)
        }
    }
}
