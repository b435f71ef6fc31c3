// Layer: ESEReader. Used by: whoever opens databases.

public import ESEFormat
public import PlatformIO

/// Why a database could not be opened, or has not what was asked for.
public enum ESEError: Error, Hashable, Sendable {
    /// The system could not open or read the file.
    case system(IOError)
    /// The file is no ESE database, or too damaged to know its page size.
    case notADatabase(String, FormatError)
    /// Neither the catalog nor its shadow has a table that can be read.
    case noCatalog(String)
    /// There is no table of this name.
    case noTable(String)
    /// The table has no index of this name.
    case noIndex(String, table: String)
    /// The table has no column of this name.
    case noColumn(String, table: String)
}

extension ESEError: CustomStringConvertible {
    /// One line for people: what was wrong, and what may help.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .notADatabase(let name, let error): "\(name) is no ESE database: \(error)"
        case .noCatalog(let name):
            "\(name): neither the catalog nor its shadow can be read, so its tables are unknown; see oriel db verify"
        case .noTable(let name): "there is no table \(name); oriel db tables lists them"
        case .noColumn(let name, let table): "the table \(table) has no column \(name); oriel db schema lists them"
        case .noIndex(let name, let table): "the table \(table) has no index \(name); oriel db schema lists them"
        }
    }
}
