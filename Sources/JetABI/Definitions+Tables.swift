// Layer: JetABI. Uses: Jet, Structures+Tables. Used by: Exports+DefinitionsTables.
// Tables, columns and indexes: what the exported functions do, for both kinds of text.

import CJet
import ESEEngine
import Jet

/// The name of an object. JET_errInvalidName for NULL.
func givenName<Unit: TextUnit>(_ address: UnsafePointer<Unit>?) throws(JetError) -> String {
    guard let name = try readText(address) else { throw .invalidName }
    return name
}

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
private func makeTable<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ given: GivenTable
) throws(JetError) {
    let isImmutable = given.creation.flags & UInt32(JET_bitTableCreateImmutableStructure) != 0
    if !isImmutable { given.setResults(cursor: JET_TABLEID.max, createdCount: 0) }
    let columns = given.columns

    func fail(_ part: FaultyPart, _ error: JetError) {
        if isImmutable { return }
        var count = 1
        switch part {
        case .column(let index):
            for place in 0..<index { columns[place].err = 0 }
            columns[index].err = error.rawValue
            count += index
        case .index(let index):
            for place in columns.indices { columns[place].err = 0 }
            for place in 0..<index { given.indexes[place].setResult(0) }
            given.indexes[index].setResult(error.rawValue)
            count += columns.count + index
        }
        given.setResults(cursor: JET_TABLEID.max, createdCount: count)
    }

    var request = try TableRequest(given.creation)
    guard given.indexes.isEmpty || !columns.isEmpty || request.templateName != nil else { throw .invalidCreateIndex }
    for index in columns.indices {
        do throws(JetError) {
            request.columns.append(try ColumnRequest(try ColumnCreation(columns[index], text: unit)))
        } catch {
            fail(.column(index), error)
            throw error
        }
    }
    for (index, one) in given.indexes.enumerated() {
        do throws(JetError) {
            request.indexes.append(try IndexRequest(try one.creation(text: unit)))
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
    for index in given.indexes { index.setResult(0) }
    given.setResults(cursor: made.cursor ?? JET_TABLEID.max, createdCount: made.count)
}

func createTableColumnIndex<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR {
    result { () throws(JetError) in
        let table = address?.assumingMemoryBound(to: JET_TABLECREATE_A.self)
        try makeTable(unit, sesid, dbid, try GivenTable(table, text: unit))
    }
}

func createTableColumnIndex2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR {
    result { () throws(JetError) in
        let table = address?.assumingMemoryBound(to: JET_TABLECREATE2_A.self)
        try makeTable(unit, sesid, dbid, try GivenTable(table, text: unit))
    }
}

func createTableColumnIndex3<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR {
    result { () throws(JetError) in
        let table = address?.assumingMemoryBound(to: JET_TABLECREATE3_A.self)
        try makeTable(unit, sesid, dbid, try GivenTable(table, text: unit))
    }
}

func createTableColumnIndex4<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ address: UnsafeMutableRawPointer?
) -> JET_ERR {
    result { () throws(JetError) in
        let table = address?.assumingMemoryBound(to: JET_TABLECREATE4_A.self)
        try makeTable(unit, sesid, dbid, try GivenTable(table, text: unit))
    }
}

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
        let definition = try ColumnDefinition(pcolumndef)
        let value = try DefaultDefinition(pvDefault, cbDefault, flags: definition.flags, text: unit)
        let request = try ColumnRequest(try givenName(szColumnName), definition, value)
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
        let key = try readKey(szKey, cbKey, text: unit)
        let index = IndexCreation(name: try givenName(szIndexName), key: key, flags: grbit, density: lDensity)
        let request = try IndexRequest(index)
        // These need a structure.
        guard request.options.isDisjoint(with: [.unicode, .tupleLimits]) else { throw .indexInvalidDef }
        try library.createIndexes(sesid, tableid, [request])
    }
}

private func createIndexes<Unit: TextUnit>(
    _ unit: Unit.Type, _ version: IndexStructure, _ sesid: JET_SESID, _ tableid: JET_TABLEID,
    _ address: UnsafeMutableRawPointer?, _ count: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let indexes = try givenIndexes(address, count, version)
        guard !indexes.isEmpty else { throw .invalidParameter }
        var requests: [IndexRequest] = []
        for index in indexes {
            do throws(JetError) {
                requests.append(try IndexRequest(try index.creation(text: unit)))
            } catch {
                index.setResult(error.rawValue)
                throw error
            }
        }
        try library.createIndexes(sesid, tableid, requests) { place, error in
            indexes[place].setResult(error?.rawValue ?? 0)
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
