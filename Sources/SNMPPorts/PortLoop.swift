// Layer: SNMPPorts. Uses: PlatformIO (EventLoop). Used by: DatagramPort, SharedDatagramPort.
// The thread that serves ports, with an inbox of its own: work that comes too late for the thread is refused, not
// lost, so that closing a port can tell whether somebody else has done it.

public import PlatformIO
import Synchronization

/// A thread that serves ports; one can serve many.
public final class PortLoop: Sendable {
    let events: EventLoop
    private let inbox: PortInbox
    private let thread: Thread
    private let stopping = Lock()

    /// Starts the thread.
    /// - Parameter name: shown by tools such as `top -H`; the system keeps its first 15 bytes.
    /// - Throws: when the system has no descriptors or threads left.
    public init(name: String = "snmp-ports") throws(IOError) {
        let inbox = PortInbox()
        let events = try EventLoop()
        thread = try Thread.start(name: name) {
            inbox.threadID.store(Thread.currentID, ordering: .sequentiallyConsistent)
            // A loop that fails ends like one that was stopped: its ports close.
            try? events.run()
            inbox.end()
        }
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
        inbox.threadID.load(ordering: .sequentiallyConsistent) == Thread.currentID
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

/// What other threads hand to a loop's thread. The thread is the only one that touches what the closures captured.
private final class PortInbox: @unchecked Sendable {
    enum Admission { case first, queued, refused }

    /// The loop's thread; 0 before it runs and after its end.
    let threadID = Atomic<UInt>(0)

    private let lock = Lock()
    // Guarded by `lock`.
    private var work: [() -> Void] = []
    private var endings: [ObjectIdentifier: () -> Void] = [:]
    private var hasEnded = false

    func add(_ body: @escaping () -> Void) -> Admission {
        lock.withLock {
            guard !hasEnded else { return .refused }
            work.append(body)
            return work.count == 1 ? .first : .queued
        }
    }

    func atEnd(_ owner: ObjectIdentifier, _ body: (() -> Void)?) { lock.withLock { endings[owner] = body } }

    func run() {
        let items = lock.withLock {
            defer { work = [] }
            return work
        }
        for item in items { item() }
    }

    /// The last that the thread does: what was handed over in time, and what is to happen at the end.
    func end() {
        while true {
            let items = lock.withLock { () -> [() -> Void] in
                let items = work + endings.values
                (work, endings) = ([], [:])
                hasEnded = items.isEmpty
                return items
            }
            if items.isEmpty { break }
            for item in items { item() }
        }
        threadID.store(0, ordering: .sequentiallyConsistent)
    }
}
