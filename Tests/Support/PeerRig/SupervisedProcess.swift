// Layer: test support. Uses: PeerRig. Used by: SNMPDaemon, TrapDaemon.
// A daemon that can't outlive the test process: a small shell stands between, and ends it when its input closes.

import Foundation

/// One daemon with its directory and its log. Ends, and takes its directory along, on `deinit`
/// or when this process is gone for whatever reason.
final class SupervisedProcess: Sendable {
    /// The daemon's private directory.
    let directory: String
    /// What the daemon wrote so far.
    let log: ProcessLog

    private let shell: ChildProcess
    private let commands: FileHandle
    private let lock = NSLock()

    // The shell's standard input is the life line. A line on it means a restart; its end means the end.
    // Trapped signals: Ctrl-C reaches the shell too, and must end the daemon rather than orphan it.
    private static let supervisor = """
        directory=$1; shift
        trap : INT TERM HUP
        exec 3<&0 </dev/null
        "$@" 3<&- 2>&1 & daemon=$!
        while read -r line <&3; do
            kill $daemon; wait $daemon
            "$@" 3<&- 2>&1 & daemon=$!
        done
        kill -KILL $daemon; wait $daemon
        rm -rf "$directory"
        """

    /// Starts `program` with its private `directory`, which this object owns from here on.
    init(program: String, arguments: [String], directory: String) throws(PeerRigError) {
        self.directory = directory
        let (input, output) = (try ChildDescriptor.pipe(), try ChildDescriptor.pipe())
        let null = try ChildDescriptor("/dev/null", writing: true)
        shell = try ChildProcess(
            "/bin/sh", ["-c", Self.supervisor, "supervisor", directory, program] + arguments,
            environment: PeerRig.environment(in: directory),
            input: input.reading.number, output: output.writing.number, errorOutput: null.number)
        commands = FileHandle(fileDescriptor: input.writing.release(), closeOnDealloc: true)
        log = ProcessLog(reading: FileHandle(fileDescriptor: output.reading.release(), closeOnDealloc: true))
    }

    /// Ends the daemon politely, so that it saves its state, and starts it again on the same ports.
    func restart() {
        lock.withLock { if shell.isRunning { commands.write(Data("restart\n".utf8)) } }
    }

    /// Ends the daemon; returns when it is gone. May be called more than once.
    func stop() {
        lock.withLock {
            try? commands.close()
            _ = shell.wait(seconds: 86_400)
        }
    }

    deinit { stop() }
}

/// Text that arrives from a process, to be searched and waited for.
final class ProcessLog: @unchecked Sendable {  // `text` only under `condition`
    private let condition = NSCondition()
    private var bytes = Data()

    /// Reads `handle` to its end on a thread of its own.
    init(reading handle: FileHandle) {
        let thread = Thread { [self] in
            while true {
                guard let chunk = ProcessLog.next(handle) else { return }
                condition.withLock {
                    bytes.append(chunk)
                    condition.broadcast()
                }
            }
        }
        thread.start()
    }

    /// What comes next; nil at the end. Not `availableData`, which ends the process when a signal interrupts it.
    private static func next(_ handle: FileHandle) -> Data? {
        var chunk = Data(count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(handle.fileDescriptor, $0.baseAddress, $0.count) }
            if count > 0 { return chunk.prefix(count) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// Everything so far; bytes that are no UTF-8 are replaced.
    var text: String { condition.withLock { String(decoding: bytes, as: UTF8.self) } }

    /// Gives `search` the text now and after each growth until it answers; nil after `seconds`.
    func wait<T>(seconds: Double, for search: (String) -> T?) -> T? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let found = search(String(decoding: bytes, as: UTF8.self)) { return found }
            if !condition.wait(until: deadline) { return search(String(decoding: bytes, as: UTF8.self)) }
        }
    }
}
