// Layer: StationStore. Uses: StoreDirectory, StoreCore. Used by: Station.
// A store: one data directory, its recorder and its readers.

public import ESE
import PlatformIO
import Primitives
import Sealing

/// An open store. Safe from any thread.
public final class StationStore: Sendable {
    /// The data directory.
    public let directory: String
    /// How it was opened.
    public let options: StoreOptions
    /// Everything that writes.
    public var recorder: Recorder { Recorder(store: self, state: recording) }
    /// Everything that reads.
    public var reader: Reader { Reader(store: self) }

    let key: SealingKey
    private let environment: EngineEnvironment
    private let state: Locked<State>
    private let recording = RecorderState()

    private struct State {
        /// The open database; nil between its end and the next call.
        var core: StoreCore?
        /// Whether `core` is over and only waits to be closed.
        var isOver = false
        var isClosed = false
        var claim: StoreDirectory?
        /// Why it could not be opened again, and when.
        var failure: (error: StoreError, at: Instant)?
    }

    /// Makes the directory (mode 700), its key (mode 600) and the database if they are missing, and opens them. What a
    /// crash left is recovered.
    /// - Parameters:
    ///   - directory: The data directory, for this store alone.
    ///   - options: Sizes and limits.
    ///   - environment: The database's files and clocks. The key and the lock are always files of this machine.
    /// - Throws: `inUse`, `keyExposed`, `keyInvalid`, `keyMissing`, `newerFormat`, `unopenable`; `file`, `full`,
    ///   `database`.
    public static func open(
        directory: String, options: StoreOptions = StoreOptions(),
        environment: EngineEnvironment = EngineEnvironment(storage: FileStorage(permissions: 0o600))
    ) throws(StoreError) -> StationStore {
        let claim = try StoreDirectory(directory)
        let isMaking = try claim.prepareMaking()
        let core: StoreCore
        do throws(StoreError) {
            core = try StoreCore(directory, options, environment, isMaking ? .createNew : .existing)
        } catch {
            guard !isMaking, case .database(let reason) = error else { throw error }
            throw .unopenable(path: "\(directory)/\(StoreDirectory.databaseName)", reason)
        }
        let store = StationStore(directory, options, environment, claim.key, core, claim)
        if isMaking {
            do throws(StoreError) {
                try claim.finishMaking()
            } catch {
                try? store.close()
                throw error
            }
        }
        return store
    }

    /// Opens a store whose files are somewhere else than on this machine, with a key of 32 bytes: for tests.
    package static func open(
        simulated directory: String, key: [UInt8], options: StoreOptions = StoreOptions(),
        environment: EngineEnvironment
    ) throws(StoreError) -> StationStore {
        guard let key = SealingKey(key) else { throw .keyInvalid(path: directory, byteCount: key.count) }
        return StationStore(
            directory, options, environment, key, try StoreCore(directory, options, environment, .createIfMissing), nil)
    }

    private init(
        _ directory: String, _ options: StoreOptions, _ environment: EngineEnvironment, _ key: SealingKey,
        _ core: StoreCore, _ claim: StoreDirectory?
    ) {
        precondition((1...65_536).contains(options.roundsPerBlock), "a block has 1 to 65,536 values")
        precondition(options.roundAgeLimit > 0 && options.deletionLimit > 0, "limits are above 0")
        self.directory = directory
        self.options = options
        self.environment = environment
        self.key = key
        state = Locked(State(core: core, claim: claim))
    }

    /// Writes everything, makes the database clean and lets the directory go. Waits for calls of other threads. Closing
    /// again does nothing.
    /// - Throws: What writing throws; what was committed is recovered when the store is opened again.
    public func close() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            guard !state.isClosed else { return }
            do throws(StoreError) {
                try state.core?.close()
            } catch {
                // Somebody is inside: the store goes on.
                if error == .database(.tooManyActiveUsers) { throw error }
                if !state.isOver {
                    state = State(isClosed: true)
                    throw error
                }
            }
            state = State(isClosed: true)
        }
    }

    /// For how long a reader believes that opening it again fails. Whoever looks at the station while the disk is full
    /// must not have the logs replayed with every look.
    private static let failureLife = Interval.seconds(15)

    /// The open database. Opens it again if it was over: for the recorder at once, which knows when to try.
    func core(isReading: Bool = false) throws(StoreError) -> StoreCore {
        try state.withLock { (state) throws(StoreError) -> StoreCore in
            if state.isClosed { throw .closed }
            if let core = state.core, !state.isOver { return core }
            let now = SystemClock.now
            if isReading, let failure = state.failure, now - failure.at < Self.failureLife { throw failure.error }
            if let core = state.core {
                do throws(StoreError) {
                    try core.close()
                } catch {
                    // Any other error: it is over all the same, and recovery does the rest.
                    if error == .database(.tooManyActiveUsers) || error == .database(.termInProgress) { throw error }
                }
                state.core = nil
            }
            var environment = environment
            // The same lines every few seconds help nobody.
            if state.failure != nil { environment.reporter = SilentReporter() }
            do throws(StoreError) {
                let core = try StoreCore(directory, options, environment, .existing)
                state.core = core
                state.isOver = false
                state.failure = nil
                return core
            } catch {
                state.failure = (error, now)
                throw error
            }
        }
    }

    /// Does something with a core; notes if it is over.
    func watching<Result>(
        _ core: StoreCore, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            if error.isOfDatabase, !Self.isAlive(core) { state.withLock { if $0.core === core { $0.isOver = true } } }
            throw error
        }
    }

    /// Whether the engine still takes calls.
    private static func isAlive(_ core: StoreCore) -> Bool {
        do throws(JetError) {
            try core.instance.makeSession().end()
            return true
        } catch {
            return error == .outOfSessions
        }
    }

    /// The bytes of all files of the data directory, the logs among them; what can't be looked at counts nothing.
    public var dataByteCount: Int64 {
        let names = (try? FileAccess.list(directory)) ?? []
        return names.reduce(0) { $0 + ((try? FileAccess.status("\(directory)/\($1)"))?.byteCount ?? 0) }
    }

    /// The database's memory in use.
    public var memory: StoreMemory? { state.withLock { $0.core?.instance.memory } }
}
