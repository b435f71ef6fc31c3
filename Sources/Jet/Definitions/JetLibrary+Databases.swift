// Layer: Jet. Uses: JetLibrary, ESEEngine (Store, OpenDatabase). Used by: JetABI.
// Databases are made, attached, opened, closed and detached.

public import ESEEngine
public import ESEFormat

/// Flags of a detach. C names: JET_bitForceDetach, JET_bitForceCloseAndDetach.
public struct DetachFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// C name: JET_bitForceDetach.
    public static let force = DetachFlags(rawValue: 0x1)
    /// C name: the second bit of JET_bitForceCloseAndDetach.
    public static let forceClose = DetachFlags(rawValue: 0x2)
}

/// Which bits the functions of databases know.
private enum KnownFlags {
    // ReadOnly, Exclusive, RecoveryOff, DeleteCorruptIndexes, VersioningOff, ShadowingOff, Upgrade or
    // OverwriteExisting, DeleteUnicodeIndexes, EnableBackgroundMaintenance, PurgeCacheOnAttach.
    static let create: UInt32 = 0x2 | 0x8 | 0x40 | 0x80 | 0x200 | 0x800
    static let attach: UInt32 = 0x1 | 0x10 | 0x40 | 0x200 | 0x400 | 0x800 | 0x1000
    static let open: UInt32 = 0x1 | 0x2
}

extension JetLibrary {
    /// A database that the session has open. JET_errInvalidDatabaseId.
    func database(_ call: JetCall, _ number: UInt32) throws(JetError) -> OpenDatabase {
        guard let number = UInt8(exactly: number), let database = call.session.work.store.database(number) else {
            throw .invalidDatabaseId
        }
        return database
    }

    private static func check(_ flags: UInt32, _ known: UInt32) throws(JetError) {
        guard flags & ~known == 0 else { throw .invalidGrbit }
    }

    private static func checkPath(_ path: String) throws(JetError) {
        guard !path.isEmpty else { throw .databaseInvalidPath }
    }

    /// Makes a database and opens it; its number. C names: JetCreateDatabase, JetCreateDatabase2.
    public func createDatabase(
        _ session: UInt, _ path: String, _ flags: UInt32, greatestPageCount: UInt32 = 0
    ) throws(JetError) -> UInt32 {
        try withSession(session) { (call) throws(JetError) in
            try Self.check(flags, KnownFlags.create)
            try Self.checkPath(path)
            let work = call.session.work.store
            let database = try work.store.createDatabase(
                path, work, DatabaseFlags(rawValue: flags), greatestPageCount: greatestPageCount)
            return UInt32(database.slot.rawValue)
        }
    }

    /// Attaches a database. C names: JetAttachDatabase, JetAttachDatabase2.
    public func attachDatabase(
        _ session: UInt, _ path: String, _ flags: UInt32, greatestPageCount: UInt32 = 0
    ) throws(JetError) -> JetWarning? {
        try withSession(session) { (call) throws(JetError) in
            try Self.check(flags, KnownFlags.attach)
            try Self.checkPath(path)
            let work = call.session.work.store
            // The bit means something else when a database is made.
            let known = DatabaseFlags(rawValue: flags).subtracting(.overwriteExisting)
            return try work.store.attach(path, work, known, greatestPageCount: greatestPageCount)
        }
    }

    /// Opens an attached database; its number. C name: JetOpenDatabase.
    public func openDatabase(
        _ session: UInt, _ path: String, _ flags: UInt32
    ) throws(JetError) -> (number: UInt32, warning: JetWarning?) {
        try withSession(session) { (call) throws(JetError) in
            try Self.check(flags, KnownFlags.open)
            try Self.checkPath(path)
            let work = call.session.work.store
            let opened = try work.store.open(path, work, DatabaseFlags(rawValue: flags))
            return (UInt32(opened.database.slot.rawValue), opened.warning)
        }
    }

    /// Closes a database once; with the last time its cursors of this session are closed. C name: JetCloseDatabase.
    public func closeDatabase(_ session: UInt, _ number: UInt32, _ flags: UInt32) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            guard flags & ~1 == 0 else { throw .invalidGrbit }
            let work = call.session.work
            let database = try database(call, number)
            if work.store.openCount(of: database) == 1 {
                for cursor in work.cursors where cursor.rows.table.database === database.database { cursor.close() }
            }
            guard work.store.store.close(database, work.store) else { throw .invalidDatabaseId }
        }
    }

    /// Detaches a database, or all. C names: JetDetachDatabase, JetDetachDatabase2.
    public func detachDatabase(_ session: UInt, _ path: String?, _ flags: DetachFlags = []) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            guard flags.isEmpty else { throw flags.contains(.force) ? .forceDetachNotAllowed : .invalidGrbit }
            let work = call.session.work.store
            try work.store.detach(path.flatMap { $0.isEmpty ? nil : $0 }, work)
        }
    }

    // MARK: Information.

    /// Something about a database. C names: JET_DbInfo….
    public struct DatabaseDescription: Sendable {
        /// Its complete path.
        public var path: String
        /// Its header as it is now.
        public var header: DatabaseHeader
        /// Pages of its file, those of the header too.
        public var filePageCount: UInt32
        /// Whether the session has it for itself.
        public var isExclusive: Bool
    }

    /// What is known of a database that the session has open. JET_errInvalidDatabaseId. C name: JetGetDatabaseInfo.
    public func describeDatabase(_ session: UInt, _ number: UInt32) throws(JetError) -> DatabaseDescription {
        try withSession(session) { (call) throws(JetError) in
            let database = try database(call, number)
            var header = database.file.currentHeader
            // The header in the file lags behind.
            header.lastDatabaseTime = max(header.lastDatabaseTime, database.database.lastTime)
            header.lastObjectID = max(header.lastObjectID, database.database.lastObjectID)
            let count: UInt64
            do throws(StorageError) { count = try database.file.file.byteCount() } catch { throw JetError(error) }
            return DatabaseDescription(
                path: database.path, header: header,
                filePageCount: UInt32(clamping: count / UInt64(header.pageSize.byteCount)),
                isExclusive: database.isExclusive(to: call.session.work.store))
        }
    }

    /// The pages of a database that the session has open. JET_errInvalidDatabaseId. C name: JetGetDatabaseInfo.
    public func databaseSpace(_ session: UInt, _ number: UInt32) throws(JetError) -> SpaceUsage {
        try withSession(session) { (call) throws(JetError) in
            try database(call, number).spaceUsage(call.session.work.store)
        }
    }

    /// Bytes of a file. JET_errFileNotFound and others of files. C name: JetGetDatabaseFileInfo.
    public func databaseFileByteCount(_ path: String) throws(JetError) -> UInt64 {
        try withFile(path) { (file) throws(StorageError) in try file.byteCount() }
    }

    /// Whether a database is attached to an instance of this process. C name: JET_DbInfoDBInUse.
    public func isDatabaseInUse(_ path: String) throws(JetError) -> Bool {
        _ = try databaseFileByteCount(path)
        return try attached(path) != nil
    }

    private func attached(_ path: String) throws(JetError) -> OpenDatabase? {
        let full: String
        do throws(StorageError) { full = try fileSystem.fullPath(path) } catch { throw .invalidPath }
        for instance in allInstances() {
            for database in instance.work.store?.databases ?? [] where database.path == full { return database }
        }
        return nil
    }

    private func withFile<Result>(
        _ path: String, _ body: (any StorageFile) throws(StorageError) -> Result
    ) throws(JetError) -> Result {
        guard !path.isEmpty else { throw .databaseInvalidPath }
        do throws(StorageError) {
            let file = try fileSystem.open(path, .reading)
            defer { file.close() }
            return try body(file)
        } catch { throw JetError(error) }
    }

    /// The header of a database, attached or not. JET_errFileNotFound, JET_errReadVerifyFailure if no copy of it is
    /// whole. C name: JetGetDatabaseFileInfo.
    public func databaseFileHeader(_ path: String) throws(JetError) -> DatabaseHeader {
        if let database = try attached(path) { return database.file.currentHeader }
        let bytes = try withFile(path) { (file) throws(StorageError) in
            let count = min(try file.byteCount(), UInt64(DatabaseHeader.usefulStartByteCount))
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(count), alignment: 8)
            defer { buffer.deallocate() }
            let read = try file.read(into: buffer, at: 0)
            return [UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<read]))
        }
        do throws(FormatError) {
            return try DatabaseHeader.read(start: bytes.span.bytes).header
        } catch { throw .readVerifyFailure }
    }

    // MARK: Idle work.

    /// Does what there is to do now. C name: JetIdle.
    /// - Returns: `noIdleActivity` if there was nothing, `idleFull` if the version store is more than half full.
    public func idle(_ session: UInt, _ flags: UInt32) throws(JetError) -> JetWarning? {
        try withSession(session) { (call) throws(JetError) in
            guard flags & ~0x7 == 0 else { throw .invalidGrbit }
            let store = call.session.work.store.store
            if flags & 0x4 != 0 { return store.isVersionStoreHalfFull ? .idleFull : nil }
            if flags & 0x2 != 0 { store.cleanVersions() }
            if flags & 0x1 != 0 { try store.log?.flush() }
            return flags & 0x3 == 0 ? .noIdleActivity : nil
        }
    }
}
