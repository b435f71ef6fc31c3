// Layer: ESETestKit/Simulation. Uses: ESEEngine (StorageSystem), PlatformIO (Lock). Used by: tests of the engine.
// A disk in memory that loses power, tears and loses writes, fails calls and flips bits, all following from a seed.

public import ESEEngine
import PlatformIO

/// Files in memory that know what of them is durable. From any thread.
///
/// Paths are absolute, or else begin at the root; there are no links. A directory is durable once made; a name in it
/// (create, remove, rename) after `syncDirectory`; a file's bytes and size after `sync`. What isn't durable may be
/// there after `powerFailure` in whole, in part or not at all. Locks are as those of real files: one writer a file,
/// however it is called by now, and any number of readers.
///
/// A `sync` that fails decides at once, by chance, what reached the disk; later calls on the same open file fail, and
/// those on another one don't bring the rest, as with Linux's page cache.
public final class SimulatedDisk: StorageSystem, @unchecked Sendable {
    private let lock = Lock()
    // Only under the lock.
    private let state: DiskState

    /// Makes an empty disk with a root directory.
    /// - Parameters:
    ///   - seed: what everything random follows from, as long as calls come in the same order.
    ///   - sectorByteCount: what is written as a whole or not at all; 512 or 4096.
    public init(seed: UInt64, sectorByteCount: Int = 512) {
        precondition(sectorByteCount > 0, "a sector has bytes")
        state = DiskState(seed: seed, sectorByteCount: sectorByteCount)
    }

    private init(_ state: DiskState) { self.state = state }

    func withState<Result, Failure: Error>(_ body: (DiskState) throws(Failure) -> Result) throws(Failure) -> Result {
        try lock.withLock { () throws(Failure) in try body(state) }
    }

    /// Another disk as this one is now, with what isn't durable yet; no file of it is open, and it has no faults. For
    /// seeing many outcomes of one moment.
    public func copy(seed: UInt64) -> SimulatedDisk { withState { SimulatedDisk($0.copy(seed: seed)) } }

    /// Cuts the power and switches on again: all open files are dead, all locks free, all faults gone, and of what
    /// wasn't durable some is lost. What is there now is durable.
    @discardableResult
    public func powerFailure(_ loss: PowerLoss = .any) -> PowerFailureSummary { withState { $0.powerFailure(loss) } }

    // MARK: StorageSystem

    /// Opens a file.
    public func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        let (node, epoch) = try withState { state throws(StorageError) in
            (try state.open(path, mode), state.epoch)
        }
        return SimulatedFile(self, path, node, epoch, isWriter: mode != .reading)
    }

    /// Whether there is a file or directory.
    public func exists(_ path: String) throws(StorageError) -> Bool {
        try withState { state throws(StorageError) in try state.exists(path) }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(StorageError) {
        try withState { state throws(StorageError) in try state.remove(path) }
    }

    /// Renames a file.
    public func rename(_ path: String, to newPath: String) throws(StorageError) {
        try withState { state throws(StorageError) in try state.rename(path, to: newPath) }
    }

    /// The names in a directory, sorted.
    public func list(_ directory: String) throws(StorageError) -> [String] {
        try withState { state throws(StorageError) in try state.list(directory) }
    }

    /// Makes a directory, and those above it, if missing.
    public func createDirectory(_ path: String) throws(StorageError) {
        try withState { state throws(StorageError) in try state.createDirectory(path) }
    }

    /// Makes the names in the directory durable.
    public func syncDirectory(_ path: String) throws(StorageError) {
        try withState { state throws(StorageError) in try state.syncDirectory(path) }
    }

    /// The path without `.`, `..` and double slashes.
    public func fullPath(_ path: String) throws(StorageError) -> String {
        try withState { state throws(StorageError) in try state.fullPath(path) }
    }
}

/// What `powerFailure` does with what isn't durable.
public enum PowerLoss: Sendable, CaseIterable {
    /// One of the others, by chance.
    case any
    /// Everything is there: the power failed after the caches were written.
    case keepsAll
    /// Nothing is there.
    case losesAll
    /// What was done up to some moment is there; the last write may be torn. A disk that keeps the order.
    case inOrder
    /// Each change is there, lost, or (writes) torn, whatever became of the others.
    case mixed
}

/// What became of the changes that weren't durable.
public struct PowerFailureSummary: Hashable, Sendable, CustomStringConvertible {
    /// What was done with them; never `any`.
    public var loss = PowerLoss.keepsAll
    /// Writes and changes of size that are there.
    public var keptCount = 0
    /// Writes and changes of size that are lost.
    public var lostCount = 0
    /// Writes of which some sectors are there.
    public var tornCount = 0
    /// Creates, removes and renames that are there.
    public var keptNameCount = 0
    /// Creates, removes and renames that are lost.
    public var lostNameCount = 0

    /// One line.
    public var description: String {
        "\(loss): \(keptCount) changes kept, \(lostCount) lost, \(tornCount) torn; "
            + "\(keptNameCount) names kept, \(lostNameCount) lost"
    }
}
