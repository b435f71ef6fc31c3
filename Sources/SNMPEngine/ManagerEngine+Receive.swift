// Layer: SNMPEngine. Uses: SNMPCodec. Used by: drivers, simulations.
// What arrives: matched to its request by identifier, checked, and handed to the request's completion.

public import Primitives
import SNMPCodec
import SNMPSecurity

extension ManagerEngine {
    /// Takes a message from the network.
    ///
    /// `datagram` must stay as it is until the completions that are due have run; an encrypted message is decrypted in
    /// place. `isTruncated` says that the system cut the datagram to its buffer.
    public mutating func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from peer: Peer, isTruncated: Bool = false, at now: Instant
    ) {
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))
        var deviations = Deviations()
        let layout: MessageLayout
        do throws(BERError) {
            if isTruncated { throw BERError(.truncated, at: datagram.count) }
            layout = try MessageLayout.parse(bytes, &deviations)
        } catch {
            noteMalformed(peer, error)
            return
        }
        switch layout {
        case .community(let message): receive(message, bytes, datagram, peer, deviations, now)
        case .v3(let message): receiveV3(message, datagram, peer, deviations, now)
        }
    }

    private mutating func receive(
        _ message: CommunityLayout, _ bytes: RawSpan, _ datagram: UnsafeMutableRawBufferPointer, _ peer: Peer,
        _ tolerated: Deviations, _ now: Instant
    ) {
        var deviations = tolerated
        guard message.pdu.type == .response, let slot = slot(answeredBy: message, bytes, peer),
            slots[slot].isSent
        else {
            noteUnmatched(message.pdu.requestID, peer)
            return
        }
        let target = Int(slots[slot].target)
        guard message.version == targets[target].version else {
            targets[target].statistics.unmatched += 1
            return
        }
        guard acceptSource(peer, target, &deviations) else { return }
        if !bytes.equals(message.community, targets[target].community) {
            // Agents that index communities answer with the plain one. From a foreign address that is one liberty too
            // many.
            guard !deviations.contains(.otherSourceAddress) else {
                targets[target].statistics.rejected += 1
                return
            }
            deviations.insert(.otherCommunity)
        }
        accept(message.pdu, bytes, UnsafeRawBufferPointer(datagram), slot, peer, deviations, now)
    }

    /// Whether a reply from `peer` may answer a request to `target`.
    mutating func acceptSource(_ peer: Peer, _ target: Int, _ deviations: inout Deviations) -> Bool {
        guard peer != targets[target].configuration.peer else { return true }
        targets[target].statistics.fromOtherAddress += 1
        guard targets[target].configuration.policy.acceptsOtherSourceAddress,
            peer.transport == targets[target].configuration.peer.transport
        else { return false }
        targets[target].profile.answersFromOtherAddress = true
        deviations.insert(.otherSourceAddress)
        return true
    }

    /// Ends a request with the response that was matched to it, if its list of bindings holds together.
    mutating func accept(
        _ pdu: PDULayout, _ bytes: RawSpan, _ datagram: UnsafeRawBufferPointer, _ slot: Int, _ peer: Peer,
        _ tolerated: Deviations, _ now: Instant
    ) {
        var deviations = tolerated
        let target = Int(slots[slot].target)
        do throws(BERError) {
            try slots[slot].request?.check(pdu, bytes, &deviations)
        } catch {
            // A later attempt may arrive whole.
            targets[target].statistics.malformed += 1
            targets[target].lastError = error
            return
        }
        let roundTrip = now - slots[slot].lastSent
        noteAnswer(target, roundTrip, attempt: slots[slot].attempt, deviations, at: now)
        let response = Response(
            pdu: pdu, deviations: deviations, roundTrip: roundTrip, attempts: slots[slot].attemptsMade,
            source: peer.address, messageByteCount: datagram.count)
        finish(slot, .response(response), message: datagram)
        pump(target, at: now)
    }

    private mutating func noteAnswer(
        _ target: Int, _ roundTrip: Interval, attempt: Int, _ deviations: Deviations, at now: Instant
    ) {
        targets[target].statistics.deviations.formUnion(deviations)
        targets[target].roundTrip.answered(after: roundTrip, attempt: attempt)
        targets[target].lastAnswer = now
        targets[target].lossEstimate -= targets[target].lossEstimate >> 4
        targets[target].answersSinceWindowChange += 1
        // A window's worth of answers in a row opens the window by one, if all of it is in use.
        if targets[target].answersSinceWindowChange >= targets[target].window,
            targets[target].inFlight >= targets[target].window,
            targets[target].window < targets[target].configuration.policy.maximumInFlight,
            !targets[target].roundTrip.showsQueueing
        {
            targets[target].window += 1
            targets[target].answersSinceWindowChange = 0
        }
    }

    // MARK: What fits nothing

    /// Counts a message that can't be decoded against the targets at its address.
    private mutating func noteMalformed(_ peer: Peer, _ error: BERError) {
        guard let candidates = targetsByPeer[peer] else {
            strayDatagrams += 1
            return
        }
        for target in candidates {
            targets[Int(target)].statistics.malformed += 1
            targets[Int(target)].lastError = error
        }
    }

    /// Counts a message whose identifier belongs to no request: a repeated or late reply, or a wrong one.
    mutating func noteUnmatched(_ identifier: Int32, _ peer: Peer) {
        let entry = recent[Int(identifier) & (recent.count - 1)]
        if entry.identifier == identifier, entry.target >= 0 {
            if entry.wasAnswered {
                targets[Int(entry.target)].statistics.duplicates += 1
            } else {
                targets[Int(entry.target)].statistics.late += 1
            }
            return
        }
        guard let candidates = targetsByPeer[peer] else {
            strayDatagrams += 1
            return
        }
        for target in candidates { targets[Int(target)].statistics.unmatched += 1 }
    }
}

extension Request {
    /// Reads through the bindings of a response to this request: throws if they don't hold together, and notes names
    /// that were not asked for.
    fileprivate func check(
        _ pdu: PDULayout, _ bytes: RawSpan, _ deviations: inout Deviations
    ) throws(BERError) {
        var reader = BERReader(pdu.bindings)
        var count = 0
        // The agent's own choice of names, or no answer proper.
        if type == .getBulk || type == .getNext || pdu.errorStatus != .noError {
            while try reader.binding(bytes, &deviations) != nil { count += 1 }
        } else {
            let ours = content.span.bytes
            var none = Deviations()
            var asked = BERReader(ours)
            asked = BERReader(try asked.content(BERTag.sequence, ours))
            while let binding = try reader.binding(bytes, &deviations) {
                count += 1
                guard let wanted = try asked.binding(ours, &none) else { continue }
                if !bytes.equals(binding.name, ours, wanted.name),
                    try BER.objectIdentifier(bytes, binding.name) != BER.objectIdentifier(ours, wanted.name)
                {
                    deviations.insert(.otherNames)
                }
            }
        }
        if type != .getBulk, pdu.errorStatus == .noError, count != bindingCount {
            deviations.insert(.wrongBindingCount)
        }
    }
}

extension BER {
    fileprivate static func objectIdentifier(
        _ bytes: RawSpan, _ range: Range<Int>
    ) throws(BERError) -> ObjectIdentifier {
        var name = ObjectIdentifier()
        var deviations = Deviations()
        try objectIdentifier(bytes, range, into: &name, &deviations)
        return name
    }
}

extension RawSpan {
    /// Whether the octets of `range` are those of `otherRange` in `other`.
    func equals(_ range: Range<Int>, _ other: RawSpan, _ otherRange: Range<Int>) -> Bool {
        guard range.count == otherRange.count else { return false }
        var index = 0
        while index + 8 <= range.count {
            if unsafeLoadUnaligned(fromByteOffset: range.lowerBound + index, as: UInt64.self)
                != other.unsafeLoadUnaligned(fromByteOffset: otherRange.lowerBound + index, as: UInt64.self)
            {
                return false
            }
            index += 8
        }
        while index < range.count {
            if unsafeLoad(fromByteOffset: range.lowerBound + index, as: UInt8.self)
                != other.unsafeLoad(fromByteOffset: otherRange.lowerBound + index, as: UInt8.self)
            {
                return false
            }
            index += 1
        }
        return true
    }

    /// Whether the octets of `range` are those of `other`.
    func equals(_ range: Range<Int>, _ other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        var index = 0
        while index < other.count {
            if unsafeLoad(fromByteOffset: range.lowerBound + index, as: UInt8.self) != other[index] { return false }
            index += 1
        }
        return true
    }
}
