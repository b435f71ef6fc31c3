// Layer: ESEReader/Rows. Uses: RowCursor. Used by: whoever shows a page as it is.
// The records of one page, without a way down the tree and without asking for the checksum.

public import ESEFormat

extension ESETable {
    /// The records of one leaf, deleted ones too; `RowCursor.position` is the node. Nothing is asked of the page but
    /// that
    /// its tags can be followed, so that a damaged page can be looked at.
    /// - Parameters:
    ///   - bytes: a whole page, such as `ESEDatabase.rawPage` gives.
    ///   - number: its number, for reports.
    /// - Throws: `FormatError` if the page's header is impossible.
    public func rows(onPage bytes: [UInt8], number: PageNumber) throws(FormatError) -> RowCursor {
        let frame = try PageFrame(number: number, bytes: bytes, size: core.store.size)
        var options = RowOptions()
        options.includesDeleted = true
        return RowCursor(definition, core: core, source: PageRows(frame), options: options)
    }
}

/// The nodes of one page.
private final class PageRows: RowSource {
    private let frame: PageFrame
    private var index = 0

    init(_ frame: PageFrame) { self.frame = frame }

    func next() -> (frame: PageFrame, index: Int)? {
        guard index < frame.layout.nodeCount else { return nil }
        defer { index += 1 }
        return (frame, index)
    }
}
