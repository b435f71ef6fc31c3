// Layer: ESETestKit/Simulation. Uses: SimulatedDisk. Used by: tests of the engine.
// What a test can do to a disk, and see of it, that a program can't.

public import ESEEngine

/// The calls of the storage that can fail.
public enum StorageOperation: String, Sendable, CaseIterable {
    /// `StorageSystem.open`.
    case open
    /// `StorageSystem.exists`.
    case exists
    /// `StorageSystem.remove`.
    case remove
    /// `StorageSystem.rename`.
    case rename
    /// `StorageSystem.list`.
    case list
    /// `StorageSystem.createDirectory`.
    case createDirectory
    /// `StorageSystem.syncDirectory`.
    case syncDirectory
    /// `StorageSystem.fullPath`.
    case fullPath
    /// `StorageFile.byteCount`.
    case byteCount
    /// `StorageFile.read`.
    case read
    /// `StorageFile.write`.
    case write
    /// `StorageFile.setByteCount`.
    case setByteCount
    /// `StorageFile.sync`.
    case sync
}

/// A call that was made.
public struct StorageCall: Hashable, Sendable, CustomStringConvertible {
    /// What was called.
    public var operation: StorageOperation
    /// The path; of an open file, the one it was opened with.
    public var path: String
    /// The new path of a rename.
    public var newPath: String?
    /// The place of a read or write in bytes, the size of `setByteCount`.
    public var offset: UInt64 = 0
    /// The bytes to be read or written.
    public var byteCount = 0

    /// One line such as `write /edb.log 4096+512`.
    public var description: String {
        switch operation {
        case .read, .write: "\(operation) \(path) \(offset)+\(byteCount)"
        case .setByteCount: "\(operation) \(path) \(offset)"
        default: "\(operation) \(path)" + (newPath.map { " \($0)" } ?? "")
        }
    }
}

extension SimulatedDisk {
    // MARK: Calls

    /// How many calls that can fail were made. Those on files that are dead since a power failure don't count.
    public var callCount: Int { withState { $0.callCount } }

    /// How many writes were made, those that failed not counted.
    public var writeCount: Int { withState { $0.writeCount } }

    /// Starts a new record of all calls.
    public func startTrace() { withState { $0.trace = [] } }

    /// The calls since `startTrace`; empty if it wasn't called.
    public var trace: [StorageCall] { withState { $0.trace ?? [] } }

    // MARK: Calls that fail

    /// Makes a call fail: the first that fits, from call `number` on (1 is the first call of all, `callCount + 1` the
    /// next). One fault at a time; a new one takes the place of the old.
    ///
    /// A failing write may have written some sectors. A failing `sync` decides what is durable. Others do nothing.
    /// - Parameters:
    ///   - number: the call.
    ///   - kind: the error. `full` hits only calls that take space.
    ///   - isLasting: whether all that fit fail from then on, until `clearFaults`.
    ///   - operations: only these; nil for all.
    ///   - suffix: only of paths that end so.
    public func failCall(
        number: Int, kind: StorageError.Kind = .failed, isLasting: Bool = false,
        only operations: Set<StorageOperation>? = nil, pathSuffix suffix: String = ""
    ) {
        withState {
            $0.callFault = DiskState.CallFault(
                number: number, kind: kind, isLasting: isLasting, operations: operations, suffix: suffix)
        }
    }

    /// Cuts the power during call `number`: it may have had an effect, and fails like all after it, until
    /// `powerFailure` is called.
    public func cutPower(atCall number: Int) { withState { $0.lastCall = number } }

    /// Whether the power was cut by `cutPower` and not switched on again.
    public var isOff: Bool { withState { $0.isOff } }

    /// No more than so many bytes in all files; nil for no limit. Calls that need more fail with `full`.
    public var byteLimit: Int? {
        get { withState { $0.byteLimit } }
        set { withState { $0.byteLimit = newValue } }
    }

    /// Takes back all faults that were ordered and have not happened.
    public func clearFaults() { withState { $0.clearFaults() } }

    // MARK: Writes that go wrong unseen. Writes are counted from 1, `writeCount + 1` is the next.

    /// Write `number` writes only some of its sectors, and says nothing. One of a single sector is lost.
    public func tornWrite(_ number: Int) { withState { $0.writeFaults[number] = .torn } }

    /// Write `number` is never done, and says nothing. A file that it would have made longer is longer, with zeros.
    public func loseWrite(_ number: Int) { withState { $0.writeFaults[number] = .lost } }

    /// Write `number` goes to another place of the same file, by whole sectors, and says nothing. If the file has no
    /// other place, it is lost.
    public func misdirectWrite(_ number: Int) { withState { $0.writeFaults[number] = .misdirected } }

    // MARK: At rest

    /// Turns a bit over, in what is read now and what is durable.
    /// - Returns: false if there is no such file or byte.
    @discardableResult
    public func flipBit(_ path: String, byteOffset: Int, bit: Int) -> Bool {
        precondition((0..<8).contains(bit), "a byte has eight bits")
        return withState { $0.flipBit(path, byteOffset, bit) }
    }

    /// Turns a random bit over.
    /// - Returns: where; nil if there is no such file or it is empty.
    @discardableResult
    public func flipRandomBit(_ path: String) -> (byteOffset: Int, bit: Int)? {
        withState { state in
            guard let count = state.node(path)?.content.count, count > 0 else { return nil }
            let place = (byteOffset: Int.random(in: 0..<count, using: &state.random), bit: state.draw(8))
            _ = state.flipBit(path, place.byteOffset, place.bit)
            return place
        }
    }

    /// What a program would read; nil if there is no such file.
    public func contents(_ path: String) -> [UInt8]? { withState { $0.node(path)?.content } }

    /// The bytes that are durable, without what was done since; nil if the name isn't durable.
    public func durableContents(_ path: String) -> [UInt8]? {
        withState { $0.durableNames[DiskState.normalized(path)]?.durable }
    }

    /// Puts a durable file there, whatever was there before, and the directories above it. Not counted as a call.
    public func putFile(_ path: String, _ bytes: [UInt8]) { withState { $0.putFile(path, bytes) } }
}
