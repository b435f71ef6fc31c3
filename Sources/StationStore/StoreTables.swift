// Layer: StationStore. Uses: ESE. Used by: Tables.
// The database's tables: docs/station/design.md, "The database".

import ESE

/// The tables as they are made.
enum StoreTables {
    /// The format that this program writes, in the setting `format`.
    static let format: Int32 = 1

    /// All tables.
    static let all = [devices, objects, series, rounds, timelines, blocks, events, settings, removals]

    static let devices = TableSpec(
        "devices",
        columns: [
            ColumnSpec("id", Int32.self, .notNull), ColumnSpec("name", .text, .notNull),
            ColumnSpec("address", String.self), ColumnSpec("interval_ms", Int32.self, .notNull),
            ColumnSpec("enabled", Bool.self, .notNull), ColumnSpec("origin", UInt8.self, .notNull),
            ColumnSpec("version", UInt8.self, .notNull), ColumnSpec("security", [UInt8].self),
            ColumnSpec("added", Int64.self, .notNull), ColumnSpec("profile", .longText, .compressed),
            ColumnSpec("engine_id", [UInt8].self), ColumnSpec("sys_name", String.self),
            ColumnSpec("sys_descr", String.self), ColumnSpec("sys_object_id", String.self),
            ColumnSpec("sys_contact", String.self), ColumnSpec("sys_location", String.self),
        ],
        indexes: [.primary(on: ["id"]), nameIndex])

    /// The default order of text has no regard to case.
    private static var nameIndex: IndexSpec {
        var index = IndexSpec("name", on: ["name"], .unique)
        // Room for the longest name, so that no two are taken for the same because their keys were cut.
        index.maximumKeyByteCount = 1_000
        return index
    }

    static let objects = TableSpec(
        "objects",
        columns: [
            ColumnSpec("id", Int32.self, .notNull), ColumnSpec("device", Int32.self, .notNull),
            ColumnSpec("kind", String.self), ColumnSpec("key", String.self), ColumnSpec("name", String.self),
            ColumnSpec("alias", String.self), ColumnSpec("attributes", .longText, .compressed),
            ColumnSpec("first_seen", Int64.self, .notNull), ColumnSpec("last_seen", Int64.self, .notNull),
            ColumnSpec("is_gone", Bool.self, .notNull),
        ],
        indexes: [.primary(on: ["id"]), IndexSpec("device", on: ["device", "id"], .unique)])

    static let series = TableSpec(
        "series",
        columns: [
            ColumnSpec("id", Int32.self, .notNull), ColumnSpec("device", Int32.self, .notNull),
            ColumnSpec("object", Int32.self, .notNull), ColumnSpec("metric", String.self),
            ColumnSpec("oid", String.self), ColumnSpec("type", UInt8.self, .notNull),
            ColumnSpec("unit", String.self), ColumnSpec("nature", UInt8.self, .notNull),
        ],
        indexes: [.primary(on: ["id"]), IndexSpec("device", on: ["device", "id"], .unique)])

    static let rounds = TableSpec(
        "rounds",
        columns: [
            ColumnSpec("device", Int32.self, .notNull), ColumnSpec("time", Int64.self, .notNull),
            ColumnSpec("arrival", Int64.self, .notNull), ColumnSpec("data", [UInt8].self),
        ],
        indexes: [.primary(on: ["device", "time"])])

    static let timelines = TableSpec(
        "timelines",
        columns: [
            ColumnSpec("device", Int32.self, .notNull), ColumnSpec("start", Int64.self, .notNull),
            ColumnSpec("last", Int64.self, .notNull), ColumnSpec("arrival", Int64.self, .notNull),
            ColumnSpec("count", Int32.self, .notNull), ColumnSpec("data", [UInt8].self),
        ],
        indexes: [.primary(on: ["device", "start"])])

    static let blocks = TableSpec(
        "blocks",
        columns: [
            ColumnSpec("series", Int32.self, .notNull), ColumnSpec("start", Int64.self, .notNull),
            ColumnSpec("data", [UInt8].self),
        ],
        indexes: [.primary(on: ["series", "start"])])

    static let events = TableSpec(
        "events",
        columns: [
            ColumnSpec("id", Int64.self, .notNull), ColumnSpec("time", Int64.self, .notNull),
            ColumnSpec("device", Int32.self, .notNull), ColumnSpec("kind", String.self),
            ColumnSpec("severity", UInt8.self, .notNull), ColumnSpec("source", String.self),
            ColumnSpec("title", String.self), ColumnSpec("trap_oid", String.self),
            ColumnSpec("detail", .longText, .compressed),
        ],
        indexes: [.primary(on: ["id"]), IndexSpec("device", on: ["device", "id"], .unique)])

    static let settings = TableSpec(
        "settings", columns: [ColumnSpec("key", .text, .notNull), ColumnSpec("value", String.self)],
        indexes: [.primary(on: ["key"])])

    /// Devices that were removed and whose samples are still being deleted.
    static let removals = TableSpec(
        "removals", columns: [ColumnSpec("device", Int32.self, .notNull)],
        indexes: [.primary(on: ["device"])])
}
