// Layer: ESETestKit/Fuzzing. Uses: PageLayout, PageChecksum. Used by: DatabaseMutator, the fuzzers.
// A database in memory whose bytes may be changed and whose pages may be sealed again.

public import ESEFormat

/// A database in memory that is about to be damaged.
public struct DatabaseImage: Sendable {
    /// What it is called in reports: a path, or the name of a database that was built.
    public let name: String
    /// The size of its pages, as it was before any damage.
    public let size: PageSize
    /// The whole file.
    public var bytes: [UInt8]
    /// The pages that hold something, as they were before any damage, by what they are.
    let pages: [PageGroup: [PageNumber]]

    /// What mutations choose pages by.
    enum PageGroup: CaseIterable {
        case any, root, branch, leaf, catalog, longValue, space, index
    }

    /// Takes a valid database; nil if its page size is impossible or it has no pages.
    public init?(_ bytes: [UInt8], name: String) {
        guard let stored = try? bytes.span.bytes.little(236, as: UInt32.self) else { return nil }
        // Old databases say 0 and mean 4 KiB.
        guard let size = PageSize(rawValue: stored == 0 ? 4_096 : Int(stored)), bytes.count / size.byteCount > 2
        else { return nil }
        self.name = name
        self.size = size
        self.bytes = bytes
        pages = Self.groups(bytes, size)
    }

    private static func groups(_ bytes: [UInt8], _ size: PageSize) -> [PageGroup: [PageNumber]] {
        var groups: [PageGroup: [PageNumber]] = [:]
        for number in 1..<(bytes.count / size.byteCount - 1) {
            let start = (number + 1) * size.byteCount
            let page = bytes.span.bytes.extracting(start..<(start + size.byteCount))
            guard let header = try? PageHeader(page, size: size), header.tagCount > 0,
                !header.flags.contains(.empty)
            else { continue }
            let number = PageNumber(UInt32(number))
            groups[.any, default: []].append(number)
            if header.flags.contains(.root) { groups[.root, default: []].append(number) }
            if header.flags.contains(.spaceTree) {
                groups[.space, default: []].append(number)
                continue
            }
            groups[header.flags.contains(.leaf) ? .leaf : .branch, default: []].append(number)
            if header.objectID == ObjectID(2) || header.objectID == ObjectID(3) {
                groups[.catalog, default: []].append(number)
            }
            if header.flags.contains(.longValue) { groups[.longValue, default: []].append(number) }
            if header.flags.contains(.index) { groups[.index, default: []].append(number) }
        }
        return groups
    }

    /// How many pages lie wholly in the file as it is now, the two headers not counted.
    public var pageCount: Int { max(0, bytes.count / size.byteCount - 2) }

    /// Where a page lies; nil if not wholly in the file.
    func range(of page: PageNumber) -> Range<Int>? {
        let start = (Int(page.rawValue) + 1) * size.byteCount
        guard page != .none, start + size.byteCount <= bytes.count else { return nil }
        return start..<(start + size.byteCount)
    }

    /// A page's bytes; nil if it doesn't lie wholly in the file.
    func page(_ number: PageNumber) -> [UInt8]? { range(of: number).map { Array(bytes[$0]) } }

    /// Makes the checksum of a page right again, so that damage gets past it.
    mutating func seal(_ number: PageNumber) {
        guard let range = range(of: number) else { return }
        var page = Array(bytes[range])
        // A page of all zeros is one that was never written, and shall stay that.
        guard page.contains(where: { $0 != 0 }) else { return }
        guard (try? PageChecksum.seal(&page, number: number, size: size)) != nil else { return }
        bytes.replaceSubrange(range, with: page)
    }

    /// Makes the checksum of a header page right again: the XOR of all words behind it.
    mutating func sealHeader(at start: Int) {
        guard start + size.byteCount <= bytes.count else { return }
        var sum: UInt32 = 0x89ab_cdef
        for place in stride(from: start + 4, to: start + size.byteCount, by: 4) {
            sum ^= (try? bytes.span.bytes.little(place, as: UInt32.self)) ?? 0
        }
        store(sum, at: start)
    }

    /// Writes an integer, least significant byte first; nothing where the file has no room for it.
    mutating func store<T: FixedWidthInteger>(_ value: T, at place: Int) {
        let count = T.bitWidth / 8
        guard place >= 0, place <= bytes.count - count else { return }
        for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> T(8 * index)) }
    }

    /// Reads an integer, least significant byte first; 0 where there is none.
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ place: Int, as type: T.Type = T.self) -> T {
        (try? bytes.span.bytes.little(place, as: type)) ?? 0
    }
}
