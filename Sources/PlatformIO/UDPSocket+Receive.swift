// Layer: PlatformIO. Uses: libc. Used by: the SNMP drivers.
// Receiving batches of datagrams, and the kernel's news about datagrams that didn't arrive.

import CLinux
public import Primitives

extension UDPSocket {
    /// Receives what is there, up to 64 datagrams, and calls `body` for each. Never blocks, allocates nothing.
    ///
    /// The body gets: the bytes, valid during the call only (`.bytes` of it is a bounds-checked `RawSpan`); the sender;
    /// the local address to answer from, with the socket's port, or nil if the datagram came to a multicast address;
    /// and whether the datagram was longer than `Options.slotByteCount`, in which case its end is lost.
    ///
    /// Call again while the result is 64 to empty the socket; serve others in between.
    /// - Returns: the number of datagrams; 0 if none was there.
    /// - Throws: an error with `isUnreachable` on a connected socket whose peer refused what was sent, after which the
    ///   socket remains usable; any other error means that the socket is unusable.
    public func receiveBatch(
        _ body: (UnsafeRawBufferPointer, SocketAddress, SocketAddress?, Bool) -> Void
    ) throws(IOError) -> Int {
        precondition(!isReceiving, "receiveBatch called from its own body")
        for index in 0..<usedSlotCount { incoming.prepareToReceive(index) }
        usedSlotCount = 0
        let count = try receive()
        guard count > 0 else { return 0 }
        usedSlotCount = count
        isReceiving = true
        defer { isReceiving = false }
        let headers = incoming.headers
        let port = localAddress.port
        for index in 0..<count {
            let nameByteCount = Int(headers[index].msg_hdr.msg_namelen)
            guard let source = SocketAddress(system: incoming.name(index), byteCount: nameByteCount) else { continue }
            let isTruncated = headers[index].msg_hdr.msg_flags & truncationFlag != 0
            // With truncation the kernel reports the bytes it stored, but the bound must not hang on that.
            let byteCount = min(Int(headers[index].msg_len), options.slotByteCount)
            body(
                UnsafeRawBufferPointer(start: slots.base + index * slots.stride, count: byteCount),
                source.normalized, readControl(index, port: port), isTruncated)
        }
        return count
    }

    private func receive() throws(IOError) -> Int {
        // Errors that wait in the error queue also fail one call here; receiveErrors has their details. A bound, in
        // case they come faster than this loop runs.
        for _ in 0..<64 {
            let result = recvmmsg(file.number, incoming.headers, UInt32(MessageArray.slotCount), 0, nil)
            if result >= 0 { return Int(result) }
            let code = oriel_errno()
            if IOError.isWouldBlock(code) { return 0 }
            if code == EINTR || (options.reportsUnreachable && IOError.isTransient(code)) { continue }
            throw IOError(code: code, operation: "receive from a socket")
        }
        return 0
    }

    /// The local address of a received datagram; updates the count of drops on the way.
    private func readControl(_ index: Int, port: UInt16) -> SocketAddress? {
        var local: SocketAddress?
        incoming.forEachControl(index) { level, type, bytes in
            if level == protocolIP && type == IP_PKTINFO, let info = bytes.leading(as: in_pktinfo.self) {
                // ipi_spec_dst is the address to answer from, also when the datagram came to a broadcast address.
                let address = UInt32(bigEndian: info.ipi_spec_dst.s_addr)
                if address != 0 { local = SocketAddress(ipv4: address, port: port) }
            } else if level == protocolIPv6 && type == IPV6_PKTINFO, let info = bytes.leading(as: in6_pktinfo.self) {
                let address = SocketAddress(systemIPv6: info.ipi6_addr, scope: 0, port: port)
                if address.isLinkLocal {
                    local = SocketAddress(
                        systemIPv6: info.ipi6_addr, scope: UInt32(truncatingIfNeeded: info.ipi6_ifindex), port: port)
                } else if !address.isMulticast && !address.normalized.isMulticast {
                    local = address.normalized
                }
            }
            #if os(Linux)
                if level == SOL_SOCKET && type == SO_RXQ_OVFL, let reading = bytes.leading(as: UInt32.self) {
                    // The kernel's counter has 32 bits and wraps; the difference does not mind.
                    droppedCount &+= UInt64(reading &- lastDropReading)
                    lastDropReading = reading
                }
            #endif
        }
        return local
    }

    /// Reports datagrams that could not be delivered, up to 64, if `Options.reportsUnreachable` is set.
    ///
    /// The body gets the destination and an error such as `ECONNREFUSED` (nobody listens on the port). The news comes
    /// by ICMP, which anybody on the way can forge: a hint that waiting is useless, not proof. The event loop reports
    /// `Readiness.error` when there is something.
    /// - Returns: the number of reports; 0 if there were none or the system doesn't support it.
    public func receiveErrors(_ body: (SocketAddress, IOError) -> Void) throws(IOError) -> Int {
        precondition(!isReceiving, "receiveErrors called from the body of receiveBatch")
        var count = 0
        #if os(Linux)
            usedSlotCount = max(usedSlotCount, 1)
            while count < MessageArray.slotCount {
                incoming.prepareToReceive(0)
                let header = UnsafeMutableRawPointer(incoming.headers).assumingMemoryBound(to: msghdr.self)
                let length = retryingInterrupted { recvmsg(file.number, header, errorQueueFlag) }
                guard length >= 0 else {
                    let code = oriel_errno()
                    if IOError.isWouldBlock(code) { break }
                    throw IOError(code: code, operation: "read the errors of a socket")
                }
                count += 1
                var code: Int32 = 0
                incoming.forEachControl(0) { level, type, bytes in
                    guard level == protocolIP && type == IP_RECVERR || level == protocolIPv6 && type == IPV6_RECVERR,
                        let report = bytes.leading(as: sock_extended_err.self)
                    else { return }
                    code = Int32(truncatingIfNeeded: report.ee_errno)
                }
                let nameByteCount = Int(header.pointee.msg_namelen)
                guard code != 0, let peer = SocketAddress(system: incoming.name(0), byteCount: nameByteCount)
                else { continue }
                body(peer.normalized, IOError(code: code, operation: "send to"))
            }
        #endif
        return count
    }
}

private let truncationFlag = oriel_msg_trunc()
#if os(Linux)
    private let errorQueueFlag = oriel_msg_errqueue()
#endif
