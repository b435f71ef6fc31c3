// Layer: StationStore. Uses: PlatformIO, Sealing. Used by: StationStore.
// A data directory on this machine: who has it, its key, and what a first start that was killed left behind.

import PlatformIO
import Sealing

/// A data directory that this process has for itself as long as the value lives.
final class StoreDirectory: Sendable {
    /// Its path.
    let path: String
    /// Its key.
    let key: SealingKey
    private let lock: FileLock

    /// The database's name in the directory.
    static let databaseName = "station.edb"

    /// Makes the directory (mode 700) and the key file (mode 600) if they are missing, and takes the lock.
    /// - Throws: `inUse`, `keyExposed`, `keyInvalid`, `keyMissing`, `file`.
    init(_ path: String) throws(StoreError) {
        self.path = path
        do throws(IOError) {
            try FileAccess.createDirectory(path, mode: 0o700)
            guard let lock = try FileLock.take("\(path)/lock") else {
                throw IOError.stopped("lock", path)
            }
            self.lock = lock
            try FileAccess.writeAtomically("\(path)/pid", Array("\(Program.id)\n".utf8), mode: 0o644)
        } catch {
            guard error == IOError.stopped("lock", path) else { throw .file(error) }
            throw .inUse(directory: path, process: Self.process(path))
        }
        key = try Self.key(path)
    }

    deinit { try? FileAccess.removeFile("\(path)/pid") }

    /// The process that has the directory, as it says itself.
    private static func process(_ path: String) -> Int32? {
        guard let text = try? FileAccess.readText("\(path)/pid", limit: 64) else { return nil }
        return text.split(separator: "\n").first.flatMap { Int32($0) }
    }

    private static func key(_ directory: String) throws(StoreError) -> SealingKey {
        let path = "\(directory)/key"
        guard let (bytes, status) = try read(path) else {
            // A new key would make the secrets that are there unreadable without a word.
            if FileAccess.exists("\(directory)/\(databaseName)"), !FileAccess.exists(marker(directory)) {
                throw .keyMissing(path: path)
            }
            let bytes = SealingKey.randomBytes(SealingKey.byteCount)
            try file { () throws(IOError) in try FileAccess.writeAtomically(path, bytes, mode: 0o600) }
            guard let key = SealingKey(bytes) else { throw .keyInvalid(path: path, byteCount: bytes.count) }
            return key
        }
        guard status.permissions & 0o077 == 0 else {
            throw .keyExposed(path: path, permissions: status.permissions)
        }
        guard let key = SealingKey(bytes) else { throw .keyInvalid(path: path, byteCount: bytes.count) }
        return key
    }

    private static func read(_ path: String) throws(StoreError) -> (bytes: [UInt8], status: FileStatus)? {
        do throws(IOError) {
            return try FileAccess.readWithStatus(path, limit: 4_096)
        } catch {
            if error.isNotFound { return nil }
            throw .file(error)
        }
    }

    private static func file<Result>(_ body: () throws(IOError) -> Result) throws(StoreError) -> Result {
        do throws(IOError) { return try body() } catch { throw error.isFull ? .full : .file(error) }
    }

    // MARK: The first start.

    /// A file that is there while a database is being made. Whoever finds it knows that the database, whose making was
    /// cut off, has nothing in it and may not be attachable.
    private static func marker(_ directory: String) -> String { "\(directory)/making" }

    /// Whether a database is to be made. Removes what a first start that was killed left of one.
    func prepareMaking() throws(StoreError) -> Bool {
        let path = path
        let marker = Self.marker(path)
        let database = "\(path)/\(Self.databaseName)"
        return try Self.file { () throws(IOError) in
            if FileAccess.exists(marker) {
                for name in try FileAccess.list(path) where name.hasPrefix("edb") || name.hasPrefix("station.") {
                    try FileAccess.removeFile("\(path)/\(name)")
                }
                try FileAccess.syncDirectory(path)
                return true
            }
            guard !FileAccess.exists(database) else { return false }
            try FileAccess.writeAtomically(marker, [])
            return true
        }
    }

    /// The database is made. Nothing may be recorded before this returns: what is recorded while the marker may still
    /// be there after a power failure would be removed.
    func finishMaking() throws(StoreError) {
        let path = path
        try Self.file { () throws(IOError) in
            try FileAccess.removeFile(Self.marker(path))
            try FileAccess.syncDirectory(path)
        }
    }
}
