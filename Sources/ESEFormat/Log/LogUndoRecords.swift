// Layer: ESEFormat/Log. Uses: LoggedNode. Used by: LogRecord, version store, undo, redo.
// What undoing needs and does, and changes of a page's header or of many nodes at once.

/// What undoing a change of a node needs, logged before the changed page is written. The times of its page mean
/// nothing: all bits are set. ESE's term: LRUNDOINFO.
public struct UndoInfoRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the bookmark's key.
    public var keyByteCount: UInt16
    /// Bytes of the bookmark's data.
    public var dataByteCount: UInt16
    /// What is undone: 2 is a replace, 3 a delete. ESE's term: oper.
    public var operation: UInt16
    /// The greatest size that the data had in the transaction. ESE's term: cbMaxSize.
    public var greatestByteCount: Int16
    /// By how much the data grew. ESE's term: cbDelta.
    public var sizeChange: Int16
    /// Bytes of the data before the change. ESE's term: cbData.
    public var beforeByteCount: UInt16

    /// Makes a record; its payload is the bookmark's key and the bookmark's data and the data before the change.
    @inlinable
    public init(
        node: LoggedNode, keyByteCount: UInt16, dataByteCount: UInt16, operation: UInt16, greatestByteCount: Int16,
        sizeChange: Int16, beforeByteCount: UInt16
    ) {
        self.node = node
        self.keyByteCount = keyByteCount
        self.dataByteCount = dataByteCount
        self.operation = operation
        self.greatestByteCount = greatestByteCount
        self.sizeChange = sizeChange
        self.beforeByteCount = beforeByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(56)
        node = try LoggedNode(decoding: record)
        keyByteCount = record.inside(44)
        dataByteCount = record.inside(46)
        operation = record.inside(48)
        greatestByteCount = record.inside(50)
        sizeChange = record.inside(52)
        beforeByteCount = record.inside(54)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .undoInfo }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 56 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyByteCount) + Int(dataByteCount) + Int(beforeByteCount) }
    /// The bookmark's key.
    public var key: Range<Int> { 56..<56 + Int(keyByteCount) }
    /// The bookmark's data.
    public var data: Range<Int> { key.upperBound..<key.upperBound + Int(dataByteCount) }
    /// The data before the change.
    public var before: Range<Int> { data.upperBound..<data.upperBound + Int(beforeByteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.undoInfo, into: target)
        target.put(keyByteCount, 44)
        target.put(dataByteCount, 46)
        target.put(operation, 48)
        target.put(greatestByteCount, 50)
        target.put(sizeChange, 52)
        target.put(beforeByteCount, 54)
    }

    /// One line for people.
    public var description: String {
        "UndoInfo \(node) key \(keyByteCount) data \(dataByteCount) operation \(operation)"
            + " greatest \(greatestByteCount) change \(sizeChange) before \(beforeByteCount)"
    }
}

/// A change of a node is undone. ESE's term: LRUNDO.
public struct UndoRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the bookmark's key.
    public var keyByteCount: UInt16
    /// Bytes of the bookmark's data.
    public var dataByteCount: UInt16
    /// What is undone: 1 an insert, 2 a replace, 3 a delete, 4 and 9 an addition. ESE's term: oper.
    public var operation: UInt16
    /// The level of the transaction that made the change.
    public var level: UInt8

    /// Makes a record; its payload is the bookmark's key and the bookmark's data.
    public init(node: LoggedNode, keyByteCount: UInt16, dataByteCount: UInt16, operation: UInt16, level: UInt8) {
        self.node = node
        self.keyByteCount = keyByteCount
        self.dataByteCount = dataByteCount
        self.operation = operation
        self.level = level
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(51)
        node = try LoggedNode(decoding: record)
        keyByteCount = record.inside(44)
        dataByteCount = record.inside(46)
        operation = record.inside(48)
        level = record.inside(50)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .undo }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 51 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyByteCount) + Int(dataByteCount) }
    /// The bookmark's key.
    public var key: Range<Int> { 51..<51 + Int(keyByteCount) }
    /// The bookmark's data.
    public var data: Range<Int> { key.upperBound..<key.upperBound + Int(dataByteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.undo, into: target)
        target.put(keyByteCount, 44)
        target.put(dataByteCount, 46)
        target.put(operation, 48)
        target.put(level, 50)
    }

    /// One line for people.
    public var description: String {
        "Undo \(node) key \(keyByteCount) data \(dataByteCount) operation \(operation) level \(level)"
    }
}

/// A tree becomes an empty root; its other pages are marked empty. ESE's term: LREMPTYTREE.
public struct EmptyTreeRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the list of pages, 16 for each.
    public var byteCount: UInt16

    /// Makes a record; its payload is the list of pages.
    public init(node: LoggedNode, byteCount: UInt16) {
        self.node = node
        self.byteCount = byteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(46)
        node = try LoggedNode(decoding: record)
        byteCount = record.inside(44)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .emptyTree }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 46 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(byteCount) }
    /// The list of pages.
    public var list: Range<Int> { 46..<46 + Int(byteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.emptyTree, into: target)
        target.put(byteCount, 44)
    }

    /// One line for people.
    public var description: String { "EmptyTree \(node) list \(byteCount)" }
}

/// What was deleted on a page is overwritten. ESE's term: LRSCRUB.
public struct ScrubRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bit 0: the page isn't in use. ESE's term: fLRScrubUnusedPage.
    public var flags: UInt32
    /// How many operations, one for each line.
    public var operationCount: UInt32
    /// Bytes of the operations.
    public var byteCount: UInt16

    /// Makes a record; its payload is the operations, a byte each.
    public init(node: LoggedNode, flags: UInt32, operationCount: UInt32, byteCount: UInt16) {
        self.node = node
        self.flags = flags
        self.operationCount = operationCount
        self.byteCount = byteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(54)
        node = try LoggedNode(decoding: record)
        flags = record.inside(44)
        operationCount = record.inside(48)
        byteCount = record.inside(52)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .scrub }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 54 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(byteCount) }
    /// The operations, a byte each.
    public var operations: Range<Int> { 54..<54 + Int(byteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.scrub, into: target)
        target.put(flags, 44)
        target.put(operationCount, 48)
        target.put(byteCount, 52)
    }

    /// One line for people.
    public var description: String { "Scrub \(node) flags \(flags) operations \(operationCount)" }
}

extension EmptyTreeRecord {
    /// A page that is marked empty.
    public struct EmptiedPage: Hashable, Sendable {
        /// Its time before.
        public var databaseTimeBefore: DatabaseTime
        /// Its number.
        public var page: PageNumber
        /// Its flags.
        public var flags: UInt32

        /// Makes an entry of the list.
        public init(databaseTimeBefore: DatabaseTime, page: PageNumber, flags: UInt32) {
            self.databaseTimeBefore = databaseTimeBefore
            self.page = page
            self.flags = flags
        }

        /// Bytes of an entry.
        public static let byteCount = 16

        /// Writes the 16 bytes.
        public func encode(into target: LogRecordTarget) {
            target.put(databaseTimeBefore.rawValue, 0)
            target.put(page.rawValue, 8)
            target.put(flags, 12)
        }
    }

    /// How many pages the list has.
    public var pageCount: Int { Int(byteCount) / EmptiedPage.byteCount }

    /// An entry of the list in this record's bytes. Throws `truncated` beyond the list.
    public func page(_ index: Int, in record: RawSpan) throws(FormatError) -> EmptiedPage {
        guard index >= 0, index < pageCount else { throw FormatError(.truncated, at: index) }
        let start = list.lowerBound + index * EmptiedPage.byteCount
        return EmptiedPage(
            databaseTimeBefore: DatabaseTime(try record.little(start)), page: PageNumber(try record.little(start + 8)),
            flags: try record.little(start + 12))
    }
}

/// A page's external header, tag 0, is set. ESE's term: LRSETEXTERNALHEADER.
public struct SetExternalHeaderRecord: LogRecordFields {
    /// Page and tree.
    public var node: LoggedNode
    /// Bytes of the header.
    public var byteCount: UInt16

    /// Makes a record; its payload is the header.
    @inlinable
    public init(node: LoggedNode, byteCount: UInt16) {
        self.node = node
        self.byteCount = byteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(46)
        node = try LoggedNode(decoding: record)
        byteCount = record.inside(44)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .setExternalHeader }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 46 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(byteCount) }
    /// The header.
    public var data: Range<Int> { 46..<46 + Int(byteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.setExternalHeader, into: target)
        target.put(byteCount, 44)
    }

    /// One line for people.
    public var description: String { "SetExternalHeader \(node) data \(byteCount)" }
}
