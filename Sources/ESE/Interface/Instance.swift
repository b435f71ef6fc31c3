// Layer: ESE/Interface. Uses: EngineEnvironment, Session. Used by: programs.
// An instance: the log, the cache and the databases that work together.

public import ESEEngine
import ESECollation
public import ESEFormat
import PlatformIO
import Synchronization

/// How an instance is opened. Every value has a default.
public struct InstanceOptions: Sendable {
    /// The size of the pages of all databases: 4, 8, 16 or 32 KiB. C name: JET_paramDatabasePageSize.
    public var pageSize = PageSize.kibibytes8
    /// The most memory for pages, in bytes. C name: JET_paramCacheSizeMax.
    public var cacheByteCount = 64 << 20
    /// Whether changes are logged, so that they outlive a crash. Without it a database that was open in a crash is
    /// lost. C name: JET_paramRecovery.
    public var isLogged = true
    /// The size of one log file in bytes, from 64 KiB to 32 MiB. C name: JET_paramLogFileSize.
    public var logFileByteCount = 1 << 20
    /// The log buffer in bytes. C name: JET_paramLogBuffers.
    public var logBufferByteCount = 512 << 10
    /// Whether logs are deleted when no recovery needs them any more. C name: JET_paramCircularLog.
    public var isCircular = true
    /// How many bytes of log recovery should have to read at most. C name: JET_paramCheckpointDepthMax.
    public var checkpointDepth = 8 << 20
    /// How many sessions there may be at a time. C name: JET_paramMaxSessions.
    public var sessionLimit = 256
    /// Memory for older versions of rows, in units of `versionPageByteCount`. C name: JET_paramMaxVerPages.
    public var versionPageLimit = 1_024
    /// Three characters that the names of the logs begin with. C name: JET_paramBaseName.
    public var baseName = "edb"
    /// Other parameters, set after all of the above.
    public var adjust: @Sendable (inout InstanceParameters) throws(JetError) -> Void = { _ throws(JetError) in }
    /// Files, clocks, reports and threads.
    public var environment = EngineEnvironment()

    /// Makes options that are all defaults.
    public init() {}

    /// The parameters for a directory.
    func parameters(_ directory: String) throws(JetError) -> InstanceParameters {
        var parameters = InstanceParameters()
        try parameters.set(.systemPath, to: directory)
        try parameters.set(.logFilePath, to: directory)
        try parameters.set(.tempPath, to: directory.hasSuffix("/") ? directory : directory + "/")
        try parameters.set(.baseName, to: baseName)
        try parameters.set(.createPathIfNotExist, to: 1)
        try parameters.set(.databasePageSize, to: UInt64(pageSize.byteCount))
        try parameters.set(.cacheSizeMax, to: UInt64(max(1, cacheByteCount / pageSize.byteCount)))
        try parameters.set(.recovery, to: isLogged ? "on" : "off")
        try parameters.set(.logFileSize, to: UInt64(clamping: logFileByteCount >> 10))
        try parameters.set(.logBuffers, to: UInt64(clamping: logBufferByteCount / 512))
        try parameters.set(.circularLog, to: isCircular ? 1 : 0)
        try parameters.set(.checkpointDepthMax, to: UInt64(clamping: checkpointDepth))
        try parameters.set(.maxSessions, to: UInt64(clamping: sessionLimit))
        try parameters.set(.maxVerPages, to: UInt64(clamping: versionPageLimit))
        try adjust(&parameters)
        return parameters
    }
}

/// An instance of the engine on this machine. Safe from any thread. C name: JET_INSTANCE.
///
/// Opening one recovers its databases if the last run ended in a crash. An instance that is not closed closes itself,
/// if nobody uses it, when the last reference goes.
public final class Instance: Sendable {
    /// The engine's instance, for what has no place in this API.
    public let engine: EngineInstance
    /// The instance's storage.
    public let store: Store
    /// The directory of logs and checkpoint, and where relative paths of databases start.
    public let directory: String

    private let isClosed = Atomic<Bool>(false)
    /// Who is inside of the sessions.
    let owners = Locked<[UInt: SessionOwnerWord]>([:])

    static let registry = InstanceRegistry(limit: .max)
    private static let lastNumber = Atomic<Int>(0)

    private init(_ engine: EngineInstance, _ store: Store, _ directory: String) {
        self.engine = engine
        self.store = store
        self.directory = directory
    }

    deinit { try? close() }

    /// Opens an instance in a directory, which is made if it is missing, and recovers what a crash left.
    /// C name: JetCreateInstance, JetInit.
    /// - Throws: `invalidParameter` for options out of range; `invalidPath`, `accessDenied` …; `outOfThreads`; errors
    ///   of logs and of recovery.
    public static func open(
        directory: String, _ options: InstanceOptions = InstanceOptions()
    ) throws(JetError) -> Instance {
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        let (engine, store) = try options.environment.makeInstance(
            name: "oriel.\(number)", parameters: try options.parameters(directory), in: registry)
        var catalog = Catalog.Options()
        catalog.collator = { WindowsCollator(index: $0) }
        catalog.sortVersion = UInt64(WindowsCollator.nlsVersion) << 32 | UInt64(WindowsCollator.nlsVersion)
        catalog.sortID = WindowsCollator.sortID
        store.catalogOptions = catalog
        do throws(JetError) {
            try engine.initialise()
        } catch {
            try? registry.terminate(engine.gate.handle, .abrupt)
            throw error
        }
        return Instance(engine, store, directory)
    }

    /// Closes the instance: ends its sessions, writes everything and makes the databases clean. Waits for calls of
    /// other threads. Closing again does nothing. C name: JetTerm2.
    /// - Throws: `tooManyActiveUsers` while a transaction is open, and inside of one: the instance goes on; errors of
    ///   writing: the instance is over, and recovered when it is next opened.
    public func close() throws(JetError) {
        let thread = Thread.currentID
        let isInside = owners.withLock { $0.values.contains { $0.thread.load(ordering: .relaxed) == thread } }
        if isInside { throw .tooManyActiveUsers }
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        do throws(JetError) {
            try Self.registry.terminate(engine.gate.handle, .complete)
        } catch {
            let goesOn = error == .tooManyActiveUsers || error == .termInProgress || error == .backupInProgress
            if goesOn { isClosed.store(false, ordering: .sequentiallyConsistent) }
            throw error
        }
    }

    /// Memory in use, and how much it may become. Looks at every page of the cache. All 0 after `close`.
    public var memory: StoreMemory {
        // So that it doesn't end meanwhile.
        let isInside = (try? engine.gate.enter(.ordinary)) != nil
        defer { if isInside { engine.gate.leave() } }
        return store.memory
    }

    /// Changes the most memory for pages while the instance is used. If it gets less, changed pages are written and
    /// memory is given back, before the call returns; pages that are in use just then go later.
    /// C names: JET_paramCacheSize, JET_paramCacheSizeMax.
    /// - Parameter byteCount: At least 64 pages; fewer count as so many.
    /// - Throws: `invalidParameter` below 0; `notInitialized`, `termInProgress` after `close`; errors of writing.
    public func setCacheByteCount(_ byteCount: Int) throws(JetError) {
        guard byteCount >= 0 else { throw .invalidParameter }
        try engine.gate.enter(.ordinary)
        defer { engine.gate.leave() }
        var parameters = store.parameters
        try parameters.set(.cacheSize, to: 0, .running)
        try parameters.set(.cacheSizeMax, to: UInt64(max(1, byteCount / store.pageSize.byteCount)), .running)
        try store.setCacheSize(parameters)
    }

    /// Begins a session. C name: JetBeginSession.
    /// - Throws: `outOfSessions`; `notInitialized`, `termInProgress`, `invalidInstance` after `close`;
    ///   `instanceUnavailable` after the log could not be written.
    public func makeSession() throws(JetError) -> Session { try Session(self) }

    /// The complete path of a database's name.
    func path(_ name: String) -> String {
        if name.hasPrefix("/") || directory.isEmpty { return name }
        return directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}
