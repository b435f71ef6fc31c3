// Layer: ESEExport. Uses: RowCursor, RowSink. Used by: applications.
// Rows of a table into a sink, each value as it lies on its page.

public import ESEFormat
public import ESEReader

/// Which parts of a table are exported, and how.
public struct ExportOptions: Hashable, Sendable {
    /// The names of the columns, in the order of the output; nil for all.
    public var columns: [String]?
    /// Whether values are written by their types alone, without regard to what is known of the table.
    public var isRaw = false
    /// Whether rows say where they come from.
    public var hasOrigin = false

    /// Makes the usual options: all columns, with what is known of them.
    public init() {}
}

/// What an export of a table came to.
public struct ExportSummary: Hashable, Sendable {
    /// Rows that were written.
    public var rowCount = 0
    /// Rows among them that are not live.
    public var deletedCount = 0
    /// Values that could not be read.
    public var unreadableCount = 0

    /// Nothing yet.
    public init() {}
}

/// Exports rows.
public struct Exporter {
    /// The table as it is written.
    public let table: ExportTable
    private let positions: [Int]

    /// Prepares for a table.
    /// - Throws: `ESEError.noColumn` if a column is asked for that the table lacks.
    public init(_ definition: TableDefinition, options: ExportOptions = ExportOptions()) throws(ESEError) {
        let renderings =
            options.isRaw ? definition.columns.map(ValueRendering.init) : WellKnownTables.renderings(of: definition)
        var positions = Array(definition.columns.indices)
        if let names = options.columns {
            positions = []
            for name in names {
                let position =
                    definition.columns.firstIndex { $0.name == name }
                    ?? definition.columns.firstIndex { $0.name.lowercased() == name.lowercased() }
                guard let position else { throw .noColumn(name, table: definition.name) }
                positions.append(position)
            }
        }
        self.positions = positions
        table = ExportTable(
            name: definition.name,
            columns: positions.map {
                ExportColumn(
                    name: definition.columns[$0].name, rendering: renderings[$0], definition: definition.columns[$0])
            },
            hasOrigin: options.hasOrigin)
    }

    /// Writes the rows that a cursor gives. The sink's table must have begun.
    /// - Parameters:
    ///   - progress: told the count of rows now and then; false ends the export.
    public func write(
        _ rows: RowCursor, to sink: any RowSink, into summary: inout ExportSummary,
        progress: (Int) -> Bool = { _ in true }
    ) throws(ExportError) {
        while rows.next() {
            writeRow(rows, to: sink, RowOrigin(of: rows), &summary)
            try sink.endRow()
            if summary.rowCount % 1_024 == 0, !progress(summary.rowCount) { return }
        }
    }

    private func writeRow(
        _ rows: RowCursor, to sink: any RowSink, _ origin: RowOrigin, _ summary: inout ExportSummary
    ) {
        sink.beginRow(origin)
        summary.rowCount += 1
        if origin != .live { summary.deletedCount += 1 }
        for (index, position) in positions.enumerated() {
            let rendering = table.columns[index].rendering.resolved(rows)
            let count: Int
            do {
                count = try rows.valueCount(position)
            } catch {
                sink.beginColumn(valueCount: 1)
                sink.unreadable(error)
                sink.endColumn()
                summary.unreadableCount += 1
                continue
            }
            sink.beginColumn(valueCount: count)
            for occurrence in 0..<count {
                do {
                    let isWritten = try rows.withValue(position, occurrence: occurrence) { sink.value($0, rendering) }
                    if isWritten != true { summary.unreadableCount += 1 }
                } catch {
                    sink.unreadable(error)
                    summary.unreadableCount += 1
                }
            }
            sink.endColumn()
        }
    }
}

extension RowOrigin {
    /// Where a cursor's row comes from.
    init(of rows: RowCursor) {
        switch (rows.carved?.origin, rows.carved?.confidence) {
        case (.slack, .keyMatches): self = .slack
        case (.slack, _): self = .uncertainSlack
        case (.freedPage, .keyMatches): self = .freed
        case (.freedPage, _): self = .uncertainFreed
        case (.flagDeleted, _): self = .deleted
        case (nil, _): self = rows.isDeleted ? .deleted : .live
        }
    }
}

extension ValueRendering {
    /// What a value is may depend on another column of its row.
    func resolved(_ rows: RowCursor) -> ValueRendering {
        guard case .srumIdentity(let typeColumn) = self else { return self }
        return (try? rows.integer(typeColumn)) == 3 ? .sid : .utf16
    }
}
