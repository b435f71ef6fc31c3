// Layer: ESEEngine/5-Tree. Uses: Space, SpacePages. Used by: data definition, the making of databases.
// Makes trees.

import ESEFormat

extension Tree {
    /// Makes a tree in the space of another.
    /// - Parameters:
    ///   - pageCount: Pages that it gets at once: 1...33 in one extent, at least 3 with trees of extents.
    ///   - withExtents: Whether it gets trees of extents at once.
    static func create(
        in parent: Tree, objectID: ObjectID, pageFlags: PageFlags, pageCount: UInt32, withExtents: Bool,
        greatestKeyByteCount: Int, _ worker: Worker
    ) throws(JetError) -> Tree {
        guard case .space(let space) = parent.pages else { preconditionFailure("trees of extents have no children") }
        let extent = try space.takeExtent(pageCount, atLeast: pageCount, for: parent, worker)
        let tree = Tree(
            database: parent.database, root: extent.first, objectID: objectID, pageFlags: pageFlags, parent: parent,
            greatestKeyByteCount: greatestKeyByteCount)
        do throws(JetError) {
            try tree.makePages(extent, parent: parent.root, withExtents: withExtents, worker)
        } catch {
            try? space.giveBack(extent, to: parent, worker)
            throw error
        }
        return tree
    }

    /// Makes the root of all space of a new database, whose file has the pages already.
    static func createDatabaseRoot(
        _ database: Database, pageCount: UInt32, _ worker: Worker
    ) throws(JetError) -> Tree {
        let root = databaseRoot(of: database)
        guard let extent = Extent(first: .databaseRoot, pageCount: pageCount) else { throw .invalidParameter }
        try root.makePages(extent, parent: .none, withExtents: true, worker)
        return root
    }

    /// The root of all space of a database.
    static func databaseRoot(of database: Database) -> Tree {
        Tree(
            database: database, root: .databaseRoot, objectID: ObjectID(1), pageFlags: [], parent: nil,
            greatestKeyByteCount: 255)
    }

    private func makePages(
        _ extent: Extent, parent: PageNumber, withExtents: Bool, _ worker: Worker
    ) throws(JetError) {
        let flags = pageFlags.union([.root, .leaf]).rawValue
        let held = try database.latchNew(root)
        defer { database.release(held) }
        let time = database.nextTime()
        let page = pageFields(root, time: time, before: DatabaseTime(0), line: 0, worker)
        database.announce(held)
        guard withExtents else {
            let record = CreateSingleExtentTreeRecord(
                page: page, tree: objectID, parentRoot: parent, primaryPageCount: extent.pageCount, pageFlags: flags)
            let span = try database.append(record, worker)
            SpacePages.create(record, root: held.page)
            database.changed(held, span)
            return
        }
        let owned = try database.latchNew(PageNumber(root.rawValue + 1))
        defer { database.release(owned) }
        let available = try database.latchNew(PageNumber(root.rawValue + 2))
        defer { database.release(available) }
        database.announce(owned)
        database.announce(available)
        let record = CreateMultipleExtentTreeRecord(
            page: page, tree: objectID, ownedRoot: owned.number, availableRoot: available.number, parentRoot: parent,
            primaryPageCount: extent.pageCount, pageFlags: flags)
        let span = try database.append(record, worker)
        SpacePages.create(record, root: held.page, owned: owned.page, available: available.page)
        for page in [held, owned, available] { database.changed(page, span) }
    }
}
