// Layer: SNMPCodec. Uses: MessageLayout. Used by: engines, agent, applications.
// From layouts to owned values.

extension PDULayout {
    /// Copies all variable bindings out of `bytes`, the message that this layout was read from.
    ///
    /// Throws the first error met; at most `SNMPLimits.maximumVariableBindings` are read.
    public func variableBindings(_ bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) -> [VarBind] {
        var reader = BERReader(bindings)
        var result = [VarBind]()
        // Bindings of counters take about 16 octets; a bad guess costs one move.
        result.reserveCapacity(min(bindings.count / 16 + 1, 256))
        var name = ObjectIdentifier()
        while let raw = try reader.binding(bytes, &deviations) {
            guard result.count < SNMPLimits.maximumVariableBindings else {
                throw BERError(.tooManyVariableBindings, at: reader.offset)
            }
            try BER.objectIdentifier(bytes, raw.name, into: &name, &deviations)
            result.append(VarBind(name, try SNMPValue(tag: raw.tag, bytes, raw.content, &deviations)))
        }
        return result
    }

    /// Copies the PDU out of `bytes`, the message that this layout was read from.
    public func pdu(_ bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) -> AnyPDU {
        let list = try variableBindings(bytes, &deviations)
        guard let trap = trapV1 else {
            if type == .response, errorIndexField < 0 || Int(errorIndexField) > list.count {
                deviations.insert(.errorIndexOutOfRange)
            }
            return .pdu(
                PDU(
                    type, requestID: requestID, errorStatus: ErrorStatus(rawValue: errorStatusField),
                    errorIndex: errorIndexField, list))
        }
        var enterprise = ObjectIdentifier()
        try BER.objectIdentifier(bytes, trap.enterprise, into: &enterprise, &deviations)
        return .trapV1(
            TrapV1PDU(
                enterprise: enterprise, agentAddress: trap.agentAddress, genericTrap: trap.genericTrap,
                specificTrap: trap.specificTrap, timestamp: trap.timestamp, list))
    }
}

/// A whole v1 or v2c message, owned.
public struct CommunityMessage: Hashable, Sendable {
    /// `.v1` or `.v2c`.
    public var version: SNMPVersion
    /// The community, which is a secret: not part of `description`.
    public var community: [UInt8]
    /// The PDU.
    public var pdu: AnyPDU

    /// Makes a message.
    public init(version: SNMPVersion, community: [UInt8], pdu: AnyPDU) {
        self.version = version
        self.community = community
        self.pdu = pdu
    }

    /// Reads a message; throws `unknownVersion` for SNMPv3. Deviations that were tolerated are added to `deviations`.
    public init(decoding bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) {
        guard case .community(let layout) = try MessageLayout.parse(bytes, &deviations) else {
            throw BERError(.unknownVersion, at: 0)
        }
        version = layout.version
        community = bytes.octets(layout.community)
        pdu = try layout.pdu.pdu(bytes, &deviations)
        if version == .v1, pdu.variableBindings.contains(where: { $0.value.isNewerThanV1 }) {
            deviations.insert(.newerTypeInV1)
        }
    }

    /// The message as BER. Throws `bufferTooSmall` when it takes more than `limit` octets.
    public func encoded(limit: Int = SNMPLimits.maximumMessageByteCount) throws(BERError) -> [UInt8] {
        try BERWriter.encode(limit: limit) { writer in
            writer.message(version: version, community: community, pdu)
        }
    }
}

extension CommunityMessage: CustomStringConvertible, CustomReflectable {
    /// Version and PDU, without the community.
    public var description: String { "\(version) message, community redacted, \(pdu)" }

    /// Mirrors everything but the community, so that `dump` does not print it.
    public var customMirror: Mirror { Mirror(self, children: ["version": version, "pdu": pdu]) }
}

extension SNMPValue {
    /// Whether SNMPv1 does not have the value's type.
    public var isNewerThanV1: Bool {
        switch self {
        case .counter64, .noSuchObject, .noSuchInstance, .endOfMibView, .uinteger32: true
        default: false
        }
    }
}
