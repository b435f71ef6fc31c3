// Layer: WinSNMP. Uses: SNMPPorts. Used by: the C library, applications.
// The agent role: requests to entities that listen.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPPorts

extension WinSNMPLibrary {
    /// Makes an entity an agent, or ends that (SnmpListen, SnmpListenEx): requests to its address and port, or with
    /// `allAddresses` to its port at all local addresses, become messages of the session that made the entity.
    ///
    /// Throws `entityInvalid`; `noop` when it is so already; `tlOther` when the port can't be
    /// bound, `tlResourceError` when there is no socket.
    public func listen(_ entity: EntityHandle, isOn: Bool, allAddresses: Bool = false) throws(SNMPAPIError) {
        try listen(entity, status: isOn ? 1 : 0, useEntityAddress: allAddresses ? 1 : 0)
    }

    /// The same with the numbers of C; throws `modeInvalid` for others than 0 and 1.
    package func listen(_ entity: EntityHandle, status: UInt32, useEntityAddress: UInt32) throws(SNMPAPIError) {
        try portLock.withLock { () throws(SNMPAPIError) in
            let (address, listener) = try withEntity(entity) {
                record, _, owner throws(SNMPAPIError) -> (SocketAddress, Listener?) in
                guard status <= 1, useEntityAddress <= 1 else { throw fail(.modeInvalid, in: owner) }
                guard (status == 1) != (record.listener != nil) else {
                    throw fail(.noop, status == 1 ? "it listens already" : "it does not listen", in: owner)
                }
                guard status == 1 else { return (.anyIPv4(port: 0), record.listener.take()) }
                guard case .ip(let host, .udp) = record.address else {
                    throw fail(.tlOther, "there is no port to bind for \(record.text)", in: owner)
                }
                guard useEntityAddress == 1 else { return (host.with(port: record.port), nil) }
                return (host.family == .ipv4 ? .anyIPv4(port: record.port) : .anyIPv6(port: record.port), nil)
            }
            if let listener {
                listener.close()
                return
            }
            let new: Listener
            do throws(PortError) {
                let port = try DatagramPort(
                    address, loop: try portLoop(), receiveBufferByteCount: 1 << 20
                ) { [self] datagram, source, local, isTruncated in
                    guard !isTruncated else { return }
                    request(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)), source, local, entity)
                }
                new = Listener(port)
            } catch {
                throw lock.withLock {
                    let owner = instance.flatMap { $0.owner(of: entity.rawValue, in: $0.entities) }
                    if case .io(let cause) = error, cause.operation != "bind" {
                        return fail(.tlResourceError, "\(error)", in: owner)
                    }
                    return fail(.tlOther, "\(error)", in: owner)
                }
            }
            do throws(SNMPAPIError) {
                try withEntity(entity) { record, _, _ in record.listener = new }
            } catch {
                new.close()
                throw error
            }
        }
    }

    /// A datagram for an entity that listens; on the thread of ports.
    private func request(
        _ message: RawSpan, _ source: SocketAddress, _ local: SocketAddress?, _ entity: EntityHandle
    ) {
        var deviations = Deviations()
        guard let message = try? CommunityMessage(decoding: message, &deviations),
            case .pdu(let pdu) = message.pdu, pdu.type.isConfirmed
        else { return }
        let record = PDURecord(pdu)
        notifying {
            guard let instance, let agent = instance.entities[entity.rawValue], let listener = agent.listener,
                let session = instance.owner(of: entity.rawValue, in: instance.entities),
                session.queue.count < SessionRecord.maximumWaiting
            else { return }
            let manager = self.entity(Peer(source.normalized), message.version)
            manager.replyPath = ReplyPath(listener, local: local)
            session.queue.append(
                WaitingMessage(
                    source: Named(handle: 0, record: manager),
                    destination: Named(handle: entity.rawValue, record: agent),
                    context: Named(handle: 0, record: ContextRecord(message.community)), pdu: record))
            notify(session, instance, wParam: 0, requestID: pdu.requestID)
        }
    }
}
