// Layer: ESEVerify. Uses: Checker. Used by: applications.
// The interface: what to check, how it goes on, and what came of it.

public import ESEReader

/// What is checked.
public struct VerifyChecks: OptionSet, Hashable, Sendable {
    /// A bit for each.
    public let rawValue: UInt8

    /// Makes a set of checks.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Records against the catalog: sizes, order, NULLs.
    public static let records = VerifyChecks(rawValue: 1)
    /// Long values: chunks, sizes, references.
    public static let longValues = VerifyChecks(rawValue: 2)
    /// Keys: primary ones against their records, entries of indexes against all records.
    public static let indexes = VerifyChecks(rawValue: 4)
    /// Pages that belong to the database but are free.
    public static let freePages = VerifyChecks(rawValue: 8)
    /// Everything. Header, pages in use, trees, space and catalog are always checked: the rest hangs on them.
    public static let all: VerifyChecks = [.records, .longValues, .indexes, .freePages]
}

/// How a database is verified.
public struct VerifyOptions: Hashable, Sendable {
    /// What is checked beyond what always is.
    public var checks = VerifyChecks.all
    /// How many findings of each kind are kept; all are counted.
    public var keptPerKind = 20
    /// How many index entries or long values are compared one by one at a time, about 64 bytes each. More are
    /// compared in several passes. Sums tell whether that is needed at all, so that a sound database takes one pass.
    public var compareLimit = 2_000_000

    /// Makes the usual options.
    public init() {}
}

/// How far verification is.
public struct VerifyProgress: Hashable, Sendable {
    /// The part of the work.
    public enum Phase: String, Sendable, CaseIterable {
        /// Pages, trees, records and long values, one tree after the other.
        case trees
        /// Who owns which page.
        case space
        /// Free pages.
        case freePages = "free-pages"
        /// Keys and entries.
        case indexes
    }

    /// The part of the work.
    public var phase: Phase
    /// What is being looked at: usually a table; empty if nothing in particular.
    public var object: String
    /// How many pages were read so far in this phase.
    public var pagesDone: UInt64
    /// How many pages there are; not all of them are in use.
    public var pageCount: UInt64
}

/// Verification of a database: reads, never writes; never stops at the first damage.
///
/// Memory is limited by the length of the file, not by what the file claims: 8 bytes for each page, the catalog, the
/// extents, and the comparisons of `VerifyOptions.compareLimit`.
public struct Verification {
    private let source: any DatabaseSource
    private let options: VerifyOptions

    /// Prepares to verify a source of bytes, usually a file.
    public init(_ source: any DatabaseSource, options: VerifyOptions = VerifyOptions()) {
        self.source = source
        self.options = options
    }

    /// Verifies.
    /// - Parameter progress: told now and then how far it is; when it returns false, verification stops early.
    public func run(progress: @escaping (VerifyProgress) -> Bool = { _ in true }) -> VerifyReport {
        Checker.run(source, options, progress)
    }
}
