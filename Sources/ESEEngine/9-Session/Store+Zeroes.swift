// Layer: ESEEngine/9-Session. Uses: Store, 7-Table. Used by: cleaning, sessions.
// Records whose counter has become zero (JET_bitColumnDeleteOnZero) are deleted by the engine itself, after everybody
// sees the zero.
//
// A delta that may have made a zero says so in its revision. When that is cleaned its record is noted here, and looked
// at after the cleaning, in a transaction: by deletion of a row as any session does it, for the log and for others.
// What a crash cuts off before that stays, with its counter at zero, as in Windows.

import ESEFormat
import PlatformIO
import Synchronization

/// A record that may have to be deleted.
private struct ZeroRecord: Hashable {
    let database: UInt8
    let table: ObjectID
    let key: [UInt8]
    /// Where the counter is in the record.
    let offset: Int
    let byteCount: Int
}

/// Records that are to be looked at. Safe from any thread.
final class ZeroQueue: @unchecked Sendable {
    /// More are not kept; the records stay, with their counters at zero.
    private static let greatestCount = 16_384

    /// Held while records are deleted.
    fileprivate let working = Lock()
    private let lock = Lock()
    // Under the lock.
    private var records: Set<ZeroRecord> = []
    /// How often a transaction was committed that took counters to zero.
    private let wanted = Atomic<UInt64>(0)
    /// Up to which of them all is done.
    private let served = Atomic<UInt64>(0)

    /// Whether there are none.
    var isEmpty: Bool { lock.withLock { records.isEmpty } }

    /// How often somebody wanted that records are looked at.
    var wantedCount: UInt64 { wanted.load(ordering: .acquiring) }

    /// Whether something of that is not done.
    @inline(__always)
    fileprivate var isWanted: Bool { wanted.load(ordering: .relaxed) != served.load(ordering: .relaxed) }

    /// All that was wanted up to then is done.
    func serve(_ count: UInt64) { served.store(count, ordering: .releasing) }

    /// Somebody wants it.
    fileprivate func want() { wanted.add(1, ordering: .releasing) }

    /// Notes the record of a revision in the tree of a table.
    func add(_ revision: Revision, _ table: ObjectID) {
        add(
            ZeroRecord(
                database: revision.database, table: table, key: [UInt8](revision.key), offset: revision.offset,
                byteCount: revision.operation == .delta ? 4 : 8))
    }

    fileprivate func add(_ record: ZeroRecord) {
        lock.withLock { if records.count < Self.greatestCount { records.insert(record) } }
    }

    /// Takes all records out, or those of a database.
    fileprivate func take(_ database: UInt8?) -> [ZeroRecord] {
        lock.withLock {
            guard let database else {
                defer { records = [] }
                return Array(records)
            }
            let taken = records.filter { $0.database == database }
            records.subtract(taken)
            return Array(taken)
        }
    }

    /// Forgets those of a database that goes.
    func forget(_ database: UInt8) { _ = take(database) }
}

extension Store {
    /// Whether transactions took counters to zero, and not all of their records were looked at.
    @inline(__always)
    var hasZeroes: Bool { zeroes.isWanted }

    /// A transaction that did was committed.
    func noteZeroes() { zeroes.want() }

    /// The number of the session that deletes the records; none that others have.
    private static let zeroSession: UInt16 = 0xfe00

    /// Deletes the records that were noted, of one database or of all. Those that somebody changes or may see otherwise
    /// are noted again. Without latches, and in no update.
    /// - Returns: Whether any was deleted.
    @discardableResult
    func deleteZeroes(of database: UInt8? = nil) -> Bool {
        zeroes.working.withLock {
            let records = zeroes.take(database)
            if records.isEmpty { return false }
            let worker = Worker(versions.clock.make(session: Self.zeroSession), isSystem: true)
            add(worker)
            defer { remove(worker) }
            let session = TableSession(worker, versions: versions, log: log, trees: self)
            var isAnyDeleted = false
            for record in records {
                switch delete(record, session) {
                case .deleted: isAnyDeleted = true
                case .kept: break
                case .undecided: zeroes.add(record)
                }
            }
            return isAnyDeleted
        }
    }

    private func delete(_ record: ZeroRecord, _ session: TableSession) -> ZeroOutcome {
        guard failure == nil, let open = self.database(record.database), !open.isTemporary else { return .kept }
        do throws(JetError) {
            return try session.inLevel { () throws(JetError) in
                let table = try open.catalog().table(objectID: record.table, session)
                // While this transaction is open the table is not dropped, so it needs no guard against that.
                let cursor = RowCursor(table, session, isCounted: false)
                return try record.key.lend { (key) throws(JetError) in
                    try cursor.deleteAtZero(key, offset: record.offset, byteCount: record.byteCount)
                }
            }
        } catch {
            if session.transaction.level > 0 { makeUnavailable(error) }
            if error == .writeConflict || error == .versionStoreOutOfMemory { return .undecided }
            if error != .objectNotFound, error != .tableLocked, error != .recordDeleted {
                reporter.report(.error, "\(open.path): a record whose counter is zero could not be deleted: \(error)")
            }
            return .kept
        }
    }
}
