// Layer: JetABI. Uses: Jet, Definitions+Databases (stores). Used by: Exports+DefinitionsInformation.
// What is told about tables, columns and indexes: what the exported functions do, for both kinds of text.

import CJet
import ESEEngine
import ESEFormat
import Jet

private func isUnicode<Unit: TextUnit>(_ unit: Unit.Type) -> Bool { MemoryLayout<Unit>.size == 2 }

// MARK: Tables

func getObjectInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ objtyp: JET_OBJTYP,
    _ szContainerName: UnsafePointer<Unit>?, _ szObjectName: UnsafePointer<Unit>?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let isList: Bool
        switch InfoLevel {
        case JET_ObjInfo, JET_ObjInfoNoStats: isList = false
        case JET_ObjInfoList, JET_ObjInfoListNoStats: isList = true
        case JET_ObjInfoSysTabCursor, JET_ObjInfoSysTabReadOnly, JET_ObjInfoListACM, JET_ObjInfoRulesLoaded:
            throw .featureNotAvailable
        default: throw .invalidParameter
        }
        let size = isList ? MemoryLayout<JET_OBJECTLIST>.size : MemoryLayout<JET_OBJECTINFO>.size
        guard Int(cbMax) >= size else { throw .bufferTooSmall }
        let place = try required(pvResult)
        let container = try readText(szContainerName) ?? ""
        guard container.isEmpty || container.lowercased() == "tables" else { throw .objectNotFound }
        if isList {
            let isNone = objtyp != JET_OBJTYP(JET_objtypNil) && objtyp != JET_OBJTYP(JET_objtypTable)
            let list = try library.listTables(sesid, dbid, isEmpty: isNone, isUnicode: isUnicode(unit))
            let ids = list.columns.map(\.rawValue)
            place.storeBytes(
                of: JET_OBJECTLIST(
                    cbStruct: UInt32(size), tableid: list.cursor, cRecord: list.count, columnidcontainername: ids[0],
                    columnidobjectname: ids[1], columnidobjtyp: ids[2], columniddtCreate: ids[3],
                    columniddtUpdate: ids[4], columnidgrbit: ids[7], columnidflags: ids[8], columnidcRecord: ids[5],
                    columnidcPage: ids[6]), as: JET_OBJECTLIST.self)
            return
        }
        let table = try library.describeTable(sesid, .name(dbid, try readText(szObjectName) ?? ""))
        place.storeBytes(of: objectInfo(table), as: JET_OBJECTINFO.self)
    }
}

/// Records and pages are those that JetComputeStats counted the last time; 0 if nobody asked for that.
private func objectInfo(_ table: JetLibrary.TableDescription) -> JET_OBJECTINFO {
    JET_OBJECTINFO(
        cbStruct: UInt32(MemoryLayout<JET_OBJECTINFO>.size), objtyp: JET_OBJTYP(JET_objtypTable), dtCreate: 0,
        dtUpdate: 0, grbit: table.capabilities, flags: table.flags, cRecord: table.statistics.entryCount,
        cPage: table.statistics.pageCount)
}

func getTableInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ pvResult: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let table = try library.describeTable(sesid, .cursor(tableid))
        func onlyOfDatabases() throws(JetError) { if table.isTemporary { throw .invalidOperation } }
        func pair(_ first: UInt32, _ second: UInt32) throws(JetError) {
            guard cbMax >= 8 else { throw .bufferTooSmall }
            let place = try required(pvResult)
            place.storeBytes(of: first, as: UInt32.self)
            place.storeBytes(of: second, toByteOffset: 4, as: UInt32.self)
        }
        switch InfoLevel {
        case JET_TblInfo:
            guard Int(cbMax) >= MemoryLayout<JET_OBJECTINFO>.size else { throw .bufferTooSmall }
            if table.isTemporary { throw .objectNotFound }
            try store(objectInfo(table), to: pvResult, cbMax)
        case JET_TblInfoName:
            try onlyOfDatabases()
            try storeText(unit, table.definition.name, to: pvResult, cbMax)
        case JET_TblInfoTemplateTableName:
            try onlyOfDatabases()
            guard Int(cbMax) > 64 * MemoryLayout<Unit>.size else { throw .bufferTooSmall }
            try storeText(unit, table.definition.templateName ?? "", to: pvResult, cbMax)
        case JET_TblInfoDbid:
            try onlyOfDatabases()
            try store(table.database, to: pvResult, cbMax)
        case JET_TblInfoSpaceAlloc: try pair(table.definition.initialPageCount, table.definition.density)
        case JET_TblInfoSpaceUsage:
            let space = try library.tableSpace(sesid, tableid, countsAllTrees: false)
            try pair(space.ownedPageCount, space.availablePageCount)
        case JET_TblInfoSpaceOwned:
            try store(
                try library.tableSpace(sesid, tableid, countsAllTrees: false).ownedPageCount, to: pvResult, cbMax)
        case JET_TblInfoSpaceAvailable:
            try store(
                try library.tableSpace(sesid, tableid, countsAllTrees: true).availablePageCount, to: pvResult, cbMax)
        case JET_TblInfoMostMany, JET_TblInfoRvt, JET_TblInfoOLC, JET_TblInfoResetOLC, JET_TblInfoDumpTable:
            throw .featureNotAvailable
        default: throw .invalidParameter
        }
    }
}

// MARK: Columns

func getColumnInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: UnsafePointer<Unit>?,
    _ pColumnNameOrId: UnsafePointer<Unit>?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let table = TableReference.name(dbid, try required(try readText(szTableName)))
        try columnInfo(unit, sesid, table, pColumnNameOrId, pvResult, cbMax, InfoLevel)
    }
}

func getTableColumnInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: UnsafePointer<Unit>?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        try columnInfo(unit, sesid, .cursor(tableid), szColumnName, pvResult, cbMax, InfoLevel)
    }
}

private func columnInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ table: TableReference, _ nameOrID: UnsafePointer<Unit>?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32, _ level: UInt32
) throws(JetError) {
    let options = level & 0xf000_0000
    let base = level & 0x0fff_ffff
    switch base {
    case JET_ColInfo, JET_ColInfoByColid:
        guard Int(cbMax) >= MemoryLayout<JET_COLUMNDEF>.size else { throw .bufferTooSmall }
        let column = try describe(sesid, table, nameOrID, isNumber: base == JET_ColInfoByColid)
        let definition = JET_COLUMNDEF(
            cbStruct: UInt32(MemoryLayout<JET_COLUMNDEF>.size), columnid: column.key.rawValue, coltyp: column.type,
            wCountry: ColumnDescription.country, langid: ColumnDescription.language, cp: column.codePage, wCollate: 0,
            cbMax: column.maximumByteCount, grbit: column.flags)
        try store(definition, to: pvResult, cbMax)
    case JET_ColInfoBase, JET_ColInfoBaseByColid:
        guard Int(cbMax) >= MemoryLayout<JET_COLUMNBASE_A>.size - 512 + 512 * MemoryLayout<Unit>.size else {
            throw .bufferTooSmall
        }
        let place = try required(pvResult)
        let column = try describe(sesid, table, nameOrID, isNumber: base == JET_ColInfoBaseByColid)
        try storeBase(unit, column, to: place)
    case JET_ColInfoList, JET_ColInfoListCompact, JET_ColInfoListSortColumnid:
        guard Int(cbMax) >= MemoryLayout<JET_COLUMNLIST>.size else { throw .bufferTooSmall }
        let place = try required(pvResult)
        var wanted = ColumnListOptions(rawValue: options).subtracting(.compact)
        if base == JET_ColInfoListCompact { wanted.insert(.compact) }
        if base == JET_ColInfoListSortColumnid { wanted.insert(.sortedByNumber) }
        let list = try library.listColumns(sesid, table, wanted, isUnicode: isUnicode(unit))
        let ids = list.columns.map(\.rawValue)
        place.storeBytes(
            of: JET_COLUMNLIST(
                cbStruct: UInt32(MemoryLayout<JET_COLUMNLIST>.size), tableid: list.cursor, cRecord: list.count,
                columnidPresentationOrder: ids[0], columnidcolumnname: ids[1], columnidcolumnid: ids[2],
                columnidcoltyp: ids[3], columnidCountry: ids[4], columnidLangid: ids[5], columnidCp: ids[6],
                columnidCollate: ids[7], columnidcbMax: ids[8], columnidgrbit: ids[9], columnidDefault: ids[10],
                columnidBaseTableName: ids[11], columnidBaseColumnName: ids[12], columnidDefinitionName: ids[1]),
            as: JET_COLUMNLIST.self)
    case JET_ColInfoSysTabCursor: throw .featureNotAvailable
    default: throw .invalidParameter
    }
}

private func describe<Unit: TextUnit>(
    _ sesid: JET_SESID, _ table: TableReference, _ nameOrID: UnsafePointer<Unit>?, isNumber: Bool
) throws(JetError) -> ColumnDescription {
    guard isNumber else {
        return try library.describeColumn(sesid, table, named: try readText(nameOrID) ?? "")
    }
    let number = UnsafeRawPointer(try required(nameOrID)).loadUnaligned(as: JET_COLUMNID.self)
    return try library.describeColumn(sesid, table, ColumnKey(rawValue: number))
}

/// Writes JET_COLUMNBASE: the fields, then the two names with room for 256 characters each.
private func storeBase<Unit: TextUnit>(
    _ unit: Unit.Type, _ column: ColumnDescription, to place: UnsafeMutableRawPointer
) throws(JetError) {
    let names = MemoryLayout<JET_COLUMNBASE_A>.offset(of: \.szBaseTableName) ?? 0
    let size = MemoryLayout<Unit>.size
    place.initializeMemory(as: UInt8.self, repeating: 0, count: names + 512 * size)
    let numbers: [UInt32] = [
        UInt32(names + 512 * size), column.key.rawValue, column.type,
        UInt32(ColumnDescription.country) | UInt32(ColumnDescription.language) << 16, UInt32(column.codePage),
        column.maximumByteCount, column.flags,
    ]
    for (index, number) in numbers.enumerated() {
        place.storeBytes(of: number, toByteOffset: 4 * index, as: UInt32.self)
    }
    try storeText(unit, column.baseTable, to: place + names, UInt32(256 * size))
    try storeText(unit, column.name, to: place + names + 256 * size, UInt32(256 * size))
}

// MARK: Indexes

func getIndexInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: UnsafePointer<Unit>?,
    _ szIndexName: UnsafePointer<Unit>?, _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let table = TableReference.name(dbid, try givenName(szTableName))
        try indexInfo(unit, sesid, table, try readText(szIndexName) ?? "", pvResult, cbResult, InfoLevel)
    }
}

func getTableIndexInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: UnsafePointer<Unit>?,
    _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        try indexInfo(
            unit, sesid, .cursor(tableid), try readText(szIndexName) ?? "", pvResult, cbResult, InfoLevel)
    }
}

private func indexInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ table: TableReference, _ name: String,
    _ pvResult: UnsafeMutableRawPointer?, _ cbResult: UInt32, _ level: UInt32
) throws(JetError) {
    // The last member came later.
    let oldListSize = MemoryLayout<JET_INDEXLIST>.offset(of: \.columnidLCMapFlags) ?? 0
    switch level {
    case JET_IdxInfo, JET_IdxInfoList:
        guard Int(cbResult) >= oldListSize else { throw .bufferTooSmall }
        let place = try required(pvResult)
        let list = try library.listIndexes(sesid, table, named: name, isUnicode: isUnicode(unit))
        let ids = list.columns.map(\.rawValue)
        var info = JET_INDEXLIST(
            cbStruct: 0, tableid: list.cursor, cRecord: list.count, columnidindexname: ids[0],
            columnidgrbitIndex: ids[1], columnidcKey: ids[2], columnidcEntry: ids[3], columnidcPage: ids[4],
            columnidcColumn: ids[5], columnidiColumn: ids[6], columnidcolumnid: ids[7], columnidcoltyp: ids[8],
            columnidCountry: ids[9], columnidLangid: ids[10], columnidCp: ids[11], columnidCollate: ids[12],
            columnidgrbitColumn: ids[13], columnidcolumnname: ids[14], columnidLCMapFlags: ids[15])
        let size = min(Int(cbResult), MemoryLayout<JET_INDEXLIST>.size)
        info.cbStruct = UInt32(size < MemoryLayout<JET_INDEXLIST>.size ? oldListSize : size)
        let count = Int(info.cbStruct)
        withUnsafeBytes(of: &info) { place.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: count) }
    case JET_IdxInfoCount: try store(try library.indexCount(sesid, table), to: pvResult, cbResult)
    case JET_IdxInfoSpaceAlloc:
        try store(try library.describeIndex(sesid, table, named: name).definition.density, to: pvResult, cbResult)
    case JET_IdxInfoLCID:
        guard cbResult >= 2 else { throw .bufferTooSmall }
        let number = LocaleNumber.of(try library.describeIndex(sesid, table, named: name).definition)
        if cbResult >= 4 {
            try store(number, to: pvResult, cbResult)
        } else {
            try store(UInt16(truncatingIfNeeded: number), to: pvResult, cbResult)
        }
    case JET_IdxInfoLocaleName:
        // C name: LOCALE_NAME_MAX_LENGTH. UTF-16 in both kinds of functions.
        guard cbResult >= 85 * 2 else { throw .bufferTooSmall }
        let index = try library.describeIndex(sesid, table, named: name).definition
        try storeText(WCHAR.self, index.localeName ?? "", to: pvResult, cbResult)
    case JET_IdxInfoVarSegMac:
        let index = try library.describeIndex(sesid, table, named: name).definition
        try store(UInt16(clamping: index.maximumSegmentByteCount), to: pvResult, cbResult)
    case JET_IdxInfoKeyMost:
        let index = try library.describeIndex(sesid, table, named: name).definition
        try store(UInt16(clamping: index.maximumKeyByteCount), to: pvResult, cbResult)
    case JET_IdxInfoIndexId:
        guard Int(cbResult) >= MemoryLayout<JET_INDEXID>.size else { throw .bufferTooSmall }
        let place = try required(pvResult)
        let identity = try library.indexIdentity(sesid, table, named: name)
        write(identity, to: place.assumingMemoryBound(to: JET_INDEXID.self))
    case JET_IdxInfoCreateIndex: try IndexStructureWriter(unit, .first).store(sesid, table, name, pvResult, cbResult)
    case JET_IdxInfoCreateIndex2: try IndexStructureWriter(unit, .second).store(sesid, table, name, pvResult, cbResult)
    case JET_IdxInfoCreateIndex3: try IndexStructureWriter(unit, .third).store(sesid, table, name, pvResult, cbResult)
    case JET_IdxInfoSysTabCursor, JET_IdxInfoOLC, JET_IdxInfoResetOLC: throw .featureNotAvailable
    default: throw .invalidParameter
    }
}
