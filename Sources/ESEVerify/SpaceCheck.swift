// Layer: ESEVerify. Uses: TreeWalk. Used by: Checker.
// Who owns which page. Invariant: the pages that a tree owns are those it uses for nodes, those it uses for its
// extents, those it keeps in reserve, those it has free, and those its children own; each page is one of these once.

import ESEFormat
import ESEReader

/// The space of a tree. ESE's names: SPACE_HEADER, OE and AE trees, SPLIT_BUFFER.
struct TreeSpace {
    /// Whether the root's space header could be read.
    var isKnown = false
    /// Whether pages of the tree could not be read, so that it may use more pages than are known.
    var isIncomplete = false
    /// Whether pages of the trees of extents could not be read.
    var isSpaceIncomplete = false
    var parent = PageNumber.none
    var owned: [PlacedExtent] = []
    var available: [PlacedExtent] = []
    var reserve: [PlacedExtent] = []
}

/// Pages in a row, and where that is said.
struct PlacedExtent {
    var first: UInt32
    var last: UInt32
    var page: PageNumber
    var node: Int?
}

extension Checker {
    /// Pages that are free.
    static let freeUser = UInt32.max
    /// Pages in the reserve of a tree of extents.
    static let reserveUser = UInt32.max - 1

    /// Reads the space of a tree from its root's external header and the trees of extents.
    func readSpace(_ position: Int, _ header: [UInt8]?) {
        let tree = roots[position].spec
        guard let header, !isStopped else { return }
        do {
            try readSpace(position, header.span.bytes, tree)
        } catch {
            add(
                .spaceHeader, tree, page: tree.root, "\(header.count) bytes \(hexText(header))",
                expected: "16, 17 or 25")
        }
    }

    private func readSpace(_ position: Int, _ header: RawSpan, _ tree: TreeSpec) throws(FormatError) {
        let header = try SpaceHeader(decoding: header)
        roots[position].space.parent = header.parent
        if let owned = header.ownedRoot, let available = header.availableRoot {
            readExtents(position, owned, .owned)
            readExtents(position, available, .available)
        } else {
            readSingle(position, header, tree)
        }
        roots[position].space.isKnown = true
    }

    /// A tree with pages in one row and a bit for each that is free.
    private func readSingle(_ position: Int, _ header: SpaceHeader, _ tree: TreeSpec) {
        guard let owned = header.singleExtent(root: tree.root) else {
            return add(
                .spaceHeader, tree, page: tree.root, "\(header.pageCount) pages, flags \(header.flags.rawValue)",
                expected: "one extent of a page or more")
        }
        func place(_ extent: Extent) -> PlacedExtent {
            PlacedExtent(first: extent.first.rawValue, last: extent.last.rawValue, page: tree.root)
        }
        roots[position].space.owned = [place(owned)]
        roots[position].space.available = header.availableExtents(root: tree.root).map(place)
        if owned.pageCount <= 32, header.spaceNumber >> (owned.pageCount - 1) != 0 {
            add(
                .spaceBitmap, tree, page: tree.root, "bitmap \(hex(UInt64(header.spaceNumber)))",
                expected: "bits for the \(owned.pageCount - 1) pages after the root")
        }
    }

    private func readExtents(_ position: Int, _ root: PageNumber, _ kind: TreeSpec.Kind) {
        var tree = roots[position].spec
        tree.kind = kind
        tree.root = root
        tree.isUnique = true
        var extents: [PlacedExtent] = []
        let walk = TreeWalk(tree, self) { number, page, layout in
            for index in 0..<layout.nodeCount {
                guard let node = try? layout.node(index, in: page), !node.isDeleted else { continue }
                do {
                    if let extent = try self.extent(number, page, layout, index, node) { extents.append(extent) }
                } catch {
                    self.add(
                        .spaceExtent, tree, page: number, node: index,
                        "key \(hexText(layout.key(of: node, in: page))), data \(hexText(page.bytes(node.data)))",
                        expected: "a last page and a count")
                }
            }
        }
        walk.run()
        if walk.isIncomplete { roots[position].space.isSpaceIncomplete = true }
        if let header = walk.rootHeader { readReserve(position, header, tree) }
        extents = withoutOverlaps(extents, tree)
        if kind == .owned { roots[position].space.owned = extents } else { roots[position].space.available = extents }
    }

    private func extent(
        _ number: PageNumber, _ page: RawSpan, _ layout: PageLayout, _ index: Int, _ node: Node
    ) throws(FormatError) -> PlacedExtent? {
        let key = layout.key(of: node, in: page)
        let (found, pool) = try Extent.decode(key: key.span.bytes, data: page.extracting(node.data))
        // Pages that are shelved are out of use, whoever owns them.
        guard let found, pool != .shelved else { return nil }
        return PlacedExtent(first: found.first.rawValue, last: found.last.rawValue, page: number, node: index)
    }

    private func withoutOverlaps(_ extents: [PlacedExtent], _ tree: TreeSpec) -> [PlacedExtent] {
        var result: [PlacedExtent] = []
        var end: UInt32 = 0
        for var extent in extents.sorted(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
            if extent.first <= end {
                add(
                    .spaceOverlap, tree, page: extent.page, node: extent.node,
                    "pages \(extent.first)...\(extent.last)", expected: "pages after \(end)")
                guard extent.last > end else { continue }
                extent.first = end + 1
            }
            end = extent.last
            result.append(extent)
        }
        return result
    }

    /// What a tree of extents keeps for its own splits.
    private func readReserve(_ position: Int, _ header: [UInt8], _ tree: TreeSpec) {
        do {
            let buffer = try SplitBuffer(decoding: header.span.bytes)
            for extent in [buffer.first, buffer.second].compactMap({ $0 }) {
                roots[position].space.reserve.append(
                    PlacedExtent(first: extent.first.rawValue, last: extent.last.rawValue, page: tree.root))
            }
        } catch {
            add(
                .spaceSplitBuffer, tree, page: tree.root, hexText(header), expected: "no bytes, or two extents in 16")
        }
    }
}

// MARK: All trees together.

extension Checker {
    func checkSpace() {
        guard !isStopped else { return }
        var owners = [UInt32](repeating: 0, count: users.count)
        for position in roots.indices { own(position, &owners) }
        for position in roots.indices {
            use(position, roots[position].space.available, as: Self.freeUser, owners)
            use(position, roots[position].space.reserve, as: Self.reserveUser, owners)
        }
        checkUses(owners)
    }

    /// The pages of the file in an extent.
    private func inFile(_ extent: PlacedExtent) -> ClosedRange<Int>? {
        let last = min(extent.last, reader.lastPage.rawValue)
        return extent.first >= 1 && extent.first <= last ? Int(extent.first)...Int(last) : nil
    }

    private func own(_ position: Int, _ owners: inout [UInt32]) {
        let root = roots[position]
        guard root.space.isKnown else { return }
        let parent = root.parent.map { roots[$0] }
        let expected = parent?.spec.root ?? .none
        if root.space.parent != expected {
            add(.spaceParent, root.spec, page: root.spec.root, "page \(root.space.parent)", expected: "\(expected)")
        }
        let parentUser = parent?.spec.user ?? 0
        let isParentKnown = parent.map { $0.space.isKnown && !$0.space.isSpaceIncomplete } ?? true
        for extent in root.space.owned {
            if extent.last > reader.lastPage.rawValue {
                add(
                    position == 0 ? .fileLength : .spaceBeyondEnd, root.spec, page: extent.page, node: extent.node,
                    "owns pages up to \(extent.last)", expected: "at most \(reader.lastPage), the last of the file")
            }
            guard let pages = inFile(extent) else { continue }
            for page in pages {
                let owner = owners[page]
                if owner == parentUser || (owner == 0 && !isParentKnown) {
                    owners[page] = root.spec.user
                    continue
                }
                let isAncestor = owner == 0 || owner == 1
                if isAncestor {
                    add(
                        .spaceNotParents, root.spec, page: PageNumber(UInt32(page)),
                        "owned in \(extent.first)...\(extent.last), and not by the parent")
                    if owner == 0 { owners[page] = root.spec.user }
                } else {
                    add(
                        .spaceDoublyOwned, root.spec, page: PageNumber(UInt32(page)),
                        "owned by object \(roots[Int(owner) - 1].spec.objectID) too")
                }
                break
            }
        }
    }

    /// Marks free pages and reserves.
    private func use(_ position: Int, _ extents: [PlacedExtent], as user: UInt32, _ owners: [UInt32]) {
        let root = roots[position]
        for extent in extents {
            if extent.last > reader.lastPage.rawValue {
                add(
                    .spaceBeyondEnd, root.spec, page: extent.page, node: extent.node,
                    "pages up to \(extent.last) are free", expected: "at most \(reader.lastPage), the last of the file")
            }
            guard let pages = inFile(extent) else { continue }
            var mistakeCount = 0
            for page in pages {
                if owners[page] != root.spec.user, !root.space.isSpaceIncomplete {
                    mistakeCount += 1
                    if mistakeCount == 1 {
                        add(
                            .spaceNotOwned, root.spec, page: PageNumber(UInt32(page)),
                            "free in \(extent.first)...\(extent.last)", expected: owner(owners[page]))
                    }
                } else if users[page] != 0 {
                    mistakeCount += 1
                    if mistakeCount == 1 {
                        add(
                            .spaceUsedAndFree, root.spec, page: PageNumber(UInt32(page)),
                            "free in \(extent.first)...\(extent.last), and \(self.user(users[page]))")
                    }
                }
                // Damaged extents may claim the same pages again and again.
                if mistakeCount > 1_000 { break }
                if users[page] == 0 { users[page] = user }
            }
        }
    }

    private func owner(_ user: UInt32) -> String {
        user == 0 ? "a page of the database" : "a page of object \(roots[Int(user) - 1].spec.objectID)"
    }

    private func user(_ user: UInt32) -> String {
        switch user {
        case Self.freeUser: "free elsewhere too"
        case Self.reserveUser: "in reserve"
        default: "in use by object \(roots[Int(user) - 1].spec.objectID)"
        }
    }

    private func checkUses(_ owners: [UInt32]) {
        guard reader.lastPage != .none else { return }
        var lost: (first: Int, owner: UInt32)?
        func endLost(_ page: Int) {
            guard let (first, owner) = lost else { return }
            lost = nil
            let root = roots[Int(owner) - 1]
            let isExcused = root.space.isIncomplete || root.space.isSpaceIncomplete || !root.space.isKnown
            add(
                .spaceLost, root.spec, page: PageNumber(UInt32(first)), severity: isExcused ? .note : .error,
                first == page - 1
                    ? "the page is neither in use nor free" : "pages \(first)...\(page - 1) are neither in use nor free"
            )
        }
        for page in 1...Int(reader.lastPage.rawValue) {
            let owner = owners[page]
            let user = users[page]
            if let open = lost, user != 0 || owner != open.owner { endLost(page) }
            switch user {
            case 0:
                if owner == 0 { counts.unownedPages += 1 } else if lost == nil { lost = (page, owner) }
            case Self.freeUser: counts.freePages += 1
            case Self.reserveUser: counts.freePages += 1
            default:
                let root = roots[Int(user) - 1]
                if owner != user, root.space.isKnown, !root.space.isSpaceIncomplete {
                    add(
                        .spaceNotOwned, root.spec, page: PageNumber(UInt32(page)), "in use", expected: self.owner(owner)
                    )
                }
            }
        }
        endLost(Int(reader.lastPage.rawValue) + 1)
    }

    /// A part of a page at the end is none of the database's.
    func checkFileTail() {
        let rest = source.byteCount % UInt64(size.byteCount)
        if rest != 0 {
            add(Finding(.fileTail, found: "\(rest) bytes behind the last page", expected: "whole pages"))
        }
    }
}
