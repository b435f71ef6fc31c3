// Layer: Jet. Uses: ESE (EngineEnvironment), ESEEngine (EngineInstance, Store). Used by: JetLibrary.
// An instance of the C API: the engine's instance with its parameters and its store.

import ESE
import ESEEngine
import PlatformIO

/// An instance as the C API has it. C name: JET_INSTANCE.
final class JetInstance: Sendable {
    let engine: EngineInstance
    /// How many were made before.
    let number: Int
    /// The name it was made with; nil if none was given.
    let name: String?
    /// What messages and JetGetInstanceInfo call it.
    let displayName: String
    /// Its parameters; those of the process are looked up elsewhere.
    let parameters: Locked<InstanceParameters>
    let work: DeferredStore
    /// Which cursors keep others from tables.
    let tableLocks = TableLocks()

    init(
        engine: EngineInstance, number: Int, name: String?, displayName: String?, parameters: InstanceParameters,
        work: DeferredStore
    ) {
        self.engine = engine
        self.number = number
        self.name = name
        self.displayName = displayName ?? name ?? ""
        self.parameters = Locked(parameters)
        self.work = work
    }

    /// C name: JET_INSTANCE.
    var handle: UInt { engine.gate.handle }

    /// Which parameters can be set still.
    var phase: InstanceParameters.Phase { engine.gate.state.phase == .created ? .configuring : .running }
}

/// The engine's instance is made before its parameters are known; its store, with files and threads, comes when it is
/// initialised.
final class DeferredStore: InstanceWork {
    private struct State {
        var gate: InstanceGate?
        var parameters = InstanceParameters()
        var options = RecoveryOptions()
        var store: Store?
    }

    private let state = Locked(State())
    private let environment: EngineEnvironment

    init(_ environment: EngineEnvironment) { self.environment = environment }

    /// What the next initialisation uses.
    func prepare(_ parameters: InstanceParameters, _ options: RecoveryOptions) {
        state.withLock {
            $0.parameters = parameters
            $0.options = options
        }
    }

    /// The store while there is one.
    var store: Store? { state.withLock { $0.store } }

    func use(_ gate: InstanceGate) { state.withLock { $0.gate = gate } }

    func initialise(recovery: (Bool) -> Void) throws(JetError) {
        let given = state.withLock { $0 }
        let store = try environment.makeStore(parameters: given.parameters)
        if let gate = given.gate { store.use(gate) }
        store.ignoresMissingDatabases = given.options.flags & RecoveryOptions.ignoreMissingDatabases != 0
        store.onProgress = given.options.progress
        store.catalogOptions = TextOrder.catalogOptions(
            UnicodeIndexDefault(packed: try given.parameters.integer(.unicodeIndexDefault)))
        state.withLock { $0.store = store }
        do {
            try store.initialise(recovery: recovery)
        } catch {
            state.withLock { $0.store = nil }
            throw error
        }
    }

    var isBackupRunning: Bool { store?.isBackupRunning ?? false }

    func stopBackup() { store?.stopBackup() }

    func terminate(_ kind: TerminationKind) throws(JetError) {
        guard let store else { return }
        defer { state.withLock { $0.store = nil } }
        try store.terminate(kind)
    }

    func setStopped(_ flags: StopFlags, all: Bool) { store?.setStopped(flags, all: all) }
}
