import Foundation
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

@testable import OrielCommand

@Suite struct EngineStateTests {
    @Test func bootsGrowAndTheIDStays() throws {
        let scratch = try Scratch()
        let console = Capture(environment: ["XDG_STATE_HOME": scratch.path]).console
        let first = try EngineState.start("trap", engineID: nil, console)
        let second = try EngineState.start("trap", engineID: nil, console)
        #expect([first.boots, second.boots] == [1, 2])
        #expect(first.engineID == second.engineID && first.engineID.isWellFormed)
        let given = try #require(EngineID(hex: "80001f880472696773656e64"))
        #expect(try EngineState.start("trap", engineID: given, console).boots == 1)
        #expect(try EngineState.start("trap", engineID: given, console).boots == 2)
        #expect(try EngineState.start("agent", engineID: nil, console).engineID != first.engineID)
    }

    @Test func usesTheHomeDirectoryWithoutXDG() throws {
        let scratch = try Scratch()
        for environment in [["HOME": scratch.path], ["HOME": scratch.path, "XDG_STATE_HOME": "relative"]] {
            _ = try EngineState.start("trap", engineID: nil, Capture(environment: environment).console)
        }
        let path = scratch.path + "/.local/state/oriel/engine-trap"
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix(" 2\n"))
    }

    @Test(arguments: ["", "80001f8804", "xyz 1", "80001f880472696773656e64 -1", "80001f880472696773656e64 99999999999"])
    func refusesADamagedFile(text: String) throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path + "/oriel", withIntermediateDirectories: true)
        _ = try scratch.file("oriel/engine-trap", text)
        let console = Capture(environment: ["XDG_STATE_HOME": scratch.path]).console
        #expect(throws: CommandError.self) { try EngineState.start("trap", engineID: nil, console) }
    }

    @Test func withoutAnyDirectoryItFails() {
        #expect(throws: CommandError.self) { try EngineState.start("trap", engineID: nil, Capture().console) }
    }
}

@Suite struct ProfileStoreTests {
    @Test func keepsWhatWasLearned() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/profiles.json"
        var profile = TargetProfile()
        profile.repetitions = 20
        profile.engineID = "80001f88"
        let empty = try ProfileStore(reading: path)
        #expect(empty.profiles.isEmpty)
        try empty.save(profile, for: "192.0.2.1:161")
        // Another run has written meanwhile.
        try empty.save(TargetProfile(), for: "192.0.2.2:161")
        let read = try ProfileStore(reading: path).profiles
        #expect(read["192.0.2.1:161"] == profile)
        #expect(read.count == 2)
    }

    @Test(arguments: ["", "[]", "{\"a\": 5}", "{\"a\":"])
    func refusesAnotherFile(text: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("p", text)
        #expect(throws: CommandError.self) { try ProfileStore(reading: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}

@Suite struct SecretTests {
    @Test func readsFilesAndEscapes() throws {
        let scratch = try Scratch()
        let file = try scratch.file("key", "from a file\r\nsecond line\n")
        #expect(try Secret(argument: "@\(file)").resolved().octets == Array("from a file".utf8))
        #expect(try Secret(argument: "@@home").resolved().octets == Array("@home".utf8))
        #expect(try Secret(argument: "plain").resolved().octets == Array("plain".utf8))
        #expect(throws: CommandError.self) { try Secret(argument: "@\(scratch.path)/missing").resolved() }
        let empty = try scratch.file("empty", "\n")
        #expect(throws: CommandError.self) { try Secret(argument: "@\(empty)").resolved() }
    }

    @Test func neverPrints() {
        let secret = Secret(argument: "s3cret")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("s3cret"))
    }

    @Test func levelFollowsFromPasswords() throws {
        let console = Capture(environment: ["ORIEL_AUTH_PASSWORD": "password1", "ORIEL_PRIV_PASSWORD": "password2"])
            .console
        var settings = SessionSettings()
        #expect(try settings.credentials(of: "u", console).securityLevel == .authPriv)
        settings.level = "authnopriv"
        #expect(try settings.credentials(of: "u", console).securityLevel == .authNoPriv)
        settings.level = "noauthnopriv"
        #expect(try settings.credentials(of: "u", console).securityLevel == .noAuthNoPriv)
        settings.level = nil
        #expect(try settings.credentials(of: "u", Capture().console).securityLevel == .noAuthNoPriv)
        #expect(settings.effectiveVersion == .v2c)
        settings.user = "u"
        #expect(settings.effectiveVersion == .v3)
    }

    @Test func usersComeInOneArgument() throws {
        let settings = SessionSettings()
        let console = Capture().console
        let full = try settings.credentials(description: "u,SHA-256,password1,AES-256-C,password2", console)
        #expect(full.securityLevel == .authPriv && full.privacy?.keyExtension == .reeder)
        #expect(try settings.credentials(description: "u,MD5,password1", console).securityLevel == .authNoPriv)
        #expect(throws: CommandError.self) { try settings.credentials(description: "u,ROT13,password1", console) }
        #expect(throws: CommandError.self) { try settings.credentials(description: "u,MD5", console) }
    }
}

@Suite struct LiveTrackerTests {
    private func reading(
        _ seconds: Int64, octets: UInt64?, busy: UInt64 = 0, idle: UInt64 = 0, isWide: Bool = true
    ) -> LiveReading {
        var reading = LiveReading(time: .zero + .seconds(seconds))
        reading.upTime = UInt32(seconds * 100)
        reading.processorTime = (busy + idle, idle)
        var interface = LiveReading.Interface(index: 1)
        (interface.name, interface.status, interface.isWide) = ("eth0", 1, isWide)
        (interface.inOctets, interface.outOctets) = (octets, octets)
        reading.interfaces = [interface]
        return reading
    }

    @Test func ratesComeFromCounters() {
        var tracker = LiveTracker(reading(10, octets: 1_000))
        let change = tracker.add(reading(12, octets: 2_000, busy: 25, idle: 75))
        #expect(change.interfaces.first?.inRate == 4_000)
        #expect(change.interfaces.first?.status == "up")
        #expect(change.processorPercent == 25)
    }

    /// An agent that answers from a cache must not show as idle, then as twice as busy.
    @Test func cachedAnswersKeepTheRate() {
        var tracker = LiveTracker(reading(10, octets: 0))
        _ = tracker.add(reading(12, octets: 1_000, busy: 50, idle: 50))
        let cached = tracker.add(reading(14, octets: 1_000, busy: 50, idle: 50))
        #expect(cached.interfaces.first?.inRate == 4_000 && cached.processorPercent == 50)
        let fresh = tracker.add(reading(16, octets: 3_000, busy: 50, idle: 150))
        #expect(fresh.interfaces.first?.inRate == 4_000 && fresh.processorPercent == 0)
    }

    @Test func countersWrap() {
        var wide = LiveTracker(reading(10, octets: .max - 9))
        #expect(wide.add(reading(11, octets: 10)).interfaces.first?.inRate == 160)
        var narrow = LiveTracker(reading(10, octets: 0xFFFF_FFF6, isWide: false))
        #expect(narrow.add(reading(11, octets: 10, isWide: false)).interfaces.first?.inRate == 160)
    }

    @Test func restartsShowNoRates() {
        var tracker = LiveTracker(reading(10, octets: 5_000, busy: 100, idle: 100))
        var restarted = reading(12, octets: 10, busy: 1, idle: 1)
        restarted.upTime = 5
        let change = tracker.add(restarted)
        #expect(change.interfaces.first?.inRate == nil && change.processorPercent == nil)
        var later = reading(14, octets: 1_010, busy: 2, idle: 2)
        later.upTime = 205
        #expect(tracker.add(later).interfaces.first?.inRate == 4_000)
    }

    @Test func devicesWithoutCountersShowNone() {
        var tracker = LiveTracker(reading(10, octets: nil))
        #expect(tracker.add(reading(12, octets: nil)).interfaces.first?.inRate == nil)
    }
}
