// Layer: ESEEngine/7-Table. Uses: LongValues, CatalogRows. Used by: tables.
// The tree of a table's long values: found, or made when the first value needs it.

import ESEFormat

extension Catalog {
    /// Says where a table's long values are, or how they are made.
    func setLongValues(of table: Table) throws(JetError) {
        let definition = table.schema.definition
        guard let root = definition.longValueRootPage else {
            return table.setLongValues(nil) { [unowned self] (table, session) throws(JetError) in
                try makeLongValues(table, session)
            }
        }
        let tree = try trees.tree(root, greatestKeyByteCount: LongValues.greatestKeyByteCount)
        guard tree.objectID == definition.longValueObjectID else { throw .catalogCorrupted }
        let chunk = definition.longValueChunkByteCount ?? trees.root.database.pageSize.longValueChunkByteCount
        guard chunk > 0 else { throw .catalogCorrupted }
        table.setLongValues(
            LongValues(tree: tree, chunkByteCount: chunk, minimumForXpress: options.limits.minimumForXpress))
    }

    /// Makes the tree: in a transaction of the engine's own, since other sessions use it at once; that of a table which
    /// only its own transaction sees belongs to that.
    private func makeLongValues(_ table: Table, _ session: TableSession) throws(JetError) -> LongValues {
        guard table.state.isUncommitted else {
            return try inOwnTransaction { (own) throws(JetError) in try makeTree(of: table, own) }
        }
        return try session.inLevel { () throws(JetError) in
            let values = try makeTree(of: table, session)
            session.note(
                undo: { [unowned self] in try? setLongValues(of: table) }, commit: { _ in })
            return values
        }
    }

    private func makeTree(of table: Table, _ session: TableSession) throws(JetError) -> LongValues {
        let database = trees.root.database
        let values = try LongValues.create(
            in: table.tree, objectID: database.nextObjectID(), worker: session.worker,
            minimumForXpress: options.limits.minimumForXpress)
        adopt(values.tree, session)
        let writer = CatalogWriter(tables, session)
        let chunk = values.chunkByteCount == database.pageSize.longValueChunkByteCount ? nil : values.chunkByteCount
        try writer.insert(
            CatalogRow(
                longValuesOf: table.objectID, id: values.tree.objectID, rootPage: values.tree.root,
                chunkByteCount: chunk))
        try writer.insertObject(values.tree.objectID, of: table.objectID, .longValues)
        return values
    }

    /// Takes in a tree that a session made; if that is rolled back the tree goes.
    func adopt(_ tree: Tree, _ session: TableSession) {
        trees.add(tree)
        let worker = session.worker
        session.note(
            undo: { [trees] in trees.drop(tree, .index, deletedBy: TransactionNumber(0), worker) }, commit: { _ in })
    }
}
