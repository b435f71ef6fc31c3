// Instances: names, modes, termination, stopping.

import ESEEngine
import PlatformIO
import Testing

@Suite struct SessionInstanceTests {
    @Test func namesAndNumbersOfInstances() throws {
        let registry = InstanceRegistry(limit: 2)
        #expect(number { () throws(JetError) in _ = try registry.find(1) } == -1003)
        let a = try registry.create(name: "a", work: NotedInstanceWork())
        #expect(
            number { () throws(JetError) in _ = try registry.create(name: "a", work: NotedInstanceWork()) } == -1086)
        let b = try registry.create(name: "b", work: NotedInstanceWork())
        #expect(
            number { () throws(JetError) in _ = try registry.create(name: "c", work: NotedInstanceWork()) } == -1214)
        #expect(try registry.find(b.gate.handle) === b)
        #expect(registry.find(name: "a") === a)
        #expect(number { () throws(JetError) in _ = try registry.find(0) } == -1003)
        #expect(number { () throws(JetError) in _ = try registry.find(.max) } == -1003)
        #expect(number { () throws(JetError) in _ = try registry.find(12345) } == -1115)
        for bit in 0..<64 {
            #expect(number { () throws(JetError) in _ = try registry.find(a.gate.handle ^ 1 << bit) } == -1115)
        }
        try registry.terminate(a.gate.handle)
        #expect(number { () throws(JetError) in try registry.terminate(a.gate.handle) } == -1115)
        _ = try registry.create(name: "a", work: NotedInstanceWork())
    }

    @Test func theFirstCallDecidesTheMode() throws {
        let registry = InstanceRegistry()
        let only = try registry.create(name: "", mode: .single, work: NotedInstanceWork())
        #expect(try registry.find(0) === only)
        #expect(try registry.find(.max) === only)
        #expect(
            number { () throws(JetError) in _ = try registry.create(name: "x", work: NotedInstanceWork()) } == -1080)
        #expect(number { () throws(JetError) in try registry.choose(.multiple) } == -1080)
        #expect(
            number { () throws(JetError) in
                _ = try registry.create(name: "", mode: .single, work: NotedInstanceWork())
            } == -1030)
        try registry.stopService()
        try registry.terminate(0)
        #expect(registry.mode == .undecided)
        #expect(number { () throws(JetError) in try registry.stopService() } == -1003)
        try registry.choose(.multiple)
        #expect(number { () throws(JetError) in try registry.stopService() } == -1081)
        #expect(number { () throws(JetError) in try registry.choose(.single) } == -1081)
    }

    @Test func anInstanceThatNeverRanIsJustFreed() throws {
        let rig = try SessionRig(start: false)
        #expect(rig.terminate() == 0)
        #expect(rig.work.calls == [])
        #expect(rig.terminate() == -1003)
    }

    @Test func initialisationMayFailAndBeTriedAgain() throws {
        let rig = try SessionRig(start: false)
        rig.work.state.withLock { $0.failure = .logFileCorrupt }
        #expect(number { () throws(JetError) in try rig.instance.initialise() } == -501)
        rig.work.state.withLock { $0.failure = nil }
        #expect(number { () throws(JetError) in try rig.instance.initialise() } == 0)
        #expect(number { () throws(JetError) in try rig.instance.initialise() } == -1030)
    }

    /// Flags × backup × open transaction × unavailable → code, kind; nil: the instance goes on.
    @Test(arguments: [
        (UInt32(0), false, false, false, Int32(0), "complete" as String?), (1, false, false, false, 0, "complete"),
        (2, false, false, false, 0, "abrupt"), (0x100, false, false, false, 0, "complete"),
        (8, false, false, false, -1116, "dirty"), (0, true, false, false, -505, nil),
        (1, true, false, false, -505, nil),
        (4, true, false, false, 0, "complete"), (5, true, false, false, 0, "complete"),
        (2, true, false, false, 0, "abrupt"), (0, false, true, false, -1059, nil), (1, false, true, false, -1059, nil),
        (2, false, true, false, -1059, nil), (8, false, true, false, -1116, "dirty"), (0, true, true, false, -505, nil),
        (4, true, true, false, -1059, nil), (0, false, true, true, 0, "dirty"), (2, false, false, true, 0, "dirty"),
        (8, false, false, true, -1116, "dirty"),
    ]) func termination(
        _ flags: UInt32, _ backup: Bool, _ transaction: Bool, _ unavailable: Bool, _ code: Int32, _ kind: String?
    ) throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let rig = try SessionRig()
        let (idle, busy) = (try rig.begin(), try rig.begin())
        rig.work.state.withLock { $0.isBackupRunning = backup }
        if transaction { try rig.core(busy).begin(thread: 1) }
        let core = rig.core(idle)
        if unavailable { rig.instance.gate.makeUnavailable(.fatalError) }
        #expect(rig.terminate(TerminationFlags(rawValue: flags)) == code)
        if let kind {
            #expect(rig.work.calls.last == "term \(kind)")
            #expect(core.work.calls == ["close"])
            #expect(rig.call(idle, .endSession, thread) == -1104)
            #expect(rig.registry.count == 0)
            #expect(rig.table.count == 0)
            #expect(rig.terminate() == -1003)
        } else {
            #expect(rig.instance.gate.state.phase == .running)
            #expect(rig.call(idle, .ordinary, thread) == 0)
            #expect(rig.end(idle, thread) == 0)
            #expect(rig.end(busy, thread) == 0)
            rig.work.state.withLock { $0.isBackupRunning = false }
            #expect(rig.terminate() == 0)
        }
    }

    @Test func aFailedTerminationIsOverToo() throws {
        let rig = try SessionRig()
        rig.work.state.withLock { $0.failure = .diskIO }
        #expect(rig.terminate() == -1022)
        #expect(rig.registry.count == 0)
    }

    @Test func aTerminatedInstanceLeavesTheOthersAlone() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        let registry = InstanceRegistry()
        let (a, b) = (try SessionRig(registry: registry, name: "a"), try SessionRig(registry: registry, name: "b"))
        let (inA, inB) = (try a.begin(), try b.begin())
        #expect(a.terminate() == 0)
        #expect(b.call(inA, .ordinary, thread) == -1104)
        #expect(b.call(inB, .ordinary, thread) == 0)
        // A late report about the first one must not hit who got its place.
        let c = try SessionRig(registry: registry, name: "c")
        a.instance.gate.makeUnavailable(.fatalError)
        #expect(number { () throws(JetError) in _ = try c.begin() } == 0)
        #expect(number { () throws(JetError) in _ = try a.begin() } == -1115)
    }

    @Test func stopAndResume() throws {
        let rig = try SessionRig()
        let stop: (UInt32) -> Int32 = { flags in
            number { () throws(JetError) in try rig.instance.stopService(StopFlags(rawValue: flags)) }
        }
        let begin = { number { () throws(JetError) in _ = try rig.begin() } }
        #expect(stop(1) == -900)
        #expect(stop(0x10) == -900)
        #expect(stop(8 | 2) == -900)
        #expect(stop(0x8000_0008) == -900)
        #expect(stop(2) == 0)
        #expect(begin() == 0)
        #expect(stop(4) == 0)
        #expect(stop(0x8000_0002) == 0)
        #expect(rig.work.calls.suffix(3) == ["stopped 2", "stopped 6", "stopped 4"])
        #expect(stop(0x8000_0000) == 0)
        #expect(rig.work.calls.last == "stopped 0")
        #expect(stop(0) == 0)
        #expect(begin() == -1329)
        #expect(stop(0) == 0)
        #expect(stop(0x8000_0000) == -1329)
        #expect(stop(0x8000_0002) == -1329)
        #expect(begin() == -1329)
        #expect(rig.terminate() == 0)
        #expect(stop(0) == -1115)
    }
}
