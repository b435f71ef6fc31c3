// Layer: ESEEngine/5-Tree. Uses: Space, 3-Buffer. Used by: data definition, cleaning.
// A tree goes away: what it owned is its parent's again.

import ESEFormat

/// What a tree that is dropped was. ESE's name: FDPTYPE.
enum DroppedTree: UInt8, Sendable {
    /// A table, with its indexes and long values.
    case table = 1
    /// An index.
    case index = 2
}

extension Tree {
    /// Gives all pages of a tree back to its parent: its own, those of its trees of extents, and those of its children,
    /// which are part of what it owns. Nobody uses the tree or a child of it any more, and nobody will: whoever calls
    /// this is the cleaner, when everybody sees that the tree was deleted, or who made the tree and is the only one who
    /// knows it. The pages are not touched, but for their frames.
    ///
    /// What of it fails is lost until the space of the database is checked; nothing is given back twice, also not by a
    /// second call, which does nothing.
    /// - Parameter deletedBy: The commit that deleted the tree; only logged.
    /// - Throws: The first error of log, buffers and space.
    /// ESE's name: ErrSPFreeFDP.
    func drop(_ kind: DroppedTree, deletedBy: TransactionNumber, _ worker: Worker) throws(JetError) {
        guard let parent, case .space(let space) = pages, case .space(let parentSpace) = parent.pages else {
            preconditionFailure("only trees of data with a parent are dropped")
        }
        let extents = try space.close(of: self, worker)
        if extents.isEmpty { return }
        var failure: JetError?
        do throws(JetError) {
            let record = FreeTreeRecord(
                database: database.slot.rawValue, treeRoot: root, transaction: deletedBy.logged, kind: kind.rawValue)
            _ = try database.append(record, worker)
        } catch {
            failure = error
        }
        for extent in extents {
            // First the frames: afterwards the pages may be somebody else's.
            database.buffers.discard(database.slot, extent)
            do throws(JetError) {
                try parentSpace.giveBack(extent, to: parent, worker)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}
