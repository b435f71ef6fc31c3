// Layer: SNMPCodec. Used by: reader and everything above that reads messages.

/// Why bytes could not be read as an SNMP message, and where. Eight bytes, trivial, cheap to throw.
public struct BERError: Error, Hashable, Sendable {
    /// What was wrong.
    public enum Code: UInt8, Sendable, CaseIterable {
        /// The bytes end inside an element.
        case truncated
        /// A length field of the indefinite form, or of more than four octets.
        case badLength
        /// An element says it is longer than what contains it.
        case lengthBeyondContainer
        /// Another tag was expected here.
        case unexpectedTag
        /// An integer of no octets, or of more than can be tolerated.
        case badInteger
        /// An object identifier with an unfinished or too large sub-identifier, or with more than 128.
        case badObjectIdentifier
        /// A message version other than 0 (v1), 1 (v2c) and 3.
        case unknownVersion
        /// A PDU tag that SNMP does not define, or one not possible in this message version.
        case unknownPDUType
        /// A field of an SNMPv3 header is out of its range.
        case badV3Header
        /// More variable bindings than `SNMPLimits.maximumVariableBindings`.
        case tooManyVariableBindings
        /// The message does not fit into the buffer it is written to.
        case bufferTooSmall
    }

    /// What was wrong.
    public let code: Code
    /// Offset in octets from the start of the message.
    public let offset: Int32

    /// Makes an error; the offset is clamped to 32 bits.
    @inline(never)
    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = Int32(clamping: offset)
    }
}

extension BERError: CustomStringConvertible {
    /// What was wrong and where, for people.
    public var description: String {
        let text =
            switch code {
            case .truncated: "the message ends inside an element"
            case .badLength: "indefinite or over-long length field"
            case .lengthBeyondContainer: "an element is longer than what contains it"
            case .unexpectedTag: "unexpected tag"
            case .badInteger: "integer of impossible length"
            case .badObjectIdentifier: "malformed object identifier"
            case .unknownVersion: "unknown SNMP version"
            case .unknownPDUType: "unknown PDU type"
            case .badV3Header: "SNMPv3 header field out of range"
            case .tooManyVariableBindings: "too many variable bindings"
            case .bufferTooSmall: "the message does not fit into its buffer"
            }
        return "\(text) at octet \(offset)"
    }
}

/// What the codec accepts at most.
public enum SNMPLimits {
    /// The greatest message, in octets: what one UDP datagram over IPv4 can carry.
    public static let maximumMessageByteCount = 65_507
    /// The smallest `msgMaxSize` that a peer may state (RFC 3412, section 6).
    public static let minimumMaximumMessageByteCount = 484
    /// Variable bindings in one message. The smallest binding takes six octets, so this never cuts a valid datagram.
    public static let maximumVariableBindings = 16_384
}

/// Deviations from the standards that were tolerated while a message was read.
///
/// Each is something that real devices do and whose meaning is clear. They are collected for each message, so that the
/// caller can report them; anything not listed here is a `BERError`.
public struct Deviations: OptionSet, Hashable, Sendable {
    /// The set as bits.
    public let rawValue: UInt32
    /// Makes a set from bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An integer with superfluous leading octets (X.690, 8.3.2).
    public static let paddedInteger = Deviations(rawValue: 1 << 0)
    /// A number too large for its type; its low bits were taken.
    public static let oversizedInteger = Deviations(rawValue: 1 << 1)
    /// A number of no octets; given as `SNMPValue.other`, because there is no value.
    public static let emptyInteger = Deviations(rawValue: 1 << 2)
    /// An unsigned number whose highest bit is set without a leading zero octet; read as unsigned.
    public static let unsignedWithoutLeadingZero = Deviations(rawValue: 1 << 3)
    /// A sub-identifier padded with 0x80 octets (X.690, 8.19.2).
    public static let paddedSubidentifier = Deviations(rawValue: 1 << 4)
    /// An object identifier of no octets, read as 0.0.
    public static let emptyObjectIdentifier = Deviations(rawValue: 1 << 5)
    /// An IpAddress of other than four octets; given as `SNMPValue.other`.
    public static let badAddressLength = Deviations(rawValue: 1 << 6)
    /// NULL or an exception with content.
    public static let nullWithContent = Deviations(rawValue: 1 << 7)
    /// Octets after the end of the message.
    public static let trailingOctets = Deviations(rawValue: 1 << 8)
    /// Octets inside the message behind the last element that belongs there: after the PDU in its message, after the
    /// bindings in a PDU, after a binding's value, after the fields of an SNMPv3 header.
    public static let octetsAfterPDU = Deviations(rawValue: 1 << 9)
    /// A type that SNMPv1 does not have, in a v1 message (Counter64, exceptions).
    public static let newerTypeInV1 = Deviations(rawValue: 1 << 10)
    /// A type tag that SNMP does not define; given as `SNMPValue.other`.
    public static let unknownType = Deviations(rawValue: 1 << 11)
    /// An error-status above 18.
    public static let unknownErrorStatus = Deviations(rawValue: 1 << 12)
    /// An error-index beyond the list of bindings.
    public static let errorIndexOutOfRange = Deviations(rawValue: 1 << 13)
    /// A stated `msgMaxSize` below 484; read as 484.
    public static let smallMaximumSize = Deviations(rawValue: 1 << 15)
    /// The reply came from another address than the request went to.
    public static let otherSourceAddress = Deviations(rawValue: 1 << 16)
    /// Names inside one response are not in ascending order.
    public static let unorderedNames = Deviations(rawValue: 1 << 17)
    /// The response holds another number of bindings than its request calls for.
    public static let wrongBindingCount = Deviations(rawValue: 1 << 18)
    /// The response carries the community of another request, or none.
    public static let otherCommunity = Deviations(rawValue: 1 << 19)
    /// A GET was answered with other names than it asked for.
    public static let otherNames = Deviations(rawValue: 1 << 20)

    static let names: [(Deviations, String)] = [
        (.paddedInteger, "padded-integer"), (.oversizedInteger, "oversized-integer"), (.emptyInteger, "empty-integer"),
        (.unsignedWithoutLeadingZero, "unsigned-without-leading-zero"), (.paddedSubidentifier, "padded-subidentifier"),
        (.emptyObjectIdentifier, "empty-object-identifier"), (.badAddressLength, "bad-address-length"),
        (.nullWithContent, "null-with-content"), (.trailingOctets, "trailing-octets"),
        (.octetsAfterPDU, "octets-after-pdu"), (.newerTypeInV1, "newer-type-in-v1"), (.unknownType, "unknown-type"),
        (.unknownErrorStatus, "unknown-error-status"), (.errorIndexOutOfRange, "error-index-out-of-range"),
        (.smallMaximumSize, "small-maximum-size"),
        (.otherSourceAddress, "other-source-address"), (.unorderedNames, "unordered-names"),
        (.wrongBindingCount, "wrong-binding-count"), (.otherCommunity, "other-community"), (.otherNames, "other-names"),
    ]

    /// The names of the deviations in the set, for reports: `padded-integer`, `other-source-address` …
    public var labels: [String] { Deviations.names.filter { contains($0.0) }.map(\.1) }
}
