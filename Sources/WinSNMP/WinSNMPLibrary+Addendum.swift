// Layer: WinSNMP. Uses: SNMPSecurity. Used by: the C library, applications.
// The functions of the v3 addendum: entities and contexts with all their properties, and keys from passwords.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity

extension WinSNMPLibrary {
    // MARK: Entities

    /// Makes an entity with all its properties (SnmpCreateEntity).
    /// Throws `sessionInvalid`, `entityUnknown` for the address, `modeInvalid` for the version, `engineInvalid`.
    public func createEntity(_ session: SessionHandle, _ info: EntityInfo) throws(SNMPAPIError) -> EntityHandle {
        try sessionIsValid(session)
        let entity: EntityRecord
        do throws(Refusal) {
            let address = try WinSNMPLibrary.address(info)
            entity = newEntity(address, .v1)
            try apply(info, to: entity, address)
        } catch {
            throw failing(error.error, session: session, error.text)
        }
        return try add(entity, to: session)
    }

    private static func address(_ info: EntityInfo) throws(Refusal) -> EntityRecord.Address {
        guard let address = literalAddress(String(decoding: info.address, as: UTF8.self)) else {
            throw Refusal(.entityUnknown, "the address can't be read")
        }
        return address
    }

    /// Changes all properties of an entity (SnmpSetEntityInfo), as `createEntity` takes them, for messages from now on.
    /// Throws `entityInvalid`, `operationInvalid` while it listens, and what `createEntity` throws.
    public func setEntityInfo(_ entity: EntityHandle, _ info: EntityInfo) throws(SNMPAPIError) {
        try withEntity(entity) { record, _, owner throws(SNMPAPIError) in
            do throws(Refusal) {
                guard record.listener == nil else { throw Refusal(.operationInvalid, "the entity listens") }
                try apply(info, to: record, try WinSNMPLibrary.address(info))
            } catch {
                throw fail(error.error, error.text, in: owner)
            }
        }
    }

    private func apply(_ info: EntityInfo, to entity: EntityRecord, _ address: EntityRecord.Address) throws(Refusal) {
        guard let version = Int32(exactly: info.version).flatMap(SNMPVersion.init(rawValue:)) else {
            throw Refusal(.modeInvalid, "SNMP version \(info.version)")
        }
        guard info.engineID.isEmpty || (5...32).contains(info.engineID.count) else {
            throw Refusal(.engineInvalid, "an engine ID has 5 to 32 octets")
        }
        guard let request = UInt16(exactly: info.requestPort), let trap = UInt16(exactly: info.notificationPort) else {
            throw Refusal(.tlInvalidParam, "a port is beyond 65535")
        }
        entity.address = address
        entity.version = version
        entity.friendlyName = info.friendlyName.isEmpty ? nil : String(decoding: info.friendlyName, as: UTF8.self)
        entity.port = request == 0 ? 161 : request
        entity.notificationPort = trap == 0 ? 162 : trap
        entity.hasOwnPort = false
        entity.maximumMessageSize = info.maximumMessageSize == 0 ? 65_507 : max(484, info.maximumMessageSize)
        entity.engineID = info.engineID
        entity.timeout = info.policyTimeout
        entity.retries = info.policyRetry
        entity.link = nil
        entity.localAddress = nil
    }

    /// All properties of an entity (SnmpGetEntityInfo). Throws `entityInvalid`.
    public func entityInfo(_ entity: EntityHandle) throws(SNMPAPIError) -> EntityInfo {
        let (info, link) = try withEntity(entity) { record, instance, owner in
            var info = EntityInfo()
            info.entity = entity
            if let owner { info.session = owner.handle }
            info.translateMode =
                switch record.version {
                case .v1: 1
                case .v2c: 2
                case .v3: 3
                }
            info.version = UInt32(record.version.rawValue)
            info.friendlyName = record.friendlyName.map { Array($0.utf8) } ?? []
            switch record.address {
            case .ip(let address, _):
                info.addressFamily = address.family == .ipv4 ? 2 : 10
            case .ipx: break
            }
            info.address = Array(record.text.utf8)
            info.requestPort = UInt32(record.port)
            info.notificationPort = UInt32(record.notificationPort)
            info.maximumMessageSize = record.maximumMessageSize
            info.engineID = record.engineID
            info.retransmitMode = instance.isRetransmitting ? 1 : 0
            info.policyTimeout = record.timeout
            info.policyRetry = record.retries
            info.actualTimeout = record.actualTimeout
            info.actualRetry = record.actualRetries
            return (info, record.link)
        }
        guard info.engineID.isEmpty, let link, link.version == .v3 else { return info }
        var discovered = info
        discovered.engineID = link.target.engineID.octets
        return discovered
    }

    // MARK: Contexts

    /// Makes a context with all its properties (SnmpCreateContext).
    /// Throws `sessionInvalid`, `contextInvalid`, `modeInvalid`, `engineInvalid`, `operationInvalid` for protocols and
    /// levels that don't go together, `sizeInvalid` for keys of a wrong length.
    public func createContext(_ session: SessionHandle, _ info: ContextInfo) throws(SNMPAPIError) -> ContextHandle {
        try sessionIsValid(session)
        let context = ContextRecord([])
        do throws(Refusal) {
            try apply(info, to: context)
        } catch {
            throw failing(error.error, session: session, error.text)
        }
        return try add(context, to: session)
    }

    /// Changes all properties of a context (SnmpSetContextInfo) for messages from now on.
    /// Throws `contextInvalid`, and what `createContext` throws.
    public func setContextInfo(_ context: ContextHandle, _ info: ContextInfo) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.contexts[context.rawValue] else { throw fail(.contextInvalid) }
            do throws(Refusal) {
                try apply(info, to: record)
            } catch {
                throw fail(
                    error.error, error.text, in: instance.owner(of: context.rawValue, in: instance.contexts))
            }
        }
    }

    private func apply(_ info: ContextInfo, to context: ContextRecord) throws(Refusal) {
        let name = info.friendlyName.isEmpty ? nil : String(decoding: info.friendlyName, as: UTF8.self)
        switch (info.version, info.securityModel) {
        case (0, 0), (0, 1), (1, 0), (1, 2):
            guard !info.securityName.isEmpty else { throw Refusal(.contextInvalid, "a community of no octets") }
            context.octets = info.securityName
            context.user = nil
        case (3, 0), (3, 3):
            context.user = UserContext(
                credentials: try WinSNMPLibrary.credentials(info), contextName: info.contextName,
                contextEngineID: try WinSNMPLibrary.engineID(info.contextEngineID), info: info)
            context.octets = info.contextName
        default:
            throw Refusal(.modeInvalid, "version \(info.version) with security model \(info.securityModel)")
        }
        context.friendlyName = name
        context.revision += 1
    }

    private static func engineID(_ octets: [UInt8]) throws(Refusal) -> EngineID {
        guard octets.isEmpty || (5...32).contains(octets.count) else {
            throw Refusal(.engineInvalid, "an engine ID has 5 to 32 octets")
        }
        return EngineID(octets)
    }

    private static func credentials(_ info: ContextInfo) throws(Refusal) -> USMCredentials {
        let user = String(decoding: info.securityName, as: UTF8.self)
        let auth = authProtocol(info.authProtocol)
        let priv = privProtocol(info.privProtocol)
        do throws(SecurityError) {
            switch (info.securityLevel, auth, priv) {
            case (0, _, _): return try USMCredentials(userName: user)
            case (1, let auth?, _):
                return try USMCredentials(
                    userName: user, auth: auth, authKey: .masterKey(SecretBytes(info.authKey)))
            case (3, let auth?, let priv?):
                return try USMCredentials(
                    userName: user, auth: auth, authKey: .masterKey(SecretBytes(info.authKey)), priv: priv,
                    privKey: .masterKey(SecretBytes(info.privKey)))
            default: break
            }
        } catch {
            throw Refusal(error == .userNameLengthInvalid ? .contextInvalid : .sizeInvalid, "\(error)")
        }
        throw Refusal(
            .operationInvalid,
            "level \(info.securityLevel) with protocols \(info.authProtocol) and \(info.privProtocol)")
    }

    private static func authProtocol(_ number: UInt32) -> AuthProtocol? {
        switch number {
        case 2: .hmacMD5
        case 3: .hmacSHA1
        case 4: .hmacSHA224
        case 5: .hmacSHA256
        case 6: .hmacSHA384
        case 7: .hmacSHA512
        default: nil
        }
    }

    private static func privProtocol(_ number: UInt32) -> PrivProtocol? {
        switch number {
        case 2: .des
        case 3: .tripleDES
        case 4: .aes128
        case 5: .aes192
        case 6: .aes256
        default: nil
        }
    }

    /// All properties of a context (SnmpGetContextInfo), keys included. Throws `contextInvalid`.
    public func contextInfo(_ context: ContextHandle) throws(SNMPAPIError) -> ContextInfo {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.contexts[context.rawValue] else { throw fail(.contextInvalid) }
            var info = record.user?.info ?? ContextInfo()
            if record.user == nil {
                info.securityName = record.octets
                info.version = instance.translateMode == .untranslatedV2 ? 1 : 0
                info.securityModel = info.version + 1
            }
            info.context = context
            if let owner = instance.owner(of: context.rawValue, in: instance.contexts) {
                info.session = owner.handle
            }
            info.translateMode = record.user == nil ? info.version + 1 : 3
            info.friendlyName = record.friendlyName.map { Array($0.utf8) } ?? []
            return info
        }
    }

    // MARK: Keys

    /// The key that a password makes (SnmpPasswordToKey): Ku of RFC 3414, A.2, not localized, as long as the digest of
    /// the authentication protocol `number`. Takes milliseconds.
    /// Throws `sizeInvalid` for passwords of less than eight octets, `modeInvalid` for unknown protocols.
    public func passwordToKey(_ password: [UInt8], protocol number: Int32) throws(SNMPAPIError) -> [UInt8] {
        try requireInitialized()
        guard let auth = UInt32(exactly: number).flatMap(WinSNMPLibrary.authProtocol) else {
            throw failing(.modeInvalid, "authentication protocol \(number)")
        }
        do throws(SecurityError) {
            let key = try KeyDerivation.masterKey(password: SecretBytes(password), auth: auth)
            return key.withBytes { $0.octets(0..<$0.byteCount) }
        } catch {
            throw failing(error == .passwordTooShort ? .sizeInvalid : .otherError, "\(error)")
        }
    }
}
