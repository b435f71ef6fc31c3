// Layer: OrielCommand/Commands/Database. Uses: ESEExport, ExportPlan, WorkProgress. Used by: the export sub-command.
// One run of an export: makes the sinks, writes table after table, counts.

import ESEExport
import ESEFormat
import ESEReader
import PlatformIO

/// Writes tables and counts what it wrote.
final class ExportRun {
    private let console: Console
    private let database: ESEDatabase
    private let plan: ExportPlan
    private let tableCount: Int
    private let progress: WorkProgress
    private var shared: Target?
    private var counts: [(table: String, summary: ExportSummary)] = []
    private var byteCount: UInt64 = 0
    private var position = 0
    /// Tables that the format has no room for.
    private(set) var leftOutCount = 0

    /// A sink and what it writes to.
    private struct Target {
        let sink: any RowSink
        let output: CountedOutput?

        func close() throws(ExportError) {
            try sink.finish()
            try output?.close()
        }
    }

    init(_ console: Console, _ database: ESEDatabase, _ plan: ExportPlan, tableCount: Int) {
        self.console = console
        self.database = database
        self.plan = plan
        self.tableCount = tableCount
        progress = WorkProgress(console, isSeldom: true)
    }

    /// Opens what all tables share.
    func begin() throws(ExportError) {
        switch plan.place {
        case .standardOutput: shared = try target(CountedOutput(console))
        case .file(let path):
            shared =
                plan.format == .sqlite
                ? Target(sink: try SQLiteSink(creating: path, binary: plan.binary), output: nil)
                : try target(CountedOutput(writing: path))
        case .directory(let path):
            do throws(IOError) { try FileAccess.createDirectory(path) } catch { throw .system(error) }
        }
    }

    private func target(_ output: CountedOutput) throws(ExportError) -> Target {
        let sink: any RowSink =
            switch plan.format {
            case .csv: CSVSink(output, binary: plan.binary)
            case .jsonl, .sqlite: JSONLinesSink(output, namesTable: plan.isShared, binary: plan.binary)
            }
        return Target(sink: sink, output: output)
    }

    /// Writes a table: the rows of one cursor after those of another.
    func write(_ cursors: [RowCursor], _ exporter: Exporter) throws(ExportError) {
        defer { position += 1 }
        let target = if let shared { shared } else { try newTarget() }
        do throws(ExportError) {
            try target.sink.beginTable(exporter.table)
        } catch {
            // A table that is too wide is no reason to do without the others.
            guard case .sqlite = error, tableCount > 1 else { throw error }
            console.note("left out: \(error)")
            leftOutCount += 1
            return
        }
        var summary = ExportSummary()
        defer {
            progress.clear()
            counts.append((exporter.table.name, summary))
        }
        let before = counts.reduce(0) { $0 + $1.summary.rowCount }
        for rows in cursors where !Task.isCancelled {
            try exporter.write(rows, to: target.sink, into: &summary) { count in
                progress.show {
                    let bytes = byteCount + (target.output?.byteCount ?? 0)
                    let written = bytes > 0 ? ", \(DatabaseText.size(bytes))" : ""
                    let share = min(100, database.pagesRead * 100 / max(1, Int(database.lastPage.rawValue)))
                    return "\(before + count) rows\(written), \(share) % of the pages, \(exporter.table.name)"
                }
                return !Task.isCancelled
            }
        }
        try target.sink.endTable()
        if shared == nil {
            try target.close()
            byteCount += target.output?.byteCount ?? 0
        }
    }

    /// A file of its own for the next table; a SQLite database is always shared.
    private func newTarget() throws(ExportError) -> Target {
        guard plan.format != .sqlite else {
            return Target(sink: try SQLiteSink(creating: plan.path(position), binary: plan.binary), output: nil)
        }
        return try target(CountedOutput(writing: plan.path(position)))
    }

    /// Writes out what is held back.
    func end() throws(ExportError) { try shared?.close() }

    /// Rows of each table on standard error.
    func report() {
        for (table, summary) in counts {
            var text = "\(DatabaseText.oneLine(table)): \(DatabaseText.count(summary.rowCount, "row", "rows"))"
            if summary.deletedCount > 0 { text += ", \(summary.deletedCount) of them deleted" }
            if summary.unreadableCount > 0 {
                text += ", \(DatabaseText.count(summary.unreadableCount, "value", "values")) unreadable"
            }
            console.note(text)
        }
        let rowCount = counts.reduce(0) { $0 + $1.summary.rowCount }
        if counts.count > 1 { console.note("\(rowCount) rows of \(counts.count) tables") }
    }
}

/// Where the text of an export goes: standard output or a file, with a count of bytes.
private final class CountedOutput: ByteOutput {
    private let sink: ([UInt8]) throws(IOError) -> Void
    private let finish: () throws(IOError) -> Void
    private(set) var byteCount: UInt64 = 0

    init(_ console: Console) {
        sink = { bytes throws(IOError) in try console.writeBytes(bytes) }
        finish = { () throws(IOError) in try console.flush() }
    }

    init(writing path: String) throws(ExportError) {
        let file: FileOutput
        do throws(IOError) { file = try FileOutput(writing: path) } catch { throw .system(error) }
        sink = { bytes throws(IOError) in try file.write(bytes) }
        finish = { () throws(IOError) in try file.close() }
    }

    func write(_ bytes: [UInt8]) throws(ExportError) {
        do throws(IOError) { try sink(bytes) } catch { throw .system(error) }
        byteCount += UInt64(bytes.count)
    }

    func close() throws(ExportError) {
        do throws(IOError) { try finish() } catch { throw .system(error) }
    }
}
