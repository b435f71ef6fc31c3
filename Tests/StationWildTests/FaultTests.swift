// Layer: StationWildTests. Tests: what keeps a station from starting, each with a message that says what to do, and
// what must not stop one that runs: a full disk, floods, devices that lie.

import Foundation
import JSON
import PeerRig
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import Station
import StationRig
import StationStore
import Testing

@Suite(.timeLimit(.minutes(5))) struct StartFaultTests {
    /// Runs a station that is to fail at once; what it wrote to its standard error.
    private static func refusal(_ directory: String, _ arguments: [String] = []) async throws -> String {
        try await blocking {
            let result = try PeerProgram.run(
                OrielProgram.path,
                ["station", "--data", directory, "--listen", "127.0.0.1:0", "--trap-port", "0"] + arguments,
                environment: OrielProgram.environment, seconds: 60)
            #expect(result.status != 0 && result.status < 128, "\(result)")
            #expect(!result.errorOutput.isEmpty && result.output.isEmpty, "\(result)")
            return result.errorOutput
        }
    }

    /// A directory with the data of a station that was stopped, with one device in it.
    private static func data() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let rig = try StationRig(directory) { $0.watchesThisMachine = false }
        try rig.station.add(
            DeviceSpec(name: "one", host: "192.0.2.1", security: .v2c(community: Array("wild".utf8))))
        try rig.station.stop()
        return directory
    }

    @Test func aDirectoryInUseIsNamedWithTheProcessThatHasIt() async throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let text = try await Self.refusal(rig.directory.path)
        #expect(text.contains("process \(Program.id)") && text.contains(rig.directory.path), "\(text)")
        #expect(text.contains("another directory"), "\(text)")
    }

    @Test func aPortInUseIsNamedWithWhatToDo() async throws {
        let directory = try TemporaryDirectory()
        let listener = try TCPListener(binding: .loopbackIPv4(port: 0))
        let page = try await Self.refusal(directory.path, ["--listen", "\(listener.localAddress)"])
        #expect(page.contains("\(listener.localAddress)") && page.contains("--listen"), "\(page)")
        let socket = try UDPSocket(binding: .anyIPv4(port: 0))
        let port = socket.localAddress.port
        let traps = try await Self.refusal(directory.path, ["--trap-port", "\(port)"])
        #expect(traps.contains(":\(port)") && traps.contains("--trap-port"), "\(traps)")
        withExtendedLifetime((listener, socket)) {}
    }

    @Test(arguments: ["0.0.0.0:0", "192.0.2.1:8161", "[::]:0"])
    func aPageForOthersIsRefusedAndExplained(address: String) async throws {
        let directory = try TemporaryDirectory()
        let text = try await Self.refusal(directory.path, ["--listen", address])
        #expect(text.contains("127.0.0.1") && text.contains("ssh -L"), "\(text)")
    }

    @Test func aDirectoryThatCantBeMadeIsNamed() async throws {
        let directory = try TemporaryDirectory()
        try FileAccess.writeAtomically(directory.path + "/file", [])
        let text = try await Self.refusal(directory.path + "/file/data")
        #expect(text.contains(directory.path + "/file/data"), "\(text)")
    }

    @Test(.enabled(if: !Program.isRoot || PeerRig.path(of: "setpriv") != nil, "root may write everywhere"))
    func aDirectoryThatCantBeWrittenIsNamed() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/data"
        try FileAccess.createDirectory(path, mode: 0o555)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        let command = [OrielProgram.path, "station", "--data", path, "--listen", "127.0.0.1:0", "--trap-port", "0"]
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let result = try await blocking {
            let all = (Program.isRoot ? nobody : []) + command
            return try PeerProgram.run(all[0], Array(all.dropFirst()), environment: OrielProgram.environment)
        }
        #expect(result.status != 0 && result.status < 126, "\(result)")
        #expect(result.errorOutput.contains(path) && result.errorOutput.contains("ermission"), "\(result)")
    }

    @Test func aKeyThatOthersMayReadIsRefused() async throws {
        let directory = try Self.data()
        let key = directory.path + "/key"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let text = try await Self.refusal(directory.path)
        #expect(text.contains("chmod 600 \(key)"), "\(text)")
    }

    @Test func aMissingKeyIsNotMadeAnew() async throws {
        let directory = try Self.data()
        try FileAccess.remove(directory.path + "/key")
        let text = try await Self.refusal(directory.path)
        #expect(text.contains(directory.path + "/key") && text.contains("copy"), "\(text)")
        #expect(!FileAccess.exists(directory.path + "/key"))
    }

    /// What may be wrong with the database's file.
    enum Damage: String, CaseIterable, Sendable {
        case header, firstPages, cut, empty, noise
    }

    @Test(arguments: Damage.allCases)
    func aDamagedDatabaseIsNamedWithWhatToDo(damage: Damage) async throws {
        let directory = try Self.data()
        let path = directory.path + "/station.edb"
        var bytes = try FileAccess.read(path, limit: 1 << 30)
        let page = 8_192
        switch damage {
        case .header: for place in 0..<(2 * page) { bytes[place] = 0xA5 }
        case .firstPages: for place in (2 * page)..<(12 * page) { bytes[place] ^= 0x5A }
        case .cut: bytes.removeLast(bytes.count - 20 * page)
        case .empty: bytes = []
        case .noise:
            for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: place &* 2_654_435_761 >> 7) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let text = try await Self.refusal(directory.path)
        #expect(text.contains(path), "\(damage): \(text)")
        #expect(text.contains("oriel db verify") && text.contains("copy"), "\(damage): \(text)")
        // What is there is left alone: somebody may mend it.
        #expect(try FileAccess.read(path, limit: 1 << 30).count == bytes.count)
    }
}
