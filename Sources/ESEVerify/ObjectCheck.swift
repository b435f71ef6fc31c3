// Layer: ESEVerify. Uses: ESEReader's cursors. Used by: Checker.
// The list of objects, MSysObjids, against the catalog: each table, secondary index and tree of long values has its
// row.

import ESEFormat
import ESEReader

extension Checker {
    func checkObjects(_ catalog: [CatalogRow]) {
        guard let database = try? ESEDatabase(readingFrom: source), let list = try? database.table("MSysObjids") else {
            return
        }
        func position(_ id: UInt16) -> Int? { list.definition.columns.firstIndex { $0.id == ColumnID(id) } }
        guard let object = position(256), let owner = position(257), let kind = position(258) else { return }
        struct Row: Hashable {
            let object: UInt32
            let owner: UInt32
            let kind: UInt16
        }
        var rows: [Row: (PageNumber, Int)] = [:]
        let cursor = list.rows()
        while cursor.next() {
            guard let object = try? cursor.integer(object), let owner = try? cursor.integer(owner),
                let kind = try? cursor.integer(kind)
            else { continue }
            let row = Row(
                object: UInt32(truncatingIfNeeded: object), owner: UInt32(truncatingIfNeeded: owner),
                kind: UInt16(truncatingIfNeeded: kind))
            rows[row] = (cursor.page, cursor.position)
        }
        for row in catalog where [.table, .index, .longValues].contains(row.kind) {
            if row.kind == .index, IndexFlags(rawValue: row.flags).contains(.primary) { continue }
            let wanted = Row(object: row.id, owner: row.tableID.rawValue, kind: row.kind.rawValue)
            if rows.removeValue(forKey: wanted) == nil {
                add(
                    Finding(
                        .objectMissing, tree: ObjectID(row.id), table: "MSysObjids", found: "no row of \(row.name)",
                        expected: "object \(row.id) of \(row.tableID)"))
            }
        }
        for (row, place) in rows.sorted(by: { $0.key.object < $1.key.object }) {
            add(
                Finding(
                    .objectExtra, page: place.0, node: place.1, tree: ObjectID(row.object), table: "MSysObjids",
                    found: "object \(row.object) of \(row.owner), type \(row.kind)", expected: "a row of the catalog"))
        }
    }
}
