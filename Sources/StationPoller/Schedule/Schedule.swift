// Layer: StationPoller/Schedule. Uses: Primitives (TimerWheel). Used by: Poller, simulations.
// When which device is due. Pure: the time comes in, from a clock that doesn't jump.

public import Primitives

/// Devices and when their rounds are due: at multiples of their interval plus a share of it that follows from the
/// device's number, so that a thousand devices don't start together.
public struct Schedule: Sendable {
    /// A device whose round is due.
    public struct Due: Hashable, Sendable {
        /// The device's number.
        public let device: Int32
        /// Rounds that fell due and were never begun, because the schedule was not asked in time or the budget was
        /// used up, since the last one that was.
        public let missed: Int
    }

    private struct Entry {
        var device: Int32
        var interval: Interval
        var due: Instant
        var missed = 0
        /// Waits for the budget.
        var isReady = false
        /// Datagrams that its last round took; a guess before the first.
        var cost = 8.0
        var isUsed = true
    }

    /// Within which time of being added a device has its first round, if its interval is longer.
    public static let firstRoundWithin = Interval.seconds(10)
    /// The shortest interval.
    public static let minimumInterval = Interval.milliseconds(50)

    private var entries: [Entry] = []
    private var free: [Int] = []
    private var places: [Int32: Int] = [:]
    private var wheel: TimerWheel
    private var budget: TokenBucket?
    private var ready: [Int] = []
    private var readyHead = 0
    private var expired: [Int] = []

    /// An empty schedule.
    ///
    /// - Parameter datagramsPerSecond: rounds of all devices together begin only as far as this allows; nil for no
    ///   limit. A second's worth may be used at once.
    public init(start: Instant, datagramsPerSecond: Int? = nil) {
        wheel = TimerWheel(start: start)
        budget = datagramsPerSecond.map { TokenBucket(burst: Double(max($0, 1)), perSecond: Double(max($0, 1))) }
    }

    /// The devices.
    public var count: Int { places.count }

    /// A device's fixed place in the interval, from 0 up to 1. Numbers in sequence lie far apart.
    public static func share(of device: Int32) -> Double {
        // Multiples of the golden ratio, which fill the interval evenly however many there are.
        Double(UInt32(bitPattern: device) &* 2_654_435_769) / 4_294_967_296
    }

    /// Adds a device, or gives the one of that number another interval. Its first round comes soon.
    public mutating func add(_ device: Int32, interval: Interval, at now: Instant) {
        precondition(interval >= Self.minimumInterval, "an interval is 50 ms or more")
        remove(device)
        let first = now + Self.offset(device, min(interval, Self.firstRoundWithin))
        let entry = Entry(device: device, interval: interval, due: first)
        let place: Int
        if let last = free.popLast() {
            place = last
            entries[place] = entry
        } else {
            place = entries.count
            entries.append(entry)
        }
        places[device] = place
        wheel.schedule(place, at: first)
    }

    /// Removes a device; nothing happens if there is none of that number.
    public mutating func remove(_ device: Int32) {
        guard let place = places.removeValue(forKey: device) else { return }
        wheel.cancel(place)
        entries[place].isUsed = false
        // While it waits in the queue its place is not given to another.
        if !entries[place].isReady { free.append(place) }
    }

    /// Adds the devices whose rounds are to begin now to `result`, those that were due first first.
    public mutating func due(at now: Instant, into result: inout [Due]) {
        expired.removeAll(keepingCapacity: true)
        wheel.expire(at: now, into: &expired)
        let entries = self.entries
        expired.sort { entries[$0].due < entries[$1].due }
        for place in expired { fallDue(place, now) }
        while readyHead < ready.count {
            if budget != nil, budget?.available(at: now) ?? 1 < 1 { break }
            let place = ready[readyHead]
            readyHead += 1
            self.entries[place].isReady = false
            guard self.entries[place].isUsed else {
                free.append(place)
                continue
            }
            budget?.take(self.entries[place].cost, at: now)
            result.append(Due(device: self.entries[place].device, missed: self.entries[place].missed))
            self.entries[place].missed = 0
        }
        if readyHead == ready.count || readyHead > 1_024 {
            ready.removeFirst(readyHead)
            readyHead = 0
        }
    }

    private mutating func fallDue(_ place: Int, _ now: Instant) {
        let interval = entries[place].interval
        let device = entries[place].device
        // Those that nobody asked about in time.
        entries[place].missed += Int((now - entries[place].due).nanoseconds / interval.nanoseconds)
        if entries[place].isReady {
            entries[place].missed += 1
        } else {
            entries[place].isReady = true
            ready.append(place)
        }
        // After the first round the next one is not nearer than half an interval.
        let next = Self.slot(device, interval, after: now + (isOnGrid(place) ? .zero : interval / 2))
        entries[place].due = next
        wheel.schedule(place, at: next)
    }

    private func isOnGrid(_ place: Int) -> Bool {
        let entry = entries[place]
        return Self.slot(entry.device, entry.interval, after: entry.due - Interval(nanoseconds: 1)) == entry.due
    }

    private static func offset(_ device: Int32, _ interval: Interval) -> Interval {
        Interval(nanoseconds: Int64(share(of: device) * Double(interval.nanoseconds)))
    }

    /// The first of a device's regular times that is later than `instant`.
    static func slot(_ device: Int32, _ interval: Interval, after instant: Instant) -> Instant {
        let length = interval.nanoseconds
        let offset = offset(device, interval).nanoseconds
        let (quotient, remainder) = (instant.nanoseconds - offset).quotientAndRemainder(dividingBy: length)
        return Instant(nanoseconds: (remainder < 0 ? quotient : quotient + 1) * length + offset)
    }

    /// A round of a device took so many datagrams: what it took more or less than was thought is settled.
    public mutating func settle(_ device: Int32, datagrams: Int, at now: Instant) {
        guard let place = places[device] else { return }
        budget?.take(Double(datagrams) - entries[place].cost, at: now)
        entries[place].cost = Double(max(datagrams, 1))
    }

    /// When `due` is to be called next; nil when there is nothing to do. Never later than a round is due, maybe earlier.
    public mutating func nextDeadline(at now: Instant) -> Instant? {
        guard readyHead < ready.count else { return wheel.nextDeadline }
        let budgeted = budget?.whenAvailable(1, at: now) ?? now
        return min(budgeted, wheel.nextDeadline ?? budgeted)
    }
}

extension Instant {
    fileprivate static func - (a: Instant, interval: Interval) -> Instant {
        a + Interval(nanoseconds: 0 &- interval.nanoseconds)
    }
}
