// Layer: ESEEngine/4-Version. Uses: PlatformIO (lock, condition). Used by: the clock and the version store.
// Locks that are held for some ten nanoseconds: one word each, no memory of their own, a nap if the holder was stopped.

import PlatformIO
import Primitives
import Synchronization

/// Where those who wait for a short lock take a nap. The holder does not wake them, so that opening costs one store.
final class NapRoom: Sendable {
    /// The only one; a nap ends by itself.
    static let shared = NapRoom()

    private let lock = Lock()
    private let condition = Condition()

    /// Waits a moment: some turns of the loop at first, then 20 µs at a time.
    @inline(never)
    func wait(_ turn: inout Int) {
        turn &+= 1
        if turn < 200 { return }
        lock.withLock { _ = condition.wait(lock, timeout: Interval(nanoseconds: 20_000)) }
    }
}

/// A value in memory that threads share, and whose readers and writers something else keeps apart.
///
/// Relaxed atomic, which costs nothing: a plain stored property would make each write an access to the whole structure
/// around it, and so exclude those who use its other fields. For the same reason there is no setter of `value`.
struct Cell<Value: AtomicRepresentable>: ~Copyable {
    private let word: Atomic<Value>

    @inline(__always)
    init(_ value: consuming Value) { word = Atomic(value) }
}

extension Cell where Value.AtomicRepresentation == UInt8.AtomicRepresentation {
    /// The value, of 8 bits.
    @inline(__always)
    var value: Value { word.load(ordering: .relaxed) }

    /// Sets the value.
    @inline(__always)
    func set(_ value: Value) { word.store(value, ordering: .relaxed) }
}

extension Cell where Value.AtomicRepresentation == UInt16.AtomicRepresentation {
    /// The value, of 16 bits.
    @inline(__always)
    var value: Value { word.load(ordering: .relaxed) }

    /// Sets the value.
    @inline(__always)
    func set(_ value: Value) { word.store(value, ordering: .relaxed) }
}

extension Cell where Value.AtomicRepresentation == UInt32.AtomicRepresentation {
    /// The value, of 32 bits.
    @inline(__always)
    var value: Value { word.load(ordering: .relaxed) }

    /// Sets the value.
    @inline(__always)
    func set(_ value: Value) { word.store(value, ordering: .relaxed) }
}

extension Cell where Value.AtomicRepresentation == UInt64.AtomicRepresentation {
    /// The value, of 64 bits.
    @inline(__always)
    var value: Value { word.load(ordering: .relaxed) }

    /// Sets the value.
    @inline(__always)
    func set(_ value: Value) { word.store(value, ordering: .relaxed) }
}

/// A lock of one word. Not recursive.
struct ShortLock: ~Copyable {
    private let word = Atomic<UInt32>(0)

    /// Takes it.
    @inline(__always)
    func lock() {
        if !word.weakCompareExchange(expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
            .exchanged
        {
            lockSlowly()
        }
    }

    /// Lets it go.
    @inline(__always)
    func unlock() { word.store(0, ordering: .releasing) }

    @inline(never)
    private func lockSlowly() {
        var turn = 0
        while true {
            if word.load(ordering: .relaxed) == 0,
                word.compareExchange(
                    expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed
                ).exchanged
            {
                return
            }
            NapRoom.shared.wait(&turn)
        }
    }
}

/// The head of a list whose lowest bit is the list's lock: one cache line for both. Not recursive.
struct LockedHead: ~Copyable {
    private let word = Atomic<UInt>(0)

    /// Whether the list is empty. May be old news at once, unless something else keeps the list as it is.
    @inline(__always)
    var isEmpty: Bool { word.load(ordering: .acquiring) == 0 }

    /// Takes the lock and returns the first element.
    @inline(__always)
    func lock() -> UnsafeMutablePointer<RevisionHeader>? {
        let seen = word.load(ordering: .relaxed) & ~1
        if word.weakCompareExchange(
            expected: seen, desired: seen | 1, successOrdering: .acquiring, failureOrdering: .relaxed
        ).exchanged {
            return UnsafeMutablePointer(bitPattern: seen)
        }
        return lockSlowly()
    }

    /// Lets the lock go; `first` is the first element from now on.
    @inline(__always)
    func unlock(_ first: UnsafeMutablePointer<RevisionHeader>?) {
        word.store(UInt(bitPattern: first), ordering: .releasing)
    }

    @inline(never)
    private func lockSlowly() -> UnsafeMutablePointer<RevisionHeader>? {
        var turn = 0
        while true {
            let seen = word.load(ordering: .relaxed)
            if seen & 1 == 0,
                word.compareExchange(
                    expected: seen, desired: seen | 1, successOrdering: .acquiring, failureOrdering: .relaxed
                ).exchanged
            {
                return UnsafeMutablePointer(bitPattern: seen)
            }
            NapRoom.shared.wait(&turn)
        }
    }
}
