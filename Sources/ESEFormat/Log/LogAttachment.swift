// Layer: ESEFormat/Log. Used by: log headers and checkpoints.
// The databases that were attached when a log file began or a checkpoint was written.

/// An attached database. ESE's term: ATTACHINFO, 64 bytes and the path.
public struct LogAttachment: Hashable, Sendable {
    /// Bytes of a whole list, with the zero that ends it. ESE's term: cbAttach.
    public static let listByteCount = 2_048
    /// Bytes before the path.
    public static let fixedByteCount = 64

    /// Which number records name the database by, never 0. ESE's term: dbid.
    public var database: UInt8
    /// Bit 5: the path is UTF-16; bit 6: the file may have holes. ESE's terms: fATCHINFOUnicodeNames,
    /// fATCHINFOSparseEnabledFile.
    public var flags: UInt8
    /// The database time. ESE's term: dbtime.
    public var databaseTime: DatabaseTime
    /// The last object ID. ESE's term: objidLast.
    public var lastObjectID: ObjectID
    /// How many pages the database may grow to; 0: no limit. ESE's term: cpgDatabaseSizeMax.
    public var greatestPageCount: UInt32
    /// Where the record stands that attached it. ESE's term: lgposAttach.
    public var attachPosition: LogPosition
    /// Where it was last consistent before that. ESE's term: lgposConsistent.
    public var consistentPosition: LogPosition
    /// The database's signature. ESE's term: signDb.
    public var signature: DatabaseSignature
    /// The path as stored, with its zero.
    public var names: [UInt8]

    /// Makes an attachment of a database whose path is stored as UTF-16.
    public init(
        database: UInt8, path: String, databaseTime: DatabaseTime, lastObjectID: ObjectID,
        greatestPageCount: UInt32 = 0, attachPosition: LogPosition, consistentPosition: LogPosition,
        signature: DatabaseSignature, isSparse: Bool = false
    ) {
        self.database = database
        flags = 0x20 | (isSparse ? 0x40 : 0)
        self.databaseTime = databaseTime
        self.lastObjectID = lastObjectID
        self.greatestPageCount = greatestPageCount
        self.attachPosition = attachPosition
        self.consistentPosition = consistentPosition
        self.signature = signature
        names = LogText.utf16(path)
    }

    /// Bytes it takes in a list.
    public var byteCount: Int { Self.fixedByteCount + names.count }

    /// The path up to its zero.
    public var path: String { names.withUnsafeBytes { LogText.text($0.bytes, isUTF16: flags & 0x20 != 0) } }

    /// Whether a list of these, and the zero that ends it, is small enough.
    public static func fit(_ list: [LogAttachment]) -> Bool {
        list.reduce(1) { $0 + $1.byteCount } <= listByteCount
    }

    /// Decodes the list in `listByteCount` bytes from `offset`. Throws `truncated` for a list that isn't ended.
    static func list(_ bytes: RawSpan, at offset: Int) throws(FormatError) -> [LogAttachment] {
        guard bytes.byteCount - offset >= listByteCount else { throw FormatError(.truncated, at: bytes.byteCount) }
        let area = bytes.extracting(offset..<offset + listByteCount)
        var list: [LogAttachment] = []
        var next = 0
        while next < listByteCount, try area.byte(next) != 0 {
            let attachment = try LogAttachment(decoding: area, at: next)
            next += attachment.byteCount
            list.append(attachment)
        }
        guard next < listByteCount else { throw FormatError(.truncated, at: offset + next) }
        return list
    }

    /// Writes the list and the zero behind it; bytes behind that stay. A list that is too long traps.
    static func encode(_ list: [LogAttachment], into target: UnsafeMutableRawPointer) {
        precondition(fit(list), "the attached databases fit into the list")
        var next = target
        for attachment in list {
            precondition(attachment.database != 0, "an attached database has a number")
            attachment.encode(into: next)
            next += attachment.byteCount
        }
        next.put(UInt8(0), 0)
    }

    private init(decoding bytes: RawSpan, at offset: Int) throws(FormatError) {
        database = try bytes.byte(offset)
        flags = try bytes.byte(offset + 1)
        let nameByteCount = Int(try bytes.little(offset + 2, as: UInt16.self))
        databaseTime = DatabaseTime(try bytes.little(offset + 4))
        lastObjectID = ObjectID(try bytes.little(offset + 12))
        greatestPageCount = try bytes.little(offset + 16)
        attachPosition = LogPosition(rawValue: try bytes.little(offset + 20))
        consistentPosition = LogPosition(rawValue: try bytes.little(offset + 28))
        signature = try DatabaseSignature(decoding: bytes, at: offset + 36)
        let start = offset + Self.fixedByteCount
        guard nameByteCount <= bytes.byteCount - start else { throw FormatError(.truncated, at: offset + 2) }
        names = bytes.bytes(start..<start + nameByteCount)
    }

    private func encode(into target: UnsafeMutableRawPointer) {
        target.put(database, 0)
        target.put(flags, 1)
        target.put(UInt16(names.count), 2)
        target.put(databaseTime.rawValue, 4)
        target.put(lastObjectID.rawValue, 12)
        target.put(greatestPageCount, 16)
        target.put(attachPosition.rawValue, 20)
        target.put(consistentPosition.rawValue, 28)
        target.put(signature, 36)
        for (index, byte) in names.enumerated() { target.put(byte, Self.fixedByteCount + index) }
    }
}

extension LogAttachment: CustomStringConvertible {
    /// Number, path, times and positions in one line.
    public var description: String {
        "\(database) \(path) dbtime \(databaseTime) objid \(lastObjectID) attached \(attachPosition) "
            + "consistent \(consistentPosition) signature \(signature)"
    }
}

/// Paths of databases as logs store them.
enum LogText {
    /// UTF-16 with a zero behind it.
    static func utf16(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for unit in text.utf16 {
            bytes.append(UInt8(truncatingIfNeeded: unit))
            bytes.append(UInt8(truncatingIfNeeded: unit >> 8))
        }
        return bytes + [0, 0]
    }

    /// The text up to its zero or the end of the bytes; of 8-bit texts, what isn't ASCII becomes a question mark.
    static func text(_ bytes: RawSpan, isUTF16: Bool) -> String {
        var units: [UInt16] = []
        let step = isUTF16 ? 2 : 1
        var offset = 0
        while offset + step <= bytes.byteCount {
            let byte = UInt16(bytes.inside(offset, as: UInt8.self))
            let unit = isUTF16 ? bytes.inside(offset, as: UInt16.self) : byte < 0x80 ? byte : 0x3f
            if unit == 0 { break }
            units.append(unit)
            offset += step
        }
        return String(decoding: units, as: UTF16.self)
    }
}
