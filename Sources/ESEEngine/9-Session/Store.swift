// Layer: ESEEngine/9-Session. Uses: StoreOptions, 2-Log, 3-Buffer, 4-Version, 5-Tree. Used by: instances, tables.
// What an instance has below its sessions: log, cache, version store, databases.
//
// Locks, the outer ones first: `databaseLock` for the time of a call that makes, attaches or detaches; `backgroundLock`
// while pages of all databases are written or the checkpoint moves; `lock` for moments. The first two are never taken
// with latches.

public import ESEFormat
import PlatformIO
import Synchronization

/// All that an instance has below its sessions. Safe from any thread; `initialise` and `terminate` are called by one
/// and exclude everything else, as `EngineInstance` sees to it. ESE's term: INST.
public final class Store: InstanceWork, TreeDirectory, @unchecked Sendable {  // see the locks
    let storage: any StorageSystem
    let clock: any EngineClock
    let tasks: any TaskRunner
    let reporter: any EngineReporter

    /// Held while databases are made, attached, detached.
    let databaseLock = Lock()
    /// Held while the background writes pages or moves the checkpoint.
    let backgroundLock = Lock()
    /// Guards `table`, `workers`, `holds`.
    let lock = Lock()
    /// The attached databases by number.
    private var table: [OpenDatabase?] = []
    private var workers: [ObjectIdentifier: Worker] = [:]
    /// Places that the checkpoint must not pass, each for a call that is under way.
    private var holds: [UInt64: LogPosition] = [:]
    private var lastHold: UInt64 = 0

    /// The parameters, until initialisation.
    private var givenParameters: InstanceParameters
    private var parts: Parts?
    private let failureCode = Atomic<Int32>(0)
    private var gate: InstanceGate?
    /// Background work is over, or pauses.
    let isEnding = Atomic<Bool>(false)
    /// Pages had to be written to get frames.
    let isShortOfFrames = Atomic<Bool>(false)
    /// Records whose counters are zero.
    let zeroes = ZeroQueue()
    /// Service was stopped: everything is to be written soon.
    let isQuiescing = Atomic<Bool>(false)
    /// From this place of the log on, the background has something to do; raw.
    let nextProgress = Atomic<UInt64>(.max)

    /// What exists while the instance is initialised.
    struct Parts {
        let options: StoreOptions
        let log: LogStream?
        let buffers: BufferManager
        let versions: VersionStore
        /// Moves the checkpoint; used with `backgroundLock`. Nil without a log.
        let checkpointer: Checkpointer?
        /// The engine's own worker, for the cleaner.
        let cleaner: Worker
        /// The engine's own worker, for making the temporary database.
        let system: Worker
    }

    /// Whether recovery leaves out databases that are missing. C name: JET_bitReplayIgnoreMissingDB.
    public var ignoresMissingDatabases = false
    /// How catalogs are opened: what orders of text there are. Set before initialisation.
    public var catalogOptions = Catalog.Options()
    /// Hears how far recovery is, 0...1000. Set before initialisation.
    public var onProgress: ((Int) -> Void)?

    /// What the last initialisation found in the log of databases.
    public internal(set) var recoveredDatabases: [RecoveredDatabase] = []

    /// Makes a store; nothing is opened yet. The runner is for this instance alone.
    public init(
        parameters: InstanceParameters, storage: any StorageSystem, clock: any EngineClock, tasks: any TaskRunner,
        reporter: any EngineReporter
    ) {
        givenParameters = parameters
        self.storage = storage
        self.clock = clock
        self.tasks = tasks
        self.reporter = reporter
    }

    // MARK: Parts.

    /// The parameters. Setting them has an effect at the next initialisation, except for the cache's size.
    public var parameters: InstanceParameters {
        get { lock.withLock { givenParameters } }
        set { lock.withLock { givenParameters = newValue } }
    }

    /// Whether it is initialised.
    public var isRunning: Bool { parts != nil }

    /// What exists while it is initialised.
    var running: Parts {
        guard let parts else { preconditionFailure("the instance is initialised") }
        return parts
    }

    /// Sets what exists now; nil after the end.
    func setParts(_ parts: Parts?) {
        self.parts = parts
        failureCode.store(0, ordering: .releasing)
        if parts == nil {
            lock.withLock {
                table = []
                workers = [:]
                holds = [:]
            }
        } else {
            lock.withLock { table = [OpenDatabase?](repeating: nil, count: Int(StoreOptions.temporarySlot) + 1) }
        }
    }

    /// The log; nil without recovery, and before initialisation.
    public var log: LogStream? { parts?.log }
    /// The version store. Only while it is initialised.
    public var versions: VersionStore { running.versions }
    /// The cache. Only while it is initialised.
    public var buffers: BufferManager { running.buffers }
    /// The size of the pages of all databases. Only while it is initialised.
    public var pageSize: PageSize { running.options.pageSize }

    /// Memory in use.
    public var memory: StoreMemory {
        guard let parts else { return StoreMemory() }
        var memory = StoreMemory()
        let statistics = parts.buffers.statistics
        memory.bufferByteCount = statistics.byteCount
        memory.bufferByteLimit = parts.buffers.byteLimit
        memory.pageCount = statistics.pageCount
        memory.changedPageCount = statistics.changedPageCount
        memory.versionBucketCount = parts.versions.bucketCount
        memory.versionByteCount = parts.versions.bucketCount * parts.options.versions.bucketByteCount
        memory.versionByteLimit = parts.options.versions.bucketLimit * parts.options.versions.bucketByteCount
        memory.logByteCount = parts.log?.bufferByteCount ?? 0
        return memory
    }

    /// Changes the size of the cache while it runs. C name: JET_paramCacheSizeMax, JET_paramCacheSize.
    public func setCacheSize(_ parameters: InstanceParameters) throws(JetError) {
        self.parameters = parameters
        guard let parts else { return }
        try parts.buffers.setByteLimit(StoreOptions.cacheByteCount(parameters, parts.options.pageSize))
    }

    // MARK: Unavailability (rule L4).

    /// See `InstanceWork`.
    public func use(_ gate: InstanceGate) { self.gate = gate }

    /// What calls get once the instance became unavailable; nil while it is not.
    public var failure: JetError? {
        let code = failureCode.load(ordering: .acquiring)
        return code == 0 ? nil : JetError(rawValue: code)
    }

    /// Latches the instance because of an error: only termination helps. May be called with latches.
    public func makeUnavailable(_ error: JetError) {
        let isFull = error == .logDiskFull || error == .instanceUnavailableDueToFatalLogDiskFull
        let code = isFull ? JetError.instanceUnavailableDueToFatalLogDiskFull : .instanceUnavailable
        _ = failureCode.compareExchange(expected: 0, desired: code.rawValue, ordering: .acquiringAndReleasing)
        gate?.makeUnavailable(isFull ? .logDiskFull : .fatalError)
    }

    // MARK: Tables.

    /// The attached databases, the temporary one too.
    public var databases: [OpenDatabase] { lock.withLock { table.compactMap { $0 } } }

    /// The database of a number.
    public func database(_ number: UInt8) -> OpenDatabase? {
        lock.withLock { Int(number) < table.count ? table[Int(number)] : nil }
    }

    /// Puts a database into the table and lets go of what held the checkpoint for it, or takes it out.
    func enter(_ database: OpenDatabase?, at number: UInt8, releasing hold: UInt64? = nil) {
        lock.withLock {
            table[Int(number)] = database
            if let hold { holds[hold] = nil }
        }
        let attachments = databases.filter { $0.isLogged }.map(\.attachment)
        log?.setAttachments(attachments)
    }

    /// A free number for a user's database.
    func freeNumber() -> UInt8? {
        lock.withLock {
            (1...StoreOptions.databaseLimit).first { table[$0] == nil }.map { UInt8($0) }
        }
    }

    /// Keeps the checkpoint before what is logged from now on.
    func holdCheckpoint() -> UInt64 {
        lock.withLock {
            lastHold += 1
            holds[lastHold] = log?.endPosition ?? LogPosition.none
            return lastHold
        }
    }

    /// Ends that.
    func releaseCheckpoint(_ hold: UInt64) { lock.withLock { holds[hold] = nil } }

    /// The oldest place of the log that open transactions and running calls need, and the databases.
    func needed() -> (position: LogPosition?, databases: [OpenDatabase]) {
        lock.withLock {
            var position: LogPosition?
            for hold in holds.values { position = min(position ?? hold, hold) }
            for worker in workers.values {
                let first = LogPosition(rawValue: worker.transaction.loggedBegin)
                if first.rawValue != 0 { position = min(position ?? first, first) }
            }
            return (position, table.compactMap { $0 })
        }
    }

    /// The tree of a root in a database, for rollback and cleaning; nil if it is gone. Without latches.
    func tree(database: UInt8, root: PageNumber) -> Tree? {
        guard let open = self.database(database) else { return nil }
        do throws(JetError) {
            return try open.tree(root: root)
        } catch {
            reporter.report(.error, "\(open.path): the tree at page \(root) can't be used: \(error)")
            return nil
        }
    }

    // MARK: Sessions.

    /// Begins the work of a session. `number` is the session's, for the log. `notInitialized`.
    public func makeSession(number: UInt16) throws(JetError) -> SessionStore {
        guard let parts else { throw .notInitialized }
        let worker = Worker(parts.versions.clock.make(session: number))
        add(worker)
        return SessionStore(self, worker)
    }

    /// Knows a worker: its transactions hold the checkpoint back.
    func add(_ worker: Worker) { lock.withLock { workers[ObjectIdentifier(worker)] = worker } }

    /// Forgets a session's worker.
    func remove(_ worker: Worker) {
        _ = lock.withLock { workers.removeValue(forKey: ObjectIdentifier(worker)) }
        // What is open when the instance goes away goes with it.
        if worker.transaction.level == 0, let parts { parts.versions.clock.release(worker.transaction) }
    }
}
