// Layer: ESEFormat/Log. Used by: LogRecord, sessions, redo.
// Transactions and macros.

/// A nested transaction commits. ESE's term: LRCOMMIT.
public struct CommitRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The level that is left afterwards. ESE's term: levelCommitTo.
    public var level: UInt8

    /// Makes a record.
    @inlinable
    public init(session: UInt16, level: UInt8) {
        self.session = session
        self.level = level
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(4)
        session = record.inside(1)
        level = record.inside(3)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .commit }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 4 }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.commit.rawValue, 0)
        target.put(session, 1)
        target.put(level, 3)
    }

    /// One line for people.
    public var description: String { "Commit session \(session) to level \(level)" }
}

/// A transaction commits. ESE's term: LRCOMMIT0.
public struct Commit0Record: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The level that is left afterwards: 0.
    public var level: UInt8
    /// The number of the commit. ESE's term: trxCommit0.
    public var transaction: UInt32

    /// Makes a record.
    @inlinable
    public init(session: UInt16, level: UInt8, transaction: UInt32) {
        self.session = session
        self.level = level
        self.transaction = transaction
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(8)
        session = record.inside(1)
        level = record.inside(3)
        transaction = record.inside(4)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .commit0 }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 8 }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.commit0.rawValue, 0)
        target.put(session, 1)
        target.put(level, 3)
        target.put(transaction, 4)
    }

    /// One line for people.
    public var description: String { "Commit0 session \(session) to level \(level) trx \(transaction)" }
}

/// Levels of a transaction are undone. ESE's term: LRROLLBACK.
public struct RollbackRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// How many levels. ESE's term: levelRollback.
    public var levelCount: UInt8

    /// Makes a record.
    @inlinable
    public init(session: UInt16, levelCount: UInt8) {
        self.session = session
        self.levelCount = levelCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(4)
        session = record.inside(1)
        levelCount = record.inside(3)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .rollback }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 4 }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.rollback.rawValue, 0)
        target.put(session, 1)
        target.put(levelCount, 3)
    }

    /// One line for people.
    public var description: String { "Rollback session \(session) levels \(levelCount)" }
}

/// A macro begins, is complete or is given up: several changes of pages that are done as a whole. ESE's terms:
/// LRMACROBEGIN, LRMACROEND.
public struct MacroRecord: LogRecordFields {
    /// Which of the kinds it is: `macroBegin`, `macroCommit`, `macroAbort`.
    public let type: LogRecordType
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The time of all pages that it changes.
    public var databaseTime: DatabaseTime

    /// Makes a record.
    @inlinable
    public init(type: LogRecordType, session: UInt16, databaseTime: DatabaseTime) {
        precondition(type == .macroBegin || type == .macroCommit || type == .macroAbort, "a kind with these fields")
        self.type = type
        self.session = session
        self.databaseTime = databaseTime
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(11)
        switch LogRecordType(rawValue: record.inside(0)) {
        case .macroBegin: type = .macroBegin
        case .macroCommit: type = .macroCommit
        case .macroAbort: type = .macroAbort
        default: throw FormatError(.badRecord, at: 0)
        }
        session = record.inside(1)
        databaseTime = DatabaseTime(record.inside(3))
        try record.hasAll(encodedByteCount)
    }

    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 11 }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(session, 1)
        target.put(databaseTime.rawValue, 3)
    }

    /// One line for people.
    public var description: String { "\(type) session \(session) time \(databaseTime)" }
}

/// What the application says to a commit. ESE's term: LRCOMMITCTX.
public struct CommitContextRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// Bytes behind the known fields: flags, in newer logs, and the words.
    public var extraByteCount: Int

    /// Makes a record; its payload is flags, in newer logs, and the words.
    @inlinable
    public init(session: UInt16, extraByteCount: Int) {
        self.session = session
        self.extraByteCount = extraByteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(7)
        session = record.inside(5)
        extraByteCount = record.byteCount - 7
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { .commitContext }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 7 }
    /// Bytes behind the known fields.
    @inlinable
    public var payloadByteCount: Int { extraByteCount }
    /// Flags, in newer logs, and the words.
    public var data: Range<Int> { 7..<7 + extraByteCount }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.commitContext.rawValue, 0)
        target.put(UInt32(2 + extraByteCount), 1)
        target.put(session, 5)
    }

    /// One line for people.
    public var description: String { "CommitCtx session \(session) data \(extraByteCount)" }
}

/// A text, or why a new log file is begun. ESE's terms: LRTRACE, LRFORCELOGROLLOVER.
public struct TraceRecord: LogRecordFields {
    /// Which of the kinds it is: `trace`, `forceRollover`.
    public let type: LogRecordType
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// Bytes of the text.
    public var byteCount: UInt16

    /// Makes a record; its payload is the text.
    @inlinable
    public init(type: LogRecordType, session: UInt16, byteCount: UInt16) {
        precondition(type == .trace || type == .forceRollover, "a kind with these fields")
        self.type = type
        self.session = session
        self.byteCount = byteCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(5)
        switch LogRecordType(rawValue: record.inside(0)) {
        case .trace: type = .trace
        case .forceRollover: type = .forceRollover
        default: throw FormatError(.badRecord, at: 0)
        }
        session = record.inside(1)
        byteCount = record.inside(3)
        try record.hasAll(encodedByteCount)
    }

    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { 5 }
    /// Bytes of the payload.
    @inlinable
    public var payloadByteCount: Int { Int(byteCount) }
    /// The text.
    public var text: Range<Int> { 5..<5 + Int(byteCount) }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(session, 1)
        target.put(byteCount, 3)
    }

    /// One line for people.
    public var description: String { "\(type) session \(session) text \(byteCount)" }
}

/// A transaction or nested ones begin. ESE's terms: LRBEGIN, LRBEGIN0.
public struct BeginRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The level before, 0...6; its transaction is begun by `begin0` if that is 0. ESE's term: levelBeginFrom.
    public var level: UInt8
    /// How many levels are begun. ESE's term: clevelsToBegin.
    public var levelCount: UInt8
    /// The number of the transaction; nil for nested ones alone. ESE's term: trxBegin0.
    public var transaction: UInt32?

    /// Makes a record; level and count go up to 15.
    @inlinable
    public init(session: UInt16, level: UInt8, levelCount: UInt8, transaction: UInt32?) {
        precondition(level < 16 && levelCount < 16, "levels of a transaction")
        self.session = session
        self.level = level
        self.levelCount = levelCount
        self.transaction = transaction
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(4)
        let hasTransaction = record.inside(0, as: UInt8.self) == LogRecordType.begin0.rawValue
        session = record.inside(1)
        let levels: UInt8 = record.inside(3)
        level = levels & 15
        levelCount = levels >> 4
        transaction = hasTransaction ? try record.little(4) : nil
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    @inlinable
    public var type: LogRecordType { transaction == nil ? .begin : .begin0 }
    /// Bytes of the fixed part.
    @inlinable
    public var fixedByteCount: Int { transaction == nil ? 4 : 8 }

    /// Writes the fixed part.
    @inlinable
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(session, 1)
        target.put(level | levelCount << 4, 3)
        if let transaction { target.put(transaction, 4) }
    }

    /// One line for people.
    public var description: String {
        "\(type) session \(session) from level \(level) levels \(levelCount)"
            + (transaction.map { " trx 0x\(String($0, radix: 16))" } ?? "")
    }
}
