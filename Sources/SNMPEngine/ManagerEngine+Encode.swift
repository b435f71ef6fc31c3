// Layer: SNMPEngine. Uses: SNMPCodec, SNMPSecurity. Used by: ManagerEngine.send.
// Messages are written into the engine's scratch buffer, back to front, afresh for each attempt.

import Primitives
import SNMPCodec
import SNMPSecurity

extension ManagerEngine {
    /// Encodes the next attempt of a slot at the end of `scratch`; the result is its length.
    mutating func encode(_ slot: Int, _ target: Int, at now: Instant) -> Result<Int, RequestFailure> {
        guard targets[target].version == .v3 else { return .success(encodeCommunity(slot, target)) }
        guard case .v3(let credentials, let contextName, let contextEngineID) = targets[target].configuration.security
        else { preconditionFailure("a v3 target without credentials") }
        return encodeV3(slot, target, credentials, contextName, contextEngineID, at: now)
    }

    /// 0 when the message does not fit into the buffer.
    private func encodeCommunity(_ slot: Int, _ target: Int) -> Int {
        var writer = BERWriter(scratch)
        writePDU(slot, &writer)
        writer.messageHeader(
            version: targets[target].version, community: targets[target].community, since: 0)
        return writer.overflowed ? 0 : writer.byteCount
    }

    /// Writes the PDU of a slot's request; the empty GET of discovery when there is none.
    func writePDU(_ slot: Int, _ writer: inout BERWriter) {
        guard let request = slots[slot].request else {
            writer.empty(BERTag.sequence)
            writer.pduHeader(.get, requestID: slots[slot].requestID, 0, 0, since: 0)
            return
        }
        writer.raw(request.content.span.bytes)
        // The content of a v1 trap is the whole PDU.
        guard request.type != .trapV1 else { return }
        writer.pduHeader(
            request.type, requestID: slots[slot].requestID, request.nonRepeaters, request.maxRepetitions, since: 0)
    }
}
