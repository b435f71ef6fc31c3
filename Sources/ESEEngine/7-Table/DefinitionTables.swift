// Layer: ESEEngine/7-Table. Uses: Catalog, DefinitionChecks. Used by: the Swift API, the C API.
// Tables are made, renamed and deleted. All of it belongs to the session's transaction.

import ESEFormat

/// A table that was made.
public struct MadeTable {
    /// The table, which only its transaction sees before it is committed.
    public let table: Table
    /// Its columns, as they were asked for.
    public let columns: [MadeColumn]
}

extension Catalog {
    /// Makes a table with columns and indexes. In a transaction. C name: JetCreateTableColumnIndex4.
    /// - Throws: `invalidName`, `tableDuplicate`, `columnDuplicate`, `indexDuplicate`, `indexHasPrimary`,
    ///   `tooManyColumns`, `columnRedundant`, `densityInvalid`, `ddlNotInheritable` for a template that is none,
    ///   `cannotNestDDL`, `invalidGrbit`; what `ColumnRequest.definition` and `IndexRequest.definition` throw;
    ///   `writeConflict` if another transaction makes a table of that name; what trees, versions and log throw.
    public func createTable(_ request: TableRequest, _ session: TableSession) throws(JetError) -> MadeTable {
        precondition(session.transaction.level > 0, "tables are made in transactions")
        var plan = try TablePlan(request, template: try template(of: request, session), self)
        let database = trees.root.database
        return try session.inLevel { () throws(JetError) in
            let pages = max(1, request.pageCount)
            let tree = try Tree.create(
                in: trees.root, objectID: database.nextObjectID(), pageFlags: [],
                pageCount: pages > 32 ? max(3, pages) : pages, withExtents: pages > 32,
                greatestKeyByteCount: plan.keyByteCount, session.worker)
            adopt(tree, session)
            plan.assembled.definition.objectID = tree.objectID
            plan.assembled.definition.rootPage = tree.root
            for place in plan.assembled.definition.indexes.indices {
                let index = plan.assembled.definition.indexes[place]
                let own =
                    index.flags.contains(.primary)
                    ? tree : try makeTree(of: index, in: tree, plan.keyByteCount, session)
                plan.assembled.definition.indexes[place].objectID = own.objectID
                plan.assembled.definition.indexes[place].rootPage = own.root
            }
            try CatalogWriter(tables, session).insert(plan.assembled.definition)
            for index in plan.assembled.definition.indexes { try countLocale(of: index) }
            let state = DefinitionState(createdBy: session.transaction)
            let nameState = DefinitionState(createdBy: session.transaction)
            let table = try makeTable(plan.assembled, state)
            add(table, named: request.name, nameState)
            session.note(
                undo: { [unowned self] in forget(table) },
                commit: { number in
                    state.commitCreation(at: number)
                    nameState.commitCreation(at: number)
                })
            return MadeTable(table: table, columns: plan.made)
        }
    }

    private func template(of request: TableRequest, _ session: TableSession) throws(JetError) -> Table? {
        guard let name = request.templateName else { return nil }
        guard let template = try find(name, session) else { throw .objectNotFound }
        guard template.schema.definition.flags.contains(.template) else { throw .ddlNotInheritable }
        return template
    }

    /// Makes the tree of a secondary index.
    func makeTree(
        of index: IndexDefinition, in table: Tree, _ primaryKeyByteCount: Int, _ session: TableSession
    ) throws(JetError) -> Tree {
        let isUnique = index.flags.contains(.unique)
        let tree = try Tree.create(
            in: table, objectID: trees.root.database.nextObjectID(),
            pageFlags: isUnique ? .index : [.index, .nonUnique],
            pageCount: 1, withExtents: false,
            greatestKeyByteCount: index.maximumKeyByteCount + (isUnique ? 0 : primaryKeyByteCount), session.worker)
        adopt(tree, session)
        return tree
    }

    /// Deletes a table. In a transaction. Its pages become free when nobody can see it any more.
    /// C name: JetDeleteTable.
    /// - Throws: `objectNotFound`, `tableInUse` while there are cursors on it, `cannotDeleteSystemTable`,
    ///   `cannotDeleteTemplateTable`; `tableLocked`, `writeConflict` if another transaction deletes or renames it; what
    ///   trees, versions and log throw.
    public func deleteTable(named name: String, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "tables are deleted in transactions")
        let table = try table(named: name, session)
        let flags = table.schema.definition.flags
        guard flags.isDisjoint(with: [.system, .systemDynamic]) else { throw .cannotDeleteSystemTable }
        guard !flags.contains(.template) else { throw .cannotDeleteTemplateTable }
        try session.inLevel { () throws(JetError) in
            try markDeleted(table, session)
            session.note(
                undo: { table.state.undoDeletion() }, commit: { table.state.commitDeletion(at: $0) })
            let writer = CatalogWriter(tables, session)
            for row in try RowCursor(tables.objects, session).catalogRows(of: table.objectID) {
                let isPrimary = row.kind == .index && row.id == table.objectID.rawValue
                if row.kind == .column || row.kind == .callback || isPrimary { continue }
                try writer.removeObject(ObjectID(row.id))
            }
            try writer.removeAll(of: table.objectID)
            try noteDrop(.deleteTable, of: table.tree, session)
        }
    }

    /// Keeps in the version store that a tree is to be dropped when everybody sees its deletion.
    func noteDrop(_ operation: RevisionOperation, of tree: Tree, _ session: TableSession) throws(JetError) {
        _ = try session.versions.note(
            session.transaction, operation, database: trees.root.database.slot.rawValue, tree: tree.root,
            payload: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Renames a table. In a transaction. C name: JetRenameTable.
    /// - Throws: `objectNotFound`, `invalidName`, `tableDuplicate`, `cannotDeleteSystemTable`, `fixedDDL` for
    ///   templates;
    ///   `writeConflict`; what trees, versions and log throw.
    public func renameTable(_ name: String, to newName: String, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "tables are renamed in transactions")
        try DefinitionName.check(newName)
        let table = try table(named: name, session)
        let flags = table.schema.definition.flags
        guard flags.isDisjoint(with: [.system, .systemDynamic]) else { throw .cannotDeleteSystemTable }
        guard !flags.contains(.template) else { throw .fixedDDL }
        try session.inLevel { () throws(JetError) in
            guard let old = nameState(of: table, session), old.delete(by: session.transaction) else {
                throw .writeConflict
            }
            session.note(undo: { old.undoDeletion() }, commit: { old.commitDeletion(at: $0) })
            try CatalogWriter(tables, session).rename(table.objectID, .table, table.objectID.rawValue, to: newName)
            let new = DefinitionState(createdBy: session.transaction)
            add(table, named: newName, new)
            let oldName = table.schema.definition.name
            table.setName(newName)
            session.note(
                undo: { [unowned self] in
                    table.setName(oldName)
                    removeName(newName, new)
                }, commit: { new.commitCreation(at: $0) })
        }
    }
}

/// A table that is to be made: its definition, and what callers are told.
struct TablePlan {
    var assembled: AssembledTable
    private(set) var made: [MadeColumn] = []

    /// The most bytes of a key of its records.
    var keyByteCount: Int { assembled.definition.primaryIndex?.maximumKeyByteCount ?? 4 }

    init(_ request: TableRequest, template: Table?, _ catalog: Catalog) throws(JetError) {
        try DefinitionName.check(request.name)
        let isTemplate = request.options.contains(.template)
        if isTemplate, template != nil { throw .cannotNestDDL }
        if request.options.contains(.noFixedOrVariableColumnsInDerivedTables), !isTemplate { throw .invalidGrbit }
        guard request.density == 0 || (20...100).contains(request.density) else { throw .densityInvalid }
        var table = TableDefinition(objectID: ObjectID(0), name: request.name, rootPage: .none)
        table.density = request.density == 0 ? 80 : request.density
        table.initialPageCount = max(1, request.pageCount)
        if isTemplate { table.flags = [.template, .fixedDDL] }
        if request.options.contains(.fixedDDL) { table.flags.insert(.fixedDDL) }
        if request.options.contains(.noFixedOrVariableColumnsInDerivedTables) {
            table.flags.insert(.noFixedOrVariableColumnsInDerivedTables)
        }
        if let template {
            table.flags.insert(.derived)
            table.templateName = template.schema.definition.name
        }
        assembled = try AssembledTable([CatalogRow(table: table)], template: template)
        if let template { inheritIndexes(template.schema.definition) }
        for column in request.columns { try add(column, isTemplate, template, catalog) }
        for index in request.indexes { try add(index, isTemplate, catalog) }
    }

    private mutating func inheritIndexes(_ template: TableDefinition) {
        assembled.definition.indexes = template.indexes.map { index in
            var index = index
            index.flags.remove(.template)
            index.flags.insert(.derived)
            index.segments = index.segments.map(\.ofTemplate)
            index.conditions = index.conditions.map(\.ofTemplate)
            return index
        }
    }

    private mutating func add(
        _ request: ColumnRequest, _ isTemplate: Bool, _ template: Table?, _ catalog: Catalog
    ) throws(JetError) {
        var (column, isSizeCut) = try request.definition(isExclusive: true)
        if isTemplate { column.flags.insert(.template) }
        if let template, request.storage != .tagged,
            template.schema.definition.flags.contains(.noFixedOrVariableColumnsInDerivedTables)
        {
            throw .cannotAddFixedVarColumnToDerivedTable
        }
        try assembled.place(&column, request.storage, catalog.trees.root.database.pageSize)
        let position = assembled.definition.columns.lastIndex { $0.isFromTemplate || $0.id < column.id }
        assembled.definition.columns.insert(column, at: position.map { $0 + 1 } ?? 0)
        made.append(MadeColumn(key: ColumnKey(column.id, isFromTemplate: isTemplate), isSizeCut: isSizeCut))
    }

    private mutating func add(_ request: IndexRequest, _ isTemplate: Bool, _ catalog: Catalog) throws(JetError) {
        let table = assembled.definition
        var index = try request.definition(
            catalog.options, catalog.trees.root.database.pageSize, density: table.density
        ) { name in table.columns.first { $0.name.equalsIgnoringCase(name) } }
        guard !table.indexes.contains(where: { $0.name.equalsIgnoringCase(index.name) }) else { throw .indexDuplicate }
        if isTemplate { index.flags.insert(.template) }
        if index.flags.contains(.primary) {
            guard table.primaryIndex == nil else { throw .indexHasPrimary }
            assembled.definition.indexes.insert(index, at: 0)
        } else {
            assembled.definition.indexes.append(index)
        }
    }
}

extension AssembledTable {
    /// Gives a new column its number and its place.
    /// - Throws: `columnDuplicate`, `columnRedundant`, `tooManyColumns`, `recordTooBig`.
    mutating func place(
        _ column: inout ColumnDefinition, _ storage: ColumnID.Storage, _ size: PageSize
    ) throws(JetError) {
        let name = column.name
        guard !definition.columns.contains(where: { $0.name.equalsIgnoringCase(name) }) else {
            throw .columnDuplicate
        }
        for flag in [ColumnFlags.autoincrement, .version] where column.flags.contains(flag) {
            if definition.columns.contains(where: { $0.flags.contains(flag) }) { throw .columnRedundant }
        }
        try numbers.place(
            &column, storage, size, keyByteCount: definition.primaryIndex?.maximumKeyByteCount ?? 4)
    }
}

extension ColumnNumbers {
    /// Gives a new column its number and its place.
    /// - Throws: `tooManyColumns`, `recordTooBig`.
    mutating func place(
        _ column: inout ColumnDefinition, _ storage: ColumnID.Storage, _ size: PageSize, keyByteCount: Int
    ) throws(JetError) {
        if storage == .fixed {
            let end = fixedEnd + Int(column.maximumByteCount)
            guard end <= RecordShape.recordLimit(size, keyByteCount: keyByteCount) else { throw .recordTooBig }
            column.id = try next(.fixed)
            column.recordOffset = UInt16(truncatingIfNeeded: fixedEnd)
            fixedEnd = end
        } else {
            column.id = try next(storage)
        }
    }
}
