// Layer: OrielCommand/Output. Uses: DatabaseText, JSONWriter. Used by: the export sub-command.
// Rows as CSV (RFC 4180) or JSON lines, one after the other: what was written is forgotten.

import ESEFormat
import ESEReader
import PlatformIO

/// Where the bytes of an export go, with a count of them.
final class ExportOutput {
    private let sink: (String) throws(IOError) -> Void
    private let finish: () throws(IOError) -> Void
    private var buffer: [UInt8] = []
    private(set) var byteCount: UInt64 = 0

    /// Standard output.
    init(_ console: Console) {
        sink = { text throws(IOError) in try console.write(text) }
        finish = { () throws(IOError) in try console.flush() }
    }

    /// A file, which takes the place of one that is there.
    init(writing path: String) throws(IOError) {
        let file = try FileOutput(writing: path)
        sink = { text throws(IOError) in try file.write(text) }
        finish = { () throws(IOError) in try file.close() }
    }

    func write(_ text: String) throws(CommandError) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes out what was collected and, of a file, ends it.
    func close() throws(CommandError) {
        try flush()
        do throws(IOError) { try finish() } catch { throw CommandError(error) }
    }

    private func flush() throws(CommandError) {
        byteCount += UInt64(buffer.count)
        defer { buffer.removeAll(keepingCapacity: true) }
        do throws(IOError) { try sink(String(decoding: buffer, as: UTF8.self)) } catch { throw CommandError(error) }
    }
}

/// How rows are written.
struct ExportStyle {
    let format: DatabaseSettings.ExportFormat
    let binary: DatabaseSettings.BinaryForm
    /// Whether rows say if they are deleted.
    let showsDeleted: Bool
    /// Whether rows say of which table they are.
    let showsTable: Bool

    /// What comes before the rows of a table.
    func head(_ table: TableDefinition, _ columns: [Int]) -> String {
        guard format == .csv else { return "" }
        let names = (showsDeleted ? ["deleted"] : []) + columns.map { table.columns[$0].name }
        return names.map(Self.quoted).joined(separator: ",") + "\n"
    }

    /// A row. What can't be read is left out; the database's damage tells it.
    func line(_ cursor: RowCursor, _ columns: [Int]) -> String {
        switch format {
        case .csv:
            var fields = showsDeleted ? [cursor.isDeleted ? "true" : "false"] : []
            for column in columns { fields.append(field((try? cursor.values(column)) ?? [])) }
            return fields.joined(separator: ",") + "\n"
        case .jsonl:
            var object = JSONObject()
            if showsTable { object.add("table", cursor.table.name) }
            if showsDeleted { object.add("deleted", .bool(cursor.isDeleted)) }
            for column in columns {
                guard let values = try? cursor.values(column), !values.isEmpty else { continue }
                object.add(cursor.columns[column].name, values.count == 1 ? json(values[0]) : .array(values.map(json)))
            }
            return object.text + "\n"
        }
    }

    // MARK: Values

    /// A field of CSV: nothing for NULL, several values as an array of JSON.
    private func field(_ values: [ColumnValue]) -> String {
        switch values.count {
        case 0: return ""
        case 1: return field(values[0])
        default:
            var text = ""
            JSONValue.array(values.map(json)).append(to: &text)
            return Self.quoted(text)
        }
    }

    private func field(_ value: ColumnValue) -> String {
        switch value {
        case .null: ""
        // So that it can be told from NULL.
        case .text(let text): text.isEmpty ? "\"\"" : Self.quoted(text)
        case .binary(let bytes): bytes.isEmpty ? "\"\"" : text(bytes)
        default: DatabaseText.text(value)
        }
    }

    private func json(_ value: ColumnValue) -> JSONValue {
        if case .binary(let bytes) = value { return .string(text(bytes)) }
        return DatabaseText.json(value)
    }

    private func text(_ bytes: [UInt8]) -> String {
        switch binary {
        case .hex: DatabaseText.hex(bytes)
        case .base64: Self.base64(bytes)
        }
    }

    /// RFC 4180.
    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
        }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    /// RFC 4648, with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.append(
                    place <= group.count
                        ? letters[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
