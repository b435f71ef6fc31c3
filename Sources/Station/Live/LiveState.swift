// Layer: Station/Live. Uses: LiveDevice. Used by: Station, the recorder, queries.
// All devices as they are now, and what the station counts of itself. Guarded by one lock; views are made of copies.

import PlatformIO
import Primitives
import StationPoller
import StationStore

/// What the station counts of itself since it was started.
public struct StationCounters: Sendable {
    /// Rounds that were recorded.
    public var rounds: UInt64 = 0
    /// Samples that were recorded.
    public var samples: UInt64 = 0
    /// Events that were recorded.
    public var events: UInt64 = 0
    /// Commits.
    public var commits: UInt64 = 0
    /// Rounds that were thrown away because the store could not be written for too long.
    public var lostRounds: UInt64 = 0
    /// Traps that were thrown away because there were too many.
    public var lostTraps: UInt64 = 0
    /// Informs that were answered.
    public var confirmedInforms: UInt64 = 0
}

/// All devices as they are now. Safe from any thread.
public final class LiveState: Sendable {
    private struct State {
        var devices: [Int32: LiveDevice] = [:]
        var sequence: UInt64 = 0
        var counters = StationCounters()
        /// Samples of the last minutes, for the rate.
        var recent: [(time: Int64, samples: Int)] = []
        var problem: String?
    }
    private let state = Locked(State())

    /// Nothing known.
    public init() {}

    /// Grows with every round and event.
    public var sequence: UInt64 { state.withLock { $0.sequence } }
    /// What was counted.
    public var counters: StationCounters { state.withLock { $0.counters } }
    /// What keeps the station from recording, for people; nil if nothing does.
    public var problem: String? { state.withLock { $0.problem } }

    /// A device as it is now; nil if there is none.
    public func device(_ id: Int32) -> LiveDevice? { state.withLock { $0.devices[id] } }

    /// All devices, by their numbers.
    public var devices: [LiveDevice] {
        state.withLock { state in state.devices.values.sorted { $0.record.id < $1.record.id } }
    }

    /// Samples a second over the last minute.
    public func samplesPerSecond(now: Int64) -> Double {
        state.withLock { state in
            let from = now - 60_000_000
            guard let first = state.recent.first(where: { $0.time > from })?.time else { return 0 }
            let count = state.recent.lazy.filter { $0.time > first }.reduce(0) { $0 + $1.samples }
            let span = max(Double(now - first) / 1e6, 1)
            return Double(count) / span
        }
    }

    // MARK: Changes.

    func change<Result>(_ id: Int32, _ body: (inout LiveDevice) -> Result) -> Result? {
        state.withLock { state in
            guard let place = state.devices.index(forKey: id) else { return nil }
            state.sequence += 1
            return body(&state.devices.values[place])
        }
    }

    func put(_ record: DeviceRecord, now: Int64) {
        state.withLock { state in
            state.sequence += 1
            if state.devices[record.id] != nil {
                state.devices[record.id]?.record = record
            } else {
                state.devices[record.id] = LiveDevice(record, now: now)
            }
        }
    }

    func remove(_ id: Int32) {
        state.withLock { state in
            state.sequence += 1
            state.devices[id] = nil
        }
    }

    func count(_ body: (inout StationCounters) -> Void) {
        state.withLock { state in
            state.sequence += 1
            body(&state.counters)
        }
    }

    func countSamples(_ count: Int, at time: Int64) {
        state.withLock { state in
            state.counters.samples += UInt64(count)
            state.recent.append((time, count))
            if state.recent.count > 1_024 || state.recent[0].time < time - 120_000_000 {
                state.recent.removeAll { $0.time < time - 60_000_000 || $0.time > time }
                // Many devices: seconds instead of rounds.
                if state.recent.count > 512 {
                    var merged: [(time: Int64, samples: Int)] = []
                    for entry in state.recent {
                        if let last = merged.last, last.time / 1_000_000 == entry.time / 1_000_000 {
                            merged[merged.count - 1].samples += entry.samples
                        } else {
                            merged.append(entry)
                        }
                    }
                    state.recent = merged
                }
            }
        }
    }

    func set(problem: String?) {
        state.withLock { state in
            guard state.problem != problem else { return }
            state.sequence += 1
            state.problem = problem
        }
    }
}
