// Layer: ESEFormat/Log. Used by: LogRecord, space, redo.
// A database's file grows, shrinks, gets holes; what a scan of it saw; its format.

/// A database's file grows. ESE's term: LREXTENDDB.
public struct ExtendDatabaseRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// Its last page afterwards. ESE's term: pgnoLast.
    public var lastPage: PageNumber
    /// Bytes behind the known fields.
    public var extraByteCount: Int = 0

    /// Makes a record.
    public init(database: UInt8, lastPage: PageNumber) {
        self.database = database
        self.lastPage = lastPage
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(10)
        database = record.inside(5)
        lastPage = PageNumber(record.inside(6))
        extraByteCount = record.byteCount - 10
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .extendDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 10 }
    /// Bytes behind the known fields.
    public var payloadByteCount: Int { extraByteCount }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.extendDatabase.rawValue, 0)
        target.put(UInt32(5 + extraByteCount), 1)
        target.put(database, 5)
        target.put(lastPage.rawValue, 6)
    }

    /// One line for people.
    public var description: String { "ExtendDB database \(database) last \(lastPage)" }
}

/// Pages become a hole of the file and read as zeros. ESE's term: LRTRIMDB.
public struct TrimDatabaseRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The first of them.
    public var firstPage: PageNumber
    /// How many.
    public var pageCount: UInt32

    /// Makes a record.
    public init(database: UInt8, firstPage: PageNumber, pageCount: UInt32) {
        self.database = database
        self.firstPage = firstPage
        self.pageCount = pageCount
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(10)
        database = record.inside(1)
        firstPage = PageNumber(record.inside(2))
        pageCount = record.inside(6)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .trimDatabase }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 10 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.trimDatabase.rawValue, 0)
        target.put(database, 1)
        target.put(firstPage.rawValue, 2)
        target.put(pageCount, 6)
    }

    /// One line for people.
    public var description: String { "TrimDB database \(database) first \(firstPage) pages \(pageCount)" }
}

/// A database gets a newer format. ESE's term: LRSETDBVERSION.
public struct SetDatabaseVersionRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// Its version.
    public var version: UInt32
    /// Its major update.
    public var updateMajor: UInt32
    /// Its minor update.
    public var updateMinor: UInt32

    /// Makes a record.
    public init(database: UInt8, version: UInt32, updateMajor: UInt32, updateMinor: UInt32) {
        self.database = database
        self.version = version
        self.updateMajor = updateMajor
        self.updateMinor = updateMinor
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(14)
        database = record.inside(1)
        version = record.inside(2)
        updateMajor = record.inside(6)
        updateMinor = record.inside(10)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .setDatabaseVersion }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 14 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.setDatabaseVersion.rawValue, 0)
        target.put(database, 1)
        target.put(version, 2)
        target.put(updateMajor, 6)
        target.put(updateMinor, 10)
    }

    /// One line for people.
    public var description: String {
        "SetDbVersion database \(database) version \(version) update \(updateMajor) \(updateMinor)"
    }
}

/// What a scan of a database saw on a page. ESE's term: LRSCANCHECK2.
public struct ScanCheckRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The page.
    public var page: PageNumber
    /// Bits 0 and 1: who scanned; 5: the tree is being deleted, 6: the page is empty, 7: it belongs to no tree.
    public var flags: UInt8
    /// The page's time.
    public var pageTime: DatabaseTime
    /// The database's time.
    public var currentTime: DatabaseTime
    /// A checksum of the page's contents.
    public var checksum: UInt32

    /// Makes a record.
    public init(
        database: UInt8, page: PageNumber, flags: UInt8, pageTime: DatabaseTime, currentTime: DatabaseTime,
        checksum: UInt32
    ) {
        self.database = database
        self.page = page
        self.flags = flags
        self.pageTime = pageTime
        self.currentTime = currentTime
        self.checksum = checksum
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(27)
        database = record.inside(1)
        page = PageNumber(record.inside(2))
        flags = record.inside(6)
        pageTime = DatabaseTime(record.inside(7))
        currentTime = DatabaseTime(record.inside(15))
        checksum = record.inside(23)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .scanCheck }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 27 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.scanCheck.rawValue, 0)
        target.put(database, 1)
        target.put(page.rawValue, 2)
        target.put(flags, 6)
        target.put(pageTime.rawValue, 7)
        target.put(currentTime.rawValue, 15)
        target.put(checksum, 23)
    }

    /// One line for people.
    public var description: String {
        "ScanCheck2 database \(database) page \(page) flags \(flags) time \(pageTime)"
            + " current \(currentTime) checksum \(checksum)"
    }
}

/// The older form of what a scan saw. ESE's term: LRSCANCHECK.
public struct ScanCheckOldRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The page.
    public var page: PageNumber
    /// The page's time.
    public var pageTime: DatabaseTime
    /// The database's time.
    public var currentTime: DatabaseTime
    /// The page's time again.
    public var timeBefore: DatabaseTime
    /// The database's time again.
    public var timeAfter: DatabaseTime
    /// A checksum of the page's contents.
    public var checksum: UInt16
    /// Bytes behind the known fields.
    public var extraByteCount: Int = 0

    /// Makes a record.
    public init(
        database: UInt8, page: PageNumber, pageTime: DatabaseTime, currentTime: DatabaseTime, timeBefore: DatabaseTime,
        timeAfter: DatabaseTime, checksum: UInt16
    ) {
        self.database = database
        self.page = page
        self.pageTime = pageTime
        self.currentTime = currentTime
        self.timeBefore = timeBefore
        self.timeAfter = timeAfter
        self.checksum = checksum
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(44)
        database = record.inside(5)
        page = PageNumber(record.inside(6))
        pageTime = DatabaseTime(record.inside(10))
        currentTime = DatabaseTime(record.inside(18))
        timeBefore = DatabaseTime(record.inside(26))
        timeAfter = DatabaseTime(record.inside(34))
        checksum = record.inside(42)
        extraByteCount = record.byteCount - 44
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .scanCheckOld }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 44 }
    /// Bytes behind the known fields.
    public var payloadByteCount: Int { extraByteCount }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.scanCheckOld.rawValue, 0)
        target.put(UInt32(39 + extraByteCount), 1)
        target.put(database, 5)
        target.put(page.rawValue, 6)
        target.put(pageTime.rawValue, 10)
        target.put(currentTime.rawValue, 18)
        target.put(timeBefore.rawValue, 26)
        target.put(timeAfter.rawValue, 34)
        target.put(checksum, 42)
    }

    /// One line for people.
    public var description: String {
        "ScanCheck database \(database) page \(page) time \(pageTime) current \(currentTime)"
            + " before \(timeBefore) after \(timeAfter) checksum \(checksum)"
    }
}

/// A database's file shrinks. ESE's terms: LRSHRINKDB, LRSHRINKDB3.
public struct ShrinkDatabaseRecord: LogRecordFields {
    /// Which of the kinds it is: `shrinkDatabase1`, `shrinkDatabase2`, `shrinkDatabase`.
    public let type: LogRecordType
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// Its last page afterwards. ESE's term: pgnoLast.
    public var lastPage: PageNumber
    /// How many pages go. ESE's term: cpgShrunk.
    public var pageCount: UInt32
    /// The database's time; nil in the first two forms.
    public var databaseTime: DatabaseTime?

    /// Makes a record of the newest form.
    public init(database: UInt8, lastPage: PageNumber, pageCount: UInt32, databaseTime: DatabaseTime) {
        type = .shrinkDatabase
        self.database = database
        self.lastPage = lastPage
        self.pageCount = pageCount
        self.databaseTime = databaseTime
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(10)
        switch LogRecordType(rawValue: record.inside(0)) {
        case .shrinkDatabase1: type = .shrinkDatabase1
        case .shrinkDatabase2: type = .shrinkDatabase2
        case .shrinkDatabase: type = .shrinkDatabase
        default: throw FormatError(.badRecord, at: 0)
        }
        database = record.inside(1)
        lastPage = PageNumber(record.inside(2))
        pageCount = record.inside(6)
        databaseTime = type == .shrinkDatabase ? DatabaseTime(try record.little(10)) : nil
        try record.hasAll(encodedByteCount)
    }

    /// Bytes of the fixed part.
    public var fixedByteCount: Int { databaseTime == nil ? 10 : 18 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(database, 1)
        target.put(lastPage.rawValue, 2)
        target.put(pageCount, 6)
        if let databaseTime { target.put(databaseTime.rawValue, 10) }
    }

    /// One line for people.
    public var description: String {
        "\(type) database \(database) last \(lastPage) pages \(pageCount)"
            + (databaseTime.map { " time \($0)" } ?? "")
    }
}

/// Pages were given back; snapshots need to know. ESE's terms: LREXTENTFREED, LREXTENTFREED2.
public struct ExtentFreedRecord: LogRecordFields {
    /// The database's number. ESE's term: dbid.
    public var database: UInt8
    /// The first of the pages. ESE's term: pgnoFirst.
    public var firstPage: PageNumber
    /// How many pages. ESE's term: cpgExtent.
    public var pageCount: UInt32
    /// Bit 0: the first is a table's root; 1: of a deleted tree, and empty.
    public var flags: UInt8
    /// The database's time; nil in the first form.
    public var databaseTime: DatabaseTime?

    /// Makes a record of the newest form.
    public init(
        database: UInt8, firstPage: PageNumber, pageCount: UInt32, flags: UInt8, databaseTime: DatabaseTime
    ) {
        self.database = database
        self.firstPage = firstPage
        self.pageCount = pageCount
        self.flags = flags
        self.databaseTime = databaseTime
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(11)
        database = record.inside(1)
        firstPage = PageNumber(record.inside(2))
        pageCount = record.inside(6)
        flags = record.inside(10)
        let isNew = record.inside(0, as: UInt8.self) == LogRecordType.extentFreed.rawValue
        databaseTime = isNew ? DatabaseTime(try record.little(11)) : nil
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { databaseTime == nil ? .extentFreedOld : .extentFreed }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { databaseTime == nil ? 11 : 19 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(database, 1)
        target.put(firstPage.rawValue, 2)
        target.put(pageCount, 6)
        target.put(flags, 10)
        if let databaseTime { target.put(databaseTime.rawValue, 11) }
    }

    /// One line for people.
    public var description: String {
        "\(type) database \(database) first \(firstPage) pages \(pageCount) flags \(flags)"
            + (databaseTime.map { " time \($0)" } ?? "")
    }
}
