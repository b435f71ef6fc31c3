// Layer: SNMPPorts. Uses: PlatformIO (files, FileLock). Used by: SharedDatagramPort.
// Where the programs of a user meet: a directory that only this user can enter, in it for each port a lock and a
// socket. The lock says who owns the port, and the system releases it however its holder ends; only its holder touches
// the socket's path. So nobody can be misled by what a program that died has left.

import PlatformIO
import Primitives

/// The lock and the socket of one set of addresses.
struct SharePlace {
    let lockPath: String
    let socketPath: String

    /// Makes the directory if it is missing, and looks whether others could have put something into it.
    init(_ directory: String, addresses: [SocketAddress]) throws(IOError) {
        try FileAccess.createDirectory(directory, mode: 0o700)
        // The path itself, not what a link leads to: a link may be anybody's and change.
        let status = try FileAccess.status(directory, followsLinks: false)
        guard status.isDirectory, status.userID == Program.userID, status.permissions & 0o077 == 0
        else { throw .forbidden("trust the directory (it must be this user's, with mode 0700)", directory) }
        let name = "\(directory)/udp-\(addresses.first?.port ?? 0)-\(SharePlace.key(addresses))"
        (lockPath, socketPath) = ("\(name).lock", "\(name).sock")
    }

    /// A name for the addresses, so that programs which open others don't meet. Programs in another network namespace
    /// have other ports, though the directory may be the same.
    private static func key(_ addresses: [SocketAddress]) -> String {
        let namespace = try? FileAccess.status("/proc/self/ns/net").inode
        let text = addresses.sorted().map(\.description).joined(separator: " ") + " \(namespace ?? 0)"
        // FNV-1a, 64 bits.
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    /// Becomes the one who may own the port; nil if somebody else is.
    func takeLock() throws(IOError) -> FileLock? { try FileLock.take(lockPath) }

    /// Listens for followers. Only for the holder of the lock.
    func listen() throws(IOError) -> UnixListener {
        removeSocket()
        return try UnixListener(binding: socketPath)
    }

    /// Removes the socket's path. Only for the holder of the lock.
    func removeSocket() {
        // Mostly it isn't there.
        try? FileAccess.remove(socketPath)
    }

    /// Connects to the owner and says hello; nil if it doesn't listen, not yet or not any more.
    func connect() throws(IOError) -> UnixConnection? {
        do throws(IOError) {
            let connection = try UnixConnection.connect(to: socketPath)
            guard connection.peer.userID == Program.userID else { throw .forbidden("follow the owner of", socketPath) }
            var hello: [UInt8] = []
            ShareFrame.appendHello(to: &hello)
            _ = try connection.write(hello)
            return connection
        } catch {
            if error.isNotFound || error.isRefused || error.isWouldBlock || error.isBrokenPipe { return nil }
            throw error
        }
    }
}
