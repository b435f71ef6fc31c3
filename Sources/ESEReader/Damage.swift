// Layer: ESEReader. Uses: PageProblem. Used by: everything that reads; whoever asks what could not be read.
// What could not be read is told here and skipped there: a bad page costs its rows and nothing else.

public import ESEFormat

/// One thing that could not be read, or had to be repaired to be read.
public struct Damage: Hashable, Sendable {
    /// What was wrong.
    public enum Reason: Hashable, Sendable {
        /// The page can't be used; its rows are lost.
        case page(PageProblem)
        /// The node or record can't be used; a row is lost.
        case node(FormatError)
        /// The value can't be used.
        case value(FormatError)
        /// There is no such long value.
        case longValueMissing(LongValueID)
        /// The long value's chunks end before its size is reached, or after it.
        case longValueIncomplete(LongValueID, expected: Int, found: Int)
        /// The long value is longer than the reader was allowed to read.
        case longValueTooLong(LongValueID, byteCount: Int)
        /// An entry of an index leads to no record.
        case recordMissing
        /// A single wrong bit was put right; nothing is lost.
        case repairedBit(Int)
        /// Leaves were found by looking at every page, because the way to them is damaged. Their order is by first
        /// keys.
        case salvagedLeaves(Int)
    }

    /// The table, where one is concerned.
    public var table: String?
    /// The page.
    public var page: PageNumber
    /// The node's position on the page, from 0.
    public var node: Int?
    /// The column, where one is concerned.
    public var column: String?
    /// What was wrong.
    public var reason: Reason

    /// Makes a report.
    public init(
        table: String? = nil, page: PageNumber, node: Int? = nil, column: String? = nil, reason: Reason
    ) {
        self.table = table
        self.page = page
        self.node = node
        self.column = column
        self.reason = reason
    }

    /// Whether something is missing from what was read because of it.
    public var isLoss: Bool {
        switch reason {
        case .repairedBit, .salvagedLeaves: false
        default: true
        }
    }
}

extension Damage: CustomStringConvertible {
    /// One line for people: where and what.
    public var description: String {
        var text = "page \(page)"
        if let node { text += ", node \(node)" }
        if let table { text += " (table \(table)" + (column.map { ", column \($0))" } ?? ")") }
        return "\(text): \(reason)"
    }
}

extension Damage.Reason: CustomStringConvertible {
    /// What was wrong, for people.
    public var description: String {
        switch self {
        case .page(let problem): "\(problem)"
        case .node(let error): "the node can't be read: \(error)"
        case .value(let error): "the value can't be read: \(error)"
        case .longValueMissing(let id): "the long value \(id) is missing"
        case .longValueIncomplete(let id, let expected, let found):
            "the long value \(id) has \(found) bytes instead of \(expected)"
        case .longValueTooLong(let id, let count): "the long value \(id) has \(count) bytes, more than the limit"
        case .recordMissing: "the record of an index entry is missing"
        case .repairedBit(let bit): "one wrong bit (number \(bit)) was put right"
        case .salvagedLeaves(let count): "\(count) leaves were found by looking at every page"
        }
    }
}

/// Collects damage. Memory is limited: everything is counted, the first ones are kept.
public final class DamageLog {
    /// How many reports are kept at most.
    public static let keptLimit = 10_000

    /// The first ones, each once, in the order in which they were met.
    public private(set) var kept: [Damage] = []
    /// How many pages could not be used.
    public private(set) var pageCount = 0
    /// How many nodes, records or entries could not be used.
    public private(set) var nodeCount = 0
    /// How many values could not be used.
    public private(set) var valueCount = 0
    /// How many single bits were put right.
    public private(set) var repairedCount = 0
    private var seen: Set<Damage> = []

    /// Makes an empty log.
    public init() {}

    /// Whether nothing was lost.
    public var isEmpty: Bool { pageCount == 0 && nodeCount == 0 && valueCount == 0 }

    /// Adds a report, unless it is known.
    public func add(_ damage: Damage) {
        if seen.count < Self.keptLimit {
            guard seen.insert(damage).inserted else { return }
            kept.append(damage)
        } else if seen.contains(damage) {
            return
        }
        switch damage.reason {
        case .page: pageCount += 1
        case .node, .recordMissing: nodeCount += 1
        case .value, .longValueMissing, .longValueIncomplete, .longValueTooLong: valueCount += 1
        case .repairedBit: repairedCount += 1
        case .salvagedLeaves: break
        }
    }
}
