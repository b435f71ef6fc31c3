// Layer: SNMPTestKit. Uses: SNMPCodec. Used by: tests and benchmarks.
// A message of any version taken apart into owned values and put together again: what round-trip tests compare.

public import SNMPCodec

/// An SNMPv3 message as owned values.
public struct DecodedV3Message: Hashable, Sendable {
    /// What stands in the place of the scoped PDU.
    public enum Payload: Hashable, Sendable {
        /// A scoped PDU in the clear.
        case plain(contextEngineID: [UInt8], contextName: [UInt8], AnyPDU)
        /// Cipher text.
        case encrypted([UInt8])
    }

    /// msgID.
    public var messageID: Int32
    /// msgMaxSize in octets.
    public var maximumSize: Int32
    /// msgFlags.
    public var flags: V3Flags
    /// msgSecurityModel.
    public var securityModel: Int32
    /// The content of msgSecurityParameters when the model is not USM.
    public var otherParameters: [UInt8] = []
    /// msgAuthoritativeEngineID.
    public var engineID: [UInt8] = []
    /// msgAuthoritativeEngineBoots.
    public var engineBoots: Int32 = 0
    /// msgAuthoritativeEngineTime in seconds.
    public var engineTime: Int32 = 0
    /// msgUserName.
    public var userName: [UInt8] = []
    /// msgAuthenticationParameters.
    public var authentication: [UInt8] = []
    /// msgPrivacyParameters.
    public var privacy: [UInt8] = []
    /// The scoped PDU or its cipher text.
    public var payload: Payload

    /// Makes a message without security parameters.
    public init(messageID: Int32, maximumSize: Int32, flags: V3Flags, securityModel: Int32, payload: Payload) {
        self.messageID = messageID
        self.maximumSize = maximumSize
        self.flags = flags
        self.securityModel = securityModel
        self.payload = payload
    }
}

/// A whole message as owned values.
public enum DecodedMessage: Hashable, Sendable {
    /// A message of SNMPv1 or SNMPv2c.
    case community(CommunityMessage)
    /// A message of SNMPv3.
    case v3(DecodedV3Message)

    /// Reads a message with all its parts. Throws the codec's errors.
    public init(decoding bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) {
        switch try MessageLayout.parse(bytes, &deviations) {
        case .community: self = .community(try CommunityMessage(decoding: bytes, &deviations))
        case .v3(let layout): self = .v3(try DecodedV3Message(bytes, layout, &deviations))
        }
    }

    /// Reads a message with all its parts. Throws the codec's errors.
    public init(decoding octets: [UInt8]) throws(BERError) {
        var deviations = Deviations()
        self = try DecodedMessage(decoding: octets.span.bytes, &deviations)
    }

    /// The PDU, unless it is encrypted.
    public var pdu: AnyPDU? {
        switch self {
        case .community(let message): message.pdu
        case .v3(let message):
            if case .plain(_, _, let pdu) = message.payload { pdu } else { nil }
        }
    }

    /// The message as BER. Throws `bufferTooSmall` when it takes more than `limit` octets.
    public func encoded(limit: Int = SNMPLimits.maximumMessageByteCount) throws(BERError) -> [UInt8] {
        switch self {
        case .community(let message): try message.encoded(limit: limit)
        case .v3(let message): try BERWriter.encode(limit: limit) { writer in message.write(&writer) }
        }
    }

    /// How much the message holds: its octets, its arcs, and one for each binding. Never more than it had octets on the
    /// wire, and so a bound for what decoding can be made to allocate.
    public var contentCount: Int {
        switch self {
        case .community(let message): message.community.count + message.pdu.contentCount
        case .v3(let message):
            switch message.payload {
            case .encrypted(let octets): message.parameterCount + octets.count
            case .plain(let engineID, let name, let pdu):
                message.parameterCount + engineID.count + name.count + pdu.contentCount
            }
        }
    }
}

extension DecodedV3Message {
    init(_ bytes: RawSpan, _ layout: V3Layout, _ deviations: inout Deviations) throws(BERError) {
        var payload = Payload.encrypted([])
        if layout.flags.contains(.encrypted) {
            payload = .encrypted(bytes.octets(layout.payload))
        } else {
            let scoped = try ScopedPDULayout.parse(bytes, layout.payload, &deviations)
            payload = .plain(
                contextEngineID: bytes.octets(scoped.contextEngineID), contextName: bytes.octets(scoped.contextName),
                try scoped.pdu.pdu(bytes, &deviations))
        }
        self.init(
            messageID: layout.messageID, maximumSize: layout.maximumSize, flags: layout.flags,
            securityModel: layout.securityModel, payload: payload)
        guard layout.securityModel == V3Layout.userBasedSecurityModel else {
            otherParameters = bytes.octets(layout.securityParameters)
            return
        }
        engineID = bytes.octets(layout.engineID)
        engineBoots = layout.engineBoots
        engineTime = layout.engineTime
        userName = bytes.octets(layout.userName)
        authentication = bytes.octets(layout.authentication)
        privacy = bytes.octets(layout.privacy)
    }

    var parameterCount: Int {
        otherParameters.count + engineID.count + userName.count + authentication.count + privacy.count
    }

    func write(_ writer: inout BERWriter) {
        let mark = writer.byteCount
        switch payload {
        case .encrypted(let octets): writer.octets(octets)
        case .plain(let contextEngineID, let contextName, let pdu):
            writer.pdu(pdu)
            writer.scopedHeader(contextEngineID: contextEngineID, contextName: contextName, since: mark)
        }
        // Field by field rather than with `v3Header`, which only writes what a well-behaved sender does.
        let parameters = writer.byteCount
        if securityModel == V3Layout.userBasedSecurityModel {
            writer.octets(privacy)
            writer.octets(authentication)
            writer.octets(userName)
            writer.signed(engineTime)
            writer.signed(engineBoots)
            writer.octets(engineID)
            writer.header(BERTag.sequence, since: parameters)
        } else {
            writer.raw(otherParameters.span.bytes)
        }
        writer.header(BERTag.octetString, since: parameters)
        let global = writer.byteCount
        writer.signed(securityModel)
        writer.octets([flags.rawValue])
        writer.signed(maximumSize)
        writer.signed(messageID)
        writer.header(BERTag.sequence, since: global)
        writer.signed(SNMPVersion.v3.rawValue)
        writer.header(BERTag.sequence, since: mark)
    }
}

extension AnyPDU {
    var contentCount: Int {
        var total = 0
        if case .trapV1(let trap) = self { total += trap.enterprise.count }
        for binding in variableBindings {
            total += 1 + binding.name.count
            switch binding.value {
            case .octetString(let octets), .opaque(let octets), .other(_, let octets): total += octets.count
            case .objectIdentifier(let name): total += name.count
            default: break
            }
        }
        return total
    }
}
