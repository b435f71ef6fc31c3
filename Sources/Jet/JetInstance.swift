// Layer: Jet. Uses: InstanceStore, ESEEngine (EngineInstance). Used by: JetLibrary.
// An instance of the C API: the engine's instance with its parameters and its store.

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
    let work: DeferredWork

    init(
        engine: EngineInstance, number: Int, name: String?, displayName: String?, parameters: InstanceParameters,
        work: DeferredWork
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

/// The engine's instance is made before its parameters are known; its store comes when it is initialised.
final class DeferredWork: InstanceWork {
    private struct State {
        var request: InstanceRequest?
        var store: (any InstanceStore)?
    }

    private let state = Locked(State())
    private let make: StoreFactory

    init(_ make: @escaping StoreFactory) { self.make = make }

    /// What the next initialisation uses.
    func prepare(_ request: InstanceRequest) { state.withLock { $0.request = request } }

    /// The store while there is one.
    var store: (any InstanceStore)? { state.withLock { $0.store } }

    func initialise(recovery: (Bool) -> Void) throws(JetError) {
        guard let request = state.withLock({ $0.request }) else { throw .notInitialized }
        let store = try make(request)
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
