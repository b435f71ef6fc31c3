// Layer: ESEEngine/9-Session. Uses: HandleTable, InstanceState. Used by: instances, every call that takes one.
// What is checked before an instance's call does anything, in ESE's order.

import Synchronization

/// Calls that take an instance, as far as the check before them goes.
public enum InstanceCall: UInt8, Sendable, CaseIterable {
    /// JetBeginSession, backup calls, JetGetInstanceMiscInfo: the instance has to run. ESE's name: ErrAPIEnter.
    case ordinary
    /// Works before initialisation, not while it runs. ESE's name: ErrAPIEnterWithoutInit.
    case withoutInit
    /// Works while initialisation runs too.
    case evenDuringInit
    /// JetInit, JetRestoreInstance. ESE's name: ErrAPIEnterForInit.
    case initialise
    /// JetTerm of an instance that runs. Neither a stop nor unavailability keeps it out.
    case terminate
    /// JetStopServiceInstance: only the handle is looked at.
    case stopService
}

/// An instance's place in the table and its state: who may come in, and how many are.
public struct InstanceGate: @unchecked Sendable {
    let table: HandleTable
    /// Stays an instance's slot as long as the table lives.
    let slot: UnsafeMutablePointer<HandleSlot>
    /// The handle. C name: JET_INSTANCE.
    public let handle: UInt

    /// The state now.
    public var state: InstanceState { InstanceState(word: slot.pointee.state.load(ordering: .acquiring)) }

    /// How many calls that take the instance are inside.
    public var insideCount: Int { Int(slot.pointee.entry.load(ordering: .sequentiallyConsistent)) }

    /// Enters. `enter` succeeds at most once for each `leave`.
    ///
    /// Errors in this order: JET_errInvalidInstance; unless the call is exempt JET_errClientRequestToStopJetService and
    /// JET_errInstanceUnavailable (or …DueToFatalLogDiskFull); JET_errTermInProgress, JET_errRestoreInProgress,
    /// JET_errNotInitialized (JET_errInitInProgress, JET_errAlreadyInitialized for the calls before initialisation).
    public func enter(_ call: InstanceCall) throws(JetError) {
        // Counted first, looked at then; who terminates does it the other way round.
        slot.pointee.entry.add(1, ordering: .sequentiallyConsistent)
        let word = slot.pointee.state.load(ordering: .sequentiallyConsistent)
        guard slot.pointee.handle.load(ordering: .sequentiallyConsistent) == handle else {
            leave()
            throw SessionError.invalidInstance
        }
        if let error = Self.check(InstanceState(word: word), call) {
            leave()
            throw error
        }
    }

    /// Leaves.
    public func leave() { slot.pointee.entry.subtract(1, ordering: .sequentiallyConsistent) }

    /// What a call gets in a state; nil: it may come in.
    public static func check(_ state: InstanceState, _ call: InstanceCall) -> JetError? {
        if call == .stopService { return state.phase == .terminated ? SessionError.notInitialized : nil }
        if call == .ordinary {
            if state.isStopped { return SessionError.clientRequestToStop }
            if let error = state.cause.error { return error }
        }
        switch state.phase {
        case .terminating: return SessionError.termInProgress
        case .recovering, .restoring:
            return call == .evenDuringInit && state.phase == .recovering ? nil : SessionError.restoreInProgress
        case .initialising:
            switch call {
            case .evenDuringInit: return nil
            case .withoutInit, .initialise: return SessionError.initInProgress
            default: return SessionError.notInitialized
            }
        case .created: return call == .ordinary || call == .terminate ? SessionError.notInitialized : nil
        case .running: return call == .initialise ? SessionError.alreadyInitialized : nil
        case .terminated: return SessionError.notInitialized
        }
    }

    /// Goes from one of `phases` to another, flags stay; false if it is in no such phase.
    func move(from phases: Set<InstancePhase>, to phase: InstancePhase) -> Bool {
        var seen = slot.pointee.state.load(ordering: .acquiring)
        while phases.contains(InstanceState(word: seen).phase) {
            let (exchanged, now) = slot.pointee.state.compareExchange(
                expected: seen, desired: seen & ~0xF | phase.rawValue, ordering: .sequentiallyConsistent)
            if exchanged { return true }
            seen = now
        }
        return false
    }

    /// Requests a stop, for good.
    public func stop() { slot.pointee.state.bitwiseOr(InstanceState.stopBit, ordering: .sequentiallyConsistent) }

    /// Latches a cause; the first one stays.
    public func makeUnavailable(_ cause: UnavailableCause) {
        // A late report of an instance that is over must not hit the next one in its place.
        guard slot.pointee.handle.load(ordering: .acquiring) == handle else { return }
        var seen = slot.pointee.state.load(ordering: .acquiring)
        while seen & InstanceState.causeBits == 0 {
            let (exchanged, now) = slot.pointee.state.compareExchange(
                expected: seen, desired: seen | cause.rawValue, ordering: .sequentiallyConsistent)
            if exchanged { return }
            seen = now
        }
    }

    /// Forgets flags of an initialisation that failed.
    func clearFlags() { slot.pointee.state.bitwiseAnd(0xF, ordering: .sequentiallyConsistent) }
}
