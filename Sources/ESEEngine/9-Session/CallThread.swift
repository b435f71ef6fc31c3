// Layer: ESEEngine/9-Session. Used by: the gates, the C API, which keeps one for each thread.

/// What the engine knows of a calling thread: its number, whether it is inside a call, whether a callback runs on it.
///
/// Made once for a thread, used by that thread only, released when the thread ends and is inside no call. A copy names
/// the same thread. ESE's name: TLS (fInJetAPI, fInCallback).
public struct CallThread: @unchecked Sendable, Equatable {
    private struct Words {
        var id: UInt
        var isInside = false
        var callbackDepth: UInt32 = 0
    }

    /// Valid from `init` to `release`; only the thread itself looks at what is in it.
    private let words: UnsafeMutablePointer<Words>

    /// Makes one for the thread of number `id`, not 0.
    public init(id: UInt) {
        precondition(id != 0)
        words = .allocate(capacity: 1)
        words.initialize(to: Words(id: id))
    }

    /// Gives the memory back.
    public func release() { words.deallocate() }

    /// The thread's number.
    @inline(__always)
    public var id: UInt { words.pointee.id }

    /// Whether it is inside a call with a session.
    @inline(__always)
    public internal(set) var isInside: Bool {
        get { words.pointee.isInside }
        nonmutating set { words.pointee.isInside = newValue }
    }

    /// Whether a callback of the application runs on it; calls are allowed then.
    @inline(__always)
    public var isInCallback: Bool { words.pointee.callbackDepth != 0 }

    /// Runs a callback of the application.
    public func withCallback<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        words.pointee.callbackDepth += 1
        defer { words.pointee.callbackDepth -= 1 }
        return try body()
    }

    /// How a session's word names the thread that is inside. Aligned, and so no handle.
    @inline(__always)
    var word: UInt { UInt(bitPattern: words) }
}
