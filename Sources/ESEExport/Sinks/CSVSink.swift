// Layer: ESEExport/Sinks. Uses: TextBuffer. Used by: applications.
// Comma-separated values (RFC 4180): a header, lines that end with CR LF. NULL is an empty field, an empty text is ""
// in quotation marks. Several values of a column stand in one field, as a JSON array.

public import ESEFormat

/// Writes tables as CSV. Each table begins with a header line; for one file a table, use one sink each.
public final class CSVSink: RowSink {
    private var buffer: TextBuffer
    private let binary: BinaryForm
    private var isFirst = true
    private var valueCount = 0
    private var writtenCount = 0
    /// Where the field that is being written starts in the buffer.
    private var fieldStart = 0
    private var scratch: [UInt8] = []

    /// Writes to `output`.
    public init(_ output: any ByteOutput, binary: BinaryForm = .hex) {
        buffer = TextBuffer(output)
        self.binary = binary
    }

    /// Writes the header.
    public func beginTable(_ table: ExportTable) throws(ExportError) {
        let names = (table.hasOrigin ? ["_origin"] : []) + table.columns.map(\.name)
        for (index, name) in names.enumerated() {
            if index > 0 { buffer.bytes.append(UInt8(ascii: ",")) }
            let start = buffer.bytes.count
            buffer.bytes.append(contentsOf: name.utf8)
            buffer.bytes.quoteField(from: start, &scratch)
        }
        endLine()
        hasOrigin = table.hasOrigin
    }

    private var hasOrigin = false

    /// Starts a line.
    public func beginRow(_ origin: RowOrigin) {
        isFirst = true
        guard hasOrigin else { return }
        buffer.bytes.append(contentsOf: origin.rawValue.utf8)
        isFirst = false
    }

    /// Starts a field.
    public func beginColumn(valueCount: Int) {
        if !isFirst { buffer.bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        self.valueCount = valueCount
        writtenCount = 0
        fieldStart = buffer.bytes.count
        if valueCount > 1 { buffer.bytes.append(UInt8(ascii: "[")) }
    }

    /// Writes a value.
    public func value(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool {
        do {
            if valueCount > 1 {
                // An element that can't be written must not leave its comma.
                scratch.removeAll(keepingCapacity: true)
                let kind = try rendering.append(bytes, binary: binary, to: &scratch)
                beginElement()
                if kind == .text {
                    buffer.bytes.appendJSONString(scratch)
                } else {
                    buffer.bytes.append(contentsOf: scratch)
                }
            } else if try rendering.append(bytes, binary: binary, to: &buffer.bytes) == .text {
                buffer.bytes.quoteField(from: fieldStart, &scratch)
            }
            return true
        } catch {
            unreadable(error)
            return false
        }
    }

    private func beginElement() {
        if writtenCount > 0 { buffer.bytes.append(UInt8(ascii: ",")) }
        writtenCount += 1
    }

    /// Writes a mark.
    public func unreadable(_ error: FormatError) {
        let text = "\(unreadableMark)\(error)"
        if valueCount > 1 {
            beginElement()
            buffer.bytes.appendJSONString(text.utf8)
        } else {
            buffer.bytes.append(contentsOf: text.utf8)
            buffer.bytes.quoteField(from: fieldStart, &scratch)
        }
    }

    /// Ends a field.
    public func endColumn() {
        guard valueCount > 1 else { return }
        buffer.bytes.append(UInt8(ascii: "]"))
        buffer.bytes.quoteField(from: fieldStart, &scratch)
    }

    /// Ends a line.
    public func endRow() throws(ExportError) {
        endLine()
        try buffer.writeIfFull()
    }

    private func endLine() {
        buffer.bytes.append(UInt8(ascii: "\r"))
        buffer.bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes out what was collected.
    public func endTable() throws(ExportError) { try buffer.write() }

    /// Writes out what was collected.
    public func finish() throws(ExportError) { try buffer.write() }
}

extension [UInt8] {
    /// Puts what was appended from `start` on into quotation marks, where it needs them. What a spreadsheet would take
    /// for a formula is left as it is: an export must not change its values.
    fileprivate mutating func quoteField(from start: Int, _ scratch: inout [UInt8]) {
        let (needsQuotes, hasMarks) = quoting(from: start)
        guard needsQuotes else { return }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: self[start...])
        removeLast(count - start)
        append(UInt8(ascii: "\""))
        if hasMarks {
            for byte in scratch {
                if byte == UInt8(ascii: "\"") { append(byte) }
                append(byte)
            }
        } else {
            append(contentsOf: scratch)
        }
        append(UInt8(ascii: "\""))
    }

    private func quoting(from start: Int) -> (needsQuotes: Bool, hasMarks: Bool) {
        guard start < count else { return (true, false) }
        var needsQuotes = self[start] == UInt8(ascii: " ") || self[count - 1] == UInt8(ascii: " ")
        var hasMarks = false
        let field = span
        for place in start..<field.count {
            let byte = field[place]
            // Nearly all text stands above them.
            guard byte <= UInt8(ascii: ",") else { continue }
            if byte == UInt8(ascii: "\"") { hasMarks = true }
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                needsQuotes = true
            }
        }
        return (needsQuotes || hasMarks, hasMarks)
    }
}
