// Layer: ESEFormat/Log. Uses: LoggedPage. Used by: LogRecord, trees, space, redo.
// Trees are made, converted and freed; pages are taken, moved and emptied.

/// A tree with space trees is made. ESE's term: LRCREATEMEFDP.
public struct CreateMultipleExtentTreeRecord: LogRecordFields {
    /// The page.
    public var page: LoggedPage
    /// The tree. ESE's term: objidFDP.
    public var tree: ObjectID
    /// The root of its owned extents. ESE's term: pgnoOE.
    public var ownedRoot: PageNumber
    /// The root of its available extents. ESE's term: pgnoAE.
    public var availableRoot: PageNumber
    /// The root of the tree that gave the pages. ESE's term: pgnoFDPParent.
    public var parentRoot: PageNumber
    /// Pages of its first extent. ESE's term: cpgPrimary.
    public var primaryPageCount: UInt32
    /// Flags of its pages. ESE's term: fPageFlags.
    public var pageFlags: UInt32

    /// Makes a record.
    public init(
        page: LoggedPage, tree: ObjectID, ownedRoot: PageNumber, availableRoot: PageNumber, parentRoot: PageNumber,
        primaryPageCount: UInt32, pageFlags: UInt32
    ) {
        self.page = page
        self.tree = tree
        self.ownedRoot = ownedRoot
        self.availableRoot = availableRoot
        self.parentRoot = parentRoot
        self.primaryPageCount = primaryPageCount
        self.pageFlags = pageFlags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(56)
        page = try LoggedPage(decoding: record)
        tree = ObjectID(record.inside(32))
        ownedRoot = PageNumber(record.inside(36))
        availableRoot = PageNumber(record.inside(40))
        parentRoot = PageNumber(record.inside(44))
        primaryPageCount = record.inside(48)
        pageFlags = record.inside(52)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .createMultipleExtentTree }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 56 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        page.encode(.createMultipleExtentTree, into: target)
        target.put(tree.rawValue, 32)
        target.put(ownedRoot.rawValue, 36)
        target.put(availableRoot.rawValue, 40)
        target.put(parentRoot.rawValue, 44)
        target.put(primaryPageCount, 48)
        target.put(pageFlags, 52)
    }

    /// One line for people.
    public var description: String {
        "CreateMEFDP \(page) tree \(tree) owned \(ownedRoot) available \(availableRoot)"
            + " parent \(parentRoot) primary \(primaryPageCount) flags \(pageFlags)"
    }
}

/// A small tree is made: its space is in the root's header. ESE's term: LRCREATESEFDP.
public struct CreateSingleExtentTreeRecord: LogRecordFields {
    /// The page.
    public var page: LoggedPage
    /// The tree. ESE's term: objidFDP.
    public var tree: ObjectID
    /// The root of the tree that gave the pages. ESE's term: pgnoFDPParent.
    public var parentRoot: PageNumber
    /// Pages of its first extent. ESE's term: cpgPrimary.
    public var primaryPageCount: UInt32
    /// Flags of its pages. ESE's term: fPageFlags.
    public var pageFlags: UInt32

    /// Makes a record.
    public init(page: LoggedPage, tree: ObjectID, parentRoot: PageNumber, primaryPageCount: UInt32, pageFlags: UInt32) {
        self.page = page
        self.tree = tree
        self.parentRoot = parentRoot
        self.primaryPageCount = primaryPageCount
        self.pageFlags = pageFlags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(48)
        page = try LoggedPage(decoding: record)
        tree = ObjectID(record.inside(32))
        parentRoot = PageNumber(record.inside(36))
        primaryPageCount = record.inside(40)
        pageFlags = record.inside(44)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .createSingleExtentTree }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 48 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        page.encode(.createSingleExtentTree, into: target)
        target.put(tree.rawValue, 32)
        target.put(parentRoot.rawValue, 36)
        target.put(primaryPageCount, 40)
        target.put(pageFlags, 44)
    }

    /// One line for people.
    public var description: String {
        "CreateSEFDP \(page) tree \(tree) parent \(parentRoot) primary \(primaryPageCount)"
            + " flags \(pageFlags)"
    }
}

/// A page is taken into use. ESE's term: LRNEWPAGE.
public struct NewPageRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The page.
    public var page: PageNumber
    /// The tree.
    public var tree: ObjectID
    /// Its time afterwards. ESE's term: dbtimeAfter.
    public var databaseTime: DatabaseTime

    /// Makes a record.
    public init(session: UInt16, database: UInt8, page: PageNumber, tree: ObjectID, databaseTime: DatabaseTime) {
        self.session = session
        self.database = database
        self.page = page
        self.tree = tree
        self.databaseTime = databaseTime
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(20)
        session = record.inside(1)
        database = record.inside(3)
        page = PageNumber(record.inside(4))
        tree = ObjectID(record.inside(8))
        databaseTime = DatabaseTime(record.inside(12))
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .newPage }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 20 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.newPage.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
        target.put(page.rawValue, 4)
        target.put(tree.rawValue, 8)
        target.put(databaseTime.rawValue, 12)
    }

    /// One line for people.
    public var description: String {
        "NewPage session \(session) database \(database) page \(page) tree \(tree)"
            + " time \(databaseTime)"
    }
}

/// A page is moved to another number; its image is the payload. ESE's term: LRPAGEMOVE.
public struct PageMoveRecord: LogRecordFields {
    /// The page.
    public var page: LoggedPage
    /// Where it goes. ESE's term: pgnoDest.
    public var destination: PageNumber
    /// Its left sibling, or none.
    public var left: PageNumber
    /// Its right sibling, or none.
    public var right: PageNumber
    /// Its parent; none for roots.
    public var parent: PageNumber
    /// The left sibling's time before.
    public var leftTimeBefore: DatabaseTime
    /// The right sibling's time before.
    public var rightTimeBefore: DatabaseTime
    /// The parent's time before.
    public var parentTimeBefore: DatabaseTime
    /// The root of the tree. ESE's term: pgnoFDP.
    public var treeRoot: PageNumber
    /// The tree.
    public var tree: ObjectID
    /// The line of the parent that points to it. ESE's term: ilineParent.
    public var parentLine: Int32
    /// 1: a tree's root; 2: the root of its owned, 4: of its available extents.
    public var flags: UInt32
    /// Bytes of the image before its free gap.
    public var headerByteCount: UInt32
    /// Bytes of the image behind its free gap.
    public var trailerByteCount: UInt32

    /// Makes a record; its payload is the image up to its gap and the image behind it.
    public init(
        page: LoggedPage, destination: PageNumber, left: PageNumber, right: PageNumber, parent: PageNumber,
        leftTimeBefore: DatabaseTime, rightTimeBefore: DatabaseTime, parentTimeBefore: DatabaseTime,
        treeRoot: PageNumber, tree: ObjectID, parentLine: Int32, flags: UInt32, headerByteCount: UInt32,
        trailerByteCount: UInt32
    ) {
        self.page = page
        self.destination = destination
        self.left = left
        self.right = right
        self.parent = parent
        self.leftTimeBefore = leftTimeBefore
        self.rightTimeBefore = rightTimeBefore
        self.parentTimeBefore = parentTimeBefore
        self.treeRoot = treeRoot
        self.tree = tree
        self.parentLine = parentLine
        self.flags = flags
        self.headerByteCount = headerByteCount
        self.trailerByteCount = trailerByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(96)
        page = try LoggedPage(decoding: record)
        destination = PageNumber(record.inside(32))
        left = PageNumber(record.inside(36))
        right = PageNumber(record.inside(40))
        parent = PageNumber(record.inside(44))
        leftTimeBefore = DatabaseTime(record.inside(48))
        rightTimeBefore = DatabaseTime(record.inside(56))
        parentTimeBefore = DatabaseTime(record.inside(64))
        treeRoot = PageNumber(record.inside(72))
        tree = ObjectID(record.inside(76))
        parentLine = record.inside(80)
        flags = record.inside(84)
        headerByteCount = record.inside(88)
        trailerByteCount = record.inside(92)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .pageMove }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 96 }
    /// Bytes of the payload.
    public var payloadByteCount: Int { Int(headerByteCount) + Int(trailerByteCount) }
    /// The image up to its gap.
    public var header: Range<Int> { 96..<96 + Int(headerByteCount) }
    /// The image behind it.
    public var trailer: Range<Int> { header.upperBound..<header.upperBound + Int(trailerByteCount) }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        page.encode(.pageMove, into: target)
        target.put(destination.rawValue, 32)
        target.put(left.rawValue, 36)
        target.put(right.rawValue, 40)
        target.put(parent.rawValue, 44)
        target.put(leftTimeBefore.rawValue, 48)
        target.put(rightTimeBefore.rawValue, 56)
        target.put(parentTimeBefore.rawValue, 64)
        target.put(treeRoot.rawValue, 72)
        target.put(tree.rawValue, 76)
        target.put(parentLine, 80)
        target.put(flags, 84)
        target.put(headerByteCount, 88)
        target.put(trailerByteCount, 92)
    }

    /// One line for people.
    public var description: String {
        "PageMove \(page) to \(destination) left \(left) right \(right) parent \(parent)"
            + " before \(leftTimeBefore) \(rightTimeBefore) \(parentTimeBefore) root \(treeRoot)"
            + " tree \(tree) parent line \(parentLine) flags \(flags) image \(headerByteCount)"
            + " \(trailerByteCount)"
    }
}

/// A tree's root moves: the first record of a macro that does it. ESE's term: LRROOTPAGEMOVE.
public struct RootPageMoveRecord: LogRecordFields {
    /// The pages' time afterwards.
    public var databaseTime: DatabaseTime
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The tree.
    public var tree: ObjectID
    /// The session. ESE's term: procid.
    public var session: UInt16

    /// Makes a record.
    public init(databaseTime: DatabaseTime, database: UInt8, tree: ObjectID, session: UInt16) {
        self.databaseTime = databaseTime
        self.database = database
        self.tree = tree
        self.session = session
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(16)
        databaseTime = DatabaseTime(record.inside(1))
        database = record.inside(9)
        tree = ObjectID(record.inside(10))
        session = record.inside(14)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .rootPageMove }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 16 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.rootPageMove.rawValue, 0)
        target.put(databaseTime.rawValue, 1)
        target.put(database, 9)
        target.put(tree.rawValue, 10)
        target.put(session, 14)
    }

    /// One line for people.
    public var description: String {
        "RootPageMove time \(databaseTime) database \(database) tree \(tree) session \(session)"
    }
}

/// A tree's pages will be given back once nobody can see it. ESE's term: LRFREEFDP.
public struct FreeTreeRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The root of the tree. ESE's term: pgnoFDP.
    public var treeRoot: PageNumber
    /// The transaction number of the commit that deleted it. ESE's term: trxCommitted.
    public var transaction: UInt32
    /// 1: a table, 2: an index. ESE's term: FDPTYPE.
    public var kind: UInt8
    /// Bytes behind the known fields.
    public var extraByteCount: Int = 0

    /// Makes a record.
    public init(database: UInt8, treeRoot: PageNumber, transaction: UInt32, kind: UInt8) {
        self.database = database
        self.treeRoot = treeRoot
        self.transaction = transaction
        self.kind = kind
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(15)
        database = record.inside(5)
        treeRoot = PageNumber(record.inside(6))
        transaction = record.inside(10)
        kind = record.inside(14)
        extraByteCount = record.byteCount - 15
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .freeTree }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 15 }
    /// Bytes behind the known fields.
    public var payloadByteCount: Int { extraByteCount }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.freeTree.rawValue, 0)
        target.put(UInt32(10 + extraByteCount), 1)
        target.put(database, 5)
        target.put(treeRoot.rawValue, 6)
        target.put(transaction, 10)
        target.put(kind, 14)
    }

    /// One line for people.
    public var description: String {
        "FreeFDP database \(database) root \(treeRoot) committed \(transaction) kind \(kind)"
    }
}
