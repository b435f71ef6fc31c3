// Layer: ESEEngine/8-Recovery. Uses: RedoTransactions, 5-Tree. Used by: Recovery.
// What the log leaves open is undone as a rollback does it: newest change first, each found by its bookmark, each
// logged, so that the next recovery knows what was undone already.

import ESEFormat

/// Logs what undoing takes before a page is written that may have the changes already.
final class PendingUndo: Sendable {
    private let transactions: RedoTransactions
    private let stream: LogStream

    init(_ transactions: RedoTransactions, _ stream: LogStream) {
        self.transactions = transactions
        self.stream = stream
    }

    /// Appends what the log does not have; returns where it must be durable.
    func log() throws(JetError) -> LogPosition {
        try transactions.logPending { (operation) throws(JetError) in
            let before = operation.kind == .replace ? operation.before ?? [] : []
            let key = operation.key ?? []
            let page = operation.node.page
            let isUnique = page.flags.contains(.unique)
            let node = LoggedNode(
                page: LoggedPage(
                    session: page.session, database: page.database, page: page.page, databaseTime: DatabaseTime(.max),
                    databaseTimeBefore: DatabaseTime(.max), transaction: page.transaction, level: operation.level,
                    line: 0, flags: isUnique ? [.versioned, .unique] : .versioned),
                revision: operation.revision, treeRoot: operation.node.treeRoot, tree: operation.node.tree)
            let record = UndoInfoRecord(
                node: node, keyByteCount: UInt16(truncatingIfNeeded: key.count),
                dataByteCount: UInt16(truncatingIfNeeded: operation.data.count), operation: operation.kind.rawValue,
                greatestByteCount: 0, sizeChange: 0, beforeByteCount: UInt16(truncatingIfNeeded: before.count))
            let memory = UnsafeMutableRawPointer.allocate(byteCount: record.fixedByteCount, alignment: 8)
            defer { memory.deallocate() }
            record.encodeFixed(into: memory)
            let head = UnsafeRawBufferPointer(start: memory, count: record.fixedByteCount)
            let payload = key + operation.data + before
            return try payload.lend { (payload) throws(JetError) in
                try stream.append(LogPieces(head, payload.buffer)).end
            }
        }
    }
}

/// A node in the names of operations, as far as telling them apart goes.
private struct UndoneNodes {
    /// How many operations there are by a number that nodes seldom share.
    private var counts: [Int: Int] = [:]

    init(_ transactions: [RedoneTransaction]) {
        for transaction in transactions {
            for operation in transaction.operations { counts[Self.number(operation), default: 0] += 1 }
        }
    }

    private static func number(_ operation: RedoneOperation) -> Int {
        var hasher = Hasher()
        hasher.combine(operation.node.page.database)
        hasher.combine(operation.node.treeRoot.rawValue)
        hasher.combine(operation.key)
        hasher.combine(operation.data)
        return hasher.finalize()
    }

    /// Counts an operation as done; whether it was the last one of its node.
    mutating func isLast(_ operation: RedoneOperation) -> Bool {
        let number = Self.number(operation)
        counts[number, default: 1] -= 1
        return counts[number] == 0
    }
}

extension Recovery {
    /// Undoes all open transactions, the one that began last first.
    func undo(_ driver: RedoDriver<BufferRedoPages>, _ result: inout RecoveryResult) throws(RedoError) {
        let open = driver.transactions.open.sorted { $0.beginPosition > $1.beginPosition }
        let total = max(open.reduce(0) { $0 + $1.operations.count }, 1)
        var nodes = UndoneNodes(open)
        var databases: [UInt8: UndoneDatabase] = [:]
        for (number, database) in driver.attached {
            // What was never made will be removed.
            guard let pages = database.pages, !database.isUnfinished else { continue }
            databases[number] = UndoneDatabase(
                Database(
                    slot: pages.slot, pageSize: pages.pageSize, buffers: buffers, log: result.log, versions: versions,
                    file: pages.file.file, lastPage: .none, lastTime: database.header.lastDatabaseTime,
                    lastObject: database.header.lastObjectID))
        }
        for transaction in open.map({ ($0.session, $0.transaction, $0.level) }) {
            let (session, number, level) = transaction
            let state = versions.clock.make(session: session)
            versions.clock.begin(state, at: TransactionNumber(logged: number, near: versions.clock.newest))
            let worker = Worker(state)
            defer {
                try? versions.rollbackAll(state) { (_: Revision) throws(JetError) in }
                versions.clock.release(state)
            }
            while let operation = driver.transactions.last(of: session) {
                let isLast = nodes.isLast(operation)
                if let database = databases[operation.node.page.database] {
                    try undo(operation, database, removesNode: isLast, worker)
                    result.undoneCount += 1
                    if result.undoneCount & 0xff == 0 { try step(900 + 90 * result.undoneCount / total) }
                }
                driver.transactions.removeLast(of: session)
            }
            _ = try Self.during { () throws(JetError) in
                try result.log.append(fields: RollbackRecord(session: session, levelCount: max(level, 1)))
            }
            driver.transactions.end(session)
            result.undoneTransactionCount += 1
        }
        for (number, undone) in databases {
            guard let database = driver.attached[number] else { continue }
            database.header.lastDatabaseTime = max(database.header.lastDatabaseTime, undone.database.lastTime)
        }
    }

    private func undo(
        _ operation: RedoneOperation, _ database: UndoneDatabase, removesNode: Bool, _ worker: Worker
    ) throws(RedoError) {
        let page = operation.node.page
        guard let key = operation.key, operation.isComplete,
            let kind = RevisionOperation(rawValue: operation.kind.rawValue)
        else {
            environment.reporter.report(
                .error, "the log does not tell how to undo the change at \(operation.position) of page \(page.page)")
            throw RedoError(.logFileCorrupt, at: operation.position, database: page.database, page: page.page)
        }
        do throws(JetError) {
            let tree = try database.tree(operation.node)
            let bookmark = tree.isUnique ? key : key + operation.data
            try bookmark.lend { (bookmark) throws(JetError) in
                try (operation.before ?? []).lend { (before) throws(JetError) in
                    let change = LoggedChange(
                        operation: kind, id: operation.revision, level: operation.level, before: before,
                        delta: operation.delta, offset: operation.byteOffset)
                    try tree.undo(
                        change, Bookmark(bookmark, keyByteCount: key.count), removesNode: removesNode, worker)
                }
            }
        } catch {
            throw RedoError(error, at: operation.position, database: page.database, page: page.page)
        }
    }
}

/// A database and its trees, for undoing.
private final class UndoneDatabase {
    let database: Database
    private var trees: [PageNumber: Tree] = [:]

    init(_ database: Database) { self.database = database }

    /// The tree of a record.
    func tree(_ node: LoggedNode) throws(JetError) -> Tree {
        if let known = trees[node.treeRoot], known.objectID == node.tree { return known }
        let held = try database.latch(node.treeRoot, .shared)
        let (flags, objectID) = (held.page.flags, held.page.objectID)
        database.release(held)
        guard flags.contains(.root), !flags.contains(.spaceTree), objectID == node.tree else {
            throw .databaseCorrupted
        }
        let tree = Tree(
            database: database, root: node.treeRoot, objectID: objectID,
            pageFlags: flags.intersection([.index, .longValue, .nonUnique]), parent: nil, greatestKeyByteCount: 255)
        trees[node.treeRoot] = tree
        return tree
    }
}
