// Layer: WinSNMP. Uses: SNMPPorts. Used by: the C library, applications.
// Notifications that sessions register for.

import PlatformIO
import Primitives
import SNMP
public import SNMPCodec
import SNMPEngine
import SNMPPorts
import SNMPSecurity

extension WinSNMPLibrary {
    // MARK: Registering

    /// Registers for notifications, or takes that back (SnmpRegister): of the agent `destination` (its address counts),
    /// with the community or user of `context`, whose name begins with `notification`; nil for any. `source` stands for
    /// this side and is not looked at.
    ///
    /// Throws `sessionInvalid`, `entityInvalid`, `contextInvalid`, `oidInvalid`; `tlInUse`, `tlNotInitialized`,
    /// `tlResourceError` when the trap port can't be opened; `noop` when there is nothing to take back.
    public func register(
        _ session: SessionHandle, source: EntityHandle? = nil, destination: EntityHandle? = nil,
        context: ContextHandle? = nil, notification: ObjectIdentifier? = nil, isOn: Bool
    ) throws(SNMPAPIError) {
        try register(
            session, source: source, destination: destination, context: context, notification: { notification },
            isOn: isOn)
    }

    /// The same, reading the name after the handles were checked.
    package func register(
        _ session: SessionHandle, source: EntityHandle?, destination: EntityHandle?, context: ContextHandle?,
        notification: () throws(SNMPAPIError) -> ObjectIdentifier?, isOn: Bool
    ) throws(SNMPAPIError) {
        let registration = try withInstance { instance throws(SNMPAPIError) -> Registration in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            _ = try named(source, owner, instance)
            let agent = try named(destination, owner, instance)
            var community: Named<ContextRecord>?
            if let context {
                guard let record = instance.contexts[context.rawValue] else {
                    throw fail(.contextInvalid, in: owner)
                }
                community = Named(handle: context.rawValue, record: record)
            }
            let name = try recording(in: owner, notification)
            return Registration(
                agent: agent, context: community, notification: name.flatMap { $0.isEmpty ? nil : $0 })
        }
        guard isOn else {
            try withInstance { instance throws(SNMPAPIError) in
                guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
                guard let place = owner.registrations.firstIndex(where: { $0.isSame(as: registration) }) else {
                    throw fail(.noop, "nothing like that is registered", in: owner)
                }
                owner.registrations.remove(at: place)
            }
            closeTrapPortIfUnused()
            return
        }
        let held = Unchecked(registration)
        try portLock.withLock { () throws(SNMPAPIError) in
            try openTrapPort(session)
            let (service, user) = try withInstance { instance throws(SNMPAPIError) in
                guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
                if !owner.registrations.contains(where: { $0.covers(held.value) }) {
                    owner.registrations.append(held.value)
                }
                return (instance.trapService, held.value.context?.record.user?.credentials)
            }
            if let user { service?.add(user) }
        }
    }

    /// With `portLock` held.
    private func openTrapPort(_ session: SessionHandle) throws(SNMPAPIError) {
        let (isOpen, number, isShared) = try withInstance { instance in
            (instance.trapService != nil, options.trapPort, options.sharesTrapPort)
        }
        guard !isOpen else { return }
        let service: TrapService
        do throws(PortError) {
            service = try TrapService(port: number, isShared: isShared, loop: try portLoop()) {
                [self] notification, path in
                // The library goes on until cleanup, which closes the service.
                take(notification, path)
            }
        } catch {
            let (code, text) = WinSNMPLibrary.code(of: error)
            throw failing(code, session: session, text)
        }
        let isKept = lock.withLock { () -> Bool in
            guard let instance else { return false }
            instance.trapService = service
            return true
        }
        if !isKept { service.close() }
    }

    /// The thread of ports; with `portLock` held.
    func portLoop() throws(PortError) -> PortLoop {
        if let known = lock.withLock({ instance?.portLoop }) { return known }
        let loop: PortLoop
        do throws(IOError) {
            loop = try PortLoop(name: "winsnmp-ports")
        } catch {
            throw .io(error)
        }
        lock.withLock { instance?.portLoop = loop }
        return loop
    }

    private static func code(of error: PortError) -> (SNMPAPIError, String) {
        let text = "\(error)"
        switch error {
        case .inUse: return (.tlInUse, text)
        case .notPermitted: return (.tlNotInitialized, text)
        case .io: return (.tlResourceError, text)
        }
    }

    /// Closes the trap port when no session is registered any more; not under the lock.
    func closeTrapPortIfUnused() {
        guard lock.withLock({ instance?.trapService != nil }) else { return }
        portLock.withLock {
            let unused = lock.withLock { () -> TrapService? in
                guard let instance else { return nil }
                for case let session? in instance.sessionSlots where !session.registrations.isEmpty { return nil }
                return instance.trapService.take()
            }
            unused?.close()
        }
    }

    /// Gives a notification to the sessions that registered for it; on the thread of ports.
    private func take(_ received: ReceivedNotification, _ path: ReplyPath?) -> (isTaken: Bool, answers: Bool) {
        var received = received
        received.source = Peer(received.source.address.normalized, received.source.transport)
        let addsOrigin = lock.withLock { options.addsTrapOrigin }
        guard let pdu = pdu(of: received, addsOrigin) else { return (false, false) }
        return notifying {
            guard let instance else { return (false, false) }
            if pdu.requestID == 0 { pdu.requestID = instance.newRequestID(nil) }
            var isTaken = false
            for case let session? in instance.sessionSlots {
                guard let wish = session.registrations.first(where: { $0.matches(received) }),
                    session.queue.count < SessionRecord.maximumWaiting
                else { continue }
                isTaken = true
                // To be answered by the application, it has to come from where it came from, port included.
                let isOpen = pdu.kind == .inform && !options.answersInforms
                let sender = entity(received.source, received.version)
                sender.replyPath = path
                let local = received.destination ?? SocketAddress.anyIPv4(port: 0)
                session.queue.append(
                    WaitingMessage(
                        source: (isOpen ? nil : wish.agent) ?? Named(handle: 0, record: sender),
                        destination: Named(handle: 0, record: entity(Peer(local.normalized), received.version)),
                        context: wish.context ?? Named(handle: 0, record: context(received)), pdu: pdu.copy()))
                notify(session, instance, wParam: 0, requestID: pdu.requestID)
            }
            return (isTaken, options.answersInforms)
        }
    }

    /// The PDU as applications get it: of a v1 trap its translation (RFC 1908, section 3.1.2), with
    /// snmpTrapEnterprise.0 in the end. Nil for a trap that can't be translated.
    private func pdu(of received: ReceivedNotification, _ addsOrigin: Bool) -> PDURecord? {
        switch received.kind {
        case .trap:
            return PDURecord(PDU(.trap, requestID: received.requestID, received.variableBindings))
        case .inform:
            return PDURecord(PDU(.inform, requestID: received.requestID, received.variableBindings))
        case .trapV1(let trap):
            // The request-id is made where all sessions can be told the same.
            return PDURecord.translating(trap, requestID: 0, community: addsOrigin ? received.community : nil)
        }
    }

    /// A new entity for an address that a message names; the lock is held.
    func entity(_ peer: Peer, _ version: SNMPVersion) -> EntityRecord {
        let record = EntityRecord(
            .ip(peer.address.with(port: 0), peer.transport), version, timeout: options.defaultTimeout,
            retries: options.defaultRetries)
        if peer.address.port != 0 {
            record.port = peer.address.port
            record.hasOwnPort = true
        }
        return record
    }

    private func context(_ received: ReceivedNotification) -> ContextRecord {
        ContextRecord(received.version == .v3 ? received.contextName : received.community)
    }
}

extension PDURecord {
    /// A v1 trap as a notification; nil if it has no name. With a community, the sender's address and the community are
    /// added (RFC 3584, section 3.1).
    static func translating(_ trap: TrapV1PDU, requestID: Int32, community: [UInt8]?) -> PDURecord? {
        guard var pdu = try? trap.notification(requestID: requestID, forwardingCommunity: community) else {
            return nil
        }
        // Programs recognise a translated trap by its last binding.
        if pdu.variableBindings.last?.name != NotificationNames.snmpTrapEnterprise {
            pdu.variableBindings.append(
                VarBind(NotificationNames.snmpTrapEnterprise, .objectIdentifier(trap.enterprise)))
        }
        return PDURecord(pdu)
    }
}
