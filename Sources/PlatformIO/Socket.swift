// Layer: PlatformIO. Uses: libc. Used by: UDPSocket, TCPListener, TCPConnection, UnixListener, UnixConnection.
// What every socket needs: creation with the right flags, options, bind.

import CLinux
import Primitives

#if os(Linux)
    let datagramSocketType = Int32(SOCK_DGRAM.rawValue)
    let streamSocketType = Int32(SOCK_STREAM.rawValue)
#else
    let datagramSocketType = SOCK_DGRAM
    let streamSocketType = SOCK_STREAM
#endif

/// Helpers over a socket's descriptor number.
enum Socket {
    /// Opens a nonblocking socket that programs started later don't inherit.
    static func open(_ family: SocketAddress.Family, type: Int32) throws(IOError) -> Descriptor {
        try open(family == .ipv4 ? AF_INET : AF_INET6, type: type)
    }

    /// The same for any of the system's families.
    static func open(_ family: Int32, type: Int32) throws(IOError) -> Descriptor {
        let number = socket(family, type, 0)
        guard number >= 0 else { throw .last("open a socket") }
        let descriptor = Descriptor(owning: number)
        try makeNonblocking(number)
        return descriptor
    }

    static func makeNonblocking(_ number: Int32) throws(IOError) {
        guard oriel_set_nonblocking(number) == 0, oriel_set_close_on_exec(number) == 0
        else { throw .last("set the mode of a socket") }
    }

    static func setOption(
        _ number: Int32, _ level: Int32, _ name: Int32, _ value: Int32, _ what: String
    ) throws(IOError) {
        var value = value
        guard setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { throw .last("set the socket option \(what)") }
    }

    static func option(_ number: Int32, _ level: Int32, _ name: Int32, _ what: String) throws(IOError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, level, name, &value, &length) == 0
        else { throw .last("read the socket option \(what)") }
        return value
    }

    /// The pending error of a socket, which reading clears; 0 if there is none.
    static func takeError(_ number: Int32) throws(IOError) -> Int32 {
        try option(number, SOL_SOCKET, SO_ERROR, "SO_ERROR")
    }

    static func bind(_ number: Int32, to address: SocketAddress) throws(IOError) {
        let result = address.withSystemAddress { oriel_bind(number, $0, $1) }
        guard result == 0 else { throw .last("bind", address.description) }
    }

    /// Waits until a descriptor is ready for `events` or `timeout` has passed; nil waits for ever.
    /// - Returns: whether it is ready; an error or hang-up counts as ready because the next call reports it.
    static func wait(_ number: Int32, for events: Int32, timeout: Interval?) throws(IOError) -> Bool {
        var entry = pollfd(fd: number, events: Int16(truncatingIfNeeded: events), revents: 0)
        let deadline = timeout.map { SystemClock.now + $0 }
        while true {
            let result = poll(&entry, 1, deadline.map { ($0 - SystemClock.now).pollMilliseconds } ?? -1)
            if result >= 0 { return result > 0 }
            guard oriel_errno() == EINTR else { throw .last("wait for a socket") }
        }
    }
}

extension Interval {
    /// Whole milliseconds for `poll`, rounded up so that a wait never ends just before its time and spins.
    var pollMilliseconds: Int32 {
        guard nanoseconds > 0 else { return 0 }
        return Int32(clamping: (nanoseconds - 1) / 1_000_000 + 1)
    }
}
