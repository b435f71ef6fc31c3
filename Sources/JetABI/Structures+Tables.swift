// Layer: JetABI. Uses: Structures, Structures+Columns. Used by: exports.
// Structures of indexes and tables, of all versions. A version's fields stand where those of the one before stand, with
// the new ones behind them; the tables' results move. See Structures+Columns on the two kinds of text.

import CJet
import ESEEngine
import Jet

/// Versions of JET_INDEXCREATE.
enum IndexStructure: Int, CaseIterable {
    /// JET_INDEXCREATE.
    case first = 1
    /// JET_INDEXCREATE2: with hints for space.
    case second = 2
    /// JET_INDEXCREATE3: with the name of the locale.
    case third = 3

    /// Bytes of one that ends before cbKeyMost, as Windows XP had it.
    static let oldByteCount = 72

    /// Whether cbStruct is right.
    func allows(_ byteCount: UInt32) -> Bool {
        switch self {
        case .first:
            Int(byteCount) == MemoryLayout<JET_INDEXCREATE_A>.size || Int(byteCount) == Self.oldByteCount
        case .second: Int(byteCount) == MemoryLayout<JET_INDEXCREATE2_A>.size
        case .third: Int(byteCount) == MemoryLayout<JET_INDEXCREATE3_A>.size
        }
    }
}

extension SpaceHints {
    /// Hints, or nil for NULL. JET_errInvalidParameter for a wrong cbStruct.
    static func read(_ pointer: UnsafePointer<JET_SPACEHINTS>?) throws(JetError) -> SpaceHints? {
        guard let given = pointer?.pointee else { return nil }
        try checkSize(given.cbStruct, of: JET_SPACEHINTS.self)
        return SpaceHints(
            initialDensity: given.ulInitialDensity, initialByteCount: given.cbInitial, flags: given.grbit,
            maintenanceDensity: given.ulMaintDensity, growth: given.ulGrowth, extentByteCountMin: given.cbMinExtent,
            extentByteCountMax: given.cbMaxExtent)
    }
}

/// The columns of a key: a list of "+name" or "-name", each with its NUL, and a last NUL; `byteCount` counts all of it.
/// JET_errInvalidParameter for nothing, JET_errIndexInvalidDef for anything else.
func readKey<Unit: TextUnit>(
    _ address: UnsafeRawPointer?, _ byteCount: UInt32, text: Unit.Type
) throws(JetError) -> [KeyColumn] {
    guard let address, byteCount > 0, byteCount <= Limit.elements else { throw .invalidParameter }
    let size = MemoryLayout<Unit>.size
    let units = UnsafeBufferPointer(start: address.assumingMemoryBound(to: Unit.self), count: Int(byteCount) / size)
    let (plus, minus) = (Unit(0x2B), Unit(0x2D))
    guard Int(byteCount) % size == 0, units.count > 2, units[0] == plus || units[0] == minus,
        units[units.count - 1] == 0, units[units.count - 2] == 0
    else { throw .indexInvalidDef }
    var columns: [KeyColumn] = []
    var start = 0
    while units[start] != 0 {
        var end = start
        while units[end] != 0 { end += 1 }
        let isSigned = units[start] == plus || units[start] == minus
        let name = Unit.decode(UnsafeBufferPointer(rebasing: units[(start + (isSigned ? 1 : 0))..<end]))
        columns.append(KeyColumn(name: name, isDescending: units[start] == minus))
        // The last two units are NUL, so the next one is inside.
        start = end + 1
    }
    guard start == units.count - 1 else { throw .indexInvalidDef }
    return columns
}

/// An index of a caller: the address of one of the structures, and its results.
struct GivenIndex {
    private let address: UnsafeMutableRawPointer

    /// JET_errInvalidParameter for a wrong cbStruct.
    init(_ address: UnsafeMutableRawPointer, _ version: IndexStructure) throws(JetError) {
        guard version.allows(address.load(as: UInt32.self)) else { throw .invalidParameter }
        self.address = address
        self.version = version
    }

    private let version: IndexStructure

    /// Bytes to the next one of an array.
    var byteCount: Int { Int(address.load(as: UInt32.self)) }

    /// Tells the result of this one. C name: err.
    func setResult(_ error: JET_ERR) {
        guard let offset = MemoryLayout<JET_INDEXCREATE_A>.offset(of: \.err) else { return }
        address.storeBytes(of: error, toByteOffset: offset, as: JET_ERR.self)
    }

    /// What is to be made. JET_errInvalidParameter, JET_errIndexInvalidDef.
    func creation<Unit: TextUnit>(text: Unit.Type) throws(JetError) -> IndexCreation {
        // The fields up to cConditionalColumn and err stand in the same places in all versions.
        var first = JET_INDEXCREATE_A()
        withUnsafeMutableBytes(of: &first) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min($0.count, byteCount)))
        }
        var index = IndexCreation(
            name: try required(try readText(first.szIndexName, as: text)),
            key: try readKey(first.szKey, first.cbKey, text: text), flags: first.grbit, density: first.ulDensity)
        index.locale = try locale(first, has: UInt32(JET_bitIndexUnicode))
        if first.grbit & UInt32(JET_bitIndexTupleLimits) != 0 {
            let limits = try required(first.ptuplelimits).pointee
            index.tupleLimits = TupleLimits(
                lengthMin: limits.chLengthMin, lengthMax: limits.chLengthMax, toIndexMax: limits.chToIndexMax,
                increment: limits.cchIncrement, start: limits.ichStart)
        } else {
            index.variableByteCountMost = first.cbVarSegMac
        }
        for condition in try elements(first.rgconditionalcolumn, first.cConditionalColumn) {
            try checkSize(condition.cbStruct, of: JET_CONDITIONALCOLUMN_A.self)
            index.conditions.append(
                IndexCondition(
                    column: try required(try readText(condition.szColumnName, as: text)), flags: condition.grbit))
        }
        if first.grbit & UInt32(JET_bitIndexKeyMost) != 0 {
            guard byteCount > IndexStructure.oldByteCount else { throw .invalidParameter }
            index.keyByteCountMost = first.cbKeyMost
        }
        if version != .first {
            index.spaceHints = try SpaceHints.read(address.load(as: JET_INDEXCREATE2_A.self).pSpacehints)
        }
        return index
    }

    private func locale(_ first: JET_INDEXCREATE_A, has flag: UInt32) throws(JetError) -> IndexLocale {
        let isUnicode = first.grbit & flag != 0
        if version == .third {
            guard isUnicode else { return .standard }
            let given = try required(address.load(as: JET_INDEXCREATE3_A.self).pidxunicode).pointee
            guard let name = try readText(given.szLocaleName) else { return .standard }
            return .nameAndFlags(name, mapFlags: given.dwMapFlags)
        }
        guard isUnicode else { return first.lcid == 0 ? .standard : .number(first.lcid) }
        let given = try required(first.pidxunicode).pointee
        return .numberAndFlags(given.lcid, mapFlags: given.dwMapFlags)
    }
}

/// The indexes of an array of callers. JET_errInvalidParameter.
func givenIndexes(
    _ address: UnsafeMutableRawPointer?, _ count: UInt32, _ version: IndexStructure
) throws(JetError) -> [GivenIndex] {
    guard count > 0 else { return [] }
    guard var next = address, count <= Limit.elements else { throw .invalidParameter }
    var indexes: [GivenIndex] = []
    for _ in 0..<count {
        let index = try GivenIndex(next, version)
        indexes.append(index)
        next += index.byteCount
    }
    return indexes
}

/// A table of a caller, and where its results go.
struct GivenTable {
    /// Its name and options, without columns and indexes.
    var creation: TableCreation
    /// Its columns. `columnid` and `err` are results.
    let columns: UnsafeMutableBufferPointer<JET_COLUMNCREATE_A>
    /// Its indexes. `setResult` takes their results.
    let indexes: [GivenIndex]
    private let tableID: UnsafeMutablePointer<JET_TABLEID>
    private let createdCount: UnsafeMutablePointer<UInt32>

    /// Tells the results: the cursor, and how many objects were made. C names: tableid, cCreated.
    func setResults(cursor: JET_TABLEID, createdCount count: Int) {
        tableID.pointee = cursor
        createdCount.pointee = UInt32(clamping: count)
    }
}

extension GivenTable {
    private init<Structure>(
        _ pointer: UnsafeMutablePointer<Structure>, _ creation: TableCreation,
        _ columns: UnsafeMutableBufferPointer<JET_COLUMNCREATE_A>, _ indexes: [GivenIndex],
        _ tableID: WritableKeyPath<Structure, JET_TABLEID>, _ createdCount: WritableKeyPath<Structure, UInt32>
    ) throws(JetError) {
        self.creation = creation
        self.columns = columns
        self.indexes = indexes
        self.tableID = try required(pointer.pointer(to: tableID))
        self.createdCount = try required(pointer.pointer(to: createdCount))
    }

    /// A table of JET_TABLECREATE_A or _W. JET_errInvalidParameter.
    init<Unit: TextUnit>(_ pointer: UnsafeMutablePointer<JET_TABLECREATE_A>?, text: Unit.Type) throws(JetError) {
        let pointer = try required(pointer)
        let given = pointer.pointee
        try checkSize(given.cbStruct, of: JET_TABLECREATE_A.self)
        let creation = TableCreation(
            name: try required(try readText(given.szTableName, as: text)),
            template: try readText(given.szTemplateTableName, as: text), pageCount: given.ulPages,
            density: given.ulDensity, flags: given.grbit)
        try self.init(
            pointer, creation, try elements(given.rgcolumncreate, given.cColumns),
            try givenIndexes(given.rgindexcreate, given.cIndexes, .first), \.tableid, \.cCreated)
    }

    /// A table of JET_TABLECREATE2_A or _W. JET_errInvalidParameter.
    init<Unit: TextUnit>(_ pointer: UnsafeMutablePointer<JET_TABLECREATE2_A>?, text: Unit.Type) throws(JetError) {
        let pointer = try required(pointer)
        let given = pointer.pointee
        try checkSize(given.cbStruct, of: JET_TABLECREATE2_A.self)
        var creation = TableCreation(
            name: try required(try readText(given.szTableName, as: text)),
            template: try readText(given.szTemplateTableName, as: text), pageCount: given.ulPages,
            density: given.ulDensity, flags: given.grbit)
        creation.callback = try readText(given.szCallback, as: text)
        creation.callbackEvents = given.cbtyp
        try self.init(
            pointer, creation, try elements(given.rgcolumncreate, given.cColumns),
            try givenIndexes(given.rgindexcreate, given.cIndexes, .first), \.tableid, \.cCreated)
    }

    /// A table of JET_TABLECREATE3_A or _W. JET_errInvalidParameter.
    init<Unit: TextUnit>(_ pointer: UnsafeMutablePointer<JET_TABLECREATE3_A>?, text: Unit.Type) throws(JetError) {
        try self.init(pointer, text: text, .second)
    }

    /// A table of JET_TABLECREATE4_A or _W. JET_errInvalidParameter.
    init<Unit: TextUnit>(_ pointer: UnsafeMutablePointer<JET_TABLECREATE4_A>?, text: Unit.Type) throws(JetError) {
        // Only what the array of indexes holds differs.
        try self.init(
            UnsafeMutableRawPointer(pointer)?.assumingMemoryBound(to: JET_TABLECREATE3_A.self), text: text, .third)
    }

    private init<Unit: TextUnit>(
        _ pointer: UnsafeMutablePointer<JET_TABLECREATE3_A>?, text: Unit.Type, _ indexes: IndexStructure
    ) throws(JetError) {
        let pointer = try required(pointer)
        let given = pointer.pointee
        try checkSize(given.cbStruct, of: JET_TABLECREATE3_A.self)
        var creation = TableCreation(
            name: try required(try readText(given.szTableName, as: text)),
            template: try readText(given.szTemplateTableName, as: text), pageCount: given.ulPages,
            density: given.ulDensity, flags: given.grbit)
        creation.callback = try readText(given.szCallback, as: text)
        creation.callbackEvents = given.cbtyp
        creation.spaceHints = try SpaceHints.read(given.pSeqSpacehints)
        creation.longValueSpaceHints = try SpaceHints.read(given.pLVSpacehints)
        creation.separationByteCount = given.cbSeparateLV
        try self.init(
            pointer, creation, try elements(given.rgcolumncreate, given.cColumns),
            try givenIndexes(given.rgindexcreate, given.cIndexes, indexes), \.tableid, \.cCreated)
    }
}
