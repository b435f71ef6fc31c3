// Many threads at gates and handles at once.

import ESEEngine
import PlatformIO
import Testing

@Suite struct SessionThreadTests {
    /// Runs `body` on several threads, each with its own `CallThread`.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int, CallThread) -> Void) throws {
        let threads = try (0..<count).map { index in
            try PlatformIO.Thread.start(name: "session \(index)") {
                let thread = CallThread(id: UInt(index + 1))
                body(index, thread)
                thread.release()
            }
        }
        for thread in threads { thread.join() }
    }

    @Test func onlyOneIsInsideASession() throws {
        let rig = try SessionRig()
        let sessions = try (0..<2).map { _ in try rig.begin() }
        let inside = Locked([0, 0])
        let bad = Locked<[Int32]>([])
        let entered = Locked(0)
        try onThreads(4) { index, thread in
            for turn in 0..<2000 {
                let which = (turn + index) & 1
                let code = rig.call(sessions[which], .ordinary, thread) { _, _ in
                    let count = inside.withLock { inside in
                        inside[which] += 1
                        return inside[which]
                    }
                    if count != 1 { bad.withLock { $0.append(1) } }
                    inside.withLock { $0[which] -= 1 }
                }
                if code == 0 { entered.withLock { $0 += 1 } }
                if code != 0 && code != -1910 { bad.withLock { $0.append(code) } }
            }
        }
        #expect(bad.withLock { $0 } == [])
        #expect(entered.withLock { $0 } > 0)
        #expect(rig.terminate() == 0)
    }

    /// Sessions begin, are used by others than who began them, and end, all at once.
    @Test func handlesComeAndGo() throws {
        let rig = try SessionRig()
        let shared = Locked<[UInt]>([0, 0, 0, 0])
        let bad = Locked<[Int32]>([])
        try onThreads(4) { index, thread in
            for turn in 0..<1000 {
                if turn % 4 == 0 {
                    let made = (try? rig.begin()) ?? 0
                    let old = shared.withLock { shared in
                        let old = shared[index]
                        shared[index] = made
                        return old
                    }
                    if old != 0 {
                        var code: Int32 = -1910
                        while code == -1910 { code = rig.end(old, thread) }
                        if code != 0 { bad.withLock { $0.append(code) } }
                    }
                }
                let handle = shared.withLock { $0[turn % 4] }
                if handle == 0 { continue }
                let code = rig.call(handle, .ordinary, thread) { (core, _) throws(JetError) in
                    try core.begin(thread: thread.id)
                    try core.commit(thread: thread.id)
                }
                if ![0, -1910, -1104].contains(code) { bad.withLock { $0.append(code) } }
            }
        }
        #expect(bad.withLock { $0 } == [])
        #expect(rig.instance.sessionPool.count(.application) == 4)
        #expect(rig.terminate() == 0)
        #expect(rig.table.count == 0)
    }

    /// Instances are terminated while others call: nobody is inside when the work of termination runs.
    @Test func terminationWaitsForThoseInside() throws {
        let registry = InstanceRegistry()
        let bad = Locked<[Int32]>([])
        for round in 0..<30 {
            let inside = Locked(0)
            let work = NotedInstanceWork(duringTerm: {
                if inside.withLock({ $0 }) != 0 { bad.withLock { $0.append(1) } }
            })
            let rig = try SessionRig(work, registry: registry, name: "round \(round)")
            let sessions = try (0..<3).map { _ in try rig.begin() }
            try onThreads(4) { index, thread in
                if index == 3 {
                    for _ in 0..<round { _ = rig.call(sessions[0], .ordinary, thread) }
                    let code = rig.terminate()
                    if code != 0 { bad.withLock { $0.append(code) } }
                    return
                }
                var code: Int32 = 0
                while code == 0 || code == -1910 {
                    code = rig.call(sessions[index], .ordinary, thread) { (core, entry) throws(JetError) in
                        inside.withLock { $0 += 1 }
                        inside.withLock { $0 -= 1 }
                    }
                    if code == 0 {
                        let began = number { () throws(JetError) in _ = try rig.begin() }
                        if ![0, -1101, -1000, -1115, -1029].contains(began) { bad.withLock { $0.append(began) } }
                    }
                }
                // The last: the only instance was over between finding the handle and asking for its state.
                if ![-1000, -1104, -1029].contains(code) { bad.withLock { $0.append(code) } }
            }
            #expect(rig.table.count == 0)
        }
        #expect(bad.withLock { $0 } == [])
    }

    @Test func onlyOneTerminates() throws {
        for _ in 0..<20 {
            let rig = try SessionRig()
            let codes = Locked<[Int32]>([])
            try onThreads(3) { _, _ in
                let code = rig.terminate()
                codes.withLock { $0.append(code) }
            }
            let all = codes.withLock { $0 }
            #expect(all.count { $0 == 0 } == 1)
            #expect(all.allSatisfy { [0, -1000, -1003, -1029, -1115].contains($0) })
        }
    }
}
