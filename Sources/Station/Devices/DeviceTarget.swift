// Layer: Station/Devices. Uses: StationStore (DeviceRecord, DeviceSecurity), SNMP. Used by: Station, TrapReceiver.
// From what is kept of a device to what it takes to talk to it.

import PlatformIO
import SNMPCodec
public import SNMPEngine
public import SNMPSecurity
public import StationStore

extension DeviceUser {
    /// The user for the SNMP library.
    /// - Throws: `invalid` for unknown protocols and passwords that are too short.
    public func credentials() throws(StationError) -> USMCredentials {
        guard let authentication else {
            return try make { () throws(SecurityError) in try USMCredentials(userName: name) }
        }
        guard let auth = AuthProtocol(name: authentication.protocolName) else {
            throw .invalid("unknown authentication protocol \"\(authentication.protocolName)\"")
        }
        let authKey = KeySource.password(SecretBytes(authentication.password))
        guard let privacy else {
            return try make { () throws(SecurityError) in
                try USMCredentials(userName: name, auth: auth, authKey: authKey)
            }
        }
        guard let (priv, keyExtension) = PrivProtocol.parse(name: privacy.protocolName) else {
            throw .invalid("unknown privacy protocol \"\(privacy.protocolName)\"")
        }
        let privKey = KeySource.password(SecretBytes(privacy.password))
        return try make { () throws(SecurityError) in
            try USMCredentials(
                userName: name, auth: auth, authKey: authKey, priv: priv, privKey: privKey, keyExtension: keyExtension)
        }
    }

    private func make(_ body: () throws(SecurityError) -> USMCredentials) throws(StationError) -> USMCredentials {
        do throws(SecurityError) {
            return try body()
        } catch {
            switch error {
            case .passwordTooShort: throw .invalid("an SNMPv3 password has at least 8 octets (user \(name))")
            case .userNameLengthInvalid: throw .invalid("an SNMPv3 user name has 1 to 32 octets")
            default: throw .invalid("the keys of user \(name) can't be made: \(error)")
            }
        }
    }
}

extension DeviceSecurity {
    /// The same for the SNMP library.
    /// - Throws: `invalid`, as `DeviceUser.credentials`.
    public func target() throws(StationError) -> TargetSecurity {
        switch self {
        case .v1(let community): .v1(community: community)
        case .v2c(let community): .v2c(community: community)
        case .v3(let user): .v3(try user.credentials(), contextName: Array(user.contextName.utf8))
        }
    }

    /// The user of SNMPv3; nil for communities.
    public var user: DeviceUser? {
        if case .v3(let user) = self { user } else { nil }
    }
}

extension DeviceRecord {
    /// Where the device is. May wait for a name server.
    /// - Throws: `invalid` for what is no address or can't be resolved.
    func peer() throws(StationError) -> Peer {
        do throws(ResolutionError) {
            return try HostText(address).resolve(defaultPort: 161)
        } catch {
            throw .invalid(error.description)
        }
    }
}
