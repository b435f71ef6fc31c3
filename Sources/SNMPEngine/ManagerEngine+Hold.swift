// Layer: SNMPEngine. Used by: drivers.
// Requests that are not to be sent again but may still be answered: WinSNMP switches repetitions off for what is under
// way.

public import Primitives

extension ManagerEngine {
    /// Makes no more attempts for a request. An answer to an earlier one is taken until `interval` is over; then the
    /// request ends as a timeout, whose evidence says how many attempts there were: none, when it was still queued or
    /// waited for discovery or for the packet budget.
    ///
    /// A held request does not count against its target's window. Holding it again sets a new end; an interval that is
    /// not positive ends it with the next `advance`. False when it has ended already.
    @discardableResult
    public mutating func hold(_ token: RequestToken, for interval: Interval, at now: Instant) -> Bool {
        guard let slot = resolve(token) else { return false }
        let target = Int(slots[slot].target)
        let state = slots[slot].state
        switch state {
        case .queued:
            unlink(slot, target)
            linkStarted(slot, target)
            slots[slot].firstSent = now
            slots[slot].before = EvidenceCounters(targets[target].statistics)
        case .waiting: stopWaiting(slot, target)
        case .inFlight, .held, .free: break
        }
        if state.isInWindow { targets[target].inFlight -= 1 }
        slots[slot].state = .held
        timers.schedule(slot, at: now + interval)
        pump(target, at: now)
        return true
    }
}
