import Foundation
import PlatformIO
import Primitives
import Testing

@testable import SNMPPorts

/// Owners and holders in processes of their own.
@Suite(.timeLimit(.minutes(6))) struct OtherProcessTests {
    /// Lets a child own the port until it is killed.
    private static func own(_ directory: String, _ number: UInt16) throws -> Never {
        let port = try SharedDatagramPort(
            addresses: [.loopback(number)], sharing: .init(directory: directory), loop: try PortLoop(),
            receiveBufferByteCount: 1 << 20
        ) { _, _, _, _ in }
        // In case that the test ends before it can end this.
        for _ in 0..<12_000 where port.isOwner { SystemClock.sleep(.milliseconds(10)) }
        exit(3)
    }

    private func runOwner(_ directory: PrivateDirectory, _ number: UInt16) async {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, number = number as UInt16] in
            try OtherProcessTests.own(path, number)
        }
    }

    @Test func followerTakesOverFromAnOwnerThatWasKilled() async throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let script = try Script {
            let address = SocketAddress.loopback(number)
            let owner = try Script.process(holding: address)
            defer { kill(owner, SIGKILL) }
            let followers = try (0..<2).map { _ in try Participant([address], directory) }
            try Script.expect("both follow") { followers.allSatisfy { $0.port.isServed && !$0.port.isOwner } }
            let client = try Client()
            try client.send([1], to: address)
            try Script.expect("both get the first") { followers.allSatisfy { $0.collector.octets == [[1]] } }
            followers[1].port.send([2], to: client.socket.localAddress, from: nil)
            let sources = try client.receive().map(\.source)
            try Script.expect("the owner sends") { sources == [address] }

            kill(owner, SIGKILL)
            try Script.expect("one takes over and serves the other") {
                followers.filter(\.port.isOwner).count == 1 && followers.allSatisfy(\.port.isServed)
            }
            // Again and again: the one may not know yet that its owner has gone.
            try Script.expect("both get the second") {
                try client.send([3], to: address)
                return followers.allSatisfy { $0.collector.octets.starts(with: [[1], [3]]) }
            }
        }
        await runOwner(directory, number)
        try script.finish()
    }

    @Test func followersOutwaitAnOwnerThatIsStopped() async throws {
        let directory = try PrivateDirectory()
        let number = try freePort()
        let script = try Script {
            let address = SocketAddress.loopback(number)
            let owner = try Script.process(holding: address)
            defer { kill(owner, SIGKILL) }
            let follower = try Participant([address], directory)
            kill(owner, SIGSTOP)
            try Script.expect("the owner is stopped") {
                // The state follows the name in brackets (proc(5)).
                try FileAccess.readText("/proc/\(owner)/stat").firstRange(of: ") T ") != nil
            }
            let client = try Client()
            for index in 0..<10 { try client.send([UInt8(index)], to: address) }
            for _ in 0..<200 { follower.port.send([42], to: client.socket.localAddress, from: nil) }
            // A newcomer learns who doesn't answer.
            var problem: PortError?
            do { _ = try Participant([address], directory) } catch { problem = error as? PortError }
            let holder = if case .inUse(number, let holder?)? = problem { holder.processID } else { nil as Int32? }
            try Script.expect("the owner is named, not \(String(describing: problem))") { holder == owner }
            try Script.expect("nothing comes") { follower.port.isServed && follower.collector.all.isEmpty }

            kill(owner, SIGCONT)
            try Script.expect("all comes") { follower.collector.octets == (0..<10).map { [$0] } }
            let first = try client.receive().first?.octets
            try Script.expect("all goes") { first == [42] }
            kill(owner, SIGKILL)
            try Script.expect("it takes over") { follower.port.isOwner }
        }
        await runOwner(directory, number)
        try script.finish()
    }

    @Test func holderInAnotherProcessIsFound() async throws {
        let number = try freePort()
        let script = try Script {
            let process = try Script.process(holding: .any(number))
            defer { kill(process, SIGKILL) }
            let loop = try PortLoop()
            var problem: PortError?
            do throws(PortError) {
                _ = try DatagramPort(.any(number), loop: loop, receiveBufferByteCount: 1 << 16) { _, _, _, _ in }
            } catch {
                problem = error
            }
            let name = try FileAccess.readText("/proc/\(process)/comm").split(separator: "\n").first.map(String.init)
            let holder = PortHolder(processID: process, name: name, userID: Program.userID)
            try Script.expect("not \(String(describing: problem))") { problem == .inUse(port: number, holder: holder) }
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [number = number as UInt16] in
            // Both families by one socket, as other programs do it.
            let socket = try UDPSocket(binding: .any6(number))
            for _ in 0..<12_000 where socket.localAddress.port == number { SystemClock.sleep(.milliseconds(10)) }
        }
        try script.finish()
    }

    @Test func listsOfSocketsAreReadAsTheKernelWritesThem() {
        let text = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer
              123: 0100007F:00A2 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4711 2 0000 0
              124: 00000000000000000000000001000000:00A1 00000000000000000000000000000000:0000 07 00000000:00000000 \
            00:00000000 00000000     0        0 4712 2 0000 0
              bad: 0100007:00A2 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4711 2 0000 0
              125: 0100007F 00000000:0000 07
            """
        let entries = PortHolder.entries(Array(text.utf8))
        let isLittle = 1.littleEndian == 1
        let loopback: [UInt8] = isLittle ? [127, 0, 0, 1] : [1, 0, 0, 127]
        #expect(entries.count == 2)
        #expect(
            entries.first == PortHolder.Entry(octets: loopback, port: 162, userID: 1_000, inode: 4_711))
        #expect(entries.last?.octets.count == 16 && entries.last?.port == 161)
        guard isLittle, let entry = entries.first else { return }
        #expect(entry.blocks(.loopback(162)) && entry.blocks(.any(162)))
        #expect(!entry.blocks(.loopback(161)) && !entry.blocks(.any6(162)))
        #expect(!entry.blocks(SocketAddress(ipv4: 127, 0, 0, 2, port: 162)))
        #expect(entries.last?.blocks(.loopback6(161)) == true && entries.last?.blocks(.any(161)) == false)
        #expect(PortHolder.find(.loopback(0)) == nil)
    }

    @Test func openingAndClosingLeavesNothingBehind() async {
        // Apart from other tests, which open descriptors as well.
        await #expect(processExitsWith: .exitCode(7)) {
            let directory = try PrivateDirectory()
            let loops = [try PortLoop(), try PortLoop()]
            let addresses: [SocketAddress] = [.loopback(try freePort())]
            func cycle() throws {
                let plain = try DatagramPort(.loopback(0), loop: loops[0], receiveBufferByteCount: 1 << 16) {
                    _, _, _, _ in
                }
                let shared = try loops.map { loop in
                    try SharedDatagramPort(
                        addresses: addresses, sharing: directory.sharing, loop: loop, receiveBufferByteCount: 1 << 16
                    ) { _, _, _, _ in }
                }
                plain.close()
                // The follower first and the owner first by turns.
                for port in Bool.random() ? shared : shared.reversed() { port.close() }
            }
            try cycle()
            let before = try FileAccess.list("/proc/self/fd").count
            for _ in 0..<1_000 { try cycle() }
            let loop = try PortLoop()
            loop.stop()
            let after = try FileAccess.list("/proc/self/fd").count
            // Ending this way runs no deinitializers.
            try FileManager.default.removeItem(atPath: directory.path)
            // The stopped loop still has its two.
            exit(withExtendedLifetime(loop) { after == before + 2 } ? 7 : 1)
        }
    }
}
