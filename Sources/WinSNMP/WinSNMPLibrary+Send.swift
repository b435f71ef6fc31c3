// Layer: WinSNMP. Uses: SNMP. Used by: the C library, applications.
// Sending: a request becomes an `Outstanding`, which the SNMP library's completion ends.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

extension WinSNMPLibrary {
    /// How long a request whose repetition is the application's business stays known.
    static let holdingTime = Interval.seconds(600)

    /// Sends a message (SnmpSendMsg). Requests and informs end with a response, a notice of their timeout, or a message
    /// that says why; traps and responses end here.
    ///
    /// All handles may be freed at once. Throws `sessionInvalid`, `entityInvalid`, `contextInvalid`, `pduInvalid`,
    /// `operationInvalid`, `tlNotSupported`, `tlSrcInvalid`, `tlPduTooBig`, `tlResourceError`.
    public func sendMsg(
        _ session: SessionHandle, source: EntityHandle?, destination: EntityHandle, context: ContextHandle,
        pdu: PDUHandle
    ) throws(SNMPAPIError) {
        let prepared = try withInstance { instance throws(SNMPAPIError) -> Prepared in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let from = try named(source, owner, instance)
            guard let to = instance.entities[destination.rawValue] else { throw fail(.entityInvalid, in: owner) }
            guard let community = instance.contexts[context.rawValue] else { throw fail(.contextInvalid, in: owner) }
            guard let record = instance.pdus[pdu.rawValue] else { throw fail(.pduInvalid, in: owner) }
            do throws(Refusal) {
                return try prepare(
                    record, owner, from, Named(handle: destination.rawValue, record: to),
                    Named(handle: context.rawValue, record: community), instance)
            } catch {
                throw fail(error.error, error.text, in: owner)
            }
        }
        switch prepared {
        case .reply(let path, let message, let peer): try reply(message, to: peer, path, session)
        case .request(let request, let link):
            do throws(Refusal) {
                try start(request, link)
            } catch {
                throw lock.withLock {
                    delist(request)
                    return fail(error.error, error.text, in: request.session)
                }
            }
        }
    }

    private enum Prepared {
        case request(Outstanding, TargetLink?)
        case reply(ReplyPath?, [UInt8], SocketAddress)
    }

    /// Sends a response: from where its request came to, or else from any port.
    private func reply(
        _ message: [UInt8], to peer: SocketAddress, _ path: ReplyPath?, _ session: SessionHandle
    ) throws(SNMPAPIError) {
        if let path {
            path.send(message, to: peer)
            return
        }
        do throws(IOError) {
            let any = peer.family == .ipv4 ? SocketAddress.anyIPv4(port: 0) : .anyIPv6(port: 0)
            _ = try UDPSocket(binding: any).send(message, to: peer)
        } catch {
            throw failing(SNMPAPIError(error), session: session, "\(error)")
        }
    }

    /// The entity of an optional handle; the lock is held.
    func named(
        _ entity: EntityHandle?, _ owner: SessionRecord?, _ instance: Instance
    ) throws(SNMPAPIError) -> Named<EntityRecord>? {
        guard let entity else { return nil }
        guard let record = instance.entities[entity.rawValue] else { throw fail(.entityInvalid, in: owner) }
        return Named(handle: entity.rawValue, record: record)
    }

    /// Makes what is to be sent; the lock is held.
    private func prepare(
        _ pdu: PDURecord, _ owner: SessionRecord, _ source: Named<EntityRecord>?,
        _ destination: Named<EntityRecord>, _ context: Named<ContextRecord>, _ instance: Instance
    ) throws(Refusal) -> Prepared {
        let to = destination.record
        let kind = pdu.kind
        guard let peer = to.peer(isNotification: kind == .trap || kind == .inform) else {
            throw Refusal(.tlNotSupported, "nothing can be sent over IPX")
        }
        if let source = source?.record, !source.isLocal {
            throw Refusal(.tlSrcInvalid, "\(source.text) is no address of this machine")
        }
        let form = try pdu.wireForm(to.version, agentAddress: agentAddress(source?.record, to))
        guard let request = try Request(sending: form) else {
            guard to.version != .v3, context.record.user == nil else {
                throw Refusal(.operationInvalid, "responses of SNMPv3 are not sent by applications")
            }
            return try prepareReply(form, source?.record, to, context.record, peer)
        }
        guard (to.version == .v3) == (context.record.user != nil) else {
            throw Refusal(
                .contextInvalid, to.version == .v3 ? "SNMPv3 needs a context with a user" : "the context is for SNMPv3")
        }
        try checkSize(request, form, to, context.record)
        var sent = request
        let isHeld = !instance.isRetransmitting
        let timeout = to.timeout == 0 ? options.defaultTimeout : to.timeout
        sent.timeout = isHeld ? WinSNMPLibrary.holdingTime : .milliseconds(Int64(timeout) * 10)
        sent.retries = isHeld || !request.type.isConfirmed ? 0 : Int(min(to.retries, 255))
        // The news that nobody is there is believed when every attempt brought it: an agent may be starting again.
        sent.unreachableLimit = (sent.retries ?? 0) + 1
        let outstanding = Outstanding(
            owner, destination: destination, source: source, context: context, pdu: pdu.copy(), request: sent,
            peer: peer, isHeld: isHeld)
        if request.type.isConfirmed { enlist(outstanding) }
        var link: TargetLink?
        if let known = to.link, known.peer == peer, known.version == to.version,
            known.context === context.record, known.contextRevision == context.record.revision
        {
            link = known
        }
        return .request(outstanding, link)
    }

    /// Refuses at once what does not fit into a datagram. Most messages are far from the limit.
    private func checkSize(
        _ request: Request, _ form: AnyPDU, _ to: EntityRecord, _ context: ContextRecord
    ) throws(Refusal) {
        let limit = min(Int(to.maximumMessageSize), SNMPLimits.maximumMessageByteCount)
        guard request.byteCount + context.octets.count + 200 > limit else { return }
        guard to.version != .v3 else {
            guard request.byteCount + 300 > limit else { return }
            throw Refusal(.tlPduTooBig, "the message may take more than \(limit) octets")
        }
        let message = CommunityMessage(version: to.version, community: context.octets, pdu: form)
        _ = try message.octets(limit: limit)
    }

    private func prepareReply(
        _ form: AnyPDU, _ source: EntityRecord?, _ to: EntityRecord, _ context: ContextRecord, _ peer: Peer
    ) throws(Refusal) -> Prepared {
        let path = to.replyPath ?? source?.listener.map { ReplyPath($0) }
        let message = CommunityMessage(version: to.version, community: context.octets, pdu: form)
        return .reply(path, try message.octets(), peer.address)
    }

    /// The agent-addr of a v1 trap: the source entity's address, else the local one that faces the receiver; 0 when it
    /// is no IPv4 address.
    func agentAddress(_ source: EntityRecord?, _ destination: EntityRecord?) -> UInt32 {
        if let own = source?.host, own.family == .ipv4, !own.isAny { return own.ipv4 ?? 0 }
        guard let destination else { return 0 }
        return localAddress(facing: destination)?.ipv4 ?? 0
    }

    /// The local address from which packets to an entity leave, without a port.
    func localAddress(facing entity: EntityRecord) -> SocketAddress? {
        if let known = entity.localAddress { return known }
        guard let host = entity.host else { return nil }
        entity.localAddress = UDPSocket.localAddress(facing: host.with(port: max(entity.port, 1)))
        return entity.localAddress
    }

    // MARK: Requests under way

    /// Puts a request behind those of its session with the same request-id; the lock is held.
    private func enlist(_ request: Outstanding) {
        guard var last = request.session.outstanding[request.requestID] else {
            request.session.outstanding[request.requestID] = request
            return
        }
        while let next = last.next { last = next }
        last.next = request
    }

    /// Takes a request out of its session's list; the lock is held.
    func delist(_ request: Outstanding) {
        let session = request.session
        guard let first = session.outstanding[request.requestID] else { return }
        guard first !== request else {
            if let next = request.next.take() {
                session.outstanding[request.requestID] = next
            } else {
                session.outstanding[request.requestID] = nil
            }
            return
        }
        var previous = first
        while let next = previous.next, next !== request { previous = next }
        if previous.next != nil { previous.next = request.next.take() }
    }

    /// Hands a request to the SNMP library; not under the lock.
    func start(_ request: Outstanding, _ link: TargetLink?) throws(Refusal) {
        let target: SNMPTarget
        let pool = lock.withLock { request.pool }
        if let link { target = link.target } else { target = try makeTarget(request) }
        let token = target.manager.submit(request.request, to: target.id) { [self] outcome, message in
            complete(request, outcome, message)
        }
        let (isLate, isHeld) = lock.withLock { () -> (Bool, Bool) in
            // It went to other sockets meanwhile: to forget the target that it has there would end it.
            guard request.pool == pool else { return (false, false) }
            request.target = target
            request.token = token
            // The session was closed, the request cancelled, or the mode switched off in between.
            return (request.state == .cancelled, request.isHeld && request.request.retries != 0)
        }
        guard let token else { return }
        if isLate { target.manager.cancel(token) } else if isHeld { hold(request) }
    }

    private func makeTarget(_ request: Outstanding) throws(Refusal) -> SNMPTarget {
        let manager = try manager(request.pool)
        let to = request.destination.record
        let (security, revision, version) = lock.withLock {
            () -> (TargetSecurity, Int, SNMPVersion) in
            let context = request.context.record
            let security: TargetSecurity =
                if let user = context.user {
                    .v3(user.credentials, contextName: user.contextName, contextEngineID: user.contextEngineID)
                } else if to.version == .v1 {
                    .v1(community: context.octets)
                } else {
                    .v2c(community: context.octets)
                }
            return (security, context.revision, to.version)
        }
        guard
            request.peer.transport == .tcp
                || manager.localAddresses.contains(where: { address in
                    address.family == request.peer.address.family
                })
        else { throw Refusal(.tlNotSupported, "there are no sockets for \(request.peer.address)") }
        var policy = RequestPolicy.fixed(timeout: .seconds(3), retries: 3)
        policy.maximumInFlight = 1 << 20
        policy.adaptsWindow = false
        policy.acceptsOtherSourceAddress = request.peer.address.isMulticast
        let target: SNMPTarget
        do throws(SNMPError) {
            target = try manager.target(TargetConfiguration(request.peer, security, policy: policy))
        } catch {
            throw Refusal(.tlResourceError, "\(error)")
        }
        let link = TargetLink(
            peer: request.peer, version: version, context: request.context.record,
            contextRevision: revision, target: target)
        let old = lock.withLock { () -> TargetLink? in
            // Other sockets serve single requests; the next one begins with the first again.
            guard request.pool == 0, !request.session.isClosed else { return nil }
            defer { to.link = link }
            return to.link
        }
        // Its end takes the manager's lock, not under ours.
        _ = consume old
        return target
    }

    /// The manager of a number, made when first needed. Not under the lock.
    private func manager(_ number: Int) throws(Refusal) -> SNMPManager {
        let known = lock.withLock { () -> (SNMPManager?, Instance?) in
            guard let instance, number < instance.managers.count else { return (nil, instance) }
            return (instance.managers[number], instance)
        }
        if let manager = known.0 { return manager }
        guard let instance = known.1 else { throw Refusal(.notInitialized) }
        guard number < Instance.maximumManagers else {
            throw Refusal(.tlResourceError, "the request-id is used \(number) times for this entity")
        }
        return try managerLock.withLock { () throws(Refusal) -> SNMPManager in
            let (loop, known) = lock.withLock {
                (instance.loop, number < instance.managers.count ? instance.managers[number] : nil)
            }
            if let known { return known }
            let manager: SNMPManager
            let shared: SNMPLoop
            do throws(SNMPServiceError) {
                if let loop { shared = loop } else { shared = try SNMPLoop(name: "winsnmp") }
                manager = try SNMPManager(SNMPManager.Options(), loop: shared)
            } catch {
                throw Refusal(.tlResourceError, "\(error)")
            }
            let isTooLate = lock.withLock { () -> Bool in
                if instance.isShutDown { return true }
                instance.loop = shared
                instance.managers.append(manager)
                return false
            }
            guard isTooLate else { return manager }
            manager.close()
            shared.stop()
            throw Refusal(.notInitialized)
        }
    }

    /// Ends the repetition of a request, which then is neither repeated nor given up; not under the lock.
    func hold(_ request: Outstanding) {
        let (target, token) = lock.withLock { (request.target, request.token) }
        guard let target, let token else { return }
        target.manager.hold(token, for: WinSNMPLibrary.holdingTime)
    }

    // MARK: Cancelling

    /// Ends a request (SnmpCancelMsg): it is not repeated, and neither its response nor its timeout is told. Of several
    /// with the same request-id, the oldest. Throws `sessionInvalid`, `pduInvalid` when none is under way.
    public func cancelMsg(_ session: SessionHandle, requestID: Int32) throws(SNMPAPIError) {
        let request = try withInstance { instance throws(SNMPAPIError) -> Outstanding in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            guard let request = owner.outstanding[requestID] else {
                throw fail(.pduInvalid, "no request \(requestID) is under way", in: owner)
            }
            request.state = .cancelled
            delist(request)
            return request
        }
        let (target, token) = lock.withLock { (request.target, request.token) }
        if let target, let token { target.manager.cancel(token) }
    }
}
