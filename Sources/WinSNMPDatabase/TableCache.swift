// Layer: WinSNMPDatabase. Uses: EntryTable, PlatformIO. Used by: JSONDatabase, stores of other kinds.
// The entries of a file as they were read last, for as long as the file's state says that nobody wrote to it.

package import PlatformIO

/// Reads a file's entries when they are needed first, and again whenever the file has changed. Safe from any thread.
package final class TableCache: Sendable {
    private let cache = Locked<Cache?>(nil)
    private let loads = Locked(0)

    private struct Cache {
        let table: EntryTable
        /// Nil if there was no file.
        let status: FileStatus?
        /// Whether a later write must show in the status. One within the same tick of the file system's clock may not.
        let isSettled: Bool
    }

    /// An empty cache.
    package init() {}

    /// How often the file was read, for tests.
    package var loadCount: Int { loads.withLock { $0 } }

    /// Counts that the file is read.
    package func countLoad() { loads.withLock { $0 += 1 } }

    /// The entries.
    /// - Parameters:
    ///   - status: The file's state now; nil if there is none.
    ///   - load: Reads the file. The state it gives is that of the very file, from before it was read.
    package func table(
        _ status: FileStatus?, _ load: () throws(DatabaseError) -> (EntryTable, FileStatus?)
    ) throws(DatabaseError) -> EntryTable {
        let cached = cache.withLock { cache -> EntryTable? in
            guard let cache, cache.isSettled || status == nil, cache.status == status else { return nil }
            return cache.table
        }
        if let cached { return cached }
        let (table, read) = try load()
        // Coarse clocks of file systems tick every two seconds.
        let age = read.map { SystemClock.wallNanoseconds &- $0.changedNanoseconds } ?? 0
        let isSettled = read == nil || age > 2_000_000_000 || age < -2_000_000_000
        cache.withLock { $0 = Cache(table: table, status: read, isSettled: isSettled) }
        return table
    }

    /// The state of a file; nil if there is none.
    package static func status(_ path: String) throws(DatabaseError) -> FileStatus? {
        do throws(IOError) { return try FileAccess.status(path) } catch {
            if error.isNotFound { return nil }
            throw .file(error)
        }
    }
}
