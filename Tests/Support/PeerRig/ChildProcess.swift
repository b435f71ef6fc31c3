// Layer: test support. Used by: SupervisedProcess, PeerProgram, PeerTool.
// One child process by posix_spawn. Foundation's Process reads past its list when more than about 1,365 descriptors
// are open, and tests of limits open as many; it also passes on the blocked signals of the calling thread.

import CLinux
import Foundation

/// A started program. Nothing but the three standard descriptors is passed on, and no signal is blocked in it.
final class ChildProcess: Sendable {
    /// Its process ID, which is taken by nobody else before its end was waited for.
    let processID: pid_t

    private let end = End()

    /// What the waiting thread says to those that ask.
    private final class End: @unchecked Sendable {  // `status` only under `condition`
        let condition = NSCondition()
        var status: Int32?
    }

    /// Starts `path` with its standard descriptors set to the given ones; these stay the caller's, to close.
    init(
        _ path: String, _ arguments: [String], environment: [String: String], workingDirectory: String? = nil,
        input: Int32, output: Int32, errorOutput: Int32
    ) throws(PeerRigError) {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let workingDirectory { posix_spawn_file_actions_addchdir_np(&actions, workingDirectory) }
        for (target, source) in [input, output, errorOutput].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        #endif
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var processID: pid_t = 0
        let error = posix_spawn(&processID, path, &actions, &attributes, &argv, &envp)
        guard error == 0 else { throw .cannotStart("\(path): \(String(cString: strerror(error)))") }
        self.processID = processID
        Thread { [end, processID] in
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            // A status above 128 is 128 and the signal, as a shell has it.
            let signal = status & 0x7F
            end.condition.withLock {
                end.status = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
                end.condition.broadcast()
            }
        }.start()
    }

    /// Whether its end has not been seen yet.
    var isRunning: Bool { end.condition.withLock { end.status == nil } }

    /// Waits for its end; the exit status, or 128 and the signal that ended it; nil after `seconds`.
    func wait(seconds: Double) -> Int32? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        return end.condition.withLock {
            while end.status == nil, end.condition.wait(until: deadline) {}
            return end.status
        }
    }

    /// Sends SIGINT if it runs.
    func interrupt() {
        end.condition.withLock { if end.status == nil { _ = kill(processID, SIGINT) } }
    }

    /// Sends SIGKILL if it runs, and waits for its end.
    func stop() {
        end.condition.withLock { if end.status == nil { _ = kill(processID, SIGKILL) } }
        _ = wait(seconds: 86_400)
    }
}

/// Descriptors that a child shall have, open until this object goes.
final class ChildDescriptor {
    private(set) var number: Int32

    /// A descriptor of the caller's, closed with this object.
    init(owning number: Int32) { self.number = number }

    /// A file, made or emptied if it is to be written.
    init(_ path: String, writing: Bool) throws(PeerRigError) {
        number = open(path, (writing ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .cannotStart("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { if number >= 0 { close(number) } }

    /// Gives the descriptor away, to be closed by somebody else.
    func release() -> Int32 {
        defer { number = -1 }
        return number
    }

    /// A pipe that no other child can inherit.
    static func pipe() throws(PeerRigError) -> (reading: ChildDescriptor, writing: ChildDescriptor) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let result = Darwin.pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #else
            let result = pipe2(&ends, O_CLOEXEC)
        #endif
        guard result == 0 else { throw .cannotStart("no pipe: \(String(cString: strerror(errno)))") }
        return (ChildDescriptor(owning: ends[0]), ChildDescriptor(owning: ends[1]))
    }
}
