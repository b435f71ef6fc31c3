// Layer: WinSNMP. Used by: the C library, applications.
// Sessions, and how their applications are told.

import PlatformIO
import Primitives
import SNMP
import SNMPEngine

/// Called once for each message or failed request of a session, with the session, 0 or an error code, and the
/// request-id (sign-extended). Runs on a thread of the library, one call at a time for a session; every function may be
/// called from it. Returning false closes the session.
public typealias SNMPCallback = @Sendable (_ session: SessionHandle, _ wParam: UInt, _ lParam: Int) -> Bool

extension WinSNMPLibrary {
    /// Numbers below it are for the window system's own messages (WM_USER).
    private static let firstUserMessage: UInt32 = 0x0400

    // MARK: Opening

    /// Opens a session that calls back (SnmpCreateSession).
    ///
    /// Throws `allocError` when there are as many sessions as the options allow.
    public func createSession(callback: @escaping SNMPCallback) throws(SNMPAPIError) -> SessionHandle {
        try addSession(.callback(callback))
    }

    /// Opens a session that calls nobody: the application asks with `wait`, its descriptor, or `recvMsg`. Requests
    /// that time out are then messages too, which `recvMsg` returns with `tlTimeout`.
    public func createPollingSession() throws(SNMPAPIError) -> SessionHandle { try addSession(.polling) }

    /// Opens a session that posts window messages (SnmpOpen). Throws `hwndInvalid`, `messageInvalid`, `allocError`.
    public func open(window: UInt, message: UInt32) throws(SNMPAPIError) -> SessionHandle {
        let hook = try withInstance { _ in self.hook }
        guard window != 0, let hook, hook.isWindow(window) else {
            throw failing(.hwndInvalid, hook == nil ? "no window system is registered" : "window \(window)")
        }
        guard message >= WinSNMPLibrary.firstUserMessage else {
            throw failing(.messageInvalid, "window message \(message) is below WM_USER")
        }
        return try addSession(.window(window, message))
    }

    /// SnmpCreateSession with all its rules: a callback if there is one, else a window; else, if the option allows, a
    /// polling session; else `operationInvalid`.
    package func createSession(
        window: UInt, message: UInt32, callback: SNMPCallback?
    ) throws(SNMPAPIError) -> SessionHandle {
        if let callback { return try addSession(.callback(callback)) }
        guard window == 0, message == 0 else { return try open(window: window, message: message) }
        let mayPoll = try withInstance { _ in options.allowsPollingSessions }
        guard mayPoll else {
            throw failing(.operationInvalid, "neither a callback nor a window; see the option for polling sessions")
        }
        return try addSession(.polling)
    }

    private func addSession(_ delivery: SessionDelivery) throws(SNMPAPIError) -> SessionHandle {
        try withInstance { instance throws(SNMPAPIError) in
            let slot = instance.takeSessionSlot()
            let record = SessionRecord(slot: slot, delivery, instance.dispatcher)
            guard let handle = instance.sessions.insert(record, owner: slot, limit: options.maximumSessions) else {
                instance.freeSessionSlots.append(slot)
                throw fail(.allocError, "there are \(options.maximumSessions) sessions already")
            }
            instance.sessionSlots[slot] = record
            record.handle = SessionHandle(rawValue: handle)
            return record.handle
        }
    }

    // MARK: Closing

    /// Closes a session (SnmpClose): drops its requests, messages, registrations and listening ports, and frees all
    /// that was created with it. When it returns, its callback does not run any more, unless this is called from it,
    /// or its end would wait for the caller. Throws `sessionInvalid`.
    public func close(_ session: SessionHandle) throws(SNMPAPIError) {
        let (record, listeners, requests) = try withInstance {
            instance throws(SNMPAPIError) -> (SessionRecord, [Listener], [SentRequest]) in
            guard let record = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let requests = sentRequests(of: record)
            return (record, dismantle(record, instance), requests)
        }
        finishClosing(listeners, requests)
        lock.withLock { waitForCallback(of: record) }
    }

    /// A request that the SNMP library knows.
    private typealias SentRequest = (target: SNMPTarget, token: RequestToken)

    /// The requests of a session that the SNMP library has; the lock is held. Those that it is just about to get are
    /// cancelled by the thread that sends them.
    private func sentRequests(of session: SessionRecord) -> [SentRequest] {
        var found: [SentRequest] = []
        session.forEachRequest { request in
            if let target = request.target, let token = request.token { found.append((target, token)) }
        }
        return found
    }

    /// What is left to do for a session that was dismantled; not under the lock.
    private func finishClosing(_ listeners: [Listener], _ requests: [SentRequest]) {
        for request in requests { request.target.manager.cancel(request.token) }
        for listener in listeners { listener.close() }
        closeTrapPortIfUnused()
    }

    /// Takes a session out of all tables; the lock is held. Returns the ports that it listened on, to be closed without
    /// the lock. Its requests are marked, and cancelled by whoever calls this.
    func dismantle(_ session: SessionRecord, _ instance: Instance) -> [Listener] {
        session.isClosed = true
        session.forEachRequest { $0.state = .cancelled }
        session.outstanding = [:]
        session.queue.removeAll()
        session.notices.removeAll()
        session.registrations = []
        session.flag?.signal()
        session.flag = nil
        var listeners: [Listener] = []
        instance.entities.removeAll(owner: session.slot) { entity in
            if let listener = entity.listener.take() { listeners.append(listener) }
            entity.link = nil
        }
        instance.contexts.removeAll(owner: session.slot) { _ in }
        instance.pdus.removeAll(owner: session.slot) { _ in }
        instance.vbls.removeAll(owner: session.slot) { _ in }
        _ = instance.sessions.release(session.handle.rawValue)
        instance.sessionSlots[session.slot] = nil
        instance.freeSessionSlots.append(session.slot)
        return listeners
    }

    /// Waits, with the lock held, until no callback of the session runs. Not when that is this thread's own, or when
    /// the thread that runs it waits, perhaps through others, for this one.
    func waitForCallback(of session: SessionRecord) {
        let own = Thread.currentID
        var thread = session.callbackThread
        // Each step leads to another thread, and none of them waits for this one yet.
        while thread != 0 {
            if thread == own { return }
            guard let next = waitingThreads[thread] else { break }
            thread = next.callbackThread
        }
        guard session.callbackThread != 0 else { return }
        waitingThreads[own] = session
        let served = session.callbackThread
        while session.callbackThread == served { callbackEnded.wait(lock) }
        waitingThreads[own] = nil
    }

    // MARK: Telling

    /// Runs `body`, which may tell sessions' applications, under the lock, and then sets threads to work for them.
    func notifying<Result>(_ body: () -> Result) -> Result {
        let (result, woken) = lock.withLock { () -> (Result, Unchecked<[SessionRecord]>) in
            let result = body()
            guard let instance, !instance.woken.isEmpty else { return (result, Unchecked([])) }
            defer { instance.woken = [] }
            return (result, Unchecked(instance.woken))
        }
        // Not under the lock, which those threads want at once.
        for session in woken.value { session.dispatcher.schedule(session) }
        return result
    }

    /// Tells a session's application; inside `notifying`. Polling sessions only get their flag raised.
    func notify(_ session: SessionRecord, _ instance: Instance, wParam: UInt, requestID: Int32) {
        guard !session.isClosed else { return }
        raiseFlag(session)
        if case .polling = session.delivery { return }
        session.notices.append(SessionNotice(wParam: wParam, requestID: requestID))
        guard !session.isScheduled else { return }
        session.isScheduled = true
        instance.woken.append(session)
    }

    /// Runs the callbacks, or posts the messages, that are due for a session. On a thread of the dispatcher, which
    /// serves no session twice at a time.
    func serve(_ session: SessionRecord) {
        let thread = Thread.currentID
        var budget = 64
        while true {
            let next = lock.withLock { () -> (notice: SessionNotice, hook: WindowHook?)? in
                guard !session.isClosed, budget > 0, let notice = session.notices.popFirst() else {
                    session.isScheduled = false
                    // The others get their turn before more of this session.
                    if !session.isClosed, !session.notices.isEmpty {
                        session.isScheduled = true
                        session.dispatcher.schedule(session)
                    }
                    return nil
                }
                session.callbackThread = thread
                return (notice, hook)
            }
            guard let (notice, hook) = next else { return }
            budget -= 1
            var goesOn = true
            switch session.delivery {
            case .callback(let callback): goesOn = callback(session.handle, notice.wParam, Int(notice.requestID))
            case .window(let window, let message):
                _ = hook?.postMessage(window, message, notice.wParam, Int(notice.requestID))
            case .polling: break
            }
            let leftovers = lock.withLock { () -> (listeners: [Listener], requests: [SentRequest])? in
                session.callbackThread = 0
                if !waitingThreads.isEmpty { callbackEnded.broadcast() }
                lowerFlagIfIdle(session)
                guard !goesOn, !session.isClosed, let instance else { return nil }
                let requests = sentRequests(of: session)
                return (dismantle(session, instance), requests)
            }
            if let leftovers { finishClosing(leftovers.listeners, leftovers.requests) }
        }
    }

    // MARK: Waiting

    /// A descriptor that can be read while messages or notices of the session wait; to be polled, not to be read. It
    /// is the session's own and goes with it. Throws `sessionInvalid`, `tlResourceError`.
    public func descriptor(_ session: SessionHandle) throws(SNMPAPIError) -> Int32 { try flag(of: session).descriptor }

    /// Waits until a message or notice of the session waits. A negative time waits for ever.
    /// Throws `tlTimeout` when none came, `sessionInvalid`, also when the session is closed meanwhile.
    public func wait(_ session: SessionHandle, milliseconds: Int32) throws(SNMPAPIError) {
        let flag = try flag(of: session)
        let isRaised = try? flag.wait(timeout: milliseconds < 0 ? nil : .milliseconds(Int64(milliseconds)))
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            guard isRaised == true else { throw fail(.tlTimeout, in: record) }
        }
    }

    private func flag(of session: SessionHandle) throws(SNMPAPIError) -> EventFlag {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            if let flag = record.flag { return flag }
            guard let flag = try? EventFlag() else { throw fail(.tlResourceError, "no descriptors left", in: record) }
            record.flag = flag
            if !record.queue.isEmpty || !record.notices.isEmpty { raiseFlag(record) }
            return flag
        }
    }

    func raiseFlag(_ session: SessionRecord) {
        guard !session.isFlagRaised, let flag = session.flag else { return }
        session.isFlagRaised = true
        flag.signal()
    }

    func lowerFlagIfIdle(_ session: SessionRecord) {
        guard session.isFlagRaised, session.queue.isEmpty, session.notices.isEmpty else { return }
        session.isFlagRaised = false
        session.flag?.clear()
    }

    /// Throws `sessionInvalid`, or `notInitialized`.
    package func sessionIsValid(_ session: SessionHandle) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard instance.sessions[session.rawValue] != nil else { throw fail(.sessionInvalid) }
        }
    }
}
