// Layer: ESEEngine/7-Table. Uses: Catalog, DefinitionBuild. Used by: the Swift API, the C API.
// Indexes are made, renamed and deleted. All of it belongs to the session's transaction.

import ESEFormat
import Synchronization

extension Catalog {
    /// Makes an index of a table. In a transaction. C name: JetCreateIndex4.
    ///
    /// A secondary one is built of all records before others may change the table again; nobody may have changes of the
    /// table that the session does not see. A primary one needs an empty table.
    /// - Throws: `fixedDDL`, `indexDuplicate`, `indexHasPrimary`, `tableNotEmpty`; `keyDuplicate`, `nullKeyDisallowed`,
    ///   `keyTruncated` of records that are there; what `IndexRequest.definition` throws; `writeConflict`; what trees,
    ///   versions and log throw.
    public func createIndex(_ request: IndexRequest, on table: Table, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "indexes are made in transactions")
        try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (_) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                let index = try request.definition(
                    options, trees.root.database.pageSize, density: schema.definition.density
                ) { schema.column(named: $0, session.transaction) }
                if schema.index(named: index.name, session.transaction) != nil
                    || schema.isPrimary(index.name, session.transaction)
                {
                    throw .indexDuplicate
                }
                if request.options.contains(.empty) {
                    for column in index.segments {
                        let key = ColumnKey(column.column, isFromTemplate: column.isFromTemplate)
                        if schema.shape.column(key)?.hasDefault == true { throw .indexInvalidDef }
                    }
                }
                try countLocale(of: index)
                if index.flags.contains(.primary) {
                    try makePrimary(index, table, session)
                } else {
                    try makeSecondary(index, table, session, isEmpty: request.options.contains(.empty))
                }
            }
        }
    }

    private func makePrimary(_ index: IndexDefinition, _ table: Table, _ session: TableSession) throws(JetError) {
        var index = index
        index.objectID = table.objectID
        index.rootPage = table.tree.root
        try table.updates.exclusively { () throws(JetError) in
            let old = table.schema
            guard old.definition.primaryIndex == nil else {
                throw old.primaryState.isVisible(to: session.transaction) ? .indexHasPrimary : .writeConflict
            }
            guard try table.tree.isEmpty() else { throw .tableNotEmpty }
            try CatalogWriter(tables, session).insert(CatalogRow(index: index, of: table.objectID))
            var definition = old.definition
            definition.indexes.insert(index, at: 0)
            let state = DefinitionState(createdBy: session.transaction)
            let shape = try shape(definition)
            let plan = try KeyPlan(index: index, shape: shape, collator: collator(index))
            try table.changeSchema {
                $0.with(primary: plan, state, definition, shape: shape, isOutdated: isOutdated(index))
            }
            session.note(
                undo: { [unowned self] in removePrimary(of: table) },
                commit: { number in
                    state.commitCreation(at: number)
                    try? table.changeSchema { $0.with() }
                })
        }
    }

    private func removePrimary(of table: Table) {
        try? table.changeSchema { (schema) throws(JetError) in
            var definition = schema.definition
            definition.indexes.removeAll { $0.flags.contains(.primary) }
            return schema.with(
                primary: nil, DefinitionState(), definition, shape: try shape(definition), isOutdated: false)
        }
    }

    private func makeSecondary(
        _ index: IndexDefinition, _ table: Table, _ session: TableSession, isEmpty: Bool
    ) throws(JetError) {
        var index = index
        let keyByteCount = table.schema.definition.primaryIndex?.maximumKeyByteCount ?? 4
        let isUnique = index.flags.contains(.unique)
        let tree = try Tree.create(
            in: table.tree, objectID: trees.root.database.nextObjectID(),
            pageFlags: isUnique ? .index : [.index, .nonUnique], pageCount: 1, withExtents: false,
            greatestKeyByteCount: index.maximumKeyByteCount + (isUnique ? 0 : keyByteCount), session.worker)
        trees.add(tree)
        let state = DefinitionState(createdBy: session.transaction)
        index.objectID = tree.objectID
        index.rootPage = tree.root
        let definition = index
        session.note(
            undo: { [unowned self] in remove(definition, tree, from: table) },
            commit: { state.commitCreation(at: $0) })
        let writer = CatalogWriter(tables, session)
        try writer.insert(CatalogRow(index: index, of: table.objectID))
        try writer.insertObject(index.objectID, of: table.objectID, .index)
        try table.updates.exclusively { () throws(JetError) in
            let new = try makeIndex(index, table.schema.shape, keyByteCount, state)
            if !isEmpty { try IndexBuild(new, table, session).run() }
            try table.changeSchema { schema in
                var all = schema.definition
                all.indexes.append(definition)
                return schema.with(all, indexes: schema.indexes + [new])
            }
        }
    }

    /// An index that was never committed goes. Other transactions may have entries in it that are not committed, so its
    /// tree goes when they have ended.
    private func remove(_ index: IndexDefinition, _ tree: Tree, from table: Table) {
        let wasUsed = table.schema.indexes.contains { $0.tree === tree }
        removeFromSchema(tree, of: table)
        if wasUsed, !table.state.isUncommitted {
            try? inOwnTransaction { (own) throws(JetError) in try noteDrop(.deleteIndex, of: tree, own) }
        } else if let worker = try? inOwnTransaction({ $0.worker }) {
            trees.drop(tree, .index, deletedBy: TransactionNumber(0), worker)
        }
    }

    private func removeFromSchema(_ tree: Tree, of table: Table) {
        guard table.schema.indexes.contains(where: { $0.tree === tree }) else { return }
        try? table.updates.exclusively { () throws(JetError) in
            try table.changeSchema { schema in
                var definition = schema.definition
                definition.indexes.removeAll { $0.objectID == tree.objectID && !$0.flags.contains(.primary) }
                return schema.with(definition, indexes: schema.indexes.filter { $0.tree !== tree })
            }
        }
    }

    /// Deletes a secondary index. In a transaction. C name: JetDeleteIndex.
    /// - Throws: `indexNotFound`, `indexMustStay` for the primary one, `indexInUse` if a cursor has its order,
    ///   `fixedDDL`,
    ///   `fixedInheritedDDL` for one that comes from the template; `writeConflict`; what trees, versions and log throw.
    public func deleteIndex(named name: String, of table: Table, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "indexes are deleted in transactions")
        try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (_) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                if schema.isPrimary(name, session.transaction) { throw .indexMustStay }
                guard let index = schema.index(named: name, session.transaction) else { throw .indexNotFound }
                if index.definition.flags.contains(.derived) { throw .fixedInheritedDDL }
                guard index.state.delete(by: session.transaction) else { throw .writeConflict }
                session.note(
                    undo: { index.state.undoDeletion() },
                    commit: { [unowned self] number in
                        index.state.commitDeletion(at: number)
                        removeFromSchema(index.tree, of: table)
                    })
                // Whoever takes its order afterwards sees that it is deleted.
                guard index.cursorCount.load(ordering: .sequentiallyConsistent) == 0 else { throw .indexInUse }
                let writer = CatalogWriter(tables, session)
                try writer.remove(table.objectID, .index, index.definition.objectID.rawValue)
                try writer.removeObject(index.definition.objectID)
                try noteDrop(.deleteIndex, of: index.tree, session)
            }
        }
    }

    /// Renames an index. In a transaction. C name: what JetRenameTable is for indexes.
    /// - Throws: `indexNotFound`, `invalidName`, `indexDuplicate`, `fixedDDL`, `fixedInheritedDDL`; `writeConflict`;
    ///   what
    ///   trees, versions and log throw.
    public func renameIndex(
        _ name: String, of table: Table, to newName: String, _ session: TableSession
    ) throws(JetError) {
        precondition(session.transaction.level > 0, "indexes are renamed in transactions")
        try DefinitionName.check(newName)
        try session.inLevel { () throws(JetError) in
            try table.definitionGuard.exclusively { (_) throws(JetError) in
                let schema = table.schema
                try checkChangeable(table, schema)
                let isPrimary = schema.isPrimary(name, session.transaction)
                guard
                    let id = isPrimary
                        ? table.objectID : schema.index(named: name, session.transaction)?.definition.objectID,
                    let index = schema.definition.indexes.first(where: { $0.objectID == id })
                else { throw .indexNotFound }
                if index.flags.contains(.derived) { throw .fixedInheritedDDL }
                try CatalogWriter(tables, session).rename(table.objectID, .index, id.rawValue, to: newName)
                try rename(.index(id), index.name, to: newName, table, session)
            }
        }
    }
}
