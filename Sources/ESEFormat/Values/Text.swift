// Layer: ESEFormat/Values. Used by: ColumnValue, exports.
// Text of columns: UTF-16 (code page 1200) or one byte for each character (1252 and others), to UTF-8 and back.

/// Text as columns store it.
public enum Text {
    /// The characters of code page 1252 from 0x80 to 0x9F; the five bytes without one are control characters, as
    /// Windows reads them.
    private static let upper1252: [UInt16] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d,
        0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153,
        0x9d,
        0x017e, 0x0178,
    ]

    /// The text of stored bytes. What is not well-formed becomes U+FFFD; nothing is cut at a NUL.
    /// - Parameter codePage: 1200 is UTF-16, 65001 UTF-8, everything else is read as 1252.
    public static func string(_ bytes: RawSpan, codePage: UInt32) -> String {
        if codePage == 65_001 { return String(decoding: bytes.bytes(0..<bytes.byteCount), as: UTF8.self) }
        var text: [UInt8] = []
        appendUTF8(of: bytes, codePage: codePage, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of stored bytes as UTF-8, well-formed whatever the bytes are.
    public static func appendUTF8(of bytes: RawSpan, codePage: UInt32, to output: inout [UInt8]) {
        switch codePage {
        case 1200: appendUTF8(ofUTF16: bytes, to: &output)
        case 65_001: output.append(contentsOf: string(bytes, codePage: codePage).utf8)
        default: appendUTF8(of1252: bytes, to: &output)
        }
    }

    /// Appends UTF-16, little-endian, as UTF-8. Half a character, and half a pair, become U+FFFD.
    public static func appendUTF8(ofUTF16 bytes: RawSpan, to output: inout [UInt8]) {
        let count = bytes.byteCount
        var place = appendASCII(ofUTF16: bytes, to: &output)
        while place &+ 2 <= count {
            let unit = bytes.inside(place, as: UInt16.self)
            place &+= 2
            switch unit {
            case 0xd800...0xdbff:
                var scalar: UInt32 = 0xfffd
                if place &+ 2 <= count {
                    let low = bytes.inside(place, as: UInt16.self)
                    if (0xdc00...0xdfff).contains(low) {
                        scalar = 0x10000 + (UInt32(unit & 0x3ff) << 10 | UInt32(low & 0x3ff))
                        place &+= 2
                    }
                }
                append(scalar, to: &output)
            case 0xdc00...0xdfff: append(0xfffd, to: &output)
            default: append(UInt32(unit), to: &output)
            }
        }
        if place < count { append(0xfffd, to: &output) }
    }

    /// Appends the ASCII that UTF-16 begins with, and returns where it ends.
    private static func appendASCII(ofUTF16 bytes: RawSpan, to output: inout [UInt8]) -> Int {
        var end = 0
        while end &+ 8 <= bytes.byteCount {
            // Four characters of ASCII at a time: no bit that they don't have.
            guard bytes.inside(end, as: UInt64.self) & 0xff80_ff80_ff80_ff80 == 0 else { break }
            end &+= 8
        }
        guard end > 0 else { return 0 }
        var target = output.count
        output.append(contentsOf: repeatElement(0, count: end / 2))
        var span = output.mutableSpan
        for place in stride(from: 0, to: end, by: 2) {
            span[target] = bytes.inside(place, as: UInt8.self)
            target &+= 1
        }
        return end
    }

    /// Appends the ASCII that text of one byte for each character begins with, and returns where it ends.
    private static func appendASCII(_ bytes: RawSpan, to output: inout [UInt8]) -> Int {
        var end = 0
        while end < bytes.byteCount, bytes.inside(end, as: UInt8.self) < 0x80 { end &+= 1 }
        guard end > 0 else { return 0 }
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: end))
        var span = output.mutableSpan
        for place in 0..<end { span[start &+ place] = bytes.inside(place, as: UInt8.self) }
        return end
    }

    /// Appends code page 1252 as UTF-8.
    public static func appendUTF8(of1252 bytes: RawSpan, to output: inout [UInt8]) {
        for place in appendASCII(bytes, to: &output)..<bytes.byteCount {
            let byte = bytes.inside(place, as: UInt8.self)
            if byte < 0x80 {
                output.append(byte)
            } else {
                append(byte < 0xa0 ? UInt32(upper1252[Int(byte) - 0x80]) : UInt32(byte), to: &output)
            }
        }
    }

    @inline(__always)
    private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: output.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            output.append(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        case 0x800..<0x10000:
            output.append(UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3f))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        default:
            output.append(UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3f))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3f))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        }
    }

    /// The bytes to store for a text; nil if the code page lacks one of its characters.
    public static func bytes(_ text: String, codePage: UInt32) -> [UInt8]? {
        switch codePage {
        case 1200: return text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        case 65_001: return Array(text.utf8)
        default:
            var bytes: [UInt8] = []
            for scalar in text.unicodeScalars {
                let value = scalar.value
                if value < 0x80 || (0xa0...0xff).contains(value) {
                    bytes.append(UInt8(value))
                } else if let place = upper1252.firstIndex(where: { UInt32($0) == value }) {
                    bytes.append(UInt8(0x80 + place))
                } else {
                    return nil
                }
            }
            return bytes
        }
    }
}
