// Layer: SNMPAgent. Uses: OIDMap, ManagedSubtree. Used by: host data, tables.
// Data that is dear to collect is collected as a whole and served from memory until it is too old.

public import Primitives
public import SNMPCodec

/// A read-only subtree that asks a provider for all its bindings, at most once per `maximumAge`.
public final class SnapshotSubtree: ManagedSubtree {
    /// All names begin with this.
    public let root: ObjectIdentifier
    /// How long a snapshot is served.
    public let maximumAge: Interval
    /// How many arcs below the root name an object type; see `StoredSubtree.typeDepth`.
    public let typeDepth: Int

    private let provider: (Instant) throws(ObjectError) -> [VarBind]
    private var contents = OIDMap<SNMPValue>()
    private var hints = WalkHints()
    private var taken: Instant?

    /// Makes a subtree.
    /// - Parameters:
    ///   - root: all names begin with this; bindings from the provider that do not are left out.
    ///   - maximumAge: how long a snapshot is served; zero asks the provider for each instance.
    ///   - typeDepth: see `StoredSubtree.typeDepth`.
    ///   - provider: returns all bindings, in any order. When it throws, requests are answered with genErr, and the
    ///     provider is asked again at the next one.
    public init(
        root: ObjectIdentifier, maximumAge: Interval, typeDepth: Int = 1,
        provider: @escaping (Instant) throws(ObjectError) -> [VarBind]
    ) {
        self.root = root
        self.maximumAge = maximumAge
        self.typeDepth = typeDepth
        self.provider = provider
    }

    /// A table, by rows: instances are named `entry.column.index`.
    /// - Parameters:
    ///   - entry: the name of the table's entry object (the root of the subtree).
    ///   - columns: the last arcs of the columns, in the order in which rows hold their values.
    ///   - maximumAge: how long the rows are served before `rows` is asked again.
    ///   - rows: returns all rows, in any order. A row without a value for a column has no such instance.
    public static func table(
        entry: ObjectIdentifier, columns: [UInt32], maximumAge: Interval,
        rows: @escaping (Instant) throws(ObjectError) -> [TableRow]
    ) -> SnapshotSubtree {
        SnapshotSubtree(root: entry, maximumAge: maximumAge) { (now) throws(ObjectError) in
            TableRow.bindings(entry: entry, columns: columns, try rows(now))
        }
    }

    /// Throws the snapshot away, so that the next request takes a new one.
    public func invalidate() { taken = nil }

    private func refresh(_ now: Instant) throws(ObjectError) {
        if let taken, now - taken < maximumAge { return }
        contents = OIDMap(try provider(now), under: root)
        taken = now
    }

    /// The value in the snapshot, or the exception that says what is missing.
    public func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        try refresh(now)
        return contents[name] ?? contents.absence(of: name, typeLength: root.count + typeDepth)
    }

    /// The next binding in the snapshot.
    public func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        try refresh(now)
        return hints.next(after: name, in: contents)
    }
}

/// A row of a table: its index and its values.
public struct TableRow: Hashable, Sendable {
    /// The arcs that follow the column in the names of the row's instances (RFC 2578, section 7.7).
    public var index: [UInt32]
    /// One value for each column, nil where the row has none. Missing values at the end count as nil.
    public var values: [SNMPValue?]

    /// Makes a row.
    public init(index: [UInt32], _ values: [SNMPValue?]) {
        self.index = index
        self.values = values
    }

    /// The bindings of a table, column by column. Rows whose names would have more than 128 arcs are left out.
    public static func bindings(entry: ObjectIdentifier, columns: [UInt32], _ rows: [TableRow]) -> [VarBind] {
        var result: [VarBind] = []
        result.reserveCapacity(columns.count * rows.count)
        for (position, column) in columns.enumerated() {
            guard let columnName = entry.appending(contentsOf: CollectionOfOne(column)) else { return [] }
            for row in rows where position < row.values.count {
                guard let value = row.values[position], let name = columnName.appending(contentsOf: row.index) else {
                    continue
                }
                result.append(VarBind(name, value))
            }
        }
        return result
    }
}
