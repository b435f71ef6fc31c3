// Layer: PlatformIO. Uses: Lock. Used by: the loops of SNMP and SNMPPorts.
// Work that comes too late for a thread is refused, not lost, so that whoever hands it over can end its business
// elsewhere.

/// What other threads hand to a loop's thread. The thread is the only one that touches what the closures captured.
public final class LoopInbox: @unchecked Sendable {
    /// What became of work that was handed over.
    public enum Admission: Sendable {
        /// It is the first that waits: the owner is to have the thread call `run`.
        case first
        /// It will run with what waits already.
        case queued
        /// The thread has ended; nothing is run.
        case refused
    }

    private let lock = Lock()
    // Guarded by `lock`.
    private var work: [() -> Void] = []
    private var endings: [ObjectIdentifier: () -> Void] = [:]
    private var hasEnded = false

    /// Makes an inbox for a thread that runs.
    public init() {}

    /// Hands work over.
    public func add(_ body: @escaping () -> Void) -> Admission {
        lock.withLock {
            guard !hasEnded else { return .refused }
            work.append(body)
            return work.count == 1 ? .first : .queued
        }
    }

    /// Has `body` run at the end on behalf of `owner`; nil takes that back.
    public func atEnd(_ owner: ObjectIdentifier, _ body: (() -> Void)?) { lock.withLock { endings[owner] = body } }

    /// Runs what waits; on the thread.
    public func run() {
        let items = lock.withLock {
            defer { work = [] }
            return work
        }
        for item in items { item() }
    }

    /// The last that the thread does: what was handed over in time, and what is to happen at the end.
    public func end() {
        while true {
            let items = lock.withLock { () -> [() -> Void] in
                let items = work + endings.values
                (work, endings) = ([], [:])
                hasEnded = items.isEmpty
                return items
            }
            if items.isEmpty { return }
            for item in items { item() }
        }
    }
}
