// Layer: HTTPService. Uses: RequestTarget. Used by: handlers, HTTPService.
// What a handler gets to see of a request.

public import Primitives

/// A request whose Host, method and target have passed the checks: GET or HEAD, and a decoded path.
public struct HTTPRequest: Sendable {
    /// `GET` or `HEAD`. The body of an answer to HEAD is not sent, so a handler may treat both alike.
    public let method: String
    /// The decoded path: begins with `/`; without query, control characters and segments `.` or `..`.
    public let path: String
    /// The decoded query, in its order. A name without `=` has an empty value.
    public let query: [(name: String, value: String)]
    /// The headers as they came, in their order.
    public let headers: [(name: String, value: String)]
    /// Who asks; nil if the system doesn't say.
    public let peer: SocketAddress?

    /// Makes a request of parts that are decoded already.
    public init(
        method: String = "GET", path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], peer: SocketAddress? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.peer = peer
    }

    /// Makes a request of a target such as `/api/v1/chart?series=11&from=-1h`; nil if the service would refuse it with
    /// 400.
    public init?(method: String = "GET", target: String, headers: [(name: String, value: String)] = []) {
        guard let parsed = try? RequestTarget(parsing: Array(target.utf8)) else { return nil }
        self.init(method: method, path: parsed.path, query: parsed.query, headers: headers)
    }

    /// The first value of this name in the query; nil if there is none.
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The first header of this name, whatever its case; nil if there is none.
    public func header(_ name: String) -> String? { headers.first { equalIgnoringCase($0.name, name) }?.value }
}

/// Whether two texts are the same but for the case of ASCII letters.
func equalIgnoringCase(_ a: String, _ b: String) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte }
    return a.utf8.elementsEqual(b.utf8) { lower($0) == lower($1) }
}

/// The text without blanks and tabs at its end, which are no part of a header's value (RFC 9110 section 5.5).
func withoutTrailingBlanks(_ text: String) -> String {
    guard let last = text.utf8.last, last == 0x20 || last == 0x09 else { return text }
    let end = text.utf8.lastIndex { $0 != 0x20 && $0 != 0x09 }
    return String(text[..<(end.map { text.utf8.index(after: $0) } ?? text.startIndex)])
}
