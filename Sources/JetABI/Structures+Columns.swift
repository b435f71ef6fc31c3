// Layer: JetABI. Uses: Structures, Text. Used by: exports.
// Structures of columns and values. Those with text have one layout for both kinds of text, so the A structure is read
// for both, its pointers to text as what they point to; Tests/JetABITests compares the layouts.

import CJet
import ESEEngine
import Jet

extension ColumnDefinition {
    /// A definition. JET_errInvalidParameter for NULL or a wrong cbStruct.
    init(_ pointer: UnsafePointer<JET_COLUMNDEF>?) throws(JetError) {
        let given = try required(pointer).pointee
        try checkSize(given.cbStruct, of: JET_COLUMNDEF.self)
        self.init(type: given.coltyp, codePage: given.cp, byteCountMost: given.cbMax, flags: given.grbit)
    }
}

extension JET_COLUMNDEF {
    /// A definition for the caller.
    init(_ definition: ColumnDefinition, id: JET_COLUMNID) {
        self.init(
            cbStruct: UInt32(MemoryLayout<JET_COLUMNDEF>.size), columnid: id, coltyp: definition.type, wCountry: 0,
            langid: 0, cp: definition.codePage, wCollate: 0, cbMax: definition.byteCountMost,
            grbit: definition.flags)
    }
}

/// Bytes of callers. JET_errInvalidParameter for too many, or some without an address.
func bytes(_ address: UnsafeRawPointer?, _ byteCount: UInt32) throws(JetError) -> UnsafeRawBufferPointer {
    guard byteCount > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let address, byteCount <= Limit.value else { throw .invalidParameter }
    return UnsafeRawBufferPointer(start: address, count: Int(byteCount))
}

/// The text behind a pointer that the A structure has, whichever it is.
func readText<Unit: TextUnit>(
    _ address: UnsafeMutablePointer<CChar>?, as unit: Unit.Type
) throws(JetError) -> String? {
    try readText(UnsafeRawPointer(address)?.assumingMemoryBound(to: Unit.self))
}

/// A list of texts, each with its NUL, and a last NUL. JET_errInvalidParameter for one that doesn't end.
func readTexts<Unit: TextUnit>(
    _ address: UnsafeMutablePointer<CChar>?, as unit: Unit.Type
) throws(JetError) -> [String] {
    guard var next = UnsafeRawPointer(address)?.assumingMemoryBound(to: Unit.self) else { return [] }
    var texts: [String] = []
    while next.pointee != 0 {
        guard texts.count < Limit.elements else { throw .invalidParameter }
        var count = 0
        while next[count] != 0 {
            count += 1
            guard count <= Limit.text else { throw .invalidParameter }
        }
        texts.append(Unit.decode(UnsafeBufferPointer(start: next, count: count)))
        next += count + 1
    }
    return texts
}

extension DefaultDefinition {
    /// What pvDefault and cbDefault of a column say.
    init<Unit: TextUnit>(
        _ pvDefault: UnsafeRawPointer?, _ cbDefault: UInt32, flags: UInt32, text: Unit.Type
    ) throws(JetError) {
        guard flags & UInt32(JET_bitColumnUserDefinedDefault) != 0 else {
            let value = try bytes(pvDefault, cbDefault)
            self = value.isEmpty ? .none : .value([UInt8](value))
            return
        }
        guard Int(cbDefault) == MemoryLayout<JET_USERDEFINEDDEFAULT_A>.size else { throw .invalidParameter }
        let given = try required(pvDefault).loadUnaligned(as: JET_USERDEFINEDDEFAULT_A.self)
        self = .computed(
            callback: try required(try readText(given.szCallback, as: text)),
            userData: [UInt8](try bytes(given.pbUserData, given.cbUserData)),
            dependentColumns: try readTexts(given.szDependantColumns, as: text))
    }
}

extension ColumnCreation {
    /// A column of JET_COLUMNCREATE_A or _W. JET_errInvalidParameter.
    init<Unit: TextUnit>(_ given: JET_COLUMNCREATE_A, text: Unit.Type) throws(JetError) {
        try checkSize(given.cbStruct, of: JET_COLUMNCREATE_A.self)
        self.init(
            name: try required(try readText(given.szColumnName, as: text)),
            definition: ColumnDefinition(
                type: given.coltyp, codePage: UInt16(truncatingIfNeeded: given.cp), byteCountMost: given.cbMax,
                flags: given.grbit),
            defaultValue: try DefaultDefinition(given.pvDefault, given.cbDefault, flags: given.grbit, text: text))
    }
}

extension ValuePlace {
    /// What JET_SETINFO says; without one, all of the first value.
    init(_ pointer: UnsafePointer<JET_SETINFO>?) throws(JetError) {
        guard let given = pointer?.pointee else {
            self.init()
            return
        }
        try checkSize(given.cbStruct, of: JET_SETINFO.self)
        self.init(byteOffset: given.ibLongValue, valueNumber: given.itagSequence)
    }

    /// What JET_RETINFO says; without one, all of the first value.
    init(_ pointer: UnsafePointer<JET_RETINFO>?) throws(JetError) {
        guard let given = pointer?.pointee else {
            self.init()
            return
        }
        try checkSize(given.cbStruct, of: JET_RETINFO.self)
        self.init(byteOffset: given.ibLongValue, valueNumber: given.itagSequence)
    }
}

extension JET_SETCOLUMN {
    /// Where the value goes.
    var place: ValuePlace { ValuePlace(byteOffset: ibLongValue, valueNumber: itagSequence) }

    /// The value's bytes; of no address those of a value that is only resized. JET_errInvalidParameter.
    func value() throws(JetError) -> UnsafeRawBufferPointer {
        let isLengthOnly = grbit & JET_GRBIT(JET_bitSetSizeLV) != 0
        if pvData == nil && isLengthOnly { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return try bytes(pvData, cbData)
    }
}

extension JET_RETRIEVECOLUMN {
    /// Where the value is.
    var place: ValuePlace { ValuePlace(byteOffset: ibLongValue, valueNumber: itagSequence) }

    /// Where it is to be stored. JET_errInvalidParameter.
    func buffer() throws(JetError) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(mutating: try bytes(pvData, cbData))
    }
}
