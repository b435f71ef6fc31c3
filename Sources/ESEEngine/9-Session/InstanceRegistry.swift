// Layer: ESEEngine/9-Session. Uses: EngineInstance, HandleTable. Used by: the C API, the Swift API.
// The instances of a process, by handle and by name.

import PlatformIO
import Synchronization

/// The instances of a process and their handles. Safe from any thread.
public final class InstanceRegistry: @unchecked Sendable {
    /// Whether the process has one instance, which calls need not name, or several. The first call decides; when the
    /// last instance is gone it is open again. ESE's name: RUNINSTMODE.
    public enum Mode: UInt8, Sendable, CaseIterable {
        /// Nobody has decided.
        case undecided
        /// One, made by initialising without a handle.
        case single
        /// Several, made by JetCreateInstance.
        case multiple
    }

    /// C name: the default of JET_paramMaxInstances.
    public static let defaultLimit = 16

    /// The handles of instances, sessions and cursors.
    public let table: HandleTable
    private let lock = Lock()
    // Under the lock.
    private var instances: [UInt: EngineInstance] = [:]
    private var limit: Int
    private var currentMode = Mode.undecided

    /// Makes a registry without instances.
    public init(table: HandleTable = HandleTable(), limit: Int = InstanceRegistry.defaultLimit) {
        self.table = table
        self.limit = limit
    }

    /// How many instances there are.
    public var count: Int { lock.withLock { instances.count } }
    /// The mode now.
    public var mode: Mode { lock.withLock { currentMode } }

    /// Decides for a mode, or checks it. JET_errRunningInOneInstanceMode, JET_errRunningInMultiInstanceMode.
    /// C name: JetEnableMultiInstance.
    public func choose(_ mode: Mode) throws(JetError) {
        try lock.withLock { () throws(JetError) in try chooseLocked(mode) }
    }

    private func chooseLocked(_ mode: Mode) throws(JetError) {
        precondition(mode != .undecided)
        if currentMode == .undecided { currentMode = mode }
        guard currentMode == mode else {
            throw currentMode == .single
                ? SessionError.runningInOneInstanceMode : SessionError.runningInMultiInstanceMode
        }
    }

    /// Makes an instance. Errors of `choose`; JET_errTooManyInstances, JET_errInstanceNameInUse, JET_errOutOfMemory.
    /// In single mode a second one is JET_errAlreadyInitialized. C name: JetCreateInstance.
    public func create(
        name: String, mode: Mode = .multiple, work: any InstanceWork
    ) throws(JetError) -> EngineInstance {
        try lock.withLock { () throws(JetError) in
            try chooseLocked(mode)
            if mode == .single && !instances.isEmpty { throw SessionError.alreadyInitialized }
            guard instances.count < limit else { throw SessionError.tooManyInstances }
            if instances.values.contains(where: { $0.name == name }) { throw SessionError.instanceNameInUse }
            do throws(JetError) {
                let (slot, handle) = try table.reserve(.instance, owner: nil)
                let instance = EngineInstance(
                    name: name, gate: InstanceGate(table: table, slot: slot, handle: handle), work: work)
                table.publish(slot, handle, instance)
                instances[handle] = instance
                return instance
            } catch {
                if instances.isEmpty { currentMode = .undecided }
                throw error
            }
        }
    }

    /// The instance of a handle. JET_errInvalidInstance for a number that is no handle of one, except 0 and -1,
    /// which mean the only one in single mode and are JET_errInvalidParameter otherwise, as everything is without
    /// instances.
    public func find(_ handle: UInt) throws(JetError) -> EngineInstance {
        try lock.withLock { () throws(JetError) in
            let isNone = handle == 0 || handle == .max
            if isNone, currentMode == .single, let only = instances.first { return only.value }
            if isNone || instances.isEmpty { throw .invalidParameter }
            guard let instance = instances[handle] else { throw SessionError.invalidInstance }
            return instance
        }
    }

    /// The instance of a name.
    public func find(name: String) -> EngineInstance? {
        lock.withLock { instances.values.first { $0.name == name } }
    }

    /// Terminates an instance; its handle is dead then, also after an error but JET_errTermInProgress,
    /// JET_errBackupInProgress, JET_errTooManyActiveUsers, JET_errNotInitialized and JET_errRestoreInProgress.
    /// C name: JetTerm2; JetTerm gives `abrupt`.
    public func terminate(_ handle: UInt, _ flags: TerminationFlags = .abrupt) throws(JetError) {
        let instance = try find(handle)
        let (isOver, error) = instance.terminate(flags)
        if isOver {
            lock.withLock {
                instances[instance.gate.handle] = nil
                if instances.isEmpty { currentMode = .undecided }
            }
            table.recycle(instance.gate.slot, instance.gate.handle)
        }
        if let error { throw error }
    }

    /// Stops service of the only instance. JET_errRunningInMultiInstanceMode, JET_errInvalidParameter if there is none.
    /// C name: JetStopService.
    public func stopService() throws(JetError) {
        if mode == .multiple { throw SessionError.runningInMultiInstanceMode }
        try find(0).stopService()
    }
}
