// Layer: StationSeries/Records. Used by: every decoder of the module.
// What was wrong with the bytes of a record, and where.

/// Bytes that are no round record, time line or block.
public struct SeriesFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which kind of record was read.
    public enum Record: String, Hashable, Sendable {
        /// A round as it came.
        case round = "round record"
        /// The times of packed rounds.
        case timeline = "time line"
        /// The values of one series.
        case block = "block"
    }

    /// What was wrong.
    public enum Reason: Hashable, Sendable {
        /// The record ends before what it announces.
        case truncated
        /// The first byte is no version that this program knows.
        case version(UInt8)
        /// More entries than a record can have, or than its bytes can hold.
        case count(UInt64)
        /// A type, flag or mode without meaning.
        case code(UInt64)
        /// A number that is too large for its field.
        case range
        /// Bytes after the end of the record.
        case trailing
    }

    /// Which kind of record was read.
    public var record: Record
    /// What was wrong.
    public var reason: Reason
    /// Where in the record, in bytes from its start.
    public var offset: Int

    /// An error at a place.
    public init(_ record: Record, _ reason: Reason, at offset: Int) {
        self.record = record
        self.reason = reason
        self.offset = offset
    }

    /// What was wrong and where, for people.
    public var description: String {
        let what =
            switch reason {
            case .truncated: "it ends too early"
            case .version(let version): "its version \(version) is unknown; a newer program may have written it"
            case .count(let count): "it can't have \(count) entries"
            case .code(let code): "the code \(code) has no meaning"
            case .range: "a number is too large"
            case .trailing: "bytes stand behind its end"
            }
        return "damaged \(record.rawValue), byte \(offset): \(what)"
    }
}
