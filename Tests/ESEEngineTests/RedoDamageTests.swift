// Redo of logs and records that are damaged, missing or foreign: typed errors, and pages that stay possible.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason), .serialized) struct RedoDamageTests {
    private func error(
        _ files: [(path: String, sample: String)], _ change: (SimulatedDisk) throws -> Void = { _ in }
    )
        throws -> RedoError?
    {
        let disk = try RedoSamples.disk(files)
        try change(disk)
        let driver = RedoDriver(disk, RedoSamples.options())
        do throws(RedoError) {
            try driver.run()
        } catch {
            return error
        }
        return nil
    }

    /// Changes a log's header and seals it again.
    private func edit(_ disk: SimulatedDisk, _ path: String, _ change: (inout LogHeader) -> Void) throws {
        var bytes = try #require(disk.contents(path))
        var header = try LogHeader(decoding: bytes.span.bytes)
        change(&header)
        bytes.replaceSubrange(0..<LogHeader.byteCount, with: header.encoded())
        disk.putFile(path, bytes)
    }

    @Test func aMissingLogIsNamed() throws {
        let files = RedoSamples.Chain.all.filter { !$0.0.contains("00003") }
        let found = try error(files)
        #expect(found?.code == RedoError.Code.requiredLogFilesMissing)
        #expect(found?.generation == 3)
    }

    @Test func noLogsAtAllAreAnError() throws {
        #expect(try error([("/logs/other.txt", "logs-only/edb.chk")])?.code == RedoError.Code.requiredLogFilesMissing)
    }

    @Test func aLogOfAnotherSeriesIsRefused() throws {
        let found = try error(RedoSamples.Chain.all) { disk in
            try edit(disk, "/logs/SRU00003.log") { $0.signature.random ^= 1 }
        }
        #expect(found?.code == RedoError.Code.badLogSignature)
        #expect(found?.generation == 3)
    }

    @Test func aLogThatDoesNotFollowIsRefused() throws {
        let found = try error(RedoSamples.Chain.all) { disk in
            try edit(disk, "/logs/SRU00004.log") { $0.previousCreationTime.rawValue ^= 1 }
        }
        #expect(found?.code == RedoError.Code.invalidLogSequence)
        #expect(found?.generation == 4)
    }

    @Test func aDamagedSegmentInTheMiddleIsCorruption() throws {
        let found = try error(RedoSamples.Chain.all) { disk in
            var bytes = try #require(disk.contents("/logs/SRU00002.log"))
            for index in 5 * 4_096 + 100..<5 * 4_096 + 200 { bytes[index] ^= 0x5a }
            disk.putFile("/logs/SRU00002.log", bytes)
        }
        #expect(found?.code == RedoError.Code.logFileCorrupt)
        #expect(found?.position.generation == 2)
    }

    @Test func aMissingDatabaseIsAnErrorUnlessItMayBeMissing() throws {
        let files = Array(RedoSamples.Chain.all.dropFirst(2))
        #expect(try error(files)?.code == RedoError.Code.attachedDatabaseMismatch)
        var options = RedoSamples.options()
        options.ignoresMissingDatabases = true
        let driver = RedoDriver(try RedoSamples.disk(files), options)
        let report = try driver.run()
        #expect(report.ignoredRecordCount > 0)
        #expect(driver.databases.allSatisfy { $0.state == .missing })
    }

    @Test func aForeignDatabaseIsRefused() throws {
        let files = RedoSamples.Chain.all + [("/db/SRUDB.dat", "dissect/SRUDB.dat")]
        #expect(try error(files)?.code == RedoError.Code.attachedDatabaseMismatch)
    }

    @Test func aCutLogEndsCleanlyAndKeepsOpenTransactions() throws {
        // The log ends at each segment in turn; what is not committed then is told.
        var open = 0
        for sectors in 4...15 {
            let disk = try RedoSamples.disk([RedoSamples.Chain.all[0]])
            var bytes = try #require(disk.contents("/logs/SRU00001.log"))
            for index in sectors * 4_096..<bytes.count { bytes[index] = 0 }
            disk.putFile("/logs/SRU00001.log", bytes)
            let report = try RedoDriver(disk, RedoSamples.options()).run()
            #expect(report.logEnd == .unwritten || report.logEnd == .full, "sectors \(sectors)")
            for transaction in report.transactions {
                open += 1
                #expect(transaction.level > 0)
                for operation in transaction.operations { #expect(operation.isComplete, "\(operation)") }
            }
        }
        #expect(open > 0)
    }

    @Test func damagedRecordsAreErrorsAndPagesStayPossible() throws {
        let log = try RecordedLog(try RedoSamples.disk(RedoSamples.Chain.toFirst), RedoSamples.options())
        var errors = 0
        for seed in 1...80 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let store = try RedoPageStore(pageSize: .kibibytes4)
            let redo = PageRedo(store, database: 1, transactions: RedoTransactions())
            var macros = RedoMacros()
            for (original, bytes, position, end) in log.records {
                var (record, bytes) = (original, bytes)
                if random.oneIn(20) {
                    // Not the time: with that of a later change nothing would be left to do.
                    for _ in 0...random.below(3) {
                        let index = random.below(bytes.count)
                        if (8..<24).contains(index) { continue }
                        bytes[index] = random.oneIn(2) ? UInt8(truncatingIfNeeded: random.next()) : bytes[index] ^ 1
                    }
                    guard let changed = try? LogRecord(decoding: bytes.span.bytes) else { continue }
                    record = changed
                }
                let changed = record
                bytes.lend { bytes in
                    let item = RedoRecord(changed, bytes, at: position, end: end)
                    do throws(RedoError) {
                        switch changed {
                        case .macro(let macro) where macro.type == .macroBegin: macros.begin(macro)
                        case .macro(let macro):
                            let records = macros.end(macro)
                            try records?.withRecords { (all) throws(RedoError) in try redo.apply(macro: all) }
                        case .extendDatabase, .shrinkDatabase, .trimDatabase: break
                        default: if changed.databaseNumber != nil, !macros.take(item) { try redo.apply(item) }
                        }
                    } catch {
                        errors += 1
                    }
                }
            }
            for number in store.changed.keys {
                guard let page = try store.page(number), !page.flags.contains(.preInit) else { continue }
                let defect = page.check(number: number, keysAscend: true)
                #expect(defect == nil, "seed \(seed) page \(number): \(String(describing: defect))")
            }
        }
        #expect(errors > 100)
    }

    @Test func damagedLogsWithGoodChecksumsAreErrors() throws {
        let original = try RedoSamples.bytes(RedoSamples.Chain.all[0].1)
        var (errors, runs) = (0, 0)
        for seed in 1...150 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = original
            let sector = 1 + random.below(14)
            let start = sector * 4_096
            for _ in 0...random.below(4) {
                bytes[start + 40 + random.below(4_056)] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes.withUnsafeMutableBytes { file in
                LogSegment.seal(
                    file.baseAddress! + start,
                    position: LogPosition(generation: 1, sector: UInt16(sector), byte: 0), time: .none)
            }
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/logs/SRU00001.log", bytes)
            let driver = RedoDriver(disk, RedoSamples.options())
            runs += 1
            do throws(RedoError) {
                try driver.run()
            } catch {
                errors += 1
                #expect(error.code.rawValue < 0)
            }
        }
        #expect(errors > 20 && errors < runs)
    }
}
