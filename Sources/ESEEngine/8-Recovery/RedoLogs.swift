// Layer: ESEEngine/8-Recovery. Uses: StorageSystem, LogHeader, Checkpoint. Used by: RedoDriver.
// The log files of a directory by generation, and the checkpoint. Names only say where to look: the number of a file is
// the one in its header.

import ESEFormat

/// Where the files of recovery are, and how far it goes.
public struct RedoOptions: Sendable {
    /// How the path of a database in the log becomes one of this machine.
    public enum PathMapping: Sendable {
        /// As it stands in the log.
        case asLogged
        /// The same file name in this directory.
        case directory(String)
        /// By the whole path in the log, capital letters or not; a database that isn't named is ignored.
        case paths([String: String])
    }

    /// The directory of the logs.
    public var logDirectory: String
    /// The checkpoint's path; nil for none: then all logs that follow on each other are redone.
    public var checkpointPath: String?
    /// What names of logs start with, such as `edb`.
    public var baseName: String
    /// What names of logs end with.
    public var logExtension = "log"
    /// Where databases are.
    public var mapping: PathMapping
    /// Where to start if there is no checkpoint; nil: with the lowest generation.
    public var firstGeneration: UInt32?
    /// The last generation to redo; nil: all. What databases need beyond it is no error then.
    public var lastGeneration: UInt32?
    /// Whether databases that are missing or other ones than the log says are left out, rather than an error.
    public var ignoresMissingDatabases = false

    /// Whether a checkpoint of which no copy is good counts as none: its making was interrupted.
    public var ignoresBadCheckpoint = false

    /// Makes options.
    public init(logDirectory: String, baseName: String, checkpointPath: String? = nil, mapping: PathMapping) {
        self.logDirectory = logDirectory
        self.baseName = baseName
        self.checkpointPath = checkpointPath
        self.mapping = mapping
    }

    /// Where a database is; nil if it is to be ignored.
    func path(of logged: String) -> String? {
        switch mapping {
        case .asLogged: return logged
        case .directory(let directory):
            let name = logged.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? logged
            return "\(directory)/\(name)"
        case .paths(let paths):
            return paths[logged] ?? paths.first { $0.key.lowercased() == logged.lowercased() }?.value
        }
    }
}

/// The logs that were found.
struct RedoLogs {
    /// The file of each generation.
    private(set) var paths: [UInt32: String] = [:]
    private let storage: any StorageSystem

    /// Looks for logs in the directory of the options.
    /// - Throws: What the storage reports; `logFileCorrupt` for a newest log without a valid header.
    init(_ storage: any StorageSystem, _ options: RedoOptions) throws(RedoError) {
        self.storage = storage
        let names = try Self.during { () throws(StorageError) in try storage.list(options.logDirectory) }
        let base = options.baseName.lowercased()
        let suffix = "." + options.logExtension.lowercased()
        var current: String?
        for name in names {
            let lower = name.lowercased()
            guard lower.hasPrefix(base), lower.hasSuffix(suffix) else { continue }
            let middle = lower.dropFirst(base.count).dropLast(suffix.count)
            if middle.isEmpty {
                current = "\(options.logDirectory)/\(name)"
            } else if middle.count == 5 || middle.count == 8, let number = UInt32(middle, radix: 16), number > 0 {
                paths[number] = "\(options.logDirectory)/\(name)"
            }
        }
        if let current {
            // A numbered file of the same generation is the one that was closed.
            let header = try Self.header(try read(current), LogPosition.none)
            if paths[header.generation] == nil { paths[header.generation] = current }
        }
    }

    /// The bytes of a generation's file and its header.
    func read(_ generation: UInt32) throws(RedoError) -> (bytes: [UInt8], header: LogHeader) {
        let place = LogPosition(generation: generation, sector: 0, byte: 0)
        guard let path = paths[generation] else {
            throw RedoError(RedoError.Code.requiredLogFilesMissing, at: place, generation: generation)
        }
        let bytes = try read(path)
        let header = try Self.header(bytes, place)
        guard header.version.hasSegments else {
            throw RedoError(RedoError.Code.badLogVersion, at: place, generation: generation)
        }
        guard header.generation == generation else {
            throw RedoError(RedoError.Code.invalidLogSequence, at: place, generation: header.generation)
        }
        return (bytes, header)
    }

    /// The bytes of a file.
    func read(_ path: String) throws(RedoError) -> [UInt8] { try Self.readFile(storage, path) }

    /// The bytes of a file, as many as a log may have.
    static func readFile(_ storage: any StorageSystem, _ path: String) throws(RedoError) -> [UInt8] {
        try during { () throws(StorageError) in
            let file = try storage.open(path, .reading)
            defer { file.close() }
            // A log has at most 65,535 sectors.
            let count = Int(min(try file.byteCount(), 65_535 * 4_096))
            return try Self.read(file, count)
        }
    }

    /// The first bytes of an open file.
    static func read(_ file: any StorageFile, _ count: Int) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(StorageError) {
                initialized = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private static func header(_ bytes: [UInt8], _ place: LogPosition) throws(RedoError) -> LogHeader {
        do throws(FormatError) {
            return try LogHeader(decoding: bytes.span.bytes)
        } catch {
            throw RedoError(.logFileCorrupt, at: place, generation: place.generation)
        }
    }

    /// Makes JET's error of a storage's.
    static func during<Result>(_ body: () throws(StorageError) -> Result) throws(RedoError) -> Result {
        do throws(StorageError) {
            return try body()
        } catch {
            switch error.kind {
            case .notFound: throw RedoError(.fileNotFound)
            case .exists: throw RedoError(.fileAlreadyExists)
            case .locked, .denied: throw RedoError(.fileAccessDenied)
            case .full: throw RedoError(.diskFull)
            case .failed: throw RedoError(.diskIO)
            }
        }
    }
}

/// The macros that are not complete where redo stands.
struct RedoMacros {
    /// What tells one from the others.
    struct Key: Hashable {
        var session: UInt16
        var time: DatabaseTime
    }

    /// The records of one, with their bytes behind each other.
    struct Macro {
        var bytes: [UInt8] = []
        var items: [(record: LogRecord, range: Range<Int>, position: LogPosition, end: LogPosition)] = []

        /// Lends the records.
        func withRecords(_ body: ([RedoRecord]) throws(RedoError) -> Void) throws(RedoError) {
            try bytes.lend { (all) throws(RedoError) in
                try body(items.map { RedoRecord($0.record, all.part($0.range), at: $0.position, end: $0.end) })
            }
        }
    }

    private(set) var open: [Key: Macro] = [:]

    /// Starts one; an unfinished one of the same session and time is forgotten.
    mutating func begin(_ record: MacroRecord) {
        open[Key(session: record.session, time: record.databaseTime)] = Macro()
    }

    /// Takes a macro off the list.
    mutating func end(_ record: MacroRecord) -> Macro? {
        open.removeValue(forKey: Key(session: record.session, time: record.databaseTime))
    }

    /// Keeps a record if it is part of a macro.
    mutating func take(_ item: RedoRecord) -> Bool {
        guard !open.isEmpty, let (session, time) = item.record.macroKey else { return false }
        let key = Key(session: session, time: time)
        guard open[key] != nil else { return false }
        let start = open[key]?.bytes.count ?? 0
        open[key]?.bytes.append(contentsOf: item.bytes.buffer)
        open[key]?.items.append(
            (item.record, start..<start + item.bytes.byteCount, item.position, item.end))
        return true
    }

    /// Forgets all.
    mutating func removeAll() { open.removeAll() }
}

extension LogRecord {
    /// What tells the macro that a record belongs to.
    var macroKey: (UInt16, DatabaseTime)? {
        switch self {
        case .undoInfo: nil
        case .newPage(let record): (record.session, record.databaseTime)
        case .rootPageMove(let record): (record.session, record.databaseTime)
        default: page.map { ($0.session, $0.databaseTime) }
        }
    }

    /// The number of the database that a record is about; nil for those of sessions and engines.
    var databaseNumber: UInt8? {
        switch self {
        case .newPage(let record): record.database
        case .rootPageMove(let record): record.database
        case .extendDatabase(let record): record.database
        case .shrinkDatabase(let record): record.database
        case .trimDatabase(let record): record.database
        case .setDatabaseVersion(let record): record.database
        default: page?.database
        }
    }
}
