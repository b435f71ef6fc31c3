// Layer: ESEVerify. Uses: Finding. Used by: applications.
// What came of a verification.

public import ESEFormat

/// What came of a verification.
public struct VerifyReport: Sendable {
    /// What one kind of finding came to.
    public struct Group: Hashable, Sendable {
        /// The kind.
        public var kind: Finding.Kind
        /// How many are errors.
        public var errorCount: Int
        /// How many are notes.
        public var noteCount: Int
        /// The first ones.
        public var kept: [Finding]
    }

    /// How much was looked at.
    public struct Counts: Hashable, Sendable {
        /// Pages in trees.
        public var treePages = 0
        /// Pages that belong to the database and are free.
        public var freePages = 0
        /// Pages of the file that do not belong to the database.
        public var unownedPages = 0
        /// Trees, with those of extents.
        public var trees = 0
        /// Tables.
        public var tables = 0
        /// Secondary indexes.
        public var indexes = 0
        /// Records.
        public var records = 0
        /// Nodes that are flagged as deleted.
        public var deletedNodes = 0
        /// Long values.
        public var longValues = 0
        /// Index entries.
        public var entries = 0
        /// Keys that were made anew from records.
        public var keysRecomputed = 0

        /// Nothing yet.
        public init() {}
    }

    /// The name of the source.
    public internal(set) var name = ""
    /// The size of the pages; nil if it could not be found out, and then nothing else was checked.
    public internal(set) var pageSize: PageSize?
    /// How many pages lie in the file, without the header and its shadow.
    public internal(set) var pageCount = 0
    /// Whether the header says that the database was shut down cleanly. If not, logs are missing in what was
    /// verified, and findings are to be expected.
    public internal(set) var isClean = false
    /// Whether verification went to the end.
    public internal(set) var isComplete = true
    /// The findings by kind, in the order of `Finding.Kind`.
    public internal(set) var groups: [Group] = []
    /// How much was looked at.
    public internal(set) var counts = Counts()

    init() {}

    /// How many errors there are.
    public var errorCount: Int { groups.reduce(0) { $0 + $1.errorCount } }
    /// How many notes there are.
    public var noteCount: Int { groups.reduce(0) { $0 + $1.noteCount } }
    /// All kept findings.
    public var findings: [Finding] { groups.flatMap(\.kept) }
    /// How many findings of a kind there are, errors and notes.
    public func count(of kind: Finding.Kind) -> Int {
        groups.first { $0.kind == kind }.map { $0.errorCount + $0.noteCount } ?? 0
    }

    /// The report for people, line by line.
    public var lines: [String] {
        var lines = [
            "\(name): \(pageCount) pages of \(pageSize?.byteCount ?? 0) bytes, \(isClean ? "clean" : "not clean")"
        ]
        if !isClean, pageSize != nil {
            lines.append(
                "The database was not shut down cleanly: findings are to be expected until its logs are replayed.")
        }
        lines.append(
            "\(counts.tables) tables, \(counts.indexes) secondary indexes, \(counts.trees) trees: "
                + "\(counts.treePages) pages in use, \(counts.freePages) free, \(counts.unownedPages) beyond")
        lines.append(
            "\(counts.records) records, \(counts.longValues) long values, \(counts.entries) index entries "
                + "(\(counts.keysRecomputed) keys made anew), \(counts.deletedNodes) deleted nodes")
        for group in groups {
            for finding in group.kept { lines.append("\(finding.severity.rawValue): \(finding)") }
            let more = group.errorCount + group.noteCount - group.kept.count
            if more > 0 { lines.append("and \(more) more of \(group.kind.rawValue)") }
        }
        if !isComplete { lines.append("Stopped before the end.") }
        switch (errorCount, noteCount) {
        case (0, 0): lines.append("Nothing is wrong.")
        case (0, let notes): lines.append("Nothing is wrong; \(notes) \(notes == 1 ? "note" : "notes").")
        case (let errors, let notes):
            lines.append("\(errors) \(errors == 1 ? "error" : "errors"), \(notes) \(notes == 1 ? "note" : "notes").")
        }
        return lines
    }
}

/// Counts findings and keeps the first ones of each kind.
struct FindingLog {
    private var groups: [Finding.Kind: VerifyReport.Group] = [:]
    private let keptPerKind: Int

    init(keptPerKind: Int) { self.keptPerKind = max(0, keptPerKind) }

    mutating func add(_ finding: Finding) {
        var group =
            groups[finding.kind]
            ?? VerifyReport.Group(kind: finding.kind, errorCount: 0, noteCount: 0, kept: [])
        switch finding.severity {
        case .error: group.errorCount += 1
        case .note: group.noteCount += 1
        }
        if group.kept.count < keptPerKind { group.kept.append(finding) }
        groups[finding.kind] = group
    }

    /// Whether another finding of the kind would be kept.
    func keeps(_ kind: Finding.Kind) -> Bool { (groups[kind]?.kept.count ?? 0) < keptPerKind }

    var sorted: [VerifyReport.Group] { Finding.Kind.allCases.compactMap { groups[$0] } }
}
