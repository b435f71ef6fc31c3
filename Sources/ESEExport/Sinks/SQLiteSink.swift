// Layer: ESEExport/Sinks. Uses: SQLiteDatabase. Used by: applications.
// Tables of a SQLite database. Whole numbers and fractions are numbers, bytes are blobs, everything else is text as in
// CSV; whole numbers beyond 63 bits are text. Several values are a JSON array. A table of more columns than SQLite
// allows (2,000) is an error that says so.

public import ESEFormat

/// Writes tables into a SQLite database.
public final class SQLiteSink: RowSink {
    private static let rowsInTransaction = 10_000

    private let database: SQLiteDatabase
    private let binary: BinaryForm
    private var usedNames: Set<String> = []
    private var columns: [ExportColumn] = []
    private var hasOrigin = false
    private var rowCount = 0
    private var index = 0
    private var valueCount = 0
    private var writtenCount = 0
    private var scratch: [UInt8] = []

    /// Makes a database in the file at `path`, which must not exist.
    public init(creating path: String, binary: BinaryForm = .hex) throws(ExportError) {
        database = try SQLiteDatabase(creating: path)
        self.binary = binary
    }

    /// Makes the table. If its name was used already, ignoring case, it gets a number.
    public func beginTable(_ table: ExportTable) throws(ExportError) {
        // SQLite keeps names that begin so for itself.
        let isReserved = table.name.lowercased().utf8.starts(with: "sqlite_".utf8)
        let wanted = (isReserved ? "_" : "") + Self.withoutNUL(table.name)
        var name = wanted
        var number = 2
        while !usedNames.insert(name.lowercased()).inserted {
            name = "\(wanted)_\(number)"
            number += 1
        }
        hasOrigin = table.hasOrigin
        let room = min(database.columnLimit, 2_000) - (hasOrigin ? 1 : 0)
        guard table.columns.count <= room else {
            throw .sqlite(
                operation: "make the table \(table.name)",
                reason: "it has \(table.columns.count) columns, and \(room) fit; choose some with --columns")
        }
        columns = table.columns
        let names = uniqueNames(
            (hasOrigin ? ["_origin"] : []) + columns.map { Self.withoutNUL($0.name) }, ignoringCase: true)
        let types = (hasOrigin ? ["TEXT"] : []) + columns.map(Self.type)
        let list = zip(names, types).map { "\(Self.quoted($0)) \($1)" }.joined(separator: ", ")
        try database.run("BEGIN")
        try database.run("CREATE TABLE \(Self.quoted(name)) (\(list))")
        let marks = Array(repeating: "?", count: names.count).joined(separator: ",")
        try database.prepare("INSERT INTO \(Self.quoted(name)) VALUES (\(marks))")
        rowCount = 0
    }

    /// A NUL would end the statement; it becomes the picture of one.
    private static func withoutNUL(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0 == "\0" ? "\u{2400}" : $0 }))
    }

    /// A name in quotation marks. It goes by bytes: a mark with an accent is one character, and still a mark to SQLite.
    private static func quoted(_ name: String) -> String {
        var text = [UInt8(ascii: "\"")]
        for byte in name.utf8 {
            if byte == UInt8(ascii: "\"") { text.append(byte) }
            text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
        return String(decoding: text, as: UTF8.self)
    }

    private static func type(of column: ExportColumn) -> String {
        switch column.rendering {
        // In a column of integers SQLite would make fractions of whole numbers beyond 63 bits.
        case .unsigned where column.definition.type == .unsignedLongLong: ""
        case .unsignedBytes, .unsignedBigEndian: ""
        case .bit, .signed, .unsigned: "INTEGER"
        case .floating: "REAL"
        case .binary: "BLOB"
        default: "TEXT"
        }
    }

    /// Starts a row.
    public func beginRow(_ origin: RowOrigin) {
        index = 0
        guard hasOrigin else { return }
        index = 1
        _ = database.bind(text: Array(origin.rawValue.utf8), at: index)
    }

    /// Starts a field.
    public func beginColumn(valueCount: Int) {
        index += 1
        self.valueCount = valueCount
        writtenCount = 0
        scratch.removeAll(keepingCapacity: true)
    }

    /// Binds a value.
    public func value(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool {
        do throws(FormatError) {
            if valueCount > 1 {
                var text: [UInt8] = []
                let kind = try rendering.append(bytes, binary: binary, to: &text)
                beginElement()
                if kind == .text { scratch.appendJSONString(text) } else { scratch.append(contentsOf: text) }
                return true
            }
            switch rendering {
            case .bit:
                guard bytes.byteCount == 1 else { throw FormatError(.badValue, at: bytes.byteCount) }
                database.bind(Int64(try bytes.byte(0) != 0 ? 1 : 0), at: index)
            case .signed: database.bind(try ValueRendering.signed(bytes), at: index)
            case .unsigned:
                if let number = Int64(exactly: try ValueRendering.unsigned(bytes)) {
                    database.bind(number, at: index)
                    return true
                }
                return try bindText(bytes, rendering)
            case .unsignedBytes, .unsignedBigEndian:
                guard let number = rendering.wholeNumber(bytes), let number = Int64(exactly: number) else {
                    return try bindText(bytes, rendering)
                }
                database.bind(number, at: index)
            case .floating:
                let number = try ValueRendering.floating(bytes)
                // SQLite makes NULL of what is not a number.
                guard !number.isNaN else { return try bindText(bytes, rendering) }
                database.bind(number, at: index)
            case .binary: return bound(database.bind(blob: bytes, at: index))
            default: return try bindText(bytes, rendering)
            }
            return true
        } catch {
            unreadable(error)
            return false
        }
    }

    private func bindText(_ bytes: RawSpan, _ rendering: ValueRendering) throws(FormatError) -> Bool {
        _ = try rendering.append(bytes, binary: binary, to: &scratch)
        return bound(database.bind(text: scratch, at: index))
    }

    /// A value that SQLite does not take, because it is too long, must not become NULL.
    private func bound(_ isTaken: Bool) -> Bool {
        if !isTaken { _ = database.bind(text: Array("\(unreadableMark)too long for SQLite".utf8), at: index) }
        return isTaken
    }

    private func beginElement() {
        if writtenCount > 0 { scratch.append(UInt8(ascii: ",")) }
        writtenCount += 1
    }

    /// Binds a mark.
    public func unreadable(_ error: FormatError) {
        let text = Array("\(unreadableMark)\(error)".utf8)
        if valueCount > 1 {
            beginElement()
            scratch.appendJSONString(text)
        } else {
            _ = database.bind(text: text, at: index)
        }
    }

    /// Ends a field.
    public func endColumn() {
        guard valueCount > 1 else { return }
        _ = bound(database.bind(text: [UInt8(ascii: "[")] + scratch + [UInt8(ascii: "]")], at: index))
    }

    /// Inserts the row.
    public func endRow() throws(ExportError) {
        try database.step()
        rowCount += 1
        guard rowCount % Self.rowsInTransaction == 0 else { return }
        try database.run("COMMIT")
        try database.run("BEGIN")
    }

    /// Commits.
    public func endTable() throws(ExportError) { try database.run("COMMIT") }

    /// Nothing is held back.
    public func finish() {}
}
