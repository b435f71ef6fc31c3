// Layer: StationStore. Uses: StationStore, Tables. Used by: Station.
// Questions to a store: devices, objects, series, events.

import ESE

/// Everything that reads. Calls may come from any thread, any number at a time; each sees the store as it was at one
/// moment, whatever is recorded, packed or deleted meanwhile.
///
/// Closures run while the store keeps that moment for them: they should be quick, and must not call the store.
public struct Reader: Sendable {
    let store: StationStore

    /// Runs `body` in a transaction that only reads.
    func read<Result>(_ body: (Tables) throws(JetError) -> Result) throws(StoreError) -> Result {
        let core = try store.core(isReading: true)
        return try store.watching(core) { () throws(StoreError) in try core.read(body) }
    }

    // MARK: Devices, objects, series.

    /// All devices in the order of their numbers.
    public func devices() throws(StoreError) -> [DeviceRecord] {
        try read { (tables) throws(JetError) in try tables.allDevices() }
    }

    /// A device; nil if there is none.
    public func device(_ id: Int32) throws(StoreError) -> DeviceRecord? {
        try read { (tables) throws(JetError) in try tables.deviceRecord(id) }
    }

    /// A device by its name, whatever the case of letters; nil if there is none.
    public func device(named name: String) throws(StoreError) -> DeviceRecord? {
        guard (1...DeviceRecord.nameLimit).contains(name.utf16.count) else { return nil }
        return try read { (tables) throws(JetError) in try tables.deviceRecord(named: name) }
    }

    /// The secrets of a device.
    /// - Throws: `noDevice`; `secretsUnreadable`; what reading throws.
    public func security(of id: Int32) throws(StoreError) -> DeviceSecurity {
        let sealed = try read { (tables) throws(JetError) in
            guard try tables.findDevice(id) else { throw tables.fail(.noDevice(id)) }
            let column = tables.device.security
            return try tables.devices.withRow { (row) throws(JetError) in try row[column] ?? [] }
        }
        let plain = try store.key.open(sealed, device: id)
        guard let security = DeviceSecurity(decoding: plain) else { throw .secretsUnreadable(device: id) }
        return security
    }

    /// The objects of a device in the order of their numbers, those that are gone too; none if there is no device.
    public func objects(of device: Int32) throws(StoreError) -> [ObjectRecord] {
        try read { (tables) throws(JetError) in
            try tables.findDevice(device) ? try tables.objectRecords(of: device) : []
        }
    }

    /// An object; nil if there is none.
    public func object(_ id: Int32) throws(StoreError) -> ObjectRecord? {
        try read { (tables) throws(JetError) in
            guard let record = try tables.objectRecord(id), try tables.findDevice(record.device) else { return nil }
            return record
        }
    }

    /// The series of a device in the order of their numbers; none if there is no device.
    public func series(of device: Int32) throws(StoreError) -> [SeriesRecord] {
        try read { (tables) throws(JetError) in
            try tables.findDevice(device) ? try tables.seriesRecords(of: device) : []
        }
    }

    /// A series; nil if there is none.
    public func series(_ id: Int32) throws(StoreError) -> SeriesRecord? {
        try read { (tables) throws(JetError) in try tables.livingSeries(id) }
    }

    /// How many series there are, those of removed devices too until they are deleted.
    public func seriesCount() throws(StoreError) -> Int {
        try read { (tables) throws(JetError) in
            try tables.series.setIndex(nil)
            return try tables.series.scan { (_) throws(JetError) in true }
        }
    }

    /// A setting of the station; nil if there is none.
    public func setting(_ name: String) throws(StoreError) -> String? {
        try read { (tables) throws(JetError) in try tables.value(ofSetting: "station.\(name)") }
    }

    // MARK: Events.

    /// Events, newest first.
    public func events(_ query: EventQuery) throws(StoreError) -> EventPage {
        precondition(query.limit > 0 && query.rowLimit > 0, "limits are above 0")
        let filter = WordFilter(query.search)
        return try read { (tables) throws(JetError) in
            var page = EventPage()
            var names: [Int32: String] = [:]
            var looked = 0
            let device = query.device.map { [KeyValue.integer(Int64($0))] } ?? []
            try tables.events.setIndex(query.device == nil ? nil : "device")
            func bound(_ id: Int64?) -> KeyBound? {
                if let id { return .excluding(device + [.integer(id)]) }
                return device.isEmpty ? nil : .including(device)
            }
            try tables.events.scan(
                from: bound(query.after), to: bound(query.before), backward: true
            ) { (row) throws(JetError) in
                if page.events.count == query.limit || looked == query.rowLimit {
                    page.more = true
                    return false
                }
                looked += 1
                page.next = try row[tables.event.id]
                if let kind = query.kind, try row[tables.event.kind] != kind { return true }
                let event = try tables.eventRecord(row)
                if !filter.isEmpty {
                    if names[event.device] == nil {
                        names[event.device] = try tables.deviceRecord(event.device)?.name ?? ""
                    }
                    let name = names[event.device] ?? ""
                    guard filter.matches([event.title, event.source, name, event.detail ?? ""]) else { return true }
                }
                page.events.append(event)
                return true
            }
            if !page.more { page.next = nil }
            return page
        }
    }

    /// How many events have numbers from `first` on, which are times; at most `limit`.
    public func eventCount(from first: Int64, limit: Int = 100_000) throws(StoreError) -> Int {
        precondition(limit > 0, "limits are above 0")
        return try read { (tables) throws(JetError) in
            try tables.events.setIndex(nil)
            var count = 0
            try tables.events.scan(from: .including([.integer(first)])) { (_) throws(JetError) in
                count += 1
                return count < limit
            }
            return count
        }
    }

    /// The newest event's number; 0 if there is none.
    public func lastEvent() throws(StoreError) -> Int64 {
        try read { (tables) throws(JetError) in
            try tables.events.setIndex(nil)
            guard try tables.events.last() else { return 0 }
            return try tables.events.withRow { (row) throws(JetError) in try row[tables.event.id] ?? 0 }
        }
    }
}

extension Tables {
    /// A series whose device is there.
    func livingSeries(_ id: Int32) throws(JetError) -> SeriesRecord? {
        guard let record = try seriesRecord(id), try findDevice(record.device) else { return nil }
        return record
    }
}
