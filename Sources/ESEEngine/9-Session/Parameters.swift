// Layer: ESEEngine/9-Session. Uses: JetError. Used by: Instance, the Swift and the C API.
// The parameters of an instance: what there is, and the values that are set.

/// A parameter of an instance or of the process. `rawValue` is JET's number.
public struct JetParameter: RawRepresentable, Hashable, Sendable {
    /// JET's number.
    public let rawValue: UInt32

    /// Makes a parameter of a number, which need not be one of JET's.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What it is; nil if there is no such parameter.
    public var definition: ParameterDefinition? { ParameterDefinition.of(rawValue) }
}

/// What a parameter is.
public struct ParameterDefinition: Sendable {
    /// Types of values. All but `text` are integers of a pointer's size.
    public enum Kind: UInt8, Sendable {
        /// An integer.
        case integer
        /// 0 or other.
        case boolean
        /// Options.
        case bits
        /// A power of two.
        case blockSize
        /// A function's address.
        case pointer
        /// The address of a structure.
        case structure
        /// Text.
        case text
    }

    /// Whose it is.
    public enum Scope: UInt8, Sendable {
        /// The whole process has one value.
        case process
        /// Each instance has its own.
        case instance
    }

    /// When it can be set.
    public enum Settable: UInt8, Sendable {
        /// Never; it tells something.
        case never
        /// Until the instance (of `process`: the first one) is initialized.
        case beforeInit
        /// At any time.
        case always
    }

    /// JET's number.
    public let number: UInt32
    /// C name.
    public let name: String
    /// Type.
    public let kind: Kind
    /// Default of an integer; 0 for text.
    public let defaultValue: UInt64
    /// Default of text.
    public let defaultText: String
    /// Integers that are allowed; of text, how many UTF-16 units.
    public let range: ClosedRange<UInt64>
    /// Whose it is.
    public let scope: Scope
    /// When it can be set.
    public let settable: Settable

    /// An integer.
    static func number(
        _ number: UInt32, _ name: String, _ value: UInt64, _ range: ClosedRange<UInt64>, _ scope: Scope,
        _ settable: Settable, _ kind: Kind = .integer
    ) -> ParameterDefinition {
        ParameterDefinition(
            number: number, name: "JET_param\(name)", kind: kind, defaultValue: value, defaultText: "", range: range,
            scope: scope, settable: settable)
    }

    /// A yes or no.
    static func flag(
        _ number: UInt32, _ name: String, _ value: Bool, _ scope: Scope, _ settable: Settable
    ) -> ParameterDefinition {
        .number(number, name, value ? 1 : 0, 0...UInt64.max, scope, settable, .boolean)
    }

    /// Text.
    static func text(
        _ number: UInt32, _ name: String, _ value: String, _ range: ClosedRange<UInt64>, _ scope: Scope,
        _ settable: Settable
    ) -> ParameterDefinition {
        ParameterDefinition(
            number: number, name: "JET_param\(name)", kind: .text, defaultValue: 0, defaultText: value, range: range,
            scope: scope, settable: settable)
    }

    /// All parameters, ascending numbers.
    public static var all: [ParameterDefinition] { table }

    /// The parameter of a number.
    public static func of(_ number: UInt32) -> ParameterDefinition? {
        number < byNumber.count ? byNumber[Int(number)] : nil
    }

    /// Parameters by their numbers, which are small.
    private static let byNumber: [ParameterDefinition?] = {
        var list = [ParameterDefinition?](repeating: nil, count: Int(table.last?.number ?? 0) + 1)
        for one in table { list[Int(one.number)] = one }
        return list
    }()

    /// Whether an integer may be set.
    func allows(_ value: UInt64) -> Bool {
        switch kind {
        case .text: false
        case .blockSize: range.contains(value) && value.nonzeroBitCount == 1
        case .integer, .boolean, .bits, .pointer, .structure: range.contains(value)
        }
    }
}

/// The values that are set for an instance. Those of the process are in it too, as they were when it was made.
public struct InstanceParameters: Sendable {
    /// Where in its life an instance is.
    public enum Phase: Sendable {
        /// Not initialized.
        case configuring
        /// Initialized.
        case running
    }

    /// By number; unused ones 0.
    private var integers: [UInt64]
    /// Text that differs from its default.
    private var texts: [UInt32: String] = [:]

    /// All defaults.
    public init() {
        integers = [UInt64](repeating: 0, count: Int(ParameterDefinition.table.last?.number ?? 0) + 1)
        for one in ParameterDefinition.table { integers[Int(one.number)] = one.defaultValue }
    }

    // MARK: By number

    /// An integer, as JetGetSystemParameter gives it. Throws `invalidParameter` if there is none of this number.
    public func integer(_ parameter: JetParameter) throws(JetError) -> UInt64 {
        guard let definition = parameter.definition, definition.kind != .text else { throw .invalidParameter }
        return self[parameter]
    }

    /// Text, as JetGetSystemParameter gives it. Throws `invalidParameter` if there is none of this number.
    public func text(_ parameter: JetParameter) throws(JetError) -> String {
        guard let definition = parameter.definition, definition.kind == .text else { throw .invalidParameter }
        return texts[parameter.rawValue] ?? definition.defaultText
    }

    /// Sets an integer. Throws `invalidParameter` if there is none of this number, if it can't be set or if the
    /// value is out of range, `alreadyInitialized` if it is too late.
    public mutating func set(
        _ parameter: JetParameter, to value: UInt64, _ phase: Phase = .configuring
    ) throws(JetError) {
        let definition = try settable(parameter, phase)
        guard definition.allows(value) else { throw .invalidParameter }
        integers[Int(parameter.rawValue)] = definition.kind == .boolean ? (value == 0 ? 0 : 1) : value
    }

    /// Sets text; throws as for an integer. Lengths count UTF-16 units.
    public mutating func set(
        _ parameter: JetParameter, to value: String, _ phase: Phase = .configuring
    ) throws(JetError) {
        let definition = try settable(parameter, phase)
        guard definition.kind == .text, definition.range.contains(UInt64(value.utf16.count)),
            !value.utf8.contains(0)
        else { throw .invalidParameter }
        texts[parameter.rawValue] = value
    }

    /// The definition of what may be set now.
    private func settable(_ parameter: JetParameter, _ phase: Phase) throws(JetError) -> ParameterDefinition {
        guard let definition = parameter.definition, definition.settable != .never else { throw .invalidParameter }
        guard phase == .configuring || definition.settable == .always else { throw .alreadyInitialized }
        return definition
    }

    /// An integer of a parameter that exists; two follow from the page size.
    private subscript(parameter: JetParameter) -> UInt64 {
        switch parameter {
        case .keyMost: UInt64(Self.keyMost(pageByteCount: databasePageSize))
        case .lvChunkSizeMost: UInt64(Self.longValueChunkMost(pageByteCount: databasePageSize))
        default: integers[Int(parameter.rawValue)]
        }
    }

    /// JET_cbKeyMost of a page size.
    public static func keyMost(pageByteCount: Int) -> Int {
        switch pageByteCount {
        case ...2048: 500
        case ...4096: 1000
        default: 2000
        }
    }

    /// JET_paramLVChunkSizeMost of a page size.
    public static func longValueChunkMost(pageByteCount: Int) -> Int {
        switch pageByteCount {
        case ...2048: 1966
        case ...4096: 4014
        case ...8192: 8110
        case ...16384: 4050
        default: 8150
        }
    }
}

extension InstanceParameters {
    // MARK: Those the engine uses

    /// An integer that fits an Int; greater ones, which mean "no limit", as the greatest.
    private func count(_ parameter: JetParameter) -> Int { Int(clamping: self[parameter]) }
    /// A yes or no.
    private func flag(_ parameter: JetParameter) -> Bool { self[parameter] != 0 }
    /// Text of a parameter that exists.
    private func string(_ parameter: JetParameter) -> String { (try? text(parameter)) ?? "" }

    /// Directory of the checkpoint file.
    public var systemPath: String { string(.systemPath) }
    /// Path of the temporary database.
    public var tempPath: String { string(.tempPath) }
    /// Directory of the log.
    public var logFilePath: String { string(.logFilePath) }
    /// Three characters that names of log and checkpoint files begin with.
    public var baseName: String { string(.baseName) }
    /// Directory where recovery looks for databases; empty if they are where they were.
    public var alternateDatabaseRecoveryPath: String { string(.alternateDatabaseRecoveryPath) }
    /// Whether there is a log.
    public var recovery: Bool { string(.recovery).lowercased() == "on" }
    /// Sessions at a time.
    public var maxSessions: Int { count(.maxSessions) }
    /// Tables open at a time.
    public var maxOpenTables: Int { count(.maxOpenTables) }
    /// Cursors at a time.
    public var maxCursors: Int { count(.maxCursors) }
    /// Temporary tables at a time.
    public var maxTemporaryTables: Int { count(.maxTemporaryTables) }
    /// Instances at a time in the process.
    public var maxInstances: Int { count(.maxInstances) }
    /// Buckets of the version store.
    public var maxVerPages: Int { count(.maxVerPages) }
    /// Buckets from which on cleaning hurries.
    public var preferredVerPages: Int { count(.preferredVerPages) }
    /// Bytes of a bucket of the version store.
    public var verPageSize: Int { count(.verPageSize) }
    /// Part of the version store that a transaction may fill, percent.
    public var maxTransactionSize: Int { count(.maxTransactionSize) }
    /// Bytes of a log file.
    public var logFileByteCount: Int { count(.logFileSize) * 1024 }
    /// Bytes of the log buffer.
    public var logBufferByteCount: Int { count(.logBuffers) * 512 }
    /// Options of a commit that gives none.
    public var commitDefault: UInt32 { UInt32(truncatingIfNeeded: self[.commitDefault]) }
    /// Whether logs before the checkpoint are removed.
    public var circularLog: Bool { flag(.circularLog) }
    /// Bytes of log that recovery has to redo at most, about.
    public var checkpointDepthMax: Int { count(.checkpointDepthMax) }
    /// Whether logs that are too new for the databases are removed.
    public var deleteOutOfRangeLogs: Bool { flag(.deleteOutOfRangeLogs) }
    /// Whether logs of another size are replaced after recovery.
    public var cleanupMismatchedLogFiles: Bool { flag(.cleanupMismatchedLogFiles) }
    /// Form of the names of log files.
    public var legacyFileNames: UInt32 { UInt32(truncatingIfNeeded: self[.legacyFileNames]) }
    /// Logs to wait before pages of the newest are written.
    public var waypointLatency: Int { count(.waypointLatency) }
    /// Bytes of a page.
    public var databasePageSize: Int { count(.databasePageSize) }
    /// By how many pages a database grows.
    public var dbExtensionSize: Int { count(.dbExtensionSize) }
    /// First size of the temporary database in pages.
    public var pageTempDBMin: Int { count(.pageTempDBMin) }
    /// Least pages in the cache.
    public var cacheSizeMin: Int { count(.cacheSizeMin) }
    /// Most pages in the cache.
    public var cacheSizeMax: Int { count(.cacheSizeMax) }
    /// Pages that the cache is held at; 0 if it finds its size.
    public var cacheSize: Int { count(.cacheSize) }
    /// Whether temporary tables can be rolled back.
    public var enableTempTableVersioning: Bool { flag(.enableTempTableVersioning) }
    /// How indexes of another version of comparing text are found.
    public var enableIndexChecking: Int { count(.enableIndexChecking) }
    /// Whether missing directories are made.
    public var createPathIfNotExist: Bool { flag(.createPathIfNotExist) }
    /// Whether a session may have one database only.
    public var oneDatabasePerSession: Bool { flag(.oneDatabasePerSession) }
    /// Milliseconds to go on trying when a file is locked.
    public var accessDeniedRetryPeriod: Int { count(.accessDeniedRetryPeriod) }
    /// Longest key in bytes.
    public var keyMost: Int { count(.keyMost) }
    /// Lengths of indexed substrings in characters: least, most, how many, step, first.
    public var indexTuples: (lengthMin: Int, lengthMax: Int, toIndexMax: Int, increment: Int, start: Int) {
        (
            count(.indexTuplesLengthMin), count(.indexTuplesLengthMax), count(.indexTuplesToIndexMax),
            count(.indexTupleIncrement), count(.indexTupleStart)
        )
    }
}
