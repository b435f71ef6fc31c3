import Foundation
import PlatformIO
import Primitives
import Testing

@testable import SNMPPorts

/// A datagram as a receiver got it.
struct Received: Hashable, Sendable {
    var octets: [UInt8]
    var source: SocketAddress
    var local: SocketAddress?
    var isTruncated: Bool
}

/// What receivers got.
final class Collector: Sendable {
    private let list = Locked<[Received]>([])

    var receiver: PortReceiver {
        { [self] datagram, source, local, isTruncated in
            let received = Received(octets: Array(datagram), source: source, local: local, isTruncated: isTruncated)
            list.withLock { $0.append(received) }
        }
    }

    var all: [Received] { list.withLock { $0 } }
    var octets: [[UInt8]] { all.map(\.octets) }
}

/// A plain socket of the test's own.
final class Client {
    let socket: UDPSocket

    init(_ address: SocketAddress = .loopback(0)) throws { socket = try UDPSocket(binding: address) }

    func send(_ octets: [UInt8], to address: SocketAddress) throws { _ = try socket.send(octets, to: address) }

    /// The next datagrams; waits up to ten seconds for the first.
    func receive() throws -> [(octets: [UInt8], source: SocketAddress)] {
        var result: [(octets: [UInt8], source: SocketAddress)] = []
        guard try socket.waitReadable(timeout: .seconds(10)) else { return [] }
        _ = try socket.receiveBatch { bytes, source, _, _ in result.append((Array(bytes), source)) }
        return result
    }
}

extension SocketAddress {
    static func loopback(_ port: UInt16) -> SocketAddress { SocketAddress(ipv4: 127, 0, 0, 1, port: port) }
    static func loopback6(_ port: UInt16) -> SocketAddress { SocketAddress(ipv6High: 0, low: 1, port: port) }
    static func any(_ port: UInt16) -> SocketAddress { SocketAddress(ipv4: 0, port: port) }
    static func any6(_ port: UInt16) -> SocketAddress { SocketAddress(ipv6High: 0, low: 0, port: port) }
}

/// A port that is free in both families, below those that the system hands out.
func freePort() throws -> UInt16 {
    for _ in 0..<1_000 {
        let port = UInt16.random(in: 15_000...32_000)
        var options = UDPSocket.Options()
        options.isIPv6Only = true
        guard (try? UDPSocket(binding: .any(port))) != nil,
            (try? UDPSocket(binding: .any6(port), options: options)) != nil
        else { continue }
        return port
    }
    throw IOError.stopped("find a free port")
}

/// Waits up to `seconds` for something to become true, without occupying a thread.
func eventually(_ seconds: Int64 = 20, _ condition: () throws -> Bool) async throws -> Bool {
    let deadline = SystemClock.now + .seconds(seconds)
    while SystemClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return try condition()
}

/// A directory for the length of a test.
final class PrivateDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "oriel-ports-\(UInt32.random(in: 0 ... .max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var sharing: SharedDatagramPort.Sharing { SharedDatagramPort.Sharing(directory: path) }
}

/// Programs that share a port, all in this process, each with a loop of its own.
final class Participant: Sendable {
    let collector = Collector()
    let loop: PortLoop
    let port: SharedDatagramPort

    init(_ addresses: [SocketAddress], _ directory: PrivateDirectory, loop: PortLoop? = nil) throws {
        self.loop = try loop ?? PortLoop(name: "test-ports")
        port = try SharedDatagramPort(
            addresses: addresses, sharing: directory.sharing, loop: self.loop, receiveBufferByteCount: 1 << 20,
            receiver: collector.receiver)
    }
}

/// Waits until one of the programs owns the port and all others follow it, which a datagram to all proves: a follower
/// may not know yet that the owner it had has gone.
func settle(_ programs: [Participant], _ address: SocketAddress) async throws -> Bool {
    let client = try Client()
    for number in 0..<100 {
        let hasOwner = try await eventually { programs.filter(\.port.isOwner).count == 1 }
        guard hasOwner else { return false }
        let probe = seeded(UInt64.random(in: 0...UInt64.max), 16 + number)
        try client.send(probe, to: address)
        // Copies keep their order: whoever has this one has all that came before.
        let isComplete = try await eventually(1) { programs.allSatisfy { $0.collector.octets.last == probe } }
        if isComplete { return true }
    }
    return false
}

/// Lets a test's threads share a flag.
final class Flag: Sendable {
    private let value = Locked(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

func seeded(_ seed: UInt64, _ byteCount: Int) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
}

/// The counterpart of a program in another process, on a thread of its own: waiting for that process's end occupies the
/// thread of the test, and perhaps all there are for tests.
final class Script: Sendable {
    /// Something wasn't as it should be.
    struct Failure: Error {
        let what: String
        let line: UInt
    }

    private let thread: PlatformIO.Thread
    private let problem = Locked<(any Error)?>(nil)

    init(_ body: @escaping @Sendable () throws -> Void) throws {
        let problem = problem
        thread = try PlatformIO.Thread.start(name: "script") {
            do { try body() } catch { problem.withLock { $0 = error } }
        }
    }

    /// Waits for the end; throws what the script threw.
    func finish() throws {
        thread.join()
        if let failure = problem.withLock({ $0.map { "\($0)" } }) { throw Failure(what: failure, line: 0) }
    }

    static func expect(_ what: String, line: UInt = #line, _ condition: () throws -> Bool) throws {
        let deadline = SystemClock.now + .seconds(20)
        while SystemClock.now < deadline {
            if try condition() { return }
            SystemClock.sleep(.milliseconds(2))
        }
        throw Failure(what: what, line: line)
    }

    /// Waits for another process to have a port; returns its number.
    static func process(holding address: SocketAddress) throws -> Int32 {
        var process: Int32 = 0
        try expect("a child has \(address)") {
            process = PortHolder.find(address)?.processID ?? 0
            return process != 0 && process != Program.id
        }
        return process
    }
}
