// Layer: ESEExport/Sinks. Used by: CSVSink, JSONLinesSink, SQLiteSink.

extension [UInt8] {
    /// Appends well-formed UTF-8 as a JSON string (RFC 8259, section 7).
    mutating func appendJSONString(_ text: some Collection<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                append(contentsOf: "\\u00".utf8)
                appendHex(byte)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
