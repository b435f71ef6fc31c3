// Layer: ESEEngine/1-Page. Uses: Page. Used by: splits and merges, redo.
// A page as it was before nodes moved away from it, as log records carry it: without the free part in the middle, and
// compressed. Redo needs it if the page that took the nodes was lost and the one that gave them was written.
//
// Unsafe: what comes from a log is copied behind checks of its counts, and then checked as a page from a file.

public import ESEFormat

/// A page in a log record.
public struct BeforeImage {
    /// How it was made smaller.
    public let flags: BeforeImageFlags
    /// What remained.
    public let bytes: [UInt8]

    /// Takes a page. Its nodes stay where they are.
    /// - Parameters:
    ///   - databaseTime: The time that the change gives the page; images carry this one.
    ///   - compresses: Whether time is spent to make it smaller.
    public init(of page: Page, databaseTime: DatabaseTime, compresses: Bool = true) {
        let body = page.headerByteCount + page.usedByteCount
        let tags = 4 * page.tagCount
        // Tags are aligned to two bytes. As in ESE, less than a tenth is not worth it.
        var count = (body + tags + 1) & ~1
        var flags: BeforeImageFlags = .dehydrated
        if count > page.byteCount * 9 / 10 { (count, flags) = (page.byteCount, []) }
        var image = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let start = UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
            start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
            start.copyMemory(from: page.base, byteCount: body)
            (start + (count - tags)).copyMemory(from: page.base + (page.byteCount - tags), byteCount: tags)
            start.storeBytes(of: 0 as UInt64, as: UInt64.self)
            start.storeBytes(
                of: databaseTime.rawValue.littleEndian, toByteOffset: Page.Field.databaseTime, as: UInt64.self)
            let free = UInt16(truncatingIfNeeded: page.freeByteCount - (page.byteCount - count))
            start.storeBytes(of: free.littleEndian, toByteOffset: Page.Field.free, as: UInt16.self)
            let pageFlags = page.flags.subtracting(.newChecksum).rawValue
            start.storeBytes(of: pageFlags.littleEndian, toByteOffset: Page.Field.flags, as: UInt32.self)
            initializedCount = count
        }
        if compresses, let packed = Compressor.compress(image.span.bytes, minimumForXpress: 0),
            packed.count < image.count
        {
            image = packed
            flags.insert(.compressed)
        }
        self.flags = flags
        bytes = image
    }

    /// Takes what a log record carries.
    public init(flags: BeforeImageFlags, bytes: [UInt8]) {
        self.flags = flags
        self.bytes = bytes
    }

    /// Puts the page back.
    /// - Parameters:
    ///   - page: Memory of the right size; what it holds is lost, even if the image turns out to be malformed.
    ///   - databaseTime: The time the page had before.
    /// - Throws: `logFileCorrupt` if it is no page.
    public func restore(
        to page: Page, number: PageNumber, databaseTime: DatabaseTime
    ) throws(JetError) {
        if flags.contains(.compressed) {
            let expanded: [UInt8]
            do {
                expanded = try Compression.expand(bytes.span.bytes, limit: page.byteCount)
            } catch {
                throw .logFileCorrupt
            }
            try expanded.lend { (image) throws(JetError) in try rehydrate(image, to: page) }
        } else {
            try bytes.lend { (image) throws(JetError) in try rehydrate(image, to: page) }
        }
        page.databaseTime = databaseTime
        guard page.check(number: number) == nil else { throw .logFileCorrupt }
    }

    private func rehydrate(_ image: Bytes, to page: Page) throws(JetError) {
        let count = image.byteCount
        let missing = page.byteCount - count
        guard missing >= 0, flags.contains(.dehydrated) || missing == 0, count >= page.headerByteCount else {
            throw .logFileCorrupt
        }
        page.base.copyMemory(from: image.start, byteCount: page.headerByteCount)
        let body = page.headerByteCount + page.usedByteCount
        let tags = 4 * page.tagCount
        guard body + tags <= count, page.freeByteCount + missing <= page.byteCount else { throw .logFileCorrupt }
        page.base.copyMemory(from: image.start, byteCount: body)
        (page.base + body).initializeMemory(as: UInt8.self, repeating: 0, count: page.byteCount - body - tags)
        (page.base + (page.byteCount - tags)).copyMemory(from: image.end - tags, byteCount: tags)
        page.freeByteCount += missing
    }
}
