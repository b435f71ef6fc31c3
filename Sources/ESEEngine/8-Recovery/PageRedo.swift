// Layer: ESEEngine/8-Recovery. Uses: Page, RedoPages, RedoTransactions. Used by: RedoDriver, tests.
// Repeats one record, or the records of one macro as a whole, on the pages of a database. Whether a page has the change
// already is told by its time alone; everything else that a record says is checked before the page changes, since
// neither the log nor the pages are to be trusted.

public import ESEFormat

/// A record with its bytes and its place in the log.
public struct RedoRecord {
    /// The record.
    public let record: LogRecord
    /// Its bytes, lent.
    public let bytes: Bytes
    /// Where it stands.
    public let position: LogPosition
    /// Where it ends.
    public let end: LogPosition

    /// Makes one; the bytes are exactly those of the record.
    public init(_ record: LogRecord, _ bytes: Bytes, at position: LogPosition, end: LogPosition) {
        self.record = record
        self.bytes = bytes
        self.position = position
        self.end = end
    }
}

/// Redoes what happened to the pages of one database.
public final class PageRedo<Pages: RedoPages> {
    /// The pages.
    public let pages: Pages
    /// The database's number in the log.
    public let database: UInt8
    /// What was done so far.
    public internal(set) var counts = RedoCounts()
    /// Pages that a record expected and that were never written, with the first such record. A later record that makes
    /// the page anew or cuts it off settles it; what is left at the end is lost.
    public private(set) var missing: [PageNumber: RedoError] = [:]
    /// Gets every before-image of a page that has it, as a page, next to that page as it is before the change.
    public var onBeforeImage: ((_ number: PageNumber, _ image: Page, _ page: Page) -> Void)?

    /// Keeps what undoing takes.
    let transactions: RedoTransactions
    /// Whether a page takes part in what is being redone; all records of a macro share one time and one answer.
    private var decisions: [PageNumber: Bool] = [:]
    /// The record or macro that is being redone.
    var position = LogPosition.none
    private var end = LogPosition.none
    private var changedFile = false

    /// Makes a redoer.
    public init(_ pages: Pages, database: UInt8, transactions: RedoTransactions) {
        self.pages = pages
        self.database = database
        self.transactions = transactions
    }

    /// Redoes a record that is not part of a macro. Records that change no page do nothing.
    /// - Throws: `databaseTimeTooOld`, `databaseTimeTooNew`, `logFileCorrupt` for a record that doesn't fit its page,
    ///   and what the pages throw.
    public func apply(_ record: RedoRecord) throws(RedoError) {
        (position, end) = (record.position, record.end)
        switch record.record {
        case .split, .merge: try run([record])
        default:
            defer { abandon() }
            try applyOne(record)
            finish()
        }
    }

    /// Redoes a macro whose last record has been read.
    /// - Throws: As `apply`.
    public func apply(macro records: [RedoRecord]) throws(RedoError) {
        guard let last = records.last else { return }
        (position, end) = (records[0].position, last.end)
        counts.macros += 1
        try run(records)
    }

    private func run(_ records: [RedoRecord]) throws(RedoError) {
        defer { abandon() }
        var splits: [SplitRecord] = []
        var merges: [MergeRecord] = []
        var others: [RedoRecord] = []
        for record in records {
            switch record.record {
            case .split: splits.append(try decode(record) { (bytes) throws(FormatError) in try SplitRecord(bytes) })
            case .merge: merges.append(try decode(record) { (bytes) throws(FormatError) in try MergeRecord(bytes) })
            default: others.append(record)
            }
        }
        if !splits.isEmpty {
            if splits[splits.count - 1].operation == .none || splits[splits.count - 1].newPage == .none {
                try redo(splits, operation: nil)
            } else {
                guard let last = others.popLast() else { throw corrupt() }
                position = last.position
                try redo(splits, operation: last)
            }
        }
        if !merges.isEmpty { try redo(merges) }
        for record in others {
            position = record.position
            try applyOne(record)
        }
        position = records[0].position
        finish()
    }

    private func decode<Result>(
        _ record: RedoRecord, _ body: (RawSpan) throws(FormatError) -> Result
    ) throws(RedoError) -> Result {
        do throws(FormatError) {
            return try body(record.bytes.buffer.bytes)
        } catch {
            throw RedoError(.logFileCorrupt, at: record.position, database: database)
        }
    }

    // MARK: Pages.

    /// The error of a record that does not fit.
    func corrupt(_ page: PageNumber = .none) -> RedoError {
        RedoError(.logFileCorrupt, at: position, database: database, page: page)
    }

    /// Names record and page in an error of a layer below.
    func during<Result>(_ page: PageNumber, _ body: () throws(JetError) -> Result) throws(RedoError) -> Result {
        do throws(JetError) {
            return try body()
        } catch {
            throw RedoError(error, at: position, database: database, page: page)
        }
    }

    /// A page that a record changes; nil if it has the change already.
    func existing(
        _ number: PageNumber, before: DatabaseTime, after: DatabaseTime
    ) throws(RedoError) -> Page? {
        guard number > .none, number <= .greatest else { throw corrupt(number) }
        let page = try during(number) { () throws(JetError) in try pages.page(number) }
        if let decided = decisions[number] { return decided ? page : nil }
        guard let page else {
            decisions[number] = false
            if missing[number] == nil {
                missing[number] = RedoError(
                    RedoError.Code.databaseTimeTooOld, at: position, database: database, page: number,
                    expected: before)
            }
            return nil
        }
        let found = page.databaseTime
        if found >= after {
            decisions[number] = false
            return nil
        }
        guard found == before else {
            throw RedoError(
                found < before ? RedoError.Code.databaseTimeTooOld : RedoError.Code.databaseTimeTooNew, at: position,
                database: database, page: number, expected: before, found: found)
        }
        decisions[number] = true
        return page
    }

    /// Same, of a record's head.
    func existing(_ page: LoggedPage) throws(RedoError) -> Page? {
        try existing(page.page, before: page.databaseTimeBefore, after: page.databaseTime)
    }

    /// Memory of a page that a record makes; nil if it has been made already.
    func fresh(_ number: PageNumber, after: DatabaseTime) throws(RedoError) -> Page? {
        guard number > .none, number <= .greatest else { throw corrupt(number) }
        if decisions[number] == nil {
            // What can't be read is no page that was made later.
            var found: Page?
            do throws(JetError) {
                found = try pages.page(number)
            } catch {
                guard error == .readVerifyFailure || error == .databaseCorrupted || error == .pageNotInitialized else {
                    throw RedoError(error, at: position, database: database, page: number)
                }
            }
            decisions[number] = found.map { $0.databaseTime < after } ?? true
        }
        guard decisions[number] == true else { return nil }
        if missing.removeValue(forKey: number) != nil { counts.missing += 1 }
        return try during(number) { () throws(JetError) in try pages.newPage(number) }
    }

    /// Puts a page back that is newer already: the page that took its nodes was lost, and later records bring it
    /// forward again.
    func restore(
        _ flags: BeforeImageFlags, _ bytes: [UInt8], _ number: PageNumber, _ before: DatabaseTime
    ) throws(RedoError) -> Page {
        guard !bytes.isEmpty else {
            throw RedoError(
                RedoError.Code.databaseTimeTooNew, at: position, database: database, page: number, expected: before,
                found: try during(number) { () throws(JetError) in try pages.page(number)?.databaseTime })
        }
        let page = try during(number) { () throws(JetError) in
            let page = try pages.newPage(number)
            try BeforeImage(flags: flags, bytes: bytes).restore(to: page, number: number, databaseTime: before)
            return page
        }
        if missing.removeValue(forKey: number) != nil { counts.missing += 1 }
        decisions[number] = true
        counts.beforeImages += 1
        return page
    }

    /// Shows a before-image to who wants to see it, next to its page.
    func compareBeforeImage(
        _ flags: BeforeImageFlags, _ bytes: [UInt8], _ number: PageNumber, _ before: DatabaseTime, _ page: Page
    ) throws(RedoError) {
        guard let onBeforeImage, !bytes.isEmpty else { return }
        try during(number) { () throws(JetError) in
            try page.withCopy { (copy) throws(JetError) in
                try BeforeImage(flags: flags, bytes: bytes).restore(to: copy, number: number, databaseTime: before)
                onBeforeImage(number, copy, page)
            }
        }
    }

    /// Says that the file changed, which no page's time tells.
    func noteFileChange() { changedFile = true }

    /// Settles pages that a record makes disappear.
    func forgetMissing(_ isGone: (PageNumber) -> Bool) {
        for number in missing.keys where isGone(number) {
            missing[number] = nil
            counts.missing += 1
        }
    }

    /// Marks what changed so far in a record whose pages are independent of each other, and lets go of it.
    func finishPart() {
        if mark() { changedFile = true }
        decisions.removeAll(keepingCapacity: true)
        pages.release()
    }

    /// Marks what changed.
    private func finish() {
        let isPassed = !decisions.isEmpty
        if mark() || changedFile {
            counts.applied += 1
        } else if isPassed {
            counts.skipped += 1
        }
    }

    private func mark() -> Bool {
        var isChanged = false
        for (number, decided) in decisions where decided {
            isChanged = true
            // What a rollback may need is kept by the version store; here it only has to stay possible.
            if let page = try? pages.page(number), page.uncommittedFreeByteCount > page.freeByteCount {
                page.uncommittedFreeByteCount = page.freeByteCount
            }
            pages.markChanged(number, at: position, end: end)
        }
        return isChanged
    }

    private func abandon() {
        decisions.removeAll(keepingCapacity: true)
        changedFile = false
        pages.release()
    }
}
