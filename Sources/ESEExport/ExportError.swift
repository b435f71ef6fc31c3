// Layer: ESEExport. Used by: sinks, Exporter.

public import PlatformIO

/// Why an export could not be written.
public enum ExportError: Error, Hashable, Sendable {
    /// The system could not write.
    case system(IOError)
    /// SQLite refused: what was tried, and what it says.
    case sqlite(operation: String, reason: String)
}

extension ExportError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .sqlite(let operation, let reason): "SQLite can't \(operation): \(reason)"
        }
    }
}
