// Layer: PlatformIO. Uses: nothing. Used by: EventLoop and its clients.
// What a descriptor can wait for and what it can be ready for.

/// What the owner of a descriptor waits for.
public struct Interest: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Something to read, a connection to accept, or the peer's end of the stream.
    public static let read = Interest(rawValue: 1)
    /// Room to write, or a connection attempt that has ended.
    public static let write = Interest(rawValue: 2)
}

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reading returns something: bytes, a datagram, a connection, the end, or an error.
    public static let read = Readiness(rawValue: 1)
    /// Writing takes something, or returns an error.
    public static let write = Readiness(rawValue: 2)
    /// An error waits: on a `UDPSocket` for `receiveErrors`. Reported whatever the interest is.
    public static let error = Readiness(rawValue: 4)
    /// The peer has gone. Reported whatever the interest is; what it sent before can still be read.
    public static let hangup = Readiness(rawValue: 8)
}
