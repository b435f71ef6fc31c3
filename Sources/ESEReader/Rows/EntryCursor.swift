// Layer: ESEReader/Rows. Uses: TreeRows. Used by: verification, whoever looks at an index itself.

public import ESEFormat

/// The nodes of a tree, one after the other, as they are: keys and data. Of a secondary index: the key, and the
/// primary key of the record that it leads to.
public final class EntryCursor {
    private let source: TreeRows
    private let damage: DamageLog
    private let table: String?
    private let includesDeleted: Bool
    private var frame: PageFrame?
    private var node = Node(flags: [], prefixByteCount: 0, suffix: 0..<0, data: 0..<0)
    /// The position of the node on its page, from 0.
    public private(set) var position = 0

    init(_ tree: Tree, core: DatabaseCore, options: RowOptions) {
        source = TreeRows(tree, options: options, salvage: core.directory)
        damage = core.damage
        table = tree.identity.table
        includesDeleted = options.includesDeleted
    }

    /// Goes to the next node that is not deleted (unless those were asked for); false at the end.
    public func next() -> Bool {
        while let (frame, index) = source.next() {
            do {
                let node = try frame.layout.node(index, in: frame.bytes.span.bytes)
                if node.isDeleted, !includesDeleted { continue }
                self.frame = frame
                self.node = node
                position = index
                return true
            } catch {
                damage.add(Damage(table: table, page: frame.number, node: index, reason: .node(error)))
            }
        }
        frame = nil
        return false
    }

    /// Whether the node is deleted.
    public var isDeleted: Bool { node.isDeleted }

    /// The page of the node; 0 before the first and after the last.
    public var page: PageNumber { frame?.number ?? .none }

    /// The whole key.
    public var key: [UInt8] {
        guard let frame else { return [] }
        return frame.layout.key(of: node, in: frame.bytes.span.bytes)
    }

    /// The data: in a secondary index the primary key of the record.
    public var data: [UInt8] {
        guard let frame else { return [] }
        return frame.bytes.span.bytes.bytes(node.data)
    }
}
