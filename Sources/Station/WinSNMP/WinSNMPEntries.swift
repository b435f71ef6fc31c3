// Layer: Station/WinSNMP. Uses: WinSNMPDatabase, StationStore (records). Used by: WinSNMPMirror.
// A device of the station as WinSNMP programs find it: an entity and a context of the device's name.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import StationStore
import WinSNMPDatabase

extension EntityEntry {
    /// Where a device is.
    /// - Throws: `DatabaseError.invalid` for a name or address that no entity can have.
    init(_ device: DeviceRecord) throws(DatabaseError) {
        let host = HostText(device.address)
        let parts: (host: String, port: UInt16?)
        do throws(AddressSyntaxError) { parts = try SocketAddress.splitPort(host.address) } catch {
            throw .invalid(entry: device.name, member: "address", problem: "\(error)")
        }
        self.init(name: device.name, address: parts.host)
        transport = host.transport == .tcp ? .tcp : .udp
        requestPort = parts.port ?? requestPort
        version =
            switch device.version {
            case .v1: .v1
            case .v2c: .v2c
            case .v3: .v3
            }
        contextName = device.name
        try validate()
    }
}

extension ContextEntry {
    /// How to talk to a device, with its secrets sealed.
    /// - Parameter old: The context as it was. Secrets of it that are still right stay as they are sealed there.
    /// - Throws: `DatabaseError.invalid` for what no context can have; `.secret`.
    init(
        _ device: DeviceRecord, _ security: DeviceSecurity, _ key: SecretKeyFile, _ old: ContextEntry?
    ) throws(DatabaseError) {
        let name = device.name
        func sealed(
            _ secret: [UInt8], _ member: SecretMember, _ old: CredentialReference?
        ) throws(DatabaseError) -> CredentialReference {
            if let old, key.isSealed(old, secret, of: name, member) { return old }
            return try key.seal(secret, of: name, member)
        }
        switch security {
        case .v1(let community), .v2c(let community):
            let before: CredentialReference? = if case .community(let old)? = old?.kind { old } else { nil }
            self.init(name: name, kind: .community(try sealed(community, .community, before)))
        case .v3(let user):
            let before: ContextUser? = if case .user(let old)? = old?.kind { old } else { nil }
            var entry = ContextUser(userName: user.name)
            if let authentication = user.authentication {
                guard let auth = AuthProtocol(name: authentication.protocolName) else {
                    throw .invalid(entry: name, member: "auth", problem: "there is no such protocol")
                }
                let password = try sealed(authentication.password, .authPassword, before?.authentication?.password)
                entry.authentication = .init(auth, password: password)
                entry.securityLevel = .authNoPriv
            }
            if let privacy = user.privacy {
                guard let (priv, keyExtension) = PrivProtocol.parse(name: privacy.protocolName) else {
                    throw .invalid(entry: name, member: "priv", problem: "there is no such protocol")
                }
                let password = try sealed(privacy.password, .privPassword, before?.privacy?.password)
                entry.privacy = .init(priv, keyExtension, password: password)
                entry.securityLevel = .authPriv
            }
            entry.contextName = user.contextName
            self.init(name: name, kind: .user(entry))
        }
        try validate()
    }
}
