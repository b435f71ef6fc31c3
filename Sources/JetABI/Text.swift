// Layer: JetABI. Uses: Memory. Used by: exports, structures.
// Text of callers: 8-bit characters, taken for UTF-8, and UTF-16. What is neither is replaced, as Windows does.

import CJet
import ESEEngine
import Jet

/// Characters of the two kinds of functions. The structures of both have the same layout, their pointers to text apart.
protocol TextUnit: FixedWidthInteger, BitwiseCopyable {
    /// The text of so many units.
    static func decode(_ units: UnsafeBufferPointer<Self>) -> String
    /// The units of a text.
    static func encode(_ text: String) -> [Self]
    /// As many units as fit, at most `limit`, without cutting a character.
    static func whole(_ units: [Self], limit: Int) -> Int
}

extension CChar: TextUnit {
    static func decode(_ units: UnsafeBufferPointer<CChar>) -> String {
        String(decoding: UnsafeRawBufferPointer(units), as: UTF8.self)
    }

    static func encode(_ text: String) -> [CChar] { text.utf8.map { CChar(bitPattern: $0) } }

    static func whole(_ units: [CChar], limit: Int) -> Int {
        if units.count <= limit { return units.count }
        var count = Swift.max(limit, 0)
        while count > 0, UInt8(bitPattern: units[count]) & 0xC0 == 0x80 { count -= 1 }
        return count
    }
}

extension WCHAR: TextUnit {
    static func decode(_ units: UnsafeBufferPointer<WCHAR>) -> String { String(decoding: units, as: UTF16.self) }

    static func encode(_ text: String) -> [WCHAR] { Array(text.utf16) }

    static func whole(_ units: [WCHAR], limit: Int) -> Int {
        if units.count <= limit { return units.count }
        let count = Swift.max(limit, 0)
        return count > 0 && UTF16.isLeadSurrogate(units[count - 1]) ? count - 1 : count
    }
}

/// The text at an address, up to its NUL; nil for NULL. JET_errInvalidParameter if it is too long.
func readText<Unit: TextUnit>(_ address: UnsafePointer<Unit>?) throws(JetError) -> String? {
    guard let address else { return nil }
    var count = 0
    while address[count] != 0 {
        count += 1
        guard count <= Limit.text else { throw .invalidParameter }
    }
    return Unit.decode(UnsafeBufferPointer(start: address, count: count))
}

/// The same of an address that a caller may change.
func readText<Unit: TextUnit>(_ address: UnsafeMutablePointer<Unit>?) throws(JetError) -> String? {
    try readText(UnsafePointer(address))
}

/// The text at an address that must not be NULL. JET_errInvalidParameter.
func requiredText<Unit: TextUnit>(_ address: UnsafePointer<Unit>?) throws(JetError) -> String {
    try required(try readText(address))
}

/// Writes a text with a NUL into a buffer of so many bytes; what does not fit is left out. Returns whether all did.
/// JET_errInvalidParameter for no buffer or one without room for the NUL.
@discardableResult
func write<Unit: TextUnit>(
    _ text: String, to address: UnsafeMutablePointer<Unit>?, byteCount: UInt32
) throws(JetError) -> Bool {
    let room = Int(byteCount) / MemoryLayout<Unit>.size
    guard let address, room > 0 else { throw .invalidParameter }
    let units = Unit.encode(text)
    let count = Unit.whole(units, limit: room - 1)
    for index in 0..<count { address[index] = units[index] }
    address[count] = 0
    return count == units.count
}
