// Layer: ESEEngine/9-Session. Uses: Store, 5-Tree. Used by: the Swift and the C API.
// Databases are made; the temporary one too.
//
// Order: the file is there with a header that says "just created"; the record that makes it is durable; the header gets
// the record's position; pages; the finishing record; the header says that the database is in use. Up to there recovery
// makes the file anew from the log, and a file that the log does not know is a leftover that the next try replaces.

import ESEFormat
import PlatformIO

extension Store {
    /// Pages of a new database, beside the two of its header: 256 in all, as Windows makes it.
    static let firstPageCount: UInt32 = 254
    /// The first database time that a new database's pages may have is one more. ESE's term: dbtimeStart.
    private static let firstTime = DatabaseTime(0x40)

    /// Makes a database, which the session then has open.
    ///
    /// `populate` makes the catalog: it is called with the database attached and the worker at level 0, and must leave
    /// it so. `databaseDuplicate` if there is such a file or database, unless it is to be written over; `databaseInUse`
    /// if the file is that of an attached one; `fileAccessDenied`, `diskFull`, errors of `populate`. Afterwards nothing
    /// is left of it, but for what the log says. C name: JetCreateDatabase2.
    public func createDatabase(
        _ path: String, _ session: SessionStore, _ flags: DatabaseFlags = [], greatestPageCount: UInt32 = 0,
        populate: (OpenDatabase, Worker) throws(JetError) -> Void
    ) throws(JetError) -> OpenDatabase {
        try checkReady(session)
        if flags.contains(.versioningOff), !flags.contains(.recoveryOff) { throw .cannotDisableVersioning }
        let path = try databasePath(path)
        return try databaseLock.withLock { () throws(JetError) -> OpenDatabase in
            if attached(path) != nil { throw .databaseDuplicate }
            guard let number = freeNumber() else { throw .tooManyAttachedDatabases }
            try checkNew(path)
            try removeOld(path, mayOverwrite: flags.contains(.overwriteExisting))
            try prepareDirectory(of: path)
            let log = flags.contains(.recoveryOff) ? nil : log
            let hold = holdCheckpoint()
            defer { releaseCheckpoint(hold) }
            let file = try createFile(path, number, log)
            var position: LogPosition?
            var database: OpenDatabase?
            do throws(JetError) {
                try syncDirectory(of: path)
                position = try logCreation(file, path, number, flags, greatestPageCount, log, session)
                let made = try makeDatabase(
                    file, path, number, flags.subtracting([.overwriteExisting, .exclusive]), greatestPageCount, log,
                    position ?? .none, hold: nil, session.worker)
                database = made
                try populate(made, session.worker)
                precondition(session.level == 0, "a catalog is made in transactions that end")
                try finishCreation(made, log, session)
                _ = try open(made, session, flags)
                releaseCheckpoint(hold)
                return made
            } catch {
                undoCreation(file, path, number, database, position, session)
                releaseCheckpoint(hold)
                // A recovery that begins before this would make the file, and leave what came that far.
                try? advanceCheckpoint()
                throw error
            }
        }
    }

    // MARK: Steps.

    /// Removes a file that is to be written over, or that was left by an attempt that did not come to its end.
    private func removeOld(_ path: String, mayOverwrite: Bool) throws(JetError) {
        do throws(StorageError) {
            guard try storage.exists(path) else { return }
        } catch {
            throw JetError(error)
        }
        // Who has it open is asked by opening it.
        do throws(StorageError) {
            try storage.open(path, .writing).close()
        } catch {
            let error = JetError(error)
            throw error == .fileAccessDenied && !mayOverwrite ? .databaseDuplicate : error
        }
        guard mayOverwrite || isUnfinished(path) else { throw .databaseDuplicate }
        do throws(StorageError) { try storage.remove(path) } catch {
            reporter.report(.error, error.text)
            throw JetError(error)
        }
    }

    private func createFile(_ path: String, _ number: UInt8, _ log: LogStream?) throws(JetError) -> DatabaseFile {
        do throws(JetError) {
            return try DatabaseFile.create(
                path, pageSize: pageSize, pageCount: Self.firstPageCount, slot: number, storage: storage,
                clock: clock, log: log, versions: versions, reporter: reporter)
        } catch {
            if error == .fileAlreadyExists { throw .databaseDuplicate }
            // It wasn't there before, so what is there now is of this attempt.
            try? storage.remove(path)
            throw error
        }
    }

    private func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private func prepareDirectory(of path: String) throws(JetError) {
        let directory = directory(of: path)
        do throws(StorageError) {
            if try storage.exists(directory) { return }
            guard running.options.createsDirectories else { throw StorageError(.notFound, "no such directory") }
            try storage.createDirectory(directory)
        } catch {
            throw error.kind == .notFound ? .databaseInvalidPath : JetError(error)
        }
    }

    private func syncDirectory(of path: String) throws(JetError) {
        do throws(StorageError) { try storage.syncDirectory(directory(of: path)) } catch {
            reporter.report(.error, error.text)
            throw JetError(error)
        }
    }

    /// Logs that the database is made, and tells its header. Where the record is; nil without a log.
    private func logCreation(
        _ file: DatabaseFile, _ path: String, _ number: UInt8, _ flags: DatabaseFlags, _ greatestPageCount: UInt32,
        _ log: LogStream?, _ session: SessionStore
    ) throws(JetError) -> LogPosition? {
        guard let log else { return nil }
        let header = file.currentHeader
        let record = CreateDatabaseRecord(
            session: session.worker.number, database: number, options: flags.rawValue,
            greatestPageCount: greatestPageCount, signature: header.signature, path: path, hasVersion: true)
        var bytes: [UInt8] = []
        for number in [header.format.version, header.format.updateMajor] {
            bytes.append(UInt8(truncatingIfNeeded: number))
            bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        let span = try append(record, path: bytes + CreateDatabaseRecord.pathBytes(path))
        try log.flush(upTo: span.end)
        try file.update { [clock] header in
            header.logSignature = log.options.signature
            header.attachPosition = span.start
            header.attachTime = clock.logTime()
        }
        return span.start
    }

    /// Makes the root of all space and puts the database into the tables.
    private func makeDatabase(
        _ file: DatabaseFile, _ path: String, _ number: UInt8, _ flags: DatabaseFlags, _ greatestPageCount: UInt32,
        _ log: LogStream?, _ position: LogPosition, hold: UInt64?, _ worker: Worker
    ) throws(JetError) -> OpenDatabase {
        let parts = running
        let slot = DatabaseSlot(rawValue: number)
        try parts.buffers.attach(file.file, gate: file, as: slot)
        let database = Database(
            slot: slot, pageSize: pageSize, buffers: parts.buffers, log: log, versions: parts.versions,
            file: file.file, lastPage: PageNumber(Self.firstPageCount), lastTime: Self.firstTime,
            lastObject: ObjectID(1), extensionPageCount: parts.options.extensionPageCount)
        do throws(JetError) {
            let root = try Tree.createDatabaseRoot(database, pageCount: Self.firstPageCount, worker)
            let open = OpenDatabase(
                database: database, file: file, root: root, path: path, flags: flags,
                greatestPageCount: greatestPageCount, store: self, attachPosition: position,
                consistentPosition: .none)
            file.setTrees(open)
            enter(open, at: number, releasing: hold)
            return open
        } catch {
            parts.buffers.detach(slot)
            throw error
        }
    }

    private func finishCreation(
        _ database: OpenDatabase, _ log: LogStream?, _ session: SessionStore
    ) throws(JetError) {
        guard let log else { return try database.file.update { $0.state = .dirtyShutdown } }
        let span = try append(
            CreateDatabaseFinishRecord(session: session.worker.number, database: database.slot.rawValue))
        try log.flush(upTo: span.end)
        // Pages that were written so far depend on no newer file than this one.
        let current = log.currentFile
        try database.file.update { header in
            header.lastDatabaseTime = database.database.lastTime
            header.lastObjectID = database.database.lastObjectID
            header.use(from: database.attachPosition.generation, through: current)
        }
    }

    /// Takes an attempt back that failed: the file goes, and the log says that the database is detached.
    private func undoCreation(
        _ file: DatabaseFile, _ path: String, _ number: UInt8, _ database: OpenDatabase?, _ position: LogPosition?,
        _ session: SessionStore
    ) {
        do throws(JetError) {
            while session.level > 0 { try session.worker.rollback(versions, log, self) }
            if let database { try cleanAll(of: database) }
            if position != nil, let log {
                let bytes = CreateDatabaseRecord.pathBytes(path)
                let record = DetachDatabaseRecord(
                    session: session.worker.number, database: number, pathByteCount: UInt16(bytes.count), flags: 0x10)
                try log.flush(upTo: try append(record, path: bytes).end)
            }
        } catch {
            // What the log says is no longer so: recovery has to find out.
            makeUnavailable(error)
        }
        if let database { drop(database) } else { file.close() }
        guard failure == nil else { return }
        try? storage.remove(path)
        // Before the checkpoint passes what the log says of it: nothing would remove a file that comes back.
        try? syncDirectory(of: path)
    }

    // MARK: The temporary database.

    /// The database of temporary tables, made anew when it is first asked for: not logged, and gone when the instance
    /// ends. `tempPathInUse` if somebody else has a file of its name; `populate` makes its catalog.
    /// C name: JET_paramTempPath.
    public func temporaryDatabase(
        populate: (OpenDatabase, Worker) throws(JetError) -> Void = { _, _ in }
    ) throws(JetError) -> OpenDatabase {
        if let known = database(StoreOptions.temporarySlot) { return known }
        if let failure { throw failure }
        return try databaseLock.withLock { () throws(JetError) -> OpenDatabase in
            if let known = database(StoreOptions.temporarySlot) { return known }
            let path = running.options.temporaryPath
            try prepareDirectory(of: path)
            let file: DatabaseFile
            do throws(JetError) {
                file = try DatabaseFile.create(
                    path, pageSize: pageSize, pageCount: Self.firstPageCount, slot: StoreOptions.temporarySlot,
                    storage: storage, clock: clock, log: nil, versions: versions, reporter: reporter,
                    mode: .replacing, fileType: .temporaryDatabase)
            } catch {
                throw error == .fileAccessDenied ? .tempPathInUse : error
            }
            var made: OpenDatabase?
            do throws(JetError) {
                let database = try makeDatabase(
                    file, path, StoreOptions.temporarySlot, [.recoveryOff], 0, nil, .none, hold: nil, running.system)
                made = database
                try populate(database, running.system)
                return database
            } catch {
                if let made { drop(made) } else { file.close() }
                try? storage.remove(path)
                throw error
            }
        }
    }
}
