// Layer: Jet. Uses: JetLibrary, ESEEngine (InstanceParameters). Used by: JetABI.
// Parameters of the process, of instances and of sessions.

public import ESEEngine
import ESEFormat
import PlatformIO

/// The value of a parameter.
public enum ParameterValue: Hashable, Sendable {
    /// All that is not text. A pointer to JET_UNICODEINDEX is given as `UnicodeIndexDefault.packed`.
    case integer(UInt64)
    /// Text.
    case text(String)
}

/// How text is compared in indexes that don't say it. C name: JET_paramUnicodeIndexDefault, JET_UNICODEINDEX.
public struct UnicodeIndexDefault: Hashable, Sendable {
    /// The locale's number. C name: lcid.
    public var localeNumber: UInt32
    /// C name: dwMapFlags.
    public var mapFlags: UInt32

    /// Makes one.
    public init(localeNumber: UInt32, mapFlags: UInt32) {
        self.localeNumber = localeNumber
        self.mapFlags = mapFlags
    }

    /// What applies if nothing was set: English (United States), LCMAP_SORTKEY, and case, kana and width are not told
    /// apart.
    public static let initial = UnicodeIndexDefault(localeNumber: 0x409, mapFlags: 0x30401)

    /// Both in one integer.
    public var packed: UInt64 { UInt64(mapFlags) << 32 | UInt64(localeNumber) }

    /// The two of an integer; of 0, what applies if nothing was set.
    public init(packed: UInt64) {
        self =
            packed == 0
            ? .initial : Self(localeNumber: UInt32(truncatingIfNeeded: packed), mapFlags: UInt32(packed >> 32))
    }
}

/// A parameter to be set by JetEnableMultiInstance. C name: JET_SETSYSPARAM.
public struct ParameterSetting: Hashable, Sendable {
    /// JET's number.
    public var number: UInt32
    /// The value; nil if it was text and is missing.
    public var value: ParameterValue?

    /// Makes one.
    public init(number: UInt32, value: ParameterValue?) {
        self.number = number
        self.value = value
    }
}

extension JetLibrary {
    /// Whether a parameter is text. JET_errInvalidParameter if there is none of this number.
    public static func isText(_ number: UInt32) throws(JetError) -> Bool {
        guard let definition = JetParameter(rawValue: number).definition else { throw .invalidParameter }
        return definition.kind == .text
    }

    /// Sets a parameter. `session` and `instance` may be 0 or -1, which is none: then it is set for all instances that
    /// are made later. C name: JetSetSystemParameter.
    public func setParameter(
        _ number: UInt32, to value: ParameterValue?, instance: UInt, session: UInt
    ) throws(JetError) {
        guard let definition = JetParameter(rawValue: number).definition else { throw .invalidParameter }
        guard let instance = try owner(definition, instance, session) else {
            try withDefaults { (defaults, isAnyInitialised) throws(JetError) in
                let isLate = isAnyInitialised && definition.scope == .process
                try Self.set(definition, value, isLate ? .running : .configuring, in: &defaults)
            }
            if Self.cacheSizes.contains(JetParameter(rawValue: number)) { try resizeCaches() }
            return
        }
        try instance.engine.gate.enter(.withoutInit)
        defer { instance.engine.gate.leave() }
        try instance.parameters.withLock { (parameters) throws(JetError) in
            try Self.set(definition, value, instance.phase, in: &parameters)
        }
    }

    /// A parameter's value. C name: JetGetSystemParameter.
    public func parameter(_ number: UInt32, instance: UInt, session: UInt) throws(JetError) -> ParameterValue {
        guard let definition = JetParameter(rawValue: number).definition else { throw .invalidParameter }
        guard let instance = try owner(definition, instance, session) else {
            if JetParameter(rawValue: number) == .cacheSize, let count = cachedPageCount() { return .integer(count) }
            return try withDefaults { (defaults) throws(JetError) in try Self.get(definition, defaults) }
        }
        try instance.engine.gate.enter(.withoutInit)
        defer { instance.engine.gate.leave() }
        let parameters = try effectiveParameters(instance)
        return try Self.get(definition, parameters)
    }

    // MARK: The cache. Each instance has its own, of the size that the process's parameters say.

    private static let cacheSizes: Set<JetParameter> = [.cacheSize, .cacheSizeMin, .cacheSizeMax]

    /// Does something with the stores that are initialised.
    private func forEachStore(_ body: (JetInstance, Store) throws(JetError) -> Void) throws(JetError) {
        for instance in allInstances() {
            // One that is not initialised, or ends, has no cache.
            guard (try? instance.engine.gate.enter(.ordinary)) != nil else { continue }
            defer { instance.engine.gate.leave() }
            if let store = instance.work.store { try body(instance, store) }
        }
    }

    /// Lets the caches have the size that was set.
    private func resizeCaches() throws(JetError) {
        try forEachStore { (instance, store) throws(JetError) in
            try store.setCacheSize(try effectiveParameters(instance))
        }
    }

    /// How many pages the caches have room for just now; nil if no instance is initialised.
    private func cachedPageCount() -> UInt64? {
        var count: Int?
        try? forEachStore { (_, store) in
            count = (count ?? 0) + store.memory.bufferByteCount / store.pageSize.byteCount
        }
        return count.map { UInt64($0) }
    }

    /// Whose parameter it is: nil means the process, and all instances that are made later.
    private func owner(
        _ definition: ParameterDefinition, _ instance: UInt, _ session: UInt
    ) throws(JetError) -> JetInstance? {
        let named = try namedInstance(instance, session)
        return definition.scope == .process ? nil : named
    }

    private func namedInstance(_ handle: UInt, _ session: UInt) throws(JetError) -> JetInstance? {
        switch registry.mode {
        case .undecided: return nil
        case .single: return registry.count == 0 ? nil : try instance(0)
        case .multiple:
            if session != 0 && session != .max {
                return try withSession(session, .getSessionInfo) { call in call.session.work.instance }
            }
            return handle == 0 || handle == .max ? nil : try instance(handle)
        }
    }

    private static func set(
        _ definition: ParameterDefinition, _ value: ParameterValue?, _ phase: InstanceParameters.Phase,
        in parameters: inout InstanceParameters
    ) throws(JetError) {
        let parameter = JetParameter(rawValue: definition.number)
        do throws(JetError) {
            switch value {
            case .integer(let value): try parameters.set(parameter, to: value, phase)
            case .text(let value): try parameters.set(parameter, to: value, phase)
            case nil: throw .invalidParameter
            }
        } catch {
            let isTupleLimit = [.indexTuplesLengthMin, .indexTuplesLengthMax, .indexTuplesToIndexMax].contains(
                parameter)
            throw error == .invalidParameter && isTupleLimit ? .indexTuplesInvalidLimits : error
        }
    }

    private static func get(
        _ definition: ParameterDefinition, _ parameters: InstanceParameters
    ) throws(JetError) -> ParameterValue {
        let parameter = JetParameter(rawValue: definition.number)
        return definition.kind == .text
            ? .text(try parameters.text(parameter)) : .integer(try parameters.integer(parameter))
    }

    /// An instance's parameters with those of the process as they are now.
    func effectiveParameters(_ instance: JetInstance) throws(JetError) -> InstanceParameters {
        let defaults = try withDefaults { (defaults) in defaults }
        var parameters = instance.parameters.withLock { $0 }
        for definition in ParameterDefinition.all where definition.scope == .process && definition.settable != .never {
            try Self.set(definition, try Self.get(definition, defaults), .configuring, in: &parameters)
        }
        return parameters
    }

    /// Chooses several instances, and sets parameters of the process, as many as possible; `succeeded` is told how
    /// many, `failed` which one was wrong. C name: JetEnableMultiInstance.
    public func enableMultipleInstances(
        _ settings: [ParameterSetting], succeeded: (Int) -> Void
    ) throws(JetError) {
        var count = 0
        defer { succeeded(count) }
        switch registry.mode {
        case .single: throw .runningInOneInstanceMode
        case .multiple: throw .systemParamsAlreadySet
        case .undecided: break
        }
        for setting in settings {
            try setParameter(setting.number, to: setting.value, instance: 0, session: 0)
            count += 1
        }
        try registry.choose(.multiple)
    }

    /// What JET_paramErrorToString gives: an error's or a warning's name and what it means.
    public static func describe(_ number: Int32) -> String {
        if number == 0 { return "JET_errSuccess, Success." }
        if let found = JetError.all.first(where: { $0.error.rawValue == number }) {
            return "\(found.name), \(found.text)"
        }
        if let found = JetWarning.all.first(where: { $0.warning.rawValue == number }) {
            return "\(found.name), \(found.text)"
        }
        return "JET_errUnknown, This is no number of JET."
    }
}
