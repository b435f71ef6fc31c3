// Layer: JetABI. Uses: Jet. Used by: Exports+DefinitionsInformation.
// Temporary tables: what the exported functions do.

import CJet
import ESEEngine
import Jet

/// How text is compared: the numbers or the name of a locale, and flags.
private struct GivenLocale {
    var name: String?
    var flags: UInt32 = 0

    init() {}

    init(_ index: UnsafePointer<JET_UNICODEINDEX>?) throws(JetError) {
        guard let index else { return }
        name = try LocaleNumber.name(of: index.pointee.lcid)
        flags = index.pointee.dwMapFlags
    }

    init(_ index: UnsafePointer<JET_UNICODEINDEX2>?) throws(JetError) {
        guard let index else { return }
        name = try readText(index.pointee.szLocaleName)
        flags = index.pointee.dwMapFlags
    }
}

/// Makes a temporary table; its cursor. The columns' numbers are written last, so that nothing is left after an error.
private func openTemporaryTable(
    _ sesid: JET_SESID, _ definitions: UnsafePointer<JET_COLUMNDEF>?, _ count: UInt32, _ locale: GivenLocale,
    _ grbit: JET_GRBIT, _ ids: UnsafeMutablePointer<JET_COLUMNID>?, keyMost: UInt32 = 0, segmentMost: UInt32 = 0
) throws(JetError) -> JET_TABLEID {
    let columns = try elements(UnsafeMutablePointer(mutating: definitions), count)
    guard !columns.isEmpty else { throw .invalidParameter }
    let ids = try required(ids)
    var request = TemporaryTableRequest([])
    for column in columns {
        try checkSize(column.cbStruct, of: JET_COLUMNDEF.self)
        let one = try ColumnRequest("c", ColumnDefinition(type: column.coltyp), .none)
        request.columns.append(
            TemporaryTableRequest.Column(
                one.type, ColumnOptions(rawValue: column.grbit), maximumByteCount: column.cbMax,
                codePage: UInt32(column.cp), isKey: column.grbit & JET_GRBIT(JET_bitColumnTTKey) != 0,
                isDescending: column.grbit & JET_GRBIT(JET_bitColumnTTDescending) != 0))
    }
    guard keyMost <= Limit.text, segmentMost <= Limit.text else { throw .invalidParameter }
    request.maximumKeyByteCount = Int(keyMost)
    request.maximumSegmentByteCount = Int(segmentMost)
    request.localeName = locale.name
    request.mapFlags = locale.flags
    let made = try library.openTemporaryTable(sesid, request, TemporaryTableFlags(rawValue: grbit))
    for (index, key) in made.columns.enumerated() { ids[index] = key.rawValue }
    return made.cursor
}

func openTempTable(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32, _ grbit: JET_GRBIT,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?, _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR { openTempTable2(sesid, prgcolumndef, ccolumn, 0, grbit, ptableid, prgcolumnid) }

func openTempTable2(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32, _ lcid: UInt32,
    _ grbit: JET_GRBIT, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?,
    _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    result { () throws(JetError) in
        let ptableid = try required(ptableid)
        ptableid.pointee = JET_TABLEID.max
        var locale = GivenLocale()
        if lcid != 0 { locale.name = try LocaleNumber.name(of: lcid) }
        ptableid.pointee = try openTemporaryTable(sesid, prgcolumndef, ccolumn, locale, grbit, prgcolumnid)
    }
}

func openTempTable3(
    _ sesid: JET_SESID, _ prgcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ ccolumn: UInt32,
    _ pidxunicode: UnsafeMutablePointer<JET_UNICODEINDEX>?, _ grbit: JET_GRBIT,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?, _ prgcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    result { () throws(JetError) in
        let ptableid = try required(ptableid)
        ptableid.pointee = JET_TABLEID.max
        let locale = try GivenLocale(UnsafePointer(pidxunicode))
        ptableid.pointee = try openTemporaryTable(sesid, prgcolumndef, ccolumn, locale, grbit, prgcolumnid)
    }
}

func openTemporaryTable(
    _ sesid: JET_SESID, _ popentemporarytable: UnsafeMutablePointer<JET_OPENTEMPORARYTABLE>?
) -> JET_ERR {
    result { () throws(JetError) in
        let place = try required(popentemporarytable)
        try checkSize(place.pointee.cbStruct, of: JET_OPENTEMPORARYTABLE.self)
        place.pointee.tableid = JET_TABLEID.max
        let given = place.pointee
        place.pointee.tableid = try openTemporaryTable(
            sesid, given.prgcolumndef, given.ccolumn, try GivenLocale(UnsafePointer(given.pidxunicode)), given.grbit,
            given.prgcolumnid, keyMost: given.cbKeyMost, segmentMost: given.cbVarSegMac)
    }
}

func openTemporaryTable2(
    _ sesid: JET_SESID, _ popentemporarytable: UnsafeMutablePointer<JET_OPENTEMPORARYTABLE2>?
) -> JET_ERR {
    result { () throws(JetError) in
        let place = try required(popentemporarytable)
        try checkSize(place.pointee.cbStruct, of: JET_OPENTEMPORARYTABLE2.self)
        place.pointee.tableid = JET_TABLEID.max
        let given = place.pointee
        place.pointee.tableid = try openTemporaryTable(
            sesid, given.prgcolumndef, given.ccolumn, try GivenLocale(UnsafePointer(given.pidxunicode)), given.grbit,
            given.prgcolumnid, keyMost: given.cbKeyMost, segmentMost: given.cbVarSegMac)
    }
}
