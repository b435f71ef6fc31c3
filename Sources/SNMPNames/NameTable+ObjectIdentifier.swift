// Layer: SNMPNames. Uses: SNMPCodec. Used by: OrielCommand.
// The table and the writer of values in the codec's types; the rest of the module knows plain numbers only.

public import SNMPCodec

extension NameTable {
    /// Reads an object identifier from text, as `parse` does.
    ///
    /// - Throws: `NameError`.
    public func identifier(_ text: String) throws(NameError) -> ObjectIdentifier {
        // The parser stops at the same limit of 128.
        guard let identifier = ObjectIdentifier(arcs: try parse(text)) else { throw .tooLong }
        return identifier
    }

    /// Splits an object identifier into its name and its decoded index.
    public func describe(_ identifier: ObjectIdentifier) -> Name { describe(identifier.arcs) }

    /// Writes an object identifier.
    public func format(_ identifier: ObjectIdentifier, _ style: NameStyle = .module) -> String {
        format(identifier.arcs, style)
    }

    /// The deepest known node at or above an object identifier.
    public func node(above identifier: ObjectIdentifier) -> NamedNode? { node(above: identifier.arcs) }

    /// The syntax and unit of the object that an instance belongs to; nil when it is unknown or has no value.
    public func syntax(of identifier: ObjectIdentifier) -> (syntax: Syntax, units: String?)? {
        syntax(of: identifier.arcs)
    }
}

extension ValueText {
    /// The value of an instance as Net-SNMP's tools print it, by the syntax that a table knows for it.
    ///
    /// A value of another type than the syntax asks for is written by its own type, behind a note (not when quick).
    public func text(
        _ value: SNMPValue, of name: ObjectIdentifier, in names: NameTable = .standard, style: NameStyle = .module
    ) -> String {
        let known = names.syntax(of: name)
        guard let known, let expected = Self.mismatch(value, known.syntax.base) else {
            return text(value, known?.syntax, units: known?.units, in: names, style: style)
        }
        let note = isQuick ? "" : "Wrong Type (should be \(expected)): "
        return note + text(value, nil, units: nil, in: names, style: style)
    }

    private func text(
        _ value: SNMPValue, _ syntax: Syntax?, units: String?, in names: NameTable, style: NameStyle
    ) -> String {
        switch value {
        case .integer(let number): integer(Int64(number), syntax, units: units)
        case .octetString(let octets): self.octets(octets, syntax, units: units)
        case .null: Self.null
        case .objectIdentifier(let identifier):
            objectIdentifier(identifier.arcs, in: names, style: style, units: units)
        case .ipAddress(let address): ipAddress((0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * $0)) })
        case .counter32(let number): counter32(number, units: units)
        case .gauge32(let number): gauge32(number, syntax, units: units)
        case .uinteger32(let number): uinteger32(number, syntax, units: units)
        case .timeTicks(let number): timeTicks(number, units: units)
        case .opaque(let octets): opaque(octets, units: units)
        case .float(let number): float(number, units: units)
        case .double(let number): double(number, units: units)
        case .counter64(let number): counter64(number, units: units)
        case .noSuchObject: Self.noSuchObject
        case .noSuchInstance: Self.noSuchInstance
        case .endOfMibView: Self.endOfMibView
        case .other(let tag, let content): other(tag: tag, content)
        }
    }

    /// What a value should have been, in Net-SNMP's words; nil when its type fits or is none of the data types.
    private static func mismatch(_ value: SNMPValue, _ base: BaseType) -> String? {
        let actual: Set<BaseType>
        switch value {
        case .integer: actual = [.integer32, .enumeration]
        case .octetString: actual = [.octets, .bits]
        case .objectIdentifier: actual = [.objectIdentifier]
        case .ipAddress: actual = [.ipAddress]
        case .counter32: actual = [.counter32]
        case .gauge32: actual = [.gauge32, .unsigned32]
        case .timeTicks: actual = [.timeTicks]
        case .opaque, .float, .double: actual = [.opaque]
        case .counter64: actual = [.counter64]
        case .uinteger32: actual = []
        case .null, .noSuchObject, .noSuchInstance, .endOfMibView, .other: return nil
        }
        if actual.contains(base) { return nil }
        return switch base {
        case .integer32, .enumeration: "INTEGER"
        case .octets: "OCTET STRING"
        case .bits: "BITS"
        case .objectIdentifier: "OBJECT IDENTIFIER"
        case .ipAddress: "IpAddress"
        case .counter32: "Counter32"
        case .gauge32, .unsigned32: "Gauge32 or Unsigned32"
        case .timeTicks: "Timeticks"
        case .opaque: "Opaque"
        case .counter64: "Counter64"
        }
    }
}
