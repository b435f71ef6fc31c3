// Layer: ESEEngine/1-Page. Uses: SplitLines. Used by: trees when a page splits, redo.
// The split of one level, done and redone by the same code (rule P2): everything that decides what the pages look like
// is in the record or in the operation, and all of it is checked before the first byte changes.

public import ESEFormat

extension SplitRecord {
    /// Splits a page. Pages that need no redo are nil; the others are latched exclusively.
    /// - Parameters:
    ///   - source: The page that is split.
    ///   - new: Memory of the new page; what it holds is lost.
    ///   - right: The sibling to the right, if there is one.
    ///   - parent: The page above if it does not split itself: it gets the pointer. Those that split get it as the
    ///     operation of their own record.
    ///   - operation: What is done on the way; of the kind that the record names, at its line.
    /// - Throws: `logFileCorrupt` if pages and record don't belong together or the nodes don't fit; nothing is changed.
    public func apply(
        source: Page?, new: Page?, right: Page?, parent: Page? = nil, operation: SplitOperation
    ) throws(JetError) {
        guard newPage != .none else { throw .logFileCorrupt }
        var parentLine = 0
        if let parent, kind != .vertical {
            parentLine = try separator.lend { (key) throws(JetError) in
                try Self.pointerLine(in: parent, separator: key, left: page.page, right: newPage)
            }
        }
        if let source {
            try source.withCopy { (copy) throws(JetError) in
                try SplitLines.with(copy, operation, at: operationLine) { (lines) throws(JetError) in
                    try check(lines)
                    if let new { fill(new, lines) }
                    change(source, lines)
                }
            }
        } else if let new {
            try appendAlone(to: new, operation)
        }
        if let right, rightPage != .none {
            right.previous = newPage
            right.databaseTime = page.databaseTime
        }
        if let parent, kind != .vertical {
            separator.lend { Self.insertPointer(in: parent, at: parentLine, $0, left: page.page, right: newPage) }
            parent.databaseTime = page.databaseTime
        }
    }

    /// Gives a page that is not split the pointer to the new page of the level below: the page of a record without
    /// `newPage`.
    /// - Throws: `logFileCorrupt` if it does not lead to the split page, or there is no room; nothing is changed then.
    public func applyPointer(of child: SplitRecord, to branch: Page) throws(JetError) {
        let (left, right) = (child.page.page, child.newPage)
        try child.separator.lend { (key) throws(JetError) in
            let line = try Self.pointerLine(in: branch, separator: key, left: left, right: right)
            Self.insertPointer(in: branch, at: line, key, left: left, right: right)
        }
        branch.databaseTime = page.databaseTime
    }

    /// The operation that this split is for the page above, lent for the time of a call.
    public func withOperationOfParent<Result>(
        _ body: (SplitOperation) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try separator.lend { (key) throws(JetError) in
            try body(.child(separator: BytePieces(key), left: page.page, right: newPage))
        }
    }

    /// Whether nodes move from an existing page to another, so that the record must carry a before-image.
    public var needsBeforeImage: Bool {
        switch kind {
        case .append: false
        case .right: !(operation == .insert && splitLine == operationLine && splitLine == lineCount - 1)
        case .vertical: true
        }
    }

    // MARK: Parts.

    private func newPagePrefix(_ lines: SplitLines) -> BytePieces {
        prefixLineOfNew.map { lines[splitLine + $0].key } ?? BytePieces.empty
    }

    private func check(_ lines: SplitLines) throws(JetError) {
        let count = lines.count
        guard lines.operation.recorded == operation, operation == .none || lines.isConsistent, count == lineCount,
            count > 0, lines.page.isLeaf == newPageFlags.contains(.leaf), !newPageFlags.contains(.root)
        else { throw .logFileCorrupt }
        switch kind {
        case .vertical: guard splitLine == 0, lines.page.isRoot else { throw .logFileCorrupt }
        case .right: guard splitLine > 0, splitLine < count, !lines.page.isRoot else { throw .logFileCorrupt }
        case .append:
            guard operation == .insert, splitLine == count - 1, operationLine == splitLine, lines.page.isLeaf,
                !lines.page.isRoot
            else { throw .logFileCorrupt }
        }
        if let line = prefixLineOfNew {
            guard line >= 0, line < count - splitLine else { throw .logFileCorrupt }
        }
        let size = lines.page.size
        let available = Page.availableByteCount(size)
        let prefix = newPagePrefix(lines)
        let newBytes = lines.byteCount(splitLine..<count, prefix: prefix) + prefix.byteCount
        guard newBytes <= available, uncommittedFreeOfNew >= 0, uncommittedFreeOfNew <= available - newBytes else {
            throw .logFileCorrupt
        }
        var sourceBytes = lines.page.byteCount - lines.page.headerByteCount - 4 - lines.page.freeByteCount
        switch kind {
        case .right:
            sourceBytes = newPrefix.lend { lines.byteCount(0..<splitLine, prefix: BytePieces($0)) } + newPrefix.count
        case .vertical: sourceBytes = lines.page.externalHeader.byteCount + 10
        case .append: break
        }
        guard sourceBytes <= available, uncommittedFreeOfSource >= 0,
            uncommittedFreeOfSource <= available - sourceBytes
        else { throw .logFileCorrupt }
    }

    private func start(_ new: Page) {
        let flags = newPageFlags.subtracting([.newChecksum, .flushType, .preInit])
        new.initialize(number: newPage, objectID: objectID, flags: flags, databaseTime: page.databaseTime)
        guard kind != .vertical, flags.contains(.leaf) else { return }
        new.previous = page.page
        new.next = rightPage
    }

    private func fill(_ new: Page, _ lines: SplitLines) {
        start(new)
        let prefix = newPagePrefix(lines)
        if !prefix.isEmpty { new.setExternalHeader(prefix) }
        lines.append(splitLine..<lineCount, to: new)
        new.uncommittedFreeByteCount = uncommittedFreeOfNew
    }

    private func change(_ source: Page, _ lines: SplitLines) {
        switch kind {
        case .vertical:
            source.removeAll(keepingExternalHeader: true)
            // What counts the writes of the page is its own.
            let own = PageFlags([.flushType, .newChecksum, .deletedRoot])
            source.flags = splitPageFlags.subtracting(own).union(source.flags.intersection(own))
            source.insertChild(at: 0, key: BytePieces.empty, newPage)
        case .right:
            source.removeAll(keepingExternalHeader: false)
            newPrefix.lend { if !$0.isEmpty { source.setExternalHeader(BytePieces($0)) } }
            lines.append(0..<splitLine, to: source)
            if source.isLeaf { source.next = newPage }
        case .append:
            source.next = newPage
        }
        source.uncommittedFreeByteCount = uncommittedFreeOfSource
        source.databaseTime = page.databaseTime
    }

    /// The new page of a split that moves no node, while the split page needs no redo.
    private func appendAlone(to new: Page, _ operation: SplitOperation) throws(JetError) {
        guard !needsBeforeImage, case .insert(let key, let data, let flags) = operation,
            newPageFlags.contains(.leaf), !newPageFlags.contains(.root), prefixLineOfNew ?? 0 == 0
        else { throw .logFileCorrupt }
        let hasPrefix = prefixLineOfNew != nil
        let shared = hasPrefix && key.byteCount > Page.prefixOverhead ? key.byteCount : 0
        let bytes = Page.nodeByteCount(
            keyByteCount: key.byteCount, sharedByteCount: shared, dataByteCount: data.byteCount)
        let rest = Page.availableByteCount(new.size) - bytes - 4 - (hasPrefix ? key.byteCount : 0)
        guard rest >= 0, uncommittedFreeOfNew >= 0, uncommittedFreeOfNew <= rest else { throw .logFileCorrupt }
        start(new)
        if hasPrefix { new.setExternalHeader(key) }
        new.insert(at: 0, key: key, data: data, flags: flags)
        new.uncommittedFreeByteCount = uncommittedFreeOfNew
    }

    private static func pointerLine(
        in branch: Page, separator: Bytes, left: PageNumber, right: PageNumber
    ) throws(JetError) -> Int {
        guard !branch.isLeaf, !separator.isEmpty, right != .none else { throw .logFileCorrupt }
        let found = branch.lowerBound(separator)
        guard !found.isExact, found.line < branch.nodeCount, branch.child(found.line) == left,
            branch.nodeCount < 0x0ffe,
            branch.insertByteCount(key: BytePieces(separator), dataByteCount: 4) <= branch.freeByteCount
        else { throw .logFileCorrupt }
        return found.line
    }

    private static func insertPointer(
        in branch: Page, at line: Int, _ separator: Bytes, left: PageNumber, right: PageNumber
    ) {
        branch.insertChild(at: line, key: BytePieces(separator), left)
        branch.setChild(line + 1, right)
    }
}
