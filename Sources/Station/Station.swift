// Layer: Station. Uses: everything here. Used by: StationWeb, the commands.
// The station: the store, and while it runs this machine's agent, the poller and the receiver of traps.

import PlatformIO
import Primitives
public import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import StationPoller
public import StationStore

/// How a station is opened and started.
public struct StationOptions: Sendable {
    /// The data directory.
    public var directory: String
    /// The store's sizes and limits.
    public var store = StoreOptions()
    /// Whether this machine is watched through the built-in agent.
    public var watchesThisMachine = true
    /// The time between rounds of this machine, in milliseconds.
    public var ownInterval: Int32 = 5_000
    /// The port for traps and informs; nil: 162, or 1162 where that can't be had.
    public var trapPort: UInt16?
    /// Only traps of this machine are received.
    public var receivesTrapsOnLoopbackOnly = false
    /// Samples and events are deleted after so many days.
    public var retentionDays = 400
    /// How long the first deletion waits, so that the start is over.
    var retentionDelay = Interval.seconds(60)
    /// How often the name of a device that doesn't answer is looked up.
    var lookInterval = Interval.seconds(30)
    /// Finds a device's address; may wait for a name server.
    var resolve: @Sendable (DeviceRecord) throws(StationError) -> Peer = { (record) throws(StationError) in
        try record.peer()
    }

    /// Options with a directory and defaults for all else.
    public init(directory: String) { self.directory = directory }
}

/// A recorder with its store. Safe from any thread.
public final class Station: Sendable {
    /// How it was opened.
    public let options: StationOptions
    /// What is recorded.
    public let store: StationStore
    /// Devices as they are now.
    public let live = LiveState()
    /// When it was opened, in microseconds since 1970 UTC.
    public let started: Int64

    let running = Locked<Running?>(nil)
    /// The devices as WinSNMP programs find them.
    let mirror: WinSNMPMirror

    /// What runs while the station is started.
    struct Running: Sendable {
        var recording: RecordingThread
        var manager: SNMPManager
        var poller: Poller
        var traps: TrapReceiver?
        var agent: HostService?
        var names: NameWatch
    }

    /// This machine's clock, in microseconds since 1970 UTC.
    public static var now: Int64 { SystemClock.wallNanoseconds / 1_000 }

    /// Opens the store; nothing is asked or received before `start`.
    public static func open(_ options: StationOptions) throws(StationError) -> Station {
        let store = try storing { () throws(StoreError) in
            try StationStore.open(directory: options.directory, options: options.store)
        }
        let station = Station(options, store)
        do throws(StationError) {
            try station.restore()
        } catch {
            try? store.close()
            throw error
        }
        return station
    }

    private init(_ options: StationOptions, _ store: StationStore) {
        self.options = options
        self.store = store
        mirror = WinSNMPMirror(store)
        started = Self.now
    }

    /// Makes charts and lists of samples.
    public var charts: ChartMaker { ChartMaker(store.reader) }

    /// Whether it was started.
    public var isRunning: Bool { running.withLock { $0 != nil } }

    /// Where traps are received; empty if nowhere.
    public var trapEndpoints: [ServiceEndpoint] { running.withLock { $0?.traps?.endpoints } ?? [] }

    /// Rounds that were due and never begun, since the station was started, of the devices that there are.
    public var missedRounds: Int { running.withLock { $0?.poller }?.health.reduce(0) { $0 + $1.missed } ?? 0 }

    /// What was counted about traps; nil if none are received.
    public var trapStatistics: NotificationListener.Statistics? { running.withLock { $0?.traps?.statistics } }

    /// Traps that were lost: by this program because there were too many, and by the system, whose buffer was full.
    public var lostTraps: UInt64 {
        let listener = trapStatistics
        return live.counters.lostTraps + (listener?.kernelDrops ?? 0)
            + UInt64(listener.map { $0.overWaitingLimit + $0.receiver.overSourceLimit } ?? 0)
    }

    /// What the store knows of the devices becomes the live state.
    private func restore() throws(StationError) {
        let reader = store.reader
        for record in try storing({ () throws(StoreError) in try reader.devices() }) {
            live.put(record, now: started)
            try restoreValues(record)
        }
    }

    private func restoreValues(_ record: DeviceRecord) throws(StationError) {
        let reader = store.reader
        let (objects, series, newest) = try storing { () throws(StoreError) in
            (try reader.objects(of: record.id), try reader.series(of: record.id), try reader.newest(of: record.id))
        }
        _ = live.change(record.id) { $0.restore(objects, series, newest.mapValues { ($0.time, $0.value) }) }
    }

    // MARK: Start and stop.

    /// Starts to watch, receive and record.
    /// - Parameter note: Gets lines for people about what could not be had, such as the standard port, and about what
    ///   keeps the station from recording. From any thread.
    public func start(note: @escaping @Sendable (String) -> Void) throws(StationError) {
        precondition(!isRunning, "the station runs already")
        var limits = RecordingThread.Limits()
        limits.retention = Int64(options.retentionDays) * 86_400_000_000
        limits.retentionDelay = options.retentionDelay
        let recording = RecordingThread(store, live, limits, note: note)
        let manager: SNMPManager
        let poller: Poller
        do throws(SNMPServiceError) {
            manager = try SNMPManager()
            poller = try Poller(manager: manager) { [live] event in Self.take(event, recording, live) }
        } catch {
            throw .service(error.description)
        }
        do throws(IOError) { try recording.start() } catch { throw .file(error) }
        let names = NameWatch(namesSeam(recording, note), interval: options.lookInterval)
        var parts = Running(recording: recording, manager: manager, poller: poller, names: names)
        do throws(StationError) {
            parts.traps = try receiver(recording, note)
            if options.watchesThisMachine { parts.agent = try ownAgent() }
        } catch {
            end(parts)
            throw error
        }
        running.withLock { $0 = parts }
        recording.add(
            .event(EventRecord(time: Self.now, kind: "station", title: "the station was started"), confirm: nil))
        parts.traps?.start()
        startMirror(recording, note)
        let records = live.devices.map(\.record)
        for record in records where record.isNumeric { watch(record, note) }
        do throws(IOError) { try names.start(records.filter { !$0.isNumeric }) } catch { throw .file(error) }
    }

    /// Ends everything; what was received is on the disk when this returns.
    public func stop() throws(StationError) {
        if let parts = running.withLock({ running in
            defer { running = nil }
            return running
        }) {
            parts.recording.add(
                .event(EventRecord(time: Self.now, kind: "station", title: "the station was stopped"), confirm: nil))
            saveProfiles(parts)
            stopMirror()
            end(parts)
        } else {
            stopMirror()
        }
        try storing { () throws(StoreError) in try store.close() }
    }

    private func end(_ parts: Running) {
        parts.names.stop()
        parts.poller.close()
        parts.manager.close()
        // Informs that came before are still answered.
        parts.recording.stop()
        parts.traps?.close()
        parts.agent?.close()
    }

    /// What was learned about the devices is kept for the next start.
    private func saveProfiles(_ parts: Running) {
        var changed: [(device: Int32, profile: String)] = []
        for device in live.devices {
            guard let text = parts.poller.profile(of: device.record.id)?.text, text != device.record.profile else {
                continue
            }
            changed.append((device.record.id, text))
        }
        // Many at a time: each transaction waits for the disk.
        for start in stride(from: 0, to: changed.count, by: 500) {
            try? store.recorder.keep(profiles: Array(changed[start..<min(start + 500, changed.count)]))
        }
    }

    private static func take(_ event: PollerEvent, _ recording: RecordingThread, _ live: LiveState) {
        switch event {
        case .round(let round): recording.add(.round(round))
        case .plan(let device, let plan, let changes): recording.add(.plan(device, plan, changes))
        case .state(let health):
            let before = live.change(health.device) { device in
                defer {
                    device.state = health.state
                    device.since = health.since
                    device.message = health.state == .down ? health.message : ""
                }
                return device.state
            }
            guard let before, before != health.state, health.state != .new else { return }
            if before == .new, health.state == .up { return }
            let isUp = health.state == .up
            let text = isUp ? "answers again" : "does not answer: \(health.message)"
            recording.add(
                .event(
                    EventRecord(
                        time: health.since, device: health.device, kind: "state", severity: isUp ? .info : .error,
                        title: text), confirm: nil))
        }
    }

    // MARK: Traps.

    private static let standardPorts: [UInt16] = [162, 1162]

    private func receiver(
        _ recording: RecordingThread, _ note: @Sendable (String) -> Void
    ) throws(StationError) -> TrapReceiver? {
        let engine = try engineState("engine")
        for port in options.trapPort.map({ [$0] }) ?? Self.standardPorts {
            do throws(SNMPServiceError) {
                let receiver = try receiver(port, engine, recording)
                if options.trapPort == nil, port != Self.standardPorts[0] {
                    note("port \(Self.standardPorts[0]) can't be had, so traps are received on port \(port)")
                }
                return receiver
            } catch {
                guard options.trapPort != nil else { continue }
                throw .service("\(error.description); name another port with --trap-port")
            }
        }
        note("no traps are received: neither port 162 nor 1162 can be had; name another one with --trap-port")
        return nil
    }

    private func receiver(
        _ port: UInt16, _ engine: (engineID: EngineID, boots: Int32), _ recording: RecordingThread
    ) throws(SNMPServiceError) -> TrapReceiver {
        let isLocal = options.receivesTrapsOnLoopbackOnly
        let first = ServiceEndpoint(isLocal ? .loopbackIPv4(port: port) : .anyIPv4(port: port))
        // Where there is IPv6; a port of the system's choice would be another one there.
        if port != 0 {
            let second = ServiceEndpoint(isLocal ? .loopbackIPv6(port: port) : .anyIPv6(port: port))
            if let both = try? TrapReceiver([first, second], engine: engine, recording, live) { return both }
        }
        return try TrapReceiver([first], engine: engine, recording, live)
    }
}
