// Layer: test support. Used by: PeerTool, LoggedNotification.
// A variable binding as Net-SNMP prints it with numbers instead of names.

/// One variable binding in Net-SNMP's words.
public struct PrintedVarBind: Hashable, Sendable, CustomStringConvertible {
    /// The name in dotted form, with a leading dot.
    public let oid: String
    /// Net-SNMP's word for the type, such as `INTEGER`, `STRING`, `Hex-STRING`, `Counter64`; empty for an empty string
    /// and for the exceptions of RFC 3416 section 3, whose words are the value then.
    public let type: String
    /// The value: strings without their quotes, hexadecimal strings as pairs with blanks, TimeTicks as a number.
    public let value: String

    public var description: String { "\(oid) = \(type): \(value)" }

    /// Parses `.1.3.6 = TYPE: VALUE`; nil if this is no variable binding.
    init?(line: String) {
        guard line.hasPrefix("."), let equals = line.firstRange(of: " = ") else { return nil }
        oid = String(line[..<equals.lowerBound])
        var rest = line[equals.upperBound...]
        if let colon = rest.firstRange(of: ": "), rest[..<colon.lowerBound].allSatisfy(Self.isTypeCharacter) {
            type = String(rest[..<colon.lowerBound])
            rest = rest[colon.upperBound...]
        } else if !rest.hasPrefix("\""), !rest.contains(" "), rest.allSatisfy(\.isNumber), !rest.isEmpty {
            // With -Ot TimeTicks lose their word along with their text.
            type = "Timeticks"
        } else {
            type = ""
        }
        if rest.count >= 2, rest.first == "\"", rest.last == "\"" { rest = rest.dropFirst().dropLast() }
        // Net-SNMP breaks hexadecimal after every 16 bytes.
        value = (type == "Hex-STRING" ? rest.filter { $0 != "\n" } : String(rest)).trimmingSuffix(" ")
    }

    private static func isTypeCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == " "
    }

    /// All variable bindings of a tool's output; a line that starts none continues the one before.
    static func all(in output: String) -> [PrintedVarBind] {
        var lines: [String] = []
        for line in output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if PrintedVarBind(line: line) != nil || lines.isEmpty {
                lines.append(line)
            } else {
                lines[lines.count - 1] += "\n" + line
            }
        }
        return lines.compactMap { PrintedVarBind(line: $0.trimmingSuffix("\n")) }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        var text = self
        while text.hasSuffix(suffix) { text.removeLast(suffix.count) }
        return text
    }
}
