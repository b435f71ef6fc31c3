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
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: name.utf8)
            appendQuoted()
        }
        buffer.bytes.append(contentsOf: "\r\n".utf8)
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
        scratch.removeAll(keepingCapacity: true)
        if valueCount > 1 { scratch.append(UInt8(ascii: "[")) }
    }

    /// Writes a value.
    public func value(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool {
        if valueCount > 1 { return appendToArray(bytes, rendering) }
        do {
            let kind = try rendering.append(bytes, binary: binary, to: &scratch)
            if kind == .text { appendQuoted() } else { buffer.bytes.append(contentsOf: scratch) }
            return true
        } catch {
            unreadable(error)
            return false
        }
    }

    private func appendToArray(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool {
        var text: [UInt8] = []
        do {
            let kind = try rendering.append(bytes, binary: binary, to: &text)
            beginElement()
            if kind == .text { scratch.appendJSONString(text) } else { scratch.append(contentsOf: text) }
            return true
        } catch {
            unreadable(error)
            return false
        }
    }

    private func beginElement() {
        if writtenCount > 0 { scratch.append(UInt8(ascii: ",")) }
        writtenCount += 1
    }

    /// Writes a mark.
    public func unreadable(_ error: FormatError) {
        let text = Array("\(unreadableMark)\(error)".utf8)
        if valueCount > 1 {
            beginElement()
            scratch.appendJSONString(text)
        } else {
            scratch = text
            appendQuoted()
        }
    }

    /// Ends a field.
    public func endColumn() {
        guard valueCount > 1 else { return }
        scratch.append(UInt8(ascii: "]"))
        appendQuoted()
    }

    /// Ends a line.
    public func endRow() throws(ExportError) {
        buffer.bytes.append(contentsOf: "\r\n".utf8)
        try buffer.writeIfFull()
    }

    /// Writes out what was collected.
    public func endTable() throws(ExportError) { try buffer.write() }

    /// Writes out what was collected.
    public func finish() throws(ExportError) { try buffer.write() }

    /// Moves the scratch text to the line, in quotation marks where they are needed. What a spreadsheet would take for
    /// a formula is left as it is: an export must not change its values.
    private func appendQuoted() {
        var needsQuotes = scratch.isEmpty
        for byte in scratch {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"): needsQuotes = true
            default: continue
            }
            break
        }
        guard needsQuotes || scratch.first == UInt8(ascii: " ") || scratch.last == UInt8(ascii: " ") else {
            buffer.bytes.append(contentsOf: scratch)
            return
        }
        buffer.bytes.append(UInt8(ascii: "\""))
        for byte in scratch {
            if byte == UInt8(ascii: "\"") { buffer.bytes.append(byte) }
            buffer.bytes.append(byte)
        }
        buffer.bytes.append(UInt8(ascii: "\""))
    }
}
