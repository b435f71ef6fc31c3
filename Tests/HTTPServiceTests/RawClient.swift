import HTTPService
import PlatformIO
import Primitives
import Testing

/// An answer as it stood on the wire.
struct RawResponse {
    var status = 0
    var headers: [(name: String, value: String)] = []
    var body = ""

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    func count(of name: String) -> Int { headers.count { $0.name.lowercased() == name.lowercased() } }
}

/// Sends bytes as they are given, well-formed or not. Gives up, and fails, when nothing comes for 30 seconds.
final class RawClient {
    private let connection: TCPConnection
    private var received: [UInt8] = []
    private(set) var hasEnded = false

    init(_ address: SocketAddress) throws {
        connection = try TCPConnection.connect(to: address)
        while try !connection.finishConnecting() { _ = try connection.wait(for: .write, timeout: .seconds(30)) }
    }

    func close() { connection.close() }

    /// Tells the peer that no more will come; goes on reading.
    func endWriting() throws { try connection.endWriting() }

    func send(_ bytes: [UInt8]) throws {
        #expect(try connection.write(bytes))
        while try !connection.flush() {
            guard try connection.wait(for: .write, timeout: .seconds(30)) else { return }
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends a GET.
    func get(_ target: String, method: String = "GET", headers: [String] = []) throws {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    /// Sends a request and reads its answer.
    func ask(_ target: String, method: String = "GET", headers: [String] = []) throws -> RawResponse {
        try get(target, method: method, headers: headers)
        return try response(hasBody: method != "HEAD")
    }

    /// Reads more. False at the end, also when the peer reset the connection.
    private func readMore() throws -> Bool {
        if hasEnded { return false }
        guard try connection.wait(for: .read, timeout: .seconds(30)) else {
            Issue.record("nothing came for 30 seconds")
            hasEnded = true
            return false
        }
        let result = try? connection.read(appendingTo: &received)
        if result == nil || result == .end { hasEnded = true }
        return !hasEnded
    }

    /// All that comes until the end.
    func readToEnd() throws -> String {
        while try readMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the peer ends the connection without another byte.
    func endsNow() throws -> Bool { try readToEnd().isEmpty }

    /// Reads one answer; an answer to HEAD and a 304 have no body whatever their length says.
    func response(hasBody: Bool = true) throws -> RawResponse {
        let blank = Array("\r\n\r\n".utf8)
        var end: Int?
        while true {
            end = received.indices.first { received[$0...].starts(with: blank) }
            if try end != nil || !readMore() { break }
        }
        let head = try #require(end, "no answer: \(String(decoding: received, as: UTF8.self))")
        let lines = String(decoding: received[..<head], as: UTF8.self).split(separator: "\r\n")
        var response = RawResponse()
        response.status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers.append((String(parts[0]), parts.count > 1 ? String(parts[1].dropFirst()) : ""))
        }
        received.removeFirst(head + 4)
        let length = hasBody && response.status != 304 ? response.header("Content-Length").flatMap { Int($0) } ?? 0 : 0
        while received.count < length, try readMore() {}
        #expect(received.count >= length, "the body is cut")
        response.body = String(decoding: received.prefix(length), as: UTF8.self)
        received.removeFirst(min(length, received.count))
        return response
    }
}

extension HTTPService {
    /// A service on a port of the system's choice that answers with method, path and query.
    static func echo(_ listen: SocketAddress = .loopbackIPv4(port: 0), threads: Int = 2) throws -> HTTPService {
        try HTTPService(listen: listen, threads: threads) { request in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
            return .text("\(request.method) \(request.path)" + (query.isEmpty ? "" : " \(query)"))
        }
    }
}
