// Layer: ESEEngine/9-Session. Uses: Store, OpenDatabase, 5-Tree. Used by: the Swift and the C API.
// Databases are attached, opened, closed and detached.
//
// Order of an attach: the record is durable, then the header says so. Recovery finds the database by the record: its
// header has either the position of the record, or is clean and has the position that the record names.
// Order of a detach: all pages are durable, then the record is, then the header is clean.
// Between record and header nothing may fail, or the instance becomes unavailable: then recovery decides.

import ESEFormat
import PlatformIO

extension Store {
    /// The complete path of a database. `databaseInvalidPath`.
    func databasePath(_ path: String) throws(JetError) -> String {
        guard !path.isEmpty, !path.hasSuffix("/"), !path.hasSuffix("\\") else { throw .databaseInvalidPath }
        return try StoreOptions.complete(path, storage, .databaseInvalidPath)
    }

    /// The attached database of a complete path.
    func attached(_ path: String) -> OpenDatabase? { databases.first { $0.path == path && !$0.isTemporary } }

    /// What attaching and making begin with: the session may, the instance can.
    func checkReady(_ session: SessionStore) throws(JetError) {
        if session.level > 0 { throw .inTransaction }
        if let failure { throw failure }
        guard isRunning else { throw .notInitialized }
    }

    // MARK: Attaching.

    /// Attaches a database. Clean ones only: what needs logs is recovered by initialisation.
    ///
    /// `databaseNotFound` if there is no such file or its making was cut off, `fileAccessDenied` if somebody else has
    /// it, `databaseDirtyShutdown` if it needs logs, `pageSizeMismatch`, `invalidDatabaseVersion` for a format that
    /// isn't known, `databaseCorrupted`, `databaseSignInUse` if it is a copy of one that is attached,
    /// `tooManyAttachedDatabases`.
    /// - Returns: `databaseAttached` if it was already. C name: JetAttachDatabase2.
    @discardableResult
    public func attach(
        _ path: String, _ session: SessionStore, _ flags: DatabaseFlags = [], greatestPageCount: UInt32 = 0
    ) throws(JetError) -> JetWarning? {
        try checkReady(session)
        if flags.contains(.versioningOff) { throw .cannotDisableVersioning }
        let path = try databasePath(path)
        return try databaseLock.withLock { () throws(JetError) -> JetWarning? in
            if attached(path) != nil { return .databaseAttached }
            guard let number = freeNumber() else { throw .tooManyAttachedDatabases }
            let isReadOnly = flags.contains(.readOnly)
            let file = try openFile(path, number, isReadOnly: isReadOnly)
            do throws(JetError) {
                try check(file.currentHeader, path)
            } catch {
                file.close()
                throw error
            }
            let hold = holdCheckpoint()
            defer { releaseCheckpoint(hold) }
            do throws(JetError) {
                let log = isReadOnly ? nil : log
                let (database, root) = try load(file, number, log)
                do throws(JetError) {
                    let position =
                        isReadOnly ? .none : try logAttach(file, path, number, greatestPageCount, session)
                    let open = OpenDatabase(
                        database: database, file: file, root: root, path: path, flags: flags,
                        greatestPageCount: greatestPageCount, store: self, attachPosition: position,
                        consistentPosition: file.currentHeader.consistentPosition)
                    file.setTrees(open)
                    enter(open, at: number, releasing: hold)
                } catch {
                    buffers.detach(database.slot)
                    throw error
                }
            } catch {
                file.close()
                throw error
            }
            return nil
        }
    }

    private func openFile(_ path: String, _ number: UInt8, isReadOnly: Bool) throws(JetError) -> DatabaseFile {
        do throws(JetError) {
            return try DatabaseFile.open(
                path, slot: number, storage: storage, log: isReadOnly ? nil : log, versions: versions,
                reporter: reporter, isReadOnly: isReadOnly)
        } catch {
            if error == .databaseCorrupted, isUnfinished(path) { throw noteUnfinished(path) }
            throw error == .fileNotFound ? .databaseNotFound : error
        }
    }

    /// Whether a file is of a database whose making was cut off, and that recovery did not know: there is no such
    /// database, and making it replaces the file.
    func isUnfinished(_ path: String) -> Bool {
        DatabaseFile.isUnfinished(path, pageSize: pageSize, pageCount: Self.firstPageCount, storage: storage)
    }

    private func noteUnfinished(_ path: String) -> JetError {
        reporter.report(.warning, "\(path): the making of this database was cut off; it has to be made again")
        return .databaseNotFound
    }

    /// Whether a file may be attached.
    private func check(_ header: DatabaseHeader, _ path: String) throws(JetError) {
        guard header.fileType == .database || header.fileType == .unknown, header.attributes == 0 else {
            throw .databaseCorrupted
        }
        guard case .known = header.format.support else { throw .invalidDatabaseVersion }
        guard header.pageSize == pageSize else {
            reporter.report(.error, "\(path): its pages have \(header.pageSize.byteCount) bytes")
            throw .pageSizeMismatch
        }
        if header.state == .justCreated {
            throw noteUnfinished(path)
        }
        guard header.state == .cleanShutdown else {
            let logs = header.requiredLogs.map { ", it needs logs \($0.lowerBound) to \($0.upperBound)" } ?? ""
            reporter.report(.error, "\(path): \(header.state)\(logs)")
            throw .databaseDirtyShutdown
        }
        for other in databases where !other.isTemporary {
            if other.file.currentHeader.signature == header.signature { throw .databaseSignInUse }
            // Logs compare paths without regard to case.
            if other.path.lowercased() == path.lowercased() { throw .databaseSharingViolation }
        }
        let attachments = databases.filter { $0.isLogged }.map(\.attachment)
        let own = LogAttachment(
            database: 1, path: path, databaseTime: DatabaseTime(0), lastObjectID: ObjectID(0), attachPosition: .none,
            consistentPosition: .none, signature: header.signature)
        guard LogAttachment.fit(attachments + [own]) else { throw .tooManyAttachedDatabases }
    }

    /// Same for a database that is to be made.
    func checkNew(_ path: String) throws(JetError) {
        var header = DatabaseHeader(pageSize: pageSize)
        header.format = FormatVersion(updateMajor: 20)
        header.state = .cleanShutdown
        header.signature = DatabaseSignature(random: 1)
        try check(header, path)
    }

    /// Logs the attach, then writes the header. Where the record is; `none` without a log.
    private func logAttach(
        _ file: DatabaseFile, _ path: String, _ number: UInt8, _ greatestPageCount: UInt32, _ session: SessionStore
    ) throws(JetError) -> LogPosition {
        let old = file.currentHeader
        guard let log else {
            try file.update { [clock] header in
                header.state = .dirtyShutdown
                header.attachPosition = .none
                header.attachTime = clock.logTime()
                header.logSignature = DatabaseSignature()
                header.forgetBackups()
            }
            return .none
        }
        let bytes = CreateDatabaseRecord.pathBytes(path)
        let record = AttachDatabaseRecord(
            session: session.worker.number, database: number, greatestPageCount: greatestPageCount,
            consistentPosition: old.consistentPosition, signature: old.signature, logSignature: old.logSignature,
            pathByteCount: UInt16(bytes.count), flags: 8)
        let span = try append(record, path: bytes)
        try log.flush(upTo: span.end)
        do throws(JetError) {
            try file.update { [clock] header in
                if header.logSignature != log.options.signature { header.forgetBackups() }
                header.databaseID = UInt32(number)
                header.logSignature = log.options.signature
                header.attachPosition = span.start
                header.attachTime = clock.logTime()
                header.use(from: span.start.generation, through: log.currentFile)
            }
        } catch {
            makeUnavailable(error)
            throw error
        }
        return span.start
    }

    /// Makes a database of an open file, with its pages in the cache.
    private func load(
        _ file: DatabaseFile, _ number: UInt8, _ log: LogStream?
    ) throws(JetError) -> (Database, Tree) {
        let parts = running
        let slot = DatabaseSlot(rawValue: number)
        try parts.buffers.attach(file.file, gate: file, as: slot)
        do throws(JetError) {
            let header = file.currentHeader
            let database = Database(
                slot: slot, pageSize: pageSize, buffers: parts.buffers, log: log, versions: parts.versions,
                file: file.file, lastPage: .none, lastTime: header.lastDatabaseTime, lastObject: header.lastObjectID,
                extensionPageCount: parts.options.extensionPageCount)
            let root = Tree.databaseRoot(of: database)
            database.lastPage = try lastPage(of: root, parts.system)
            return (database, root)
        } catch {
            parts.buffers.detach(slot)
            throw error
        }
    }

    /// The last page that the root of a database owns.
    func lastPage(of root: Tree, _ worker: Worker) throws(JetError) -> UInt32 {
        guard case .space(let space) = root.pages else { throw .databaseCorrupted }
        let last = try space.ownedExtents(of: root, worker).map(\.last).max() ?? .none
        guard last != .none else { throw .databaseCorrupted }
        return last.rawValue
    }

    // MARK: Opening.

    /// Opens an attached database. `databaseNotFound` if it isn't attached, `databaseLocked` if another session has it
    /// for itself, `databaseInUse` if this one wants that and cannot, `oneDatabasePerSession`.
    /// - Returns: The database, and `fileOpenReadOnly` if it was attached for reading. C name: JetOpenDatabase.
    public func open(
        _ path: String, _ session: SessionStore, _ flags: DatabaseFlags = []
    ) throws(JetError) -> (database: OpenDatabase, warning: JetWarning?) {
        let path = try databasePath(path)
        if let failure { throw failure }
        return try databaseLock.withLock { () throws(JetError) -> (OpenDatabase, JetWarning?) in
            guard let database = attached(path) else { throw .databaseNotFound }
            return (database, try open(database, session, flags))
        }
    }

    /// The same for one that is known to be attached.
    func open(
        _ database: OpenDatabase, _ session: SessionStore, _ flags: DatabaseFlags
    ) throws(JetError) -> JetWarning? {
        if running.options.parameters.oneDatabasePerSession, session.hasOther(than: database) {
            throw .oneDatabasePerSession
        }
        try database.open(by: session, exclusively: flags.contains(.exclusive))
        session.noteOpened(database)
        return database.isReadOnly && !flags.contains(.readOnly) ? .fileOpenReadOnly : nil
    }

    /// Closes a database once; whether the session had it open. C name: JetCloseDatabase.
    @discardableResult
    public func close(_ database: OpenDatabase, _ session: SessionStore) -> Bool {
        guard database.close(by: session) else { return false }
        session.noteClosed(database)
        return true
    }

    // MARK: Detaching.

    /// Detaches a database, or all if no path is given. `databaseNotFound`, `databaseInUse` while a session has it open
    /// or a transaction changed it. C name: JetDetachDatabase2.
    public func detach(_ path: String?, _ session: SessionStore) throws(JetError) {
        try checkReady(session)
        let complete = try path.map { (path) throws(JetError) in try databasePath(path) }
        try databaseLock.withLock { () throws(JetError) in
            if let complete {
                guard let database = attached(complete) else { throw .databaseNotFound }
                return try detach(database, session.worker)
            }
            for database in databases where !database.isTemporary { try detach(database, session.worker) }
        }
    }

    private func detach(_ database: OpenDatabase, _ worker: Worker) throws(JetError) {
        guard database.openCount == 0 else { throw .databaseInUse }
        if database.isReadOnly { return drop(database) }
        try cleanAll(of: database)
        try backgroundLock.withLock { () throws(JetError) in
            try settle(database)
            do throws(JetError) {
                var position = LogPosition.none
                if let log = database.database.log {
                    let bytes = CreateDatabaseRecord.pathBytes(database.path)
                    let record = DetachDatabaseRecord(
                        session: worker.number, database: database.slot.rawValue, pathByteCount: UInt16(bytes.count),
                        flags: 0x10)
                    let span = try append(record, path: bytes)
                    try log.flush(upTo: span.end)
                    position = span.start
                }
                try finish(database, at: position)
            } catch {
                makeUnavailable(error)
                throw error
            }
        }
        drop(database)
    }

    /// Writes all pages of a database; afterwards they are durable. Nobody changes any meanwhile.
    func settle(_ database: OpenDatabase) throws(JetError) {
        let buffers = running.buffers
        try buffers.flush(database.slot)
        do throws(JetError) {
            let oldest = try buffers.makeDurable(database.slot)
            precondition(oldest == nil, "nobody changes a database that is being closed")
        } catch {
            makeUnavailable(error)
            throw error
        }
    }

    /// Writes the header of a database whose pages are all durable: it is clean, as of this place of the log.
    func finish(_ database: OpenDatabase, at position: LogPosition) throws(JetError) {
        let time = clock.logTime()
        try database.file.update { header in
            header.state = .cleanShutdown
            header.lastDatabaseTime = max(header.lastDatabaseTime, database.database.lastTime)
            header.lastObjectID = max(header.lastObjectID, database.database.lastObjectID)
            header.consistentPosition = position
            header.consistentTime = time
            header.detachPosition = position
            header.detachTime = time
            header.needNothing()
        }
    }

    /// Forgets a database and closes its file, whatever is in memory.
    func drop(_ database: OpenDatabase) {
        if let worker = database.catalogWorker {
            database.catalogWorker = nil
            remove(worker)
        }
        enter(nil, at: database.slot.rawValue)
        database.file.setTrees(nil)
        backgroundLock.withLock { running.buffers.detach(database.slot) }
        database.file.close()
    }
}

extension DatabaseHeader {
    /// In use: recovery needs the log from a generation through its current file.
    mutating func use(from generation: UInt32, through current: LogFileState) {
        state = .dirtyShutdown
        firstRequiredGeneration = generation
        firstConsistentGeneration = generation
        lastRequiredGeneration = max(generation, current.generation)
        lastCommittedGeneration = lastRequiredGeneration
        lastRequiredGenerationTime = current.creationTime
        lastCommittedGenerationTime = current.creationTime
    }

    /// No log is needed.
    mutating func needNothing() {
        firstRequiredGeneration = 0
        lastRequiredGeneration = 0
        lastCommittedGeneration = 0
        firstConsistentGeneration = 0
        lastCommittedGenerationTime = .none
        lastRequiredGenerationTime = .none
    }

    /// Backups of other logs mean nothing.
    mutating func forgetBackups() {
        previousFullBackup = BackupInfo()
        previousIncrementalBackup = BackupInfo()
        previousCopyBackup = BackupInfo()
        previousDifferentialBackup = BackupInfo()
    }
}
