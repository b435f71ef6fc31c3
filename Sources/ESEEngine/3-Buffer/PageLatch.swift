// Layer: ESEEngine/3-Buffer. Uses: PlatformIO. Used by: Frame, BufferManager.
// The latch of a frame, together with the name of what it guards, so that nobody waits for a page that is gone.

import PlatformIO
import Synchronization

/// How a page is latched. ESE's terms: BFLatchType, bfltShared, bfltExclusive (RDW), bfltWrite.
public enum LatchMode: UInt8, Sendable {
    /// With other readers.
    case shared
    /// With readers, without another writer. Nothing is changed before `upgrade`.
    case writeIntent
    /// Alone.
    case exclusive
}

/// A latch that readers share and writers hold alone, and the identity of the page that it guards.
///
/// Latches are not recursive and know no owners. A writer that waits keeps new readers out, so it is not starved. The
/// identity changes only under the exclusive latch. Whoever waits for a page says which; when the frame gets another
/// one, the wait ends without the latch. Otherwise a thread could wait for a stranger's latch, against rule T1.
struct PageLatch: ~Copyable {
    /// The word: readers in the low bits, then the bits below.
    private let word = Atomic<UInt32>(0)
    /// The number of the frame; chooses the parking place.
    let index: UInt32
    /// What the frame holds, 0 for nothing.
    private let guarded = Atomic<UInt64>(0)

    /// The count of readers.
    private static let readers: UInt32 = 0x00ff_ffff
    /// A writer holds it, whether with intent or exclusively.
    private static let intent: UInt32 = 1 << 24
    /// The writer is alone, or will be when the readers have left.
    private static let exclusive: UInt32 = 1 << 25
    /// Somebody sleeps in the parking place.
    private static let parked: UInt32 = 1 << 26
    /// How often a thread looks again before it sleeps.
    private static let spinCount = 300

    /// Makes an open latch of a frame that holds nothing.
    init(index: UInt32) { self.index = index }

    /// What the frame holds, 0 for nothing. Certain only under a latch.
    @inline(__always)
    var identity: UInt64 { guarded.load(ordering: .relaxed) }

    /// Says what the frame holds from now on. The exclusive latch is held.
    func setIdentity(_ identity: UInt64) {
        // Either a waiter's bit is seen here, or the waiter sees the new identity before it sleeps.
        guarded.store(identity, ordering: .sequentiallyConsistent)
        if word.load(ordering: .sequentiallyConsistent) & Self.parked != 0 { wake() }
    }

    /// Takes the latch if nobody is in the way.
    @inline(__always)
    func tryAcquire(_ mode: LatchMode) -> Bool {
        var value = word.load(ordering: .relaxed)
        while true {
            let new: UInt32
            switch mode {
            case .shared:
                guard value & Self.exclusive == 0 else { return false }
                new = value &+ 1
            case .writeIntent:
                guard value & Self.intent == 0 else { return false }
                new = value | Self.intent
            case .exclusive:
                guard value & ~Self.parked == 0 else { return false }
                new = value | Self.intent | Self.exclusive
            }
            let result = word.weakCompareExchange(
                expected: value, desired: new, successOrdering: .acquiring, failureOrdering: .relaxed)
            if result.exchanged { return true }
            value = result.original
        }
    }

    /// Waits for the latch; false, and nothing taken, if the frame does not or no longer hold `identity`.
    func acquire(_ mode: LatchMode, of identity: UInt64) -> Bool {
        while true {
            for _ in 0..<Self.spinCount where claim(mode) {
                guard self.identity == identity else {
                    release(mode)
                    return false
                }
                if mode == .exclusive { drain() }
                return true
            }
            guard self.identity == identity else { return false }
            park(while: mode == .shared ? Self.exclusive : Self.intent, identity)
        }
    }

    /// As `tryAcquire`, but an exclusive latch is only claimed: readers may still be there.
    private func claim(_ mode: LatchMode) -> Bool {
        guard mode == .exclusive else { return tryAcquire(mode) }
        let value = word.load(ordering: .relaxed)
        guard value & Self.intent == 0 else { return false }
        return word.weakCompareExchange(
            expected: value, desired: value | Self.intent | Self.exclusive, successOrdering: .acquiring,
            failureOrdering: .relaxed
        ).exchanged
    }

    /// Waits until the readers have left; new ones are kept out already.
    private func drain() {
        while true {
            for _ in 0..<Self.spinCount where word.load(ordering: .acquiring) & Self.readers == 0 { return }
            park(while: Self.readers, identity)
        }
    }

    /// Lets go of the latch.
    @inline(__always)
    func release(_ mode: LatchMode) {
        switch mode {
        case .shared:
            let old = word.wrappingSubtract(1, ordering: .releasing).oldValue
            assert(old & Self.readers != 0, "a latch that is not held")
            // Readers wait for nobody but an exclusive holder, and only a writer waits for readers.
            let waited = Self.exclusive | Self.parked
            if old & waited == waited, old & Self.readers == 1 { wake() }
        case .writeIntent:
            let old = word.wrappingSubtract(Self.intent, ordering: .releasing).oldValue
            assert(old & Self.intent != 0, "a latch that is not held")
            if old & Self.parked != 0 { wake() }
        case .exclusive:
            let old = word.wrappingSubtract(Self.intent | Self.exclusive, ordering: .releasing).oldValue
            assert(old & Self.exclusive != 0, "a latch that is not held")
            if old & Self.parked != 0 { wake() }
        }
    }

    /// From write intent to exclusive: waits for the readers to leave.
    func upgrade() {
        _ = word.bitwiseOr(Self.exclusive, ordering: .acquiring)
        drain()
    }

    /// To a stronger mode if nobody is in the way; else nothing changes.
    func tryUpgrade(from old: LatchMode, to new: LatchMode) -> Bool {
        precondition(new.rawValue > old.rawValue, "an upgrade")
        var value = word.load(ordering: .relaxed)
        while true {
            let desired: UInt32
            switch (old, new) {
            case (.writeIntent, _):
                guard value & Self.readers == 0 else { return false }
                desired = value | Self.exclusive
            case (_, .writeIntent):
                guard value & Self.intent == 0 else { return false }
                desired = (value &- 1) | Self.intent
            default:
                guard value & ~Self.parked == 1 else { return false }
                desired = (value &- 1) | Self.intent | Self.exclusive
            }
            let result = word.weakCompareExchange(
                expected: value, desired: desired, successOrdering: .acquiring, failureOrdering: .relaxed)
            if result.exchanged { return true }
            value = result.original
        }
    }

    /// To a weaker mode. Never waits.
    func downgrade(from old: LatchMode, to new: LatchMode) {
        precondition(new.rawValue < old.rawValue, "a downgrade")
        let gone =
            switch (old, new) {
            case (.exclusive, .writeIntent): Self.exclusive
            case (.exclusive, _): (Self.intent | Self.exclusive) &- 1
            default: Self.intent &- 1
            }
        let before = word.wrappingSubtract(gone, ordering: .releasing).oldValue
        if before & Self.parked != 0 { wake() }
    }

    /// Sleeps while one of the bits `blocking` is set and the frame holds `identity`. May return early.
    private func park(while blocking: UInt32, _ identity: UInt64) {
        let place = ParkingPlace.all[Int(index) % ParkingPlace.all.count]
        place.lock.withLock {
            var value = word.load(ordering: .relaxed)
            while value & Self.parked == 0 {
                guard value & blocking != 0 else { return }
                let result = word.compareExchange(
                    expected: value, desired: value | Self.parked, ordering: .sequentiallyConsistent)
                value = result.exchanged ? value | Self.parked : result.original
            }
            // The bit was there or is now; only a thread with the place's lock clears it. Look once more behind it.
            value = word.load(ordering: .sequentiallyConsistent)
            guard value & blocking != 0, guarded.load(ordering: .sequentiallyConsistent) == identity else { return }
            place.condition.wait(place.lock)
        }
    }

    /// Wakes everybody who sleeps for this latch.
    private func wake() {
        let place = ParkingPlace.all[Int(index) % ParkingPlace.all.count]
        place.lock.withLock {
            _ = word.bitwiseAnd(~Self.parked, ordering: .relaxed)
            place.condition.broadcast()
        }
    }
}

/// Where threads sleep that wait for a latch; several latches share one.
private final class ParkingPlace: Sendable {
    let lock = Lock()
    let condition = Condition()

    /// All of them.
    static let all = (0..<64).map { _ in ParkingPlace() }
}
