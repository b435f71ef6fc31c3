// Layer: ESEVerify. Uses: every check. Used by: Verification.
// The order of the work: header, catalog, then tree after tree with what hangs on it, then who owns which page, then
// free pages, then keys. What all checks share is here.

import ESECollation
import ESEFormat
import ESEReader

/// One verification in progress.
final class Checker {
    let source: any DatabaseSource
    let options: VerifyOptions
    let size: PageSize
    var header: HeaderFields
    var reader: PageReader
    var log: FindingLog
    var counts = VerifyReport.Counts()
    var isStopped = false
    /// Which tree uses each page, by position in `roots` plus 1; 0 for none.
    var users: [UInt32]
    var roots: [TreeRoot] = []
    var tables: [TableDefinition] = []
    /// The pages' used bytes, bit by bit, for the check of overlaps.
    var usedBytes: [UInt64] = []
    private let progress: (VerifyProgress) -> Bool
    private var phase = VerifyProgress.Phase.trees
    private var phaseStart: UInt64 = 0
    private var object = ""

    private init(
        _ source: any DatabaseSource, _ options: VerifyOptions, header: HeaderFields, size: PageSize, log: FindingLog,
        _ progress: @escaping (VerifyProgress) -> Bool
    ) {
        self.source = source
        self.options = options
        self.header = header
        self.size = size
        self.log = log
        self.progress = progress
        reader = PageReader(source, size: size)
        users = [UInt32](repeating: 0, count: Int(reader.lastPage.rawValue) + 1)
        usedBytes = [UInt64](repeating: 0, count: size.byteCount / 64)
    }

    static func run(
        _ source: any DatabaseSource, _ options: VerifyOptions, _ progress: @escaping (VerifyProgress) -> Bool
    ) -> VerifyReport {
        var log = FindingLog(keptPerKind: options.keptPerKind)
        var report = VerifyReport()
        report.name = source.name
        let header = HeaderFields.read(source, &log)
        report.isClean = header.isClean
        if let size = header.pageSize {
            report.pageSize = size
            let checker = Checker(source, options, header: header, size: size, log: log, progress)
            checker.run()
            log = checker.log
            report.counts = checker.counts
            report.pageCount = Int(checker.reader.lastPage.rawValue)
            report.isComplete = !checker.isStopped
        }
        report.groups = log.sorted
        return report
    }

    private func run() {
        checkFileTail()
        let catalog = readCatalogs()
        collectRoots()
        checkTrees()
        begin(.space, "")
        checkSpace()
        if options.checks.contains(.freePages) { checkFreePages() }
        guard !isStopped else { return }
        begin(.indexes, "")
        checkObjects(catalog)
        if options.checks.contains(.indexes) { checkIndexes() }
    }

    // MARK: Progress and findings.

    /// Starts a part of the work.
    func begin(_ phase: VerifyProgress.Phase, _ object: String) {
        if phase != self.phase { phaseStart = reader.readCount }
        self.phase = phase
        self.object = object
        tell()
    }

    /// Tells how far the work is, now and then.
    func step() {
        if reader.readCount & 1_023 == 0 { tell() }
    }

    /// Tells how far the work is.
    func tell() {
        let state = VerifyProgress(
            phase: phase, object: object, pagesDone: reader.readCount - phaseStart,
            pageCount: UInt64(reader.lastPage.rawValue))
        if !progress(state) { isStopped = true }
    }

    func add(_ finding: Finding) { log.add(finding) }

    /// A finding in a tree, unless the tree is only looked through.
    func add(
        _ kind: Finding.Kind, _ tree: TreeSpec, page: PageNumber = .none, node: Int? = nil, column: String? = nil,
        severity: Finding.Severity? = nil, _ found: @autoclosure () -> String, expected: @autoclosure () -> String = ""
    ) {
        guard !tree.isQuiet else { return }
        log.add(
            Finding(
                kind, severity: severity, page: page, node: node, tree: tree.objectID, table: tree.table,
                index: tree.index, column: column, found: log.keeps(kind) ? found() : "",
                expected: log.keeps(kind) ? expected() : ""))
    }
}

/// A tree with its own space: the database's, a table, a secondary index, a tree of long values.
struct TreeRoot {
    enum Kind {
        case database
        case records(table: Int)
        case entries(table: Int, index: Int)
        case longValues(table: Int)
    }

    var kind: Kind
    var spec: TreeSpec
    /// The position of the tree that the space comes from; nil for the database's.
    var parent: Int?
    var space = TreeSpace()
}

/// What a tree is, for walking it.
struct TreeSpec {
    enum Kind { case database, records, entries, longValues, owned, available }

    var kind: Kind
    var root: PageNumber
    var objectID: ObjectID
    /// Whether keys are unique; else order is by key and data.
    var isUnique = true
    var table: String?
    var index: String?
    /// What `Checker.users` gets: the position in `roots` plus 1.
    var user: UInt32 = 0
    /// Whether the tree is only looked through: nothing is reported, no page counts as used.
    var isQuiet = false

    var isSpaceTree: Bool { kind == .owned || kind == .available }
}
