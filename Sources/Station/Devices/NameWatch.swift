// Layer: Station/Devices. Uses: PlatformIO (Thread, Condition), StationStore. Used by: Station.
// Devices that were given by name: their names are looked up on a thread of their own, at the start, and again as long
// as a device doesn't answer: its address may be another one by now.

import PlatformIO
import Primitives
import SNMPEngine
import StationStore

/// Looks names up, as a silent name server may take seconds for each.
final class NameWatch: @unchecked Sendable {
    /// What it needs of the station.
    struct Seam: Sendable {
        /// Finds a device's address; may wait.
        var resolve: @Sendable (DeviceRecord) throws(StationError) -> Peer
        /// Devices with names that don't answer, or were never found.
        var silent: @Sendable () -> [DeviceRecord]
        /// A name leads to an address, for the first time or to another one than before.
        var found: @Sendable (_ device: DeviceRecord, _ address: Peer, _ before: Peer?) -> Void
        /// A name leads nowhere, and there is no earlier address.
        var failed: @Sendable (_ device: DeviceRecord, _ error: StationError) -> Void
    }

    private let seam: Seam
    private let interval: Interval
    private let lock = Lock()
    private let condition = Condition()
    // Under the lock.
    private var isStopped = false
    private var addresses: [Int32: Peer] = [:]

    /// - Parameter interval: the time between two looks at a device that doesn't answer.
    init(_ seam: Seam, interval: Interval) {
        self.seam = seam
        self.interval = interval
    }

    /// Looks up the names of `first`, then from time to time those of devices that are silent.
    func start(_ first: [DeviceRecord]) throws(IOError) {
        _ = try Thread.start(name: "resolver") { [self] in
            for device in first where !isOver { look(device, tellsFailure: true) }
            while pause() {
                for device in seam.silent() where !isOver { look(device, tellsFailure: false) }
            }
        }
    }

    /// Ends it; a look that is under way is not waited for.
    func stop() {
        lock.withLock {
            isStopped = true
            condition.signal()
        }
    }

    /// Takes note of where a device is watched.
    func note(_ device: Int32, at address: Peer) { lock.withLock { addresses[device] = address } }

    /// Forgets a device.
    func remove(_ device: Int32) { lock.withLock { addresses[device] = nil } }

    private var isOver: Bool { lock.withLock { isStopped } }

    /// Waits for the next look; false at the end.
    private func pause() -> Bool {
        lock.withLock {
            let end = SystemClock.now + interval
            while !isStopped, SystemClock.now < end { _ = condition.wait(lock, timeout: end - SystemClock.now) }
            return !isStopped
        }
    }

    private func look(_ device: DeviceRecord, tellsFailure: Bool) {
        do throws(StationError) {
            let address = try seam.resolve(device)
            let (before, isOver) = lock.withLock { (addresses[device.id], isStopped) }
            if address != before, !isOver { seam.found(device, address, before) }
        } catch {
            if tellsFailure, !isOver { seam.failed(device, error) }
        }
    }
}
