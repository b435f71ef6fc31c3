// Layer: StationStore. Used by: StationStore, Recorder.
// How a store is opened.

public import ESE

/// Sizes and limits of a store. Every value has a default.
public struct StoreOptions: Hashable, Sendable {
    /// The size of the database's pages; that of a database that is there must be the same.
    public var pageSize = PageSize.kibibytes8
    /// The most memory for pages, in bytes.
    public var cacheByteCount = 64 << 20
    /// A device's rounds are packed when there are so many, and no block has more; 1 to 65,536.
    public var roundsPerBlock = 120
    /// They are packed too when the oldest is older than this, in microseconds: a day.
    public var roundAgeLimit: Int64 = 86_400_000_000
    /// How long after their commit rounds are on the disk at the latest, in milliseconds.
    public var commitDelayMilliseconds: UInt32 = 1_000
    /// The most rows that one transaction of `Recorder.retain` deletes.
    public var deletionLimit = 500

    /// Makes options that are all defaults.
    public init() {}
}

extension Int64 {
    /// The longest time from a block's first round to its last, in microseconds: a day. Queries rely on it to know how
    /// far back the blocks of a moment may begin.
    static let blockSpanLimit: Int64 = 86_400_000_000

    /// How far a row's key may be ahead of its time where times were taken, in microseconds.
    static let keySlack: Int64 = 1_000_000

    /// The difference, or the least number.
    func clampedMinus(_ other: Int64) -> Int64 {
        let (result, isOverflow) = subtractingReportingOverflow(other)
        return isOverflow ? .min : result
    }

    /// The sum, or the greatest number.
    func clampedPlus(_ other: Int64) -> Int64 {
        let (result, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? .max : result
    }
}
