// Layer: ESEFormat/LongValue. Uses: LongValueID, LongValueRoot. Used by: the engine, the test kit's databases.
// Long values in the writing direction: the nodes that a value becomes.

extension LongValueID {
    /// Cuts a value into chunks and hands out the nodes of its tree in order: the root node, then the chunks.
    /// - Parameters:
    ///   - value: The uncompressed value.
    ///   - chunkByteCount: Bytes of the value in each chunk but the last.
    ///   - compress: Gets each chunk and may answer with a shorter form; nil to keep the chunk as it is. A form that
    ///     isn't shorter is not used: being shorter is the only sign of a compressed chunk.
    ///   - body: Gets the key and the data of each node.
    public func forEachNode<Failure: Error>(
        of value: RawSpan, referenceCount: UInt32 = 1, flags: UInt8? = nil, chunkByteCount: Int,
        compress: ((RawSpan) -> [UInt8]?)? = nil, _ body: (_ key: [UInt8], _ data: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(chunkByteCount > 0, "a chunk has bytes")
        let root = LongValueRoot(
            referenceCount: referenceCount, byteCount: UInt32(truncatingIfNeeded: value.byteCount), flags: flags)
        try body(keyBytes, root.bytes)
        for start in stride(from: 0, to: value.byteCount, by: chunkByteCount) {
            let end = min(start + chunkByteCount, value.byteCount)
            var data = value.bytes(start..<end)
            if let shorter = compress?(value.extracting(start..<end)), shorter.count < data.count { data = shorter }
            try body(chunkKey(at: UInt32(truncatingIfNeeded: start)), data)
        }
    }
}
