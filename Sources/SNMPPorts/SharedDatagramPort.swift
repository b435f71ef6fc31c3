// Layer: SNMPPorts. Uses: SharedPortCore. Used by: whoever receives notifications.
// A port that several programs of one user have together.

import PlatformIO
public import Primitives

/// A UDP port that programs of one user share: the first one binds it, later ones are served by the first through a
/// Unix-domain socket, and one of them takes it over when the first ends. Closes with its last reference or by `close`.
///
/// Every program's receiver gets every datagram with its sender and local address, as if the port were its own. From
/// the moment in which the owner ends until a follower has taken over, some milliseconds, datagrams are lost, and so is
/// what is sent. A follower that may not bind the port, for lack of a permission, can't take it over, and keeps trying.
/// While the owner is stopped (SIGSTOP) nobody gets anything; when it goes on, followers get what the kernel kept.
///
/// A directory under /tmp may lose its files to a program that cleans up; programs that come later then find the port
/// taken, as if by a program that doesn't share it.
///
/// A program that forked itself without starting another program leaves the port to the copy as well; then nobody takes
/// over until both have ended.
public final class SharedDatagramPort: Sendable {
    /// Where programs of a user meet to share a port.
    public struct Sharing: Sendable {
        /// A directory of this user with mode 0700; made if it is missing. Programs that are to share a port must
        /// name the same one. Long paths don't fit a socket's address: up to about 70 bytes do.
        public var directory: String

        /// Names the directory.
        public init(directory: String = Sharing.defaultDirectory) { self.directory = directory }

        /// `$XDG_RUNTIME_DIR/oriel`, if that variable names a directory of this user's; else `/tmp/oriel-UID`.
        public static var defaultDirectory: String {
            // It survives `sudo`, and then names somebody else's.
            if let runtime = Program.environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"),
                let status = try? FileAccess.status(runtime), status.isDirectory,
                status.userID == Program.userID
            {
                return runtime + "/oriel"
            }
            return "/tmp/oriel-\(Program.userID)"
        }
    }

    private let core: SharedPortCore

    /// Binds the addresses, or follows the program that has; then starts to receive.
    ///
    /// Waits up to three seconds for an owner that doesn't answer. Not for a thread on which such an owner's loop runs.
    /// - Parameters:
    ///   - addresses: 1 to 16, such as 0.0.0.0:162 and [::]:162. `::` serves IPv6 only. Of an unspecified address whose
    ///     family this machine lacks the others make do. Programs share a port if they name the same addresses. Port 0
    ///     takes a free port, the same for all addresses, which isn't shared.
    ///   - sharing: nil for a port that isn't shared.
    ///   - receiveBufferByteCount: the wanted size of the kernel's buffer of each socket; the kernel may grant less.
    ///   - receiver: see `PortReceiver`.
    /// - Throws: `inUse` if a program has the port that doesn't share it, or doesn't answer; `notPermitted`; `io` also
    ///   for a directory that isn't this user's alone.
    public init(
        addresses: [SocketAddress], sharing: Sharing?, loop: PortLoop, receiveBufferByteCount: Int,
        receiver: @escaping PortReceiver
    ) throws(PortError) {
        core = SharedPortCore(addresses, loop, receiveBufferByteCount: receiveBufferByteCount, receiver)
        try core.open(sharing)
    }

    deinit { core.closeLater() }

    /// The addresses that the port has, whoever owns it; while nobody does, those that it had.
    public var localAddresses: [SocketAddress] { core.view(\.addresses) }

    /// Whether this program has bound the port: followers are false.
    public var isOwner: Bool { core.view(\.standing) == .owner }

    /// Whether datagrams can come: false after `close`, and between the end of an owner and the time when another one
    /// has taken over.
    public var isServed: Bool { [.owner, .follower].contains(core.view(\.standing)) }

    /// Copies that this program, as the owner, could not hand to followers, because they left 4 MiB untaken.
    public var droppedCount: UInt64 { core.view(\.droppedCount) }

    /// Sends a datagram from the port, from any thread, without waiting; a follower's is sent by the owner.
    ///
    /// Datagrams leave in the order of the calls. One that the network refuses, for which too much waits already
    /// (4 MiB), or that comes while the port has no owner, is dropped.
    /// - Parameters:
    ///   - destination: of a family that the port has an address of; else it is not sent.
    ///   - source: the local address to send from, such as the one that a request came to; nil lets the system choose.
    public func send(_ message: [UInt8], to destination: SocketAddress, from source: SocketAddress?) {
        core.send(message, to: destination, from: source)
    }

    /// Gives the port back, or to a follower. Idempotent, from any thread.
    ///
    /// When it returns, this program's sockets are closed, and no call of the receiver runs or will run; unless it is
    /// called from a receiver on this port's loop, which it doesn't wait for. Elsewhere don't call it with a lock that
    /// the receiver takes.
    public func close() { core.close() }
}
