// Layer: StationPoller/Driver. Uses: Schedule, DevicePoller. Used by: Station.
// All devices over one SNMP manager. A thread of its own waits for what is due; answers come on the manager's thread.

import PlatformIO
public import Primitives
public import SNMP
public import SNMPEngine

/// Polls devices at their intervals and hands over what comes.
public final class Poller: Sendable {
    private let core: PollerCore
    private let manager: SNMPManager

    /// Starts a poller without devices.
    ///
    /// - Parameters:
    ///   - manager: what requests are sent with; the caller closes it after the poller.
    ///   - datagramsPerSecond: a limit for all devices together; nil for none.
    ///   - handler: gets rounds, plans and states, in their order for each device, on the manager's thread, and must not
    ///     block.
    /// Throws when the system has no threads left.
    public init(
        manager: SNMPManager, datagramsPerSecond: Int? = nil, handler: @escaping @Sendable (PollerEvent) -> Void
    ) throws(SNMPServiceError) {
        self.manager = manager
        core = PollerCore(datagramsPerSecond: datagramsPerSecond, handler: handler)
        do throws(IOError) { try core.start() } catch { throw .io(error) }
    }

    deinit { core.close() }

    /// Stops polling and waits until nothing is begun any more. Idempotent. A round that has just ended may still come.
    public func close() { core.close() }

    /// Adds a device; the first round comes within 10 s, or within its interval if that is shorter. If there is one of
    /// that number it is replaced, and what was found on it is kept unless `known` has anything.
    ///
    /// Makes the keys of SNMPv3 users, which takes milliseconds. Throws `closed` when the manager has as many targets as
    /// its limits allow, or is closed.
    public func add(_ device: PolledDevice) throws(SNMPError) {
        var device = device
        device.configuration.policy.maximumInFlight = min(
            device.configuration.policy.maximumInFlight, device.options.requestsAtOnce)
        if device.configuration.policy.packetsPerSecond == nil {
            device.configuration.policy.packetsPerSecond = device.options.datagramsPerSecond
        }
        let target = try manager.target(device.configuration, profile: device.profile)
        if device.known.objects.isEmpty, device.known.gone.isEmpty, let plan = plan(of: device.number) {
            device.known = plan
        }
        core.add(device, RequestPort(target))
    }

    /// Removes a device, whose requests are given up. False if there is none of that number. A round that has just
    /// ended may still come.
    @discardableResult
    public func remove(_ device: Int32) -> Bool { core.remove(device) }

    /// Gives a device another interval, 50 ms or more; all else goes on. False if there is none of that number.
    @discardableResult
    public func setInterval(_ interval: Interval, of device: Int32) -> Bool { core.setInterval(interval, of: device) }

    /// Has a round of a device made now and hands it to `completion`, on the manager's thread; a round that is under way
    /// serves for that. Nil if there is no such device, or when it is removed meanwhile.
    public func pollNow(_ device: Int32, completion: @escaping @Sendable (PolledRound?) -> Void) {
        guard let poller = core.poller(device) else { return completion(nil) }
        poller.pollNow(completion)
    }

    /// The same for tasks.
    public func pollNow(_ device: Int32) async -> PolledRound? {
        await withCheckedContinuation { continuation in
            pollNow(device) { continuation.resume(returning: $0) }
        }
    }

    /// How a device is; nil if there is none of that number.
    public func health(of device: Int32) -> DeviceHealth? { core.poller(device)?.health }

    /// How all devices are, by ascending number.
    public var health: [DeviceHealth] { core.pollers.map(\.health).sorted { $0.device < $1.device } }

    /// What there is on a device; nil if there is no device of that number.
    public func plan(of device: Int32) -> DevicePlan? { core.poller(device)?.plan }

    /// What was learned about a device, to be saved and given back when it is added again.
    public func profile(of device: Int32) -> TargetProfile? { core.poller(device)?.profile }
}

/// The part that the thread holds on to.
private final class PollerCore: @unchecked Sendable {
    private let lock = Lock()
    private let wake = Condition()
    private let handler: @Sendable (PollerEvent) -> Void
    // Guarded by the lock.
    private var schedule: Schedule
    private var devices: [Int32: DevicePoller] = [:]
    private var isClosed = false
    private var thread: Thread?
    private var threadID: UInt = 0

    init(datagramsPerSecond: Int?, handler: @escaping @Sendable (PollerEvent) -> Void) {
        self.handler = handler
        schedule = Schedule(start: SystemClock.now, datagramsPerSecond: datagramsPerSecond)
    }

    func start() throws(IOError) {
        let thread = try Thread.start(name: "station-poller") { self.run() }
        lock.withLock { self.thread = thread }
    }

    func close() {
        let (thread, pollers, threadID) = lock.withLock { () -> (Thread?, [DevicePoller], UInt) in
            isClosed = true
            wake.broadcast()
            defer {
                self.thread = nil
                devices = [:]
            }
            return (self.thread, Array(devices.values), self.threadID)
        }
        for poller in pollers { poller.stop() }
        if threadID != Thread.currentID { thread?.join() }
    }

    func poller(_ device: Int32) -> DevicePoller? { lock.withLock { devices[device] } }

    var pollers: [DevicePoller] { lock.withLock { Array(devices.values) } }

    func add(_ device: PolledDevice, _ port: RequestPort) {
        let number = device.number
        let poller = DevicePoller(
            device, port, handler: handler,
            settle: { [weak self] datagrams in self?.settle(number, datagrams) })
        let before = lock.withLock { () -> DevicePoller? in
            guard !isClosed else { return poller }
            schedule.add(number, interval: device.options.interval, at: SystemClock.now)
            wake.signal()
            defer { devices[number] = poller }
            return devices[number]
        }
        before?.stop()
    }

    func remove(_ device: Int32) -> Bool {
        let poller = lock.withLock { () -> DevicePoller? in
            schedule.remove(device)
            return devices.removeValue(forKey: device)
        }
        poller?.stop()
        return poller != nil
    }

    func setInterval(_ interval: Interval, of device: Int32) -> Bool {
        let poller = lock.withLock { () -> DevicePoller? in
            guard let poller = devices[device] else { return nil }
            schedule.add(device, interval: interval, at: SystemClock.now)
            wake.signal()
            return poller
        }
        poller?.setInterval(interval)
        return poller != nil
    }

    private func settle(_ device: Int32, _ datagrams: Int) {
        lock.withLock { schedule.settle(device, datagrams: datagrams, at: SystemClock.now) }
    }

    // MARK: The thread

    private func run() {
        lock.withLock { threadID = Thread.currentID }
        var due: [Schedule.Due] = []
        while let pollers = waitForWork(&due) {
            for (poller, missed) in pollers { poller.tick(missed: missed) }
        }
    }

    /// The devices that are due, when there are any; nil when the poller is closed.
    private func waitForWork(_ due: inout [Schedule.Due]) -> [(DevicePoller, Int)]? {
        lock.withLock {
            while !isClosed {
                due.removeAll(keepingCapacity: true)
                let now = SystemClock.now
                schedule.due(at: now, into: &due)
                if !due.isEmpty {
                    return due.compactMap { due in devices[due.device].map { ($0, due.missed) } }
                }
                if let deadline = schedule.nextDeadline(at: now) {
                    _ = wake.wait(lock, timeout: max(deadline - now, .zero))
                } else {
                    wake.wait(lock)
                }
            }
            return nil
        }
    }
}
