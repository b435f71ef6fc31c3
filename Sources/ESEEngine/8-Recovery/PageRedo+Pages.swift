// Layer: ESEEngine/8-Recovery. Uses: PageRedo, SpaceHeader, Extent. Used by: PageRedo.
// Trees are made, converted and emptied; pages are taken, moved, overwritten; files grow and shrink.

import ESEFormat

extension PageRedo {
    /// Redoes what is no change of one node; records that change no page do nothing.
    func applyToPages(_ item: RedoRecord) throws(RedoError) {
        switch item.record {
        case .createMultipleExtentTree(let record): try create(record)
        case .createSingleExtentTree(let record): try create(record)
        case .convertTree(let record): try convert(record)
        case .emptyTree(let record): try empty(record, item.bytes)
        case .newPage(let record):
            if let page = try fresh(record.page, after: record.databaseTime) {
                page.initialize(
                    number: record.page, objectID: record.tree, flags: [.preInit, .newRecordFormat],
                    databaseTime: record.databaseTime)
            }
        case .scrub(let record): try scrub(record, item.bytes)
        case .pageMove(let record): try move(record, item.bytes)
        case .extendDatabase(let record):
            guard record.lastPage <= .greatest else { throw corrupt(record.lastPage) }
            try during(record.lastPage) { () throws(JetError) in try pages.extend(to: record.lastPage) }
            noteFileChange()
        case .shrinkDatabase(let record):
            guard record.lastPage <= .greatest else { throw corrupt(record.lastPage) }
            try during(record.lastPage) { () throws(JetError) in try pages.shrink(to: record.lastPage) }
            forgetMissing { $0 > record.lastPage }
            noteFileChange()
        case .trimDatabase(let record):
            guard let extent = Extent(first: record.firstPage, pageCount: record.pageCount) else {
                throw corrupt(record.firstPage)
            }
            try during(extent.first) { () throws(JetError) in
                try pages.trim(extent.first, pageCount: extent.pageCount)
            }
            forgetMissing { extent.contains($0) }
            noteFileChange()
        default: break
        }
    }

    // MARK: Trees.

    private func make(
        _ number: PageNumber, _ tree: ObjectID, _ flags: UInt32, isSpace: Bool, _ head: LoggedPage, header: [UInt8],
        nodes: [Extent]
    ) throws(RedoError) {
        guard let page = try fresh(number, after: head.databaseTime) else { return }
        var flags = PageFlags(rawValue: flags).union([.root, .leaf, .newRecordFormat])
        flags = flags.subtracting([.newChecksum, .flushType, .preInit, .parentOfLeaf, .empty])
        if isSpace { flags = flags.union(.spaceTree).subtracting(.repaired) }
        page.initialize(number: number, objectID: tree, flags: flags, databaseTime: head.databaseTime)
        header.lend { page.setExternalHeader(BytePieces($0)) }
        for extent in nodes {
            extent.key().lend { key in
                extent.data.lend { data in
                    page.insert(at: page.nodeCount, key: BytePieces(key), data: BytePieces(data), flags: [])
                }
            }
        }
    }

    private func create(_ record: CreateMultipleExtentTreeRecord) throws(RedoError) {
        let root = record.page.page
        guard record.ownedRoot != root, record.availableRoot != root, record.ownedRoot != record.availableRoot,
            record.primaryPageCount >= 3, let owned = Extent(first: root, pageCount: record.primaryPageCount)
        else { throw corrupt(root) }
        if root == PageNumber(1) {
            // A file that is made anew is as long as the one that was made.
            try during(root) { () throws(JetError) in try pages.extend(to: owned.last) }
        }
        let isUnique = record.page.flags.contains(.unique)
        let header = SpaceHeader(
            pageCount: record.primaryPageCount, parent: record.parentRoot, ownedRoot: record.ownedRoot,
            flags: isUnique ? [] : .nonUnique)
        try make(
            root, record.tree, record.pageFlags, isSpace: false, record.page, header: header.encoded(), nodes: [])
        let buffer = SplitBuffer().encoded()
        try make(
            record.ownedRoot, record.tree, record.pageFlags, isSpace: true, record.page, header: buffer,
            nodes: [owned])
        let available = Extent(checkedLast: owned.last, pageCount: record.primaryPageCount - 3)
        try make(
            record.availableRoot, record.tree, record.pageFlags, isSpace: true, record.page, header: buffer,
            nodes: available.map { [$0] } ?? [])
    }

    private func create(_ record: CreateSingleExtentTreeRecord) throws(RedoError) {
        let count = record.primaryPageCount
        guard Extent(first: record.page.page, pageCount: count) != nil else { throw corrupt(record.page.page) }
        let header = SpaceHeader(
            singleExtentOf: count, parent: record.parentRoot,
            availableBits: count > 32 ? .max : UInt32(truncatingIfNeeded: (1 as UInt64) << UInt64(count - 1) - 1),
            flags: record.page.flags.contains(.unique) ? [] : .nonUnique)
        try make(
            record.page.page, record.tree, record.pageFlags, isSpace: false, record.page, header: header.encoded(),
            nodes: [])
    }

    private func convert(_ record: ConvertTreeRecord) throws(RedoError) {
        let number = record.page.page
        guard record.ownedRoot != number, record.availableRoot != number, record.ownedRoot != record.availableRoot,
            let primary = Extent(first: number, pageCount: record.primaryPageCount),
            let secondary = Extent(first: record.secondaryFirst, pageCount: record.secondaryPageCount),
            secondary.pageCount >= 2, !primary.overlaps(secondary)
        else { throw corrupt(number) }
        let root = try existing(record.page)
        var (bits, flags) = (record.availableBits, record.pageFlags)
        if let root {
            guard root.isRoot, var header = Self.spaceHeader(root), header.ownedRoot == nil else {
                throw corrupt(number)
            }
            if record.isOld { (bits, flags) = (header.spaceNumber, root.flags.rawValue) }
            header.pageCount = record.primaryPageCount
            header.flags.insert(.multipleExtents)
            header.spaceNumber = record.ownedRoot.rawValue
            let bytes = header.encoded(withFieldFlags: root.externalHeader.byteCount > 16)
            try bytes.lend { (bytes) throws(RedoError) in
                guard root.canSetExternalHeader(BytePieces(bytes)) else { throw corrupt(number) }
                root.setExternalHeader(BytePieces(bytes))
            }
            root.databaseTime = record.page.databaseTime
        } else if record.isOld {
            // The old form does not say which pages were free; the root did, when it was written before its trees.
            let isMade = try fresh(record.ownedRoot, after: record.page.databaseTime) == nil
            guard isMade, try fresh(record.availableRoot, after: record.page.databaseTime) == nil else {
                throw corrupt(number)
            }
            return
        }
        flags &= ~(PageFlags.parentOfLeaf.rawValue)
        let buffer = SplitBuffer().encoded()
        let all = [primary, secondary].sorted { $0.last < $1.last }
        try make(record.ownedRoot, record.tree, flags, isSpace: true, record.page, header: buffer, nodes: all)
        var free = SpaceHeader(
            singleExtentOf: record.primaryPageCount, parent: record.parentRoot, availableBits: bits
        ).availableExtents(root: number)
        if let rest = Extent(checkedLast: secondary.last, pageCount: secondary.pageCount - 2) { free.append(rest) }
        free.sort { $0.last < $1.last }
        try make(record.availableRoot, record.tree, flags, isSpace: true, record.page, header: buffer, nodes: free)
    }

    private static func spaceHeader(_ root: Page) -> SpaceHeader? {
        try? SpaceHeader(decoding: root.externalHeader.buffer.bytes)
    }

    private func empty(_ record: EmptyTreeRecord, _ bytes: Bytes) throws(RedoError) {
        let head = record.node.page
        if let root = try existing(head) {
            guard root.isRoot else { throw corrupt(head.page) }
            root.emptyTree(databaseTime: head.databaseTime)
        }
        for index in 0..<record.pageCount {
            guard let entry = try? record.page(index, in: bytes.buffer.bytes) else { throw corrupt(head.page) }
            guard entry.page != head.page else { continue }
            if let page = try existing(
                entry.page, before: entry.databaseTimeBefore, after: head.databaseTime)
            {
                page.flags.insert(.empty)
                page.databaseTime = head.databaseTime
            }
            // There may be thousands, and each is for itself.
            if index % 16 == 15 { finishPart() }
        }
    }

    // MARK: Pages.

    private func scrub(_ record: ScrubRecord, _ bytes: Bytes) throws(RedoError) {
        let head = record.node.page
        guard let page = try existing(head) else { return }
        if record.flags & 1 != 0 {
            // Not in use: nothing of it stays. ESE leaves a page that is empty and belongs to no tree.
            page.initialize(
                number: head.page, objectID: page.objectID,
                flags: page.flags.union([.scrubbed, .leaf, .empty])
                    .subtracting(.parentOfLeaf), databaseTime: head.databaseTime)
            return
        }
        let operations = bytes.part(record.operations)
        guard operations.byteCount == page.nodeCount else { throw corrupt(head.page) }
        for line in 0..<operations.byteCount where operations[line] != 0 {
            // 1: a deleted node's data; 2: those of a long value nobody refers to.
            guard operations[line] <= 2, page.isLeaf else { throw corrupt(head.page) }
            let count = page.node(line).data.byteCount
            let fill = [UInt8](repeating: UInt8(ascii: operations[line] == 1 ? "d" : "l"), count: count)
            fill.lend { page.overwriteData(at: line, from: 0, with: $0) }
            page.setNodeFlags(at: line, page.nodeFlags(line).subtracting(.versioned))
        }
        page.flags.insert(.scrubbed)
        page.databaseTime = head.databaseTime
    }

    private func move(_ record: PageMoveRecord, _ bytes: Bytes) throws(RedoError) {
        let head = record.page
        let numbers = [head.page, record.destination, record.left, record.right, record.parent].filter { $0 != .none }
        guard Set(numbers).count == numbers.count else { throw corrupt(head.page) }
        let source = try existing(head)
        let destination = try fresh(record.destination, after: head.databaseTime)
        var (left, right, parent): (Page?, Page?, Page?)
        if record.left != .none {
            left = try existing(record.left, before: record.leftTimeBefore, after: head.databaseTime)
        }
        if record.right != .none {
            right = try existing(record.right, before: record.rightTimeBefore, after: head.databaseTime)
        }
        if record.parent != .none {
            parent = try existing(record.parent, before: record.parentTimeBefore, after: head.databaseTime)
        }
        let line = Int(record.parentLine)
        if let parent {
            guard !parent.isLeaf, line >= 0, line < parent.nodeCount, parent.child(line) == head.page else {
                throw corrupt(record.parent)
            }
        }
        if let destination {
            let (header, trailer) = (bytes.part(record.header), bytes.part(record.trailer))
            let gap = destination.byteCount - header.byteCount - trailer.byteCount
            guard gap >= 0 else { throw corrupt(record.destination) }
            let image = header.array() + [UInt8](repeating: 0, count: gap) + trailer.array()
            try during(record.destination) { () throws(JetError) in
                try BeforeImage(flags: [], bytes: image).restore(
                    to: destination, number: head.page, databaseTime: head.databaseTime)
            }
            if destination.isLarge { destination.store32(record.destination.rawValue, Page.Field.ownNumber) }
            destination.flags = destination.flags.subtracting([.preInit, .newChecksum, .flushType])
        }
        if let source {
            source.flags.insert(.empty)
            source.databaseTime = head.databaseTime
        }
        if let parent {
            parent.setChild(line, record.destination)
            parent.databaseTime = head.databaseTime
        }
        if let left {
            left.next = record.destination
            left.databaseTime = head.databaseTime
        }
        if let right {
            right.previous = record.destination
            right.databaseTime = head.databaseTime
        }
    }
}
