// Layer: SNMPEngine. Uses: SNMPSecurity (USMAuthority for informs, USMRemoteEngines for traps). Used by: drivers.
// Receives traps and informs of all versions as a state machine. An inform is answered when its consumer confirms it,
// not before, so that what was acknowledged is what was kept; repetitions of an inform are recognised and not delivered
// twice.

public import Primitives
public import SNMPCodec
public import SNMPSecurity

/// What became of a datagram.
public enum NotificationEvent: Sendable {
    /// A notification for the consumer.
    case notification(ReceivedNotification)
    /// These octets of the reply buffer go back to the sender: a Report, or the answer to a repeated inform.
    case reply(Range<Int>)
    /// Nothing to do; the statistics say why.
    case none
}

/// The receiving side of notifications. Not thread-safe: its owner serialises the calls.
public struct NotificationReceiver: ~Copyable {
    /// What identifies an inform among repetitions of itself. SNMPv3 repeats a request under a new msgID, so the
    /// request-id counts.
    private struct InformKey: Hashable {
        var source: Peer
        var requestID: Int32
        var version: Int32
        var user: [UInt8]
    }

    private enum Pending {
        case community(version: SNMPVersion, community: [UInt8], pdu: [UInt8])
        case v3(AcceptedMessage, contextEngineID: [UInt8], contextName: [UInt8], pdu: [UInt8])
    }

    private struct PendingInform {
        var key: InformKey
        var content: Pending
        var destination: SocketAddress?
    }

    /// The communities that are accepted; nil accepts all.
    public var communities: [[UInt8]]?
    /// What was counted so far.
    public private(set) var statistics = NotificationStatistics()

    private var authority: USMAuthority
    private var remoteEngines: USMRemoteEngines
    private let limits: NotificationLimits
    private var limiter: SourceLimiter
    private var nextToken: UInt64 = 1
    private var pending: [UInt64: PendingInform] = [:]
    private var tokens: [InformKey: UInt64] = [:]
    /// Confirmed informs in the order of their confirmation.
    private var confirmed: [UInt64: PendingInform] = [:]
    private var confirmedOrder: [UInt64] = []
    private var confirmedHead = 0

    /// Makes a receiver.
    ///
    /// - Parameters:
    ///   - communities: the communities to accept; nil for all.
    ///   - authority: this engine, which is authoritative for informs.
    ///   - remoteEngines: what is known of the engines that send traps.
    public init(
        communities: [[UInt8]]?, authority: consuming USMAuthority, remoteEngines: consuming USMRemoteEngines,
        limits: NotificationLimits = NotificationLimits()
    ) {
        self.communities = communities
        self.authority = authority
        self.remoteEngines = remoteEngines
        self.limits = limits
        limiter = SourceLimiter(limits)
    }

    /// Lets a user send traps and informs. Throws `passwordTooShort`, `keyLengthInvalid`, `algorithmUnavailable`.
    public mutating func add(_ credentials: USMCredentials) throws(SecurityError) {
        try authority.add(credentials)
        remoteEngines.add(credentials)
    }

    /// The ID of this engine, which senders of informs discover.
    public var engineID: EngineID { authority.engineID }

    /// Informs that wait for confirmation.
    public var pendingInformCount: Int { pending.count }

    /// The addresses that sent more than their limit, and how many of their notifications were dropped, most first.
    public func offenders(limit: Int = 100) -> [(source: SocketAddress, dropped: Int)] {
        limiter.offenders(limit: limit)
    }

    // MARK: Receiving

    /// Takes a datagram. Encrypted ones are decrypted in place. `reply` is where an immediate answer is written.
    public mutating func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from peer: Peer, to destination: SocketAddress? = nil,
        isTruncated: Bool = false, at now: Instant, reply: UnsafeMutableRawBufferPointer
    ) -> NotificationEvent {
        statistics.received += 1
        guard limiter.admits(peer.address, at: now) else {
            statistics.overSourceLimit += 1
            return .none
        }
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))
        var deviations = Deviations()
        do throws(BERError) {
            if isTruncated { throw BERError(.truncated, at: datagram.count) }
            switch try MessageLayout.parse(bytes, &deviations) {
            case .community(let message):
                return try receive(message, bytes, peer, destination, deviations, now, reply)
            case .v3(let message):
                return try receive(message, datagram, peer, destination, deviations, now, reply)
            }
        } catch {
            statistics.malformed += 1
            return .none
        }
    }

    private mutating func receive(
        _ message: CommunityLayout, _ bytes: RawSpan, _ peer: Peer, _ destination: SocketAddress?,
        _ tolerated: Deviations, _ now: Instant, _ reply: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> NotificationEvent {
        let received = bytes.extracting(message.community)
        if let communities, !communities.contains(where: { received.equalsInConstantTime($0) }) {
            statistics.badCommunity += 1
            return .none
        }
        let community = bytes.octets(message.community)
        let key = InformKey(
            source: peer, requestID: message.pdu.requestID, version: message.version.rawValue, user: community)
        if message.pdu.type == .inform, let range = repeated(key, at: now, reply) { return range }
        guard var notification = try notification(message.pdu, bytes, peer, destination, tolerated, now) else {
            return .none
        }
        notification.version = message.version
        notification.community = community
        if message.pdu.type == .inform {
            let content = Pending.community(
                version: message.version, community: community, pdu: bytes.octets(message.pdu.whole))
            guard let token = keep(key, content, destination) else { return .none }
            notification.kind = .inform(token)
        }
        statistics.delivered += 1
        return .notification(notification)
    }

    private mutating func receive(
        _ message: V3Layout, _ datagram: UnsafeMutableRawBufferPointer, _ peer: Peer, _ destination: SocketAddress?,
        _ tolerated: Deviations, _ now: Instant, _ reply: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> NotificationEvent {
        guard message.securityModel == V3Layout.userBasedSecurityModel else {
            statistics.rejected += 1
            return .none
        }
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))
        let accepted: AcceptedMessage
        // Who asks for an answer makes us the authority: discovery and informs. Who doesn't is one himself.
        if message.flags.contains(.reportable) {
            switch authority.receive(datagram, message, at: now, reply: reply) {
            case .accepted(let found): accepted = found
            case .reply(let range, let reason):
                if reason != .unknownEngineID, reason != .notInTimeWindow { statistics.rejected += 1 }
                statistics.reports += 1
                return .reply(range)
            case .drop:
                statistics.rejected += 1
                return .none
            }
        } else {
            do throws(USMRejection) {
                accepted = try remoteEngines.receive(datagram, message, from: peer.address, at: now)
            } catch {
                statistics.rejected += 1
                return .none
            }
        }
        let pdu = accepted.scoped.pdu
        let key = InformKey(
            source: peer, requestID: pdu.requestID, version: SNMPVersion.v3.rawValue, user: accepted.userName)
        let contextEngineID = bytes.octets(accepted.scoped.contextEngineID)
        let contextName = bytes.octets(accepted.scoped.contextName)
        if pdu.type == .inform {
            // The repetition has a message ID of its own, which the answer must carry.
            let content = Pending.v3(
                accepted, contextEngineID: contextEngineID, contextName: contextName, pdu: bytes.octets(pdu.whole))
            if let token = tokens[key] {
                if pending[token] != nil { pending[token]?.content = content }
                if confirmed[token] != nil { confirmed[token]?.content = content }
            }
            if let event = repeated(key, at: now, reply) { return event }
            guard var notification = try notification(pdu, bytes, peer, destination, tolerated, now) else {
                return .none
            }
            guard let token = keep(key, content, destination) else { return .none }
            notification.kind = .inform(token)
            describe(&notification, accepted, contextEngineID, contextName)
            statistics.delivered += 1
            return .notification(notification)
        }
        guard var notification = try notification(pdu, bytes, peer, destination, tolerated, now) else { return .none }
        describe(&notification, accepted, contextEngineID, contextName)
        statistics.delivered += 1
        return .notification(notification)
    }

    private func describe(
        _ notification: inout ReceivedNotification, _ accepted: AcceptedMessage, _ contextEngineID: [UInt8],
        _ contextName: [UInt8]
    ) {
        notification.version = .v3
        notification.userName = accepted.userName
        notification.securityLevel = accepted.level
        notification.contextEngineID = EngineID(contextEngineID)
        notification.contextName = contextName
    }

    /// The notification in a PDU; nil, and counted, when the PDU is something else.
    private mutating func notification(
        _ layout: PDULayout, _ bytes: RawSpan, _ peer: Peer, _ destination: SocketAddress?, _ tolerated: Deviations,
        _ now: Instant
    ) throws(BERError) -> ReceivedNotification? {
        guard layout.type == .trap || layout.type == .inform || layout.type == .trapV1 else {
            statistics.unexpected += 1
            return nil
        }
        var deviations = tolerated
        let pdu = try layout.pdu(bytes, &deviations)
        var notification = ReceivedNotification(
            kind: .trap, version: .v2c, source: peer, destination: destination, receivedAt: now,
            trapOID: ObjectIdentifier(), upTime: 0, variableBindings: pdu.variableBindings,
            requestID: layout.requestID, community: [], userName: [], securityLevel: .noAuthNoPriv,
            contextEngineID: .empty, contextName: [], deviations: deviations)
        switch pdu {
        case .trapV1(let trap):
            notification.kind = .trapV1(trap)
            notification.upTime = trap.timestamp
            if let name = try? trap.trapOID() { notification.trapOID = name }
        case .pdu(let pdu):
            if let head = pdu.notificationHead {
                notification.upTime = head.upTime
                notification.trapOID = head.trapOID
            }
        }
        return notification
    }

    // MARK: Informs

    /// The event for an inform that was seen before: its answer if it was confirmed, nothing while it waits. Nil for a
    /// new one.
    private mutating func repeated(
        _ key: InformKey, at now: Instant, _ reply: UnsafeMutableRawBufferPointer
    ) -> NotificationEvent? {
        guard let token = tokens[key] else { return nil }
        statistics.duplicates += 1
        guard let inform = confirmed[token], let range = answer(inform, at: now, into: reply) else {
            return .some(.none)
        }
        return .reply(range)
    }

    private mutating func keep(_ key: InformKey, _ content: Pending, _ destination: SocketAddress?) -> InformToken? {
        guard pending.count < limits.maximumPendingInforms else {
            statistics.overPendingLimit += 1
            return nil
        }
        let token = nextToken
        nextToken += 1
        pending[token] = PendingInform(key: key, content: content, destination: destination)
        tokens[key] = token
        return InformToken(number: token)
    }

    /// Confirms an inform: writes the answer for its sender into `reply`. Returns where it lies, whom it goes to and
    /// from which local address; nil when the inform was confirmed or refused before.
    public mutating func confirm(
        _ token: InformToken, at now: Instant, into reply: UnsafeMutableRawBufferPointer
    ) -> (message: Range<Int>, peer: Peer, source: SocketAddress?)? {
        guard let inform = pending.removeValue(forKey: token.number) else { return nil }
        statistics.confirmed += 1
        confirmed[token.number] = inform
        confirmedOrder.append(token.number)
        while confirmed.count > limits.rememberedInforms { forgetOldest() }
        guard let range = answer(inform, at: now, into: reply) else { return nil }
        return (range, inform.key.source, inform.destination)
    }

    /// Gives an inform up without an answer; its sender may repeat it, and it is then delivered again.
    public mutating func refuse(_ token: InformToken) {
        guard let inform = pending.removeValue(forKey: token.number) else { return }
        tokens[inform.key] = nil
    }

    private mutating func forgetOldest() {
        guard confirmedHead < confirmedOrder.count else { return }
        let oldest = confirmedOrder[confirmedHead]
        confirmedHead += 1
        if confirmedHead > 4_096, confirmedHead * 2 > confirmedOrder.count {
            confirmedOrder.removeFirst(confirmedHead)
            confirmedHead = 0
        }
        guard let inform = confirmed.removeValue(forKey: oldest) else { return }
        if tokens[inform.key] == oldest { tokens[inform.key] = nil }
    }

    /// Writes the response to an inform: its own PDU under another type (RFC 3416, section 4.2.7).
    private mutating func answer(
        _ inform: PendingInform, at now: Instant, into reply: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        var writer = BERWriter(reply)
        switch inform.content {
        case .community(let version, let community, let pdu):
            writeResponse(pdu, inform.key.requestID, &writer)
            writer.messageHeader(version: version, community: community, since: 0)
        case .v3(let accepted, let contextEngineID, let contextName, let pdu):
            writeResponse(pdu, inform.key.requestID, &writer)
            writer.scopedHeader(contextEngineID: contextEngineID, contextName: contextName, since: 0)
            do throws(MessageSecurityError) {
                try authority.protectReply(&writer, to: accepted, at: now)
            } catch {
                return nil
            }
        }
        return writer.overflowed ? nil : writer.start..<writer.capacity
    }

    private func writeResponse(_ pdu: [UInt8], _ requestID: Int32, _ writer: inout BERWriter) {
        // The PDU was parsed when it arrived; its list of bindings goes back as it came.
        let bytes = pdu.span.bytes
        var outer = BERReader(bytes)
        var deviations = Deviations()
        do throws(BERError) {
            var reader = BERReader(try outer.element(bytes).content)
            for _ in 0..<3 { _ = try reader.integer(bytes, &deviations) }
            writer.raw(bytes.extracting(reader.offset..<reader.end))
        } catch {
            preconditionFailure("an inform that was parsed before can't be parsed again")
        }
        writer.pduHeader(.response, requestID: requestID, 0, 0, since: 0)
    }
}
