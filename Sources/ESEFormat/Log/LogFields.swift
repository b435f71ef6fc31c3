// Layer: ESEFormat/Log. Used by: all records of the log.
// What records have in common: numbers in raw memory, the head that names a page, the head that names a node.
// Raw stores: every caller writes a structure of a fixed size into memory that has this size by its contract.

extension UnsafeMutableRawPointer {
    /// Stores a little-endian number, however aligned.
    @inlinable @inline(__always)
    func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    /// Stores the 28 bytes of a signature.
    func put(_ signature: DatabaseSignature, _ offset: Int) {
        put(signature.random, offset)
        put(signature.time.rawValue, offset + 4)
        put(signature.computerNameStart, offset + 12)
        put(signature.computerNameEnd, offset + 20)
    }
}

/// Memory that the fixed part of a record is written to. Whoever makes one promises that so many bytes are there;
/// encoders store inside of that, which debug builds check.
public struct LogRecordTarget {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let byteCount: Int

    /// Makes a target of memory that stays while it is written to.
    @inlinable @inline(__always)
    public init(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        self.start = start
        self.byteCount = byteCount
    }

    @inlinable @inline(__always)
    func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
        assert(offset >= 0 && offset + MemoryLayout<T>.size <= byteCount, "a field of the fixed part")
        start.put(value, offset)
    }

    func put(_ signature: DatabaseSignature, _ offset: Int) {
        assert(offset >= 0 && offset + DatabaseSignature.byteCount <= byteCount, "a field of the fixed part")
        start.put(signature, offset)
    }

    func put(_ parameters: LogParameters, _ offset: Int) {
        assert(offset >= 0 && offset + LogParameters.byteCount <= byteCount, "a field of the fixed part")
        parameters.encode(into: start + offset)
    }
}

extension RawSpan {
    /// Throws `truncated` unless a record's fixed part is there, after which `inside` may be used for it.
    @inline(__always)
    func hasFixed(_ byteCount: Int) throws(FormatError) {
        guard self.byteCount >= byteCount else { throw FormatError(.truncated, at: self.byteCount) }
    }

    /// Throws `badRecord` unless the bytes are exactly as many as the record's parts.
    @inline(__always)
    func hasAll(_ byteCount: Int) throws(FormatError) {
        guard self.byteCount == byteCount else { throw FormatError(.badRecord, at: self.byteCount) }
    }

    /// A signature; the caller has checked that it lies inside.
    func signature(_ offset: Int) throws(FormatError) -> DatabaseSignature {
        try DatabaseSignature(decoding: self, at: offset)
    }
}

/// The fields of one kind of record, without the bytes that follow them. Those, the payload, are given to whoever
/// appends the record after the fixed part, in the order in which the struct's ranges stand. Nothing here allocates.
public protocol LogRecordFields: Hashable, Sendable, CustomStringConvertible {
    /// The kind of record.
    var type: LogRecordType { get }
    /// Bytes of the fixed part.
    var fixedByteCount: Int { get }
    /// Bytes of the payload behind it.
    var payloadByteCount: Int { get }
    /// Takes the fields out of a whole record. Throws `truncated` or `badRecord` unless its size is just right; its
    /// first byte is not looked at where only one kind has these fields.
    init(decoding record: RawSpan) throws(FormatError)
    /// Writes the fixed part, `fixedByteCount` bytes, type included.
    func encodeFixed(into target: LogRecordTarget)
}

extension LogRecordFields {
    /// Most records have no payload.
    @inlinable
    public var payloadByteCount: Int { 0 }

    /// Bytes of the whole record.
    @inlinable
    public var encodedByteCount: Int { fixedByteCount + payloadByteCount }

    /// Writes the fixed part, `fixedByteCount` bytes, type included: so many must be there.
    @inlinable
    public func encodeFixed(into target: UnsafeMutableRawPointer) {
        encodeFixed(into: LogRecordTarget(target, byteCount: fixedByteCount))
    }

    /// Writes the whole record, `encodedByteCount` bytes. The payload comes in up to four pieces, in order; together
    /// they must be `payloadByteCount` bytes, else this traps.
    @inlinable
    public func encode(
        into target: UnsafeMutableRawPointer,
        _ a: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ b: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ c: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ d: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        precondition(a.count + b.count + c.count + d.count == payloadByteCount, "the payload has its declared size")
        encodeFixed(into: target)
        var next = target + fixedByteCount
        func append(_ piece: UnsafeRawBufferPointer) {
            guard let start = piece.baseAddress, piece.count > 0 else { return }
            next.copyMemory(from: start, byteCount: piece.count)
            next += piece.count
        }
        append(a)
        append(b)
        append(c)
        append(d)
    }
}

/// What a record says about its page. ESE's terms: fLRPage….
public struct LoggedPageFlags: OptionSet, Hashable, Sendable {
    /// The byte as stored.
    public let rawValue: UInt8

    /// Makes flags.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The change has a revision: it can be undone. ESE's term: fLRPageVersioned.
    public static let versioned = LoggedPageFlags(rawValue: 1)
    /// The node is a deleted one. ESE's term: fLRPageDeleted.
    public static let deleted = LoggedPageFlags(rawValue: 2)
    /// The tree's keys are unique. ESE's term: fLRPageUnique.
    public static let unique = LoggedPageFlags(rawValue: 4)
    /// The tree is a space tree. ESE's term: fLRPageSpace.
    public static let space = LoggedPageFlags(rawValue: 8)
    /// Made by the building of an index while others work. ESE's term: fLRPageConcCI.
    public static let concurrentIndex = LoggedPageFlags(rawValue: 0x10)
    /// Made by a task of the engine's. ESE's term: fLRPageSystemTask.
    public static let systemTask = LoggedPageFlags(rawValue: 0x20)
}

/// The head of every record that changes a page. ESE's term: LRPAGE_, 32 bytes.
public struct LoggedPage: Hashable, Sendable {
    /// Bytes of it, the type included.
    public static let byteCount = 32

    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The page. ESE's term: pgno.
    public var page: PageNumber
    /// The page's time after the change. ESE's term: dbtime.
    public var databaseTime: DatabaseTime
    /// The page's time before the change. ESE's term: dbtimeBefore.
    public var databaseTimeBefore: DatabaseTime
    /// The transaction. ESE's term: trxBegin0.
    public var transaction: UInt32
    /// The level of the transaction, 1...7. ESE's term: level.
    public var level: UInt8
    /// The node's place on the page. ESE's term: iline.
    public var line: UInt16
    /// What else there is to say.
    public var flags: LoggedPageFlags

    /// Makes a head.
    @inlinable
    public init(
        session: UInt16, database: UInt8, page: PageNumber, databaseTime: DatabaseTime,
        databaseTimeBefore: DatabaseTime, transaction: UInt32, level: UInt8, line: UInt16,
        flags: LoggedPageFlags = []
    ) {
        self.session = session
        self.database = database
        self.page = page
        self.databaseTime = databaseTime
        self.databaseTimeBefore = databaseTimeBefore
        self.transaction = transaction
        self.level = level
        self.line = line
        self.flags = flags
    }

    /// Decodes the head of a record of at least 32 bytes, else throws `truncated`.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(Self.byteCount)
        session = record.inside(1)
        database = record.inside(3)
        page = PageNumber(record.inside(4))
        databaseTime = DatabaseTime(record.inside(8))
        databaseTimeBefore = DatabaseTime(record.inside(16))
        transaction = record.inside(24)
        level = record.inside(28)
        line = record.inside(29)
        flags = LoggedPageFlags(rawValue: record.inside(31))
    }

    /// Writes the 32 bytes.
    @inlinable @inline(__always)
    public func encode(_ type: LogRecordType, into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
        target.put(page.rawValue, 4)
        target.put(databaseTime.rawValue, 8)
        target.put(databaseTimeBefore.rawValue, 16)
        target.put(transaction, 24)
        target.put(level, 28)
        target.put(line, 29)
        target.put(flags.rawValue, 31)
    }
}

extension LoggedPage: CustomStringConvertible {
    /// Such as `session 3 trx 0x14:1 page 1:57 line 4 time 812 (before 790) versioned unique`.
    public var description: String {
        let names: [(LoggedPageFlags, String)] = [
            (.versioned, " versioned"), (.deleted, " deleted"), (.unique, " unique"), (.space, " space"),
            (.concurrentIndex, " concurrent-index"), (.systemTask, " system-task"),
        ]
        let words = names.reduce("") { flags.contains($1.0) ? $0 + $1.1 : $0 }
        return "session \(session) trx 0x\(String(transaction, radix: 16)):\(level) page \(database):\(page) "
            + "line \(line) time \(databaseTime) (before \(databaseTimeBefore))\(words)"
    }
}

/// The head of every record that changes a node. ESE's term: LRNODE_, 44 bytes.
public struct LoggedNode: Hashable, Sendable {
    /// Bytes of it, the type included.
    public static let byteCount = 44

    /// The page and the line.
    public var page: LoggedPage
    /// The number of the change's revision; 0 if it has none. ESE's term: rceid.
    public var revision: UInt32
    /// The root of the tree. ESE's term: pgnoFDP.
    public var treeRoot: PageNumber
    /// The tree. ESE's term: objidFDP.
    public var tree: ObjectID

    /// Makes a head.
    @inlinable
    public init(page: LoggedPage, revision: UInt32, treeRoot: PageNumber, tree: ObjectID) {
        self.page = page
        self.revision = revision
        self.treeRoot = treeRoot
        self.tree = tree
    }

    /// Decodes the head of a record of at least 44 bytes, else throws `truncated`.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(Self.byteCount)
        page = try LoggedPage(decoding: record)
        revision = record.inside(32)
        treeRoot = PageNumber(record.inside(36))
        tree = ObjectID(record.inside(40))
    }

    /// Writes the 44 bytes.
    @inlinable @inline(__always)
    public func encode(_ type: LogRecordType, into target: LogRecordTarget) {
        page.encode(type, into: target)
        target.put(revision, 32)
        target.put(treeRoot.rawValue, 36)
        target.put(tree.rawValue, 40)
    }
}

extension LoggedNode: CustomStringConvertible {
    /// The page's head, then tree and revision.
    public var description: String { "\(page) tree \(tree) root \(treeRoot) revision \(revision)" }
}
