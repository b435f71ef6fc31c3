// Layer: ESEEngine/9-Session. Uses: Store. Used by: instances.
// The end of an instance, and stops of its service.
//
// Order of a clean end: no background any more; versions are cleaned; all pages are durable; headers are clean; the
// record of the end is durable; the checkpoint is at that record. Whatever is cut off between these steps, recovery
// finds databases that are clean already, and redoes the others.

import ESEFormat
import Synchronization

extension Store {
    /// See `InstanceWork`. Backups are not known yet.
    public var isBackupRunning: Bool { false }

    /// See `InstanceWork`.
    public func stopBackup() {}

    /// See `InstanceWork`. When this returns all files are closed, and nothing runs any more, also after an error.
    public func terminate(_ kind: TerminationKind) throws(JetError) {
        guard isRunning else { return }
        isEnding.store(true, ordering: .sequentiallyConsistent)
        tasks.drain()
        var error: JetError?
        if kind != .dirty {
            do throws(JetError) {
                if let failure { throw failure }
                try endInOrder(kind)
            } catch let failure {
                error = failure
            }
        }
        closeFiles()
        if let error { throw error }
    }

    private func endInOrder(_ kind: TerminationKind) throws(JetError) {
        if kind == .complete { cleanEverything() }
        let all = databases.filter { !$0.isTemporary && !$0.isReadOnly }
        for database in all { try settle(database) }
        try log?.flush()
        let end = log?.endPosition ?? LogPosition.none
        for database in all { try finish(database, at: database.isLogged ? end : .none) }
        guard let log else { return }
        let record = TerminateRecord(
            type: .terminate, position: .none, redoFrom: .none, isHard: 0, time: clock.logTime())
        let span = try append(record)
        try log.flush(upTo: span.end)
        try log.writeCheckpoint(Checkpoint(position: span.start, signature: log.options.signature))
    }

    /// Closes everything just so.
    private func closeFiles() {
        for database in databases {
            drop(database)
            if database.isTemporary { try? storage.remove(database.path) }
        }
        log?.setEventHandler(nil)
        log?.close()
        // What the log had still asked for finds it closed.
        tasks.drain()
        setParts(nil)
    }

    /// See `InstanceWork`. A recovery that runs ends with `termInProgress`.
    public func setStopped(_ flags: StopFlags, all: Bool) {
        isQuiescing.store(all || flags.contains(.quiesceCaches), ordering: .sequentiallyConsistent)
        if isRunning, isQuiescing.load(ordering: .acquiring) { scheduleWriting() }
    }
}
