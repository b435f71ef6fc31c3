// Layer: Station/WinSNMP. Uses: WinSNMPEntries, WinSNMPStore, StationStore. Used by: Station.
// Keeps the database in which WinSNMP programs find the station's devices like the station's own. On a thread of its
// own: the recording never waits for it, and whatever goes wrong here the station goes on.

import PlatformIO
import Primitives
import StationStore
import WinSNMPDatabase
import WinSNMPStore

/// Writes the devices to the database `winsnmp` in the data directory, whenever they have changed.
final class WinSNMPMirror: @unchecked Sendable {
    /// What became of writing.
    enum Outcome: Equatable {
        /// The database is as the devices are; how many entries had to be written or removed.
        case done(changes: Int)
        /// It is as it was; why, for people.
        case failed(String)
    }

    /// The database.
    let database: ESEDatabase
    private let store: StationStore
    private let keyFile: String
    private let lock = Lock()
    private let condition = Condition()

    // Under the lock.
    private var isDue = false
    private var isStopping = false
    private var thread: Thread?

    // Only for whoever writes: the thread, or `stop` without one.
    private var told: Set<String> = []

    /// Time for more changes to come, so that many devices are written at once.
    private static let gathering = Interval.milliseconds(200)
    /// Time after which what failed is tried again.
    private static let retrying = Interval.seconds(60)

    /// A mirror of the devices of a store. Nothing is written yet.
    init(_ store: StationStore) {
        self.store = store
        let directory = (try? FileAccess.fullPath(store.directory)) ?? store.directory
        database = StandardDatabase.station(in: directory)
        keyFile = directory + "/key"
    }

    /// Notes that the devices have changed.
    func devicesChanged() {
        lock.withLock {
            isDue = true
            condition.signal()
        }
    }

    /// Begins to write.
    /// - Parameter report: Gets lines for people, and whether they are about a failure.
    func start(_ report: @escaping @Sendable (String, _ isFailure: Bool) -> Void) {
        do throws(IOError) {
            let started = try Thread.start(name: "winsnmp") { [self] in run(report) }
            lock.withLock { thread = started }
        } catch {
            report(error.description, true)
        }
    }

    /// Writes what is due and ends the thread. Without one, writes on this one.
    func stop(_ report: (String, _ isFailure: Bool) -> Void) {
        let thread = lock.withLock { () -> Thread? in
            isStopping = true
            condition.signal()
            return self.thread
        }
        if let thread { return thread.join() }
        guard lock.withLock({ isDue }) else { return }
        write(report)
    }

    private func run(_ report: @Sendable (String, _ isFailure: Bool) -> Void) {
        var hasFailed = false
        while true {
            let goesOn = lock.withLock { () -> Bool in
                while !isDue, !isStopping {
                    if !hasFailed {
                        condition.wait(lock)
                    } else if !condition.wait(lock, timeout: Self.retrying) {
                        isDue = true
                    }
                }
                if isDue, !isStopping { _ = condition.wait(lock, timeout: Self.gathering) }
                defer { isDue = false }
                return isDue
            }
            // Only the end of the station leaves nothing due.
            guard goesOn else { return }
            hasFailed = !write(report)
        }
    }

    @discardableResult
    private func write(_ report: (String, _ isFailure: Bool) -> Void) -> Bool {
        guard case .failed(let text) = bringUpToDate({ report($0, false) }) else { return true }
        if told.insert(text).inserted {
            report("WinSNMP programs don't find the devices as they are now: \(text)", true)
        }
        return false
    }

    // MARK: Writing.

    /// Makes the database what the devices are. Writes nothing if it is that already.
    /// - Parameter note: Gets lines about devices that are left out, each once.
    func bringUpToDate(_ note: (String) -> Void) -> Outcome {
        let (old, wanted): (Entries, Entries)
        do throws(DatabaseError) {
            old = try presentEntries()
            wanted = try deviceEntries(old, note)
            let entities = wanted.entities.values.filter { old.entities[$0.name] != $0 }
            let contexts = wanted.contexts.values.filter { old.contexts[$0.name] != $0 }
            let goneEntities = old.entities.keys.filter { wanted.entities[$0] == nil }
            let goneContexts = old.contexts.keys.filter { wanted.contexts[$0] == nil }
            let count = entities.count + contexts.count + goneEntities.count + goneContexts.count
            guard count > 0 else { return .done(changes: 0) }
            try database.change(
                putting: entities, contexts, removingEntities: goneEntities, removingContexts: goneContexts)
            return .done(changes: count)
        } catch {
            return .failed(error.description)
        }
    }

    private typealias Entries = (entities: [String: EntityEntry], contexts: [String: ContextEntry])

    /// What stands in the database. One that can't be read any more is thrown away: all of it comes from the store.
    private func presentEntries() throws(DatabaseError) -> Entries {
        do throws(DatabaseError) { return try database.entries() } catch {
            switch error {
            case .damaged, .engine:
                try database.discard()
                return ([:], [:])
            default: throw error
            }
        }
    }

    private func deviceEntries(_ old: Entries, _ note: (String) -> Void) throws(DatabaseError) -> Entries {
        let reader = store.reader
        var entries: Entries = ([:], [:])
        let devices: [DeviceRecord]
        do throws(StoreError) { devices = try reader.devices() } catch {
            throw .engine(file: store.directory, problem: error.description)
        }
        guard !devices.isEmpty else { return entries }
        let key = try SecretKeyFile(keyFile)
        for device in devices {
            do throws(StoreError) {
                let security = try reader.security(of: device.id)
                do throws(DatabaseError) {
                    let entity = try EntityEntry(device)
                    let context = try ContextEntry(device, security, key, old.contexts[device.name])
                    entries.entities[device.name] = entity
                    entries.contexts[device.name] = context
                } catch {
                    leaveOut(device, error.description, note)
                }
            } catch {
                // It may have been removed meanwhile.
                if error != .noDevice(device.id) { leaveOut(device, error.description, note) }
            }
        }
        return entries
    }

    private func leaveOut(_ device: DeviceRecord, _ reason: String, _ note: (String) -> Void) {
        guard told.insert("\(device.id): \(reason)").inserted else { return }
        note("WinSNMP programs can't have the device \(device.name) by its name: \(reason)")
    }
}
