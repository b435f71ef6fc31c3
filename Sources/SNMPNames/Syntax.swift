// Layer: SNMPNames. Uses: nothing. Used by: NameTable, ValueText, the commands' printing.
// What a value means beyond its type on the wire: textual convention, labels, display hint, index shape.

/// The type on the wire that a syntax stands on (RFC 2578 section 7.1).
public enum BaseType: String, Sendable, CaseIterable {
    /// A signed 32-bit number without labels.
    case integer32 = "Integer32"
    /// A number with labels.
    case enumeration = "INTEGER"
    /// An octet string.
    case octets = "OCTETS"
    /// An object identifier.
    case objectIdentifier = "OID"
    /// A set of named bits in an octet string.
    case bits = "BITS"
    /// An IPv4 address.
    case ipAddress = "IpAddress"
    /// A 32-bit number that only grows and wraps.
    case counter32 = "Counter32"
    /// An unsigned 32-bit number that goes up and down.
    case gauge32 = "Gauge32"
    /// An unsigned 32-bit number.
    case unsigned32 = "Unsigned32"
    /// Hundredths of a second.
    case timeTicks = "TimeTicks"
    /// Bytes that hold another encoding.
    case opaque = "Opaque"
    /// A 64-bit number that only grows and wraps.
    case counter64 = "Counter64"
}

/// The name of a value of an enumeration, or of a bit.
public struct ValueLabel: Sendable, Equatable {
    /// The value; for BITS the number of the bit, counted from the first octet's highest bit.
    public let number: Int32
    /// The name, for example `up`.
    public let name: String
}

/// How the values of an object are to be read (a type or textual convention, RFC 2579).
public struct Syntax: Sendable, Equatable {
    /// The textual convention, for example `DisplayString`, or the base type's own name.
    public let name: String
    /// The type on the wire.
    public let base: BaseType
    /// The DISPLAY-HINT (RFC 2579 section 3.1), for example `1x:`.
    public let hint: String?
    /// The labels of an enumeration or of BITS, by ascending number.
    public let labels: [ValueLabel]
    /// The length of an octet string that has only one.
    public let fixedByteCount: Int?

    /// The label of a number, if it has one. Logarithmic in the number of labels.
    public func label(for number: Int64) -> String? {
        var low = 0
        var high = labels.count
        while low < high {
            let middle = (low + high) / 2
            if Int64(labels[middle].number) < number { low = middle + 1 } else { high = middle }
        }
        return low < labels.count && Int64(labels[low].number) == number ? labels[low].name : nil
    }

    /// The number of a label, if the syntax has that label.
    public func number(of label: String) -> Int32? { labels.first { $0.name == label }?.number }
}

/// One part of a table's index (RFC 2578 section 7.7).
public struct IndexPart: Sendable, Equatable {
    /// The name of the object that serves as index, for example `ifIndex`.
    public let name: String
    /// The syntax of that object.
    public let syntax: Syntax
    /// True when the part ends the index and has no length of its own in it (IMPLIED).
    public let isImplied: Bool
}

/// What a node of the tree of names is.
public enum NodeKind: String, Sendable {
    /// A point of the tree without a value: a module, a branch, a group, an identity.
    case branch
    /// An object with one instance, `.0`.
    case scalar
    /// A table.
    case table
    /// A table's row, which carries the index.
    case row
    /// An object with an instance per row.
    case column
    /// A notification (trap or inform).
    case notification
}

/// What is known about one name.
public struct NamedNode: Sendable, Equatable {
    /// The module that defines the name; empty for the three roots.
    public let module: String
    /// The name within its module, for example `ifDescr`.
    public let label: String
    /// The full object identifier.
    public let oid: [UInt32]
    /// What the node is.
    public let kind: NodeKind
    /// How values are to be read; nil for nodes without a value.
    public let syntax: Syntax?
    /// The unit of the values, for example `seconds`.
    public let units: String?
    /// The parts of the index, for rows and columns.
    public let indexes: [IndexPart]
    /// The names of the objects that a notification carries.
    public let objects: [String]

    /// `MODULE::label`, or the label alone for the roots.
    public var qualifiedName: String { module.isEmpty ? label : module + "::" + label }
}
