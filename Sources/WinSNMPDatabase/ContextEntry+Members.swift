// Layer: WinSNMPDatabase. Uses: MemberReader. Used by: JSONDatabase, encoders.
// A context's members in the database's file.

import JSON
import SNMPSecurity

extension ContextEntry {
    /// The members that this type knows, in the order in which they are written.
    static let members = [
        "name", "community", "user", "contextName", "contextEngineID", "level", "auth", "authPassword", "priv",
        "keyExtension", "privPassword",
    ]

    init(_ members: MemberReader) throws(MemberError) {
        let name = try members.string("name")
        let community = try members.credential("community")
        let user = try ContextUser(members)
        switch (community, user) {
        case (let community?, nil): self.init(name: name, kind: .community(community))
        case (nil, let user?): self.init(name: name, kind: .user(user))
        case (nil, nil): throw members.failure("community", "one of the members \"community\" and \"user\" is needed")
        default: throw members.failure("user", "a context has a community or a user, not both; remove one")
        }
        do throws(RuleViolation) { try check() } catch { throw members.failure(error.member, error.problem) }
    }

    var node: JSONNode {
        var fields = [JSONNode.Field("name", .string(name))]
        switch kind {
        case .community(let reference): fields.append(.init("community", reference.node))
        case .user(let user): fields += user.fields
        }
        return JSONNode(.object(fields))
    }
}

extension ContextEntry: Codable {
    /// Reads the members as they stand in the database's file; throws `DecodingError`.
    public init(from decoder: any Decoder) throws {
        self = try decoder.entry { members throws(MemberError) in try ContextEntry(members) }
    }

    /// Writes the members as they stand in the database's file. A community that is a literal is written as it is.
    public func encode(to encoder: any Encoder) throws { try node.encode(to: encoder) }
}

extension ContextUser {
    /// Nil if there is no user.
    fileprivate init?(_ members: MemberReader) throws(MemberError) {
        guard let userName = try members.optionalString("user") else {
            for name in ContextEntry.members.dropFirst(3) where members.member(name) != nil {
                throw members.failure(name, "belongs to an SNMPv3 user, and the member \"user\" is missing")
            }
            return nil
        }
        let auth = try members.word("auth", "MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512", AuthProtocol.init(name:))
        let authPassword = try members.credential("authPassword")
        let priv = try members.word("priv", "DES, 3DES, AES-128, AES-192, AES-256", PrivProtocol.parse(name:))
        let keyExtension = try members.word("keyExtension", "blumenthal, reeder", KeyExtension.init(name:))
        let privPassword = try members.credential("privPassword")
        self.init(
            userName: userName,
            authentication: try Self.pair(auth, authPassword, "auth", members).map { Authentication($0, password: $1) },
            privacy: try Self.pair(priv, privPassword, "priv", members).map { pair, password in
                Privacy(pair.priv, keyExtension ?? pair.keyExtension, password: password)
            })
        contextName = try members.optionalString("contextName") ?? ""
        contextEngineID = try members.engineID("contextEngineID")
        let levels = SecurityLevel.allCases
        securityLevel =
            try members.word("level", levels.map(\.description).joined(separator: ", ")) { text in
                levels.first { $0.description.lowercased() == text.lowercased() }
            } ?? securityLevel
    }

    /// A protocol and its password; none or both.
    private static func pair<Value>(
        _ value: Value?, _ password: CredentialReference?, _ name: String, _ members: MemberReader
    ) throws(MemberError) -> (Value, CredentialReference)? {
        switch (value, password) {
        case (nil, nil): return nil
        case (let value?, let password?): return (value, password)
        case (nil, _): throw members.failure(name, "the protocol is missing beside \"\(name)Password\"")
        case (_, nil): throw members.failure("\(name)Password", "the password's place is missing beside \"\(name)\"")
        }
    }

    fileprivate var fields: [JSONNode.Field] {
        var fields = [JSONNode.Field("user", .string(userName))]
        if !contextName.isEmpty { fields.append(.init("contextName", .string(contextName))) }
        if let contextEngineID { fields.append(.init("contextEngineID", .string(contextEngineID))) }
        fields.append(.init("level", .string(securityLevel)))
        if let authentication {
            fields.append(.init("auth", .string(authentication.auth)))
            fields.append(.init("authPassword", authentication.password.node))
        }
        if let privacy {
            fields.append(.init("priv", .string(privacy.priv)))
            if let keyExtension = privacy.keyExtension { fields.append(.init("keyExtension", .string(keyExtension))) }
            fields.append(.init("privPassword", privacy.password.node))
        }
        return fields
    }
}
