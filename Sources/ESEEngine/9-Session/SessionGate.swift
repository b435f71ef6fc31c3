// Layer: ESEEngine/9-Session. Uses: HandleTable, InstanceState, CallThread. Used by: every call that takes a session.
// What is checked before a session's call does anything, in ESE's order: the first that is wrong is what the call
// returns.

import Synchronization

/// Calls that take a session, as far as the check before them goes.
public enum SessionCall: UInt8, Sendable, CaseIterable {
    /// All others: JetDupSession, JetBeginTransaction, JetCommitTransaction, JetSetSessionContext, reads, changes.
    case ordinary
    /// JetEndSession.
    case endSession
    /// JetRollback.
    case rollback
    /// JetCloseTable.
    case closeTable
    /// JetCloseDatabase.
    case closeDatabase
    /// JetDetachDatabase.
    case detachDatabase
    /// JetResetSessionContext.
    case resetSessionContext
    /// JetGetSessionInfo.
    case getSessionInfo

    /// Whether the call works after a stop was requested: what lets go of things does.
    @inline(__always)
    public var worksAfterStop: Bool { self != .ordinary }
}

/// Proof that the calling thread is inside a session. To be given to `leave` once, on the same thread.
public struct SessionEntry: @unchecked Sendable {
    /// Stays the session's while the entry lasts.
    let slot: UnsafeMutablePointer<HandleSlot>
    let handle: UInt
    let thread: CallThread
    /// Whether another call of this thread is inside the same session, around this one, in whose callback it is.
    let isNested: Bool
    /// Whether the thread was inside some session before, in whose callback this is.
    let wasInside: Bool

    /// The session. JetEndSession leaves none.
    @inline(__always)
    public var session: AnyObject? { HandleTable.object(slot) }
}

extension HandleTable {
    /// Enters a session. Errors in this order: JET_errInvalidSesid; JET_errNotInitialized and JET_errTermInProgress if
    /// that is so of all instances; JET_errClientRequestToStopJetService; JET_errInstanceUnavailable (or
    /// …DueToFatalLogDiskFull); JET_errTermInProgress; JET_errSessionSharingViolation; JET_errInvalidOperation for a
    /// call inside another, unless a callback makes it.
    @inline(__always)
    public func enterSession(
        _ handle: UInt, _ call: SessionCall, _ thread: CallThread
    ) throws(JetError) -> SessionEntry {
        guard let slot = find(handle, .session) else { throw SessionError.invalidSesid }
        // Slots stay: even if the session ends now there is an instance's slot, maybe of another one. The exchange
        // below fails then.
        let instance = Self.owner(slot)
        let counts = counts.load(ordering: .relaxed)
        if counts >> 32 >= counts & 0xFFFF_FFFF || instance.pointee.state.load(ordering: .relaxed) != Self.running {
            try Self.checkSlowly(slot, handle, counts, instance.pointee.state.load(ordering: .acquiring), call)
        }
        if thread.isInside || thread.isInCallback { return try enterNested(slot, handle, instance, thread) }
        // One step finds out that the handle is still valid and that nobody is inside, and takes the session.
        let (exchanged, word) = slot.pointee.entry.compareExchange(
            expected: handle, desired: thread.word, ordering: .sequentiallyConsistent)
        guard exchanged else {
            throw word & 0xF == 0 && word != 0 ? SessionError.sessionSharing : SessionError.invalidSesid
        }
        // Who terminates sets the state first and looks at the sessions then; here it is the other way round, so one of
        // the two sees the other.
        if instance.pointee.state.load(ordering: .sequentiallyConsistent) & 0xF != Self.running {
            slot.pointee.entry.store(handle, ordering: .releasing)
            throw SessionError.termInProgress
        }
        thread.isInside = true
        return SessionEntry(slot: slot, handle: handle, thread: thread, isNested: false, wasInside: false)
    }

    /// Leaves the session.
    @inline(__always)
    public func leave(_ entry: SessionEntry) {
        if entry.isNested { return }
        entry.thread.isInside = entry.wasInside
        entry.slot.pointee.entry.store(entry.handle, ordering: .releasing)
    }

    /// Leaves a session that is over: its handle is invalid from now on, its object goes.
    func leaveAndEnd(_ entry: SessionEntry) {
        precondition(!entry.isNested, "the session is in use")
        entry.thread.isInside = entry.wasInside
        invalidate(entry.slot)
        entry.slot.pointee.entry.store(0, ordering: .sequentiallyConsistent)
        recycle(entry.slot, entry.handle)
    }

    private static var running: UInt {
        @inline(__always) get { InstanceState.runningWord }
    }

    /// A session's instance's slot. The session's slot has been published once, and so has an owner.
    @inline(__always)
    static func owner(_ slot: UnsafeMutablePointer<HandleSlot>) -> UnsafeMutablePointer<HandleSlot> {
        UnsafeMutablePointer(bitPattern: slot.pointee.owner.load(ordering: .relaxed)).unsafelyUnwrapped
    }

    @inline(never)
    private static func checkSlowly(
        _ slot: UnsafeMutablePointer<HandleSlot>, _ handle: UInt, _ counts: UInt, _ word: UInt, _ call: SessionCall
    ) throws(JetError) {
        if counts >> 32 >= counts & 0xFFFF_FFFF {
            throw counts & 0xFFFF_FFFF == 0 ? SessionError.notInitialized : SessionError.termInProgress
        }
        let state = InstanceState(word: word)
        if state.isStopped && !call.worksAfterStop { throw SessionError.clientRequestToStop }
        if let error = state.cause.error { throw error }
        guard state.phase == .running else {
            // The last step of termination ends the sessions; the handle may be dead by now.
            throw slot.pointee.handle.load(ordering: .acquiring) == handle
                ? SessionError.termInProgress : SessionError.invalidSesid
        }
    }

    @inline(never)
    private func enterNested(
        _ slot: UnsafeMutablePointer<HandleSlot>, _ handle: UInt, _ instance: UnsafeMutablePointer<HandleSlot>,
        _ thread: CallThread
    ) throws(JetError) -> SessionEntry {
        let (exchanged, word) = slot.pointee.entry.compareExchange(
            expected: handle, desired: thread.word, ordering: .sequentiallyConsistent)
        if !exchanged {
            if word == 0 || word & 0xF != 0 { throw SessionError.invalidSesid }
            if word != thread.word { throw SessionError.sessionSharing }
        } else if instance.pointee.state.load(ordering: .sequentiallyConsistent) & 0xF != Self.running {
            slot.pointee.entry.store(handle, ordering: .releasing)
            throw SessionError.termInProgress
        }
        guard thread.isInCallback else {
            if exchanged { slot.pointee.entry.store(handle, ordering: .releasing) }
            throw SessionError.invalidOperation
        }
        let wasInside = thread.isInside
        thread.isInside = true
        return SessionEntry(slot: slot, handle: handle, thread: thread, isNested: !exchanged, wasInside: wasInside)
    }
}
