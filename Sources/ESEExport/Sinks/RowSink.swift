// Layer: ESEExport/Sinks. Uses: ValueRendering. Used by: Exporter, the sinks.
// Where rows go. A sink is given every value as the reader lends it, and writes it in its own form.

public import ESEFormat

/// A column that is exported.
public struct ExportColumn: Hashable, Sendable {
    /// Its name in the output.
    public var name: String
    /// How its values are written.
    public var rendering: ValueRendering
    /// The column itself.
    public var definition: ColumnDefinition

    /// Makes a column.
    public init(name: String, rendering: ValueRendering, definition: ColumnDefinition) {
        self.name = name
        self.rendering = rendering
        self.definition = definition
    }
}

/// A table that is exported.
public struct ExportTable: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its columns, in the order of the output.
    public var columns: [ExportColumn]
    /// Whether rows say where they come from: in a first column `_origin`.
    public var hasOrigin: Bool

    /// Makes a table.
    public init(name: String, columns: [ExportColumn], hasOrigin: Bool = false) {
        self.name = name
        self.columns = columns
        self.hasOrigin = hasOrigin
    }
}

/// Where a row comes from.
public enum RowOrigin: String, CaseIterable, Sendable {
    /// A row as everybody sees it.
    case live
    /// A row that is flagged as deleted and still in its place.
    case deleted
    /// What is left of a row in unused bytes of its table's pages; its primary key was found with it.
    case slack
    /// The same, recognised by its form alone.
    case uncertainSlack = "slack-uncertain"
    /// A row on a page that its table's tree doesn't lead to any more; its primary key was found with it.
    case freed
    /// The same, recognised by its form alone.
    case uncertainFreed = "freed-uncertain"
}

/// Takes rows. For each table: `beginTable`, for each row `beginRow`, for each column in order `beginColumn`, its
/// values (none for NULL) and `endColumn`, then `endRow`; at last `endTable`. After the last table `finish`.
public protocol RowSink: AnyObject {
    /// A table begins.
    func beginTable(_ table: ExportTable) throws(ExportError)
    /// A row begins.
    func beginRow(_ origin: RowOrigin)
    /// The values of the next column follow: `valueCount` of them.
    func beginColumn(valueCount: Int)
    /// A value: uncompressed, as stored. False if it can't be one of the column's type; then it is written as
    /// unreadable.
    func value(_ bytes: RawSpan, _ rendering: ValueRendering) -> Bool
    /// A value that could not be read.
    func unreadable(_ error: FormatError)
    /// The column is over.
    func endColumn()
    /// The row is over.
    func endRow() throws(ExportError)
    /// The table is over.
    func endTable() throws(ExportError)
    /// Everything is over: what is still held back is written.
    func finish() throws(ExportError)
}

/// Where the text of an export goes.
public protocol ByteOutput: AnyObject {
    /// Writes bytes; whoever calls has collected many.
    func write(_ bytes: [UInt8]) throws(ExportError)
}

/// How the text of values that can't be read begins, in formats without a better way.
let unreadableMark = "#unreadable: "
