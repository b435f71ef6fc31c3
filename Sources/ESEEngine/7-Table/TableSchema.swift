// Layer: ESEEngine/7-Table. Uses: 6-Record, DefinitionState. Used by: tables, row cursors, data definition.
// What a table is at one time: its columns and indexes, ready for use. Every change of the schema makes a new one.

public import ESEFormat

/// A secondary index in use. Never changes, but for its state.
public final class TableIndex: @unchecked Sendable {
    /// What the catalog says.
    public let definition: IndexDefinition
    /// How its keys are made.
    public let plan: KeyPlan
    /// Its tree.
    public let tree: Tree
    /// Who sees it.
    public let state: DefinitionState

    /// Whether its text is in an order that is not known here: it is not to be changed, or searched.
    public let isOutdated: Bool

    /// Puts it together.
    init(
        _ definition: IndexDefinition, plan: KeyPlan, tree: Tree, state: DefinitionState, isOutdated: Bool = false
    ) {
        self.isOutdated = isOutdated
        self.definition = definition
        self.plan = plan
        self.tree = tree
        self.state = state
    }

    /// Whether a key is there once at most.
    @inline(__always)
    public var isUnique: Bool { tree.isUnique }
}

/// A table's columns and indexes at one time. Never changes; any number of threads use it.
public final class TableSchema: @unchecked Sendable {
    /// Its number; each of a table's schemas has a greater one.
    public let number: UInt32
    /// What the catalog says; with what transactions have made and not committed, without what was deleted for good.
    public let definition: TableDefinition
    /// The columns, for records.
    public let shape: RecordShape
    /// How the keys of records are made; nil: they are numbered.
    public let primary: KeyPlan?
    /// Who sees the primary index's name.
    public let primaryState: DefinitionState
    /// Whether the text of primary keys is in an order that is not known here.
    public let isPrimaryOutdated: Bool
    /// The secondary indexes, all that have to be kept up to date.
    public let indexes: [TableIndex]
    /// Who sees a column; those that are not there are seen by everybody.
    public let columnStates: [ColumnKey: DefinitionState]
    /// The columns that a record must have a value of, but for those that the engine fills.
    let required: [ColumnKey]

    /// Puts it together.
    init(
        number: UInt32, definition: TableDefinition, shape: RecordShape, primary: KeyPlan?,
        primaryState: DefinitionState = DefinitionState(), indexes: [TableIndex],
        columnStates: [ColumnKey: DefinitionState] = [:], isPrimaryOutdated: Bool = false
    ) {
        self.isPrimaryOutdated = isPrimaryOutdated
        self.number = number
        self.definition = definition
        self.shape = shape
        self.primary = primary
        self.primaryState = primaryState
        self.indexes = indexes
        self.columnStates = columnStates
        required = definition.columns.compactMap { column in
            guard column.flags.contains(.notNull), column.flags.isDisjoint(with: [.autoincrement, .version]) else {
                return nil
            }
            return ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
        }
    }

    /// A schema after this one that differs in what is given.
    func with(
        _ definition: TableDefinition? = nil, shape: RecordShape? = nil, indexes: [TableIndex]? = nil,
        columnStates: [ColumnKey: DefinitionState]? = nil
    ) -> TableSchema {
        TableSchema(
            number: number + 1, definition: definition ?? self.definition, shape: shape ?? self.shape,
            primary: primary, primaryState: primaryState, indexes: indexes ?? self.indexes,
            columnStates: columnStates ?? self.columnStates, isPrimaryOutdated: isPrimaryOutdated)
    }

    /// A column by its name, whatever its case, if the transaction sees it.
    public func column(named name: String, _ transaction: TransactionState) -> ColumnDefinition? {
        definition.columns.first {
            $0.name.equalsIgnoringCase(name)
                && (columnStates[ColumnKey($0.id, isFromTemplate: $0.isFromTemplate)]?.isVisible(to: transaction)
                    ?? true)
        }
    }

    /// A secondary index by its name, whatever its case, if the transaction sees it.
    public func index(named name: String, _ transaction: TransactionState) -> TableIndex? {
        indexes.first { $0.definition.name.equalsIgnoringCase(name) && $0.state.isVisible(to: transaction) }
    }

    /// Whether that is the primary index's name.
    public func isPrimary(_ name: String, _ transaction: TransactionState) -> Bool {
        guard let index = definition.primaryIndex else { return false }
        return index.name.equalsIgnoringCase(name) && primaryState.isVisible(to: transaction)
    }
}

extension String {
    /// Whether it is the same name: case does not count in those of ASCII letters, as ESE compares names.
    func equalsIgnoringCase(_ other: String) -> Bool {
        let (a, b) = (utf8, other.utf8)
        return a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.uppercase == $1.uppercase }
    }
}

extension UInt8 {
    fileprivate var uppercase: UInt8 { (0x61...0x7a).contains(self) ? self - 0x20 : self }
}
