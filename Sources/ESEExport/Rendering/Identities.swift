// Layer: ESEExport/Rendering. Uses: Digits. Used by: ValueRendering.
// Security identifiers ([MS-DTYP] 2.4.2) and IP addresses as text.

import ESEFormat

extension [UInt8] {
    /// Appends a security identifier; false, and nothing, if the bytes are none.
    /// - Parameter isLastBigEndian: whether the last number has the order of bytes that the directory sorts by.
    mutating func appendSID(_ bytes: RawSpan, isLastBigEndian: Bool = false) -> Bool {
        guard bytes.byteCount >= 8, let revision = try? bytes.byte(0), let count = try? bytes.byte(1), revision == 1,
            count <= 15, bytes.byteCount == 8 + 4 * Int(count)
        else { return false }
        append(contentsOf: "S-1-".utf8)
        var authority: UInt64 = 0
        for place in 2..<8 { authority = authority << 8 | UInt64((try? bytes.byte(place)) ?? 0) }
        appendDecimal(authority)
        for index in 0..<Int(count) {
            append(UInt8(ascii: "-"))
            let number = (try? bytes.little(8 + 4 * index, as: UInt32.self)) ?? 0
            appendDecimal(UInt64(isLastBigEndian && index == Int(count) - 1 ? number.byteSwapped : number))
        }
        return true
    }

    /// Appends an IPv4 address of 4 bytes or an IPv6 address of 16 (RFC 5952); false, and nothing, for other sizes.
    mutating func appendIPAddress(_ bytes: RawSpan) -> Bool {
        if bytes.byteCount == 4 {
            for place in 0..<4 {
                if place > 0 { append(UInt8(ascii: ".")) }
                appendDecimal(UInt64((try? bytes.byte(place)) ?? 0))
            }
            return true
        }
        guard bytes.byteCount == 16, let high = try? bytes.big(0, as: UInt64.self),
            let low = try? bytes.big(8, as: UInt64.self)
        else { return false }
        func group(_ index: Int) -> UInt64 { (index < 4 ? high : low) >> UInt64(48 - 16 * (index & 3)) & 0xffff }
        // The longest run of zero groups, the first of equal ones, is left out if it has two or more.
        var best = 8..<8
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, group(end) == 0 { end += 1 }
            if end - start > Swift.max(1, best.count) { best = start..<end }
            start = Swift.max(end, start + 1)
        }
        for index in 0..<8 where !best.contains(index) {
            if index == best.upperBound {
                append(contentsOf: "::".utf8)
            } else if index > 0 {
                append(UInt8(ascii: ":"))
            }
            appendShortHex(group(index))
        }
        if !best.isEmpty, best.upperBound == 8 { append(contentsOf: "::".utf8) }
        return true
    }
}
