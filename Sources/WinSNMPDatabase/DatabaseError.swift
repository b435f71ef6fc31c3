// Layer: WinSNMPDatabase. Used by: everything here, WinSNMP, the command.
// What can go wrong with the database, in sentences that name the place and say what to do. No case carries a secret.

public import PlatformIO
public import SNMPSecurity

/// Why the database could not be read or changed, or a credential not be had.
public enum DatabaseError: Error, Equatable, Sendable {
    /// The file could not be read, locked or written.
    case file(IOError)
    /// The file is longer than `JSONDatabase.maximumByteCount`.
    case tooLong(file: String)
    /// Users other than its owner and group may write the file, and so choose where credentials are sent.
    case writableByOthers(file: String)
    /// The file does not hold what it should.
    /// - Parameters:
    ///   - line: the line, from 1.
    ///   - member: the member's path, such as `entities[2].requestPort`, counted from 0; empty for the whole file.
    ///   - problem: what is wrong, and what is expected.
    case malformed(file: String, line: Int, member: String, problem: String)
    /// An entry can't be stored because of one of its members.
    case invalid(entry: String, member: String, problem: String)
    /// A secret could not be had from where it should be; `source` names the variable or file.
    case secret(source: String, problem: String)
    /// A context's user could not be made; `context` is its friendly name.
    case security(SecurityError, context: String)
    /// An entity's address could not be found.
    case address(ResolutionError, entity: String)
}

extension DatabaseError: CustomStringConvertible {
    /// One line: what, where, why, and what to do.
    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .tooLong(let file):
            return "\(file) is longer than \(JSONDatabase.maximumByteCount >> 20) MiB;"
                + " name another file or remove entries"
        case .writableByOthers(let file):
            return "\(file) may be written by every user of this machine; take that away: chmod go-w '\(file)'"
        case .malformed(let file, let line, let member, let problem):
            return "\(file), line \(line)\(member.isEmpty ? "" : ", \(member)"): \(problem)"
        case .invalid(let entry, let member, let problem): return "\(entry): \(member): \(problem)"
        case .secret(let source, let problem): return "\(source): \(problem)"
        case .security(let error, let context):
            switch error {
            case .passwordTooShort: return "\(context): an SNMPv3 password has at least 8 octets"
            case .userNameLengthInvalid: return "\(context): an SNMPv3 user name has 1 to 32 octets"
            default: return "\(context): the user's keys can't be made: \(error)"
            }
        case .address(let error, let entity): return "\(entity): \(error)"
        }
    }
}
