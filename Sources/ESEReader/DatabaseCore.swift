// Layer: ESEReader. Uses: PageStore, Catalog, trees. Used by: ESEDatabase, cursors, verification.
// What all readers of one database share. One thread at a time.

import ESEFormat

/// The pages, damage and tables of an open database.
final class DatabaseCore {
    let store: PageStore
    let damage: DamageLog
    let options: ReadOptions
    private var madeDirectory: LeafDirectory?

    init(_ source: any DatabaseSource, size: PageSize, options: ReadOptions, damage: DamageLog) {
        store = PageStore(source, size: size, cacheByteLimit: options.cacheByteLimit, log: damage)
        self.damage = damage
        self.options = options
    }

    /// The leaves of all trees; made when first asked for.
    func directory() -> LeafDirectory {
        if let madeDirectory { return madeDirectory }
        let directory = LeafDirectory(store)
        madeDirectory = directory
        return directory
    }

    func tree(_ identity: TreeIdentity) -> Tree { Tree(identity, store: store, log: damage) }

    /// The tree of a table's records.
    func records(of table: TableDefinition) -> Tree {
        tree(TreeIdentity(root: table.rootPage, objectID: table.objectID, table: table.name))
    }

    /// The tree of a secondary index.
    func entries(of index: IndexDefinition, of table: TableDefinition) -> Tree {
        tree(TreeIdentity(root: index.rootPage, objectID: index.objectID, table: table.name))
    }

    /// The reader of a table's long values; nil if it has none.
    func longValues(of table: TableDefinition) -> LongValues? {
        guard let root = table.longValueRootPage, let id = table.longValueObjectID else { return nil }
        let tree = tree(TreeIdentity(root: root, objectID: id, table: table.name))
        return LongValues(tree, chunkByteCount: table.longValueChunkByteCount ?? store.size.longValueChunkByteCount)
    }
}
