// Layer: ESEExport/Rendering. Uses: Digits. Used by: ValueRendering.
// Security identifiers ([MS-DTYP] 2.4.2) and IP addresses as text.

import ESEFormat

extension [UInt8] {
    /// Appends a security identifier; false, and nothing, if the bytes are none.
    mutating func appendSID(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 8, let revision = try? bytes.byte(0), let count = try? bytes.byte(1), revision == 1,
            count <= 15, bytes.byteCount >= 8 + 4 * Int(count)
        else { return false }
        append(contentsOf: "S-1-".utf8)
        var authority: UInt64 = 0
        for place in 2..<8 { authority = authority << 8 | UInt64((try? bytes.byte(place)) ?? 0) }
        appendDecimal(authority)
        for index in 0..<Int(count) {
            append(UInt8(ascii: "-"))
            appendDecimal(UInt64((try? bytes.little(8 + 4 * index, as: UInt32.self)) ?? 0))
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
        guard bytes.byteCount == 16 else { return false }
        var groups: [UInt16] = []
        for place in stride(from: 0, to: 16, by: 2) { groups.append((try? bytes.big(place, as: UInt16.self)) ?? 0) }
        // The longest run of zero groups, the first of equal ones, is left out if it has two or more.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > Swift.max(1, best.count) { best = start..<end }
            start = Swift.max(end, start + 1)
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty {
            append(contentsOf: text(groups[...]).utf8)
        } else {
            append(contentsOf: "\(text(groups[..<best.lowerBound]))::\(text(groups[best.upperBound...]))".utf8)
        }
        return true
    }
}
