import HTTPService
import PlatformIO
import Primitives
import Testing

/// What clients send that don't mean well, or can't do better. The service must go on serving the others.
@Suite struct HTTPRobustnessTests {
    private let service: HTTPService
    private let handled = Locked<[String]>([])

    init() throws {
        let handled = handled
        service = try HTTPService(listen: .loopbackIPv4(port: 0)) { request in
            handled.withLock { $0.append(request.path) }
            return .text("GET \(request.path)")
        }
    }

    private func checkIsAlive() throws {
        #expect(try RawClient(service.address).ask("/alive").body == "GET /alive")
    }

    @Test(
        arguments: [
            "\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/0.9\r\n\r\n",
            "GET / FTP/1.1\r\n\r\n", " / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\n\n",
            "GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", "GET / HTTP/1.1\r\nHost: example.org\0localhost\r\n\r\n\0\0",
            "GET /a\0b HTTP/1.1\r\n\0: \0\r\n\r\n", "\0\0\0\0\n\n", "{\"json\": 1}\n\n",
            "GET / HTTP/1.1\nHost: example.org\n\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
        ])
    func garbageGetsAnErrorOrTheEnd(text: String) throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        try client.send(text)
        try client.endWriting()
        let answer = try client.readToEnd()
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"), "\(answer)")
        #expect(handled.withLock { $0 }.isEmpty)
        try checkIsAlive()
    }

    @Test func randomBytesAreSurvived() throws {
        defer { service.stop() }
        let seed: UInt64 = 0x5eed_0002
        var random = SeededRandom(seed: seed)
        let pieces = [
            "GET ", "/", " HTTP/1.1", "\r\n", "\n", "Host: localhost", "Host:", ":", " ", "\t", "%", "?a=b&", "\0",
            "\r",
            "Content-Length: 5", "Transfer-Encoding: chunked", "Expect: 100-continue", "Connection: close", "abc",
            "\r\n\r\n",
        ]
        for round in 0..<150 {
            let client = try RawClient(service.address)
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1..<40, using: &random) {
                if Int.random(in: 0..<6, using: &random) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                } else {
                    bytes += (pieces.randomElement(using: &random) ?? "").utf8
                }
            }
            // The service may have ended the connection before all was sent.
            do {
                try client.send(bytes)
                try client.endWriting()
            } catch is IOError {}
            let answer = try client.readToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "), "seed \(seed), round \(round): \(answer)")
        }
        try checkIsAlive()
    }

    @Test(
        arguments: [
            "/%00", "/a%00.html", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/./b", "/%", "/%1", "/%gg",
            "/%FF",
            "/a b", "/?q=%zz", "/?q=%FF", "a", "*", "/\u{1}", "/ä", "file:///etc/passwd",
        ])
    func badTargetIs400(target: String) throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        let response = try client.ask(target)
        #expect(response.status == 400 && response.body.contains("\"status\": 400"))
        #expect(response.header("X-Content-Type-Options") == "nosniff")
        // The connection goes on.
        #expect(try client.ask("/fine").body == "GET /fine")
        #expect(handled.withLock { $0 } == ["/fine"])
    }

    @Test func halfRequestsAreDropped() throws {
        defer { service.stop() }
        let whole = Array("GET /half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc".utf8)
        for count in 0..<whole.count {
            let client = try RawClient(service.address)
            try client.send(Array(whole[..<count]))
            client.close()
        }
        try checkIsAlive()
        #expect(handled.withLock { $0 } == ["/alive"])
    }

    @Test func requestInSingleBytesIsServed() throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        let slow = try RawClient(service.address)
        for byte in "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8 {
            try slow.send([byte])
            #expect(try client.ask("/quick").body == "GET /quick")
        }
        #expect(try slow.response().body == "GET /slow")
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        let requests = (0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
        try client.send(requests.joined())
        for number in 0..<50 { #expect(try client.response().body == "GET /\(number)") }
    }

    @Test func keepAliveEndsWhenAsked() throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        for number in 0..<20 { #expect(try client.ask("/\(number)").body == "GET /\(number)") }
        #expect(try client.ask("/last", headers: ["Connection: close"]).body == "GET /last")
        #expect(try client.endsNow())
        let old = try RawClient(service.address)
        try old.send("GET /old HTTP/1.0\r\nHost: localhost\r\n\r\n")
        #expect(try old.response().body == "GET /old")
        #expect(try old.endsNow())
    }

    @Test func longHeadersPassAndTooLongOnesAreRefused() throws {
        defer { service.stop() }
        let client = try RawClient(service.address)
        let long = "X-Long: " + String(repeating: "x", count: 10_000)
        #expect(try client.ask("/long", headers: [long]).body == "GET /long")
        #expect(try client.ask("/" + String(repeating: "y", count: 10_000)).status == 200)
        for (target, headers) in [
            ("/", ["X: " + String(repeating: "x", count: 100_000)]),
            ("/", (0..<20_000).map { "X-\($0): y" }),
            ("/" + String(repeating: "x", count: 100_000), []),
            ("/?" + String(repeating: "a&", count: 10_000), []),
        ] {
            let client = try RawClient(service.address)
            do { try client.get(target, headers: headers) } catch is IOError {}
            // The connection is reset while bytes are on their way, so the answer may be lost.
            let answer = try client.readToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(200))")
        }
        #expect(handled.withLock { $0.count } == 2)
        try checkIsAlive()
    }

    @Test func connectionsOverTheLimitWaitForOthers() throws {
        defer { service.stop() }
        var clients: [RawClient] = []
        for _ in 0..<(HTTPService.connectionLimit + 60) { clients.append(try RawClient(service.address)) }
        for client in clients { try client.get("/many") }
        for client in clients[..<100] { client.close() }
        // Those that are left are fewer than the limit, whichever were let in before.
        for client in clients[100...] { #expect(try client.response().body == "GET /many") }
        for client in clients[100...] { client.close() }
        try checkIsAlive()
    }

    @Test func clientsThatDontReadHoldUpNobody() throws {
        let body = [UInt8](repeating: 0x78, count: 8_000_000)
        let large = try HTTPService(listen: .loopbackIPv4(port: 0), threads: 1) { request in
            request.path == "/large" ? HTTPResponse(body: body) : .text("small")
        }
        defer {
            large.stop()
            service.stop()
        }
        let lazy = try (0..<4).map { _ in try RawClient(large.address) }
        for client in lazy { try client.get("/large") }
        #expect(try RawClient(large.address).ask("/small").body == "small")
        for client in lazy { client.close() }
        #expect(try RawClient(large.address).ask("/small").body == "small")
    }
}
