// Layer: WinSNMPDatabase. Uses: Rules, MemberReader, CredentialReference. Used by: the databases, WinSNMP, the command.
// A context of the administrative database: what stands behind a friendly name that SnmpStrToContext gets.

public import SNMPCodec
public import SNMPSecurity

/// Credentials under a friendly name, without the secrets themselves.
public struct ContextEntry: Hashable, Sendable {
    /// The two kinds of credentials.
    public enum Kind: Hashable, Sendable {
        /// A community, for SNMPv1 and SNMPv2c.
        case community(CredentialReference)
        /// A user, for SNMPv3.
        case user(ContextUser)
    }

    /// The friendly name: 1 to 255 octets of UTF-8 without control characters. Names differ by upper and lower case.
    public var name: String
    /// The credentials.
    public var kind: Kind

    /// A context.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// Fetches the secrets and makes the credentials. Reads files; derives no keys yet, which costs time later.
    /// Throws `DatabaseError.secret`, `.file`, `.security` and, for an entry made by hand, `.invalid`.
    public func security() throws(DatabaseError) -> ContextSecurity {
        try validate()
        switch kind {
        case .community(let reference):
            return .community(try reference.secret(of: name, .community).withBytes { $0.octets(0..<$0.byteCount) })
        case .user(let user):
            return .user(
                try credentials(of: user), contextName: Array(user.contextName.utf8),
                contextEngineID: user.contextEngineID ?? .empty)
        }
    }

    /// Only the secrets that the level needs are fetched.
    private func credentials(of user: ContextUser) throws(DatabaseError) -> USMCredentials {
        let signing = user.securityLevel >= .authNoPriv ? user.authentication : nil
        let encrypting = user.securityLevel == .authPriv ? user.privacy : nil
        let authSecret = try signing?.password.secret(of: name, .authPassword)
        let privSecret = try encrypting?.password.secret(of: name, .privPassword)
        do throws(SecurityError) {
            guard let signing, let authSecret else { return try USMCredentials(userName: user.userName) }
            guard let encrypting, let privSecret else {
                return try USMCredentials(
                    userName: user.userName, auth: signing.auth, authKey: .password(authSecret))
            }
            return try USMCredentials(
                userName: user.userName, auth: signing.auth, authKey: .password(authSecret), priv: encrypting.priv,
                privKey: .password(privSecret), keyExtension: encrypting.keyExtension)
        } catch {
            throw .security(error, context: name)
        }
    }

    /// Throws `DatabaseError.invalid` if the entry can't be stored.
    public func validate() throws(DatabaseError) {
        do throws(RuleViolation) { try check() } catch {
            throw .invalid(entry: name, member: error.member, problem: error.problem)
        }
    }

    func check() throws(RuleViolation) {
        try Rules.checkName(name, "name")
        switch kind {
        case .community(let reference): try reference.check("community", isPassword: false)
        case .user(let user): try user.check()
        }
    }
}

/// A user of the user-based security model with a context (RFC 3411, RFC 3414), as the database keeps it.
public struct ContextUser: Hashable, Sendable {
    /// Protocol and password for signing.
    public struct Authentication: Hashable, Sendable {
        /// The protocol.
        public var auth: AuthProtocol
        /// Where the password is; never a literal.
        public var password: CredentialReference

        /// Protocol and password.
        public init(_ auth: AuthProtocol, password: CredentialReference) {
            self.auth = auth
            self.password = password
        }
    }

    /// Protocol and password for encrypting.
    public struct Privacy: Hashable, Sendable {
        /// The protocol.
        public var priv: PrivProtocol
        /// How keys are made longer; nil to find it out.
        public var keyExtension: KeyExtension?
        /// Where the password is; never a literal.
        public var password: CredentialReference

        /// Protocol and password.
        public init(_ priv: PrivProtocol, _ keyExtension: KeyExtension? = nil, password: CredentialReference) {
            self.priv = priv
            self.keyExtension = keyExtension
            self.password = password
        }
    }

    /// The user name, 1 to 32 octets.
    public var userName: String
    /// The context's name on the device, 0 to 255 octets; empty for its default context.
    public var contextName = ""
    /// The engine ID of the context; nil for that of the device.
    public var contextEngineID: EngineID?
    /// Whether messages are signed and encrypted: at most what `authentication` and `privacy` allow.
    public var securityLevel: SecurityLevel
    /// For signing; nil without.
    public var authentication: Authentication?
    /// For encrypting; nil without. Needs `authentication`.
    public var privacy: Privacy?

    /// A user with the highest level that the protocols allow.
    public init(userName: String, authentication: Authentication? = nil, privacy: Privacy? = nil) {
        self.userName = userName
        self.authentication = authentication
        self.privacy = privacy
        securityLevel = Self.highestLevel(authentication, privacy)
    }

    fileprivate static func highestLevel(_ authentication: Authentication?, _ privacy: Privacy?) -> SecurityLevel {
        guard authentication != nil else { return .noAuthNoPriv }
        return privacy == nil ? .authNoPriv : .authPriv
    }

    fileprivate func check() throws(RuleViolation) {
        guard (1...USMCredentials.maximumUserNameByteCount).contains(userName.utf8.count) else {
            throw RuleViolation(member: "user", problem: "an SNMPv3 user name has 1 to 32 octets")
        }
        guard contextName.utf8.count <= 255 else {
            throw RuleViolation(member: "contextName", problem: "a context name has at most 255 octets")
        }
        try Rules.checkEngineID(contextEngineID, "contextEngineID")
        if privacy != nil, authentication == nil {
            throw RuleViolation(member: "auth", problem: "encryption needs an authentication protocol and password too")
        }
        guard securityLevel <= Self.highestLevel(authentication, privacy) else {
            throw RuleViolation(
                member: "level",
                problem: "\(securityLevel) needs the protocol and password of "
                    + (authentication == nil ? "authentication" : "privacy") + " too")
        }
        try authentication?.password.check("authPassword", isPassword: true)
        try privacy?.password.check("privPassword", isPassword: true)
    }
}

/// What a context stands for in a message. Prints no community.
public enum ContextSecurity: Equatable, Sendable {
    /// The octets of a community.
    case community([UInt8])
    /// A user, the context's name in octets, and its engine ID, empty for that of the device.
    case user(USMCredentials, contextName: [UInt8], contextEngineID: EngineID)
}

extension ContextSecurity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<community>`, or the user with its protocols.
    public var description: String {
        switch self {
        case .community: "<community>"
        case .user(let credentials, _, _): credentials.description
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows no community.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
