// Layer: Jet. Uses: PlatformIO (ThreadSlot), ESEEngine (CallThread). Used by: every call.
// The engine's thread rules go by `CallThread`; each thread that ever called has one, until it ends.
//
// Why the pointers are safe: a thread's word is set here only, to memory that `atThreadEnd` gives back when nothing of
// the thread can run any more that looks at it.

import ESEEngine
import PlatformIO
import Synchronization

/// The threads that call a library.
struct JetThreads: Sendable {
    private let slot = ThreadSlot(atThreadEnd: atThreadEnd)

    /// The calling thread. JET_errOutOfThreads if the system has no place for a word for each thread.
    @inline(__always)
    func current() throws(JetError) -> CallThread {
        if let box = UnsafePointer<CallThread>(bitPattern: slot.value) { return box.pointee }
        return try make()
    }

    @inline(never)
    private func make() throws(JetError) -> CallThread {
        let thread = CallThread(id: lastNumber.add(1, ordering: .relaxed).newValue)
        let box = UnsafeMutablePointer<CallThread>.allocate(capacity: 1)
        box.initialize(to: thread)
        slot.value = UInt(bitPattern: box)
        guard slot.value != 0 else {
            thread.release()
            box.deallocate()
            throw .outOfThreads
        }
        return thread
    }
}

/// Threads are numbered, since the system gives a dead thread's number to another one. 0 is none.
private let lastNumber = Atomic<UInt>(0)

/// The thread is over. A destructor of another library may call again; then it gets a new word, and this is called
/// again.
private func atThreadEnd(_ word: UnsafeMutableRawPointer?) {
    guard let box = word?.assumingMemoryBound(to: CallThread.self) else { return }
    // A thread can end inside a callback, by pthread_exit: its session stays taken, so what names it must stay too.
    if box.pointee.isInside || box.pointee.isInCallback { return }
    box.pointee.release()
    box.deallocate()
}
