// Layer: StationSeries/Rates. Uses: DeviceClock. Used by: the station's queries and live state.
// Rates of counters, one sample at a time, and the reasons why there sometimes is none.

/// Turns the samples of a counter, in the order of their arrival, into rates. Allocates nothing.
public struct RateMachine: Sendable {
    /// What rates are judged by.
    public var rules: RateRules
    private var last: Reading?
    /// The newest sysUpTime that is known, and its time: a device that was away may have restarted.
    private var clock: (time: Int64, upTime: UInt32?)?
    private var discontinuity: UInt64?

    /// Timing of two samples and of a counter's steps is never exact: a maximum counts with this factor.
    private static let slack = 1.1
    /// No interface is faster: 10^14 octets a second. For counters of 64 bits whose maximum is not known.
    private static let fastest = 1e14

    /// A machine that has seen nothing.
    public init(_ rules: RateRules) { self.rules = rules }

    /// A machine that has seen nothing.
    public init(rules: RateRules) { self.init(rules) }

    /// The rate between the sample before and this one. Nil for the first sample, and for one at the same time as the
    /// one before.
    public mutating func next(_ reading: Reading) -> RatePoint? {
        guard let old = last else {
            remember(reading)
            return nil
        }
        var elapsed = Elapsed(from: (old.time, old.upTime), to: (reading.time, reading.upTime))
        if old.upTime == nil, let clock {
            elapsed.restarted = Elapsed(from: clock, to: (reading.time, reading.upTime)).restarted
        }
        // Nothing to divide by. The older sample stays, so that no growth is lost.
        if reading.time == old.time, !elapsed.restarted, elapsed.microseconds == 0 { return nil }
        let state: RateState
        var perSecond: Double?
        if rules.isGap(elapsed.microseconds) {
            state = .gap
        } else if elapsed.restarted || hasNewDiscontinuity(reading) {
            state = .reset
        } else {
            (state, perSecond) = growth(old.value, reading.value, Double(elapsed.microseconds) / 1e6)
        }
        remember(reading)
        // After a jump of our clock the start is where the sample before would lie on the clock as it is now.
        let start =
            elapsed.clockJumped || old.time > reading.time
            ? reading.time.saturatingMinus(max(0, elapsed.microseconds)) : old.time
        return RatePoint(start: start, end: reading.time, perSecond: perSecond, state: state)
    }

    private mutating func remember(_ reading: Reading) {
        last = reading
        if reading.upTime != nil { clock = (reading.time, reading.upTime) }
        if reading.discontinuity != nil { discontinuity = reading.discontinuity }
    }

    private func hasNewDiscontinuity(_ reading: Reading) -> Bool {
        guard let new = reading.discontinuity, let discontinuity else { return false }
        return new != discontinuity
    }

    /// The growth per second, with its state.
    private func growth(_ old: RawValue?, _ new: RawValue?, _ seconds: Double) -> (RateState, Double?) {
        guard let old, let new, old.type == new.type, seconds > 0 else { return (.unknown, nil) }
        switch new.type {
        case .counter32, .timeTicks, .counter64:
            if new.bits >= old.bits { return (.ok, Double(new.bits - old.bits) / seconds) }
            let is64 = new.type == .counter64
            let step = Double((new.bits &- old.bits) & (is64 ? .max : 0xFFFF_FFFF))
            return step <= longestStep(seconds, is64: is64) ? (.wrapped, step / seconds) : (.unknown, nil)
        case .integer32, .gauge32, .float, .double:
            // Not the types of counters, but some devices count with them. Where they wrap nobody knows.
            let step = new.number - old.number
            return step.isFinite && step >= 0 ? (.ok, step / seconds) : (.unknown, nil)
        }
    }

    /// How far a counter that passed zero can have come. A maximum that allows the whole range says nothing.
    private func longestStep(_ seconds: Double, is64: Bool) -> Double {
        let range = is64 ? 0x1p64 : 0x1p32
        if let maximum = rules.maximumPerSecond {
            let step = maximum * seconds * Self.slack
            if step < range { return step }
        }
        return is64 ? Self.fastest * seconds : range / 2
    }
}

/// The rates between neighbours of samples that stand in the order of their arrival.
public func rates(_ readings: some Sequence<Reading>, rules: RateRules) -> [RatePoint] {
    var machine = RateMachine(rules)
    return readings.compactMap { machine.next($0) }
}
