// Support of the tests of trees: a database on a simulated disk, with log, buffer manager and version store.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

/// A new database with one tree of data in it.
final class TreeFixture: TreeDirectory, @unchecked Sendable {
    let disk: SimulatedDisk
    let clock: SimulatedClock
    let tasks: ManualTaskRunner
    let reporter = CollectingReporter()
    let versions: VersionStore
    let log: LogStream?
    let file: DatabaseFile
    let database: Database
    let root: Tree
    private(set) var trees: [Tree] = []

    func add(_ tree: Tree) { trees.append(tree) }

    private var nextSession: UInt16 = 1
    /// The engine's own worker.
    let system: Worker

    init(
        pageSize: PageSize = .kibibytes4, seed: UInt64 = 1, cachePages: Int = 256, isLogged: Bool = true,
        bucketLimit: Int = 4_096, sectorByteCount: Int = 512
    ) throws {
        disk = SimulatedDisk(seed: seed, sectorByteCount: sectorByteCount)
        clock = SimulatedClock(seed: seed)
        tasks = ManualTaskRunner(seed: seed)
        var options = VersionStore.Options()
        options.bucketLimit = bucketLimit
        versions = VersionStore(clock: TransactionClock(), options: options)
        let environment = LogEnvironment(storage: disk, clock: clock, tasks: tasks, reporter: reporter)
        try disk.createDirectory("/log")
        if isLogged {
            log = try LogStream.create(
                environment, LogOptions(directory: "/log", pageSize: pageSize, signature: DatabaseSignature()))
        } else {
            log = nil
        }
        let size = pageSize
        let buffers = BufferManager(
            pageSize: pageSize, byteLimit: cachePages * pageSize.byteCount, reporter: reporter, clock: clock,
            check: { bytes, number in
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: size) == nil
            })
        let firstPageCount: UInt32 = 254
        // The first database of a buffer manager is number 1.
        file = try DatabaseFile.create(
            "/test.edb", pageSize: pageSize, pageCount: firstPageCount, slot: 1, storage: disk, clock: clock, log: log,
            versions: versions, reporter: reporter)
        try disk.syncDirectory("/")
        try file.update { $0.state = .dirtyShutdown }
        let slot = try buffers.attach(file.file, gate: file)
        database = Database(
            slot: slot, pageSize: pageSize, buffers: buffers, log: log, versions: versions, file: file.file,
            lastPage: PageNumber(firstPageCount), lastTime: DatabaseTime(0x40), lastObject: ObjectID(7))
        system = Worker(versions.clock.make(session: 0), isSystem: true)
        root = try Tree.createDatabaseRoot(database, pageCount: firstPageCount, system)
        file.setTrees(self)
    }

    /// A tree of data.
    func makeTree(
        in parent: Tree? = nil, flags: PageFlags = [], pageCount: UInt32 = 1, withExtents: Bool = false,
        greatestKeyByteCount: Int = 255
    ) throws -> Tree {
        let tree = try Tree.create(
            in: parent ?? root, objectID: database.nextObjectID(), pageFlags: flags, pageCount: pageCount,
            withExtents: withExtents, greatestKeyByteCount: greatestKeyByteCount, system)
        trees.append(tree)
        return tree
    }

    /// Drops a tree, which is forgotten with its children.
    func drop(_ tree: Tree, _ kind: DroppedTree = .table) throws(JetError) {
        trees.removeAll { $0 === tree || $0.parent === tree }
        try tree.drop(kind, deletedBy: versions.clock.newest, system)
    }

    func makeWorker() -> Worker {
        defer { nextSession += 1 }
        return Worker(versions.clock.make(session: nextSession))
    }

    func tree(database: UInt8, root: PageNumber) -> Tree? { trees.first { $0.root == root } }

    /// Cleans what everybody sees.
    func clean() {
        _ = versions.cleanOldest { revision in
            tree(database: revision.database, root: revision.tree)?.clean(revision, system) ?? .done
        }
    }
}

/// Who has trees to be checked.
protocol TreeChecking {
    var database: Database { get }
    /// The engine's own worker.
    var system: Worker { get }
    /// Whether pages may be lost that were reserved when the engine was stopped.
    var mayLosePages: Bool { get }
    /// The trees of data that have children.
    var trees: [Tree] { get }
}

extension TreeFixture: TreeChecking {
    var mayLosePages: Bool { false }
}

extension TreeChecking {
    /// All live nodes as a reader of pages sees them, left to right; records what is wrong with the tree.
    func nodes(of tree: Tree) throws -> [(key: [UInt8], data: [UInt8])] {
        var leaves: [PageNumber] = []
        var result: [(key: [UInt8], data: [UInt8])] = []
        try walk(tree, tree.root, nil, nil, &leaves, &result)
        for (index, number) in leaves.enumerated() {
            let held = try database.latch(number, .shared)
            #expect(held.page.previous == (index > 0 ? leaves[index - 1] : .none), "B2 at page \(number)")
            #expect(held.page.next == (index + 1 < leaves.count ? leaves[index + 1] : .none), "B2 at page \(number)")
            database.release(held)
        }
        return result
    }

    private func walk(
        _ tree: Tree, _ number: PageNumber, _ low: [UInt8]?, _ high: [UInt8]?, _ leaves: inout [PageNumber],
        _ result: inout [(key: [UInt8], data: [UInt8])]
    ) throws {
        let held = try database.latch(number, .shared)
        defer { database.release(held) }
        let page = held.page
        #expect(page.objectID == tree.objectID)
        if page.isLeaf { leaves.append(number) }
        var below = low
        for line in 0..<page.nodeCount {
            let node = page.node(line)
            let key = node.key.array()
            if page.isLeaf {
                let bookmark = tree.isUnique ? key : key + node.data.array()
                if let below {
                    #expect(!bookmark.lexicographicallyPrecedes(below), "B1, B3 at page \(number) line \(line)")
                }
                if let high { #expect(bookmark.lexicographicallyPrecedes(high), "B3 at page \(number) line \(line)") }
                if !node.isDeleted { result.append((key, node.data.array())) }
                below = bookmark
            } else {
                let end: [UInt8]? = key.isEmpty ? nil : key
                if end == nil { #expect(high == nil && line == page.nodeCount - 1, "B3: infinity at page \(number)") }
                try walk(tree, page.child(line), below, end ?? high, &leaves, &result)
                below = end
            }
        }
    }

    /// Rule S1 for a tree: owned pages are reachable ones, those of the trees of extents, their split buffers and the
    /// available ones, each once. Returns the owned pages.
    @discardableResult
    func checkSpace(of tree: Tree, children: [Tree] = []) throws -> Set<UInt32> {
        guard case .space(let space) = tree.pages else { return [] }
        var owned: Set<UInt32> = []
        for extent in try space.ownedExtents(of: tree, system) { owned.formUnion(extent.pages) }
        var used: [UInt32] = try pages(tree.root)
        let header = try Space.header(of: tree)
        if let ownedRoot = header.ownedRoot, let availableRoot = header.availableRoot {
            for root in [ownedRoot, availableRoot] {
                used += try pages(root)
                let held = try database.latch(root, .shared)
                let buffer = try SplitBuffer(decoding: held.page.externalHeader.array().span.bytes)
                database.release(held)
                for case let extent? in [buffer.first, buffer.second] { used += Array(extent.pages) }
            }
            let available = Tree(extentsOf: tree, root: availableRoot)
            for node in try nodes(of: available) {
                if let extent = try Extent.decode(key: node.key.span.bytes, data: node.data.span.bytes).extent {
                    used += Array(extent.pages)
                }
            }
        } else {
            for extent in header.availableExtents(root: tree.root) { used += Array(extent.pages) }
        }
        for child in children {
            let grandchildren = trees.filter { $0.parent === child }
            used += try checkSpace(of: child, children: grandchildren).sorted()
        }
        #expect(used.count == Set(used).count, "S1: a page of tree \(tree.objectID) is used twice")
        let lost: [UInt32] = owned.subtracting(used).sorted()
        let foreign: [UInt32] = Set(used).subtracting(owned).sorted()
        #expect(
            (lost.isEmpty || mayLosePages) && foreign.isEmpty,
            "S1: tree \(tree.objectID) lost \(lost), has foreign \(foreign)")
        return owned
    }

    /// The pages that a root leads to, itself included.
    func pages(_ number: PageNumber) throws -> [UInt32] {
        let held = try database.latch(number, .shared)
        defer { database.release(held) }
        var result = [number.rawValue]
        if !held.page.isLeaf {
            for line in 0..<held.page.nodeCount { result += try pages(held.page.child(line)) }
        }
        return result
    }
}

extension TreeCursor {
    /// Inserts into a unique tree.
    func insert(_ key: [UInt8], _ data: [UInt8]) throws(JetError) {
        try key.lend { (key) throws(JetError) in
            try data.lend { (data) throws(JetError) in try insert(Bookmark(key: key), data: data) }
        }
    }

    /// Inserts into a tree that is not unique; false if the node is there already.
    func insertsNew(key: [UInt8], data: [UInt8]) throws(JetError) -> Bool {
        let bytes = key + data
        do throws(JetError) {
            try bytes.lend { (bytes) throws(JetError) in
                let bookmark = Bookmark(bytes, keyByteCount: key.count)
                try insert(bookmark, data: bookmark.data)
            }
            return true
        } catch {
            if error == .keyDuplicate { return false }
            throw error
        }
    }

    func replace(_ data: [UInt8]) throws(JetError) {
        try data.lend { (data) throws(JetError) in try replace(data) }
    }

    func seek(_ key: [UInt8], _ kind: SeekKind) throws(JetError) -> Bool {
        try key.lend { (key) throws(JetError) in try seek(key, kind) }
    }

    /// Everything that the transaction sees, forwards or backwards.
    func all(forward: Bool = true) throws(JetError) -> [(key: [UInt8], data: [UInt8])] {
        var result: [(key: [UInt8], data: [UInt8])] = []
        var isThere = try forward ? first() : last()
        while isThere {
            result.append((key.array(), data.array()))
            release()
            isThere = try forward ? next() : previous()
        }
        return result
    }
}
