// Layer: Jet. Uses: JetLibrary, JetCursor, ESEEngine (TemporaryTable). Used by: JetABI, lists of information.
// Temporary tables: opened, and filled with lists.

public import ESEEngine
import ESEFormat
import PlatformIO

/// How a temporary table is used. C names: JET_bitTT….
public struct TemporaryTableFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Keys are searched. C name: JET_bitTTIndexed.
    public static let indexed = TemporaryTableFlags(rawValue: 0x1)
    /// Of rows with the same key one stays. C name: JET_bitTTUnique.
    public static let unique = TemporaryTableFlags(rawValue: 0x2)
    /// Rows are changed. C name: JET_bitTTUpdatable.
    public static let updatable = TemporaryTableFlags(rawValue: 0x4)
    /// Rows are read in any order. C name: JET_bitTTScrollable.
    public static let scrollable = TemporaryTableFlags(rawValue: 0x8)
    /// NULL sorts after all values. C name: JET_bitTTSortNullsHigh.
    public static let sortNullsHigh = TemporaryTableFlags(rawValue: 0x10)
    /// A row with a key that is there is an error. C name: JET_bitTTErrorOnDuplicateInsertion,
    /// JET_bitTTForceMaterialization.
    public static let errorOnDuplicate = TemporaryTableFlags(rawValue: 0x20)
    /// Rows are read once, in order; without `unique` duplicates stay. C name: JET_bitTTForwardOnly.
    public static let forwardOnly = TemporaryTableFlags(rawValue: 0x40)
    /// Long values stay in their records. C name: JET_bitTTIntrinsicLVsOnly.
    public static let intrinsicLongValues = TemporaryTableFlags(rawValue: 0x80)
    /// GUIDs sort as .NET does. C name: JET_bitTTDotNetGuid.
    public static let dotNetGUID = TemporaryTableFlags(rawValue: 0x100)
    static let all = TemporaryTableFlags(rawValue: 0x1ff)
}

extension JetLibrary {
    /// Makes a temporary table and opens it; its handle, and the numbers of its columns.
    /// C names: JetOpenTempTable, JetOpenTemporaryTable2.
    public func openTemporaryTable(
        _ session: UInt, _ request: TemporaryTableRequest, _ flags: TemporaryTableFlags
    ) throws(JetError) -> (cursor: UInt, columns: [ColumnKey]) {
        try withSession(session) { (call) throws(JetError) in
            guard TemporaryTableFlags.all.isSuperset(of: flags) else { throw .invalidGrbit }
            let limit = call.session.work.instance.parameters.withLock { $0.maxTemporaryTables }
            guard limit > 0 else { throw .tooManySorts }
            let hasKey = request.columns.contains(where: \.isKey)
            let hasLongValues =
                !flags.contains(.intrinsicLongValues) && request.columns.contains(where: \.type.isLong)
            if flags.contains(.forwardOnly) {
                let others: TemporaryTableFlags = [.indexed, .updatable, .scrollable, .errorOnDuplicate]
                guard flags.isDisjoint(with: others), hasKey, !hasLongValues else {
                    throw .cannotMaterializeForwardOnlySort
                }
            }
            var request = request
            request.nullsSortHigh = flags.contains(.sortNullsHigh)
            request.sortsDotNetGUIDs = flags.contains(.dotNetGUID)
            request.allowsDuplicates = flags.contains(.forwardOnly) && !flags.contains(.unique)
            // What Windows sorts in memory loses its duplicates in silence; what is a tree there refuses them.
            let isSort = hasKey && !hasLongValues && !flags.contains(.errorOnDuplicate)
            let (cursor, columns) = try openTemporaryTable(call, request, dropsDuplicates: isSort)
            return (cursor.handle, columns)
        }
    }

    /// The same inside a call.
    func openTemporaryTable(
        _ call: JetCall, _ request: TemporaryTableRequest, dropsDuplicates: Bool = false
    ) throws(JetError) -> (cursor: JetCursor, columns: [ColumnKey]) {
        let work = call.session.work.store
        let temporary = try work.store.makeTemporaryTable(request, work)
        do throws(JetError) {
            let rows = RowCursor(temporary.table, call.tables)
            if let order = temporary.order { try rows.setIndex(order) }
            var options = JetCursor.Options()
            options.onDuplicate = { temporary.take() }
            options.onClose = { temporary.release() }
            options.dropsDuplicates = dropsDuplicates
            let cursor = try JetCursor.open(rows, call, in: table, options)
            // The first move after rows were added goes to the first one, as that of a sort does.
            rows.goBeforeFirst()
            return (cursor, temporary.columns)
        } catch {
            temporary.release()
            throw error
        }
    }
}

/// A value of a row of a list.
enum ListValue {
    case null
    case long(UInt32)
    case short(UInt16)
    case bytes([UInt8])
    /// Text, stored in the code page of the caller's kind of functions.
    case text(String)
}

/// A list that is being made: a temporary table with a row for each thing.
struct ListBuilder {
    let cursor: JetCursor
    let columns: [ColumnKey]
    private(set) var count: UInt32 = 0
    private let isUnicode: Bool

    private init(
        _ library: JetLibrary, _ call: JetCall, _ columns: [TemporaryTableRequest.Column], isUnicode: Bool
    ) throws(JetError) {
        self.isUnicode = isUnicode
        let request = TemporaryTableRequest(
            columns.map { column in
                var column = column
                if column.type.isText { column.codePage = isUnicode ? 1_200 : 1_252 }
                return column
            })
        (cursor, self.columns) = try library.openTemporaryTable(call, request)
    }

    /// Makes a list; it is closed again if that fails.
    static func make(
        _ library: JetLibrary, _ call: JetCall, _ columns: [TemporaryTableRequest.Column], isUnicode: Bool,
        _ body: (inout ListBuilder) throws(JetError) -> Void
    ) throws(JetError) -> InformationList {
        var list = try ListBuilder(library, call, columns, isUnicode: isUnicode)
        do throws(JetError) {
            try body(&list)
            _ = try list.cursor.rows.first()
        } catch {
            list.cursor.close()
            throw error
        }
        return InformationList(cursor: list.cursor.handle, count: list.count, columns: list.columns)
    }

    /// Adds a row of values in the order of the columns.
    mutating func add(_ values: [ListValue]) throws(JetError) {
        let rows = cursor.rows
        try rows.prepare(.insert)
        do throws(JetError) {
            for (key, value) in zip(columns, values) {
                switch value {
                case .null: break
                case .long(let number): try set(key, withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) })
                case .short(let number): try set(key, withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) })
                case .bytes(let bytes): try set(key, bytes)
                case .text(let text): try set(key, encode(text))
                }
            }
            try rows.update()
        } catch {
            try? rows.cancelUpdate()
            throw error
        }
        count += 1
    }

    private func encode(_ text: String) -> [UInt8] {
        isUnicode
            ? text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            : Array(text.utf8)
    }

    private func set(_ key: ColumnKey, _ bytes: [UInt8]) throws(JetError) {
        let record = try cursor.rows.preparedRecord()
        try JetBytes.lend(bytes) { (bytes) throws(JetError) in _ = try record.set(key, bytes) }
    }
}

/// Bytes lent as memory, with typed errors.
enum JetBytes {
    static func lend<Result>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        let result: Swift.Result<Result, JetError> = bytes.withUnsafeBytes { buffer in
            do throws(JetError) { return .success(try body(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
