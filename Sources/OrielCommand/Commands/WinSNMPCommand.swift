// Layer: OrielCommand/Commands. Uses: WinSNMPStore, WinSNMPOptions. Used by: Oriel.
// winsnmp: the entities and contexts that programs of the WinSNMP library find by friendly names.

import JSON
import PlatformIO
import SNMPCodec
import SNMPNames
import SNMPSecurity
import WinSNMPDatabase
import WinSNMPStore

extension Command {
    static let winsnmp = Command(
        "winsnmp", "keeps the entities and contexts of the WinSNMP library",
        usage: [
            "entity list [NAME...]", "entity add [options] NAME ADDRESS", "entity remove NAME...",
            "context list [NAME...]", "context add [options] NAME", "context remove NAME...",
            "list", "import FILE", "export FILE",
        ],
        explanation: [
            "In translated mode SnmpStrToEntity and SnmpStrToContext look friendly names up in a database. An entity is"
                + " a device with its address, version and timing; a context is a community or an SNMPv3 user. Programs"
                + " that run take changes up by themselves.",
            "ADDRESS is a name or address, with an optional port, and with udp: or tcp: in front if needed:"
                + " switch.example, 192.0.2.1:1161, tcp:[2001:db8::1]:161. add puts an entry in the place of one with"
                + " the same name.",
            "The devices of the station are in a second database, which the station keeps; list shows both, and"
                + " programs find both by name. What stands there is changed with oriel station. Of two entries of the"
                + " same name your own counts.",
            "import takes the entries of a JSON file over, in place of those with the same names; export writes your"
                + " own to one.",
            "Passwords never stand in the database: it names the variable or the file whose first line holds them, and"
                + " WinSNMP reads them when it needs them. PATH begins with / or ~/, and other users must not be able"
                + " to read that file. list shows no communities but \"public\".",
        ],
        options: [.winSNMPEntity, .winSNMPContext, .winSNMPDatabase],
        examples: [
            "oriel winsnmp entity add core-switch 192.0.2.1 --version 2c --timeout 2 --context readers",
            "oriel winsnmp context add readers --community-file /etc/oriel/community",
            "oriel winsnmp context add monitor --user monitor --auth SHA-256"
                + " --auth-password-env MONITOR_AUTH --priv AES --priv-password-env MONITOR_PRIV",
            "oriel winsnmp entity list --json", "oriel winsnmp context remove readers",
            "oriel winsnmp export entries.json",
        ]
    ) { invocation throws(CommandError) in
        switch invocation.operands.first {
        case "list": return try invocation.listAll()
        case "import": return try invocation.importEntries()
        case "export": return try invocation.exportEntries()
        default: break
        }
        let object = try invocation.word(0, "entity, context, list, import or export", WinSNMPSettings.Object.self)
        let action = try invocation.word(1, "list, add or remove", WinSNMPAction.self)
        try invocation.checkOptions(object, action)
        let place = try invocation.winSNMPPlace()
        switch (object, action) {
        case (.entity, .list): return try invocation.listEntities(place)
        case (.context, .list): return try invocation.listContexts(place)
        case (.entity, .add): return try invocation.addEntity(place)
        case (.context, .add): return try invocation.addContext(place)
        case (.entity, .remove), (.context, .remove): return try invocation.remove(object, place)
        }
    }
}

/// What to do with an entity or context.
private enum WinSNMPAction: String, CaseIterable { case list, add, remove }

/// The databases that the command works with.
struct WinSNMPPlace {
    /// The one that is changed.
    let own: any StoredDatabase
    /// The station's; nil if another database was asked for alone.
    let station: ESEDatabase?

    /// What stands in them.
    struct Entries {
        let own: EntryCollection
        let station: EntryCollection

        /// All entities by name, each with whether it is the station's.
        var entities: [String: (entry: EntityEntry, isStation: Bool)] {
            own.entities.mapValues { ($0, false) }.merging(station.entities.mapValues { ($0, true) }) { own, _ in own }
        }

        /// All contexts by name, each with whether it is the station's.
        var contexts: [String: (entry: ContextEntry, isStation: Bool)] {
            own.contexts.mapValues { ($0, false) }.merging(station.contexts.mapValues { ($0, true) }) { own, _ in own }
        }

        func names(_ object: WinSNMPSettings.Object) -> [String] {
            object == .entity ? entities.keys.sorted() : contexts.keys.sorted()
        }

        func isStation(_ object: WinSNMPSettings.Object, _ name: String) -> Bool {
            object == .entity ? entities[name]?.isStation == true : contexts[name]?.isStation == true
        }
    }

    func entries() throws(DatabaseError) -> Entries {
        Entries(own: try own.collection(), station: try stationEntries())
    }

    private func stationEntries() throws(DatabaseError) -> EntryCollection {
        do throws(DatabaseError) { return try station?.collection() ?? EntryCollection() } catch {
            // That of another user, as programs of this one see it.
            if case .file(let error) = error, error.isPermissionDenied { return EntryCollection() }
            throw error
        }
    }
}

extension Invocation {
    /// The operand at a position, which is one of the names of a type.
    fileprivate func word<Word: RawRepresentable<String>>(
        _ position: Int, _ expected: String, _: Word.Type
    ) throws(CommandError) -> Word {
        let text = try operand(position, expected)
        guard let word = Word(rawValue: text) else {
            throw CommandError(.usage, "\"\(text)\" stands where \(expected) is expected")
        }
        return word
    }

    /// An option that the operation has no use for is a mistake, and perhaps a dangerous one.
    fileprivate func checkOptions(
        _ object: WinSNMPSettings.Object?, _ action: WinSNMPAction?
    ) throws(CommandError) {
        guard let wrong = settings.winSNMP.given.first(where: { action != .add || $0.object != object }) else { return }
        throw CommandError(.usage, "\(wrong.form) is for \(wrong.object) add")
    }

    func winSNMPPlace() throws(CommandError) -> WinSNMPPlace {
        if let path = settings.winSNMP.database {
            guard !path.isEmpty else { throw CommandError(.usage, "--database takes the path of a directory or file") }
            return WinSNMPPlace(own: StandardDatabase.open(path: path), station: nil)
        }
        guard let own = StandardDatabase.own(environment: console.environment) else {
            throw CommandError(.localFailure, "HOME or WINSNMP_DATABASE must be set, or --database given")
        }
        let data = StandardDatabase.stationDirectory(environment: console.environment)
        return WinSNMPPlace(own: own, station: data.map { StandardDatabase.station(in: $0) })
    }

    // MARK: All entries.

    fileprivate func listAll() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        try checkOptions(nil, nil)
        let place = try winSNMPPlace()
        _ = try listEntities(place, isLast: false)
        if !settings.display.isJSON { try console.writeLine("") }
        return try listContexts(place)
    }

    fileprivate func importEntries() throws(CommandError) -> ExitStatus {
        try expect(atMost: 2)
        try checkOptions(nil, nil)
        let file = try operand(1, "FILE")
        let place = try winSNMPPlace()
        let entries = try asking { () throws(DatabaseError) in try EntryCollection(readingFrom: file) }
        let replaced = try asking { () throws(DatabaseError) in try place.own.put(entries) }
        return try reportTransfer("imported", entries, replaced)
    }

    fileprivate func exportEntries() throws(CommandError) -> ExitStatus {
        try expect(atMost: 2)
        try checkOptions(nil, nil)
        let file = try operand(1, "FILE")
        let place = try winSNMPPlace()
        let entries = try asking { () throws(DatabaseError) in try place.own.collection() }
        guard !FileAccess.exists(file) else {
            throw CommandError(.usage, "there is a file \(file) already; remove it, or name another one")
        }
        // Communities may stand in it.
        do throws(IOError) { try FileAccess.writeAtomically(file, Array(entries.text.utf8), mode: 0o600) } catch {
            throw CommandError(error)
        }
        return try reportTransfer("exported", entries, nil)
    }

    private func reportTransfer(
        _ change: String, _ entries: EntryCollection, _ replaced: Int?
    ) throws(CommandError) -> ExitStatus {
        guard settings.display.isJSON else {
            let (entities, contexts) = (entries.entities.count, entries.contexts.count)
            var text = "\(change) \(entities) entit\(entities == 1 ? "y" : "ies") and"
            text += " \(contexts) context\(contexts == 1 ? "" : "s")"
            if let replaced, replaced > 0 { text += ", \(replaced) of them in place of others" }
            try console.writeLine(text)
            return .success
        }
        var fields = JSONObject()
        fields.add("change", change)
        fields.add("entities", entries.entities.count)
        fields.add("contexts", entries.contexts.count)
        fields.add("replaced", replaced.map { .integer(Int64($0)) })
        try console.writeLine(fields.text)
        return .success
    }

    /// Runs what the database can refuse.
    func asking<Result>(
        _ body: () throws(DatabaseError) -> Result
    ) throws(CommandError) -> Result {
        do throws(DatabaseError) { return try body() } catch { throw CommandError(error) }
    }

    func unknown(
        _ object: WinSNMPSettings.Object, _ name: String, _ place: WinSNMPPlace, _ entries: WinSNMPPlace.Entries
    ) -> CommandError {
        let nearest = Suggestions.nearest(to: name, among: entries.names(object))
        let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
        return CommandError(.incomplete, "there is no \(object) \"\(name)\" in \(place.own.path)\(hint)")
    }

    /// The names to list: all, or those of the operands.
    private func names(_ object: WinSNMPSettings.Object, _ entries: WinSNMPPlace.Entries) -> [String] {
        operands.count > 2 ? Array(operands[2...]) : entries.names(object)
    }

    fileprivate func listEntities(
        _ place: WinSNMPPlace, isLast: Bool = true
    ) throws(CommandError) -> ExitStatus {
        let entries = try asking { () throws(DatabaseError) in try place.entries() }
        let all = entries.entities
        var table = SourcedTable(titles: [
            "NAME", "ADDRESS", "TRANSPORT", "PORT", "TRAP PORT", "VERSION", "TIMEOUT", "RETRIES", "CONTEXT",
        ])
        for name in names(.entity, entries) {
            guard let (entity, isStation) = all[name] else { throw unknown(.entity, name, place, entries) }
            guard !settings.display.isJSON else {
                try console.writeLine(Self.json(entity, isStation).text)
                continue
            }
            table.add(
                [
                    .init(entity.name), .init(entity.address), .init(entity.transport.rawValue),
                    .init(String(entity.requestPort), isNumber: true),
                    .init(String(entity.notificationPort), isNumber: true), .init(entity.version.databaseText),
                    .init(entity.timeoutCentiseconds.map { "\(Double($0) / 100) s" } ?? ""),
                    .init(entity.retries.map(String.init) ?? "", isNumber: true), .init(entity.contextName ?? ""),
                ], isStation: isStation)
        }
        return try write(table, "entities", place, isLast)
    }

    fileprivate func listContexts(_ place: WinSNMPPlace) throws(CommandError) -> ExitStatus {
        let entries = try asking { () throws(DatabaseError) in try place.entries() }
        let all = entries.contexts
        var table = SourcedTable(titles: ["NAME", "USER", "LEVEL", "AUTH", "PRIV", "CONTEXT NAME", "SECRETS"])
        for name in names(.context, entries) {
            guard let (context, isStation) = all[name] else { throw unknown(.context, name, place, entries) }
            guard !settings.display.isJSON else {
                try console.writeLine(Self.json(context, isStation).text)
                continue
            }
            switch context.kind {
            case .community(let reference):
                table.add(
                    [.init(context.name)] + Array(repeating: .empty, count: 5) + [.init(reference.description)],
                    isStation: isStation)
            case .user(let user):
                let secrets = [user.authentication?.password, user.privacy?.password].compactMap(\.?.description)
                // Both are often sealed with the same key.
                let places = secrets.count == 2 && secrets[0] == secrets[1] ? [secrets[0]] : secrets
                table.add(
                    [
                        .init(context.name), .init(user.userName), .init(user.securityLevel.description),
                        .init(user.authentication?.auth.description ?? ""), .init(user.privacy.map(Self.text) ?? ""),
                        .init(user.contextName), .init(places.joined(separator: ", ")),
                    ], isStation: isStation)
            }
        }
        return try write(table, "contexts", place, true)
    }

    private func write(
        _ table: SourcedTable, _ what: String, _ place: WinSNMPPlace, _ isLast: Bool
    ) throws(CommandError) -> ExitStatus {
        guard !settings.display.isJSON else { return .success }
        guard !table.isEmpty else {
            console.note("there are no \(what) in \(place.own.path)")
            return .success
        }
        for line in table.text.lines(width: console.outputWidth()) { try console.writeLine(line) }
        if table.hasStation, isLast { console.note("what is of the station is changed with oriel station") }
        return .success
    }

    private static func text(_ privacy: ContextUser.Privacy) -> String {
        privacy.priv.description + (privacy.keyExtension.map { " \($0)" } ?? "")
    }

    private static func json(_ entity: EntityEntry, _ isStation: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("name", entity.name)
        object.add("source", isStation ? "station" : "own")
        object.add("address", entity.address)
        object.add("transport", entity.transport.rawValue)
        object.add("requestPort", Int(entity.requestPort))
        object.add("notificationPort", Int(entity.notificationPort))
        object.add("version", entity.version.databaseText)
        object.add("timeoutCentiseconds", entity.timeoutCentiseconds.map { .integer(Int64($0)) })
        object.add("retries", entity.retries.map { .integer(Int64($0)) })
        object.add("engineID", entity.engineID?.description)
        object.add("maximumMessageByteCount", entity.maximumMessageByteCount.map { .integer(Int64($0)) })
        object.add("context", entity.contextName)
        return object
    }

    private static func json(_ context: ContextEntry, _ isStation: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("name", context.name)
        object.add("source", isStation ? "station" : "own")
        switch context.kind {
        case .community(let reference): object.add("community", json(reference))
        case .user(let user):
            object.add("user", user.userName)
            if !user.contextName.isEmpty { object.add("contextName", user.contextName) }
            object.add("contextEngineID", user.contextEngineID?.description)
            object.add("level", user.securityLevel.description)
            object.add("auth", user.authentication?.auth.description)
            object.add("authPassword", user.authentication.map { json($0.password) })
            object.add("priv", user.privacy?.priv.description)
            object.add("keyExtension", user.privacy?.keyExtension?.description)
            object.add("privPassword", user.privacy.map { json($0.password) })
        }
        return object
    }

    /// Where a secret is; of a literal only "public" is shown.
    private static func json(_ reference: CredentialReference) -> JSONValue {
        var object = JSONObject()
        switch reference {
        case .literal(let text): object.add("literal", text == "public" ? .string(text) : .null)
        case .environment(let name): object.add("environment", name)
        case .file(let path): object.add("file", path)
        case .sealed(_, let keyFile): object.add("keyFile", keyFile)
        }
        return .object(object)
    }
}

/// A table whose last column says which entries are the station's; without any there is no such column.
private struct SourcedTable {
    private let titles: [String]
    private var rows: [(cells: [TableText.Cell], isStation: Bool)] = []

    init(titles: [String]) { self.titles = titles }

    var isEmpty: Bool { rows.isEmpty }
    var hasStation: Bool { rows.contains(where: \.isStation) }

    mutating func add(_ cells: [TableText.Cell], isStation: Bool) { rows.append((cells, isStation)) }

    var text: TableText {
        let hasStation = hasStation
        var table = TableText(titles: titles + (hasStation ? ["SOURCE"] : []))
        for row in rows {
            table.add(row.cells + (hasStation ? [.init(row.isStation ? "station" : "own")] : []))
        }
        return table
    }
}
