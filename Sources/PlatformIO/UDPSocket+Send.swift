// Layer: PlatformIO. Uses: DatagramQueue, libc. Used by: the SNMP drivers.
// Sending datagrams, one by one or in batches. A datagram that can't be sent is that datagram's trouble only.

import CLinux
public import Primitives

extension UDPSocket {
    /// Sends queued datagrams, 64 per system call, until the queue is empty or the kernel takes no more. Never blocks.
    ///
    /// What is left in the queue waits for the socket to become writable. A datagram that the kernel refuses (too long,
    /// no route, forbidden) is reported and dropped; the others follow.
    /// - Parameters:
    ///   - queue: what to send, first in first out.
    ///   - onError: gets the destination and the error of each refused datagram.
    /// - Returns: the number of datagrams that the kernel took.
    /// - Throws: only if the socket itself is unusable.
    @discardableResult
    public func sendBatch(
        _ queue: inout DatagramQueue, onError: (SocketAddress, IOError) -> Void = { _, _ in }
    ) throws(IOError) -> Int {
        var sentCount = 0
        var attempts = 0
        while !queue.isEmpty {
            let code = sendFirst(of: &queue, &sentCount)
            if code == 0 {
                attempts = 0
            } else if IOError.isWouldBlock(code) {
                return sentCount
            } else if code == EBADF || code == ENOTSOCK || code == EFAULT {
                throw IOError(code: code, operation: "send")
            } else if code != EINTR && !isOldNews(code, &attempts) {
                let destination = queue.entries[queue.head].destination
                queue.removeFirst(1)
                attempts = 0
                onError(destination, IOError(code: code, operation: "send to"))
            }
        }
        return sentCount
    }

    /// Sends one datagram. Never blocks.
    /// - Parameters:
    ///   - bytes: the payload.
    ///   - destination: where to send it.
    ///   - source: the local address to send from; nil lets the system choose.
    /// - Returns: false if the kernel takes no more at the moment.
    public func send(
        _ bytes: UnsafeRawBufferPointer, to destination: SocketAddress, from source: SocketAddress? = nil
    ) throws(IOError) -> Bool {
        prepareToSend(0, to: destination, from: source)
        outgoing.setBuffer(0, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        var attempts = 0
        while true {
            let result = sendmmsg(file.number, outgoing.headers, 1, 0)
            if result > 0 { return true }
            let code = oriel_errno()
            if IOError.isWouldBlock(code) { return false }
            if code == EINTR || isOldNews(code, &attempts) { continue }
            throw IOError(code: code, operation: "send to", subject: destination.description)
        }
    }

    /// Sends one datagram; see the form with a buffer.
    public func send(
        _ bytes: [UInt8], to destination: SocketAddress, from source: SocketAddress? = nil
    ) throws(IOError) -> Bool {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(IOError) in try send(UnsafeRawBufferPointer(buffer), to: destination, from: source) }
        }
        return try result.get()
    }

    /// One call of sendmmsg on the front of the queue. Returns 0, or the error of the first datagram.
    private func sendFirst(of queue: inout DatagramQueue, _ sentCount: inout Int) -> Int32 {
        let count = min(queue.count, MessageArray.slotCount)
        let head = queue.head
        let (result, code) = queue.arena.withUnsafeBufferPointer { arena in
            queue.entries.withUnsafeBufferPointer { entries in
                for index in 0..<count {
                    let entry = entries[head + index]
                    prepareToSend(index, to: entry.destination, from: entry.source)
                    // An empty datagram in an empty arena has no address, which the kernel accepts for no bytes.
                    let start = UnsafeRawPointer(arena.baseAddress).map { $0 + entry.offset }
                    outgoing.setBuffer(index, UnsafeMutableRawPointer(mutating: start), entry.byteCount)
                }
                let result = sendmmsg(file.number, outgoing.headers, UInt32(count), 0)
                return (result, result < 0 ? oriel_errno() : 0)
            }
        }
        guard result > 0 else { return code }
        sentCount += Int(result)
        queue.removeFirst(Int(result))
        return 0
    }

    /// Whether an error may be about an earlier datagram: with the error queue on, the kernel also hands a pending
    /// error to whatever call comes next, which then did nothing and must be repeated.
    private func isOldNews(_ code: Int32, _ attempts: inout Int) -> Bool {
        guard options.reportsUnreachable, IOError.isTransient(code), attempts < 3 else { return false }
        attempts += 1
        return true
    }

    @inline(__always)
    private func prepareToSend(_ index: Int, to destination: SocketAddress, from source: SocketAddress?) {
        let length = systemDestination(destination).store(to: outgoing.name(index))
        outgoing.headers[index].msg_hdr.msg_namelen = length
        guard let source, !source.isAny else {
            outgoing.removeControl(index)
            return
        }
        setSource(index, source)
    }

    private func setSource(_ index: Int, _ source: SocketAddress) {
        if family == .ipv6 {
            var info = in6_pktinfo()
            info.ipi6_addr = source.systemIPv6
            info.ipi6_ifindex = .init(truncatingIfNeeded: source.scope)
            outgoing.setControl(index, level: protocolIPv6, type: IPV6_PKTINFO, info)
        } else if let address = source.ipv4 {
            var info = in_pktinfo()
            info.ipi_spec_dst.s_addr = address.bigEndian
            outgoing.setControl(index, level: protocolIP, type: IP_PKTINFO, info)
        } else {
            // An IPv6 source on an IPv4 socket: let the system choose rather than fail.
            outgoing.removeControl(index)
        }
    }
}
