// Layer: PlatformIO. Uses: Primitives (SocketAddress), libc. Used by: the SNMP drivers.
// A UDP socket for many small datagrams: 64 per system call both ways, no allocation per datagram. Receiving is in
// UDPSocket+Receive.swift, sending in UDPSocket+Send.swift.

import CLinux
public import Primitives

/// A bound, nonblocking UDP socket.
///
/// Belongs to one thread at a time, normally the one of its event loop; but one thread may send while another
/// receives, which share nothing. Closes when the last reference goes.
/// An IPv6 socket that is not IPv6-only serves IPv4 as well: addresses are IPv4 values on both ways, never mapped ones.
public final class UDPSocket {
    /// How to open a socket.
    public struct Options: Sendable {
        /// The wanted size of the kernel's receive buffer in bytes; nil for the system's default. The kernel may grant
        /// less (`net.core.rmem_max`): see `receiveBufferByteCount`.
        public var receiveBufferByteCount: Int?
        /// The wanted size of the kernel's send buffer in bytes; nil for the system's default.
        public var sendBufferByteCount: Int?
        /// Binds even if a socket that also set this holds the address (`SO_REUSEADDR`). Off: a second agent on one
        /// port is an error and not a silent thief of datagrams.
        public var reusesAddress = false
        /// Shares the port with sockets of this user that also set this; the kernel spreads senders over them
        /// (`SO_REUSEPORT`).
        public var sharesPort = false
        /// Refuses IPv4 on an IPv6 socket (`IPV6_V6ONLY`).
        public var isIPv6Only = false
        /// Reports unreachable destinations through `receiveErrors` (`IP_RECVERR`; Linux only, elsewhere no effect).
        public var reportsUnreachable = false
        /// Bytes kept of each received datagram, 1...65,536; longer ones are delivered cut and marked so. The default
        /// holds any datagram. Memory is used only as far as datagrams reach.
        public var slotByteCount = 65_536

        /// The defaults.
        public init() {}
    }

    let file: Descriptor
    let options: Options
    let family: SocketAddress.Family
    let incoming = MessageArray()
    let outgoing = MessageArray()
    let slots: ReceiveSlots
    /// Whether a call of `receiveBatch` is on the stack; its body must not start another over the same slots.
    var isReceiving = false
    /// Slots whose headers the kernel wrote to since they were made ready.
    var usedSlotCount = MessageArray.slotCount
    var lastDropReading: UInt32 = 0

    /// The address the socket is bound to, with the port the system chose if 0 was asked for.
    public let localAddress: SocketAddress
    /// The size that the kernel gives the receive buffer, as it counts it: on Linux twice the granted wish, since its
    /// bookkeeping is paid from it too.
    public let receiveBufferByteCount: Int
    /// Datagrams that the kernel threw away because the receive buffer was full, since the socket was opened.
    ///
    /// Learned from the datagrams that follow, so a drop shows once a later datagram has been received. Linux only;
    /// elsewhere 0.
    public internal(set) var droppedCount: UInt64 = 0

    /// Opens a socket and binds it. Port 0 takes a free port.
    public init(binding address: SocketAddress, options: Options = Options()) throws(IOError) {
        precondition(options.slotByteCount >= 1 && options.slotByteCount <= 65_536, "slot size out of range")
        file = try Socket.open(address.family, type: datagramSocketType)
        self.options = options
        family = address.family
        slots = try ReceiveSlots(byteCount: options.slotByteCount)
        try UDPSocket.configure(file.number, address.family, options)
        try Socket.bind(file.number, to: address)
        localAddress = try SocketAddress.local(of: file.number)
        receiveBufferByteCount = Int(try Socket.option(file.number, SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF"))
        for index in 0..<MessageArray.slotCount {
            incoming.setBuffer(index, slots.base + index * slots.stride, options.slotByteCount)
        }
    }

    private static func configure(
        _ number: Int32, _ family: SocketAddress.Family, _ options: Options
    ) throws(IOError) {
        if family == .ipv6 {
            try Socket.setOption(number, protocolIPv6, IPV6_V6ONLY, options.isIPv6Only ? 1 : 0, "IPV6_V6ONLY")
            try Socket.setOption(number, protocolIPv6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
        } else {
            try Socket.setOption(number, protocolIP, IP_PKTINFO, 1, "IP_PKTINFO")
        }
        if options.reusesAddress { try Socket.setOption(number, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR") }
        if options.sharesPort { try Socket.setOption(number, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT") }
        if let wish = options.receiveBufferByteCount {
            let value = Int32(clamping: wish)
            #if os(Linux)
                // Exceeds net.core.rmem_max where the process may; the plain option follows if it may not.
                let isForced = (try? Socket.setOption(number, SOL_SOCKET, SO_RCVBUFFORCE, value, "")) != nil
            #else
                let isForced = false
            #endif
            if !isForced { try Socket.setOption(number, SOL_SOCKET, SO_RCVBUF, value, "SO_RCVBUF") }
        }
        if let wish = options.sendBufferByteCount {
            try Socket.setOption(number, SOL_SOCKET, SO_SNDBUF, Int32(clamping: wish), "SO_SNDBUF")
        }
        #if os(Linux)
            try Socket.setOption(number, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL")
            if options.reportsUnreachable {
                // A dual-stack socket learns about its IPv4 peers through the IPv4 option.
                if family == .ipv4 || !options.isIPv6Only {
                    try Socket.setOption(number, protocolIP, IP_RECVERR, 1, "IP_RECVERR")
                }
                if family == .ipv6 { try Socket.setOption(number, protocolIPv6, IPV6_RECVERR, 1, "IPV6_RECVERR") }
            }
        #endif
    }

    /// The descriptor for `EventLoop.register`; stays the socket's own.
    public var descriptor: Int32 { file.number }

    /// Ties the socket to one peer: datagrams from others are not received, and a refusal by the peer is thrown by
    /// `receiveBatch` as an error that `isUnreachable`.
    public func connect(to peer: SocketAddress) throws(IOError) {
        let result = systemDestination(peer).withSystemAddress { oriel_connect(file.number, $0, $1) }
        guard result == 0 else { throw .last("connect to", peer.description) }
    }

    /// Blocks until something can be read (a datagram or an error) or `timeout` has passed; nil waits for ever.
    /// - Returns: whether something can be read.
    public func waitReadable(timeout: Interval?) throws(IOError) -> Bool {
        try Socket.wait(file.number, for: Int32(POLLIN), timeout: timeout)
    }

    /// The form of a destination that this socket's family wants.
    @inline(__always)
    func systemDestination(_ address: SocketAddress) -> SocketAddress { family == .ipv6 ? address.mapped : address }
}

let protocolIP = Int32(IPPROTO_IP)
let protocolIPv6 = Int32(IPPROTO_IPV6)

/// One block of memory with a slot per datagram of a batch, zero pages until the kernel writes to them.
struct ReceiveSlots: ~Copyable {
    let base: UnsafeMutableRawPointer
    /// Bytes between slots. Not a power of two: the beginnings of all slots would share a few cache sets, and the
    /// beginnings are what small datagrams use.
    let stride: Int
    private let totalByteCount: Int

    init(byteCount: Int) throws(IOError) {
        stride = (byteCount + 63) / 64 * 64 + 320
        totalByteCount = stride * MessageArray.slotCount
        let memory = mmap(nil, totalByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | oriel_map_anonymous(), -1, 0)
        guard let memory, memory != oriel_map_failed() else { throw .last("reserve memory for datagrams") }
        base = memory
    }

    deinit { munmap(base, totalByteCount) }
}
