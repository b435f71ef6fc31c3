// Layer: WinSNMPDatabase. Uses: JSONFile, EntryTable. Used by: the databases, the command (import, export).
// Entries on their way from one database to another, as the text of a JSON file.

package import JSON
import PlatformIO

/// The entries of a database or file, with the members that nobody here knows.
public struct EntryCollection: Sendable {
    /// Entities by their names.
    public var entities: [String: EntityEntry] { table.entities }
    /// Contexts by their names.
    public var contexts: [String: ContextEntry] { table.contexts }
    /// The text of a file that has them: what `JSONDatabase` reads. Communities that are literals stand in it.
    public var text: String { file.root.text }

    let file: JSONFile
    private let table: EntryTable

    /// No entries.
    public init() {
        file = JSONFile()
        table = EntryTable()
    }

    /// Reads a file as `JSONDatabase` does; a missing one is an error.
    public init(readingFrom path: String) throws(DatabaseError) {
        let bytes: [UInt8], status: FileStatus
        do throws(IOError) {
            (bytes, status) = try FileAccess.readWithStatus(path, limit: JSONDatabase.maximumByteCount)
        } catch {
            throw error.isTooLong ? .tooLong(file: path) : .file(error)
        }
        guard status.permissions & 0o002 == 0 else { throw .writableByOthers(file: path) }
        try self.init(try JSONFile(bytes, path), path)
    }

    init(_ file: JSONFile, _ path: String) throws(DatabaseError) {
        self.file = file
        table = try file.table(path)
    }

    /// Takes entries as files have them, which were checked before.
    package init(_ entries: [(list: EntryList, node: JSONNode)], _ path: String) throws(DatabaseError) {
        try self.init(JSONFile(entries), path)
    }

    /// What puts these entries into a database.
    package var changes: [EntryChange] {
        EntryList.allCases.flatMap { list in
            file.nodes(list, table).map { EntryChange.put(list, $0.node, name: $0.name) }
        }
    }
}

/// A database that outlives the program, and whose entries come and go as text.
public protocol StoredDatabase: WinSNMPDatabase {
    /// Where it is.
    var path: String { get }
    /// All entries.
    func collection() throws(DatabaseError) -> EntryCollection
    /// Puts all of these entries in the places of those with the same names, or none if one can't be.
    /// - Returns: How many names were there before.
    @discardableResult
    func put(_ entries: EntryCollection) throws(DatabaseError) -> Int
}
