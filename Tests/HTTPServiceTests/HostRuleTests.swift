import Testing

@testable import HTTPService

@Suite struct HostRuleTests {
    @Test(arguments: [
        "localhost", "localhost:8161", "LOCALHOST", "localhost.", "localhost:", "a.localhost", "station.localhost:80",
        "127.0.0.1", "127.0.0.1:65535", "127.1.2.3", "[::1]", "[::1]:8161", "[0:0:0:0:0:0:0:1]",
    ])
    func loopbackHosts(host: String) { #expect(RequestRules.hostKind(host) == .loopback) }

    @Test(arguments: [
        "example.org", "example.org:8161", "localhost.example.org", "notlocalhost", "localhost..", "10.0.0.1",
        "0.0.0.0", "128.0.0.1", "127.0.0.1.example.org", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::]",
        "[::2]", "[fe80::1]", "[::ffff:127.0.0.1]", "%6cocalhost",
    ])
    func foreignHosts(host: String) { #expect(RequestRules.hostKind(host) == .foreign) }

    @Test(arguments: [
        "", ":", ":80", "localhost:x", "localhost:65536", "localhost:-1", "[::1", "[::1]x", "[localhost]", "::1",
        "a@localhost", "localhost, example.org", "local host", "[]", "[127.0.0.1]", "lócalhost",
    ])
    func malformedHosts(host: String) { #expect(RequestRules.hostKind(host) == .malformed) }

    @Test func hostIsRequiredOnce() {
        func status(_ headers: [(name: String, value: String)], target: String = "/") -> Int {
            switch RequestRules.check(method: "GET", target: Array(target.utf8), headers: headers, peer: nil) {
            case .handle: 200
            case .refuse(let response): response.status
            }
        }
        #expect(status([("hOST", "localhost")]) == 200)
        #expect(status([]) == 400)
        #expect(status([("Host", "localhost"), ("Host", "localhost")]) == 400)
        #expect(status([("Host", "localhost"), ("Host ", "example.org")]) == 400)
        #expect(status([("Host", "example.org")]) == 421)
        #expect(status([("Host", "localhost")], target: "http://example.org/") == 421)
        #expect(status([("Host", "example.org")], target: "http://localhost/") == 421)
        #expect(status([("Host", "localhost")], target: "http://localhost:1/") == 200)
        #expect(status([("Host", "localhost")], target: "http:///") == 400)
    }
}
