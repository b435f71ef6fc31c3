// Layer: ESEVerify. Uses: ESEFormat. Used by: every check, VerifyReport.
// What verification found, typed: a kind with a stable name, where, and what was expected instead.

public import ESEFormat

/// One thing that verification found.
public struct Finding: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Sendable, CaseIterable {
        /// Legal, or of no consequence, but worth knowing.
        case note
        /// Something is wrong.
        case error
    }

    /// What it is.
    public var kind: Kind
    /// How bad it is; the usual severity of the kind unless the database's state excuses it.
    public var severity: Severity
    /// The page; 0 where no page is concerned.
    public var page: PageNumber
    /// The node's position on the page, from 0; nil where none is concerned.
    public var node: Int?
    /// The object ID of the tree.
    public var tree: ObjectID?
    /// The table's name.
    public var table: String?
    /// The index's name.
    public var index: String?
    /// The column's name.
    public var column: String?
    /// What was found.
    public var found: String
    /// What was expected instead; empty where the kind says it all.
    public var expected: String

    /// Makes a finding of the kind's usual severity.
    public init(
        _ kind: Kind, severity: Severity? = nil, page: PageNumber = .none, node: Int? = nil, tree: ObjectID? = nil,
        table: String? = nil, index: String? = nil, column: String? = nil, found: String, expected: String = ""
    ) {
        self.kind = kind
        self.severity = severity ?? kind.severity
        self.page = page
        self.node = node
        self.tree = tree
        self.table = table
        self.index = index
        self.column = column
        self.found = found
        self.expected = expected
    }
}

extension Finding: CustomStringConvertible {
    /// One line for people: kind, place, what was found and expected.
    public var description: String {
        var places: [String] = []
        if page != .none { places.append("page \(page)") }
        if let node { places.append("node \(node)") }
        if let table { places.append("table \(table)") }
        if let index { places.append("index \(index)") }
        if let column { places.append("column \(column)") }
        if table == nil, let tree { places.append("object \(tree)") }
        let place = places.isEmpty ? "" : places.joined(separator: ", ") + ": "
        return "\(kind.rawValue): \(place)\(found)" + (expected.isEmpty ? "" : "; expected \(expected)")
    }
}

extension Finding {
    /// What can be found. The raw values are stable names for programs.
    public enum Kind: String, Sendable, CaseIterable {
        // MARK: Header and file

        /// The checksum of the header or of its shadow does not fit.
        case headerChecksum = "header-checksum"
        /// A field of the header has an impossible value.
        case headerField = "header-field"
        /// Header and shadow differ.
        case headerShadow = "header-shadow"
        /// The state contradicts other fields: a database that was shut down cleanly needs no logs.
        case headerState = "header-state"
        /// The format is newer than those known; what can be checked is.
        case headerVersion = "header-version"
        /// The file ends before the last page that the database owns.
        case fileLength = "file-length"
        /// The file's length is no multiple of the page size.
        case fileTail = "file-tail"

        // MARK: Pages

        /// The system could not read the page.
        case pageUnreadable = "page-unreadable"
        /// The checksum does not fit.
        case pageChecksum = "page-checksum"
        /// One bit is wrong, and the checksum tells which: it can be put right.
        case pageBit = "page-bit"
        /// The page is that of another number.
        case pageMisplaced = "page-misplaced"
        /// A page in use was never written: all bytes are zero.
        case pageUninitialized = "page-uninitialized"
        /// Counts of the page header that the page has no room for.
        case pageHeader = "page-header"
        /// The number that a large page has of itself is another.
        case pageNumber = "page-number"
        /// The count of free bytes is not what the tags leave.
        case pageFreeCount = "page-free-count"
        /// More bytes are kept for a rollback than are free.
        case pageUncommittedFree = "page-uncommitted-free"
        /// Flags that contradict each other, or the page's place.
        case pageFlags = "page-flags"
        /// The page was changed later than the header says the database was.
        case pageTime = "page-time"
        /// A tag points outside the page's used part.
        case tagRange = "tag-range"
        /// Two tags share bytes.
        case tagOverlap = "tag-overlap"
        /// A tag other than the first has no bytes.
        case tagEmpty = "tag-empty"
        /// A node takes more of the page's prefix than there is.
        case prefixLength = "prefix-length"
        /// The parts of a node don't fit into it.
        case nodeMalformed = "node-malformed"
        /// A node has no data.
        case nodeEmpty = "node-empty"

        // MARK: Trees

        /// The root of a tree is not flagged as one.
        case treeRoot = "tree-root"
        /// The page belongs to another object.
        case treeObject = "tree-object"
        /// The page's kind is not that of the tree.
        case treeFlags = "tree-flags"
        /// Leaves at different depths, or flags of leaves and their parents that contradict the depth.
        case treeLevel = "tree-level"
        /// A tree deeper than any can be.
        case treeDepth = "tree-depth"
        /// The page was met before in the same tree.
        case treePageTwice = "tree-page-twice"
        /// The page belongs to two trees.
        case treePageShared = "tree-page-shared"
        /// A node of a branch that leads to no page of the file.
        case treeChild = "tree-child"
        /// A page without nodes that is no root leaf.
        case treeEmptyPage = "tree-empty-page"
        /// Keys are not in order.
        case keyOrder = "key-order"
        /// A key lies outside of what the parents' separators say.
        case keyRange = "key-range"
        /// The key without bytes, which ends the right-most branch of each level, is missing or elsewhere.
        case keyInfinite = "key-infinite"
        /// A leaf's node without a key.
        case keyEmpty = "key-empty"
        /// A leaf's link to the left leads elsewhere than the tree.
        case siblingPrevious = "sibling-previous"
        /// A leaf's link to the right leads elsewhere than the tree.
        case siblingNext = "sibling-next"
        /// A page above the leaves has links to siblings.
        case siblingBranch = "sibling-branch"

        // MARK: Space

        /// The space header of a root is malformed.
        case spaceHeader = "space-header"
        /// The space header names another parent.
        case spaceParent = "space-parent"
        /// An entry of a space tree is no extent.
        case spaceExtent = "space-extent"
        /// An extent lies beyond the end of the file.
        case spaceBeyondEnd = "space-beyond-end"
        /// Two extents of the same tree share pages.
        case spaceOverlap = "space-overlap"
        /// Two trees own the same page.
        case spaceDoublyOwned = "space-doubly-owned"
        /// A tree owns pages that its parent doesn't.
        case spaceNotParents = "space-not-parents"
        /// A tree uses or has free a page that it doesn't own.
        case spaceNotOwned = "space-not-owned"
        /// A page is in use and free at once, or free twice.
        case spaceUsedAndFree = "space-used-and-free"
        /// Owned pages that are neither in use nor free.
        case spaceLost = "space-lost"
        /// The reserve of a space tree is malformed.
        case spaceSplitBuffer = "space-split-buffer"
        /// The bitmap of a small tree has bits for pages that it hasn't.
        case spaceBitmap = "space-bitmap"

        // MARK: Catalog

        /// A row of the catalog that can't be read.
        case catalogRow = "catalog-row"
        /// A row is in the catalog or its shadow only.
        case catalogShadowMissing = "catalog-shadow-missing"
        /// A row of the shadow is different from the catalog's.
        case catalogShadowDiffers = "catalog-shadow-differs"
        /// An object ID that is used twice, or greater than the last one given.
        case catalogObject = "catalog-object"
        /// A root page outside the file, or that of two objects.
        case catalogRoot = "catalog-root"
        /// A row of no table.
        case catalogOrphan = "catalog-orphan"
        /// A column of an impossible type or number, or two of the same number or name.
        case catalogColumn = "catalog-column"
        /// A fixed column that does not start where the one before it ends.
        case catalogOffset = "catalog-offset"
        /// An index over columns that don't exist, or with impossible limits.
        case catalogIndex = "catalog-index"
        /// An object without its row in MSysObjids.
        case objectMissing = "object-missing"
        /// A row of MSysObjids without its object.
        case objectExtra = "object-extra"

        // MARK: Records

        /// A record whose parts don't fit into it.
        case recordMalformed = "record-malformed"
        /// The fixed part of a record has not the size that its columns ask for.
        case recordFixedSize = "record-fixed-size"
        /// A value has not the size of its type.
        case recordValueSize = "record-value-size"
        /// A value is longer than its column allows.
        case recordValueLength = "record-value-length"
        /// The tagged columns of a record are not in order.
        case recordTaggedOrder = "record-tagged-order"
        /// Bits of the NULL bitmap behind the last column are not set.
        case recordNullBits = "record-null-bits"
        /// NULL in a column that does not allow it.
        case recordNull = "record-null"
        /// A compressed value that can't be expanded.
        case recordCompression = "record-compression"
        /// A value compressed in a way that has no public description.
        case compressionUnknown = "compression-unknown"
        /// The primary key of a record is not that of its columns.
        case primaryKey = "primary-key"

        // MARK: Long values

        /// A node of the tree of long values with a malformed key or root.
        case longValueMalformed = "long-value-malformed"
        /// A record names a long value that doesn't exist.
        case longValueMissing = "long-value-missing"
        /// Chunks without a root.
        case longValueHeadless = "long-value-headless"
        /// A chunk is missing, or starts where it should not.
        case longValueChunk = "long-value-chunk"
        /// The chunks don't add up to the size that the root says.
        case longValueSize = "long-value-size"
        /// A compressed chunk that can't be expanded to its size.
        case longValueCompression = "long-value-compression"
        /// More or fewer records have the value than its root says.
        case longValueReferences = "long-value-references"
        /// No record has the value: it was left behind.
        case longValueOrphan = "long-value-orphan"

        // MARK: Indexes

        /// An entry leads to no record.
        case indexDangling = "index-dangling"
        /// An entry leads to a record that has not this key.
        case indexExtra = "index-extra"
        /// A record has a key without an entry.
        case indexMissing = "index-missing"
        /// Two entries of a unique index have the same key.
        case indexDuplicate = "index-duplicate"
        /// NULL in a key that does not allow it.
        case indexNull = "index-null"
        /// The order of the index's text is not known, so its keys were not made anew; only their records were checked.
        case indexNotRecomputed = "index-not-recomputed"

        /// How bad it usually is.
        public var severity: Severity {
            switch self {
            case .headerVersion, .fileTail, .compressionUnknown, .longValueOrphan, .indexNotRecomputed: .note
            default: .error
            }
        }
    }
}
