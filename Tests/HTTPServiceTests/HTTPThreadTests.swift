import PlatformIO
import Primitives
import Testing

@testable import HTTPService

@Suite struct HTTPThreadTests {
    /// Each handler waits for the other, so both must run at once.
    @Test func handlersRunOnSeveralThreads() throws {
        let first = Latch(), second = Latch()
        let service = try HTTPService(listen: .loopbackIPv4(port: 0), threads: 2) { request in
            if request.path == "/1" {
                first.open()
                second.wait()
            } else {
                second.open()
            }
            return .text("\(request.path) \(Thread.currentID)")
        }
        defer { service.stop() }
        let one = try RawClient(service.address)
        try one.get("/1")
        first.wait()
        let two = try RawClient(service.address).ask("/2").body.split(separator: " ")
        let answer = try one.response().body.split(separator: " ")
        #expect(answer.first == "/1" && two.first == "/2" && answer.last != two.last)
    }

    @Test(arguments: [1, 2, 4]) func manyClientsAtOnce(threads: Int) throws {
        let service = try HTTPService.echo(threads: threads)
        defer { service.stop() }
        let address = service.address
        let failures = Locked<[String]>([])
        let clients = try (0..<8).map { number in
            try Thread.start(name: "client") {
                do {
                    let client = try RawClient(address)
                    for round in 0..<100 {
                        let body = try client.ask("/\(number)/\(round)").body
                        if body != "GET /\(number)/\(round)" { failures.withLock { $0.append(body) } }
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        for client in clients { client.join() }
        #expect(failures.withLock { $0 } == [])
    }

    @Test func stopWaitsForTheHandler() throws {
        let isRunning = Latch(), isStopping = Latch()
        let order = Locked<[String]>([])
        let service = try HTTPService(listen: .loopbackIPv4(port: 0)) { _ in
            isRunning.open()
            isStopping.wait()
            // Time for a stop that doesn't wait to come first.
            _ = Condition().wait(Lock(), milliseconds: 100)
            order.withLock { $0.append("handled") }
            return .text("late")
        }
        let client = try RawClient(service.address)
        try client.get("/")
        isRunning.wait()
        isStopping.open()
        service.stop()
        order.withLock { $0.append("stopped") }
        #expect(order.withLock { $0 } == ["handled", "stopped"])
        // Its answer comes whole or not at all.
        let answer = try client.readToEnd()
        #expect(answer.isEmpty || answer.hasSuffix("late"))
    }

    @Test func stopFreesThePortAndEndsConnections() throws {
        let service = try HTTPService.echo()
        let idle = try RawClient(service.address), half = try RawClient(service.address)
        #expect(try idle.ask("/").status == 200)
        try half.send("GET / HT")
        service.stop()
        service.stop()
        #expect(try idle.endsNow())
        #expect(try half.endsNow())
        #expect(throws: IOError.self) { try RawClient(service.address) }
        let next = try HTTPService.echo(service.address)
        #expect(next.address == service.address)
        #expect(try RawClient(next.address).ask("/").status == 200)
        next.stop()
    }

    @Test func stopFromSeveralThreadsAtOnce() throws {
        let service = try HTTPService.echo()
        #expect(try RawClient(service.address).ask("/").status == 200)
        let threads = try (0..<4).map { _ in try Thread.start(name: "stop") { service.stop() } }
        for thread in threads { thread.join() }
        #expect(throws: IOError.self) { try RawClient(service.address) }
    }

    /// A request's context and the core hold what the handler holds: nothing of it may be left.
    @Test func nothingOutlivesTheService() throws {
        final class Token: Sendable {}
        weak var trace: Token?
        do {
            let token = Token()
            trace = token
            let service = try HTTPService(listen: .loopbackIPv4(port: 0)) { _ in
                withExtendedLifetime(token) { .text("") }
            }
            let client = try RawClient(service.address)
            for _ in 0..<3 { #expect(try client.ask("/").status == 200) }
            // Requests that end in all the other ways: unanswered, refused before and after the headers, cut off.
            let open = try RawClient(service.address)
            try open.send("GET / HTTP/1.1\r\nHost:")
            for text in [
                "GET / HTTP/1.1\r\nbad\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET /% HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
                "GET /" + String(repeating: "x", count: 40_000),
                "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000),
                "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
            ] {
                let other = try RawClient(service.address)
                do {
                    try other.send(text)
                    try other.endWriting()
                } catch is IOError {}
                _ = try other.readToEnd()
            }
            #expect(trace != nil)
            // Not stopped: the last reference does it.
            _ = service.address
        }
        #expect(trace == nil)
    }

    @Test func startingAndStoppingLeavesNoDescriptors() throws {
        // The lowest free number grows if any are left open, and stays there; what other tests have open goes again.
        func lowestFree() throws -> Int32 {
            try TCPListener(binding: .loopbackIPv4(port: 0)).descriptor
        }
        let before = try lowestFree()
        for _ in 0..<200 {
            let service = try HTTPService.echo()
            #expect(try RawClient(service.address).ask("/").status == 200)
            service.stop()
        }
        for _ in 0..<200 {
            #expect(throws: HTTPServiceError.self) { try HTTPService.echo(.anyIPv4(port: 0)) }
        }
        for _ in 0..<300 where try lowestFree() >= before + 200 { _ = Condition().wait(Lock(), milliseconds: 100) }
        #expect(try lowestFree() < before + 200)
    }
}

extension Condition {
    /// Sleeps on a condition that nobody signals.
    fileprivate func wait(_ lock: Lock, milliseconds: Int64) -> Bool {
        lock.withLock { wait(lock, timeout: .milliseconds(milliseconds)) }
    }
}
