// Layer: ESEEngine/5-Tree. Uses: TreeCursor, 3-Buffer. Used by: moves.
// A cursor that goes from leaf to leaf in one direction has the next leaves read before it gets there. Which they are
// is on the page above. No latch is held while they are read.

import ESEFormat

/// How a cursor goes over leaves.
struct ReadAhead {
    /// Where it goes.
    enum Direction {
        case left
        case right
    }

    private var direction = Direction.right
    /// Leaves that it left in this direction.
    private var leafCount = 0
    /// Leaves that were looked after already.
    var fetchedCount = 0

    /// A leaf is left.
    /// - Returns: Whether it is time to look after those that come.
    mutating func passes(_ way: Direction) -> Bool {
        if way != direction {
            self = ReadAhead()
            direction = way
        }
        leafCount += 1
        if fetchedCount > 0 { fetchedCount -= 1 }
        return leafCount > 2 && fetchedCount == 0
    }
}

extension TreeCursor {
    /// Fetches the leaves to the right of the page, which is latched, and goes on to the next node.
    /// - Returns: Whether it went on; if not, it stands where it stood.
    func readAheadRight() throws(JetError) -> Bool {
        let (number, time, count) = (heldNumber, page.databaseTime, page.nodeCount)
        guard count > 0 else { return false }
        rememberBound(page.node(count - 1))
        letGo()
        try fetch(.right, of: bound.bytes)
        // A page that is gone may be one that can't be read.
        if let again = try? tree.database.latch(number, .shared) {
            if again.page.databaseTime == time {
                take(again, line: count)
                return false
            }
            tree.database.release(again)
        }
        // It was changed: what comes behind its last node is searched.
        let leaf = try tree.leaf(for: bound.bytes, .shared)
        let found = tree.find(bound, on: leaf.page)
        take(leaf, line: found.isExact ? found.line + 1 : found.line)
        return true
    }

    /// Reads the leaves beside that of a bookmark. No latch is held.
    func fetch(_ way: ReadAhead.Direction, of bookmark: Bytes) throws(JetError) {
        let limit = tree.database.buffers.prefetchLimit
        let numbers = try tree.leaves(beside: bookmark, way, limit: limit)
        // At the end of the page above it is looked again after one leaf.
        readAhead.fetchedCount = max(1, numbers.count)
        tree.database.buffers.prefetch(tree.database.slot, numbers)
    }
}

extension Tree {
    /// The numbers of leaves beside that of a bookmark, as far as the page above knows them.
    fileprivate func leaves(
        beside bookmark: Bytes, _ way: ReadAhead.Direction, limit: Int
    ) throws(JetError) -> [PageNumber] {
        var held = try database.latch(root, .shared)
        var depth = 0
        while true {
            let page = held.page
            if page.isLeaf || page.nodeCount == 0 || page.objectID != objectID || depth > Self.greatestDepth { break }
            let line = page.childLine(for: bookmark)
            if page.flags.contains(.parentOfLeaf) {
                let lines =
                    switch way {
                    case .right: min(line + 1, page.nodeCount)..<min(line + 1 + limit, page.nodeCount)
                    case .left: max(0, line - limit)..<line
                    }
                let result = lines.map { page.child($0) }
                database.release(held)
                return result
            }
            let child: HeldPage
            do throws(JetError) {
                child = try database.latch(page.child(line), .shared)
            } catch {
                database.release(held)
                throw error
            }
            database.release(held)
            held = child
            depth += 1
        }
        database.release(held)
        return []
    }
}
