// Layer: ESETestKit/Fuzzing. Uses: DatabaseImage, PageLayout. Used by: the database fuzzer.
// Damage that knows the format: a field of a header, a tag, a child, a row of the catalog gets a wrong value, and the
// page mostly a right checksum, so that the damage reaches the code behind the checksum.

import ESEFormat
import Primitives

/// Damages databases.
struct DatabaseMutator {
    private var random: SeededRandom
    /// Pages whose checksum may be wrong now.
    private var touched: Set<PageNumber> = []
    private var isHeaderTouched = false

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// The kinds of damage.
    enum Kind: CaseIterable {
        case header, pageHeader, tag, nodeKey, child, recordHead, taggedArray, taggedData, longValue, compressed
        case catalogRow, space, page, bytes, length
    }

    /// Does some damage; `image` is a valid database before.
    mutating func damage(_ image: inout DatabaseImage) {
        // Files of cut length have other pages, so that comes last.
        for _ in 0..<(1 + random.below(random.oneIn(4) ? 24 : 4)) {
            guard let kind = random.pick(Kind.allCases.filter { $0 != .length }) else { continue }
            apply(kind, &image)
        }
        if !random.oneIn(8) { for page in touched { image.seal(page) } }
        if isHeaderTouched, !random.oneIn(8) {
            image.sealHeader(at: 0)
            image.sealHeader(at: image.size.byteCount)
        }
        if random.oneIn(12) { changeLength(&image) }
    }

    private mutating func apply(_ kind: Kind, _ image: inout DatabaseImage) {
        switch kind {
        case .header: damageHeader(&image)
        case .pageHeader: damagePageHeader(&image)
        case .tag: damageTag(&image)
        case .nodeKey: damageNodeKey(&image)
        case .child: damageChild(&image)
        case .recordHead: damageRecordHead(&image)
        case .taggedArray: damageTaggedArray(&image)
        case .taggedData: damageTaggedData(&image)
        case .longValue: damageLongValue(&image)
        case .compressed: damageCompressed(&image)
        case .catalogRow: damageCatalogRow(&image)
        case .space: damageSpace(&image)
        case .page: damagePage(&image)
        case .bytes: damageBytes(&image)
        case .length: changeLength(&image)
        }
    }

    // MARK: Choosing.

    /// A page of a group, or of any if there is none, and where it starts.
    private mutating func choose(
        _ group: DatabaseImage.PageGroup, _ image: DatabaseImage
    ) -> (number: PageNumber, start: Int)? {
        guard let page = random.pick(image.pages[group] ?? image.pages[.any] ?? []), let range = image.range(of: page)
        else { return nil }
        touched.insert(page)
        return (page, range.lowerBound)
    }

    /// A node of a page of a group; ranges are in the file.
    private mutating func chooseNode(_ group: DatabaseImage.PageGroup, _ image: DatabaseImage) -> Node? {
        guard let (number, start) = choose(group, image), let page = image.page(number),
            let layout = try? PageLayout(page.span.bytes, size: image.size), layout.nodeCount > 0,
            var node = try? layout.node(random.below(layout.nodeCount), in: page.span.bytes)
        else { return nil }
        node.suffix = (node.suffix.lowerBound + start)..<(node.suffix.upperBound + start)
        node.data = (node.data.lowerBound + start)..<(node.data.upperBound + start)
        return node
    }

    /// A record of a leaf that is no catalog's or long values' (often: those have other data).
    private mutating func chooseRecord(_ image: DatabaseImage) -> RecordLayout? {
        guard let node = chooseNode(random.oneIn(3) ? .catalog : .leaf, image) else { return nil }
        return try? RecordLayout(image.bytes.span.bytes, node.data, isLarge: image.size.isLarge)
    }

    /// A page number that leads astray: from the chosen page to itself, to its tree's root, beyond the end.
    private mutating func strayPage(from page: PageNumber, _ image: DatabaseImage) -> UInt32 {
        switch random.below(8) {
        case 0: page.rawValue
        case 1: 0
        case 2: UInt32(image.pageCount + 1 + random.below(3))
        case 3: 0x7fff_ffff
        case 4: (random.pick(image.pages[.root] ?? []) ?? page).rawValue
        case 5: (random.pick(image.pages[.branch] ?? []) ?? page).rawValue
        case 6: (random.pick(image.pages[.any] ?? []) ?? page).rawValue
        default: UInt32(truncatingIfNeeded: random.next())
        }
    }

    private mutating func spoil<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ type: T.Type, at place: Int, _ image: inout DatabaseImage
    ) {
        image.store(random.wrong(image.load(place, as: type)), at: place)
    }

    // MARK: Kinds of damage.

    private mutating func damageHeader(_ image: inout DatabaseImage) {
        isHeaderTouched = true
        let fields = [
            0, 4, 8, 12, 16, 24, 52, 56, 64, 72, 88, 96, 120, 136, 208, 216, 232, 236, 240, 256, 284, 600, 667,
        ]
        for start in random.oneIn(2) ? [0] : [0, image.size.byteCount] {
            let place = random.oneIn(4) ? random.below(image.size.byteCount) : random.pick(fields) ?? 0
            if place == 236, random.oneIn(2), let size = random.pick(PageSize.allCases) {
                image.store(UInt32(size.byteCount), at: start + place)
            } else {
                spoil(UInt32.self, at: start + place, &image)
            }
        }
    }

    private mutating func damagePageHeader(_ image: inout DatabaseImage) {
        guard let (number, start) = choose(random.oneIn(2) ? .any : .branch, image) else { return }
        switch random.below(9) {
        case 0: spoil(UInt64.self, at: start + 8, &image)
        case 1: image.store(strayPage(from: number, image), at: start + 16)
        case 2: image.store(strayPage(from: number, image), at: start + 20)
        case 3: spoil(UInt32.self, at: start + 24, &image)
        case 4: spoil(UInt16.self, at: start + 28, &image)
        case 5: spoil(UInt16.self, at: start + 30, &image)
        case 6: spoil(UInt16.self, at: start + 32, &image)
        case 7: spoil(UInt16.self, at: start + 34, &image)
        default: image.store(image.load(start + 36, as: UInt32.self) ^ 1 << UInt32(random.below(18)), at: start + 36)
        }
    }

    private mutating func damageTag(_ image: inout DatabaseImage) {
        guard let (_, start) = choose(random.oneIn(2) ? .any : .leaf, image) else { return }
        let count = Int(image.load(start + 34, as: UInt16.self) & 0xfff)
        let end = start + image.size.byteCount
        let tag = end - 4 * (1 + random.below(count))
        let other = end - 4 * (1 + random.below(count))
        switch random.below(6) {
        case 0: spoil(UInt16.self, at: tag, &image)
        case 1: spoil(UInt16.self, at: tag + 2, &image)
        case 2: image.store(image.load(tag + 2, as: UInt16.self) ^ 1 << UInt16(13 + random.below(3)), at: tag + 2)
        case 3:
            let kept: UInt32 = image.load(tag)
            image.store(image.load(other, as: UInt32.self), at: tag)
            image.store(kept, at: other)
        case 4: image.store(image.load(other, as: UInt32.self), at: tag)
        default:
            // Starts inside the other node.
            image.store(image.load(other + 2, as: UInt16.self) &+ UInt16(1 + random.below(16)), at: tag + 2)
        }
    }

    private mutating func damageNodeKey(_ image: inout DatabaseImage) {
        guard let node = chooseNode(.any, image) else { return }
        let sizes = node.suffix.lowerBound - 2
        switch random.below(4) {
        case 0: spoil(UInt16.self, at: sizes, &image)
        case 1: spoil(UInt16.self, at: sizes - 2, &image)
        case 2: image.store(UInt16(truncatingIfNeeded: node.suffix.count + node.data.count), at: sizes)
        default: spoil(UInt8.self, at: node.suffix.lowerBound + random.below(node.suffix.count), &image)
        }
    }

    private mutating func damageChild(_ image: inout DatabaseImage) {
        guard let page = random.pick(image.pages[.branch] ?? []), let range = image.range(of: page),
            let bytes = image.page(page), let layout = try? PageLayout(bytes.span.bytes, size: image.size),
            layout.nodeCount > 0, let node = try? layout.node(random.below(layout.nodeCount), in: bytes.span.bytes)
        else { return }
        touched.insert(page)
        image.store(strayPage(from: page, image), at: range.lowerBound + node.data.lowerBound)
    }

    private mutating func damageRecordHead(_ image: inout DatabaseImage) {
        guard let record = chooseRecord(image) else { return }
        let start = record.range.lowerBound
        switch random.below(5) {
        case 0: spoil(UInt8.self, at: start, &image)
        case 1: spoil(UInt8.self, at: start + 1, &image)
        case 2: spoil(UInt16.self, at: start + 2, &image)
        case 3: spoil(UInt8.self, at: record.nullBits + random.below(record.variableOffsets - record.nullBits), &image)
        default:
            let count = (record.variableData - record.variableOffsets) / 2
            spoil(UInt16.self, at: record.variableOffsets + 2 * random.below(count), &image)
        }
    }

    private mutating func damageTaggedArray(_ image: inout DatabaseImage) {
        guard let record = chooseRecord(image), record.taggedCount > 0 else { return }
        let entry = record.tagged.lowerBound + 4 * random.below(record.taggedCount)
        switch random.below(3) {
        case 0: spoil(UInt16.self, at: entry, &image)
        case 1: spoil(UInt16.self, at: entry + 2, &image)
        default: image.store(image.load(entry + 2, as: UInt16.self) ^ 1 << UInt16(13 + random.below(3)), at: entry + 2)
        }
    }

    private mutating func damageTaggedData(_ image: inout DatabaseImage) {
        guard let record = chooseRecord(image), record.taggedCount > 0,
            let field = try? record.taggedField(random.below(record.taggedCount), in: image.bytes.span.bytes)
        else { return }
        let data = field.data.lowerBound
        switch random.below(4) {
        case 0: image.store(UInt8(1 << random.below(8)) ^ image.load(data - 1, as: UInt8.self), at: data - 1)
        // Several values: the array of offsets. Values elsewhere: the ID.
        case 1: spoil(UInt16.self, at: data + 2 * random.below(4), &image)
        case 2: spoil(UInt32.self, at: data, &image)
        default: spoil(UInt8.self, at: data + random.below(field.data.count), &image)
        }
    }

    private mutating func damageLongValue(_ image: inout DatabaseImage) {
        guard image.pages[.longValue] != nil, let node = chooseNode(.longValue, image) else { return }
        if node.data.count == 8 || node.data.count == 9 {
            let sizes: [UInt32] = [0, 1, 0x7fff_ffff, 0x8000_0000, .max, 1 << 20]
            let size = random.oneIn(3) ? random.wrong(image.load(node.data.lowerBound + 4, as: UInt32.self)) : nil
            image.store(size ?? random.pick(sizes) ?? 0, at: node.data.lowerBound + 4)
        } else {
            // The offset of the chunk is the end of the key.
            spoil(UInt32.self, at: node.suffix.upperBound - 4, &image)
        }
    }

    private mutating func damageCompressed(_ image: inout DatabaseImage) {
        guard image.pages[.longValue] != nil, let node = chooseNode(.longValue, image) else { return }
        let start = node.data.lowerBound
        switch random.below(3) {
        case 0: image.store(UInt8(random.below(32) << 3 | random.below(8)), at: start)
        case 1: spoil(UInt16.self, at: start + 1, &image)
        default: spoil(UInt16.self, at: start + random.below(node.data.count), &image)
        }
    }

    private mutating func damageCatalogRow(_ image: inout DatabaseImage) {
        guard let node = chooseNode(.catalog, image) else { return }
        let start = node.data.lowerBound
        switch random.below(8) {
        // What a row of every kind has: table, kind, number, type or page, size, flags, locale.
        case 0: spoil(UInt32.self, at: start + 4, &image)
        case 1: image.store(UInt16(random.below(7)), at: start + 8)
        case 2: spoil(UInt32.self, at: start + 10, &image)
        case 3:
            let page = random.pick(image.pages[.root] ?? []) ?? .none
            image.store(random.oneIn(2) ? UInt32(random.below(20)) : page.rawValue, at: start + 14)
        case 4: spoil(UInt32.self, at: start + 18, &image)
        case 5: image.store(image.load(start + 22, as: UInt32.self) ^ 1 << UInt32(random.below(32)), at: start + 22)
        case 6: spoil(UInt16.self, at: start + 31 + random.below(12), &image)
        default: spoil(UInt8.self, at: start + random.below(node.data.count), &image)
        }
    }

    private mutating func damageSpace(_ image: inout DatabaseImage) {
        if random.oneIn(2) {
            guard let (_, start) = choose(.root, image) else { return }
            let tag = start + image.size.byteCount - 2
            let place = start + image.size.headerByteCount + Int(image.load(tag, as: UInt16.self) & image.size.tagMask)
            spoil(UInt32.self, at: place + 4 * random.below(4), &image)
        } else if let node = chooseNode(.space, image) {
            spoil(UInt32.self, at: node.data.lowerBound, &image)
            if random.oneIn(2) { spoil(UInt32.self, at: node.suffix.upperBound - 4, &image) }
        }
    }

    private mutating func damagePage(_ image: inout DatabaseImage) {
        guard let (number, start) = choose(random.oneIn(3) ? .catalog : .any, image),
            let (_, other) = choose(.any, image)
        else { return }
        let count = image.size.byteCount
        switch random.below(4) {
        case 0:
            image.bytes.replaceSubrange(start..<(start + count), with: repeatElement(0, count: count))
            touched.remove(number)
        case 1:
            image.bytes.replaceSubrange(start..<(start + count), with: Array(image.bytes[other..<(other + count)]))
        case 2:
            // The same rows under another object.
            let kept: UInt32 = image.load(start + 24)
            image.bytes.replaceSubrange(start..<(start + count), with: Array(image.bytes[other..<(other + count)]))
            image.store(kept, at: start + 24)
        default:
            for place in (start + 40)..<(start + count) where random.oneIn(64) {
                image.bytes[place] = UInt8(truncatingIfNeeded: random.next())
            }
        }
    }

    private mutating func damageBytes(_ image: inout DatabaseImage) {
        guard let (_, start) = choose(.any, image) else { return }
        for _ in 0..<(1 + random.below(8)) {
            spoil(UInt8.self, at: start + random.below(image.size.byteCount), &image)
        }
    }

    private mutating func changeLength(_ image: inout DatabaseImage) {
        switch random.below(4) {
        case 0: image.bytes.removeLast(random.below(image.bytes.count))
        case 1: image.bytes.removeLast(random.below(image.size.byteCount * 4))
        case 2: image.bytes += repeatElement(0, count: random.below(image.size.byteCount * 16))
        default: image.bytes += image.bytes.prefix(random.below(image.size.byteCount * 16))
        }
    }
}
