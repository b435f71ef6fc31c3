// Layer: StationStore. Uses: ESE, StoreTables. Used by: StoreCore, Recorder, Reader.
// A session of the store with all tables open, for one thread at a time.

import ESE

/// A session and its tables. Who has it must be its only user.
final class Tables: @unchecked Sendable {
    /// The session.
    let session: Session
    let devices: TableCursor, objects: TableCursor, series: TableCursor, rounds: TableCursor
    let timelines: TableCursor, blocks: TableCursor, events: TableCursor, settings: TableCursor
    let removals: TableCursor
    let device: DeviceColumns
    let object: ObjectColumns
    let seriesColumn: SeriesColumns
    let round: RoundColumns
    let timeline: TimelineColumns
    let block: BlockColumns
    let event: EventColumns
    let setting: SettingColumns
    let removedDevice: Column<Int32>

    /// What a transaction failed with, if it wasn't the database that failed.
    private var failure: StoreError?

    /// Opens all tables; makes those that are missing.
    init(_ session: Session, _ mode: DatabaseMode) throws(JetError) {
        self.session = session
        let database = try session.openDatabase(StoreDirectory.databaseName, mode)
        devices = try database.table(StoreTables.devices)
        objects = try database.table(StoreTables.objects)
        series = try database.table(StoreTables.series)
        rounds = try database.table(StoreTables.rounds)
        timelines = try database.table(StoreTables.timelines)
        blocks = try database.table(StoreTables.blocks)
        events = try database.table(StoreTables.events)
        settings = try database.table(StoreTables.settings)
        removals = try database.table(StoreTables.removals)
        device = try DeviceColumns(devices)
        object = try ObjectColumns(objects)
        seriesColumn = try SeriesColumns(series)
        round = try RoundColumns(rounds)
        timeline = try TimelineColumns(timelines)
        block = try BlockColumns(blocks)
        event = try EventColumns(events)
        setting = try SettingColumns(settings)
        removedDevice = try removals.column("device")
    }

    /// Runs `body` in a transaction: it is done as a whole or not at all.
    func transaction<Result>(
        _ durability: Durability = .durable, isReadOnly: Bool = false, _ body: (Tables) throws(JetError) -> Result
    ) throws(StoreError) -> Result {
        failure = nil
        do throws(JetError) {
            return try session.transaction(durability, isReadOnly: isReadOnly) { () throws(JetError) -> Result in
                try body(self)
            }
        } catch {
            defer { failure = nil }
            throw failure ?? StoreError(error)
        }
    }

    /// Notes what a transaction is to fail with; the result is to be thrown.
    func fail(_ error: StoreError) -> JetError {
        failure = error
        return .databaseCorrupted
    }

    // MARK: Settings.

    /// A setting; nil if there is none.
    func value(ofSetting key: String) throws(JetError) -> String? {
        guard try settings.seek(.equal, [.text(key)]) == .equal else { return nil }
        let column = setting.value
        return try settings.withRow { (row) throws(JetError) in try row[column] }
    }

    /// Sets a setting; nil removes it.
    func set(setting key: String, _ value: String?) throws(JetError) {
        let isThere = try settings.seek(.equal, [.text(key)]) == .equal
        let column = setting
        guard let value else {
            if isThere { try settings.delete() }
            return
        }
        if isThere {
            try settings.replace { (row) throws(JetError) in try row.set(column.value, value) }
        } else {
            try settings.insert { (row) throws(JetError) in
                try row.set(column.key, key)
                try row.set(column.value, value)
            }
        }
    }

    /// Gives out `count` numbers that were never given out; returns the first.
    func takeNumbers(_ kind: String, _ count: Int) throws(JetError) -> Int32 {
        let next = try value(ofSetting: "next_\(kind)").flatMap { Int32($0) } ?? 1
        let (after, isOverflow) = next.addingReportingOverflow(Int32(clamping: count))
        guard next > 0, !isOverflow else { throw .outOfAutoincrementValues }
        try set(setting: "next_\(kind)", "\(after)")
        return next
    }
}

/// The columns of `devices`.
struct DeviceColumns: RecordColumns {
    let id: Column<Int32>, name: Column<String>, address: Column<String>, interval: Column<Int32>
    let enabled: Column<Bool>, origin: Column<UInt8>, version: Column<UInt8>, security: Column<[UInt8]>
    let added: Column<Int64>, profile: Column<String>, engineID: Column<[UInt8]>, sysName: Column<String>
    let sysDescr: Column<String>, sysObjectID: Column<String>, sysContact: Column<String>
    let sysLocation: Column<String>

    init(_ table: TableCursor) throws(JetError) {
        id = try table.column("id")
        name = try table.column("name")
        address = try table.column("address")
        interval = try table.column("interval_ms")
        enabled = try table.column("enabled")
        origin = try table.column("origin")
        version = try table.column("version")
        security = try table.column("security")
        added = try table.column("added")
        profile = try table.column("profile")
        engineID = try table.column("engine_id")
        sysName = try table.column("sys_name")
        sysDescr = try table.column("sys_descr")
        sysObjectID = try table.column("sys_object_id")
        sysContact = try table.column("sys_contact")
        sysLocation = try table.column("sys_location")
    }
}

/// The columns of `objects`.
struct ObjectColumns: RecordColumns {
    let id: Column<Int32>, device: Column<Int32>, kind: Column<String>, key: Column<String>, name: Column<String>
    let alias: Column<String>, attributes: Column<String>, firstSeen: Column<Int64>, lastSeen: Column<Int64>
    let isGone: Column<Bool>

    init(_ table: TableCursor) throws(JetError) {
        id = try table.column("id")
        device = try table.column("device")
        kind = try table.column("kind")
        key = try table.column("key")
        name = try table.column("name")
        alias = try table.column("alias")
        attributes = try table.column("attributes")
        firstSeen = try table.column("first_seen")
        lastSeen = try table.column("last_seen")
        isGone = try table.column("is_gone")
    }
}

/// The columns of `series`.
struct SeriesColumns: RecordColumns {
    let id: Column<Int32>, device: Column<Int32>, object: Column<Int32>, metric: Column<String>
    let oid: Column<String>, type: Column<UInt8>, unit: Column<String>, nature: Column<UInt8>

    init(_ table: TableCursor) throws(JetError) {
        id = try table.column("id")
        device = try table.column("device")
        object = try table.column("object")
        metric = try table.column("metric")
        oid = try table.column("oid")
        type = try table.column("type")
        unit = try table.column("unit")
        nature = try table.column("nature")
    }
}

/// The columns of `rounds`.
struct RoundColumns: RecordColumns {
    let device: Column<Int32>, time: Column<Int64>, arrival: Column<Int64>, data: Column<[UInt8]>

    init(_ table: TableCursor) throws(JetError) {
        device = try table.column("device")
        time = try table.column("time")
        arrival = try table.column("arrival")
        data = try table.column("data")
    }
}

/// The columns of `timelines`.
struct TimelineColumns: RecordColumns {
    let device: Column<Int32>, start: Column<Int64>, last: Column<Int64>, arrival: Column<Int64>
    let count: Column<Int32>, data: Column<[UInt8]>

    init(_ table: TableCursor) throws(JetError) {
        device = try table.column("device")
        start = try table.column("start")
        last = try table.column("last")
        arrival = try table.column("arrival")
        count = try table.column("count")
        data = try table.column("data")
    }
}

/// The columns of `blocks`.
struct BlockColumns: RecordColumns {
    let series: Column<Int32>, start: Column<Int64>, data: Column<[UInt8]>

    init(_ table: TableCursor) throws(JetError) {
        series = try table.column("series")
        start = try table.column("start")
        data = try table.column("data")
    }
}

/// The columns of `events`.
struct EventColumns: RecordColumns {
    let id: Column<Int64>, time: Column<Int64>, device: Column<Int32>, kind: Column<String>
    let severity: Column<UInt8>, source: Column<String>, title: Column<String>, trapOID: Column<String>
    let detail: Column<String>

    init(_ table: TableCursor) throws(JetError) {
        id = try table.column("id")
        time = try table.column("time")
        device = try table.column("device")
        kind = try table.column("kind")
        severity = try table.column("severity")
        source = try table.column("source")
        title = try table.column("title")
        trapOID = try table.column("trap_oid")
        detail = try table.column("detail")
    }
}

/// The columns of `settings`.
struct SettingColumns: RecordColumns {
    let key: Column<String>, value: Column<String>

    init(_ table: TableCursor) throws(JetError) {
        key = try table.column("key")
        value = try table.column("value")
    }
}
