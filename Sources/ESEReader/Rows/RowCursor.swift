// Layer: ESEReader/Rows. Uses: LeafScan, LongValues, RowPlan, CarvedRows. Used by: everybody who reads rows.
// Row after row. A row is not copied: its values are read where they lie on the page, each when it is asked for.

public import ESEFormat

/// The rows of a table, one after the other.
///
/// After `next()` has given true, the values of the row can be asked for, by the position of the column in `columns`.
/// What can't be read is told to the database's `damage` and skipped: `next()` goes on until the end. Values that
/// can't be read throw, and are told too.
public final class RowCursor {
    /// The table.
    public let table: TableDefinition
    /// The columns whose values can be asked for, in the order of `TableDefinition.columns`.
    public var columns: [ColumnDefinition] { table.columns }
    /// Whether the row is a deleted one; always false unless deleted rows were asked for.
    public private(set) var isDeleted = false
    /// How many rows were given.
    public private(set) var rowCount = 0
    /// How the row was found; nil unless the cursor is one of `ESETable.deletedRows`.
    public private(set) var carved: CarvedRow?
    /// What could not be read: the database's, for deleted rows one of the cursor's own.
    public let damage: DamageLog

    private let core: DatabaseCore
    private let plans: [ColumnPlan?]
    private let rowSource: (any RowSource)?
    private let carver: CarvedRows?
    private let options: RowOptions
    private let longValues: LongValues?
    private let isLarge: Bool

    /// The bytes of the row's page, and where the record lies on it; nil without a row.
    private var bytes: [UInt8] = []
    private var record: RecordLayout?
    private var frame: PageFrame?
    private var node = Node(flags: [], prefixByteCount: 0, suffix: 0..<0, data: 0..<0)
    private var nodeIndex: Int?
    private var carvedKey: [UInt8] = []
    private var scratch: [UInt8] = []
    /// Whether the error that is being thrown has been reported already, with more than the error says.
    private var isLongValueReported = false

    convenience init(_ table: TableDefinition, core: DatabaseCore, source: any RowSource, options: RowOptions) {
        self.init(table, core, source, nil, options, damage: core.damage)
    }

    /// A cursor of deleted rows.
    convenience init(_ table: TableDefinition, core: DatabaseCore, carver: CarvedRows) {
        self.init(table, core, nil, carver, RowOptions(), damage: DamageLog())
    }

    private init(
        _ table: TableDefinition, _ core: DatabaseCore, _ source: (any RowSource)?, _ carver: CarvedRows?,
        _ options: RowOptions, damage: DamageLog
    ) {
        self.table = table
        self.core = core
        self.options = options
        self.damage = damage
        self.carver = carver
        rowSource = source
        plans = table.columns.map(ColumnPlan.init)
        isLarge = core.store.size.isLarge
        longValues = core.longValues(of: table)
    }

    /// Goes to the next row; false at the end.
    public func next() -> Bool {
        if let carver { return nextCarved(carver) }
        while let (frame, index) = rowSource?.next() {
            do {
                let node = try frame.layout.node(index, in: frame.bytes.span.bytes)
                if node.isDeleted, !options.includesDeleted { continue }
                record = try RecordLayout(frame.bytes.span.bytes, node.data, isLarge: isLarge)
                if frame.number != page {
                    self.frame = frame
                    bytes = frame.bytes
                }
                self.node = node
                nodeIndex = index
                isDeleted = node.isDeleted
                rowCount += 1
                return true
            } catch {
                damage.add(Damage(table: table.name, page: frame.number, node: index, reason: .node(error)))
            }
        }
        end()
        return false
    }

    private func nextCarved(_ carver: CarvedRows) -> Bool {
        while let place = carver.next() {
            guard let record = try? RecordLayout(place.frame.bytes.span.bytes, place.range, isLarge: isLarge) else {
                continue
            }
            self.record = record
            frame = place.frame
            bytes = place.frame.bytes
            let start = place.range.lowerBound
            node = Node(flags: .deleted, prefixByteCount: 0, suffix: start..<start, data: place.range)
            nodeIndex = place.index
            carvedKey = place.key
            carved = place.carved
            isDeleted = true
            rowCount += 1
            return true
        }
        end()
        return false
    }

    private func end() {
        record = nil
        frame = nil
        bytes = []
        carved = nil
    }

    /// The page of the row; 0 before the first and after the last.
    public var page: PageNumber { frame?.number ?? .none }

    /// The position of the row on its page, from 0; -1 for a deleted row that is no node any more.
    public var position: Int { nodeIndex ?? -1 }

    /// The primary key of the row as stored (the bookmark); empty without a row. Of a deleted row as its values give
    /// it, or as it seems to stand before the record; empty if it is not known.
    public var key: [UInt8] {
        guard let frame else { return [] }
        if carver != nil { return carvedKey }
        return frame.layout.key(of: node, in: frame.bytes.span.bytes)
    }

    /// The bytes of the record as stored, for those who look at the format; nothing without a row.
    public func withRecord<R>(_ body: (RawSpan, Range<Int>) -> R) -> R? {
        guard let frame else { return nil }
        return body(frame.bytes.span.bytes, node.data)
    }
}

// MARK: Values

extension RowCursor {
    /// How many values a column has: 0 for NULL, 1 for most, more for multi-valued ones.
    /// - Parameter column: a position in `columns`.
    /// - Throws: `FormatError` if the record is malformed there.
    public func valueCount(_ column: Int) throws(FormatError) -> Int {
        do {
            return try unreportedCount(column)
        } catch {
            report(column, .value(error))
            throw error
        }
    }

    /// Lends the bytes of a value: uncompressed, as stored, in the byte order of the format.
    /// - Parameters:
    ///   - column: a position in `columns`.
    ///   - occurrence: which of a multi-valued column's values, from 0.
    /// - Returns: what `body` gives; nil if there is no such value (NULL).
    /// - Throws: `FormatError` if it can't be read: malformed, encrypted, compressed in a way nobody has published,
    ///   missing from the long-value tree, or longer than `ReadOptions.longValueByteLimit`.
    public func withValue<R>(
        _ column: Int, occurrence: Int = 0, _ body: (RawSpan) throws(FormatError) -> R
    ) throws(FormatError) -> R? {
        do {
            return try unreportedValue(column, occurrence, body)
        } catch {
            if !isLongValueReported { report(column, .value(error)) }
            isLongValueReported = false
            throw error
        }
    }

    /// A value, typed; `null` if there is no such value. Throws as `withValue` does.
    public func value(_ column: Int, occurrence: Int = 0) throws(FormatError) -> ColumnValue {
        guard let plan = plans[column] else { return .null }
        return try withValue(column, occurrence: occurrence) { (bytes) throws(FormatError) in
            try ColumnValue(decoding: bytes, type: plan.type, codePage: plan.codePage)
        } ?? .null
    }

    /// All values of a column, typed; empty for NULL. Throws as `withValue` does.
    public func values(_ column: Int) throws(FormatError) -> [ColumnValue] {
        var values: [ColumnValue] = []
        for occurrence in 0..<(try valueCount(column)) { values.append(try value(column, occurrence: occurrence)) }
        return values
    }

    /// The first value of the column with this name; `null` if there is no value, or no such column. Throws as
    /// `withValue` does.
    public subscript(name: String) -> ColumnValue {
        get throws(FormatError) {
            guard let column = table.columns.firstIndex(where: { $0.name == name }) else { return .null }
            return try value(column)
        }
    }

    /// A value of a whole-number type; nil for NULL and for other types. Allocates nothing.
    /// - Throws: `FormatError` if the record is malformed there.
    public func integer(_ column: Int) throws(FormatError) -> Int64? {
        guard let plan = plans[column] else { return nil }
        return try withValue(column) { (bytes) throws(FormatError) in try Self.integer(bytes, 0, plan.type) } ?? nil
    }

    private static func integer(_ bytes: RawSpan, _ place: Int, _ type: ColumnType) throws(FormatError) -> Int64? {
        switch type {
        case .bit, .unsignedByte: Int64(try bytes.byte(place))
        case .short: Int64(try bytes.little(place, as: Int16.self))
        case .unsignedShort: Int64(try bytes.little(place, as: UInt16.self))
        case .long: Int64(try bytes.little(place, as: Int32.self))
        case .unsignedLong: Int64(try bytes.little(place, as: UInt32.self))
        case .longLong, .currency, .unsignedLongLong: try bytes.little(place, as: Int64.self)
        default: nil
        }
    }

    private func unreportedCount(_ column: Int) throws(FormatError) -> Int {
        guard let record, let plan = plans[column] else { return 0 }
        let bytes = bytes
        if plan.storage == .tagged {
            guard let field = try record.taggedField(plan.id, isFromTemplate: plan.isFromTemplate, in: bytes.span.bytes)
            else { return plan.hasDefault ? 1 : 0 }
            return try record.valueCount(of: field, in: bytes.span.bytes)
        }
        switch try place(of: plan, in: record, bytes.span.bytes) {
        case .absent: return plan.hasDefault ? 1 : 0
        case .null: return 0
        case .at: return 1
        }
    }

    /// Where a column that is not tagged has its value.
    private func place(
        of plan: ColumnPlan, in record: RecordLayout, _ bytes: RawSpan
    ) throws(FormatError) -> FieldPlace {
        plan.storage == .fixed
            ? try record.fixed(plan.id, offset: Int(plan.offset), count: Int(plan.count), in: bytes)
            : try record.variable(plan.id, in: bytes)
    }

    private func unreportedValue<R>(
        _ column: Int, _ occurrence: Int, _ body: (RawSpan) throws(FormatError) -> R
    ) throws(FormatError) -> R? {
        guard let record, let plan = plans[column] else { return nil }
        let bytes = bytes
        if plan.storage == .tagged {
            if let field = try record.taggedField(
                plan.id, isFromTemplate: plan.isFromTemplate, in: bytes.span.bytes)
            {
                return try taggedValue(column, field, record, bytes.span.bytes, occurrence, body)
            }
        } else {
            guard occurrence == 0 else { return nil }
            switch try place(of: plan, in: record, bytes.span.bytes) {
            case .absent: break
            case .null: return nil
            case .at(let range): return try body(bytes.span.bytes.extracting(range))
            }
        }
        guard occurrence == 0, plan.hasDefault, let value = table.columns[column].defaultValue else { return nil }
        return try body(value.span.bytes)
    }

    private func taggedValue<R>(
        _ column: Int, _ field: TaggedField, _ record: RecordLayout, _ bytes: RawSpan, _ occurrence: Int,
        _ body: (RawSpan) throws(FormatError) -> R
    ) throws(FormatError) -> R? {
        let count = try record.valueCount(of: field, in: bytes)
        guard occurrence >= 0, occurrence < count else { return nil }
        let value = try record.value(occurrence, of: count, in: field, bytes)
        if value.isEncrypted { throw FormatError(.encrypted, at: value.range.lowerBound) }
        guard value.isSeparated || value.isCompressed else { return try body(bytes.extracting(value.range)) }
        // The scratch memory is taken out while it is filled and lent, so that nobody else can have it.
        var buffer = scratch
        scratch = []
        defer { scratch = buffer }
        buffer.removeAll(keepingCapacity: true)
        if value.isSeparated {
            try readLongValue(column, try LongValueID(inRecord: bytes.extracting(value.range)), into: &buffer)
        } else {
            // A value inside a record was shorter than a page before it was compressed, or a few of them.
            try Compression.expand(bytes.extracting(value.range), into: &buffer, limit: core.store.size.byteCount * 64)
        }
        return try body(buffer.span.bytes)
    }

    private func readLongValue(
        _ column: Int, _ id: LongValueID, into buffer: inout [UInt8]
    ) throws(FormatError) {
        let problem: LongValueProblem
        do throws(LongValueProblem) {
            guard let longValues else { throw LongValueProblem.missing }
            return try longValues.read(id, into: &buffer, limit: core.options.longValueByteLimit)
        } catch {
            problem = error
        }
        isLongValueReported = true
        switch problem {
        case .page(let place):
            damage.add(Damage(table: table.name, page: place.page, reason: .page(place.problem)))
            report(column, .longValueMissing(id))
        case .missing: report(column, .longValueMissing(id))
        case .incomplete(let expected, let found):
            report(column, .longValueIncomplete(id, expected: expected, found: found))
        case .tooLong(let count): report(column, .longValueTooLong(id, byteCount: count))
        case .format(let error, let page):
            damage.add(Damage(table: table.name, page: page, reason: .value(error)))
            report(column, .value(error))
        }
        throw FormatError(.badLongValue, at: 0)
    }

    private func report(_ column: Int, _ reason: Damage.Reason) {
        damage.add(
            Damage(
                table: table.name, page: page, node: nodeIndex, column: table.columns[column].name, reason: reason))
    }
}
