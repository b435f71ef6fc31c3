// Layer: ESEEngineTests. Uses: LogStreamSupport. Used by: nothing.
// The next log file is made ahead while the log may already go on to another one.

import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct LogRollTests {
    /// While the log went on to a new file another one was prepared, under the name that the first was about to lose:
    /// it took its place, and what was written went to a file without a name.
    @Test func fileThatIsPreparedDuringARollTakesNobodysPlace() throws {
        for isAhead in [false, true] {
            let log = TestLog(seed: 7)
            log.environment = LogEnvironment(
                storage: BusyDisk(log.disk, log.tasks), clock: SimulatedClock(seed: 7), tasks: log.tasks,
                reporter: log.reporter)
            let stream = try log.create()
            var records: [TestRecord] = []
            for number in 0..<600 as Range<UInt32> {
                let record = TestRecord(number: number, byteCount: 600)
                records.append(record)
                let span = try record.append(to: stream)
                if number % 7 == 0 { try stream.flush(upTo: span.end) }
                if isAhead, number % 50 == 0 { log.tasks.runAll() }
            }
            try stream.flush()
            let found = log.read()
            #expect(found.problem == nil)
            #expect(found.records.map(\.record) == records)
            #expect(found.generations.count > 4)
        }
    }
}

/// A disk on which tasks that wait get their turn before every file gets another name.
private final class BusyDisk: StorageSystem {
    private let disk: SimulatedDisk
    private let tasks: ManualTaskRunner

    init(_ disk: SimulatedDisk, _ tasks: ManualTaskRunner) {
        self.disk = disk
        self.tasks = tasks
    }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        tasks.run(.prepareLog)
        try disk.rename(path, to: newPath)
    }
    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        // As on Linux a file that is open may be replaced: whoever has it open has one without a name.
        if mode == .replacing, try disk.exists(path) { try disk.remove(path) }
        return try disk.open(path, mode)
    }
    func exists(_ path: String) throws(StorageError) -> Bool { try disk.exists(path) }
    func remove(_ path: String) throws(StorageError) { try disk.remove(path) }
    func list(_ directory: String) throws(StorageError) -> [String] { try disk.list(directory) }
    func createDirectory(_ path: String) throws(StorageError) { try disk.createDirectory(path) }
    func syncDirectory(_ path: String) throws(StorageError) { try disk.syncDirectory(path) }
    func fullPath(_ path: String) throws(StorageError) -> String { try disk.fullPath(path) }
}
