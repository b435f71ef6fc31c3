// Layer: StationStore. Uses: StationStore, Tables, StationSeries. Used by: Station.
// The one writer of a store: rounds and events as they come.

import ESE
import PlatformIO
public import StationSeries

/// Everything that writes. Calls may come from any thread; they are done one after the other, so that no two
/// transactions write at the same time. After an error nothing of the call was written, and the next call may succeed.
public struct Recorder: Sendable {
    let store: StationStore
    let state: RecorderState

    /// Runs `body` in a transaction, with the recorder's memory of this core.
    func write<Result>(
        _ durability: Durability = .durable, _ body: (RecorderState, Tables) throws(JetError) -> Result
    ) throws(StoreError) -> Result {
        try state.lock.withLock { () throws(StoreError) -> Result in
            let core = try loadedCore()
            return try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction(durability) { (tables) throws(JetError) in try body(state, tables) }
            }
        }
    }

    /// The store's core, after the recorder has learned what the database holds. Under the lock.
    func loadedCore() throws(StoreError) -> StoreCore {
        let core = try store.core()
        if state.core === core { return core }
        state.core = nil
        try store.watching(core) { () throws(StoreError) in try state.load(core) }
        state.core = core
        return core
    }

    var lazily: Durability { .lazy(milliseconds: store.options.commitDelayMilliseconds) }

    // MARK: Rounds.

    /// Records rounds in one transaction, in this order, which is that of their arrival. They are on the disk about a
    /// second later (`StoreOptions.commitDelayMilliseconds`).
    ///
    /// A round whose time its device has already (the clock was put back) gets a key some microseconds later; its time
    /// stays.
    /// - Returns: How many were recorded: those of devices that aren't there any more are left out.
    @discardableResult
    public func append(rounds: [(device: Int32, round: Round)]) throws(StoreError) -> Int {
        guard !rounds.isEmpty else { return 0 }
        return try state.lock.withLock { () throws(StoreError) -> Int in
            let core = try loadedCore()
            var arrival = state.lastArrival
            var keys: [(device: Int32, time: Int64, key: Int64)] = []
            keys.reserveCapacity(rounds.count)
            try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction(lazily) { (tables) throws(JetError) in
                    for (device, round) in rounds where state.devices[device] != nil {
                        arrival += 1
                        var key = round.time
                        // Many rounds of one time in a row: go on where the last one found room.
                        if let last = state.devices[device], last.lastTime == key { key = max(key, last.lastKey + 1) }
                        let data = round.encoded()
                        while try !Self.insert(device, key, arrival, data, tables) { key += 1 }
                        keys.append((device, round.time, key))
                    }
                }
            }
            state.lastArrival = arrival
            for (device, time, key) in keys { state.noteRound(device, time, key, store.options.roundsPerBlock) }
            return keys.count
        }
    }

    /// Inserts a round; false if its key is taken.
    private static func insert(
        _ device: Int32, _ key: Int64, _ arrival: Int64, _ data: [UInt8], _ tables: Tables
    ) throws(JetError) -> Bool {
        let column = tables.round
        do throws(JetError) {
            try tables.rounds.insert { (row) throws(JetError) in
                try row.set(column.device, device)
                try row.set(column.time, key)
                try row.set(column.arrival, arrival)
                try row.set(column.data, data)
            }
            return true
        } catch {
            if error == .keyDuplicate { return false }
            throw error
        }
    }

    // MARK: Events and settings.

    /// Records events in one transaction; they are on the disk when this returns.
    /// - Returns: Their numbers: the time of each, or one more than that of the event before it.
    @discardableResult
    public func append(events: [EventRecord]) throws(StoreError) -> [Int64] {
        guard !events.isEmpty else { return [] }
        return try state.lock.withLock { () throws(StoreError) -> [Int64] in
            let core = try loadedCore()
            var last = state.lastEvent
            var ids: [Int64] = []
            try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction { (tables) throws(JetError) in
                    for event in events {
                        var event = event
                        event.id = max(event.time, last.clampedPlus(1))
                        last = event.id
                        ids.append(event.id)
                        try tables.insert(event)
                    }
                }
            }
            state.lastEvent = last
            return ids
        }
    }

    /// Sets a setting of the station, a text of any length; nil removes it. Names of 1 to 60 characters.
    public func set(setting name: String, _ value: String?) throws(StoreError) {
        precondition((1...60).contains(name.utf16.count), "a setting's name has 1 to 60 characters")
        try write { (_, tables) throws(JetError) in try tables.set(setting: "station.\(name)", value) }
    }

    /// Returns when everything that was recorded before is on the disk.
    public func flush() throws(StoreError) {
        try state.lock.withLock { () throws(StoreError) in
            let core = try loadedCore()
            try store.watching(core) { () throws(StoreError) in
                do throws(JetError) { try core.writer.session.waitForLastCommit() } catch { throw StoreError(error) }
            }
        }
    }
}

/// What the recorder remembers of a core's database. Only under the lock.
final class RecorderState: @unchecked Sendable {
    /// What it remembers of a device.
    struct Device {
        /// How many rounds aren't packed yet; nil: not known since the database was opened.
        var count: Int?
        /// The least key of them, if the count is known and not 0.
        var oldest: Int64 = .max
        /// The last round's time and key.
        var lastTime: Int64 = .min
        var lastKey: Int64 = .min
        /// Whether it is in `queue`.
        var isQueued = false
    }

    let lock = Lock()
    /// The core that all of this is about.
    var core: StoreCore?
    /// The devices that there are.
    var devices: [Int32: Device] = [:]
    /// Devices that have to be looked at by `packDue`.
    var queue: [Int32] = []
    /// When devices were last searched for old rounds.
    var lastSearch: Int64?
    /// The number of the last arrival: the number of times that the database was opened, then a count.
    var lastArrival: Int64 = 0
    /// Rounds that could not be packed.
    var unreadableRounds = 0
    /// The last event's number.
    var lastEvent: Int64 = 0
    /// Devices that were removed and have samples left.
    var removals: [Int32] = []
    /// Where `retain` goes on.
    var sweep = Sweep()

    /// Where a sweep over the devices is.
    struct Sweep {
        /// The devices behind this one are still to be looked at.
        var device: Int32 = 0
        /// The time line that is being deleted, and the series from which on.
        var start: Int64 = .min
        var series: Int32 = 0
    }

    /// Bits of an arrival's number that count since the database was opened.
    private static let arrivalBits: Int64 = 40

    /// Learns what the database holds.
    func load(_ core: StoreCore) throws(StoreError) {
        devices = [:]
        queue = []
        removals = []
        sweep = Sweep()
        lastSearch = nil
        var epoch: Int64 = 0
        try core.writer.transaction { (tables) throws(JetError) in
            let id = tables.device.id
            try tables.devices.setIndex(nil)
            try tables.devices.scan { (row) throws(JetError) in
                addDevice(try row[id] ?? 0, count: nil)
                return true
            }
            let removed = tables.removedDevice
            try tables.removals.scan { (row) throws(JetError) in
                removals.append(try row[removed] ?? 0)
                return true
            }
            let event = tables.event.id
            try tables.events.setIndex(nil)
            lastEvent = 0
            if try tables.events.last() {
                lastEvent = try tables.events.withRow { (row) throws(JetError) in try row[event] ?? 0 }
            }
            epoch = (try tables.value(ofSetting: "opened").flatMap { Int64($0) } ?? 0) + 1
            try tables.set(setting: "opened", "\(epoch)")
        }
        lastArrival = epoch << Self.arrivalBits
    }

    /// Takes a device in.
    func addDevice(_ id: Int32, count: Int?) {
        devices[id] = Device(count: count)
        if count == nil { enqueue(id) }
    }

    /// Has `packDue` look at a device.
    func enqueue(_ id: Int32) {
        guard let device = devices[id], !device.isQueued else { return }
        devices[id]?.isQueued = true
        queue.append(id)
    }

    /// Counts a round that was recorded.
    func noteRound(_ id: Int32, _ time: Int64, _ key: Int64, _ limit: Int) {
        guard var device = devices[id] else { return }
        device.lastTime = time
        device.lastKey = key
        device.oldest = min(device.oldest, key)
        if let count = device.count { device.count = count + 1 }
        devices[id] = device
        if let count = device.count, count >= limit { enqueue(id) }
    }
}
