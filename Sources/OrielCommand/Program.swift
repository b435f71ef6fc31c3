// Layer: OrielCommand. Uses: PlatformIO (signals). Used by: the program oriel.

import PlatformIO

extension Oriel {
    /// Runs the process's own command line and ends the process. The first Control-C or SIGTERM ends the command in
    /// good order, the second at once.
    public static func main() async -> Never {
        let task = Task { await run(Array(CommandLine.arguments.dropFirst()), console: .system) }
        let signals = watchSignals { task.cancel() }
        let status = await task.value
        withExtendedLifetime(signals) {}
        Program.exit(status)
    }

    private static func watchSignals(_ onFirst: @escaping @Sendable () -> Void) -> SignalWatcher? {
        // Without signals the program still works; Control-C then ends it at once.
        guard let loop = try? EventLoop() else { return nil }
        var isStopping = false
        let watcher = try? SignalWatcher([.interrupt, .terminate, .hangup], on: loop) { _ in
            if isStopping { Program.exit(ExitStatus.interrupted.rawValue) }
            isStopping = true
            onFirst()
        }
        _ = try? loop.start(threadName: "signals")
        return watcher
    }
}
