// Layer: Jet. Uses: Definitions, ESEEngine (requests of data definition), TextOrder. Used by: JetABI.
// What callers define, in the engine's terms.

public import ESEEngine
import ESEFormat

extension ColumnRequest {
    /// The engine's request. JET_errInvalidColumnType, JET_errCallbackNotResolved for defaults that are computed.
    public init(_ column: ColumnCreation) throws(JetError) {
        try self.init(column.name, column.definition, column.defaultValue)
    }

    /// The same of parts.
    public init(
        _ name: String, _ definition: ColumnDefinition, _ defaultValue: DefaultDefinition
    ) throws(JetError) {
        guard let type = UInt8(exactly: definition.type).flatMap({ ColumnType(rawValue: $0) }), type != .superLongValue
        else { throw .invalidColumnType }
        var bytes: [UInt8]?
        switch defaultValue {
        case .none: break
        case .value(let value): bytes = value
        // A function of another library: there are none of these here.
        case .computed: throw .callbackNotResolved
        }
        self.init(
            name, type, ColumnOptions(rawValue: definition.flags), maximumByteCount: definition.byteCountMost,
            codePage: UInt32(definition.codePage), defaultValue: bytes)
    }
}

extension IndexRequest {
    /// The engine's request. JET_errInvalidGrbit, JET_errInvalidLanguageId for the number of a locale that is not
    /// known, JET_errIndexInvalidDef for a number of a locale where a structure is needed.
    public init(_ index: IndexCreation) throws(JetError) {
        self.init(
            index.name, index.key.map { IndexRequest.KeyColumn($0.name, isDescending: $0.isDescending) },
            IndexOptions(rawValue: index.flags))
        density = index.density
        if let hints = index.spaceHints, hints.initialDensity != 0 { density = hints.initialDensity }
        maximumKeyByteCount = Int(index.keyByteCountMost ?? 255)
        maximumSegmentByteCount = Int(index.variableByteCountMost)
        if let limits = index.tupleLimits {
            tupleLimits = ESEFormat.TupleLimits(
                minimumLength: limits.lengthMin, maximumLength: limits.lengthMax,
                indexedCharacterCount: limits.toIndexMax, increment: limits.increment, start: limits.start)
        }
        switch index.locale {
        case .standard: break
        case .number(let number):
            localeName = try LocaleNumber.name(of: number)
            options.insert(.unicode)
        case .numberAndFlags(let number, let flags):
            localeName = try LocaleNumber.name(of: number)
            mapFlags = flags
        case .nameAndFlags(let name, let flags):
            localeName = name
            mapFlags = flags
        }
        for condition in index.conditions {
            // C names: JET_bitIndexColumnMustBeNull, JET_bitIndexColumnMustBeNonNull.
            guard condition.flags == 1 || condition.flags == 2 else { throw .invalidGrbit }
            conditions.append(IndexRequest.Condition(condition.column, mustBeNull: condition.flags == 1))
        }
    }
}

extension TableRequest {
    /// The engine's request without columns and indexes. JET_errInvalidGrbit; JET_errCallbackNotResolved and
    /// JET_errInvalidParameter for callbacks.
    public init(_ table: TableCreation) throws(JetError) {
        // A function of another library: there are none of these here.
        if table.callback != nil { throw .callbackNotResolved }
        if table.callbackEvents != 0 { throw .invalidParameter }
        let known: TableOptions = [.fixedDDL, .template, .noFixedOrVariableColumnsInDerivedTables]
        let immutableStructure: UInt32 = 0x8
        guard table.flags & ~(known.rawValue | immutableStructure) == 0 else { throw .invalidGrbit }
        self.init(table.name)
        templateName = table.template
        pageCount = table.pageCount
        density = table.density
        if let hints = table.spaceHints, hints.initialDensity != 0 { density = hints.initialDensity }
        options = TableOptions(rawValue: table.flags).intersection(known)
    }
}
