// Layer: ESEVerifyTests. Used by: DamageTests.
// The table of damages: space, catalog, records, long values, indexes.

import ESEFormat
import ESEVerify
import Testing

extension DamagedFile {
    /// The root of the tree of extents that a tree owns, and of those that it has free.
    func spaceRoots(_ root: PageNumber) throws -> (owned: UInt32, available: UInt32) {
        let external = Array(page(root.rawValue)[try layout(root.rawValue).externalHeader])
        let header = try SpaceHeader(decoding: external.span.bytes)
        let owned = try #require(header.ownedRoot)
        return (owned.rawValue, owned.rawValue + 1)
    }

    static func extent(_ first: UInt32, _ last: UInt32) throws -> PlainNode {
        let extent = try #require(Extent(first...last))
        return PlainNode(key: extent.key(), data: extent.data)
    }

    /// Puts an extent where its key belongs.
    mutating func insertExtent(_ first: UInt32, _ last: UInt32, into root: UInt32) throws {
        let node = try Self.extent(first, last)
        try editNodes(root) { nodes in
            let place = nodes.firstIndex { node.key.lexicographicallyPrecedes($0.key) } ?? nodes.count
            nodes.insert(node, at: place)
        }
    }

    /// The leaf and position of a record of People.
    func record(_ id: UInt32) throws -> (page: UInt32, index: Int) {
        let number = id ^ 0x8000_0000
        let key: [UInt8] = [0x7f] + (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
        return try leaf(of: table("People").objectID, with: key)
    }

    mutating func editRecord(_ id: UInt32, _ change: (inout [UInt8], Range<Int>) throws -> Void) throws {
        let (page, index) = try record(id)
        try editData(page, index, change)
    }

    /// A page of a table's long values, and the position of the root node of the first whole value of several chunks
    /// there.
    func longValue() throws -> (page: UInt32, index: Int) {
        let object = try #require(try table("People").longValueObjectID)
        for page in try pages(of: object, without: .spaceTree) {
            let nodes = try nodes(page)
            if let index = nodes.indices.first(where: { nodes[$0].key.count == 4 }) { return (page, index) }
        }
        throw NotThere()
    }

    mutating func indexLeaf(_ name: String) throws -> UInt32 {
        try pick(try pages(of: index(name, of: "People").objectID, without: .spaceTree.union(.parentOfLeaf)))
    }
}

extension Damagings {
    static let space: [Damaging] = [
        Damaging("an impossible space header", .spaceHeader) { file in
            try file.editExternal(try file.table("People").rootPage.rawValue) { $0.put(UInt32(0), at: 12) }
        },
        Damaging("another parent", .spaceParent) { file in
            try file.editExternal(try file.table("People").rootPage.rawValue) { $0.put(UInt32(24), at: 4) }
        },
        Damaging("an extent that starts before the file", .spaceExtent) { file in
            try file.editData(2, 0) { $0.put(UInt32(0x7000_0000), at: $1.lowerBound) }
        },
        Damaging("an extent beyond the file", .spaceBeyondEnd) { file in
            let owned = try file.spaceRoots(try file.table("People").rootPage).owned
            try file.insertExtent(file.lastPage - 1, file.lastPage + 50, into: owned)
        },
        Damaging("two extents with the same pages", .spaceOverlap) { file in
            let root = try file.table("People").rootPage
            let owned = try file.spaceRoots(root).owned
            let node = try file.nodes(owned)[0]
            let extent = try Extent.decode(key: node.key.span.bytes, data: node.data.span.bytes)
            let last = try #require(extent.extent).last.rawValue
            try file.insertExtent(last, last + 1, into: owned)
        },
        Damaging("pages of two owners", .spaceDoublyOwned) { file in
            let page = try file.leaf(of: "People")
            try file.insertExtent(page, page, into: try file.spaceRoots(try file.table("Others").rootPage).owned)
        },
        Damaging("pages that the parent doesn't own", .spaceNotParents) { file in
            let first = file.lastPage + 1
            file.bytes += [UInt8](repeating: 0, count: 4 * 4_096)
            try file.insertExtent(first, first + 3, into: try file.spaceRoots(try file.table("People").rootPage).owned)
        },
        Damaging("an extent is forgotten", .spaceNotOwned) { file in
            let owned = try file.spaceRoots(try file.table("People").rootPage).owned
            try file.editNodes(owned) { $0.removeLast() }
        },
        Damaging("a page in use is free", .spaceUsedAndFree) { file in
            let page = try file.leaf()
            try file.insertExtent(page, page, into: try file.spaceRoots(try file.table("People").rootPage).available)
        },
        Damaging("free pages are lost", .spaceLost) { file in try file.editNodes(3) { $0.removeLast() } },
        Damaging("an impossible reserve", .spaceSplitBuffer) { file in
            let owned = try file.spaceRoots(try file.table("People").rootPage).owned
            try file.editExternal(owned) { $0 = [2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
        },
        Damaging("bits for pages that aren't there", .spaceBitmap) { file in
            try file.editExternal(try file.table("Small").rootPage.rawValue) { $0[15] |= 0x80 }
        },
    ]

    static let catalog: [Damaging] = [
        Damaging("a row of no known type", .catalogRow) { file in
            try file.editCatalog(where: { $0.name == "Flag" }, shadowToo: false) { $0[$1.lowerBound + 8] = 99 }
        },
        Damaging("a row is missing in the shadow", .catalogShadowMissing) { file in
            try file.editNodes(try file.pages(of: ObjectID(3), without: .spaceTree)[0]) { $0.remove(at: 3) }
        },
        Damaging("a row of the shadow differs", .catalogShadowDiffers) { file in
            let page = try file.pages(of: ObjectID(3), without: .spaceTree)[0]
            try file.editData(page, 2) { $0[$1.upperBound - 1] ^= 1 }
        },
        Damaging("objects beyond the last", .catalogObject) { file in file.editHeader { $0.put(UInt32(3), at: 212) } },
        Damaging("an index without a root", .catalogRoot) { file in
            try file.editCatalog(where: { $0.name == "by Name" }) { $0.put(UInt32(0), at: $1.lowerBound + 14) }
        },
        Damaging("two objects with one root", .catalogRoot) { file in
            let page = try file.index("by Name", of: "People").rootPage
            try file.editCatalog(where: { $0.name == "by Score" }) { $0.put(page.rawValue, at: $1.lowerBound + 14) }
        },
        Damaging("a column of no table", .catalogOrphan) { file in
            try file.editCatalog(where: { $0.name == "Flag" }) { $0.put(UInt32(99), at: $1.lowerBound + 4) }
        },
        Damaging("a column of no type", .catalogColumn) { file in
            try file.editCatalog(where: { $0.name == "Flag" }) { $0.put(UInt32(99), at: $1.lowerBound + 14) }
        },
        Damaging("a column over another", .catalogOffset) { file in
            try file.editCatalog(where: { $0.name == "Score" }) { $0.put(UInt16(6), at: $1.lowerBound + 31) }
        },
        Damaging("an index over no column", .catalogIndex) { file in
            try file.editCatalog(where: { $0.name == "by Score" }) { page, data in
                // The key column's number: flags 0, reserved 0, column 2.
                let place = try #require(
                    (data.lowerBound..<(data.upperBound - 3)).last { Array(page[$0..<($0 + 4)]) == [0, 0, 2, 0] })
                page[place + 2] = 99
            }
        },
        Damaging("an object is not listed", .objectMissing) { file in
            let list = try file.table("MSysObjids")
            try file.editNodes(list.rootPage.rawValue) { $0.removeLast() }
        },
        Damaging("an object is listed that isn't there", .objectExtra) { file in
            let object = try file.table("Small").objectID.rawValue
            try file.editCatalog(where: { $0.name == "Small" && $0.kind == .table }) {
                $0.put(object + 1_000, at: $1.lowerBound + 10)
            }
        },
    ]

    static let records: [Damaging] = [
        Damaging("a record longer than it is", .recordMalformed) { file in
            try file.editRecord(7) { $0.put(UInt16(0x1000), at: $1.lowerBound + 2) }
        },
        Damaging("a record with a column less", .recordFixedSize) { file in
            try file.editRecord(7) { $0[$1.lowerBound] = 2 }
        },
        Damaging("a value with a byte more", .recordValueSize) { file in
            let (page, index) = try file.record(33)
            try file.editNodes(page) { $0[index].data.append(0) }
        },
        Damaging("a value longer than allowed", .recordValueLength) { file in
            try file.editCatalog(where: { $0.name == "Name" && $0.kind == .column && $0.flags & 1 == 0 }) {
                $0.put(UInt32(2), at: $1.lowerBound + 18)
            }
        },
        Damaging("tagged columns out of order", .recordTaggedOrder) { file in
            // Record 33 has a note and a number.
            try file.editRecord(33) { page, data in
                let record = try RecordLayout(page.span.bytes, data, isLarge: false)
                page.put(UInt16(300), at: record.tagged.lowerBound)
            }
        },
        Damaging("NULL bits of no column", .recordNullBits) { file in
            try file.editRecord(7) { page, data in
                let record = try RecordLayout(page.span.bytes, data, isLarge: false)
                page[record.nullBits] &= 0x0f
            }
        },
        Damaging("NULL where it can't be", .recordNull) { file in
            try file.editRecord(7) { page, data in
                let record = try RecordLayout(page.span.bytes, data, isLarge: false)
                page[record.nullBits] |= 1
            }
        },
        Damaging("a value that is not compressed", .recordCompression) { file in
            try file.editRecord(33) { page, data in
                let record = try RecordLayout(page.span.bytes, data, isLarge: false)
                let field = try record.taggedField(0, in: page.span.bytes)
                page[field.data.lowerBound - 1] |= 2
                page.put(UInt32(0xffff_ff18), at: field.data.lowerBound)
            }
        },
        Damaging("a record whose key is another's", .primaryKey) { file in
            try file.editRecord(7) { $0.put(UInt32(9_999), at: $1.lowerBound + 4) }
        },
    ]

    static let longValues: [Damaging] = [
        Damaging("a root of five bytes", .longValueMalformed, .longValueMissing) { file in
            let (page, index) = try file.longValue()
            try file.editNodes(page) {
                $0[index].data.removeLast(3)
                $0[index].key[3] = 0xee
            }
        },
        Damaging("a long value that isn't there", .longValueMissing, .longValueOrphan) { file in
            try file.editRecord(0) { page, data in
                let record = try RecordLayout(page.span.bytes, data, isLarge: false)
                for index in 0..<record.taggedCount {
                    let field = try record.taggedField(index, in: page.span.bytes)
                    guard field.flags.contains(.separated) else { continue }
                    page.put(UInt32(0x0fff_ffff), at: field.data.lowerBound)
                }
            }
        },
        Damaging("chunks without a root", .longValueHeadless) { file in
            let (page, index) = try file.longValue()
            try file.editNodes(page) { $0.remove(at: index) }
        },
        Damaging("a chunk is missing", .longValueChunk) { file in
            let object = try #require(try file.table("People").longValueObjectID)
            for page in try file.pages(of: object, without: .spaceTree) {
                let nodes = try file.nodes(page)
                guard let index = nodes.indices.dropFirst().first(where: { nodes[$0].key.count == 8 }) else { continue }
                return try file.editNodes(page) { $0[index].key[7] = 1 }
            }
            throw DamagedFile.NotThere()
        },
        Damaging("a root that says more bytes", .longValueSize) { file in
            let (page, index) = try file.longValue()
            try file.editData(page, index) { $0.put(UInt32(100_000), at: $1.lowerBound + 4) }
        },
        Damaging("a chunk that is cut", .longValueCompression) { file in
            let object = try #require(try file.table("People").longValueObjectID)
            for page in try file.pages(of: object, without: .spaceTree) {
                guard let index = try file.nodes(page).firstIndex(where: { $0.key.count == 8 }) else { continue }
                return try file.editNodes(page) { nodes in
                    nodes[index].data.removeLast(20)
                    nodes[index].data[0] = 0x18
                }
            }
            throw DamagedFile.NotThere()
        },
        Damaging("a long value has other references", .longValueReferences) { file in
            let (page, index) = try file.longValue()
            try file.editData(page, index) { $0.put(UInt32(7), at: $1.lowerBound) }
        },
        Damaging("a long value that nobody has", .longValueOrphan) { file in
            let (page, index) = try file.record(13)
            try file.editNodes(page) { $0.remove(at: index) }
        },
    ]

    static let indexes: [Damaging] = [
        Damaging("a record is gone", .indexDangling) { file in
            try file.editNodes(try file.leaf()) { $0.remove(at: 1) }
        },
        Damaging("an entry is gone", .indexMissing) { file in
            try file.editNodes(try file.indexLeaf("by Score")) { $0.remove(at: 1) }
        },
        Damaging("a record with another value", .indexMissing, .indexExtra) { file in
            try file.editRecord(7) { $0.put(UInt32(77_777), at: $1.lowerBound + 8) }
        },
        Damaging("an entry for another record", .indexMissing, .indexExtra) { file in
            try file.editNodes(try file.indexLeaf("by Score")) { nodes in
                let other = nodes[2].data
                nodes[1].data = other
            }
        },
        Damaging("a key twice in a unique index", .indexDuplicate) { file in
            try file.editNodes(try file.indexLeaf("by Score")) { $0.insert($0[1], at: 1) }
        },
        Damaging("NULL in an index without", .indexNull) { file in
            try file.editCatalog(where: { $0.name == "by Maybe" }) { $0[$1.lowerBound + 22] |= 0x10 }
        },
        Damaging("an order that nobody knows", .indexNotRecomputed) { file in
            try file.editCatalog(where: { $0.name == "by Text" }) {
                $0.put(UInt32(0x0800_0401), at: $1.lowerBound + 33)
            }
        },
    ]
}
