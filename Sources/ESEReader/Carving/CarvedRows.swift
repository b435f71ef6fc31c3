// Layer: ESEReader/Carving. Uses: PageCarver, LeafScan, LeafDirectory, Tree. Used by: RowCursor.
// The deleted rows of a table, page after page: first those of its tree, then those that the tree doesn't lead to.

import ESEFormat

/// Finds the deleted rows of a table.
final class CarvedRows {
    /// A deleted row.
    struct Place {
        let frame: PageFrame
        let range: Range<Int>
        let index: Int?
        let key: [UInt8]
        let carved: CarvedRow
    }

    private let core: DatabaseCore
    private let tree: Tree
    private let options: DeletedRowOptions
    private let scan: LeafScan
    private var carver: PageCarver
    private var state = State.tree
    private var visited = PageSet()
    /// What was found on the last page, the last first.
    private var found: [Place] = []
    private var given: Set<Int> = []

    /// Copies of a row that is given already are left out; so many rows are kept in mind for that.
    private static let givenLimit = 1 << 18

    private enum State {
        case tree
        case root
        case freed([PageNumber], next: Int)
        case done
    }

    init(_ table: TableDefinition, core: DatabaseCore, options: DeletedRowOptions) {
        self.core = core
        self.options = options
        tree = core.records(of: table)
        scan = LeafScan(tree, salvage: core.directory)
        carver = PageCarver(table, size: core.store.size)
    }

    /// The next row; nil at the end.
    func next() -> Place? {
        while true {
            if let place = found.popLast() { return place }
            switch state {
            case .tree:
                guard let frame = scan.next() else {
                    state = .root
                    continue
                }
                _ = visited.insert(frame.number)
                carveTreePage(frame)
            case .root:
                // A root that was a leaf once may have rows of that time.
                if options.includesSlack, !visited.contains(tree.identity.root),
                    let frame = try? tree.page(tree.identity.root)
                {
                    _ = visited.insert(frame.number)
                    carveTreePage(frame)
                }
                state = .done
                guard options.includesFreedPages else { continue }
                let pages = core.directory().everyLeaf(of: tree.identity.objectID)
                state = .freed(pages.filter { !visited.contains($0) }, next: 0)
            case .freed(let pages, let next):
                guard next < pages.count else {
                    state = .done
                    continue
                }
                state = .freed(pages, next: next + 1)
                if let frame = try? core.store.pageOnce(pages[next]) { carveFreedPage(frame) }
            case .done: return nil
            }
        }
    }

    // MARK: Pages.

    private func carveTreePage(_ frame: PageFrame) {
        let page = frame.bytes.span.bytes
        if options.includesFlagDeleted, frame.layout.isLeaf {
            for index in 0..<frame.layout.nodeCount where (try? frame.layout.isDeleted(index, in: page)) == true {
                guard let record = carver.node(index, on: frame), isWanted(record) else { continue }
                _ = isFirst(record, record.keys[0], page)
                add(record, on: frame, .flagDeleted, key: record.keys[0], isOtherVersion: false)
            }
        }
        if options.includesSlack { judge(carver.slack(of: frame), on: frame, .slack) }
        found.reverse()
    }

    private func carveFreedPage(_ frame: PageFrame) {
        var records: [CarvedRecord] = []
        for index in 0..<frame.layout.nodeCount {
            if let record = carver.node(index, on: frame) { records.append(record) }
        }
        judge(records + carver.slack(of: frame), on: frame, .freedPage)
        found.reverse()
    }

    // MARK: Records.

    private func isWanted(_ record: CarvedRecord) -> Bool { record.isKeyMatched || options.includesUncertain }

    /// Leaves out what is a row still, and what was given before.
    private func judge(_ records: [CarvedRecord], on frame: PageFrame, _ origin: CarvedRow.Origin) {
        let page = frame.bytes.span.bytes
        for record in records where isWanted(record) {
            var key = record.keys.first ?? []
            var isOtherVersion = false
            var isCopy = false
            for candidate in record.keys {
                switch standing(of: record, candidate, on: frame) {
                case .gone: continue
                case .copy: isCopy = true
                case .otherVersion:
                    isOtherVersion = true
                    key = candidate
                }
                break
            }
            if !isCopy, record.keys.isEmpty { isCopy = hasCopy(of: record, on: frame) }
            guard !isCopy, isFirst(record, key, page) else { continue }
            add(record, on: frame, origin, key: key, isOtherVersion: isOtherVersion)
        }
    }

    private func add(
        _ record: CarvedRecord, on frame: PageFrame, _ origin: CarvedRow.Origin, key: [UInt8], isOtherVersion: Bool
    ) {
        let carved = CarvedRow(
            origin: origin, confidence: record.isKeyMatched ? .keyMatches : .structureOnly, offset: record.start,
            isOtherVersion: isOtherVersion, isEndKnown: record.isEndKnown)
        found.append(Place(frame: frame, range: record.range, index: record.index, key: key, carved: carved))
    }

    private func isFirst(_ record: CarvedRecord, _ key: [UInt8], _ page: RawSpan) -> Bool {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(page.bytes(record.range))
        let hash = hasher.finalize()
        if given.count >= Self.givenLimit { return !given.contains(hash) }
        return given.insert(hash).inserted
    }

    private enum Standing { case gone, copy, otherVersion }

    /// What the tree has under a key. Flagged nodes count: they are rows that are given as such.
    private func standing(of record: CarvedRecord, _ key: [UInt8], on frame: PageFrame) -> Standing {
        if visited.contains(frame.number), frame.layout.isLeaf,
            let standing = standing(of: record, key, on: frame, in: frame), standing.isFinal
        {
            return standing.standing
        }
        guard let leaf = try? tree.leaf(for: key.span.bytes) else { return .gone }
        return standing(of: record, key, on: frame, in: leaf)?.standing ?? .gone
    }

    private func standing(
        of record: CarvedRecord, _ key: [UInt8], on frame: PageFrame, in leaf: PageFrame
    ) -> (standing: Standing, isFinal: Bool)? {
        let page = leaf.bytes.span.bytes
        guard let index = try? tree.firstIndex(notBefore: key.span.bytes, on: leaf) else { return nil }
        guard index < leaf.layout.nodeCount, let node = try? leaf.layout.node(index, in: page) else {
            return (.gone, false)
        }
        // A key between two of the page's is nowhere else.
        guard leaf.layout.compareKey(of: node, in: page, to: key.span.bytes) == 0 else { return (.gone, index > 0) }
        return (isCopy(record, on: frame, of: node.data, on: leaf) ? .copy : .otherVersion, true)
    }

    private func isCopy(
        _ record: CarvedRecord, on frame: PageFrame, of data: Range<Int>, on leaf: PageFrame
    ) -> Bool {
        var end = record.start + data.count
        if end != record.end {
            guard !record.hasOwnEnd, end >= record.leastOwnEnd else { return false }
            if end > record.end, !record.mayLackEnd { return false }
            // A copy that has lost its end, or has something else's behind it.
            end = min(end, record.end)
        }
        let data = data.prefix(end - record.start)
        return KeyOrder.compare(
            frame.bytes.span.bytes.extracting(record.start..<end), leaf.bytes.span.bytes.extracting(data)) == 0
    }

    /// Whether a record without a key is a copy of one of the same page.
    private func hasCopy(of record: CarvedRecord, on frame: PageFrame) -> Bool {
        for index in 0..<frame.layout.nodeCount {
            guard let node = try? frame.layout.node(index, in: frame.bytes.span.bytes) else { continue }
            if isCopy(record, on: frame, of: node.data, on: frame) { return true }
        }
        return false
    }
}
