// Layer: StationStore. Uses: Tables, Records. Used by: Recorder, Reader.
// Records out of rows and into them, and the ways to find them.

import ESE
import StationSeries

extension Tables {
    // MARK: Devices.

    /// Reads the device that the cursor is on.
    private func deviceRecord(_ row: borrowing Row) throws(JetError) -> DeviceRecord {
        let id = try row[device.id] ?? 0
        guard let version = try row[device.version].flatMap({ DeviceVersion(rawValue: $0) }),
            let origin = try row[device.origin].flatMap({ DeviceRecord.Origin(rawValue: $0) })
        else { throw fail(.damaged("the record of device \(id)")) }
        var record = DeviceRecord(
            name: try row[device.name] ?? "", address: try row[device.address] ?? "",
            intervalMilliseconds: try row[device.interval] ?? 0, isEnabled: try row[device.enabled] ?? false,
            origin: origin, added: try row[device.added] ?? 0)
        record.id = id
        record.version = version
        record.profile = try row[device.profile]
        record.engineID = try row[device.engineID]
        record.sysName = try row[device.sysName]
        record.sysDescr = try row[device.sysDescr]
        record.sysObjectID = try row[device.sysObjectID]
        record.sysContact = try row[device.sysContact]
        record.sysLocation = try row[device.sysLocation]
        return record
    }

    /// All devices in the order of their numbers.
    func allDevices() throws(JetError) -> [DeviceRecord] {
        try devices.setIndex(nil)
        var records: [DeviceRecord] = []
        try devices.scan { (row) throws(JetError) in
            records.append(try deviceRecord(row))
            return true
        }
        return records
    }

    /// Goes to a device's row; false if there is none.
    func findDevice(_ id: Int32) throws(JetError) -> Bool {
        try devices.setIndex(nil)
        return try devices.seek(.equal, id) == .equal
    }

    /// A device; nil if there is none.
    func deviceRecord(_ id: Int32) throws(JetError) -> DeviceRecord? {
        guard try findDevice(id) else { return nil }
        return try devices.withRow { (row) throws(JetError) in try deviceRecord(row) }
    }

    /// A device by its name, whatever the case of letters.
    func deviceRecord(named name: String) throws(JetError) -> DeviceRecord? {
        try devices.setIndex("name")
        guard try devices.seek(.equal, name) == .equal else { return nil }
        return try devices.withRow { (row) throws(JetError) in try deviceRecord(row) }
    }

    /// Sets the columns of a device, but for the secrets.
    func write(_ record: DeviceRecord, to row: borrowing RowWriter) throws(JetError) {
        try row.set(device.id, record.id)
        try row.set(device.name, record.name)
        try row.set(device.address, record.address)
        try row.set(device.interval, record.intervalMilliseconds)
        try row.set(device.enabled, record.isEnabled)
        try row.set(device.origin, record.origin.rawValue)
        try row.set(device.version, record.version.rawValue)
        try row.set(device.added, record.added)
        try row.set(device.profile, record.profile)
        try row.set(device.engineID, record.engineID)
        try row.set(device.sysName, record.sysName)
        try row.set(device.sysDescr, record.sysDescr)
        try row.set(device.sysObjectID, record.sysObjectID)
        try row.set(device.sysContact, record.sysContact)
        try row.set(device.sysLocation, record.sysLocation)
    }

    // MARK: Objects.

    private func objectRecord(_ row: borrowing Row) throws(JetError) -> ObjectRecord {
        ObjectRecord(
            id: try row[object.id] ?? 0, device: try row[object.device] ?? 0, kind: try row[object.kind] ?? "",
            key: try row[object.key] ?? "", name: try row[object.name] ?? "", alias: try row[object.alias] ?? "",
            attributes: try row[object.attributes] ?? "", firstSeen: try row[object.firstSeen] ?? 0,
            lastSeen: try row[object.lastSeen] ?? 0, isGone: try row[object.isGone] ?? false)
    }

    /// The objects of a device in the order of their numbers.
    func objectRecords(of device: Int32) throws(JetError) -> [ObjectRecord] {
        try objects.setIndex("device")
        var records: [ObjectRecord] = []
        try objects.scan(equal: [.integer(Int64(device))]) { (row) throws(JetError) in
            records.append(try objectRecord(row))
            return true
        }
        return records
    }

    /// An object; nil if there is none.
    func objectRecord(_ id: Int32) throws(JetError) -> ObjectRecord? {
        try objects.setIndex(nil)
        guard try objects.seek(.equal, id) == .equal else { return nil }
        return try objects.withRow { (row) throws(JetError) in try objectRecord(row) }
    }

    /// Puts an object there, or in the place of the one with its number.
    func put(_ record: ObjectRecord, isNew: Bool) throws(JetError) {
        let column = object
        func write(_ row: borrowing RowWriter) throws(JetError) {
            try row.set(column.id, record.id)
            try row.set(column.device, record.device)
            try row.set(column.kind, record.kind)
            try row.set(column.key, record.key)
            try row.set(column.name, record.name)
            try row.set(column.alias, record.alias)
            try row.set(column.attributes, record.attributes)
            try row.set(column.firstSeen, record.firstSeen)
            try row.set(column.lastSeen, record.lastSeen)
            try row.set(column.isGone, record.isGone)
        }
        if isNew { return try objects.insert { (row) throws(JetError) in try write(row) } }
        try objects.setIndex(nil)
        guard try objects.seek(.equal, record.id) == .equal else { throw .recordNotFound }
        try objects.replace { (row) throws(JetError) in try write(row) }
    }

    // MARK: Series.

    private func seriesRecord(_ row: borrowing Row) throws(JetError) -> SeriesRecord {
        let id = try row[seriesColumn.id] ?? 0
        guard let type = try row[seriesColumn.type].flatMap({ SampleType(rawValue: $0) }),
            let nature = try row[seriesColumn.nature].flatMap({ SeriesNature(rawValue: $0) })
        else { throw fail(.damaged("the record of series \(id)")) }
        return SeriesRecord(
            id: id, device: try row[seriesColumn.device] ?? 0, object: try row[seriesColumn.object] ?? 0,
            metric: try row[seriesColumn.metric] ?? "", oid: try row[seriesColumn.oid] ?? "", type: type,
            unit: try row[seriesColumn.unit] ?? "", nature: nature)
    }

    /// The series of a device in the order of their numbers.
    func seriesRecords(of device: Int32) throws(JetError) -> [SeriesRecord] {
        try series.setIndex("device")
        var records: [SeriesRecord] = []
        try series.scan(equal: [.integer(Int64(device))]) { (row) throws(JetError) in
            records.append(try seriesRecord(row))
            return true
        }
        return records
    }

    /// The numbers of the series of a device from `first` on, in their order.
    func seriesNumbers(of device: Int32, from first: Int32 = 0) throws(JetError) -> [Int32] {
        try series.setIndex("device")
        var numbers: [Int32] = []
        let column = seriesColumn.id
        let device = KeyValue.integer(Int64(device))
        try series.scan(
            from: .including([device, .integer(Int64(first))]), to: .including([device])
        ) { (row) throws(JetError) in
            numbers.append(try row[column] ?? 0)
            return true
        }
        return numbers
    }

    /// A series; nil if there is none.
    func seriesRecord(_ id: Int32) throws(JetError) -> SeriesRecord? {
        try series.setIndex(nil)
        guard try series.seek(.equal, id) == .equal else { return nil }
        return try series.withRow { (row) throws(JetError) in try seriesRecord(row) }
    }

    /// Puts a series there, or in the place of the one with its number.
    func put(_ record: SeriesRecord, isNew: Bool) throws(JetError) {
        let column = seriesColumn
        func write(_ row: borrowing RowWriter) throws(JetError) {
            try row.set(column.id, record.id)
            try row.set(column.device, record.device)
            try row.set(column.object, record.object)
            try row.set(column.metric, record.metric)
            try row.set(column.oid, record.oid)
            try row.set(column.type, record.type.rawValue)
            try row.set(column.unit, record.unit)
            try row.set(column.nature, record.nature.rawValue)
        }
        if isNew { return try series.insert { (row) throws(JetError) in try write(row) } }
        try series.setIndex(nil)
        guard try series.seek(.equal, record.id) == .equal else { throw .recordNotFound }
        try series.replace { (row) throws(JetError) in try write(row) }
    }

    // MARK: Events.

    /// Reads the event that the cursor is on.
    func eventRecord(_ row: borrowing Row) throws(JetError) -> EventRecord {
        let id = try row[event.id] ?? 0
        guard let severity = try row[event.severity].flatMap({ EventRecord.Severity(rawValue: $0) })
        else { throw fail(.damaged("event \(id)")) }
        var record = EventRecord(
            time: try row[event.time] ?? 0, device: try row[event.device] ?? 0, kind: try row[event.kind] ?? "",
            severity: severity, source: try row[event.source] ?? "", title: try row[event.title] ?? "",
            trapOID: try row[event.trapOID], detail: try row[event.detail])
        record.id = id
        return record
    }

    /// Inserts an event.
    func insert(_ record: EventRecord) throws(JetError) {
        let column = event
        try events.insert { (row) throws(JetError) in
            try row.set(column.id, record.id)
            try row.set(column.time, record.time)
            try row.set(column.device, record.device)
            try row.set(column.kind, record.kind)
            try row.set(column.severity, record.severity.rawValue)
            try row.set(column.source, record.source)
            try row.set(column.title, record.title)
            try row.set(column.trapOID, record.trapOID)
            try row.set(column.detail, record.detail)
        }
    }

    // MARK: Rounds, time lines, blocks.

    /// Goes to a block; false if there is none.
    func findBlock(_ series: Int32, _ start: Int64) throws(JetError) -> Bool {
        try blocks.seek(.equal, [.integer(Int64(series)), .integer(start)]) == .equal
    }

    /// Goes to a time line; false if there is none.
    func findTimeline(_ device: Int32, _ start: Int64) throws(JetError) -> Bool {
        try timelines.seek(.equal, [.integer(Int64(device)), .integer(start)]) == .equal
    }

    /// Goes to a round by its key; false if there is none.
    func findRound(_ device: Int32, _ time: Int64) throws(JetError) -> Bool {
        try rounds.seek(.equal, [.integer(Int64(device)), .integer(time)]) == .equal
    }
}
