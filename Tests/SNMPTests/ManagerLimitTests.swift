import Foundation
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// Managers under many threads, with request-ids of the caller's choice, and without descriptors.
@Suite(.timeLimit(.minutes(6)))
struct ManagerLimitTests {
    private func request(_ identifier: Int32? = nil) throws -> Request {
        var request = Request.get(try EncodedBindings(names: [.title]))
        request.requestID = identifier
        return request
    }

    // MARK: Threads

    /// How often each of the submitted requests completed.
    private final class Tally: Sendable {
        private let counts = Locked<[Int]>([])

        func submit(_ manager: SNMPManager, _ request: Request, _ targets: [TargetID], depth: Int) {
            let number = counts.withLock { counts in
                counts.append(0)
                return counts.count - 1
            }
            manager.submit(request, to: targets[number % targets.count]) { outcome, _ in
                self.counts.withLock { $0[number] += 1 }
                guard depth > 0, !outcome.isCancelled else { return }
                // Out of a completion: one that is answered, and one that may be refused.
                self.submit(manager, request, targets, depth: depth - 1)
            }
        }

        var submitted: Int { counts.withLock { $0.count } }
        /// Requests that did not complete exactly once.
        var wrong: Int { counts.withLock { $0.count { $0 != 1 } } }
    }

    @Test(arguments: [false, true])
    func fourThreadsSubmitWhileOneCloses(sharesLoop: Bool) async throws {
        let server = try agentServer()
        let silent = try FakePeer.silent()
        let loop = sharesLoop ? try SNMPLoop() : nil
        for round in 0..<30 {
            let manager = try SNMPManager(loop: loop)
            var open = RequestPolicy.fixed(timeout: .milliseconds(1), retries: 1)
            open.adaptsWindow = false
            open.maximumInFlight = 1_000
            let targets = [
                try manager.target(server.udp), try manager.target(server.tcp),
                try manager.target(server.udp, .v3(users[1])),
                try manager.target(Peer(silent.address), policy: open),
            ]
            let tally = Tally()
            let identifiers = targets.map(\.id)
            let plain = try request()
            let chosen = try request(Int32(round))
            let submitters = try (0..<4).map { thread in
                try Thread.start(name: "submitter") {
                    for number in 0..<300 {
                        tally.submit(manager, number % 4 == thread ? chosen : plain, identifiers, depth: 3)
                    }
                }
            }
            let closer = try Thread.start(name: "closer") {
                while tally.submitted < round * 50 {}
                manager.close()
            }
            for thread in submitters + [closer] { thread.join() }
            if let loop {
                // On a shared loop the end comes soon after.
                let deadline = SystemClock.now + .seconds(60)
                while tally.wrong > 0, SystemClock.now < deadline { await Task.yield() }
                _ = loop
            }
            #expect(tally.submitted >= 1_200 && tally.wrong == 0, "round \(round)")
        }
    }

    // MARK: Request-ids and holding

    @Test func oneIdentifierForTwoAgents() async throws {
        let servers = [try agentServer(), try agentServer()]
        let peer = try FakePeer.silent()
        let manager = try SNMPManager()
        let targets = try servers.map { try manager.target($0.udp, policy: patient) }
        let silent = try manager.target(Peer(peer.address), policy: patient)
        let waiting = Recorder<String>()
        manager.submit(try request(-5), to: silent.id) { outcome, _ in waiting.append(outcome.label) }
        for target in targets {
            #expect(try await target.exchange(try request(-5)).variableBindings.count == 1)
            #expect(try await target.exchange(try request(0)).attempts == 1)
        }
        let again = try request(-5)
        let error = await failure { () async throws(SNMPError) in _ = try await silent.exchange(again) }
        #expect(error == .request(.requestIDInUse(-5)))
        #expect(waiting.values.isEmpty)
        manager.close()
        #expect(waiting.values == ["the request was cancelled"])
    }

    @Test func heldRequestEndsAsATimeout() async throws {
        let peer = try FakePeer.silent()
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: patient)
        let outcomes = Recorder<RequestOutcome>()
        let token = try #require(
            manager.submit(try request(), to: target.id) { outcome, _ in outcomes.append(outcome) })
        let start = SystemClock.now
        // Earlier than the loop's thread would have looked otherwise.
        #expect(manager.hold(token, for: .milliseconds(200)))
        guard case .failure(.timeout(let evidence))? = await outcomes.values(atLeast: 1).first else {
            Issue.record("\(outcomes.values)")
            return
        }
        #expect(evidence.attempts == 1)
        #expect(SystemClock.now - start >= .milliseconds(200) && SystemClock.now - start < .seconds(50))
        #expect(!manager.hold(token, for: .seconds(1)))
    }

    @Test func heldRequestTakesItsAnswer() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let target = try manager.target(server.udp, policy: patient)
        for _ in 0..<50 {
            let outcomes = Recorder<RequestOutcome>()
            let token = manager.submit(try request(), to: target.id) { outcome, _ in outcomes.append(outcome) }
            // It may have been answered already.
            manager.hold(try #require(token), for: .seconds(50))
            #expect(await outcomes.values(atLeast: 1).map(\.label) == ["response"])
        }
    }

    // MARK: Descriptors

    /// With any number of descriptors left a manager starts or says why not, and leaves none behind.
    @Test func fewDescriptorsLeft() async {
        await #expect(processExitsWith: .success) {
            // What is made once for the process is made now.
            try SNMPManager().close()
            let before = openDescriptorCount()
            setDescriptorLimit(128)
            var hogs: [UDPSocket] = []
            while let hog = try? UDPSocket(binding: .loopbackIPv4(port: 0)) { hogs.append(hog) }
            var started = 0
            var refused = 0
            for left in 0...8 {
                if left > 0 { hogs.removeLast() }
                for _ in 0..<20 {
                    do throws(SNMPServiceError) {
                        let manager = try SNMPManager()
                        // Both sockets or none: nothing is missing by chance.
                        guard manager.localAddresses.count == 2 else { exit(2) }
                        manager.close()
                        started += 1
                    } catch {
                        guard case .io(let cause) = error, cause.isOutOfResources, left < 8 else { exit(3) }
                        refused += 1
                    }
                    guard openDescriptorCount() == before + hogs.count else { exit(4) }
                }
            }
            exit(started >= 20 && refused >= 20 && started + refused == 180 ? EXIT_SUCCESS : 5)
        }
    }

    /// On a loop of others a manager needs its two sockets only; with one descriptor left it starts with neither.
    @Test func fewDescriptorsLeftOnASharedLoop() async {
        await #expect(processExitsWith: .success) {
            let loop = try SNMPLoop()
            setDescriptorLimit(128)
            var hogs: [UDPSocket] = []
            while let hog = try? UDPSocket(binding: .loopbackIPv4(port: 0)) { hogs.append(hog) }
            var started: [Bool] = []
            for left in 0...2 {
                if left > 0 { hogs.removeLast() }
                let manager = try? SNMPManager(loop: loop)
                started.append(manager != nil)
            }
            exit(started == [false, false, true] ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

/// Descriptors of this process that are open.
private func openDescriptorCount() -> Int {
    (0..<512 as Range<Int32>).count { fcntl($0, F_GETFD) != -1 }
}

private func setDescriptorLimit(_ count: UInt) {
    var limit = rlimit()
    getrlimit(openFiles, &limit)
    limit.rlim_cur = rlim_t(count)
    setrlimit(openFiles, &limit)
}

#if canImport(Glibc)
    private let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
    private let openFiles = RLIMIT_NOFILE
#endif
