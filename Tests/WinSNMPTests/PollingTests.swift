import Foundation
import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Polling sessions, and waiting on any session.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct PollingTests {
    let started: Started
    let helper: Caller
    let session: SessionHandle
    var library: WinSNMPLibrary { started.library }

    init() throws {
        started = try Started()
        helper = try Caller(started)
        session = try started.library.createPollingSession()
    }

    private func send(_ port: UInt16, timeout: UInt32 = 12_000) throws -> (Int32, EntityHandle) {
        let entity = try helper.entity(port, timeout: timeout, retries: timeout == 12_000 ? nil : 1)
        let pdu = try library.createPdu(session, type: 0xA0, vbl: helper.vbl([VarBind(.sysDescr)]))
        try library.sendMsg(session, source: nil, destination: entity, context: helper.context(), pdu: pdu)
        return (try library.pduData(pdu).requestID, entity)
    }

    private func wait(_ milliseconds: Int32) async throws -> SNMPAPIError? {
        let (library, session) = (library, session)
        return try await Background { () -> SNMPAPIError? in
            do throws(SNMPAPIError) {
                try library.wait(session, milliseconds: milliseconds)
                return nil
            } catch {
                return error
            }
        }.value()
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLIN) != 0
    }

    @Test("waiting without messages is tlTimeout")
    func nothing() async throws {
        #expect(try await wait(0) == .tlTimeout)
        #expect(library.lastError(session) == 108)
        let start = SystemClock.now
        #expect(try await wait(80) == .tlTimeout)
        #expect(SystemClock.now - start >= .milliseconds(75))
    }

    @Test("waiting ends with a message, and goes on doing so until it is taken")
    func message() async throws {
        let agent = try ScriptedAgent(.delayed(.milliseconds(50)))
        let (id, entity) = try send(agent.port)
        #expect(try await wait(30_000) == nil)
        #expect(try await wait(0) == nil)
        let answer = try library.message(session)
        #expect(answer.data.requestID == id && answer.handles.source == entity && answer.handles.failure == nil)
        #expect(try await wait(0) == .tlTimeout)
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(session) }
        let (next, _) = try send(agent.port)
        #expect(try await wait(-1) == nil)
        #expect(try library.message(session).data.requestID == next)
    }

    @Test("a timeout is a message with a failure")
    func timeout() async throws {
        let agent = try ScriptedAgent(.silent)
        let (id, entity) = try send(agent.port, timeout: 5)
        #expect(try await wait(30_000) == nil)
        let message = try library.message(session)
        #expect(message.handles.failure == .tlTimeout)
        #expect(message.data.fields == [0xA0, id, 0, 0] && message.bindings == [VarBind(.sysDescr)])
        #expect(message.handles.destination == entity)
        #expect(library.lastError(session) == 108)
        #expect(agent.count == 2)
        #expect(try await wait(0) == .tlTimeout)
    }

    @Test("the descriptor can be read while messages wait")
    func descriptor() async throws {
        let agent = try ScriptedAgent()
        let descriptor = try library.descriptor(session)
        #expect(descriptor >= 0)
        #expect(try library.descriptor(session) == descriptor)
        #expect(!isReadable(descriptor))
        for _ in 0..<3 { _ = try send(agent.port) }
        for count in (0..<3).reversed() {
            #expect(try await eventually { isReadable(descriptor) })
            let isThere = try await eventually { (try? library.message(session)) != nil }
            #expect(isThere)
            if count == 0 { #expect(!isReadable(descriptor)) }
        }
    }

    @Test("a descriptor that is made late knows what waits already")
    func lateDescriptor() async throws {
        let agent = try ScriptedAgent()
        _ = try send(agent.port)
        let library = library
        let helper = helper
        // Once the helper has an answer of the same agent to a later request, ours is there too.
        _ = try await helper.get(helper.entity(agent.port))
        let descriptor = try library.descriptor(session)
        #expect(try await eventually { isReadable(descriptor) })
        #expect(try await wait(0) == nil)
        _ = try library.message(session)
        #expect(!isReadable(descriptor))
    }

    @Test("closing ends waiting", arguments: [false, true])
    func close(isCleanup: Bool) async throws {
        let (library, session) = (library, session)
        let waiting = try Background { () -> SNMPAPIError? in
            do throws(SNMPAPIError) {
                try library.wait(session, milliseconds: -1)
                return nil
            } catch {
                return error
            }
        }
        try await settle(milliseconds: 30)
        #expect(!waiting.isFinished)
        if isCleanup { try library.cleanup() } else { try library.close(session) }
        #expect(try await waiting.value() == (isCleanup ? .notInitialized : .sessionInvalid))
        #expect(throws: SNMPAPIError.self) { try library.descriptor(session) }
    }

    @Test("sessions with a callback can be waited for as well")
    func callbackSession() async throws {
        let agent = try ScriptedAgent()
        let gate = Gate()
        let caller = try Caller(started) { _, _ in
            gate.pass()
            return true
        }
        _ = try library.descriptor(caller.session)
        try caller.send(caller.pdu(.get), to: caller.entity(agent.port))
        _ = try await caller.notices.first(1)
        let (library, own) = (library, caller.session)
        try await Background { try library.wait(own, milliseconds: 30_000) }.value()
        gate.open()
        _ = try caller.receive()
        #expect(try await eventually { (try? library.wait(own, milliseconds: 0)) == nil })
    }
}
