// Layer: ESE/Environment. Uses: ESEEngine, FileStorage, SystemEngineClock, ThreadTaskRunner. Used by: the Swift and the
// C API, programs.
// Instances with this machine's files, clocks and threads.

public import ESEEngine
import PlatformIO

/// What instances of this machine are made with.
public struct EngineEnvironment: Sendable {
    /// The files.
    public var storage: any StorageSystem
    /// Time and random numbers.
    public var clock: any EngineClock
    /// Who hears of what happens.
    public var reporter: any EngineReporter
    /// Threads for the background work of each instance: 1 or 2.
    public var threadCount = 2

    /// Makes an environment: this machine's files and clocks, and reports of warnings and errors to the program's
    /// standard error, unless others are given.
    public init(
        storage: any StorageSystem = FileStorage(), clock: any EngineClock = SystemEngineClock(),
        reporter: any EngineReporter = StandardErrorReporter()
    ) {
        self.storage = storage
        self.clock = clock
        self.reporter = reporter
    }

    /// Makes the storage of an instance, with threads of its own. `outOfThreads`.
    public func makeStore(parameters: InstanceParameters) throws(JetError) -> Store {
        let tasks: ThreadTaskRunner
        do throws(IOError) {
            tasks = try ThreadTaskRunner(threadCount: threadCount)
        } catch {
            reporter.report(.error, "\(error)")
            throw .outOfThreads
        }
        return Store(parameters: parameters, storage: storage, clock: clock, tasks: tasks, reporter: reporter)
    }

    /// Makes an instance in a registry, not yet initialised, and its storage. Errors of `InstanceRegistry.create`.
    public func makeInstance(
        name: String, parameters: InstanceParameters, mode: InstanceRegistry.Mode = .multiple,
        in registry: InstanceRegistry
    ) throws(JetError) -> (instance: EngineInstance, store: Store) {
        let store = try makeStore(parameters: parameters)
        let instance = try registry.create(name: name, mode: mode, work: store)
        try instance.setSessions(limit: parameters.maxSessions, quota: .shared)
        return (instance, store)
    }
}
