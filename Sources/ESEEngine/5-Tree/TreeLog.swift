// Layer: ESEEngine/5-Tree. Uses: 2-Log, Database, Worker. Used by: changes of trees and of space.
// How trees write log records: heads of records, and the call that appends one.

import ESEFormat
import Synchronization

extension LogSpan {
    /// Of what is not logged.
    static let none = LogSpan(startRaw: 0, endRaw: 0)

    /// Of a record that can only be redone with what is in the log since the begin of the worker's transaction: the
    /// checkpoint must not pass that before the page is written. ESE does so with all records (lgposOldestBegin0).
    @inline(__always)
    func fromBegin(of worker: Worker) -> LogSpan {
        from(worker.transaction.loggedBegin)
    }

    /// Of a page that took nodes over from another one. If it is not written redo has to make it again, out of the
    /// other page's image in the log, and then to do all that happened to that page since; also undo steps of
    /// transactions that were open at the time, which take what is in the log since their begins.
    func fromOldestBegin(_ versions: VersionStore) -> LogSpan { from(versions.clock.oldestLoggedBegin) }

    @inline(__always)
    private func from(_ begin: UInt64) -> LogSpan {
        begin > 0 && begin < startRaw ? LogSpan(startRaw: begin, endRaw: endRaw) : self
    }

    /// From the start of this to the end of another.
    @inline(__always)
    func through(_ other: LogSpan) -> LogSpan { LogSpan(startRaw: startRaw, endRaw: other.endRaw) }
}

extension Database {
    /// Appends a record with up to three pieces of payload; does nothing in a database without a log.
    ///
    /// Pages that it changes are announced before (rule L1): see `announce`.
    @inline(__always)
    func append(
        _ record: some LogRecordFields, _ worker: Worker, _ first: UnsafeRawBufferPointer = .none,
        _ second: UnsafeRawBufferPointer = .none, _ third: UnsafeRawBufferPointer = .none
    ) throws(JetError) -> LogSpan {
        guard let log else { return .none }
        // No fixed part is longer than the worker's memory for it.
        record.encodeFixed(into: worker.recordMemory)
        let head = UnsafeRawBufferPointer(start: worker.recordMemory, count: record.fixedByteCount)
        return try log.append(LogPieces(head, first, second, third))
    }

    /// Appends a record that is whole already.
    func append(_ bytes: [UInt8]) throws(JetError) -> LogSpan {
        guard let log else { return .none }
        return try bytes.lend { (bytes) throws(JetError) in try log.append(bytes.buffer) }
    }

    /// Says that a page will be changed by a record that is appended next, so that the checkpoint stays behind it.
    @inline(__always)
    func announce(_ held: HeldPage) {
        if let log, !held.latched.isChanged { buffers.announceChange(held.latched, from: log.endPosition) }
    }
}

extension Tree {
    /// What all records of this tree say of it.
    @inline(__always)
    var recordFlags: LoggedPageFlags {
        var flags: LoggedPageFlags = isUnique ? .unique : []
        if isSpaceTree { flags = LoggedPageFlags(rawValue: flags.rawValue | LoggedPageFlags.space.rawValue) }
        return flags
    }

    /// The head of a record that changes a page.
    @inline(__always)
    func pageFields(
        _ number: PageNumber, time: DatabaseTime, before: DatabaseTime, line: Int, isVersioned: Bool = false,
        _ worker: Worker
    ) -> LoggedPage {
        var flags = recordFlags.rawValue
        if isVersioned { flags |= LoggedPageFlags.versioned.rawValue }
        if worker.isSystem { flags |= LoggedPageFlags.systemTask.rawValue }
        let level = worker.transaction.level
        return LoggedPage(
            session: worker.number, database: database.slot.rawValue, page: number, databaseTime: time,
            databaseTimeBefore: before, transaction: level > 0 ? worker.transaction.begin.logged : 0,
            level: UInt8(truncatingIfNeeded: level), line: UInt16(truncatingIfNeeded: line),
            flags: LoggedPageFlags(rawValue: flags))
    }

    /// The head of a record that changes a node.
    @inline(__always)
    func nodeFields(
        _ held: HeldPage, time: DatabaseTime, line: Int, revision: UInt32, _ worker: Worker
    ) -> LoggedNode {
        LoggedNode(
            page: pageFields(
                held.number, time: time, before: held.page.databaseTime, line: line, isVersioned: revision != 0,
                worker),
            revision: revision, treeRoot: owningRoot, tree: objectID)
    }
}

extension Worker {
    /// Logs what transaction levels began since the last update (they are logged with the first update only).
    @inline(__always)
    func logBegin(_ database: Database) throws(JetError) {
        if loggedLevel < transaction.level, database.log != nil { try logLevels(database) }
    }

    @inline(never)
    private func logLevels(_ database: Database) throws(JetError) {
        let level = transaction.level
        let record = BeginRecord(
            session: number, level: UInt8(truncatingIfNeeded: loggedLevel),
            levelCount: UInt8(truncatingIfNeeded: level - loggedLevel),
            transaction: loggedLevel == 0 ? transaction.begin.logged : nil)
        let isFirst = loggedLevel == 0
        // Before the append: the checkpoint must not pass it.
        if isFirst, let log = database.log { transaction.loggedBegin = log.endPosition.rawValue }
        do throws(JetError) {
            _ = try database.append(record, self)
        } catch {
            if isFirst { transaction.loggedBegin = 0 }
            throw error
        }
        loggedLevel = level
    }
}
