// What calls get: state of the engine × call × kind of handle → JET's number.

import ESEEngine
import PlatformIO
import Testing

@Suite struct SessionGateTests {
    /// Every state × every instance call, from the table that is the rule; nothing of the code is used.
    @Test(arguments: InstancePhase.allCases, [false, true]) func instanceCalls(_ phase: InstancePhase, _ stopped: Bool)
    {
        for cause in UnavailableCause.allCases {
            for call in InstanceCall.allCases {
                let state = InstanceState(phase, isStopped: stopped, cause: cause)
                let code = InstanceGate.check(state, call)?.rawValue ?? 0
                #expect(code == Self.expected(phase, stopped, cause, call), "\(phase) \(stopped) \(cause) \(call)")
            }
        }
    }

    static let codes: [InstancePhase: [InstanceCall: Int32]] = [
        .created: [.ordinary: -1029, .withoutInit: 0, .evenDuringInit: 0, .initialise: 0, .terminate: -1029],
        .initialising: [
            .ordinary: -1029, .withoutInit: -1031, .evenDuringInit: 0, .initialise: -1031, .terminate: -1029,
        ],
        .recovering: [
            .ordinary: -506, .withoutInit: -506, .evenDuringInit: 0, .initialise: -506, .terminate: -506,
        ],
        .restoring: [
            .ordinary: -506, .withoutInit: -506, .evenDuringInit: -506, .initialise: -506, .terminate: -506,
        ],
        .running: [.ordinary: 0, .withoutInit: 0, .evenDuringInit: 0, .initialise: -1030, .terminate: 0],
        .terminating: [
            .ordinary: -1000, .withoutInit: -1000, .evenDuringInit: -1000, .initialise: -1000, .terminate: -1000,
        ],
        .terminated: [
            .ordinary: -1029, .withoutInit: -1029, .evenDuringInit: -1029, .initialise: -1029, .terminate: -1029,
            .stopService: -1029,
        ],
    ]

    static func expected(
        _ phase: InstancePhase, _ stopped: Bool, _ cause: UnavailableCause, _ call: InstanceCall
    ) -> Int32 {
        if call == .ordinary {
            if stopped { return -1329 }
            if cause == .fatalError { return -1090 }
            if cause == .logDiskFull { return -1092 }
        }
        return codes[phase]![call] ?? 0
    }

    @Test func beginSessionMeetsEachStateForReal() throws {
        let rig = try SessionRig(start: false)
        let begin = { number { () throws(JetError) in _ = try rig.begin() } }
        #expect(begin() == -1029)
        try rig.instance.restore { () throws(JetError) in #expect(begin() == -506) }
        #expect(begin() == -1029)

        let seen = Locked<[Int32]>([])
        let made = Locked<SessionRig?>(nil)
        let look: @Sendable () -> Void = {
            let rig = made.withLock { $0 }!
            let code = number { () throws(JetError) in _ = try rig.begin() }
            let again = number { () throws(JetError) in try rig.instance.initialise() }
            let term = rig.terminate()
            seen.withLock { $0 += [code, again, term] }
        }
        let other = try SessionRig(
            NotedInstanceWork(
                duringInit: {
                    look()
                    $0(true)
                    look()
                    $0(false)
                    look()
                }, duringTerm: look), start: false)
        made.withLock { $0 = other }
        try other.instance.initialise()
        #expect(seen.withLock { $0 } == [-1029, -1031, -1029, -506, -506, -506, -1029, -1031, -1029])
        _ = try other.begin()
        seen.withLock { $0 = [] }
        #expect(other.terminate() == 0)
        #expect(seen.withLock { $0 } == [-1000, -1000, -1000])
        #expect(number { () throws(JetError) in _ = try other.begin() } == -1115)
        made.withLock { $0 = nil }
    }

    /// Stop, unavailability and both × every session call.
    @Test(arguments: SessionCall.allCases) func sessionCalls(_ call: SessionCall) throws {
        let exempt: Set<SessionCall> = [
            .endSession, .rollback, .closeTable, .closeDatabase, .detachDatabase, .resetSessionContext, .getSessionInfo,
        ]
        let thread = CallThread(id: 1)
        defer { thread.release() }
        for (stop, cause, code) in [
            (false, UnavailableCause.none, Int32(0)), (true, .none, exempt.contains(call) ? 0 : -1329),
            (false, .fatalError, -1090), (false, .logDiskFull, -1092),
            (true, .fatalError, exempt.contains(call) ? -1090 : -1329),
            (true, .logDiskFull, exempt.contains(call) ? -1092 : -1329),
        ] {
            let rig = try SessionRig()
            let session = try rig.begin()
            if stop { try rig.instance.stopService() }
            rig.instance.gate.makeUnavailable(cause)
            // The first cause stays.
            if cause == .fatalError { rig.instance.gate.makeUnavailable(.logDiskFull) }
            #expect(rig.call(session, call, thread) == code, "\(stop) \(cause)")
            for handle in Self.badHandles(rig, thread) { #expect(rig.call(handle, call, thread) == -1104) }
            #expect(rig.terminate() == 0)
            #expect(rig.call(session, call, thread) == -1104)
        }
    }

    /// Numbers that are no handle of a session: none, garbage, other kinds, other generations, other places.
    static func badHandles(_ rig: SessionRig, _ thread: CallThread) -> [UInt] {
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        defer { pointer.deallocate() }
        var all: [UInt] = [
            0, 1, 3, 7, .max, .max - 1, 0x8000_0000, UInt(bitPattern: pointer), rig.instance.gate.handle,
        ]
        guard let some = try? rig.begin() else { return all }
        all += (0..<64).map { some ^ 1 << $0 }
        #expect(rig.end(some, thread) == 0)
        return all + [some]
    }

    @Test func duplicateSessionActsOnTheSessionsInstance() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let registry = InstanceRegistry()
        let (a, b) = (try SessionRig(registry: registry, name: "a"), try SessionRig(registry: registry, name: "b"))
        let session = try b.begin()
        #expect(a.call(session, .ordinary, thread) { (core, _) throws(JetError) in try core.begin(thread: 1) } == 0)
        let (code, copy) = a.duplicate(session, thread)
        #expect(code == 0)
        #expect(a.instance.sessionPool.count(.application) == 0)
        #expect(b.instance.sessionPool.count(.application) == 2)
        #expect(b.core(copy).level == 0)
        #expect(b.core(copy).number == 2)
        try b.instance.stopService()
        #expect(a.duplicate(session, thread).code == -1329)
        b.instance.gate.makeUnavailable(.fatalError)
        #expect(a.duplicate(session, thread).code == -1329)
        #expect(number { () throws(JetError) in _ = try a.begin() } == 0)
    }

    @Test func sessionsRunOutAndComeBack() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let rig = try SessionRig(start: false)
        #expect(number { () throws(JetError) in try rig.instance.setSessions(limit: 30_001, quota: .strict) } == -1003)
        try rig.instance.setSessions(limit: 2, quota: .strict)
        try rig.instance.initialise()
        #expect(number { () throws(JetError) in try rig.instance.setSessions(limit: 3, quota: .strict) } == -1030)
        let (first, second) = (try rig.begin(), try rig.begin())
        #expect(number { () throws(JetError) in _ = try rig.begin() } == -1101)
        #expect(rig.duplicate(second, thread).code == -1101)
        #expect(rig.end(first, thread) == 0)
        let (code, third) = rig.duplicate(second, thread)
        #expect(code == 0)
        #expect(rig.core(third).number == 1)
        #expect(third != first)
        #expect(rig.end(first, thread) == -1104)
    }

    @Test func memoryRunsOutAndNothingIsLost() throws {
        let full = Locked(false)
        let table = HandleTable { byteCount in
            full.withLock { $0 } ? nil : .allocate(byteCount: byteCount, alignment: 128)
        }
        let registry = InstanceRegistry(table: table)
        full.withLock { $0 = true }
        #expect(
            number { () throws(JetError) in _ = try registry.create(name: "x", work: NotedInstanceWork()) } == -1011)
        #expect(registry.mode == .undecided)
        full.withLock { $0 = false }
        let rig = try SessionRig(registry: registry, start: false)
        try rig.instance.setSessions(limit: 5000, quota: .strict)
        try rig.instance.initialise()
        let first = try rig.begin()
        full.withLock { $0 = true }
        var code: Int32 = 0
        while code == 0 { code = number { () throws(JetError) in _ = try rig.begin() } }
        #expect(code == -1011)
        #expect(rig.instance.sessionPool.count(.application) == 1024)
        let thread = CallThread(id: 1)
        defer { thread.release() }
        #expect(rig.duplicate(first, thread).code == -1011)
        #expect(rig.end(first, thread) == 0)
        #expect(number { () throws(JetError) in _ = try rig.begin() } == 0)
    }

    /// All places of a piece of memory, each several times; no handle comes twice.
    @Test func placesAreUsedAgain() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let pieces = Locked(0)
        let table = HandleTable { byteCount in
            pieces.withLock { $0 += 1 }
            return .allocate(byteCount: byteCount, alignment: 128)
        }
        let rig = try SessionRig(registry: InstanceRegistry(table: table), start: false)
        try rig.instance.setSessions(limit: 1024, quota: .strict)
        try rig.instance.initialise()
        var seen: Set<UInt> = []
        for _ in 0..<3 {
            let handles = try (0..<1024).map { _ in try rig.begin() }
            for handle in handles {
                #expect(handle >> 62 == 1 && seen.insert(handle).inserted)
                #expect(rig.end(handle, thread) == 0)
            }
        }
        #expect(pieces.withLock { $0 } == 2)
    }

    @Test func oneThreadAtATime() throws {
        let (a, b) = (CallThread(id: 1), CallThread(id: 2))
        defer {
            a.release()
            b.release()
        }
        let rig = try SessionRig()
        let (session, other) = (try rig.begin(), try rig.begin())
        let entry = try rig.table.enterSession(session, .ordinary, a)
        #expect(rig.call(session, .ordinary, b) == -1910)
        #expect(rig.end(session, b) == -1910)
        #expect(rig.call(other, .ordinary, b) == 0)
        // Not in a callback: neither this session nor another.
        #expect(rig.call(session, .ordinary, a) == -1906)
        #expect(rig.call(other, .ordinary, a) == -1906)
        #expect(rig.call(other, .ordinary, b) == 0)
        a.withCallback {
            #expect(rig.call(session, .ordinary, a) == 0)
            #expect(rig.call(other, .ordinary, a) == 0)
            #expect(rig.end(session, a) == -1914)
            #expect(rig.call(session, .ordinary, b) == -1910)
            let inner = try! rig.table.enterSession(other, .ordinary, b)
            #expect(rig.call(other, .ordinary, a) == -1910)
            rig.table.leave(inner)
            #expect(rig.end(other, a) == 0)
        }
        #expect(rig.call(session, .ordinary, a) == -1906)
        rig.table.leave(entry)
        #expect(rig.call(session, .ordinary, a) == 0)
        #expect(rig.call(session, .ordinary, b) == 0)
    }

    @Test func endRollsBackClosesAndGivesTheSlotBack() throws {
        let (a, b) = (CallThread(id: 1), CallThread(id: 2))
        defer {
            a.release()
            b.release()
        }
        let rig = try SessionRig()
        let session = try rig.begin()
        let core = rig.core(session)
        try core.begin(thread: 1)
        try core.begin(thread: 1)
        #expect(rig.end(session, b) == -1910)
        #expect(core.level == 2)
        #expect(rig.call(session, .ordinary, b) == 0)
        #expect(rig.end(session, a) == 0)
        #expect(core.work.calls == ["begin 1", "begin 2", "rollback 2", "rollback 1", "close"])
        #expect(rig.instance.sessionPool.count(.application) == 0)
        #expect(rig.end(session, a) == -1104)
    }

    @Test func cursorsBelongToTheirSession() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let rig = try SessionRig()
        let (one, two) = (try rig.begin(), try rig.begin())
        let object = NotedSessionWork()
        let entry = try rig.table.enterSession(one, .ordinary, thread)
        let cursor = try rig.table.makeCursor(object, session: entry)
        #expect(rig.table.cursor(cursor, session: entry) === object)
        for bit in 0..<64 { #expect(rig.table.cursor(cursor ^ 1 << bit, session: entry) == nil) }
        for bad in [0, .max, one, rig.instance.gate.handle] { #expect(rig.table.cursor(bad, session: entry) == nil) }
        rig.table.leave(entry)
        let foreign = try rig.table.enterSession(two, .ordinary, thread)
        #expect(rig.table.cursor(cursor, session: foreign) == nil)
        #expect(!rig.table.endCursor(cursor, session: foreign))
        rig.table.leave(foreign)
        let again = try rig.table.enterSession(one, .ordinary, thread)
        #expect(rig.table.endCursor(cursor, session: again))
        #expect(!rig.table.endCursor(cursor, session: again))
        #expect(try rig.table.makeCursor(object, session: again) != cursor)
        rig.table.leave(again)
    }
}
