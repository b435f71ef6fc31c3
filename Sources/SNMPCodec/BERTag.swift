// Layer: SNMPCodec. Used by: reader, writer, values.

/// The tag octets that occur in SNMP messages (RFC 2578, section 7; RFC 3416, section 3; RFC 1157).
public enum BERTag {
    /// INTEGER.
    public static let integer: UInt8 = 0x02
    /// BIT STRING, only in historic SNMPv2 drafts.
    public static let bitString: UInt8 = 0x03
    /// OCTET STRING.
    public static let octetString: UInt8 = 0x04
    /// NULL.
    public static let null: UInt8 = 0x05
    /// OBJECT IDENTIFIER.
    public static let objectIdentifier: UInt8 = 0x06
    /// SEQUENCE and SEQUENCE OF.
    public static let sequence: UInt8 = 0x30
    /// IpAddress.
    public static let ipAddress: UInt8 = 0x40
    /// Counter32.
    public static let counter32: UInt8 = 0x41
    /// Gauge32 and Unsigned32.
    public static let gauge32: UInt8 = 0x42
    /// TimeTicks.
    public static let timeTicks: UInt8 = 0x43
    /// Opaque.
    public static let opaque: UInt8 = 0x44
    /// NsapAddress of the historic SNMPv2 drafts.
    public static let nsapAddress: UInt8 = 0x45
    /// Counter64.
    public static let counter64: UInt8 = 0x46
    /// UInteger32 of the historic SNMPv2 drafts.
    public static let uinteger32: UInt8 = 0x47
    /// The exception noSuchObject.
    public static let noSuchObject: UInt8 = 0x80
    /// The exception noSuchInstance.
    public static let noSuchInstance: UInt8 = 0x81
    /// The exception endOfMibView.
    public static let endOfMibView: UInt8 = 0x82
    /// First octet of the two-octet tags inside Opaque.
    public static let opaqueExtension: UInt8 = 0x9F
    /// Second octet: single-precision number.
    public static let opaqueFloat: UInt8 = 0x78
    /// Second octet: double-precision number.
    public static let opaqueDouble: UInt8 = 0x79
}
