// Layer: ESEFormatTests. Tests: space headers, split buffers, extents and sets of them.
// Golden values: nodes and headers of a fresh database as Windows makes it.

import ESEFormat
import Primitives
import Testing

@Suite struct SpaceTests {
    @Test func headersOfAFreshDatabase() throws {
        var header = SpaceHeader(pageCount: 254, parent: .none, ownedRoot: PageNumber(2))
        #expect(header.encoded() == [254, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0])
        #expect(header.availableRoot == PageNumber(3) && header.availableExtents(root: PageNumber(1)).isEmpty)
        header = SpaceHeader(singleExtentOf: 4, parent: PageNumber(1), availableBits: 7)
        #expect(header.encoded() == [4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0])
        #expect(header.space == .singleExtent(availableBits: 7))
        #expect(header.singleExtent(root: PageNumber(31)) == Extent(31...34))
        #expect(header.availableExtents(root: PageNumber(31)) == [Extent(32...34)])
    }

    @Test(arguments: [
        (UInt32(1), UInt32(0xffff_ffff), [ClosedRange<UInt32>]()),
        (10, 0b1_0110_1100, [103...104, 106...107, 109...109]),
        (33, 0xffff_ffff, [101...132]),
        (40, 0x8000_0001, [101...101, 132...139]),
        (40, 1, [101...101, 133...139]),
        (34, 0, [133...133]),
    ])
    func availableBitsBecomeExtents(count: UInt32, bits: UInt32, pages: [ClosedRange<UInt32>]) {
        let header = SpaceHeader(singleExtentOf: count, parent: PageNumber(1), availableBits: bits)
        #expect(header.availableExtents(root: PageNumber(100)).map(\.pages) == pages)
    }

    @Test func headersInBothFormsComeBack() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            var header =
                random.oneIn(2)
                ? SpaceHeader(
                    singleExtentOf: UInt32(random.next() % 1_000), parent: PageNumber(UInt32(random.next() % 9)),
                    availableBits: UInt32(truncatingIfNeeded: random.next()), flags: .nonUnique)
                : SpaceHeader(
                    pageCount: 9, parent: PageNumber(4), ownedRoot: PageNumber(UInt32(random.next() % 900 + 1)),
                    flags: .version2)
            #expect(try SpaceHeader(decoding: header.encoded().span.bytes) == header)
            #expect(header.encoded(withFieldFlags: true).count == 17)
            #expect(try SpaceHeader(decoding: header.encoded(withFieldFlags: true).span.bytes) == header)
            header.autoincrement = random.next()
            let bytes = header.encoded(withFieldFlags: true)
            #expect(bytes.count == 25 && bytes[0] == 3)
            #expect(try SpaceHeader(decoding: bytes.span.bytes) == header)
            for count in 0..<25 where count != 16 {
                #expect(throws: FormatError.self) { try SpaceHeader(decoding: bytes.span.bytes.extracting(0..<count)) }
            }
        }
    }

    @Test func impossibleHeadersThrow() {
        let good = SpaceHeader(pageCount: 3, parent: PageNumber(1), ownedRoot: PageNumber(8)).encoded()
        for (offset, value) in [(3, UInt8(0xff)), (7, 0xff), (15, 0xff), (12, 0)] {
            var bytes = good
            bytes[offset] = value
            #expect(throws: FormatError.self, "byte \(offset)") { try SpaceHeader(decoding: bytes.span.bytes) }
        }
        // A header of fields that has no space header in it.
        #expect(throws: FormatError(.badSpace, at: 0)) { try SpaceHeader(decoding: ([2] + good).span.bytes) }
    }

    @Test func anyBytesAreAHeaderOrAnError() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<2_000 {
            let bytes = (0..<Int(random.next() % 30)).map { _ in UInt8(truncatingIfNeeded: random.next() % 5) &* 63 }
            if let header = try? SpaceHeader(decoding: bytes.span.bytes) {
                for root: UInt32 in [0, 1, 0x7fef_ffff, .max] {
                    _ = header.availableExtents(root: PageNumber(root))
                    _ = header.availableRoot
                }
            }
            _ = try? SplitBuffer(decoding: bytes.span.bytes)
            let key = Array(bytes.prefix(5))
            _ = try? Extent.decode(key: key.span.bytes, data: bytes.span.bytes)
        }
    }

    @Test func splitBuffersComeBack() throws {
        for buffer in [
            SplitBuffer(), SplitBuffer(first: Extent(7...9)),
            SplitBuffer(first: Extent(7...9), second: Extent(20...20)),
        ] {
            #expect(try SplitBuffer(decoding: buffer.encoded().span.bytes) == buffer)
        }
        #expect(try SplitBuffer(decoding: [UInt8]().span.bytes) == SplitBuffer())
        for count in 1..<16 {
            #expect(throws: FormatError.self) {
                try SplitBuffer(decoding: [UInt8](repeating: 0, count: count).span.bytes)
            }
        }
        // More pages than there are before the last one.
        #expect(throws: FormatError(.badSpace, at: 8)) {
            let bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0]
            _ = try SplitBuffer(decoding: bytes.span.bytes)
        }
    }

    @Test func nodesOfSpaceTrees() throws {
        // Page 2 of a fresh database.
        let key: [UInt8] = [0, 0, 0, 254]
        let data: [UInt8] = [254, 0, 0, 0]
        let whole = try Extent.decode(key: key.span.bytes, data: data.span.bytes)
        #expect(whole.extent == Extent(1...254) && whole.pool == .general)
        #expect(whole.extent?.key() == key && whole.extent?.data == data)
        let shelved = try #require(Extent(300...309))
        #expect(shelved.key(pool: .shelved) == [0x82, 0, 0, 1, 0x35])
        let again = try Extent.decode(
            key: shelved.key(pool: .shelved).span.bytes, data: shelved.data.span.bytes)
        #expect(again.extent == shelved && again.pool == .shelved)
        let none = [UInt8](repeating: 0, count: 4)
        #expect(try Extent.decode(key: key.span.bytes, data: none.span.bytes).extent == nil)
        for bad: [UInt8] in [
            [], [1], [0, 0, 254], [2, 0, 0, 0, 254], [0x83, 0, 0, 0, 254], [0, 0, 0, 253], [0xff, 0, 0, 0],
        ] {
            #expect(throws: FormatError.self, "\(bad)") {
                _ = try Extent.decode(key: bad.span.bytes, data: data.span.bytes)
            }
        }
        for count in 0..<4 {
            #expect(throws: FormatError.self) {
                _ = try Extent.decode(key: key.span.bytes, data: data.span.bytes.extracting(0..<count))
            }
        }
        #expect(Extent(0...3) == nil && Extent(1...UInt32.max) == nil)
        #expect(Extent(first: PageNumber(5), pageCount: .max) == nil && Extent(first: .none, pageCount: 1) == nil)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func setsAgreeWithSetsOfPages(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func extent() throws -> Extent {
            try #require(
                Extent(first: PageNumber(UInt32(random.next() % 300 + 1)), pageCount: UInt32(random.next() % 9 + 1)))
        }
        func pages(_ set: ExtentSet) -> [UInt32] { set.pages.map(\.rawValue) }
        for _ in 0..<20 {
            var a = ExtentSet()
            var model: Set<UInt32> = []
            var all: [Extent] = []
            for _ in 0..<random.next() % 30 {
                let new = try extent()
                all.append(new)
                let isNew = a.insert(new)
                #expect(isNew == model.isDisjoint(with: new.pages))
                model.formUnion(new.pages)
            }
            #expect(pages(a) == model.sorted(), "seed \(seed)")
            #expect(a == ExtentSet(all) && a == ExtentSet(pages: model.shuffled().map { PageNumber($0) }))
            #expect(a.pageCount == model.count && a.isEmpty == model.isEmpty)
            #expect(ExtentSet(a.extents) == a && a.extents.count == a.extentCount)
            let b = ExtentSet([try extent(), try extent(), try extent()])
            let other = Set(pages(b))
            #expect(pages(a.union(b)) == model.union(other).sorted())
            #expect(pages(a.intersection(b)) == model.intersection(other).sorted())
            #expect(pages(a.subtracting(b)) == model.subtracting(other).sorted())
            #expect(pages(b.subtracting(a)) == other.subtracting(model).sorted())
            #expect(a.overlaps(b) != model.isDisjoint(with: other))
            for page in UInt32(0)...310 { #expect(a.contains(PageNumber(page)) == model.contains(page)) }
            let probe = try extent()
            #expect(a.contains(probe) == model.isSuperset(of: probe.pages))
            #expect(a.overlaps(probe) != model.isDisjoint(with: probe.pages))
            var seen: [UInt32: Int] = [:]
            for page in all.flatMap({ Array($0.pages) }) { seen[page, default: 0] += 1 }
            #expect(pages(ExtentSet.overlaps(of: all)) == seen.filter { $0.value > 1 }.keys.sorted())
        }
    }

    @Test func setsAreDescribedAsRuns() {
        var set = ExtentSet()
        #expect(set.description.isEmpty)
        for page: UInt32 in [9, 1, 2, 3, 12, 13, 0] { set.insert(PageNumber(page)) }
        #expect(set.description == "1...3, 9, 12...13")
        let isNew = set.insert(PageNumber(2))
        #expect(!isNew)
        #expect(set.pageCount == 6)
    }
}
