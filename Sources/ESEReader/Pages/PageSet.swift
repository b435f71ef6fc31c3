// Layer: ESEReader/Pages. Used by: trees, verification.

public import ESEFormat

/// A set of pages: a bit for each, memory only where there are any.
public struct PageSet: Sendable {
    private static let pagesInBlock = 4_096
    private var blocks: [UInt32: [UInt64]] = [:]
    /// How many pages it has.
    public private(set) var count = 0

    /// Makes an empty set.
    public init() {}

    /// Adds a page; false if it was there.
    public mutating func insert(_ page: PageNumber) -> Bool {
        let block = page.rawValue / UInt32(Self.pagesInBlock)
        let bit = Int(page.rawValue) % Self.pagesInBlock
        let mask: UInt64 = 1 << UInt64(bit % 64)
        let isNew = blocks[block, default: Array(repeating: 0, count: Self.pagesInBlock / 64)].withElement(bit / 64) {
            word -> Bool in
            defer { word |= mask }
            return word & mask == 0
        }
        if isNew { count += 1 }
        return isNew
    }

    /// Whether a page is in it.
    public func contains(_ page: PageNumber) -> Bool {
        guard let block = blocks[page.rawValue / UInt32(Self.pagesInBlock)] else { return false }
        let bit = Int(page.rawValue) % Self.pagesInBlock
        return block[bit / 64] >> UInt64(bit % 64) & 1 == 1
    }
}

extension Array {
    /// Changes an element where it is.
    fileprivate mutating func withElement<R>(_ index: Int, _ body: (inout Element) -> R) -> R { body(&self[index]) }
}
