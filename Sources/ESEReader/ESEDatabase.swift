// Layer: ESEReader. Uses: everything of the module. Used by: applications.
// The Swift interface for reading a database.

public import ESEFormat
import PlatformIO

/// A database of Windows' Extensible Storage Engine, open for reading.
///
/// Reading never changes the file and needs no logs: a file that was not shut down cleanly is read as it lies, with a
/// warning. Damage is skipped and told in `damage`. One thread at a time may use a database and its cursors; several
/// threads open it several times.
///
/// ```swift
/// let database = try ESEDatabase(readingFrom: "SRUDB.dat")
/// let rows = try database.table("SruDbIdMapTable").rows()
/// while rows.next() {
///     print(try rows["IdIndex"], try rows["IdBlob"])
/// }
/// ```
public final class ESEDatabase {
    /// What the file's header says.
    public let header: DatabaseHeader
    /// What whoever reads the file should know: not shut down cleanly, a header that was damaged, an unknown format.
    public let warnings: [ReadWarning]
    /// All tables, those of the engine too, in the order of their object IDs.
    public let tables: [ESETable]
    /// What could not be read so far.
    public var damage: DamageLog { core.damage }
    /// The name of the source: usually the path.
    public var name: String { core.store.source.name }
    /// The size of the pages.
    public var pageSize: PageSize { core.store.size }
    /// How many pages were read so far, some perhaps several times: for showing how far a long piece of work is.
    public var pagesRead: Int { core.store.readCount }
    /// The last page that lies in the file.
    public var lastPage: PageNumber { core.store.lastPage }

    let core: DatabaseCore

    /// Opens a file.
    /// - Throws: `ESEError` if it can't be opened, is no ESE database, or nothing of its catalog can be read.
    public convenience init(readingFrom path: String, options: ReadOptions = ReadOptions()) throws(ESEError) {
        let file: RandomAccessFile
        do { file = try RandomAccessFile(reading: path) } catch { throw .system(error) }
        try self.init(readingFrom: file, options: options)
    }

    /// Opens any source of bytes.
    /// - Throws: `ESEError` if it can't be read, is no ESE database, or nothing of its catalog can be read.
    public init(readingFrom source: any DatabaseSource, options: ReadOptions = ReadOptions()) throws(ESEError) {
        let found = try FileHeader(source)
        header = found.header
        let core = DatabaseCore(source, size: found.header.pageSize, options: options, damage: DamageLog())
        let catalog = Catalog(core.store, log: core.damage, salvage: core.directory)
        guard options.allowsMissingCatalog || !catalog.tables.isEmpty else { throw .noCatalog(source.name) }
        self.core = core
        var warnings = found.warnings
        if catalog.usedShadow { warnings.append(.catalogDamaged) }
        self.warnings = warnings
        tables = catalog.tables.map { ESETable($0, core: core) }
    }

    /// The table of a name; exact case first, then without regard to the case of ASCII letters, as Windows does.
    /// - Throws: `ESEError.noTable`.
    public func table(_ name: String) throws(ESEError) -> ESETable {
        if let table = tables.first(where: { $0.name == name }) { return table }
        let wanted = name.lowercased()
        guard let table = tables.first(where: { $0.name.lowercased() == wanted }) else { throw .noTable(name) }
        return table
    }

    /// The bytes of a page as they lie in the file, unchecked; short if the file ends in it.
    public func rawPage(_ number: PageNumber) throws(PageProblem) -> [UInt8] { try core.store.rawPage(number) }
}

/// A table of a database that is read.
public struct ESETable {
    /// What the catalog says of it.
    public let definition: TableDefinition
    let core: DatabaseCore

    init(_ definition: TableDefinition, core: DatabaseCore) {
        self.definition = definition
        self.core = core
    }

    /// Its name.
    public var name: String { definition.name }

    /// Its rows in the order of the primary key; in that of insertion if there is none.
    public func rows(_ options: RowOptions = RowOptions()) -> RowCursor {
        RowCursor(
            definition, core: core,
            source: TreeRows(core.records(of: definition), options: options, salvage: core.directory), options: options)
    }

    /// Rows that it had: flagged as deleted, left in unused bytes of its pages, or on pages that its tree doesn't lead
    /// to. What is a row still is left out; other versions of such are given. `RowCursor.carved` says how each was
    /// found.
    ///
    /// What can't be read of them is told to the cursor's `damage`, not to the database's: they are no loss.
    public func deletedRows(_ options: DeletedRowOptions = DeletedRowOptions()) -> RowCursor {
        RowCursor(definition, core: core, carver: CarvedRows(definition, core: core, options: options))
    }

    /// Its rows in the order of an index, those only that have entries in it. With several values in a key column, a
    /// row comes several times.
    /// - Throws: `ESEError.noIndex`.
    public func rows(inOrderOf name: String, _ options: RowOptions = RowOptions()) throws(ESEError) -> RowCursor {
        let index = try index(name)
        guard !index.flags.contains(.primary) else { return rows(options) }
        let source = IndexRows(
            core.entries(of: index, of: definition), records: core.records(of: definition), options: options,
            salvage: core.directory)
        return RowCursor(definition, core: core, source: source, options: options)
    }

    /// The entries of an index as they are, in order. For the primary index the records themselves.
    /// - Throws: `ESEError.noIndex`.
    public func entries(of name: String, _ options: RowOptions = RowOptions()) throws(ESEError) -> EntryCursor {
        EntryCursor(core.entries(of: try index(name), of: definition), core: core, options: options)
    }

    /// The nodes of the tree of long values as they are: roots and chunks, in order; nil without such a tree.
    public func longValueNodes(_ options: RowOptions = RowOptions()) -> EntryCursor? {
        guard let root = definition.longValueRootPage, let id = definition.longValueObjectID else { return nil }
        let tree = core.tree(TreeIdentity(root: root, objectID: id, table: definition.name))
        return EntryCursor(tree, core: core, options: options)
    }

    /// The index of a name; exact case first, then without regard to the case of ASCII letters.
    /// - Throws: `ESEError.noIndex`.
    public func index(_ name: String) throws(ESEError) -> IndexDefinition {
        if let index = definition.indexes.first(where: { $0.name == name }) { return index }
        let wanted = name.lowercased()
        guard let index = definition.indexes.first(where: { $0.name.lowercased() == wanted }) else {
            throw .noIndex(name, table: definition.name)
        }
        return index
    }
}
