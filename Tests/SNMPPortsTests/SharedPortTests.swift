import Foundation
import PlatformIO
import Primitives
import Testing

@testable import SNMPPorts

@Suite(.timeLimit(.minutes(6))) struct SharedPortTests {
    /// Sends datagrams, each when the one before has come to all, until each has got so many; returns what was sent.
    private func deliver(
        _ count: Int, _ client: Client, to address: SocketAddress, _ collectors: [Collector], byteCount: Int = 20
    ) async throws -> [[UInt8]] {
        let before = collectors.map(\.all.count)
        var sent: [[UInt8]] = []
        for number in 0..<count {
            let message = seeded(UInt64(number), byteCount)
            try client.send(message, to: address)
            sent.append(message)
            let isComplete = try await eventually {
                zip(collectors, before).allSatisfy { $0.all.count == $1 + number + 1 }
            }
            guard isComplete else { break }
        }
        return sent
    }

    @Test(arguments: [false, true])
    func everyProgramGetsEveryDatagram(isOneLoop: Bool) async throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let addresses: [SocketAddress] = [.any(number), .any6(number)]
        let loop = isOneLoop ? try PortLoop() : nil
        let programs = try (0..<4).map { _ in try Participant(addresses, directory, loop: loop) }
        #expect(programs.map(\.port.isOwner) == [true, false, false, false])
        #expect(programs.allSatisfy { $0.port.isServed && $0.port.localAddresses == addresses })
        let collectors = programs.map(\.collector)
        let client = try Client()
        let client6 = try Client(.loopback6(0))
        let first = try await deliver(50, client, to: .loopback(number), collectors)
        let second = try await deliver(50, client6, to: .loopback6(number), collectors)
        let expected =
            first.map {
                Received(
                    octets: $0, source: client.socket.localAddress, local: .loopback(number), isTruncated: false)
            }
            + second.map {
                Received(
                    octets: $0, source: client6.socket.localAddress, local: .loopback6(number), isTruncated: false)
            }
        for collector in collectors { #expect(collector.all == expected) }
        #expect(programs[0].port.droppedCount == 0)
        for program in programs { program.port.close() }
        #expect(programs.allSatisfy { !$0.port.isServed && !$0.port.isOwner })
    }

    @Test func longestDatagramsAndEmptyOnesAreForwarded() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let programs = try (0..<2).map { _ in try Participant([address], directory) }
        let client = try Client()
        let sent = try await deliver(3, client, to: address, programs.map(\.collector), byteCount: 65_507)
        #expect(programs[1].collector.octets == sent)
        _ = try await deliver(1, client, to: address, programs.map(\.collector), byteCount: 0)
        #expect(programs[1].collector.octets.last == [])
    }

    @Test func whatAReceiverWritesStaysWithIt() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let loop = try PortLoop()
        let count = Locked(0)
        let owner = try SharedDatagramPort(
            addresses: [address], sharing: directory.sharing, loop: loop, receiveBufferByteCount: 1 << 20
        ) { datagram, _, _, _ in
            for index in datagram.indices { datagram[index] = 0xEE }
            count.withLock { $0 += 1 }
        }
        let followers = try (0..<2).map { _ in try Participant([address], directory) }
        let sent = try await deliver(20, try Client(), to: address, followers.map(\.collector))
        for follower in followers { #expect(follower.collector.octets == sent) }
        #expect(count.withLock { $0 } == 20)
        owner.close()
    }

    @Test func messagesOfAllProgramsLeaveFromThePort() async throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let programs = try (0..<3).map { _ in try Participant([.any(number), .any6(number)], directory) }
        let source = SocketAddress(ipv4: 127, 3, 2, 1, port: number)
        for (address, source) in [(SocketAddress.loopback(0), source), (.loopback6(0), .loopback6(number))] {
            let client = try Client(address)
            for (index, program) in programs.enumerated() {
                program.port.send([UInt8(index)], to: client.socket.localAddress, from: source)
                let reply = try #require(try client.receive().first)
                #expect(reply.octets == [UInt8(index)] && reply.source == source)
            }
        }
        // In order, also when much is sent at once.
        let client = try Client()
        let follower = programs[2].port
        var got: [[UInt8]] = []
        for group in 0..<10 {
            for index in 0..<50 {
                follower.send([UInt8(group), UInt8(index)], to: client.socket.localAddress, from: nil)
            }
            while got.count < (group + 1) * 50 {
                let more = try client.receive()
                if more.isEmpty { break }
                got += more.map(\.octets)
            }
        }
        let expected: [[UInt8]] = (0..<500).map { [UInt8($0 / 50), UInt8($0 % 50)] }
        #expect(got == expected)
    }

    @Test func followersTakeOverOneAfterTheOther() async throws {
        let directory = try PrivateDirectory()
        let addresses: [SocketAddress] = [.loopback(try freePort())]
        var programs = try (0..<4).map { _ in try Participant(addresses, directory) }
        let client = try Client()
        while !programs.isEmpty {
            #expect(try await settle(programs, addresses[0]))
            #expect(programs.allSatisfy { $0.port.isServed })
            #expect(programs.filter(\.port.isOwner).count == 1)
            let collectors = programs.map(\.collector)
            let sent = try await deliver(5, client, to: addresses[0], collectors)
            for collector in collectors { #expect(collector.octets.suffix(5) == sent[...]) }
            for program in programs {
                program.port.send([42], to: client.socket.localAddress, from: nil)
                #expect(try client.receive().map(\.source) == addresses)
            }
            let owner = try #require(programs.firstIndex { $0.port.isOwner })
            let closed = programs.remove(at: owner)
            closed.port.close()
            #expect(!closed.port.isServed)
        }
    }

    @Test func newcomersComeInAtAnyMomentOfATakeover() async throws {
        let directory = try PrivateDirectory()
        let addresses: [SocketAddress] = [.loopback(try freePort())]
        var programs = [try Participant(addresses, directory)]
        for round in 0..<30 {
            programs.append(try Participant(addresses, directory))
            if round % 2 == 1, let owner = programs.firstIndex(where: \.port.isOwner) {
                programs.remove(at: owner).port.close()
            }
        }
        #expect(try await settle(programs, addresses[0]))
        #expect(programs.allSatisfy { $0.port.isServed })
        #expect(programs.filter(\.port.isOwner).count == 1)
        let sent = try await deliver(3, try Client(), to: addresses[0], programs.map(\.collector))
        #expect(programs.allSatisfy { $0.collector.octets.suffix(3) == sent[...] })
    }

    @Test func programThatDoesNotShareIsNamed() throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let foreign = try UDPSocket(binding: .any(number))
        let loop = try PortLoop()
        let error = #expect(throws: PortError.self) {
            try SharedDatagramPort(
                addresses: [.any(number), .any6(number)], sharing: directory.sharing, loop: loop,
                receiveBufferByteCount: 1 << 16
            ) { _, _, _, _ in }
        }
        guard case .inUse(number, let holder?) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holder.processID == Program.id)
        #expect(foreign.localAddress.port == number)
    }

    @Test func portsThatAreNotSharedStayApart() throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let loop = try PortLoop()
        func open(_ addresses: [SocketAddress], _ sharing: SharedDatagramPort.Sharing?) throws -> SharedDatagramPort {
            try SharedDatagramPort(
                addresses: addresses, sharing: sharing, loop: loop, receiveBufferByteCount: 1 << 16
            ) { _, _, _, _ in }
        }
        let alone = try open([.loopback(number)], nil)
        #expect(alone.isOwner)
        #expect(throws: PortError.self) { try open([.loopback(number)], nil) }
        #expect(throws: PortError.self) { try open([.loopback(number)], directory.sharing) }
        // Other addresses of the same number are other ports.
        let other = try open([SocketAddress(ipv4: 127, 0, 0, 2, port: number)], directory.sharing)
        #expect(other.isOwner)
        // A port that the system chooses is nobody else's, and the same in both families.
        let chosen = try (0..<2).map { _ in try open([.any(0), .any6(0)], directory.sharing) }
        #expect(chosen.allSatisfy { $0.isOwner })
        #expect(chosen.allSatisfy { Set($0.localAddresses.map(\.port)).count == 1 })
        alone.close()
        let follower = try open([.loopback(number)], directory.sharing)
        #expect(follower.isOwner)
    }

    @Test func followerTriesForAPortThatAnotherProgramTook() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let owner = try Participant([address], directory)
        let follower = try Participant([address], directory)
        owner.port.close()
        // It may be faster than this; then the port changes hands until it isn't.
        var thief: UDPSocket?
        while thief == nil {
            thief = try? UDPSocket(binding: address)
            if thief == nil { try await Task.sleep(for: .milliseconds(1)) }
            if follower.port.isOwner { break }
        }
        if thief != nil {
            #expect(try await eventually { !follower.port.isServed })
            follower.port.send([1], to: address, from: nil)
            thief = nil
        }
        #expect(try await eventually { follower.port.isOwner })
        _ = try await deliver(2, try Client(), to: address, [follower.collector])
        #expect(follower.collector.all.count == 2)
    }

    @Test func missingFamilyIsMadeDoWithout() {
        let error = IOError(code: EAFNOSUPPORT, operation: "open a socket")
        #expect(PortFailure(error: error, address: .any6(162)).isMissingFamily)
        #expect(!PortFailure(error: error, address: .loopback6(162)).isMissingFamily)
        let disabled = IOError(code: EADDRNOTAVAIL, operation: "bind")
        #expect(PortFailure(error: disabled, address: .any6(162)).isMissingFamily)
        #expect(!PortFailure(error: disabled, address: .loopback(162)).isMissingFamily)
        let taken = IOError(code: EADDRINUSE, operation: "bind")
        #expect(!PortFailure(error: taken, address: .any6(162)).isMissingFamily)
    }

    @Test func directoriesOfOthersAreRefused() throws {
        let directory = try PrivateDirectory()
        let loop = try PortLoop()
        func problem(_ path: String) -> PortError? {
            do throws(PortError) {
                _ = try SharedDatagramPort(
                    addresses: [.loopback(freePortOrZero())], sharing: .init(directory: path), loop: loop,
                    receiveBufferByteCount: 1 << 16
                ) { _, _, _, _ in }
                return nil
            } catch {
                return error
            }
        }
        let files = FileManager.default
        // Made, with the directories above it.
        #expect(problem(directory.path + "/a/b") == nil)
        #expect(try FileAccess.status(directory.path + "/a/b").permissions == 0o700)
        // Open to the group.
        try files.setAttributes([.posixPermissions: 0o750], ofItemAtPath: directory.path + "/a/b")
        guard case .io(let error)? = problem(directory.path + "/a/b") else {
            Issue.record("a directory that others can read was taken")
            return
        }
        #expect(error.isPermissionDenied && error.subject == directory.path + "/a/b")
        // A link, wherever it leads.
        try files.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: directory.path)
        #expect(problem(directory.path + "/link") != nil)
        // A file.
        try FileAccess.writeAtomically(directory.path + "/file", [])
        #expect(problem(directory.path + "/file") != nil)
        // Too long for a socket's address.
        #expect(problem(directory.path + "/" + String(repeating: "x", count: 100)) != nil)
        // Another user's; only root can give one away.
        if Program.isRoot {
            try FileAccess.createDirectory(directory.path + "/theirs", mode: 0o700)
            try files.setAttributes([.ownerAccountID: 12_345], ofItemAtPath: directory.path + "/theirs")
            #expect(problem(directory.path + "/theirs") != nil)
        }
    }

    private func freePortOrZero() -> UInt16 { (try? freePort()) ?? 0 }

    @Test func defaultDirectoryIsThisUsersOwn() throws {
        let path = SharedDatagramPort.Sharing().directory
        let runtime = Program.environment("XDG_RUNTIME_DIR").map { $0 + "/oriel" }
        #expect(path == runtime || path == "/tmp/oriel-\(Program.userID)")
    }

    @Test func closedByAReceiverUnderTrafficItGetsNoMore() async throws {
        let directory = try PrivateDirectory()
        let address = SocketAddress.loopback(try freePort())
        let owner = try Participant([address], directory)
        let strays = Locked(0)
        let isDone = Flag()
        let sender = try Thread.start(name: "sender") {
            guard let client = try? Client() else { return }
            while !isDone.isSet {
                try? client.send([1], to: address)
                SystemClock.sleep(.microseconds(20))
            }
        }
        for round in 0..<50 {
            let isClosed = Flag()
            let count = Locked(0)
            let own = Locked<SharedDatagramPort?>(nil)
            let loop = try PortLoop()
            let port = try SharedDatagramPort(
                addresses: [address], sharing: directory.sharing, loop: loop, receiveBufferByteCount: 1 << 16
            ) { _, _, _, _ in
                if isClosed.isSet { strays.withLock { $0 += 1 } }
                count.withLock { $0 += 1 }
                // Every other time by the receiver.
                if round % 2 == 0, let port = own.withLock({ $0 }) {
                    port.close()
                    isClosed.set()
                }
            }
            own.withLock { $0 = port }
            #expect(try await eventually { count.withLock { $0 } > 0 })
            if round % 2 == 0 { #expect(try await eventually { isClosed.isSet }) }
            port.close()
            isClosed.set()
            own.withLock { $0 = nil }
            loop.stop()
        }
        isDone.set()
        sender.join()
        #expect(strays.withLock { $0 } == 0)
        #expect(owner.port.isOwner)
    }
}
