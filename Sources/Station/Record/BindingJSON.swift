// Layer: Station/Record. Uses: SNMPNames, JSON. Used by: NotificationEvent, the commands with --json.
// Bindings as JSON; docs/commands.md describes the fields.

public import JSON
public import SNMPCodec
import SNMPNames

/// Writes bindings as JSON.
public enum BindingJSON {
    /// A binding with `name`, `oid` and what `addValue` adds.
    public static func object(_ binding: VarBind) -> JSONObject {
        var object = JSONObject()
        object.add("name", NameTable.standard.format(binding.name))
        object.add("oid", binding.name.description)
        addValue(binding, to: &object)
        return object
    }

    /// Adds `type`, `value`, and where they say more `label`, `units`, `text` and `raw`.
    public static func addValue(_ binding: VarBind, to object: inout JSONObject) {
        let known = NameTable.standard.syntax(of: binding.name)
        object.add("type", binding.value.typeName)
        object.add("value", plainValue(binding))
        if case .integer(let number) = binding.value {
            object.add("label", known?.syntax.label(for: Int64(number)))
        }
        if case .objectIdentifier(let identifier) = binding.value {
            object.add("label", NameTable.standard.format(identifier))
        }
        object.add("units", known?.units)
        switch binding.value {
        case .timeTicks(let ticks): object.add("text", ValueText.duration(ticks))
        case .octetString(let octets), .opaque(let octets): object.add("raw", Self.hexadecimal(octets))
        case .other(let tag, let content):
            object.add("tag", Int(tag))
            object.add("raw", Self.hexadecimal(content))
        default: break
        }
    }

    private static func plainValue(_ binding: VarBind) -> JSONValue {
        switch binding.value {
        case .integer(let value): return .integer(Int64(value))
        case .counter32(let value), .gauge32(let value), .timeTicks(let value), .uinteger32(let value):
            return .unsigned(UInt64(value))
        case .counter64(let value): return .unsigned(value)
        case .float(let value): return .number(Double(value))
        case .double(let value): return .number(value)
        case .objectIdentifier(let identifier): return .string(identifier.description)
        case .ipAddress(let address):
            return .string((0..<4).map { String(address >> (24 - 8 * $0) & 0xFF) }.joined(separator: "."))
        case .octetString(let octets): return .string(text(octets, of: binding.name))
        case .opaque(let octets): return .string(Self.hexadecimal(octets))
        case .other(_, let content): return .string(Self.hexadecimal(content))
        case .null, .noSuchObject, .noSuchInstance, .endOfMibView: return .null
        }
    }

    /// By the object's display hint, else as text if it is text, else as hexadecimal digits.
    private static func text(_ octets: [UInt8], of name: ObjectIdentifier) -> String {
        if let syntax = NameTable.standard.syntax(of: name)?.syntax {
            if syntax.base == .bits { return Self.hexadecimal(octets) }
            if let hint = syntax.hint.flatMap(DisplayHint.init) { return hint.text(of: octets) }
        }
        let isText = !octets.contains { $0 < 0x09 || (0x0E...0x1F).contains($0) || $0 == 0x7F }
        if isText, let text = String(validating: octets, as: UTF8.self) { return text }
        return Self.hexadecimal(octets)
    }

    /// Two digits for each octet.
    public static func hexadecimal(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(octets.count * 2)
        for octet in octets {
            text.append(digits[Int(octet >> 4)])
            text.append(digits[Int(octet & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension SNMPValue {
    /// The type's name in RFC 2578 and RFC 3416.
    public var typeName: String {
        switch self {
        case .integer: "INTEGER"
        case .octetString: "OCTET STRING"
        case .null: "NULL"
        case .objectIdentifier: "OBJECT IDENTIFIER"
        case .ipAddress: "IpAddress"
        case .counter32: "Counter32"
        case .gauge32: "Gauge32"
        case .timeTicks: "TimeTicks"
        case .opaque: "Opaque"
        case .float: "Float"
        case .double: "Double"
        case .counter64: "Counter64"
        case .uinteger32: "UInteger32"
        case .noSuchObject: "noSuchObject"
        case .noSuchInstance: "noSuchInstance"
        case .endOfMibView: "endOfMibView"
        case .other: "other"
        }
    }
}
