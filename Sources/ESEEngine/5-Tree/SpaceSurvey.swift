// Layer: ESEEngine/5-Tree. Uses: Space, SurveyedTree. Used by: recovery.
// Which pages of a database nobody has (rule S1): owned by a tree, and neither in use by it or its trees of extents,
// nor
// free, nor owned by a child. A machine that stops leaves some: pages that were taken and not used yet.
//
// Of data only branch pages are read: those above the leaves name the leaves.

import ESEFormat

/// Who has which page of a database that nobody changes. All trees are told first, then surveyed, then asked for.
struct SpaceSurvey {
    private let database: Database
    /// A bit for each page that a tree uses or has free.
    private var taken: [UInt64] = []
    /// The trees, parents first; the database's root at 0.
    private(set) var trees: [SurveyedTree] = []
    /// A page that two have: nothing in the database is sure then.
    private(set) var contested: PageNumber?

    /// Knows the root of the database.
    init(_ database: Database) {
        self.database = database
        trees.append(SurveyedTree(root: .databaseRoot, objectID: ObjectID(1), parent: nil))
    }

    /// Adds a tree.
    /// - Parameter parent: The place of its parent, which was added before.
    /// - Returns: Its place.
    mutating func add(_ root: PageNumber, _ objectID: ObjectID, parent: Int) -> Int {
        trees.append(SurveyedTree(root: root, objectID: objectID, parent: parent))
        trees[parent].children.append(trees.count - 1)
        return trees.count - 1
    }

    /// The last page that the root of the database owns; nil before that was surveyed, or if it isn't known.
    var lastPage: PageNumber? { trees[0].isOwnedKnown ? trees[0].owned.last?.last : nil }

    // MARK: Reading.

    /// Reads who has what in a tree. The database's root comes first.
    mutating func survey(_ place: Int) {
        do throws(SpaceDoubt) {
            try readSpace(place)
            try walk(trees[place].root, place, depth: 0)
        } catch {
            trees[place].doubt = error.text
        }
    }

    private mutating func readSpace(_ place: Int) throws(SpaceDoubt) {
        let tree = trees[place]
        let parent = tree.parent.map { trees[$0].root } ?? .none
        let held = try latch(tree.root)
        let (flags, objectID) = (held.page.flags, held.page.objectID)
        let bytes = held.page.externalHeader.array()
        database.release(held)
        guard flags.contains(.root), !flags.contains(.spaceTree), objectID == tree.objectID,
            let header = try? SpaceHeader(decoding: bytes.span.bytes), header.parent == parent
        else { throw SpaceDoubt("its root is none") }
        var free: [Extent] = []
        if let ownedRoot = header.ownedRoot, let availableRoot = header.availableRoot {
            let owned = try extents(ownedRoot, tree.objectID)
            let available = try extents(availableRoot, tree.objectID)
            try own(owned.extents, place)
            for page in owned.pages + available.pages { try take(page, place) }
            free = owned.reserve + available.reserve + available.extents
        } else {
            guard let owned = header.singleExtent(root: tree.root) else { throw SpaceDoubt("its extent isn't known") }
            try own([owned], place)
            free = header.availableExtents(root: tree.root)
        }
        for extent in free {
            for page in extent.pages { try take(PageNumber(page), place) }
        }
    }

    /// Notes what a tree owns.
    private mutating func own(_ extents: [Extent], _ place: Int) throws(SpaceDoubt) {
        let sorted = extents.sorted { $0.last < $1.last }
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.last >= right.first {
            throw SpaceDoubt("its extents \(left) and \(right) overlap")
        }
        guard let last = sorted.last?.last else { throw SpaceDoubt("it owns nothing") }
        if place == 0 {
            guard let byteCount = try? database.file.byteCount(),
                database.pageSize.fileOffset(of: last) < byteCount
            else { throw SpaceDoubt("it owns pages up to \(last), and the file ends before") }
            taken = [UInt64](repeating: 0, count: Int(last.rawValue) / 64 + 1)
        }
        guard last.rawValue / 64 < taken.count else { throw SpaceDoubt("it owns pages up to \(last)") }
        trees[place].owned = sorted
        trees[place].isOwnedKnown = true
    }

    /// Marks a page that a tree uses or has free.
    private mutating func take(_ page: PageNumber, _ place: Int) throws(SpaceDoubt) {
        guard trees[place].owns(page) else { throw SpaceDoubt("page \(page) isn't its own") }
        let bit: UInt64 = 1 << UInt64(page.rawValue & 63)
        let word = Int(page.rawValue / 64)
        guard taken[word] & bit == 0 else {
            contested = page
            throw SpaceDoubt("page \(page) is there twice")
        }
        taken[word] |= bit
    }

    private func isTaken(_ page: UInt32) -> Bool { taken[Int(page / 64)] & 1 << UInt64(page & 63) != 0 }

    /// Marks the pages below one of a tree of data, itself included. What was marked before isn't gone into again, so
    /// this ends.
    private mutating func walk(_ number: PageNumber, _ place: Int, depth: Int) throws(SpaceDoubt) {
        guard depth < Tree.greatestDepth else { throw SpaceDoubt("it is too high") }
        try take(number, place)
        let (children, areLeaves) = try branch(number, place, isRoot: depth == 0)
        for child in children {
            if areLeaves { try take(child, place) } else { try walk(child, place, depth: depth + 1) }
        }
    }

    /// The pages that a branch page leads to, none for a root that is a leaf, and whether they are leaves.
    private func branch(
        _ number: PageNumber, _ place: Int, isRoot: Bool
    ) throws(SpaceDoubt) -> (children: [PageNumber], areLeaves: Bool) {
        let held = try latch(number)
        defer { database.release(held) }
        let (page, flags) = (held.page, held.page.flags)
        guard page.objectID == trees[place].objectID, page.isRoot == isRoot, !flags.contains(.spaceTree),
            isRoot || !page.isLeaf
        else { throw SpaceDoubt("page \(number) is another's") }
        if page.isLeaf { return ([], true) }
        return ((0..<page.nodeCount).map { page.child($0) }, flags.contains(.parentOfLeaf))
    }

    private func latch(_ page: PageNumber) throws(SpaceDoubt) -> HeldPage {
        guard page > .none, page <= .greatest else { throw SpaceDoubt("there is no page \(page)") }
        do throws(JetError) {
            return try database.latch(page, .shared)
        } catch {
            throw SpaceDoubt("page \(page) can't be read: \(error)")
        }
    }

    // MARK: Trees of extents.

    /// What a tree of extents has.
    private struct ExtentTree {
        var pages: [PageNumber] = []
        var extents: [Extent] = []
        /// Pages that it keeps for its own splits.
        var reserve: [Extent] = []
    }

    private func extents(_ root: PageNumber, _ objectID: ObjectID) throws(SpaceDoubt) -> ExtentTree {
        var result = ExtentTree()
        var seen: Set<PageNumber> = [root]
        var next = [root]
        while let number = next.popLast() {
            result.pages.append(number)
            let held = try latch(number)
            defer { database.release(held) }
            let page = held.page
            guard page.objectID == objectID, page.flags.contains(.spaceTree), page.isRoot == (number == root) else {
                throw SpaceDoubt("page \(number) is none of its extents")
            }
            if page.isRoot {
                let bytes = page.externalHeader.array()
                guard let buffer = try? SplitBuffer(decoding: bytes.span.bytes) else {
                    throw SpaceDoubt("page \(number) has no reserve")
                }
                result.reserve = [buffer.first, buffer.second].compactMap { $0 }
            }
            for line in 0..<page.nodeCount {
                if page.isLeaf {
                    // Those of all pools: what is kept for something isn't lost.
                    let node = page.node(line)
                    if node.isDeleted { continue }
                    let (key, data) = (node.key.array(), node.data.array())
                    guard let found = try? Extent.decode(key: key.span.bytes, data: data.span.bytes) else {
                        throw SpaceDoubt("node \(line) of page \(number) is no extent")
                    }
                    if let extent = found.extent { result.extents.append(extent) }
                } else {
                    guard seen.insert(page.child(line)).inserted else {
                        throw SpaceDoubt("page \(page.child(line)) is there twice")
                    }
                    next.append(page.child(line))
                }
            }
        }
        return result
    }

    // MARK: What is lost.

    /// Looks at each tree with its children, once all are surveyed.
    mutating func compare() {
        for place in trees.indices where trees[place].isOwnedKnown && trees[place].doubt == nil {
            do throws(SpaceDoubt) {
                let children = try childExtents(of: place)
                trees[place].lost = lost(of: place, children)
            } catch {
                trees[place].doubt = error.text
            }
        }
    }

    /// What the children of a tree own, in order.
    private func childExtents(of place: Int) throws(SpaceDoubt) -> [Extent] {
        var result: [Extent] = []
        for child in trees[place].children {
            guard trees[child].isOwnedKnown else {
                throw SpaceDoubt("what the tree at page \(trees[child].root) owns isn't known")
            }
            result += trees[child].owned
        }
        result.sort { $0.last < $1.last }
        for (left, right) in zip(result, result.dropFirst()) where left.last >= right.first {
            throw SpaceDoubt("its trees' extents \(left) and \(right) overlap")
        }
        for extent in result where !trees[place].owns(extent) {
            throw SpaceDoubt("its trees' extent \(extent) isn't its own")
        }
        return result
    }

    /// Runs of pages that nobody has, each inside of one owned extent.
    private func lost(of place: Int, _ children: [Extent]) -> [Extent] {
        var result: [Extent] = []
        var child = 0
        for owned in trees[place].owned {
            var first: UInt32?
            func end(before page: UInt32) {
                if let first, let extent = Extent(first...page - 1) { result.append(extent) }
                first = nil
            }
            for page in owned.pages {
                while child < children.count, children[child].last.rawValue < page { child += 1 }
                let isChilds = child < children.count && children[child].first.rawValue <= page
                if isChilds || isTaken(page) { end(before: page) } else if first == nil { first = page }
            }
            end(before: owned.last.rawValue + 1)
        }
        return result
    }

    /// Whether a tree and all above it are as they should be: only then its space may be changed.
    func isSure(_ place: Int) -> Bool {
        var next: Int? = place
        while let place = next {
            if trees[place].doubt != nil { return false }
            next = trees[place].parent
        }
        return contested == nil
    }
}

/// A tree of a survey.
struct SurveyedTree {
    /// Its root.
    let root: PageNumber
    /// Its number.
    let objectID: ObjectID
    /// The place of its parent; nil for the database's root.
    let parent: Int?
    /// The places of its children.
    var children: [Int] = []
    /// What it owns, in order, its children's pages included; if that is known.
    var owned: [Extent] = []
    /// Whether it is known what it owns.
    var isOwnedKnown = false
    /// What is not as it should be.
    var doubt: String?
    /// Pages of it that nobody has.
    var lost: [Extent] = []

    init(root: PageNumber, objectID: ObjectID, parent: Int?) {
        self.root = root
        self.objectID = objectID
        self.parent = parent
    }

    /// Whether it owns a page.
    func owns(_ page: PageNumber) -> Bool { owner(of: page) != nil }

    /// Whether it owns all of an extent, which may be in several of its own.
    func owns(_ extent: Extent) -> Bool {
        var page = extent.first
        while let place = owner(of: page) {
            if owned[place].last >= extent.last { return true }
            page = PageNumber(owned[place].last.rawValue + 1)
        }
        return false
    }

    /// The place of the extent that has a page.
    private func owner(of page: PageNumber) -> Int? {
        var (low, high) = (0, owned.count)
        while low < high {
            let middle = (low + high) / 2
            if owned[middle].last < page { low = middle + 1 } else { high = middle }
        }
        return low < owned.count && owned[low].contains(page) ? low : nil
    }
}

/// Why the space of a tree isn't understood.
struct SpaceDoubt: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
