// Layer: StationSeries/Rates. Used by: RateMachine.
// What two readings of both clocks, ours and the device's, say about the time between them.

/// The time between two samples.
struct Elapsed {
    /// Microseconds; not positive if neither clock says how long it was.
    var microseconds: Int64
    /// True if the device restarted in between.
    var restarted: Bool
    /// True if our clock jumped, so that the device's was used.
    var clockJumped: Bool

    /// By how much clocks may differ: two seconds, or a fifth if that is more.
    private static func tolerance(_ microseconds: Int64) -> Double { max(2e6, abs(Double(microseconds)) / 5) }

    /// Compares two samples, the older first. Without a value of sysUpTime on either side our own clock counts.
    init(from old: (time: Int64, upTime: UInt32?), to new: (time: Int64, upTime: UInt32?)) {
        let wall = new.time.saturatingMinus(old.time)
        microseconds = wall
        restarted = false
        clockJumped = false
        guard let before = old.upTime, let after = new.upTime else { return }
        // Modulo 2^32, so right through the wrap after 497 days as well.
        let device = Int64(after &- before) * 10_000
        let disagreement = abs(Double(wall) - Double(device))
        if after < before {
            // The wrap, if the time in between explains the new value; else the device began anew.
            restarted = disagreement > Self.tolerance(wall)
            if restarted { return }
        } else if after > before, Double(after) * 10_000 + Self.tolerance(wall) < Double(wall) {
            // It was started after the older sample and has run for longer by now.
            restarted = true
            return
        }
        // A device that answers from a cache gives the same time again; then there is only our clock.
        guard device > 0 else { return }
        if wall <= 0 || disagreement > Self.tolerance(wall) {
            microseconds = device
            clockJumped = true
        }
    }
}
