// Layer: ESEExport/Sinks. Uses: TextBuffer, JSONText. Used by: applications.
// One JSON object for each row, on a line of its own. Numbers are numbers, also those beyond 2^53; NULL is null;
// several values are an array; what can't be read is {"unreadable": reason}.

public import ESEFormat

/// Writes rows as JSON lines.
public final class JSONLinesSink: RowSink {
    private var buffer: TextBuffer
    private let binary: BinaryForm
    private let namesTable: Bool
    /// `,"name":` of each column, ready to be written.
    private var names: [[UInt8]] = []
    private var start: [UInt8] = []
    private var hasOrigin = false
    private var column = 0
    private var valueCount = 0
    private var writtenCount = 0
    private var scratch: [UInt8] = []

    /// Writes to `output`.
    /// - Parameter namesTable: whether each object has a `_table`, for several tables in one stream.
    public init(_ output: any ByteOutput, namesTable: Bool, binary: BinaryForm = .hex) {
        buffer = TextBuffer(output)
        self.binary = binary
        self.namesTable = namesTable
    }

    /// Remembers the names. Of columns with the same name the later ones get a number.
    public func beginTable(_ table: ExportTable) {
        hasOrigin = table.hasOrigin
        start = [UInt8(ascii: "{")]
        if namesTable {
            start.appendJSONString("_table".utf8)
            start.append(UInt8(ascii: ":"))
            start.appendJSONString(table.name.utf8)
            if hasOrigin { start.append(UInt8(ascii: ",")) }
        }
        let own = (namesTable ? ["_table"] : []) + (hasOrigin ? ["_origin"] : [])
        var isFirst = own.isEmpty
        names = uniqueNames(own + table.columns.map(\.name), ignoringCase: false).dropFirst(own.count).map { name in
            var text = isFirst ? [] : [UInt8(ascii: ",")]
            isFirst = false
            text.appendJSONString(name.utf8)
            text.append(UInt8(ascii: ":"))
            return text
        }
    }

    /// Starts an object.
    public func beginRow(_ origin: RowOrigin) {
        buffer.bytes.append(contentsOf: start)
        column = 0
        if hasOrigin { buffer.bytes.append(contentsOf: "\"_origin\":\"\(origin.rawValue)\"".utf8) }
    }

    /// Starts a member.
    public func beginColumn(valueCount: Int) {
        buffer.bytes.append(contentsOf: names[column])
        column += 1
        self.valueCount = valueCount
        writtenCount = 0
        if valueCount > 1 { buffer.bytes.append(UInt8(ascii: "[")) }
    }

    private func beginElement() {
        if writtenCount > 0 { buffer.bytes.append(UInt8(ascii: ",")) }
        writtenCount += 1
    }

    /// Writes a value.
    public func value(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool {
        let isBare = rendering.isUsuallyBare
        let before = buffer.bytes.count
        beginElement()
        let start = buffer.bytes.count
        if !isBare { buffer.bytes.append(UInt8(ascii: "\"")) }
        do {
            let kind = try rendering.append(bytes, binary: binary, to: &buffer.bytes)
            if kind == .text {
                if isBare { buffer.bytes.insert(UInt8(ascii: "\""), at: start) }
                buffer.bytes.endJSONString(from: start, &scratch)
            } else if !isBare {
                buffer.bytes.remove(at: start)
            }
            return true
        } catch {
            buffer.bytes.removeLast(buffer.bytes.count - before)
            writtenCount -= 1
            unreadable(error)
            return false
        }
    }

    /// Writes an object with the reason.
    public func unreadable(_ error: FormatError) {
        beginElement()
        buffer.bytes.append(contentsOf: "{\"unreadable\":".utf8)
        buffer.bytes.appendJSONString("\(error)".utf8)
        buffer.bytes.append(UInt8(ascii: "}"))
    }

    /// Ends a member.
    public func endColumn() {
        if valueCount > 1 {
            buffer.bytes.append(UInt8(ascii: "]"))
        } else if writtenCount == 0 {
            buffer.bytes.append(contentsOf: "null".utf8)
        }
    }

    /// Ends an object.
    public func endRow() throws(ExportError) {
        buffer.bytes.append(UInt8(ascii: "}"))
        buffer.bytes.append(UInt8(ascii: "\n"))
        try buffer.writeIfFull()
    }

    /// Writes out what was collected.
    public func endTable() throws(ExportError) { try buffer.write() }

    /// Writes out what was collected.
    public func finish() throws(ExportError) { try buffer.write() }
}

/// Names that are all different: later ones get `_2`, `_3` and so on.
func uniqueNames(_ names: [String], ignoringCase: Bool) -> [String] {
    var seen: Set<String> = []
    // The next number to try, so that thousands of equal names take no time.
    var numbers: [String: Int] = [:]
    return names.map { name in
        let key = ignoringCase ? name.lowercased() : name
        var unique = name
        var number = numbers[key] ?? 2
        while !seen.insert(ignoringCase ? unique.lowercased() : unique).inserted {
            unique = "\(name)_\(number)"
            number += 1
        }
        numbers[key] = number
        return unique
    }
}
