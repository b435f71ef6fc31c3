// Layer: ESEVerify. Uses: PageReader, PageChecksum, PageLayout. Used by: TreeWalk, free pages.
// One page by itself: the checksum, and what holds between its header, tags and nodes. ESE's name: CPAGE::ErrCheckPage.

import ESEFormat

extension Checker {
    /// Reads a page and checks its checksum; a single wrong bit is put right. False if the page can't be used.
    /// - Parameter mayBeUninitialized: whether a page of zeros is legal.
    func load(_ number: PageNumber, into page: inout [UInt8], _ tree: TreeSpec, isFree: Bool = false) -> Bool {
        do {
            try reader.read(number, into: &page)
        } catch {
            switch error {
            case .beyondEnd: add(.treeChild, tree, page: number, "the page lies beyond the end of the file")
            case .system(let text): add(.pageUnreadable, tree, page: number, text)
            }
            return false
        }
        if !tree.isQuiet { step() }
        let verdict = PageChecksum.verify(page.span.bytes, number: number, size: size, lastPage: reader.lastPage)
        switch verdict {
        case .valid: return true
        case .uninitialized:
            if !isFree { add(.pageUninitialized, tree, page: number, "all bytes are zero", expected: "a page in use") }
            return false
        case .correctable(let bit):
            add(.pageBit, tree, page: number, "bit \(bit % 8) of byte \(bit / 8) is wrong")
            page[bit / 8] ^= 1 << UInt8(bit % 8)
            return true
        case .misplaced(let other):
            add(.pageMisplaced, tree, page: number, "the page of number \(other)")
            return false
        case .invalid(let stored, let computed):
            if let bits = PageChecksum.repair(&page, number: number, size: size, lastPage: reader.lastPage) {
                add(.pageBit, tree, page: number, "\(bits.count) bits are wrong, one in each of several blocks")
                return true
            }
            add(.pageChecksum, tree, page: number, hex(stored), expected: hex(computed))
            return false
        }
    }

    /// Checks counts, tags and nodes' parts. nil if the page's nodes can't be found at all.
    func checkStructure(_ page: RawSpan, _ number: PageNumber, _ tree: TreeSpec) -> PageLayout? {
        let header: PageHeader
        let layout: PageLayout
        do {
            header = try PageHeader(page, size: size)
        } catch {
            add(.pageHeader, tree, page: number, "\(error)")
            return nil
        }
        do {
            layout = try PageLayout(page, size: size)
        } catch {
            add(
                error.code == .badTag ? .tagRange : .pageHeader, tree, page: number,
                "\(header.tagCount) tags, \(header.usedByteCount) bytes in use: \(error)")
            return nil
        }
        if let own = header.ownNumber, own != number {
            add(.pageNumber, tree, page: number, "the page says it is \(own)", expected: "\(number)")
        }
        if let time = self.header.databaseTime, header.databaseTime > time {
            // A database in use writes its pages before its header.
            add(
                .pageTime, tree, page: number, severity: self.header.isClean ? .error : .note,
                "changed at \(header.databaseTime)", expected: "at most \(time), as the header says")
        }
        if header.uncommittedFreeByteCount > header.freeByteCount {
            add(
                .pageUncommittedFree, tree, page: number, "\(header.uncommittedFreeByteCount) bytes kept",
                expected: "at most the \(header.freeByteCount) that are free")
        }
        checkTags(page, number, header, layout, tree)
        return layout
    }

    private func checkTags(
        _ page: RawSpan, _ number: PageNumber, _ header: PageHeader, _ layout: PageLayout, _ tree: TreeSpec
    ) {
        let start = size.headerByteCount
        // Taken out while it is used: a property of an object is checked at every access.
        var marks = usedBytes
        usedBytes = []
        defer { usedBytes = marks }
        let words = (layout.usedEnd + 63) / 64
        for word in 0..<min(words, marks.count) { marks[word] = 0 }
        var sum = 0
        var isCounted = true
        for index in 0..<layout.tagCount {
            let tag: Tag
            do {
                tag = try layout.tag(index, in: page)
            } catch {
                add(
                    .tagRange, tree, page: number, node: index - layout.reservedTagCount,
                    "the tag points outside the used part of \(header.usedByteCount) bytes")
                isCounted = false
                continue
            }
            sum += tag.range.count
            if tag.range.isEmpty {
                if index >= layout.reservedTagCount {
                    add(.tagEmpty, tree, page: number, node: index - layout.reservedTagCount, "the tag has no bytes")
                }
                continue
            }
            if !Self.mark(tag.range, in: &marks) {
                add(
                    .tagOverlap, tree, page: number, node: index - layout.reservedTagCount,
                    "bytes \(tag.range.lowerBound - start)...\(tag.range.upperBound - 1 - start) belong to another too")
            }
        }
        let free = size.byteCount - start - 4 * layout.tagCount - sum
        if isCounted, free != header.freeByteCount {
            add(.pageFreeCount, tree, page: number, "\(header.freeByteCount) free bytes", expected: "\(free)")
        }
    }

    /// Marks bytes as used; false if some were.
    private static func mark(_ range: Range<Int>, in usedBytes: inout [UInt64]) -> Bool {
        var isFirst = true
        var place = range.lowerBound
        while place < range.upperBound {
            let word = place >> 6
            guard word < usedBytes.count else { return isFirst }
            let bit = place & 63
            let count = min(64 - bit, range.upperBound - place)
            let mask = (count == 64 ? UInt64.max : (1 << UInt64(count)) - 1) << UInt64(bit)
            if usedBytes[word] & mask != 0 { isFirst = false }
            usedBytes[word] |= mask
            place += count
        }
        return isFirst
    }

    /// A node, or why there is none.
    func node(
        _ index: Int, _ page: RawSpan, _ number: PageNumber, _ layout: PageLayout, _ tree: TreeSpec
    ) -> Node? {
        do {
            let node = try layout.node(index, in: page)
            if node.data.isEmpty { add(.nodeEmpty, tree, page: number, node: index, "the node has no data") }
            return node
        } catch {
            // A tag out of range was reported with the others.
            guard error.code != .badTag, let tag = try? layout.tag(index + layout.reservedTagCount, in: page) else {
                return nil
            }
            if tag.flags.contains(.compressed), let prefix: UInt16 = try? page.little(tag.range.lowerBound),
                Int(prefix & 0x1fff) > (layout.isRoot ? 0 : layout.externalHeader.count)
            {
                add(
                    .prefixLength, tree, page: number, node: index, "\(prefix & 0x1fff) bytes of the prefix",
                    expected: "at most \(layout.isRoot ? 0 : layout.externalHeader.count)")
            } else if !tag.range.isEmpty {
                add(.nodeMalformed, tree, page: number, node: index, "\(error)")
            }
            return nil
        }
    }

    /// Checks pages that belong to the database but to no tree: they may be zero, but not damaged.
    func checkFreePages() {
        begin(.freePages, "")
        let tree = TreeSpec(kind: .database, root: .databaseRoot, objectID: ObjectID(1))
        var page = [UInt8](repeating: 0, count: size.byteCount)
        guard reader.lastPage != .none else { return }
        for number in 1...reader.lastPage.rawValue where users[Int(number)] == Self.freeUser {
            if isStopped { return }
            _ = load(PageNumber(number), into: &page, tree, isFree: true)
        }
    }
}
