// Layer: WinSNMPDatabase. Uses: JSONNode. Used by: EntityEntry, ContextEntry, CredentialReference, JSONDatabase.
// Takes an object's members out one by one, each with its range, and says of a bad one where it stands.

import JSON
import SNMPCodec

/// What is wrong with a member.
struct MemberError: Error, Equatable {
    /// The line in the file; 0 outside of one.
    let line: Int
    /// The path, such as `entities[2].requestPort`.
    let path: String
    let problem: String
}

/// Reads the members of an object.
struct MemberReader {
    let node: JSONNode
    /// The object's own path; empty for the outermost.
    let path: String

    init(_ node: JSONNode, _ path: String) throws(MemberError) {
        self.node = node
        self.path = path
        guard node.fields != nil else { throw failure("an object in braces is expected, not \(node.kind)") }
    }

    private func failure(_ problem: String) -> MemberError {
        MemberError(line: node.line, path: path, problem: problem)
    }

    /// The error of a member; of the object itself if the member is missing.
    func failure(_ name: String, _ problem: String) -> MemberError {
        MemberError(
            line: node[name]?.line ?? node.line, path: path.isEmpty ? name : "\(path).\(name)", problem: problem)
    }

    /// The member; nil if it is missing or null.
    func member(_ name: String) -> JSONNode? {
        guard let member = node[name], member.value != .null else { return nil }
        return member
    }

    /// The elements of an array; none if it is missing.
    func elements(_ name: String) throws(MemberError) -> [JSONNode] {
        guard let member = member(name) else { return [] }
        guard let elements = member.elements else {
            throw failure(name, "an array in brackets is expected, not \(member.kind)")
        }
        return elements
    }

    func optionalString(_ name: String) throws(MemberError) -> String? {
        guard let member = member(name) else { return nil }
        guard case .string(let text) = member.value else {
            throw failure(name, "a string in double quotes is expected, not \(member.kind)")
        }
        return text
    }

    func string(_ name: String) throws(MemberError) -> String {
        guard let text = try optionalString(name) else { throw failure(name, "this member is missing") }
        return text
    }

    func number<Number: FixedWidthInteger>(
        _ name: String, _ range: ClosedRange<Number>
    ) throws(MemberError) -> Number? {
        guard let member = member(name) else { return nil }
        guard case .number(let digits) = member.value, let number = Number(digits), range.contains(number) else {
            throw failure(name, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    /// A name out of a vocabulary.
    func word<Word>(
        _ name: String, _ expected: String, _ read: (String) -> Word?
    ) throws(MemberError) -> Word? {
        guard let text = try optionalString(name) else { return nil }
        guard let word = read(text) else { throw failure(name, "expected is one of \(expected)") }
        return word
    }

    func engineID(_ name: String) throws(MemberError) -> EngineID? {
        guard let text = try optionalString(name) else { return nil }
        guard let id = EngineID(hex: text) else { throw failure(name, Rules.engineID) }
        return id
    }

    func credential(_ name: String) throws(MemberError) -> CredentialReference? {
        guard let member = member(name) else { return nil }
        return try CredentialReference(member, path.isEmpty ? name : "\(path).\(name)")
    }
}
