// Layer: ESEFormatTests. Tests: PageBuilder against PageLayout and the engine's own rules for pages.

import ESEFormat
import Primitives
import Testing

@Suite struct PageBuilderTests {
    @Test(arguments: PageSize.allCases) func emptyPage(size: PageSize) throws {
        let page = PageBuilder(size: size, flags: [.leaf, .newRecordFormat], objectID: ObjectID(9))
        let bytes = page.bytes(number: PageNumber(31))
        #expect(bytes.count == size.byteCount)
        let header = try PageHeader(bytes.span.bytes, size: size)
        #expect(header.freeByteCount == size.byteCount - size.headerByteCount - 4)
        #expect(header.tagCount == 1)
        #expect(header.ownNumber == (size.isLarge ? PageNumber(31) : nil))
        #expect(bytes.suffix(4) == [0, 0, 0, 0])
    }

    @Test(arguments: PageSize.allCases) func largestNode(size: PageSize) {
        var page = PageBuilder(size: size, flags: .leaf, objectID: ObjectID(9))
        let key: [UInt8] = [1]
        let most = PageBuilder.largestNodeByteCount(size) - 3
        let tooMuch = page.append(key: key.span.bytes, data: [UInt8](repeating: 0, count: most + 1).span.bytes)
        #expect(!tooMuch)
        let largest = page.append(key: key.span.bytes, data: [UInt8](repeating: 0, count: most).span.bytes)
        #expect(largest)
        #expect(page.freeByteCount == 0)
        let another = page.append(key: key.span.bytes, data: key.span.bytes)
        #expect(!another)
    }

    @Test func reservedTagsAreInTheHeader() throws {
        for reserved in 0...3 {
            var page = PageBuilder(
                size: .kibibytes4, flags: .leaf, objectID: ObjectID(9), reservedTagCount: reserved)
            let (key, data): ([UInt8], [UInt8]) = ([1, 2], [3])
            let fits = page.append(key: key.span.bytes, data: data.span.bytes)
            #expect(fits)
            let bytes = page.bytes(number: PageNumber(1))
            let layout = try PageLayout(bytes.span.bytes, size: .kibibytes4)
            #expect(layout.nodeCount == 1)
            #expect(layout.tagCount == max(1, reserved) + 1)
            let read = try layout.key(of: layout.node(0, in: bytes.span.bytes), in: bytes.span.bytes)
            #expect(read == [1, 2])
            #expect(bytes[35] >> 4 == UInt8(reserved))
        }
    }

    @Test(arguments: PageSize.allCases) func nodesComeBack(size: PageSize) throws {
        for seed in UInt64(1)...40 {
            var random = SeededRandom(seed: seed)
            try roundTrip(size, seed, &random)
        }
    }

    private func roundTrip(_ size: PageSize, _ seed: UInt64, _ random: inout SeededRandom) throws {
        func octets(_ counts: ClosedRange<UInt64>) -> [UInt8] {
            let count = counts.lowerBound + random.next() % (counts.upperBound - counts.lowerBound + 1)
            // Few values, so that keys share their starts.
            return (0..<count).map { _ in UInt8(random.next() % 3) }
        }
        var page = PageBuilder(size: size, flags: [.leaf, .newRecordFormat], objectID: ObjectID(5))
        page.databaseTime = DatabaseTime(0x1234_5678_9abc)
        page.previous = PageNumber(4)
        page.next = PageNumber(6)
        let external = octets(0...40)
        let hasPrefix = page.setExternalHeader(external.span.bytes)
        #expect(hasPrefix)
        var nodes: [(key: [UInt8], data: [UInt8], flags: NodeFlags)] = []
        while true {
            let flags: NodeFlags = random.oneIn(5) ? .deleted : random.oneIn(5) ? .versioned : []
            let key = random.oneIn(2) ? external + octets(1...9) : octets(1...60)
            let node = (key: key, data: octets(1...300), flags: flags)
            let needed = page.byteCount(ofNodeWithKey: node.key.span.bytes, dataByteCount: node.data.count)
            let free = page.freeByteCount
            guard page.append(key: node.key.span.bytes, data: node.data.span.bytes, flags: flags) else {
                #expect(needed > free, "seed \(seed)")
                break
            }
            #expect(page.freeByteCount == free - needed, "seed \(seed)")
            nodes.append(node)
        }
        let bytes = page.bytes(number: PageNumber(5))
        let span = bytes.span.bytes
        let layout = try PageLayout(span, size: size)
        let header = try PageHeader(span, size: size)
        #expect(layout.nodeCount == nodes.count, "seed \(seed)")
        #expect(bytes[layout.externalHeader].elementsEqual(external))
        #expect(header.previous == PageNumber(4) && header.next == PageNumber(6))
        #expect(header.databaseTime == DatabaseTime(0x1234_5678_9abc))
        // Free bytes, tags and nodes make the page; no two nodes share a byte.
        var places: [Range<Int>] = []
        for index in 0..<layout.tagCount { places.append(try layout.tag(index, in: span).range) }
        #expect(
            places.map(\.count).reduce(0, +) + header.freeByteCount + 4 * layout.tagCount
                == size.byteCount - size.headerByteCount)
        places.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (left, right) in zip(places, places.dropFirst()) { #expect(left.upperBound <= right.lowerBound) }
        #expect(places.allSatisfy { $0.upperBound <= layout.usedEnd })
        for (index, expected) in nodes.enumerated() {
            let node = try layout.node(index, in: span)
            let key = layout.key(of: node, in: span)
            #expect(key == expected.key, "seed \(seed) node \(index)")
            #expect(bytes[node.data].elementsEqual(expected.data), "seed \(seed) node \(index)")
            #expect(node.flags.subtracting(.compressed) == expected.flags, "seed \(seed) node \(index)")
            #expect(node.flags.contains(.compressed) == (node.prefixByteCount > 2), "seed \(seed) node \(index)")
        }
    }
}
