// Layer: ESEEngine/7-Table. Uses: TableSchema, 5-Tree. Used by: row cursors, catalog, data definition.
// A table that is in use, one object for all sessions.

public import ESEFormat
import PlatformIO
import Synchronization

/// A table in use. Safe from any thread. ESE's terms: FCB, TDB.
public final class Table: @unchecked Sendable {  // everything that changes is atomic or under `lock`
    /// The database.
    public let database: Database
    /// Its number.
    public let objectID: ObjectID
    /// Its records.
    public let tree: Tree
    /// Who sees it.
    public let state: DefinitionState

    /// The schema's number, so that cursors learn cheaply of a new one.
    let schemaNumber: Atomic<UInt32>
    /// Keeps changes of rows apart from changes of the schema.
    let updates = UpdateGate()
    /// How many cursors are open on it.
    let cursorCount = Atomic<Int>(0)
    /// What data definition keeps of it.
    let definitionGuard = DefinitionGuard()

    /// Taken while the tree of long values is made.
    private let making = Lock()
    /// Taken while numbers are given; finding the last one reads the table.
    private let numberLock = Lock()
    // Under that lock.
    private var numbers = Numbers()
    private let lock = Lock()
    // Under the lock.
    private var current: TableSchema
    private var values: LongValues?
    private var makeLongValues: LongValuesMaker?

    /// Makes the tree of a table's long values, and its row in the catalog.
    typealias LongValuesMaker = (Table, TableSession) throws(JetError) -> LongValues

    /// What the engine counts by itself; 0: not known yet.
    private struct Numbers {
        var nextKey: UInt64 = 0
        var nextAutoincrement: UInt64 = 0
    }

    /// Puts it together.
    init(_ database: Database, tree: Tree, schema: TableSchema, state: DefinitionState = DefinitionState()) {
        self.database = database
        objectID = tree.objectID
        self.tree = tree
        self.state = state
        current = schema
        schemaNumber = Atomic(schema.number)
    }

    /// The schema as it is now.
    public var schema: TableSchema { lock.withLock { current } }

    /// Its name.
    public var name: String { schema.definition.name }

    /// Makes a new schema of the present one and puts it in its place; nothing changes if this throws. The caller holds
    /// `updates` exclusively if records depend on it.
    func changeSchema(_ change: (TableSchema) throws(JetError) -> TableSchema) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            let new = try change(current)
            precondition(new.number > current.number, "each schema has a greater number")
            current = new
            schemaNumber.store(new.number, ordering: .releasing)
        }
    }

    /// Gives it another name.
    func setName(_ name: String) {
        lock.withLock {
            var definition = current.definition
            definition.name = name
            current = current.with(definition)
            schemaNumber.store(current.number, ordering: .releasing)
        }
    }

    // MARK: Long values.

    /// The table's long values; nil if it has none.
    public var existingLongValues: LongValues? { lock.withLock { values } }

    /// Says what long values the table has, or how they are made.
    func setLongValues(_ values: LongValues?, orMake make: LongValuesMaker? = nil) {
        lock.withLock {
            self.values = values
            makeLongValues = make
        }
    }

    /// The table's long values; their tree is made if there is none.
    /// - Throws: `cannotSeparateIntrinsicLV` if it can't be, what making it throws.
    func longValues(_ session: TableSession) throws(JetError) -> LongValues {
        if let values = existingLongValues { return values }
        // Others wait, so that there is one.
        return try making.withLock { () throws(JetError) in
            if let values = existingLongValues { return values }
            guard let make = lock.withLock({ makeLongValues }) else { throw .cannotSeparateIntrinsicLV }
            let new = try make(self, session)
            lock.withLock { values = new }
            return new
        }
    }

    // MARK: Numbers.

    /// The key of the next record of a table without a primary index. ESE's term: DBK.
    /// - Throws: `outOfSequentialIndexValues`; what reading throws.
    func nextKey(_ worker: Worker) throws(JetError) -> UInt32 {
        try numberLock.withLock { () throws(JetError) in
            if numbers.nextKey == 0 { numbers.nextKey = try lastKey(worker) + 1 }
            guard numbers.nextKey <= UInt32.max else { throw .outOfSequentialIndexValues }
            defer { numbers.nextKey += 1 }
            return UInt32(numbers.nextKey)
        }
    }

    /// The greatest key that any record has, whoever sees it.
    private func lastKey(_ worker: Worker) throws(JetError) -> UInt64 {
        let held = try tree.lastLeaf(.shared)
        defer { database.release(held) }
        guard held.page.nodeCount > 0 else { return 0 }
        return held.page.node(held.page.nodeCount - 1).key.array().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The next number of the auto-increment column.
    /// - Parameter last: Finds the greatest number that any record has; called once.
    /// - Throws: `outOfAutoincrementValues`; what `last` throws.
    func nextAutoincrement(
        greatest: UInt64, _ last: () throws(JetError) -> UInt64
    ) throws(JetError) -> UInt64 {
        try numberLock.withLock { () throws(JetError) in
            if numbers.nextAutoincrement == 0 { numbers.nextAutoincrement = try last() + 1 }
            guard numbers.nextAutoincrement <= greatest else { throw .outOfAutoincrementValues }
            defer { numbers.nextAutoincrement += 1 }
            return numbers.nextAutoincrement
        }
    }

    /// A record got a number that its inserter chose: the next ones are greater.
    func passAutoincrement(_ number: UInt64) {
        numberLock.withLock {
            if numbers.nextAutoincrement != 0 { numbers.nextAutoincrement = max(numbers.nextAutoincrement, number + 1) }
        }
    }
}

/// Lets any number of updates in, or one change of the schema. Updates are short: they wait for nobody inside.
final class UpdateGate: @unchecked Sendable {
    private static let exclusive = 1 << 32
    /// How many updates are inside; `exclusive` more when a change wants in.
    private let count = Atomic<Int>(0)
    private let lock = Lock()
    private let changed = Condition()

    /// An update comes in.
    @inline(__always)
    func enter() {
        if count.add(1, ordering: .acquiring).newValue < Self.exclusive { return }
        enterSlowly()
    }

    /// It goes.
    @inline(__always)
    func leave() {
        if count.subtract(1, ordering: .releasing).newValue >= Self.exclusive { wake() }
    }

    /// Does something while no update is inside.
    func exclusively<Result>(_ body: () throws(JetError) -> Result) throws(JetError) -> Result {
        lock.withLock {
            while count.load(ordering: .relaxed) >= Self.exclusive { changed.wait(lock) }
            count.add(Self.exclusive, ordering: .acquiring)
            while count.load(ordering: .acquiring) != Self.exclusive { changed.wait(lock) }
        }
        defer {
            lock.withLock {
                count.subtract(Self.exclusive, ordering: .releasing)
                changed.broadcast()
            }
        }
        return try body()
    }

    @inline(never)
    private func enterSlowly() {
        lock.withLock {
            count.subtract(1, ordering: .relaxed)
            changed.broadcast()
            while true {
                while count.load(ordering: .relaxed) >= Self.exclusive { changed.wait(lock) }
                if count.add(1, ordering: .acquiring).newValue < Self.exclusive { break }
                count.subtract(1, ordering: .relaxed)
            }
        }
    }

    @inline(never)
    private func wake() { lock.withLock { changed.broadcast() } }
}
