// Redo of single records: when they are applied, what the rarer kinds do, and what is kept for undoing.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct RedoRecordTests {
    /// A tree's root leaf 10 with three nodes at time 100, and what redoes it.
    private final class Rig {
        let store: RedoPageStore
        let transactions = RedoTransactions()
        let redo: PageRedo<RedoPageStore>
        private var sector: UInt16 = 1

        init() throws {
            store = try RedoPageStore(pageSize: .kibibytes4)
            redo = PageRedo(store, database: 1, transactions: transactions)
            try make(10, flags: [.root, .leaf, .newRecordFormat], nodes: [[1], [2], [3]])
        }

        func make(_ number: UInt32, flags: PageFlags, nodes: [[UInt8]], data: [UInt8] = [9, 9, 9, 9]) throws {
            let page = try store.newPage(PageNumber(number))
            page.initialize(
                number: PageNumber(number), objectID: ObjectID(5), flags: flags, databaseTime: DatabaseTime(100))
            for key in nodes {
                key.lend { key in
                    data.lend {
                        page.insert(at: page.nodeCount, key: BytePieces(key), data: BytePieces($0), flags: [])
                    }
                }
            }
        }

        func head(
            _ page: UInt32 = 10, line: UInt16 = 0, before: UInt64 = 100, after: UInt64 = 101,
            flags: LoggedPageFlags = [.unique, .versioned]
        ) -> LoggedPage {
            LoggedPage(
                session: 3, database: 1, page: PageNumber(page), databaseTime: DatabaseTime(after),
                databaseTimeBefore: DatabaseTime(before), transaction: 7, level: 1, line: line, flags: flags)
        }

        func node(
            line: UInt16 = 0, before: UInt64 = 100, after: UInt64 = 101, revision: UInt32 = 1
        ) -> LoggedNode {
            LoggedNode(
                page: head(line: line, before: before, after: after), revision: revision, treeRoot: PageNumber(10),
                tree: ObjectID(5))
        }

        func apply(_ record: LogRecord, fixed: Int = 0, _ payload: [UInt8] = []) throws(RedoError) {
            sector += 1
            let position = LogPosition(generation: 1, sector: sector, byte: 0)
            let bytes = [UInt8](repeating: 0, count: fixed) + payload
            try bytes.lend { (bytes) throws(RedoError) in
                try redo.apply(RedoRecord(record, bytes, at: position, end: position))
            }
        }

        func nodes(_ page: UInt32 = 10) throws -> [ModelNode] {
            let page = try #require(try store.page(PageNumber(page)))
            return (0..<page.nodeCount).map { ModelNode(page.node($0)) }
        }

        func flagDelete(before: UInt64, after: UInt64) throws(RedoError) {
            try apply(.flagDelete(FlagDeleteRecord(node: node(line: 1, before: before, after: after))))
        }
    }

    @Test func aRecordIsAppliedToThePageBeforeIt() throws {
        let rig = try Rig()
        try rig.flagDelete(before: 100, after: 101)
        #expect(rig.redo.counts.applied == 1)
        #expect(try rig.nodes()[1].flags == [.deleted, .versioned])
        #expect(try rig.store.page(PageNumber(10))?.databaseTime == DatabaseTime(101))
    }

    @Test(arguments: [90, 100]) func aRecordIsSkippedOnPagesThatHaveIt(_ after: UInt64) throws {
        let rig = try Rig()
        try rig.flagDelete(before: 50, after: after)
        #expect(rig.redo.counts.skipped == 1)
        #expect(try rig.nodes()[1].flags == [])
    }

    @Test func aPageThatIsTooOldIsNamed() throws {
        let rig = try Rig()
        let error = #expect(throws: RedoError.self) { try rig.flagDelete(before: 105, after: 110) }
        #expect(error?.code == RedoError.Code.databaseTimeTooOld)
        #expect(error?.code.rawValue == -566)
        #expect(error?.page == PageNumber(10))
        #expect(error?.database == 1)
        #expect(error?.position == LogPosition(generation: 1, sector: 2, byte: 0))
        #expect(error?.expected == DatabaseTime(105))
        #expect(error?.found == DatabaseTime(100))
    }

    @Test func aPageThatIsTooNewIsNamed() throws {
        let rig = try Rig()
        let error = #expect(throws: RedoError.self) { try rig.flagDelete(before: 90, after: 110) }
        #expect(error?.code.rawValue == -567)
        #expect(error?.page == PageNumber(10))
    }

    @Test func aLineThatIsNotThereIsACorruptLog() throws {
        let rig = try Rig()
        let error = #expect(throws: RedoError.self) {
            try rig.apply(.flagDelete(FlagDeleteRecord(node: rig.node(line: 3))))
        }
        #expect(error?.code == .logFileCorrupt)
    }

    @Test func aPageThatWasNeverWrittenIsSettledByATrim() throws {
        let rig = try Rig()
        let node = LoggedNode(
            page: rig.head(20), revision: 0, treeRoot: PageNumber(10), tree: ObjectID(5))
        try rig.apply(.delete(DeleteRecord(node: node)))
        #expect(rig.redo.missing[PageNumber(20)]?.code == RedoError.Code.databaseTimeTooOld)
        try rig.apply(
            .trimDatabase(TrimDatabaseRecord(database: 1, firstPage: PageNumber(18), pageCount: 4)))
        #expect(rig.redo.missing.isEmpty)
        #expect(rig.redo.counts.missing == 1)
    }

    @Test func filesGrowShrinkAndGetHoles() throws {
        let rig = try Rig()
        try rig.apply(.extendDatabase(ExtendDatabaseRecord(database: 1, lastPage: PageNumber(64))))
        #expect(rig.store.lastPage == PageNumber(64))
        try rig.apply(
            .shrinkDatabase(
                ShrinkDatabaseRecord(
                    database: 1, lastPage: PageNumber(9), pageCount: 55, databaseTime: DatabaseTime(101))))
        #expect(rig.store.lastPage == PageNumber(9))
        #expect(try rig.store.page(PageNumber(10)) == nil)
    }

    @Test func aNewPageIsTakenOnce() throws {
        let rig = try Rig()
        let record = NewPageRecord(
            session: 3, database: 1, page: PageNumber(30), tree: ObjectID(5), databaseTime: DatabaseTime(120))
        try rig.apply(.newPage(record))
        let page = try #require(try rig.store.page(PageNumber(30)))
        #expect(page.flags == [.preInit, .newRecordFormat])
        try rig.apply(.newPage(record))
        #expect(rig.redo.counts.applied == 1)
        #expect(rig.redo.counts.skipped == 1)
    }

    @Test func aPageMovesWithItsSiblingsAndItsParent() throws {
        let rig = try Rig()
        let leaf: PageFlags = [.leaf, .newRecordFormat]
        try rig.make(20, flags: leaf, nodes: [[1]])
        try rig.make(21, flags: leaf, nodes: [[3], [4]])
        try rig.make(22, flags: leaf, nodes: [[7]])
        try rig.make(11, flags: [.root, .parentOfLeaf, .newRecordFormat], nodes: [[2], [6], []], data: [20, 0, 0, 0])
        let parent = try #require(try rig.store.page(PageNumber(11)))
        parent.setChild(1, PageNumber(21))
        parent.setChild(2, PageNumber(22))
        let source = try #require(try rig.store.page(PageNumber(21)))
        let image = [UInt8](UnsafeRawBufferPointer(start: source.base, count: source.byteCount))
        let time = DatabaseTime(100)
        let record = PageMoveRecord(
            page: rig.head(21), destination: PageNumber(40), left: PageNumber(20), right: PageNumber(22),
            parent: PageNumber(11), leftTimeBefore: time, rightTimeBefore: time, parentTimeBefore: time,
            treeRoot: PageNumber(11), tree: ObjectID(5), parentLine: 1, flags: 0, headerByteCount: 3_000,
            trailerByteCount: 1_096)
        try rig.apply(.pageMove(record), fixed: 96, image)
        #expect(try rig.nodes(40).map(\.key) == [[3], [4]])
        #expect(parent.child(1) == PageNumber(40))
        #expect(try rig.store.page(PageNumber(20))?.next == PageNumber(40))
        #expect(try rig.store.page(PageNumber(22))?.previous == PageNumber(40))
        #expect(source.flags.contains(.empty))
        for number in [11, 20, 21, 22, 40] as [UInt32] {
            #expect(try rig.store.page(PageNumber(number))?.databaseTime == DatabaseTime(101))
        }
    }

    @Test func aReplaceKeepsWhatWasBeforeAndIsTakenBack() throws {
        let rig = try Rig()
        let record = ReplaceRecord(node: rig.node(line: 1), oldDataByteCount: 4, newDataByteCount: 2)
        try rig.apply(.replace(record), fixed: 50, [7, 8])
        #expect(try rig.nodes()[1].data == [7, 8])
        let operation = try #require(rig.transactions.open.first?.operations.first)
        #expect(operation.kind == .replace)
        #expect(operation.key == [2])
        #expect(operation.before == [9, 9, 9, 9])
        #expect(operation.isComplete)
        let undo = UndoRecord(
            node: rig.node(line: 1, before: 101, after: 102), keyByteCount: 1, dataByteCount: 0, operation: 2, level: 1)
        try rig.apply(.undo(undo), fixed: 51, [2])
        #expect(try rig.nodes()[1].data == [9, 9, 9, 9])
        #expect(rig.transactions.open.first?.operations.isEmpty == true)
    }

    @Test func undoInfoCompletesAChangeThatThePageHasAlready() throws {
        let rig = try Rig()
        let record = ReplaceRecord(
            node: rig.node(line: 1, before: 90, after: 100, revision: 44), oldDataByteCount: 6, newDataByteCount: 4)
        try rig.apply(.replace(record), fixed: 50, [9, 9, 9, 9])
        #expect(rig.redo.counts.skipped == 1)
        #expect(rig.transactions.open.first?.operations.first?.isComplete == false)
        let info = UndoInfoRecord(
            node: rig.node(line: 1, before: 90, after: 100, revision: 44), keyByteCount: 1, dataByteCount: 0,
            operation: 2, greatestByteCount: 6, sizeChange: -2, beforeByteCount: 6)
        try rig.apply(.undoInfo(info), fixed: 56, [2, 1, 2, 3, 4, 5, 6])
        let operations = try #require(rig.transactions.open.first?.operations)
        #expect(operations.count == 1)
        #expect(operations[0].key == [2])
        #expect(operations[0].before == [1, 2, 3, 4, 5, 6])
    }

    @Test func additionsAreTakenBack() throws {
        let rig = try Rig()
        let record = DeltaRecord(node: rig.node(), keyByteCount: 1, isWide: false, delta: 5, byteOffset: 0)
        try rig.apply(.delta(record), fixed: 54, [1])
        #expect(try rig.nodes()[0].data == [14, 9, 9, 9])
        let undo = UndoRecord(
            node: rig.node(before: 101, after: 102), keyByteCount: 1, dataByteCount: 0, operation: 4, level: 1)
        try rig.apply(.undo(undo), fixed: 51, [1])
        #expect(try rig.nodes()[0].data == [9, 9, 9, 9])
    }

    @Test func scrubbingOverwritesWhatWasDeleted() throws {
        let rig = try Rig()
        let record = ScrubRecord(node: rig.node(), flags: 0, operationCount: 3, byteCount: 3)
        try rig.apply(.scrub(record), fixed: 54, [0, 1, 0])
        #expect(try rig.nodes()[1].data == [UInt8](repeating: UInt8(ascii: "d"), count: 4))
        #expect(try rig.store.page(PageNumber(10))?.flags.contains(.scrubbed) == true)
    }

    @Test func levelsOfTransactionsAreFollowed() throws {
        let rig = try Rig()
        let transactions = rig.transactions
        transactions.begin(BeginRecord(session: 3, level: 0, levelCount: 1, transaction: 7), at: .none)
        try rig.apply(.flagDelete(FlagDeleteRecord(node: rig.node(line: 0, revision: 1))))
        transactions.begin(BeginRecord(session: 3, level: 1, levelCount: 1, transaction: nil), at: .none)
        var node = rig.node(line: 1, before: 101, after: 102, revision: 2)
        node.page.level = 2
        try rig.apply(.flagDelete(FlagDeleteRecord(node: node)))
        #expect(transactions.open[0].operations.map(\.level) == [1, 2])
        transactions.commit(CommitRecord(session: 3, level: 1))
        #expect(transactions.open[0].operations.map(\.level) == [1, 1])
        #expect(transactions.open[0].level == 1)
        transactions.begin(BeginRecord(session: 3, level: 1, levelCount: 1, transaction: nil), at: .none)
        node = rig.node(line: 2, before: 102, after: 103, revision: 3)
        node.page.level = 2
        try rig.apply(.flagDelete(FlagDeleteRecord(node: node)))
        transactions.rollback(RollbackRecord(session: 3, levelCount: 1))
        #expect(transactions.open[0].operations.map(\.revision) == [1, 2])
        transactions.commit(Commit0Record(session: 3, level: 0, transaction: 9))
        #expect(transactions.open.isEmpty)
    }
}
