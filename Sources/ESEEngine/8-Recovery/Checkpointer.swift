// Layer: ESEEngine/8-Recovery. Uses: 2-Log, 3-Buffer, DatabaseFile. Used by: Store's background work.
// Where the next recovery would begin: moved forward when pages have been written, and old logs with it.

public import ESEFormat

/// A database as the checkpoint wants to know it.
public struct CheckpointDatabase {
    /// Its file; the header says where it was attached, and its number.
    public var file: DatabaseFile
    /// Its path, as the log has it.
    public var path: String
    /// The highest database time of any page.
    public var lastTime: DatabaseTime
    /// The highest object ID.
    public var lastObjectID: ObjectID
    /// Pages that it may grow to; 0: no limit.
    public var greatestPageCount: UInt32

    /// Names a database.
    public init(
        file: DatabaseFile, path: String, lastTime: DatabaseTime, lastObjectID: ObjectID, greatestPageCount: UInt32 = 0
    ) {
        self.file = file
        self.path = path
        self.lastTime = lastTime
        self.lastObjectID = lastObjectID
        self.greatestPageCount = greatestPageCount
    }
}

/// Computes and writes the checkpoint. One call at a time.
public final class Checkpointer {
    /// What a call did.
    public struct Outcome: Hashable, Sendable {
        /// Where recovery would begin now.
        public var position: LogPosition
        /// Logs before this generation aren't needed to recover: circular logging may remove them, others after a
        /// backup.
        public var firstNeededGeneration: UInt32
        /// Whether the checkpoint was moved.
        public var isMoved: Bool
    }

    private let log: LogStream
    private let buffers: BufferManager
    /// Called when what was written to a database can't be made durable: what its file holds is unknown then.
    public var onLostWrites: ((JetError) -> Void)?
    /// The checkpoint that was written last.
    public private(set) var position: LogPosition

    /// Makes one for a log and the pages of its databases.
    /// - Parameter position: The checkpoint that is in force.
    public init(_ log: LogStream, _ buffers: BufferManager, position: LogPosition = .none) {
        self.log = log
        self.buffers = buffers
        self.position = position
    }

    /// Moves the checkpoint as far as it goes: to the oldest change that is not in its file and the begin of the oldest
    /// transaction. Pages are not written here, see `BufferManager.flush`, but what was written is made durable first,
    /// and the databases' headers say what they need before the checkpoint does.
    /// - Parameters:
    ///   - databases: All attached ones whose changes are logged.
    ///   - oldestBegin: Called after the log's end was read: the least `TransactionState.loggedBegin` that is set; nil
    ///     if no open transaction is in the log.
    /// - Throws: JET's errors for failed I/O. The old checkpoint stays in force then.
    public func advance(
        _ databases: [CheckpointDatabase], oldestBegin: () -> LogPosition?
    ) throws(JetError) -> Outcome {
        var new = log.endPosition
        if let begin = oldestBegin() { new = min(new, begin) }
        for database in databases {
            do throws(JetError) {
                let change = try buffers.makeDurable(DatabaseSlot(rawValue: database.file.slot))
                if let change { new = min(new, change) }
            } catch {
                onLostWrites?(error)
                throw error
            }
        }
        // All of it: a transaction that is no longer open must not be so in the log, either.
        try log.flush()
        guard new > position else { return outcome(false) }
        let current = log.currentFile
        var attachments: [LogAttachment] = []
        for database in databases {
            let header = database.file.currentHeader
            if header.firstRequiredGeneration < new.generation, header.state == .dirtyShutdown {
                try database.file.update { header in
                    header.firstRequiredGeneration = new.generation
                    header.firstConsistentGeneration = new.generation
                    if header.lastRequiredGeneration < new.generation {
                        header.lastRequiredGeneration = max(new.generation, current.generation)
                        header.lastRequiredGenerationTime = current.creationTime
                    }
                    if header.lastCommittedGeneration < header.lastRequiredGeneration {
                        header.lastCommittedGeneration = header.lastRequiredGeneration
                        header.lastCommittedGenerationTime = header.lastRequiredGenerationTime
                    }
                    header.lastDatabaseTime = max(header.lastDatabaseTime, database.lastTime)
                    header.lastObjectID = max(header.lastObjectID, database.lastObjectID)
                }
            }
            // One that was attached later is found by its record.
            guard header.attachPosition < new else { continue }
            attachments.append(
                LogAttachment(
                    database: database.file.slot, path: database.path, databaseTime: database.lastTime,
                    lastObjectID: database.lastObjectID, greatestPageCount: database.greatestPageCount,
                    attachPosition: header.attachPosition, consistentPosition: header.consistentPosition,
                    signature: header.signature))
        }
        try log.writeCheckpoint(
            Checkpoint(position: new, signature: log.options.signature, attachments: attachments))
        position = new
        return outcome(true)
    }

    private func outcome(_ isMoved: Bool) -> Outcome {
        Outcome(position: position, firstNeededGeneration: max(position.generation, 1), isMoved: isMoved)
    }
}
