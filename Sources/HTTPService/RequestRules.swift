// Layer: HTTPService. Uses: RequestTarget. Used by: RequestContext.
// Which requests reach the handler. The check of Host keeps pages of other sites out: a browser that was led to this
// machine by a foreign name (DNS rebinding) sends that name.

import Primitives

/// Makes a request of what came in, or the answer that refuses it.
enum RequestRules {
    /// Bodies up to this many bytes are read and ignored.
    static let bodyLimit = 65_536
    /// A body of unknown length is read this far, so that its sender gets to see the refusal; then the connection ends.
    static let bodyReadLimit = 1 << 20

    /// Checks a request: Host first, then method and target.
    static func check(
        method: String, target bytes: [UInt8], headers: [(name: String, value: String)], peer: SocketAddress?
    ) -> Verdict {
        // A blank before the colon makes another header of it for some readers (RFC 9112 section 5.1).
        guard headers.allSatisfy({ isToken($0.name) }) else {
            return .refuse(.error(400, "a header's name has a character that is not allowed there"))
        }
        let hosts = headers.filter { equalIgnoringCase($0.name, "Host") }
        guard hosts.count == 1 else {
            return .refuse(.error(400, hosts.isEmpty ? "the Host header is missing" : "there are several Host headers"))
        }
        let target = Result { () throws(TargetError) in try RequestTarget(parsing: bytes) }
        let authority = (try? target.get())?.authority
        for host in [hosts[0].value] + (authority.map { [$0] } ?? []) {
            switch hostKind(host) {
            case .loopback: continue
            case .malformed: return .refuse(.error(400, "the Host header is not a host with a port"))
            case .foreign:
                return .refuse(
                    .error(421, "only served as localhost, 127.0.0.1 or [::1]; the request names another host"))
            }
        }
        guard method == "GET" || method == "HEAD" else {
            return .refuse(.error(405, "only GET and HEAD are served").adding("Allow", "GET, HEAD"))
        }
        switch target {
        case .success(let target):
            return .handle(
                HTTPRequest(method: method, path: target.path, query: target.query, headers: headers, peer: peer))
        case .failure(let error): return .refuse(.error(400, error.rawValue))
        }
    }

    /// What `check` found.
    enum Verdict {
        /// A request for the handler.
        case handle(HTTPRequest)
        /// The answer to one that doesn't get there.
        case refuse(HTTPResponse)
    }

    /// The answer to a body over `bodyLimit`.
    static var bodyTooLarge: HTTPResponse {
        .error(413, "requests need no body, and one of over \(bodyLimit) bytes is not read")
    }

    /// Whether a Content-Length announces more than `bodyLimit`. What is not a number is libmicrohttpd's to refuse.
    static func isTooLong(contentLength: String) -> Bool {
        guard !contentLength.isEmpty, contentLength.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return false }
        return (Int(contentLength) ?? .max) > bodyLimit
    }

    /// What a Host names.
    enum HostKind {
        /// This machine, by a name or an address that can't mean another one.
        case loopback
        /// Anything else.
        case foreign
        /// No host at all.
        case malformed
    }

    /// Reads `host` or `host:port` (RFC 9110 section 7.2). `localhost` and the names below it are loopback by
    /// definition (RFC 6761 section 6.3).
    static func hostKind(_ text: String) -> HostKind {
        var text = text
        // An empty port is allowed, RFC 3986 section 3.2.3. An IPv6 address needs its brackets here.
        if text.hasSuffix(":") { text.removeLast() }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") }),
            let (host, _) = try? SocketAddress.splitPort(text), host.isEmpty == false,
            text.hasPrefix("[") || !host.contains(":")
        else { return .malformed }
        if text.hasPrefix("[") {
            guard let address = try? SocketAddress(numericHost: host, port: 0) else { return .malformed }
            return address.family == .ipv6 && address.isLoopback ? .loopback : .foreign
        }
        if let address = try? SocketAddress(numericHost: host, port: 0) {
            return address.isLoopback ? .loopback : .foreign
        }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        return name == "localhost" || name.hasSuffix(".localhost") ? .loopback : .foreign
    }

    /// Whether a text is a token (RFC 9110 section 5.6.2).
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
