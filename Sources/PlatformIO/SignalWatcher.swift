// Layer: PlatformIO. Uses: EventLoop, libc. Used by: programs that run until they are told to stop.
// Signals as events of a loop. The handler only writes the signal's number to a pipe, because hardly anything else is
// allowed in a handler. A pipe and not signalfd: that would need the signals blocked in every thread, also in those
// that the language's runtime has started before.

import CLinux

/// A signal that a program can watch.
public enum Signal: Sendable, CaseIterable {
    /// Control-C (SIGINT).
    case interrupt
    /// A polite request to end (SIGTERM).
    case terminate
    /// The terminal has gone; for services: read the configuration again (SIGHUP).
    case hangup
    /// The size of the terminal has changed (SIGWINCH).
    case windowChange
    /// Free for the program's use (SIGUSR1).
    case user1

    var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangup: SIGHUP
        case .windowChange: SIGWINCH
        case .user1: SIGUSR1
        }
    }
}

/// Delivers signals to an event loop for as long as it lives or until `cancel`. One at a time in a process.
public final class SignalWatcher {
    private let loop: EventLoop
    private let pipe: SignalPipe
    private var old: [(signal: Signal, action: sigaction)] = []
    /// False until everything is in place: an initializer that throws also runs `deinit`, which must then not take
    /// apart what belongs to another watcher.
    private var isActive = false

    /// Starts to watch. For the loop's thread or before the loop runs.
    ///
    /// A signal that the process was started to ignore (as `nohup` does with SIGHUP) stays ignored.
    /// - Parameters:
    ///   - signals: which ones; the default handling returns when the watcher ends.
    ///   - loop: the loop on whose thread `handler` is called.
    ///   - handler: called for each signal; several of one kind in a row can come as one.
    /// - Throws: `EBUSY` if there is a watcher already.
    public init(_ signals: [Signal], on loop: EventLoop, handler: @escaping (Signal) -> Void) throws(IOError) {
        self.loop = loop
        pipe = try SignalPipe.shared.get()
        guard
            SignalPipe.isTaken.withLock({ isTaken in
                defer { isTaken = true }
                return !isTaken
            })
        else { throw IOError(code: EBUSY, operation: "watch signals") }
        let pipe = pipe
        pipe.drain { _ in }
        do throws(IOError) {
            try loop.register(pipe.reading, interest: .read) { _ in
                pipe.drain { number in
                    if let signal = Signal.allCases.first(where: { $0.number == number }) { handler(signal) }
                }
            }
        } catch {
            SignalPipe.isTaken.withLock { $0 = false }
            throw error
        }
        isActive = true
        for signal in signals where oriel_is_ignored(signal.number) == 0 {
            var action = sigaction()
            // Fails only for numbers that are no signals.
            if oriel_handle_signal(signal.number, forwardSignal, &action) == 0 { old.append((signal, action)) }
        }
    }

    deinit { cancel() }

    /// Stops watching; the signals do again what they did before. On the loop's thread.
    public func cancel() {
        guard isActive else { return }
        isActive = false
        for (signal, action) in old.reversed() {
            var action = action
            _ = oriel_restore_signal(signal.number, &action)
        }
        loop.unregister(pipe.reading)
        SignalPipe.isTaken.withLock { $0 = false }
    }
}

/// The pipe between handler and loop. Made once and never closed, so that a handler which is just running on another
/// thread can't write to a descriptor that belongs to somebody else by then.
private final class SignalPipe: Sendable {
    static let isTaken = Locked(false)
    static let shared: Result<SignalPipe, IOError> = Result { () throws(IOError) in try SignalPipe() }

    let reading: Int32

    private init() throws(IOError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("make a pipe for signals") }
        for end in ends {
            _ = oriel_set_nonblocking(end)
            _ = oriel_set_close_on_exec(end)
        }
        reading = ends[0]
        signalPipeEnd = ends[1]
    }

    /// Calls `body` with each number that waits.
    func drain(_ body: (Int32) -> Void) {
        var number: UInt8 = 0
        while retryingInterrupted({ read(reading, &number, 1) }) == 1 { body(Int32(number)) }
    }
}

/// Where the handler writes. Set once, before a handler is installed, and only read afterwards.
nonisolated(unsafe) private var signalPipeEnd: Int32 = -1

/// The handler: async-signal-safe, since it calls write only and leaves errno as it was.
private func forwardSignal(_ number: Int32) {
    let code = oriel_errno()
    var byte = UInt8(truncatingIfNeeded: number)
    // A full pipe loses the signal, but then there are thousands that the loop has yet to see.
    _ = write(signalPipeEnd, &byte, 1)
    oriel_set_errno(code)
}
