// Layer: SNMPSecurity. Used by: key derivation, PrivacyCipher, USMCredentials, command line.
// The privacy protocols of the user-based security model and the two dialects that lengthen keys for them.

/// A privacy (encryption) protocol of the user-based security model.
///
/// DES is RFC 3414, 8; AES with 128 bits is RFC 3826. The rest never became a standard but is in wide use:
/// 3DES (draft-reeder-snmpv3-usm-3desede-00), AES with 192 and 256 bits (draft-blumenthal-aes-usm-04).
public enum PrivProtocol: UInt8, Sendable, Hashable, CaseIterable {
    /// CBC-DES.
    case des
    /// CBC-3DES-EDE with three keys.
    case tripleDES
    /// CFB128-AES with a 128-bit key.
    case aes128
    /// CFB128-AES with a 192-bit key.
    case aes192
    /// CFB128-AES with a 256-bit key.
    case aes256

    /// Octets taken from the localized key: the cipher's key, followed by the pre-IV for DES and 3DES.
    public var keyByteCount: Int {
        switch self {
        case .des, .aes128: 16
        case .aes192: 24
        case .tripleDES, .aes256: 32
        }
    }

    /// Plaintext is padded to a multiple of this many octets: 8 for DES and 3DES, 1 for AES.
    public var blockByteCount: Int {
        switch self {
        case .des, .tripleDES: 8
        case .aes128, .aes192, .aes256: 1
        }
    }

    /// The protocol's full name as arcs.
    ///
    /// DES, 3DES and AES-128 lie below `snmpPrivProtocols`, 1.3.6.1.6.3.10.1.2. AES with 192 and 256 bits has
    /// private names, and a different one for each dialect: that of the Blumenthal draft, and Cisco's for Reeder.
    public func objectIdentifierArcs(_ keyExtension: KeyExtension = .blumenthal) -> [UInt32] {
        switch (self, keyExtension) {
        case (.des, _): [1, 3, 6, 1, 6, 3, 10, 1, 2, 2]
        case (.tripleDES, _): [1, 3, 6, 1, 6, 3, 10, 1, 2, 3]
        case (.aes128, _): [1, 3, 6, 1, 6, 3, 10, 1, 2, 4]
        case (.aes192, .blumenthal): [1, 3, 6, 1, 4, 1, 14832, 1, 3]
        case (.aes256, .blumenthal): [1, 3, 6, 1, 4, 1, 14832, 1, 4]
        case (.aes192, .reeder): [1, 3, 6, 1, 4, 1, 9, 12, 6, 1, 1]
        case (.aes256, .reeder): [1, 3, 6, 1, 4, 1, 9, 12, 6, 1, 2]
        }
    }

    /// The salt to send with the message number `counter`, for the caller to increment from a random start.
    ///
    /// DES and 3DES put the engine boots before a 32-bit counter (RFC 3414, 8.1.1.1); AES takes all 64 bits
    /// (RFC 3826, 3.1.2.1). The result's big-endian octets are `msgPrivacyParameters`.
    public func salt(counter: UInt64, engineBoots: UInt32) -> UInt64 {
        switch self {
        case .des, .tripleDES: UInt64(engineBoots) << 32 | counter & 0xFFFF_FFFF
        case .aes128, .aes192, .aes256: counter
        }
    }

    /// The key extensions under which `auth` and this protocol give different keys: both when the digest is
    /// shorter than an AES key, none when there is only one way (3DES always chains as its draft says).
    public func keyExtensions(with auth: AuthProtocol) -> [KeyExtension] {
        switch self {
        case .des, .tripleDES, .aes128: []
        case .aes192, .aes256: auth.digestByteCount < keyByteCount ? KeyExtension.allCases : []
        }
    }
}

/// How a localized key that is shorter than the cipher needs is made longer.
public enum KeyExtension: UInt8, Sendable, Hashable, CaseIterable {
    /// Append the hash of the key so far (draft-blumenthal-aes-usm-04, 3.1.2.1); Net-SNMP's `AES-256`.
    case blumenthal
    /// Use the localized key as a password, localize again and append (draft-reeder-snmpv3-usm-3desede-00, 2.1);
    /// Cisco's way, often written `AES256C`. Costs one 1 MB hash per engine.
    case reeder
}

extension PrivProtocol: CustomStringConvertible {
    /// The name as configuration files write it: `DES`, `3DES`, `AES-128`, `AES-192`, `AES-256`.
    public var description: String {
        switch self {
        case .des: "DES"
        case .tripleDES: "3DES"
        case .aes128: "AES-128"
        case .aes192: "AES-192"
        case .aes256: "AES-256"
        }
    }

    /// Reads a name as people and other tools type it, without regard to case or hyphens: `DES`, `3DES`, `AES`,
    /// `AES128`, `AES-192`, `AES-256-C`, `AES256C` ... Nil when it names nothing.
    ///
    /// The suffix `C` of AES-192 and AES-256 sets the extension to Reeder; without it the extension is nil,
    /// which leaves it open.
    public static func parse(name: String) -> (priv: PrivProtocol, keyExtension: KeyExtension?)? {
        switch foldedProtocolName(name) {
        case "DES": (.des, nil)
        case "3DES", "3DESEDE", "DES3": (.tripleDES, nil)
        case "AES", "AES128": (.aes128, nil)
        case "AES192": (.aes192, nil)
        case "AES256": (.aes256, nil)
        case "AES192C", "AES192CISCO": (.aes192, .reeder)
        case "AES256C", "AES256CISCO": (.aes256, .reeder)
        default: nil
        }
    }
}

extension KeyExtension: CustomStringConvertible {
    /// `blumenthal` or `reeder`.
    public var description: String {
        switch self {
        case .blumenthal: "blumenthal"
        case .reeder: "reeder"
        }
    }

    /// Reads a name without regard to case: `blumenthal`, `reeder`, or `cisco` for the latter.
    public init?(name: String) {
        switch foldedProtocolName(name) {
        case "BLUMENTHAL": self = .blumenthal
        case "REEDER", "CISCO": self = .reeder
        default: return nil
        }
    }
}
