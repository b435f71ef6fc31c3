// Layer: ESEVerify. Uses: TreeWalk, RecordCheck, LongValueCheck. Used by: Checker.
// Which trees there are, and the walk over each with what its leaves hold.

import ESEFormat
import ESEReader

extension Checker {
    /// Lists the trees of the database, those that give space before those that take it.
    func collectRoots() {
        addRoot(
            .database, TreeSpec(kind: .database, root: .databaseRoot, objectID: ObjectID(1)), parent: nil)
        for (position, table) in tables.enumerated() {
            guard isInFile(table.rootPage) else { continue }
            counts.tables += 1
            let owner = addRoot(
                .records(table: position),
                TreeSpec(kind: .records, root: table.rootPage, objectID: table.objectID, table: table.name), parent: 0)
            for (number, index) in table.indexes.enumerated() where !index.flags.contains(.primary) {
                guard isInFile(index.rootPage) else { continue }
                counts.indexes += 1
                addRoot(
                    .entries(table: position, index: number),
                    TreeSpec(
                        kind: .entries, root: index.rootPage, objectID: index.objectID,
                        isUnique: index.flags.contains(.unique), table: table.name, index: index.name),
                    parent: owner)
            }
            if let root = table.longValueRootPage, let object = table.longValueObjectID, isInFile(root) {
                addRoot(
                    .longValues(table: position),
                    TreeSpec(kind: .longValues, root: root, objectID: object, table: table.name), parent: owner)
            }
        }
    }

    private func isInFile(_ page: PageNumber) -> Bool { page != .none && page <= reader.lastPage }

    @discardableResult
    private func addRoot(_ kind: TreeRoot.Kind, _ spec: TreeSpec, parent: Int?) -> Int {
        var spec = spec
        spec.user = UInt32(roots.count + 1)
        roots.append(TreeRoot(kind: kind, spec: spec, parent: parent))
        return roots.count - 1
    }

    /// Walks over all trees and their trees of extents.
    func checkTrees() {
        var references: [Int: ReferenceSum] = [:]
        for position in roots.indices {
            let root = roots[position]
            begin(.trees, root.spec.table ?? "")
            if isStopped { return }
            let walk: TreeWalk
            switch root.kind {
            case .records(let table) where options.checks.contains(.records):
                let records = RecordCheck(tables[table], root.spec, self)
                walk = TreeWalk(root.spec, self) { number, page, layout in records.visit(number, page, layout) }
                walk.run()
                references[table] = records.references
                if tables[table].longValueRootPage == nil, records.references.count > 0 {
                    compareReferences(table, referenceCount: records.references.count)
                }
            case .longValues(let table) where options.checks.contains(.longValues):
                let values = LongValueCheck(tables[table], root.spec, self)
                walk = TreeWalk(root.spec, self) { number, page, layout in values.visit(number, page, layout) }
                walk.run()
                values.finish()
                counts.longValues += values.count
                if let expected = references[table], !isStopped, expected != values.references {
                    compareReferences(table, referenceCount: max(expected.count, UInt64(values.count)))
                }
            default:
                walk = TreeWalk(root.spec, self)
                walk.run()
            }
            roots[position].space.isIncomplete = walk.isIncomplete
            readSpace(position, walk.rootHeader)
        }
    }
}
