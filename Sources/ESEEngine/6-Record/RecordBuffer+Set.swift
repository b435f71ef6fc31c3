// Layer: ESEEngine/6-Record. Uses: RecordBuffer, RecordBuffer+Tagged, Compressor. Used by: JetSetColumn, JetSetColumns.
// Setting any column, with all options. What has to go to the tree of long values is said, not done.

public import ESEFormat

/// What becomes of a long value's bytes. ESE's name: LVOP.
public enum LongValueOperation: UInt8, Sendable {
    /// They are the new bytes.
    case replace
    /// As many zeros as there are new bytes.
    case zeros
    /// The new bytes come behind the old ones.
    case append
    /// The count of new bytes is the new size; what is added is zeros.
    case resize
    /// The new bytes go over the old ones from an offset on, perhaps beyond their end.
    case overwrite
    /// As `overwrite`, and the value ends where the new bytes end.
    case overwriteAndResize
    /// Nothing.
    case none
    /// NULL.
    case null
    /// No bytes.
    case empty

    /// What a call with these options, this many bytes and this offset does.
    /// - Parameter isNew: The value isn't there yet.
    /// - Throws: `columnNoChunk` for a part of a value that is not there.
    init(_ options: SetOptions, byteCount: Int, offset: Int, isNew: Bool) throws(JetError) {
        let isNothing = byteCount == 0
        switch options.intersection([.append, .overwrite, .setSize, .zeroLength]) {
        case .append: self = isNothing ? (isNew ? .empty : .none) : isNew ? .replace : .append
        case .overwrite:
            if isNew, offset != 0 { throw .columnNoChunk }
            self = isNothing ? (isNew ? .empty : .none) : isNew ? .replace : .overwrite
        case .setSize: self = isNothing ? .null : isNew ? .zeros : .resize
        case .zeroLength: self = isNothing ? .empty : .replace
        case [.setSize, .zeroLength]: self = isNothing ? .empty : isNew ? .zeros : .resize
        case [.setSize, .overwrite]:
            if !isNothing, isNew, offset != 0 { throw .columnNoChunk }
            self = isNothing ? .null : isNew ? .replace : .overwriteAndResize
        default: self = isNothing ? .null : .replace
        }
    }

    /// The size of the result.
    func byteCount(old: Int, new: Int, offset: Int) -> Int {
        switch self {
        case .replace, .zeros, .resize: new
        case .append: old + new
        case .overwrite: max(old, offset + new)
        case .overwriteAndResize: offset + new
        case .none, .null, .empty: 0
        }
    }
}

/// Work on the tree of long values that a call of `set` asks for.
public struct LongValueEdit: Hashable, Sendable {
    /// What is to be done with the new bytes.
    public var operation: LongValueOperation
    /// The long value to be changed. nil: one is to be made of what the record has of the value (if the operation
    /// builds on that), and `setLongValue` called with its ID.
    public var existing: LongValueID?
    /// Whether chunks are to be compressed.
    public var isCompressed: Bool
    /// Whether the pages are to lie together.
    public var isContiguous: Bool
}

/// What came of setting a column.
public struct SetResult: Hashable, Sendable {
    /// Whether the value was cut to the column's size. C name: JET_wrnColumnMaxTruncated.
    public var isTruncated = false
    /// A long value that the record no longer names: its count of references goes down.
    public var released: LongValueID?
    /// What is to be done in the tree of long values; the record was not changed yet.
    public var edit: LongValueEdit?

    /// Done.
    @inline(__always)
    init() {}
}

extension RecordBuffer {
    /// Sets a column.
    ///
    /// When a record gets too large, `recordTooBig` is thrown. The caller then moves long values out, with the
    /// thresholds of `SeparationThresholds` one after the other, each time sets the column again with that threshold,
    /// and gives up when there is none left.
    /// - Parameters:
    ///   - value: nil, or no bytes without `zeroLength`, means NULL.
    ///   - occurrence: Which of several values, from 1; 0 adds one. Counts for tagged columns only. ESE: itagSequence.
    ///   - offset: With `overwrite`, where in the long value. ESE: ibLongValue.
    ///   - threshold: A long value of more bytes that makes the record too large goes out; 0: half a page.
    ///   - collator: The order of Unicode text for `uniqueNormalized`.
    /// - Throws: JetSetColumn's errors: `columnNotFound`, `invalidGrbit`, `invalidBufferSize`, `invalidColumnType`,
    ///   `nullInvalid`, `autoIncrementNotSet`, `columnTooBig`, `columnDoesNotFit`, `columnNoChunk`,
    ///   `multiValuedDuplicate`, `columnNoEncryptionKey`, `recordTooBig`. The record is as it was then.
    @discardableResult
    public func set(
        _ key: ColumnKey, _ value: UnsafeRawBufferPointer?, occurrence: Int = 1, offset: Int = 0,
        options: SetOptions = [], threshold: Int = 0, collator: (any TextCollator)? = nil
    ) throws(JetError) -> SetResult {
        try set(
            key, value?.baseAddress, byteCount: value?.count ?? 0, occurrence: occurrence, offset: offset,
            options: options, threshold: threshold, collator: collator)
    }

    /// As `set(_:_:)` with the value's start and count: with `setSize` alone the bytes are not looked at.
    @discardableResult
    public func set(
        _ key: ColumnKey, _ start: UnsafeRawPointer?, byteCount: Int, occurrence: Int = 1, offset: Int = 0,
        options: SetOptions = [], threshold: Int = 0, collator: (any TextCollator)? = nil
    ) throws(JetError) -> SetResult {
        if !options.isEmpty { try check(options, byteCount) }
        guard let column = tables.pointee.find(key) else { throw .columnNotFound }
        let count = start == nil && !options.contains(.setSize) ? 0 : byteCount
        var result = SetResult()
        switch column.pointee.storage {
        case .fixed:
            guard start != nil || count == 0 else { throw .invalidParameter }
            try setFixed(column, start, count, isEngine: false)
        case .variable:
            guard start != nil || count == 0 else { throw .invalidParameter }
            let isNull = count == 0 && !options.contains(.zeroLength)
            result.isTruncated = try setVariable(column, start, count, isNull: isNull)
        case .tagged:
            if column.pointee.flags.contains(.encrypted) { throw .columnNoEncryptionKey }
            let isResize = options.contains(.setSize) && !options.contains(.overwrite)
            guard start != nil || count == 0 || isResize && column.pointee.type.isLong, offset >= 0 else {
                throw .invalidParameter
            }
            let value = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
            if !options.isDisjoint(with: [.unique, .uniqueNormalized]), count > 0 || options.contains(.zeroLength) {
                try checkUnique(column.pointee, value, occurrence, options.contains(.uniqueNormalized), collator)
            }
            if column.pointee.type.isLong {
                return try setLong(column, value, count, occurrence, offset, options, threshold)
            }
            let isNull = count == 0 && !options.contains(.zeroLength)
            try checkTagged(column.pointee, isNull ? nil : count)
            try setTagged(
                column, isNull ? nil : value, TaggedForm(), occurrence: occurrence,
                revertsToDefault: options.contains(.revertToDefault))
        }
        return result
    }

    private func check(_ options: SetOptions, _ byteCount: Int) throws(JetError) {
        let isUnique = !options.isDisjoint(with: [.unique, .uniqueNormalized])
        if isUnique, !options.isDisjoint(with: [.append, .overwrite, .setSize]) { throw .invalidGrbit }
        if options.contains(.contiguous) {
            guard options.contains(.separate) else { throw .invalidGrbit }
            guard byteCount >= tables.pointee.pageByteCount else { throw .invalidBufferSize }
        }
    }

    /// Checks NULL and the size of a tagged value.
    private func checkTagged(_ column: RecordColumn, _ count: Int?) throws(JetError) {
        guard let count else {
            if column.flags.contains(.notNull) { throw .nullInvalid }
            return
        }
        if column.maximumByteCount > 0, count > Int(column.maximumByteCount) { throw .columnTooBig }
        if count > 0, let size = column.type.fixedByteCount, size != count { throw .invalidBufferSize }
        // Text and Binary never had more.
        if !column.type.isLong, count > 255 { throw .columnTooBig }
    }

    // MARK: Long values.

    private func setLong(
        _ column: UnsafePointer<RecordColumn>, _ value: UnsafeRawBufferPointer, _ count: Int, _ occurrence: Int,
        _ offset: Int, _ options: SetOptions, _ threshold: Int
    ) throws(JetError) -> SetResult {
        var result = SetResult()
        var existing = RecordField.null
        if occurrence >= 1 { existing = try view().field(column.pointee.key, occurrence: occurrence) }
        let operation = try LongValueOperation(options, byteCount: count, offset: offset, isNew: existing.isNull)
        if options.contains(.contiguous), operation != .replace || !existing.isNull { throw .invalidParameter }
        if operation == .none {
            state.pointee.changed.insert(column.pointee.key.id)
            return result
        }
        let wantsCompression =
            options.contains(.compressed)
            || !options.contains(.uncompressed) && column.pointee.flags.contains(.compressed)
        let oldID = try existing.longValueID()
        let edit = LongValueEdit(
            operation: operation, existing: nil, isCompressed: wantsCompression,
            isContiguous: options.contains(.contiguous))
        switch operation {
        case .null, .empty:
            if operation == .null { try checkTagged(column.pointee, nil) }
            try setTagged(
                column, operation == .null ? nil : UnsafeRawBufferPointer(start: nil, count: 0), TaggedForm(),
                occurrence: occurrence, revertsToDefault: options.contains(.revertToDefault))
            result.released = oldID
            return result
        case .append, .resize, .overwrite, .overwriteAndResize:
            if let oldID {
                state.pointee.changed.insert(column.pointee.key.id)
                result.edit = edit
                result.edit?.existing = oldID
                return result
            }
        case .replace, .zeros, .none: break
        }
        let builds = operation != .replace && operation != .zeros
        let oldCount = builds ? try existing.byteCount() : 0
        if operation == .overwrite || operation == .overwriteAndResize, offset > oldCount { throw .columnNoChunk }
        let newCount = operation.byteCount(old: oldCount, new: count, offset: offset)
        let most = Int(column.pointee.maximumByteCount)
        if most > 0, newCount > most { throw .columnTooBig }
        let preferred =
            options.contains(.separate)
            ? 4 : options.contains(.intrinsic) ? tables.pointee.intrinsicMost : tables.pointee.preferredIntrinsicMost
        if newCount > preferred {
            result.edit = edit
            result.released = oldID
            return result
        }
        do throws(JetError) {
            try setIntrinsic(
                column, value, newCount, operation, existing, occurrence, offset, wantsCompression)
            result.released = oldID
        } catch {
            let least = threshold == 0 ? tables.pointee.pageByteCount / 2 : threshold
            guard error == .recordTooBig, newCount > least else { throw error }
            result.edit = edit
            result.released = oldID
        }
        return result
    }

    /// Puts the new value together and sets it, compressed if that is wanted, possible and shorter.
    private func setIntrinsic(
        _ column: UnsafePointer<RecordColumn>, _ new: UnsafeRawBufferPointer, _ newCount: Int,
        _ operation: LongValueOperation, _ existing: RecordField, _ occurrence: Int, _ offset: Int,
        _ wantsCompression: Bool
    ) throws(JetError) {
        var value = new
        if operation != .replace {
            let capacity = state.pointee.capacity
            let target = UnsafeMutableRawBufferPointer(start: scratch() + capacity, count: newCount)
            var old = 0
            if operation != .zeros { old = min(try existing.copy(into: target), newCount) }
            target.dropFirst(old).withMemoryRebound(to: UInt8.self) { $0.update(repeating: 0) }
            if let start = new.baseAddress, let base = target.baseAddress {
                switch operation {
                case .append: (base + old).copyMemory(from: start, byteCount: new.count)
                case .overwrite, .overwriteAndResize: (base + offset).copyMemory(from: start, byteCount: new.count)
                default: break
                }
            }
            value = UnsafeRawBufferPointer(target)
        }
        // Only the first of several values can be compressed.
        var isFirst = occurrence == 1
        if wantsCompression, occurrence == 0 {
            isFirst = try view().valueCount(column.pointee.key, ignoresDefault: true) == 0
        }
        if occurrence > 1 { isFirst = false }
        if wantsCompression, isFirst, let packed = Self.compress(value, tables.pointee.minimumForXpress) {
            var failure: JetError?
            packed.withUnsafeBytes { bytes in
                do throws(JetError) {
                    try setTagged(
                        column, bytes, TaggedForm(isCompressed: true), occurrence: occurrence, revertsToDefault: false)
                } catch { failure = error }
            }
            if let failure { throw failure }
            return
        }
        try setTagged(column, value, TaggedForm(), occurrence: occurrence, revertsToDefault: false)
    }

    /// The compressed form of a value in a record; nil if it is to be stored raw.
    static func compress(_ value: UnsafeRawBufferPointer, _ minimumForXpress: Int) -> [UInt8]? {
        guard value.count > 0, isWorthCompressing(value) else { return nil }
        return Compressor.compress(
            RawSpan(_unsafeBytes: value), minimumForXpress: minimumForXpress, leastByteCount: 4)
    }

    /// False for bytes that look like noise: the chi-squared test of the first 1,024 against equal frequency, as ESE
    /// does it from 128 bytes on. Public for chunks of long values, which are tested in the same way.
    public static func isWorthCompressing(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count >= 128 else { return true }
        let count = min(value.count, 1_024)
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 256) { frequency in
            frequency.initialize(repeating: 0)
            for place in 0..<count { frequency[Int(value[place])] &+= 1 }
            // Sum of (n - e)² / e with e = count / 256.
            let expected = Double(count) / 256
            var sum = 0.0
            for number in frequency {
                let difference = Double(number) - expected
                sum += difference * difference / expected
            }
            return sum >= 500
        }
    }

    /// Puts the ID of a long value where a value stands, or adds it.
    /// - Parameter occurrence: As that of `set`.
    /// - Throws: `columnNotFound`, `recordTooBig`.
    public func setLongValue(_ key: ColumnKey, occurrence: Int = 1, _ id: LongValueID) throws(JetError) {
        guard let column = tables.pointee.find(key), column.pointee.type.isLong else { throw .columnNotFound }
        var failure: JetError?
        id.recordBytes.withUnsafeBytes { bytes in
            do throws(JetError) {
                try setTagged(
                    column, bytes, TaggedForm(isSeparated: true), occurrence: occurrence, revertsToDefault: false)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: Distinct values.

    /// Fails if another value of the column is the same. Long values that stand outside are the caller's to compare.
    private func checkUnique(
        _ column: RecordColumn, _ value: UnsafeRawBufferPointer, _ occurrence: Int, _ isNormalized: Bool,
        _ collator: (any TextCollator)?
    ) throws(JetError) {
        let view = try view()
        let count = try view.valueCount(column.key, ignoresDefault: true)
        var normalizer: KeyBuilder?
        var wanted: [UInt8] = []
        if isNormalized, count > 0 {
            normalizer = try Self.normalizer(of: column, collator)
            try Self.normalize(Array(value), &normalizer, into: &wanted)
        }
        var key: [UInt8] = []
        for other in 1..<(count + 1) where other != occurrence {
            let field = try view.field(column.key, occurrence: other)
            if field.traits.contains(.separated) { continue }
            if normalizer == nil, field.isPlain {
                if field.bytes.elementsEqual(value) { throw .multiValuedDuplicate }
                continue
            }
            var plain: [UInt8] = []
            try field.expand(into: &plain)
            if normalizer == nil {
                if plain.elementsEqual(value) { throw .multiValuedDuplicate }
            } else {
                try Self.normalize(plain, &normalizer, into: &key)
                if key == wanted { throw .multiValuedDuplicate }
            }
        }
    }

    private static func normalizer(
        of column: RecordColumn, _ collator: (any TextCollator)?
    ) throws(JetError) -> KeyBuilder {
        let definition = ColumnDefinition(
            id: column.key.id, name: "", type: column.type, flags: column.flags, codePage: column.codePage,
            maximumByteCount: column.maximumByteCount, isFromTemplate: column.isFromTemplate)
        var index = IndexDefinition(
            objectID: ObjectID(0), name: "", rootPage: .none, flags: [],
            segments: [IndexSegment(column: column.key.id, isFromTemplate: column.isFromTemplate)])
        index.maximumKeyByteCount = 2_000
        index.maximumSegmentByteCount = 2_000
        guard let builder = try? KeyBuilder(index: index, columns: [definition], collator: collator) else {
            throw .invalidColumnType
        }
        return builder
    }

    private static func normalize(
        _ value: [UInt8], _ builder: inout KeyBuilder?, into key: inout [UInt8]
    ) throws(JetError) {
        guard let report = try? builder?.build(of: [value], into: &key) else { throw .invalidBufferSize }
        guard report.isExact else { throw .unicodeNormalizationNotSupported }
    }
}
