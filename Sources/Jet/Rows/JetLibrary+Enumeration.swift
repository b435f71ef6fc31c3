// Layer: Jet. Uses: JetCursor, ESEEngine (RecordView). Used by: JetABI.
// All columns of a record at once, and its size.

public import ESEEngine
import ESEFormat

/// One value that an enumeration gives. C name: JET_ENUMCOLUMNVALUE.
public struct EnumeratedValue: Sendable {
    /// Which of the column's values, from 1. C name: itagSequence.
    public var occurrence: UInt32
    /// 0 or a warning. C name: err.
    public var code: Int32 = 0
    /// The value.
    public var bytes: [UInt8] = []
}

/// One column that an enumeration gives. C name: JET_ENUMCOLUMN.
public struct EnumeratedResult: Sendable {
    /// Its number. C name: columnid.
    public var column: UInt32
    /// 0, a warning or an error. C name: err.
    public var code: Int32 = 0
    /// Its values.
    public var values: [EnumeratedValue] = []
}

/// What an enumeration is asked for. C name: JET_ENUMCOLUMNID.
public struct EnumeratedColumnRequest: Sendable {
    /// 0 is left out.
    public var column: UInt32
    /// Which values, from 1, 0 is left out; none: all.
    public var occurrences: [UInt32]

    /// Makes one.
    public init(column: UInt32, occurrences: [UInt32]) {
        self.column = column
        self.occurrences = occurrences
    }
}

/// Grbits of JetEnumerateColumns.
public struct EnumerationFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32
    /// Makes a set.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// C name: JET_bitEnumerateCopy.
    public static let copy = EnumerationFlags(rawValue: 0x1)
    /// C name: JET_bitEnumerateIgnoreDefault.
    public static let ignoreDefault = EnumerationFlags(rawValue: 0x20)
    /// C name: JET_bitEnumeratePresenceOnly.
    public static let presenceOnly = EnumerationFlags(rawValue: 0x2_0000)
    /// C name: JET_bitEnumerateTaggedOnly.
    public static let taggedOnly = EnumerationFlags(rawValue: 0x4_0000)
    /// C name: JET_bitEnumerateCompressOutput.
    public static let compressOutput = EnumerationFlags(rawValue: 0x8_0000)
    /// C name: JET_bitEnumerateIgnoreUserDefinedDefault.
    public static let ignoreUserDefinedDefault = EnumerationFlags(rawValue: 0x10_0000)
    /// C name: JET_bitEnumerateInRecordOnly.
    public static let inRecordOnly = EnumerationFlags(rawValue: 0x20_0000)
    /// All that are known.
    static let all: EnumerationFlags = [
        .copy, .ignoreDefault, .presenceOnly, .taggedOnly, .compressOutput, .ignoreUserDefinedDefault, .inRecordOnly,
    ]
}

extension JetLibrary {
    /// All columns of the row, or those that are asked for, in that order. JET_errInvalidGrbit,
    /// JET_errInvalidParameter, JET_errNoCurrentRecord … C name: JetEnumerateColumns.
    /// - Parameters:
    ///   - requests: The columns; none: all.
    ///   - limit: The most bytes of a value that stands outside of the record.
    /// - Returns: The columns, and the first column's error if there is one.
    public func enumerateColumns(
        _ session: UInt, _ cursor: UInt, _ requests: [EnumeratedColumnRequest], limit: Int, _ bits: UInt32
    ) throws(JetError) -> (columns: [EnumeratedResult], failure: JetError?) {
        let flags = EnumerationFlags(rawValue: bits)
        guard flags.isSubset(of: .all) else { throw .invalidGrbit }
        guard requests.isEmpty || !flags.contains(.taggedOnly) else { throw .invalidGrbit }
        return try withCursor(session, cursor) { (call) throws(JetError) in
            var enumeration = Enumeration(rows: call.rows, flags: flags, limit: limit)
            if requests.isEmpty {
                try enumeration.addAll()
            } else {
                for request in requests { try enumeration.add(request) }
            }
            return (enumeration.results, enumeration.failure)
        }
    }

    /// How large the row's record is. JET_errInvalidGrbit, JET_errNoCurrentRecord …
    /// C names: JetGetRecordSize, JetGetRecordSize2.
    public func recordSize(
        _ session: UInt, _ cursor: UInt, isOfCopy: Bool, withLongValues: Bool
    ) throws(JetError) -> RecordSize {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.rows.recordSize(from: isOfCopy ? .copy : .row, withLongValues: withLongValues)
        }
    }
}

/// An enumeration that is being made.
private struct Enumeration {
    let rows: RowCursor
    let flags: EnumerationFlags
    let limit: Int
    var results: [EnumeratedResult] = []
    var failure: JetError?

    private var source: ValueSource { flags.contains(.copy) ? .copy : .row }

    init(rows: RowCursor, flags: EnumerationFlags, limit: Int) {
        self.rows = rows
        self.flags = flags
        self.limit = limit
    }

    mutating func addAll() throws(JetError) {
        var found: [(key: ColumnKey, count: Int)] = []
        let (flags, rows) = (flags, rows)
        try rows.withRecord(from: source) { (record) throws(JetError) in
            try record.forEachColumn { (column) throws(JetError) in
                if !rows.sees(column.column.key) { return }
                if flags.contains(.taggedOnly), column.column.storage != .tagged { return }
                if flags.contains(.ignoreDefault) {
                    if column.isDefault { return }
                    // What is not there and has no default is not in the record; what has one was set to NULL.
                    if column.valueCount == 0, column.column.storage != .tagged, !column.column.hasDefault { return }
                }
                found.append((column.column.key, column.valueCount))
            }
        }
        for column in found { results.append(try all(column.key, column.count)) }
    }

    mutating func add(_ request: EnumeratedColumnRequest) throws(JetError) {
        guard request.column != 0 else {
            results.append(EnumeratedResult(column: 0, code: JetWarning.columnSkipped.rawValue))
            return
        }
        let key = ColumnKey(rawValue: request.column)
        do throws(JetError) {
            let own = try rows.valueCount(key, from: source, ignoresDefault: true)
            if own == 0, flags.contains(.ignoreDefault), try rows.valueCount(key, from: source) > 0 {
                results.append(EnumeratedResult(column: request.column, code: JetWarning.columnDefault.rawValue))
                return
            }
            let count = own > 0 ? own : try rows.valueCount(key, from: source)
            if request.occurrences.isEmpty {
                var result = try all(key, count)
                result.column = request.column
                results.append(result)
                return
            }
            var result = EnumeratedResult(column: request.column)
            for occurrence in request.occurrences {
                var value = EnumeratedValue(occurrence: occurrence)
                if occurrence == 0 {
                    value.code = JetWarning.columnSkipped.rawValue
                } else if Int(occurrence) > count {
                    value.code = JetWarning.columnNull.rawValue
                } else {
                    value = try self.value(key, occurrence)
                }
                result.values.append(value)
            }
            results.append(result)
        } catch {
            guard error == .columnNotFound else { throw error }
            let error = JetLibrary.columnError(error, request.column)
            results.append(EnumeratedResult(column: request.column, code: error.rawValue))
            if failure == nil { failure = error }
        }
    }

    /// All values of a column.
    private func all(_ key: ColumnKey, _ count: Int) throws(JetError) -> EnumeratedResult {
        var result = EnumeratedResult(column: key.rawValue)
        if count == 0 {
            result.code = JetWarning.columnNull.rawValue
        } else if flags.contains(.presenceOnly) {
            result.code = JetWarning.columnPresent.rawValue
        } else {
            for occurrence in 1...count { result.values.append(try value(key, UInt32(occurrence))) }
            if count == 1, flags.contains(.compressOutput), result.values[0].code == 0 {
                result.code = JetWarning.columnSingleValue.rawValue
            }
        }
        return result
    }

    private func value(_ key: ColumnKey, _ occurrence: UInt32) throws(JetError) -> EnumeratedValue {
        var value = EnumeratedValue(occurrence: occurrence)
        let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        let found = try rows.retrieve(key, into: nothing, occurrence: Int(occurrence), from: source)
        if found.isNull {
            value.code = JetWarning.columnNull.rawValue
            return value
        }
        if flags.contains(.presenceOnly) {
            value.code = JetWarning.columnPresent.rawValue
            return value
        }
        if found.isSeparated, flags.contains(.inRecordOnly) {
            value.code = JetWarning.columnNotInRecord.rawValue
            return value
        }
        var count = found.byteCount
        if found.isSeparated, count > limit {
            count = limit
            value.code = JetWarning.columnTruncated.rawValue
        }
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: JetError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(JetError) {
                let again = try rows.retrieve(key, into: buffer, occurrence: Int(occurrence), from: source)
                // At level 0 somebody may have changed it meanwhile.
                count = min(count, again.byteCount)
            } catch { failure = error }
        }
        if let failure { throw failure }
        if count < bytes.count { bytes.removeLast(bytes.count - count) }
        value.bytes = bytes
        return value
    }
}
