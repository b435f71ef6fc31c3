// Layer: SNMP. Uses: SNMPEngine (Walk). Used by: applications.
// Walks and tables over the walk machine.

public import SNMPCodec
public import SNMPEngine

/// The result of a walk: what was received, and how it ended.
public struct WalkResult: Hashable, Sendable {
    /// The rows in ascending order (with several roots: ascending within each).
    public var rows: [VarBind]
    /// How the walk ended. Look at it before trusting that `rows` is all there is.
    public var verdict: WalkVerdict
}

extension SNMPTarget {
    /// Reads all objects below `root` and hands them over part by part; returns how the walk ended.
    ///
    /// A walk does not throw: whatever stops it is in the verdict, along with what was received before. Cancelling the
    /// task ends the walk as partial. The next request is sent when `onRows` returns.
    public func walk(
        _ roots: [ObjectIdentifier], options: WalkOptions = WalkOptions(), onRows: ([VarBind]) async -> Void
    ) async -> WalkVerdict {
        var walk = Walk(roots: roots, version: version, profile: profile, options: options)
        while true {
            switch walk.next() {
            case .finished(let verdict):
                updateProfile { walk.remember(in: &$0) }
                return verdict
            case .send(let request):
                walk = await step(walk, request)
                let rows = walk.takeRows()
                if !rows.isEmpty { await onRows(rows) }
                if Task.isCancelled { walk.cancel() }
            }
        }
    }

    /// Sends one request of a walk and lets the walk read the response where it arrived.
    private func step(_ walk: Walk, _ request: Request) async -> Walk {
        let cancellation = Cancellation(manager)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let token = manager.submit(request, to: id) { outcome, message in
                    var walk = walk
                    walk.receive(outcome, message)
                    continuation.resume(returning: walk)
                }
                cancellation.set(token)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Reads all objects below `root`. Does not throw: see the verdict.
    public func walk(_ root: ObjectIdentifier, options: WalkOptions = WalkOptions()) async -> WalkResult {
        var rows: [VarBind] = []
        let verdict = await walk([root], options: options) { rows += $0 }
        return WalkResult(rows: rows, verdict: verdict)
    }

    /// Reads columns of a table side by side. Does not throw: see the verdict.
    ///
    /// - Parameter columns: the columns' identifiers, such as ifDescr; each row's index is what follows them.
    public func table(_ columns: [ObjectIdentifier], options: WalkOptions = WalkOptions()) async -> SNMPTable {
        var options = options
        options.triesExactRoot = false
        var cells = SNMPTable(columns: columns)
        cells.verdict = await walk(columns, options: options) { rows in
            for row in rows { cells.insert(row) }
        }
        return cells
    }

    /// Reads a whole table by its entry (such as ifEntry), without knowing its columns. Does not throw: see the
    /// verdict.
    public func table(entry: ObjectIdentifier, options: WalkOptions = WalkOptions()) async -> SNMPTable {
        let result = await walk(entry, options: options)
        var columns: [ObjectIdentifier] = []
        for row in result.rows where row.name.count > entry.count {
            let column = row.name.prefix(entry.count + 1)
            if columns.last != column { columns.append(column) }
        }
        var table = SNMPTable(columns: columns)
        for row in result.rows { table.insert(row) }
        table.verdict = result.verdict
        return table
    }
}

/// A table: cells by row index and column.
public struct SNMPTable: Hashable, Sendable {
    /// The columns in their order.
    public let columns: [ObjectIdentifier]
    /// The indexes of the rows, ascending: what follows the columns' identifiers in the names.
    public private(set) var indexes: [ObjectIdentifier] = []
    /// How the walk ended.
    public var verdict = WalkVerdict(.complete)

    private var cells: [ObjectIdentifier: [SNMPValue?]] = [:]

    /// An empty table.
    public init(columns: [ObjectIdentifier]) { self.columns = columns }

    /// Puts a binding into its cell; false when it belongs to none of the columns.
    @discardableResult
    public mutating func insert(_ binding: VarBind) -> Bool {
        let place = columns.firstIndex { binding.name.count > $0.count && binding.name.starts(with: $0) }
        guard let column = place,
            let index = ObjectIdentifier(arcs: binding.name.suffix(from: columns[column].count))
        else { return false }
        if cells[index] == nil {
            cells[index] = Array(repeating: nil, count: columns.count)
            // Rows arrive mostly in order.
            var place = indexes.count
            while place > 0, index < indexes[place - 1] { place -= 1 }
            indexes.insert(index, at: place)
        }
        cells[index]?[column] = binding.value
        return true
    }

    /// The cells of a row in the order of the columns; nil where the agent has no value. Nil for an unknown index.
    public subscript(row index: ObjectIdentifier) -> [SNMPValue?]? { cells[index] }

    /// The cell of a row and column; nil if there is none.
    public subscript(index: ObjectIdentifier, column: ObjectIdentifier) -> SNMPValue? {
        guard let place = columns.firstIndex(of: column) else { return nil }
        return cells[index]?[place]
    }
}
