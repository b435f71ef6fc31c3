// Layer: ESETestKit/Fuzzing. Uses: ESEFormat. Used by: the byte fuzzer, the coverage-guided fuzzer in Fuzz.
// The decoders, each called with any bytes: they may throw, and must do nothing worse.

import ESEFormat
import Primitives

/// A decoder, or several that belong together.
public enum DecoderTarget: String, CaseIterable, Sendable {
    /// The header of a page, its tags, nodes and keys.
    case page
    /// A record and all its fields.
    case record
    /// A row of the catalog and the definitions that it makes.
    case catalogRow
    /// The key, root and ID of a long value.
    case longValue
    /// A compressed value.
    case compression
    /// The key of an index.
    case key
    /// A value of a column.
    case value
    /// The checksum of a page, and its repair.
    case checksum
    /// The header of a database, and the choice among its copies.
    case header
    /// Space headers, extents and split buffers.
    case space

    /// Calls the decoder.
    /// - Parameter bytes: Anything; the first chooses among variants.
    public func run(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let input = Array(bytes.dropFirst())
        switch self {
        case .page: Self.page(input, Self.size(choice))
        case .record: Self.record(input, choice)
        case .catalogRow: Self.catalogRow(input, choice)
        case .longValue: Self.longValue(input)
        case .compression: Self.compression(input, choice)
        case .key: Self.key(input, choice)
        case .value: Self.value(input, choice)
        case .checksum: Self.checksum(input, Self.size(choice))
        case .header: Self.header(input)
        case .space: Self.space(input)
        }
    }

    /// Input for the decoder that is about right: a part of a valid database.
    func sample(_ image: DatabaseImage, _ random: inout SeededRandom) -> [UInt8] {
        let choice = UInt8(truncatingIfNeeded: random.next())
        if self == .header {
            return [choice] + image.bytes.prefix(random.oneIn(8) ? 8 * image.size.byteCount : 2 * image.size.byteCount)
        }
        let group: DatabaseImage.PageGroup =
            switch self {
            case .catalogRow: .catalog
            case .longValue, .compression: .longValue
            case .key: random.oneIn(2) ? .index : .leaf
            case .record, .value: .leaf
            case .space: random.oneIn(2) ? .root : .space
            case .page, .checksum, .header: .any
            }
        guard let number = random.pick(image.pages[group] ?? image.pages[.any] ?? []), let page = image.page(number)
        else { return [choice] }
        let place = UInt8(PageSize.allCases.firstIndex(of: image.size) ?? 0)
        if self == .page || self == .checksum { return [place] + page }
        guard let layout = try? PageLayout(page.span.bytes, size: image.size), layout.nodeCount > 0,
            let node = try? layout.node(random.below(layout.nodeCount), in: page.span.bytes)
        else { return [choice] + page.prefix(100) }
        switch self {
        case .record, .catalogRow: return [image.size.isLarge ? 1 : 0] + page[node.data]
        case .key: return [choice] + layout.key(of: node, in: page.span.bytes)
        case .space:
            if random.oneIn(2) { return [choice] + page[layout.externalHeader] }
            return [choice] + layout.key(of: node, in: page.span.bytes) + page[node.data]
        default: return [choice] + page[node.data]
        }
    }

    private static func size(_ choice: UInt8) -> PageSize {
        PageSize.allCases[Int(choice) % PageSize.allCases.count]
    }

    private static func page(_ bytes: [UInt8], _ size: PageSize) {
        let page = bytes.span.bytes
        _ = try? PageHeader(page, size: size)
        guard let layout = try? PageLayout(page, size: size) else { return }
        var last: [UInt8] = []
        for index in 0..<layout.tagCount { _ = try? layout.tag(index, in: page) }
        for index in 0..<layout.nodeCount {
            _ = try? layout.isDeleted(index, in: page)
            _ = try? layout.child(index, in: page)
            guard let node = try? layout.node(index, in: page) else { continue }
            _ = layout.compareKey(of: node, in: page, to: last.span.bytes)
            last = layout.key(of: node, in: page)
            precondition(layout.compareKey(of: node, in: page, to: last.span.bytes) == 0, "a key is not itself")
        }
    }

    private static func record(_ bytes: [UInt8], _ choice: UInt8) {
        let start = Int(choice >> 1) % (bytes.count + 1)
        for range in [0..<bytes.count, start..<bytes.count, 0..<(bytes.count - start)] {
            record(bytes.span.bytes, range, isLarge: choice & 1 == 1)
        }
    }

    private static func record(_ bytes: RawSpan, _ range: Range<Int>, isLarge: Bool) {
        guard let record = try? RecordLayout(bytes, range, isLarge: isLarge) else { return }
        func look(_ place: FieldPlace?) {
            if case .at(let found)? = place { precondition(range.contains(found), "a field lies outside its record") }
        }
        for column in 1...127 {
            for (offset, count) in [(4, 1), (4 * column, 4), (0, 8), (65_535, 255)] {
                look(try? record.fixed(ColumnID(UInt16(column)), offset: offset, count: count, in: bytes))
            }
        }
        for column in 128...255 { look(try? record.variable(ColumnID(UInt16(column)), in: bytes)) }
        for column in [256, 257, 300, 65_248] as [UInt16] {
            _ = try? record.taggedField(ColumnID(column), isFromTemplate: false, in: bytes)
            _ = try? record.taggedField(ColumnID(column), isFromTemplate: true, in: bytes)
        }
        for index in 0..<record.taggedCount {
            guard let field = try? record.taggedField(index, in: bytes),
                let count = try? record.valueCount(of: field, in: bytes)
            else { continue }
            for occurrence in 0..<count {
                guard let value = try? record.value(occurrence, of: count, in: field, bytes) else { continue }
                precondition(range.contains(value.range), "a value lies outside its record")
                if value.isSeparated { _ = try? LongValueID(inRecord: bytes.extracting(value.range)) }
            }
        }
    }

    private static func catalogRow(_ bytes: [UInt8], _ choice: UInt8) {
        guard let row = try? CatalogRow(bytes.span.bytes, 0..<bytes.count, isLarge: choice & 1 == 1) else { return }
        _ = row.table
        guard let column = row.column else {
            guard let index = row.index else { return }
            var columns: [ColumnDefinition] = []
            for segment in index.segments {
                columns.append(
                    ColumnDefinition(
                        id: segment.column, name: "Column", type: .longText, codePage: 1_200,
                        isFromTemplate: segment.isFromTemplate))
            }
            if let reader = try? KeyReader(index: index, columns: columns) {
                _ = try? reader.segments(of: bytes.span.bytes)
            }
            return
        }
        let value = column.defaultValue ?? []
        _ = try? ColumnValue(decoding: value.span.bytes, type: column.type, codePage: column.codePage)
    }

    private static func longValue(_ bytes: [UInt8]) {
        let input = bytes.span.bytes
        if let key = try? LongValueKey(input) {
            _ = key.id.description
            let again = key.offset.map { key.id.chunkKey(at: $0) } ?? key.id.keyBytes
            // IDs of 64 bits have the highest one set, or they would not be told from chunks of narrow ones.
            let isPlain = !key.id.isWide || key.id.rawValue >> 63 == 1
            precondition(!isPlain || again == bytes, "a key of long values changed")
        }
        if let id = try? LongValueID(inRecord: input) { precondition(id.recordBytes == bytes, "an ID changed") }
        if let root = try? LongValueRoot(input) { precondition(root.bytes == bytes, "a root changed") }
    }

    private static func compression(_ bytes: [UInt8], _ choice: UInt8) {
        _ = Compression.scheme(of: bytes.span.bytes)
        for limit in [0, Int(choice), 4_000, 1 << 20] {
            var output: [UInt8] = [1, 2, 3]
            _ = try? Compression.expand(bytes.span.bytes, into: &output, limit: limit)
            precondition(output.count <= limit + 3 && output.starts(with: [1, 2, 3]), "more than the limit")
        }
    }

    private static func key(_ bytes: [UInt8], _ choice: UInt8) {
        let types = ColumnType.allCases
        let type = types[Int(choice) % types.count]
        let storage: UInt16 = choice & 0x80 == 0 ? 256 : type.fixedByteCount == nil ? 128 : 1
        let columns = [
            ColumnDefinition(
                id: ColumnID(storage), name: "A", type: type, flags: .multivalued,
                codePage: choice & 1 == 0 ? 1_200 : 1_252,
                maximumByteCount: 255),
            ColumnDefinition(id: ColumnID(257), name: "B", type: .longBinary),
        ]
        var index = IndexDefinition(
            objectID: ObjectID(9), name: "Index", rootPage: PageNumber(9), flags: choice & 2 == 0 ? [] : .dotNetGUID,
            segments: columns.map {
                IndexSegment(
                    column: $0.id, isFromTemplate: false, isDescending: choice & 4 != 0, mustBeNull: false)
            })
        index.maximumKeyByteCount = choice & 8 == 0 ? 255 : max(1, bytes.count)
        index.maximumSegmentByteCount = choice & 16 == 0 ? 255 : 11
        guard let reader = try? KeyReader(index: index, columns: columns) else { return }
        for segment in (try? reader.segments(of: bytes.span.bytes)) ?? [] {
            precondition((0..<bytes.count).contains(segment.range), "a segment lies outside its key")
        }
        _ = try? KeyReader.sequentialRecord(of: bytes.span.bytes)
    }

    private static func value(_ bytes: [UInt8], _ choice: UInt8) {
        for type in ColumnType.allCases {
            for codePage in [1_252, 1_200, 0, UInt32(choice) &* 257] {
                _ = try? ColumnValue(decoding: bytes.span.bytes, type: type, codePage: codePage)
            }
        }
    }

    private static func checksum(_ bytes: [UInt8], _ size: PageSize) {
        let page = Array(bytes.prefix(size.byteCount))
        let verdict = PageChecksum.verify(page.span.bytes, number: PageNumber(7), size: size)
        var repaired = page
        if PageChecksum.repair(&repaired, number: PageNumber(7), size: size) == nil {
            precondition(repaired == page, "a page that can't be repaired was changed")
        }
        if case .correctable(let bitIndex) = verdict {
            precondition(bitIndex >= 0 && bitIndex < page.count * 8, "a bit outside the page")
            repaired = page
            repaired[bitIndex / 8] ^= 1 << UInt8(bitIndex % 8)
            let again = PageChecksum.verify(repaired.span.bytes, number: PageNumber(7), size: size)
            precondition(again == .valid, "a correction was wrong")
        }
    }
}

extension DecoderTarget {
    private static func header(_ bytes: [UInt8]) {
        let start = bytes.span.bytes
        if let header = try? DatabaseHeader(decoding: start) {
            _ = header.fields().map { "\($0)" }
            let again = header.encoded()
            precondition((try? DatabaseHeader(decoding: again.span.bytes)) == header, "a header changed")
        }
        if let reading = try? DatabaseHeader.read(start: start) { _ = "\(reading.warnings)" }
        let half = bytes.count / 2
        _ = try? DatabaseHeader.read(primary: start.extracting(0..<half), shadow: start.extracting(half..<bytes.count))
    }

    private static func space(_ bytes: [UInt8]) {
        let input = bytes.span.bytes
        if let header = try? SpaceHeader(decoding: input) {
            let again = header.encoded(withFieldFlags: bytes.count > 16)
            precondition(again == bytes, "a space header changed")
            for root in [1, 4, 0x7fef_ffff, 0x7fef_fff0] as [UInt32] {
                let owned = header.singleExtent(root: PageNumber(root))
                for extent in header.availableExtents(root: PageNumber(root)) {
                    precondition(owned?.contains(extent.first) == true && owned?.contains(extent.last) == true)
                }
            }
        }
        if let buffer = try? SplitBuffer(decoding: input), !bytes.isEmpty, buffer.first != nil, buffer.second != nil {
            precondition(buffer.encoded() == bytes, "a split buffer changed")
        }
        var set = ExtentSet()
        for place in stride(from: 0, to: bytes.count, by: 4) {
            for split in 3...5 where place + split <= bytes.count {
                let key = input.extracting(place..<(place + split))
                let data = input.extracting((place + split)..<min(place + split + 4, bytes.count))
                guard let extent = (try? Extent.decode(key: key, data: data))?.extent else { continue }
                _ = set.insert(extent)
                precondition(set.contains(extent), "an extent is not in its set")
            }
        }
        _ = set.description
    }
}

extension Range<Int> {
    /// Whether another range lies wholly inside; empty ones may stand at the end.
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        other.lowerBound >= lowerBound && other.upperBound <= upperBound
    }
}
