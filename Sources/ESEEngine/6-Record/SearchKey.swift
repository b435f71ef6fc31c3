// Layer: ESEEngine/6-Record. Uses: KeyPlan, KeyScratch. Used by: JetMakeKey, seeks, ranges.
// A search key that is made one key column at a time.

import ESEFormat

/// How a key column is added. Raw values are the grbits of JetMakeKey.
public struct MakeKeyOptions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of options.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Forget what was made before. C name: JET_bitNewKey.
    public static let newKey = MakeKeyOptions(rawValue: 1)
    /// After all keys that begin with the values; older form. C name: JET_bitStrLimit.
    public static let stringLimit = MakeKeyOptions(rawValue: 2)
    /// As `stringLimit`, and the text is a beginning. C name: JET_bitSubStrLimit.
    public static let subStringLimit = MakeKeyOptions(rawValue: 4)
    /// The bytes are a whole key. C name: JET_bitNormalizedKey.
    public static let normalizedKey = MakeKeyOptions(rawValue: 8)
    /// No bytes are a value without bytes, not NULL. C name: JET_bitKeyDataZeroLength.
    public static let zeroLength = MakeKeyOptions(rawValue: 0x10)
    /// Before all keys that begin with the values. C name: JET_bitFullColumnStartLimit.
    public static let fullColumnStartLimit = MakeKeyOptions(rawValue: 0x100)
    /// After all keys that begin with the values. C name: JET_bitFullColumnEndLimit.
    public static let fullColumnEndLimit = MakeKeyOptions(rawValue: 0x200)
    /// As `fullColumnStartLimit`, and the value is a beginning. C name: JET_bitPartialColumnStartLimit.
    public static let partialColumnStartLimit = MakeKeyOptions(rawValue: 0x400)
    /// As `fullColumnEndLimit`, and the value is a beginning. C name: JET_bitPartialColumnEndLimit.
    public static let partialColumnEndLimit = MakeKeyOptions(rawValue: 0x800)

    private static let limits: MakeKeyOptions = [
        .stringLimit, .subStringLimit, .fullColumnStartLimit, .fullColumnEndLimit, .partialColumnStartLimit,
        .partialColumnEndLimit,
    ]

    /// The one limit that is asked for, nil if they contradict each other.
    func limit(isText: Bool) -> KeyLimit? {
        switch intersection(Self.limits) {
        case []: KeyLimit.none
        case .fullColumnStartLimit: .fullColumnStart
        case .fullColumnEndLimit: .fullColumnEnd
        case .partialColumnStartLimit: .partialColumnStart
        case .partialColumnEndLimit: .partialColumnEnd
        case .stringLimit: .string
        // Means nothing for what is no text.
        case .subStringLimit: isText ? .subString : KeyLimit.none
        // For those who don't know the column's type: each takes what is meant for it.
        case [.stringLimit, .subStringLimit]: isText ? .subString : .string
        default: nil
        }
    }
}

/// The search key of a cursor. Used by one thread at a time; the memory is kept.
public final class SearchKey {
    private struct State {
        var byteCount = 0
        var columnCount = 0
        var isLimit = false
        var isPrepared = false
    }

    private let memory: UnsafeMutableRawPointer
    private let state: UnsafeMutablePointer<State>
    private let capacity: Int

    /// Bytes of the key so far.
    public private(set) var byteCount: Int {
        @inline(__always) get { state.pointee.byteCount }
        set { state.pointee.byteCount = newValue }
    }

    /// How many key columns it has.
    public private(set) var columnCount: Int {
        @inline(__always) get { state.pointee.columnCount }
        set { state.pointee.columnCount = newValue }
    }

    /// Whether it ends with a limit; nothing can be added then.
    public private(set) var isLimit: Bool {
        @inline(__always) get { state.pointee.isLimit }
        set { state.pointee.isLimit = newValue }
    }

    /// Whether there is a key.
    public private(set) var isPrepared: Bool {
        @inline(__always) get { state.pointee.isPrepared }
        set { state.pointee.isPrepared = newValue }
    }

    /// The values so far, for the general path, which begins anew with every column.
    private var valueBytes: [UInt8] = []
    /// How many bytes each has; -1: NULL.
    private var valueByteCounts: [Int] = []
    /// Whether these are all of the key.
    private var hasValues = true

    /// The longest key of any index, and a byte.
    private static let most = 2_001

    /// Makes an empty one.
    public init() {
        capacity = Self.most + 64
        memory = .allocate(byteCount: capacity, alignment: 8)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        memory.deallocate()
        state.deallocate()
    }

    /// Forgets the key, as moving the cursor to another index and most ways of moving do.
    @inline(__always)
    public func reset() { state.pointee = State() }

    /// The key; valid until the next change.
    /// - Throws: `keyNotMade` if there is none.
    @inline(__always)
    public func bytes() throws(JetError) -> UnsafeRawBufferPointer {
        guard isPrepared else { throw .keyNotMade }
        return UnsafeRawBufferPointer(start: memory, count: byteCount)
    }

    /// Takes a whole key.
    /// - Parameter keyByteCount: The most bytes of a key of the index; 255 for tables without a primary index.
    /// - Throws: `invalidParameter` if it is longer than any key with its limit.
    public func setNormalized(_ key: UnsafeRawBufferPointer, keyByteCount: Int) throws(JetError) {
        reset()
        guard key.count <= max(keyByteCount + 1, 255), key.count < Self.most + 1 else { throw .invalidParameter }
        let count = min(key.count, keyByteCount + 1)
        if let start = key.baseAddress { memory.copyMemory(from: start, byteCount: count) }
        byteCount = count
        columnCount = 1
        isPrepared = true
        isLimit = count > keyByteCount
        hasValues = false
    }

    /// Adds a key column.
    /// - Parameters:
    ///   - value: As records store it; nil, or no bytes without `zeroLength`, means NULL.
    ///   - plan: The index; nil for a table without a primary index.
    /// - Throws: JetMakeKey's errors: `keyNotMade` without `newKey` if there is no key; `keyIsMade` if it is whole;
    ///   `noCurrentIndex`; `invalidGrbit`; `invalidBufferSize`; `invalidParameter`; `indexTuplesKeyTooSmall`;
    ///   `unicodeNormalizationNotSupported`. The key is as it was then, or, with `newKey`, there is none.
    public func add(
        _ value: UnsafeRawBufferPointer?, _ options: MakeKeyOptions, _ plan: KeyPlan?, _ shape: RecordShape,
        _ scratch: KeyScratch
    ) throws(JetError) {
        if options.contains(.normalizedKey) {
            return try setNormalized(
                value ?? UnsafeRawBufferPointer(start: nil, count: 0), keyByteCount: plan?.maximum ?? 255)
        }
        guard let plan else { throw .noCurrentIndex }
        if options.contains(.newKey) {
            reset()
        } else if isLimit {
            throw .keyIsMade
        } else if !isPrepared {
            throw .keyNotMade
        }
        guard columnCount < plan.segmentCount else { throw .keyIsMade }
        let count = value?.count ?? 0
        if columnCount == 0, plan.segmentCount > 1 || plan.fastCount == 0 || options != .newKey { forgetValues() }
        if plan.fastCount > 0, count > 0, options.isSubset(of: .newKey), columnCount < plan.fastCount,
            let start = value?.baseAddress
        {
            let segment = plan.segments + columnCount
            let size = Int(segment.pointee.byteCount)
            if size != 0, size != count { throw .invalidBufferSize }
            let added = plan.append(segment, start, count, to: memory + byteCount, room: plan.maximum &- byteCount)
            if added > 0 {
                // What follows may need the values.
                if plan.segmentCount > 1 {
                    valueBytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
                    valueByteCounts.append(count)
                }
                byteCount &+= added
                columnCount &+= 1
                isPrepared = true
                return
            }
        }
        if columnCount == 0 { forgetValues() }
        try addSlowly(value, options, plan, shape, scratch)
    }

    @inline(never)
    private func addSlowly(
        _ value: UnsafeRawBufferPointer?, _ options: MakeKeyOptions, _ plan: KeyPlan, _ shape: RecordShape,
        _ scratch: KeyScratch
    ) throws(JetError) {
        let segment = plan.index.segments[columnCount]
        guard
            let column = shape.column(ColumnKey(segment.column, isFromTemplate: segment.isFromTemplate)),
            hasValues
        else { throw columnCount > 0 ? .keyIsMade : .databaseCorrupted }
        guard let limit = options.limit(isText: column.type.isText) else { throw .invalidGrbit }
        if limit == .partialColumnStart || limit == .partialColumnEnd {
            let isVariableBinary = column.storage != .fixed && (column.type == .binary || column.type == .longBinary)
            guard column.type.isText || isVariableBinary else { throw .invalidGrbit }
        }
        let isFixed = column.storage == .fixed
        var bytes: [UInt8]? = value.map { [UInt8]($0) } ?? []
        if let count = bytes?.count {
            if count == 0 {
                // Numbers are never without bytes.
                if !options.contains(.zeroLength) || isFixed || column.type.fixedByteCount != nil { bytes = nil }
            } else {
                try check(count, column, isFixed)
            }
        }
        if columnCount == 0, let limits = plan.index.tupleLimits, plan.index.flags.contains(.tuples) {
            let width = column.codePage == 1_200 ? 2 : 1
            guard let bytes, bytes.count / width >= Int(limits.minimumLength) else { throw .indexTuplesKeyTooSmall }
        }
        scratch.prepare(plan)
        let built: (report: KeyReport, key: [UInt8])
        do throws(FormatError) {
            built = try scratch.buildSearchKey(of: values() + [bytes], limit: limit)
        } catch { throw .invalidBufferSize }
        guard built.report.isExact else { throw .unicodeNormalizationNotSupported }
        guard built.key.count <= capacity else { throw .invalidParameter }
        built.key.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: memory, count: capacity).copyMemory(from: $0) }
        byteCount = built.key.count
        valueBytes.append(contentsOf: bytes ?? [])
        valueByteCounts.append(bytes?.count ?? -1)
        columnCount += 1
        isPrepared = true
        isLimit = limit != KeyLimit.none
    }

    private func forgetValues() {
        hasValues = true
        valueBytes.removeAll(keepingCapacity: true)
        valueByteCounts.removeAll(keepingCapacity: true)
    }

    private func values() -> [[UInt8]?] {
        var start = 0
        return valueByteCounts.map { count in
            guard count >= 0 else { return nil }
            defer { start += count }
            return Array(valueBytes[start..<start + count])
        }
    }

    private func check(_ count: Int, _ column: RecordColumn, _ isFixed: Bool) throws(JetError) {
        if let size = column.type.fixedByteCount {
            guard count == size else { throw .invalidBufferSize }
        } else if isFixed, count != Int(column.maximumByteCount) {
            guard column.type == .text, count < Int(column.maximumByteCount) else { throw .invalidBufferSize }
        }
    }
}
