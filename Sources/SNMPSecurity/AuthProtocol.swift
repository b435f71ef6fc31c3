// Layer: SNMPSecurity. Used by: key derivation, Authenticator, USMCredentials, command line.
// The authentication protocols of the user-based security model, their sizes, and the names people type.

/// An authentication protocol of the user-based security model (RFC 3414, 6 and 7; RFC 7860).
public enum AuthProtocol: UInt8, Sendable, Hashable, CaseIterable {
    /// HMAC-MD5-96 (RFC 3414, 6).
    case hmacMD5
    /// HMAC-SHA-96 (RFC 3414, 7).
    case hmacSHA1
    /// HMAC-SHA-224 cut to 128 bits (RFC 7860).
    case hmacSHA224
    /// HMAC-SHA-256 cut to 192 bits (RFC 7860).
    case hmacSHA256
    /// HMAC-SHA-384 cut to 256 bits (RFC 7860).
    case hmacSHA384
    /// HMAC-SHA-512 cut to 384 bits (RFC 7860).
    case hmacSHA512

    /// Octets of the hash's digest, which is also the length of master and localized keys.
    public var digestByteCount: Int {
        switch self {
        case .hmacMD5: 16
        case .hmacSHA1: 20
        case .hmacSHA224: 28
        case .hmacSHA256: 32
        case .hmacSHA384: 48
        case .hmacSHA512: 64
        }
    }

    /// Octets of `msgAuthenticationParameters`: the HMAC cut to the protocol's length.
    public var macByteCount: Int {
        switch self {
        case .hmacMD5, .hmacSHA1: 12
        case .hmacSHA224: 16
        case .hmacSHA256: 24
        case .hmacSHA384: 32
        case .hmacSHA512: 48
        }
    }

    /// Last arc of the protocol's name below `snmpAuthProtocols`, 1.3.6.1.6.3.10.1.1 (RFC 3411; RFC 7860, 9).
    public var lastArc: UInt32 { UInt32(rawValue) + 2 }

    /// The protocol whose name ends in `lastArc`, or nil.
    public init?(lastArc: UInt32) {
        guard let match = Self.allCases.first(where: { $0.lastArc == lastArc }) else { return nil }
        self = match
    }

    /// The hash underneath.
    var digestAlgorithm: CryptoAlgorithm {
        switch self {
        case .hmacMD5: .md5
        case .hmacSHA1: .sha1
        case .hmacSHA224: .sha224
        case .hmacSHA256: .sha256
        case .hmacSHA384: .sha384
        case .hmacSHA512: .sha512
        }
    }
}

extension AuthProtocol: CustomStringConvertible {
    /// The name as configuration files write it: `MD5`, `SHA-1`, `SHA-224` ...
    public var description: String {
        switch self {
        case .hmacMD5: "MD5"
        case .hmacSHA1: "SHA-1"
        case .hmacSHA224: "SHA-224"
        case .hmacSHA256: "SHA-256"
        case .hmacSHA384: "SHA-384"
        case .hmacSHA512: "SHA-512"
        }
    }

    /// Reads a name as people and other tools type it, without regard to case or hyphens:
    /// `MD5`, `SHA`, `SHA1`, `SHA-1`, `sha224`, `SHA-256` ... Nil when it names nothing.
    public init?(name: String) {
        switch foldedProtocolName(name) {
        case "MD5": self = .hmacMD5
        case "SHA", "SHA1": self = .hmacSHA1
        case "SHA224": self = .hmacSHA224
        case "SHA256": self = .hmacSHA256
        case "SHA384": self = .hmacSHA384
        case "SHA512": self = .hmacSHA512
        default: return nil
        }
    }
}

/// `name` in upper case and without hyphens and underscores, so that every usual spelling compares equal.
func foldedProtocolName(_ name: String) -> String {
    String(name.uppercased().filter { $0 != "-" && $0 != "_" })
}
