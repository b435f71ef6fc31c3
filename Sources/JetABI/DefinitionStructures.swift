// Layer: JetABI. Uses: Memory, Text, Structures. Used by: Definitions+Tables.
// The structures of definitions in all their versions. Those for 8-bit characters and for UTF-16 have the same layout,
// so all are read as the latter, and their text as what it is.

import CJet
import ESEEngine
import ESEFormat
import Jet

/// Text at an address of either kind; nil for NULL.
func text<Unit: TextUnit>(_ unit: Unit.Type, _ address: UnsafeMutablePointer<WCHAR>?) throws(JetError) -> String? {
    try readText(UnsafeRawPointer(address).map { $0.assumingMemoryBound(to: Unit.self) })
}

/// The same, which must be there as a name. JET_errInvalidName.
func name<Unit: TextUnit>(_ unit: Unit.Type, _ address: UnsafeMutablePointer<WCHAR>?) throws(JetError) -> String {
    guard let name = try text(unit, address) else { throw .invalidName }
    return name
}

/// A name that a function was given. JET_errInvalidName for NULL.
func givenName<Unit: TextUnit>(_ address: UnsafePointer<Unit>?) throws(JetError) -> String {
    guard let name = try readText(address) else { throw .invalidName }
    return name
}

/// JET's number of a column's type. JET_errInvalidColumnType.
func columnType(_ coltyp: JET_COLTYP) throws(JetError) -> ColumnType {
    guard let type = UInt8(exactly: coltyp).flatMap({ ColumnType(rawValue: $0) }), type != .superLongValue else {
        throw .invalidColumnType
    }
    return type
}

/// Bytes of a default value. JET_errInvalidParameter for some without an address.
func defaultBytes(_ address: UnsafeRawPointer?, _ count: UInt32) throws(JetError) -> [UInt8]? {
    guard count > 0 else { return nil }
    guard let address, count <= Limit.value else { throw .invalidParameter }
    // The engine refuses what is longer than any default may be; only so much is copied that it can see that.
    return [UInt8](UnsafeRawBufferPointer(start: address, count: min(Int(count), 4_096)))
}

extension ColumnRequest {
    /// The request of a structure. JET_errInvalidName, JET_errInvalidColumnType, JET_errInvalidParameter.
    init<Unit: TextUnit>(_ unit: Unit.Type, _ one: JET_COLUMNCREATE_W) throws(JetError) {
        self.init(
            try JetABI.name(unit, one.szColumnName), try columnType(one.coltyp), ColumnOptions(rawValue: one.grbit),
            maximumByteCount: one.cbMax, codePage: one.cp, defaultValue: try defaultBytes(one.pvDefault, one.cbDefault))
    }
}

// MARK: Indexes

/// The versions of JET_INDEXCREATE.
enum IndexStructure {
    /// JET_INDEXCREATE: locales have numbers.
    case first
    /// JET_INDEXCREATE2: with hints for space.
    case second
    /// JET_INDEXCREATE3: locales have names.
    case third

    /// C name: cbStruct.
    var byteCount: Int {
        self == .first ? MemoryLayout<JET_INDEXCREATE_W>.stride : MemoryLayout<JET_INDEXCREATE3_W>.stride
    }
}

/// An array of JET_INDEXCREATE structures.
struct IndexStructures {
    let start: UnsafeMutableRawPointer?
    let count: Int
    let version: IndexStructure

    /// JET_errInvalidParameter for too many, `missing` for some without an address.
    init(
        _ start: UnsafeMutableRawPointer?, _ count: UInt32, _ version: IndexStructure, missing: JetError
    ) throws(JetError) {
        guard count <= Limit.elements else { throw .invalidParameter }
        guard start != nil || count == 0 else { throw missing }
        self.start = start
        self.count = Int(count)
        self.version = version
    }

    /// One of them, as far as its version goes.
    private subscript(index: Int) -> UnsafeMutablePointer<JET_INDEXCREATE3_W> {
        (start.unsafelyUnwrapped + index * version.byteCount).assumingMemoryBound(to: JET_INDEXCREATE3_W.self)
    }

    /// Says what became of one. C name: err.
    func setError(_ error: JET_ERR, of index: Int) { self[index].pointee.err = error }

    /// Whether all have the size of their version.
    var haveSoundSizes: Bool { (0..<count).allSatisfy { Int(self[$0].pointee.cbStruct) == version.byteCount } }

    /// The request of one.
    /// - Throws: JET_errInvalidName, JET_errIndexInvalidDef, JET_errInvalidParameter, JET_errInvalidGrbit,
    ///   JET_errInvalidLanguageId, JET_errSpaceHintsInvalid.
    func request<Unit: TextUnit>(_ unit: Unit.Type, _ index: Int) throws(JetError) -> IndexRequest {
        let one = self[index]
        let key = try IndexKey(unit, one.pointee.szKey, one.pointee.cbKey)
        var request = IndexRequest(
            try name(unit, one.pointee.szIndexName), on: key.columns, IndexOptions(rawValue: one.pointee.grbit))
        request.density = one.pointee.ulDensity
        if version != .first, let hints = one.pointee.pSpacehints {
            guard Int(hints.pointee.cbStruct) == MemoryLayout<JET_SPACEHINTS>.stride else { throw .spaceHintsInvalid }
            if hints.pointee.ulInitialDensity != 0 { request.density = hints.pointee.ulInitialDensity }
        }
        request.maximumKeyByteCount = Int(one.pointee.cbKeyMost)
        if request.options.contains(.tupleLimits) {
            guard let limits = one.pointee.ptuplelimits else { throw .indexInvalidDef }
            request.tupleLimits = TupleLimits(
                minimumLength: limits.pointee.chLengthMin, maximumLength: limits.pointee.chLengthMax,
                indexedCharacterCount: limits.pointee.chToIndexMax, increment: limits.pointee.cchIncrement,
                start: limits.pointee.ichStart)
        } else {
            request.maximumSegmentByteCount = Int(one.pointee.cbVarSegMac)
            if request.maximumSegmentByteCount == 0 { request.maximumSegmentByteCount = key.maximumSegmentByteCount }
        }
        try setLocale(of: &request, one, key.language)
        let conditions = try elements(one.pointee.rgconditionalcolumn, one.pointee.cConditionalColumn)
        for condition in conditions {
            guard Int(condition.cbStruct) == MemoryLayout<JET_CONDITIONALCOLUMN_W>.stride else {
                throw .indexInvalidDef
            }
            let mustBeNull = condition.grbit == JET_GRBIT(JET_bitIndexColumnMustBeNull)
            guard mustBeNull || condition.grbit == JET_GRBIT(JET_bitIndexColumnMustBeNonNull) else {
                throw .invalidGrbit
            }
            request.conditions.append(
                IndexRequest.Condition(try name(unit, condition.szColumnName), mustBeNull: mustBeNull))
        }
        return request
    }

    private func setLocale(
        of request: inout IndexRequest, _ one: UnsafeMutablePointer<JET_INDEXCREATE3_W>, _ keyLanguage: UInt16
    ) throws(JetError) {
        if version == .third {
            guard request.options.contains(.unicode) else { return }
            guard let locale = one.pointee.pidxunicode else { throw .indexInvalidDef }
            request.localeName = try readText(locale.pointee.szLocaleName)
            request.mapFlags = locale.pointee.dwMapFlags
            return
        }
        // A union: an address if the flag says so, else the number.
        let word = UInt(bitPattern: one.pointee.pidxunicode)
        var number = UInt32(truncatingIfNeeded: word)
        if request.options.contains(.unicode) {
            guard let locale = UnsafePointer<JET_UNICODEINDEX>(bitPattern: word) else { throw .indexInvalidDef }
            number = locale.pointee.lcid
            request.mapFlags = locale.pointee.dwMapFlags
        } else if number == 0 {
            number = UInt32(keyLanguage)
        }
        guard number != 0 else { return }
        request.options.insert(.unicode)
        request.localeName = try LocaleNumber.name(of: number)
    }
}

/// The key of an index as callers write it: "+name" or "-name", each with its NUL, a last NUL; behind it there may be
/// the number of a language, and the most bytes of a column, each with two NULs.
struct IndexKey {
    private(set) var columns: [String] = []
    private(set) var language: UInt16 = 0
    private(set) var maximumSegmentByteCount = 0

    /// - Throws: JET_errInvalidParameter for no key, JET_errIndexInvalidDef.
    init<Unit: TextUnit>(
        _ unit: Unit.Type, _ address: UnsafeRawPointer?, _ byteCount: UInt32
    ) throws(JetError) {
        let size = MemoryLayout<Unit>.size
        guard byteCount > 0 else { throw .invalidParameter }
        guard let address, byteCount <= Limit.text else { throw .invalidParameter }
        let count = Int(byteCount) / size
        let units = UnsafeBufferPointer(start: address.assumingMemoryBound(to: Unit.self), count: count)
        let first = Unit(truncatingIfNeeded: 0x2b)
        let second = Unit(truncatingIfNeeded: 0x2d)
        guard count > 2, units[0] == first || units[0] == second, units[count - 1] == 0, units[count - 2] == 0 else {
            throw .indexInvalidDef
        }
        var start = 0
        while start < count, units[start] != 0 {
            guard let end = units[start...].firstIndex(of: 0) else { throw .indexInvalidDef }
            columns.append(Unit.decode(UnsafeBufferPointer(rebasing: units[start..<end])))
            guard columns.count <= Int(JET_ccolKeyMost) else { throw .indexInvalidDef }
            start = end + 1
        }
        let rest = Int(byteCount) - (start + 1) * size
        guard rest > 0 else { return }
        let tail = address + (start + 1) * size
        guard rest >= 2 + 2 * size else { throw .indexInvalidDef }
        language = tail.loadUnaligned(as: UInt16.self)
        guard rest > 2 + 2 * size else { return }
        maximumSegmentByteCount = Int(tail.load(fromByteOffset: 2 + 2 * size, as: UInt8.self))
    }
}

// MARK: Tables

/// What all versions of JET_TABLECREATE have in common.
protocol TableStructure: BitwiseCopyable {
    var cbStruct: UInt32 { get }
    var szTableName: UnsafeMutablePointer<WCHAR>! { get }
    var szTemplateTableName: UnsafeMutablePointer<WCHAR>! { get }
    var ulPages: UInt32 { get }
    var ulDensity: UInt32 { get }
    var rgcolumncreate: UnsafeMutablePointer<JET_COLUMNCREATE_W>! { get }
    var cColumns: UInt32 { get }
    var cIndexes: UInt32 { get }
    var grbit: JET_GRBIT { get }
    var tableid: JET_TABLEID { get set }
    var cCreated: UInt32 { get set }

    var indexes: UnsafeMutableRawPointer? { get }
    static var indexVersion: IndexStructure { get }
    var callback: UnsafeMutablePointer<WCHAR>? { get }
    var callbackType: JET_CBTYP { get }
    var hints: UnsafeMutablePointer<JET_SPACEHINTS>? { get }
}

extension JET_TABLECREATE_W: TableStructure {
    var indexes: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(rgindexcreate) }
    static var indexVersion: IndexStructure { .first }
    var callback: UnsafeMutablePointer<WCHAR>? { nil }
    var callbackType: JET_CBTYP { 0 }
    var hints: UnsafeMutablePointer<JET_SPACEHINTS>? { nil }
}

extension JET_TABLECREATE2_W: TableStructure {
    var indexes: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(rgindexcreate) }
    static var indexVersion: IndexStructure { .first }
    var callback: UnsafeMutablePointer<WCHAR>? { szCallback }
    var callbackType: JET_CBTYP { cbtyp }
    var hints: UnsafeMutablePointer<JET_SPACEHINTS>? { nil }
}

extension JET_TABLECREATE3_W: TableStructure {
    var indexes: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(rgindexcreate) }
    static var indexVersion: IndexStructure { .second }
    var callback: UnsafeMutablePointer<WCHAR>? { szCallback }
    var callbackType: JET_CBTYP { cbtyp }
    var hints: UnsafeMutablePointer<JET_SPACEHINTS>? { pSeqSpacehints }
}

extension JET_TABLECREATE4_W: TableStructure {
    var indexes: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(rgindexcreate) }
    static var indexVersion: IndexStructure { .third }
    var callback: UnsafeMutablePointer<WCHAR>? { szCallback }
    var callbackType: JET_CBTYP { cbtyp }
    var hints: UnsafeMutablePointer<JET_SPACEHINTS>? { pSeqSpacehints }
}
