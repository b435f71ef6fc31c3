// Layer: ESEExport/Rendering. Used by: ValueRendering, Moments, Identities.
// Numbers and bytes as text, appended without making strings.

import ESEFormat

private let hexDigits = Array("0123456789abcdef".utf8)
private let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

extension [UInt8] {
    mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(value.magnitude)
    }

    mutating func appendDecimal(_ value: UInt64) {
        var digits = 1
        var limit: UInt64 = 10
        while value >= limit {
            digits += 1
            let (next, isOver) = limit.multipliedReportingOverflow(by: 10)
            if isOver { break }
            limit = next
        }
        appendDecimal(value, digits: digits)
    }

    /// Exactly `digits` digits, the lowest ones of the value.
    mutating func appendDecimal(_ value: Int, digits: Int) { appendDecimal(UInt64(value), digits: digits) }

    private mutating func appendDecimal(_ value: UInt64, digits: Int) {
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = value
        var place = count
        var span = mutableSpan
        for _ in 0..<digits {
            place -= 1
            span[place] += UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    mutating func appendHex(_ byte: UInt8) {
        append(hexDigits[Int(byte >> 4)])
        append(hexDigits[Int(byte & 15)])
    }

    /// At most 64 bits without leading zeros.
    mutating func appendShortHex(_ value: UInt64) {
        var shift = Swift.max(0, 60 - value.leadingZeroBitCount & ~3)
        while shift >= 0 {
            append(hexDigits[Int(value >> UInt64(shift) & 15)])
            shift -= 4
        }
    }

    mutating func append(_ bytes: RawSpan, as form: BinaryForm) {
        switch form {
        case .hex:
            reserveCapacity(count + 2 * bytes.byteCount)
            for place in 0..<bytes.byteCount { appendHex(bytes.inside(place, as: UInt8.self)) }
        case .base64: appendBase64(bytes)
        }
    }

    private mutating func appendBase64(_ bytes: RawSpan) {
        reserveCapacity(count + (bytes.byteCount + 2) / 3 * 4)
        for place in stride(from: 0, to: bytes.byteCount, by: 3) {
            var group: UInt32 = 0
            let present = Swift.min(3, bytes.byteCount - place)
            for offset in 0..<3 {
                let byte = offset < present ? bytes.inside(place + offset, as: UInt8.self) : 0
                group = group << 8 | UInt32(byte)
            }
            for digit in 0..<4 {
                append(
                    digit <= present ? base64Digits[Int(group >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
            }
        }
    }

    /// The usual form: the first three fields are little-endian in the bytes.
    mutating func appendGUID(low: UInt64, high: UInt64) {
        func byte(_ index: Int) -> UInt8 {
            UInt8(truncatingIfNeeded: index < 8 ? low >> UInt64(8 * index) : high >> UInt64(8 * (index - 8)))
        }
        for index in [3, 2, 1, 0] { appendHex(byte(index)) }
        append(UInt8(ascii: "-"))
        for index in [5, 4] { appendHex(byte(index)) }
        append(UInt8(ascii: "-"))
        for index in [7, 6] { appendHex(byte(index)) }
        append(UInt8(ascii: "-"))
        for index in [8, 9] { appendHex(byte(index)) }
        append(UInt8(ascii: "-"))
        for index in 10..<16 { appendHex(byte(index)) }
    }
}
