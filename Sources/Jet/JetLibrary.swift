// Layer: Jet. Uses: JetInstance, ESEEngine (InstanceRegistry). Used by: JetABI.
// What the exported functions do, without C: instances, parameters, sessions, transactions.

package import ESE
package import ESEEngine
import PlatformIO

/// The engine of a process, as the C API has it: handles are integers that may be anything. Safe from any thread.
///
/// Every method throws what its function returns; the function's documentation is in esent.h and Microsoft's.
public final class JetLibrary: @unchecked Sendable {
    /// The library of this process.
    public static let shared = JetLibrary()

    /// A name that no instance can be given, for the one without a name.
    private static let unnamed = "\0"
    /// JET_paramMaxInstances is checked here, against what it is set to at the time.
    private static let registryLimit = 1024

    /// Handles of instances, sessions and cursors.
    let table: HandleTable
    let registry: InstanceRegistry
    let threads = JetThreads()
    private let lock = Lock()
    // Under the lock.
    private var defaults = InstanceParameters()
    private var instances: [UInt: JetInstance] = [:]
    private var madeCount = 0
    private var environment: EngineEnvironment

    /// Makes a library without instances.
    /// - Parameters:
    ///   - memory: where handles get their memory from, aligned to 128 bytes.
    ///   - environment: the files, clocks and reports of its instances.
    package init(
        memory: @escaping HandleTable.Memory = { SystemMemory.allocate(byteCount: $0, alignment: 128) },
        environment: EngineEnvironment = EngineEnvironment()
    ) {
        table = HandleTable(memory: memory)
        registry = InstanceRegistry(table: table, limit: Self.registryLimit)
        self.environment = environment
    }

    /// From now on instances are made with other files, for tests of what happens when storage fails or takes long.
    package func use(_ environment: EngineEnvironment) { lock.withLock { self.environment = environment } }

    /// The files that instances are made with from now on.
    var fileSystem: any StorageSystem { lock.withLock { environment.storage } }

    /// The engine's part of an instance.
    package func engine(_ handle: UInt) throws(JetError) -> EngineInstance { try registry.find(handle) }

    // MARK: Under the lock

    /// The parameters of the process, and what new instances start with.
    func withDefaults<Result>(
        _ body: (inout InstanceParameters) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try lock.withLock { () throws(JetError) in try body(&defaults) }
    }

    /// The same, told whether an instance is initialised.
    func withDefaults<Result>(
        _ body: (inout InstanceParameters, _ isAnyInitialised: Bool) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try lock.withLock { () throws(JetError) in
            try body(&defaults, instances.values.contains { $0.phase == .running })
        }
    }

    /// An instance of a handle, or the only one for 0 and -1. Errors of `InstanceRegistry.find`.
    func instance(_ handle: UInt) throws(JetError) -> JetInstance {
        let engine = try registry.find(handle)
        guard let instance = lock.withLock({ instances[engine.gate.handle] }) else { throw .invalidInstance }
        return instance
    }

    /// All instances, in the order in which they were made.
    func allInstances() -> [JetInstance] {
        lock.withLock { instances.values.sorted { $0.number < $1.number } }
    }

    /// Makes an instance with the parameters of the process.
    func makeInstance(
        name: String?, displayName: String?, mode: InstanceRegistry.Mode
    ) throws(JetError) -> JetInstance {
        try lock.withLock { () throws(JetError) in
            if mode == .multiple, registry.mode == .multiple, registry.count >= defaults.maxInstances {
                throw .tooManyInstances
            }
            let work = DeferredStore(environment)
            let engine = try registry.create(name: name ?? Self.unnamed, mode: mode, work: work)
            let instance = JetInstance(
                engine: engine, number: madeCount, name: name, displayName: displayName, parameters: defaults,
                work: work)
            madeCount += 1
            instances[instance.handle] = instance
            return instance
        }
    }

    /// Forgets an instance that the registry has no more.
    func forget(_ engine: EngineInstance) {
        let handle = engine.gate.handle
        if let found = try? registry.find(handle), found === engine { return }
        _ = lock.withLock { instances.removeValue(forKey: handle) }
    }
}
