// Layer: ESEEngine/8-Recovery. Uses: ESEFormat. Used by: PageRedo, RedoDriver; undo.
// What the transactions did that the log leaves open, with all that undoing it takes: an operation's record, or the
// UndoInfo record that was logged before its page was written.

public import ESEFormat

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

/// The transactions that are open where redo stands.
public final class RedoTransactions {
    private var sessions: [UInt16: RedoneTransaction] = [:]

    /// Makes an empty list.
    public init() {}

    /// The open ones, in order of their sessions.
    public var open: [RedoneTransaction] { sessions.values.sorted { $0.session < $1.session } }

    /// Forgets all: no session lives on behind the start or the end of an engine.
    func removeAll() { sessions.removeAll() }

    /// Takes back what a database's transactions did; it is gone.
    func removeOperations(of database: UInt8) {
        for session in sessions.keys { sessions[session]?.operations.removeAll { $0.node.page.database == database } }
    }

    /// Follows a begin; nested ones only raise the level.
    func begin(_ record: BeginRecord, at position: LogPosition) {
        let level = min(record.level &+ record.levelCount, 15)
        if let transaction = record.transaction {
            sessions[record.session] = RedoneTransaction(
                session: record.session, transaction: transaction, beginPosition: position, level: level,
                operations: [])
        } else {
            sessions[record.session]?.level = level
        }
    }

    /// Follows the commit of a nested transaction: its operations belong to the outer one.
    func commit(_ record: CommitRecord) {
        guard record.level > 0 else {
            sessions[record.session] = nil
            return
        }
        lower(record.session, to: record.level)
    }

    /// Follows a commit: nothing of it will be undone.
    func commit(_ record: Commit0Record) { sessions[record.session] = nil }

    /// Follows the end of a rollback, whose steps were records of their own.
    func rollback(_ record: RollbackRecord) {
        guard let level = sessions[record.session]?.level else { return }
        guard level > record.levelCount else {
            sessions[record.session] = nil
            return
        }
        let rest = level - record.levelCount
        sessions[record.session]?.operations.removeAll { $0.level > rest }
        sessions[record.session]?.level = rest
    }

    private func lower(_ session: UInt16, to level: UInt8) {
        guard var transaction = sessions.removeValue(forKey: session) else { return }
        for index in transaction.operations.indices where transaction.operations[index].level > level {
            transaction.operations[index].level = level
        }
        transaction.level = level
        sessions[session] = transaction
    }

    /// Keeps an operation; a session that was not seen to begin is taken as begun here.
    func append(_ operation: RedoneOperation) {
        let page = operation.node.page
        let session = page.session
        if sessions[session] == nil {
            sessions[session] = RedoneTransaction(
                session: session, transaction: page.transaction, beginPosition: operation.position, level: page.level,
                operations: [])
        }
        sessions[session]?.operations.append(operation)
    }

    /// Takes what a record UndoInfo says: it completes an operation, or stands for one that wasn't seen.
    func complete(_ record: UndoInfoRecord, _ bytes: Bytes, at position: LogPosition) {
        let session = record.node.page.session
        let (key, data) = (bytes.array(record.key), bytes.array(record.data))
        let before = bytes.array(record.before)
        let found = sessions[session]?.operations.lastIndex {
            $0.revision == record.node.revision && $0.node.page.database == record.node.page.database
        }
        if let found {
            sessions[session]?.operations[found].key = key
            sessions[session]?.operations[found].data = data
            if record.operation == RedoneOperation.Kind.replace.rawValue {
                sessions[session]?.operations[found].before = before
            }
        } else if let kind = RedoneOperation.Kind(rawValue: record.operation), sessions[session] != nil {
            append(
                RedoneOperation(
                    kind: kind, position: position, node: record.node, level: record.node.page.level,
                    revision: record.node.revision, key: key, data: data, before: kind == .replace ? before : nil))
        }
    }

    /// Takes an operation off that a record Undo takes back, and returns it.
    func takeBack(_ record: UndoRecord, _ bytes: Bytes) -> RedoneOperation? {
        let session = record.node.page.session
        let (key, data) = (bytes.array(record.key), bytes.array(record.data))
        guard let operations = sessions[session]?.operations else { return nil }
        let index = operations.lastIndex { operation in
            operation.kind.rawValue == record.operation && operation.node.tree == record.node.tree
                && operation.node.page.database == record.node.page.database
                && (operation.revision == record.node.revision
                    || record.node.revision == 0 && operation.key == key && operation.data == data)
        }
        guard let index else { return nil }
        sessions[session]?.operations.remove(at: index)
        return operations[index]
    }
}

extension Bytes {
    /// A copy of a range of bytes, which lies inside: records check that when they are decoded.
    func array(_ range: Range<Int>) -> [UInt8] { dropFirst(range.lowerBound).prefix(range.count).array() }

    /// Lends a range of the bytes.
    func part(_ range: Range<Int>) -> Bytes { dropFirst(range.lowerBound).prefix(range.count) }
}
