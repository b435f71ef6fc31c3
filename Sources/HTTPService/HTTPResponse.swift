// Layer: HTTPService. Uses: nothing. Used by: handlers, ResponseRules.
// What a handler answers.

/// An answer: status, headers and the whole body.
///
/// The service adds its own headers (`ResponseRules`), the length and the date. A response with an `ETag` that the
/// client has already becomes 304.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599; any other is sent as 500.
    public var status: Int
    /// Name and value of each header. Values are visible ASCII with blanks; a header with other characters, or without
    /// a value, is left out.
    public var headers: [(String, String)]
    /// The body.
    public var body: [UInt8]

    /// Makes a response.
    public init(status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Makes a response of a text and its type.
    /// - Parameter type: the Content-Type, such as `text/css; charset=utf-8`.
    public init(status: Int = 200, type: String, _ text: String) {
        self.init(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }

    /// A plain text.
    public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, type: "text/plain; charset=utf-8", text)
    }

    /// A JSON text, which the caller has made.
    public static func json(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, type: "application/json", text)
    }

    /// JSON in UTF-8, which the caller has made.
    public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: bytes)
    }

    /// An HTML page.
    public static func html(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, type: "text/html; charset=utf-8", text)
    }

    /// An error as JSON: `{"error": {"status": 404, "message": "there is no device 17"}}`.
    public static func error(_ status: Int, _ message: String) -> HTTPResponse {
        json("{\"error\": {\"status\": \(status), \"message\": \"\(escapedForJSON(message))\"}}\n", status: status)
    }

    /// The first header of this name, whatever its case; nil if there is none.
    public func header(_ name: String) -> String? { headers.first { equalIgnoringCase($0.0, name) }?.1 }

    /// The same response with one more header.
    public func adding(_ name: String, _ value: String) -> HTTPResponse {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    private static func escapedForJSON(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
