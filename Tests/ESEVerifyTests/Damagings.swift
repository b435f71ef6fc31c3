// Layer: ESEVerifyTests. Used by: DamageTests.
// The table of damages: header, pages and trees here.

import ESEFormat
import ESEVerify
import Testing

enum Damagings {
    static let all = header + pages + trees + space + catalog + records + longValues + indexes

    static let header: [Damaging] = [
        Damaging("a bit of the header", .headerChecksum) { $0.bytes[100] ^= 1 },
        Damaging("a bit of the shadow", .headerChecksum) { $0.bytes[4_096 + 100] ^= 1 },
        Damaging("the shadow is another", .headerShadow) { file in
            file.editHeader([1]) { $0.put(UInt32(77), at: 220) }
        },
        Damaging("clean, but logs are needed", .headerState) { file in file.editHeader { $0.put(UInt32(5), at: 296) } },
        Damaging("clean, but not consistent with its detaching", .headerState) { file in
            file.editHeader { $0[60] ^= 0xff }
        },
        Damaging("a state that isn't one", .headerState) { file in file.editHeader { $0.put(UInt32(99), at: 52) } },
        Damaging("another format", .headerField) { file in file.editHeader { $0.put(UInt32(0x623), at: 8) } },
        Damaging("another kind of file", .headerField) { file in file.editHeader { $0.put(UInt32(3), at: 667) } },
        Damaging("bytes behind the header's fields", .headerField) { file in file.editHeader { $0[3_000] = 1 } },
        Damaging("a format of the future", .headerVersion) { file in file.editHeader { $0.put(UInt32(999), at: 232) } },
        Damaging("the end is missing", .fileLength) { $0.bytes.removeLast(12 * 4_096) },
        Damaging("half a page at the end", .fileTail) { $0.bytes += [UInt8](repeating: 7, count: 100) },
    ]

    static let pages: [Damaging] = [
        Damaging("bytes of a page", .pageChecksum) { file in
            let start = file.range(try file.leaf()).lowerBound
            for place in [200, 300, 301] { file.bytes[start + place] ^= 0x5a }
        },
        Damaging("one bit of a page", .pageBit) { file in
            file.bytes[file.range(try file.leaf()).lowerBound + 500] ^= 0x10
        },
        Damaging("two pages changed places", .pageMisplaced) { file in
            let leaves = try file.pages(of: file.table("People").objectID)
            let (a, b) = (file.page(leaves[1]), file.page(leaves[2]))
            file.setRaw(leaves[1], b)
            file.setRaw(leaves[2], a)
        },
        Damaging("a page of zeros", .pageUninitialized) { file in
            file.setRaw(try file.leaf(), [UInt8](repeating: 0, count: 4_096))
        },
        Damaging("too many tags", .pageHeader) { file in
            try file.edit(try file.leaf()) { $0.put(UInt16(0xfff), at: 34) }
        },
        Damaging("too few free bytes", .pageFreeCount) { file in
            try file.edit(try file.leaf()) { $0.put(try $0.word(28, as: UInt16.self) - 1, at: 28) }
        },
        Damaging("more kept than free", .pageUncommittedFree) { file in
            try file.edit(try file.leaf()) { $0.put(UInt16(4_000), at: 30) }
        },
        Damaging("a free page in use", .pageFlags) { file in
            try file.edit(try file.leaf()) { $0.put(try $0.word(36, as: UInt32.self) | 8, at: 36) }
        },
        Damaging("a page of the future", .pageTime) { file in
            try file.edit(try file.leaf()) { $0.put(UInt64(1) << 40, at: 8) }
        },
        Damaging("a tag points outside", .tagRange) { file in
            try file.edit(try file.leaf()) { $0.put(UInt16(0x0ff0), at: 4_096 - 4 * 4 + 2) }
        },
        Damaging("two tags share bytes", .tagOverlap) { file in
            try file.edit(try file.leaf()) {
                $0.put(try $0.word(4_096 - 4 * 3 + 2, as: UInt16.self) + 5, at: 4_096 - 4 * 3 + 2)
            }
        },
        Damaging("a tag without bytes", .tagEmpty) { file in
            try file.edit(try file.leaf()) { page in
                let place = 4_096 - 4 * 3
                page.put(try page.word(28, as: UInt16.self) + (try page.word(place, as: UInt16.self) & 0x1fff), at: 28)
                page.put(UInt16(0), at: place)
            }
        },
        Damaging("too much of the prefix", .prefixLength) { file in
            let leaf = try file.leaf()
            let tag = try file.layout(leaf).tag(2, in: file.page(leaf).span.bytes)
            try file.edit(leaf) { page in
                let place = 4_096 - 4 * 3 + 2
                page.put(try page.word(place, as: UInt16.self) | 4 << 13, at: place)
                page.put(UInt16(0x1ff), at: tag.range.lowerBound)
            }
        },
        Damaging("a key longer than its node", .nodeMalformed) { file in
            let leaf = try file.leaf()
            let node = try file.node(leaf, 1)
            try file.edit(leaf) { $0.put(UInt16(0x1000), at: node.suffix.lowerBound - 2) }
        },
        Damaging("a node without data", .nodeEmpty) { file in
            try file.editNodes(try file.leaf()) { $0[1].data = [] }
        },
        Damaging("a free page is damaged", .pageChecksum) { file in
            let start = file.range(file.lastPage).lowerBound
            for place in [200, 300, 301] { file.bytes[start + place] ^= 0x5a }
        },
    ]

    static let trees: [Damaging] = [
        Damaging("a root that is not flagged", .treeRoot) { file in
            try file.edit(try file.table("People").rootPage.rawValue) { $0[36] &= 0xfe }
        },
        Damaging("a leaf that is flagged as a root", .treeRoot) { file in try file.edit(try file.leaf()) { $0[36] |= 1 }
        },
        Damaging("a page of another object", .treeObject) { file in
            try file.edit(try file.leaf()) { $0.put(UInt32(4_711), at: 24) }
        },
        Damaging("a page of another kind", .treeFlags) { file in try file.edit(try file.leaf()) { $0[36] |= 0x40 } },
        Damaging("a branch that denies its leaves", .treeLevel) { file in
            try file.edit(try file.table("People").rootPage.rawValue) { $0[36] &= 0xfb }
        },
        Damaging("a child twice", .treePageTwice) { file in
            let root = try file.table("People").rootPage.rawValue
            let first = try file.nodes(root)[0].data
            try file.editNodes(root) { $0[1].data = first }
        },
        Damaging("a child of another tree", .treePageShared) { file in
            let other = try file.pages(of: ObjectID(2))[0]
            try file.editData(try file.table("People").rootPage.rawValue, 1) { $0.put(other, at: $1.lowerBound) }
        },
        Damaging("a child beyond the file", .treeChild) { file in
            try file.editData(try file.table("People").rootPage.rawValue, 1) {
                $0.put(UInt32(0x70_0000), at: $1.lowerBound)
            }
        },
        Damaging("a leaf without nodes", .treeEmptyPage) { file in try file.editNodes(try file.leaf()) { $0 = [] } },
        Damaging("two nodes changed places", .keyOrder) { file in
            try file.editNodes(try file.leaf()) { $0.swapAt(2, 3) }
        },
        Damaging("a node twice", .keyOrder) { file in try file.editNodes(try file.leaf()) { $0.insert($0[2], at: 2) } },
        Damaging("a separator that is too low", .keyRange) { file in
            let root = try file.table("People").rootPage.rawValue
            let child = try file.nodes(root)[0].data
            let first = try file.nodes(try child.word(0))[0].key
            try file.editNodes(root) { $0[0].key = first }
        },
        Damaging("a separator that is too high", .keyRange) { file in
            let root = try file.table("People").rootPage.rawValue
            let child = try file.nodes(root)[1].data
            let last = try #require(try file.nodes(try child.word(0)).last).key
            try file.editNodes(root) { $0[0].key = last }
        },
        Damaging("the last branch has a key", .keyInfinite) { file in
            try file.editNodes(try file.table("People").rootPage.rawValue) { $0[$0.count - 1].key = [0xff] }
        },
        Damaging("a node without a key", .keyEmpty) { file in try file.editNodes(try file.leaf()) { $0[0].key = [] } },
        Damaging("a wrong link to the left", .siblingPrevious) { file in
            try file.edit(try file.leaf()) { $0.put(UInt32(9), at: 16) }
        },
        Damaging("a wrong link to the right", .siblingNext) { file in
            try file.edit(try file.leaf()) { $0.put(UInt32(9), at: 20) }
        },
        Damaging("a branch with a sibling", .siblingBranch) { file in
            try file.edit(try file.table("People").rootPage.rawValue) { $0.put(UInt32(9), at: 20) }
        },
    ]
}
