import Primitives
import Testing

@testable import HTTPService

@Suite struct RequestTargetTests {
    private func read(_ text: String) -> Result<RequestTarget, TargetError> {
        Result { () throws(TargetError) in try RequestTarget(parsing: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            ("/", "/"), ("/a/b", "/a/b"), ("/a%20b", "/a b"), ("/%C3%A4", "/ä"), ("/%c3%a4", "/ä"), ("/a+b", "/a+b"),
            ("/...", "/..."), ("/.a/b..", "/.a/b.."), ("//", "//"), ("/a%2Fb", "/a/b"), ("/%25", "/%"),
            ("http://localhost", "/"), ("HTTP://localhost:1/x", "/x"), ("http://localhost?q=1", "/"),
        ])
    func pathIsDecoded(target: String, path: String) throws {
        #expect(try read(target).get().path == path)
    }

    @Test(
        arguments: [
            ("", TargetError.form), ("a", .form), ("*", .form), ("ftp://localhost/", .form), ("localhost:80", .form),
            ("/%", .escape), ("/%2", .escape), ("/%zz", .escape), ("/%2x", .escape), ("/%%20", .escape),
            ("/a?b=%", .escape), ("/a?%4=b", .escape), ("/%FF", .encoding), ("/%C3", .encoding),
            ("/%ED%A0%80", .encoding), ("/%C0%AF", .encoding), ("/?a=%FF", .encoding), ("/%00", .control),
            ("/a%0Ab", .control), ("/%7F", .control), ("/?a=%00", .control), ("/?%00", .control),
            ("/..", .dots), ("/../etc/passwd", .dots), ("/a/../b", .dots), ("/a/.", .dots), ("/%2e%2e/b", .dots),
            ("/.%2E%2Fb", .dots), ("/a b", .character), ("/a#b", .character), ("/\u{1}", .character),
            ("/ä", .character), ("/\u{7F}", .character),
        ])
    func badTargetIsRefused(target: String, error: TargetError) {
        #expect(throws: error) { try read(target).get() }
    }

    @Test func queryKeepsOrderAndRepetitions() throws {
        let target = try read("/c?b=2&a=1+1&b=%2B3&&flag&=x&e=f=g&n%3Dm=%26").get()
        let pairs = target.query.map { "\($0.name)|\($0.value)" }
        #expect(pairs == ["b|2", "a|1 1", "b|+3", "flag|", "|x", "e|f=g", "n=m|&"])
        #expect(try read("/c?").get().query.isEmpty)
        #expect(try read("/c?a=b?c/d").get().query.map(\.value) == ["b?c/d"])
    }

    @Test func absoluteTargetNamesItsHost() throws {
        #expect(try read("http://[::1]:8161/x?y").get().authority == "[::1]:8161")
        #expect(try read("/x").get().authority == nil)
    }

    @Test func requestOfATargetFindsItsValues() throws {
        let request = try #require(HTTPRequest(target: "/c?b=2&b=3&flag", headers: [("If-None-Match", "x")]))
        #expect(request.path == "/c" && request.method == "GET")
        #expect(request.query("b") == "2" && request.query("flag") == "" && request.query("B") == nil)
        #expect(request.header("if-none-MATCH") == "x" && request.header("If-None") == nil)
        #expect(HTTPRequest(target: "/%") == nil)
    }

    /// Whatever the bytes: an error or a path without anything that could mislead, and escaping it gives it back.
    @Test func randomTargetsGiveNothingDangerous() throws {
        let seed: UInt64 = 0x5eed_0001
        var random = SeededRandom(seed: seed)
        let pieces = [
            "/", "%", ".", "..", "%2e", "%2F", "%00", "a", "?", "&", "=", "+", "%C3%A4", "%FF", "http://", "Z",
        ]
        for round in 0..<20_000 {
            var text = Bool.random(using: &random) ? "/" : ""
            for _ in 0..<Int.random(in: 0..<12, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
            guard case .success(let target) = read(text) else { continue }
            let comment: Comment = "seed \(seed), round \(round): \(text)"
            try #require(target.path.hasPrefix("/") && !target.path.unicodeScalars.contains("\0"), comment)
            try #require(!target.path.split(separator: "/").contains { $0 == "." || $0 == ".." }, comment)
            let hex = Array("0123456789ABCDEF")
            let escaped = target.path.utf8.map { "%\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])" }.joined().dropFirst(3)
            try #require(try read("/" + escaped).get().path == target.path, comment)
        }
    }
}
