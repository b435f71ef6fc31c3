// Layer: ESEVerify. Uses: TreeWalk, CatalogRow. Used by: Checker.
// The catalog against its shadow, row by row, and by itself: numbers, types, places, roots. ESE: MSysObjects.

import ESEFormat
import ESEReader

/// A row of the catalog as it lies in its tree.
struct CatalogEntry {
    let key: [UInt8]
    let data: [UInt8]
    let page: PageNumber
    let node: Int
}

extension Checker {
    static let catalogTree = TreeSpec(
        kind: .records, root: .catalog, objectID: ObjectID(2), table: "MSysObjects", isQuiet: true)
    static let shadowTree = TreeSpec(
        kind: .records, root: .catalogShadow, objectID: ObjectID(3), table: "MSysObjectsShadow", isQuiet: true)

    /// Reads and compares both catalogs, and makes the definitions of tables.
    /// - Returns: the rows that can be read, of both together.
    func readCatalogs() -> [CatalogRow] {
        let (catalog, isCatalogWhole) = entries(of: Self.catalogTree)
        let (shadow, isShadowWhole) = entries(of: Self.shadowTree)
        var (rows, isEveryRowRead) = read(catalog, Self.catalogTree)
        let (shadowRows, _) = read(shadow, Self.shadowTree)
        compare(catalog, shadow, isWhole: isCatalogWhole && isShadowWhole)
        if !isCatalogWhole || !isEveryRowRead || rows.isEmpty {
            let known = Set(rows.map { RowName($0) })
            rows += shadowRows.filter { !known.contains(RowName($0)) }
        }
        tables = Catalog.tables(of: rows)
        checkRows(rows)
        for table in tables { checkTable(table) }
        return rows
    }

    /// The primary key of the catalog.
    private struct RowName: Hashable {
        let table: ObjectID
        let kind: CatalogRowKind
        let id: UInt32

        init(_ row: CatalogRow) {
            table = row.tableID
            kind = row.kind
            id = row.id
        }
    }

    private func entries(of tree: TreeSpec) -> (entries: [CatalogEntry], isWhole: Bool) {
        var entries: [CatalogEntry] = []
        let walk = TreeWalk(tree, self) { number, page, layout in
            for index in 0..<layout.nodeCount {
                guard let node = try? layout.node(index, in: page), !node.isDeleted else { continue }
                entries.append(
                    CatalogEntry(
                        key: layout.key(of: node, in: page), data: page.bytes(node.data), page: number, node: index))
            }
        }
        walk.run()
        return (entries, !walk.isIncomplete)
    }

    private func read(_ entries: [CatalogEntry], _ tree: TreeSpec) -> (rows: [CatalogRow], isWhole: Bool) {
        var rows: [CatalogRow] = []
        for entry in entries {
            do {
                let data = entry.data
                rows.append(try CatalogRow(data.span.bytes, 0..<data.count, isLarge: size.isLarge))
            } catch {
                add(
                    Finding(.catalogRow, page: entry.page, node: entry.node, table: tree.table, found: "\(error)"))
            }
        }
        return (rows, rows.count == entries.count)
    }

    private func compare(_ catalog: [CatalogEntry], _ shadow: [CatalogEntry], isWhole: Bool) {
        var (a, b) = (0, 0)
        // What stands on a page that can't be read is missing, but not because the rows differ.
        let severity: Finding.Severity = isWhole && header.isClean ? .error : .note
        while a < catalog.count || b < shadow.count {
            let order: Int
            if a == catalog.count {
                order = 1
            } else if b == shadow.count {
                order = -1
            } else {
                let (one, other) = (catalog[a].key, shadow[b].key)
                order = KeyOrder.compare(one.span.bytes, other.span.bytes)
            }
            if order < 0 {
                add(
                    Finding(
                        .catalogShadowMissing, severity: severity, page: catalog[a].page, node: catalog[a].node,
                        table: "MSysObjectsShadow", found: "no row \(name(of: catalog[a]))",
                        expected: "as in MSysObjects"))
                a += 1
            } else if order > 0 {
                add(
                    Finding(
                        .catalogShadowMissing, severity: severity, page: shadow[b].page, node: shadow[b].node,
                        table: "MSysObjects", found: "no row \(name(of: shadow[b]))",
                        expected: "as in MSysObjectsShadow"))
                b += 1
            } else {
                if catalog[a].data != shadow[b].data {
                    add(
                        Finding(
                            .catalogShadowDiffers, severity: header.isClean ? .error : .note, page: shadow[b].page,
                            node: shadow[b].node, table: "MSysObjectsShadow",
                            found: "another row \(name(of: catalog[a]))", expected: "that of MSysObjects"))
                }
                a += 1
                b += 1
            }
        }
    }

    private func name(of entry: CatalogEntry) -> String {
        let data = entry.data
        guard let row = try? CatalogRow(data.span.bytes, 0..<data.count, isLarge: size.isLarge) else {
            return hexText(entry.key)
        }
        return "\(row.name) (object \(row.tableID), type \(row.kind.rawValue), \(row.id))"
    }

    private func checkRows(_ rows: [CatalogRow]) {
        let names = Dictionary(tables.map { ($0.objectID, $0.name) }, uniquingKeysWith: { first, _ in first })
        var objects: [UInt32: String] = [:]
        var pages: [UInt32: String] = [:]
        for row in rows {
            let table = names[row.tableID]
            if table == nil {
                add(
                    Finding(
                        .catalogOrphan, tree: row.tableID, found: "\(row.name), type \(row.kind.rawValue), of no table")
                )
            }
            if row.kind == .column {
                // A deleted column leaves its number behind, without a type: numbers are never used again.
                if row.column == nil, row.typeOrPage != 0 {
                    add(
                        Finding(
                            .catalogColumn, table: table, column: row.name,
                            found: "number \(row.id), type \(row.typeOrPage)", expected: "1...65248 and 1...18"))
                }
                continue
            }
            guard row.kind != .callback else { continue }
            if row.kind == .table, row.tableID.rawValue != row.id {
                add(
                    Finding(
                        .catalogObject, tree: row.tableID, table: row.name, found: "object \(row.id)",
                        expected: "that of its key"))
            }
            // The primary index is the table.
            if row.kind == .index, IndexFlags(rawValue: row.flags).contains(.primary) { continue }
            let place = "\(row.name) of object \(row.tableID)"
            if let other = objects.updateValue(place, forKey: row.id) {
                add(Finding(.catalogObject, table: table, found: "object \(row.id) is \(place) and \(other)"))
            }
            if let last = header.lastObject, ObjectID(row.id) > last {
                add(
                    Finding(
                        .catalogObject, severity: header.isClean ? .error : .note, table: table,
                        found: "object \(row.id), \(place)", expected: "at most \(last), as the header says"))
            }
            // A template's tables may share definitions, but never pages.
            if row.typeOrPage == 0 || row.typeOrPage > reader.lastPage.rawValue {
                add(
                    Finding(
                        .catalogRoot, page: PageNumber(row.typeOrPage), table: table, found: "the root of \(place)",
                        expected: "1...\(reader.lastPage)"))
            } else if let other = pages.updateValue(place, forKey: row.typeOrPage) {
                add(
                    Finding(
                        .catalogRoot, page: PageNumber(row.typeOrPage), table: table,
                        found: "the root of \(place) and of \(other)"))
            }
        }
    }

    private func checkTable(_ table: TableDefinition) {
        var names: Set<String> = []
        var end = RecordLayout.headerByteCount
        for column in table.columns {
            if !names.insert(column.name.lowercased()).inserted {
                add(Finding(.catalogColumn, table: table.name, column: column.name, found: "a name used twice"))
            }
            guard column.id.storage == .fixed else { continue }
            let count = column.type.fixedByteCount ?? Int(column.maximumByteCount)
            let start = Int(column.recordOffset)
            if start < end || start + count > size.byteCount {
                add(
                    Finding(
                        .catalogOffset, table: table.name, column: column.name, found: "starts at byte \(start)",
                        expected: "\(end) or more"))
            }
            end = max(end, start + count)
        }
        if table.indexes.count(where: { $0.flags.contains(.primary) }) > 1 {
            add(Finding(.catalogIndex, table: table.name, found: "several primary indexes"))
        }
        for index in table.indexes {
            do {
                _ = try IndexEntryPlan(index: index, columns: table.columns)
                if !(1...2_000).contains(index.maximumKeyByteCount) { throw FormatError(.badCatalogRow, at: 0) }
            } catch {
                add(
                    Finding(
                        .catalogIndex, table: table.name, index: index.name,
                        found: "columns \(index.segments.map(\.column)), keys of \(index.maximumKeyByteCount) bytes",
                        expected: "columns of the table, 1...2000 bytes"))
            }
        }
    }
}
