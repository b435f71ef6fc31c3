// Layer: SNMP. Uses: PlatformIO (EventLoop). Used by: SNMPManager, NotificationListener, AgentServer.
// A thread for sockets and deadlines, with an inbox of its own: work that comes too late for the thread is refused, not
// lost, so that whoever hands it over can end its business elsewhere.

import PlatformIO

/// A thread that waits for sockets and deadlines. One can serve many managers, listeners and agents.
public final class SNMPLoop: @unchecked Sendable {
    let events: EventLoop
    private let thread: Thread
    private let inbox: LoopInbox

    /// Starts a loop on a thread of its own. Throws when the system has no descriptors or threads left.
    public init(name: String = "snmp") throws(SNMPServiceError) {
        let inbox = LoopInbox()
        do throws(IOError) {
            events = try EventLoop()
            thread = try events.start(threadName: name) { _ in inbox.end() }
        } catch {
            throw .io(error)
        }
        self.inbox = inbox
    }

    // Services hold their loop: nobody is left on it.
    deinit { events.stop() }

    /// Runs `body` on the loop's thread, later, in the order of submission. False, and nothing is run, when the thread
    /// has ended; the caller is then the only one to touch what the thread touched before.
    @discardableResult
    func async(_ body: @escaping () -> Void) -> Bool {
        switch inbox.add(body) {
        case .refused: return false
        case .queued: return true
        case .first:
            events.submit { [inbox] in inbox.run() }
            return true
        }
    }

    /// Has `body` run on the loop's thread when the loop ends for whatever reason, until `forget` is called for
    /// `owner`.
    func atEnd(of owner: AnyObject, _ body: @escaping () -> Void) {
        inbox.atEnd(Swift.ObjectIdentifier(owner), body)
    }

    func forget(_ owner: AnyObject) { inbox.atEnd(Swift.ObjectIdentifier(owner), nil) }

    /// Ends the loop's thread and what is on it: requests end as cancelled, listeners are closed. Waits for the thread
    /// to end, unless it is the caller.
    public func stop() {
        events.stop()
        if !events.isCurrentThread { thread.join() }
    }
}
