// Layer: PlatformIO. Uses: UnixConnection, libc. Used by: programs of one machine that talk to each other.
// A listening Unix-domain socket.

import CLinux
public import Primitives

/// A nonblocking Unix-domain socket that accepts connections. Belongs to one thread at a time; closes with its last
/// reference and leaves its path behind, which nobody can connect to then.
public final class UnixListener {
    private let file: Descriptor
    /// The path that it listens on.
    public let path: String

    /// Listens on a path at which nothing may be: remove what an earlier listener left first.
    ///
    /// Who may connect is decided by the permissions of the directory.
    /// - Parameters:
    ///   - path: at most 107 bytes (Linux) or 103 (macOS); a longer one throws `ENAMETOOLONG`.
    ///   - backlog: connections that may wait to be accepted.
    public init(binding path: String, backlog: Int32 = 128) throws(IOError) {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "bind", subject: path) }
        file = try Socket.open(AF_UNIX, type: streamSocketType)
        self.path = path
        guard oriel_bind_unix(file.number, path) == 0 else { throw .last("bind", path) }
        guard listen(file.number, backlog) == 0 else { throw .last("listen on", path) }
    }

    /// The descriptor for `EventLoop.register`; stays the listener's own.
    public var descriptor: Int32 { file.number }

    /// Takes the next waiting connection; nil if none waits.
    /// - Throws: for lack of descriptors or memory. The connection then still waits: pause before trying again.
    public func accept() throws(IOError) -> UnixConnection? {
        while true {
            let number = oriel_accept(file.number, nil, nil)
            if number >= 0 { return try UnixConnection(owning: Descriptor(owning: number), path: path) }
            let code = oriel_errno()
            if IOError.isWouldBlock(code) { return nil }
            guard code == EINTR || code == ECONNABORTED
            else { throw IOError(code: code, operation: "accept a connection on", subject: path) }
        }
    }

    /// Blocks until a connection waits or `timeout` has passed; nil waits for ever.
    public func waitReadable(timeout: Interval?) throws(IOError) -> Bool {
        try Socket.wait(file.number, for: Int32(POLLIN), timeout: timeout)
    }
}
