// Redo of the other logs that Windows left behind, as far as they go.

import ESEEngine
import ESEFormat
import ESETestKit
import Testing

@Suite(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason), .serialized) struct RedoSampleTests {
    private func run(
        _ folder: String, _ names: [String], base: String, database: String? = nil, checkpoint: String? = nil
    ) throws -> (RedoDriver<RedoPageStore>, RedoReport) {
        var files = names.map { ("/logs/\($0)", "\(folder)/\($0)") }
        if let database { files.append(("/db/\(database)", "\(folder)/\(database)")) }
        var options = RedoSamples.options()
        options.baseName = base
        if let checkpoint {
            files.append(("/logs/\(checkpoint)", "\(folder)/\(checkpoint)"))
            options.checkpointPath = "/logs/\(checkpoint)"
        }
        let driver = RedoDriver(try RedoSamples.disk(files), options)
        let report = try driver.run()
        return (driver, report)
    }

    private func checkPages(_ database: RedoDatabase<RedoPageStore>) throws {
        let pages = try #require(database.pages)
        for number in pages.changed.keys {
            let page = try #require(try pages.page(number))
            #expect(page.check(number: number) == nil, "page \(number)")
        }
    }

    @Test(arguments: [nil, "SRU.chk"]) func aDirtyDatabaseGetsToTheEndOfItsLogs(_ checkpoint: String?) throws {
        let names = ["SRU0004E.log", "SRU0004F.log", "SRU00050.log", "SRU00051.log"]
        let (driver, report) = try run(
            "srum-belkasoft/dirty", names, base: "SRU", database: "SRUDB.dat", checkpoint: checkpoint)
        let database = try #require(driver.databases.first)
        #expect(report.generations == (checkpoint == nil ? 0x4e...0x51 : 0x51...0x51))
        #expect(database.requiredGenerations == 0x51...0x51)
        #expect(database.state == .attached)
        #expect(report.transactions.isEmpty)
        // Its last attach is the last record of the log: nothing is to be done to its pages.
        #expect(report.counts.applied == 0)
    }

    @Test func aDirtyDatabaseWithoutItsLastLogIsAnError() throws {
        let names = ["SRU0004E.log", "SRU0004F.log", "SRU00050.log"]
        let error = #expect(throws: RedoError.self) {
            try run("srum-belkasoft/dirty", names, base: "SRU", database: "SRUDB.dat")
        }
        #expect(error?.code == RedoError.Code.requiredLogFilesMissing)
        #expect(error?.generation == 0x51)
    }

    @Test func aCleanDatabaseIsLeftAlone() throws {
        let names = (0x19...0x1f).map { "SRU000\(String($0, radix: 16, uppercase: true)).log" } + ["SRU.log"]
        let (driver, report) = try run("srum-win10-logs", names, base: "SRU", database: "SRUDB.dat")
        #expect(report.generations == 0x19...0x20)
        #expect(driver.databases.map(\.state) == [.laterInLog])
        #expect(report.counts.applied == 0)
        #expect(report.ignoredRecordCount > 0)
    }

    @Test func aDatabaseIsMadeFromItsLogAlone() throws {
        let (driver, report) = try run("logs-only", ["edb.log"], base: "edb")
        let database = try #require(driver.databases.first)
        #expect(database.isCreated)
        #expect(database.state == .detached)
        #expect(report.transactions.isEmpty)
        try checkPages(database)
        // Written and read again it is the same.
        let disk = SimulatedDisk(seed: 2)
        disk.putFile("/out.db", [])
        try database.write(to: disk, path: "/out.db")
        let bytes = try #require(disk.contents("/out.db"))
        let header = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(header.warnings.isEmpty)
        #expect(header.header.isClean)
        let differences = try DatabasePages(bytes).differences(try #require(database.pages))
        #expect(differences.isEmpty, "\(differences)")
    }
}
