// Layer: SNMPCodec. Uses: BERWriter, PDU. Used by: engines, agent, security.
// Messages and PDUs, written back to front.

extension BERWriter {
    /// Closes a PDU whose list of bindings was written since `mark`.
    public mutating func pduHeader(
        _ type: PDUType, requestID: Int32, _ first: Int32, _ second: Int32, since mark: Int
    ) {
        signed(second)
        signed(first)
        signed(requestID)
        header(type.rawValue, since: mark)
    }

    /// Writes a PDU.
    public mutating func pdu(_ pdu: AnyPDU) {
        let mark = byteCount
        switch pdu {
        case .pdu(let pdu):
            bindingList(pdu.variableBindings)
            pduHeader(pdu.type, requestID: pdu.requestID, pdu.errorStatusField, pdu.errorIndexField, since: mark)
        case .trapV1(let trap):
            bindingList(trap.variableBindings)
            unsigned(UInt64(trap.timestamp), tag: BERTag.timeTicks)
            signed(trap.specificTrap)
            signed(trap.genericTrap)
            value(.ipAddress(trap.agentAddress))
            objectIdentifier(trap.enterprise)
            header(PDUType.trapV1.rawValue, since: mark)
        }
    }

    /// Closes a v1 or v2c message whose PDU was written since `mark`.
    public mutating func messageHeader(version: SNMPVersion, community: [UInt8], since mark: Int) {
        octets(community)
        signed(version.rawValue)
        header(BERTag.sequence, since: mark)
    }

    /// Writes a v1 or v2c message.
    public mutating func message(version: SNMPVersion, community: [UInt8], _ pdu: AnyPDU) {
        let mark = byteCount
        self.pdu(pdu)
        messageHeader(version: version, community: community, since: mark)
    }

    /// Closes a scoped PDU whose PDU was written since `mark`.
    public mutating func scopedHeader(contextEngineID: [UInt8], contextName: [UInt8], since mark: Int) {
        octets(contextName)
        octets(contextEngineID)
        header(BERTag.sequence, since: mark)
    }

    /// Closes an SNMPv3 message of USM whose payload (the plain scoped PDU, or the cipher text under its OCTET STRING
    /// header) was written since `mark`.
    ///
    /// Returns where the digest goes, as the distance from its first octet to the end of the buffer. The digest's
    /// `authenticationByteCount` octets are zero, as its computation wants them (RFC 3414, section 6.3.1).
    public mutating func v3Header(
        messageID: Int32, maximumSize: Int32, flags: V3Flags, engineID: [UInt8], engineBoots: Int32, engineTime: Int32,
        userName: [UInt8], authenticationByteCount: Int, salt: UInt64?, since mark: Int
    ) -> Int {
        let parameters = byteCount
        if let salt {
            saltOctets(salt)
        } else {
            empty(BERTag.octetString)
        }
        let digest = zeros(authenticationByteCount)
        octets(userName)
        signed(engineTime)
        signed(engineBoots)
        octets(engineID)
        header(BERTag.sequence, since: parameters)
        header(BERTag.octetString, since: parameters)
        let global = byteCount
        signed(V3Layout.userBasedSecurityModel)
        flagOctet(flags.rawValue)
        signed(maximumSize)
        signed(messageID)
        header(BERTag.sequence, since: global)
        signed(SNMPVersion.v3.rawValue)
        header(BERTag.sequence, since: mark)
        return digest
    }

    /// Runs `body` on a writer over a buffer of `limit` octets and returns what it wrote.
    /// Throws `bufferTooSmall` when that did not fit.
    public static func encode(limit: Int, _ body: (inout BERWriter) -> Void) throws(BERError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(limit, 1), alignment: 1)
        defer { buffer.deallocate() }
        var writer = BERWriter(buffer)
        body(&writer)
        guard !writer.overflowed else { throw BERError(.bufferTooSmall, at: limit) }
        return writer.finished
    }
}
