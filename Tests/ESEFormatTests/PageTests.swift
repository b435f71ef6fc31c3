// Layer: ESEFormatTests. Tests: PageHeader, PageLayout, the order of keys.

import ESEFormat
import Testing

@Suite struct PageTests {
    /// A page with a prefix and nodes, put together by hand.
    static func page(
        size: PageSize, prefix: [UInt8], nodes: [(flags: UInt16, prefix: Int, suffix: [UInt8], data: [UInt8])],
        flags: UInt32 = 2, reserved: Int = 1
    ) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: size.byteCount)
        func put(_ value: UInt16, at place: Int) {
            page[place] = UInt8(value & 0xff)
            page[place + 1] = UInt8(value >> 8)
        }
        var used = 0
        var tags: [(count: Int, offset: Int, flags: UInt16)] = []
        func add(_ bytes: [UInt8], flags: UInt16) {
            page.replaceSubrange(size.headerByteCount + used..<size.headerByteCount + used + bytes.count, with: bytes)
            tags.append((bytes.count, used, flags))
            used += bytes.count
        }
        add(prefix, flags: 0)
        for _ in 1..<reserved { add([], flags: 0) }
        for node in nodes {
            var bytes: [UInt8] = []
            if node.flags & 4 != 0 { bytes += [UInt8(node.prefix & 0xff), UInt8(node.prefix >> 8)] }
            bytes += [UInt8(node.suffix.count & 0xff), UInt8(node.suffix.count >> 8)] + node.suffix + node.data
            if size.isLarge { bytes[1] |= UInt8(node.flags << 5) }
            add(bytes, flags: size.isLarge ? 0 : node.flags << 13)
        }
        for (index, tag) in tags.enumerated() {
            put(UInt16(tag.count), at: size.byteCount - 4 * (index + 1))
            put(UInt16(tag.offset) | tag.flags, at: size.byteCount - 4 * (index + 1) + 2)
        }
        put(UInt16(used), at: 32)
        put(UInt16(tags.count) | (reserved > 1 ? UInt16(reserved) << 12 : 0), at: 34)
        put(UInt16(flags & 0xffff), at: 36)
        put(UInt16(flags >> 16), at: 38)
        return page
    }

    @Test(arguments: PageSize.allCases, 1...3)
    func nodesOfAllPageSizes(size: PageSize, reserved: Int) throws {
        let page = Self.page(
            size: size, prefix: [1, 2, 3, 4],
            nodes: [(4, 4, [5], [9, 9]), (0, 0, [2], [8]), (6, 3, [], [7]), (1, 0, [3], [6])], reserved: reserved)
        let span = page.span.bytes
        let layout = try PageLayout(span, size: size)
        #expect(layout.nodeCount == 4)
        #expect(layout.isLeaf && !layout.isRoot)
        let nodes = try (0..<4).map { try layout.node($0, in: page.span.bytes) }
        #expect(nodes.map(\.isDeleted) == [false, false, true, false])
        #expect(nodes.map { layout.key(of: $0, in: page.span.bytes) } == [[1, 2, 3, 4, 5], [2], [1, 2, 3], [3]])
        #expect(nodes.map { page.span.bytes.bytes($0.data) } == [[9, 9], [8], [7], [6]])
        #expect(nodes[3].flags == .versioned)
    }

    @Test func highBitsOfTagsAreLeftovers() throws {
        var page = Self.page(size: .kibibytes4, prefix: [], nodes: [(0, 0, [2], [8])])
        page[4_096 - 8 + 1] |= 0xe0
        let layout = try PageLayout(page.span.bytes, size: .kibibytes4)
        #expect(try layout.node(0, in: page.span.bytes).data.count == 1)
    }

    @Test func impossiblePagesThrow() throws {
        let good = Self.page(size: .kibibytes4, prefix: [1, 2], nodes: [(4, 2, [5], [99, 0, 0, 0])])
        func layout(_ change: (inout [UInt8]) -> Void) throws(FormatError) -> PageLayout {
            var page = good
            change(&page)
            return try PageLayout(page.span.bytes, size: .kibibytes4)
        }
        #expect(throws: FormatError(.badPageHeader, at: 34)) { try layout { $0[34] = 0 } }
        #expect(throws: FormatError(.badPageHeader, at: 32)) { try layout { $0[33] = 0x1f } }
        #expect(throws: FormatError(.badPageHeader, at: 32)) { try layout { $0[35] = 0x0f } }
        #expect(throws: FormatError(.badTag, at: 4_092)) { try layout { $0[4_093] = 0x10 } }
        #expect(throws: FormatError(.truncated, at: 4_095)) { try layout { $0.removeLast() } }
        // A node with a longer prefix than the page has, and with a suffix that goes beyond its end.
        for (place, value) in [(42, 3), (44, 9)] as [(Int, UInt8)] {
            var page = good
            page[place] = value
            let layout = try PageLayout(page.span.bytes, size: .kibibytes4)
            #expect(throws: FormatError.self) { try layout.node(0, in: page.span.bytes) }
        }
        // A root has no prefix.
        #expect(throws: FormatError(.badNode, at: 42)) {
            let layout = try layout { $0[36] = 3 }
            _ = try layout.node(0, in: good.span.bytes)
        }
        let childless = good.map { $0 == 99 ? UInt8(0) : $0 }
        #expect(throws: FormatError(.badNode, at: 47)) {
            let layout = try PageLayout(childless.span.bytes, size: .kibibytes4)
            _ = try layout.child(0, in: childless.span.bytes)
        }
    }

    @Test func ordersOfKeys() throws {
        let keys: [[UInt8]] = [
            [], [0], [0, 0], [1], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8, 9],
            [1, 2, 3, 4, 5, 6, 7, 9], [0x7f, 0xff], [0x80],
        ]
        for (a, first) in keys.enumerated() {
            for (b, second) in keys.enumerated() {
                let order = KeyOrder.compare(first.span.bytes, second.span.bytes)
                #expect(order.signum() == (a - b).signum())
                // The same key, its start in the page's prefix.
                for cut in 0...min(first.count, 4) {
                    let prefix = Array(first.prefix(cut))
                    let page = Self.page(
                        size: .kibibytes4, prefix: prefix, nodes: [(4, cut, Array(first.dropFirst(cut)), [1])])
                    let layout = try PageLayout(page.span.bytes, size: .kibibytes4)
                    let node = try layout.node(0, in: page.span.bytes)
                    #expect(
                        layout.compareKey(of: node, in: page.span.bytes, to: second.span.bytes).signum()
                            == (a - b).signum())
                }
            }
        }
    }
}
