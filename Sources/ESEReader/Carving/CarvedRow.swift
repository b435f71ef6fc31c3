// Layer: ESEReader/Carving. Used by: RowCursor, whoever asks for deleted rows.
// How a row that is no row any more was found, and how sure that is.

/// Which deleted rows are wanted.
public struct DeletedRowOptions: Hashable, Sendable {
    /// Nodes of the table's tree that are flagged as deleted.
    public var includesFlagDeleted = true
    /// What is left in unused parts of the table's pages.
    public var includesSlack = true
    /// Leaves of the table that its tree doesn't lead to: freed ones and old ones.
    public var includesFreedPages = true
    /// Rows whose form alone says that they are rows; without them only those whose primary key was found where it
    /// should be.
    public var includesUncertain = true

    /// Makes options: everything.
    public init() {}
}

/// How a deleted row was found.
public struct CarvedRow: Hashable, Sendable {
    /// Where it was.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// A node of the tree, flagged as deleted and not yet removed.
        case flagDeleted
        /// Bytes of one of the table's pages that belong to no node any more.
        case slack
        /// A leaf of the table that its tree doesn't lead to.
        case freedPage
    }

    /// How sure it is that this was a row.
    public enum Confidence: String, Hashable, Sendable, CaseIterable {
        /// The record has the form that the table's definition asks for, and the key before it is the primary key of
        /// its values.
        case keyMatches
        /// The record has the form that the table's definition asks for. The key is gone, or could not be made again: a
        /// table without a primary index, text in an unknown sort order.
        case structureOnly
    }

    /// Where it was.
    public var origin: Origin
    /// How sure it is.
    public var confidence: Confidence
    /// Where the record starts, in bytes from the start of the page.
    public var offset: Int
    /// Whether the table has a row or a flagged node with the same primary key and other bytes: this is another version
    /// of it, as a rule an older one.
    public var isOtherVersion: Bool
    /// Whether the end of the record is known. If it is not, the last tagged column may have bytes too many or, at the
    /// end, zeros too few.
    public var isEndKnown: Bool
}
