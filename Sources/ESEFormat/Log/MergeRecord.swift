// Layer: ESEFormat/Log. Uses: SplitRecord. Used by: trees, redo.
// The log record of one level of a merge, Merge2 and the older Merge, in both directions.

/// One level of a merge, which empties a page or moves nodes to a sibling. The last record of a merge, the leaf's, says
/// how; those of the levels above say what becomes of their pointer. ESE's names: LRMERGENEW, LRMERGEOLD.
public struct MergeRecord: Hashable, Sendable {
    /// What happens to the leaf.
    public enum Kind: UInt8, Sendable {
        /// Nothing; records of the levels above.
        case none = 0
        /// All its nodes are deleted; it is given back.
        case emptyPage = 1
        /// What remains of its nodes goes to the page to the right.
        case fullRight = 2
        /// Its last nodes go to the page to the right.
        case partialRight = 3
        /// All nodes of the tree are deleted; another record logs that.
        case emptyTree = 4
        /// What remains of its nodes goes to the page to the left.
        case fullLeft = 5
        /// Its first nodes go to the page to the left.
        case partialLeft = 6
        /// The page is moved; another record logs that.
        case pageMove = 7
    }

    /// What happens to a page above, or to a page as a whole.
    public struct Changes: OptionSet, Hashable, Sendable {
        /// The bits as stored.
        public let rawValue: UInt8

        /// Makes a set of changes.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The key of a pointer changes.
        public static let keyChange = Changes(rawValue: 1)
        /// A pointer is deleted.
        public static let deleteNode = Changes(rawValue: 2)
        /// The page is empty now, and free.
        public static let emptyPage = Changes(rawValue: 4)
    }

    /// The type of the record with a before-image.
    public static let type: UInt8 = 63
    /// The type of the older one.
    public static let oldType: UInt8 = 28

    /// The page of this level; its line is that of the pointer, or in the leaf of the node that was cleaned.
    public var page = LoggedPageFields()
    /// Whether it is the older record, without a before-image.
    public var isOld = false
    /// The leaf's sibling to the right.
    public var rightPage = PageNumber.none
    /// Its time before.
    public var rightDatabaseTimeBefore = LoggedPageFields.noTime
    /// The leaf's sibling to the left.
    public var leftPage = PageNumber.none
    /// Its time before.
    public var leftDatabaseTimeBefore = LoggedPageFields.noTime
    /// The page above.
    public var parentPage = PageNumber.none
    /// Its time before.
    public var parentDatabaseTimeBefore = LoggedPageFields.noTime
    /// The root of the tree.
    public var root = PageNumber.none
    /// Whose tree it is.
    public var objectID = ObjectID(0)
    /// Bytes of the nodes that move, with whole keys and tags.
    public var movedByteCount = 0
    /// Same, with what rollbacks may need.
    public var movedMostByteCount = 0
    /// The uncommitted free bytes of the page that takes the nodes, afterwards.
    public var uncommittedFreeOfTarget = 0
    /// The first line that moves to the right, or the last that moves to the left.
    public var mergeLine = 0
    /// What happens to the page of this level.
    public var changes: Changes = []
    /// What happens to the leaf; in its record only.
    public var kind = Kind.none
    /// The new key of the pointers whose key changes; in the leaf's record only.
    public var separator: [UInt8] = []
    /// How the before-image was made smaller.
    public var beforeImageFlags: BeforeImageFlags = []
    /// The leaf before; empty if no node moved.
    public var beforeImage: [UInt8] = []

    /// Makes a record of nothing.
    public init() {}

    private static let fixedByteCount = 88

    /// Bytes of the record.
    public var encodedByteCount: Int {
        Self.fixedByteCount + separator.count + (isOld ? 0 : 8 + beforeImage.count)
    }

    /// Reads a record.
    /// - Throws: `truncated`, or `badRecord` for another type, an unknown kind or bytes that are too many.
    public init(_ record: RawSpan) throws(FormatError) {
        let type = try record.byte(0)
        guard type == Self.type || type == Self.oldType else { throw FormatError(.badRecord, at: 0) }
        isOld = type == Self.oldType
        page = try LoggedPageFields(record)
        rightPage = PageNumber(try record.little(32))
        rightDatabaseTimeBefore = DatabaseTime(try record.little(36))
        leftPage = PageNumber(try record.little(44))
        leftDatabaseTimeBefore = DatabaseTime(try record.little(48))
        parentPage = PageNumber(try record.little(56))
        parentDatabaseTimeBefore = DatabaseTime(try record.little(60))
        root = PageNumber(try record.little(68))
        objectID = ObjectID(try record.little(72))
        movedByteCount = Int(try record.little(76, as: UInt16.self))
        movedMostByteCount = Int(try record.little(78, as: UInt16.self))
        uncommittedFreeOfTarget = Int(try record.little(80, as: UInt16.self))
        mergeLine = Int(try record.little(82, as: UInt16.self))
        changes = Changes(rawValue: try record.byte(84))
        guard let kind = Kind(rawValue: try record.byte(85)) else { throw FormatError(.badRecord, at: 85) }
        self.kind = kind
        let separatorByteCount = Int(try record.little(86, as: UInt16.self))
        var place = Self.fixedByteCount
        var imageByteCount = 0
        if !isOld {
            beforeImageFlags = BeforeImageFlags(rawValue: try record.little(88))
            imageByteCount = Int(try record.little(92, as: UInt32.self))
            place += 8
        }
        separator = try SplitRecord.take(separatorByteCount, of: record, at: &place)
        beforeImage = try SplitRecord.take(imageByteCount, of: record, at: &place)
        guard place == record.byteCount else { throw FormatError(.badRecord, at: place) }
    }

    /// Appends the record.
    public func encode(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + encodedByteCount)
        page.encode(type: isOld ? Self.oldType : Self.type, to: &bytes)
        bytes.append(little: rightPage.rawValue)
        bytes.append(little: rightDatabaseTimeBefore.rawValue)
        bytes.append(little: leftPage.rawValue)
        bytes.append(little: leftDatabaseTimeBefore.rawValue)
        bytes.append(little: parentPage.rawValue)
        bytes.append(little: parentDatabaseTimeBefore.rawValue)
        bytes.append(little: root.rawValue)
        bytes.append(little: objectID.rawValue)
        bytes.append(little: UInt16(truncatingIfNeeded: movedByteCount))
        bytes.append(little: UInt16(truncatingIfNeeded: movedMostByteCount))
        bytes.append(little: UInt16(truncatingIfNeeded: uncommittedFreeOfTarget))
        bytes.append(little: UInt16(truncatingIfNeeded: mergeLine))
        bytes.append(changes.rawValue)
        bytes.append(kind.rawValue)
        bytes.append(little: UInt16(truncatingIfNeeded: separator.count))
        if !isOld {
            bytes.append(little: beforeImageFlags.rawValue)
            bytes.append(little: UInt32(truncatingIfNeeded: beforeImage.count))
        }
        bytes += separator
        if !isOld { bytes += beforeImage }
    }

    /// The record's bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes)
        return bytes
    }
}
