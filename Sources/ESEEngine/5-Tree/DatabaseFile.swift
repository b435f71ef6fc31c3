// Layer: ESEEngine/5-Tree. Uses: 0-Base, 2-Log, 4-Version, ESEFormat's database header. Used by: databases, recovery.
// The file of a database: its two headers, and when pages may be written to it (rule L2).

public import ESEFormat
import PlatformIO

/// An open database file with its header. The header is written twice, one copy after the other is durable, so that one
/// of them is always whole.
public final class DatabaseFile: WriteGate, @unchecked Sendable {  // `header` under `lock`
    /// The file.
    public let file: any StorageFile
    /// Its number in the log. ESE's term: dbid.
    public let slot: UInt8

    private let log: LogStream?
    private let versions: VersionStore
    private let reporter: any EngineReporter
    private let lock = Lock()
    private var header: DatabaseHeader
    /// Who knows the trees; has the file itself, so it is not held.
    private weak var objects: (any TreeDirectory)?
    /// Logs what recovery knows of open changes.
    private var logPending: (@Sendable () throws(JetError) -> LogPosition)?

    private init(
        _ file: any StorageFile, _ header: DatabaseHeader, slot: UInt8, log: LogStream?, versions: VersionStore,
        reporter: any EngineReporter
    ) {
        self.file = file
        self.header = header
        self.slot = slot
        self.log = log
        self.versions = versions
        self.reporter = reporter
    }

    // MARK: Making and opening.

    /// Makes a file with headers that say "just created", long enough for so many pages.
    /// - Throws: `fileAlreadyExists` and JET's errors for failed I/O.
    public static func create(
        _ path: String, pageSize: PageSize, pageCount: UInt32, slot: UInt8, storage: any StorageSystem,
        clock: any EngineClock, log: LogStream?, versions: VersionStore, reporter: any EngineReporter,
        mode: StorageMode = .creating, fileType: FileType = .database
    ) throws(JetError) -> DatabaseFile {
        let file: any StorageFile
        do throws(StorageError) {
            file = try storage.open(path, mode)
            do throws(StorageError) {
                try file.setByteCount(UInt64(pageCount + 2) * UInt64(pageSize.byteCount))
            } catch {
                file.close()
                throw error
            }
        } catch {
            reporter.report(.error, error.text)
            throw JetError(error)
        }
        var header = DatabaseHeader(pageSize: pageSize)
        header.format = FormatVersion(updateMajor: 20)
        header.createdFormat = header.format
        header.fileType = fileType
        header.state = .justCreated
        header.databaseID = UInt32(slot)
        header.signature = DatabaseSignature(
            random: UInt32(truncatingIfNeeded: clock.random()), time: clock.logTime())
        header.sortVersion = .max
        // As what Windows writes; readers only show it.
        (header.osMajorVersion, header.osMinorVersion, header.osBuild) = (6, 2, 9_200)
        let result = DatabaseFile(file, header, slot: slot, log: log, versions: versions, reporter: reporter)
        do throws(JetError) {
            try result.write(header)
        } catch {
            file.close()
            throw error
        }
        return result
    }

    /// Makes a file with a header that is known, for recovery; one that is there is emptied.
    static func replace(
        _ path: String, _ header: DatabaseHeader, slot: UInt8, storage: any StorageSystem, log: LogStream?,
        versions: VersionStore, reporter: any EngineReporter
    ) throws(JetError) -> DatabaseFile {
        let file: any StorageFile
        do throws(StorageError) {
            file = try storage.open(path, .replacing)
        } catch {
            reporter.report(.error, error.text)
            throw JetError(error)
        }
        let result = DatabaseFile(file, header, slot: slot, log: log, versions: versions, reporter: reporter)
        do throws(JetError) {
            try result.write(header)
        } catch {
            file.close()
            throw error
        }
        return result
    }

    /// Opens a file and reads its header: the first copy that is whole.
    /// - Throws: `databaseCorrupted` if none is, `fileNotFound`, `fileAccessDenied` if somebody has it.
    public static func open(
        _ path: String, slot: UInt8, storage: any StorageSystem, log: LogStream?, versions: VersionStore,
        reporter: any EngineReporter, isReadOnly: Bool = false
    ) throws(JetError) -> DatabaseFile {
        var opened: (any StorageFile)?
        do throws(StorageError) {
            let file = try storage.open(path, isReadOnly ? .reading : .writing)
            opened = file
            if let header = try readHeader(of: file) {
                return DatabaseFile(file, header, slot: slot, log: log, versions: versions, reporter: reporter)
            }
            reporter.report(.error, "\(path): neither copy of the database header is whole")
            throw StorageError(.failed, "header")
        } catch {
            opened?.close()
            if error.text == "header" { throw .databaseCorrupted }
            reporter.report(.error, error.text)
            throw JetError(error)
        }
    }

    /// The first copy of the header that is whole; nil if none is.
    private static func readHeader(of file: any StorageFile) throws(StorageError) -> DatabaseHeader? {
        for place in [0, 1] {
            for size in PageSize.allCases.reversed() {
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size.byteCount, alignment: 8)
                defer { buffer.deallocate() }
                let count = try file.read(into: buffer, at: UInt64(place * size.byteCount))
                let bytes = [UInt8](UnsafeRawBufferPointer(buffer))
                guard count == size.byteCount, XORChecksum.isValid(bytes.span.bytes),
                    let header = try? DatabaseHeader(decoding: bytes.span.bytes), header.pageSize == size
                else { continue }
                return header
            }
        }
        return nil
    }

    /// Whether a file was left by somebody who stopped while making a database; it has nothing that anybody committed.
    ///
    /// Either its header says "just created", which no database says that was made (rule R5). Or no copy of the header
    /// is whole, and there never was a page: the file is empty, or all zeros, or zeros behind a torn first copy. A file
    /// that has anything else in it, or is longer than a new database, is somebody's, and damaged. False also for a
    /// file that can't be read.
    /// - Parameter pageCount: Pages of a new database, beside those of the header.
    static func isUnfinished(
        _ path: String, pageSize: PageSize, pageCount: UInt32, storage: any StorageSystem
    ) -> Bool {
        do throws(StorageError) {
            let file = try storage.open(path, .reading)
            defer { file.close() }
            if let header = try readHeader(of: file) { return header.state == .justCreated }
            let byteCount = try file.byteCount()
            guard byteCount <= UInt64(pageCount + 2) * UInt64(pageSize.byteCount) else { return false }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pageSize.byteCount, alignment: 8)
            defer { buffer.deallocate() }
            for offset in stride(from: 0, to: byteCount, by: buffer.count) {
                buffer.initializeMemory(as: UInt8.self, repeating: 0)
                let count = try file.read(into: buffer, at: offset)
                guard UInt64(count) == min(byteCount - offset, UInt64(buffer.count)) else { return false }
                if (0..<buffer.count / 8).allSatisfy({ buffer.load(fromByteOffset: $0 * 8, as: UInt64.self) == 0 }) {
                    continue
                }
                let magic = UInt32(littleEndian: buffer.load(fromByteOffset: 4, as: UInt32.self))
                guard offset == 0, magic == DatabaseHeader.magic else { return false }
            }
            return true
        } catch {
            return false
        }
    }

    /// Closes the file; nobody uses it any more.
    public func close() { file.close() }

    // MARK: The header.

    /// The header as it is in the file.
    public var currentHeader: DatabaseHeader { lock.withLock { header } }

    /// Changes the header in the file.
    public func update(_ change: (inout DatabaseHeader) -> Void) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            var new = header
            change(&new)
            try write(new)
            header = new
        }
    }

    private func write(_ header: DatabaseHeader) throws(JetError) {
        var page = header.encoded()
        let size = header.pageSize.byteCount
        page += [UInt8](repeating: 0, count: max(0, size - page.count))
        do throws(StorageError) {
            for place in [0, 1] {
                try page.span.bytes.withUnsafeBytes { (bytes) throws(StorageError) in
                    try file.write(bytes, at: UInt64(place * size))
                }
                try file.sync()
            }
        } catch {
            reporter.report(.error, error.text)
            throw JetError(error)
        }
    }

    // MARK: The gate.

    /// Says who knows the trees, for records of undo information.
    func setTrees(_ trees: (any TreeDirectory)?) { lock.withLock { objects = trees } }

    /// Logs what undoing the open changes of a page takes. See `WriteGate`.
    public func prepare(_ page: PageNumber) throws(JetError) -> LogPosition {
        guard let log else { return .none }
        let trees = lock.withLock { objects }
        let slot = slot
        return try UndoInformation.log(of: page, slot, versions, log) { root in
            trees?.tree(database: slot, root: root)?.objectID
        }
    }

    /// Returns when pages may be written: the log has their changes and what undoes the open ones, and the header says
    /// that pages depend on that much of the log. See `WriteGate`.
    public func mayWrite(_ page: PageNumber, lastChange: LogPosition) throws(JetError) {
        guard let log else { return }
        // After `prepare`: what was no longer to be undone then is in the log before this.
        var end = max(lastChange, log.pageBarrier)
        if let logPending = lock.withLock({ logPending }) { end = max(end, try logPending()) }
        try log.flush(upTo: end)
        // What undoing takes is as needed as the change.
        try cover(end.generation, log)
    }

    /// Says what else is to be done before a page is written: recovery logs what it knows of open changes. Returns
    /// where the log must be durable.
    func setLogPending(_ body: (@Sendable () throws(JetError) -> LogPosition)?) {
        lock.withLock { logPending = body }
    }

    /// Sees to it that the header names a generation that pages may depend on before one does. ESE: the waypoint.
    private func cover(_ generation: UInt32, _ log: LogStream) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            guard generation > header.lastRequiredGeneration, header.state == .dirtyShutdown else { return }
            let current = log.currentFile
            var new = header
            new.lastRequiredGeneration = max(generation, current.generation)
            new.lastCommittedGeneration = new.lastRequiredGeneration
            new.lastCommittedGenerationTime = current.creationTime
            new.lastRequiredGenerationTime = current.creationTime
            try write(new)
            header = new
        }
    }
}

extension JetError {
    /// What JET calls an error of the storage.
    public init(_ error: StorageError) {
        self =
            switch error.kind {
            case .notFound: .fileNotFound
            case .exists: .fileAlreadyExists
            case .locked, .denied: .fileAccessDenied
            case .full: .diskFull
            case .failed: .diskIO
            }
    }
}
