import PlatformIO
import Primitives
import SNMPCodec
import Testing

/// How many rounds a test runs: 20 times as many with ORIEL_SOAK=1.
func rounds(_ usual: Int) -> Int { Program.environment("ORIEL_SOAK") == "1" ? usual * 20 : usual }

/// Waits up to `seconds` for something to become true, without occupying a thread.
func eventually(_ seconds: Int64 = 30, _ condition: () throws -> Bool) async throws -> Bool {
    let deadline = SystemClock.now + .seconds(seconds)
    while SystemClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(1))
    }
    return try condition()
}

/// Gives something that must not happen the time to happen: an absence can't be waited for.
func settle(milliseconds: Int) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }

/// Values that arrive on any thread, in their order.
final class Log<Value: Sendable>: Sendable {
    private let list = Locked<[Value]>([])

    func append(_ value: Value) { list.withLock { $0.append(value) } }
    var all: [Value] { list.withLock { $0 } }
    var count: Int { list.withLock { $0.count } }

    /// The first `count` values, once they are there.
    func first(_ count: Int) async throws -> [Value] {
        let isThere = try await eventually { self.count >= count }
        try #require(isThere, "\(self.count) of \(count) came")
        return Array(all.prefix(count))
    }
}

/// A door that threads wait in front of until somebody opens it; it opens by itself after minutes.
final class Gate: Sendable {
    private let lock = Lock()
    private let condition = Condition()
    private let isOpen = Locked(false)
    private let count = Locked(0)

    /// Threads that came to the door so far.
    var arrivals: Int { count.withLock { $0 } }

    func open() {
        lock.withLock {
            isOpen.withLock { $0 = true }
            condition.broadcast()
        }
    }

    func pass() {
        count.withLock { $0 += 1 }
        let deadline = SystemClock.now + .seconds(200)
        lock.withLock {
            while !isOpen.withLock({ $0 }), SystemClock.now < deadline {
                _ = condition.wait(lock, timeout: .milliseconds(100))
            }
        }
    }
}

/// Work on a thread of its own: what may block must not occupy the threads that tests run on.
final class Background<Value: Sendable>: Sendable {
    private let result = Locked<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) throws {
        let result = result
        _ = try Thread.start(name: "test") {
            let value = Result { try body() }
            result.withLock { $0 = value }
        }
    }

    var isFinished: Bool { result.withLock { $0 != nil } }

    /// What the work returned or threw; an issue if that takes minutes.
    func value() async throws -> Value {
        let isThere = try await eventually(200) { isFinished }
        try #require(isThere, "the work does not end")
        return try #require(result.withLock { $0 }).get()
    }
}

/// Runs `body` on `count` threads at once.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) async throws {
    let all = try (0..<count).map { number in try Background { try body(number) } }
    for one in all { try await one.value() }
}

/// A UDP port of 127.0.0.1 and ::1 that is free, below those that the system hands out.
func freePort() throws -> UInt16 {
    for _ in 0..<1_000 {
        let port = UInt16.random(in: 15_000...32_000)
        var options = UDPSocket.Options()
        options.isIPv6Only = true
        guard (try? UDPSocket(binding: .anyIPv4(port: port))) != nil,
            (try? UDPSocket(binding: .anyIPv6(port: port), options: options)) != nil
        else { continue }
        return port
    }
    throw IOError.stopped("find a free port")
}

extension ObjectIdentifier {
    static let sysDescr: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 1, 0]
    static let sysUpTime: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    static let snmpTrapOID: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0]
    static let snmpTrapEnterprise: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0]
    static let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]
    static let ours: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 99]
}

/// A message of SNMPv1 or SNMPv2c as octets.
func octets(_ pdu: PDU, _ version: SNMPVersion = .v2c, community: String = "public") throws -> [UInt8] {
    try CommunityMessage(version: version, community: Array(community.utf8), pdu: .pdu(pdu)).encoded()
}

/// The message in `octets`.
func message(_ octets: [UInt8]) throws -> CommunityMessage {
    var deviations = Deviations()
    return try CommunityMessage(decoding: octets.span.bytes, &deviations)
}
