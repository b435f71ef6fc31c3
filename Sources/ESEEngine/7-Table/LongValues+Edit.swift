// Layer: ESEEngine/7-Table. Uses: LongValuesCursor. Used by: cursors of tables (JetSetColumn).
// Changes of a long value: only the chunks that change are written; a value that others have too is copied first.

public import ESEFormat

extension LongValues {
    /// Changes a value. ESE: ErrRECAOSeparateLV.
    /// - Parameters:
    ///   - operation: `append`, `overwrite`, `resize` and `overwriteAndResize` change the value; `replace` and `zeros`
    ///     make a new one and release this one.
    ///   - bytes: The new bytes; `resize` and `zeros` need none.
    ///   - byteCount: The count of new bytes; for `resize` and `zeros` the new size.
    ///   - offset: With `overwrite` and `overwriteAndResize` where the bytes go, up to the value's size.
    ///   - isCompressed: Whether chunks that are written are compressed if they get shorter by it.
    ///   - update: The update it belongs to; 0 for none.
    /// - Returns: The ID of the changed value: another one if the value had several references, of which this then is
    ///   one less.
    /// - Throws: `columnNoChunk` for an offset behind the end, `columnTooBig` for more than 2 GiB less one,
    ///   `writeConflict` if somebody else changes the value or nobody has it any more, `lvCorrupted`,
    ///   `invalidParameter` for other operations, what trees throw.
    public func edit(
        _ id: LongValueID, _ operation: LongValueOperation, _ bytes: UnsafeRawBufferPointer, byteCount: Int,
        offset: Int, isCompressed: Bool, update: UInt32 = 0, _ worker: Worker
    ) throws(JetError) -> LongValueID {
        let needsBytes = operation != .resize && operation != .zeros
        precondition(byteCount >= 0 && offset >= 0 && (!needsBytes || bytes.count == byteCount), "counts must agree")
        guard byteCount <= Self.greatestByteCount else { throw .columnTooBig }
        switch operation {
        case .replace:
            try release(id, update: update, worker)
            return try insert(bytes, isCompressed: isCompressed, update: update, worker)
        case .zeros:
            try release(id, update: update, worker)
            return try insertZeros(byteCount: byteCount, isCompressed: isCompressed, update: update, worker)
        case .append, .resize, .overwrite, .overwriteAndResize: break
        case .none, .null, .empty: throw .invalidParameter
        }
        let cursor = LongValueCursor(self, worker)
        let root = try cursor.root(of: id)
        guard root.referenceCount > 0 else { throw .writeConflict }
        let old = root.byteCount
        let writesOver = operation == .overwrite || operation == .overwriteAndResize
        if writesOver, offset > old { throw .columnNoChunk }
        let new = operation.byteCount(old: old, new: byteCount, offset: offset)
        guard new <= Self.greatestByteCount else { throw .columnTooBig }
        let range: Range<Int> =
            switch operation {
            case .append: old..<new
            case .resize: min(old, new)..<new
            default: offset..<(offset + byteCount)
            }
        let write = LongValueWrite(
            range: range, source: needsBytes ? bytes.baseAddress : nil, isCompressed: isCompressed, update: update)
        if root.referenceCount > 1 { return try changeCopy(of: id, old, new, write, cursor) }
        do throws(JetError) {
            try cursor.takeRoot(old: old, new: new, update: update)
        } catch {
            // Somebody refers to it, or did so until now, unseen: it is his. Whoever changes it is another matter.
            let name = tree.name(Bookmark(key: cursor.key(id)))
            guard error == .writeConflict,
                tree.database.versions.hasActiveDelta(name, at: 0, notOf: worker.transaction)
            else { throw error }
            return try changeCopy(of: id, old, new, write, cursor)
        }
        try cursor.change(id, from: old, to: new, write)
        return id
    }

    /// Copies a value as far as the change leaves it and does the change there. ESE: ErrRECIBurstSeparateLV.
    private func changeCopy(
        of id: LongValueID, _ old: Int, _ new: Int, _ write: LongValueWrite, _ cursor: LongValueCursor
    ) throws(JetError) -> LongValueID {
        try release(id, update: write.update, cursor.cursor.worker)
        // What is written up to the new end need not be copied.
        let kept = write.range.upperBound == new ? write.range.lowerBound : min(old, new)
        let copy = try makeID()
        try cursor.insertRoot(copy, byteCount: new, update: write.update)
        try cursor.copy(id, size: old, kept, to: copy, isCompressed: write.isCompressed, update: write.update)
        try cursor.change(copy, from: kept, to: new, write)
        return copy
    }
}
