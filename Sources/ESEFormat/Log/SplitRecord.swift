// Layer: ESEFormat/Log. Used by: trees, redo.
// The log record of one level of a split, Split2 and the older Split, in both directions; and the fields that it shares
// with the record of a merge.

/// The fields at the start of records that change a page. ESE's name: LRPAGE_.
public struct LoggedPageFields: Hashable, Sendable {
    /// Bytes of these fields, the type's byte included.
    public static let byteCount = 32
    /// What is written for the time of a page that plays no part. ESE: dbtimeNil.
    public static let noTime = DatabaseTime(.max)

    /// The session's number in the log.
    public var processID: UInt16 = 0
    /// The database's number in the log.
    public var databaseID: UInt8 = 0
    /// The page that changes.
    public var page = PageNumber.none
    /// The time that all pages of the change get.
    public var databaseTime = DatabaseTime(0)
    /// The page's time before.
    public var databaseTimeBefore = DatabaseTime(0)
    /// The transaction's begin number. ESE: trxBegin0.
    public var transactionBegin: UInt32 = 0
    /// The level of the transaction.
    public var level: UInt8 = 0
    /// A line; what for depends on the record.
    public var line: UInt16 = 0
    /// 1 versioned, 2 deleted, 4 unique tree, 8 space tree, 0x10 by the creation of an index, 0x20 by a system task.
    public var flags: UInt8 = 0

    /// Makes fields of zeros.
    public init() {}

    /// Reads the fields behind the type's byte.
    /// - Throws: `truncated`.
    public init(_ record: RawSpan) throws(FormatError) {
        processID = try record.little(1)
        databaseID = try record.byte(3)
        page = PageNumber(try record.little(4))
        databaseTime = DatabaseTime(try record.little(8))
        databaseTimeBefore = DatabaseTime(try record.little(16))
        transactionBegin = try record.little(24)
        level = try record.byte(28)
        line = try record.little(29)
        flags = try record.byte(31)
    }

    /// Appends the type's byte and the fields.
    public func encode(type: UInt8, to bytes: inout [UInt8]) {
        bytes.append(type)
        bytes.append(little: processID)
        bytes.append(databaseID)
        bytes.append(little: page.rawValue)
        bytes.append(little: databaseTime.rawValue)
        bytes.append(little: databaseTimeBefore.rawValue)
        bytes.append(little: transactionBegin)
        bytes.append(level)
        bytes.append(little: line)
        bytes.append(flags)
    }
}

/// How a page in a log record was made smaller. ESE: fPreimageDehydrated, fPreimageXpress.
public struct BeforeImageFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt32

    /// Makes a set of flags.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The free part in the middle is left out.
    public static let dehydrated = BeforeImageFlags(rawValue: 1)
    /// What remained is compressed.
    public static let compressed = BeforeImageFlags(rawValue: 2)
}

/// One level of a split. A level whose page only gets a pointer to a new child has no `newPage`.
/// ESE's names: LRSPLITNEW, LRSPLITOLD.
public struct SplitRecord: Hashable, Sendable {
    /// How the page is split.
    public enum Kind: UInt8, Sendable {
        /// The root's nodes all go to a new child.
        case vertical = 0
        /// Nodes from a line on go to a new page to the right.
        case right = 1
        /// Only a new last node goes to a new page.
        case append = 2
    }

    /// What is done to a node on the way.
    public enum Operation: UInt8, Sendable {
        /// Nothing: it did not fit anywhere and is tried again.
        case none = 0
        /// A node is inserted.
        case insert = 1
        /// A node's data is replaced.
        case replace = 2
        /// A deleted node comes back with other data.
        case flagInsertAndReplace = 3
    }

    /// The type of the record with a before-image.
    public static let type: UInt8 = 62
    /// The type of the older one.
    public static let oldType: UInt8 = 27

    /// The page that is split, or gets the pointer.
    public var page = LoggedPageFields()
    /// Whether it is the older record, without a before-image.
    public var isOld = false
    /// The page that takes the nodes.
    public var newPage = PageNumber.none
    /// The sibling to the right, of leaves only.
    public var rightPage = PageNumber.none
    /// Its time before.
    public var rightDatabaseTimeBefore = LoggedPageFields.noTime
    /// The page above.
    public var parentPage = PageNumber.none
    /// Its time before.
    public var parentDatabaseTimeBefore = LoggedPageFields.noTime
    /// The root of the tree.
    public var root = PageNumber.none
    /// Whose tree it is.
    public var objectID = ObjectID(0)
    /// How the page is split.
    public var kind = Kind.vertical
    /// What is done to a node on the way.
    public var operation = Operation.none
    /// Which one: among the lines after the operation.
    public var operationLine = 0
    /// The first line that goes to the new page.
    public var splitLine = 0
    /// How many lines there are after the operation.
    public var lineCount = 0
    /// What the new page is.
    public var newPageFlags: PageFlags = []
    /// What the split page becomes.
    public var splitPageFlags: PageFlags = []
    /// Its uncommitted free bytes afterwards.
    public var uncommittedFreeOfSource = 0
    /// Those of the new page.
    public var uncommittedFreeOfNew = 0
    /// The line whose key becomes the prefix of the split page; nil for none.
    public var prefixLineOfSource: Int?
    /// Same of the new page, counted from `splitLine`.
    public var prefixLineOfNew: Int?
    /// The key that separates the pages in their parent.
    public var separator: [UInt8] = []
    /// The prefix of the split page before.
    public var oldPrefix: [UInt8] = []
    /// Its prefix afterwards.
    public var newPrefix: [UInt8] = []
    /// How the before-image was made smaller.
    public var beforeImageFlags: BeforeImageFlags = []
    /// The split page before; empty if no node moved.
    public var beforeImage: [UInt8] = []

    /// Makes a record of nothing.
    public init() {}

    private static let fixedByteCount = 102

    /// Bytes of the record.
    public var encodedByteCount: Int {
        Self.fixedByteCount + (isOld ? 0 : 8) + separator.count + oldPrefix.count + newPrefix.count
            + (isOld ? 0 : beforeImage.count)
    }

    /// Reads a record.
    /// - Throws: `truncated`, or `badRecord` for another type, an unknown kind or bytes that are too many.
    public init(_ record: RawSpan) throws(FormatError) {
        let type = try record.byte(0)
        guard type == Self.type || type == Self.oldType else { throw FormatError(.badRecord, at: 0) }
        isOld = type == Self.oldType
        page = try LoggedPageFields(record)
        newPage = PageNumber(try record.little(32))
        rightPage = PageNumber(try record.little(36))
        rightDatabaseTimeBefore = DatabaseTime(try record.little(40))
        parentPage = PageNumber(try record.little(48))
        parentDatabaseTimeBefore = DatabaseTime(try record.little(52))
        root = PageNumber(try record.little(60))
        objectID = ObjectID(try record.little(64))
        guard let kind = Kind(rawValue: try record.byte(68)) else { throw FormatError(.badRecord, at: 68) }
        guard let operation = Operation(rawValue: try record.byte(69)) else { throw FormatError(.badRecord, at: 69) }
        self.kind = kind
        self.operation = operation
        operationLine = Int(try record.little(70, as: UInt16.self))
        splitLine = Int(try record.little(72, as: UInt16.self))
        lineCount = Int(try record.little(74, as: UInt16.self))
        newPageFlags = PageFlags(rawValue: try record.little(76))
        splitPageFlags = PageFlags(rawValue: try record.little(80))
        uncommittedFreeOfSource = Int(try record.little(84, as: Int16.self))
        uncommittedFreeOfNew = Int(try record.little(86, as: Int16.self))
        prefixLineOfSource = Self.line(try record.little(88, as: Int32.self))
        prefixLineOfNew = Self.line(try record.little(92, as: Int32.self))
        let oldPrefixByteCount = Int(try record.little(96, as: UInt16.self))
        let newPrefixByteCount = Int(try record.little(98, as: UInt16.self))
        let separatorByteCount = Int(try record.little(100, as: UInt16.self))
        var place = Self.fixedByteCount
        var imageByteCount = 0
        if !isOld {
            beforeImageFlags = BeforeImageFlags(rawValue: try record.little(102))
            imageByteCount = Int(try record.little(106, as: UInt32.self))
            place += 8
        }
        separator = try Self.take(separatorByteCount, of: record, at: &place)
        oldPrefix = try Self.take(oldPrefixByteCount, of: record, at: &place)
        newPrefix = try Self.take(newPrefixByteCount, of: record, at: &place)
        beforeImage = try Self.take(imageByteCount, of: record, at: &place)
        guard place == record.byteCount else { throw FormatError(.badRecord, at: place) }
    }

    /// Appends the record.
    public func encode(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + encodedByteCount)
        page.encode(type: isOld ? Self.oldType : Self.type, to: &bytes)
        bytes.append(little: newPage.rawValue)
        bytes.append(little: rightPage.rawValue)
        bytes.append(little: rightDatabaseTimeBefore.rawValue)
        bytes.append(little: parentPage.rawValue)
        bytes.append(little: parentDatabaseTimeBefore.rawValue)
        bytes.append(little: root.rawValue)
        bytes.append(little: objectID.rawValue)
        bytes.append(kind.rawValue)
        bytes.append(operation.rawValue)
        bytes.append(little: UInt16(truncatingIfNeeded: operationLine))
        bytes.append(little: UInt16(truncatingIfNeeded: splitLine))
        bytes.append(little: UInt16(truncatingIfNeeded: lineCount))
        bytes.append(little: newPageFlags.rawValue)
        bytes.append(little: splitPageFlags.rawValue)
        bytes.append(little: UInt16(truncatingIfNeeded: uncommittedFreeOfSource))
        bytes.append(little: UInt16(truncatingIfNeeded: uncommittedFreeOfNew))
        bytes.append(little: UInt32(truncatingIfNeeded: prefixLineOfSource ?? -1))
        bytes.append(little: UInt32(truncatingIfNeeded: prefixLineOfNew ?? -1))
        bytes.append(little: UInt16(truncatingIfNeeded: oldPrefix.count))
        bytes.append(little: UInt16(truncatingIfNeeded: newPrefix.count))
        bytes.append(little: UInt16(truncatingIfNeeded: separator.count))
        if !isOld {
            bytes.append(little: beforeImageFlags.rawValue)
            bytes.append(little: UInt32(truncatingIfNeeded: beforeImage.count))
        }
        bytes += separator
        bytes += oldPrefix
        bytes += newPrefix
        if !isOld { bytes += beforeImage }
    }

    /// The record's bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes)
        return bytes
    }

    private static func line(_ stored: Int32) -> Int? { stored < 0 ? nil : Int(stored) }

    static func take(_ count: Int, of record: RawSpan, at place: inout Int) throws(FormatError) -> [UInt8] {
        guard count <= record.byteCount - place else { throw FormatError(.truncated, at: place) }
        defer { place += count }
        return record.bytes(place..<(place + count))
    }
}
