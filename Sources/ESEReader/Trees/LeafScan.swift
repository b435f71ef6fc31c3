// Layer: ESEReader/Trees. Uses: Tree, PageSet. Used by: rows, catalog, verification.
// The leaves of a tree in order of keys, found through their parents, so that a leaf that can't be read costs itself
// only. Where the way down is damaged, its leaves are looked for among all pages of the file afterwards.

import ESEFormat

/// Walks over the leaves of a tree, once.
final class LeafScan {
    private let tree: Tree
    private let salvage: () -> LeafDirectory
    private var stack: [(frame: PageFrame, next: Int)] = []
    private var visited = PageSet()
    private var state = State.notStarted
    private var isWayDamaged = false
    private let start: [UInt8]

    private enum State {
        case notStarted
        case walking
        case salvaging([PageNumber], next: Int)
        case done
    }

    /// - Parameters:
    ///   - start: leaves whose keys all lie before it may be left out; empty for all leaves.
    ///   - salvage: gives the leaves of all trees, found by looking at every page; asked for only if it must be.
    init(_ tree: Tree, from start: [UInt8] = [], salvage: @escaping () -> LeafDirectory) {
        self.tree = tree
        self.start = start
        self.salvage = salvage
    }

    /// Whether every leaf so far came after the ones before it; not so where the way to some is damaged.
    var isInOrder: Bool { !isWayDamaged }

    /// The next leaf; nil at the end.
    func next() -> PageFrame? {
        while true {
            switch state {
            case .notStarted:
                state = .walking
                if let leaf = enter(tree.identity.root, isLeafExpected: nil) { return leaf }
            case .walking:
                guard let top = stack.last else {
                    beginSalvage()
                    continue
                }
                guard top.next < top.frame.layout.nodeCount else {
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let child: PageNumber
                do {
                    child = try top.frame.layout.child(top.next, in: top.frame.bytes.span.bytes)
                } catch {
                    report(top.frame.number, .malformed(error), node: top.next)
                    isWayDamaged = true
                    continue
                }
                let isLeafExpected = top.frame.layout.flags.contains(.parentOfLeaf)
                if let leaf = enter(child, isLeafExpected: isLeafExpected) { return leaf }
            case .salvaging(let pages, let next):
                guard next < pages.count else {
                    state = .done
                    continue
                }
                state = .salvaging(pages, next: next + 1)
                if let frame = try? tree.store.pageOnce(pages[next]) { return frame }
            case .done: return nil
            }
        }
    }

    /// Goes to a page: gives it if it is a leaf, else puts it on the stack.
    private func enter(_ number: PageNumber, isLeafExpected: Bool?) -> PageFrame? {
        do {
            // Numbers out of damaged branches may be anything; those of no page must not fill the set.
            guard number <= tree.store.lastPage else { throw PageProblem.beyondEnd }
            guard visited.insert(number) else { throw PageProblem.metBefore }
            guard stack.count < Tree.depthLimit else { throw PageProblem.tooDeep }
            let frame = isLeafExpected == true ? try tree.store.pageOnce(number) : try tree.store.page(number)
            try tree.check(frame)
            if let isLeafExpected, frame.layout.isLeaf != isLeafExpected { throw PageProblem.wrongKind }
            if frame.layout.isLeaf { return frame }
            var first = 0
            // What lies to the left of the start is left out; beyond the way to it, that is nothing.
            let start = start
            if !start.isEmpty {
                do {
                    first = try tree.childIndex(for: start.span.bytes, on: frame)
                } catch {
                    throw PageProblem.malformed(error)
                }
            }
            if frame.layout.nodeCount == 0 { throw PageProblem.wrongKind }
            stack.append((frame, max(0, first)))
            return nil
        } catch let problem as PageProblem {
            report(number, problem)
            switch problem {
            // A leaf that can't be read is lost; for anything else there may be leaves that nobody leads to now.
            case .badChecksum, .uninitialized, .beyondEnd, .unreadable:
                isWayDamaged = isWayDamaged || isLeafExpected != true
            default: isWayDamaged = true
            }
            return nil
        } catch {
            return nil
        }
    }

    private func report(_ page: PageNumber, _ problem: PageProblem, node: Int? = nil) {
        tree.log.add(Damage(table: tree.identity.table, page: page, node: node, reason: .page(problem)))
    }

    private func beginSalvage() {
        guard isWayDamaged else {
            state = .done
            return
        }
        let pages = salvage().leaves(of: tree.identity).filter { !visited.contains($0) }
        if !pages.isEmpty {
            tree.log.add(
                Damage(
                    table: tree.identity.table, page: tree.identity.root, reason: .salvagedLeaves(pages.count)))
        }
        state = .salvaging(pages, next: 0)
    }
}
