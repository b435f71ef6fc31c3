// Layer: ESEEngine/8-Recovery. Uses: RedoDatabase, DatabaseHeader. Used by: RedoDriver.
// Which file is the database that the log speaks about, and from where on: told by path, signature and positions.

import ESEFormat

extension RedoDriver {
    /// Makes a database of its record, unless its file is there already.
    func create(_ record: CreateDatabaseRecord, _ item: RedoRecord) throws(RedoError) {
        let bytes = item.bytes.buffer.bytes
        var header = DatabaseHeader(pageSize: pageSize)
        // The oldest format that is still in use; a record of the new one follows if it is another.
        header.format = FormatVersion(version: 0x620, updateMajor: 20)
        header.createdFormat = header.format
        header.fileType = .database
        header.signature = record.signature
        header.sortVersion = .max
        try attach(
            record.database, record.path(in: bytes), record.signature, at: item.position, end: item.end,
            consistent: .none, creating: header)
        attached[record.database]?.isUnfinished = true
    }

    /// Takes a database of the list in a checkpoint or a log's header.
    func attach(_ attachment: LogAttachment) throws(RedoError) {
        let place = attachment.attachPosition
        try attach(
            attachment.database, attachment.path, attachment.signature, at: place,
            end: LogPosition(rawValue: place.rawValue + 1), consistent: attachment.consistentPosition)
        guard let database = attached[attachment.database], database.redo != nil else { return }
        // Pages may be newer than the file's header and than all that is redone.
        database.header.lastDatabaseTime = max(database.header.lastDatabaseTime, attachment.databaseTime)
        database.header.lastObjectID = max(database.header.lastObjectID, attachment.lastObjectID)
    }

    /// Finds the file of a database and decides what redo does with it. A header may say that it was attached anywhere
    /// between `position` and `end`: records may start behind where the log stood before.
    /// - Throws: `attachedDatabaseMismatch` if it is missing or another, unless that is allowed; see `judge`.
    func attach(
        _ number: UInt8, _ loggedPath: String, _ databaseSignature: DatabaseSignature, at position: LogPosition,
        end: LogPosition, consistent: LogPosition, creating created: DatabaseHeader? = nil
    ) throws(RedoError) {
        let mapped = options.path(of: loggedPath)
        if let known = databases.last(where: { $0.isLogged(as: loggedPath) }),
            known.header.signature == databaseSignature, known.redo != nil || known.wasRedone
        {
            known.number = number
            activate(known, at: known.attachPosition(from: position, to: end))
            if known.redo == nil {
                try makeRedo(
                    known, try RedoLogs.during { () throws(StorageError) in try storage.open(known.path, .reading) })
            }
            return
        }
        databases.removeAll { $0.isLogged(as: loggedPath) && $0.redo == nil }
        let database = RedoDatabase<Pages>(
            number: number, loggedPath: loggedPath, path: mapped ?? "", state: .missing,
            header: created ?? DatabaseHeader(pageSize: pageSize))
        database.header.signature = databaseSignature
        databases.append(database)
        attached[number] = database
        guard let mapped else { return }
        var file: (any StorageFile)?
        if try RedoLogs.during({ () throws(StorageError) in try storage.exists(mapped) }) {
            let opened = try RedoLogs.during { () throws(StorageError) in try storage.open(mapped, .reading) }
            database.file = opened
            database.state = try judge(
                database, opened, at: position, end, consistent, isCreate: created != nil)
            if database.state == .detached {
                // Its creation was not finished: it is made anew.
                database.state = .attached
            } else {
                file = opened
            }
        } else if created != nil {
            database.state = .attached
        }
        switch database.state {
        case .missing, .mismatch:
            guard options.ignoresMissingDatabases else {
                throw RedoError(RedoError.Code.attachedDatabaseMismatch, at: position, database: number)
            }
        case .laterInLog: break
        case .attached, .detached:
            if file == nil, let created {
                database.header = created
                database.isCreated = true
            }
            database.isJustCreated = database.isCreated || database.header.state == .justCreated
            database.isUnfinished = created != nil || database.isJustCreated
            activate(database, at: database.attachPosition(from: position, to: end))
            try makeRedo(database, file)
            onAttach?(database)
        }
    }

    private func makeRedo(_ database: RedoDatabase<Pages>, _ file: (any StorageFile)?) throws(RedoError) {
        do throws(JetError) {
            database.redo = PageRedo(
                try makePages(database, file), database: database.number, transactions: transactions)
        } catch {
            throw RedoError(error, at: database.header.attachPosition, database: database.number)
        }
        database.wasRedone = true
    }

    /// Whether a file is the database as it was when the log attached it, or later while it was attached.
    func judge(
        _ database: RedoDatabase<Pages>, _ file: any StorageFile, at position: LogPosition, _ end: LogPosition,
        _ consistent: LogPosition, isCreate: Bool
    ) throws(RedoError) -> RedoDatabase<Pages>.State {
        let start = try RedoLogs.during { () throws(StorageError) in
            try RedoLogs.read(file, min(Int(clamping: try file.byteCount()), DatabaseHeader.usefulStartByteCount))
        }
        guard let reading = try? DatabaseHeader.read(start: start.span.bytes),
            reading.source == .primary || reading.source == .shadow
        else {
            // A file whose creation was interrupted may have no header yet.
            if isCreate { return .detached }
            throw RedoError(.databaseCorrupted, at: position, database: database.number)
        }
        let header = reading.header
        guard header.pageSize == pageSize else {
            throw RedoError(RedoError.Code.pageSizeMismatch, at: position, database: database.number)
        }
        guard header.signature == database.header.signature else { return .mismatch }
        database.header = header
        if isCreate, header.state == .justCreated { return .detached }
        let isOfTheseLogs = header.logSignature == signature
        if isOfTheseLogs, !header.isClean, let required = header.requiredLogs {
            database.requiredGenerations = required
            let all = report.requiredGenerations ?? required
            report.requiredGenerations =
                min(all.lowerBound, required.lowerBound)...max(all.upperBound, required.upperBound)
        }
        if isOfTheseLogs, header.attachPosition >= end || header.isClean && header.detachPosition > position {
            return .laterInLog
        }
        if isOfTheseLogs, header.attachPosition >= position, !header.isClean {
            if let required = database.requiredGenerations, required.lowerBound < firstGeneration {
                throw RedoError(
                    RedoError.Code.requiredLogFilesMissing, at: position, database: database.number,
                    generation: required.lowerBound)
            }
            return .attached
        }
        if header.isClean, !isCreate, header.consistentPosition == consistent { return .attached }
        return .mismatch
    }

    /// From here on records are redone.
    func activate(_ database: RedoDatabase<Pages>, at position: LogPosition) {
        database.state = .attached
        database.header.state = .dirtyShutdown
        database.header.databaseID = UInt32(database.number)
        database.header.attachPosition = position
        database.header.logSignature = signature
        attached[database.number] = database
    }

    /// From here on the database is clean and detached.
    func close(_ database: RedoDatabase<Pages>, at position: LogPosition) throws(RedoError) {
        attached[database.number] = nil
        transactions.removeOperations(of: database.number)
        guard database.redo != nil else {
            database.isUnfinished = false
            return
        }
        database.state = .detached
        if database.isUnfinished {
            // Its maker took it back, or an earlier recovery removed it.
            try onGivenUp?(database)
            database.redo = nil
            database.wasRedone = false
            return
        }
        database.header.state = .cleanShutdown
        database.header.consistentPosition = position
        database.header.detachPosition = position
        database.header.firstRequiredGeneration = 0
        database.header.lastRequiredGeneration = 0
        database.header.lastCommittedGeneration = 0
        database.header.firstConsistentGeneration = 0
        database.header.lastCommittedGenerationTime = .none
        database.header.lastRequiredGenerationTime = .none
        try onDetach?(database)
    }

    /// Throws if a page that a record expected is lost.
    func settle(_ database: RedoDatabase<Pages>) throws(RedoError) {
        if let lost = database.redo?.missing.values.min(by: { $0.position < $1.position }) { throw lost }
    }

    /// At the end of the log: throws for lost pages and for generations that a database needs beyond it.
    func finish(_ last: UInt32) throws(RedoError) {
        for database in databases where database.state == .attached || database.state == .laterInLog {
            try settle(database)
            // A dirty file that was attached later than the logs go needs those that are missing, too.
            if options.lastGeneration == nil, let required = database.requiredGenerations, required.upperBound > last {
                throw RedoError(
                    RedoError.Code.requiredLogFilesMissing, at: report.end, database: database.number,
                    generation: required.upperBound)
            }
        }
    }
}
