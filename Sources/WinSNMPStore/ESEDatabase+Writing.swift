// Layer: WinSNMPStore. Uses: ESE, EntryTables, PlatformIO. Used by: ESEDatabase.
// Changes: with the directory's lock, one process opens the engine, changes what it came for in one transaction and
// leaves a clean file behind.

import ESE
import JSON
import PlatformIO
public import WinSNMPDatabase

extension ESEDatabase {
    /// Does all changes or none of them.
    /// - Returns: Of each whether the name was there.
    func apply(_ changes: [EntryChange]) throws(DatabaseError) -> [Bool] {
        guard !changes.isEmpty else { return [] }
        try checkDirectory()
        if try !changesAnything(changes) { return changes.map { _ in false } }
        do throws(IOError) { try FileAccess.createDirectory(path, mode: 0o700) } catch {
            throw error.isExisting ? .noDirectory(path: path) : .file(error)
        }
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        if let status = try fileStatus() { try checkFile(status) } else { try make() }
        var isNewer = false
        let results = try engine(path) { (tables) throws(JetError) -> [Bool] in
            guard let format = try tables.format(), format <= EntrySpecs.format else {
                isNewer = true
                return []
            }
            return try tables.apply(changes)
        }
        if isNewer { throw .newerFormat(file: file) }
        return results
    }

    /// Nothing is made or opened to remove what isn't there.
    private func changesAnything(_ changes: [EntryChange]) throws(DatabaseError) -> Bool {
        let table = try table()
        return changes.contains { change in
            if case .put = change { return true }
            return table.has(change.place.list, change.place.name)
        }
    }

    /// Brings a file that a writer left unclean to what was committed. With the lock.
    func recover() throws(DatabaseError) { try engine(path) { (_) throws(JetError) in } }

    /// Removes the database, whatever state it is in, for somebody who has the entries elsewhere.
    public func discard() throws(DatabaseError) {
        guard FileAccess.exists(path) else { return }
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        let path = path
        try Self.files { () throws(IOError) in
            for name in try FileAccess.list(path) where name.hasPrefix("edb") || name == Self.fileName {
                try FileAccess.removeFile("\(path)/\(name)")
            }
            try FileAccess.syncDirectory(path)
        }
    }

    // MARK: Making it.

    /// Makes the database, with what the file before it has. With the lock. It stands under its name only when it is
    /// whole, so that a crash leaves none.
    private func make() throws(DatabaseError) {
        let making = "\(path)/making"
        let old = predecessor.flatMap { FileAccess.exists($0.path) ? $0 : nil }
        let oldLock = try old.map { (old) throws(DatabaseError) in try lockFile(of: old) }
        defer { withExtendedLifetime(oldLock) {} }
        let changes = try old?.collection().changes ?? []
        try Self.files { () throws(IOError) in
            try Self.removeAll(making)
            try FileAccess.createDirectory(making, mode: 0o700)
        }
        do throws(DatabaseError) {
            _ = try engine(making, .createNew) { (tables) throws(JetError) in try tables.apply(changes, isNew: true) }
            let (path, file) = (path, file)
            try Self.files { () throws(IOError) in
                // Logs of a database that somebody removed are of no use to another one.
                for name in try FileAccess.list(path) where name.hasPrefix("edb") {
                    try FileAccess.removeFile("\(path)/\(name)")
                }
                try FileAccess.rename("\(making)/\(Self.fileName)", to: file)
                try FileAccess.syncDirectory(path)
            }
        } catch {
            try? Self.removeAll(making)
            throw error
        }
        try? Self.removeAll(making)
        // It has no meaning any more, whatever its name.
        if let old { try? FileAccess.rename(old.path, to: old.path + ".imported") }
    }

    private func lockFile(of old: JSONDatabase) throws(DatabaseError) -> FileLock {
        do throws(IOError) { return try FileLock.waitAndTake(old.path + ".lock") } catch { throw .file(error) }
    }

    /// Removes a directory of files.
    private static func removeAll(_ directory: String) throws(IOError) {
        guard FileAccess.exists(directory) else { return }
        for name in try FileAccess.list(directory) { try FileAccess.removeFile("\(directory)/\(name)") }
        try FileAccess.remove(directory)
    }

    private static func files(_ body: () throws(IOError) -> Void) throws(DatabaseError) {
        do throws(IOError) { try body() } catch { throw .file(error) }
    }

    // MARK: The engine.

    /// Opens the engine in a directory, with the lock; recovers what a crash left. A database that is made must also
    /// be closed without an error; else what was committed stays, whatever closing says.
    private func engine<Result>(
        _ directory: String, _ mode: DatabaseMode = .existing, _ body: (EntryTables) throws(JetError) -> Result
    ) throws(DatabaseError) -> Result {
        let fullPath: String
        // The engine keeps whole paths.
        do throws(IOError) { fullPath = try FileAccess.fullPath(directory) } catch { throw .file(error) }
        do throws(JetError) {
            let instance = try Instance.open(directory: fullPath, options())
            let result: Result
            do throws(JetError) {
                result = try body(try EntryTables(try instance.makeSession(), Self.fileName, mode))
            } catch {
                try? instance.close()
                throw error
            }
            do throws(JetError) { try instance.close() } catch { if mode == .createNew { throw error } }
            return result
        } catch {
            throw databaseError(error)
        }
    }

    /// A small engine: the database has some hundred entries, and is open for a moment.
    private func options() -> InstanceOptions {
        var options = InstanceOptions()
        options.cacheByteCount = 4 << 20
        options.logFileByteCount = 128 << 10
        options.logBufferByteCount = 64 << 10
        options.checkpointDepth = 1 << 20
        options.sessionLimit = 4
        options.environment = settings.environment()
        return options
    }

    private func databaseError(_ error: JetError) -> DatabaseError {
        switch error {
        case .diskFull, .logDiskFull, .instanceUnavailableDueToFatalLogDiskFull: .full(directory: path)
        default: .engine(file: file, problem: "\(error)")
        }
    }
}
