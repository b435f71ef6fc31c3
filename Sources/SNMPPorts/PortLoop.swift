// Layer: SNMPPorts. Uses: PlatformIO (EventLoop). Used by: DatagramPort, SharedDatagramPort.
// The thread that serves ports, with an inbox of its own: work that comes too late for the thread is refused, not
// lost, so that closing a port can tell whether somebody else has done it.

public import PlatformIO

/// A thread that serves ports; one can serve many.
public final class PortLoop: Sendable {
    let events: EventLoop
    private let inbox: LoopInbox
    /// The loop's thread; 0 before it runs and after its end.
    private let threadID: Locked<UInt>
    private let thread: Thread
    private let stopping = Lock()

    /// Starts the thread.
    /// - Parameter name: shown by tools such as `top -H`; the system keeps its first 15 bytes.
    /// - Throws: when the system has no descriptors or threads left.
    public init(name: String = "snmp-ports") throws(IOError) {
        let inbox = LoopInbox()
        let threadID = Locked<UInt>(0)
        let events = try EventLoop()
        thread = try Thread.start(name: name) {
            threadID.withLock { $0 = Thread.currentID }
            // A loop that fails ends like one that was stopped: its ports close.
            try? events.run()
            inbox.end()
            threadID.withLock { $0 = 0 }
        }
        self.threadID = threadID
        self.inbox = inbox
        self.events = events
    }

    // Ports hold their loop: nobody is left on it.
    deinit { events.stop() }

    /// Ends the thread and closes the ports on it. Returns when the thread has ended, unless the caller is that thread.
    /// Idempotent, from any thread.
    public func stop() {
        events.stop()
        // Whoever comes second waits for the one who joins.
        if !isCurrentThread { stopping.withLock { thread.join() } }
    }

    /// Whether the caller is the loop's thread, such as in a receiver.
    public var isCurrentThread: Bool {
        threadID.withLock { $0 } == Thread.currentID
    }

    /// Runs `body` on the loop's thread, later, in the order of submission. False, and nothing is run, when the thread
    /// has ended; then all ports on it are closed.
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

    /// Runs `body` on the loop's thread, after what was submitted before, and returns when it has run: at once if the
    /// caller is that thread. False, and nothing is run, when the thread has ended.
    @discardableResult
    func perform(_ body: @escaping () -> Void) -> Bool {
        if isCurrentThread {
            body()
            return true
        }
        let done = Latch()
        let isAccepted = async {
            body()
            done.open()
        }
        if isAccepted { done.wait() }
        return isAccepted
    }

    /// Has `body` run on the loop's thread when the loop ends for whatever reason, until `forget` is called for
    /// `owner`.
    func atEnd(of owner: AnyObject, _ body: @escaping () -> Void) { inbox.atEnd(ObjectIdentifier(owner), body) }

    func forget(_ owner: AnyObject) { inbox.atEnd(ObjectIdentifier(owner), nil) }
}
