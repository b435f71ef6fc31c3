// Layer: ESEReader. Used by: ESEDatabase.

public import ESEFormat

/// What whoever reads a file should know, although it can be read.
public enum ReadWarning: Hashable, Sendable {
    /// It was not shut down cleanly. What it lacks is in the logs of these generations; nil for a database that keeps
    /// no logs, which can't be recovered.
    case dirty(DatabaseState, requiredLogs: ClosedRange<UInt32>?)
    /// The first header is damaged; the shadow was used.
    case headerDamaged
    /// The shadow of the header is damaged.
    case shadowDamaged
    /// The header and its shadow are whole and differ: a write was interrupted.
    case headersDiffer
    /// Both headers are damaged; the page size was found by trying, and other fields may be wrong.
    case headersLost
    /// The format is newer than any that is known; it is read as the newest known one.
    case newerFormat(FormatVersion)
    /// The format is none that is known.
    case unknownFormat(FormatVersion)
    /// Rows of the catalog were taken from its shadow.
    case catalogDamaged
    /// The file ends within a page.
    case partialPage
}

extension ReadWarning: CustomStringConvertible {
    /// One line for people: what, and what to do.
    public var description: String {
        switch self {
        case .dirty(let state, let logs?):
            "not shut down cleanly (\(state)): what was written last may be missing, or there in part; to recover it,"
                + " replay the log \(Self.names(logs)): on Windows with esentutl /r BASENAME, where the logs are called"
                + " BASENAME and their generation"
        case .dirty(let state, nil):
            "not shut down cleanly (\(state)), and no logs were kept: what was written last may be missing, or there in"
                + " part"
        case .headerDamaged: "the header is damaged; its shadow was used"
        case .shadowDamaged: "the shadow of the header is damaged"
        case .headersDiffer: "the header and its shadow differ, as after an interrupted write; the first was used"
        case .headersLost: "the header and its shadow are damaged; the page size was found by trying"
        case .newerFormat(let format):
            "the format \(format) is newer than the known ones; some things may be read wrongly"
        case .unknownFormat(let format): "the format \(format) is not known; some things may be read wrongly"
        case .catalogDamaged: "the catalog is damaged; rows were taken from its shadow"
        case .partialPage: "the file ends within a page: it was cut, or is still growing"
        }
    }

    private static func names(_ logs: ClosedRange<UInt32>) -> String {
        logs.count == 1
            ? "of generation \(name(logs.lowerBound))"
            : "of generations \(name(logs.lowerBound)) to \(name(logs.upperBound))"
    }

    /// A generation as log files have it in their names: at least five hexadecimal digits.
    private static func name(_ generation: UInt32) -> String {
        let digits = String(generation, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
