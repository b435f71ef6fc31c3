// Layer: ESEEngine/5-Tree. Uses: 4-Version. Used by: trees, sessions, background work.
// Who works on trees: what a tree needs to know of a session.

import ESEFormat

/// A session as trees see it: used by one thread at a time. ESE's term: PIB.
public final class Worker {
    /// Its number in log records. ESE's term: procid.
    public let number: UInt16
    /// Its transaction.
    public let transaction: TransactionState
    /// Whether it is one of the engine's own, whose records say so.
    public let isSystem: Bool

    /// Room for the fixed part of any record that trees write.
    let recordMemory: UnsafeMutableRawPointer
    /// Up to which level of the transaction the log has its begin.
    var loggedLevel = 0

    /// Whether the transaction took a counter to zero, or may have, so that its record is to be deleted.
    var hasZeroes = false

    private static let recordByteCount = 256

    /// Makes a worker of a transaction state, whose session number it takes.
    public init(_ transaction: TransactionState, isSystem: Bool = false) {
        number = transaction.session
        self.transaction = transaction
        self.isSystem = isSystem
        recordMemory = .allocate(byteCount: Self.recordByteCount, alignment: 8)
    }

    deinit { recordMemory.deallocate() }
}
