// Layer: WinSNMPDatabase. Uses: PlatformIO (files, environment), SealedSecret. Used by: ContextEntry, the command.
// Where a secret is. The database names places, or has it sealed; it is fetched when it is used, and never kept.

import JSON
import PlatformIO
public import SNMPSecurity

/// A secret, by the place where it is kept. Prints the place, and of a literal only "public".
public enum CredentialReference: Hashable, Sendable {
    /// The secret itself, for communities only: they cross the network in the clear anyway.
    case literal(String)
    /// The name of an environment variable.
    case environment(String)
    /// The path of a file whose first line is the secret: a whole path, or one below the home directory that begins
    /// with `~/`. Other users must not be able to read the file.
    case file(String)
    /// The secret itself, encrypted with a key that stands in a file that nobody but its owner may read. Good only for
    /// the entry and the member that it was sealed for: `seal`.
    case sealed([UInt8], keyFile: String)

    /// The longest file that is taken for one with a secret, in bytes.
    public static let maximumFileByteCount = 4_096

    /// Fetches the secret; throws `DatabaseError.secret`, or `DatabaseError.file` for a file that can't be read.
    ///
    /// A file must be an ordinary one that others may neither read nor write and its group may not write
    /// (no bit of 0026); that of a key one that nobody else may read or write at all (no bit of 0077).
    /// - Parameters:
    ///   - entry: The friendly name of the context that the secret belongs to.
    ///   - member: Which of its secrets.
    public func secret(of entry: String, _ member: SecretMember) throws(DatabaseError) -> SecretBytes {
        try secret(of: entry, member, environment: Program.environment)
    }

    func secret(
        of entry: String, _ member: SecretMember, environment: (String) -> String?
    ) throws(DatabaseError) -> SecretBytes {
        switch self {
        case .sealed(let bytes, let keyFile): return try Self.open(bytes, keyFile, entry, member)
        case .literal(let text): return SecretBytes(utf8: text)
        case .environment(let name):
            guard let text = environment(name), !text.isEmpty else {
                throw .secret(
                    source: description, problem: "this environment variable is not set; set it to the secret")
            }
            return SecretBytes(utf8: text)
        case .file(let path):
            return try Self.firstLine(of: try Self.expand(path, environment))
        }
    }

    private static func expand(_ path: String, _ environment: (String) -> String?) throws(DatabaseError) -> String {
        guard path.hasPrefix("~/") else { return path }
        guard let home = environment("HOME"), home.hasPrefix("/") else {
            throw .secret(source: "file \(path)", problem: "HOME is not set; write the whole path")
        }
        return home + path.dropFirst()
    }

    private static func firstLine(of path: String) throws(DatabaseError) -> SecretBytes {
        let bytes: [UInt8], status: FileStatus
        do throws(IOError) {
            (bytes, status) = try FileAccess.readWithStatus(path, limit: maximumFileByteCount)
        } catch {
            guard error.isTooLong else { throw .file(error) }
            throw .secret(
                source: "file \(path)", problem: "it has more than \(maximumFileByteCount) bytes; it should hold a line"
            )
        }
        guard status.permissions & 0o026 == 0 else {
            throw .secret(
                source: "file \(path)",
                problem: "other users may read or write it; take that away: chmod go-w,o-r '\(path)'")
        }
        let count = bytes.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? bytes.count
        guard count > 0 else { throw .secret(source: "file \(path)", problem: "its first line is empty") }
        return SecretBytes(Array(bytes[..<count]))
    }

    /// - Parameter isPassword: whether the secret is a password, which no literal may be.
    func check(_ member: String, isPassword: Bool) throws(RuleViolation) {
        switch self {
        case .literal(let text):
            guard !isPassword else {
                throw RuleViolation(
                    member: member,
                    problem: "a password does not stand in the database; name an environment variable or a file")
            }
            guard (1...255).contains(text.utf8.count) else {
                throw RuleViolation(member: member, problem: "a community has 1 to 255 octets")
            }
        case .environment(let name):
            let isName = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
                default: false
                }
            }
            guard isName, let first = name.first, !first.isNumber else {
                throw RuleViolation(
                    member: member,
                    problem: "the name of a variable has letters, digits and _, and begins with no digit")
            }
        case .file(let path):
            guard path.hasPrefix("/") || path.hasPrefix("~/"), !Rules.hasControls(path) else {
                throw RuleViolation(
                    member: member,
                    problem: "the file is named by its whole path, beginning with / or ~/: the programs that read it"
                        + " run in other directories")
            }
        case .sealed(let bytes, let keyFile):
            guard Self.sealedByteCounts.contains(bytes.count) else {
                throw RuleViolation(member: member, problem: "a sealed secret is one of 1 to 4096 octets")
            }
            guard keyFile.hasPrefix("/"), !Rules.hasControls(keyFile) else {
                throw RuleViolation(
                    member: member, problem: "the file with the key is named by its whole path, beginning with /")
            }
        }
    }
}

extension CredentialReference: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The place: `variable NAME`, `file PATH`, `sealed with PATH`, `"public"`, or `<literal>` for any other literal.
    public var description: String {
        switch self {
        case .literal("public"): "\"public\""
        case .literal: "<literal>"
        case .environment(let name): "variable \(name)"
        case .file(let path): "file \(path)"
        case .sealed(_, let keyFile): "sealed with \(keyFile)"
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows no literal.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension CredentialReference {
    init(_ node: JSONNode, _ path: String) throws(MemberError) {
        let members = try MemberReader(node, path)
        let literal = try members.optionalString("literal")
        let environment = try members.optionalString("environment")
        let file = try members.optionalString("file")
        let sealed = try members.optionalString("sealed")
        switch (literal, environment, file, sealed) {
        case (let text?, nil, nil, nil): self = .literal(text)
        case (nil, let name?, nil, nil): self = .environment(name)
        case (nil, nil, let path?, nil): self = .file(path)
        case (nil, nil, nil, let digits?):
            guard let bytes = Self.bytes(hex: digits) else {
                throw members.failure("sealed", "hexadecimal digits are expected, two for each octet")
            }
            self = .sealed(bytes, keyFile: try members.string("keyFile"))
        default:
            throw MemberError(
                line: node.line, path: path,
                problem: "an object with one of the members \"environment\", \"file\", \"sealed\" or, for a community,"
                    + " \"literal\" is expected")
        }
    }

    var node: JSONNode {
        let fields: [JSONNode.Field] =
            switch self {
            case .literal(let text): [.init("literal", .string(text))]
            case .environment(let name): [.init("environment", .string(name))]
            case .file(let path): [.init("file", .string(path))]
            case .sealed(let bytes, let keyFile):
                [.init("sealed", .string(Self.hex(bytes))), .init("keyFile", .string(keyFile))]
            }
        return JSONNode(.object(fields))
    }
}

extension CredentialReference: Codable {
    /// Reads an object with one member, or two for a sealed secret; throws `DecodingError`.
    public init(from decoder: any Decoder) throws {
        self = try decoder.entry { members throws(MemberError) in try CredentialReference(members.node, "") }
    }

    /// Writes the same. A literal is written as it is.
    public func encode(to encoder: any Encoder) throws { try node.encode(to: encoder) }
}
