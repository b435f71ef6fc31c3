// Layer: SNMPTestKit. Uses: SNMPCodec. Used by: FaultyAgent.

public import SNMPCodec

/// The objects of a simulated agent: an ifTable-like table of columns with a few scalars before and after it.
public struct SimulatedTable: Sendable {
    /// The subtree to walk: ifTable.
    public static let root: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2]
    /// The columns of ifEntry that the table has, in their order.
    public static let columns: [UInt32] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 16]

    /// All objects in ascending order of their names.
    public private(set) var objects: [VarBind]
    /// Where the table's rows lie in `objects`.
    public let rowRange: Range<Int>

    /// Makes a table of `rowCount` rows in columns of equal length as far as possible.
    ///
    /// - Parameters:
    ///   - identity: goes into the values, so that answers of different devices can be told apart.
    ///   - hasNeighbours: whether there are objects after the table; there always are some before it.
    public init(rowCount: Int = 300, identity: UInt32 = 0, hasNeighbours: Bool = true) {
        var objects = [
            VarBind([1, 3, 6, 1, 2, 1, 1, 1, 0], .string("simulated device \(identity)")),
            VarBind([1, 3, 6, 1, 2, 1, 1, 2, 0], .objectIdentifier([1, 3, 6, 1, 4, 1, 8072, 3, 2, 10])),
            VarBind([1, 3, 6, 1, 2, 1, 1, 3, 0], .timeTicks(4_711)),
            VarBind([1, 3, 6, 1, 2, 1, 1, 5, 0], .gauge32(identity)),
            VarBind([1, 3, 6, 1, 2, 1, 2, 1, 0], .integer(Int32(rowCount))),
        ]
        let first = objects.count
        let columns = SimulatedTable.columns
        let perColumn = (rowCount + columns.count - 1) / columns.count
        for number in 0..<rowCount {
            let column = columns[number / perColumn]
            let index = UInt32(number % perColumn + 1)
            let name = SimulatedTable.root.appending(1).appending(column).appending(index)
            objects.append(VarBind(name, SimulatedTable.value(column, index, identity)))
        }
        rowRange = first..<objects.count
        if hasNeighbours {
            objects.append(VarBind([1, 3, 6, 1, 2, 1, 4, 1, 0], .integer(1)))
            objects.append(VarBind([1, 3, 6, 1, 2, 1, 4, 2, 0], .integer(64)))
            objects.append(VarBind([1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0], .integer(9)))
        }
        self.objects = objects
    }

    private static func value(_ column: UInt32, _ index: UInt32, _ identity: UInt32) -> SNMPValue {
        switch column {
        case 1: .integer(Int32(index))
        case 2: .string("eth\(index)")
        case 3: .integer(6)
        case 5: .gauge32(1_000_000_000)
        case 6: .octetString([0x02, 0, 0, UInt8(truncatingIfNeeded: identity), 0, UInt8(truncatingIfNeeded: index)])
        case 7, 8: .integer(1)
        case 10, 16: .counter32(identity &* 1_000 &+ index &* 7)
        default: .gauge32(identity)
        }
    }

    /// The rows of the table.
    public var rows: ArraySlice<VarBind> { objects[rowRange] }

    /// Replaces the value of row `number`, from 1.
    public mutating func setRow(_ number: Int, _ value: SNMPValue) {
        objects[rowRange.lowerBound + number - 1].value = value
    }

    /// The place of the first object after `name`; the number of objects if there is none.
    public func place(after name: ObjectIdentifier) -> Int {
        var low = 0
        var high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].name > name { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The place of the object called `name`.
    public func place(of name: ObjectIdentifier) -> Int? {
        let next = place(after: name)
        return next > 0 && objects[next - 1].name == name ? next - 1 : nil
    }

    /// The number of the row at a place, from 1; nil outside the table.
    public func rowNumber(_ place: Int) -> Int? {
        rowRange.contains(place) ? place - rowRange.lowerBound + 1 : nil
    }
}
