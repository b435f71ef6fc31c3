// Layer: SNMPEngine. Uses: SNMPSecurity. Used by: ManagerEngine.
// SNMPv3 (RFC 3412, RFC 3414): discovery once per engine, clocks learned from authenticated messages only, Reports, and
// the key extension of AES-192/256 found by trying.
//
// Trust: message identifiers are unpredictable, so an unauthenticated Report that carries ours comes from somebody who
// saw the request. It may start a repetition, or end a request with its complaint; it never changes what is known of a
// synchronised engine's clock.

import Primitives
import SNMPCodec
import SNMPSecurity

extension KeyExtension {
    /// The extension named in a profile; Blumenthal, the more common one, when there is none.
    init(profileName: String?) {
        self = profileName == KeyExtension.reeder.description ? .reeder : .blumenthal
    }

    /// The one that this is not.
    var other: KeyExtension { self == .blumenthal ? .reeder : .blumenthal }
}

extension ManagerEngine {
    // MARK: Endpoints

    /// Ties a target to what is known of the engine at its address.
    mutating func attachEndpoint(_ target: Int) {
        let peer = targets[target].configuration.peer
        let index: Int
        if let known = endpointsByPeer[peer] {
            index = Int(known)
        } else if let free = freeEndpoints.popLast() {
            index = Int(free)
            endpoints[index] = EndpointState(peer: peer)
        } else {
            index = endpoints.count
            endpoints.append(EndpointState(peer: peer))
        }
        endpointsByPeer[peer] = Int32(index)
        endpoints[index].targetCount += 1
        targets[target].endpoint = Int32(index)
    }

    /// Forgets an engine when its last target goes.
    mutating func detachEndpoint(_ target: Int, at now: Instant) {
        let index = Int(targets[target].endpoint)
        guard index >= 0 else { return }
        targets[target].endpoint = -1
        endpoints[index].targetCount -= 1
        guard endpoints[index].targetCount == 0 else {
            // If the probe went with the target, another of the waiting targets asks again.
            let waiting = endpoints[index].waiting
            if case .underway(let probe) = endpoints[index].discovery, slots[probe].state == .free, !waiting.isEmpty {
                endpoints[index].discovery = .unknown
                endpoints[index].waiting = []
                for slot in waiting { discover(for: Int(slots[slot].target), waiting: slot, at: now) }
            } else if case .underway(let probe) = endpoints[index].discovery, slots[probe].state == .free {
                endpoints[index].discovery = .unknown
            }
            return
        }
        endpointsByPeer[endpoints[index].peer] = nil
        freeEndpoints.append(Int32(index))
    }

    // MARK: Discovery

    func needsDiscovery(_ slot: Int, _ target: Int) -> Bool {
        let endpoint = targets[target].endpoint
        guard endpoint >= 0, let request = slots[slot].request, request.type != .trap else { return false }
        if case .known = endpoints[Int(endpoint)].discovery { return false }
        return true
    }

    /// Lets a slot wait until the engine at the target's address is known; asks for it if nobody has.
    mutating func discover(for target: Int, waiting slot: Int, at now: Instant) {
        let endpoint = Int(targets[target].endpoint)
        endpoints[endpoint].waiting.append(slot)
        if case .underway = endpoints[endpoint].discovery { return }
        let probe = takeDiscoverySlot(target)
        endpoints[endpoint].discovery = .underway(slot: probe)
        slots[probe].state = .inFlight
        linkStarted(probe, target)
        slots[probe].firstSent = now
        send(probe, at: now)
    }

    mutating func stopWaiting(_ slot: Int, _ target: Int) {
        let endpoint = Int(targets[target].endpoint)
        guard endpoint >= 0 else { return }
        endpoints[endpoint].waiting.removeAll { $0 == slot }
    }

    /// Ends all that waited for a discovery which got no answer.
    mutating func discoveryFailed(_ probe: Int, _ failure: RequestFailure, at now: Instant) {
        let target = Int(slots[probe].target)
        let endpoint = Int(targets[target].endpoint)
        finish(probe, .failure(failure))
        guard endpoint >= 0 else { return }
        endpoints[endpoint].discovery = .unknown
        let waiting = endpoints[endpoint].waiting
        endpoints[endpoint].waiting = []
        var affected = Set<Int>()
        for slot in waiting where slots[slot].state == .waiting {
            affected.insert(Int(slots[slot].target))
            finish(slot, .failure(failure))
        }
        for target in affected { pump(target, at: now) }
    }

    /// Takes the engine ID out of a Report to the probe; boots and time in it are a guess to begin with.
    private mutating func discovered(
        _ probe: Int, _ endpoint: Int, _ message: V3Layout, _ bytes: RawSpan, at now: Instant
    ) {
        let engineID = EngineID(bytes.octets(message.engineID))
        guard !engineID.isEmpty else { return }
        learn(endpoint, engineID, message, at: now)
        endpoints[endpoint].discovery = .known
        finish(probe, .sent)
        let waiting = endpoints[endpoint].waiting
        endpoints[endpoint].waiting = []
        var affected = Set<Int>()
        for slot in waiting where slots[slot].state == .waiting {
            slots[slot].state = .inFlight
            affected.insert(Int(slots[slot].target))
            send(slot, at: now)
        }
        // Some may have ended at once.
        for target in affected { pump(target, at: now) }
    }

    /// Adopts an engine ID and, unless the engine's clock is known for certain, the clock in the message as a guess.
    private mutating func learn(_ endpoint: Int, _ engineID: EngineID, _ message: V3Layout, at now: Instant) {
        if endpoints[endpoint].engineID != engineID {
            endpoints[endpoint].engineID = engineID
            endpoints[endpoint].isSynchronised = false
        }
        guard !endpoints[endpoint].isSynchronised else { return }
        endpoints[endpoint].boots = message.engineBoots
        endpoints[endpoint].time = message.engineTime
        endpoints[endpoint].timeLearned = now
    }

    // MARK: Sending

    mutating func encodeV3(
        _ slot: Int, _ target: Int, _ credentials: USMCredentials, _ contextName: [UInt8], _ contextEngineID: EngineID,
        at now: Instant
    ) -> Result<Int, RequestFailure> {
        var writer = BERWriter(scratch)
        writePDU(slot, &writer)
        let messageID = nextMessageID(slot, targets[target].keyExtension)
        let maximumSize = Int32(SNMPLimits.maximumMessageByteCount)
        if slots[slot].isDiscovery {
            writer.scopedHeader(contextEngineID: [], contextName: [], since: 0)
            _ = writer.v3Header(
                messageID: messageID, maximumSize: maximumSize, flags: .reportable, engineID: [], engineBoots: 0,
                engineTime: 0, userName: [], authenticationByteCount: 0, salt: nil, since: 0)
            return .success(writer.overflowed ? 0 : writer.byteCount)
        }
        let isTrap = slots[slot].request?.type == .trap
        let endpoint = Int(targets[target].endpoint)
        let engineID = isTrap ? local.engineID : endpoints[endpoint].engineID
        let boots = isTrap ? local.boots : endpoints[endpoint].boots
        let time = isTrap ? local.time(at: now) : endpoints[endpoint].engineTime(at: now)
        let keys: LocalizedKeys
        do throws(SecurityError) {
            keys = try localizedKeys(target, credentials, engineID)
        } catch {
            return .failure(.security("keys for user \(credentials): \(error)"))
        }
        let context = contextEngineID.isEmpty ? engineID : contextEngineID
        writer.scopedHeader(contextEngineID: context.octets, contextName: contextName, since: 0)
        saltCounter &+= 1
        do throws(MessageSecurityError) {
            let header = ProtectionHeader(
                messageID: messageID, maximumSize: maximumSize, level: credentials.securityLevel, isReportable: !isTrap,
                engineID: engineID.octets, engineBoots: boots, engineTime: time, userName: credentials.userName,
                saltCounter: saltCounter)
            try MessageProtection.protect(&writer, header, keys: keys)
        } catch {
            if error == .bufferTooSmall { return .success(0) }
            return .failure(.security("protecting a message of user \(credentials): \(error)"))
        }
        let count = writer.overflowed ? 0 : writer.byteCount
        let limit = isTrap ? SNMPLimits.maximumMessageByteCount : Int(endpoints[endpoint].maximumSize)
        if count > limit { return .failure(.tooLarge(byteCount: count, limit: limit)) }
        return .success(count)
    }

    /// A fresh message identifier for each attempt; replies to earlier ones still find the slot.
    private mutating func nextMessageID(_ slot: Int, _ keyExtension: KeyExtension) -> Int32 {
        let identifier = newMessageID(slot)
        if slots[slot].messageIDCount == slots[slot].messageIDs.count {
            // More attempts than places: the oldest is forgotten, and a reply to it is late.
            forgetMessageID(slots[slot].messageIDs[0], Int(slots[slot].target), wasAnswered: false)
            for index in 1..<slots[slot].messageIDCount {
                slots[slot].messageIDs[index - 1] = slots[slot].messageIDs[index]
            }
            slots[slot].messageIDCount -= 1
            slots[slot].sentWithReeder >>= 1
        }
        let place = slots[slot].messageIDCount
        slots[slot].messageIDCount += 1
        slots[slot].messageIDs[place] = identifier
        let bit: UInt16 = 1 << UInt16(place)
        if keyExtension == .reeder { slots[slot].sentWithReeder |= bit } else { slots[slot].sentWithReeder &= ~bit }
        return identifier
    }

    /// The key extension that a message of a slot was sent with.
    private func keyExtension(of messageID: Int32, _ slot: Int) -> KeyExtension {
        for place in 0..<slots[slot].messageIDCount where slots[slot].messageIDs[place] == messageID {
            return slots[slot].sentWithReeder & 1 << UInt16(place) == 0 ? .blumenthal : .reeder
        }
        return .blumenthal
    }

    /// The identifier of the last message of a slot.
    private func lastMessageID(_ slot: Int) -> Int32 {
        let count = slots[slot].messageIDCount
        return count == 0 ? 0 : slots[slot].messageIDs[count - 1]
    }

    private mutating func localizedKeys(
        _ target: Int, _ credentials: USMCredentials, _ engineID: EngineID
    ) throws(SecurityError) -> LocalizedKeys {
        if let keys = targets[target].keys, targets[target].keysEngineID == engineID,
            keys.keyExtension == nil || keys.keyExtension == targets[target].keyExtension
        {
            return keys
        }
        let keys = try LocalizedKeys(
            credentials, engineID: engineID.octets, keyExtension: targets[target].keyExtension, cache: masterKeys)
        targets[target].keys = keys
        targets[target].keysEngineID = engineID
        return keys
    }

    /// While no response has proved the key extension, each other attempt tries the other one.
    mutating func tryOtherKeyExtension(_ target: Int, _ slot: Int) {
        guard !targets[target].keyExtensionProved, !slots[slot].isDiscovery, hasKeyExtensionChoice(target)
        else { return }
        targets[target].keyExtension = keyExtension(of: lastMessageID(slot), slot).other
    }

    private func hasKeyExtensionChoice(_ target: Int) -> Bool {
        guard case .v3(let credentials, _, _) = targets[target].configuration.security else { return false }
        return credentials.candidateKeyExtensions.count > 1
    }

    // MARK: Receiving

    mutating func receiveV3(
        _ message: V3Layout, _ datagram: UnsafeMutableRawBufferPointer, _ peer: Peer, _ tolerated: Deviations,
        _ now: Instant
    ) {
        var deviations = tolerated
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))
        guard let slot = messageIDs[message.messageID], slots[slot].isSent else {
            noteUnmatched(message.messageID, peer)
            return
        }
        let target = Int(slots[slot].target)
        let endpoint = Int(targets[target].endpoint)
        guard endpoint >= 0, message.securityModel == V3Layout.userBasedSecurityModel,
            case .v3(let credentials, _, _) = targets[target].configuration.security
        else {
            targets[target].statistics.rejected += 1
            return
        }
        guard acceptSource(peer, target, &deviations) else { return }
        var payload = message.payload
        if message.flags.contains(.authenticated) {
            if message.flags.contains(.encrypted), !targets[target].keyExtensionProved {
                targets[target].keyExtension = keyExtension(of: message.messageID, slot)
            }
            guard let checked = authenticate(message, datagram, slot, target, endpoint, credentials, at: now) else {
                targets[target].statistics.rejected += 1
                return
            }
            payload = checked
        }
        // An unsigned message to a user who signs is not to be believed in this.
        if message.flags.contains(.authenticated) || credentials.authentication == nil || slots[slot].isDiscovery {
            endpoints[endpoint].maximumSize = message.maximumSize
        }
        let scoped: ScopedPDULayout
        do throws(BERError) {
            scoped = try ScopedPDULayout.parse(bytes, payload, &deviations)
        } catch {
            targets[target].statistics.malformed += 1
            targets[target].lastError = error
            return
        }
        if message.flags.contains(.encrypted) { targets[target].keyExtensionProved = true }
        switch scoped.pdu.type {
        case .report:
            report(scoped.pdu, message, bytes, slot, target, endpoint, at: now)
        case .response where !slots[slot].isDiscovery:
            // A response must be as well protected as its request (RFC 3412, section 7.2, 12.).
            guard message.flags.level >= credentials.securityLevel, scoped.pdu.requestID == slots[slot].requestID else {
                targets[target].statistics.rejected += 1
                return
            }
            accept(scoped.pdu, bytes, UnsafeRawBufferPointer(datagram), slot, peer, deviations, now)
        default:
            noteUnmatched(message.messageID, peer)
        }
    }

    /// Checks the digest and the time of a message, and decrypts it in place; the range of its scoped PDU, or nil when
    /// it is not to be believed.
    private mutating func authenticate(
        _ message: V3Layout, _ datagram: UnsafeMutableRawBufferPointer, _ slot: Int, _ target: Int, _ endpoint: Int,
        _ credentials: USMCredentials, at now: Instant
    ) -> Range<Int>? {
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))
        guard credentials.authentication != nil, !endpoints[endpoint].engineID.isEmpty,
            bytes.equals(message.engineID, endpoints[endpoint].engineID.octets),
            bytes.equals(message.userName, credentials.userName)
        else { return nil }
        guard let keys = try? localizedKeys(target, credentials, endpoints[endpoint].engineID) else { return nil }
        do throws(MessageSecurityError) {
            try MessageProtection.verify(datagram, message, keys: keys)
            guard noteTime(message, slot, endpoint, target, at: now) else { return nil }
            if message.flags.contains(.encrypted) { try MessageProtection.decrypt(datagram, message, keys: keys) }
            return message.payload
        } catch {
            return nil
        }
    }

    /// Follows the engine's clock with an authenticated message that answers one of ours (RFC 3414, section 3.2, 7b);
    /// false when the message is outside the time window.
    private mutating func noteTime(
        _ message: V3Layout, _ slot: Int, _ endpoint: Int, _ target: Int, at now: Instant
    ) -> Bool {
        let known = endpoints[endpoint]
        guard known.isSynchronised else {
            adopt(message, endpoint, target, at: now)
            return true
        }
        if message.engineBoots < known.boots {
            // Boots that go back: the device does not keep them. The message answers an unpredictable identifier under
            // our key, so it can't be a replay; but an answer to an earlier attempt may be from before a restart.
            guard targets[target].configuration.policy.acceptsBootsRollback, message.messageID == lastMessageID(slot)
            else { return false }
            targets[target].statistics.bootsRollbacks += 1
            adopt(message, endpoint, target, at: now)
            return true
        }
        let expected = known.engineTime(at: now)
        if message.engineBoots > known.boots || message.engineTime > expected {
            adopt(message, endpoint, target, at: now)
            return true
        }
        return Int64(message.engineTime) >= Int64(expected) - 150
            || message.engineBoots == known.boots && reportsTime(message)
    }

    /// An authenticated message in reply to ours whose clock is behind by more than the window: a device whose clock
    /// was set back without a new boot count. Its own Report is what corrects us.
    private func reportsTime(_ message: V3Layout) -> Bool { !message.flags.contains(.encrypted) }

    private mutating func adopt(_ message: V3Layout, _ endpoint: Int, _ target: Int, at now: Instant) {
        if !endpoints[endpoint].isSynchronised || endpoints[endpoint].boots != message.engineBoots {
            targets[target].statistics.timeSynchronisations += 1
        }
        endpoints[endpoint].boots = message.engineBoots
        endpoints[endpoint].time = message.engineTime
        endpoints[endpoint].timeLearned = now
        endpoints[endpoint].isSynchronised = true
    }

    // MARK: Reports

    private mutating func report(
        _ pdu: PDULayout, _ message: V3Layout, _ bytes: RawSpan, _ slot: Int, _ target: Int, _ endpoint: Int,
        at now: Instant
    ) {
        if slots[slot].isDiscovery {
            // Whatever it complains about, a Report to the probe names the engine.
            discovered(slot, endpoint, message, bytes, at: now)
            return
        }
        let refusal = SecurityRefusal(report: pdu, bytes)
        guard message.messageID == lastMessageID(slot) else {
            // About an earlier attempt, or a second copy: what it could teach has been answered with another attempt.
            targets[target].statistics.duplicates += 1
            return
        }
        switch refusal {
        case .unknownEngineID where !message.engineID.isEmpty:
            // The device was replaced or renamed itself; discovery has in effect been repeated, by this request or by
            // another one under way at the same time.
            learn(endpoint, EngineID(bytes.octets(message.engineID)), message, at: now)
            repeatAfter(refusal, slot, at: now)
            return
        case .notInTimeWindow:
            // Without a digest it says nothing about the clock.
            if message.flags.contains(.authenticated) {
                // The clock may have been set back without a new boot count.
                adopt(message, endpoint, target, at: now)
                repeatAfter(refusal, slot, at: now)
            } else {
                targets[target].statistics.rejected += 1
                slots[slot].lastRefusal = refusal
            }
            return
        case .decryptionError where hasKeyExtensionChoice(target):
            let sent = keyExtension(of: message.messageID, slot)
            slots[slot].refusedExtensions |= 1 << sent.rawValue
            if slots[slot].refusedExtensions & 1 << sent.other.rawValue == 0 {
                targets[target].keyExtensionProved = false
                targets[target].keyExtension = sent.other
                if resend(slot, at: now) { return }
            }
        default: break
        }
        finish(slot, .failure(.refused(refusal)))
        pump(target, at: now)
    }

    /// Sends a request again at once; if that was done too often already, its timer decides.
    private mutating func repeatAfter(_ refusal: SecurityRefusal, _ slot: Int, at now: Instant) {
        if !resend(slot, at: now) { slots[slot].lastRefusal = refusal }
    }

    /// Sends a request again at once, because a Report said what was wrong with it; at most three times, and not when
    /// it is held.
    private mutating func resend(_ slot: Int, at now: Instant) -> Bool {
        guard slots[slot].reportResends < 3, slots[slot].state == .inFlight else { return false }
        slots[slot].reportResends += 1
        // One that waits for the packet budget will be encoded with what was learned.
        guard !slots[slot].isDeferred else { return true }
        let target = Int(slots[slot].target)
        timers.cancel(slot)
        send(slot, at: now)
        pump(target, at: now)
        return true
    }
}

extension SecurityRefusal {
    /// What the first binding of a Report counts.
    init(report pdu: PDULayout, _ bytes: RawSpan) {
        var reader = BERReader(pdu.bindings)
        var deviations = Deviations()
        var name = ObjectIdentifier()
        self = .other
        do throws(BERError) {
            guard let binding = try reader.binding(bytes, &deviations) else { return }
            try BER.objectIdentifier(bytes, binding.name, into: &name, &deviations)
        } catch {
            return
        }
        // usmStats, snmpMPDStats, snmpTargetObjects; all below snmpModules.
        for (root, offset) in [
            ([1, 3, 6, 1, 6, 3, 15, 1, 1], 0), ([1, 3, 6, 1, 6, 3, 11, 2, 1], 100), ([1, 3, 6, 1, 6, 3, 12, 1], 200),
        ] as [(ObjectIdentifier, UInt32)] where name.starts(with: root) && name.count > root.count {
            // snmpTargetObjects counts unavailable contexts at 4 and unknown ones at 5.
            let arc = name[root.count]
            let number = offset == 200 ? (arc >= 4 ? arc - 3 : 99) : arc
            if number < 100 { self = SecurityRefusal(rawValue: offset + number) ?? .other }
        }
    }
}
