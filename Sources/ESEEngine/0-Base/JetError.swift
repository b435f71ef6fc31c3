// Layer: ESEEngine/0-Base. Used by: everything above.
// The one error of the engine: JET's number. What happened where is said once, when it is first seen, to the reporter.

/// An error of the engine. `rawValue` is JET's number, negative. Small and trivial, cheap to throw.
public struct JetError: Error, RawRepresentable, Hashable, Sendable {
    /// JET's number.
    public let rawValue: Int32

    /// Makes an error of a number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }
}

extension JetError: CustomStringConvertible {
    /// C name, number and what to do: `JET_errWriteConflict (-1102): …`.
    public var description: String { JetCode.describe(rawValue, in: JetCode.errors) }

    /// C name, or nil if this is no number of JET.
    public var name: String? { JetCode.find(rawValue, in: JetCode.errors)?.name }

    /// One sentence or two: what it means, and what to do if that is known. Nil if this is no number of JET.
    public var text: String? { JetCode.find(rawValue, in: JetCode.errors)?.text }
}

extension JetError {
    /// All errors, -1 first. JET_wrnNyi is one of them, since its number is negative.
    public static let all: [(error: JetError, name: String, text: String)] =
        JetCode.errors.map { (JetError(rawValue: $0.number), $0.name, $0.text) }
}

/// A number of JET with its name and our words for it.
struct JetCode: Sendable {
    /// JET's number.
    let number: Int32
    /// C name.
    let name: String
    /// What it means.
    let text: String

    /// One code of a line "number name text", the name without "JET_".
    private init?(line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let number = Int32(parts[0]) else { return nil }
        self.number = number
        name = "JET_\(parts[1])"
        text = String(parts[2])
    }

    /// The codes of a table, in its order; lines that are none are left out.
    static func parse(_ table: String) -> [JetCode] {
        table.split(separator: "\n").compactMap { JetCode(line: $0) }
    }

    /// The code of a number.
    static func find(_ number: Int32, in codes: [JetCode]) -> JetCode? { codes.first { $0.number == number } }

    /// Name, number and text; of an unknown number only that.
    static func describe(_ number: Int32, in codes: [JetCode]) -> String {
        guard let code = find(number, in: codes) else { return "JET error \(number)" }
        return "\(code.name) (\(number)): \(code.text)"
    }
}
