// Layer: ESEReader/Trees. Uses: PageStore. Used by: LeafScan when the way to leaves is damaged, carving.
// Which leaves belong to which tree, by looking at every page of the file: slow, made only when it is needed.

import ESEFormat

/// The leaves of all trees by object.
struct LeafDirectory {
    private var leavesOfObject: [ObjectID: [PageNumber]] = [:]
    /// Those that are flagged as free.
    private var emptyLeavesOfObject: [ObjectID: [PageNumber]] = [:]
    private let store: PageStore

    /// Reads all pages. Those that can't be read are no leaves; what is free according to the space trees is left out
    /// when leaves are asked for.
    init(_ store: PageStore) {
        self.store = store
        guard store.lastPage >= PageNumber(1) else { return }
        for number in 1...store.lastPage.rawValue {
            guard let frame = try? store.pageOnce(PageNumber(number)) else { continue }
            let flags = frame.layout.flags
            guard flags.contains(.leaf), flags.isDisjoint(with: [.spaceTree, .preInit]) else { continue }
            if flags.contains(.empty) {
                emptyLeavesOfObject[frame.objectID, default: []].append(frame.number)
            } else {
                leavesOfObject[frame.objectID, default: []].append(frame.number)
            }
        }
    }

    /// A directory of nothing, for trees that are not searched for.
    static func none(_ store: PageStore) -> LeafDirectory { LeafDirectory(empty: store) }

    private init(empty store: PageStore) { self.store = store }

    /// The leaves that have a tree's object ID, free ones too: first those that are not flagged as free, then those
    /// that are.
    func everyLeaf(of object: ObjectID) -> [PageNumber] {
        (leavesOfObject[object] ?? []) + (emptyLeavesOfObject[object] ?? [])
    }

    /// The leaves of a tree in the order of their numbers, without those that are free.
    func leaves(of tree: TreeIdentity) -> [PageNumber] {
        guard !tree.isSpaceTree, let leaves = leavesOfObject[tree.objectID] else { return [] }
        let free = FreePages(store).pages(of: tree.root)
        return leaves.filter { !free.contains($0) }
    }
}
