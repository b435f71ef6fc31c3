// Redo of logs that Windows wrote, from the creation of a database to two states that Windows left behind.

import ESEEngine
import ESEFormat
import ESETestKit
import Primitives
import Testing

@Suite(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason), .serialized) struct RedoChainTests {
    private func run(
        _ disk: SimulatedDisk, _ options: RedoOptions, _ images: BeforeImages
    ) throws -> (RedoDriver<RedoPageStore>, RedoReport) {
        let driver = RedoDriver(disk, options)
        driver.onAttach = { images.watch($0) }
        let report = try driver.run()
        return (driver, report)
    }

    private func check(
        _ driver: RedoDriver<RedoPageStore>, _ report: RedoReport, _ images: BeforeImages, expected name: String
    ) throws {
        let database = try #require(driver.databases.first)
        let file = try RedoSamples.bytes("\(RedoSamples.Chain.folder)/\(name)/SRUDB.dat")
        let header = try DatabaseHeader.read(start: file.span.bytes).header
        let expected = DatabasePages(file)
        let differences = try expected.differences(try #require(database.pages))
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        #expect(images.differences.isEmpty, "\(images.differences.joined(separator: "\n"))")
        #expect(driver.databases.count == 1)
        #expect(database.state == .detached)
        #expect(database.header.isClean)
        #expect(database.header.consistentPosition == header.consistentPosition)
        #expect(database.header.attachPosition == header.attachPosition)
        #expect(database.header.lastDatabaseTime == header.lastDatabaseTime)
        #expect(database.header.lastObjectID == header.lastObjectID)
        #expect(database.header.format == header.format)
        #expect(database.header.signature == header.signature)
        #expect(database.header.logSignature == header.logSignature)
        #expect(report.counts.skipped == 0)
        #expect(report.counts.beforeImages == 0)
        #expect(images.count > 0)
        #expect(report.transactions.isEmpty)
        #expect(report.isTerminated)
        #expect(report.droppedMacroCount == 0)
    }

    @Test func fromNothingToTheFirstDatabase() throws {
        let images = BeforeImages()
        let disk = try RedoSamples.disk(RedoSamples.Chain.toFirst)
        let (driver, report) = try run(disk, RedoSamples.options(), images)
        #expect(report.generations == 1...2)
        try check(driver, report, images, expected: "expected-t0")
    }

    @Test func fromNothingToTheSecondDatabase() throws {
        let images = BeforeImages()
        let (driver, report) = try run(
            try RedoSamples.disk(RedoSamples.Chain.all), RedoSamples.options(), images)
        #expect(report.generations == 1...5)
        try check(driver, report, images, expected: "expected-t1")
    }

    @Test func fromTheFirstDatabaseToTheSecond() throws {
        let images = BeforeImages()
        let folder = RedoSamples.Chain.folder
        let disk = try RedoSamples.disk(
            Array(RedoSamples.Chain.all.dropFirst()) + [
                ("/logs/SRU.chk", "\(folder)/expected-t0/SRU.chk"),
                ("/db/SRUDB.dat", "\(folder)/expected-t0/SRUDB.dat"),
            ])
        let (driver, report) = try run(disk, RedoSamples.options(checkpoint: true), images)
        #expect(report.generations == 2...5)
        try check(driver, report, images, expected: "expected-t1")
    }
}
