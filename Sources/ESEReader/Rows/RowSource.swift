// Layer: ESEReader/Rows. Uses: LeafScan, Tree. Used by: RowCursor.
// Where rows come from: the leaves of the table in order, or the entries of an index.

import ESEFormat

/// Which rows a cursor gives.
public struct RowOptions: Hashable, Sendable {
    /// Whether rows that are flagged as deleted are given too. They are no rows for anybody else.
    public var includesDeleted = false
    /// Keys before this one are left out; as stored, see `KeyBuilder`. Empty for all.
    public var lowerKey: [UInt8] = []
    /// Keys after this one are left out, but not those that start with it; nil for all.
    public var upperKey: [UInt8]?

    /// Makes options: all rows that are not deleted.
    public init() {}
}

/// Gives the nodes that hold rows.
protocol RowSource: AnyObject {
    /// The next node; nil at the end.
    func next() -> (frame: PageFrame, index: Int)?
}

/// All nodes of a tree's leaves within a range of keys.
final class TreeRows: RowSource {
    private let scan: LeafScan
    private let options: RowOptions
    private let log: DamageLog
    private let table: String?
    private var frame: PageFrame?
    private var index = 0

    init(_ tree: Tree, options: RowOptions, salvage: @escaping () -> LeafDirectory) {
        scan = LeafScan(tree, from: options.lowerKey, salvage: salvage)
        self.options = options
        log = tree.log
        table = tree.identity.table
    }

    func next() -> (frame: PageFrame, index: Int)? {
        while true {
            guard let frame else {
                frame = scan.next()
                index = 0
                if frame == nil { return nil }
                continue
            }
            guard index < frame.layout.nodeCount else {
                self.frame = nil
                continue
            }
            defer { index += 1 }
            switch place(of: index, on: frame) {
            case .inside: return (frame, index)
            case .before: continue
            case .after: if scan.isInOrder { return nil }
            }
        }
    }

    private enum Place { case before, inside, after }

    private func place(of index: Int, on frame: PageFrame) -> Place {
        if options.lowerKey.isEmpty, options.upperKey == nil { return .inside }
        let page = frame.bytes.span.bytes
        let lower = options.lowerKey
        // A node that can't be read is inside, so that whoever reads it reports it.
        guard let node = try? frame.layout.node(index, in: page) else { return .inside }
        if frame.layout.compareKey(of: node, in: page, to: lower.span.bytes) < 0 { return .before }
        guard let upper = options.upperKey else { return .inside }
        if frame.layout.compareKey(of: node, in: page, to: upper.span.bytes) <= 0 { return .inside }
        return frame.layout.key(of: node, in: page).starts(with: upper) ? .inside : .after
    }
}

/// The records that the entries of an index lead to, in the index's order.
final class IndexRows: RowSource {
    private let entries: TreeRows
    private let records: Tree
    private let log: DamageLog

    init(_ index: Tree, records: Tree, options: RowOptions, salvage: @escaping () -> LeafDirectory) {
        entries = TreeRows(index, options: options, salvage: salvage)
        self.records = records
        log = index.log
    }

    func next() -> (frame: PageFrame, index: Int)? {
        while let (frame, index) = entries.next() {
            let page = frame.bytes.span.bytes
            do {
                let node = try frame.layout.node(index, in: page)
                if node.isDeleted { continue }
                if let found = try records.find(page.extracting(node.data)) { return (found.frame, found.index) }
                report(frame.number, index, .recordMissing)
            } catch let problem as TreeProblem {
                report(problem.page, nil, .page(problem.problem))
                report(frame.number, index, .recordMissing)
            } catch let error as FormatError {
                report(frame.number, index, .node(error))
            } catch {
                continue
            }
        }
        return nil
    }

    private func report(_ page: PageNumber, _ node: Int?, _ reason: Damage.Reason) {
        log.add(Damage(table: records.identity.table, page: page, node: node, reason: reason))
    }
}
