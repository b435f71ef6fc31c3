// Layer: WinSNMP. Uses: WinSNMPDatabase, WinSNMPStore. Used by: strings in translated mode.
// Not under the lock: a database may read a file, and a name look-up may take seconds.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
public import WinSNMPDatabase
import WinSNMPStore

extension WinSNMPLibrary {
    /// The database, opened when first needed: the one that was chosen, else the user's own before the station's. Nil
    /// when there is no place for one: none was chosen, nor is there a home directory.
    private func database() throws(SNMPAPIError) -> (any WinSNMPDatabase)? {
        try withInstance { instance in
            if let known = instance.database { return known }
            let opened: (any WinSNMPDatabase)? =
                if let path = options.databasePath { StandardDatabase.open(path: path) } else {
                    StandardDatabase.layered()
                }
            instance.database = opened
            return opened
        }
    }

    /// Uses a database in place of that, for strings read from now on until `cleanup`.
    public func setDatabase(_ database: any WinSNMPDatabase) throws(SNMPAPIError) {
        try withInstance { $0.database = database }
    }

    /// The entity that a string names in translated mode.
    func translatedEntity(_ text: String, _ session: SessionHandle) throws(SNMPAPIError) -> EntityRecord {
        do throws(DatabaseError) {
            if let entry = try database(for: session)?.entity(named: text) {
                return try entity(of: entry)
            }
        } catch {
            throw failing(.entityUnknown, session: session, "\(error)")
        }
        if let literal = WinSNMPLibrary.literalAddress(text) { return newEntity(literal, .v1) }
        var rest = text[...]
        var transport = Transport.udp
        var hasPrefix = false
        for (prefix, kind) in [("udp:", Transport.udp), ("tcp:", .tcp)] where rest.lowercased().hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
            transport = kind
            hasPrefix = true
            break
        }
        let found: [SocketAddress]
        do throws(ResolutionError) {
            found = try AddressResolver.resolve(String(rest), defaultPort: 0)
        } catch {
            throw failing(.entityUnknown, session: session, "\(error)")
        }
        guard let address = found.first, hasPrefix || address.port == 0 else {
            throw failing(.entityUnknown, session: session, "a port needs 'udp:' or 'tcp:' before the host")
        }
        let entity = newEntity(.ip(address.with(port: 0).normalized, transport), .v1)
        if address.port != 0 {
            entity.port = address.port
            entity.hasOwnPort = true
        }
        return entity
    }

    private func database(for session: SessionHandle) throws(DatabaseError) -> (any WinSNMPDatabase)? {
        // Without an instance the caller's next step says so.
        try? database()
    }

    private func entity(of entry: EntityEntry) throws(DatabaseError) -> EntityRecord {
        let addresses = try entry.addresses()
        let address = addresses[0].with(port: 0).normalized
        let entity = newEntity(.ip(address, entry.transport == .tcp ? .tcp : .udp), entry.version)
        entity.friendlyName = entry.name
        entity.port = entry.requestPort
        entity.notificationPort = entry.notificationPort
        if let timeout = entry.timeoutCentiseconds { entity.timeout = timeout }
        if let retries = entry.retries { entity.retries = retries }
        if let size = entry.maximumMessageByteCount { entity.maximumMessageSize = size }
        entity.engineID = entry.engineID?.octets ?? []
        return entity
    }

    /// The context that octets name in translated mode: one of the database, else a community.
    func translatedContext(_ octets: [UInt8], _ session: SessionHandle) throws(SNMPAPIError) -> ContextRecord {
        guard let name = String(validating: octets, as: UTF8.self) else { return ContextRecord(octets) }
        do throws(DatabaseError) {
            guard let entry = try database(for: session)?.context(named: name) else { return ContextRecord(octets) }
            let context: ContextRecord
            switch try entry.security() {
            case .community(let community): context = ContextRecord(community)
            case .user(let credentials, let contextName, let engineID):
                context = ContextRecord(contextName)
                var info = ContextInfo()
                info.version = 3
                info.securityModel = 3
                info.securityName = credentials.userName
                info.securityLevel =
                    switch credentials.securityLevel {
                    case .noAuthNoPriv: 0
                    case .authNoPriv: 1
                    case .authPriv: 3
                    }
                info.contextName = contextName
                info.contextEngineID = engineID.octets
                context.user = UserContext(
                    credentials: credentials, contextName: contextName, contextEngineID: engineID, info: info)
            }
            context.friendlyName = entry.name
            return context
        } catch {
            throw failing(.contextUnknown, session: session, "\(error)")
        }
    }
}
