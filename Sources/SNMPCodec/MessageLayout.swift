// Layer: SNMPCodec. Uses: BERReader, PDU. Used by: engines, agent, security.
// Where the parts of a message lie. Parsing a message yields numbers and ranges only: nothing is copied or allocated,
// and bindings are read one at a time out of `PDULayout.bindings`.

/// A range of octets in eight bytes instead of sixteen. Layouts are copied for each message, and with ranges of full
/// size that was a third of the time that parsing took.
@propertyWrapper
public struct OctetRange: Hashable, Sendable {
    private let lower: UInt32
    private let upper: UInt32

    /// Stores a range of octets of a message, which is shorter than 2^31 octets.
    public init(wrappedValue range: Range<Int>) {
        lower = UInt32(range.lowerBound)
        upper = UInt32(range.upperBound)
    }

    /// The range.
    public var wrappedValue: Range<Int> {
        get { Range(uncheckedBounds: (Int(lower), Int(upper))) }
        set { self = OctetRange(wrappedValue: newValue) }
    }
}

/// Where the parts of a PDU lie, and its numbers.
public struct PDULayout: Sendable {
    /// The type of the PDU.
    public var type: PDUType
    /// The request-id; 0 in a v1 trap.
    public var requestID: Int32 = 0
    /// The error-status field; in a GETBULK the number of non-repeaters; 0 in a v1 trap.
    public var errorStatusField: Int32 = 0
    /// The error-index field; in a GETBULK the max-repetitions; 0 in a v1 trap.
    public var errorIndexField: Int32 = 0
    /// Content of the list of variable bindings.
    @OctetRange public var bindings: Range<Int> = 0..<0
    /// The fields of a v1 trap; nil in all other types.
    public var trapV1: TrapV1Layout?
    /// The whole PDU with its header, offset of the first octet and behind the last.
    @OctetRange public var whole: Range<Int> = 0..<0

    /// The error-status of a response.
    public var errorStatus: ErrorStatus { ErrorStatus(rawValue: errorStatusField) }
}

/// The fields of a v1 trap that other PDUs do not have.
public struct TrapV1Layout: Sendable {
    /// Content octets of the enterprise identifier.
    @OctetRange public var enterprise: Range<Int>
    /// IPv4 address of the agent, first octet in the highest byte; 0 when it was malformed.
    public var agentAddress: UInt32
    /// Generic trap number.
    public var genericTrap: Int32
    /// Specific trap number.
    public var specificTrap: Int32
    /// Time in hundredths of a second.
    public var timestamp: UInt32
}

/// Where the parts of a v1 or v2c message lie.
public struct CommunityLayout: Sendable {
    /// `.v1` or `.v2c`.
    public var version: SNMPVersion
    /// Content octets of the community.
    @OctetRange public var community: Range<Int>
    /// The PDU.
    public var pdu: PDULayout
}

/// The message flags of SNMPv3 (RFC 3412, section 6.4).
public struct V3Flags: OptionSet, Hashable, Sendable {
    /// The flags as the octet on the wire.
    public let rawValue: UInt8
    /// Makes flags from the octet on the wire.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The message is authenticated.
    public static let authenticated = V3Flags(rawValue: 1)
    /// The scoped PDU is encrypted.
    public static let encrypted = V3Flags(rawValue: 2)
    /// The receiver may answer with a Report.
    public static let reportable = V3Flags(rawValue: 4)
}

/// Where the parts of an SNMPv3 message lie (RFC 3412, section 6; RFC 3414, section 2.4).
public struct V3Layout: Sendable {
    /// The security model of USM (RFC 3411, section 5).
    public static let userBasedSecurityModel: Int32 = 3

    /// Ties a response message to its request message.
    public var messageID: Int32
    /// The greatest message that the sender accepts, in octets, at least 484.
    public var maximumSize: Int32
    /// The flags.
    public var flags: V3Flags
    /// The security model; the fields of USM below are only filled when it is 3.
    public var securityModel: Int32
    /// Content of the security parameters.
    @OctetRange public var securityParameters: Range<Int>
    /// Content octets of msgAuthoritativeEngineID.
    @OctetRange public var engineID: Range<Int> = 0..<0
    /// msgAuthoritativeEngineBoots.
    public var engineBoots: Int32 = 0
    /// msgAuthoritativeEngineTime in seconds.
    public var engineTime: Int32 = 0
    /// Content octets of msgUserName.
    @OctetRange public var userName: Range<Int> = 0..<0
    /// Content octets of msgAuthenticationParameters: the digest's place.
    @OctetRange public var authentication: Range<Int> = 0..<0
    /// Content octets of msgPrivacyParameters: the salt.
    @OctetRange public var privacy: Range<Int> = 0..<0
    /// The scoped PDU: the element with its header when plain, the cipher text (content octets) when encrypted.
    @OctetRange public var payload: Range<Int>
    /// The whole message, without trailing octets: what the digest covers.
    @OctetRange public var whole: Range<Int>
}

/// Where the parts of a scoped PDU lie (RFC 3412, section 6.8).
public struct ScopedPDULayout: Sendable {
    /// Content octets of contextEngineID.
    @OctetRange public var contextEngineID: Range<Int>
    /// Content octets of contextName.
    @OctetRange public var contextName: Range<Int>
    /// The PDU.
    public var pdu: PDULayout
}

/// The outline of a message of any version.
public enum MessageLayout: Sendable {
    /// A v1 or v2c message.
    case community(CommunityLayout)
    /// A v3 message; its payload may be encrypted and is parsed separately.
    case v3(V3Layout)

    /// Reads the outline of a message. Deviations that were tolerated are added to `deviations`.
    public static func parse(_ bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) -> MessageLayout {
        guard bytes.byteCount <= Int(Int32.max) else { throw BERError(.lengthBeyondContainer, at: 0) }
        var outer = BERReader(bytes)
        let whole = try outer.content(BERTag.sequence, bytes)
        if !outer.isAtEnd { deviations.insert(.trailingOctets) }
        var reader = BERReader(whole)
        let versionOffset = reader.offset
        let number = try reader.integer(bytes, &deviations)
        guard let version = SNMPVersion(rawValue: number) else { throw BERError(.unknownVersion, at: versionOffset) }
        if version == .v3 {
            return .v3(try V3Layout.parse(bytes, &reader, whole: 0..<whole.upperBound, &deviations))
        }
        let community = try reader.content(BERTag.octetString, bytes)
        let pdu = try PDULayout.parse(bytes, &reader, version, &deviations)
        return .community(CommunityLayout(version: version, community: community, pdu: pdu))
    }

    /// The length of the message that begins with `prefix`, for streams: nil while its header is incomplete.
    ///
    /// Throws `unexpectedTag` or `badLength` when no message can begin so, and `lengthBeyondContainer` when it would be
    /// longer than `limit` octets.
    public static func byteCount(startingWith prefix: RawSpan, limit: Int) throws(BERError) -> Int? {
        guard prefix.byteCount >= 2 else {
            if prefix.byteCount == 1, prefix.octet(0) != BERTag.sequence { throw BERError(.unexpectedTag, at: 0) }
            return nil
        }
        guard prefix.octet(0) == BERTag.sequence else { throw BERError(.unexpectedTag, at: 0) }
        let first = Int(prefix.octet(1))
        var total = first + 2
        if first >= 0x80 {
            let octetCount = first & 0x7F
            guard octetCount >= 1, octetCount <= 4 else { throw BERError(.badLength, at: 1) }
            guard prefix.byteCount >= 2 + octetCount else { return nil }
            total = 0
            for index in 0..<octetCount { total = total << 8 | Int(prefix.octet(2 + index)) }
            total += 2 + octetCount
        }
        guard total <= limit else { throw BERError(.lengthBeyondContainer, at: 0) }
        return total
    }
}

extension PDULayout {
    /// Reads a PDU at the reader's position, which must be the last element of its container.
    static func parse(
        _ bytes: RawSpan, _ reader: inout BERReader, _ version: SNMPVersion, _ deviations: inout Deviations
    ) throws(BERError) -> PDULayout {
        let start = reader.offset
        let (tag, content) = try reader.element(bytes)
        if !reader.isAtEnd { deviations.insert(.octetsAfterPDU) }
        guard let type = PDUType(rawValue: tag) else { throw BERError(.unknownPDUType, at: start) }
        var layout = PDULayout(type: type)
        layout.whole = start..<content.upperBound
        var inner = BERReader(content)
        switch type {
        case .trapV1:
            guard version == .v1 else { throw BERError(.unknownPDUType, at: start) }
            layout.trapV1 = try TrapV1Layout.parse(bytes, &inner, &deviations)
        default:
            let isPossible = version == .v1 ? tag < PDUType.trapV1.rawValue : type != .report || version == .v3
            guard isPossible else { throw BERError(.unknownPDUType, at: start) }
            layout.requestID = try inner.integer(bytes, &deviations)
            layout.errorStatusField = try inner.integer(bytes, &deviations)
            layout.errorIndexField = try inner.integer(bytes, &deviations)
        }
        layout.bindings = try inner.content(BERTag.sequence, bytes)
        if !inner.isAtEnd { deviations.insert(.octetsAfterPDU) }
        if type == .response, layout.errorStatusField < 0 || layout.errorStatusField > 18 {
            deviations.insert(.unknownErrorStatus)
        }
        return layout
    }
}

extension TrapV1Layout {
    static func parse(
        _ bytes: RawSpan, _ reader: inout BERReader, _ deviations: inout Deviations
    ) throws(BERError) -> TrapV1Layout {
        let enterprise = try reader.content(BERTag.objectIdentifier, bytes)
        let addressStart = reader.offset
        let (addressTag, address) = try reader.element(bytes)
        guard addressTag == BERTag.ipAddress else { throw BERError(.unexpectedTag, at: addressStart) }
        var agent: UInt32 = 0
        if address.count == 4 {
            for index in address { agent = agent << 8 | UInt32(bytes.octet(index)) }
        } else {
            deviations.insert(.badAddressLength)
        }
        let generic = try reader.integer(bytes, &deviations)
        let specific = try reader.integer(bytes, &deviations)
        let timeStart = reader.offset
        let (timeTag, time) = try reader.element(bytes)
        // Some senders use INTEGER here.
        guard timeTag == BERTag.timeTicks || timeTag == BERTag.integer else {
            throw BERError(.unexpectedTag, at: timeStart)
        }
        var timestamp: UInt32 = 0
        if time.isEmpty {
            deviations.insert(.emptyInteger)
        } else {
            timestamp = UInt32(truncatingIfNeeded: try BER.unsigned(bytes, time, bits: 32, &deviations))
        }
        return TrapV1Layout(
            enterprise: enterprise, agentAddress: agent, genericTrap: generic, specificTrap: specific,
            timestamp: timestamp)
    }
}

extension V3Layout {
    static func parse(
        _ bytes: RawSpan, _ reader: inout BERReader, whole: Range<Int>, _ deviations: inout Deviations
    ) throws(BERError) -> V3Layout {
        var header = BERReader(try reader.content(BERTag.sequence, bytes))
        let start = header.offset
        let messageID = try header.integer(bytes, &deviations)
        var maximumSize = try header.integer(bytes, &deviations)
        let flagsRange = try header.content(BERTag.octetString, bytes)
        let model = try header.integer(bytes, &deviations)
        if !header.isAtEnd { deviations.insert(.octetsAfterPDU) }
        guard messageID >= 0, flagsRange.count == 1 else { throw BERError(.badV3Header, at: start) }
        if maximumSize < Int32(SNMPLimits.minimumMaximumMessageByteCount) {
            deviations.insert(.smallMaximumSize)
            maximumSize = Int32(SNMPLimits.minimumMaximumMessageByteCount)
        }
        let flags = V3Flags(rawValue: bytes.octet(flagsRange.lowerBound))
        // Privacy without authentication is not a security level (RFC 3412, section 7.2, 5.).
        if flags.contains(.encrypted), !flags.contains(.authenticated) {
            throw BERError(.badV3Header, at: flagsRange.lowerBound)
        }
        let parameters = try reader.content(BERTag.octetString, bytes)
        let payloadStart = reader.offset
        let (tag, content) = try reader.element(bytes)
        let expected = flags.contains(.encrypted) ? BERTag.octetString : BERTag.sequence
        guard tag == expected else { throw BERError(.unexpectedTag, at: payloadStart) }
        if !reader.isAtEnd { deviations.insert(.octetsAfterPDU) }
        var layout = V3Layout(
            messageID: messageID, maximumSize: maximumSize, flags: flags, securityModel: model,
            securityParameters: parameters,
            payload: flags.contains(.encrypted) ? content : payloadStart..<content.upperBound, whole: whole)
        if model == V3Layout.userBasedSecurityModel { try layout.readUSM(bytes, &deviations) }
        return layout
    }

    private mutating func readUSM(_ bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) {
        var outer = BERReader(securityParameters)
        var reader = BERReader(try outer.content(BERTag.sequence, bytes))
        engineID = try reader.content(BERTag.octetString, bytes)
        let numbers = reader.offset
        engineBoots = try reader.integer(bytes, &deviations)
        engineTime = try reader.integer(bytes, &deviations)
        guard engineBoots >= 0, engineTime >= 0 else { throw BERError(.badV3Header, at: numbers) }
        userName = try reader.content(BERTag.octetString, bytes)
        authentication = try reader.content(BERTag.octetString, bytes)
        privacy = try reader.content(BERTag.octetString, bytes)
        if !reader.isAtEnd || !outer.isAtEnd { deviations.insert(.octetsAfterPDU) }
        guard engineID.count <= 32, userName.count <= 32 else { throw BERError(.badV3Header, at: engineID.lowerBound) }
    }
}

extension ScopedPDULayout {
    /// Reads a scoped PDU that begins at `range.lowerBound`. Octets behind it (padding of a block cipher) are ignored.
    public static func parse(
        _ bytes: RawSpan, _ range: Range<Int>, _ deviations: inout Deviations
    ) throws(BERError) -> ScopedPDULayout {
        guard bytes.byteCount <= Int(Int32.max) else { throw BERError(.lengthBeyondContainer, at: 0) }
        var outer = BERReader(range)
        var reader = BERReader(try outer.content(BERTag.sequence, bytes))
        let engineID = try reader.content(BERTag.octetString, bytes)
        let name = try reader.content(BERTag.octetString, bytes)
        let pdu = try PDULayout.parse(bytes, &reader, .v3, &deviations)
        return ScopedPDULayout(contextEngineID: engineID, contextName: name, pdu: pdu)
    }
}
