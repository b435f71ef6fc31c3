// Redo of a log over pages of any age: whatever mix of old and new pages a crash leaves, redo ends with the same pages.

import ESEFormat
import ESETestKit
import Foundation
import Primitives
import Testing

@testable import ESEEngine

/// A log's records of one database, and every state of every page.
final class RecordedLog {
    /// Pages that remember each state they were in.
    final class Pages: RedoPages {
        let store: RedoPageStore
        var history: [PageNumber: [[UInt8]]] = [:]

        init(_ store: RedoPageStore) { self.store = store }

        var pageSize: PageSize { store.pageSize }
        func page(_ number: PageNumber) throws(JetError) -> Page? { try store.page(number) }
        func newPage(_ number: PageNumber) throws(JetError) -> Page { try store.newPage(number) }
        func markChanged(_ number: PageNumber, at position: LogPosition, end: LogPosition) {
            store.markChanged(number, at: position, end: end)
            guard let page = try? store.page(number) else { return }
            history[number, default: []].append(
                [UInt8](UnsafeRawBufferPointer(start: page.base, count: page.byteCount)))
        }
        func release() { store.release() }
        func extend(to lastPage: PageNumber) { store.extend(to: lastPage) }
        func shrink(to lastPage: PageNumber) { store.shrink(to: lastPage) }
        func trim(_ first: PageNumber, pageCount: UInt32) { store.trim(first, pageCount: pageCount) }
    }

    private(set) var records: [(record: LogRecord, bytes: [UInt8], position: LogPosition, end: LogPosition)] = []
    private(set) var history: [PageNumber: [[UInt8]]] = [:]
    private(set) var contents: [PageNumber: PageContents] = [:]

    /// Redoes the logs on a disk once.
    init(_ disk: SimulatedDisk, _ options: RedoOptions) throws {
        let driver = RedoDriver<Pages>(disk, options) { (size, file) throws(JetError) in
            Pages(try RedoPageStore(pageSize: size, file: file))
        }
        driver.onRecord = { [self] item in
            records.append((item.record, item.bytes.array(), item.position, item.end))
        }
        try driver.run()
        let pages = try #require(driver.databases.first?.pages)
        history = pages.history
        for number in history.keys { contents[number] = try pages.page(number).map { PageContents($0) } }
    }

    /// Redoes all records on other pages; returns what was done.
    func redo(_ store: RedoPageStore) throws -> RedoCounts {
        let redo = PageRedo(store, database: 1, transactions: RedoTransactions())
        var macros = RedoMacros()
        for (record, bytes, position, end) in records {
            try bytes.lend { bytes in
                let item = RedoRecord(record, bytes, at: position, end: end)
                switch record {
                case .macro(let macro) where macro.type == .macroBegin: macros.begin(macro)
                case .macro(let macro):
                    let records = macros.end(macro)
                    guard macro.type == .macroCommit else { break }
                    try records?.withRecords { (all) throws(RedoError) in try redo.apply(macro: all) }
                default: if record.databaseNumber != nil, !macros.take(item) { try redo.apply(item) }
                }
            }
        }
        #expect(redo.missing.isEmpty)
        return redo.counts
    }
}

@Suite(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason), .serialized) struct RedoCrashTests {
    @Test func everyMixOfOldAndNewPagesConverges() throws {
        let log = try RecordedLog(try RedoSamples.disk(RedoSamples.Chain.all), RedoSamples.options())
        let numbers = log.history.keys.sorted()
        var total = RedoCounts()
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let store = try RedoPageStore(pageSize: .kibibytes4)
            let bias = random.below(4)
            for number in numbers {
                let states = log.history[number] ?? []
                // Never written, any state, or the last one.
                let choice =
                    switch bias {
                    case 0: random.below(states.count + 1)
                    case 1: random.oneIn(2) ? 0 : states.count
                    case 2: random.oneIn(10) ? random.below(states.count + 1) : states.count
                    default: random.oneIn(10) ? random.below(states.count + 1) : 0
                    }
                if choice > 0 { store.put(number, states[choice - 1]) }
            }
            let counts: RedoCounts
            do {
                counts = try log.redo(store)
            } catch {
                Issue.record("seed \(seed): \(error)")
                continue
            }
            total.beforeImages += counts.beforeImages
            total.skipped += counts.skipped
            total.applied += counts.applied
            total.missing += counts.missing
            for number in numbers {
                let page = try store.page(number)
                if let page, let last = log.history[number]?.last,
                    memcmp(page.base, last, page.byteCount) == 0
                {
                    continue
                }
                // Nodes may lie elsewhere on the page.
                let contents = page.map { PageContents($0) }
                if contents != log.contents[number] {
                    let text = contents.flatMap { found in log.contents[number].flatMap { found.difference($0) } }
                    Issue.record("seed \(seed) page \(number): \(text ?? "missing")")
                }
            }
        }
        #expect(total.beforeImages > 0)
    }
}
