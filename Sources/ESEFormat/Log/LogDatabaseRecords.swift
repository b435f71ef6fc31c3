// Layer: ESEFormat/Log. Used by: LogRecord, recovery, instance.
// Databases are made, attached and detached.

/// A database is made. ESE's term: LRCREATEDB.
public struct CreateDatabaseRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The API's option bits. ESE's term: grbit.
    public var options: UInt32
    /// How many pages it may grow to; 0: no limit. ESE's term: cpgDatabaseSizeMax.
    public var greatestPageCount: UInt32
    /// Its signature. ESE's term: signDb.
    public var signature: DatabaseSignature
    /// Bytes of its path.
    public var pathByteCount: UInt16
    /// Bit 2: a version follows the path; 3: the path is UTF-16; 4: the file may have holes.
    public var flags: UInt8

    /// Makes a record; its payload is its path.
    public init(
        session: UInt16, database: UInt8, options: UInt32, greatestPageCount: UInt32, signature: DatabaseSignature,
        pathByteCount: UInt16, flags: UInt8
    ) {
        self.session = session
        self.database = database
        self.options = options
        self.greatestPageCount = greatestPageCount
        self.signature = signature
        self.pathByteCount = pathByteCount
        self.flags = flags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(43)
        session = record.inside(1)
        database = record.inside(3)
        options = record.inside(4)
        greatestPageCount = record.inside(8)
        signature = try record.signature(12)
        pathByteCount = record.inside(40)
        flags = record.inside(42)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .createDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 43 }
    /// Bytes of the payload.
    public var payloadByteCount: Int { Int(pathByteCount) + versionByteCount }
    /// Its path. The two numbers of the format stand before it.
    public var path: Range<Int> { (43 + versionByteCount)..<(43 + versionByteCount + Int(pathByteCount)) }
    private var versionByteCount: Int { flags & 4 != 0 ? 4 : 0 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.createDatabase.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
        target.put(options, 4)
        target.put(greatestPageCount, 8)
        target.put(signature, 12)
        target.put(pathByteCount, 40)
        target.put(flags, 42)
    }

    /// One line for people.
    public var description: String {
        "CreateDB session \(session) database \(database) options \(options)"
            + " limit \(greatestPageCount) signature \(signature) path bytes \(pathByteCount)"
            + " flags \(flags)"
    }
}

/// All of a new database's first pages were logged. ESE's term: LRCREATEDBFINISH.
public struct CreateDatabaseFinishRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8

    /// Makes a record.
    public init(session: UInt16, database: UInt8) {
        self.session = session
        self.database = database
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(4)
        session = record.inside(1)
        database = record.inside(3)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .createDatabaseFinish }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 4 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.createDatabaseFinish.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
    }

    /// One line for people.
    public var description: String { "CreateDBFinish session \(session) database \(database)" }
}

/// A database is attached. ESE's term: LRATTACHDB.
public struct AttachDatabaseRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// How many pages it may grow to; 0: no limit. ESE's term: cpgDatabaseSizeMax.
    public var greatestPageCount: UInt32
    /// Where it was last consistent. ESE's term: lgposConsistent.
    public var consistentPosition: LogPosition
    /// Its signature. ESE's term: signDb.
    public var signature: DatabaseSignature
    /// The signature of the logs it was in before. ESE's term: signLog.
    public var logSignature: DatabaseSignature
    /// Bytes of its path.
    public var pathByteCount: UInt16
    /// Bit 3: the path is UTF-16; 4: the file may have holes.
    public var flags: UInt8

    /// Makes a record; its payload is its path.
    public init(
        session: UInt16, database: UInt8, greatestPageCount: UInt32, consistentPosition: LogPosition,
        signature: DatabaseSignature, logSignature: DatabaseSignature, pathByteCount: UInt16, flags: UInt8
    ) {
        self.session = session
        self.database = database
        self.greatestPageCount = greatestPageCount
        self.consistentPosition = consistentPosition
        self.signature = signature
        self.logSignature = logSignature
        self.pathByteCount = pathByteCount
        self.flags = flags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(75)
        session = record.inside(1)
        database = record.inside(3)
        greatestPageCount = record.inside(4)
        consistentPosition = LogPosition(rawValue: record.inside(8))
        signature = try record.signature(16)
        logSignature = try record.signature(44)
        pathByteCount = record.inside(72)
        flags = record.inside(74)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .attachDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 75 }
    /// Bytes of the payload.
    public var payloadByteCount: Int { Int(pathByteCount) }
    /// Its path.
    public var path: Range<Int> { 75..<75 + Int(pathByteCount) }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.attachDatabase.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
        target.put(greatestPageCount, 4)
        target.put(consistentPosition.rawValue, 8)
        target.put(signature, 16)
        target.put(logSignature, 44)
        target.put(pathByteCount, 72)
        target.put(flags, 74)
    }

    /// One line for people.
    public var description: String {
        "AttachDB session \(session) database \(database) limit \(greatestPageCount)"
            + " consistent \(consistentPosition) signature \(signature) logs \(logSignature)"
            + " path bytes \(pathByteCount) flags \(flags)"
    }
}

/// A database is detached: it is consistent from here on. ESE's term: LRDETACHDB.
public struct DetachDatabaseRecord: LogRecordFields {
    /// The session. ESE's term: procid.
    public var session: UInt16
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// Bytes of its path.
    public var pathByteCount: UInt16
    /// Bit 4: the path is UTF-16.
    public var flags: UInt8

    /// Makes a record; its payload is its path.
    public init(session: UInt16, database: UInt8, pathByteCount: UInt16, flags: UInt8) {
        self.session = session
        self.database = database
        self.pathByteCount = pathByteCount
        self.flags = flags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(7)
        session = record.inside(1)
        database = record.inside(3)
        pathByteCount = record.inside(4)
        flags = record.inside(6)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .detachDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 7 }
    /// Bytes of the payload.
    public var payloadByteCount: Int { Int(pathByteCount) }
    /// Its path.
    public var path: Range<Int> { 7..<7 + Int(pathByteCount) }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.detachDatabase.rawValue, 0)
        target.put(session, 1)
        target.put(database, 3)
        target.put(pathByteCount, 4)
        target.put(flags, 6)
    }

    /// One line for people.
    public var description: String {
        "DetachDB session \(session) database \(database) path bytes \(pathByteCount) flags \(flags)"
    }
}

/// A database that recovery kept attached goes on. ESE's term: LRREATTACHDB.
public struct ReattachDatabaseRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// Where it was attached. ESE's term: lgposAttach.
    public var attachPosition: LogPosition
    /// Where it was last consistent. ESE's term: lgposConsistent.
    public var consistentPosition: LogPosition
    /// Its signature. ESE's term: signDb.
    public var signature: DatabaseSignature
    /// Bytes behind the known fields.
    public var extraByteCount: Int = 0

    /// Makes a record.
    public init(
        database: UInt8, attachPosition: LogPosition, consistentPosition: LogPosition, signature: DatabaseSignature
    ) {
        self.database = database
        self.attachPosition = attachPosition
        self.consistentPosition = consistentPosition
        self.signature = signature
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(50)
        database = record.inside(5)
        attachPosition = LogPosition(rawValue: record.inside(6))
        consistentPosition = LogPosition(rawValue: record.inside(14))
        signature = try record.signature(22)
        extraByteCount = record.byteCount - 50
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .reattachDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 50 }
    /// Bytes behind the known fields.
    public var payloadByteCount: Int { extraByteCount }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.reattachDatabase.rawValue, 0)
        target.put(UInt32(45 + extraByteCount), 1)
        target.put(database, 5)
        target.put(attachPosition.rawValue, 6)
        target.put(consistentPosition.rawValue, 14)
        target.put(signature, 22)
    }

    /// One line for people.
    public var description: String {
        "ReAttach database \(database) attached \(attachPosition) consistent \(consistentPosition)"
            + " signature \(signature)"
    }
}

/// A database is attached, and its pages may be read from here on. ESE's term: LRSIGNALATTACHDB.
public struct SignalAttachRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8

    /// Makes a record.
    public init(database: UInt8) {
        self.database = database
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(2)
        database = record.inside(1)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .signalAttach }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 2 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.signalAttach.rawValue, 0)
        target.put(database, 1)
    }

    /// One line for people.
    public var description: String { "SignalAttachDb database \(database)" }
}
