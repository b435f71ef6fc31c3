// Layer: SNMP. Uses: ManagerDriver. Used by: SNMPTarget, WinSNMP, applications.
// The manager as its users see it; what it does is in ManagerDriver, which lives until the last of it has left the
// loop.

public import Primitives
public import SNMPCodec
public import SNMPEngine
import SNMPSecurity

/// A manager: sends requests to any number of devices and hands their responses back.
public final class SNMPManager: Sendable {
    /// What a manager is made with.
    public struct Options: Sendable {
        /// Local IPv4 address and port; port 0 lets the system choose.
        public var localIPv4 = SocketAddress.anyIPv4(port: 0)
        /// Local IPv6 address and port.
        public var localIPv6 = SocketAddress.anyIPv6(port: 0)
        /// Size of the sockets' receive buffers in octets, as far as the system grants it.
        public var receiveBufferByteCount = 4 << 20
        /// The engine in whose name SNMPv3 traps are sent: its ID, and how often it was started. Made at random when
        /// nil, which no receiver of traps can know; give one that you keep.
        public var localEngine: (engineID: EngineID, boots: Int32)?
        /// How long replies are collected before they are read together while 16 or more requests are under way, at
        /// most 10 ms: fewer wake-ups, which halves the processor time of a busy manager, for so much latency. Zero
        /// reads each reply at once.
        public var coalescing = Interval.microseconds(200)
        /// Limits on requests and targets.
        public var limits = EngineLimits()

        /// The defaults.
        public init() {}
    }

    private let driver: ManagerDriver

    /// Opens the sockets and starts to serve them.
    ///
    /// - Parameters:
    ///   - options: addresses and limits.
    ///   - loop: the thread to use; nil for one of its own, which ends with the manager.
    /// Throws when neither an IPv4 nor an IPv6 socket can be opened, or when descriptors, memory or threads run out.
    public init(_ options: Options = Options(), loop: SNMPLoop? = nil) throws(SNMPServiceError) {
        driver = try ManagerDriver(options, loop: loop)
    }

    deinit { close() }

    /// Ends the manager: its requests end as cancelled and its sockets are closed. Idempotent; from any thread.
    ///
    /// A manager with a thread of its own waits for it to end, unless it is the caller; on a shared loop the end comes
    /// soon after the return.
    public func close() { driver.close() }

    /// Whether `close` was called, or the loop has ended.
    public var isClosed: Bool { driver.isClosed }

    /// The addresses that the manager's sockets are bound to.
    public var localAddresses: [SocketAddress] { driver.localAddresses }

    /// The engine in whose name SNMPv3 traps are sent.
    public var localEngine: LocalEngine { withEngine { engine, _ in engine.local } }

    // MARK: Targets

    /// Adds a device. `profile` is what was learned about it earlier.
    ///
    /// Keys are made from passwords here, once for each password, which takes a few milliseconds.
    /// Throws `closed` when there are as many targets as the limits allow.
    public func target(
        _ configuration: TargetConfiguration, profile: TargetProfile = TargetProfile()
    ) throws(SNMPError) -> SNMPTarget {
        if case .v3(let credentials, _, _) = configuration.security { driver.warm(credentials) }
        guard !isClosed, let id = withEngine({ engine, _ in engine.addTarget(configuration, profile: profile) })
        else { throw .closed }
        return SNMPTarget(manager: self, id: id, configuration: configuration)
    }

    func remove(_ id: TargetID) {
        withEngine { engine, now in engine.removeTarget(id, at: now) }
    }

    // MARK: Requests

    /// Sends a request. The callback-level API: `completion` is called once, on the loop's thread, and must not block.
    ///
    /// On a response, the span holds the message that `Response` points into, valid during the call. When the manager
    /// is closed, `completion` is called with `.cancelled` before this function returns nil; a completion that sends
    /// the next request must therefore not do so after `.cancelled`.
    @discardableResult
    public func submit(
        _ request: Request, to target: TargetID, completion: @escaping RequestCompletion
    ) -> RequestToken? {
        driver.submit(request, to: target, completion: completion)
    }

    /// Ends a request; its completion gets `.cancelled`. False when it has ended already.
    @discardableResult
    public func cancel(_ token: RequestToken) -> Bool {
        withEngine { engine, now in engine.cancel(token, at: now) }
    }

    /// Makes no more attempts for a request. An answer to an earlier one is taken until `interval` is over; then the
    /// request ends as a timeout. False when it has ended already. See `ManagerEngine.hold`.
    @discardableResult
    public func hold(_ token: RequestToken, for interval: Interval) -> Bool {
        withEngine { engine, now in engine.hold(token, for: interval, at: now) }
    }

    /// Runs `body` with the engine, then sends what it made.
    @discardableResult
    func withEngine<Result>(_ body: (inout ManagerEngine, Instant) -> Result) -> Result { driver.withEngine(body) }
}

extension EngineID {
    /// A new ID with random content, which needs no registration of one's own (RFC 3411, section 5).
    public static func random(using random: RandomSource) -> EngineID {
        // 8072 is the enterprise number of net-snmp, whose random scheme (format 128) this follows.
        var octets: [UInt8] = [0x80, 0x00, 0x1F, 0x88, 0x80]
        for _ in 0..<8 { octets.append(UInt8(truncatingIfNeeded: random.next())) }
        return EngineID(octets)
    }
}
