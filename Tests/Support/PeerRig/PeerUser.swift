// Layer: test support. Used by: SNMPDaemon, TrapDaemon, interoperability tests.
// The SNMPv3 users that the daemons know: one for each pair of protocols that Net-SNMP accepts.

/// An authentication protocol; the raw value is Net-SNMP's name (RFC 3414 section 6-7, RFC 7860).
public enum PeerAuth: String, CaseIterable, Sendable {
    case none = ""
    case md5 = "MD5"
    case sha1 = "SHA"
    case sha224 = "SHA-224"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"
}

/// A privacy protocol; the raw value is Net-SNMP's name (RFC 3414 section 8, RFC 3826).
public enum PeerPriv: String, CaseIterable, Sendable {
    case none = ""
    case des = "DES"
    case aes128 = "AES"
    /// Key extended after Blumenthal's draft.
    case aes192 = "AES-192"
    /// Key extended after Blumenthal's draft.
    case aes256 = "AES-256"
    /// Key extended after Reeder's draft, the way of Cisco's devices.
    case aes192Reeder = "AES-192-C"
    /// Key extended after Reeder's draft, the way of Cisco's devices.
    case aes256Reeder = "AES-256-C"
}

/// A user of the user-based security model, as configured in the rig's daemons.
public struct PeerUser: Hashable, Sendable, CustomStringConvertible {
    /// Its authentication protocol.
    public let auth: PeerAuth
    /// Its privacy protocol; needs authentication.
    public let priv: PeerPriv

    /// The user of this pair of protocols.
    public init(auth: PeerAuth, priv: PeerPriv) {
        precondition(auth != .none || priv == .none, "privacy needs authentication")
        self.auth = auth
        self.priv = priv
    }

    /// The securityName, such as `sha256-aes256reeder`. In the daemons it may use no lower security level than its own.
    public var name: String { "\(auth)-\(priv)".lowercased() }

    /// The password behind the authentication key.
    public var authPassword: String { "auth of \(auth)" }

    /// The password behind the privacy key.
    public var privPassword: String { "priv of \(priv)" }

    /// `noAuthNoPriv`, `authNoPriv` or `authPriv`.
    public var level: String { auth == .none ? "noAuthNoPriv" : priv == .none ? "authNoPriv" : "authPriv" }

    public var description: String { name }

    /// Every user that the daemons know: one without authentication, then all protocols by all protocols.
    public static let all: [PeerUser] =
        [PeerUser(auth: .none, priv: .none)]
        + PeerAuth.allCases.filter { $0 != .none }.flatMap { auth in
            PeerPriv.allCases.map { priv in PeerUser(auth: auth, priv: priv) }
        }

    /// The same user for another engine, as a line of a daemon's configuration.
    func createLine(engineID: String? = nil) -> String {
        var line = "createUser" + (engineID.map { " -e 0x\($0)" } ?? "") + " \(name)"
        if auth != .none { line += " \(auth.rawValue) \"\(authPassword)\"" }
        if priv != .none { line += " \(priv.rawValue) \"\(privPassword)\"" }
        return line
    }

    /// The level's name in `rwuser` and `authUser` lines.
    var configurationLevel: String { auth == .none ? "noauth" : priv == .none ? "auth" : "priv" }
}

/// Who asks: the version of SNMP and its credentials, as Net-SNMP's tools take them.
public enum PeerCredentials: Sendable {
    case v1(community: String)
    case v2c(community: String)
    case v3(PeerUser)

    /// The tools' options for these credentials.
    public var arguments: [String] {
        switch self {
        case .v1(let community): return ["-v", "1", "-c", community]
        case .v2c(let community): return ["-v", "2c", "-c", community]
        case .v3(let user):
            var arguments = ["-v", "3", "-l", user.level, "-u", user.name]
            if user.auth != .none { arguments += ["-a", user.auth.rawValue, "-A", user.authPassword] }
            if user.priv != .none { arguments += ["-x", user.priv.rawValue, "-X", user.privPassword] }
            return arguments
        }
    }
}
