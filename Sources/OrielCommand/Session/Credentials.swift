// Layer: OrielCommand/Session. Uses: SNMPSecurity, Secret. Used by: Session, listeners, agents.
// From options and environment to credentials, with the defaults that spare typing.

import PlatformIO
import SNMPCodec
import SNMPEngine
import SNMPSecurity

extension SecretBytes {
    /// The octets in the clear, for communities.
    var octets: [UInt8] { withBytes { $0.octets(0..<$0.byteCount) } }
}

extension SessionSettings {
    /// The version: as given, else 3 with a user and 2c without.
    var effectiveVersion: SNMPVersion { version ?? (user == nil ? .v2c : .v3) }

    /// Version and credentials.
    func security(_ console: Console) throws(CommandError) -> TargetSecurity {
        switch effectiveVersion {
        case .v1, .v2c:
            if user != nil { throw CommandError(.usage, "-u names an SNMPv3 user; leave out -v or take -v 3") }
            let octets = try communityOctets(console)
            return effectiveVersion == .v1 ? .v1(community: octets) : .v2c(community: octets)
        case .v3:
            guard let user else { throw CommandError(.usage, "SNMPv3 needs a user: -u USER") }
            if community != nil { throw CommandError(.usage, "-c is for v1 and v2c; SNMPv3 has -u, -A and -X") }
            return .v3(
                try credentials(of: user, console), contextName: Array(context.utf8),
                contextEngineID: contextEngineID ?? .empty)
        }
    }

    private func communityOctets(_ console: Console) throws(CommandError) -> [UInt8] {
        let given = community ?? console.environment("ORIEL_COMMUNITY").map { Secret(argument: $0) }
        return try given?.resolved().octets ?? Array("public".utf8)
    }

    /// A user with the protocols and passwords of the options, or of the environment.
    func credentials(of user: String, _ console: Console) throws(CommandError) -> USMCredentials {
        var authSecret = authPassword ?? console.environment("ORIEL_AUTH_PASSWORD").map { Secret(argument: $0) }
        var privSecret = privPassword ?? console.environment("ORIEL_PRIV_PASSWORD").map { Secret(argument: $0) }
        switch level {
        case "noauthnopriv": (authSecret, privSecret) = (nil, nil)
        case "authnopriv":
            guard authSecret != nil else { throw Self.missing("-l authNoPriv", "-A", "ORIEL_AUTH_PASSWORD") }
            privSecret = nil
        case "authpriv":
            guard authSecret != nil else { throw Self.missing("-l authPriv", "-A", "ORIEL_AUTH_PASSWORD") }
            // As net-snmp does, one password may serve for both only when it is given twice.
            guard privSecret != nil else { throw Self.missing("-l authPriv", "-X", "ORIEL_PRIV_PASSWORD") }
        default:
            if auth != nil, authSecret == nil { throw Self.missing("-a", "-A", "ORIEL_AUTH_PASSWORD") }
            if priv != nil, privSecret == nil { throw Self.missing("-x", "-X", "ORIEL_PRIV_PASSWORD") }
            if privSecret != nil, authSecret == nil { throw Self.missing("-X", "-A", "ORIEL_AUTH_PASSWORD") }
        }
        return try Self.credentials(user, auth, try authSecret?.resolved(), priv, try privSecret?.resolved())
    }

    private static func missing(_ option: String, _ password: String, _ variable: String) -> CommandError {
        CommandError(.usage, "\(option) needs a password too: \(password) PASSWORD, or \(variable)")
    }

    /// A user from `NAME[,AUTH,PASSWORD[,PRIV,PASSWORD]]`; a name alone takes what the other options say.
    func credentials(description text: String, _ console: Console) throws(CommandError) -> USMCredentials {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: return try credentials(of: text, console)
        case 3, 5:
            let authSecret = try Secret(argument: parts[2]).resolved()
            let privSecret = parts.count == 5 ? try Secret(argument: parts[4]).resolved() : nil
            return try Self.credentials(parts[0], parts[1], authSecret, parts.count == 5 ? parts[3] : nil, privSecret)
        default:
            throw CommandError(
                .usage,
                "--user takes NAME, NAME,AUTH,PASSWORD or NAME,AUTH,PASSWORD,PRIV,PASSWORD;"
                    + " a password with a comma is read from a file with @FILE")
        }
    }

    private static func credentials(
        _ user: String, _ auth: String?, _ authSecret: SecretBytes?, _ priv: String?, _ privSecret: SecretBytes?
    ) throws(CommandError) -> USMCredentials {
        guard let authProtocol = AuthProtocol(name: auth ?? "SHA") else {
            throw CommandError(.usage, "unknown authentication protocol \"\(auth ?? "")\"; take MD5, SHA, SHA-256 ...")
        }
        guard let (privProtocol, keyExtension) = PrivProtocol.parse(name: priv ?? "AES") else {
            throw CommandError(.usage, "unknown privacy protocol \"\(priv ?? "")\"; take DES, AES, AES-256 ...")
        }
        do throws(SecurityError) {
            guard let authSecret else { return try USMCredentials(userName: user) }
            guard let privSecret else {
                return try USMCredentials(userName: user, auth: authProtocol, authKey: .password(authSecret))
            }
            return try USMCredentials(
                userName: user, auth: authProtocol, authKey: .password(authSecret), priv: privProtocol,
                privKey: .password(privSecret), keyExtension: keyExtension)
        } catch {
            switch error {
            case .passwordTooShort:
                throw CommandError(.usage, "an SNMPv3 password has at least 8 octets (user \(user))")
            case .userNameLengthInvalid: throw CommandError(.usage, "an SNMPv3 user name has 1 to 32 octets")
            default: throw CommandError(.localFailure, "the keys of user \(user) can't be made: \(error)")
            }
        }
    }
}
