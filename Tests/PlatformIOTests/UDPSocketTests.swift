import PlatformIO
import Primitives
import Testing

/// A datagram as a test remembers it.
struct Received: Equatable {
    var bytes: [UInt8]
    var source: SocketAddress
    var local: SocketAddress?
    var isTruncated: Bool
}

extension UDPSocket {
    /// Waits for `count` datagrams; gives up when none comes for ten seconds.
    func receiveAll(_ count: Int) throws -> [Received] {
        var received: [Received] = []
        while received.count < count, try waitReadable(timeout: .seconds(10)) {
            _ = try receiveBatch { bytes, source, local, isTruncated in
                received.append(
                    Received(bytes: [UInt8](bytes), source: source, local: local, isTruncated: isTruncated))
            }
        }
        return received
    }

    static func loopback(
        _ text: String = "127.0.0.1:0", _ change: (inout Options) -> Void = { _ in }
    ) throws -> UDPSocket {
        var options = Options()
        change(&options)
        return try UDPSocket(binding: try SocketAddress(parsing: text), options: options)
    }
}

@Suite struct UDPSocketTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func roundTrip(text: String) throws {
        let a = try UDPSocket.loopback(text), b = try UDPSocket.loopback(text)
        #expect(a.localAddress.port != 0)
        #expect(try a.send([1, 2, 3], to: b.localAddress))
        let request = try b.receiveAll(1)
        #expect(
            request == [
                Received(bytes: [1, 2, 3], source: a.localAddress, local: b.localAddress, isTruncated: false)
            ])
        #expect(try b.send([4], to: try #require(request.first).source))
        #expect(try a.receiveAll(1).map(\.bytes) == [[4]])
        #expect(try a.receiveBatch { _, _, _, _ in } == 0)
    }

    @Test func emptyDatagramArrives() throws {
        let a = try UDPSocket.loopback(), b = try UDPSocket.loopback()
        var queue = DatagramQueue()
        queue.append([UInt8](), to: b.localAddress)
        #expect(try a.sendBatch(&queue) == 1)
        #expect(try b.receiveAll(1).map(\.bytes) == [[]])
    }

    @Test func dualStackSocketSpeaksIPv4WithPlainAddresses() throws {
        let server = try UDPSocket.loopback("[::]:0"), client = try UDPSocket.loopback()
        let port = server.localAddress.port
        #expect(try client.send([7], to: .loopbackIPv4(port: port)))
        let request = try #require(try server.receiveAll(1).first)
        #expect(request.source == client.localAddress)
        #expect(request.local == .loopbackIPv4(port: port))
        #expect(try server.send([8], to: request.source, from: request.local))
        #expect(try client.receiveAll(1).map(\.source) == [.loopbackIPv4(port: port)])
    }

    @Test func ipv6OnlySocketLeavesIPv4Alone() throws {
        let six = try UDPSocket.loopback("[::]:0") { $0.isIPv6Only = true }
        let four = try UDPSocket(binding: .anyIPv4(port: six.localAddress.port))
        #expect(four.localAddress.port == six.localAddress.port)
    }

    @Test(arguments: ["0.0.0.0:0", "[::]:0"])
    func answerLeavesFromTheAddressThatWasAsked(binding: String) throws {
        let agent = try UDPSocket.loopback(binding), manager = try UDPSocket.loopback("0.0.0.0:0")
        let asked = SocketAddress(ipv4: 127, 0, 0, 2, port: agent.localAddress.port)
        #expect(try manager.send([1], to: asked, from: SocketAddress(ipv4: 127, 0, 0, 3, port: 0)))
        let request = try #require(try agent.receiveAll(1).first)
        #expect(request.local == asked)
        #expect(request.source.octets == [127, 0, 0, 3])
        var queue = DatagramQueue()
        queue.append([2], to: request.source, from: request.local)
        #expect(try agent.sendBatch(&queue) == 1)
        let answer = try #require(try manager.receiveAll(1).first)
        #expect(answer.source == asked)
    }

    @Test func thousandDatagramsInBatches() throws {
        let receiver = try UDPSocket.loopback { $0.receiveBufferByteCount = 4 << 20 }
        let sender = try UDPSocket.loopback()
        var queue = DatagramQueue()
        var received: [Received] = []
        for first in stride(from: 0, to: 1_000, by: 125) {
            for number in first..<(first + 125) {
                let payload = [UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 9, count: number % 50)
                queue.append(payload, to: receiver.localAddress)
            }
            #expect(queue.count == 125)
            while !queue.isEmpty { try sender.sendBatch(&queue) }
            received += try receiver.receiveAll(125)
        }
        #expect(queue.byteCount == 0)
        #expect(received.map { Int($0.bytes[0]) << 8 | Int($0.bytes[1]) } == Array(0..<1_000))
        #expect(received.allSatisfy { $0.bytes.count == 2 + (Int($0.bytes[0]) << 8 | Int($0.bytes[1])) % 50 })
        #expect(receiver.droppedCount == 0)
    }

    @Test func longDatagramIsCutAndMarked() throws {
        let receiver = try UDPSocket.loopback { $0.slotByteCount = 100 }, sender = try UDPSocket.loopback()
        let payload = (0..<101).map { UInt8($0) }
        #expect(try sender.send(Array(payload[..<100]), to: receiver.localAddress))
        #expect(try sender.send(payload, to: receiver.localAddress))
        let received = try receiver.receiveAll(2)
        #expect(received.map(\.isTruncated) == [false, true])
        #expect(received.map(\.bytes) == [Array(payload[..<100]), Array(payload[..<100])])
    }

    @Test func largestDatagramFits() throws {
        let a = try UDPSocket.loopback { $0.receiveBufferByteCount = 1 << 20 }, b = try UDPSocket.loopback()
        let payload = [UInt8](repeating: 5, count: 65_507)
        #expect(try b.send(payload, to: a.localAddress))
        let received = try #require(try a.receiveAll(1).first)
        #expect(received.bytes == payload && !received.isTruncated)
    }

    @Test func overflowOfTheReceiveBufferIsCounted() throws {
        let receiver = try UDPSocket.loopback { $0.receiveBufferByteCount = 1 }, sender = try UDPSocket.loopback()
        #expect(receiver.receiveBufferByteCount > 0)
        // The smallest buffer that the kernel grants holds a few of these at most.
        let total = 200
        for _ in 0..<total { #expect(try sender.send([UInt8](repeating: 1, count: 500), to: receiver.localAddress)) }
        var received = try receiver.receiveAll(1).count
        while case let more = try receiver.receiveBatch({ _, _, _, _ in }), more > 0 { received += more }
        #expect(received < total)
        // A later datagram brings the count.
        #expect(try sender.send([2], to: receiver.localAddress))
        received += try receiver.receiveAll(1).count
        #expect(receiver.droppedCount == UInt64(total + 1 - received))
    }

    @Test func receiveBufferSizeIsReadBack() throws {
        let small = try UDPSocket.loopback { $0.receiveBufferByteCount = 32_768 }
        let large = try UDPSocket.loopback { $0.receiveBufferByteCount = 65_536 }
        #expect(small.receiveBufferByteCount >= 32_768)
        #expect(large.receiveBufferByteCount == 2 * small.receiveBufferByteCount)
    }

    @Test func refusedDatagramDoesNotStopTheOthers() throws {
        let sender = try UDPSocket.loopback(), receiver = try UDPSocket.loopback()
        var queue = DatagramQueue()
        let six = try SocketAddress(parsing: "[::1]:9")
        queue.append([1], to: receiver.localAddress)
        queue.append([UInt8](repeating: 0, count: 65_508), to: receiver.localAddress)
        queue.append([2], to: receiver.localAddress)
        queue.append([0], to: six)
        queue.append([3], to: receiver.localAddress)
        var failures: [(SocketAddress, IOError)] = []
        #expect(try sender.sendBatch(&queue) { failures.append(($0, $1)) } == 3)
        #expect(queue.isEmpty)
        #expect(failures.map(\.0) == [receiver.localAddress, six])
        #expect(failures.map(\.1.name) == ["EMSGSIZE", "EAFNOSUPPORT"])
        #expect(try receiver.receiveAll(3).map(\.bytes) == [[1], [2], [3]])
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "[::]:0"])
    func refusalIsReportedWithItsDestination(binding: String) throws {
        let sender = try UDPSocket.loopback(binding) { $0.reportsUnreachable = true }
        let peerHost = binding == "[::1]:0" ? "[::1]:0" : "127.0.0.1:0"
        // A port nobody has: taken, then given back.
        let closed = try UDPSocket.loopback(peerHost).localAddress
        let receiver = try UDPSocket.loopback(peerHost)
        #expect(try sender.send([1], to: closed))
        #expect(try sender.waitReadable(timeout: .seconds(10)))
        // The pending error must not eat these.
        var queue = DatagramQueue()
        for number in 1...3 as ClosedRange<UInt8> { queue.append([number], to: receiver.localAddress) }
        var failures: [IOError] = []
        #expect(try sender.sendBatch(&queue) { failures.append($1) } == 3)
        #expect(failures == [])
        var reports: [(SocketAddress, IOError)] = []
        #expect(try sender.receiveErrors { reports.append(($0, $1)) } == 1)
        #expect(reports.map(\.0) == [closed])
        #expect(reports.map(\.1.name) == ["ECONNREFUSED"])
        #expect(reports.first?.1.isUnreachable == true)
        #expect(try sender.receiveErrors { _, _ in } == 0)
        #expect(try receiver.receiveAll(3).map(\.bytes) == [[1], [2], [3]])
        #expect(try sender.receiveBatch { _, _, _, _ in } == 0)
    }

    @Test func connectedSocketThrowsTheRefusalAndGoesOn() throws {
        let sender = try UDPSocket.loopback()
        let closed = try UDPSocket.loopback().localAddress
        try sender.connect(to: closed)
        #expect(try sender.send([1], to: closed))
        #expect(try sender.waitReadable(timeout: .seconds(10)))
        let error = #expect(throws: IOError.self) { try sender.receiveBatch { _, _, _, _ in } }
        #expect(error?.isUnreachable == true)
        #expect(try sender.receiveBatch { _, _, _, _ in } == 0)
    }

    @Test func takenPortIsNamedInTheError() throws {
        let first = try UDPSocket.loopback()
        let error = #expect(throws: IOError.self) { try UDPSocket(binding: first.localAddress) }
        #expect(error?.isAddressInUse == true)
        let text = error?.description ?? ""
        #expect(text.contains("cannot bind \(first.localAddress)") && text.contains("EADDRINUSE"), "\(text)")
    }

    @Test func foreignAddressIsNamedInTheError() throws {
        let address = try SocketAddress(parsing: "192.0.2.77:0")
        let error = #expect(throws: IOError.self) { try UDPSocket(binding: address) }
        #expect(error?.name == "EADDRNOTAVAIL")
        #expect(error?.description.contains("192.0.2.77") == true)
    }

    @Test func portIsSharedOnRequest() throws {
        let first = try UDPSocket.loopback { $0.sharesPort = true }
        let second = try UDPSocket.loopback(first.localAddress.description) { $0.sharesPort = true }
        #expect(first.localAddress == second.localAddress)
    }
}
