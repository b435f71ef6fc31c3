// Layer: ESEVerifyTests. Used by: DamageTests.
// A database in memory that can be damaged in one precise way: every change of a page is sealed again, so that the
// checksum fits and the damage has to be found by what it breaks.

import ESEFormat
import ESEReader
import Primitives
import Testing

/// A node with its whole key.
struct PlainNode {
    var key: [UInt8]
    var data: [UInt8]
    var flags: NodeFlags = []
}

/// The bytes of a database, to be changed.
struct DamagedFile {
    var bytes: [UInt8]
    let size: PageSize
    var random: SeededRandom
    let tables: [TableDefinition]

    init(_ bytes: [UInt8], seed: UInt64) throws {
        self.bytes = bytes
        random = SeededRandom(seed: seed)
        let database = try ESEDatabase(readingFrom: MemorySource(bytes))
        size = database.pageSize
        tables = database.tables.map(\.definition)
    }

    var lastPage: UInt32 { UInt32(bytes.count / size.byteCount) - 2 }

    func table(_ name: String) throws -> TableDefinition { try #require(tables.first { $0.name == name }) }

    func index(_ name: String, of table: String) throws -> IndexDefinition {
        try #require(try self.table(table).indexes.first { $0.name == name })
    }

    mutating func pick<T>(_ all: [T]) throws -> T {
        try #require(!all.isEmpty)
        return all[Int(random.next() % UInt64(all.count))]
    }

    // MARK: Pages.

    func range(_ page: UInt32) -> Range<Int> {
        let start = Int(size.fileOffset(of: PageNumber(page)))
        return start..<(start + size.byteCount)
    }

    func page(_ number: UInt32) -> [UInt8] { Array(bytes[range(number)]) }

    mutating func setRaw(_ number: UInt32, _ page: [UInt8]) { bytes.replaceSubrange(range(number), with: page) }

    /// Changes a page and seals it.
    mutating func edit(_ number: UInt32, _ change: (inout [UInt8]) throws -> Void) throws {
        var page = page(number)
        try change(&page)
        try PageChecksum.seal(&page, number: PageNumber(number), size: size)
        setRaw(number, page)
    }

    /// Changes a header and seals it; both if `copies` says so.
    mutating func editHeader(_ copies: [Int] = [0, 1], _ change: (inout [UInt8]) -> Void) {
        for copy in copies {
            let range = (copy * size.byteCount)..<((copy + 1) * size.byteCount)
            var page = Array(bytes[range])
            change(&page)
            page.put(XORChecksum.compute(page.span.bytes), at: 0)
            bytes.replaceSubrange(range, with: page)
        }
    }

    func header(_ number: UInt32) throws -> PageHeader { try PageHeader(page(number).span.bytes, size: size) }

    /// The pages of a tree that have all of some flags and none of others, in order of their numbers.
    func pages(
        of object: ObjectID, with flags: PageFlags = [.leaf], without: PageFlags = [.spaceTree, .root]
    ) throws -> [UInt32] {
        try (1...lastPage).filter { number in
            let header = try header(number)
            return header.tagCount > 0 && header.objectID == object && header.flags.isSuperset(of: flags)
                && header.flags.isDisjoint(with: without.union(.empty))
        }
    }

    /// A leaf that is not the root, of a table.
    mutating func leaf(of table: String = "People") throws -> UInt32 {
        try pick(try pages(of: self.table(table).objectID))
    }

    /// The leaf in a tree where a key is.
    func leaf(of object: ObjectID, with key: [UInt8]) throws -> (page: UInt32, index: Int) {
        for page in try pages(of: object, with: .leaf, without: .spaceTree) {
            if let index = try nodes(page).firstIndex(where: { $0.key == key }) { return (page, index) }
        }
        throw NotThere()
    }

    struct NotThere: Error {}

    // MARK: Nodes.

    func layout(_ number: UInt32) throws -> PageLayout { try PageLayout(page(number).span.bytes, size: size) }

    func nodes(_ number: UInt32) throws -> [PlainNode] {
        let page = page(number)
        let layout = try layout(number)
        return try (0..<layout.nodeCount).map { index in
            let node = try layout.node(index, in: page.span.bytes)
            return PlainNode(
                key: layout.key(of: node, in: page.span.bytes), data: page.span.bytes.bytes(node.data),
                flags: node.flags.subtracting(.compressed))
        }
    }

    func node(_ number: UInt32, _ index: Int) throws -> Node {
        let page = page(number)
        return try layout(number).node(index, in: page.span.bytes)
    }

    /// Changes the nodes of a page: it is written anew, without a prefix. Small pages only.
    mutating func editNodes(_ number: UInt32, _ change: (inout [PlainNode]) throws -> Void) throws {
        var nodes = try nodes(number)
        try change(&nodes)
        let isRoot = try layout(number).isRoot
        let external = isRoot ? Array(page(number)[try layout(number).externalHeader]) : []
        try edit(number) { page in try Self.write(nodes, external, to: &page) }
    }

    /// Changes the external header of a root.
    mutating func editExternal(_ number: UInt32, _ change: (inout [UInt8]) -> Void) throws {
        var external = Array(page(number)[try layout(number).externalHeader])
        change(&external)
        let nodes = try nodes(number)
        try edit(number) { page in try Self.write(nodes, external, to: &page) }
    }

    private static func write(_ nodes: [PlainNode], _ external: [UInt8], to page: inout [UInt8]) throws {
        var used = external
        var tags: [(count: Int, offset: Int, flags: NodeFlags)] = [(external.count, 0, [])]
        for node in nodes {
            let start = used.count
            used += [UInt8(node.key.count & 0xff), UInt8(node.key.count >> 8)] + node.key + node.data
            tags.append((used.count - start, start, node.flags))
        }
        let free = page.count - 40 - used.count - 4 * tags.count
        try #require(free >= 0, "the page has room")
        page.replaceSubrange(40..<page.count, with: used + Array(repeating: 0, count: page.count - 40 - used.count))
        for (index, tag) in tags.enumerated() {
            page.put(UInt16(tag.count), at: page.count - 4 * (index + 1))
            page.put(UInt16(tag.offset) | UInt16(tag.flags.rawValue) << 13, at: page.count - 4 * (index + 1) + 2)
        }
        page.put(UInt16(free), at: 28)
        page.put(UInt16(0), at: 30)
        page.put(UInt16(used.count), at: 32)
        let state: UInt16 = try page.span.bytes.little(34)
        page.put(state & 0xf000 | UInt16(tags.count), at: 34)
    }

    /// Changes the bytes of a node's data where they are.
    mutating func editData(_ number: UInt32, _ index: Int, _ change: (inout [UInt8], Range<Int>) throws -> Void) throws
    {
        let data = try node(number, index).data
        try edit(number) { page in try change(&page, data) }
    }

    /// Changes the same row of the catalog and of its shadow.
    mutating func editCatalog(
        where isWanted: (CatalogRow) -> Bool, shadowToo: Bool = true,
        _ change: (inout [UInt8], Range<Int>) throws -> Void
    ) throws {
        var found = 0
        for object in [ObjectID(2), ObjectID(3)] where shadowToo || object == ObjectID(2) {
            for page in try pages(of: object, without: .spaceTree) {
                for (index, node) in try nodes(page).enumerated() {
                    let row = try CatalogRow(node.data.span.bytes, 0..<node.data.count, isLarge: size.isLarge)
                    guard isWanted(row) else { continue }
                    try editData(page, index, change)
                    found += 1
                    break
                }
            }
        }
        try #require(found > 0, "there is such a row")
    }
}

extension [UInt8] {
    mutating func put<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        for index in 0..<(T.bitWidth / 8) { self[offset + index] = UInt8(truncatingIfNeeded: value >> T(8 * index)) }
    }

    func word<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) throws -> T {
        try span.bytes.little(offset)
    }
}
