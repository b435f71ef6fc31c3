// Layer: SNMP. Uses: PlatformIO (EventLoop). Used by: SNMPManager, NotificationListener, AgentServer.

import PlatformIO

/// A thread that waits for sockets and deadlines. One can serve many managers, listeners and agents.
public final class SNMPLoop: @unchecked Sendable {
    let events: EventLoop
    private let thread: Thread

    /// Starts a loop on a thread of its own. Throws when the system has no descriptors or threads left.
    public init(name: String = "snmp") throws(SNMPServiceError) {
        do throws(IOError) {
            events = try EventLoop()
            thread = try events.start(threadName: name)
        } catch {
            throw .io(error)
        }
    }

    /// Runs `body` on the loop's thread, later, in the order of submission.
    func async(_ body: @escaping () -> Void) {
        // The loop's thread is the only one that touches what the body captured from there on.
        let work = UncheckedWork(body: body)
        events.submit { work.body() }
    }

    /// Ends the loop's thread; what is on it gets no more calls. Waits for the thread to end, unless it is the caller.
    public func stop() {
        events.stop()
        if !events.isCurrentThread { thread.join() }
    }
}

/// Work that is handed to the loop's thread together with what it captures.
private struct UncheckedWork: @unchecked Sendable {
    let body: () -> Void
}
