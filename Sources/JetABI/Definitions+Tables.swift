// Layer: JetABI. Uses: Jet, DefinitionStructures. Used by: Exports+DefinitionsTables.
// Tables, columns and indexes: what the exported functions do, for both kinds of text.

import CJet
import ESEEngine
import Jet

// MARK: Tables

func createTable<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: UnsafePointer<Unit>?, _ lPages: UInt32,
    _ lDensity: UInt32, _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    result { () throws(JetError) in
        let ptableid = try required(ptableid)
        ptableid.pointee = JET_TABLEID.max
        var request = TableRequest(try givenName(szTableName))
        request.pageCount = lPages
        request.density = lDensity
        let made = try library.createTable(sesid, dbid, request)
        ptableid.pointee = made.cursor ?? JET_TABLEID.max
    }
}

/// Makes a table of a structure. Nothing of the structure is changed with JET_bitTableCreateImmutableStructure.
private func createTable<Unit: TextUnit, Structure: TableStructure>(
    _ unit: Unit.Type, _ type: Structure.Type, _ sesid: JET_SESID, _ dbid: JET_DBID,
    _ address: UnsafeMutableRawPointer?
) -> JET_ERR {
    result { () throws(JetError) in
        let place = try required(address).assumingMemoryBound(to: Structure.self)
        try checkSize(place.pointee.cbStruct, of: Structure.self)
        let given = place.pointee
        let isImmutable = given.grbit & JET_GRBIT(JET_bitTableCreateImmutableStructure) != 0
        if !isImmutable {
            place.pointee.tableid = JET_TABLEID.max
            place.pointee.cCreated = 0
        }
        // A function of another library that is told of changes: there are none of these here.
        if given.callback != nil { throw .callbackNotResolved }
        if given.callbackType != 0 { throw .invalidParameter }
        let known = UInt32(
            JET_bitTableCreateFixedDDL | JET_bitTableCreateTemplateTable
                | JET_bitTableCreateNoFixedVarColumnsInDerivedTables | JET_bitTableCreateImmutableStructure)
        guard given.grbit & ~known == 0 else { throw .invalidGrbit }
        var request = TableRequest(try name(unit, given.szTableName))
        request.templateName = try text(unit, given.szTemplateTableName)
        request.pageCount = given.ulPages
        request.density = given.ulDensity
        if let hints = given.hints {
            guard Int(hints.pointee.cbStruct) == MemoryLayout<JET_SPACEHINTS>.stride else { throw .spaceHintsInvalid }
            if hints.pointee.ulInitialDensity != 0 { request.density = hints.pointee.ulInitialDensity }
        }
        request.options = TableOptions(rawValue: given.grbit).intersection([
            .fixedDDL, .template, .noFixedOrVariableColumnsInDerivedTables,
        ])
        let columns = try elements(given.rgcolumncreate, given.cColumns)
        let indexes = try IndexStructures(
            given.indexes, given.cIndexes, Structure.indexVersion, missing: .invalidCreateIndex)
        guard indexes.count == 0 || !columns.isEmpty || request.templateName != nil else { throw .invalidCreateIndex }

        func fail(_ part: FaultyPart, _ error: JetError) {
            if isImmutable { return }
            switch part {
            case .column(let index):
                for place in 0..<index { columns[place].err = 0 }
                columns[index].err = error.rawValue
                place.pointee.cCreated = UInt32(1 + index)
            case .index(let index):
                for place in columns.indices { columns[place].err = 0 }
                for place in 0..<index { indexes.setError(0, of: place) }
                indexes.setError(error.rawValue, of: index)
                place.pointee.cCreated = UInt32(1 + columns.count + index)
            }
        }

        guard columns.allSatisfy({ Int($0.cbStruct) == MemoryLayout<JET_COLUMNCREATE_W>.stride }) else {
            throw .invalidParameter
        }
        guard indexes.haveSoundSizes else { throw .invalidCreateIndex }
        for index in columns.indices {
            do throws(JetError) {
                request.columns.append(try ColumnRequest(unit, columns[index]))
            } catch {
                fail(.column(index), error)
                throw error
            }
        }
        for index in 0..<indexes.count {
            do throws(JetError) {
                request.indexes.append(try indexes.request(unit, index))
            } catch {
                fail(.index(index), error)
                throw error
            }
        }
        let made = try library.createTable(sesid, dbid, request, opens: !isImmutable, failed: fail)
        if isImmutable { return }
        for (index, column) in made.columns.enumerated() {
            columns[index].columnid = column.key.rawValue
            columns[index].err = column.isSizeCut ? JetWarning.columnMaxTruncated.rawValue : 0
        }
        for index in 0..<indexes.count { indexes.setError(0, of: index) }
        place.pointee.cCreated = UInt32(made.count)
        place.pointee.tableid = made.cursor ?? JET_TABLEID.max
    }
}

func createTableColumnIndex<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR { createTable(unit, JET_TABLECREATE_W.self, sesid, dbid, address) }

func createTableColumnIndex2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR { createTable(unit, JET_TABLECREATE2_W.self, sesid, dbid, address) }

func createTableColumnIndex3<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR { createTable(unit, JET_TABLECREATE3_W.self, sesid, dbid, address) }

func createTableColumnIndex4<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR { createTable(unit, JET_TABLECREATE4_W.self, sesid, dbid, address) }

/// The parameters were for tables of other programs.
func openTable<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: UnsafePointer<Unit>?,
    _ pvParameters: UnsafeRawPointer?, _ cbParameters: UInt32, _ grbit: JET_GRBIT,
    _ ptableid: UnsafeMutablePointer<JET_TABLEID>?
) -> JET_ERR {
    result { () throws(JetError) in
        let ptableid = try required(ptableid)
        ptableid.pointee = JET_TABLEID.max
        ptableid.pointee = try library.openTable(
            sesid, dbid, try givenName(szTableName), OpenTableFlags(rawValue: grbit))
    }
}

func deleteTable<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szTableName: UnsafePointer<Unit>?
) -> JET_ERR {
    result { () throws(JetError) in try library.deleteTable(sesid, dbid, try givenName(szTableName)) }
}

func renameTable<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ szName: UnsafePointer<Unit>?,
    _ szNameNew: UnsafePointer<Unit>?
) -> JET_ERR {
    result { () throws(JetError) in
        try library.renameTable(sesid, dbid, try givenName(szName), to: try givenName(szNameNew))
    }
}

// MARK: Columns

func addColumn<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: UnsafePointer<Unit>?,
    _ pcolumndef: UnsafePointer<JET_COLUMNDEF>?, _ pvDefault: UnsafeRawPointer?, _ cbDefault: UInt32,
    _ pcolumnid: UnsafeMutablePointer<JET_COLUMNID>?
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let definition = try required(pcolumndef)
        try checkSize(definition.pointee.cbStruct, of: JET_COLUMNDEF.self)
        let request = ColumnRequest(
            try givenName(szColumnName), try columnType(definition.pointee.coltyp),
            ColumnOptions(rawValue: definition.pointee.grbit), maximumByteCount: definition.pointee.cbMax,
            codePage: UInt32(definition.pointee.cp), defaultValue: try defaultBytes(pvDefault, cbDefault))
        let (key, warning) = try library.addColumn(sesid, tableid, request)
        pcolumnid?.pointee = key.rawValue
        return warning
    }
}

func deleteColumn<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: UnsafePointer<Unit>?
) -> JET_ERR { deleteColumn2(unit, sesid, tableid, szColumnName, 0) }

func deleteColumn2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szColumnName: UnsafePointer<Unit>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let ignores = JET_GRBIT(JET_bitDeleteColumnIgnoreTemplateColumns)
        guard grbit & ~ignores == 0 else { throw .invalidGrbit }
        try library.deleteColumn(
            sesid, tableid, try givenName(szColumnName), ignoresTemplate: grbit & ignores != 0)
    }
}

func renameColumn<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szName: UnsafePointer<Unit>?,
    _ szNameNew: UnsafePointer<Unit>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        guard grbit == 0 else { throw .invalidGrbit }
        try library.renameColumn(sesid, tableid, try givenName(szName), to: try givenName(szNameNew))
    }
}

// MARK: Indexes

func createIndex<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: UnsafePointer<Unit>?,
    _ grbit: JET_GRBIT, _ szKey: UnsafePointer<Unit>?, _ cbKey: UInt32, _ lDensity: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let key = try IndexKey(unit, UnsafeRawPointer(szKey), cbKey)
        var request = IndexRequest(try givenName(szIndexName), on: key.columns, IndexOptions(rawValue: grbit))
        request.density = lDensity
        request.maximumKeyByteCount = 255
        request.maximumSegmentByteCount = key.maximumSegmentByteCount
        // These need a structure.
        guard request.options.isDisjoint(with: [.unicode, .tupleLimits]) else { throw .indexInvalidDef }
        if key.language != 0 {
            request.localeName = try LocaleNumber.name(of: UInt32(key.language))
            request.options.insert(.unicode)
        }
        try library.createIndexes(sesid, tableid, [request])
    }
}

private func createIndexes<Unit: TextUnit>(
    _ unit: Unit.Type, _ version: IndexStructure, _ sesid: JET_SESID, _ tableid: JET_TABLEID,
    _ address: UnsafeMutableRawPointer?, _ count: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let indexes = try IndexStructures(address, count, version, missing: .invalidParameter)
        guard indexes.haveSoundSizes else { throw .invalidParameter }
        var requests: [IndexRequest] = []
        for index in 0..<indexes.count {
            do throws(JetError) {
                requests.append(try indexes.request(unit, index))
            } catch {
                indexes.setError(error.rawValue, of: index)
                throw error
            }
        }
        try library.createIndexes(sesid, tableid, requests) { index, error in
            indexes.setError(error?.rawValue ?? 0, of: index)
        }
    }
}

func createIndex2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ address: UnsafeMutableRawPointer?,
    _ cIndexCreate: UInt32
) -> JET_ERR { createIndexes(unit, .first, sesid, tableid, address, cIndexCreate) }

func createIndex3<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ address: UnsafeMutableRawPointer?,
    _ cIndexCreate: UInt32
) -> JET_ERR { createIndexes(unit, .second, sesid, tableid, address, cIndexCreate) }

func createIndex4<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ address: UnsafeMutableRawPointer?,
    _ cIndexCreate: UInt32
) -> JET_ERR { createIndexes(unit, .third, sesid, tableid, address, cIndexCreate) }

func deleteIndex<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ tableid: JET_TABLEID, _ szIndexName: UnsafePointer<Unit>?
) -> JET_ERR {
    result { () throws(JetError) in try library.deleteIndex(sesid, tableid, try givenName(szIndexName)) }
}

func computeStats(_ sesid: JET_SESID, _ tableid: JET_TABLEID) -> JET_ERR {
    result { () throws(JetError) in try library.computeStatistics(sesid, tableid) }
}
