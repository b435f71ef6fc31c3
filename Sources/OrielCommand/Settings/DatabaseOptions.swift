// Layer: OrielCommand/Settings. Uses: Option, Settings, ESEExport. Used by: the sub-commands of db.

import ESEExport

/// What the options of `db` say.
struct DatabaseSettings: Sendable {
    /// `--all`: tables of the engine too.
    var includesSystemTables = false
    /// `--count`: read all rows to count them.
    var isCounting = false
    /// `--deleted`: rows that are flagged as deleted too.
    var includesDeleted = false
    /// `--raw`: values by their types alone.
    var isRaw = false
    /// `--hex`: the bytes of a page.
    var isHexadecimal = false
    /// `--rows`: how many; nil leaves it to the command.
    var maximumRows: Int?
    /// `--columns`: their names; nil is all.
    var columns: [String]?
    /// `--index`: in whose order.
    var index: String?
    /// `--table`: their names; none is all.
    var tables: [String] = []
    /// `--where-key`.
    var keyRange: KeyRange?
    /// `--findings`: how many of each kind; nil leaves it to verification.
    var findingLimit: Int?
    /// `--format`.
    var format: ExportFormat?
    /// `--out`.
    var outputPath: String?
    /// `--binary`.
    var binary: BinaryForm?

    /// What an export can be.
    enum ExportFormat: String, CaseIterable { case csv, jsonl, sqlite }
}

extension OptionGroup {
    static let allTables = Option(flag: nil, "--all", "also the tables of the engine itself") { settings in
        settings.database.includesSystemTables = true
    }

    static let deletedRows = Option(
        flag: nil, "--deleted", "also rows that are flagged as deleted and still lie on their pages"
    ) { settings in
        settings.database.includesDeleted = true
    }

    static let columns = Option(
        nil, "--columns", "A,B", "only these columns, in this order; may be given several times"
    ) { settings, text throws(UsageError) in
        let names = text.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw UsageError("takes the names of columns with commas between") }
        settings.database.columns = (settings.database.columns ?? []) + names
    }

    static let rowsInOrder = Option(
        nil, "--index", "NAME", "in the order of this index, and only rows that are in it"
    ) { settings, text in
        settings.database.index = text
    }

    static let whereKey = Option(nil, "--where-key", "RANGE", KeyRange.help) { settings, text throws(UsageError) in
        settings.database.keyRange = try KeyRange(text)
    }

    /// An option whose argument is one of a few words.
    static func word<Word: RawRepresentable<String> & Sendable>(
        _ long: String, _ words: [Word], _ help: String,
        _ member: any WritableKeyPath<DatabaseSettings, Word?> & Sendable
    ) -> Option {
        Option(nil, long, words.map(\.rawValue).joined(separator: "|"), help) { settings, text throws(UsageError) in
            guard let word = words.first(where: { $0.rawValue == text.lowercased() }) else {
                let all = words.map(\.rawValue).joined(separator: ", ")
                throw UsageError("there is no \"\(text)\"; there are \(all)")
            }
            settings.database[keyPath: member] = word
        }
    }
}
