// Layer: OrielCommand/Commands/Database. Uses: ESEVerify, WorkProgress. Used by: Command.db.

import ESEFormat
import ESEReader
import ESEVerify
import JSON
import PlatformIO

extension Command {
    static let databaseVerify = Command(
        "db verify", "checks pages, trees, space, catalog, records, indexes",
        usage: ["[options] FILE"],
        explanation: [
            "Reads the whole database and compares what it says in one place with what it says in others: checksums,"
                + " page headers, order of keys, links, who owns which page, the catalog and its shadow, records,"
                + " long values,"
                + " and the entries of all indexes. Findings are errors or notes; notes are legal but worth knowing.",
            "The exit status of oriel db verify is 0 if there are no errors, 1 if there are, and 2 if there is no ESE"
                + " database that could be opened, or the arguments are wrong. A database that was not shut down"
                + " cleanly"
                + " has errors that replaying its logs would mend.",
        ],
        options: [
            OptionGroup(
                title: "Options",
                options: [
                    Option(
                        nil, "--findings", "NUMBER", "how many of each kind are shown; all are counted; without it 20"
                    ) { settings, text throws(UsageError) in
                        settings.database.findingLimit = try OptionGroup.number(text, 0...1_000_000)
                    },
                    OptionGroup.json,
                ])
        ],
        examples: ["oriel db verify SRUDB.dat", "oriel db verify --json ntds.dit | jq -c 'select(.verdict)'"]
    ) { invocation throws(CommandError) in try invocation.verifyDatabase() }
}

extension Invocation {
    fileprivate func verifyDatabase() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        let path = try operand(0, "FILE")
        let file: RandomAccessFile
        do throws(IOError) {
            file = try RandomAccessFile(reading: path)
        } catch {
            throw CommandError(.usage, error.description, kind: .notOpened)
        }
        var options = VerifyOptions()
        if let limit = settings.database.findingLimit { options.keptPerKind = limit }
        let progress = WorkProgress(console, isSeldom: true)
        let report = Verification(file, options: options).run { state in
            progress.show {
                let share = state.pageCount > 0 ? min(100, state.pagesDone * 100 / state.pageCount) : 0
                return "\(state.phase.rawValue): \(share) % of the pages, \(state.object)"
            }
            return !Task.isCancelled
        }
        progress.clear()
        guard report.pageSize != nil else {
            let reason = report.findings.first.map { ": \($0)" } ?? ""
            throw CommandError(.usage, "\(path) is no ESE database\(reason)", kind: .notOpened)
        }
        if settings.display.isJSON {
            for finding in report.findings { try console.writeLine(Self.json(finding).text) }
            try console.writeLine(Self.json(report).text)
        } else {
            for line in report.lines { try console.writeLine(DatabaseText.oneLine(line)) }
        }
        return report.errorCount == 0 && report.isComplete ? .success : .incomplete
    }

    private static func json(_ finding: Finding) -> JSONObject {
        var object = JSONObject()
        object.add("finding", finding.kind.rawValue)
        object.add("severity", finding.severity.rawValue)
        if finding.page != .none { object.add("page", Int(finding.page.rawValue)) }
        object.add("node", finding.node.map { .integer(Int64($0)) })
        object.add("objectID", finding.tree.map { .unsigned(UInt64($0.rawValue)) })
        object.add("table", finding.table)
        object.add("index", finding.index)
        object.add("column", finding.column)
        object.add("found", finding.found)
        if !finding.expected.isEmpty { object.add("expected", finding.expected) }
        return object
    }

    private static func json(_ report: VerifyReport) -> JSONObject {
        var object = JSONObject()
        object.add("verdict", !report.isComplete ? "stopped" : report.errorCount == 0 ? "sound" : "damaged")
        object.add("file", report.name)
        object.add("pageSize", report.pageSize.map { .integer(Int64($0.byteCount)) })
        object.add("pages", report.pageCount)
        object.add("clean", .bool(report.isClean))
        object.add("errors", report.errorCount)
        object.add("notes", report.noteCount)
        var kinds = JSONObject()
        for group in report.groups { kinds.add(group.kind.rawValue, group.errorCount + group.noteCount) }
        object.add("kinds", .object(kinds))
        let counts = report.counts
        for (name, count) in [
            ("tables", counts.tables), ("indexes", counts.indexes), ("trees", counts.trees),
            ("treePages", counts.treePages), ("freePages", counts.freePages), ("unownedPages", counts.unownedPages),
            ("records", counts.records), ("longValues", counts.longValues), ("entries", counts.entries),
            ("keysRecomputed", counts.keysRecomputed), ("deletedNodes", counts.deletedNodes),
        ] {
            object.add(name, count)
        }
        return object
    }
}
