// Layer: SNMPAgent. Uses: Agent, RequestProcessor, SetTransaction. Used by: Agent.
// From a parsed message to its answer: who asks (community or user), what for (context), and the response's encoding.

import Primitives
import SNMPCodec
import SNMPSecurity

/// A request whose sender is known.
struct Inquiry {
    let pdu: PDULayout
    let envelope: Envelope
    let model: SecurityModel
    let securityName: [UInt8]
    let level: SecurityLevel
    let context: [UInt8]
    let registry: ObjectRegistry
    let now: Instant

    /// What goes around the response PDU.
    enum Envelope {
        case community(SNMPVersion, Range<Int>)
        case v3(AcceptedMessage)
    }

    var isV1: Bool { model == .v1 }
}

extension Agent {
    /// A message of v1 or v2c.
    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, _ layout: CommunityLayout, _ source: SocketAddress, _ now: Instant,
        _ reply: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> Range<Int>? {
        let bytes = UnsafeRawBufferPointer(datagram).bytes
        guard let community = communities.find(bytes, layout.community, layout.version, from: source) else {
            state.counters.inBadCommunityNames &+= 1
            authenticationFailed(source, now)
            return nil
        }
        guard layout.pdu.type.isRequest else {
            state.counters.unknownPDUHandlers &+= 1
            return nil
        }
        guard let registry = registry(community.contextName) else {
            state.counters.unknownContexts &+= 1
            return nil
        }
        let inquiry = Inquiry(
            pdu: layout.pdu, envelope: .community(layout.version, layout.community),
            model: layout.version == .v1 ? .v1 : .v2c, securityName: community.securityName, level: .noAuthNoPriv,
            context: community.contextName, registry: registry, now: now)
        return try answer(bytes, inquiry, reply)
    }

    /// A message of v3 (RFC 3412, section 7.2).
    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ source: SocketAddress, _ now: Instant,
        _ reply: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> Range<Int>? {
        guard layout.securityModel == V3Layout.userBasedSecurityModel else {
            state.counters.unknownSecurityModels &+= 1
            return nil
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: reply.prefix(limits.maximumMessageByteCount))
        let verdict = authority.receive(datagram, layout, at: now, reply: room)
        state.counters.security = authority.statistics
        switch verdict {
        case .accepted(let message): return try receive(datagram, message, now, room)
        case .reply(let range, let rejection):
            if rejection.isAuthenticationFailure { authenticationFailed(source, now) }
            return range
        case .drop(.malformed(let error)): throw error
        case .drop(let rejection):
            if rejection.isAuthenticationFailure { authenticationFailed(source, now) }
            return nil
        }
    }

    /// A message of v3 that passed the checks of its security model.
    private func receive(
        _ datagram: UnsafeMutableRawBufferPointer, _ message: AcceptedMessage, _ now: Instant,
        _ room: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> Range<Int>? {
        let bytes = UnsafeRawBufferPointer(datagram).bytes
        let scoped = message.scoped
        guard scoped.pdu.type.isRequest, bytes.octets(scoped.contextEngineID) == engineID.octets else {
            state.counters.unknownPDUHandlers &+= 1
            return authority.report(
                AgentState.unknownPDUHandlers, state.counters.unknownPDUHandlers, about: message, at: now, into: room)
        }
        let context = bytes.octets(scoped.contextName)
        guard let registry = registry(context) else {
            state.counters.unknownContexts &+= 1
            return authority.report(
                AgentState.unknownContexts, state.counters.unknownContexts, about: message, at: now, into: room)
        }
        let inquiry = Inquiry(
            pdu: scoped.pdu, envelope: .v3(message), model: .usm, securityName: message.userName,
            level: message.level, context: context, registry: registry, now: now)
        return try answer(
            bytes, inquiry, UnsafeMutableRawBufferPointer(rebasing: room.prefix(Int(message.maximumSize))))
    }

    /// Processes a request and writes the response into `reply`.
    private func answer(
        _ bytes: RawSpan, _ inquiry: Inquiry, _ reply: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> Range<Int>? {
        let room = UnsafeMutableRawBufferPointer(rebasing: reply.prefix(limits.maximumMessageByteCount))
        let view: View
        do throws(AccessDenial) {
            view = try access.view(
                for: inquiry.pdu.type == .set ? .write : .read, model: inquiry.model,
                securityName: inquiry.securityName, level: inquiry.level, context: inquiry.context)
        } catch {
            if inquiry.model != .usm { state.counters.inBadCommunityUses &+= 1 }
            // RFC 3413, 3.2, (5); noSuchName names a binding (RFC 1157, 4.1.2).
            let index = inquiry.isV1 && !inquiry.pdu.bindings.isEmpty ? 1 : 0
            return respond(.error(.authorizationError, index: index), bytes, inquiry, room)
        }
        if inquiry.pdu.type == .set { return try set(bytes, inquiry, view, room) }
        scratch.reset(limit: room.count)
        var processor = RequestProcessor(
            registry: inquiry.registry, view: view, isV1: inquiry.isV1, limits: limits, scratch: scratch,
            now: inquiry.now)
        let answer =
            switch inquiry.pdu.type {
            case .getNext: try processor.getNext(bytes, inquiry.pdu.bindings)
            case .getBulk: try processor.getBulk(bytes, inquiry.pdu)
            default: try processor.get(bytes, inquiry.pdu.bindings)
            }
        return respond(answer, bytes, inquiry, room)
    }

    private func set(
        _ bytes: RawSpan, _ inquiry: Inquiry, _ view: View, _ room: UnsafeMutableRawBufferPointer
    ) throws(BERError) -> Range<Int>? {
        var deviations = Deviations()
        let bindings = try inquiry.pdu.variableBindings(bytes, &deviations)
        // Whether the response fits is known before anything changes (RFC 3416, 4.2.5).
        guard let response = assemble(.echo, .noError, 0, bytes, inquiry, room) else {
            return respond(.tooBig, bytes, inquiry, room)
        }
        let transaction = SetTransaction(
            registry: inquiry.registry, view: view, request: SetRequest(bindings), now: inquiry.now)
        guard let failure = transaction.run() else { return response }
        return respond(.error(failure.status, index: failure.index), bytes, inquiry, room)
    }

    /// Encodes an answer; as tooBig if it does not fit, and as nothing if that does not fit either.
    private func respond(
        _ answer: Answer, _ bytes: RawSpan, _ inquiry: Inquiry, _ room: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        var message: Range<Int>?
        switch answer {
        case .bindings:
            message = assemble(.scratch(scratch.count), .noError, 0, bytes, inquiry, room)
            if message == nil, inquiry.pdu.type == .getBulk { message = assembleFitting(bytes, inquiry, room) }
        case .error(let status, let index):
            message = assemble(.echo, inquiry.isV1 ? status.asV1 : status, index, bytes, inquiry, room)
        case .tooBig: break
        }
        // v1 gives the bindings back (RFC 1157, 4.1.2), later versions none (RFC 3416, 4.2.1).
        message = message ?? assemble(inquiry.isV1 ? .echo : .scratch(0), .tooBig, 0, bytes, inquiry, room)
        if message == nil { state.counters.silentDrops &+= 1 }
        return message
    }

    /// Encodes as many bindings of the scratch as fit; nil if none does.
    private func assembleFitting(
        _ bytes: RawSpan, _ inquiry: Inquiry, _ room: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        // What the message takes without bindings; with them, length fields and padding may take a few octets more.
        guard let empty = assemble(.scratch(0), .noError, 0, bytes, inquiry, room) else { return nil }
        var count = scratch.count(fitting: room.count - empty.count)
        while count > 0 {
            if let message = assemble(.scratch(count), .noError, 0, bytes, inquiry, room) { return message }
            count -= 1
        }
        return nil
    }

    private enum Body {
        /// The first bindings of the scratch.
        case scratch(Int)
        /// The bindings of the request.
        case echo
    }

    /// Encodes a response; nil if it does not fit into `room`.
    private func assemble(
        _ body: Body, _ status: ErrorStatus, _ index: Int, _ bytes: RawSpan, _ inquiry: Inquiry,
        _ room: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        var writer = BERWriter(room)
        switch body {
        case .scratch(let count): scratch.copy(first: count, into: &writer)
        case .echo: writer.raw(bytes.extracting(inquiry.pdu.bindings))
        }
        writer.header(BERTag.sequence, since: 0)
        writer.pduHeader(
            .response, requestID: inquiry.pdu.requestID, status.rawValue, Int32(clamping: index), since: 0)
        switch inquiry.envelope {
        case .community(let version, let community):
            writer.octets(bytes.extracting(community))
            writer.signed(version.rawValue)
            writer.header(BERTag.sequence, since: 0)
            if writer.overflowed { return nil }
        case .v3(let message):
            writer.octets(bytes.extracting(message.scoped.contextName))
            writer.octets(engineID.octets)
            writer.header(BERTag.sequence, since: 0)
            do throws(MessageSecurityError) {
                try authority.protectReply(&writer, to: message, at: inquiry.now)
            } catch {
                return nil
            }
        }
        return writer.start..<writer.capacity
    }
}

extension PDUType {
    /// Whether a command responder takes PDUs of this type.
    var isRequest: Bool {
        switch self {
        case .get, .getNext, .getBulk, .set: true
        case .response, .trapV1, .inform, .trap, .report: false
        }
    }
}

extension USMRejection {
    /// Whether the notification authenticationFailure is about this.
    var isAuthenticationFailure: Bool { self == .wrongDigest || self == .unknownUserName }
}
