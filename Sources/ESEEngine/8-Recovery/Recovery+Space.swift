// Layer: ESEEngine/8-Recovery. Uses: SpaceSurvey, 5-Tree, 7-Table's catalog. Used by: Recovery.
// Pages that a crash left with nobody go back to the trees that own them (rule R6): those that were taken and not used
// yet, and trees whose making was not committed or whose dropping was not done.
//
// This comes after everything is undone, and is logged as any change of space is: recovery that is interrupted here
// redoes what was given back, and looks again. It only ever gives back what all trees together don't have; of a tree
// that isn't understood, nothing.

import ESEFormat

extension Recovery {
    /// Gives back what was lost in the databases that are attached at the end of the log.
    func reclaimSpace(
        _ driver: RedoDriver<BufferRedoPages>, _ result: inout RecoveryResult
    ) throws(RedoError) {
        for database in driver.attached.values.sorted(by: { $0.number < $1.number }) {
            guard let pages = database.pages, !database.isUnfinished else { continue }
            try step(990)
            let opened = Database(
                slot: pages.slot, pageSize: pages.pageSize, buffers: buffers, log: result.log, versions: versions,
                file: pages.file.file, lastPage: .none, lastTime: database.header.lastDatabaseTime,
                lastObject: database.header.lastObjectID)
            let state = versions.clock.make(session: 0)
            defer { versions.clock.release(state) }
            let worker = Worker(state, isSystem: true)
            result.reclaimedPageCount += try reclaimSpace(of: opened, database.path, worker)
            database.header.lastDatabaseTime = max(database.header.lastDatabaseTime, opened.lastTime)
        }
    }

    private func reclaimSpace(
        of database: Database, _ path: String, _ worker: Worker
    ) throws(RedoError) -> Int {
        var survey: SpaceSurvey
        do throws(SpaceDoubt) {
            survey = try CatalogTrees.survey(of: database, worker)
        } catch {
            report(path, error.text)
            return 0
        }
        for place in survey.trees.indices {
            survey.survey(place)
            try step(990)
            guard survey.trees[0].isOwnedKnown, survey.contested == nil else { break }
        }
        survey.compare()
        let doubts = survey.trees.filter { $0.doubt != nil }
        for tree in doubts.prefix(8) { report(path, "tree at page \(tree.root): \(tree.doubt ?? "")") }
        guard let lastPage = survey.lastPage else { return 0 }
        database.lastPage = lastPage.rawValue
        let registry = TreeRegistry(root: Tree.databaseRoot(of: database))
        var count = 0
        // Children first, whose extents then go to parents that lost something, too.
        for place in survey.trees.indices.reversed() where !survey.trees[place].lost.isEmpty && survey.isSure(place) {
            try step(990)
            do throws(JetError) {
                count += try giveBack(survey.trees[place], registry, worker)
            } catch {
                report(path, "tree at page \(survey.trees[place].root): \(error)")
            }
        }
        if count > 0 {
            environment.reporter.report(
                .information, "\(path): \(count) pages that a crash had left with no tree were given back")
        }
        return count
    }

    private func giveBack(
        _ lost: SurveyedTree, _ registry: TreeRegistry, _ worker: Worker
    ) throws(JetError) -> Int {
        let tree = try registry.tree(lost.root)
        guard tree.objectID == lost.objectID, case .space(let space) = tree.pages else { throw .databaseCorrupted }
        var count = 0
        for extent in lost.lost {
            tree.database.buffers.discard(tree.database.slot, extent)
            try space.giveBack(extent, to: tree, worker)
            count += Int(extent.pageCount)
        }
        return count
    }

    private func report(_ path: String, _ text: String) {
        environment.reporter.report(.warning, "\(path): lost pages were not looked for everywhere: \(text)")
    }
}

/// The trees that the catalog knows.
private enum CatalogTrees {
    /// What the catalog says of a tree.
    private struct Entry: Hashable {
        var kind: CatalogRowKind
        var tableID: ObjectID
        var objectID: ObjectID
        var root: PageNumber
    }

    /// A survey of all trees of a database.
    static func survey(of database: Database, _ worker: Worker) throws(SpaceDoubt) -> SpaceSurvey {
        let entries = try entries(of: .catalog, ObjectID(2), database, worker)
        let tables = entries.filter { $0.kind == .table }
        // A row that is missing would make a tree look lost.
        guard tables.contains(where: { $0.objectID == ObjectID(2) && $0.root == .catalog }) else {
            throw SpaceDoubt("the catalog does not have itself")
        }
        if let shadow = tables.first(where: { $0.objectID == ObjectID(3) }) {
            let others = try Self.entries(of: shadow.root, ObjectID(3), database, worker)
            guard Set(others) == Set(entries) else { throw SpaceDoubt("catalog and shadow are not the same") }
        }
        var survey = SpaceSurvey(database)
        var places: [ObjectID: (place: Int, root: PageNumber)] = [:]
        for table in tables {
            guard table.tableID == table.objectID, places[table.objectID] == nil else {
                throw SpaceDoubt("the catalog has table \(table.objectID) twice")
            }
            places[table.objectID] = (survey.add(table.root, table.objectID, parent: 0), table.root)
        }
        for entry in entries where entry.kind != .table {
            guard let table = places[entry.tableID] else {
                throw SpaceDoubt("the catalog lacks table \(entry.tableID)")
            }
            // The primary index is the table's own tree.
            if entry.root == table.root || entry.root == .none { continue }
            _ = survey.add(entry.root, entry.objectID, parent: table.place)
        }
        return survey
    }

    private static func entries(
        of root: PageNumber, _ objectID: ObjectID, _ database: Database, _ worker: Worker
    ) throws(SpaceDoubt) -> [Entry] {
        let tree = Tree(
            database: database, root: root, objectID: objectID, pageFlags: [], parent: nil, greatestKeyByteCount: 255)
        let cursor = TreeCursor(tree, worker)
        do throws(JetError) {
            // A page of something else must not be taken for a root.
            let held = try database.latch(root, .shared)
            let isRoot = held.page.isRoot && held.page.objectID == objectID
            database.release(held)
            guard isRoot else { throw .catalogCorrupted }
            var result: [Entry] = []
            var isThere = try cursor.first()
            while isThere {
                if let entry = try entry(cursor.data.array(), isLarge: database.pageSize.isLarge) {
                    result.append(entry)
                }
                isThere = try cursor.next()
            }
            return result
        } catch {
            throw SpaceDoubt("the catalog at page \(root) can't be read: \(error)")
        }
    }

    /// What a row says of a tree; nil if it is of something else.
    private static func entry(_ record: [UInt8], isLarge: Bool) throws(JetError) -> Entry? {
        do throws(FormatError) {
            let row = try CatalogRow(record.span.bytes, 0..<record.count, isLarge: isLarge)
            switch row.kind {
            case .table, .index, .longValues:
                return Entry(
                    kind: row.kind, tableID: row.tableID, objectID: ObjectID(row.id), root: PageNumber(row.typeOrPage))
            case .column, .callback: return nil
            }
        } catch {
            throw .catalogCorrupted
        }
    }
}
