// Layer: OrielCommand/Commands/Database. Uses: ESEReader. Used by: Oriel, the sub-commands of db.
// db: databases of Windows' Extensible Storage Engine. Here is what its sub-commands share: opening, names, the
// summary of
// what could not be read.

import ESEFormat
import ESEReader
import PlatformIO
import SNMPNames

extension Command {
    static let db = Command(
        "db", "reads ESE databases of Windows: SRUDB.dat, ntds.dit, Windows.edb ...",
        explanation: [
            "Reads the databases of Windows' Extensible Storage Engine (ESE, JET Blue) as they lie: without Windows,"
                + " without"
                + " logs, and without ever changing them. What is damaged is skipped and told; the rest is read.",
            databaseStatusNote,
        ],
        subcommands: [
            databaseInfo, databaseTables, databaseSchema, databaseDump, databasePage, databaseVerify,
            databaseExport,
        ],
        examples: [
            "oriel db info SRUDB.dat", "oriel db tables --count SRUDB.dat", "oriel db schema ntds.dit datatable",
            "oriel db dump -n 3 SRUDB.dat SruDbIdMapTable", "oriel db verify SRUDB.dat",
            "oriel db export SRUDB.dat --out srum.sqlite",
        ])

    /// What the exit status of `db` means.
    static let databaseStatusNote =
        "The exit status of oriel db is 0 if all was read, 1 if something is damaged and was left out, and 2 if"
        + " there is"
        + " no ESE database that could be opened, or the arguments are wrong."

    static let databaseFileNote =
        "Names of tables, columns and indexes are found whatever the case of their letters. A database that was not"
        + " shut"
        + " down cleanly is read as it lies; standard error says which logs it lacks."
}

extension CommandError {
    init(_ error: ESEError) {
        switch error {
        case .system(let error): self.init(.usage, error.description, kind: .notOpened)
        case .notADatabase, .noCatalog: self.init(.usage, error.description, kind: .notOpened)
        case .noTable, .noIndex, .noColumn: self.init(.usage, error.description, kind: .notFound)
        }
    }
}

extension Invocation {
    /// Opens the database of the first operand and tells what the user should know about it.
    func openDatabase(allowsMissingCatalog: Bool = false) throws(CommandError) -> ESEDatabase {
        let path = try operand(0, "FILE")
        var options = ReadOptions()
        options.allowsMissingCatalog = allowsMissingCatalog
        let database: ESEDatabase
        do throws(ESEError) {
            database = try ESEDatabase(readingFrom: path, options: options)
        } catch {
            throw CommandError(error)
        }
        for warning in database.warnings {
            console.note("\(path): \(warning)")
            if case .dirty(_, .some) = warning {
                console.note("\(path): oriel can't replay logs yet; it reads the file as it lies")
            }
        }
        return database
    }

    /// The table of a name.
    func table(_ name: String, of database: ESEDatabase) throws(CommandError) -> ESETable {
        if let table = try? database.table(name) { return table }
        throw missing("table", name, "oriel db tables", among: database.tables.map(\.name), in: database.name)
    }

    /// The index of a name.
    func index(_ name: String, of table: ESETable) throws(CommandError) -> IndexDefinition {
        if let index = try? table.index(name) { return index }
        throw missing(
            "index", name, "oriel db schema", among: table.definition.indexes.map(\.name), in: "table \(table.name)")
    }

    /// The positions of the columns that were asked for; all without the option.
    func columns(of table: ESETable) throws(CommandError) -> [Int] {
        let columns = table.definition.columns
        guard let names = settings.database.columns else { return Array(columns.indices) }
        var positions: [Int] = []
        for name in names {
            let wanted = name.lowercased()
            guard
                let position = columns.firstIndex(where: { $0.name == name })
                    ?? columns.firstIndex(where: { $0.name.lowercased() == wanted })
            else {
                throw missing("column", name, "oriel db schema", among: columns.map(\.name), in: "table \(table.name)")
            }
            if !positions.contains(position) { positions.append(position) }
        }
        return positions
    }

    private func missing(
        _ kind: String, _ name: String, _ list: String, among names: [String], in place: String
    ) -> CommandError {
        let nearest = Suggestions.nearest(to: name, among: names)
        let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
        return CommandError(
            .usage, "there is no \(kind) \"\(name)\" in \(place)\(hint) (\(list) lists them)", kind: .notFound)
    }

    /// Says what could not be read, and how the command ends.
    func finish(_ database: ESEDatabase) -> ExitStatus {
        let damage = database.damage
        if damage.repairedCount > 0 {
            let bits = DatabaseText.count(
                damage.repairedCount, "page had a single wrong bit", "pages had single wrong bits")
            console.note("\(database.name): \(bits), put right while reading")
        }
        guard !damage.isEmpty else { return .success }
        let kinds = [
            (damage.pageCount, "page", "pages"), (damage.nodeCount, "row or entry", "rows or entries"),
            (damage.valueCount, "value", "values"),
        ].filter { $0.0 > 0 }.map { DatabaseText.count($0.0, $0.1, $0.2) }
        console.note("\(database.name): could not read \(kinds.joined(separator: ", "))")
        let losses = damage.kept.filter(\.isLoss)
        for loss in losses.prefix(Self.shownDamage) { console.note("  \(loss)") }
        let rest = damage.pageCount + damage.nodeCount + damage.valueCount - min(losses.count, Self.shownDamage)
        if rest > 0 { console.note("  and \(rest) more") }
        return .incomplete
    }

    private static var shownDamage: Int { 5 }
}
