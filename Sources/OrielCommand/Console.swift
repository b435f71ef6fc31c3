// Layer: OrielCommand. Uses: PlatformIO. Used by: every command, the program, tests that capture output.
// The surroundings of a command: where it writes, and what it may ask its environment.

public import PlatformIO

/// Where a command writes and what it knows about its surroundings. Safe to use from any task.
public struct Console: Sendable {
    /// Writes to standard output; collected until `flush`.
    let write: @Sendable (String) throws(IOError) -> Void
    /// Writes bytes of UTF-8 to standard output, whole characters; collected until `flush`.
    let writeBytes: @Sendable ([UInt8]) throws(IOError) -> Void
    /// Writes out what was collected.
    let flush: @Sendable () throws(IOError) -> Void
    /// Writes to standard error at once.
    let writeError: @Sendable (String) -> Void
    /// The value of an environment variable.
    let environment: @Sendable (String) -> String?
    /// The width of the terminal that standard output is, in columns; nil if it is none.
    let outputWidth: @Sendable () -> Int?
    /// The height of that terminal in rows.
    let outputHeight: @Sendable () -> Int?
    /// Whether standard error is a terminal.
    let isErrorTerminal: Bool
    /// Whether to colour standard output.
    let usesColor: Bool

    /// Makes a console of functions; for tests. Nothing is a terminal.
    public init(
        write: @escaping @Sendable (String) throws(IOError) -> Void,
        flush: @escaping @Sendable () throws(IOError) -> Void = { () throws(IOError) in },
        writeError: @escaping @Sendable (String) -> Void,
        environment: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.write = write
        writeBytes = { bytes throws(IOError) in try write(String(decoding: bytes, as: UTF8.self)) }
        self.flush = flush
        self.writeError = writeError
        self.environment = environment
        outputWidth = { nil }
        outputHeight = { nil }
        isErrorTerminal = false
        usesColor = false
    }

    private init() {
        write = { text throws(IOError) in try StandardOutput.write(text) }
        writeBytes = { bytes throws(IOError) in try StandardOutput.stream.write(bytes) }
        flush = { () throws(IOError) in try StandardOutput.flush() }
        writeError = { StandardError.write($0) }
        environment = { Program.environment($0) }
        let isTerminal = Terminal.isTerminal(.output)
        outputWidth = { isTerminal ? Terminal.size(.output)?.columns ?? 80 : nil }
        outputHeight = { isTerminal ? Terminal.size(.output)?.rows ?? 24 : nil }
        isErrorTerminal = Terminal.isTerminal(.error)
        usesColor = Terminal.usesColor(.output)
    }

    /// The process's own streams and environment.
    public static let system = Console()
}

extension Console {
    /// Writes a line.
    func writeLine(_ text: String) throws(CommandError) {
        do throws(IOError) { try write(text + "\n") } catch { throw CommandError(error) }
    }

    /// Writes out what was collected.
    func flushOutput() throws(CommandError) {
        do throws(IOError) { try flush() } catch { throw CommandError(error) }
    }

    /// Tells the user something on standard error.
    func note(_ text: String) { writeError("oriel: \(text)\n") }
}
