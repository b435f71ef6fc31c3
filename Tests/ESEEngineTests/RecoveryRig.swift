// Support of the tests of recovery: an engine on a simulated disk that is started, used, crashed and started again, and
// what its trees must hold.

import ESEFormat
import ESETestKit
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

/// What all rigs on one disk agree on.
struct RecoveryPlan {
    var pageSize = PageSize.kibibytes4
    var cachePages = 64
    var isCircular = false
    var sectorCount: UInt16 = 64
    var path = "/db/test.edb"
}

/// An engine that runs, with one database.
final class RecoveryRig: TreeDirectory, TreeChecking, @unchecked Sendable {
    let plan: RecoveryPlan
    let disk: SimulatedDisk
    let tasks: ManualTaskRunner
    let reporter = CollectingReporter()
    let clock: SimulatedClock
    let versions = VersionStore(clock: TransactionClock(), options: RecoveryRig.versionOptions)
    let buffers: BufferManager
    let result: RecoveryResult
    let checkpointer: Checkpointer
    private(set) var trees: [Tree] = []
    private var parts: (file: DatabaseFile, database: Database, root: Tree)?
    let system: Worker
    var mayLosePages: Bool { true }

    private static var versionOptions: VersionStore.Options {
        var options = VersionStore.Options()
        options.bucketLimit = 4_096
        return options
    }

    var log: LogStream { result.log }
    var file: DatabaseFile { parts!.file }
    var database: Database { parts!.database }
    var root: Tree { parts!.root }

    /// Starts an engine: recovery.
    init(
        _ disk: SimulatedDisk, _ plan: RecoveryPlan, seed: UInt64, isCancelled: @escaping () -> Bool = { false },
        progress: @escaping (Int) -> Void = { _ in }, mayFail: Bool = false
    ) throws {
        self.plan = plan
        self.disk = disk
        tasks = ManualTaskRunner(seed: seed)
        clock = SimulatedClock(seed: seed)
        try disk.createDirectory("/db")
        let size = plan.pageSize
        buffers = BufferManager(
            pageSize: size, byteLimit: plan.cachePages * size.byteCount, reporter: reporter, clock: clock,
            check: { bytes, number in
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: size) == nil
            })
        let environment = LogEnvironment(storage: disk, clock: clock, tasks: tasks, reporter: reporter)
        var options = LogOptions(
            directory: "/log", pageSize: size,
            signature: DatabaseSignature(random: UInt32(truncatingIfNeeded: seed), time: clock.logTime()))
        options.isCircular = plan.isCircular
        options.sectorCount = plan.sectorCount
        let recovery = Recovery(environment, options, buffers: buffers, versions: versions)
        do {
            result = try recovery.run(isCancelled: isCancelled, progress: progress)
        } catch {
            let texts = reporter.reports.map(\.text).joined(separator: "\n")
            if !mayFail, !disk.isOff {
                Issue.record("seed \(seed): \(error)\n\(texts)")
            }
            throw error
        }
        system = Worker(versions.clock.make(session: 0), isSystem: true)
        checkpointer = Checkpointer(result.log, buffers)
        let record = InitializeRecord(parameters: LogParameters(), time: clock.logTime())
        do {
            try log.flush(upTo: try log.append(fields: record).end)
        } catch {
            result.log.close()
            throw error
        }
    }

    func tree(database: UInt8, root: PageNumber) -> Tree? { trees.first { $0.root == root } }

    private func append(_ record: some LogRecordFields, path: [UInt8]) throws(JetError) -> LogSpan {
        var bytes = [UInt8](repeating: 0, count: record.fixedByteCount)
        bytes.withUnsafeMutableBytes { record.encodeFixed(into: $0.baseAddress!) }
        bytes += path
        return try bytes.lend { (bytes) throws(JetError) in try log.append(bytes.buffer) }
    }

    private func use(_ header: inout DatabaseHeader, from position: LogPosition) {
        header.state = .dirtyShutdown
        header.logSignature = log.options.signature
        header.firstRequiredGeneration = position.generation
        header.lastRequiredGeneration = log.currentFile.generation
        header.lastCommittedGeneration = log.currentFile.generation
    }

    /// Makes the database, and trees: every second one not unique. `isFinished`: says in the log that it is complete.
    func createDatabase(treeCount: Int, isFinished: Bool = true) throws {
        let pageCount: UInt32 = 62
        let file = try DatabaseFile.create(
            plan.path, pageSize: plan.pageSize, pageCount: pageCount, slot: 1, storage: disk, clock: clock, log: log,
            versions: versions, reporter: reporter)
        try disk.syncDirectory("/db")
        let path = CreateDatabaseRecord.pathBytes(plan.path)
        let record = CreateDatabaseRecord(
            session: 0, database: 1, options: 0, greatestPageCount: 0, signature: file.currentHeader.signature,
            path: plan.path, hasVersion: false)
        let span = try append(record, path: path)
        try log.flush(upTo: span.end)
        try file.update {
            $0.logSignature = log.options.signature
            $0.attachPosition = span.start
        }
        try use(file, lastPage: PageNumber(pageCount), lastTime: DatabaseTime(0x40), lastObject: ObjectID(7))
        let root = try Tree.createDatabaseRoot(database, pageCount: pageCount, system)
        parts?.root = root
        for index in 0..<treeCount {
            trees.append(
                try Tree.create(
                    in: root, objectID: database.nextObjectID(), pageFlags: index % 2 == 1 ? .nonUnique : [],
                    pageCount: 1, withExtents: false, greatestKeyByteCount: 255, system))
        }
        guard isFinished else { return try log.flush() }
        try log.flush(upTo: try log.append(fields: CreateDatabaseFinishRecord(session: 0, database: 1)).end)
        try file.update { use(&$0, from: span.start) }
    }

    /// Attaches the database, which is clean.
    func attachDatabase(_ known: [Tree]) throws {
        let file = try DatabaseFile.open(
            plan.path, slot: 1, storage: disk, log: log, versions: versions, reporter: reporter)
        let header = file.currentHeader
        #expect(header.isClean)
        let path = CreateDatabaseRecord.pathBytes(plan.path)
        let record = AttachDatabaseRecord(
            session: 0, database: 1, greatestPageCount: 0, consistentPosition: header.consistentPosition,
            signature: header.signature, logSignature: header.logSignature, pathByteCount: UInt16(path.count), flags: 8)
        let span = try append(record, path: path)
        try log.flush(upTo: span.end)
        try file.update {
            use(&$0, from: span.start)
            $0.attachPosition = span.start
        }
        try use(file, lastPage: .none, lastTime: header.lastDatabaseTime, lastObject: header.lastObjectID)
        trees = known.map { tree in
            Tree(
                database: database, root: tree.root, objectID: tree.objectID, pageFlags: tree.pageFlags, parent: root,
                greatestKeyByteCount: 255)
        }
        guard case .space(let space) = root.pages else { return }
        let last = try space.ownedExtents(of: root, system).map(\.last).max()
        database.lastPage = last?.rawValue ?? 0
    }

    private func use(
        _ file: DatabaseFile, lastPage: PageNumber, lastTime: DatabaseTime, lastObject: ObjectID
    ) throws {
        let slot = try buffers.attach(file.file, gate: file, as: DatabaseSlot(rawValue: 1))
        let database = Database(
            slot: slot, pageSize: plan.pageSize, buffers: buffers, log: log, versions: versions, file: file.file,
            lastPage: lastPage, lastTime: lastTime, lastObject: lastObject, extensionPageCount: 64)
        parts = (file, database, Tree.databaseRoot(of: database))
        file.setTrees(self)
    }

    /// Ends in order: everything written, header clean, the last record, the checkpoint.
    func terminate() throws {
        try log.flush()
        let position = log.endPosition
        try buffers.flush(database.slot)
        _ = try buffers.makeDurable(database.slot)
        let time = database.lastTime
        try file.update { header in
            header.state = .cleanShutdown
            header.lastDatabaseTime = time
            header.lastObjectID = database.lastObjectID
            header.consistentPosition = position
            header.detachPosition = position
            header.firstRequiredGeneration = 0
            header.lastRequiredGeneration = 0
            header.lastCommittedGeneration = 0
            header.firstConsistentGeneration = 0
            header.lastCommittedGenerationTime = .none
            header.lastRequiredGenerationTime = .none
        }
        let record = TerminateRecord(
            type: .terminate, position: position, redoFrom: .none, isHard: 0, time: clock.logTime())
        let span = try log.append(fields: record)
        try log.flush()
        try log.writeCheckpoint(Checkpoint(position: span.start, signature: log.options.signature))
        buffers.detach(database.slot)
        file.file.close()
        log.close()
    }

    /// Moves the checkpoint.
    @discardableResult
    func advanceCheckpoint(_ workers: [Worker]) throws -> Checkpointer.Outcome {
        let known = CheckpointDatabase(
            file: file, path: plan.path, lastTime: database.lastTime, lastObjectID: database.lastObjectID)
        return try checkpointer.advance([known]) {
            workers.map(\.transaction.loggedBegin).filter { $0 > 0 }.min().map {
                LogPosition(rawValue: $0)
            }
        }
    }

    func clean() {
        _ = versions.cleanOldest { revision in
            tree(database: revision.database, root: revision.tree)?.clean(revision, system) ?? .done
        }
    }
}

/// What trees hold.
typealias TreeModel = [[[UInt8]: [UInt8]]]

/// Sessions that change trees at random, and what must be there after a crash.
final class RecoveryWork {
    private final class Session {
        let worker: Worker
        let cursors: [TreeCursor]
        /// What each level changed: tree and key, and the new data or nil.
        var levels: [[(tree: Int, key: [UInt8], data: [UInt8]?)]] = []

        init(_ rig: RecoveryRig, _ number: UInt16) {
            worker = Worker(rig.versions.clock.make(session: number))
            let worker = worker
            cursors = rig.trees.map { TreeCursor($0, worker) }
        }
    }

    let rig: RecoveryRig
    private var random: SeededRandom
    private var sessions: [Session] = []
    /// What was committed durably.
    private(set) var durable: TreeModel
    /// The state after each commit since then, which may or may not be durable.
    private(set) var later: [TreeModel] = []

    init(_ rig: RecoveryRig, _ model: TreeModel, seed: UInt64, sessionCount: Int = 4) {
        self.rig = rig
        durable = model
        random = SeededRandom(seed: seed)
        sessions = (1...sessionCount).map { Session(rig, UInt16($0)) }
    }

    /// All states that a crash may leave.
    var possible: [TreeModel] { [durable] + later }
    private var newest: TreeModel { later.last ?? durable }
    var openCount: Int { sessions.count { $0.worker.transaction.loggedBegin != 0 } }

    /// Works until something fails.
    func run(steps: Int) throws {
        for _ in 0..<steps { try step() }
    }

    private func step() throws {
        let session = sessions[random.below(sessions.count)]
        if session.levels.isEmpty { try begin(session) }
        switch random.below(60) {
        case 0, 1, 2: try commit(session)
        case 3: try rollback(session)
        case 4: if session.levels.count < 3 { try begin(session) }
        case 5: rig.clean()
        case 6: _ = try rig.database.buffers.writeSome(targetPages: 1 + random.below(20))
        case 7:
            let position = rig.log.endPosition
            if random.oneIn(3) { try rig.buffers.flush(rig.database.slot, upTo: position) }
            try rig.advanceCheckpoint(sessions.map(\.worker))
        case 8: if random.oneIn(6) { try rig.log.startNewFile() }
        case 9: rig.tasks.runOne()
        default: try change(session)
        }
    }

    private func begin(_ session: Session) throws {
        try session.worker.begin(rig.versions)
        session.levels.append([])
    }

    private func commit(_ session: Session) throws {
        let changes = session.levels.removeLast()
        if session.levels.isEmpty {
            var model = newest
            for change in changes { model[change.tree][change.key] = change.data }
            // It may become durable any time from now on.
            if !changes.isEmpty { later.append(model) }
        } else {
            session.levels[session.levels.count - 1] += changes
        }
        let end = try session.worker.commit(rig.versions, rig.log)
        guard session.levels.isEmpty, let end, random.oneIn(2) else { return }
        try rig.log.flush(upTo: end)
        if let last = later.last { durable = last }
        later.removeAll()
    }

    private func rollback(_ session: Session) throws {
        session.levels.removeLast()
        try session.worker.rollback(rig.versions, rig.log, rig)
    }

    private func change(_ session: Session) throws {
        let index = random.below(rig.trees.count)
        let cursor = session.cursors[index]
        let key = withUnsafeBytes(of: UInt64(random.below(300)).bigEndian) { [UInt8]($0) }
        let isUnique = rig.trees[index].isUnique
        let data = [UInt8](repeating: UInt8(random.below(256)), count: 1 + random.below(isUnique ? 300 : 20))
        defer { cursor.release() }
        do {
            if !isUnique {
                // The model's key is all of the bookmark.
                guard try cursor.insertsNew(key: key, data: data) else { return }
                session.levels[session.levels.count - 1].append((index, key + data, []))
            } else if try !cursor.seek(key, .equal) {
                cursor.release()
                try cursor.insert(key, data)
                session.levels[session.levels.count - 1].append((index, key, data))
            } else if random.oneIn(3) {
                try cursor.delete()
                session.levels[session.levels.count - 1].append((index, key, nil))
            } else {
                try cursor.replace(data)
                session.levels[session.levels.count - 1].append((index, key, data))
            }
        } catch {
            guard error == .writeConflict || error == .keyDuplicate else { throw error }
            // The transaction can't go on.
            cursor.release()
            while !session.levels.isEmpty { try rollback(session) }
        }
    }
}

extension RecoveryRig {
    /// What the trees hold, after a check of all rules.
    func contents() throws -> TreeModel {
        try checkSpace(of: root, children: trees)
        return try trees.map { tree in
            var result: [[UInt8]: [UInt8]] = [:]
            for node in try nodes(of: tree) {
                if tree.isUnique { result[node.key] = node.data } else { result[node.key + node.data] = [] }
            }
            return result
        }
    }
}
