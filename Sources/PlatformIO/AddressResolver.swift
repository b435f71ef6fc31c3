// Layer: PlatformIO. Uses: Primitives (SocketAddress), libc. Used by: the command line and configuration readers.
// Text to addresses: numeric forms without the network, names through the system's resolver.

import CLinux
public import Primitives

/// Why a text gave no address.
public enum ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is malformed.
    case syntax(AddressSyntaxError, text: String)
    /// The system's resolver found nothing; `code` is a value of `getaddrinfo`.
    case lookup(code: Int32, host: String)
    /// The name exists but has no address of the wanted family.
    case noAddress(host: String, family: SocketAddress.Family)

    /// One line: which text, and what is wrong with it.
    public var description: String {
        switch self {
        case .syntax(let error, let text): "\"\(text)\": \(error)"
        case .lookup(let code, let host): "cannot resolve \"\(host)\": \(String(cString: gai_strerror(code)))"
        case .noAddress(let host, let family): "\"\(host)\" has no IPv\(family.rawValue) address"
        }
    }
}

/// Finds addresses for texts such as `router.example:161`, `192.0.2.1` and `[fe80::1%eth0]:161`.
public enum AddressResolver {
    /// Reads a numeric address; never asks the network. Zones may be interface names.
    public static func numeric(_ text: String, defaultPort: UInt16) throws(AddressSyntaxError) -> SocketAddress {
        try SocketAddress(parsing: text, defaultPort: defaultPort, interfaceIndex: interfaceIndex)
    }

    /// The index of a network interface; nil if there is none of that name.
    public static func interfaceIndex(_ name: String) -> UInt32? {
        let index = name.withCString { if_nametoindex($0) }
        return index == 0 ? nil : index
    }

    /// The name of a network interface; nil if there is none of that index.
    public static func interfaceName(_ index: UInt32) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
            buffer.baseAddress.flatMap { if_indextoname(index, $0) }.map { String(cString: $0) }
        }
    }

    /// The addresses of a host, best first, without duplicates; never empty.
    ///
    /// Blocks the calling thread while a name is looked up, for seconds if a name server is silent: from asynchronous
    /// code call it on a thread of its own. Numeric addresses return at once and ask nobody.
    /// - Parameters:
    ///   - text: a numeric address or a host name, with an optional port.
    ///   - defaultPort: the port of a text without one.
    ///   - family: only addresses of this family; nil for both in the system's order (RFC 6724).
    public static func resolve(
        _ text: String, defaultPort: UInt16, family: SocketAddress.Family? = nil
    ) throws(ResolutionError) -> [SocketAddress] {
        let host: String, port: UInt16
        do throws(AddressSyntaxError) {
            let parts = try SocketAddress.splitPort(text)
            host = parts.host
            port = parts.port ?? defaultPort
        } catch {
            throw .syntax(error, text: text)
        }
        let address: SocketAddress
        do throws(AddressSyntaxError) {
            address = try SocketAddress(numericHost: host, port: port, interfaceIndex: interfaceIndex)
        } catch .notNumeric {
            return try lookUp(host, port: port, family: family)
        } catch {
            throw .syntax(error, text: text)
        }
        if let family, family != address.family { throw .noAddress(host: host, family: family) }
        return [address]
    }

    private static func lookUp(
        _ host: String, port: UInt16, family: SocketAddress.Family?
    ) throws(ResolutionError) -> [SocketAddress] {
        // The C library would read a name only as far as a NUL byte, and would take "1.2" or "0x7f.1" for addresses.
        guard isPlausibleName(host) else { throw .syntax(.notNumeric, text: host) }
        var hints = addrinfo()
        hints.ai_family = family.map { $0 == .ipv4 ? AF_INET : AF_INET6 } ?? AF_UNSPEC
        hints.ai_socktype = datagramSocketType
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw .lookup(code: code, host: host) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let system = entry.ai_addr,
                let address = SocketAddress(system: system, byteCount: Int(entry.ai_addrlen)),
                !found.contains(address.with(port: port))
            else { continue }
            found.append(address.with(port: port))
        }
        guard !found.isEmpty else { throw .noAddress(host: host, family: family ?? .ipv4) }
        return found
    }

    /// Letters, digits, hyphens, underscores and dots, at most 253 of them, and the last label not a number
    /// (RFC 1123 section 2.1); anything non-ASCII is left for the system to judge.
    private static func isPlausibleName(_ host: String) -> Bool {
        let bytes = host.utf8
        guard bytes.count <= 253 else { return false }
        let legal = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                0x80...:
                true
            default: false
            }
        }
        let lastLabel = host.split(separator: ".").last?.utf8 ?? "".utf8[...]
        let isNumber = lastLabel.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return legal && !isNumber && !(lastLabel.starts(with: "0x".utf8) || lastLabel.starts(with: "0X".utf8))
    }
}
