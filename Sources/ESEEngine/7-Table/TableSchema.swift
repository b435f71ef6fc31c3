// Layer: ESEEngine/7-Table. Uses: 6-Record, DefinitionState. Used by: tables, row cursors, data definition.
// What a table is at one time: its columns and indexes, ready for use. Every change of the schema makes a new one.

public import ESEFormat
import Synchronization

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

    /// How many cursors have its order now.
    let cursorCount = Atomic<Int>(0)
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

/// Keeps an index from being deleted as long as a cursor has its order.
final class IndexUse {
    private let index: TableIndex

    /// - Throws: `indexNotFound` if somebody is deleting it.
    init(_ index: TableIndex) throws(JetError) {
        self.index = index
        index.cursorCount.add(1, ordering: .sequentiallyConsistent)
        if index.state.isDeleted { throw .indexNotFound }
    }

    deinit { index.cursorCount.subtract(1, ordering: .sequentiallyConsistent) }
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
    /// Whether updates must be looked at: see `checkObstacle`.
    let hasObstacle: Bool
    /// Names that columns and indexes had, oldest first, for those who don't see the newer ones.
    let formerNames: [FormerName]
    /// The columns that a record must have a value of, but for those that the engine fills.
    let required: [ColumnKey]

    /// Puts it together.
    init(
        number: UInt32, definition: TableDefinition, shape: RecordShape, primary: KeyPlan?,
        primaryState: DefinitionState = DefinitionState(), indexes: [TableIndex],
        columnStates: [ColumnKey: DefinitionState] = [:], isPrimaryOutdated: Bool = false,
        formerNames: [FormerName] = []
    ) {
        self.formerNames = formerNames
        hasObstacle = isPrimaryOutdated || primaryState.isUncommitted
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
            let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
            return columnStates[key]?.isDeleted == true ? nil : key
        }
    }

    /// A schema after this one that differs in what is given.
    func with(
        _ definition: TableDefinition? = nil, shape: RecordShape? = nil, indexes: [TableIndex]? = nil,
        columnStates: [ColumnKey: DefinitionState]? = nil, formerNames: [FormerName]? = nil
    ) -> TableSchema {
        TableSchema(
            number: number + 1, definition: definition ?? self.definition, shape: shape ?? self.shape,
            primary: primary, primaryState: primaryState, indexes: indexes ?? self.indexes,
            columnStates: columnStates ?? self.columnStates, isPrimaryOutdated: isPrimaryOutdated,
            formerNames: formerNames ?? self.formerNames)
    }

    /// A schema after this one with another primary index, or none.
    func with(
        primary: KeyPlan?, _ state: DefinitionState, _ definition: TableDefinition, shape: RecordShape,
        isOutdated: Bool
    ) -> TableSchema {
        TableSchema(
            number: number + 1, definition: definition, shape: shape, primary: primary, primaryState: state,
            indexes: indexes, columnStates: columnStates, isPrimaryOutdated: isOutdated, formerNames: formerNames)
    }

    /// The name by which a transaction knows a column or an index.
    func name(_ object: NamedObject, _ newest: String, _ transaction: TransactionState) -> String {
        if formerNames.isEmpty { return newest }
        let former = formerNames.first { $0.object == object && !$0.state.isVisible(to: transaction) }
        return former?.name ?? newest
    }

    /// Fails if a transaction can't make keys of records, or makes others than those that another one wants.
    /// - Throws: `primaryIndexCorrupted`, `writeConflictPrimaryIndex`.
    func checkObstacle(_ transaction: TransactionState) throws(JetError) {
        if isPrimaryOutdated { throw .primaryIndexCorrupted }
        if !primaryState.isVisible(to: transaction) { throw .writeConflictPrimaryIndex }
    }

    /// Whether a transaction sees a column.
    func isVisible(_ column: ColumnDefinition, to transaction: TransactionState) -> Bool {
        if columnStates.isEmpty { return true }
        let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
        return columnStates[key]?.isVisible(to: transaction) ?? true
    }

    /// A column by its name, whatever its case, if the transaction sees it.
    public func column(named name: String, _ transaction: TransactionState) -> ColumnDefinition? {
        definition.columns.first { column in
            let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
            return self.name(.column(key), column.name, transaction).equalsIgnoringCase(name)
                && isVisible(column, to: transaction)
        }
    }

    /// A secondary index by its name, whatever its case, if the transaction sees it.
    public func index(named name: String, _ transaction: TransactionState) -> TableIndex? {
        // Of several with the name, those that are gone are not seen.
        for index in definition.indexes where !index.flags.contains(.primary) {
            guard self.name(.index(index.objectID), index.name, transaction).equalsIgnoringCase(name) else { continue }
            let own = indexes.first { $0.definition.objectID == index.objectID }
            if let own, own.state.isVisible(to: transaction) { return own }
        }
        return nil
    }

    /// Whether that is the primary index's name.
    public func isPrimary(_ name: String, _ transaction: TransactionState) -> Bool {
        guard let index = definition.primaryIndex else { return false }
        return self.name(.index(index.objectID), index.name, transaction).equalsIgnoringCase(name)
            && primaryState.isVisible(to: transaction)
    }
}

/// A column or an index of a table.
enum NamedObject: Hashable {
    case column(ColumnKey)
    case index(ObjectID)
}

/// A name that a column or an index had.
struct FormerName {
    let object: NamedObject
    /// The name that it had.
    let name: String
    /// Who sees the next one.
    let state: DefinitionState
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
