// Layer: ESEEngine/8-Recovery. Uses: ESEFormat. Used by: PageRedo, RedoDriver; undo.
// What the transactions did that the log leaves open, with all that undoing it takes: an operation's record, or the
// UndoInfo record that was logged before its page was written.
//
// Redo knows what was on a page before a change only while the page has not got it yet. So before a page is written
// while others' work is redone, what is known of all open operations goes to the log behind its end: `logPending`.

public import ESEFormat
import PlatformIO

/// A change of a node that can be undone.
public struct RedoneOperation: Hashable, Sendable {
    /// What was done; the numbers are those of the log. ESE's term: OPER.
    public enum Kind: UInt16, Sendable {
        /// Undone by marking the node as deleted.
        case insert = 1
        /// Undone by putting the data before back.
        case replace = 2
        /// Undone by taking the mark away.
        case flagDelete = 3
        /// Undone by adding the negative number.
        case delta = 4
        /// Same, of 64 bits.
        case delta64 = 9
    }

    /// What was done.
    public var kind: Kind
    /// The record.
    public var position: LogPosition
    /// The head of the record: database, page, line, tree, revision, transaction.
    public var node: LoggedNode
    /// The level of the transaction that it belongs to now: commits of nested ones lower it.
    public var level: UInt8
    /// The revision that it makes. ESE's term: rceid.
    public var revision: UInt32
    /// The key of the bookmark; nil if neither page nor log tell, which is an error when it is to be undone.
    public var key: [UInt8]?
    /// The data of the bookmark, in trees whose keys are not unique.
    public var data: [UInt8]
    /// The data before, for `replace`; nil as for `key`.
    public var before: [UInt8]?
    /// What was added, for deltas.
    public var delta: Int64 = 0
    /// Where in the node's data, for deltas.
    public var byteOffset = 0
    /// Whether the log has what undoing takes, in this record or in one of its own.
    public var isLogged = false

    /// Whether all that undoing takes is known.
    public var isComplete: Bool { key != nil && (kind != .replace || before != nil) }
}

/// A transaction that the log leaves open.
public struct RedoneTransaction: Hashable, Sendable {
    /// The session's number in the log. ESE's term: procid.
    public var session: UInt16
    /// Its number. ESE's term: trxBegin0.
    public var transaction: UInt32
    /// Where it began; the place of its first operation if that isn't in the logs that were read.
    public var beginPosition: LogPosition
    /// How deep it is nested, from 1.
    public var level: UInt8
    /// What it did and did not take back itself, in the order of the log.
    public var operations: [RedoneOperation]
}

/// The transactions that are open where redo stands. Changed by one thread; `logPending` may come from any.
public final class RedoTransactions: @unchecked Sendable {  // all under `lock`
    private let lock = Lock()
    private var sessions: [UInt16: Entry] = [:]
    /// Whether there may be operations that the log doesn't tell enough of.
    private var hasPending = false
    /// Where the log has the last of what was logged.
    private var loggedEnd = LogPosition.none

    private struct Entry {
        var transaction: RedoneTransaction
        /// Operations before this one are logged.
        var loggedCount = 0

        /// Removes an operation.
        mutating func remove(at index: Int) -> RedoneOperation {
            if index < loggedCount { loggedCount -= 1 }
            return transaction.operations.remove(at: index)
        }

        /// Removes those of a kind.
        mutating func removeAll(_ isGone: (RedoneOperation) -> Bool) {
            transaction.operations.removeAll(where: isGone)
            loggedCount = 0
        }

        /// Completes the operation of a revision; false if there is none.
        mutating func complete(
            _ node: LoggedNode, key: [UInt8], data: [UInt8], before: [UInt8], isReplace: Bool
        ) -> Bool {
            let found = transaction.operations.lastIndex {
                $0.revision == node.revision && $0.node.page.database == node.page.database
            }
            guard let found else { return false }
            transaction.operations[found].key = key
            transaction.operations[found].data = data
            if isReplace { transaction.operations[found].before = before }
            transaction.operations[found].isLogged = true
            return true
        }

        /// Takes the newest operation off that fits.
        mutating func take(where fits: (RedoneOperation) -> Bool) -> RedoneOperation? {
            transaction.operations.lastIndex(where: fits).map { remove(at: $0) }
        }

        /// Lends what is not logged.
        mutating func logPending(
            _ end: inout LogPosition, _ body: (RedoneOperation) throws(JetError) -> LogPosition
        ) throws(JetError) {
            while loggedCount < transaction.operations.count {
                let operation = transaction.operations[loggedCount]
                if operation.needsUndoInformation, !operation.isLogged, operation.isComplete {
                    end = max(end, try body(operation))
                    transaction.operations[loggedCount].isLogged = true
                }
                loggedCount += 1
            }
        }
    }

    /// Makes an empty list.
    public init() {}

    /// The open ones, in order of their sessions.
    public var open: [RedoneTransaction] {
        lock.withLock { sessions.values.map(\.transaction).sorted { $0.session < $1.session } }
    }

    /// Forgets all: no session lives on behind the start or the end of an engine.
    func removeAll() { lock.withLock { sessions.removeAll() } }

    /// Takes back what a database's transactions did; it is gone.
    func removeOperations(of database: UInt8) {
        lock.withLock {
            for session in sessions.keys { sessions[session]?.removeAll { $0.node.page.database == database } }
        }
    }

    /// Follows a begin; nested ones only raise the level.
    func begin(_ record: BeginRecord, at position: LogPosition) {
        let level = min(record.level &+ record.levelCount, 15)
        lock.withLock {
            if let transaction = record.transaction {
                sessions[record.session] = Entry(
                    transaction: RedoneTransaction(
                        session: record.session, transaction: transaction, beginPosition: position, level: level,
                        operations: []))
            } else {
                sessions[record.session]?.transaction.level = level
            }
        }
    }

    /// Follows the commit of a nested transaction: its operations belong to the outer one.
    func commit(_ record: CommitRecord) {
        lock.withLock {
            guard record.level > 0 else {
                sessions[record.session] = nil
                return
            }
            lower(record.session, to: record.level)
        }
    }

    /// Follows a commit: nothing of it will be undone.
    func commit(_ record: Commit0Record) { lock.withLock { sessions[record.session] = nil } }

    /// Follows the end of a rollback, whose steps were records of their own.
    func rollback(_ record: RollbackRecord) {
        lock.withLock {
            guard let level = sessions[record.session]?.transaction.level else { return }
            guard level > record.levelCount else {
                sessions[record.session] = nil
                return
            }
            let rest = level - record.levelCount
            sessions[record.session]?.removeAll { $0.level > rest }
            sessions[record.session]?.transaction.level = rest
        }
    }

    private func lower(_ session: UInt16, to level: UInt8) {
        guard var entry = sessions.removeValue(forKey: session) else { return }
        for index in entry.transaction.operations.indices where entry.transaction.operations[index].level > level {
            entry.transaction.operations[index].level = level
        }
        entry.transaction.level = level
        sessions[session] = entry
    }

    /// Keeps an operation; a session that was not seen to begin is taken as begun here.
    func append(_ operation: RedoneOperation) { lock.withLock { add(operation) } }

    private func add(_ operation: RedoneOperation) {
        let page = operation.node.page
        let session = page.session
        if sessions[session] == nil {
            sessions[session] = Entry(
                transaction: RedoneTransaction(
                    session: session, transaction: page.transaction, beginPosition: operation.position,
                    level: page.level, operations: []))
        }
        sessions[session]?.transaction.operations.append(operation)
        if operation.needsUndoInformation, !operation.isLogged { hasPending = true }
    }

    /// Takes what a record UndoInfo says: it completes an operation, or stands for one that wasn't seen. It may come
    /// after the end of its transaction; then it means nothing.
    func complete(_ record: UndoInfoRecord, _ bytes: Bytes, at position: LogPosition) {
        let page = record.node.page
        let (key, data) = (bytes.array(record.key), bytes.array(record.data))
        let before = bytes.array(record.before)
        lock.withLock {
            guard sessions[page.session]?.transaction.transaction == page.transaction else { return }
            let isFound = sessions[page.session]?.complete(
                record.node, key: key, data: data, before: before,
                isReplace: record.operation == RedoneOperation.Kind.replace.rawValue)
            if isFound != true, let kind = RedoneOperation.Kind(rawValue: record.operation) {
                add(
                    RedoneOperation(
                        kind: kind, position: position, node: record.node, level: page.level,
                        revision: record.node.revision, key: key, data: data, before: kind == .replace ? before : nil,
                        isLogged: true))
            }
        }
    }

    /// Takes an operation off that a record Undo takes back, and returns it.
    func takeBack(_ record: UndoRecord, _ bytes: Bytes) -> RedoneOperation? {
        let session = record.node.page.session
        let (key, data) = (bytes.array(record.key), bytes.array(record.data))
        return lock.withLock {
            sessions[session]?.take { operation in
                operation.kind.rawValue == record.operation && operation.node.tree == record.node.tree
                    && operation.node.page.database == record.node.page.database
                    && (operation.revision == record.node.revision
                        || record.node.revision == 0 && operation.key == key && operation.data == data)
            }
        }
    }

    // MARK: Undo.

    /// The newest operation of a session that is to be undone; nil if there is none left.
    func last(of session: UInt16) -> RedoneOperation? {
        lock.withLock { sessions[session]?.transaction.operations.last }
    }

    /// Says that it was undone.
    func removeLast(of session: UInt16) {
        lock.withLock {
            guard let count = sessions[session]?.transaction.operations.count, count > 0 else { return }
            _ = sessions[session]?.remove(at: count - 1)
        }
    }

    /// Says that a session's transaction was undone.
    func end(_ session: UInt16) { lock.withLock { sessions[session] = nil } }

    /// Lends all operations that undoing takes more for than their records tell, and that aren't logged yet. `body`
    /// logs one and returns where its record ends; this returns the end of all that ever were.
    func logPending(_ body: (RedoneOperation) throws(JetError) -> LogPosition) throws(JetError) -> LogPosition {
        try lock.withLock { () throws(JetError) in
            guard hasPending else { return loggedEnd }
            for session in sessions.keys.sorted() { try sessions[session]?.logPending(&loggedEnd, body) }
            hasPending = false
            return loggedEnd
        }
    }
}

extension RedoneOperation {
    /// Whether the record itself does not tell what undoing takes.
    var needsUndoInformation: Bool { kind == .replace || kind == .flagDelete }
}

extension Bytes {
    /// A copy of a range of bytes, which lies inside: records check that when they are decoded.
    func array(_ range: Range<Int>) -> [UInt8] { dropFirst(range.lowerBound).prefix(range.count).array() }

    /// Lends a range of the bytes.
    func part(_ range: Range<Int>) -> Bytes { dropFirst(range.lowerBound).prefix(range.count) }
}
