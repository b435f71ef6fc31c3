// Layer: SNMPCodec. Uses: ObjectIdentifier. Used by: everything that carries values.

/// A value of the SNMP data types (RFC 2578, section 7; RFC 3416, section 3), as it stands in a variable binding.
public enum SNMPValue: Hashable, Sendable {
    /// INTEGER and Integer32.
    case integer(Int32)
    /// OCTET STRING; also BITS, which looks the same on the wire.
    case octetString([UInt8])
    /// NULL: no value, as in requests.
    case null
    /// OBJECT IDENTIFIER.
    indirect case objectIdentifier(ObjectIdentifier)
    /// IpAddress: an IPv4 address, first octet in the highest byte.
    case ipAddress(UInt32)
    /// Counter32, wraps at 2^32.
    case counter32(UInt32)
    /// Gauge32 and Unsigned32, which share a tag.
    case gauge32(UInt32)
    /// TimeTicks in hundredths of a second.
    case timeTicks(UInt32)
    /// Opaque: the octets inside, whatever they are (but see `float` and `double`).
    case opaque([UInt8])
    /// Opaque holding a BER-wrapped IEEE 754 single (tag 9F 78, as net-snmp and others send it).
    case float(Float)
    /// Opaque holding a BER-wrapped IEEE 754 double (tag 9F 79).
    case double(Double)
    /// Counter64, not in SNMPv1.
    case counter64(UInt64)
    /// UInteger32 of the historic SNMPv2 drafts (tag 0x47).
    case uinteger32(UInt32)
    /// Exception: the object type is not known to the agent (RFC 3416, section 4.2.1).
    case noSuchObject
    /// Exception: the object exists, this instance does not.
    case noSuchInstance
    /// Exception: there is nothing after the requested name.
    case endOfMibView
    /// Anything else, or a known type whose content has an impossible length: tag and content octets as they came.
    case other(tag: UInt8, content: [UInt8])

    /// Whether this is one of the three exceptions.
    @inlinable
    public var isException: Bool {
        switch self {
        case .noSuchObject, .noSuchInstance, .endOfMibView: true
        default: false
        }
    }

    /// The tag octet of the value's encoding.
    public var tag: UInt8 {
        switch self {
        case .integer: BERTag.integer
        case .octetString: BERTag.octetString
        case .null: BERTag.null
        case .objectIdentifier: BERTag.objectIdentifier
        case .ipAddress: BERTag.ipAddress
        case .counter32: BERTag.counter32
        case .gauge32: BERTag.gauge32
        case .timeTicks: BERTag.timeTicks
        case .opaque, .float, .double: BERTag.opaque
        case .counter64: BERTag.counter64
        case .uinteger32: BERTag.uinteger32
        case .noSuchObject: BERTag.noSuchObject
        case .noSuchInstance: BERTag.noSuchInstance
        case .endOfMibView: BERTag.endOfMibView
        case .other(let tag, _): tag
        }
    }
}

extension SNMPValue {
    /// A string value from text, as UTF-8.
    public static func string(_ text: String) -> SNMPValue { .octetString(Array(text.utf8)) }

    /// The value as a signed number, if it is one that fits: INTEGER, counters, gauges, ticks.
    public var asInt64: Int64? {
        switch self {
        case .integer(let value): Int64(value)
        case .counter32(let value), .gauge32(let value), .timeTicks(let value), .uinteger32(let value): Int64(value)
        case .counter64(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The value as an unsigned number, if it is one that fits.
    public var asUInt64: UInt64? {
        switch self {
        case .integer(let value): UInt64(exactly: value)
        case .counter32(let value), .gauge32(let value), .timeTicks(let value), .uinteger32(let value): UInt64(value)
        case .counter64(let value): value
        default: nil
        }
    }

    /// The octets of a string or Opaque.
    public var asOctets: [UInt8]? {
        switch self {
        case .octetString(let octets), .opaque(let octets): octets
        default: nil
        }
    }

    /// The text of an octet string that is valid UTF-8.
    public var asText: String? {
        guard case .octetString(let octets) = self else { return nil }
        return String(validating: octets, as: UTF8.self)
    }
}

/// A variable binding: a name and its value (RFC 3416, section 3).
public struct VarBind: Hashable, Sendable {
    /// The object instance.
    public var name: ObjectIdentifier
    /// Its value; `.null` in requests that ask for it.
    public var value: SNMPValue

    /// Makes a binding.
    @inlinable
    public init(_ name: ObjectIdentifier, _ value: SNMPValue = .null) {
        self.name = name
        self.value = value
    }
}
