// Layer: ESEEngine/9-Session. Uses: Parameters, 2-Log, 4-Version. Used by: Store.
// What the parameters of an instance mean for the layers below.

import ESEFormat

/// An instance's parameters in the units of the layers below.
struct StoreOptions {
    /// Memory of a cache whose parameters name no size. ESE takes what the machine has.
    static let defaultCacheByteCount = 256 << 20
    /// Frames that a cache has at least.
    private static let leastCachePages = 64
    /// From so many pages on JET_paramCacheSizeMax means "no limit".
    private static let unlimitedCachePages = 1_000_000_000
    /// The number of the temporary database; those of users are 1...6.
    static let temporarySlot: UInt8 = 7
    /// User databases at a time. ESE's term: dbidMax less the temporary one.
    static let databaseLimit = 6

    /// The size of the pages of all databases.
    let pageSize: PageSize
    /// Bytes of the cache.
    let cacheByteCount: Int
    /// How the version store is made.
    let versions: VersionStore.Options
    /// Whether there is a log.
    let isLogged: Bool
    /// Directory of the logs, complete.
    let logDirectory: String
    /// Directory of the checkpoint, complete.
    let systemDirectory: String
    /// Path of the temporary database, complete.
    let temporaryPath: String
    /// Whether missing directories are made.
    let createsDirectories: Bool
    /// Pages that a database grows by.
    let extensionPageCount: UInt32
    /// Bytes of log that recovery should have to redo at most.
    let checkpointDepth: UInt64
    /// The parameters themselves.
    let parameters: InstanceParameters

    /// Works out everything. `invalidParameter` for a page size that nothing writes, errors of bad paths.
    init(_ parameters: InstanceParameters, _ storage: any StorageSystem) throws(JetError) {
        self.parameters = parameters
        let sizes = PageSize.allCases.filter { $0.byteCount == parameters.databasePageSize }
        guard let size = sizes.first, size.byteCount >= 4_096 else { throw .invalidParameter }
        pageSize = size
        cacheByteCount = Self.cacheByteCount(parameters, size)
        var versions = VersionStore.Options()
        // A bucket takes a whole page and its bookmark. ESE: twice the parameter on machines of 64 bits.
        versions.bucketByteCount = max(2 * parameters.verPageSize, size.byteCount + 8_192)
        versions.bucketLimit = parameters.maxVerPages
        versions.transactionPercentage = parameters.maxTransactionSize
        versions.temporaryDatabase = Self.temporarySlot
        self.versions = versions
        isLogged = parameters.recovery
        logDirectory = try Self.complete(parameters.logFilePath, storage, .invalidLogDirectory)
        systemDirectory = try Self.complete(parameters.systemPath, storage, .invalidSystemPath)
        var temporary = parameters.tempPath
        if temporary.isEmpty || temporary.hasSuffix("/") || temporary.hasSuffix("\\") { temporary += "tmp.edb" }
        temporaryPath = try Self.complete(temporary, storage, .invalidPath)
        createsDirectories = parameters.createPathIfNotExist
        extensionPageCount = UInt32(clamping: max(1, parameters.dbExtensionSize))
        checkpointDepth = UInt64(max(0, parameters.checkpointDepthMax))
    }

    /// Bytes that pages may take.
    static func cacheByteCount(_ parameters: InstanceParameters, _ size: PageSize) -> Int {
        let pages: Int
        if parameters.cacheSize > 0 {
            pages = parameters.cacheSize
        } else if parameters.cacheSizeMax < unlimitedCachePages {
            pages = parameters.cacheSizeMax
        } else {
            pages = defaultCacheByteCount / size.byteCount
        }
        let least = max(min(parameters.cacheSizeMin, pages), leastCachePages)
        let count = max(pages, least)
        return count > Int.max / size.byteCount ? Int.max : count * size.byteCount
    }

    /// A path from the root, with this system's separators and none at its end.
    static func complete(
        _ path: String, _ storage: any StorageSystem, _ error: JetError
    ) throws(JetError) -> String {
        var text = path.utf8.contains(0x5c) ? String(path.map { $0 == "\\" ? "/" : $0 }) : path
        if text.isEmpty { text = "." }
        do throws(StorageError) {
            var full = try storage.fullPath(text)
            while full.utf8.count > 1, full.hasSuffix("/") { full.removeLast() }
            return full
        } catch _ {
            throw error
        }
    }

    /// What a log stream is made with. The signature is that of the logs, or a new one.
    func log(_ signature: DatabaseSignature) -> LogOptions {
        var log = LogOptions(directory: logDirectory, pageSize: pageSize, signature: signature)
        log.checkpointDirectory = systemDirectory
        log.baseName = parameters.baseName
        // JET_bitESE98FileNames.
        log.fileExtension = parameters.legacyFileNames & 1 != 0 ? "log" : "jtx"
        log.sectorCount = UInt16(clamping: max(16, parameters.logFileByteCount / LogSegment.byteCount))
        log.bufferByteCount = parameters.logBufferByteCount
        log.isCircular = parameters.circularLog
        log.parameters = logged
        return log
    }

    /// The parameters as logs carry them.
    var logged: LogParameters {
        var result = LogParameters()
        // As many as fit; what isn't ASCII is a question mark.
        func path(_ text: String) -> [UInt8] {
            text.unicodeScalars.prefix(LogParameters.greatestPathByteCount).map { $0.isASCII ? UInt8($0.value) : 0x3f }
        }
        result.systemPath = path(systemDirectory)
        result.logPath = path(logDirectory)
        result.isCircular = parameters.circularLog
        result.sessionLimit = UInt32(clamping: parameters.maxSessions)
        result.openTableLimit = UInt32(clamping: parameters.maxOpenTables)
        result.versionPageLimit = UInt32(clamping: parameters.maxVerPages)
        result.cursorLimit = UInt32(clamping: parameters.maxCursors)
        result.logBufferSectorCount = UInt32(clamping: parameters.logBufferByteCount / 512)
        result.logSectorCount = UInt32(clamping: parameters.logFileByteCount / LogSegment.byteCount)
        result.cachePageLimit = UInt32(clamping: cacheByteCount / pageSize.byteCount)
        return result
    }
}

/// Flags of the calls that make, attach and open databases. C names: JET_bitDb….
public struct DatabaseFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Only to be read. C name: JET_bitDbReadOnly.
    public static let readOnly = DatabaseFlags(rawValue: 0x1)
    /// Nobody else may open it. C name: JET_bitDbExclusive.
    public static let exclusive = DatabaseFlags(rawValue: 0x2)
    /// Changes are not logged. C name: JET_bitDbRecoveryOff.
    public static let recoveryOff = DatabaseFlags(rawValue: 0x8)
    /// C name: JET_bitDbVersioningOff.
    public static let versioningOff = DatabaseFlags(rawValue: 0x40)
    /// A file of that name is written over. C name: JET_bitDbOverwriteExisting.
    public static let overwriteExisting = DatabaseFlags(rawValue: 0x200)
}

/// Memory that an instance uses, in bytes unless it says otherwise.
public struct StoreMemory: Hashable, Sendable {
    /// The cache: memory that is allocated for pages.
    public var bufferByteCount = 0
    /// How much that may become; less what is allocated in steps of 1 MiB. C names: JET_paramCacheSize,
    /// JET_paramCacheSizeMax.
    public var bufferByteLimit = 0
    /// How many pages are in the cache.
    public var pageCount = 0
    /// How many pages of these are changed and not written.
    public var changedPageCount = 0
    /// Buckets of the version store that are in use.
    public var versionByteCount = 0
    /// How many buckets that are.
    public var versionBucketCount = 0
    /// How many bytes the version store may take. C name: JET_paramMaxVerPages.
    public var versionByteLimit = 0
    /// The log buffer.
    public var logByteCount = 0
    /// All together.
    public var byteCount: Int { bufferByteCount + versionByteCount + logByteCount }
}
