// Layer: PlatformIO. Uses: pthread. Used by: EventLoop and the programs.
// A thread of the system, for loops that block and so must not sit on a shared pool.

import CLinux

/// A running thread.
public final class Thread: @unchecked Sendable {
    let handle: pthread_t
    private let state = Locked(false)

    private init(_ handle: pthread_t) { self.handle = handle }

    deinit {
        // Nobody can join any more; let the system clean up when the thread ends.
        if !state.withLock({ $0 }) { pthread_detach(handle) }
    }

    /// The runtime of Swift 6.3 may wait for ever (`once_slow`, below
    /// `swift_getCanonicalPrespecializedGenericMetadata`) if two threads are the first to make a dictionary, a set or
    /// an array of some kinds at the same time. So one of each is made before there is a second thread.
    private static let genericStorage: Int = {
        var dictionary: [Int32: Int32] = [:]
        var set: Set<Int32> = []
        var array: [Int32] = []
        dictionary[Program.id & 1] = Program.id
        set.insert(Program.id)
        array.append(Program.id)
        return dictionary.count + set.count + array.count
    }()

    /// Starts a thread that runs `body` and ends with it.
    /// - Parameter name: shown by tools such as `top -H`; the system keeps its first 15 bytes.
    public static func start(name: String, _ body: sending @escaping () -> Void) throws(IOError) -> Thread {
        precondition(genericStorage == 3, "what was stored is there")
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        #if os(Linux)
            var handle = pthread_t()
            let code = pthread_create(
                &handle, nil,
                { argument in
                    if let argument { ThreadStart.run(argument) }
                    return nil
                }, start.toOpaque())
            guard code == 0 else {
                start.release()
                throw IOError(code: code, operation: "start the thread", subject: name)
            }
            return Thread(handle)
        #else
            var handle: pthread_t?
            let code = pthread_create(
                &handle, nil,
                { argument in
                    ThreadStart.run(argument)
                    return nil
                }, start.toOpaque())
            guard code == 0, let handle else {
                start.release()
                throw IOError(code: code, operation: "start the thread", subject: name)
            }
            return Thread(handle)
        #endif
    }

    /// A number that tells the calling thread from all others that run; never 0.
    public static var currentID: UInt { oriel_thread_id() }

    /// Waits until the thread has ended. Only the first call waits; not for the thread itself.
    public func join() {
        let isFirst = state.withLock { isJoined in
            defer { isJoined = true }
            return !isJoined
        }
        if isFirst { pthread_join(handle, nil) }
    }
}

/// What a new thread finds at its beginning.
private final class ThreadStart {
    let name: String
    let body: () -> Void

    init(name: String, body: @escaping () -> Void) {
        self.name = name
        self.body = body
    }

    static func run(_ argument: UnsafeMutableRawPointer) {
        let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
        // Linux refuses a longer name altogether.
        var name = start.name
        while name.utf8.count > 15 { name.removeLast() }
        oriel_name_thread(name)
        start.body()
    }
}
