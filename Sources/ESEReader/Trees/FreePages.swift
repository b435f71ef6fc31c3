// Layer: ESEReader/Trees. Uses: PageStore, LeafScan. Used by: LeafDirectory, carving.
// Which pages are free, as far as the trees of extents can be read: those of a tree, of its parents, and so of the
// whole database. Their contents may look like leaves and are not.

import ESEFormat

/// Finds free pages.
struct FreePages {
    private let store: PageStore

    init(_ store: PageStore) { self.store = store }

    /// The pages that a tree and the trees above it have free.
    func pages(of root: PageNumber) -> ExtentSet {
        var free = ExtentSet()
        var root = root
        // A table's index, the table, the database: more levels there are not.
        for _ in 0..<4 {
            guard let frame = try? store.page(root), frame.layout.isRoot,
                let header = try? SpaceHeader(
                    decoding: frame.bytes.span.bytes.extracting(frame.layout.externalHeader))
            else { return free }
            // All at once: one after the other, out of order, they would move each other.
            free = free.union(ExtentSet(available(header, root: root, objectID: frame.objectID)))
            guard header.parent != .none, header.parent != root else { return free }
            root = header.parent
        }
        return free
    }

    private func available(_ header: SpaceHeader, root: PageNumber, objectID: ObjectID) -> [Extent] {
        guard let available = header.availableRoot else { return header.availableExtents(root: root) }
        // What is wrong with these trees is not told: whoever searches free pages has told of worse.
        let tree = Tree(
            TreeIdentity(root: available, objectID: objectID, isSpaceTree: true), store: store, log: DamageLog())
        let scan = LeafScan(tree) { LeafDirectory.none(store) }
        var extents: [Extent] = []
        while let leaf = scan.next() {
            let page = leaf.bytes.span.bytes
            for index in 0..<leaf.layout.nodeCount {
                guard let node = try? leaf.layout.node(index, in: page), !node.isDeleted else { continue }
                let key = leaf.layout.key(of: node, in: page)
                guard
                    let found = try? Extent.decode(key: key.span.bytes, data: page.extracting(node.data)),
                    let extent = found.extent
                else { continue }
                extents.append(extent)
            }
        }
        return extents
    }
}
