// Layer: ESEEngine/7-Table. Uses: Catalog, DefinitionChecks. Used by: the Swift API, the C API.
// Columns are added, renamed and deleted. All of it belongs to the session's transaction.

import ESEFormat

extension Catalog {
    /// Adds a column. In a transaction. Records that are there have its default, or NULL; one that the engine numbers
    /// is numbered in them, from 1, in the order of the primary index. C name: JetAddColumn.
    /// - Parameter isExclusive: Whether nobody else has the table open.
    /// - Throws: `fixedDDL`, `columnDuplicate`, `columnRedundant`, `tooManyColumns`, `recordTooBig`,
    ///   `cannotAddFixedVarColumnToDerivedTable`; `tableNotEmpty` for one that is changed by deltas; what
    ///   `ColumnRequest.definition` throws; `writeConflict`, also if a record is not as the transaction sees it and is
    ///   to be numbered; `outOfAutoincrementValues`; what trees, versions and log throw.
    @discardableResult
    public func addColumn(
        _ request: ColumnRequest, to table: Table, _ session: TableSession, isExclusive: Bool = false
    ) throws(JetError) -> MadeColumn {
        precondition(session.transaction.level > 0, "columns are added in transactions")
        var (column, isSizeCut) = try request.definition(isExclusive: isExclusive || table.state.isUncommitted)
        let storage = request.storage
        return try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (numbers) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                try checkColumn(column, storage, table, schema, session)
                try numbers.place(
                    &column, storage, trees.root.database.pageSize,
                    keyByteCount: schema.definition.primaryIndex?.maximumKeyByteCount ?? 4)
                try CatalogWriter(tables, session).insert(CatalogRow(column: column, of: table.objectID))
                let key = ColumnKey(column.id)
                let state = DefinitionState(createdBy: session.transaction)
                let new = column
                try table.changeSchema { (schema) throws(JetError) in
                    var definition = schema.definition
                    let place = definition.columns.lastIndex { $0.isFromTemplate || $0.id < new.id }
                    definition.columns.insert(new, at: place.map { $0 + 1 } ?? 0)
                    var states = schema.columnStates
                    states[key] = state
                    return schema.with(definition, shape: try shape(definition), columnStates: states)
                }
                session.note(
                    undo: { [unowned self] in remove(key, from: table) },
                    commit: { state.commitCreation(at: $0) })
                if column.flags.contains(.autoincrement) { try number(key, table, session) }
                return MadeColumn(key: key, isSizeCut: isSizeCut)
            }
        }
    }

    /// Numbers the records that are there in a new column. ESE's name: ErrFILEIUpdateAutoInc.
    private func number(_ key: ColumnKey, _ table: Table, _ session: TableSession) throws(JetError) {
        if try table.tree.isEmpty() { return }
        let cursor = RowCursor(table, session, isCounted: false)
        guard let column = cursor.schema.shape.column(key) else { throw .columnNotFound }
        try table.tree.checkSeen(session)
        let greatest = column.greatestAutoincrement
        var number: UInt64 = 0
        var isThere = try cursor.first()
        while isThere {
            guard number < greatest else { throw .outOfAutoincrementValues }
            number += 1
            try cursor.replaceNumber(key, number, Int(column.maximumByteCount))
            isThere = try cursor.next()
        }
        table.passAutoincrement(number)
    }

    private func checkColumn(
        _ column: ColumnDefinition, _ storage: ColumnID.Storage, _ table: Table, _ schema: TableSchema,
        _ session: TableSession
    ) throws(JetError) {
        if schema.column(named: column.name, session.transaction) != nil { throw .columnDuplicate }
        for flag in [ColumnFlags.autoincrement, .version] where column.flags.contains(flag) {
            if schema.definition.columns.contains(where: { $0.flags.contains(flag) }) { throw .columnRedundant }
        }
        if storage != .tagged, let name = schema.definition.templateName {
            let template = try self.table(named: name, session).schema.definition
            guard !template.flags.contains(.noFixedOrVariableColumnsInDerivedTables) else {
                throw .cannotAddFixedVarColumnToDerivedTable
            }
        }
        if column.flags.contains(.escrowUpdate) {
            guard try table.tree.isEmpty() else { throw .tableNotEmpty }
        }
    }

    /// The columns for records.
    func shape(_ definition: TableDefinition) throws(JetError) -> RecordShape {
        try RecordShape(
            columns: definition.columns, pageSize: trees.root.database.pageSize,
            keyByteCount: definition.primaryIndex?.maximumKeyByteCount ?? 4, limits: options.limits)
    }

    /// Whether columns and indexes may be changed. Whoever makes a table may before it is committed.
    func checkChangeable(_ table: Table, _ schema: TableSchema) throws(JetError) {
        if schema.definition.flags.contains(.fixedDDL), !table.state.isUncommitted { throw .fixedDDL }
        if schema.definition.flags.contains(.template) { throw .fixedDDL }
    }

    /// A column that was never committed goes. Records that other transactions wrote meanwhile may have room for it:
    /// its number and its place are not used again.
    private func remove(_ key: ColumnKey, from table: Table) {
        try? table.changeSchema { (schema) throws(JetError) in
            var definition = schema.definition
            definition.columns.removeAll { ColumnKey($0.id, isFromTemplate: $0.isFromTemplate) == key }
            var states = schema.columnStates
            states[key] = nil
            return schema.with(definition, shape: try shape(definition), columnStates: states)
        }
    }

    /// Deletes a column. In a transaction. Its values stay in records, unseen. C name: JetDeleteColumn2.
    /// - Throws: `columnNotFound`, `columnInUse` if an index needs it, `fixedDDL`, `fixedInheritedDDL` for a column of
    ///   the template; `writeConflict`; what trees, versions and log throw.
    public func deleteColumn(named name: String, of table: Table, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "columns are deleted in transactions")
        try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (_) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                guard let column = schema.column(named: name, session.transaction) else { throw .columnNotFound }
                if column.isFromTemplate { throw .fixedInheritedDDL }
                let isUsed = schema.definition.indexes.contains { index in
                    (index.segments + index.conditions).contains { $0.column == column.id && !$0.isFromTemplate }
                        && !schema.isGone(index, session.transaction)
                }
                if isUsed { throw .columnInUse }
                let key = ColumnKey(column.id)
                let state = schema.columnStates[key] ?? DefinitionState()
                guard state.delete(by: session.transaction) else { throw .writeConflict }
                var isNoted = false
                defer { if !isNoted { state.undoDeletion() } }
                // Windows gives the catalog's row of a deleted column this name and no type: the column's number is
                // never used again, and its name is free for another one.
                let stub = Array("JetStub_\(table.objectID.rawValue)_\(column.id.rawValue)".utf8)
                try CatalogWriter(tables, session).change(table.objectID, .column, UInt32(column.id.rawValue)) {
                    (record) throws(JetError) in
                    try record.set(CatalogColumn.type, number: UInt32(0))
                    try record.set(CatalogColumn.name, octets: stub)
                }
                try table.changeSchema { (schema) throws(JetError) in
                    var states = schema.columnStates
                    states[key] = state
                    return schema.with(columnStates: states)
                }
                isNoted = true
                session.note(
                    undo: {
                        state.undoDeletion()
                        // What records must have depends on it.
                        try? table.changeSchema { $0.with() }
                    },
                    commit: { [unowned self] number in
                        state.commitDeletion(at: number)
                        retire(key, of: table)
                    })
            }
        }
    }

    /// Older snapshots still see a column whose deletion was committed; for new records it is nothing special.
    private func retire(_ key: ColumnKey, of table: Table) {
        try? table.changeSchema { (schema) throws(JetError) in
            var definition = schema.definition
            for place in definition.columns.indices {
                let column = definition.columns[place]
                guard ColumnKey(column.id, isFromTemplate: column.isFromTemplate) == key else { continue }
                definition.columns[place].flags = column.flags.intersection([.multivalued, .compressed])
                definition.columns[place].defaultValue = nil
            }
            return schema.with(definition, shape: try shape(definition))
        }
    }

    /// Renames a column. In a transaction. C name: JetRenameColumn.
    /// - Throws: `columnNotFound`, `invalidName`, `columnDuplicate`, `fixedDDL`, `fixedInheritedDDL`; `writeConflict`;
    ///   what trees, versions and log throw.
    public func renameColumn(
        _ name: String, of table: Table, to newName: String, _ session: TableSession
    ) throws(JetError) {
        precondition(session.transaction.level > 0, "columns are renamed in transactions")
        try DefinitionName.check(newName)
        try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (_) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                guard let column = schema.column(named: name, session.transaction) else { throw .columnNotFound }
                if column.isFromTemplate { throw .fixedInheritedDDL }
                let other = schema.column(named: newName, session.transaction)
                if let other, other.id != column.id || other.isFromTemplate { throw .columnDuplicate }
                try CatalogWriter(tables, session).rename(
                    table.objectID, .column, UInt32(column.id.rawValue), to: newName)
                try rename(.column(ColumnKey(column.id)), column.name, to: newName, table, session)
            }
        }
    }

    /// Gives a column or an index another name in memory; others keep seeing the old one.
    func rename(
        _ object: NamedObject, _ name: String, to newName: String, _ table: Table, _ session: TableSession
    ) throws(JetError) {
        let state = DefinitionState(createdBy: session.transaction)
        try table.changeSchema { (schema) throws(JetError) in
            let former = FormerName(object: object, name: name, state: state)
            return try schema.renamed(object, newName, schema.formerNames + [former], self)
        }
        session.note(
            undo: { [unowned self] in
                try? table.changeSchema { (schema) throws(JetError) in
                    try schema.renamed(object, name, schema.formerNames.filter { $0.state !== state }, self)
                }
            }, commit: { state.commitCreation(at: $0) })
    }
}

extension TableSchema {
    /// Whether an index is not there any more for a transaction that wants to change the table, or for anybody.
    func isGone(_ index: IndexDefinition, _ transaction: TransactionState) -> Bool {
        guard let own = indexes.first(where: { $0.definition.objectID == index.objectID }) else {
            return !index.flags.contains(.primary)
        }
        return own.state.isDeleted && !own.state.isVisible(to: transaction)
    }

    /// A schema with another name of a column or an index.
    func renamed(
        _ object: NamedObject, _ name: String, _ formerNames: [FormerName], _ catalog: Catalog
    ) throws(JetError) -> TableSchema {
        var definition = definition
        switch object {
        case .column(let key):
            for place in definition.columns.indices
            where ColumnKey(definition.columns[place].id, isFromTemplate: definition.columns[place].isFromTemplate)
                == key
            {
                definition.columns[place].name = name
            }
        case .index(let id):
            for place in definition.indexes.indices where definition.indexes[place].objectID == id {
                definition.indexes[place].name = name
            }
        }
        return with(
            definition, shape: try catalog.shape(definition), formerNames: formerNames)
    }
}

extension Tree {
    /// Fails if a session does not see some node as it is on its page: what is done to all records would miss it.
    /// - Throws: `writeConflict`; what reading throws.
    func checkSeen(_ session: TableSession) throws(JetError) {
        var held = try firstLeaf(.shared)
        while true {
            let page = held.page
            for line in 0..<page.nodeCount {
                let node = page.node(line)
                guard node.isVersioned, session.versions.hasActiveOther(name(node), session.transaction) else {
                    continue
                }
                database.release(held)
                throw .writeConflict
            }
            let next = page.next
            guard next != .none else { break }
            let following: HeldPage
            do throws(JetError) {
                following = try database.latch(next, .shared)
            } catch {
                database.release(held)
                throw error
            }
            database.release(held)
            held = following
        }
        database.release(held)
    }

    /// Whether there is no node, not even a deleted one.
    func isEmpty() throws(JetError) -> Bool {
        let held = try firstLeaf(.shared)
        defer { database.release(held) }
        return held.page.nodeCount == 0 && held.page.next == .none
    }
}
