// Layer: OrielCommand/Settings. Uses: Option, Settings, WinSNMPDatabase. Used by: WinSNMPCommand.
// The options with which one says what an entity or a context of WinSNMP's database holds.

import SNMPCodec
import WinSNMPDatabase

/// What the options of `winsnmp` say. Which of them were given decides whether they fit the operation.
struct WinSNMPSettings: Sendable {
    /// The database alone to work with; nil for the user's own and the station's.
    var database: String?
    var entity = EntityOptions()
    var context = ContextOptions()
    /// The options given besides `--database` and `--json`, by what they belong to.
    var given: [(object: Object, form: String)] = []

    /// What can be listed, added and removed.
    enum Object: String, CaseIterable {
        case entity, context
    }
}

/// What an entity holds besides name and address.
struct EntityOptions: Sendable {
    var port: UInt16?
    var trapPort: UInt16?
    var version: SNMPVersion?
    var timeoutCentiseconds: UInt32?
    var retries: UInt32?
    var engineID: EngineID?
    var maximumMessageByteCount: UInt32?
    var context: String?
}

/// What a context holds besides its name. User, level and protocols are those of `SessionSettings`.
struct ContextOptions: Sendable {
    var community: CredentialReference?
    var authPassword: CredentialReference?
    var privPassword: CredentialReference?
}

extension OptionGroup {
    /// What an entity holds.
    static let winSNMPEntity = OptionGroup(
        title: "For entity add",
        options: [
            entityOption("--port", "NUMBER", "port for requests; without it that of ADDRESS, else 161") {
                settings, text throws(UsageError) in
                settings.port = UInt16(try number(text, 1...65_535))
            },
            entityOption("--trap-port", "NUMBER", "port for notifications; without it 162") {
                settings, text throws(UsageError) in
                settings.trapPort = UInt16(try number(text, 1...65_535))
            },
            entityOption(short: "-v", "--version", "1|2c|3", "SNMP version; without it 2c") {
                settings, text throws(UsageError) in
                guard let version = SNMPVersion(databaseText: text) else {
                    throw UsageError("there is no version \"\(text)\"; take 1, 2c or 3")
                }
                settings.version = version
            },
            entityOption(short: "-t", "--timeout", "SECONDS", "time to wait for each answer; without it WinSNMP's") {
                settings, text throws(UsageError) in
                guard let seconds = Double(text), seconds >= 0.01, seconds <= 3_600 else {
                    throw UsageError("takes a number of seconds from 0.01 to 3600")
                }
                settings.timeoutCentiseconds = UInt32((seconds * 100).rounded())
            },
            entityOption(
                short: "-r", "--retries", "NUMBER", "repetitions of an unanswered request; without it WinSNMP's"
            ) { settings, text throws(UsageError) in
                settings.retries = UInt32(try number(text, 0...100))
            },
            entityOption("--context", "NAME", "friendly name of the context to use when none is named") {
                settings, text in settings.context = text
            },
            entityOption(short: "-e", "--engine-id", "ENGINEID", "its engine ID, in hexadecimal") {
                settings, text throws(UsageError) in
                settings.engineID = try engineID(text)
            },
            entityOption("--message-size", "OCTETS", "the longest message that it takes") {
                settings, text throws(UsageError) in
                settings.maximumMessageByteCount = UInt32(try number(text, 484...65_535))
            },
        ])

    /// What a context holds.
    static let winSNMPContext = OptionGroup(
        title: "For context add",
        options: [
            secret(\.community, "--community", "TEXT", "a community; it stands in the database") { .literal($0) },
            secret(\.community, "--community-env", "VARIABLE", "the variable that holds it") { .environment($0) },
            secret(\.community, "--community-file", "PATH", "the file that holds it") { .file($0) },
            marked(
                .context,
                Option("-u", "--user", "USER", "SNMPv3 user name") { settings, text in settings.session.user = text }),
            marked(.context, level), marked(.context, auth),
            secret(\.authPassword, "--auth-password-env", "VARIABLE", "the variable that holds the password") {
                .environment($0)
            },
            secret(\.authPassword, "--auth-password-file", "PATH", "the file that holds it") { .file($0) },
            marked(.context, priv),
            secret(\.privPassword, "--priv-password-env", "VARIABLE", "the variable that holds the password") {
                .environment($0)
            },
            secret(\.privPassword, "--priv-password-file", "PATH", "the file that holds it") { .file($0) },
            marked(
                .context,
                Option("-n", "--context-name", "CONTEXT", "SNMPv3 context name") { settings, text in
                    settings.session.context = text
                }),
            marked(
                .context,
                Option("-E", "--context-engine-id", "ENGINEID", "engine ID of the context, in hexadecimal") {
                    settings, text throws(UsageError) in
                    settings.session.contextEngineID = try engineID(text)
                }),
        ])

    /// The database, and how to print.
    static let winSNMPDatabase = OptionGroup(
        title: "Other",
        options: [
            Option(
                nil, "--database", "PATH",
                "the database's directory, or a JSON file whose name ends in .json; without it that of"
                    + " WINSNMP_DATABASE, else oriel/winsnmp in $XDG_CONFIG_HOME or ~/.config"
            ) { settings, text in
                settings.winSNMP.database = text
            },
            json,
        ])

    private static func entityOption(
        short: String? = nil, _ long: String, _ placeholder: String, _ help: String,
        _ set: @escaping @Sendable (inout EntityOptions, String) throws(UsageError) -> Void
    ) -> Option {
        marked(
            .entity,
            Option(short, long, placeholder, help) { settings, text throws(UsageError) in
                try set(&settings.winSNMP.entity, text)
            })
    }

    private static func secret(
        _ member: any WritableKeyPath<ContextOptions, CredentialReference?> & Sendable, _ long: String,
        _ placeholder: String, _ help: String, _ make: @escaping @Sendable (String) -> CredentialReference
    ) -> Option {
        marked(
            .context,
            Option(nil, long, placeholder, help) { settings, text throws(UsageError) in
                guard settings.winSNMP.context[keyPath: member] == nil else {
                    throw UsageError("the place of this secret is given twice; leave one out")
                }
                settings.winSNMP.context[keyPath: member] = make(text)
            })
    }

    /// The option, which also notes that it was given.
    private static func marked(_ object: WinSNMPSettings.Object, _ option: Option) -> Option {
        let placeholder = option.placeholder ?? ""
        return Option(option.short, option.long, placeholder, option.help) { settings, text throws(UsageError) in
            settings.winSNMP.given.append((object, option.long))
            try option.action(&settings, text)
        }
    }
}
