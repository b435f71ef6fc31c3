import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import StationSeries
import Testing

@testable import StationPoller

@Suite struct DeadDeviceTests {
    @Test func aDeviceThatDiesGoesDownAndSaysWhy() throws {
        let rig = try Rig()
        rig.run(3)
        rig.device.isAlive = false
        rig.run(3)
        #expect(rig.states == [.up, .down])
        let health = rig.poller.health
        #expect(health.state == .down)
        #expect(health.message.contains("no answer") && health.message.contains("firewall"))
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .none && round.values.isEmpty && round.upTime == nil)
        #expect(round.text == health.message)
    }

    @Test func aDeviceThatNeverAnsweredIsDown() throws {
        let rig = try Rig()
        rig.device.isAlive = false
        rig.run(5)
        #expect(rig.states == [.down])
        #expect(rig.plans.isEmpty)
        rig.device.isAlive = true
        rig.run(10)
        #expect(rig.states == [.down, .up])
        #expect(rig.rounds.last?.verdict == .complete)
    }

    @Test(arguments: [1, 5, 7, 10, 25, 60, 300])
    func aDeadDeviceGetsOneDatagramInAProbeIntervalAndComesBackInOne(seconds: Int64) throws {
        var options = PollingOptions(interval: .seconds(seconds))
        options.rediscovery = .seconds(86_400)
        let rig = try Rig(FakeContents(ports: 2), options: options)
        rig.run(3)
        rig.device.isAlive = false
        // Until the attempts of the last round are over.
        while rig.poller.health.state == .up { rig.run() }
        let goneAt = rig.network.now
        let before = rig.device.times.count
        rig.run(Int(1_800 / seconds) + 20)
        let probes = rig.device.times[before...].filter { $0 > goneAt }
        #expect(probes.count > 5)
        let longest = Interval.seconds(max(60, seconds))
        for (place, (a, b)) in zip(probes, probes.dropFirst()).enumerated() {
            // A tick may jitter by an eighth.
            #expect(b - a >= .seconds(seconds) * 7 / 8, "probe \(place)")
            #expect(b - a <= longest + .milliseconds(1), "probe \(place)")
            // After the fourth the interval is four times as long, as far as a minute allows.
            if place > 5 { #expect(b - a >= min(.seconds(4 * seconds), longest / 2), "probe \(place)") }
        }
        // Back within one probe interval.
        rig.device.isAlive = true
        let backAt = rig.network.now
        while rig.poller.health.state == .down, rig.network.now - backAt < .seconds(600) { rig.run() }
        #expect(rig.network.now - backAt <= longest + .seconds(seconds))
        #expect(rig.states == [.up, .down, .up])
        #expect(rig.poller.health.discoveries == 1)
        #expect(rig.rounds.last?.verdict == .complete)
    }

    @Test func aDeviceThatRestartedWhileItWasDownIsReadAgain() throws {
        let rig = try Rig()
        rig.run(3)
        rig.device.isAlive = false
        rig.run(20)
        rig.device.isAlive = true
        rig.device.restart(at: rig.network.now)
        for place in rig.device.contents.ports.indices { rig.device.contents.ports[place].index += 50 }
        rig.run(6)
        #expect(rig.poller.health.restarts == 1)
        #expect(rig.poller.health.discoveries == 2)
        let round = try #require(rig.rounds.last)
        #expect(rig.value("ifHCInOctets", .interface, "9", in: round)?.bits == 9_000_000)
    }

    @Test func aDeviceThatDiesWhileItsTablesAreReadIsReadWhenItIsBack() throws {
        let rig = try Rig()
        rig.device.delay = .milliseconds(200)
        rig.poller.tick()
        rig.network.run(for: .milliseconds(700))
        #expect(rig.device.walkRequests > 0)
        rig.device.isAlive = false
        rig.run(30)
        #expect(rig.states == [.up, .down])
        #expect(rig.plans.isEmpty)
        rig.device.isAlive = true
        rig.device.delay = .milliseconds(2)
        rig.run(10)
        #expect(rig.states == [.up, .down, .up])
        #expect(rig.plans.last?.shortfall == "")
        #expect(rig.rounds.last?.verdict == .complete)
    }

    @Test func pollNowAsksADeviceThatIsDown() throws {
        let rig = try Rig()
        rig.device.isAlive = false
        rig.run(60)
        rig.device.isAlive = true
        let recorder = Recorder<PolledRound?>()
        rig.poller.pollNow { recorder.append($0) }
        // Who asks while the round is under way gets the same.
        rig.poller.pollNow { recorder.append($0) }
        rig.network.run(for: .seconds(5))
        #expect(recorder.values.count == 2)
        #expect(recorder.values.first??.verdict == .complete)
        #expect(recorder.values.first == recorder.values.last)
        rig.poller.pollNow { recorder.append($0) }
        rig.poller.stop()
        #expect(recorder.values.count == 3)
        #expect(recorder.values.last == .some(nil))
        let count = rig.events.count
        rig.run(3)
        #expect(rig.events.count == count)
    }

    @Test(arguments: 0..<6) func overABadNetworkRoundsComeOneAtATime(seed: UInt64) throws {
        let rig = try Rig(seed: seed, conditions: .bad(loss: 50, duplication: 50, reordering: 100))
        rig.run(60)
        let good = rig.rounds.count { $0.verdict != .none }
        #expect(good > 40, "seed \(seed)")
        #expect(rig.rounds.count + rig.poller.health.missed <= 61, "seed \(seed)")
        for (a, b) in zip(rig.rounds, rig.rounds.dropFirst()) { #expect(a.time < b.time, "seed \(seed)") }
    }

    @Test func aSlowDeviceHasLateAndMissedRoundsButNeverTwoAtOnce() throws {
        let rig = try Rig(options: PollingOptions(interval: .seconds(1)))
        rig.run(2)
        rig.device.delay = .milliseconds(900)
        let requests = rig.device.requests
        rig.run(60)
        #expect(rig.poller.health.missed > 10)
        #expect(rig.rounds.count > 15)
        #expect(rig.device.requests - requests <= 62 * 10)
        #expect(rig.rounds.allSatisfy { $0.verdict == .complete })
    }
}
