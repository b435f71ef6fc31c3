// Layer: OrielCommand/Commands. Uses: WinSNMPStore, WinSNMPOptions, HostText. Used by: WinSNMPCommand.
// winsnmp entity|context add and remove.

import JSON
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Station
import WinSNMPDatabase
import WinSNMPStore

extension Invocation {
    func addEntity(_ place: WinSNMPPlace) throws(CommandError) -> ExitStatus {
        try expect(atMost: 4)
        let options = settings.winSNMP.entity
        var entity = EntityEntry(name: try operand(2, "NAME"), address: "")
        try setAddress(of: &entity, try operand(3, "ADDRESS"))
        if let port = options.port { entity.requestPort = port }
        if let port = options.trapPort { entity.notificationPort = port }
        entity.version = options.version ?? .v2c
        entity.timeoutCentiseconds = options.timeoutCentiseconds
        entity.retries = options.retries
        entity.engineID = options.engineID
        entity.maximumMessageByteCount = options.maximumMessageByteCount
        entity.contextName = options.context
        let wasThere = try asking { () throws(DatabaseError) in try place.own.put(entity) }
        let entries = try asking { () throws(DatabaseError) in try place.entries() }
        noteStation(.entity, entity.name, entries.station.entities[entity.name] != nil)
        if let context = options.context, entries.contexts[context] == nil {
            console.note("there is no context \"\(context)\" yet; oriel winsnmp context add makes it")
        }
        return try report(.entity, entity.name, wasThere ? "replaced" : "added")
    }

    /// What the station has of a name isn't found by it any more.
    private func noteStation(_ object: WinSNMPSettings.Object, _ name: String, _ isThere: Bool) {
        guard isThere else { return }
        console.note("the station has \(object == .entity ? "an entity" : "a context") \"\(name)\" too; yours counts")
    }

    /// Reads `HOST[:PORT]` with an optional transport in front, as for the other commands.
    private func setAddress(of entity: inout EntityEntry, _ text: String) throws(CommandError) {
        let host = HostText(text)
        let parts: (host: String, port: UInt16?)
        do throws(AddressSyntaxError) { parts = try SocketAddress.splitPort(host.address) } catch {
            throw CommandError(.usage, "\"\(text)\": \(error)")
        }
        guard parts.port != 0 else { throw CommandError(.usage, "\"\(text)\": the port is a number from 1 to 65535") }
        entity.transport = host.transport == .tcp ? .tcp : .udp
        entity.address = parts.host
        if let port = parts.port { entity.requestPort = port }
        // The database has no place for a family, and an address needs none.
        if let family = host.family, entity.numericAddress?.family != family {
            throw CommandError(
                .usage,
                "\"\(text)\": udp6:, tcp6: and the like go with an address of that family only; take udp: or tcp:")
        }
    }

    func addContext(_ place: WinSNMPPlace) throws(CommandError) -> ExitStatus {
        try expect(atMost: 3)
        let name = try operand(2, "NAME")
        let kind: ContextEntry.Kind
        switch (settings.winSNMP.context.community, settings.session.user) {
        case (let community?, nil):
            let forUsers = settings.winSNMP.given.first { !$0.form.hasPrefix("--community") }
            if let forUsers { throw CommandError(.usage, "\(forUsers.form) needs --user") }
            kind = .community(community)
        case (nil, let user?): kind = .user(try contextUser(user))
        case (nil, nil):
            throw CommandError(.usage, "a context needs --community, --community-env, --community-file or --user")
        default: throw CommandError(.usage, "a context has a community or a user, not both")
        }
        let context = ContextEntry(name: name, kind: kind)
        let wasThere = try asking { () throws(DatabaseError) in try place.own.put(context) }
        let entries = try asking { () throws(DatabaseError) in try place.entries() }
        noteStation(.context, name, entries.station.contexts[name] != nil)
        noteMissingFiles(context)
        return try report(.context, name, wasThere ? "replaced" : "added")
    }

    private func contextUser(_ name: String) throws(CommandError) -> ContextUser {
        let session = settings.session
        let secrets = settings.winSNMP.context
        if session.auth != nil, secrets.authPassword == nil { throw missing("--auth", "auth") }
        if session.priv != nil, secrets.privPassword == nil { throw missing("--priv", "priv") }
        if secrets.privPassword != nil, secrets.authPassword == nil { throw missing("encryption", "auth") }
        let authentication = secrets.authPassword.map { password in
            ContextUser.Authentication(session.auth.flatMap(AuthProtocol.init(name:)) ?? .hmacSHA1, password: password)
        }
        let priv = session.priv.flatMap(PrivProtocol.parse(name:)) ?? (.aes128, nil)
        let privacy = secrets.privPassword.map { password in
            ContextUser.Privacy(priv.0, priv.1, password: password)
        }
        var user = ContextUser(userName: name, authentication: authentication, privacy: privacy)
        if let level = SecurityLevel.allCases.first(where: { $0.description.lowercased() == session.level }) {
            user.securityLevel = level
        }
        user.contextName = session.context
        user.contextEngineID = session.contextEngineID
        return user
    }

    private func missing(_ option: String, _ kind: String) -> CommandError {
        CommandError(
            .usage, "\(option) needs a password too: --\(kind)-password-env VARIABLE or --\(kind)-password-file PATH")
    }

    /// A file that can't be read now may come later, so this is news and no failure. Variables are those of other
    /// programs.
    private func noteMissingFiles(_ context: ContextEntry) {
        let references: [CredentialReference?] =
            switch context.kind {
            case .community(let reference): [reference]
            case .user(let user): [user.authentication?.password, user.privacy?.password]
            }
        for case .file(let path)? in references {
            do throws(DatabaseError) {
                _ = try CredentialReference.file(path).secret(of: context.name, .community)
            } catch {
                console.note("WinSNMP will not be able to use this context: \(error)")
            }
        }
    }

    func remove(_ object: WinSNMPSettings.Object, _ place: WinSNMPPlace) throws(CommandError) -> ExitStatus {
        _ = try operand(2, "NAME")
        for name in operands[2...] {
            let wasThere = try asking { () throws(DatabaseError) in
                object == .entity ? try place.own.removeEntity(named: name) : try place.own.removeContext(named: name)
            }
            guard wasThere else {
                let entries = try asking { () throws(DatabaseError) in try place.entries() }
                guard entries.isStation(object, name) else { throw unknown(object, name, place, entries) }
                throw CommandError(.readOnly(entry: name, how: StandardDatabase.changingStation))
            }
            _ = try report(object, name, "removed")
        }
        return .success
    }

    private func report(
        _ object: WinSNMPSettings.Object, _ name: String, _ change: String
    ) throws(CommandError) -> ExitStatus {
        guard settings.display.isJSON else {
            try console.writeLine("\(change) \(object) \(name)")
            return .success
        }
        var fields = JSONObject()
        fields.add(object.rawValue, name)
        fields.add("change", change)
        try console.writeLine(fields.text)
        return .success
    }
}
