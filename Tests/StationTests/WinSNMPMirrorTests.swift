// Layer: StationTests. Tests: WinSNMPMirror, WinSNMPEntries.
// The devices of a station as WinSNMP programs find them.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPSecurity
import StationRig
import StationStore
import Testing
import WinSNMPDatabase
import WinSNMPStore

@testable import Station

@Suite(.serialized) struct WinSNMPMirrorTests {
    private static let community = "c0mmunity-of-core"
    private static let passwords = ["auth-s3cret-1", "priv-s3cret-2"]

    private static let plain = DeviceSpec(
        name: "core-1", host: "udp:192.0.2.1:1161", security: .v2c(community: Array(community.utf8)))
    private static let secure = DeviceSpec(
        name: "Edge 7", host: "tcp:[2001:db8::7]:10161",
        security: .v3(
            DeviceUser(
                name: "mon", authentication: .init(protocolName: "SHA-256", password: Array(passwords[0].utf8)),
                privacy: .init(protocolName: "AES-256-C", password: Array(passwords[1].utf8)), contextName: "vlan-7")))

    private func database(_ directory: TemporaryDirectory) -> ESEDatabase {
        StandardDatabase.station(in: directory.path)
    }

    @Test func eachDeviceIsAnEntityAndAContext() throws {
        let directory = try TemporaryDirectory()
        let rig = try StationRig(directory)
        _ = try rig.station.add([Self.plain, Self.secure])
        try rig.station.stop()
        let found = database(directory)
        #expect(try found.entityNames() == ["Edge 7", "core-1"] && found.contextNames() == ["Edge 7", "core-1"])
        let core = try #require(try found.entity(named: "core-1"))
        #expect(core.address == "192.0.2.1" && core.requestPort == 1_161 && core.version == .v2c)
        #expect(core.transport == .udp && core.contextName == "core-1")
        let edge = try #require(try found.entity(named: "Edge 7"))
        #expect(edge.address == "2001:db8::7" && edge.requestPort == 10_161 && edge.version == .v3)
        #expect(edge.transport == .tcp)
        #expect(try found.context(named: "core-1")?.security() == .community(Array(Self.community.utf8)))
        let credentials = try USMCredentials(
            userName: "mon", auth: .hmacSHA256, authKey: .password(Self.passwords[0]), priv: .aes256,
            privKey: .password(Self.passwords[1]), keyExtension: .reeder)
        #expect(
            try found.context(named: "Edge 7")?.security()
                == .user(credentials, contextName: Array("vlan-7".utf8), contextEngineID: .empty))
    }

    @Test func noFileHasASecretInClear() throws {
        let directory = try TemporaryDirectory()
        let rig = try StationRig(directory)
        _ = try rig.station.add([Self.plain, Self.secure])
        try rig.station.stop()
        for path in [directory.path, directory.path + "/winsnmp"] {
            for name in try FileAccess.list(path) {
                guard let bytes = try? FileAccess.read("\(path)/\(name)", limit: 64 << 20) else { continue }
                for secret in [Self.community] + Self.passwords {
                    for form in [Array(secret.utf8), secret.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }] {
                        #expect(bytes.firstRange(of: form) == nil, "\(name)")
                    }
                }
            }
        }
        // What is looked for would be found.
        let names = try FileAccess.read(directory.path + "/winsnmp/winsnmp.edb", limit: 64 << 20)
        #expect(names.firstRange(of: "core-1".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) != nil)
        #expect(try FileAccess.status(directory.path + "/winsnmp").permissions == 0o700)
    }

    @Test func followsTheDevicesWhileTheStationRuns() throws {
        let rig = try StationRig()
        try rig.start()
        let found = database(rig.directory)
        // This machine's agent among them.
        #expect(rig.wait { (try? found.entityNames()) == ["this machine"] })
        let record = try rig.station.add(Self.plain)
        #expect(rig.wait { (try? found.entityNames()) == ["core-1", "this machine"] })
        let port = try found.entity(named: "this machine")?.requestPort
        #expect(
            port == rig.station.live.devices.first?.record.address.split(separator: ":").last.flatMap { UInt16($0) })
        try rig.station.remove(record)
        #expect(rig.wait { (try? found.entityNames()) == ["this machine"] })
        #expect(try found.contextNames() == ["this machine"])
        try rig.station.stop()
    }

    @Test func nothingIsWrittenWithoutAChange() throws {
        let rig = try StationRig()
        _ = try rig.station.add([Self.plain, Self.secure])
        #expect(rig.station.mirror.bringUpToDate { _ in } == .done(changes: 4))
        let before = try rig.station.mirror.database.entries()
        let file = rig.directory.path + "/winsnmp/winsnmp.edb"
        let status = try FileAccess.status(file)
        #expect(rig.station.mirror.bringUpToDate { _ in } == .done(changes: 0))
        #expect(try FileAccess.status(file) == status)
        #expect(try rig.station.mirror.database.entries().contexts == before.contexts)
        try rig.station.stop()
    }

    @Test func nameThatCanBeNoFriendlyOneIsLeftOutWithANote() throws {
        let rig = try StationRig()
        let long = String(repeating: "\u{20AC}", count: 100)
        _ = try rig.station.add([
            Self.plain, DeviceSpec(name: long, host: "192.0.2.2", security: .v2c(community: Array("x".utf8))),
        ])
        var notes: [String] = []
        #expect(rig.station.mirror.bringUpToDate { notes.append($0) } == .done(changes: 2))
        #expect(notes.count == 1 && notes.first?.contains(long) == true, "\(notes)")
        // Said once.
        #expect(rig.station.mirror.bringUpToDate { notes.append($0) } == .done(changes: 0))
        #expect(notes.count == 1)
        #expect(try database(rig.directory).entityNames() == ["core-1"])
        try rig.station.stop()
    }

    @Test func damagedOneIsMadeAnew() throws {
        let rig = try StationRig()
        _ = try rig.station.add(Self.plain)
        #expect(rig.station.mirror.bringUpToDate { _ in } == .done(changes: 2))
        try FileAccess.writeAtomically(rig.directory.path + "/winsnmp/winsnmp.edb", [1, 2, 3])
        #expect(rig.station.mirror.bringUpToDate { _ in } == .done(changes: 2))
        #expect(try database(rig.directory).entityNames() == ["core-1"])
        try rig.station.stop()
    }

    /// A file stands where the directory is to be: the station goes on, and says so in an event and a note.
    @Test func failureIsAnEventAndANote() throws {
        let directory = try TemporaryDirectory()
        try FileAccess.writeAtomically(directory.path + "/winsnmp", [1])
        let rig = try StationRig(directory) { $0.watchesThisMachine = false }
        _ = try rig.station.add(Self.plain)
        let notes = Locked<[String]>([])
        try rig.station.start { note in notes.withLock { $0.append(note) } }
        #expect(
            rig.wait {
                let events = (try? rig.station.store.reader.events(EventQuery()).events) ?? []
                return events.contains { $0.title.contains("WinSNMP programs") && $0.severity == .warning }
            })
        #expect(notes.withLock { $0 }.contains { $0.contains("WinSNMP programs") && $0.contains(directory.path) })
        #expect(rig.station.isRunning)
        try rig.station.stop()
    }
}
