import HTTPService
import PlatformIO
import Primitives
import Testing

@Suite struct HTTPServiceTests {
    @Test func answersWithBodyAndHeaders() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        #expect(service.address.port != 0 && service.address.isLoopback)
        let client = try RawClient(service.address)
        let response = try client.ask("/a%20b/%C3%A4?x=1&y=%2B+z")
        #expect(response.status == 200 && response.body == "GET /a b/ä x=1;y=+ z")
        #expect(response.header("Content-Type") == "text/plain; charset=utf-8")
        #expect(response.header("X-Content-Type-Options") == "nosniff")
        #expect(
            response.header("Content-Security-Policy")
                == "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
        #expect(response.header("Referrer-Policy") == "no-referrer")
        #expect(response.header("Cross-Origin-Resource-Policy") == "same-origin")
        #expect(response.header("Cache-Control") == "no-store")
        #expect(response.count(of: "Date") == 1 && response.count(of: "Content-Length") == 1)
    }

    @Test func servesIPv6() throws {
        let service = try HTTPService.echo(.loopbackIPv6(port: 0))
        defer { service.stop() }
        let client = try RawClient(service.address)
        try client.send("GET /six HTTP/1.1\r\nHost: [::1]:\(service.address.port)\r\n\r\n")
        #expect(try client.response().body == "GET /six")
    }

    @Test(arguments: [SocketAddress.loopbackIPv4(port: 0), .loopbackIPv6(port: 0)])
    func handlerSeesPeerAndHeaders(listen: SocketAddress) throws {
        let service = try HTTPService(listen: listen) { request in
            .text("\(request.peer.map { $0.with(port: 0) == listen } == true) \(request.header("x-NAME") ?? "none")")
        }
        defer { service.stop() }
        #expect(try RawClient(service.address).ask("/", headers: ["X-Name:  v 1 "]).body == "true v 1")
    }

    @Test func headHasTheLengthButNoBody() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        let head = try client.ask("/abc", method: "HEAD")
        #expect(head.status == 200 && head.header("Content-Length") == "9" && head.body.isEmpty)
        // Had a body followed, it would stand before the next answer.
        #expect(try client.ask("/next").body == "GET /next")
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "BREW"])
    func otherMethodsAre405(method: String) throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        let response = try client.ask("/", method: method, headers: ["Content-Length: 0"])
        #expect(response.status == 405 && response.header("Allow") == "GET, HEAD")
        #expect(response.header("X-Content-Type-Options") == "nosniff")
        #expect(response.body.contains("\"status\": 405"))
        #expect(try client.ask("/on").body == "GET /on")
    }

    @Test func smallBodyIsIgnored() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        try client.get("/a", headers: ["Content-Length: 65536"])
        try client.send([UInt8](repeating: 0x47, count: 65_536))
        #expect(try client.response().body == "GET /a")
        try client.get("/b", headers: ["Transfer-Encoding: chunked"])
        try client.send("3\r\nabc\r\n4;x=y\r\nGET \r\n0\r\n\r\n")
        #expect(try client.response().body == "GET /b")
        #expect(try client.ask("/c").body == "GET /c")
    }

    @Test(arguments: ["65537", "99999999999", "18446744073709551615"])
    func longBodyIsRefusedUnread(length: String) throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        let response = try client.ask("/", method: "POST", headers: ["Content-Length: \(length)"])
        #expect(response.status == 413 && response.header("X-Content-Type-Options") == "nosniff")
        #expect(try client.endsNow())
    }

    @Test func longBodyOfUnknownLengthIsRefused() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        try client.get("/", headers: ["Transfer-Encoding: chunked"])
        let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
        for _ in 0..<5 { try client.send(chunk) }
        try client.send("0\r\n\r\n")
        #expect(try client.response().status == 413)
    }

    @Test func endlessBodyEndsTheConnection() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        try client.get("/", headers: ["Transfer-Encoding: chunked"])
        let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
        // The end may come while this still writes.
        do { for _ in 0..<2_000 { try client.send(chunk) } } catch is IOError {}
        #expect(try client.endsNow())
        #expect(try RawClient(service.address).ask("/a").body == "GET /a")
    }

    @Test func foreignHostIs421AndMissingHost400() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let client = try RawClient(service.address)
        for (lines, status) in [
            ("GET / HTTP/1.1\r\nHost: example.org:8161", 421), ("GET / HTTP/1.1", 400),
            ("GET / HTTP/1.1\r\nHost:", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400), ("GET / HTTP/1.1\r\nHost: LocalHost:9", 200),
            ("GET http://localhost/x HTTP/1.1\r\nHost: example.org", 421),
        ] {
            try client.send(lines + "\r\n\r\n")
            let response = try client.response()
            #expect(response.status == status, "\(lines)")
            #expect(response.header("X-Content-Type-Options") == "nosniff")
        }
    }

    @Test func knownVersionIs304() throws {
        let service = try HTTPService(listen: .loopbackIPv4(port: 0)) { _ in
            HTTPResponse.html("page").adding("ETag", "\"1\"").adding("Cache-Control", "no-cache")
        }
        defer { service.stop() }
        let client = try RawClient(service.address)
        let first = try client.ask("/")
        #expect(first.status == 200 && first.header("Cache-Control") == "no-cache")
        let tag = try #require(first.header("ETag"))
        for method in ["GET", "HEAD"] {
            let again = try client.ask("/", method: method, headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.header("ETag") == tag)
            // That of the page, whose bytes don't follow: the next answer would begin with them.
            #expect(again.header("Content-Length") == "4")
        }
        #expect(try client.ask("/", headers: ["If-None-Match: \"2\""]).body == "page")
    }

    @Test func largeAnswerArrivesWhole() throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 5_000_000)
        let service = try HTTPService(listen: .loopbackIPv4(port: 0)) { _ in HTTPResponse(body: body) }
        defer { service.stop() }
        let client = try RawClient(service.address)
        for _ in 0..<2 { #expect(try client.ask("/").body.utf8.count == body.count) }
    }

    @Test func emptyAnswerAndBadAnswer() throws {
        let service = try HTTPService(listen: .loopbackIPv4(port: 0)) { request in
            HTTPResponse(status: request.path == "/empty" ? 204 : 42)
        }
        defer { service.stop() }
        let client = try RawClient(service.address)
        #expect(try client.ask("/empty").status == 204)
        #expect(try client.ask("/bad").status == 500)
    }

    @Test(arguments: ["0.0.0.0:8161", "192.0.2.1:0", "[::]:8161", "[2001:db8::1]:80", "[::ffff:127.0.0.1]:8161"])
    func onlyLoopbackAddresses(text: String) throws {
        let address = try SocketAddress(parsing: text)
        let error = #expect(throws: HTTPServiceError.self) { try HTTPService(listen: address) { _ in .text("") } }
        #expect(error == .notLoopback(address))
        #expect(error?.description.contains("only loopback addresses for now") == true)
        #expect(error?.description.contains("ssh -L ") == true)
    }

    @Test func takenPortIsNamedWithAWayOut() throws {
        let service = try HTTPService.echo()
        defer { service.stop() }
        let error = #expect(throws: HTTPServiceError.self) { try HTTPService.echo(service.address) }
        #expect(error == .addressInUse(service.address))
        #expect(error?.description.hasPrefix("cannot serve HTTP on \(service.address): another program") == true)
        #expect(error?.description.hasSuffix("--listen 127.0.0.1:0") == true)
        #expect(try RawClient(service.address).ask("/still").body == "GET /still")
    }
}
