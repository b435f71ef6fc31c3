// Layer: ESEExport/Sinks. Used by: CSVSink, JSONLinesSink, SQLiteSink.

extension [UInt8] {
    /// Appends well-formed UTF-8 as a JSON string (RFC 8259, section 7).
    mutating func appendJSONString(_ text: String.UTF8View) { appendJSONString(Array(text)) }

    /// Appends well-formed UTF-8 as a JSON string (RFC 8259, section 7).
    mutating func appendJSONString(_ text: [UInt8]) {
        append(UInt8(ascii: "\""))
        if text.needsEscape(from: 0) {
            for byte in text { appendEscaped(byte) }
        } else {
            append(contentsOf: text)
        }
        append(UInt8(ascii: "\""))
    }

    /// Makes a JSON string of what was appended behind the quotation mark at `start`.
    mutating func endJSONString(from start: Int, _ scratch: inout [UInt8]) {
        if needsEscape(from: start + 1) {
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: self[(start + 1)...])
            removeLast(scratch.count)
            for byte in scratch { appendEscaped(byte) }
        }
        append(UInt8(ascii: "\""))
    }

    private func needsEscape(from start: Int) -> Bool {
        let bytes = span
        for place in start..<bytes.count where Self.needsEscape(bytes[place]) { return true }
        return false
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
