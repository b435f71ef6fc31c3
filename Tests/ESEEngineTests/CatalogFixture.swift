// Support of the tests of catalog and data definition: a whole database on a simulated disk, new or a sample, with
// sessions, and its file verified.

import ESECollation
import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

@testable import ESEEngine

/// A database with its catalog.
final class CatalogFixture: TreeDirectory, @unchecked Sendable {
    let disk: SimulatedDisk
    let versions = VersionStore(clock: TransactionClock())
    let log: LogStream
    let file: DatabaseFile
    let database: Database
    let registry: TreeRegistry
    let system: Worker
    private(set) var catalog: ESEEngine.Catalog!
    private var nextSession: UInt16 = 1

    static let path = "/test.edb"

    static var options: ESEEngine.Catalog.Options {
        var options = ESEEngine.Catalog.Options()
        options.collator = { WindowsCollator(index: $0) }
        options.sortVersion = UInt64(WindowsCollator.nlsVersion) << 32 | UInt64(WindowsCollator.nlsVersion)
        options.sortID = WindowsCollator.sortID
        return options
    }

    /// - Parameter sample: The bytes of a clean database of Windows; nil: a new one.
    init(pageSize: PageSize = .kibibytes4, seed: UInt64 = 1, cachePages: Int = 512, sample: [UInt8]? = nil) throws {
        disk = SimulatedDisk(seed: seed)
        let clock = SimulatedClock(seed: seed)
        let reporter = CollectingReporter()
        let environment = LogEnvironment(
            storage: disk, clock: clock, tasks: ManualTaskRunner(seed: seed), reporter: reporter)
        try disk.createDirectory("/log")
        log = try LogStream.create(
            environment, LogOptions(directory: "/log", pageSize: pageSize, signature: DatabaseSignature()))
        let buffers = BufferManager(
            pageSize: pageSize, byteLimit: cachePages * pageSize.byteCount, reporter: reporter, clock: clock,
            check: { bytes, number in
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: pageSize) == nil
            })
        var lastPage: UInt32 = 254
        var lastObject = ObjectID(7)
        var lastTime = DatabaseTime(0x40)
        if let sample {
            disk.putFile(Self.path, sample)
            file = try DatabaseFile.open(
                Self.path, slot: 1, storage: disk, log: log, versions: versions, reporter: reporter)
            lastPage = UInt32(sample.count / pageSize.byteCount - 2)
            lastTime = DatabaseTime(file.currentHeader.lastDatabaseTime.rawValue + 1_000_000)
            let reader = try ESEDatabase(readingFrom: MemorySource(sample))
            let numbers = reader.tables.flatMap { table in
                [table.definition.objectID, table.definition.longValueObjectID ?? ObjectID(0)]
                    + table.definition.indexes.map(\.objectID)
            }
            lastObject = ObjectID(max(numbers.map(\.rawValue).max() ?? 0, file.currentHeader.lastObjectID.rawValue))
        } else {
            file = try DatabaseFile.create(
                Self.path, pageSize: pageSize, pageCount: lastPage, slot: 1, storage: disk, clock: clock, log: log,
                versions: versions, reporter: reporter)
        }
        try disk.syncDirectory("/")
        try file.update { $0.state = .dirtyShutdown }
        let slot = try buffers.attach(file.file, gate: file)
        database = Database(
            slot: slot, pageSize: pageSize, buffers: buffers, log: log, versions: versions, file: file.file,
            lastPage: PageNumber(lastPage), lastTime: lastTime, lastObject: lastObject)
        system = Worker(versions.clock.make(session: 0), isSystem: true)
        if sample == nil {
            registry = TreeRegistry(root: try Tree.createDatabaseRoot(database, pageCount: lastPage, system))
        } else {
            registry = TreeRegistry(root: Tree.databaseRoot(of: database))
        }
        file.setTrees(self)
        if sample == nil { try ESEEngine.Catalog.create(in: registry, makeSession()) }
        catalog = try ESEEngine.Catalog(opening: registry, makeSession(), options: Self.options)
    }

    /// Opens the catalog again, as after the database was closed.
    func reopen() throws {
        catalog = try ESEEngine.Catalog(opening: registry, makeSession(), options: Self.options)
    }

    func tree(database: UInt8, root: PageNumber) -> Tree? { try? registry.tree(root) }

    func makeSession() -> TableSession {
        defer { nextSession += 1 }
        return TableSession(
            Worker(versions.clock.make(session: nextSession)), versions: versions, log: log, trees: self)
    }

    func begin(_ session: TableSession) throws(JetError) { try session.worker.begin(versions) }

    func commit(_ session: TableSession) throws(JetError) {
        let level = session.transaction.level
        _ = try session.worker.commit(versions, log)
        session.committed(level: level, at: nil)
    }

    func rollback(_ session: TableSession) throws(JetError) {
        let level = session.transaction.level
        try session.worker.rollback(versions, log, self)
        session.rolledBack(level: level)
    }

    /// Does something in a transaction of its own.
    @discardableResult
    func transact<Result>(
        _ session: TableSession, _ body: () throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try begin(session)
        do throws(JetError) {
            let result = try body()
            try commit(session)
            return result
        } catch {
            try rollback(session)
            throw error
        }
    }

    /// Cleans what everybody sees.
    @discardableResult
    func clean() -> CleanResult { versions.cleanOldest { registry.clean($0, system) } }

    // MARK: The file.

    /// The file as it would be after a clean shutdown.
    func image() throws -> [UInt8] {
        try log.flush()
        try database.buffers.flush(database.slot)
        let (time, object) = (database.lastTime, database.lastObjectID)
        try file.update { header in
            header.state = .cleanShutdown
            header.lastDatabaseTime = time
            header.lastObjectID = object
            (header.firstRequiredGeneration, header.lastRequiredGeneration) = (0, 0)
            (header.lastCommittedGeneration, header.consistentPosition) = (0, header.detachPosition)
            (header.lastRequiredGenerationTime, header.lastCommittedGenerationTime) = (.none, .none)
        }
        defer { try? file.update { $0.state = .dirtyShutdown } }
        return try #require(disk.contents(Self.path))
    }

    /// Verifies the file and compares catalog and shadow. Nothing may be open.
    @discardableResult
    func verify(_ comment: String = "", allowing allowed: Set<Finding.Kind> = []) throws -> ESEDatabase {
        clean()
        let bytes = try image()
        let report = Verification(MemorySource(bytes)).run()
        let errors = report.findings.filter { $0.severity == .error && !allowed.contains($0.kind) }
        let text = errors.map { "\($0)" }.joined(separator: "\n")
        #expect(errors.isEmpty, "\(comment): \(text)")
        let session = makeSession()
        func records(_ table: Table?) throws -> [[UInt8]] {
            guard let table else { return [] }
            let cursor = ESEEngine.RowCursor(table, session)
            var result: [[UInt8]] = []
            var isThere = try cursor.first()
            while isThere {
                result.append(
                    try cursor.withRecord { UnsafeRawBufferPointer(start: $0.base, count: $0.byteCount).map { $0 } })
                isThere = try cursor.next()
            }
            return result
        }
        let (objects, shadow) = (try records(catalog.tables.objects), try records(catalog.tables.shadow))
        #expect(objects == shadow, "\(comment): the shadow is the same")
        return try ESEDatabase(readingFrom: MemorySource(bytes))
    }
}
