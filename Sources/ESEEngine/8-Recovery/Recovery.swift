// Layer: ESEEngine/8-Recovery. Uses: RedoDriver, BufferRedoPages, 2-Log, 3-Buffer, 5-Tree. Used by: Store.
// Starts an engine's log: new, after an orderly end, or after a crash. Then all that the log tells is redone, and what
// open transactions did is undone.
//
// The order: the log's end is found and repaired, and the stream opened there. Redo; what it learns of open
// transactions is appended to the log before a page is written. Undo, with records as of a rollback. Lost pages go
// back.
// All pages durable; headers clean; a record that recovery is complete; the checkpoint. It may be interrupted anywhere
// and done again.

import ESEFormat
import PlatformIO

/// Brings databases to where the log says that they are, and gives the log to go on with. Used once. ESE's term:
/// ErrLGSoftStart.
public final class Recovery {
    let environment: LogEnvironment
    let buffers: BufferManager
    let versions: VersionStore
    private let mapping: RedoOptions.PathMapping
    private let ignoresMissingDatabases: Bool
    private var options: LogOptions
    private var log: LogStream?
    /// The databases that are open, by their paths in the log.
    private var files: [String: DatabaseFile] = [:]
    private var isCancelled: () -> Bool = { false }
    private var progress: (Int) -> Void = { _ in }

    /// Makes a recovery; nothing is read yet.
    /// - Parameters:
    ///   - options: Where the log is, and what a new one is to be like. Signature, size and names of a log that is
    ///     there stay as they are.
    ///   - buffers: Empty; it is empty again afterwards.
    ///   - versions: Its clock goes on behind the log's transactions.
    ///   - mapping: Where the databases are that the log names.
    ///   - ignoresMissingDatabases: Whether databases that the log has attached at its end may be missing.
    public init(
        _ environment: LogEnvironment, _ options: LogOptions, buffers: BufferManager, versions: VersionStore,
        mapping: RedoOptions.PathMapping = .asLogged, ignoresMissingDatabases: Bool = false
    ) {
        precondition(options.pageSize == buffers.pageSize, "log and cache have one size of pages")
        self.environment = environment
        self.options = options
        self.buffers = buffers
        self.versions = versions
        self.mapping = mapping
        self.ignoresMissingDatabases = ignoresMissingDatabases
    }

    /// Does it.
    /// - Parameters:
    ///   - isCancelled: Asked now and then; if it says yes, this throws `termInProgress`. What was done stays, and the
    ///     next recovery goes on.
    ///   - progress: Gets 0...1000.
    /// - Throws: `requiredLogFilesMissing`, `logFileCorrupt`, `attachedDatabaseMismatch` (a database is missing or
    ///   another one), `dbTimeTooOld` (a page was lost) and JET's other errors; the reporter got where and what to do.
    public func run(
        isCancelled: @escaping () -> Bool = { false }, progress: @escaping (Int) -> Void = { _ in }
    ) throws(JetError) -> RecoveryResult {
        self.isCancelled = isCancelled
        self.progress = progress
        do throws(RedoError) {
            try removeStaleCheckpoint()
            let result = try hasLogs() ? recover() : begin()
            progress(1_000)
            return result
        } catch {
            report(error)
            abandon()
            throw error.code
        }
    }

    private var names: LogFileNames { LogFileNames(options) }
    private var storage: any StorageSystem { environment.storage }

    // MARK: A new log.

    private func hasLogs() throws(RedoError) -> Bool {
        let names = names
        return try RedoLogs.during { () throws(StorageError) in
            guard try storage.exists(options.directory) else { return false }
            if try storage.exists(names.current) { return true }
            return try storage.list(options.directory).contains { names.generation(ofName: $0) != nil }
        }
    }

    /// A checkpoint without logs is of a log that was removed.
    private func removeStaleCheckpoint() throws(RedoError) {
        guard try !hasLogs() else { return }
        let path = names.checkpoint
        try RedoLogs.during { () throws(StorageError) in
            guard try storage.exists(path) else { return }
            try storage.remove(path)
            try storage.syncDirectory(options.checkpointDirectory)
        }
    }

    private func begin() throws(RedoError) -> RecoveryResult {
        let log = try Self.during { () throws(JetError) in try LogStream.create(environment, options) }
        return RecoveryResult(log: log, options: options, isNew: true)
    }

    // MARK: The log that is there.

    private func recover() throws(RedoError) -> RecoveryResult {
        try repairTail()
        var redoOptions = RedoOptions(
            logDirectory: options.directory, baseName: options.baseName, checkpointPath: names.checkpoint,
            mapping: mapping)
        redoOptions.logExtension = options.fileExtension
        redoOptions.ignoresMissingDatabases = true
        redoOptions.ignoresBadCheckpoint = true
        let driver = RedoDriver<BufferRedoPages>(
            storage, redoOptions, pagesOf: { [self] (database, file) throws(JetError) in try open(database, file) })
        // Not the driver itself, which has the closure: neither would ever go.
        let transactions = driver.transactions
        driver.onStart = { [self] (header, end) throws(RedoError) in try start(header, end, transactions) }
        driver.onDetach = { [self] (database) throws(RedoError) in try detach(database) }
        driver.onMade = { [self] (database) throws(RedoError) in try made(database) }
        driver.onGivenUp = { [self] (database) throws(RedoError) in
            if let pages = database.pages { try remove(database, pages) }
        }
        driver.onProgress = { [self] (part) throws(RedoError) in try step(part * 9 / 10) }
        let report = try driver.run()
        guard let log else { throw RedoError(.logFileCorrupt) }
        try checkDatabases(driver)

        var result = RecoveryResult(log: log, options: options)
        result.redo = report
        result.redo.transactions = []
        let isOrderly =
            driver.attached.isEmpty && report.transactions.isEmpty && (report.isTerminated || report.recordCount == 0)
        var checkpoint = report.recordCount == 0 ? log.endPosition : report.lastRecord
        if !isOrderly {
            result.didRecover = true
            environment.reporter.report(
                .information,
                "recovery: \(report.counts.applied) changes redone from \(report.start) to \(report.end), "
                    + "\(report.transactions.count) transactions to undo")
            let start = try append(RecoveryUndoRecord(time: environment.clock.logTime())).start
            try undo(driver, &result)
            try reclaimSpace(driver, &result)
            try closeAttached(driver, log.endPosition)
            let quit = TerminateRecord(
                type: .recoveryQuit, position: start, redoFrom: report.start, isHard: 0,
                time: environment.clock.logTime())
            checkpoint = try append(quit).start
        }
        try closeDetached(driver)
        result.databases = driver.databases.map { outcome($0) }
        try step(990)
        try Self.during { () throws(JetError) in
            try log.flush()
            try log.writeCheckpoint(Checkpoint(position: checkpoint, signature: options.signature))
        }
        closeFiles()
        return result
    }

    /// Makes the newest file end with its last good record.
    private func repairTail() throws(RedoError) {
        let path = names.current
        let outcome = try RedoLogs.during { () throws(StorageError) -> (LogTail.Outcome, LogHeader)? in
            guard try storage.exists(path) else { return nil }
            let file = try storage.open(path, .writing)
            defer { file.close() }
            var bytes = [UInt8](repeating: 0, count: LogHeader.byteCount)
            guard try file.read(into: &bytes, at: 0) == bytes.count,
                let header = try? LogHeader(decoding: bytes.span.bytes)
            else { return nil }
            return (try LogTail.repair(file, header), header)
        }
        guard let outcome else { return }
        switch outcome.0 {
        case .whole: break
        case .restored(let place):
            environment.reporter.report(.information, "\(path): the last segment at \(place) was restored")
        case .cut(let place):
            environment.reporter.report(.information, "\(path): what was not complete at \(place) was cut off")
        case .damaged(let place):
            throw RedoError(.logFileCorrupt, at: place, generation: place.generation)
        }
    }

    /// Opens the log where it ends.
    private func start(
        _ header: LogHeader, _ end: LogPosition, _ transactions: RedoTransactions
    ) throws(RedoError) {
        let place = LogPosition(generation: header.generation, sector: 0, byte: 0)
        guard header.pageSize == options.pageSize else {
            throw RedoError(RedoError.Code.pageSizeMismatch, at: place, generation: header.generation)
        }
        options.signature = header.signature
        if options.sectorCount != header.sectorCount {
            environment.reporter.report(
                .warning, "the log goes on with files of \(Int(header.sectorCount) * 4) KiB, as they are")
            options.sectorCount = header.sectorCount
        }
        let names = names
        let isCurrent = try RedoLogs.during { () throws(StorageError) in
            let list = try storage.list(options.directory)
            let closed = list.filter { names.generation(ofName: $0) != nil }
            if closed.contains(where: {
                $0.utf8.count > options.baseName.utf8.count + options.fileExtension.utf8.count + 6
            }) {
                options.hasLongNames = true
            }
            return try storage.exists(names.current)
        }
        let last = LogSegment.lastUsable(sectorCount: header.sectorCount)
        var end = end
        if end.sector > last { end = LogPosition(generation: end.generation, sector: last, byte: 4_096) }
        let log = try Self.during(at: place) { () throws(JetError) in
            isCurrent
                ? try LogStream.resume(environment, options, at: end)
                : try LogStream.create(
                    environment, options, generation: header.generation + 1, previous: header.creationTime)
        }
        self.log = log
        pending = PendingUndo(transactions, log)
    }

    // MARK: Databases while they are redone.

    /// What is logged before a page is written.
    private(set) var pending: PendingUndo?

    private func open(
        _ database: RedoDatabase<BufferRedoPages>, _ file: (any StorageFile)?
    ) throws(JetError) -> BufferRedoPages {
        guard let log, let pending else { throw .logFileCorrupt }
        let newest = log.currentFile
        var header = database.header
        header.state = database.isJustCreated ? .justCreated : .dirtyShutdown
        let first = header.firstRequiredGeneration
        header.firstRequiredGeneration = first > 0 ? first : max(header.attachPosition.generation, 1)
        header.lastRequiredGeneration = max(header.lastRequiredGeneration, newest.generation)
        header.lastCommittedGeneration = max(header.lastCommittedGeneration, header.lastRequiredGeneration)
        header.firstConsistentGeneration = header.firstRequiredGeneration
        header.lastCommittedGenerationTime = newest.creationTime
        header.lastRequiredGenerationTime = newest.creationTime
        database.header = header
        let opened: DatabaseFile
        let known = files.removeValue(forKey: database.loggedPath)
        if let known, known.slot == database.number {
            opened = known
        } else if file == nil {
            opened = try DatabaseFile.replace(
                database.path, header, slot: database.number, storage: storage, log: log, versions: versions,
                reporter: environment.reporter)
        } else {
            known?.file.close()
            opened = try DatabaseFile.open(
                database.path, slot: database.number, storage: storage, log: log, versions: versions,
                reporter: environment.reporter)
        }
        files[database.loggedPath] = opened
        try opened.update { $0 = header }
        if file == nil { try syncDirectory(of: database.path) }
        opened.setLogPending { () throws(JetError) in try pending.log() }
        return try BufferRedoPages(opened, slot: DatabaseSlot(rawValue: database.number), buffers)
    }

    private func syncDirectory(of path: String) throws(JetError) {
        let directory = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
        do throws(StorageError) {
            try storage.syncDirectory(directory.isEmpty ? "/" : directory)
        } catch {
            throw JetError(error)
        }
    }

    /// The log has all of its making: from now on it is a database in use, no longer one that may be made anew.
    private func made(_ database: RedoDatabase<BufferRedoPages>) throws(RedoError) {
        guard database.isJustCreated, let file = files[database.loggedPath], let log else { return }
        database.isJustCreated = false
        database.header.state = .dirtyShutdown
        let newest = log.currentFile
        try Self.during(at: database.header.attachPosition, database.number) { () throws(JetError) in
            try file.update { header in
                header.state = .dirtyShutdown
                header.lastRequiredGeneration = max(header.lastRequiredGeneration, newest.generation)
                header.lastCommittedGeneration = max(header.lastCommittedGeneration, header.lastRequiredGeneration)
                header.lastRequiredGenerationTime = newest.creationTime
                header.lastCommittedGenerationTime = newest.creationTime
            }
        }
    }

    /// The log detached it: its pages become durable now, its header says so when recovery is complete.
    private func detach(_ database: RedoDatabase<BufferRedoPages>) throws(RedoError) {
        guard let pages = database.pages else { return }
        try Self.during(at: database.header.detachPosition, database.number) { () throws(JetError) in
            try pages.finish()
        }
        pages.file.setLogPending(nil)
        database.redo = nil
    }

    /// Throws if a database that is attached at the end of the log is not there.
    private func checkDatabases(_ driver: RedoDriver<BufferRedoPages>) throws(RedoError) {
        for database in driver.databases where database.state == .laterInLog && !database.header.isClean {
            environment.reporter.report(
                .error,
                "\(database.path): it was attached at \(database.header.attachPosition), and the log ends before")
            throw RedoError(
                RedoError.Code.requiredLogFilesMissing, at: driver.report.end, database: database.number,
                generation: database.header.attachPosition.generation)
        }
        for database in driver.attached.values where database.redo == nil {
            switch database.state {
            case .missing where database.path.isEmpty, .laterInLog, .attached, .detached: continue
            case .missing, .mismatch:
                if ignoresMissingDatabases { continue }
                environment.reporter.report(
                    .error,
                    "\(database.path): "
                        + (database.state == .missing
                            ? "this database was in use and is missing" : "this is not the database that was in use")
                        + "; put it back, or remove the logs to go on without it")
                throw RedoError(
                    RedoError.Code.attachedDatabaseMismatch, at: driver.report.end, database: database.number)
            }
        }
    }

    // MARK: The end.

    /// Makes databases clean that were attached at the end of the log.
    private func closeAttached(
        _ driver: RedoDriver<BufferRedoPages>, _ position: LogPosition
    ) throws(RedoError) {
        let open = driver.attached.values.filter { $0.redo != nil }.sorted { $0.number < $1.number }
        guard let log else { return }
        try Self.during { () throws(JetError) in try log.flush(upTo: position) }
        for database in open {
            guard let pages = database.pages else { continue }
            if database.isUnfinished {
                try remove(database, pages)
                continue
            }
            try Self.during(at: position, database.number) { () throws(JetError) in
                try pages.finish()
                try setClean(database, pages.file, position)
            }
        }
        driver.attached.removeAll()
    }

    /// Makes those clean that the log detached.
    private func closeDetached(_ driver: RedoDriver<BufferRedoPages>) throws(RedoError) {
        for database in driver.databases where database.state == .detached && database.wasRedone {
            guard let file = files[database.loggedPath], file.currentHeader.state != .cleanShutdown else { continue }
            try Self.during(at: database.header.detachPosition, database.number) { () throws(JetError) in
                try setClean(database, file, database.header.detachPosition)
            }
        }
    }

    private func setClean(
        _ database: RedoDatabase<BufferRedoPages>, _ file: DatabaseFile, _ position: LogPosition
    ) throws(JetError) {
        let time = environment.clock.logTime()
        var header = database.header
        header.state = .cleanShutdown
        header.consistentPosition = position
        header.consistentTime = time
        header.detachPosition = position
        header.detachTime = time
        header.firstRequiredGeneration = 0
        header.lastRequiredGeneration = 0
        header.lastCommittedGeneration = 0
        header.firstConsistentGeneration = 0
        header.recoveringGeneration = 0
        header.lastCommittedGenerationTime = .none
        header.lastRequiredGenerationTime = .none
        database.header = header
        database.state = .detached
        try file.update { $0 = header }
    }

    /// A database whose making was not complete was never there. ESE removes it, too.
    private func remove(
        _ database: RedoDatabase<BufferRedoPages>, _ pages: BufferRedoPages
    ) throws(RedoError) {
        pages.abandon()
        pages.file.file.close()
        files[database.loggedPath] = nil
        let path = database.path
        try RedoLogs.during { () throws(StorageError) in try storage.remove(path) }
        try Self.during { () throws(JetError) in try syncDirectory(of: path) }
        environment.reporter.report(
            .information, "\(path): the making of this database was not completed; it is removed")
    }

    private func outcome(_ database: RedoDatabase<BufferRedoPages>) -> RecoveredDatabase {
        let outcome: RecoveredDatabase.Outcome =
            switch database.state {
            case .missing, .mismatch: .missing
            case .laterInLog: .clean
            case .attached, .detached: database.isUnfinished ? .removed : .recovered
            }
        let hasFile = outcome == .recovered || outcome == .clean
        return RecoveredDatabase(
            loggedPath: database.loggedPath, path: database.path, outcome: outcome,
            header: hasFile ? database.header : nil)
    }

    // MARK: Parts.

    /// Tells how far it is; throws if it is to end.
    func step(_ part: Int) throws(RedoError) {
        progress(min(max(part, 0), 1_000))
        if isCancelled() { throw RedoError(.termInProgress, at: log?.endPosition ?? .none) }
    }

    private func append(_ record: some LogRecordFields) throws(RedoError) -> LogSpan {
        guard let log else { throw RedoError(.logFileCorrupt) }
        return try Self.during(at: log.endPosition) { () throws(JetError) in try log.append(fields: record) }
    }

    private func closeFiles() {
        for file in files.values { file.file.close() }
        files.removeAll()
    }

    /// After an error: everything is let go of, files are as they are.
    private func abandon() {
        for file in files.values {
            buffers.detach(DatabaseSlot(rawValue: file.slot))
            file.setLogPending(nil)
        }
        closeFiles()
        log?.close()
        log = nil
    }

    private func report(_ error: RedoError) {
        let path = files.values.first { $0.slot == error.database }?.file.path
        let place = path.map { "\($0), " } ?? ""
        let logs = "log \(LogFileNames(options).closed(error.position.generation)) at \(error.position)"
        environment.reporter.report(.error, "recovery ended: \(place)\(logs): \(error)")
    }

    static func during<Result>(
        at position: LogPosition = .none, _ database: UInt8 = 0, _ body: () throws(JetError) -> Result
    ) throws(RedoError) -> Result {
        do throws(JetError) {
            return try body()
        } catch {
            throw RedoError(error, at: position, database: database)
        }
    }
}

extension LogStream {
    /// Appends a record without payload.
    func append(fields record: some LogRecordFields) throws(JetError) -> LogSpan {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: record.fixedByteCount, alignment: 8)
        defer { memory.deallocate() }
        record.encodeFixed(into: memory)
        return try append(UnsafeRawBufferPointer(start: memory, count: record.fixedByteCount))
    }
}
