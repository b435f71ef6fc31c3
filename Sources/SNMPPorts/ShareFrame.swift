// Layer: SNMPPorts. Uses: Primitives (SocketAddress). Used by: FrameBuffer, ShareOwner, SharedPortCore.
// What the owner of a shared port and its followers say to each other. All numbers are big-endian.
//
//   offset  size  what
//        0     4  octets of the body, 0...65,600
//        4     1  version, 1
//        5     1  kind: 1 hello, 2 welcome, 3 datagram, 4 send
//        6     2  0
//        8        body
//
//   hello     follower to owner, first: no body.
//   welcome   owner to follower, first: the number of addresses (1 octet), the addresses that the port has.
//   datagram  owner to follower: flags (1 octet; 1: the end is missing, 2: local address is given), source, local
//             address, payload.
//   send      follower to owner: flags (1 octet; 2: source is given), destination, source, payload.
//   address   family (1 octet: 4 or 6), 0, port (2), zone (4), 16 octets; of IPv4 the first 12 are 0. One that isn't
//             given is 24 zeros.
//
// The other end may be any program of the same user, so everything is checked: what isn't exactly of this form is an
// error, upon which the connection ends.

import Primitives

/// Why a frame is not one.
enum ShareFrameError: Error, Equatable {
    /// Of another version than 1.
    case version(UInt8)
    /// A kind that isn't known.
    case kind(UInt8)
    /// A body of a length that its kind can't have.
    case length
    /// Something in an address, in flags or in an octet that must be 0.
    case content
}

/// A frame. Payloads stay where they are: a range of the octets that were parsed.
enum ShareFrame: Equatable {
    case hello
    case welcome([SocketAddress])
    case datagram(Range<Int>, source: SocketAddress, local: SocketAddress?, isTruncated: Bool)
    case send(Range<Int>, destination: SocketAddress, source: SocketAddress?)

    static let version: UInt8 = 1
    static let headerByteCount = 8
    static let bodyLimit = 65_600
    static let addressByteCount = 24
    /// What stands before the payload of datagram and send.
    static let envelopeByteCount = 1 + 2 * addressByteCount
    /// The longest payload: more than any datagram has.
    static let payloadLimit = bodyLimit - envelopeByteCount
    /// The most addresses of a port.
    static let addressLimit = 16

    private static let truncatedFlag: UInt8 = 1
    private static let addressFlag: UInt8 = 2

    // MARK: Reading

    /// Reads the frame that begins at `start`.
    /// - Returns: the frame and where it ends; nil if its end hasn't come yet.
    static func parse(_ bytes: Span<UInt8>, at start: Int) throws(ShareFrameError) -> (frame: ShareFrame, end: Int)? {
        guard start >= 0, start <= bytes.count, bytes.count - start >= headerByteCount else { return nil }
        // Each range below lies between `start` and an end that was compared with the count.
        guard bytes[start + 4] == version else { throw .version(bytes[start + 4]) }
        let length = number(bytes, start, byteCount: 4)
        guard length <= bodyLimit else { throw .length }
        let kind = bytes[start + 5]
        guard kind >= 1, kind <= 4 else { throw .kind(kind) }
        guard bytes[start + 6] == 0, bytes[start + 7] == 0 else { throw .content }
        let body = (start + headerByteCount)..<(start + headerByteCount + Int(length))
        guard body.upperBound <= bytes.count else { return nil }
        let frame: ShareFrame
        switch kind {
        case 1:
            guard body.isEmpty else { throw .length }
            frame = .hello
        case 2: frame = .welcome(try addresses(bytes, body))
        default: frame = try payload(bytes, body, isDatagram: kind == 3)
        }
        return (frame, body.upperBound)
    }

    private static func addresses(
        _ bytes: Span<UInt8>, _ body: Range<Int>
    ) throws(ShareFrameError) -> [SocketAddress] {
        guard let first = body.first else { throw .length }
        let count = Int(bytes[first])
        guard count >= 1, count <= addressLimit, body.count == 1 + count * addressByteCount else { throw .length }
        var addresses: [SocketAddress] = []
        for index in 0..<count {
            guard let address = try address(bytes, first + 1 + index * addressByteCount) else { throw .content }
            addresses.append(address)
        }
        return addresses
    }

    private static func payload(
        _ bytes: Span<UInt8>, _ body: Range<Int>, isDatagram: Bool
    ) throws(ShareFrameError) -> ShareFrame {
        guard body.count >= envelopeByteCount else { throw .length }
        let flags = bytes[body.lowerBound]
        guard flags & ~(isDatagram ? truncatedFlag | addressFlag : addressFlag) == 0 else { throw .content }
        let first = try address(bytes, body.lowerBound + 1)
        let second = try address(bytes, body.lowerBound + 1 + addressByteCount)
        guard let first, (second != nil) == (flags & addressFlag != 0) else { throw .content }
        let payload = (body.lowerBound + envelopeByteCount)..<body.upperBound
        return isDatagram
            ? .datagram(payload, source: first, local: second, isTruncated: flags & truncatedFlag != 0)
            : .send(payload, destination: first, source: second)
    }

    /// The address at `start`, which has its 24 octets in bounds; nil for zeros.
    private static func address(_ bytes: Span<UInt8>, _ start: Int) throws(ShareFrameError) -> SocketAddress? {
        let port = UInt16(truncatingIfNeeded: number(bytes, start + 2, byteCount: 2))
        let scope = UInt32(truncatingIfNeeded: number(bytes, start + 4, byteCount: 4))
        let high = number(bytes, start + 8, byteCount: 8)
        let low = number(bytes, start + 16, byteCount: 8)
        guard bytes[start + 1] == 0 else { throw .content }
        switch bytes[start] {
        case 0:
            guard port == 0, scope == 0, high == 0, low == 0 else { throw .content }
            return nil
        case 4:
            guard scope == 0, high == 0, low <= UInt64(UInt32.max) else { throw .content }
            return SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port)
        case 6:
            let address = SocketAddress(ipv6High: high, low: low, scope: scope, port: port)
            // IPv4 addresses have one form only.
            guard !address.isIPv4Mapped else { throw .content }
            return address
        default: throw .content
        }
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<(start + byteCount) { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    // MARK: Writing

    static func appendHello(to bytes: inout [UInt8]) { appendHeader(1, bodyByteCount: 0, to: &bytes) }

    static func appendWelcome(_ addresses: [SocketAddress], to bytes: inout [UInt8]) {
        precondition(!addresses.isEmpty && addresses.count <= addressLimit, "a port has 1 to 16 addresses")
        appendHeader(2, bodyByteCount: 1 + addresses.count * addressByteCount, to: &bytes)
        bytes.append(UInt8(truncatingIfNeeded: addresses.count))
        for address in addresses { append(address, to: &bytes) }
    }

    /// Nothing is appended, and the result false, for a payload that is longer than a datagram can be.
    @discardableResult
    static func appendDatagram(
        _ payload: some Collection<UInt8>, source: SocketAddress, local: SocketAddress?, isTruncated: Bool,
        to bytes: inout [UInt8]
    ) -> Bool {
        append(3, payload, source, local, flags: isTruncated ? truncatedFlag : 0, to: &bytes)
    }

    /// The same for a payload to be sent.
    @discardableResult
    static func appendSend(
        _ payload: some Collection<UInt8>, destination: SocketAddress, source: SocketAddress?, to bytes: inout [UInt8]
    ) -> Bool {
        append(4, payload, destination, source, flags: 0, to: &bytes)
    }

    private static func append(
        _ kind: UInt8, _ payload: some Collection<UInt8>, _ first: SocketAddress, _ second: SocketAddress?,
        flags: UInt8, to bytes: inout [UInt8]
    ) -> Bool {
        guard payload.count <= payloadLimit else { return false }
        appendHeader(kind, bodyByteCount: envelopeByteCount + payload.count, to: &bytes)
        bytes.append(second == nil ? flags : flags | addressFlag)
        append(first, to: &bytes)
        append(second, to: &bytes)
        bytes.append(contentsOf: payload)
        return true
    }

    private static func appendHeader(_ kind: UInt8, bodyByteCount: Int, to bytes: inout [UInt8]) {
        append(UInt64(bodyByteCount), byteCount: 4, to: &bytes)
        bytes.append(version)
        bytes.append(kind)
        append(0, byteCount: 2, to: &bytes)
    }

    private static func append(_ address: SocketAddress?, to bytes: inout [UInt8]) {
        // Mapped addresses are refused by the reader, so they must not be written.
        guard let address = address?.normalized else {
            bytes.append(contentsOf: repeatElement(0, count: addressByteCount))
            return
        }
        bytes.append(address.family == .ipv4 ? 4 : 6)
        bytes.append(0)
        append(UInt64(address.port), byteCount: 2, to: &bytes)
        append(UInt64(address.scope), byteCount: 4, to: &bytes)
        append(address.family == .ipv4 ? 0 : address.highBits, byteCount: 8, to: &bytes)
        let low = address.family == .ipv4 ? address.lowBits & 0xFFFF_FFFF : address.lowBits
        append(low, byteCount: 8, to: &bytes)
    }

    private static func append(_ value: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
        for index in (0..<byteCount).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(index * 8)))
        }
    }
}
