// Layer: SNMPSecurity. Uses: KeyDerivation, SecretBytes. Used by: LocalizedKeys, engines, command line.
// What a person configures for one SNMPv3 user; independent of any engine until keys are localized.

/// Whether messages are signed and encrypted (RFC 3411, 3.4.3). Ordered from weak to strong.
public enum SecurityLevel: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    /// Neither signed nor encrypted.
    case noAuthNoPriv
    /// Signed.
    case authNoPriv
    /// Signed and encrypted.
    case authPriv

    /// Orders by strength.
    public static func < (a: SecurityLevel, b: SecurityLevel) -> Bool { a.rawValue < b.rawValue }
}

extension SecurityLevel: CustomStringConvertible {
    /// The standard's own spelling.
    public var description: String {
        switch self {
        case .noAuthNoPriv: "noAuthNoPriv"
        case .authNoPriv: "authNoPriv"
        case .authPriv: "authPriv"
        }
    }
}

/// Where a key comes from. Prints its kind, never its octets.
public struct KeySource: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How far the derivation has gone already.
    public enum Kind: Sendable, Hashable {
        /// A password: hashed to a master key, then localized.
        case password
        /// A master key Ku, of the digest's length: localized for each engine.
        case masterKey
        /// A key localized for one engine already: used as it is, whatever the engine.
        case localizedKey
    }

    /// What `secret` is.
    public let kind: Kind

    /// The password's or the key's octets.
    public let secret: SecretBytes

    /// A password of at least eight octets (RFC 3414, 11.2); taken as UTF-8.
    public static func password(_ text: String) -> KeySource { .password(SecretBytes(utf8: text)) }

    /// A password of at least eight octets (RFC 3414, 11.2).
    public static func password(_ secret: SecretBytes) -> KeySource { KeySource(kind: .password, secret: secret) }

    /// A master key (Ku).
    public static func masterKey(_ secret: SecretBytes) -> KeySource { KeySource(kind: .masterKey, secret: secret) }

    /// A localized key (Kul). For privacy it may have any length from the cipher's need upwards, or the digest's
    /// length, from which it is extended.
    public static func localizedKey(_ secret: SecretBytes) -> KeySource {
        KeySource(kind: .localizedKey, secret: secret)
    }

    /// The kind in words.
    public var description: String {
        switch kind {
        case .password: "<password>"
        case .masterKey: "<master key>"
        case .localizedKey: "<localized key>"
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }
}

/// A user of the user-based security model, as configured: name, protocols, and passwords or keys.
///
/// Printed forms show the user name and the protocols, never passwords or keys.
public struct USMCredentials: Equatable, Sendable {
    /// Protocol and key for signing.
    public struct Authentication: Equatable, Sendable {
        /// The protocol.
        public let auth: AuthProtocol
        /// Where its key comes from.
        public let key: KeySource
    }

    /// Protocol and key for encrypting.
    public struct Privacy: Equatable, Sendable {
        /// The protocol.
        public let priv: PrivProtocol
        /// Where its key comes from; derived with the hash of the authentication protocol.
        public let key: KeySource
        /// The dialect to lengthen keys with, or nil to find it by trying `candidateKeyExtensions`.
        public let keyExtension: KeyExtension?
    }

    /// Longest user name, in octets (RFC 3414, `usmUserName`).
    public static let maximumUserNameByteCount = 32

    /// The user name's octets, 1 to 32; also the security name.
    public let userName: [UInt8]

    /// Nil without authentication.
    public let authentication: Authentication?

    /// Nil without privacy; always nil without authentication.
    public let privacy: Privacy?

    /// A user that neither signs nor encrypts. Throws `userNameLengthInvalid`.
    public init(userName: String) throws(SecurityError) {
        try self.init(userName, nil, nil)
    }

    /// A user that signs. Throws `userNameLengthInvalid`, `passwordTooShort`, `keyLengthInvalid`.
    public init(userName: String, auth: AuthProtocol, authKey: KeySource) throws(SecurityError) {
        try self.init(userName, Authentication(auth: auth, key: authKey), nil)
    }

    /// A user that signs and encrypts. Throws `userNameLengthInvalid`, `passwordTooShort`, `keyLengthInvalid`.
    public init(
        userName: String, auth: AuthProtocol, authKey: KeySource, priv: PrivProtocol, privKey: KeySource,
        keyExtension: KeyExtension? = nil
    ) throws(SecurityError) {
        try self.init(
            userName, Authentication(auth: auth, key: authKey),
            Privacy(priv: priv, key: privKey, keyExtension: keyExtension))
    }

    private init(_ name: String, _ authentication: Authentication?, _ privacy: Privacy?) throws(SecurityError) {
        userName = Array(name.utf8)
        self.authentication = authentication
        self.privacy = privacy
        guard (1...Self.maximumUserNameByteCount).contains(userName.count) else { throw .userNameLengthInvalid }
        guard let authentication else { return }
        let digestByteCount = authentication.auth.digestByteCount
        try Self.check(authentication.key, digestByteCount, localizedKeyIsUsable: { $0 == digestByteCount })
        guard let privacy else { return }
        let needed = privacy.priv.keyByteCount
        try Self.check(
            privacy.key, digestByteCount, localizedKeyIsUsable: { $0 >= needed || $0 == digestByteCount })
    }

    private static func check(
        _ source: KeySource, _ digestByteCount: Int, localizedKeyIsUsable: (Int) -> Bool
    ) throws(SecurityError) {
        let count = source.secret.byteCount
        switch source.kind {
        case .password: if count < KeyDerivation.minimumPasswordByteCount { throw .passwordTooShort }
        case .masterKey: if count != digestByteCount { throw .keyLengthInvalid }
        case .localizedKey: if !localizedKeyIsUsable(count) { throw .keyLengthInvalid }
        }
    }

    /// The strongest level these credentials allow.
    public var securityLevel: SecurityLevel {
        if privacy != nil { return .authPriv }
        return authentication != nil ? .authNoPriv : .noAuthNoPriv
    }

    /// The dialects to try in turn against an engine that does not understand our encryption; empty when there is
    /// only one way. Blumenthal comes first, because Net-SNMP and most of its descendants use it.
    public var candidateKeyExtensions: [KeyExtension] {
        guard let authentication, let privacy else { return [] }
        let all = privacy.priv.keyExtensions(with: authentication.auth)
        // A localized key long enough as given needs no extension.
        if privacy.key.kind == .localizedKey, privacy.key.secret.byteCount >= privacy.priv.keyByteCount { return [] }
        guard !all.isEmpty, let fixed = privacy.keyExtension else { return all }
        return [fixed]
    }
}

extension USMCredentials: CustomStringConvertible, CustomDebugStringConvertible {
    /// User name and protocols, such as `monitor (SHA-256, AES-256 reeder)`.
    public var description: String {
        var text = String(decoding: userName, as: UTF8.self)
        if let authentication {
            text += " (\(authentication.auth)"
            if let privacy {
                text += ", \(privacy.priv)"
                if let dialect = privacy.keyExtension { text += " \(dialect)" }
            }
            text += ")"
        }
        return text
    }

    /// The same as `description`.
    public var debugDescription: String { description }
}
