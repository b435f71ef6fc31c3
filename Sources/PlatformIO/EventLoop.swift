// Layer: PlatformIO. Uses: Poller, Primitives (Instant). Used by: the SNMP drivers and the programs.
// One thread that waits for descriptors, deadlines and submitted work, and calls whoever asked. State machines above
// it need no locks: everything of one loop happens on one thread.
// Rules: all but `submit`, `wake` and `stop` is for the thread that runs the loop, or for the time before it runs.

import CLinux
public import Primitives

/// An event loop.
///
/// Each step waits for a descriptor, the nearest deadline or a submitted closure, then serves descriptors, then ticks
/// the deadlines, then runs what was submitted. Descriptors come before deadlines so that an answer that has arrived
/// is not counted as late.
public final class EventLoop: @unchecked Sendable {
    /// Names a pair of closures added with `addDeadline`.
    public struct DeadlineID: Hashable, Sendable { fileprivate let number: UInt64 }

    private struct Registration {
        var descriptor: Int32
        var interest: Interest
        var handler: (Readiness) -> Void
    }

    private struct Deadline {
        var id: DeadlineID
        var next: () -> Instant?
        var tick: (Instant) -> Void
    }

    /// What other threads hand over.
    private struct Inbox {
        var work: [() -> Void] = []
        var isSignaled = false
        var isStopped = false
        /// The thread that is in `poll`; 0 when none is.
        var owner: UInt = 0
    }

    private var poller: Poller
    private let wakeup: EventFlag
    private let inbox = Lock()
    private var inboxContents = Inbox()
    private var running: [() -> Void] = []

    // A registration is named by its place and a count of that place's uses, so that an event for a descriptor that
    // was closed in this same round does not reach a new one that got its number.
    private var places: [Registration?] = []
    private var generations: [UInt32] = []
    private var freePlaces: [Int] = []
    private var placeByDescriptor: [Int32: Int] = [:]

    private var deadlines: [Deadline] = []
    private var lastDeadlineNumber: UInt64 = 0

    private static let wakeupToken = UInt64.max

    /// Makes a loop. It runs when somebody calls `run` or `poll`.
    public init() throws(IOError) {
        poller = try Poller()
        wakeup = try EventFlag()
        try poller.add(wakeup.descriptor, .read, token: EventLoop.wakeupToken)
    }

    // MARK: Descriptors

    /// The number of registered descriptors.
    public var descriptorCount: Int { placeByDescriptor.count }

    /// Starts to watch a descriptor, which stays its owner's. One registration per descriptor at a time.
    ///
    /// The handler is called in each round in which the descriptor is ready, until it has been read or written as far
    /// as it goes. It may change the interest or unregister any descriptor, its own included.
    public func register(
        _ descriptor: Int32, interest: Interest, handler: @escaping (Readiness) -> Void
    ) throws(IOError) {
        checkThread()
        precondition(placeByDescriptor[descriptor] == nil, "the descriptor is registered already")
        let place = freePlaces.last ?? places.count
        let generation = place < generations.count ? generations[place] : 0
        try poller.add(descriptor, interest, token: EventLoop.token(place, generation))
        let registration = Registration(descriptor: descriptor, interest: interest, handler: handler)
        if place < places.count {
            freePlaces.removeLast()
            places[place] = registration
        } else {
            places.append(registration)
            generations.append(generation)
        }
        placeByDescriptor[descriptor] = place
    }

    /// Changes what a registered descriptor waits for. No system call if nothing changes.
    public func setInterest(_ descriptor: Int32, _ interest: Interest) throws(IOError) {
        checkThread()
        guard let place = placeByDescriptor[descriptor] else { preconditionFailure("the descriptor isn't registered") }
        guard places[place]?.interest != interest else { return }
        try poller.change(descriptor, interest, token: EventLoop.token(place, generations[place]))
        places[place]?.interest = interest
    }

    /// Stops watching a descriptor; do this before closing it. No effect if it isn't registered.
    public func unregister(_ descriptor: Int32) {
        checkThread()
        guard let place = placeByDescriptor.removeValue(forKey: descriptor) else { return }
        poller.remove(descriptor)
        places[place] = nil
        generations[place] &+= 1
        freePlaces.append(place)
    }

    private static func token(_ place: Int, _ generation: UInt32) -> UInt64 {
        UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    // MARK: Deadlines

    /// Adds a source of deadlines, such as the timers of a state machine.
    /// - Parameters:
    ///   - next: asked before each wait for the time by which `tick` must be called; nil for none.
    ///   - tick: called after each wait with the time, whether the deadline has come or not.
    @discardableResult
    public func addDeadline(next: @escaping () -> Instant?, tick: @escaping (Instant) -> Void) -> DeadlineID {
        checkThread()
        lastDeadlineNumber += 1
        let id = DeadlineID(number: lastDeadlineNumber)
        deadlines.append(Deadline(id: id, next: next, tick: tick))
        return id
    }

    /// Removes what `addDeadline` added.
    public func removeDeadline(_ id: DeadlineID) {
        checkThread()
        deadlines.removeAll { $0.id == id }
    }

    // MARK: From any thread

    /// Runs `work` on the loop's thread, after everything submitted before. From any thread.
    ///
    /// A loop that has stopped does not run it.
    public func submit(_ work: sending @escaping () -> Void) {
        inbox.withLock {
            inboxContents.work.append(work)
            signal()
        }
    }

    /// Makes the loop go round once: it asks for deadlines again. From any thread.
    public func wake() { inbox.withLock { signal() } }

    /// Makes `run` return once it has finished its round, including what was submitted before. From any thread, also
    /// before `run` is called. A loop once stopped stays so.
    public func stop() {
        inbox.withLock {
            inboxContents.isStopped = true
            signal()
        }
    }

    /// Whether `stop` was called. From any thread.
    public var isStopped: Bool { inbox.withLock { inboxContents.isStopped } }

    /// Makes the loop's wait end; the lock is held, so that flag and descriptor agree. One signal serves all who come
    /// before the loop wakes.
    private func signal() {
        guard !inboxContents.isSignaled else { return }
        inboxContents.isSignaled = true
        wakeup.signal()
    }

    // MARK: Running

    /// Runs until `stop` is called.
    public func run() throws(IOError) {
        try run { false }
    }

    /// Runs until `stop` is called or `isDone` returns true, which is asked before each round.
    public func run(until isDone: () -> Bool) throws(IOError) {
        while !isStopped && !isDone() { _ = try poll(timeout: nil) }
        runSubmitted()
    }

    /// Runs the loop on a thread of its own until `stop` is called.
    /// - Parameters:
    ///   - name: the thread's name, up to 15 bytes.
    ///   - onEnd: called on that thread at the end: with nil, or with the error that ended the loop.
    public func start(
        threadName name: String, onEnd: @escaping @Sendable (IOError?) -> Void = { _ in }
    )
        throws(IOError) -> Thread
    {
        try Thread.start(name: name) { [self] in
            do throws(IOError) {
                try run()
                onEnd(nil)
            } catch {
                onEnd(error)
            }
        }
    }

    /// One step: waits at most `timeout` (nil: until there is something), then serves whoever is due. A `wake`,
    /// `submit` or `stop` from before the step ends its wait at once.
    /// - Returns: the number of handlers called for descriptors.
    @discardableResult
    public func poll(timeout: Interval?) throws(IOError) -> Int {
        inbox.withLock {
            precondition(inboxContents.owner == 0, "the loop runs already")
            inboxContents.owner = oriel_thread_id()
        }
        defer { inbox.withLock { inboxContents.owner = 0 } }
        // A wake that came before this wait must end it all the same: the caller's condition may have changed since
        // it looked.
        let wasSignaled = runSubmitted()
        let eventCount = try poller.wait(wasSignaled ? .zero : waitingTime(atMost: timeout))
        var calls = 0
        for index in 0..<eventCount {
            let (token, readiness) = poller.event(index)
            if token == EventLoop.wakeupToken { continue }
            let place = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
            guard generations[place] == UInt32(truncatingIfNeeded: token >> 32), let target = places[place]
            else { continue }
            target.handler(readiness)
            calls += 1
        }
        // By index and over a copy: a tick may add and remove.
        let due = deadlines
        if !due.isEmpty {
            let now = SystemClock.now
            for deadline in due { deadline.tick(now) }
        }
        runSubmitted()
        return calls
    }

    private func waitingTime(atMost timeout: Interval?) -> Interval? {
        if isStopped { return .zero }
        var nearest: Instant?
        for deadline in deadlines {
            guard let next = deadline.next() else { continue }
            nearest = min(nearest ?? next, next)
        }
        guard let nearest, nearest != .distantFuture else { return timeout }
        let wait = max(nearest - SystemClock.now, .zero)
        return timeout.map { min($0, wait) } ?? wait
    }

    /// Runs what was submitted; returns whether another thread had signaled.
    @discardableResult
    private func runSubmitted() -> Bool {
        let wasSignaled = inbox.withLock {
            let wasSignaled = inboxContents.isSignaled
            if wasSignaled {
                wakeup.clear()
                inboxContents.isSignaled = false
            }
            swap(&running, &inboxContents.work)
            return wasSignaled
        }
        // Work that submits more waits for the next round, so that it can't starve descriptors and deadlines.
        for item in running { item() }
        running.removeAll(keepingCapacity: true)
        return wasSignaled
    }

    /// Whether the caller runs on the loop's thread, in one of its rounds. From any thread.
    public var isCurrentThread: Bool { inbox.withLock { inboxContents.owner } == oriel_thread_id() }

    private func checkThread() {
        let thread = inbox.withLock { inboxContents.owner }
        precondition(thread == 0 || thread == oriel_thread_id(), "called from another thread than the loop's")
    }
}
