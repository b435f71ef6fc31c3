// Layer: HTTPService. Uses: HTTPDaemon, PlatformIO (TCPListener). Used by: StationWeb.
// An HTTP server for this machine's own users: loopback addresses only, no encryption, no login.

import PlatformIO
public import Primitives

/// An HTTP/1.1 server on a loopback address, from its making until `stop`.
///
/// It serves GET and HEAD to requests whose Host names this machine. A handler may block; while it does, its thread
/// serves nobody else, so requests on connections that belong to that thread wait.
public final class HTTPService: Sendable {
    /// Connections at a time; more wait until one ends.
    public static let connectionLimit = 256
    /// Seconds without a byte after which a connection is ended.
    public static let idleSeconds = 30
    /// Bytes for the target, the headers and the answer's headers of a connection; requests with more are refused
    /// with 414 or 431.
    public static let headerLimit = 32_768

    /// Where it listens, with the port the system chose if 0 was asked for.
    public let address: SocketAddress

    private let core: ServiceCore
    private let daemon: Locked<HTTPDaemon?>

    /// Starts to serve.
    /// - Parameters:
    ///   - listen: a loopback address; port 0 lets the system choose one.
    ///   - threads: how many threads serve, 1 to 64.
    ///   - handler: answers a request; called on any of the threads, on several at a time. It must not stop the
    ///     service, and keeps it alive if it refers to it strongly.
    public init(
        listen: SocketAddress, threads: Int = 2, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPServiceError) {
        precondition((1...64).contains(threads), "1 to 64 threads")
        guard listen.isLoopback else { throw .notLoopback(listen) }
        let listener: TCPListener
        do throws(IOError) {
            listener = try TCPListener(binding: listen, isIPv6Only: listen.family == .ipv6)
            // The threads of libmicrohttpd don't start through `Thread.start`, which prepares the runtime for more than
            // one thread.
            try Thread.start(name: "http", {}).join()
        } catch {
            throw error.isAddressInUse ? .addressInUse(listen) : .cannotListen(listen, error)
        }
        address = listener.localAddress
        core = ServiceCore(handler)
        do throws(IOError) {
            daemon = Locked(try HTTPDaemon(listener: listener, threads: threads, core: core))
        } catch {
            throw .cannotStart(listen, error)
        }
    }

    deinit { stop() }

    /// Stops serving: waits for handlers that run, ends all connections, closes the port. Answers that were not sent by
    /// then are lost. Calling it again does nothing; calling it while it runs waits.
    /// - Precondition: not called by a handler of this service.
    public func stop() {
        precondition(!core.isServingOnThisThread, "a handler must not stop its own service: it would wait for itself")
        daemon.withLock { daemon in
            daemon?.stop()
            daemon = nil
        }
    }
}
