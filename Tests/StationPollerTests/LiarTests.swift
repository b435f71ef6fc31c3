import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import StationSeries
import Testing

@testable import StationPoller

/// Devices that say what is not so. Whatever they do, each tick ends in at most one round, and requests are limited.
@Suite struct LiarTests {
    /// Runs rounds against a device whose answers to everything are changed.
    private func run(
        _ rounds: Int, afterGood good: Int = 0,
        _ mangle: @escaping (_ answer: inout PDU, _ request: PDU, _ count: Int) -> Void
    ) throws -> Rig {
        let rig = try Rig(FakeContents(ports: 8))
        rig.run(good)
        var count = 0
        rig.device.mangle = { answer, request in
            count += 1
            mangle(&answer, request, count)
        }
        rig.run(rounds)
        #expect(rig.rounds.count + rig.poller.health.missed >= good + rounds - 2)
        #expect(rig.rounds.count <= good + rounds)
        return rig
    }

    @Test func aDeviceThatAlwaysRestartsIsNotWalkedAllTheTime() throws {
        let rig = try run(100) { answer, _, count in
            for place in answer.variableBindings.indices where answer.variableBindings[place].name == Column.sysUpTime {
                answer.variableBindings[place].value = .timeTicks(UInt32(1_000_000 - count * 100))
            }
        }
        // Four at once, and one each two minutes.
        #expect((5...14).contains(rig.poller.health.discoveries))
        // Values whose port isn't known are not recorded.
        let last = try #require(rig.rounds.last { $0.text.contains("restarted again") })
        #expect(last.verdict == .partial && last.values.isEmpty)
    }

    @Test func aDeviceWhoseTablesAlwaysChangeIsNotWalkedAllTheTime() throws {
        let rig = try run(100) { answer, _, count in
            for place in answer.variableBindings.indices
            where answer.variableBindings[place].name == Column.ifTableLastChange {
                answer.variableBindings[place].value = .timeTicks(UInt32(count))
            }
        }
        #expect((5...14).contains(rig.poller.health.discoveries))
        #expect(rig.rounds.last?.values.isEmpty == false)
    }

    @Test func anEndlessTableEndsAtTheLimit() throws {
        let rig = try run(20) { answer, request, _ in
            guard request.type == .getBulk, let first = request.variableBindings.first,
                first.name.starts(with: Column.hrStorageEntry)
            else { return }
            answer.variableBindings = request.variableBindings.flatMap { binding -> [VarBind] in
                let last = binding.name.count > Column.hrStorageEntry.count + 1 ? binding.name.last ?? 0 : 0
                let column = binding.name.prefix(Column.hrStorageEntry.count + 1)
                return (1...40).map { VarBind(column.appending(last + $0), .integer(1)) }
            }
        }
        let plan = rig.poller.plan
        #expect(plan.objects.count { $0.kind == .storage } <= PlanBuilder.maximumRows)
        #expect(plan.instances.count <= DevicePlan.maximumInstances)
        #expect(plan.shortfall.contains("hrStorageTable"))
        #expect(plan.objects.count { $0.kind == .interface } == 8)
    }

    @Test func aTableThatGoesRoundInCirclesIsSaid() throws {
        let rig = try run(3) { answer, request, _ in
            guard request.type == .getBulk || request.type == .getNext,
                request.variableBindings[0].name.starts(with: Column.hrStorageEntry)
            else { return }
            answer.variableBindings = request.variableBindings.map {
                VarBind($0.name.prefix(Column.hrStorageEntry.count + 1).appending(1), .integer(1))
            }
        }
        #expect(rig.poller.plan.shortfall.contains("hrStorageTable"))
        #expect(rig.rounds.last?.verdict == .partial)
        #expect(rig.rounds.last?.text.contains("hrStorageTable") == true)
    }

    @Test func numbersThatBecomeStringsAreNoSamples() throws {
        let rig = try run(4, afterGood: 2) { answer, request, _ in
            guard request.type == .get else { return }
            for place in answer.variableBindings.indices.dropFirst(3) {
                answer.variableBindings[place].value = .octetString(Array(repeating: 65, count: 20))
            }
        }
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .partial)
        #expect(round.text.contains("no numbers"))
        #expect(round.values.count < 20)
    }

    @Test func aTypeThatChangesIsKeptAsItComes() throws {
        let rig = try Rig(FakeContents(ports: 2))
        rig.run()
        rig.device.mangle = { answer, request in
            guard request.type == .get else { return }
            for place in answer.variableBindings.indices {
                if case .counter64 = answer.variableBindings[place].value {
                    answer.variableBindings[place].value = .float(1.5)
                }
            }
        }
        rig.run()
        let round = try #require(rig.rounds.last)
        #expect(rig.value("ifHCInOctets", .interface, "1", in: round)?.type == .float)
        #expect(round.verdict == .complete)
    }

    @Test func hugeTextsAreCut() throws {
        let rig = try run(2) { answer, _, _ in
            for place in answer.variableBindings.indices {
                if case .octetString = answer.variableBindings[place].value {
                    answer.variableBindings[place].value = .octetString(Array(repeating: 0x1B, count: 5_000))
                }
            }
        }
        let plan = rig.poller.plan
        #expect(plan.system.description.unicodeScalars.count == 255)
        #expect(plan.system.description.allSatisfy { $0 == "\u{FFFD}" })
        #expect(plan.objects.allSatisfy { $0.name.unicodeScalars.count <= 255 })
    }

    @Test func answersAboutOtherNamesAreNoValues() throws {
        let rig = try run(4, afterGood: 2) { answer, request, _ in
            guard request.type == .get else { return }
            for place in answer.variableBindings.indices {
                let name = answer.variableBindings[place].name
                answer.variableBindings[place].name = name.appending(1)
            }
        }
        let round = try #require(rig.rounds.last)
        #expect(round.verdict == .partial)
        #expect(round.values.isEmpty)
        #expect(rig.poller.health.state == .up)
    }

    @Test(arguments: [ErrorStatus.genErr, .tooBig, .noSuchName, .authorizationError, ErrorStatus(rawValue: 99)])
    func errorsForEverythingEnd(error: ErrorStatus) throws {
        for index: Int32 in [0, 1, 99] {
            let rig = try run(5, afterGood: 2) { answer, request, _ in
                answer.errorStatusField = error.rawValue
                answer.errorIndexField = index
                answer.variableBindings = request.variableBindings
            }
            #expect(rig.poller.health.state == .up)
            let requests = rig.rounds.map { Int($0.requests) }.max() ?? 0
            #expect(requests < 400, "\(error) \(index)")
        }
    }

    @Test func oneNameThatFailsCostsItselfOnly() throws {
        let bad = Column.ifEntry.appending(14).appending(3)
        let rig = try Rig(FakeContents(ports: 8))
        rig.run()
        rig.device.mangle = { answer, request in
            guard request.type == .get, let place = request.variableBindings.firstIndex(where: { $0.name == bad })
            else { return }
            answer.errorStatusField = ErrorStatus.genErr.rawValue
            answer.errorIndexField = Int32(place + 1)
        }
        rig.run()
        let round = try #require(rig.rounds.last)
        #expect(round.values.count == rig.poller.plan.instances.count - 1)
        #expect(round.verdict == .partial && round.text.contains("genErr"))
        #expect(rig.poller.health.discoveries == 1)
    }

    @Test func emptyAnswersEnd() throws {
        let rig = try run(5) { answer, _, _ in answer.variableBindings = [] }
        #expect(rig.poller.health.state == .up)
        #expect(rig.rounds.allSatisfy { $0.values.isEmpty })
    }
}
