// Layer: ESEExport/Sinks. Used by: CSVSink, JSONLinesSink, SQLiteSink.

extension [UInt8] {
    /// Appends well-formed UTF-8 as a JSON string (RFC 8259, section 7).
    mutating func appendJSONString(_ text: String.UTF8View) { appendJSONString(Array(text)) }

    /// Appends well-formed UTF-8 as a JSON string (RFC 8259, section 7).
    mutating func appendJSONString(_ text: [UInt8]) {
        append(UInt8(ascii: "\""))
        let bytes = text.span
        var isPlain = true
        for place in 0..<bytes.count where Self.needsEscape(bytes[place]) { isPlain = false }
        if isPlain {
            append(contentsOf: text)
        } else {
            for byte in text { appendEscaped(byte) }
        }
        append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        guard Self.needsEscape(byte) else { return append(byte) }
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case 0..<0x20:
            append(contentsOf: "u00".utf8)
            appendHex(byte)
        default: append(byte)
        }
    }
}
