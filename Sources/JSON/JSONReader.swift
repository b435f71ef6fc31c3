// Layer: JSON. Uses: JSONNode. Used by: whoever reads JSON.
// Reads JSON strictly (RFC 8259). Every error carries its line; no input traps, recurses without bound or is guessed
// at.

/// Why a text is not JSON.
public struct JSONError: Error, Equatable {
    /// The line, from 1.
    public let line: Int
    /// What is wrong, and what was expected.
    public let problem: String
}

/// Reads one JSON text.
public struct JSONReader {
    /// Arrays and objects may stand in each other this deep.
    public static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole text.
    public static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
        var reader = JSONReader(bytes)
        // Some editors put a byte order mark in front, which readers may ignore (RFC 8259 section 8.1).
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        let node = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.peek == nil else { throw reader.error("something stands behind the end of the JSON text") }
        return node
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ problem: String) -> JSONError { JSONError(line: line, problem: problem) }

    private mutating func skipSpace() {
        while let byte = peek {
            switch byte {
            case 0x0A: line += 1
            case 0x20, 0x09, 0x0D: break
            default: return
            }
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONNode {
        skipSpace()
        let start = line
        switch peek {
        case UInt8(ascii: "{"): return JSONNode(.object(try object(depth: depth + 1)), line: start)
        case UInt8(ascii: "["): return JSONNode(.array(try array(depth: depth + 1)), line: start)
        case UInt8(ascii: "\""): return JSONNode(.string(try string()), line: start)
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte):
            return JSONNode(.number(try number()), line: start)
        case UInt8(ascii: "t"): return JSONNode(try word("true", .bool(true)), line: start)
        case UInt8(ascii: "f"): return JSONNode(try word("false", .bool(false)), line: start)
        case UInt8(ascii: "n"): return JSONNode(try word("null", .null), line: start)
        case nil: throw error("the text ends where a value is expected")
        default: throw error("a value is expected here: a string in double quotes, a number, an object or an array")
        }
    }

    private mutating func word(_ word: String, _ value: JSONNode.Value) throws(JSONError) -> JSONNode.Value {
        guard bytes[position...].starts(with: word.utf8) else { throw error("\"\(word)\" is misspelt") }
        position += word.utf8.count
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONNode] {
        guard depth <= Self.maximumDepth else { throw error("more than \(Self.maximumDepth) levels of brackets") }
        position += 1
        var elements: [JSONNode] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or ] is expected here") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> [JSONNode.Field] {
        guard depth <= Self.maximumDepth else { throw error("more than \(Self.maximumDepth) levels of brackets") }
        position += 1
        var fields: [JSONNode.Field] = []
        var names: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return fields }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("the name of a member in double quotes is expected") }
            let start = line
            let name = try string()
            // Which one counts is not defined, so it is a mistake rather than a choice.
            guard names.insert(name).inserted else {
                throw JSONError(line: start, problem: "the member \"\(name)\" stands twice in this object; remove one")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is expected behind \"\(name)\"") }
            fields.append(JSONNode.Field(name, try value(depth: depth)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return fields }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or } is expected here") }
        }
    }

    /// `-`, digits without a leading zero, a fraction, an exponent (section 6).
    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let isZero = peek == UInt8(ascii: "0")
        let count = digits()
        guard count > 0, !isZero || count == 1 else { throw error("a number is malformed") }
        if take(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw error("a number is malformed") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw error("a number is malformed") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, Self.isDigit(byte) { position += 1 }
        return position - start
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw error("a string is not UTF-8; save the file as UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("a string ends on the line it began on: a double quote is missing")
            default: text.append(byte)
            }
        }
        throw error("the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var number = try codeUnit()
            if 0xD800...0xDBFF ~= number {
                // Beyond 16 bits a character is a pair (section 7).
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error("half of a \\u pair") }
                let low = try codeUnit()
                guard 0xDC00...0xDFFF ~= low else { throw error("half of a \\u pair") }
                number = 0x10000 + (number - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(number) else { throw error("half of a \\u pair") }
            text.append(contentsOf: Array(String(scalar).utf8))
        default: throw error("unknown escape in a string; a backslash itself is written as \\\\")
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the text ends inside a string") }
        let digits = bytes[position..<position + 4]
        // The initialiser would take a sign as well.
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits are expected behind \\u") }
        position += 4
        return number
    }
}

extension JSONNode {
    /// Reads a text.
    public init(text: String) throws(JSONError) { self = try JSONReader.read(Array(text.utf8)) }
}
