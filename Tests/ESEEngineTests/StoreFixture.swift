// Support of the tests of an instance's storage: a simulated machine on which instances start and end.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

/// A simulated machine, and instances on it.
final class StoreMachine {
    let disk: SimulatedDisk
    let clock: SimulatedClock
    let reporter = CollectingReporter()
    let seed: UInt64

    init(seed: UInt64 = 1, disk: SimulatedDisk? = nil) {
        self.seed = seed
        self.disk = disk ?? SimulatedDisk(seed: seed, sectorByteCount: 4_096)
        clock = SimulatedClock(seed: seed)
    }

    /// Parameters of an instance that has its files in a directory.
    static func parameters(
        _ directory: String = "/one", _ change: (inout InstanceParameters) throws -> Void = { _ in }
    ) throws -> InstanceParameters {
        var parameters = InstanceParameters()
        try parameters.set(.logFilePath, to: "\(directory)/log/")
        try parameters.set(.systemPath, to: "\(directory)/sys/")
        try parameters.set(.tempPath, to: "\(directory)/tmp/")
        try parameters.set(.createPathIfNotExist, to: 1)
        try parameters.set(.logFileSize, to: 128)
        try parameters.set(.cacheSizeMax, to: 256)
        try change(&parameters)
        return parameters
    }

    /// An instance, initialised.
    func start(_ parameters: InstanceParameters? = nil) throws -> StoreRun {
        let run = StoreRun(self, try parameters ?? Self.parameters())
        try run.store.initialise { _ in }
        return run
    }

    /// The header of a database file. After a failed write the copies may differ.
    func header(_ path: String, mayDiffer: Bool = false) throws -> DatabaseHeader {
        let bytes = try #require(disk.contents(path), "there is no \(path)")
        let start = Array(bytes.prefix(65_536))
        let reading = try DatabaseHeader.read(start: start.span.bytes)
        #expect(mayDiffer || reading.warnings.isEmpty, "\(path): \(reading.warnings)")
        #expect(reading.source == .primary, "\(path)")
        return reading.header
    }
}

/// An instance that runs, used by one thread.
final class StoreRun {
    let store: Store
    let tasks: ManualTaskRunner
    private var nextSession: UInt16 = 1

    init(_ machine: StoreMachine, _ parameters: InstanceParameters) {
        tasks = ManualTaskRunner(seed: machine.seed)
        store = Store(
            parameters: parameters, storage: machine.disk, clock: machine.clock, tasks: tasks,
            reporter: machine.reporter)
    }

    func session() throws -> SessionStore {
        defer { nextSession += 1 }
        return try store.makeSession(number: nextSession)
    }

    /// Makes a database with one tree in it, which has its root where `treeRoot` says.
    func create(
        _ path: String, _ session: SessionStore, _ flags: DatabaseFlags = []
    ) throws -> (database: OpenDatabase, tree: Tree) {
        var tree: Tree?
        let database = try store.createDatabase(path, session, flags) { (open, worker) throws(JetError) in
            tree = open.register(
                try Tree.create(
                    in: open.root, objectID: open.database.nextObjectID(), pageFlags: [], pageCount: 1,
                    withExtents: false, greatestKeyByteCount: 255, worker))
        }
        #expect(tree?.root == Self.treeRoot)
        return (database, try #require(tree))
    }

    static let treeRoot = PageNumber(4)

    /// Attaches and opens a database made by `create`.
    func open(_ path: String, _ session: SessionStore) throws -> (database: OpenDatabase, tree: Tree) {
        try store.attach(path, session)
        let database = try store.open(path, session).database
        return (database, try #require(try database.tree(root: Self.treeRoot)))
    }

    /// Inserts records in a transaction.
    func insert(
        _ keys: Range<Int>, _ tree: Tree, _ session: SessionStore, byteCount: Int = 100, flags: CommitFlags = []
    ) throws {
        try session.begin(level: 1, isReadOnly: false)
        let cursor = TreeCursor(tree, session.worker)
        for key in keys { try cursor.insert(Self.key(key), [UInt8](repeating: UInt8(key & 0xff), count: byteCount)) }
        cursor.release()
        try session.commit(level: 1, flags: flags, maximumDelay: 0)
    }

    static func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) } }

    /// The keys that a new transaction sees.
    func keys(_ tree: Tree, _ session: SessionStore) throws -> [Int] {
        try session.begin(level: 1, isReadOnly: true)
        let cursor = TreeCursor(tree, session.worker)
        let result = try cursor.all().map { node in node.key.reduce(0) { $0 << 8 | Int($1) } }
        cursor.release()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        return result
    }
}

extension OpenDatabase {
    /// Makes a tree known.
    func register(_ tree: Tree) -> Tree {
        trees.add(tree)
        return tree
    }
}
