// Layer: ESEFormat/Log. Uses: LoggedNode. Used by: LogRecord, trees, redo, undo.
// Changes of nodes. The payload's ranges count from the record's first byte.

/// A node is inserted. ESE's term: LRINSERT.
public struct InsertRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the key that the page's prefix holds; they come first in the payload.
    public var keyPrefixByteCount: UInt16
    /// Bytes of the rest of the key.
    public var keySuffixByteCount: UInt16
    /// Bytes of the data.
    public var dataByteCount: UInt16

    /// Makes a record; its payload is the key's prefix and suffix and the data.
    @inlinable
    public init(node: LoggedNode, keyPrefixByteCount: UInt16, keySuffixByteCount: UInt16, dataByteCount: UInt16) {
        self.node = node
        self.keyPrefixByteCount = keyPrefixByteCount
        self.keySuffixByteCount = keySuffixByteCount
        self.dataByteCount = dataByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(50)
        node = try LoggedNode(decoding: record)
        keySuffixByteCount = record.inside(44)
        keyPrefixByteCount = record.inside(46)
        dataByteCount = record.inside(48)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .insert }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 50 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyPrefixByteCount) + Int(keySuffixByteCount) + Int(dataByteCount) }
    /// The whole key.
    public var key: Range<Int> { 50..<50 + Int(keyPrefixByteCount) + Int(keySuffixByteCount) }
    /// The data.
    public var data: Range<Int> { key.upperBound..<encodedByteCount }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.insert, into: target)
        target.put(keySuffixByteCount, 44)
        target.put(keyPrefixByteCount, 46)
        target.put(dataByteCount, 48)
    }

    /// One line for people.
    public var description: String {
        "Insert \(node) key \(keyPrefixByteCount)+\(keySuffixByteCount) data \(dataByteCount)"
    }
}

/// A deleted node with the same key and data is taken up again. ESE's term: LRFLAGINSERT.
public struct FlagInsertRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the whole key.
    public var keyByteCount: UInt16
    /// Bytes of the data.
    public var dataByteCount: UInt16

    /// Makes a record; its payload is the key and the data.
    public init(node: LoggedNode, keyByteCount: UInt16, dataByteCount: UInt16) {
        self.node = node
        self.keyByteCount = keyByteCount
        self.dataByteCount = dataByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(48)
        node = try LoggedNode(decoding: record)
        keyByteCount = record.inside(44)
        dataByteCount = record.inside(46)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .flagInsert }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 48 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyByteCount) + Int(dataByteCount) }
    /// The key.
    public var key: Range<Int> { 48..<48 + Int(keyByteCount) }
    /// The data.
    public var data: Range<Int> { key.upperBound..<encodedByteCount }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.flagInsert, into: target)
        target.put(keyByteCount, 44)
        target.put(dataByteCount, 46)
    }

    /// One line for people.
    public var description: String { "FlagInsert \(node) key \(keyByteCount) data \(dataByteCount)" }
}

/// A deleted node is taken up again with other data. ESE's term: LRFLAGINSERTANDREPLACEDATA.
public struct FlagInsertAndReplaceRecord: LogRecordFields {
    /// Page, line and tree; its revision is that of the insert.
    public var node: LoggedNode
    /// Bytes of the whole key.
    public var keyByteCount: UInt16
    /// Bytes of the new data.
    public var dataByteCount: UInt16
    /// The revision of the replace. ESE's term: rceidReplace.
    public var replaceRevision: UInt32

    /// Makes a record; its payload is the key and the new data.
    public init(node: LoggedNode, keyByteCount: UInt16, dataByteCount: UInt16, replaceRevision: UInt32) {
        self.node = node
        self.keyByteCount = keyByteCount
        self.dataByteCount = dataByteCount
        self.replaceRevision = replaceRevision
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(52)
        node = try LoggedNode(decoding: record)
        keyByteCount = record.inside(44)
        dataByteCount = record.inside(46)
        replaceRevision = record.inside(48)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .flagInsertAndReplace }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 52 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyByteCount) + Int(dataByteCount) }
    /// The key.
    public var key: Range<Int> { 52..<52 + Int(keyByteCount) }
    /// The new data.
    public var data: Range<Int> { key.upperBound..<encodedByteCount }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(.flagInsertAndReplace, into: target)
        target.put(keyByteCount, 44)
        target.put(dataByteCount, 46)
        target.put(replaceRevision, 48)
    }

    /// One line for people.
    public var description: String {
        "FlagInsertAndReplace \(node) key \(keyByteCount) data \(dataByteCount) replace revision \(replaceRevision)"
    }
}

/// A node is marked as deleted. ESE's term: LRFLAGDELETE.
public struct FlagDeleteRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode

    /// Makes a record.
    @inlinable
    public init(node: LoggedNode) { self.node = node }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        node = try LoggedNode(decoding: record)
        try record.hasAll(44)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .flagDelete }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 44 }
    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) { node.encode(.flagDelete, into: target) }
    /// One line for people.
    public var description: String { "FlagDelete \(node)" }
}

/// A node is removed. ESE's term: LRDELETE.
public struct DeleteRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode

    /// Makes a record.
    @inlinable
    public init(node: LoggedNode) { self.node = node }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        node = try LoggedNode(decoding: record)
        try record.hasAll(44)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .delete }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 44 }
    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) { node.encode(.delete, into: target) }
    /// One line for people.
    public var description: String { "Delete \(node)" }
}

/// A node's data are replaced, logged in whole or as a difference. ESE's term: LRREPLACE.
public struct ReplaceRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Whether the payload is a difference and not the new data. Types: Replace, ReplaceD.
    public var isDifference: Bool
    /// Whether a difference has headers of three bytes, those of large pages. ESE's term: fDiff2.
    public var hasWideDifference: Bool
    /// Bytes of the payload, at most 32767.
    public var byteCount: UInt16
    /// Bytes of the data before.
    public var oldDataByteCount: UInt16
    /// Bytes of the data after.
    public var newDataByteCount: UInt16

    /// Makes a record that holds the new data.
    @inlinable
    public init(node: LoggedNode, oldDataByteCount: UInt16, newDataByteCount: UInt16) {
        precondition(newDataByteCount < 0x8000, "data of a node")
        self.node = node
        isDifference = false
        hasWideDifference = false
        byteCount = newDataByteCount
        self.oldDataByteCount = oldDataByteCount
        self.newDataByteCount = newDataByteCount
    }

    /// Makes a record that holds a difference of this many bytes.
    @inlinable
    public init(
        node: LoggedNode, differenceByteCount: UInt16, isWide: Bool, oldDataByteCount: UInt16,
        newDataByteCount: UInt16
    ) {
        precondition(differenceByteCount < 0x8000, "a difference is shorter than the data")
        self.node = node
        isDifference = true
        hasWideDifference = isWide
        byteCount = differenceByteCount
        self.oldDataByteCount = oldDataByteCount
        self.newDataByteCount = newDataByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(50)
        node = try LoggedNode(decoding: record)
        isDifference = record.inside(0, as: UInt8.self) == LogRecordType.replaceDifference.rawValue
        let count: UInt16 = record.inside(44)
        hasWideDifference = count & 0x8000 != 0
        byteCount = count & 0x7fff
        oldDataByteCount = record.inside(46)
        newDataByteCount = record.inside(48)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { isDifference ? .replaceDifference : .replace }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 50 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(byteCount) }
    /// The new data or the difference.
    public var data: Range<Int> { 50..<50 + Int(byteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(type, into: target)
        target.put(byteCount | (hasWideDifference ? 0x8000 : 0), 44)
        target.put(oldDataByteCount, 46)
        target.put(newDataByteCount, 48)
    }

    /// One line for people.
    public var description: String {
        "\(isDifference ? "ReplaceD" : "Replace") \(node) data \(oldDataByteCount) -> \(newDataByteCount)"
            + (isDifference ? " difference \(byteCount)\(hasWideDifference ? " wide" : "")" : "")
    }
}

/// A number in a node is added to. ESE's terms: LRDELTA32, LRDELTA64.
public struct DeltaRecord: LogRecordFields {
    /// Page, line and tree.
    public var node: LoggedNode
    /// Bytes of the bookmark's key.
    public var keyByteCount: UInt16
    /// Bytes of the bookmark's data.
    public var dataByteCount: UInt16
    /// Whether the number has 64 bits. Types: Delta, Delta64.
    public var isWide: Bool
    /// What is added; of narrow ones the low 32 bits count.
    public var delta: Int64
    /// Where the number stands in the node's data.
    public var byteOffset: UInt16

    /// Makes a record; its payload is the bookmark: key and data.
    @inlinable
    public init(
        node: LoggedNode, keyByteCount: UInt16, dataByteCount: UInt16 = 0, isWide: Bool, delta: Int64,
        byteOffset: UInt16
    ) {
        self.node = node
        self.keyByteCount = keyByteCount
        self.dataByteCount = dataByteCount
        self.isWide = isWide
        self.delta = delta
        self.byteOffset = byteOffset
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(54)
        node = try LoggedNode(decoding: record)
        isWide = record.inside(0, as: UInt8.self) == LogRecordType.delta64.rawValue
        try record.hasFixed(isWide ? 58 : 54)
        keyByteCount = record.inside(44)
        dataByteCount = record.inside(46)
        delta = isWide ? record.inside(48) : Int64(record.inside(48, as: Int32.self))
        byteOffset = record.inside(isWide ? 56 : 52)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { isWide ? .delta64 : .delta }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { isWide ? 58 : 54 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(keyByteCount) + Int(dataByteCount) }
    /// The bookmark's key.
    public var key: Range<Int> { fixedByteCount..<fixedByteCount + Int(keyByteCount) }
    /// The bookmark's data.
    public var data: Range<Int> { key.upperBound..<encodedByteCount }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        node.encode(type, into: target)
        target.put(keyByteCount, 44)
        target.put(dataByteCount, 46)
        if isWide {
            target.put(delta, 48)
            target.put(byteOffset, 56)
        } else {
            target.put(Int32(truncatingIfNeeded: delta), 48)
            target.put(byteOffset, 52)
        }
    }

    /// One line for people.
    public var description: String {
        "\(isWide ? "Delta64" : "Delta") \(node) bookmark \(keyByteCount)+\(dataByteCount) add \(delta) "
            + "at \(byteOffset)"
    }
}
