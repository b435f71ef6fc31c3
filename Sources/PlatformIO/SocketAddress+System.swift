// Layer: PlatformIO. Uses: Primitives (SocketAddress). Used by: sockets here.
// A SocketAddress as the system's `sockaddr` and back. `sockaddr` memory comes from the kernel, so lengths are checked
// but contents need no further distrust.

import CLinux
import Primitives

/// Bytes that hold any address a socket here can have: `sockaddr_in6` is the larger one.
let socketAddressByteCount = MemoryLayout<sockaddr_in6>.size

extension SocketAddress {
    /// The system's number for the family.
    var systemFamily: Int32 { family == .ipv4 ? AF_INET : AF_INET6 }

    /// Writes the address as a `sockaddr` and returns its length.
    /// - Parameter memory: at least `socketAddressByteCount` bytes, aligned for `sockaddr_in6`.
    func store(to memory: UnsafeMutableRawPointer) -> socklen_t {
        if family == .ipv4 {
            var address = sockaddr_in()
            #if !os(Linux)
                address.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
            #endif
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: lowBits).bigEndian
            memory.storeBytes(of: address, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        var address = sockaddr_in6()
        #if !os(Linux)
            address.sin6_len = UInt8(MemoryLayout<sockaddr_in6>.size)
        #endif
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = scope
        address.sin6_addr = systemIPv6
        memory.storeBytes(of: address, as: sockaddr_in6.self)
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// Reads a `sockaddr`; nil for another family or too few bytes.
    init?(system memory: UnsafeRawPointer, byteCount: Int) {
        guard byteCount >= MemoryLayout<sockaddr_in>.size else { return nil }
        switch Int32(memory.loadUnaligned(as: sockaddr.self).sa_family) {
        case AF_INET:
            let address = memory.loadUnaligned(as: sockaddr_in.self)
            self.init(
                ipv4: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            guard byteCount >= MemoryLayout<sockaddr_in6>.size else { return nil }
            let address = memory.loadUnaligned(as: sockaddr_in6.self)
            self.init(
                systemIPv6: address.sin6_addr, scope: address.sin6_scope_id, port: UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }

    /// Makes an IPv6 address from the system's sixteen octets.
    init(systemIPv6 address: in6_addr, scope: UInt32, port: UInt16) {
        let (high, low) = withUnsafeBytes(of: address) { octets in
            (
                UInt64(bigEndian: octets.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(ipv6High: high, low: low, scope: scope, port: port)
    }

    /// The system's sixteen octets; for IPv4 those of the IPv4-mapped form.
    var systemIPv6: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { octets in
            octets.storeBytes(of: highBits.bigEndian, as: UInt64.self)
            octets.storeBytes(of: lowBits.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The address that a socket is bound to.
    static func local(of descriptor: Int32) throws(IOError) -> SocketAddress {
        var storage = sockaddr_in6()
        var length = socklen_t(socketAddressByteCount)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { oriel_getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw .last("read the address of a socket") }
        let address = withUnsafeBytes(of: &storage) { bytes in
            bytes.baseAddress.flatMap { SocketAddress(system: $0, byteCount: Int(length)) }
        }
        guard let address else { throw IOError(code: EAFNOSUPPORT, operation: "read the address of a socket") }
        return address
    }

    /// Calls `body` with the address as the system wants it.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_in6()
        return withUnsafeMutableBytes(of: &storage) { bytes in
            // A local variable's memory is never empty, so its base address is there.
            guard let base = bytes.baseAddress else { preconditionFailure("no storage") }
            let length = store(to: base)
            return body(UnsafePointer(base.assumingMemoryBound(to: sockaddr.self)), length)
        }
    }
}
