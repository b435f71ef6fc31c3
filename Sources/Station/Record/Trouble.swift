// Layer: Station/Record. Uses: StationStore (StoreError). Used by: RecordingThread.
// How much waits to be recorded, and what to do when it can't be.

import Primitives
import StationStore

/// How much waits.
struct Load {
    var count = 0
    var byteCount = 0

    mutating func add(_ byteCount: Int) {
        count += 1
        self.byteCount += byteCount
    }
}

extension EventRecord {
    /// About what it takes in memory.
    var byteCount: Int { 256 + title.utf8.count + (detail?.utf8.count ?? 0) }
}

/// Something that fails, and is tried again ever less often.
struct Trouble {
    /// What the last failure was, for people; nil without.
    private(set) var text: String?
    private var failures = 0
    private var retryAt: Instant?

    /// Whether the last attempt failed.
    var isThere: Bool { text != nil }

    /// Whether it may be tried.
    func isDue(_ now: Instant) -> Bool { retryAt.map { $0 <= now } ?? true }

    /// It failed: again after half a second, then ever later, up to 10 s.
    mutating func fail(_ error: StoreError, _ now: Instant) {
        failures += 1
        text = error.description
        retryAt = now + .milliseconds(min(250 << Int64(min(failures, 6)), 10_000))
    }

    /// It works.
    mutating func pass() { self = Trouble() }
}
