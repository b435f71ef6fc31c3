// Layer: HTTPService. Uses: nothing. Used by: RequestRules, HTTPRequest.
// The target of a request (RFC 9112 section 3.2), taken apart and decoded. A pure function: libmicrohttpd's decoding
// lets broken escapes and zero bytes through, so its result is not used.

/// A decoded request target.
struct RequestTarget {
    /// Begins with `/`.
    let path: String
    /// In the order of the target.
    let query: [(name: String, value: String)]
    /// Host and port of an absolute target (`http://host:port/path`), which count instead of the Host header.
    let authority: String?

    /// Reads a target.
    /// - Parameter bytes: what stood between method and version.
    init(parsing bytes: [UInt8]) throws(TargetError) {
        for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "#") { throw .character }
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "/") {
            authority = nil
        } else {
            let scheme = "http://".utf8
            guard equalIgnoringCase(String(decoding: rest.prefix(scheme.count), as: UTF8.self), "http://")
            else { throw .form }
            rest = rest.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            authority = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[end...]
        }
        let mark = rest.firstIndex(of: UInt8(ascii: "?"))
        path = try Self.decodedPath(rest[..<(mark ?? rest.endIndex)])
        query = try mark.map { mark throws(TargetError) in try Self.decodedQuery(rest[(mark + 1)...]) } ?? []
    }

    private static func decodedPath(_ bytes: ArraySlice<UInt8>) throws(TargetError) -> String {
        if bytes.isEmpty { return "/" }
        let decoded = try decoded(bytes, plusIsBlank: false)
        for byte in decoded where byte < 0x20 || byte == 0x7F { throw .control }
        // Browsers resolve these before they ask, so whoever sends them wants to get out of somewhere.
        let dot = UInt8(ascii: ".")
        for segment in decoded.split(separator: UInt8(ascii: "/")) where segment == [dot] || segment == [dot, dot] {
            throw .dots
        }
        return try text(decoded)
    }

    private static func decodedQuery(
        _ bytes: ArraySlice<UInt8>
    ) throws(TargetError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try decoded(part[..<equals], plusIsBlank: true)
            let value = try decoded(part[equals...].dropFirst(), plusIsBlank: true)
            guard !name.contains(0), !value.contains(0) else { throw .control }
            pairs.append((try text(name), try text(value)))
        }
        return pairs
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>, plusIsBlank: Bool) throws(TargetError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
                else { throw .escape }
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(plusIsBlank && byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func text(_ bytes: [UInt8]) throws(TargetError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .encoding }
        return text
    }
}

/// Why a target is refused.
enum TargetError: String, Error {
    /// Neither a path nor `http://`.
    case form = "the request's target must begin with / or http://"
    /// A byte that has no place in a URI.
    case character = "the request's target has a character that must be written with %"
    /// `%` without two hexadecimal digits.
    case escape = "the request's target has a % without two hexadecimal digits"
    /// Not UTF-8 when decoded.
    case encoding = "the request's target is not UTF-8"
    /// A control character in the path, or a zero byte.
    case control = "the request's target has a control character"
    /// A segment `.` or `..`.
    case dots = "the request's path has a segment . or .."
}
