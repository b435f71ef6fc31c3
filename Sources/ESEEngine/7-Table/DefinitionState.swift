// Layer: ESEEngine/7-Table. Uses: 4-Version. Used by: schemas.
// Who sees a table, a column or an index: data definition follows the rules of snapshots.

import Synchronization

/// When something was made and deleted. Safe from any thread.
///
/// ESE's terms: fFIELDVersionedAdd, fFIELDDeleted, fIDBVersionedCreate, fIDBDeleted, and the revisions they point to.
public final class DefinitionState: @unchecked Sendable {  // the owners are written before the numbers say so
    private let created: Atomic<UInt64>
    private let deleted = Atomic<UInt64>(.max)
    private var creator: TransactionState?
    private let deleter = Atomic<UInt>(0)

    /// Something that was there when the catalog was read.
    public init() { created = Atomic(0) }

    /// Something that a transaction makes now.
    init(createdBy transaction: TransactionState) {
        created = Atomic(.max)
        creator = transaction
    }

    /// Whether a transaction sees it; outside one, what is committed.
    @inline(__always)
    public func isVisible(to transaction: TransactionState) -> Bool {
        let created = created.load(ordering: .acquiring)
        if created == 0, deleted.load(ordering: .relaxed) == .max, deleter.load(ordering: .relaxed) == 0 { return true }
        return isVisibleSlowly(created, transaction)
    }

    private func isVisibleSlowly(_ created: UInt64, _ transaction: TransactionState) -> Bool {
        guard created < transaction.horizon || created == .max && creator == transaction else { return false }
        let deleted = deleted.load(ordering: .acquiring)
        if deleted == .max { return deleter.load(ordering: .acquiring) != UInt(bitPattern: transaction.slot) }
        return deleted >= transaction.horizon
    }

    /// Whether nobody has seen it yet but the transaction that makes it.
    public var isUncommitted: Bool { created.load(ordering: .acquiring) == .max }
    /// Whether somebody deleted it, committed or not.
    public var isDeleted: Bool { deleter.load(ordering: .acquiring) != 0 || deleted.load(ordering: .acquiring) != .max }

    /// Its making was committed.
    func commitCreation(at number: TransactionNumber) { created.store(number.rawValue, ordering: .releasing) }

    /// A transaction deletes it. False if another one did: a write conflict.
    func delete(by transaction: TransactionState) -> Bool {
        guard deleted.load(ordering: .acquiring) == .max else { return false }
        return deleter.compareExchange(
            expected: 0, desired: UInt(bitPattern: transaction.slot), ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// The deletion is rolled back.
    func undoDeletion() { deleter.store(0, ordering: .releasing) }

    /// The deletion was committed.
    func commitDeletion(at number: TransactionNumber) {
        deleted.store(number.rawValue, ordering: .releasing)
        deleter.store(0, ordering: .releasing)
    }
}
