// Layer: OrielCommand/Session. Uses: SNMPNames. Used by: set, trap, inform.
// Values as they are typed: a name, a letter for the type, and the text (net-snmp's `OID TYPE VALUE`).

import SNMPCodec
import SNMPNames

/// Reads values by the letter of their type.
enum TypedValue {
    /// What the help says.
    static let note =
        "TYPE is i INTEGER, u Unsigned32, t TimeTicks, a IpAddress, o OBJECT IDENTIFIER, s STRING, x octets in"
        + " hexadecimal, d octets in decimal, b BITS by numbers, c Counter32, C64 Counter64, F Float, D Double, n NULL,"
        + " or = for the type that the built-in names know. Labels stand for numbers where an object has them:"
        + " ifAdminStatus.3 = down."

    /// Reads a value for an object.
    static func parse(
        _ text: String, type: String, for name: ObjectIdentifier, _ names: NameTable = .standard
    ) throws(UsageError) -> SNMPValue {
        let syntax = names.syntax(of: name)?.syntax
        guard type != "=" else {
            guard let syntax else {
                throw UsageError("the type of \(names.format(name)) is not known; name it by a letter")
            }
            return try parse(text, base: syntax.base, syntax, names)
        }
        let base: BaseType
        switch type {
        case "i": base = .integer32
        case "u": base = .unsigned32
        case "t": base = .timeTicks
        case "a": base = .ipAddress
        case "o": base = .objectIdentifier
        case "s": return .string(text)
        case "x": return .octetString(try hexadecimal(text))
        case "d": return .octetString(try decimal(text))
        case "b": base = .bits
        case "c": base = .counter32
        case "C", "C64": base = .counter64
        case "F":
            guard let number = Float(text) else { throw bad(text, "a number") }
            return .float(number)
        case "D":
            guard let number = Double(text) else { throw bad(text, "a number") }
            return .double(number)
        case "n": return .null
        default: throw UsageError("there is no type \"\(type)\"; take i u t a o s x d b c C64 F D n or =")
        }
        return try parse(text, base: base, syntax, names)
    }

    private static func parse(
        _ text: String, base: BaseType, _ syntax: Syntax?, _ names: NameTable
    ) throws(UsageError) -> SNMPValue {
        switch base {
        case .integer32, .enumeration:
            if let label = syntax?.number(of: text) { return .integer(label) }
            guard let number = Int32(text) else {
                let labels = syntax?.labels.map(\.name) ?? []
                throw bad(text, labels.isEmpty ? "a number of 32 bits" : "one of \(labels.joined(separator: " "))")
            }
            return .integer(number)
        case .unsigned32, .gauge32: return .gauge32(try unsigned(text))
        case .counter32: return .counter32(try unsigned(text))
        case .timeTicks: return .timeTicks(try unsigned(text))
        case .counter64:
            guard let number = UInt64(text) else { throw bad(text, "a number from 0 to 18446744073709551615") }
            return .counter64(number)
        case .ipAddress: return .ipAddress(try ipAddress(text))
        case .objectIdentifier:
            do throws(NameError) {
                return .objectIdentifier(try names.identifier(text))
            } catch {
                throw UsageError(error.description)
            }
        case .octets:
            // Hints of digits and colons are addresses and the like; others are texts.
            return syntax?.hint == "1x:" ? .octetString(try hexadecimal(text)) : .string(text)
        case .bits: return .octetString(try bits(text, syntax))
        case .opaque: return .opaque(try hexadecimal(text))
        }
    }

    private static func bad(_ text: String, _ wanted: String) -> UsageError {
        UsageError("\"\(text)\" is not \(wanted)")
    }

    private static func unsigned(_ text: String) throws(UsageError) -> UInt32 {
        guard let number = UInt32(text) else { throw bad(text, "a number from 0 to 4294967295") }
        return number
    }

    /// An IPv4 address, first octet in the highest byte.
    static func ipAddress(_ text: String) throws(UsageError) -> UInt32 {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { throw bad(text, "an IPv4 address") }
        return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
    }

    /// Digits with or without blanks, colons or hyphens between the octets.
    private static func hexadecimal(_ text: String) throws(UsageError) -> [UInt8] {
        let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text[...]
        let parts = digits.split { $0 == " " || $0 == ":" || $0 == "-" }
        var octets: [UInt8] = []
        for part in parts {
            // A single digit between separators is an octet; a run of digits is read in pairs.
            guard part.count == 1 || part.count % 2 == 0 else { throw bad(text, "hexadecimal octets") }
            var rest = part
            while !rest.isEmpty {
                guard let octet = UInt8(rest.prefix(2), radix: 16), rest.first != "+" else {
                    throw bad(text, "hexadecimal octets")
                }
                octets.append(octet)
                rest = rest.dropFirst(2)
            }
        }
        return octets
    }

    private static func decimal(_ text: String) throws(UsageError) -> [UInt8] {
        var octets: [UInt8] = []
        for part in text.split(whereSeparator: { $0 == " " || $0 == "." }) {
            guard let octet = UInt8(part) else { throw bad(text, "octets from 0 to 255") }
            octets.append(octet)
        }
        return octets
    }

    /// Numbers or labels of bits, with blanks or commas between them.
    private static func bits(_ text: String, _ syntax: Syntax?) throws(UsageError) -> [UInt8] {
        var octets: [UInt8] = []
        for part in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let number = Int(part) ?? syntax?.number(of: String(part)).map(Int.init),
                (0..<65_536).contains(number)
            else { throw bad(String(part), "the number of a bit") }
            while octets.count <= number / 8 { octets.append(0) }
            octets[number / 8] |= 0x80 >> UInt8(number % 8)
        }
        return octets
    }
}

extension Invocation {
    /// Reads the operands from a position on as `OID TYPE VALUE` triples.
    func bindings(from position: Int) throws(CommandError) -> [VarBind] {
        var bindings: [VarBind] = []
        var rest = operands.dropFirst(position)
        while let name = rest.popFirst() {
            let identifier = try identifier(name)
            guard let type = rest.popFirst() else { throw CommandError(.usage, "\(name): TYPE and VALUE are missing") }
            guard let text = rest.popFirst() else { throw CommandError(.usage, "\(name): VALUE is missing") }
            do throws(UsageError) {
                bindings.append(VarBind(identifier, try TypedValue.parse(text, type: type, for: identifier)))
            } catch {
                throw CommandError(.usage, "\(name): \(error.message)")
            }
        }
        return bindings
    }
}
