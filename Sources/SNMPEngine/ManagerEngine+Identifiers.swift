// Layer: SNMPEngine. Uses: RequestIDTable. Used by: ManagerEngine.
// Which request a response belongs to. Responses of v1 and v2c are told apart by their request-ids, which callers may
// choose; those of v3 by message identifiers, which are always random: that nobody can guess them is what protects
// against forged Reports. So the two are kept in tables of their own.

import Primitives
import SNMPCodec

extension ManagerEngine {
    // MARK: Taking

    /// Whether a request to the peer of `target` has the request-id already.
    func isInUse(_ requestID: Int32, _ target: Int) -> Bool {
        guard let first = requestIDs.first(requestID) else { return false }
        let peer = targets[target].configuration.peer
        return peerOf(first) == peer || requestIDs.other(requestID, peer) != nil
    }

    /// The request-id of a slot whose request and target are set: the one that is wanted, which is not in use towards
    /// the peer, or a random one.
    mutating func registeredRequestID(_ wanted: Int32?, _ slot: Int, _ target: Int) -> Int32 {
        guard slots[slot].isConfirmed else { return wanted ?? random.nextIdentifier() }
        if let wanted {
            requestIDs.share(wanted, slot: slot, peer: targets[target].configuration.peer)
            return wanted
        }
        while true {
            let identifier = random.nextIdentifier()
            if requestIDs.insert(identifier, slot: slot) { return identifier }
        }
    }

    /// A message identifier of SNMPv3 that no attempt under way has.
    mutating func newMessageID(_ slot: Int) -> Int32 {
        while true {
            let identifier = random.nextIdentifier()
            if messageIDs.insert(identifier, slot: slot) { return identifier }
        }
    }

    // MARK: Finding

    /// The slot of the request that a community response belongs to, going by its request-id and, where several
    /// requests have that, by its source.
    func slot(answeredBy message: CommunityLayout, _ bytes: RawSpan, _ peer: Peer) -> Int? {
        guard let first = requestIDs.first(message.pdu.requestID) else { return nil }
        guard requestIDs.hasShared, peerOf(first) != peer else { return first }
        if let exact = requestIDs.other(message.pdu.requestID, peer) { return exact }
        let others = requestIDs.others(message.pdu.requestID)
        guard !others.isEmpty, !mayAnswer(first, message, bytes, peer) else { return first }
        return others.first { mayAnswer($0.slot, message, bytes, peer) }?.slot ?? first
    }

    /// Whether the request of a slot takes this response from a peer that it was not sent to.
    private func mayAnswer(_ slot: Int, _ message: CommunityLayout, _ bytes: RawSpan, _ peer: Peer) -> Bool {
        let target = Int(slots[slot].target)
        return slots[slot].isSent && targets[target].version == message.version
            && targets[target].configuration.policy.acceptsOtherSourceAddress
            && targets[target].configuration.peer.transport == peer.transport
            && bytes.equals(message.community, targets[target].community)
    }

    private func peerOf(_ slot: Int) -> Peer { targets[Int(slots[slot].target)].configuration.peer }

    // MARK: Giving back

    /// Gives all identifiers of a slot back, and remembers them for replies to come.
    mutating func forgetIdentifiers(_ slot: Int, _ target: Int, _ wasAnswered: Bool) {
        if slots[slot].isConfirmed {
            requestIDs.remove(slots[slot].requestID, slot: slot)
            remember(slots[slot].requestID, target, wasAnswered)
        }
        for index in 0..<slots[slot].messageIDCount {
            forgetMessageID(slots[slot].messageIDs[index], target, wasAnswered: wasAnswered)
        }
    }

    mutating func forgetMessageID(_ identifier: Int32, _ target: Int, wasAnswered: Bool) {
        messageIDs.remove(identifier)
        remember(identifier, target, wasAnswered)
    }

    private mutating func remember(_ identifier: Int32, _ target: Int, _ wasAnswered: Bool) {
        recent[Int(identifier) & (recent.count - 1)] = RecentRequest(
            identifier: identifier, target: Int32(target), wasAnswered: wasAnswered)
    }
}
