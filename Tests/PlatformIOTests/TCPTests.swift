import PlatformIO
import Primitives
import Testing

extension TCPListener {
    static func loopback(_ text: String = "127.0.0.1:0") throws -> TCPListener {
        try TCPListener(binding: try SocketAddress(parsing: text))
    }

    /// Waits up to ten seconds for a connection.
    func acceptOne() throws -> TCPConnection {
        _ = try waitReadable(timeout: .seconds(10))
        return try #require(try accept())
    }

    /// A connection to this listener: the client's end and the server's.
    func pair() throws -> (client: TCPConnection, server: TCPConnection) {
        let client = try TCPConnection.connect(to: localAddress)
        let server = try acceptOne()
        while try !client.finishConnecting() { _ = try client.wait(for: .write, timeout: .seconds(10)) }
        return (client, server)
    }
}

extension TCPConnection {
    /// Reads until `count` bytes or the end have come; gives up when nothing comes for ten seconds.
    func readAll(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, try wait(for: .read, timeout: .seconds(10)) {
            if try read(appendingTo: &bytes) == .end { break }
        }
        return bytes
    }
}

@Suite struct TCPTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func echoAndClose(text: String) throws {
        let (client, server) = try TCPListener.loopback(text).pair()
        #expect(client.state == .open && server.state == .open)
        #expect(try client.write([1, 2, 3]))
        #expect(try server.readAll(3) == [1, 2, 3])
        #expect(try server.write([4, 5]))
        #expect(try client.readAll(2) == [4, 5])
        var nothing: [UInt8] = [9]
        #expect(try client.read(appendingTo: &nothing) == .wouldBlock)
        #expect(nothing == [9])
        server.close()
        #expect(try client.readAll(1) == [])
        #expect(try client.read(appendingTo: &nothing) == .end)
        #expect(server.state == .closed)
        #expect(throws: IOError.self) { try server.write([1]) }
    }

    @Test func noConnectionWaits() throws {
        #expect(try TCPListener.loopback().accept() == nil)
    }

    @Test func dualStackListenerReportsPlainIPv4Peers() throws {
        let listener = try TCPListener.loopback("[::]:0")
        let client = try TCPConnection.connect(to: .loopbackIPv4(port: listener.localAddress.port))
        let server = try listener.acceptOne()
        #expect(server.peerAddress.host == "127.0.0.1")
        client.close()
    }

    @Test func refusedConnectIsATypedError() throws {
        let closed = try TCPListener.loopback().localAddress
        let error = #expect(throws: IOError.self) {
            let client = try TCPConnection.connect(to: closed)
            while try !client.finishConnecting() { _ = try client.wait(for: .write, timeout: .seconds(10)) }
        }
        #expect(error?.name == "ECONNREFUSED")
        #expect(error?.description.hasPrefix("cannot connect to \(closed): ") == true)
    }

    @Test func takenPortIsNamedInTheError() throws {
        let listener = try TCPListener.loopback()
        let error = #expect(throws: IOError.self) { try TCPListener(binding: listener.localAddress) }
        #expect(error?.isAddressInUse == true)
        #expect(error?.description.contains("\(listener.localAddress)") == true)
    }

    @Test func slowReaderStopsTheWriterAndLosesNothing() throws {
        let (client, server) = try TCPListener.loopback().pair()
        client.pendingLimit = 100_000
        let chunk = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var chunkCount = 0
        while try client.write(chunk) { chunkCount += 1 }
        #expect(client.pendingByteCount >= 100_000 && client.pendingByteCount < 150_000)
        #expect(client.interest == [.read, .write])
        try client.endWriting()
        var received: [UInt8] = []
        while true {
            _ = try client.flush()
            _ = try server.wait(for: .read, timeout: .seconds(10))
            if try server.read(appendingTo: &received) == .end { break }
        }
        #expect(client.pendingByteCount == 0 && client.interest == .read)
        #expect(received.count == chunkCount * chunk.count)
        let isEqual = (0..<chunkCount).allSatisfy { received[($0 * 50_000)..<(($0 + 1) * 50_000)].elementsEqual(chunk) }
        #expect(isEqual)
    }

    @Test func bytesWrittenWhileConnectingAreSentLater() throws {
        let listener = try TCPListener.loopback()
        let client = try TCPConnection.connect(to: listener.localAddress)
        #expect(try client.write([1, 2]))
        while try !client.finishConnecting() { _ = try client.wait(for: .write, timeout: .seconds(10)) }
        #expect(try client.flush())
        #expect(try listener.acceptOne().readAll(2) == [1, 2])
    }

    @Test func writingToAPeerThatHasGoneIsAnErrorAndNoSignal() throws {
        let (client, server) = try TCPListener.loopback().pair()
        server.close()
        let error = #expect(throws: IOError.self) {
            // The first write draws the peer's reset, a later one meets it.
            for _ in 0..<1_000 {
                _ = try client.write([1])
                _ = try client.wait(for: .read, timeout: .seconds(1))
            }
        }
        #expect(error.map { ["EPIPE", "ECONNRESET"].contains($0.name ?? "") } == true)
    }
}
