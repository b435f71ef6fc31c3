// Layer: ESEReader. Used by: ESEDatabase.

/// How a database is read.
public struct ReadOptions: Hashable, Sendable {
    /// The most bytes of pages to keep in memory; at least 16 pages are. 64 MiB unless told.
    public var cacheByteLimit = 64 << 20
    /// The most bytes of one long value to read; longer ones throw and are reported. 64 MiB unless told, although the
    /// format allows 2 GiB: a damaged file may claim anything.
    public var longValueByteLimit = 64 << 20
    /// Whether a file of whose catalog nothing can be read is opened all the same, with no tables: for whoever looks
    /// at its
    /// pages.
    public var allowsMissingCatalog = false

    /// Makes the usual options.
    public init() {}
}
