import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// Faults beyond the fault table, several columns at once, and what broke before.
@Suite struct WalkTests {
    private let names = SimulatedTable().rows.map(\.name)

    @Test(arguments: FaultTableTests.Way.allCases)
    func oneBadRowIsSteppedOver(_ way: FaultTableTests.Way) throws {
        for row in [2, 30, 31, 150, 299, 300] {
            let result = try walk([.errorAt(row: row)], version: way.version, options: way.options)
            var expected = names
            expected.remove(at: row - 1)
            #expect(result.rows.map(\.name) == expected, "row \(row): \(result.verdict)")
            // The name before the gap, not one behind it.
            #expect(result.verdict.outcome == .skippedRows(after: [names[row - 2]]), "row \(row)")
        }
    }

    @Test func errorAtTheFirstRowIsPartialNotSkipped() throws {
        let result = try walk([.errorAt(row: 1)])
        #expect(result.verdict.outcome == .partial(.agentError(.genErr), last: nil))
    }

    @Test(arguments: FaultTableTests.Way.allCases)
    func singleJumpBackIsRecovered(_ way: FaultTableTests.Way) throws {
        let result = try walk([.jumpsBackOnce(atRow: 175, back: 75)], version: way.version, options: way.options)
        #expect(result.verdict.isComplete, "\(result.verdict)")
        #expect(result.rows.map(\.name) == names)
        #expect(result.verdict.deviations.contains(.unorderedNames))
    }

    @Test func swappedNamesAtTheEndOfTheSubtreeLoseNoRow() throws {
        // The neighbour comes before the last row in the last response.
        var options = WalkOptions()
        options.firstRepetitions = 299
        options.maximumRepetitions = 299
        options.maximumBindingsPerReply = 299
        let network = SimulatedNetwork(seed: 1)
        var agent = FaultyAgent([.swappedNames])
        agent.maximumReplyByteCount = 65_000
        network.attach(agent, at: address(1))
        let result = try network.walk(try network.addTarget(address(1)), options: options)
        #expect(result.verdict.isComplete && result.rows.map(\.name) == names, "\(result.verdict)")
    }

    @Test func namesSwappedAcrossColumnsEndNoColumn() throws {
        // A row of the second column in the place of the first is not the end of the first.
        let columns = SimulatedTable.columns.map { SimulatedTable.root.appending(1).appending($0) }
        for way in FaultTableTests.Way.allCases {
            let result = try walk([.swappedNames], version: way.version, options: way.options, roots: columns)
            #expect(result.verdict.isComplete && result.rows.map(\.name).sorted() == names, "\(way): \(result.verdict)")
            #expect(result.verdict.deviations.contains(.unorderedNames))
        }
    }

    @Test func endlessTableStopsAtTheRowLimit() throws {
        var options = WalkOptions()
        options.maximumRows = 2_000
        let result = try walk([.endless], options: options)
        guard case .partial(.rowLimit(2_000), _) = result.verdict.outcome else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(result.rows.count >= 2_000 && result.rows.count < 2_100)
    }

    @Test func tableWithoutEndIsALoopWithAllRows() throws {
        for options in [WalkOptions(), .getNextOnly] {
            let result = try walk([.neverEnds], table: SimulatedTable(hasNeighbours: false), options: options)
            #expect(result.rows.map(\.name) == names)
            #expect(result.verdict.outcome == .loop(at: try #require(names.last)), "\(result.verdict)")
        }
    }

    @Test func tableAtTheEndOfTheViewIsComplete() throws {
        for way in FaultTableTests.Way.allCases {
            let table = SimulatedTable(hasNeighbours: false)
            let result = try walk([], version: way.version, table: table, options: way.options)
            #expect(result.verdict.isComplete && result.rows.count == 300, "\(way): \(result.verdict)")
        }
    }

    @Test func emptyResponsesEndAsPartial() throws {
        let result = try walk([.emptyResponses])
        #expect(result.verdict.outcome == .partial(.emptyResponses, last: nil))
        #expect(result.verdict.requests < 10)
    }

    @Test func otherCommunityIsToleratedAndReported() throws {
        let result = try walk([.otherCommunity])
        #expect(result.verdict.isComplete && result.rows.count == 300)
        #expect(result.verdict.deviations.contains(.otherCommunity))
    }

    @Test func otherCommunityFromAnotherAddressIsRefused() throws {
        let result = try walk([.otherCommunity, .otherSource])
        guard case .partial(.noAnswer(.timeout(let evidence)), nil) = result.verdict.outcome else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(evidence.rejectedReplies > 0)
    }

    @Test func otherSourceIsRefusedWhereThePolicySaysSo() throws {
        var policy = RequestPolicy()
        policy.acceptsOtherSourceAddress = false
        let result = try walk([.otherSource], policy: policy)
        guard case .partial(.noAnswer(.timeout(let evidence)), nil) = result.verdict.outcome else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(evidence.foreignReplies == evidence.attempts)
    }

    @Test func wrongVersionIsNoAnswer() throws {
        for version in [SNMPVersion.v1, .v2c] {
            let result = try walk([.wrongVersion], version: version)
            guard case .partial(.noAnswer(.timeout(let evidence)), nil) = result.verdict.outcome else {
                Issue.record("\(result.verdict)")
                return
            }
            #expect(evidence.unmatchedReplies > 0)
        }
    }

    @Test func counter64InV1IsTakenAndReported() throws {
        let result = try walk([.counter64(row: 20)], version: .v1)
        #expect(result.verdict.isComplete && result.rows.count == 300)
        #expect(result.verdict.deviations.contains(.newerTypeInV1))
        #expect(result.rows[19].value == .counter64(1 << 40))
        let modern = try walk([.counter64(row: 20)], version: .v2c)
        #expect(!modern.verdict.deviations.contains(.newerTypeInV1))
    }

    @Test func silenceInTheMiddleIsPartialWithItsPlace() throws {
        for way in FaultTableTests.Way.allCases {
            let result = try walk([.silentAfter(row: 100)], version: way.version, options: way.options)
            #expect(result.rows.map(\.name) == Array(names.prefix(100)), "\(way): \(result.verdict)")
            guard case .partial(.noAnswer(.timeout), let last) = result.verdict.outcome else {
                Issue.record("\(way): \(result.verdict)")
                continue
            }
            #expect(last == names[99])
        }
    }

    @Test func agentThatNeverAnswersGetBulkIsWalkedWithGetNext() throws {
        let result = try walk([.silentAbove(repetitions: 0)])
        #expect(result.verdict.isComplete && result.rows.count == 300, "\(result.verdict)")
        // Found out once, not at each row.
        #expect(result.verdict.failedRequests <= 3)
        var profile = TargetProfile()
        result.walk.remember(in: &profile)
        #expect(profile.repetitions == 0)
        let second = try walk([.silentAbove(repetitions: 0)], profile: profile)
        #expect(second.verdict.isComplete && second.rows.count == 300 && second.verdict.failedRequests == 0)
    }

    @Test func slowAgentIsWalkedToItsEnd() throws {
        let result = try walk([.slow(milliseconds: 40)])
        #expect(result.verdict.isComplete && result.rows.count == 300, "\(result.verdict)")
    }

    @Test func skippedRowsOfTheAgentCannotBeSeen() throws {
        // A limit of the protocol: an agent that leaves out the same rows always looks complete.
        let result = try walk([.skipsRows(every: 10)])
        #expect(result.verdict.isComplete && result.rows.count == 270)
    }

    @Test func cutReplyIsMetWithFewerRows() throws {
        // Rows grow in the middle of the table, and long datagrams lose their end on the way.
        var table = SimulatedTable()
        for row in 200...240 { table.setRow(row, .octetString([UInt8](repeating: 0x41, count: 100))) }
        var conditions = NetworkConditions()
        conditions.maximumDatagramByteCount = 700
        let result = try walk([], table: table, conditions: conditions)
        #expect(result.verdict.isComplete && result.rows.map(\.name) == names, "\(result.verdict)")
    }

    @Test func columnsSideBySide() throws {
        let columns = SimulatedTable.columns.map { SimulatedTable.root.appending(1).appending($0) }
        let faults: [[AgentFault]] = [
            [], [.tooBigAbove(repetitions: 8)], [.silentAbove(repetitions: 8)], [.shortReplies(repetitions: 4)],
            [.losesReplies(percent: 25)], [.duplicatesReplies], [.otherSource], [.silentAbove(repetitions: 0)],
        ]
        for fault in faults {
            for way in FaultTableTests.Way.allCases {
                let result = try walk(fault, version: way.version, options: way.options, roots: columns)
                #expect(result.verdict.isComplete, "\(fault) \(way): \(result.verdict)")
                #expect(result.rows.map(\.name).sorted() == names, "\(fault) \(way)")
            }
        }
    }

    @Test func badRowInOneOfSeveralColumnsIsSteppedOver() throws {
        let columns = SimulatedTable.columns.map { SimulatedTable.root.appending(1).appending($0) }
        for way in FaultTableTests.Way.allCases {
            let result = try walk([.errorAt(row: 75)], version: way.version, options: way.options, roots: columns)
            var expected = names
            expected.remove(at: 74)
            #expect(result.rows.map(\.name).sorted() == expected, "\(way): \(result.verdict)")
            #expect(result.verdict.outcome == .skippedRows(after: [names[73]]), "\(way)")
            // Side by side again after the bad row.
            if way == .next { #expect(result.verdict.requests < 60, "\(result.verdict)") }
        }
    }

    @Test func endOfOneColumnWithoutErrorIndexEndsNoOther() throws {
        // noSuchName with error-index 0 does not say which column ended; the columns are of different lengths.
        let columns = SimulatedTable.columns.map { SimulatedTable.root.appending(1).appending($0) }
        let table = SimulatedTable(rowCount: 297, hasNeighbours: false)
        let result = try walk([.noErrorIndex], version: .v1, table: table, roots: columns)
        #expect(result.verdict.isComplete && result.rows.count == 297, "\(result.verdict)")
    }

    @Test func rootThatIsAnInstanceIsRead() throws {
        for way in FaultTableTests.Way.allCases {
            let result = try walk([], version: way.version, options: way.options, roots: [sysName])
            #expect(result.verdict.isComplete && result.rows.map(\.name) == [sysName], "\(way): \(result.verdict)")
            let nothing = try walk([], version: way.version, options: way.options, roots: [[1, 3, 6, 1, 2, 1, 3]])
            #expect(nothing.verdict.isComplete && nothing.rows.isEmpty, "\(way): \(nothing.verdict)")
        }
    }

    @Test func cancelledWalkIsPartial() throws {
        var walk = Walk(roots: [SimulatedTable.root], version: .v2c)
        _ = walk.next()
        walk.cancel()
        guard case .finished(let verdict) = walk.next() else {
            Issue.record("not finished")
            return
        }
        #expect(verdict.outcome == .partial(.cancelled, last: nil))
    }
}
