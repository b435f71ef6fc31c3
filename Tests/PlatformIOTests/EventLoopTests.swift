import PlatformIO
import Primitives
import Testing

/// Lets a test's closures share what only the loop's thread touches.
final class Box<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@Suite struct EventLoopTests {
    @Test func submittedWorkRunsInOrderOnTheLoopsThread() throws {
        let loop = try EventLoop()
        let order = Locked<[Int]>([])
        let thread = try loop.start(threadName: "a name longer than fifteen bytes")
        for number in 0..<1_000 { loop.submit { order.withLock { $0.append(number) } } }
        loop.submit { loop.stop() }
        thread.join()
        #expect(order.withLock { $0 } == Array(0..<1_000))
        #expect(loop.isStopped)
    }

    @Test func workFromManyThreadsIsNeverLost() throws {
        let loop = try EventLoop()
        let count = Locked(0)
        let thread = try loop.start(threadName: "loop")
        let submitters = try (0..<4).map { _ in
            try Thread.start(name: "submitter") {
                for _ in 0..<2_000 { loop.submit { count.withLock { $0 += 1 } } }
            }
        }
        for submitter in submitters { submitter.join() }
        loop.stop()
        thread.join()
        #expect(count.withLock { $0 } == 8_000)
    }

    @Test func wakeEndsAWaitWithoutLimit() throws {
        let loop = try EventLoop()
        // Whether the wake comes before or during the wait, the wait must end.
        for _ in 0..<50 {
            let waker = try Thread.start(name: "waker") { loop.wake() }
            #expect(try loop.poll(timeout: nil) == 0)
            waker.join()
        }
    }

    @Test func stopBeforeRunIsNotLost() throws {
        let loop = try EventLoop()
        let hasRun = Box(false)
        loop.submit { hasRun.value = true }
        loop.stop()
        try loop.run()
        #expect(hasRun.value)
    }

    @Test func deadlineIsTickedAndNotBeforeItsTime() throws {
        let loop = try EventLoop()
        var deadline: Instant? = SystemClock.now + .milliseconds(5)
        var fired: Instant?
        let id = loop.addDeadline(next: { deadline }) { now in
            guard let due = deadline, now >= due else { return }
            fired = now
            deadline = nil
        }
        let due = try #require(deadline)
        try loop.run { fired != nil }
        #expect(try #require(fired) >= due)
        loop.removeDeadline(id)
        deadline = .zero
        fired = nil
        try loop.poll(timeout: .zero)
        #expect(fired == nil)
    }

    @Test func nearestOfSeveralDeadlinesCounts() throws {
        let loop = try EventLoop()
        var ticks = 0
        loop.addDeadline(next: { nil }, tick: { _ in ticks += 1 })
        loop.addDeadline(next: { .distantFuture }, tick: { _ in ticks += 1 })
        loop.addDeadline(next: { SystemClock.now }, tick: { _ in ticks += 1 })
        // Returns at once although the caller would wait for ever.
        try loop.poll(timeout: nil)
        #expect(ticks == 3)
    }

    @Test func datagramIsHandledBeforeTheTick() throws {
        let loop = try EventLoop()
        let a = try UDPSocket.loopback(), b = try UDPSocket.loopback()
        var log: [String] = []
        try loop.register(b.descriptor, interest: .read) { readiness in
            #expect(readiness == .read)
            _ = try? b.receiveBatch { bytes, _, _, _ in log.append("datagram \(bytes.count)") }
        }
        loop.addDeadline(next: { nil }, tick: { _ in log.append("tick") })
        #expect(try a.send([1, 2, 3], to: b.localAddress))
        try loop.run { !log.isEmpty }
        #expect(log == ["datagram 3", "tick"])
        loop.unregister(b.descriptor)
        #expect(loop.descriptorCount == 0)
        #expect(try a.send([1], to: b.localAddress))
        #expect(try loop.poll(timeout: .zero) == 0)
    }

    @Test func interestInWritingCanBeSwitched() throws {
        let loop = try EventLoop()
        let socket = try UDPSocket.loopback()
        var seen: [Readiness] = []
        try loop.register(socket.descriptor, interest: .read) { seen.append($0) }
        #expect(try loop.poll(timeout: .zero) == 0)
        try loop.setInterest(socket.descriptor, [.read, .write])
        #expect(try loop.poll(timeout: nil) == 1)
        try loop.setInterest(socket.descriptor, .read)
        #expect(try loop.poll(timeout: .zero) == 0)
        #expect(seen == [.write])
    }

    @Test func eventForAClosedDescriptorDoesNotReachItsSuccessor() throws {
        let loop = try EventLoop()
        let sender = try UDPSocket.loopback()
        // Two ready sockets: whichever is served first replaces the other by a new, silent one with the same number.
        let sockets = Box<[UDPSocket?]>([try .loopback(), try .loopback()])
        var successor: UDPSocket?
        var successorCalls = 0, firstCalls = 0
        let numbers = try sockets.value.map { try #require($0).descriptor }
        for index in 0..<2 {
            let socket = try #require(sockets.value[index])
            #expect(try sender.send([1], to: socket.localAddress))
            #expect(try socket.waitReadable(timeout: .seconds(10)))
            try loop.register(numbers[index], interest: .read) { _ in
                firstCalls += 1
                let other = 1 - index
                loop.unregister(numbers[other])
                sockets.value[other] = nil
                successor = try? UDPSocket.loopback()
                if let successor {
                    try? loop.register(successor.descriptor, interest: .read) { _ in successorCalls += 1 }
                }
            }
        }
        _ = try loop.poll(timeout: nil)
        #expect(successor != nil)
        #expect(firstCalls == 1 && successorCalls == 0)
    }

    @Test func closedDescriptorCannotBeRegistered() throws {
        let loop = try EventLoop()
        let number = try UDPSocket.loopback().descriptor
        // Other tests open descriptors meanwhile, so take a number that nobody reaches.
        #expect(throws: IOError.self) { try loop.register(number + 100_000, interest: .read) { _ in } }
        #expect(loop.descriptorCount == 0)
    }

    @Test func echoServerOverTheLoop() throws {
        let loop = try EventLoop()
        let listener = try TCPListener.loopback()
        let address = listener.localAddress
        var connections: [Int32: TCPConnection] = [:]
        try loop.register(listener.descriptor, interest: .read) { _ in
            guard let connection = try? listener.accept() else { return }
            connections[connection.descriptor] = connection
            try? loop.register(connection.descriptor, interest: .read) { _ in
                var bytes: [UInt8] = []
                switch try? connection.read(appendingTo: &bytes) {
                case .bytes: _ = try? connection.write(bytes)
                case .wouldBlock: break
                default:
                    loop.unregister(connection.descriptor)
                    connections[connection.descriptor] = nil
                    connection.close()
                    loop.stop()
                }
            }
        }
        let answer = Locked<[UInt8]>([])
        let client = try Thread.start(name: "client") {
            do {
                let client = try TCPConnection.connect(to: address)
                while try !client.finishConnecting() { _ = try client.wait(for: .write, timeout: .seconds(10)) }
                _ = try client.write([1, 2, 3])
                let bytes = try client.readAll(3)
                answer.withLock { $0 = bytes }
            } catch {
                Issue.record("\(error)")
                loop.stop()
            }
        }
        try loop.run()
        client.join()
        #expect(answer.withLock { $0 } == [1, 2, 3])
    }
}
