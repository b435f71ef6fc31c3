// Layer: ESEEngine/7-Table. Uses: DefinitionRequests. Used by: data definition.
// Requests checked, and turned into definitions without numbers.

import ESEFormat

/// Names.
enum DefinitionName {
    /// The most bytes of a name. C name: JET_cbNameMost.
    static let greatestByteCount = 64

    /// Checks a name: 1 to 64 characters of Latin-1, no control characters and none of ! . [ ], no space in front.
    /// - Throws: `invalidName`.
    static func check(_ name: String) throws(JetError) {
        let scalars = name.unicodeScalars
        guard (1...greatestByteCount).contains(scalars.count), scalars.first != " " else { throw .invalidName }
        for scalar in scalars {
            let value = scalar.value
            guard value >= 0x20, value <= 0xff, value != 0x7f, !"!.[]".unicodeScalars.contains(scalar) else {
                throw .invalidName
            }
        }
        guard name.contains(where: { $0 != " " }) else { throw .invalidName }
    }
}

extension ColumnRequest {
    /// How it is stored.
    var storage: ColumnID.Storage {
        if options.contains(.tagged) || type.isLong { return .tagged }
        return options.contains(.fixed) || type.fixedByteCount != nil ? .fixed : .variable
    }

    /// The column, without a number and a place.
    /// - Parameter isExclusive: Whether nobody else has the table open.
    /// - Throws: `invalidName`, `invalidColumnType`, `invalidCodePage`, `invalidGrbit`, `invalidParameter`,
    ///   `cannotBeTagged`, `multiValuedColumnMustBeTagged`, `columnCannotBeCompressed`, `columnCannotBeEncrypted`,
    ///   `exclusiveTableLockRequired`, `defaultValueTooBig`, `featureNotAvailable` for callbacks.
    func definition(isExclusive: Bool) throws(JetError) -> (column: ColumnDefinition, isSizeCut: Bool) {
        try DefinitionName.check(name)
        guard type != .superLongValue else { throw .invalidColumnType }
        guard maximumByteCount <= 0x7fff_ffff else { throw .invalidParameter }
        let hasDefault = defaultValue?.isEmpty == false
        var column = ColumnDefinition(id: ColumnID(0), name: name, type: type)
        if type.isText {
            guard [0, 1_252, 1_200].contains(codePage) else { throw .invalidCodePage }
            column.codePage = codePage == 0 ? 1_252 : codePage
        }
        if options.contains(.compressed), !type.isLong { throw .columnCannotBeCompressed }
        // Values are not encrypted here.
        if options.contains(.encrypted) { throw .columnCannotBeEncrypted }
        if options.contains(.tagged) || type.isLong {
            if options.contains(.fixed) { throw .invalidGrbit }
        } else if options.contains(.multivalued) {
            throw .multiValuedColumnMustBeTagged
        }
        column.flags = try flags(hasDefault, isExclusive)
        if options.contains(.userDefinedDefault) { throw .callbackNotResolved }
        if options.contains(.notNull) { column.flags.insert(.notNull) }
        if options.contains(.multivalued) { column.flags.insert(.multivalued) }
        if options.contains(.compressed) { column.flags.insert(.compressed) }
        var isSizeCut = false
        if let size = type.fixedByteCount {
            column.maximumByteCount = UInt32(size)
        } else if type.isLong {
            column.maximumByteCount = maximumByteCount
        } else {
            isSizeCut = maximumByteCount > 255
            column.maximumByteCount = maximumByteCount == 0 || isSizeCut ? 255 : maximumByteCount
        }
        if hasDefault, let defaultValue {
            column.flags.insert(.hasDefault)
            // The catalog keeps them in a Binary column.
            let most = column.maximumByteCount == 0 ? 255 : min(255, Int(column.maximumByteCount))
            guard defaultValue.count <= most else { throw .defaultValueTooBig }
            if let size = type.fixedByteCount, defaultValue.count != size { throw .invalidBufferSize }
            column.defaultValue = defaultValue
            if storage == .fixed, defaultValue.count < Int(column.maximumByteCount) {
                // As records are filled: text with spaces, others with zeros.
                let rest = Int(column.maximumByteCount) - defaultValue.count
                column.defaultValue = defaultValue + Array(repeating: type == .text ? 0x20 : 0, count: rest)
            }
        }
        return (column, isSizeCut)
    }

    /// The flags of what is special.
    private func flags(_ hasDefault: Bool, _ isExclusive: Bool) throws(JetError) -> ColumnFlags {
        if options.contains(.escrowUpdate) {
            guard type == .long || type == .longLong else { throw .invalidGrbit }
            if options.contains(.tagged) { throw .cannotBeTagged }
            guard options.isDisjoint(with: [.version, .autoincrement]), hasDefault else { throw .invalidGrbit }
            guard isExclusive else { throw .exclusiveTableLockRequired }
            if options.isSuperset(of: [.finalize, .deleteOnZero]) { throw .invalidGrbit }
            var flags: ColumnFlags = .escrowUpdate
            if options.contains(.finalize) { flags.insert(.finalize) }
            if options.contains(.deleteOnZero) { flags.insert(.deleteOnZero) }
            return flags
        }
        guard options.isDisjoint(with: [.finalize, .deleteOnZero]) else { throw .invalidGrbit }
        if options.contains(.autoincrement) {
            guard [.long, .longLong, .unsignedLongLong, .currency].contains(type) else { throw .invalidGrbit }
            if options.contains(.tagged) { throw .cannotBeTagged }
            if options.contains(.version) { throw .invalidGrbit }
            guard isExclusive else { throw .exclusiveTableLockRequired }
            return .autoincrement
        }
        if options.contains(.version) {
            guard type == .long else { throw .invalidGrbit }
            if options.contains(.tagged) { throw .cannotBeTagged }
            return .version
        }
        return []
    }
}

extension IndexRequest {
    /// The most columns of a key. C name: JET_ccolKeyMost.
    static let greatestColumnCount = 16

    /// The longest key that an index may have. C name: JET_cbKeyMost….
    static func greatestKeyByteCount(_ size: PageSize) -> Int {
        switch size.byteCount {
        case ...2_048: 500
        case ...4_096: 1_000
        default: 2_000
        }
    }

    /// The index, without a number and a root.
    /// - Parameters:
    ///   - table: The table with its columns.
    ///   - column: Finds a column by its name.
    /// - Throws: `invalidName`, `invalidGrbit`, `indexInvalidDef`, `columnNotFound`, `cannotIndex`,
    ///   `cannotIndexOnEncryptedColumn`, the errors of substrings, `invalidParameter` for no columns.
    func definition(
        _ catalog: Catalog.Options, _ size: PageSize, density tableDensity: UInt32,
        column find: (String) -> ColumnDefinition?
    ) throws(JetError) -> IndexDefinition {
        try DefinitionName.check(name)
        var index = try checked(size)
        guard density == 0 || (20...100).contains(density) else { throw .densityInvalid }
        index.density = density == 0 ? tableDensity : density
        for (place, part) in key.enumerated() {
            guard let column = find(part.name) else { throw .columnNotFound }
            if column.flags.contains(.encrypted) { throw .cannotIndexOnEncryptedColumn }
            if column.flags.contains(.escrowUpdate) { throw .cannotIndex }
            if column.flags.contains(.multivalued) {
                guard !index.flags.contains(.primary) else { throw .indexInvalidDef }
                index.flags.insert(.multivalued)
            }
            if place == 0, index.flags.contains(.tuples) {
                let isIndexable = column.type.isText || column.type == .binary || column.type == .longBinary
                guard isIndexable else { throw .indexTuplesTextBinaryColumnsOnly }
            }
            if column.type.isText, column.codePage == 1_200 { index.flags.insert(.localized) }
            index.segments.append(
                IndexSegment(
                    column: column.id, isFromTemplate: column.isFromTemplate, isDescending: part.isDescending))
        }
        for condition in conditions {
            guard let column = find(condition.name) else { throw .columnNotFound }
            index.conditions.append(
                IndexSegment(
                    column: column.id, isFromTemplate: column.isFromTemplate, mustBeNull: condition.mustBeNull))
        }
        index.lcMapFlags = SystemCatalog.defaultMapFlags
        index.localeName = catalog.localeName
        if options.contains(.unicode) {
            if mapFlags != 0 { index.lcMapFlags = mapFlags | 0x400 }
            if let localeName { index.localeName = localeName }
            index.flags.insert(.localeSet)
        }
        if index.flags.contains(.localized) {
            guard let version = catalog.sortVersion else { throw .unicodeNormalizationNotSupported }
            (index.sortVersion, index.sortID) = (version, catalog.sortID)
            guard catalog.collator(index) != nil else { throw .invalidLanguageId }
        }
        // What can't be reached is not noted (format map, 6.6).
        let columns = key.compactMap { find($0.name) }
        if index.flags.contains(.primary), columns.allSatisfy({ $0.id.storage == .fixed }) {
            let most = columns.reduce(0) { $0 + 1 + Int($1.maximumByteCount) }
            if most < index.maximumKeyByteCount {
                index.maximumKeyByteCount = most
                index.maximumSegmentByteCount = most
            }
        }
        return index
    }

    /// The index with what does not depend on columns.
    private func checked(_ size: PageSize) throws(JetError) -> IndexDefinition {
        let isPrimary = options.contains(.primary)
        var most = 255
        if options.contains(.keyMost) {
            guard (255...Self.greatestKeyByteCount(size)).contains(maximumKeyByteCount) else { throw .indexInvalidDef }
            most = maximumKeyByteCount
        }
        let ignores = options.intersection([.ignoreNull, .ignoreAnyNull, .ignoreFirstNull])
        if isPrimary, !ignores.isEmpty { throw .invalidGrbit }
        if options.isSuperset(of: [.crossProduct, .nestedTable]) { throw .invalidGrbit }
        if isPrimary, !conditions.isEmpty { throw .indexInvalidDef }
        if options.contains(.empty), !options.contains(.ignoreAnyNull) { throw .invalidGrbit }
        if options.contains(.tupleLimits), tupleLimits == nil { throw .indexInvalidDef }
        guard !key.isEmpty else { throw .invalidParameter }
        guard key.count <= Self.greatestColumnCount, conditions.count <= Self.greatestColumnCount else {
            throw .indexInvalidDef
        }
        var index = IndexDefinition(
            objectID: ObjectID(0), name: name, rootPage: .none, flags: .extendedColumns, segments: [])
        index.maximumKeyByteCount = most
        let hasLimits = options.contains(.tupleLimits)
        let segmentMost = hasLimits || maximumSegmentByteCount == 0 ? most : maximumSegmentByteCount
        guard segmentMost > 0, segmentMost <= most else { throw .indexInvalidDef }
        index.maximumSegmentByteCount = segmentMost
        if !options.isDisjoint(with: [.tuples, .tupleLimits]) {
            guard !isPrimary else { throw .indexTuplesSecondaryIndexOnly }
            guard !options.contains(.unique) else { throw .indexTuplesNonUniqueOnly }
            guard segmentMost == most else { throw .indexTuplesVarSegMacNotAllowed }
            index.flags.insert(.tuples)
            index.tupleLimits = try checkedLimits()
        }
        if options.isDisjoint(with: [.disallowNull, .ignoreAnyNull]) {
            index.flags.insert(.allowSomeNulls)
            if !options.contains(.ignoreFirstNull) {
                index.flags.insert(.allowFirstNull)
                if !options.contains(.ignoreNull) { index.flags.insert(.allowAllNulls) }
            }
        }
        if isPrimary { index.flags.insert([.primary, .unique]) }
        if options.contains(.unique) { index.flags.insert(.unique) }
        if options.contains(.disallowNull) {
            index.flags.insert(.noNullSegment)
        } else if options.contains(.sortNullsHigh) {
            index.flags.insert(.nullsSortHigh)
        }
        if options.contains(.crossProduct) { index.flags.insert(.crossProduct) }
        if options.contains(.nestedTable) { index.flags.insert(.nestedTable) }
        if options.contains(.disallowTruncation) { index.flags.insert(.disallowTruncation) }
        if options.contains(.dotNetGUID) { index.flags.insert(.dotNetGUID) }
        return index
    }

    /// Limits of substrings: ESE's defaults are 3, 10, 32767, 1, 0; the least length is 2, the greatest 255.
    private func checkedLimits() throws(JetError) -> TupleLimits {
        let given = options.contains(.tupleLimits) ? tupleLimits : nil
        func number(_ value: UInt32?, _ standard: UInt32) -> UInt32 {
            value.map { $0 == 0 ? standard : $0 } ?? standard
        }
        let limits = TupleLimits(
            minimumLength: number(given?.minimumLength, 3), maximumLength: number(given?.maximumLength, 10),
            indexedCharacterCount: number(given?.indexedCharacterCount, 32_767),
            increment: number(given?.increment, 1), start: given.map { $0.start == .max ? 0 : $0.start } ?? 0)
        guard (2...255).contains(limits.minimumLength), (2...255).contains(limits.maximumLength),
            limits.minimumLength <= limits.maximumLength, limits.indexedCharacterCount <= 32_767,
            limits.increment <= 0xffff, limits.start <= 0xffff
        else { throw .indexTuplesInvalidLimits }
        return limits
    }
}
