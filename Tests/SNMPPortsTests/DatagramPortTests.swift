import PlatformIO
import Primitives
import Testing

@testable import SNMPPorts

@Suite(.timeLimit(.minutes(6))) struct DatagramPortTests {
    private func open(
        _ address: SocketAddress, _ loop: PortLoop, _ receiver: @escaping PortReceiver
    ) throws -> DatagramPort {
        try DatagramPort(address, loop: loop, receiveBufferByteCount: 1 << 20, receiver: receiver)
    }

    @Test(arguments: [SocketAddress.any(0), .any6(0)])
    func answersFromTheAddressThatWasAsked(address: SocketAddress) async throws {
        let loop = try PortLoop()
        let collector = Collector()
        let port = try open(address, loop, collector.receiver)
        let host = address.family == .ipv4 ? SocketAddress(ipv4: 127, 3, 2, 1, port: 0) : .loopback6(0)
        let target = host.with(port: port.localAddress.port)
        let client = try Client(address.family == .ipv4 ? .loopback(0) : .loopback6(0))
        try client.send([1, 2, 3], to: target)
        #expect(try await eventually { collector.all.count == 1 })
        let received = try #require(collector.all.first)
        #expect(
            received
                == Received(
                    octets: [1, 2, 3], source: client.socket.localAddress, local: target, isTruncated: false))
        port.send([4, 5], to: received.source, from: received.local)
        let reply = try #require(try client.receive().first)
        #expect(reply.octets == [4, 5] && reply.source == target)
        port.close()
        loop.stop()
    }

    @Test func emptyAndLongestDatagramsArriveWhole() async throws {
        let loop = try PortLoop()
        let collector = Collector()
        let port = try open(.loopback(0), loop, collector.receiver)
        let client = try Client()
        let longest = seeded(7, 65_507)
        try client.send([], to: port.localAddress)
        try client.send(longest, to: port.localAddress)
        #expect(try await eventually { collector.all.count == 2 })
        #expect(collector.octets == [[], longest])
        #expect(collector.all.allSatisfy { !$0.isTruncated })
    }

    @Test func manyMessagesLeaveInOrder() async throws {
        let loop = try PortLoop()
        let collector = Collector()
        let sink = try open(.loopback(0), loop, collector.receiver)
        let port = try open(.loopback(0), loop) { _, _, _, _ in }
        // In groups that the sink's buffer surely holds.
        for group in 0..<20 {
            for index in 0..<50 {
                let number = group * 50 + index
                port.send([UInt8(number >> 8), UInt8(number & 255)], to: sink.localAddress, from: nil)
            }
            #expect(try await eventually { collector.all.count == (group + 1) * 50 })
        }
        let expected: [[UInt8]] = (0..<1_000).map { number -> [UInt8] in [UInt8(number >> 8), UInt8(number & 255)] }
        #expect(collector.octets == expected)
    }

    @Test func refusedMessagesDoNotHoldUpOthers() async throws {
        let loop = try PortLoop()
        let collector = Collector()
        let sink = try open(.loopback(0), loop, collector.receiver)
        let port = try open(.loopback(0), loop) { _, _, _, _ in }
        // Too long for UDP; of the other family; to a port where nobody listens; from an address that isn't ours.
        port.send([UInt8](repeating: 0, count: 70_000), to: sink.localAddress, from: nil)
        port.send([1], to: .loopback6(sink.localAddress.port), from: nil)
        port.send([2], to: .loopback(1), from: nil)
        port.send([3], to: sink.localAddress, from: SocketAddress(ipv4: 192, 0, 2, 1, port: 0))
        port.send([4], to: sink.localAddress, from: .loopback6(0))
        #expect(try await eventually { collector.octets.contains([4]) })
        #expect(collector.octets == [[4]])
    }

    @Test func takenPortNamesThisProcess() throws {
        let loop = try PortLoop()
        let port = try open(.loopback(0), loop) { _, _, _, _ in }
        let number = port.localAddress.port
        let error = #expect(throws: PortError.self) { try open(.loopback(number), loop) { _, _, _, _ in } }
        guard case .inUse(number, let holder?) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holder.processID == Program.id && holder.userID == Program.userID)
        #expect(holder.name?.isEmpty == false)
        port.close()
        // Free at once.
        let again = try open(.loopback(number), loop) { _, _, _, _ in }
        #expect(again.localAddress == .loopback(number))
    }

    @Test func noCallOfTheReceiverAfterCloseUnderTraffic() async throws {
        let loop = try PortLoop()
        let isRunning = Flag()
        let target = Locked(SocketAddress.loopback(9))
        let senders = try (0..<3).map { _ in
            try Thread.start(name: "sender") {
                guard let client = try? Client() else { return }
                while !isRunning.isSet { try? client.send([1], to: target.withLock { $0 }) }
            }
        }
        let strays = Locked(0)
        var callCount = 0
        for _ in 0..<200 {
            let isClosed = Flag()
            let calls = Locked(0)
            let port = try open(.loopback(0), loop) { _, _, _, _ in
                if isClosed.isSet { strays.withLock { $0 += 1 } }
                calls.withLock { $0 += 1 }
            }
            target.withLock { $0 = port.localAddress }
            let deadline = SystemClock.now + .seconds(10)
            while calls.withLock({ $0 }) < 5, SystemClock.now < deadline { SystemClock.sleep(.microseconds(50)) }
            let closers = try (0..<3).map { _ in
                try Thread.start(name: "closer") {
                    port.close()
                    isClosed.set()
                }
            }
            for closer in closers { closer.join() }
            callCount += calls.withLock { $0 }
            port.send([1], to: port.localAddress, from: nil)
        }
        isRunning.set()
        for sender in senders { sender.join() }
        #expect(strays.withLock { $0 } == 0)
        #expect(callCount >= 1_000)
    }

    @Test func closedByItsOwnReceiverItGetsNoMore() async throws {
        let loop = try PortLoop()
        let count = Locked(0)
        let own = Locked<DatagramPort?>(nil)
        let isOpen = Flag()
        let port = try open(.loopback(0), loop) { _, _, _, _ in
            while !isOpen.isSet {}
            count.withLock { $0 += 1 }
            own.withLock { $0 }?.close()
        }
        own.withLock { $0 = port }
        let client = try Client()
        for number in 0..<10 { try client.send([UInt8(number)], to: port.localAddress) }
        isOpen.set()
        #expect(try await eventually { count.withLock { $0 } > 0 })
        // Returns when the round in which it was closed is over.
        port.close()
        #expect(count.withLock { $0 } == 1)
        own.withLock { $0 = nil }
        let again = try open(port.localAddress, loop) { _, _, _, _ in }
        again.close()
    }

    @Test func stoppingTheLoopClosesItsPorts() throws {
        let loop = try PortLoop()
        let port = try open(.loopback(0), loop) { _, _, _, _ in }
        let stoppers = try (0..<3).map { _ in try Thread.start(name: "stopper") { loop.stop() } }
        for stopper in stoppers { stopper.join() }
        let other = try PortLoop()
        let again = try open(port.localAddress, other) { _, _, _, _ in }
        #expect(again.localAddress == port.localAddress)
        port.close()
        port.send([1], to: .loopback(9), from: nil)
        #expect(throws: PortError.self) { try open(.loopback(0), loop) { _, _, _, _ in } }
    }

    @Test func loopStoppedByAReceiverDoesNotWaitForItself() async throws {
        let loop = try PortLoop()
        let isDone = Flag()
        #expect(!loop.isCurrentThread)
        let port = try open(.loopback(0), loop) { [loop] _, _, _, _ in
            if loop.isCurrentThread { loop.stop() }
            isDone.set()
        }
        try Client().send([1], to: port.localAddress)
        #expect(try await eventually { isDone.isSet })
        loop.stop()
        #expect(!loop.isCurrentThread)
    }

    @Test func releasedPortIsFreeSoon() async throws {
        let loop = try PortLoop()
        var port: DatagramPort? = try open(.loopback(0), loop) { _, _, _, _ in }
        let address = try #require(port?.localAddress)
        port = nil
        #expect(try await eventually { (try? open(address, loop) { _, _, _, _ in }) != nil })
    }

    @Test func errorsSayWhatHelps() {
        let denied = PortFailure(
            error: IOError.forbidden("bind", "0.0.0.0:162"), address: .any(162))
        #expect(denied.portError == .notPermitted(port: 162))
        #expect(denied.portError.description.contains("net.ipv4.ip_unprivileged_port_start=162"))
        #expect(denied.portError.description.contains("CAP_NET_BIND_SERVICE"))
        let elsewhere = PortFailure(error: IOError.forbidden("open", "/x"), address: nil)
        #expect(elsewhere.portError == .io(IOError.forbidden("open", "/x")))
        let texts: [(PortHolder?, String)] = [
            (PortHolder(processID: 1_234, name: "snmptrapd", userID: 0), "snmptrapd (process 1234)"),
            (PortHolder(processID: 1_234), "process 1234"), (PortHolder(userID: 7), "a program of user 7"),
            (PortHolder(), "another program"), (nil, "another program"),
        ]
        for (holder, text) in texts {
            #expect(PortError.inUse(port: 162, holder: holder).description == "UDP port 162 is held by \(text)")
        }
    }
}
