// Layer: Jet. Uses: JetLibrary. Used by: JetABI.
// Instances: made, initialised, stopped, terminated, listed.

public import ESEEngine

/// What JetInit got as its instance.
public enum GivenInstance: Hashable, Sendable {
    /// A null pointer: the caller doesn't want to know the handle.
    case nowhere
    /// The value that the pointer leads to; 0 and -1 mean none.
    case handle(UInt)
}

/// An instance and its databases. C name: JET_INSTANCE_INFO.
public struct InstanceDescription: Hashable, Sendable {
    /// C name: hInstanceId.
    public var handle: UInt
    /// Its display name, else its name, else empty. C name: szInstanceName.
    public var name: String
    /// Paths of its databases. C name: szDatabaseFileName.
    public var databases: [String]
}

extension JetLibrary {
    /// Makes an instance and returns its handle. C names: JetCreateInstance, JetCreateInstance2.
    public func createInstance(name: String?, displayName: String?) throws(JetError) -> UInt {
        try makeInstance(name: name, displayName: displayName, mode: .multiple).handle
    }

    /// Initialises an instance, which is made if none was given, and returns its handle. One that was made here is gone
    /// after an error. C names: JetInit, JetInit2, JetInit3.
    public func initialise(
        _ given: GivenInstance, _ options: RecoveryOptions = RecoveryOptions()
    ) throws(JetError) -> UInt {
        // Other options would leave databases in another state than the caller thinks.
        guard options.moveCount == 0, options.flags & ~RecoveryOptions.ignoreMissingDatabases == 0 else {
            throw .featureNotAvailable
        }
        let (instance, isNew) = try instanceToInitialise(given)
        do throws(JetError) {
            try initialise(instance, options)
        } catch {
            if isNew { try? terminate(instance.handle, .abrupt) }
            throw error
        }
        return instance.handle
    }

    private func instanceToInitialise(_ given: GivenInstance) throws(JetError) -> (JetInstance, isNew: Bool) {
        if registry.mode != .multiple {
            // With one instance the handle may be anything: the only one is made now.
            return (try makeInstance(name: nil, displayName: nil, mode: .single), true)
        }
        guard case .handle(let handle) = given else { throw .runningInMultiInstanceMode }
        guard handle == 0 || handle == .max else { return (try instance(handle), false) }
        return (try makeInstance(name: nil, displayName: nil, mode: .multiple), true)
    }

    private func initialise(_ instance: JetInstance, _ options: RecoveryOptions) throws(JetError) {
        let engine = instance.engine
        // What is prepared must be that of the initialisation which succeeds.
        guard engine.gate.state.phase == .created else { return try engine.initialise() }
        let parameters = try effectiveParameters(instance)
        try engine.setSessions(limit: min(parameters.maxSessions, SessionPool.greatestLimit), quota: .strict)
        instance.work.prepare(parameters, options)
        try engine.initialise()
    }

    /// Terminates an instance. C names: JetTerm2; JetTerm gives `abrupt`.
    public func terminate(_ handle: UInt, _ flags: TerminationFlags) throws(JetError) {
        let engine = try registry.find(handle)
        defer { forget(engine) }
        try registry.terminate(engine.gate.handle, flags)
    }

    /// Stops service of the only instance. C name: JetStopService.
    public func stopService() throws(JetError) { try registry.stopService() }

    /// Stops or resumes service of an instance. C names: JetStopServiceInstance, JetStopServiceInstance2.
    public func stopService(_ handle: UInt, _ flags: StopFlags = []) throws(JetError) {
        try registry.find(handle).stopService(flags)
    }

    /// The instances that are initialised, and their databases. C name: JetGetInstanceInfo.
    public func instanceDescriptions() -> [InstanceDescription] {
        allInstances().compactMap { instance in
            let phase = instance.engine.gate.state.phase
            guard phase == .running || phase == .terminating else { return nil }
            return InstanceDescription(
                handle: instance.handle, name: instance.displayName,
                databases: instance.work.store?.databases.filter { !$0.isTemporary }.map(\.path) ?? [])
        }
    }
}
