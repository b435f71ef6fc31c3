// Layer: HTTPService. Uses: HTTPRequest, HTTPResponse. Used by: RequestContext.
// What every answer carries, and when 304 is enough.

/// Makes what is sent of what a handler answered.
enum ResponseRules {
    /// Headers of every answer; a handler's own of these names are left out.
    static let securityHeaders: [(String, String)] = [
        ("X-Content-Type-Options", "nosniff"),
        (
            "Content-Security-Policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
        ),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    /// Headers that the server writes itself.
    private static let ownHeaders = ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer", "Upgrade"]

    /// What a 304 repeats of the answer it stands for (RFC 9110 section 15.4.5).
    private static let keptHeaders = ["ETag", "Cache-Control", "Content-Location", "Expires", "Vary", "Last-Modified"]

    /// The answer as it is sent.
    /// - Parameter request: nil if there was none that could be read.
    static func finished(_ response: HTTPResponse, to request: HTTPRequest?) -> HTTPResponse {
        var response = response
        if !(200...599).contains(response.status) {
            response = .error(500, "the handler answered with status \(response.status), which is none")
        }
        if let request, response.status == 200, let tag = response.header("ETag"), matches(tag, request) {
            // The body is not sent, but its length must be that of the 200 (RFC 9110 section 8.6), so it stays here.
            response.status = 304
            response.headers = response.headers.filter { isNamed($0.0, in: keptHeaders) }
        }
        let fixed = securityHeaders.map(\.0) + ownHeaders
        var headers = response.headers.filter { !isNamed($0.0, in: fixed) && isSendable($0.0, $0.1) }
        headers += securityHeaders
        if !headers.contains(where: { equalIgnoringCase($0.0, "Cache-Control") }) {
            headers.append(("Cache-Control", "no-store"))
        }
        response.headers = headers
        return response
    }

    private static func isNamed(_ name: String, in names: [String]) -> Bool {
        names.contains { equalIgnoringCase($0, name) }
    }

    /// Whether a header can be sent without becoming two or something else.
    private static func isSendable(_ name: String, _ value: String) -> Bool {
        RequestRules.isToken(name) && !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    /// Whether the client has this version: weak comparison (RFC 9110 sections 8.8.3.2 and 13.1.2).
    private static func matches(_ tag: String, _ request: HTTPRequest) -> Bool {
        let own = strong(tag[...])
        return request.headers.contains { name, value in
            guard equalIgnoringCase(name, "If-None-Match") else { return false }
            return tags(in: value).contains { $0 == "*" || strong($0) == own }
        }
    }

    private static func strong(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }

    /// The members of a list; a comma between quotes belongs to a tag.
    private static func tags(in list: String) -> [Substring] {
        var isQuoted = false
        let members = list.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == "," && !isQuoted
        }
        return members.map { member in
            let start = member.drop { $0 == " " || $0 == "\t" }
            return start[..<(start.lastIndex { $0 != " " && $0 != "\t" }.map(start.index(after:)) ?? start.startIndex)]
        }
    }
}
