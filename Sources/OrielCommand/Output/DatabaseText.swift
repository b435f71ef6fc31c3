// Layer: OrielCommand/Output. Uses: ESEFormat, PlatformIO (LocalTime). Used by: the sub-commands of db.
// Values of ESE columns, and what else db prints, as text and JSON.

import ESEFormat
import JSON
import PlatformIO

/// Texts of ESE databases.
enum DatabaseText {
    /// A value for people, on one line; nil is no limit of characters.
    static func text(_ value: ColumnValue, limit: Int? = nil) -> String {
        switch value {
        case .null: "NULL"
        case .bit(let bit): bit ? "true" : "false"
        case .unsigned(let number): String(number)
        case .signed(let number): String(number)
        case .single(let number): "\(number)"
        case .double(let number): "\(number)"
        case .dateTime(let days): date(days) ?? "\(days)"
        case .guid(let guid): guid.description
        case .text(let text): shortened(oneLine(text), limit)
        case .binary(let bytes): shortened(bytes, limit)
        }
    }

    /// The values of a column for people; several in brackets.
    static func text(_ values: [ColumnValue], limit: Int? = nil) -> String {
        switch values.count {
        case 0: "NULL"
        case 1: text(values[0], limit: limit)
        default: "[" + values.map { text($0, limit: limit) }.joined(separator: ", ") + "]"
        }
    }

    /// A value as JSON: bytes as hexadecimal digits, dates as ISO 8601.
    static func json(_ value: ColumnValue) -> JSONValue {
        switch value {
        case .null: .null
        case .bit(let bit): .bool(bit)
        case .unsigned(let number): .unsigned(number)
        case .signed(let number): .integer(number)
        case .single(let number): number.isFinite ? .number(Double("\(number)") ?? 0) : .string("\(number)")
        case .double(let number): number.isFinite ? .number(number) : .string("\(number)")
        case .dateTime(let days): date(days).map { .string($0) } ?? (days.isFinite ? .number(days) : .null)
        case .guid(let guid): .string(guid.description)
        case .text(let text): .string(text)
        case .binary(let bytes): .string(hex(bytes))
        }
    }

    /// The values of a column as JSON; several as an array.
    static func json(_ values: [ColumnValue]) -> JSONValue {
        values.count == 1 ? json(values[0]) : values.isEmpty ? .null : .array(values.map(json))
    }

    /// Bytes as hexadecimal digits.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// A number in hexadecimal, as in `0x1f`.
    static func hex(_ number: some BinaryInteger) -> String { "0x" + String(number, radix: 16) }

    /// `1 page`, `2 pages`.
    static func count(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

    /// A size for people: `640 KiB`.
    static func size(_ byteCount: UInt64) -> String {
        var number = Double(byteCount)
        var unit = "bytes"
        for next in ["KiB", "MiB", "GiB", "TiB"] where number >= 1_024 {
            number /= 1_024
            unit = next
        }
        guard unit != "bytes" else { return "\(byteCount) bytes" }
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// A DateTime as ISO 8601, in whatever zone the program that wrote it meant; nil if it is no date. Some programs
    /// keep
    /// a FILETIME in the 8 bytes.
    static func date(_ days: Double) -> String? {
        let bits = days.bitPattern
        // As a FILETIME 1990 to 2100; as a number of days nothing at all.
        if (122_752_800_000_000_000...157_469_184_000_000_000).contains(bits) {
            return date(milliseconds: Int64(bits / 10_000) - 11_644_473_600_000)
        }
        // 0100 to 9999, as for OLE dates.
        guard days > -657_435, days < 2_958_466 else { return nil }
        // Before 1899-12-30 the fraction still counts forward.
        let whole = days.rounded(.towardZero)
        let fraction = abs(days - whole)
        return date(milliseconds: Int64((whole - 25_569) * 86_400_000) + Int64((fraction * 86_400_000).rounded()))
    }

    private static func date(milliseconds: Int64) -> String? {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        guard let time = LocalTime(utcSeconds: rest < 0 ? seconds - 1 : seconds) else { return nil }
        func padded(_ number: Int, _ count: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let thousandths = Int(rest < 0 ? rest + 1_000 : rest)
        return "\(padded(time.year, 4))-\(padded(time.month))-\(padded(time.day))T\(padded(time.hour)):"
            + "\(padded(time.minute)):\(padded(time.second))" + (thousandths > 0 ? ".\(padded(thousandths, 3))" : "")
    }

    /// Text on one line, with nothing in it that a terminal obeys.
    static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
        return BindingPrinter.harmless(text).replacing("\n", with: "\\n").replacing("\t", with: "\\t")
    }

    private static func shortened(_ text: String, _ limit: Int?) -> String {
        guard let limit, text.count > limit else { return text }
        return text.prefix(limit) + "… (\(text.count) characters)"
    }

    private static func shortened(_ bytes: [UInt8], _ limit: Int?) -> String {
        guard !bytes.isEmpty else { return "(0 bytes)" }
        guard let limit, bytes.count * 2 > limit else { return hex(bytes) }
        return hex(bytes.prefix(limit / 2)) + "… (\(bytes.count) bytes)"
    }
}
