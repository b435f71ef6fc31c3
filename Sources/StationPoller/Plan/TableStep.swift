// Layer: StationPoller/Plan. Uses: Catalogue. Used by: PlanBuilder, the device machine.
// The tables that are walked to find out what a device has, and what each of their columns is for.

import SNMPCodec

/// A walk of discovery.
enum TableStep: Int, CaseIterable, Sendable {
    /// ifTable: texts, states, errors.
    case interfaces
    /// ifXTable: names, wide counters.
    case extended
    /// The narrow counters, for devices that lack a wide one.
    case narrow
    /// hrProcessorTable.
    case processors
    /// hrStorageTable.
    case storage

    /// What a column is for.
    enum Role {
        /// Its values are polled: the number of the metric.
        case metric(Int)
        /// Its values are kept with the object, under this name.
        case attribute(String)
    }

    /// The objects that the rows are.
    var kind: ObjectKind {
        switch self {
        case .interfaces, .extended, .narrow: .interface
        case .processors: .processor
        case .storage: .storage
        }
    }

    /// What is read, for people.
    var title: String {
        switch self {
        case .interfaces: "ifTable"
        case .extended: "ifXTable"
        case .narrow: "the 32-bit counters of interfaces"
        case .processors: "hrProcessorTable"
        case .storage: "hrStorageTable"
        }
    }

    /// The columns, with what they are for.
    var columns: [(oid: ObjectIdentifier, role: Role)] { Self.allColumns[rawValue] }

    private static let allColumns: [[(oid: ObjectIdentifier, role: Role)]] = allCases.map { $0.makeColumns() }

    private func makeColumns() -> [(oid: ObjectIdentifier, role: Role)] {
        func attributes(_ entry: ObjectIdentifier, _ list: [(UInt32, String)]) -> [(ObjectIdentifier, Role)] {
            list.map { (entry.appending($0.0), .attribute($0.1)) }
        }
        func metrics(_ isWanted: (Metric) -> Bool) -> [(ObjectIdentifier, Role)] {
            Catalogue.metrics.filter { $0.kind == kind && isWanted($0) }.map { ($0.oid, .metric($0.number)) }
        }
        let narrow = Set(Catalogue.metrics.compactMap(\.preferredOver))
        let list: [(ObjectIdentifier, Role)] =
            switch self {
            case .interfaces:
                attributes(
                    Column.ifEntry, [(2, "ifDescr"), (3, "ifType"), (4, "ifMtu"), (5, "ifSpeed"), (6, "ifPhysAddress")])
                    + metrics { $0.oid.starts(with: Column.ifEntry) && !narrow.contains($0.name) }
            case .extended:
                attributes(Column.ifXEntry, [(1, "ifName"), (15, "ifHighSpeed"), (18, "ifAlias")])
                    + metrics { $0.oid.starts(with: Column.ifXEntry) && !narrow.contains($0.name) }
            case .narrow: metrics { narrow.contains($0.name) }
            case .processors: metrics { _ in true } + [(Column.hrDeviceDescr, .attribute("hrDeviceDescr"))]
            case .storage:
                attributes(
                    Column.hrStorageEntry,
                    [(2, "hrStorageType"), (3, "hrStorageDescr"), (4, "hrStorageAllocationUnits")])
                    + metrics { _ in true }
            }
        return list.map { (oid: $0.0, role: $0.1) }
    }
}
