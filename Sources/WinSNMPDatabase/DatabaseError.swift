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
    /// Users other than its owner and group may write the file or directory, and so choose where credentials are sent.
    case writableByOthers(file: String)
    /// A directory is expected there.
    case noDirectory(path: String)
    /// Another program is changing the database, and did not end within the time to wait.
    case busy(directory: String)
    /// The disk is full. Nothing was changed.
    case full(directory: String)
    /// The database's file is damaged; `problem` says where.
    case damaged(file: String, problem: String)
    /// A newer program made the database.
    case newerFormat(file: String)
    /// The database's engine failed; nothing was changed.
    case engine(file: String, problem: String)
    /// The entries there are another program's to change; `how` says with what.
    case readOnly(entry: String, how: String)
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
        case .noDirectory(let path):
            return "\(path) is no directory; a database is a directory, or a JSON file whose name ends in .json"
        case .busy(let directory):
            return "another program is changing the database in \(directory) and does not end; try again later, or see"
                + " who has \(directory)/lock open"
        case .full(let directory):
            return "the disk of \(directory) is full: nothing was changed; make room and do it again"
        case .damaged(let file, let problem):
            return
                "\(file) is damaged: \(problem); put it back from a copy, or look what is left of it: oriel db verify"
        case .newerFormat(let file): return "\(file) was made by a newer program; use that"
        case .engine(let file, let problem): return "\(file): \(problem)"
        case .readOnly(let entry, let how): return "\(entry) can't be changed here: \(how)"
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
