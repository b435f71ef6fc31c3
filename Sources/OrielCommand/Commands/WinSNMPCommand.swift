// Layer: OrielCommand/Commands. Uses: WinSNMPDatabase, WinSNMPOptions. Used by: Oriel.
// winsnmp: the entities and contexts that programs of the WinSNMP library find by friendly names.

import JSON
import SNMPCodec
import SNMPNames
import SNMPSecurity
import WinSNMPDatabase

extension Command {
    static let winsnmp = Command(
        "winsnmp", "keeps the entities and contexts of the WinSNMP library",
        usage: [
            "entity list [NAME...]", "entity add [options] NAME ADDRESS", "entity remove NAME...",
            "context list [NAME...]", "context add [options] NAME", "context remove NAME...",
        ],
        explanation: [
            "In translated mode SnmpStrToEntity and SnmpStrToContext look friendly names up in a database. An entity is"
                + " a device with its address, version and timing; a context is a community or an SNMPv3 user. Programs"
                + " that run take changes up by themselves.",
            "ADDRESS is a name or address, with an optional port, and with udp: or tcp: in front if needed:"
                + " switch.example, 192.0.2.1:1161, tcp:[2001:db8::1]:161. add puts an entry in the place of one with"
                + " the same name.",
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
        ]
    ) { invocation throws(CommandError) in
        let object = try invocation.word(0, "entity or context", WinSNMPSettings.Object.self)
        let action = try invocation.word(1, "list, add or remove", WinSNMPAction.self)
        try invocation.checkOptions(object, action)
        let database = try invocation.database()
        switch (object, action) {
        case (.entity, .list): return try invocation.listEntities(database)
        case (.context, .list): return try invocation.listContexts(database)
        case (.entity, .add): return try invocation.addEntity(database)
        case (.context, .add): return try invocation.addContext(database)
        case (.entity, .remove), (.context, .remove): return try invocation.remove(object, database)
        }
    }
}

/// What to do with an entity or context.
private enum WinSNMPAction: String, CaseIterable { case list, add, remove }

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
        _ object: WinSNMPSettings.Object, _ action: WinSNMPAction
    ) throws(CommandError) {
        guard let wrong = settings.winSNMP.given.first(where: { action != .add || $0.object != object }) else { return }
        throw CommandError(.usage, "\(wrong.form) is for \(wrong.object) add")
    }

    fileprivate func database() throws(CommandError) -> JSONDatabase {
        guard let path = settings.winSNMP.database ?? JSONDatabase.standardPath(environment: console.environment) else {
            throw CommandError(.localFailure, "HOME or WINSNMP_DATABASE must be set, or --database given")
        }
        guard !path.isEmpty else { throw CommandError(.usage, "--database takes the path of a file") }
        return JSONDatabase(path: path)
    }

    /// Runs what the database can refuse.
    func asking<Result>(
        _ body: () throws(DatabaseError) -> Result
    ) throws(CommandError) -> Result {
        do throws(DatabaseError) { return try body() } catch { throw CommandError(error) }
    }

    /// The names to list: all, or those of the operands.
    private func names(_ all: () throws(DatabaseError) -> [String]) throws(CommandError) -> [String] {
        operands.count > 2 ? Array(operands[2...]) : try asking(all)
    }

    func unknown(
        _ object: WinSNMPSettings.Object, _ name: String, _ database: JSONDatabase
    ) throws(CommandError) -> CommandError {
        let names = try asking { () throws(DatabaseError) in
            object == .entity ? try database.entityNames() : try database.contextNames()
        }
        let nearest = Suggestions.nearest(to: name, among: names)
        let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
        return CommandError(.incomplete, "there is no \(object) \"\(name)\" in \(database.path)\(hint)")
    }

    fileprivate func listEntities(_ database: JSONDatabase) throws(CommandError) -> ExitStatus {
        var table = TableText(titles: [
            "NAME", "ADDRESS", "TRANSPORT", "PORT", "TRAP PORT", "VERSION", "TIMEOUT", "RETRIES", "CONTEXT",
        ])
        for name in try names({ () throws(DatabaseError) in try database.entityNames() }) {
            guard let entity = try asking({ () throws(DatabaseError) in try database.entity(named: name) }) else {
                throw try unknown(.entity, name, database)
            }
            guard !settings.display.isJSON else {
                try console.writeLine(Self.json(entity).text)
                continue
            }
            table.add([
                .init(entity.name), .init(entity.address), .init(entity.transport.rawValue),
                .init(String(entity.requestPort), isNumber: true),
                .init(String(entity.notificationPort), isNumber: true), .init(entity.version.databaseText),
                .init(entity.timeoutCentiseconds.map { "\(Double($0) / 100) s" } ?? ""),
                .init(entity.retries.map(String.init) ?? "", isNumber: true), .init(entity.contextName ?? ""),
            ])
        }
        return try write(table, "entities", database)
    }

    fileprivate func listContexts(_ database: JSONDatabase) throws(CommandError) -> ExitStatus {
        var table = TableText(titles: ["NAME", "USER", "LEVEL", "AUTH", "PRIV", "CONTEXT NAME", "SECRETS"])
        for name in try names({ () throws(DatabaseError) in try database.contextNames() }) {
            guard let context = try asking({ () throws(DatabaseError) in try database.context(named: name) }) else {
                throw try unknown(.context, name, database)
            }
            guard !settings.display.isJSON else {
                try console.writeLine(Self.json(context).text)
                continue
            }
            switch context.kind {
            case .community(let reference):
                table.add([.init(context.name)] + Array(repeating: .empty, count: 5) + [.init(reference.description)])
            case .user(let user):
                let secrets = [user.authentication?.password, user.privacy?.password].compactMap(\.?.description)
                table.add([
                    .init(context.name), .init(user.userName), .init(user.securityLevel.description),
                    .init(user.authentication?.auth.description ?? ""), .init(user.privacy.map(Self.text) ?? ""),
                    .init(user.contextName), .init(secrets.joined(separator: ", ")),
                ])
            }
        }
        return try write(table, "contexts", database)
    }

    private func write(_ table: TableText, _ what: String, _ database: JSONDatabase) throws(CommandError) -> ExitStatus
    {
        guard !settings.display.isJSON else { return .success }
        guard !table.rows.isEmpty else {
            console.note("there are no \(what) in \(database.path)")
            return .success
        }
        for line in table.lines(width: console.outputWidth()) { try console.writeLine(line) }
        return .success
    }

    private static func text(_ privacy: ContextUser.Privacy) -> String {
        privacy.priv.description + (privacy.keyExtension.map { " \($0)" } ?? "")
    }

    private static func json(_ entity: EntityEntry) -> JSONObject {
        var object = JSONObject()
        object.add("name", entity.name)
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

    private static func json(_ context: ContextEntry) -> JSONObject {
        var object = JSONObject()
        object.add("name", context.name)
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
        }
        return .object(object)
    }
}
