import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// The misbehaviours at which other stacks lose rows in silence, loop or fail: each must end with the right verdict.
@Suite struct FaultTableTests {
    /// A way of walking.
    enum Way: CaseIterable {
        case v1, next, bulk, bulk25

        var version: SNMPVersion { self == .v1 ? .v1 : .v2c }
        var options: WalkOptions {
            switch self {
            case .v1, .bulk: WalkOptions()
            case .next: .getNextOnly
            case .bulk25: .bulk25
            }
        }
    }

    static let expectedRows = SimulatedTable().rows.map(\.name)

    @Test(arguments: AgentFault.table.map(\.name), Way.allCases)
    func faultTable(_ name: String, _ way: Way) throws {
        let fault = try #require(AgentFault.table.first { $0.name == name }).fault
        let result = try walk(fault.map { [$0] } ?? [], version: way.version, options: way.options)
        let verdict = result.verdict
        let names = result.rows.map(\.name)
        #expect(verdict.rows == names.count)
        #expect(names == names.sorted() && Set(names).count == names.count, "rows out of order or repeated")
        switch fault {
        case .errorAfter:
            #expect(names == Array(FaultTableTests.expectedRows.prefix(150)))
            #expect(verdict.outcome == .partial(.agentError(.genErr), last: FaultTableTests.expectedRows[149]))
        case .jumpsBack:
            #expect(names.starts(with: FaultTableTests.expectedRows.prefix(175)), "\(verdict)")
            guard case .loop(let last) = verdict.outcome else {
                Issue.record("not a loop: \(verdict)")
                return
            }
            #expect(last == names.last)
            #expect(verdict.deviations.contains(.unorderedNames))
        case .wrongRequestID:
            #expect(names.isEmpty)
            guard case .partial(.noAnswer(.timeout(let evidence)), nil) = verdict.outcome else {
                Issue.record("not partial: \(verdict)")
                return
            }
            #expect(evidence.unmatchedReplies == evidence.attempts)
            #expect(evidence.description.contains("wrong request-id"))
        default:
            #expect(verdict.isComplete, "\(verdict)")
            #expect(names == FaultTableTests.expectedRows)
        }
        switch fault {
        case .longCounter: #expect(verdict.deviations.contains(.oversizedInteger))
        case .otherSource: #expect(verdict.deviations.contains(.otherSourceAddress))
        case .swappedNames where way == .bulk25: #expect(verdict.deviations.contains(.unorderedNames))
        default: break
        }
    }

    @Test func muteAgentNeedsNoFailedRequestOnTheSecondWalk() throws {
        for fault in [AgentFault.silentAbove(repetitions: 8), .tooBigAbove(repetitions: 8)] {
            let first = try walk([fault])
            #expect(first.verdict.isComplete && first.rows.count == 300)
            #expect(first.verdict.failedRequests > 0)
            var profile = TargetProfile()
            first.walk.remember(in: &profile)
            let limit = try #require(profile.failingRepetitions)
            #expect(profile.repetitions == 8 && limit > 8 && limit <= 16, "\(profile)")
            let second = try walk([fault], profile: profile)
            #expect(second.verdict.isComplete && second.rows.count == 300)
            #expect(second.verdict.failedRequests == 0, "\(second.verdict)")
            #expect(second.verdict.requests < first.verdict.requests)
        }
    }

    @Test func lostRepliesAreNotTakenForALimit() throws {
        // Half of the walks or more would end up with a limit if single losses were believed.
        var limited = 0
        for seed in seeds(20) {
            let result = try walk([.losesReplies(percent: 25)], seed: seed)
            #expect(result.verdict.isComplete && result.rows.count == 300, "seed \(seed): \(result.verdict)")
            var profile = TargetProfile()
            result.walk.remember(in: &profile)
            if let failing = profile.failingRepetitions, failing <= 20 { limited += 1 }
        }
        #expect(limited * 4 <= seeds(20).count, "\(limited) walks ended with a wrong limit")
    }

    @Test func healthyWalkIsShort() throws {
        let result = try walk([])
        #expect(result.verdict.requests <= 8)
        #expect(result.verdict.failedRequests == 0)
    }
}
