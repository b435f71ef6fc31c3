import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import StationSeries
import Testing

@testable import StationPoller

@Suite struct DeviceLifeTests {
    @Test func theFirstTurnFindsWhatThereIsAndReadsAllOfIt() throws {
        let rig = try Rig()
        rig.run()
        let plan = try #require(rig.plans.first)
        #expect(rig.plans.count == 1)
        #expect(plan.summary == "24 interfaces, 2 processors, 2 storage areas")
        #expect(plan.system.name == "switch")
        #expect(plan.system.objectID == "1.3.6.1.4.1.55555")
        #expect(plan.shortfall.isEmpty)
        #expect(rig.changes.map(\.kind) == [.found])
        // 8 wide counters, 4 of errors and discards, 3 states; load; size and use; scalars.
        #expect(plan.instances.count == 24 * 15 + 2 + 4 + Catalogue.scalars.count)
        let round = try #require(rig.rounds.first)
        #expect(rig.rounds.count == 1)
        #expect(round.verdict == .complete)
        #expect(round.text.isEmpty)
        #expect(round.values.count == plan.instances.count)
        #expect(round.revision == plan.revision)
        #expect(rig.value("ifHCInOctets", .interface, "7", in: round) == RawValue(type: .counter64, bits: 7_000_000))
        #expect(rig.states == [.up])
        let health = rig.poller.health
        #expect(health.state == .up && health.rounds == 1 && health.discoveries == 1 && health.missed == 0)
        #expect(health.roundTrip == .milliseconds(3))
        #expect(health.lastSeen != nil)
    }

    @Test func laterRoundsAreGetsOnly() throws {
        let rig = try Rig()
        rig.run()
        let walks = rig.device.walkRequests
        let requests = rig.device.requests
        rig.run(5)
        #expect(rig.device.walkRequests == walks)
        let names = 3 + rig.poller.plan.instances.count
        #expect(rig.device.requests - requests == 5 * ((names + 47) / 48))
        #expect(rig.rounds.count == 6)
        #expect(rig.rounds.allSatisfy { $0.verdict == .complete })
        #expect(rig.plans.count == 1)
        // One interval apart, and on the device's clock too.
        for (a, b) in zip(rig.rounds, rig.rounds.dropFirst()).dropFirst() {
            #expect(b.time - a.time == 10_000_000)
            #expect(try #require(b.upTime) - (try #require(a.upTime)) == 1_000)
        }
    }

    @Test func afterARestartHistoryFollowsThePortsByName() throws {
        let rig = try Rig()
        rig.run(2)
        rig.device.restart(at: rig.network.now)
        for place in rig.device.contents.ports.indices { rig.device.contents.ports[place].index += 100 }
        rig.run()
        #expect(rig.poller.health.restarts == 1)
        #expect(rig.changes.contains { $0.kind == .restarted })
        #expect(rig.changes.count { $0.kind == .indexChanged } == 24)
        #expect(!rig.changes.contains { $0.kind == .objectAdded || $0.kind == .objectGone })
        let round = try #require(rig.rounds.last)
        #expect(rig.rounds.count == 3)
        #expect(round.verdict == .complete)
        #expect(rig.poller.plan.object(.interface, "7")?.index == 107)
        #expect(rig.value("ifHCInOctets", .interface, "7", in: round)?.bits == 7_000_000)
    }

    @Test func aPassOfTheUpTimeThroughZeroIsNoRestart() throws {
        let rig = try Rig()
        rig.device.upTimeAtStart = UInt32.max - 101_500
        rig.run(4)
        let upTimes = rig.rounds.compactMap(\.upTime)
        #expect(try #require(upTimes.first) > 1 << 31 && (try #require(upTimes.last)) < 1 << 16)
        #expect(rig.poller.health.restarts == 0)
        #expect(rig.poller.health.discoveries == 1)
    }

    @Test func anotherNumberOfInterfacesHasTheTablesReadInTheSameTurn() throws {
        let rig = try Rig()
        rig.run(2)
        rig.device.contents.ports.append(FakePort(index: 40, number: 40, name: "ge-40", description: "Port 40"))
        rig.run()
        #expect(rig.rounds.count == 3)
        #expect(rig.changes.map(\.kind) == [.found, .objectAdded])
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .complete)
        #expect(rig.value("ifHCInOctets", .interface, "40", in: round)?.bits == 40_000_000)
    }

    @Test func ifTableLastChangeHasTheTablesRead() throws {
        let rig = try Rig()
        rig.run(2)
        rig.device.contents.ports[3].alias = "uplink"
        rig.run()
        #expect(rig.poller.health.discoveries == 1)
        rig.device.contents.tableLastChange = 4_711
        rig.run()
        #expect(rig.poller.health.discoveries == 2)
        let change = try #require(rig.changes.last)
        #expect(change.kind == .aliasChanged && change.key == "4" && change.after == "uplink")
    }

    @Test func aMissingInstanceCostsItselfAndHasTheTablesReadInTheNextTurn() throws {
        var contents = FakeContents()
        contents.tableLastChange = nil
        let rig = try Rig(contents)
        rig.run(2)
        rig.device.contents.disks = ["/"]
        rig.run()
        let partial = try #require(rig.rounds.last)
        #expect(partial.verdict == .partial)
        #expect(partial.values.count == rig.poller.plan.instances.count - 2)
        #expect(partial.text.contains("2 of"))
        #expect(rig.poller.health.message == partial.text)
        rig.run()
        #expect(rig.rounds.last?.verdict == .complete)
        #expect(rig.changes.last?.kind == .objectGone)
        #expect(rig.poller.plan.gone.map(\.name) == ["/var"])
        // It comes back as the one it was.
        rig.device.contents.disks = ["/", "/var"]
        rig.device.restart(at: rig.network.now)
        rig.run()
        #expect(rig.changes.contains { $0.kind == .objectReturned && $0.key == "32" })
        #expect(rig.poller.plan.gone.isEmpty)
    }

    @Test func instancesThatOnlyTheTablesKnowDontHaveThemReadAgainAndAgain() throws {
        let rig = try Rig()
        rig.device.mangle = { answer, request in
            guard request.type == .get else { return }
            for place in answer.variableBindings.indices
            where answer.variableBindings[place].name.starts(with: Column.hrStorageEntry) {
                answer.variableBindings[place].value = .noSuchInstance
            }
        }
        rig.run(20)
        #expect(rig.poller.health.discoveries == 1)
        #expect(rig.rounds.allSatisfy { $0.verdict == .partial })
    }

    @Test func theTablesAreReadEveryHour() throws {
        let rig = try Rig(FakeContents(ports: 1), options: PollingOptions(interval: .seconds(60)))
        rig.run(60 * 3)
        // The first time after half an hour to an hour.
        #expect(rig.poller.health.discoveries == 3 || rig.poller.health.discoveries == 4)
        #expect(rig.plans.count == 1)
    }

    @Test func aTableWithoutAnAnswerIsReadAgainSoonerThanAllTables() throws {
        let rig = try Rig(FakeContents(ports: 3), options: PollingOptions(interval: .seconds(60)))
        rig.device.isSilent = { $0.type != .get && $0.variableBindings[0].name.starts(with: Column.hrStorageEntry) }
        rig.run(5)
        #expect(rig.rounds.allSatisfy { $0.verdict == .partial })
        #expect(rig.poller.plan.shortfall == "hrStorageTable: no answer to parts of it")
        #expect(rig.states == [.up])
        rig.device.isSilent = { _ in false }
        rig.run(6)
        #expect(rig.rounds.last?.verdict == .complete)
        #expect(rig.changes.map(\.kind).contains(.verdictChanged))
        #expect(rig.poller.plan.objects.count { $0.kind == .storage } == 2)
    }

    @Test func aDeviceWithoutAnythingIsUpAllTheSame() throws {
        var contents = FakeContents(ports: 0)
        (contents.processors, contents.disks, contents.hasUCD, contents.tableLastChange) = (0, [], false, nil)
        let rig = try Rig(contents)
        rig.run(2)
        #expect(rig.rounds.count == 2)
        #expect(rig.rounds.allSatisfy { $0.verdict == .complete && $0.values.isEmpty && $0.upTime != nil })
        #expect(rig.states == [.up])
    }

    @Test func aDeviceWithoutUpTimeIsUpAllTheSame() throws {
        let rig = try Rig()
        rig.device.hasUpTime = false
        rig.run(2)
        #expect(rig.rounds.allSatisfy { $0.verdict == .complete && $0.upTime == nil })
        #expect(rig.rounds.last?.values.count == rig.poller.plan.instances.count)
    }

    @Test func aDeviceOfVersion1HasNarrowCountersAndHoles() throws {
        var contents = FakeContents(ports: 5)
        contents.hasUCD = false
        contents.tableLastChange = nil
        let rig = try Rig(contents, version: .v1)
        rig.run(2)
        let plan = rig.poller.plan
        let metrics = Set(plan.instances.map(\.description.name))
        #expect(metrics.contains("ifInOctets") && !metrics.contains("ifHCInOctets"))
        #expect(metrics.contains("ifInErrors"))
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .complete)
        #expect(rig.value("ifInOctets", .interface, "3", in: round) == RawValue(type: .counter32, bits: 3_000_000))
        // An instance that goes costs one more request, and the others come.
        rig.device.contents.disks = []
        rig.run()
        #expect(rig.rounds.last?.verdict == .partial)
        #expect(rig.rounds.last?.values.count == plan.instances.count - 4)
        rig.run()
        #expect(rig.rounds.last?.verdict == .complete)
    }

    @Test(arguments: [1, 3, 10, 30]) func aDeviceThatIsSilentToLargeRequestsIsAskedForLess(limit: Int) throws {
        let rig = try Rig(FakeContents(ports: 6))
        rig.device.silentAbove = limit
        rig.run(12)
        #expect(rig.poller.health.state == .up)
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .complete, "\(round.text)")
        #expect(round.values.count == rig.poller.plan.instances.count)
    }

    @Test func moreThanTenThousandValuesAreAPartialVerdict() throws {
        var contents = FakeContents(ports: 1_000)
        contents.hasUCD = false
        let rig = try Rig(contents)
        rig.device.delay = .microseconds(100)
        rig.run(2)
        let plan = rig.poller.plan
        #expect(plan.objects.count == 1_004)
        #expect(plan.instances.count <= DevicePlan.maximumInstances)
        #expect(plan.instances.count > DevicePlan.maximumInstances - 15)
        #expect(plan.shortfall.contains("not polled"))
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .partial)
        #expect(round.values.count == plan.instances.count)
        #expect(rig.changes.contains { $0.kind == .verdictChanged })
    }

    @Test func whatWasRecordedEarlierKeepsItsKeys() throws {
        let known = DevicePlan(
            known: [
                PolledObject(
                    kind: .interface, key: "77", index: 77, name: "ge-2", attributes: ["ifName": "ge-2"]),
                PolledObject(kind: .interface, key: "5", index: 5, name: "old", attributes: ["ifName": "old"]),
            ])
        let rig = try Rig(known: known)
        rig.run()
        let plan = rig.poller.plan
        #expect(plan.objects.first { $0.name == "ge-2" }?.key == "77")
        // The key of one that is gone isn't given to another.
        #expect(plan.objects.first { $0.name == "ge-5" }?.key == "5/2")
        #expect(plan.gone.map(\.key) == ["5"])
        #expect(rig.changes.contains { $0.kind == .objectGone && $0.key == "5" })
    }
}
