// Levels of transactions, flags of commits, what a failed rollback leaves.

import ESEEngine
import Testing

@Suite struct SessionCoreTests {
    let rig: SessionRig
    let session: UInt
    let core: SessionCore<NotedSessionWork>

    init() throws {
        rig = try SessionRig()
        session = try rig.begin()
        core = rig.core(session)
    }

    private func begin(thread: UInt = 1) -> Int32 { number { () throws(JetError) in try core.begin(thread: thread) } }
    private func commit(_ flags: UInt32 = 0, delay: UInt32 = 0, thread: UInt = 1) -> Int32 {
        number { () throws(JetError) in
            try core.commit(CommitFlags(rawValue: flags), maximumDelay: delay, thread: thread)
        }
    }
    private func rollback(all: Bool = false, thread: UInt = 1) -> Int32 {
        number { () throws(JetError) in try core.rollback(all: all, thread: thread) }
    }

    @Test func sevenLevelsAndNoMore() {
        for _ in 0..<7 { #expect(begin() == 0) }
        #expect(begin() == -1103)
        #expect(core.level == 7)
        for _ in 0..<7 { #expect(commit() == 0) }
        #expect(commit() == -1054)
        #expect(rollback() == -1054)
    }

    @Test func rollbackOfOneLevelAndOfAll() {
        for _ in 0..<3 { #expect(begin() == 0) }
        #expect(rollback() == 0)
        #expect(core.level == 2)
        #expect(rollback(all: true) == 0)
        #expect(core.level == 0)
        #expect(core.work.calls.suffix(3) == ["rollback 3", "rollback 2", "rollback 1"])
    }

    /// Flags × level → code, what is asked of the work.
    @Test(arguments: [
        (UInt32(0), 0, Int32(-1054), nil as String?), (0, 1, 0, "commit 1 0 0"), (1, 0, -1054, nil),
        (1, 1, 0, "commit 1 1 0"), (2, 0, 0, "waitLast"), (2, 1, 0, "waitLast"), (8, 0, 0, "waitAll"),
        (8, 1, 0, "waitAll"), (0x10, 0, 0, "newLog"), (0x10, 1, 0, "newLog"), (3, 1, -900, nil), (9, 1, -900, nil),
        (0x11, 1, -900, nil), (0xA, 0, -900, nil), (0x12, 0, -900, nil), (0x18, 0, -900, nil), (4, 0, -900, nil),
        (4, 1, -900, nil), (0x8000_0000, 1, -900, nil),
    ]) func commitFlags(_ flags: UInt32, _ level: Int, _ code: Int32, _ call: String?) {
        for _ in 0..<level { #expect(begin() == 0) }
        core.work.calls = []
        #expect(commit(flags) == code)
        #expect(core.work.calls == (call.map { [$0] } ?? []))
        #expect(core.level == (code == 0 && flags < 2 ? level - 1 : level))
    }

    @Test func aDelayNeedsALazyCommit() {
        #expect(begin() == 0)
        #expect(commit(0, delay: 5) == -900)
        #expect(commit(1, delay: 5) == 0)
        core.commitDefault = .lazyFlush
        #expect(begin() == 0)
        #expect(commit(0, delay: 5) == 0)
        #expect(core.work.calls.last == "commit 1 1 5")
    }

    @Test func otherThreadsMayNotNestCommitOrRollBack() {
        #expect(begin(thread: 1) == 0)
        #expect(begin(thread: 2) == -1910)
        #expect(commit(thread: 2) == -1910)
        #expect(rollback(thread: 2) == -1910)
        #expect(commit(thread: 1) == 0)
        #expect(begin(thread: 2) == 0)
    }

    @Test func waitingIsNoMatterOfThreads() {
        #expect(begin(thread: 1) == 0)
        #expect(commit(8, thread: 2) == 0)
    }

    @Test func mustRollBackHoldsUntilLevelZero() {
        core.setMustRollBack()
        #expect(!core.mustRollBack)
        #expect(begin() == 0)
        #expect(begin() == 0)
        core.setMustRollBack()
        #expect(commit() == -1057)
        #expect(rollback() == 0)
        #expect(commit() == -1057)
        #expect(rollback() == 0)
        #expect(begin() == 0)
        #expect(commit() == 0)
    }

    @Test func aFailedCommitLeavesTheLevel() {
        #expect(begin() == 0)
        core.work.failures["commit"] = .logWriteFail
        #expect(commit() == -510)
        #expect(core.level == 1)
        #expect(rollback() == 0)
    }

    @Test func aFailedBeginningChangesNothing() {
        core.work.failures["begin"] = .versionStoreOutOfMemory
        #expect(begin(thread: 1) == -1069)
        #expect(core.level == 0)
        core.work.failures = [:]
        #expect(begin(thread: 2) == 0)
    }

    @Test func aFailedRollbackMakesTheInstanceUnavailable() throws {
        let thread = CallThread(id: 1)
        defer { thread.release() }
        for _ in 0..<2 { #expect(begin() == 0) }
        core.work.failures["rollback"] = .logWriteFail
        #expect(rollback(all: true) == -510)
        #expect(core.level == 2)
        core.work.failures = [:]
        #expect(rollback() == -510)
        #expect(begin() == -1917)
        #expect(rig.call(session, .rollback, thread) == -1090)
        #expect(number { () throws(JetError) in _ = try rig.begin() } == -1090)
        #expect(rig.terminate() == 0)
        #expect(rig.work.calls.last == "term dirty")
    }

    @Test func contextsGoThroughTheSession() {
        let (a, b) = (CallThread(id: 1), CallThread(id: 2))
        defer {
            a.release()
            b.release()
        }
        #expect(
            rig.call(session, .ordinary, a) { (core, _) throws(JetError) in try core.setContext(9, thread: 1) } == 0)
        #expect(begin(thread: 1) == 0)
        #expect(rig.end(session, a) == -1914)
        #expect(
            rig.call(session, .resetSessionContext, b) { (core, _) throws(JetError) in try core.resetContext(thread: 2)
            } == -1913)
        #expect(
            rig.call(session, .resetSessionContext, a) { (core, _) throws(JetError) in try core.resetContext(thread: 1)
            } == 0)
        #expect(commit(thread: 1) == -1910)
        #expect(
            rig.call(session, .ordinary, b) { (core, _) throws(JetError) in try core.setContext(9, thread: 2) } == 0)
        #expect(commit(thread: 2) == 0)
    }
}
