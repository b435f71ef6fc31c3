// Layer: ESEExport/Sinks. Uses: PlatformIO. Used by: applications.

public import PlatformIO

/// Text of an export on its way to a file or the standard output.
public final class StreamedOutput: ByteOutput {
    private let output: BufferedOutput

    /// Writes to an output whose buffer is the caller's matter: flush it at the end.
    public init(_ output: BufferedOutput) { self.output = output }

    /// Writes bytes.
    public func write(_ bytes: [UInt8]) throws(ExportError) {
        do { try output.write(bytes) } catch { throw .system(error) }
    }
}

/// Text of an export in memory: for tests and small tables.
public final class MemoryOutput: ByteOutput {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Makes an empty one.
    public init() {}

    /// Appends bytes.
    public func write(_ more: [UInt8]) { bytes += more }
}
