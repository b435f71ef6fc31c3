import Foundation
import PlatformIO
import Primitives
import Testing

@testable import SNMPPorts

/// Peers on the Unix-domain socket that aren't what they should be.
@Suite(.timeLimit(.minutes(6))) struct HostilePeerTests {
    private func place(_ directory: PrivateDirectory, _ address: SocketAddress) throws -> SharePlace {
        try SharePlace(directory.path, addresses: [address])
    }

    /// Sends one datagram and waits until all have it.
    private func deliver(_ message: [UInt8], to address: SocketAddress, _ collectors: [Collector]) async throws {
        try Client().send(message, to: address)
        #expect(try await eventually { collectors.allSatisfy { $0.octets.last == message } })
    }

    @Test func slowFollowerLosesCopiesAndSlowsNobody() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let owner = try Participant([address], directory)
        let follower = try Participant([address], directory)
        // Says hello and reads nothing.
        let slow = try #require(try place(directory, address).connect())
        let message = seeded(3, 60_000)
        let client = try Client()
        let collectors = [owner.collector, follower.collector]
        var count = 0
        // More than 4 MiB and what the kernel keeps.
        while owner.port.droppedCount == 0, count < 1_000 {
            try client.send(message, to: address)
            count += 1
            #expect(try await eventually { collectors.allSatisfy { $0.all.count == count } })
        }
        #expect(owner.port.droppedCount > 0)
        #expect(count > 60 && count < 1_000)
        // What it gets when it reads again is whole frames, beginning with the welcome.
        var buffer = FrameBuffer()
        var frameCount = 0
        while try slow.wait(for: .read, timeout: .seconds(1)) {
            guard case .bytes = try buffer.read(slow) else { break }
            try buffer.forEach { frame, payload in
                if frameCount == 0 {
                    #expect(frame == .welcome([address]))
                } else {
                    #expect(payload.elementsEqual(message))
                }
                frameCount += 1
                return true
            }
        }
        #expect(frameCount == 1 + count - Int(owner.port.droppedCount))
        // And now it gets everything again.
        let dropped = owner.port.droppedCount
        try await deliver([1], to: address, collectors)
        #expect(try slow.wait(for: .read, timeout: .seconds(10)))
        #expect(owner.port.droppedCount == dropped)
    }

    @Test(arguments: 0..<4)
    func ownerOutlivesMutatedFrames(seed: UInt64) async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let owner = try Participant([address], directory)
        let follower = try Participant([address], directory)
        let place = try place(directory, address)
        var random = SeededRandom(seed: seed)
        var endCount = 0
        for round in 0..<100 {
            let peer = try UnixConnection.connect(to: place.socketPath)
            var bytes: [UInt8] = []
            if !random.oneIn(8) { ShareFrame.appendHello(to: &bytes) }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // To nobody, as far as it stays as it is; where else it goes is this machine's matter.
                var frame: [UInt8] = []
                ShareFrame.appendSend(seeded(1, 30), destination: .loopback(9), source: address, to: &frame)
                if random.oneIn(3) { frame = ShareFrameTests.samples.randomElement(using: &random)?.bytes ?? [] }
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    // Not the address, so that nothing leaves this machine.
                    let indices = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13].prefix { $0 < frame.count }
                    let index = indices.randomElement(using: &random) ?? 0
                    frame[index] = UInt8.random(in: 0...255, using: &random)
                }
                if random.oneIn(5) { frame.removeLast(Int.random(in: 0...frame.count, using: &random)) }
                bytes += frame
            }
            // It may have been thrown out before it has said all.
            _ = try? peer.write(bytes)
            if round % 2 == 0 {
                peer.close()
                continue
            }
            // What the owner did with it is seen by the end of the connection, if it ends; it must not hang.
            let deadline = SystemClock.now + .milliseconds(30)
            var rest: [UInt8] = []
            while SystemClock.now < deadline {
                guard (try? peer.wait(for: .read, timeout: .milliseconds(30))) == true else { break }
                guard case .bytes? = try? peer.read(appendingTo: &rest) else {
                    endCount += 1
                    break
                }
            }
        }
        #expect(endCount > 5, "seed \(seed)")
        #expect(owner.port.isOwner && follower.port.isServed)
        let before = follower.collector.all.count
        try await deliver([9, 9], to: address, [owner.collector, follower.collector])
        #expect(follower.collector.all.count == before + 1)
    }

    /// A program that has the lock and the socket, but not the manners of an owner.
    private final class FalseOwner {
        let lock: FileLock
        let listener: UnixListener
        var connections: [UnixConnection] = []

        init(_ place: SharePlace) throws {
            lock = try #require(try place.takeLock())
            listener = try place.listen()
        }

        /// Takes the next follower and sends it octets.
        func greet(_ bytes: [UInt8]) throws {
            guard try listener.waitReadable(timeout: .seconds(10)), let connection = try listener.accept() else {
                Issue.record("nobody came")
                return
            }
            _ = try connection.write(bytes)
            connections.append(connection)
        }
    }

    @Test func ownerThatDoesNotAnswerIsNamed() throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let falseOwner = try FalseOwner(try place(directory, address))
        let begin = SystemClock.now
        let error = #expect(throws: PortError.self) { try Participant([address], directory) }
        let waited = SystemClock.now - begin
        #expect(waited >= .seconds(3) && waited < .seconds(30))
        guard case .inUse(address.port, let holder?) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holder.processID == Program.id && holder.userID == Program.userID)
        #expect(falseOwner.connections.isEmpty)
    }

    @Test(arguments: 0..<4)
    func followerOutlivesMutatedFrames(seed: UInt64) async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let place = try place(directory, address)
        var falseOwner: FalseOwner? = try FalseOwner(place)
        var welcome: [UInt8] = []
        ShareFrame.appendWelcome([address], to: &welcome)
        let firstWelcome = welcome
        let opening = Locked<Participant?>(nil)
        let opener = try Thread.start(name: "opener") {
            let follower = try? Participant([address], directory)
            opening.withLock { $0 = follower }
        }
        try falseOwner?.greet(firstWelcome)
        opener.join()
        let follower = try #require(opening.withLock { $0 })
        #expect(follower.port.isServed && !follower.port.isOwner)
        var random = SeededRandom(seed: seed)
        for _ in 0..<12 {
            var bytes = random.oneIn(3) ? [] : welcome
            for _ in 0..<5 {
                var frame = ShareFrameTests.samples.randomElement(using: &random)?.bytes ?? []
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                bytes += frame
            }
            // It leaves by itself, or is left; then it comes back.
            if let last = falseOwner?.connections.last {
                _ = try? last.write(bytes)
                last.close()
            }
            try falseOwner?.greet(welcome)
        }
        #expect(try await eventually { follower.port.isServed })
        falseOwner?.connections.last?.close()
        falseOwner = nil
        #expect(try await eventually { follower.port.isOwner }, "seed \(seed)")
        try await deliver([8, 8], to: address, [follower.collector])
    }

    @Test func leftoversOfADeadOwnerMisleadNobody() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let place = try place(directory, address)
        // A socket without listener, as a killed program leaves it; then even a file in its place.
        do { _ = try place.listen() }
        #expect(FileAccess.exists(place.socketPath))
        let first = try Participant([address], directory)
        #expect(first.port.isOwner)
        first.port.close()
        #expect(!FileAccess.exists(place.socketPath))
        try FileAccess.writeAtomically(place.socketPath, [1])
        let second = try Participant([address], directory)
        #expect(second.port.isOwner)
        let third = try Participant([address], directory)
        #expect(third.port.isServed && !third.port.isOwner)
    }

    @Test func silentConnectionsMakeRoomForFollowers() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let owner = try Participant([address], directory)
        let place = try place(directory, address)
        var silent: [UnixConnection] = []
        while silent.count < ShareOwner.followerLimit {
            // The backlog may be full for a moment.
            if let connection = try? UnixConnection.connect(to: place.socketPath) { silent.append(connection) }
        }
        let follower = try Participant([address], directory)
        #expect(follower.port.isServed)
        try await deliver([7], to: address, [owner.collector, follower.collector])
        // One of them had to go.
        let endCount = try silent.filter { connection in
            var bytes: [UInt8] = []
            return try connection.read(appendingTo: &bytes) == .end
        }.count
        #expect(endCount == 1)
    }
}
