import Testing

@testable import HTTPService

@Suite struct ResponseRuleTests {
    private func tagged(_ condition: String?, tag: String = "\"v1\"", status: Int = 200) -> HTTPResponse {
        let headers = condition.map { [(name: "If-None-Match", value: $0)] } ?? []
        let response = HTTPResponse.text("body", status: status).adding("ETag", tag)
            .adding("Cache-Control", "no-cache")
        return ResponseRules.finished(response, to: HTTPRequest(path: "/", headers: headers))
    }

    @Test(arguments: ["\"v1\"", "W/\"v1\"", "*", "\"a\", \"v1\"", "\"a\",W/\"v1\" ,\"b\"", "\"x,y\", \"v1\""])
    func knownVersionIs304(condition: String) {
        let response = tagged(condition)
        #expect(response.status == 304)
        #expect(response.header("ETag") == "\"v1\"" && response.header("Cache-Control") == "no-cache")
        #expect(response.header("Content-Type") == nil)
        #expect(response.header("X-Content-Type-Options") == "nosniff")
    }

    @Test(arguments: [nil, "", "\"v2\"", "v1", "\"v1", "\"a,\"v1\"\"", "\"V1\"", ",,"])
    func otherVersionIsSent(condition: String?) {
        let response = tagged(condition)
        #expect(response.status == 200 && response.body == Array("body".utf8))
    }

    @Test func weakTagMatchesAndErrorsStayErrors() {
        #expect(tagged("\"v1\"", tag: "W/\"v1\"").status == 304)
        #expect(tagged("\"v1\"", status: 404).status == 404)
        let untagged = ResponseRules.finished(
            .text("a"), to: HTTPRequest(path: "/", headers: [("If-None-Match", "*")]))
        #expect(untagged.status == 200)
    }

    @Test func everyAnswerHasTheSecurityHeadersOnce() {
        let own = HTTPResponse.html("x").adding("content-security-policy", "default-src *")
            .adding("X-Content-Type-Options", "sniff")
        for response in [own, .error(404, "no"), .json("{}"), HTTPResponse(status: 204)] {
            let sent = ResponseRules.finished(response, to: HTTPRequest(path: "/"))
            for (name, value) in ResponseRules.securityHeaders {
                #expect(sent.headers.filter { equalIgnoringCase($0.0, name) }.map(\.1) == [value])
            }
            #expect(sent.headers.filter { $0.0 == "Cache-Control" }.map(\.1) == ["no-store"])
        }
    }

    @Test func ownCacheControlStays() {
        let sent = ResponseRules.finished(.text("x").adding("cache-control", "max-age=60"), to: nil)
        #expect(sent.headers.filter { equalIgnoringCase($0.0, "Cache-Control") }.map(\.1) == ["max-age=60"])
    }

    @Test func headersThatWouldBreakTheAnswerAreLeftOut() {
        let response = HTTPResponse.text("x").adding("X-A", "1\r\nSet-Cookie: a=b").adding("X B", "1").adding("X-C", "")
            .adding("X-D", "a\0b").adding("Content-Length", "7").adding("Connection", "close").adding("", "1")
            .adding("X-E", "fine").adding("X-F", "ä")
        let names = ResponseRules.finished(response, to: nil).headers.map(\.0)
        #expect(names.prefix(2) == ["Content-Type", "X-E"])
        #expect(names.count == 2 + ResponseRules.securityHeaders.count + 1)
    }

    @Test(arguments: [0, -1, 100, 199, 600, 70_000])
    func statusThatIsNoneIs500(status: Int) {
        #expect(ResponseRules.finished(HTTPResponse(status: status), to: nil).status == 500)
    }

    @Test func errorIsJSON() {
        let body = String(decoding: HTTPResponse.error(404, "no \"x\"\\\n\u{1}ä").body, as: UTF8.self)
        #expect(body == #"{"error": {"status": 404, "message": "no \"x\"\\\u000a\u0001ä"}}"# + "\n")
    }
}
