// Layer: WinSNMP. Uses: SNMP. Used by: the C library, applications.
// What becomes of requests, and how messages reach the application.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

/// Parts of a message.
public struct MessageParts: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// From bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Who sent it.
    public static let source = MessageParts(rawValue: 1)
    /// Who received it.
    public static let destination = MessageParts(rawValue: 2)
    /// Its context.
    public static let context = MessageParts(rawValue: 4)
    /// Its PDU.
    public static let pdu = MessageParts(rawValue: 8)
    /// All of them.
    public static let all: MessageParts = [.source, .destination, .context, .pdu]
}

/// A message out of a session's queue; its handles are to be freed. Those not asked for are 0.
public struct ReceivedMessage: Hashable, Sendable {
    /// Who sent it: for a response the entity that the request went to.
    public var source = EntityHandle(rawValue: 0)
    /// Who received it: for a response the source entity of the request, or one for the local address.
    public var destination = EntityHandle(rawValue: 0)
    /// The context, for a response that of the request.
    public var context = ContextHandle(rawValue: 0)
    /// The PDU.
    public var pdu = PDUHandle(rawValue: 0)
    /// Why the message, which is one of the application's own then, could not be sent or was not answered.
    public var failure: SNMPAPIError?
}

extension WinSNMPLibrary {
    // MARK: The end of a request

    /// Ends a request; on the thread of the SNMP library.
    func complete(_ request: Outstanding, _ outcome: RequestOutcome, _ message: RawSpan) {
        switch outcome {
        case .sent: break
        case .response(let response):
            var deviations = Deviations()
            let decoded: AnyPDU
            do throws(BERError) {
                decoded = try response.pdu.pdu(message, &deviations)
            } catch {
                fail(request, .otherError, "the response can't be read: \(error)")
                return
            }
            guard case .pdu(let pdu) = decoded else { return }
            var community: [UInt8]?
            if response.deviations.contains(.otherCommunity) { community = WinSNMPLibrary.community(of: message) }
            deliver(pdu, community, response, to: request)
        case .failure(.requestIDInUse): retryElsewhere(request)
        case .failure(let failure): end(request, failure)
        }
    }

    private static func community(of message: RawSpan) -> [UInt8]? {
        var deviations = Deviations()
        guard case .community(let layout)? = try? MessageLayout.parse(message, &deviations) else { return nil }
        return message.octets(layout.community)
    }

    private func deliver(_ pdu: PDU, _ community: [UInt8]?, _ response: Response, to request: Outstanding) {
        let record = PDURecord(pdu)
        notifying {
            guard let instance = finish(request) else { return }
            let agent = request.destination.record
            agent.actualTimeout = UInt32(clamping: (response.roundTrip.nanoseconds + 5_000_000) / 10_000_000)
            agent.actualRetries = UInt32(clamping: response.attempts - 1)
            var context = request.context
            if let community, community != context.record.octets {
                context = Named(handle: 0, record: ContextRecord(community))
            }
            request.session.queue.append(
                WaitingMessage(
                    source: request.destination, destination: request.source, context: context, pdu: record))
            notify(request.session, instance, wParam: 0, requestID: request.requestID)
        }
    }

    /// Takes a request off its session's list; the lock is held. Nil when the application wants no more of it.
    private func finish(_ request: Outstanding) -> Instance? {
        guard request.state == .underway else { return nil }
        request.state = .ended
        delist(request)
        return request.session.isClosed ? nil : instance
    }

    private func end(_ request: Outstanding, _ failure: RequestFailure) {
        switch failure {
        case .cancelled: lock.withLock { _ = finish(request) }
        case .timeout(let evidence):
            notifying {
                guard let instance = finish(request), !request.isHeld else { return }
                if case .polling = request.session.delivery {
                    fail(request, .tlTimeout, evidence.description, instance)
                } else {
                    notify(
                        request.session, instance, wParam: UInt(SNMPAPIError.tlTimeout.rawValue),
                        requestID: request.requestID)
                }
            }
        case .refused(let refusal): tell(request, SNMPAPIError(refusal), failure.description)
        case .security: tell(request, .otherError, failure.description)
        case .transport: fail(request, .tlUndeliverable, failure.description)
        case .tooLarge: fail(request, .tlPduTooBig, failure.description)
        case .notExpressible: fail(request, .operationInvalid, failure.description)
        case .tooManyRequests, .requestIDInUse: fail(request, .tlResourceError, failure.description)
        }
    }

    /// Tells the application by a notice alone, as of timeouts.
    private func tell(_ request: Outstanding, _ error: SNMPAPIError, _ text: String) {
        notifying {
            guard let instance = finish(request) else { return }
            if case .polling = request.session.delivery {
                fail(request, error, text, instance)
            } else {
                notify(request.session, instance, wParam: UInt(error.rawValue), requestID: request.requestID)
            }
        }
    }

    /// Gives the application its own message back, with the reason.
    func fail(_ request: Outstanding, _ error: SNMPAPIError, _ text: String) {
        notifying {
            guard let instance = finish(request) else { return }
            fail(request, error, text, instance)
        }
    }

    private func fail(_ request: Outstanding, _ error: SNMPAPIError, _ text: String, _ instance: Instance) {
        var message = WaitingMessage(
            source: request.source, destination: request.destination, context: request.context, pdu: request.pdu)
        message.failure = error
        message.text = text
        request.session.queue.append(message)
        notify(request.session, instance, wParam: 0, requestID: request.requestID)
    }

    /// The request-id is in use towards this agent, by another session or this one: other sockets keep them apart.
    private func retryElsewhere(_ request: Outstanding) {
        let goesOn = lock.withLock { () -> Bool in
            guard request.state == .underway else { return false }
            request.pool += 1
            return true
        }
        guard goesOn else { return }
        do throws(Refusal) {
            try start(request, nil)
        } catch {
            fail(request, error.error, error.text)
        }
    }

    // MARK: Taking messages

    /// Takes the next message of a session (SnmpRecvMsg); never waits. The handles are those that the request was sent
    /// with, if they are alive, and new ones otherwise.
    ///
    /// Throws `sessionInvalid`, `allocError`, and `noop` when there is none. A message of the application's own that
    /// could not be sent comes with `failure`.
    public func recvMsg(
        _ session: SessionHandle, parts: MessageParts = .all
    ) throws(SNMPAPIError) -> ReceivedMessage {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            guard let message = owner.queue.first else { throw fail(.noop, in: owner) }
            var received = ReceivedMessage()
            do throws(SNMPAPIError) {
                if parts.contains(.source) { received.source = try handle(message.source, message, owner, instance) }
                if parts.contains(.destination) {
                    received.destination = try handle(message.destination, message, owner, instance)
                }
                if parts.contains(.context), let context = message.context {
                    received.context = try handle(context, owner, instance)
                }
                if parts.contains(.pdu) { received.pdu = try insert(message.pdu, owner, instance) }
            } catch {
                // The message stays for the time when there are handles again.
                release(received, instance)
                throw error
            }
            _ = owner.queue.popFirst()
            lowerFlagIfIdle(owner)
            if let failure = message.failure { received.failure = fail(failure, message.text, in: owner) }
            return received
        }
    }

    /// The handle of a message's entity: the application's own with one more reference, or a new one.
    private func handle(
        _ entity: Named<EntityRecord>?, _ message: WaitingMessage, _ owner: SessionRecord, _ instance: Instance
    ) throws(SNMPAPIError) -> EntityHandle {
        if let entity {
            if instance.entities.retain(entity.handle) { return EntityHandle(rawValue: entity.handle) }
            return try insert(entity.record, owner, instance)
        }
        // The local side of a request that was sent without a source.
        let other = message.source?.record ?? message.destination?.record
        let address = other.flatMap { localAddress(facing: $0) } ?? SocketAddress.anyIPv4(port: 0)
        let local = EntityRecord(
            .ip(address, .udp), other?.version ?? .v1, timeout: options.defaultTimeout,
            retries: options.defaultRetries)
        return try insert(local, owner, instance)
    }

    private func handle(
        _ context: Named<ContextRecord>, _ owner: SessionRecord, _ instance: Instance
    ) throws(SNMPAPIError) -> ContextHandle {
        if instance.contexts.retain(context.handle) { return ContextHandle(rawValue: context.handle) }
        return try insert(context.record, owner, instance)
    }

    private func release(_ received: ReceivedMessage, _ instance: Instance) {
        _ = instance.entities.release(received.source.rawValue)
        _ = instance.entities.release(received.destination.rawValue)
        _ = instance.contexts.release(received.context.rawValue)
        _ = instance.pdus.release(received.pdu.rawValue)
    }
}

extension PDURecord {
    /// A record of a PDU that was received.
    convenience init(_ pdu: PDU) {
        self.init(
            type: Int32(pdu.type.rawValue), requestID: pdu.requestID, errorStatus: pdu.errorStatusField,
            errorIndex: pdu.errorIndexField, pdu.variableBindings)
    }
}

extension SNMPAPIError {
    /// The code for what a Report complains about.
    init(_ refusal: SecurityRefusal) {
        switch refusal {
        case .unsupportedSecurityLevel: self = .rptUnsupSecLevel
        case .notInTimeWindow: self = .rptNotInTimeWindow
        case .unknownUserName: self = .rptUnknownUserName
        case .unknownEngineID: self = .rptUnknownEngineID
        case .wrongDigest: self = .rptWrongDigest
        case .decryptionError: self = .rptDecryptionError
        case .unknownSecurityModel: self = .rptUnknownSecModel
        case .invalidMessage: self = .rptInvalidMsg
        case .unknownPDUHandler, .unavailableContext, .unknownContext, .other: self = .rptOther
        }
    }
}
