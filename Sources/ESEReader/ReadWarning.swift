// Layer: ESEReader. Used by: ESEDatabase.

public import ESEFormat

/// What whoever reads a file should know, although it can be read.
public enum ReadWarning: Hashable, Sendable {
    /// It was not shut down cleanly. What it lacks is in the logs of these generations; none are needed for a database
    /// that keeps no logs, which can't be recovered either.
    case dirty(DatabaseState, requiredLogs: ClosedRange<UInt32>?)
    /// The first header is damaged; the shadow was used.
    case headerDamaged
    /// Both headers are damaged; the page size was found by trying.
    case headersLost
    /// The format is newer than any that is known; it was read as the newest known one.
    case unknownFormat(String)
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
            "not shut down cleanly (\(state)): what was written last may be missing or half there; the log"
                + " \(logs.count == 1 ? "generation \(Self.name(logs.lowerBound)) is" : "generations \(Self.name(logs.lowerBound)) to \(Self.name(logs.upperBound)) are")"
                + " needed to recover it, on Windows with esentutl /r BASENAME where the log's name is BASENAME followed"
                + " by that number"
        case .dirty(let state, nil):
            "not shut down cleanly (\(state)), and it kept no logs: what was written last may be missing or half there"
        case .headerDamaged: "the header is damaged; its shadow was used"
        case .headersLost: "the header and its shadow are damaged; the page size was found by trying"
        case .unknownFormat(let format):
            "the format \(format) is newer than what is known; some things may be read wrongly"
        case .catalogDamaged: "the catalog is damaged; rows were taken from its shadow"
        case .partialPage: "the file ends within a page: it was cut, or is still growing"
        }
    }

    /// A generation as log files have it in their names: at least five hexadecimal digits.
    private static func name(_ generation: UInt32) -> String {
        let digits = String(generation, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
