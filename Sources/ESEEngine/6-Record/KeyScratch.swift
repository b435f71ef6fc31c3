// Layer: ESEEngine/6-Record. Uses: RecordView, IndexEntryPlan, KeyBuilder. Used by: KeyPlan.
// What making keys needs for itself, one for each session; a record's values as key machinery wants them.

public import ESEFormat

/// Who has long values that keys are made of.
public protocol LongValueLender: AnyObject {
    /// Lends a part of a long value, expanded.
    /// - Parameters:
    ///   - id: Which.
    ///   - offset: Where to begin, in bytes; at or beyond its end there are no bytes.
    ///   - limit: How many bytes are needed; more may be lent.
    ///   - body: Called exactly once.
    /// - Throws: What is wrong with the value; what `body` throws.
    func withLongValue(
        _ id: LongValueID, from offset: Int, limit: Int, _ body: (RawSpan) throws(JetError) -> Void
    ) throws(JetError)
}

/// Memory for making keys. Used by one thread at a time; serves any number of plans, best one after the other.
public final class KeyScratch {
    private var plan: KeyPlan?
    private var entries: IndexEntryPlan?
    private var builder: KeyBuilder?
    private(set) var key: [UInt8] = []
    private var buffer: UnsafeMutableRawPointer
    private var capacity = 0

    /// Makes an empty one.
    public init() { buffer = .allocate(byteCount: 0, alignment: 8) }

    deinit { buffer.deallocate() }

    /// Takes over a plan's machinery, unless it has it already.
    func prepare(_ plan: KeyPlan) {
        guard self.plan !== plan else { return }
        self.plan = plan
        entries = plan.machinery.entries
        builder = plan.machinery.builder
    }

    /// Memory for a key.
    func room(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if capacity < byteCount {
            buffer.deallocate()
            buffer = .allocate(byteCount: byteCount, alignment: 8)
            capacity = byteCount
        }
        return buffer
    }

    func buildKey(of row: RecordRow) throws(FormatError) -> KeyReport {
        try builder?.build(of: row, into: &key) ?? KeyReport()
    }

    func forEachKey(
        of row: RecordRow, _ body: (RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) -> IndexEntries {
        try entries?.forEachKey(of: row, body) ?? IndexEntries()
    }

    func buildSearchKey(
        of values: [[UInt8]?], limit: KeyLimit
    ) throws(FormatError) -> (report: KeyReport, key: [UInt8]) {
        let report = try builder?.buildSearchKey(of: values, limit: limit, into: &key) ?? KeyReport()
        return (report, key)
    }
}

/// A record's values as key machinery wants them. Remembers the error that it could not pass on.
final class RecordRow: RowValues {
    private let record: RecordView
    private let longValues: (any LongValueLender)?
    private var failure: JetError?
    private var plain: [UInt8] = []

    init(_ record: RecordView, _ longValues: (any LongValueLender)?) {
        self.record = record
        self.longValues = longValues
    }

    /// The error that is to be thrown for one of the machinery.
    func error(_ error: FormatError) -> JetError { failure ?? .databaseCorrupted }

    func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError) {
        do throws(JetError) {
            let key = ColumnKey(segment.column, isFromTemplate: segment.isFromTemplate)
            // Only tagged columns have a second value.
            if occurrence > 1, segment.column.rawValue < 256 { return try pass(nil, body) }
            let field = try record.field(key, occurrence: occurrence)
            if field.isNull { return try pass(nil, body) }
            if let id = try field.longValueID() {
                guard let longValues else { throw .databaseCorrupted }
                return try longValues.withLongValue(id, from: offset, limit: limit) { (span) throws(JetError) in
                    try pass(span, body)
                }
            }
            if field.isPlain {
                let bytes = RawSpan(_unsafeBytes: field.bytes)
                return try pass(bytes.extracting(min(offset, bytes.byteCount)..<bytes.byteCount), body)
            }
            plain.removeAll(keepingCapacity: true)
            try field.expand(into: &plain)
            let expanded = plain
            let bytes = expanded.span.bytes
            try pass(bytes.extracting(min(offset, bytes.byteCount)..<bytes.byteCount), body)
        } catch {
            if failure == nil { failure = error }
            throw FormatError(.badValue, at: 0)
        }
    }

    private func pass(_ span: RawSpan?, _ body: (RawSpan?) throws(FormatError) -> Void) throws(JetError) {
        do throws(FormatError) {
            try body(span)
        } catch {
            throw .databaseCorrupted
        }
    }
}
