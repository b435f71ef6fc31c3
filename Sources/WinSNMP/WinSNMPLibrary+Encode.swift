// Layer: WinSNMP. Uses: SNMPCodec. Used by: the C library, applications.
// Messages of SNMPv1 and SNMPv2c as octets, for applications with a transport of their own.

import PlatformIO
import Primitives
import SNMPCodec

/// A message out of octets; its handles are to be freed. Those not asked for are 0.
public struct DecodedMessage: Hashable, Sendable {
    /// The community.
    public var context = ContextHandle(rawValue: 0)
    /// The PDU; a v1 trap as a notification of SNMPv2.
    public var pdu = PDUHandle(rawValue: 0)
    /// The octets that the message takes; there may be more behind it.
    public var byteCount: Int
}

extension WinSNMPLibrary {
    /// The octets that `sendMsg` would send (SnmpEncodeMsg). The version is the destination's, else the source's, else
    /// that of the translation mode.
    ///
    /// Throws `sessionInvalid`, `entityInvalid`, `contextInvalid`, `pduInvalid`, `tlPduTooBig`, and
    /// `operationInvalid` for what the version can't say, and for SNMPv3, whose messages need their engine's state.
    public func encodeMsg(
        _ session: SessionHandle, source: EntityHandle?, destination: EntityHandle?, context: ContextHandle,
        pdu: PDUHandle
    ) throws(SNMPAPIError) -> [UInt8] {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let from = try named(source, owner, instance)
            let to = try named(destination, owner, instance)
            guard let community = instance.contexts[context.rawValue] else { throw fail(.contextInvalid, in: owner) }
            guard let record = instance.pdus[pdu.rawValue] else { throw fail(.pduInvalid, in: owner) }
            let mode: SNMPVersion = instance.translateMode == .untranslatedV2 ? .v2c : .v1
            let version = to?.record.version ?? from?.record.version ?? mode
            guard version != .v3, community.user == nil else {
                throw fail(.operationInvalid, "messages of SNMPv3 are only made by sending them", in: owner)
            }
            do throws(Refusal) {
                let form = try record.wireForm(version, agentAddress: agentAddress(from?.record, to?.record))
                let message = CommunityMessage(version: version, community: community.octets, pdu: form)
                return try message.octets()
            } catch {
                throw fail(error.error, error.text, in: owner)
            }
        }
    }

    /// Reads one message from the beginning of `message` (SnmpDecodeMsg).
    ///
    /// Throws `sessionInvalid`, `outputTruncated` when the message ends behind the octets, `messageInvalid` for
    /// anything that is no message of SNMPv1 or SNMPv2c, `allocError`.
    public func decodeMsg(
        _ session: SessionHandle, _ message: [UInt8], parts: MessageParts = .all
    ) throws(SNMPAPIError) -> DecodedMessage {
        try decodeMsg(session, parts: parts, message: { message })
    }

    /// The same, reading the octets after the session was checked.
    package func decodeMsg(
        _ session: SessionHandle, parts: MessageParts, message: () throws(SNMPAPIError) -> [UInt8]
    ) throws(SNMPAPIError) -> DecodedMessage {
        let octets = try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            return try recording(in: owner, message)
        }
        let decoded: CommunityMessage
        let byteCount: Int
        do throws(Refusal) {
            (decoded, byteCount) = try WinSNMPLibrary.decode(octets)
        } catch {
            throw failing(error.error, session: session, error.text)
        }
        return try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let record: PDURecord
            switch decoded.pdu {
            case .pdu(let pdu): record = PDURecord(pdu)
            case .trapV1(let trap):
                guard
                    let translated = PDURecord.translating(
                        trap, requestID: instance.newRequestID(owner),
                        community: options.addsTrapOrigin ? decoded.community : nil)
                else { throw fail(.messageInvalid, "a v1 trap without a name", in: owner) }
                record = translated
            }
            var result = DecodedMessage(byteCount: byteCount)
            if parts.contains(.context) {
                result.context = try insert(ContextRecord(decoded.community), owner, instance)
            }
            guard parts.contains(.pdu) else { return result }
            do throws(SNMPAPIError) {
                result.pdu = try insert(record, owner, instance)
            } catch {
                _ = instance.contexts.release(result.context.rawValue)
                throw error
            }
            return result
        }
    }

    private static func decode(_ octets: [UInt8]) throws(Refusal) -> (CommunityMessage, Int) {
        var deviations = Deviations()
        let bytes = octets.span.bytes
        let count: Int?
        let message: CommunityMessage
        do throws(BERError) {
            count = try MessageLayout.byteCount(startingWith: bytes, limit: SNMPLimits.maximumMessageByteCount)
        } catch {
            throw Refusal(.messageInvalid, "\(error)")
        }
        guard let count, count <= octets.count else {
            throw Refusal(.outputTruncated, "the message is longer than the \(octets.count) octets given")
        }
        do throws(BERError) {
            message = try CommunityMessage(decoding: bytes.extracting(0..<count), &deviations)
        } catch {
            throw Refusal(.messageInvalid, "\(error)")
        }
        guard deviations.isDisjoint(with: [.trailingOctets, .octetsAfterPDU]) else {
            throw Refusal(.messageInvalid, "the message has \(deviations)")
        }
        if let unknown = message.pdu.variableBindings.first(where: { !$0.value.isOfTheAPI }) {
            throw Refusal(.messageInvalid, "the value of \(unknown.name) has an unknown type")
        }
        return (message, count)
    }
}
