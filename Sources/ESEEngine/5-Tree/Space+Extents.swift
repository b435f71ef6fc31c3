// Layer: ESEEngine/5-Tree. Uses: Space, Tree+Nodes, Tree+Merge. Used by: Space.
// The two trees of extents of a tree: runs are found, taken, added and joined by their keys. All under the lock of the
// tree's space.

import ESEFormat

extension Space {
    // MARK: Several extents.

    /// Takes pages out of a tree of available extents; nil if none has as many.
    func take(
        _ count: UInt32, _ atLeast: UInt32, from available: Tree, _ worker: Worker
    ) throws(JetError) -> Extent? {
        var held = try available.firstLeaf(.exclusive)
        while true {
            for line in 0..<held.page.nodeCount {
                guard
                    let extent = try Self.released(
                        held, available, { () throws(JetError) in try Self.extent(held, line) }),
                    extent.pageCount >= atLeast,
                    let taken = Extent(first: extent.first, pageCount: min(count, extent.pageCount))
                else { continue }
                if taken.pageCount == extent.pageCount {
                    try remove(held, line, available, worker)
                } else {
                    defer { available.database.release(held) }
                    try resize(held, line, to: extent.pageCount - taken.pageCount, available, worker)
                }
                return taken
            }
            let next = held.page.next
            guard next != .none else { break }
            let following = try Self.released(held, available) { () throws(JetError) in
                try available.database.latch(next, .exclusive)
            }
            available.database.release(held)
            held = following
        }
        available.database.release(held)
        return nil
    }

    /// Runs `body`; if it throws, the page is let go of.
    private static func released<Result>(
        _ held: HeldPage, _ tree: Tree, _ body: () throws(JetError) -> Result
    ) throws(JetError) -> Result {
        do throws(JetError) {
            return try body()
        } catch {
            tree.database.release(held)
            throw error
        }
    }

    /// Removes a node of a tree of extents from its page, which is let go of. If it was the last one of the page the
    /// page goes too.
    private func remove(_ held: HeldPage, _ line: Int, _ tree: Tree, _ worker: Worker) throws(JetError) {
        let isLast = held.page.nodeCount == 1 && !held.page.isRoot
        let key = isLast ? held.page.node(line).key.array() : []
        do throws(JetError) {
            if isLast {
                try tree.flagDelete(held, at: line, revision: 0, isVersioned: false, worker)
            } else {
                try tree.removeNode(held, at: line, worker)
            }
        } catch {
            tree.database.release(held)
            throw error
        }
        tree.database.release(held)
        if !isLast { return }
        // A page that has to stay has a deleted node, which nobody minds.
        var freed: [PageNumber] = []
        _ = try? key.lend { (key) throws(JetError) in try tree.merge(key, &freed, worker) }
        emptied += freed
    }

    private func resize(
        _ held: HeldPage, _ line: Int, to count: UInt32, _ tree: Tree, _ worker: Worker
    ) throws(JetError) {
        let key = held.page.node(line).key.array()
        try key.lend { (key) throws(JetError) in
            try withCount(count) { (data) throws(JetError) in
                let change = NodeChange(kind: .replace, bookmark: Bookmark(key: key), data: data, isVersioned: false)
                try tree.perform(change, held, at: line, ChangeRevisions(), worker)
            }
        }
    }

    private func withCount<Result>(
        _ count: UInt32, _ body: (Bytes) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        let data = [UInt8]((0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) })
        return try data.lend(body)
    }

    /// Adds a run to the available ones, joined with neighbours of the same owned extent. If that is all of an extent
    /// that the tree got later, it leaves the tree.
    func add(_ extent: Extent, to tree: Tree, _ worker: Worker) throws(JetError) {
        guard let (owned, available) = extents.map({ ($0.owned, $0.available) }) else { return }
        try ensureSplitBuffer(of: available, available, worker)
        guard let container = try firstExtent(notBefore: extent.last, in: owned), container.contains(extent.first)
        else { throw .databaseCorrupted }
        var joined = extent
        if extent.first > container.first,
            let left = try firstExtent(notBefore: PageNumber(extent.first.rawValue - 1), in: available),
            left.last.rawValue == extent.first.rawValue - 1, left.first >= container.first
        {
            try delete(left, from: available, worker)
            joined = Extent(last: joined.last, joining: left.pageCount, to: joined)
        }
        var right: Extent?
        if extent.last < container.last,
            let found = try firstExtent(notBefore: PageNumber(extent.last.rawValue + 1), in: available),
            found.first.rawValue == extent.last.rawValue + 1, found.last <= container.last
        {
            right = found
            joined = Extent(last: found.last, joining: joined.pageCount, to: found)
        }
        if joined == container, tree.parent != nil, !container.contains(tree.root) {
            if let right { try delete(right, from: available, worker) }
            try delete(container, from: owned, worker)
            forget(container)
        } else if let right {
            try setCount(of: right, to: joined.pageCount, in: available, worker)
        } else {
            try insert(joined, into: available, worker)
        }
    }

    /// The first extent that ends at a page or behind it.
    private func firstExtent(notBefore page: PageNumber, in tree: Tree) throws(JetError) -> Extent? {
        guard let key = Extent(first: page, pageCount: 1)?.key() else { return nil }
        return try key.lend { (key) throws(JetError) in
            var held = try tree.leaf(for: key, .shared)
            var line = held.page.lowerBound(key).line
            while true {
                while line < held.page.nodeCount {
                    let found = try Self.released(held, tree) { () throws(JetError) in try Self.extent(held, line) }
                    if let found {
                        tree.database.release(held)
                        return found
                    }
                    line += 1
                }
                let next = held.page.next
                guard next != .none else { break }
                let following = try Self.released(held, tree) { () throws(JetError) in
                    try tree.database.latch(next, .shared)
                }
                tree.database.release(held)
                held = following
                line = 0
            }
            tree.database.release(held)
            return nil
        }
    }

    func insert(_ extent: Extent, into tree: Tree, _ worker: Worker) throws(JetError) {
        let (key, data) = (extent.key(), extent.data)
        try key.lend { (key) throws(JetError) in
            try data.lend { (data) throws(JetError) in
                // A deleted node, or one of no pages, may be there with that key.
                try tree.insertUnversioned(Bookmark(key: key), data: data, replacing: true, worker)
            }
        }
    }

    private func delete(_ extent: Extent, from tree: Tree, _ worker: Worker) throws(JetError) {
        let (held, line) = try latch(extent, in: tree)
        try remove(held, line, tree, worker)
    }

    private func setCount(
        of extent: Extent, to count: UInt32, in tree: Tree, _ worker: Worker
    ) throws(JetError) {
        let (held, line) = try latch(extent, in: tree)
        defer { tree.database.release(held) }
        try resize(held, line, to: count, tree, worker)
    }

    /// Latches the node of an extent that is there.
    private func latch(_ extent: Extent, in tree: Tree) throws(JetError) -> (held: HeldPage, line: Int) {
        try extent.key().lend { (key) throws(JetError) in
            let held = try tree.leaf(for: key, .exclusive)
            let found = held.page.lowerBound(key)
            guard found.isExact, !held.page.node(found.line).isDeleted else { throw tree.corrupted(held) }
            return (held, found.line)
        }
    }

    // MARK: Pages for the trees of extents themselves.

    /// Sees to it that a tree of extents has the pages that its next insert may need: they are in its root, taken
    /// from the available ones, since asking for them then would need the very tree that is being split.
    func ensureSplitBuffer(of tree: Tree, _ available: Tree, _ worker: Worker) throws(JetError) {
        let held = try tree.database.latch(tree.root, .shared)
        let isRoomy = held.page.isLeaf && held.page.freeByteCount > 128
        let buffer = try Self.released(held, tree) { () throws(JetError) in try Self.splitBuffer(held) }
        tree.database.release(held)
        let count = (buffer.first?.pageCount ?? 0) + (buffer.second?.pageCount ?? 0)
        // A split for each level, and one for the root.
        if isRoomy || count >= 4 { return }
        guard let more = try take(8, 1, from: available, worker) else { return }
        let root = try tree.database.latch(tree.root, .exclusive)
        let isKept = try Self.released(root, tree) { () throws(JetError) in
            var new = try Self.splitBuffer(root)
            if new.first == nil {
                new.first = more
            } else if new.second == nil {
                new.second = more
            } else if let second = new.second, second.pageCount < more.pageCount {
                new.second = more
                emptied += second.pages.map { PageNumber($0) }
            } else {
                return false
            }
            try tree.setExternalHeader(root, new.encoded(), worker)
            return true
        }
        tree.database.release(root)
        if !isKept { try insert(more, into: available, worker) }
    }

    private static func splitBuffer(_ held: HeldPage) throws(JetError) -> SplitBuffer {
        let bytes = held.page.externalHeader.array()
        do throws(FormatError) { return try SplitBuffer(decoding: bytes.span.bytes) } catch { throw .databaseCorrupted }
    }

    /// A page for a split of a tree of extents.
    static func takeFromSplitBuffer(of tree: Tree, _ worker: Worker) throws(JetError) -> PageNumber {
        let root = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(root) }
        var buffer = try splitBuffer(root)
        if buffer.first == nil { (buffer.first, buffer.second) = (buffer.second, nil) }
        // JET_errSPAvailExtCorrupted would be said if this could happen in a sound database.
        guard let first = buffer.first else { throw .databaseCorrupted }
        buffer.first = Extent(first: PageNumber(first.first.rawValue + 1), pageCount: first.pageCount - 1)
        try tree.setExternalHeader(root, buffer.encoded(), worker)
        return first.first
    }

    /// Gives such a page back.
    static func giveBackToSplitBuffer(_ page: PageNumber, of tree: Tree, _ worker: Worker) {
        guard let root = try? tree.database.latch(tree.root, .exclusive) else { return }
        defer { tree.database.release(root) }
        guard var buffer = try? splitBuffer(root) else { return }
        if let first = buffer.first, first.first.rawValue == page.rawValue + 1 {
            buffer.first = Extent(first: page, pageCount: first.pageCount + 1)
        } else if buffer.first == nil {
            buffer.first = Extent(first: page, pageCount: 1)
        } else if buffer.second == nil {
            buffer.second = Extent(first: page, pageCount: 1)
        } else {
            return
        }
        try? tree.setExternalHeader(root, buffer.encoded(), worker)
    }
}

extension Extent {
    /// An extent with so many pages more in front of it.
    fileprivate init(last: PageNumber, joining count: UInt32, to extent: Extent) {
        guard let joined = Extent(checkedLast: last, pageCount: extent.pageCount + count) else {
            preconditionFailure("neighbours that were checked")
        }
        self = joined
    }
}
