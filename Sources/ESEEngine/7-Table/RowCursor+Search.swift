// Layer: ESEEngine/7-Table. Uses: RowCursor, SearchKey. Used by: the Swift API, the C API, the catalog.
// Searches by the search key, and ranges of keys.

import ESEFormat

/// What a search found.
public enum SeekResult: UInt8, Sendable {
    /// No row; the cursor is where it would be.
    case notFound
    /// A row with the key.
    case equal
    /// The nearest one on the side that was asked for. C name: JET_wrnSeekNotEqual.
    case notEqual
}

/// A limit of moves. ESE's term: an index range.
final class KeyRange {
    /// The limit.
    let key: [UInt8]
    /// Whether it is the greatest one, for moves forward; else the smallest.
    let isUpper: Bool
    /// Whether rows with the limit as their key are in the range.
    let isInclusive: Bool

    init(_ key: [UInt8], isUpper: Bool, isInclusive: Bool) {
        self.key = key
        self.isUpper = isUpper
        self.isInclusive = isInclusive
    }

    /// Whether a key is on the right side of the limit.
    func contains(_ key: BytePieces) -> Bool {
        self.key.lend { (limit: Bytes) in
            let order = BytePieces.compare(key, BytePieces(limit))
            return isInclusive ? (isUpper ? order <= 0 : order >= 0) : isUpper ? order < 0 : order > 0
        }
    }
}

extension RowCursor {
    /// Adds a key column to the search key. See `SearchKey.add`. C name: JetMakeKey.
    public func makeKey(_ value: UnsafeRawBufferPointer?, _ options: MakeKeyOptions) throws(JetError) {
        refresh()
        try searchKey.add(value, options, plan, schema.shape, session.scratch)
    }

    /// Makes the search key the key of the row: its entry's or its record's.
    public func takeKeyOfRow() throws(JetError) {
        if place != .onRow { try needRow() }
        let key = current.currentBookmark().key
        try searchKey.setNormalized(key.buffer, keyByteCount: plan?.maximum ?? 255)
    }

    /// How keys of the current order are made; nil for numbered records.
    var plan: KeyPlan? { index?.plan ?? (index == nil ? schema.primary : nil) }

    /// Searches the search key. C name: JetSeek.
    /// - Throws: `keyNotMade`.
    @inline(__always)
    public func seek(_ kind: SeekKind) throws(JetError) -> SeekResult {
        refresh()
        let key = Bytes(try searchKey.bytes())
        forgetRange()
        return try seek(key, kind)
    }

    /// Searches a key of the current order.
    public func seek(_ key: Bytes, _ kind: SeekKind) throws(JetError) -> SeekResult {
        if !state.pointee.hasSecondary, kind == .equal {
            guard try primary.seek(key, kind) else {
                standInGap(key)
                return .notFound
            }
            primary.release()
            place = .onRow
            return .equal
        }
        guard try current.seek(key, kind) else {
            switch kind {
            case .equal: standInGap(key)
            case .greaterOrEqual, .greater: place = .afterLast
            case .lessOrEqual, .less: place = .beforeFirst
            }
            isOnRecord = false
            return .notFound
        }
        let isEqual = kind == .equal || (kind != .greater && kind != .less && current.compareKey(key) == 0)
        leave()
        place = .onRow
        return isEqual ? .equal : .notEqual
    }

    /// Whether the row is the only one with its key. C name: JET_wrnUniqueKey.
    public func isKeyUnique() throws(JetError) -> Bool {
        if place != .onRow { try needRow() }
        guard let index, let secondary, !index.isUnique else { return true }
        let key = secondary.currentBookmark().key.array()
        let other = TreeCursor(index.tree, session.worker)
        return try key.lend { (key) throws(JetError) in
            guard try other.seek(key, .equal), try other.next() else { return true }
            return other.compareKey(key) != 0
        }
    }

    // MARK: Ranges.

    /// Limits moves by the search key, which is used up.
    /// - Returns: False if the cursor itself is beyond the limit: then there is no range, and the cursor is beyond the
    ///   end. C name: JetSetIndexRange.
    /// - Throws: `keyNotMade`.
    public func setRange(isUpper: Bool, isInclusive: Bool, isForOnce: Bool = false) throws(JetError) -> Bool {
        refresh()
        let new = KeyRange([UInt8](try searchKey.bytes()), isUpper: isUpper, isInclusive: isInclusive)
        searchKey.reset()
        if place == .firstDeferred { _ = try settle() }
        let isInside =
            switch place {
            case .onRow: new.contains(BytePieces(current.currentBookmark().key))
            case .inGap: new.contains(BytePieces(gap.bookmark.key))
            case .firstDeferred, .beforeFirst, .afterLast, .beyondRange: true
            }
        guard isInside else {
            forgetRange()
            reset(to: isUpper ? .afterLast : .beforeFirst)
            return false
        }
        setRange(isForOnce ? nil : new)
        return true
    }

    /// Takes the limit away.
    /// - Throws: `invalidOperation` if there is none.
    public func removeRange() throws(JetError) {
        guard range != nil else { throw .invalidOperation }
        forgetRange()
    }

    func forgetRange() { if state.pointee.hasRange { setRange(nil) } }
}
