// Layer: OrielCommand/Commands. Uses: Session, TableText, SNMPNames. Used by: Oriel.

import JSON
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPNames
import Station

extension Command {
    static let table = Command(
        "table", "reads a table and prints its rows side by side",
        usage: ["[options] HOST TABLE [COLUMN...]"],
        explanation: [
            "TABLE is the name of a table (ifTable), of its row (ifEntry), or numeric. COLUMNs choose what to read and"
                + " in which order; without them all that the device has. On a terminal, columns that do not fit stand"
                + " below each other.",
            "With --json each row is an object with index, columns (the cells by name, as get --json has them) and, for"
                + " known tables, indexes; the last line is the verdict of the walk, as with oriel walk.",
            OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [
            .security, .timing,
            OptionGroup(
                title: "Walk",
                options: [
                    maxRepetitions("ask for at most so many rows at once"), maximumRows, OptionGroup.profile,
                    OptionGroup.verbose,
                ]),
            .display,
        ],
        examples: [
            "oriel table 192.0.2.1 ifTable ifDescr ifOperStatus ifInOctets",
            "oriel table -c private switch.example ifXTable", "oriel table --json 192.0.2.1 hrStorageTable",
        ]
    ) { invocation throws(CommandError) in try await invocation.table() }
}

extension Invocation {
    fileprivate func table() async throws(CommandError) -> ExitStatus {
        let host = try operand(0, "HOST")
        let name = try operand(1, "TABLE")
        let entry = try tableEntry(name)
        var columns: [ObjectIdentifier] = []
        for text in operands.dropFirst(2) { columns.append(try column(text, of: entry)) }
        let printer = BindingPrinter(settings.display)
        let table = try await withSession(host) { session throws(CommandError) in
            let progress = Progress(console, printer)
            let table = try await progress.during { () async throws(CommandError) -> SNMPTable in
                columns.isEmpty
                    ? await session.target.table(entry: entry, options: settings.walkOptions)
                    : await session.target.table(columns, options: settings.walkOptions)
            }
            if !settings.display.isJSON { try show(table) }
            report(table.verdict, entry, session)
            return table
        }
        if settings.display.isJSON { try showJSON(table, entry) }
        return table.verdict.status
    }

    /// The row of a table, whose columns lie directly below it.
    private func tableEntry(_ text: String) throws(CommandError) -> ObjectIdentifier {
        let identifier = try identifier(text)
        guard let node = NameTable.standard.node(above: identifier), node.oid.count == identifier.count else {
            return identifier.appending(1)
        }
        switch node.kind {
        case .row: return identifier
        case .table: return identifier.appending(1)
        // A branch that the built-in names don't know as a table may still be one.
        case .branch: return identifier.appending(1)
        case .scalar, .column, .notification:
            throw CommandError(.usage, "\(node.qualifiedName) is no table; oriel names \(node.label) says more")
        }
    }

    private func column(_ text: String, of entry: ObjectIdentifier) throws(CommandError) -> ObjectIdentifier {
        // A plain number is the column's own.
        let column: ObjectIdentifier
        if let number = UInt32(text) { column = entry.appending(number) } else { column = try identifier(text) }
        guard column.starts(with: entry), column.count == entry.count + 1 else {
            throw CommandError(.usage, "\(text) is no column of \(NameTable.standard.format(entry))")
        }
        return column
    }

    private func show(_ table: SNMPTable) throws(CommandError) {
        var display = settings.display
        display.isQuick = true
        // Columns are narrow: units are the same in all rows, and so is the module of most identifiers.
        display.hidesUnits = true
        if display.style == .module { display.style = .suffix }
        let printer = BindingPrinter(display)
        var text = TableText(titles: ["index"] + table.columns.map { Self.title($0, display) })
        for index in table.indexes {
            let cells = zip(table.columns, table[row: index] ?? []).map { column, value -> TableText.Cell in
                guard let value, let name = column.appending(contentsOf: index.arcs) else { return .empty }
                let text = printer.value(VarBind(name, value))
                return TableText.Cell(Self.unquoted(text), isNumber: value.asInt64 != nil && Self.isNumber(text))
            }
            text.add([TableText.Cell(Self.index(index, table.columns.first, display), isNumber: false)] + cells)
        }
        if text.rows.isEmpty { return }
        // Many tables have their index as the first column too.
        if table.columns.count > 1, text.rows.allSatisfy({ $0[0].text == $0[1].text }) { text.removeFirstColumn() }
        for line in text.lines(width: console.outputWidth()) { try console.writeLine(line) }
    }

    private static func title(_ column: ObjectIdentifier, _ display: DisplaySettings) -> String {
        if display.style == .numeric { return column.last.map(String.init) ?? "" }
        guard let node = NameTable.standard.node(above: column), node.oid.count == column.count else {
            return column.last.map(String.init) ?? ""
        }
        return node.label
    }

    /// The index as it stands behind a column's name.
    private static func index(
        _ index: ObjectIdentifier, _ column: ObjectIdentifier?, _ display: DisplaySettings
    ) -> String {
        guard display.style != .numeric, let column, let name = column.appending(contentsOf: index.arcs) else {
            return index.description
        }
        let names = NameTable.standard
        let head = names.format(column, .suffix), whole = names.format(name, .suffix)
        guard whole.hasPrefix(head + ".") else { return index.description }
        return BindingPrinter.harmless(String(whole.dropFirst(head.count + 1)))
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }

    private static func isNumber(_ text: String) -> Bool {
        text.utf8.first.map { (0x30...0x39).contains($0) || $0 == 0x2D } ?? false
    }

    private func showJSON(_ table: SNMPTable, _ entry: ObjectIdentifier) throws(CommandError) {
        for index in table.indexes {
            var row = JSONObject()
            row.add("index", index.description)
            var columns = JSONObject()
            var indexes: JSONValue?
            for (column, value) in zip(table.columns, table[row: index] ?? []) {
                guard let value, let name = column.appending(contentsOf: index.arcs) else { continue }
                if indexes == nil { indexes = Self.indexes(of: name) }
                var cell = JSONObject()
                BindingJSON.addValue(VarBind(name, value), to: &cell)
                columns.add(Self.title(column, settings.display), .object(cell))
            }
            row.add("indexes", indexes)
            row.add("columns", .object(columns))
            try console.writeLine(row.text)
        }
        try console.writeLine(table.verdict.json(root: entry).text)
    }

    /// The parts of a row's index by the names of their objects; nil when the table is not known.
    private static func indexes(of name: ObjectIdentifier) -> JSONValue? {
        let described = NameTable.standard.describe(name)
        guard let node = described.node, !described.indexes.isEmpty, described.remainder.isEmpty else { return nil }
        var object = JSONObject()
        for (part, value) in zip(node.indexes, described.indexes) { object.add(part.name, value.json) }
        return .object(object)
    }
}

extension IndexValue {
    /// Numbers as numbers, labels, texts and addresses as strings.
    var json: JSONValue {
        switch self {
        case .integer(let number): return .unsigned(UInt64(number))
        case .labelled(_, let label): return .string(label)
        case .ipAddress(let octets): return .string(octets.map(String.init).joined(separator: "."))
        case .objectIdentifier(let arcs): return .string(arcs.map(String.init).joined(separator: "."))
        case .octets(let octets), .internetAddress(_, let octets):
            if case .internetAddress(1, _) = self { return .string(octets.map(String.init).joined(separator: ".")) }
            if octets.allSatisfy({ (0x20...0x7E).contains($0) }) {
                return .string(String(decoding: octets, as: UTF8.self))
            }
            return .string(BindingJSON.hexadecimal(octets))
        }
    }
}
