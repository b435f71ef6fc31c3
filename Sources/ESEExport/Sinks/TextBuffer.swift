// Layer: ESEExport/Sinks. Used by: CSVSink, JSONLinesSink.

/// Collects text and writes it in large pieces, so that memory stays constant.
struct TextBuffer {
    private static let capacity = 1 << 16
    var bytes: [UInt8] = []
    private let output: any ByteOutput

    init(_ output: any ByteOutput) {
        self.output = output
        bytes.reserveCapacity(Self.capacity * 2)
    }

    /// Writes out if much has been collected.
    mutating func writeIfFull() throws(ExportError) {
        if bytes.count >= Self.capacity { try write() }
    }

    /// Writes out.
    mutating func write() throws(ExportError) {
        guard !bytes.isEmpty else { return }
        // Whatever happens, the same bytes are not written twice.
        defer { bytes.removeAll(keepingCapacity: true) }
        try output.write(bytes)
    }
}
