// Layer: ESEEngine/8-Recovery. Uses: RedoLogs, RedoDatabase, PageRedo. Used by: recovery, tests.
// Redo from the checkpoint to the end of the log: follows the databases through attach and detach, repeats all that
// happened to their pages, and keeps what undoing the open transactions takes.

public import ESEFormat

/// Repeats what the log tells.
public final class RedoDriver<Pages: RedoPages> {
    /// The databases that the log spoke about so far.
    public internal(set) var databases: [RedoDatabase<Pages>] = []
    /// What was found and done so far; complete when `run` returned.
    public internal(set) var report = RedoReport()
    /// Is called for each database before its first page is redone.
    public var onAttach: ((RedoDatabase<Pages>) -> Void)?

    /// Is called for each record before it is redone.
    public var onRecord: ((RedoRecord) -> Void)?

    // For recovery as a whole.

    /// Is called before the first record is redone, with the header of the newest log and where it ends.
    var onStart: ((_ header: LogHeader, _ end: LogPosition) throws(RedoError) -> Void)?
    /// Is called when a database was detached in the log, and will not be redone until it is attached again.
    var onDetach: ((RedoDatabase<Pages>) throws(RedoError) -> Void)?
    /// Is called when a database was made completely.
    var onMade: ((RedoDatabase<Pages>) throws(RedoError) -> Void)?
    /// Is called when a database ends in the log that was never made completely: there is none.
    var onGivenUp: ((RedoDatabase<Pages>) throws(RedoError) -> Void)?
    /// Is called now and then with how much was done, in thousandths.
    var onProgress: ((Int) throws(RedoError) -> Void)?

    /// Where files are.
    let storage: any StorageSystem
    /// What was asked for.
    let options: RedoOptions
    /// Makes the pages of a database.
    let makePages: (RedoDatabase<Pages>, (any StorageFile)?) throws(JetError) -> Pages
    /// The open transactions.
    let transactions = RedoTransactions()
    /// The newest log that is redone.
    private(set) var lastHeader: LogHeader?
    /// The open macros.
    var macros = RedoMacros()
    /// The attached databases by their numbers.
    var attached: [UInt8: RedoDatabase<Pages>] = [:]
    /// That of the logs.
    var signature = DatabaseSignature()
    /// That of the logs.
    var pageSize = PageSize.kibibytes4
    /// Where redo started.
    var firstGeneration: UInt32 = 0
    /// All of them, and the newest as it was when redo began.
    private var logs: RedoLogs?
    private var newestFile: (bytes: [UInt8], header: LogHeader)?
    /// What `find` found in the log from where it was first needed.
    private var laterBefore: [UndoKey: [UInt8]]?
    private var generation: UInt32 = 0
    /// Where the record before ends; padding between does not count.
    private var previousEnd = LogPosition.none
    private var lastRecord = LogRecord.other(.nop)

    /// Makes a driver; nothing is read yet.
    /// - Parameter makePages: Makes the pages of a database from its file, or without one.
    public init(
        _ storage: any StorageSystem, _ options: RedoOptions,
        makePages: @escaping (PageSize, (any StorageFile)?) throws(JetError) -> Pages
    ) {
        self.storage = storage
        self.options = options
        self.makePages = { (database, file) throws(JetError) in try makePages(database.header.pageSize, file) }
    }

    /// Makes a driver of databases; each is given with the header that its file is to have from now on, and without a
    /// file if it is to be made.
    init(
        _ storage: any StorageSystem, _ options: RedoOptions,
        pagesOf makePages: @escaping (RedoDatabase<Pages>, (any StorageFile)?) throws(JetError) -> Pages
    ) {
        self.storage = storage
        self.options = options
        self.makePages = makePages
    }

    /// Redoes all there is. Databases can be looked at afterwards, even after an error.
    /// - Returns: What was found and done.
    /// - Throws: `requiredLogFilesMissing`, `badLogSignature`, `invalidLogSequence`, `logFileCorrupt` and others of
    ///   `RedoError.Code`, with the position.
    @discardableResult
    public func run() throws(RedoError) -> RedoReport {
        do throws(RedoError) {
            try redoAll()
        } catch {
            summarize()
            throw error
        }
        summarize()
        return report
    }

    private func redoAll() throws(RedoError) {
        let logs = try RedoLogs(storage, options)
        let checkpoint = try readCheckpoint()
        guard let last = lastGeneration(logs) else {
            throw RedoError(
                RedoError.Code.requiredLogFilesMissing, generation: checkpoint?.position.generation ?? 0)
        }
        var start: LogPosition?
        if let checkpoint, options.firstGeneration == nil {
            firstGeneration = checkpoint.position.generation
            start = checkpoint.position
            guard logs.paths[firstGeneration] != nil, firstGeneration <= last else {
                throw RedoError(
                    RedoError.Code.requiredLogFilesMissing, at: checkpoint.position, generation: firstGeneration)
            }
        } else {
            firstGeneration = options.firstGeneration ?? logs.paths.keys.min() ?? last
        }
        guard firstGeneration <= last else {
            throw RedoError(RedoError.Code.requiredLogFilesMissing, generation: firstGeneration)
        }
        report.start = start ?? LogPosition(generation: firstGeneration, sector: 1, byte: 0)
        // From here on the newest file may get longer.
        let newest = try logs.read(last)
        (self.logs, newestFile) = (logs, newest)
        transactions.findBefore = { [unowned self] (record) throws(RedoError) in try self.before(record) }
        lastHeader = newest.header
        if let onStart { try onStart(newest.header, try end(of: newest.bytes, newest.header)) }
        var before: (header: LogHeader, checksum: UInt64?)?
        for generation in firstGeneration...last {
            self.generation = generation
            let (bytes, header) = generation == last ? newest : try logs.read(generation)
            try verify(header, before?.header, before?.checksum)
            if generation == firstGeneration {
                signature = header.signature
                pageSize = header.pageSize ?? .kibibytes4
                if let checkpoint, checkpoint.signature != signature {
                    throw RedoError(RedoError.Code.badCheckpointSignature, at: checkpoint.position)
                }
                let list =
                    start != nil && checkpoint?.hasAttachments == true
                    ? checkpoint?.attachments ?? [] : header.attachments
                for attachment in list { try attach(attachment) }
            }
            let checksum = try redo(
                bytes, header, from: generation == firstGeneration ? start : nil, isLast: generation == last)
            report.generations = firstGeneration...generation
            before = (header, checksum)
        }
        try finish(last)
    }

    // MARK: Files.

    private func readCheckpoint() throws(RedoError) -> Checkpoint? {
        guard let path = options.checkpointPath,
            try RedoLogs.during({ () throws(StorageError) in try storage.exists(path) })
        else { return nil }
        let bytes = try RedoLogs.readFile(storage, path)
        do throws(FormatError) {
            return try Checkpoint.read(file: bytes.span.bytes)
        } catch {
            if options.ignoresBadCheckpoint { return nil }
            throw RedoError(RedoError.Code.checkpointCorrupt)
        }
    }

    /// The last generation to redo. A gap before it is found when it is come to.
    private func lastGeneration(_ logs: RedoLogs) -> UInt32? {
        logs.paths.keys.filter { $0 <= options.lastGeneration ?? .max }.max()
    }

    private func verify(
        _ header: LogHeader, _ before: LogHeader?, _ checksum: UInt64?
    ) throws(RedoError) {
        let place = LogPosition(generation: header.generation, sector: 0, byte: 0)
        guard header.pageSize != nil else { throw RedoError(.logFileCorrupt, at: place) }
        guard let before else { return }
        guard header.signature == before.signature else {
            throw RedoError(RedoError.Code.badLogSignature, at: place, generation: header.generation)
        }
        guard header.previousCreationTime == before.creationTime else {
            throw RedoError(RedoError.Code.invalidLogSequence, at: place, generation: header.generation)
        }
        guard header.pageSize == before.pageSize else {
            throw RedoError(RedoError.Code.pageSizeMismatch, at: place, generation: header.generation)
        }
        if let checksum, header.previousSegmentsChecksum != 0, header.previousSegmentsChecksum != checksum {
            throw RedoError(.logFileCorrupt, at: place, generation: before.generation)
        }
    }

    /// Where the last complete record of a file ends; sector 0 if there is none.
    private func end(of bytes: [UInt8], _ header: LogHeader) throws(RedoError) -> LogPosition {
        var reader = LogReader(LogFileBytes(bytes), generation: header.generation, sectorCount: header.sectorCount)
        reader.skipsPadding = false
        var end = LogPosition(generation: header.generation, sector: 0, byte: 0)
        do throws(LogReadError) {
            while try reader.next() != nil { end = reader.endPosition }
        } catch {
            throw RedoError(.logFileCorrupt, at: error.position, generation: header.generation)
        }
        return end
    }

    /// Redoes a file; returns the checksum of its segments if all were read.
    private func redo(
        _ bytes: [UInt8], _ header: LogHeader, from start: LogPosition?, isLast: Bool
    ) throws(RedoError) -> UInt64? {
        var reader = LogReader(
            LogFileBytes(bytes), generation: header.generation, sectorCount: header.sectorCount, from: start)
        while true {
            let place = reader.endPosition
            let position: LogPosition?
            do throws(LogReadError) {
                position = try reader.next()
            } catch {
                throw RedoError(.logFileCorrupt, at: error.position, generation: header.generation)
            }
            guard let position else { break }
            let record: LogRecord
            do throws(FormatError) {
                record = try reader.decode()
            } catch {
                throw RedoError(.logFileCorrupt, at: place, generation: header.generation)
            }
            report.recordCount += 1
            // Databases are closed before the mark, which tells why the engine ends.
            if case .other(.shutDownMark) = lastRecord {} else { previousEnd = report.end }
            lastRecord = record
            report.end = reader.endPosition
            report.lastRecord = position
            if report.recordCount & 0xff == 0 { try tell(position, header.sectorCount) }
            let item = RedoRecord(record, Bytes(reader.bytes), at: position, end: reader.endPosition)
            onRecord?(item)
            try redo(item)
        }
        report.logEnd = reader.end
        report.endsInsideRecord = reader.endsInsideRecord
        // A log that another follows is complete.
        if !isLast, reader.end == .torn || reader.endsInsideRecord {
            throw RedoError(.logFileCorrupt, at: reader.endPosition, generation: header.generation)
        }
        return start == nil ? reader.segmentsChecksum : nil
    }

    /// What a revision is called in the log.
    private struct UndoKey: Hashable {
        var session: UInt16
        var transaction: UInt32
        var revision: UInt32
        var database: UInt8

        init(_ node: LoggedNode) {
            session = node.page.session
            transaction = node.page.transaction
            revision = node.revision
            database = node.page.database
        }
    }

    /// The data before a replace, from records that come later. Reads the rest of the log once.
    private func before(_ record: UndoRecord) throws(RedoError) -> [UInt8]? {
        if let laterBefore { return laterBefore[UndoKey(record.node)] }
        var found: [UndoKey: [UInt8]] = [:]
        if let logs, let newestFile {
            for generation in generation...max(generation, newestFile.header.generation) {
                let isNewest = generation == newestFile.header.generation
                let (bytes, header) = isNewest ? newestFile : try logs.read(generation)
                var reader = LogReader(
                    LogFileBytes(bytes), generation: generation, sectorCount: header.sectorCount)
                while (try? reader.next()) ?? nil != nil {
                    guard reader.bytes.first == LogRecordType.undoInfo.rawValue,
                        let info = try? UndoInfoRecord(decoding: reader.bytes.bytes),
                        info.operation == RedoneOperation.Kind.replace.rawValue
                    else { continue }
                    found[UndoKey(info.node)] = Bytes(reader.bytes).array(info.before)
                }
            }
        }
        laterBefore = found
        return found[UndoKey(record.node)]
    }

    private func tell(_ position: LogPosition, _ sectorCount: UInt16) throws(RedoError) {
        guard let onProgress, let lastHeader else { return }
        let all = Double(lastHeader.generation - firstGeneration + 1)
        let part = Double(position.sector) / Double(max(sectorCount, 1))
        try onProgress(Int(1_000 * (Double(position.generation - firstGeneration) + part) / all))
    }

    // MARK: Records.

    private func redo(_ item: RedoRecord) throws(RedoError) {
        report.isTerminated = false
        switch item.record {
        case .begin(let record): transactions.begin(record, at: item.position)
        case .commit(let record): transactions.commit(record)
        case .commit0(let record): transactions.commit(record)
        case .rollback(let record): transactions.rollback(record)
        case .macro(let record): try redo(record, item)
        case .initialize: endSessions()
        case .recoveryUndo:
            // What the machine's end cut off stays undone, and what undoing logs has the times anew that it had.
            report.droppedMacroCount += macros.open.count
            macros.removeAll()
        case .terminate(let record):
            endSessions()
            report.isTerminated = true
            if record.type != .recoveryQuitKeepingAttachments {
                // Engines that end close databases without a record of each.
                for database in attached.values {
                    try settle(database)
                    try close(database, at: previousEnd)
                }
            }
        case .createDatabase(let record): try create(record, item)
        case .attachDatabase(let record):
            try attach(
                record.database, record.path(in: item.bytes.buffer.bytes), record.signature, at: item.position,
                end: item.end, consistent: record.consistentPosition)
        case .detachDatabase(let record):
            guard let database = attached[record.database] else { break }
            try settle(database)
            try close(database, at: item.position)
        case .createDatabaseFinish(let record):
            guard let database = attached[record.database] else { break }
            database.isUnfinished = false
            if database.redo != nil { try onMade?(database) }
        case .setDatabaseVersion(let record):
            guard let database = redone(record.database) else { break }
            let format = database.header.format
            let new = (record.version, record.updateMajor, record.updateMinor)
            if (format.version, format.updateMajor, format.updateMinor) < new {
                database.header.format = FormatVersion(
                    version: record.version, updateMajor: record.updateMajor, updateMinor: record.updateMinor)
            }
        default:
            if macros.take(item) { break }
            guard let number = item.record.databaseNumber, let database = redone(number) else { break }
            try database.redo?.apply(item)
            note(item, database)
        }
    }

    private func redo(_ record: MacroRecord, _ item: RedoRecord) throws(RedoError) {
        switch record.type {
        case .macroBegin: macros.begin(record)
        case .macroCommit:
            guard let macro = macros.end(record), let number = macro.items.first?.record.databaseNumber else { return }
            guard macro.items.allSatisfy({ $0.record.databaseNumber == number }) else {
                throw RedoError(.logFileCorrupt, at: item.position)
            }
            guard let database = redone(number, count: macro.items.count) else { return }
            try macro.withRecords { (records) throws(RedoError) in
                try database.redo?.apply(macro: records)
                for record in records { note(record, database) }
            }
        default: if macros.end(record) != nil { report.droppedMacroCount += 1 }
        }
    }

    /// The database of a record if it is redone; else the record counts as passed over.
    private func redone(_ number: UInt8, count: Int = 1) -> RedoDatabase<Pages>? {
        if let database = attached[number], database.redo != nil { return database }
        attached[number]?.ignoredRecordCount += count
        report.ignoredRecordCount += count
        return nil
    }

    /// Keeps the greatest numbers in the header.
    private func note(_ item: RedoRecord, _ database: RedoDatabase<Pages>) {
        if let time = item.record.macroKey?.1, time > database.header.lastDatabaseTime, time != .init(.max) {
            database.header.lastDatabaseTime = time
        }
        let tree: ObjectID? =
            switch item.record {
            case .createMultipleExtentTree(let record): record.tree
            case .createSingleExtentTree(let record): record.tree
            default: nil
            }
        if let tree, tree > database.header.lastObjectID { database.header.lastObjectID = tree }
    }

    private func endSessions() {
        transactions.removeAll()
        report.droppedMacroCount += macros.open.count
        macros.removeAll()
    }

    private func summarize() {
        report.transactions = transactions.open
        report.droppedMacroCount += macros.open.count
        macros.removeAll()
        for database in databases {
            let counts = database.counts
            report.counts.applied += counts.applied
            report.counts.skipped += counts.skipped
            report.counts.beforeImages += counts.beforeImages
            report.counts.macros += counts.macros
            report.counts.missing += counts.missing
        }
    }
}

extension RedoDriver where Pages == RedoPageStore {
    /// Makes a driver that keeps pages in memory.
    public convenience init(_ storage: any StorageSystem, _ options: RedoOptions) {
        self.init(storage, options) { (size, file) throws(JetError) in try RedoPageStore(pageSize: size, file: file) }
    }
}
