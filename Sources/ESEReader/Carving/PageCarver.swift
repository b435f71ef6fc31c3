// Layer: ESEReader/Carving. Uses: RecordForm, RecordKey, PageFrame. Used by: CarvedRows.
// What looks like a record on one page: nodes that are there, and bytes that no node has. Each place is looked at once.

import ESEFormat

/// Something on a page that looks like a record.
struct CarvedRecord {
    /// Where the record starts.
    var start: Int
    /// Where it ends: exactly, or at most.
    var end: Int
    /// If the end is not known, the first place where it may be; else `end`.
    var leastEnd: Int
    /// The first place where the record itself allows an end.
    var leastOwnEnd: Int
    /// Whether it says just that.
    var hasOwnEnd = true
    /// Whether its end may be lost under what was written over it: behind the used part of the page lie the remains of
    /// many states of it. Between nodes lie whole ones.
    var mayLackEnd = false
    /// The bytes from `leastEnd` on are a multiple of it.
    var unit = 1
    /// Its primary key, first of all the one that its values give; none if it is not known.
    var keys: [[UInt8]]
    /// Whether the key that the values give stands before the record.
    var isKeyMatched: Bool
    /// The node's position; nil if it is no node any more.
    var index: Int?
    /// Where the node starts: its key, or the record if the key is gone.
    var nodeStart: Int
    /// How many columns have a value.
    var valueCount: Int

    /// Whether the end was guessed because nothing says where it is.
    var isEndGuessed = false

    var isEndKnown: Bool { leastEnd == end && !isEndGuessed }
    var range: Range<Int> { start..<end }
}

/// Looks at pages of one table.
struct PageCarver {
    private let form: RecordForm
    private var recordKey: RecordKey
    private let size: PageSize

    /// Less is not enough to tell a record by its form alone.
    private static let leastRecordByteCount = 12
    /// How many readings of the bytes before a record are tried when its key can't be made.
    private static let guessLimit = 4

    init(_ table: TableDefinition, size: PageSize) {
        form = RecordForm(table, isLarge: size.isLarge)
        recordKey = RecordKey(table, size: size)
        self.size = size
    }

    // MARK: Nodes.

    /// A node as a record; nil if it holds none.
    mutating func node(_ index: Int, on frame: PageFrame) -> CarvedRecord? {
        let page = frame.bytes.span.bytes
        guard let node = try? frame.layout.node(index, in: page),
            let match = form.match(page, at: node.data.lowerBound, limit: node.data.upperBound, isWhole: true),
            let record = try? RecordLayout(page, node.data, isLarge: size.isLarge)
        else { return nil }
        let stored = frame.layout.key(of: node, in: page)
        var made: [UInt8] = []
        let isMade = recordKey.make(frame.bytes, record, into: &made)
        return CarvedRecord(
            start: node.data.lowerBound, end: node.data.upperBound, leastEnd: node.data.upperBound,
            leastOwnEnd: node.data.upperBound, keys: [stored], isKeyMatched: isMade && made == stored, index: index,
            nodeStart: node.suffix.lowerBound,
            valueCount: match.valueCount)
    }

    // MARK: Bytes without a node.

    /// Everything that looks like a record in the bytes that belong to no node.
    mutating func slack(of frame: PageFrame) -> [CarvedRecord] {
        var found: [CarvedRecord] = []
        let end = size.byteCount - 4 * frame.layout.tagCount
        let covered = Self.covered(frame)
        let (hints, firstOldTag) = oldTags(of: frame)
        var place = size.headerByteCount
        for range in covered {
            if range.lowerBound > place {
                scan(place..<range.lowerBound, isClosed: true, range.upperBound, frame, hints, &found)
            }
            place = max(place, range.upperBound)
        }
        if place < end { scan(place..<end, isClosed: false, firstOldTag, frame, hints, &found) }
        return found
    }

    /// The bytes of all nodes and of the external header, in order.
    private static func covered(_ frame: PageFrame) -> [Range<Int>] {
        let page = frame.bytes.span.bytes
        var covered: [Range<Int>] = []
        covered.reserveCapacity(frame.layout.tagCount)
        for index in 0..<frame.layout.tagCount {
            guard let tag = try? frame.layout.tag(index, in: page), !tag.range.isEmpty else { continue }
            covered.append(tag.range)
        }
        covered.sort { $0.lowerBound < $1.lowerBound }
        return covered
    }

    /// Ends of nodes by their starts, out of the places behind the last tag: when a node is removed, the tags behind it
    /// move, and the last stays there too. Also where the row of what may be old tags begins.
    private func oldTags(of frame: PageFrame) -> (ends: [Int: [Int]], first: Int) {
        let page = frame.bytes.span.bytes
        var ends: [Int: [Int]] = [:]
        var place = size.byteCount - 4 * (frame.layout.tagCount + 1)
        let last = place
        var first = place + 4
        while place >= frame.layout.usedEnd {
            defer { place -= 4 }
            guard let count = try? page.little(place, as: UInt16.self),
                let offset = try? page.little(place + 2, as: UInt16.self)
            else { break }
            let start = size.headerByteCount + Int(offset & size.tagMask)
            let end = start + Int(count & size.tagMask)
            if first == place + 4, end - start >= 4, end <= size.byteCount { first = place }
            guard end - start >= 8, end <= last else { continue }
            ends[start, default: []].append(end)
        }
        return (ends, first)
    }

    /// - Parameters:
    ///   - isClosed: whether a node follows, so that something ended at the end of the range.
    ///   - firstOldTag: where old tags may have been written over the end of a record.
    private mutating func scan(
        _ range: Range<Int>, isClosed: Bool, _ firstOldTag: Int, _ frame: PageFrame, _ hints: [Int: [Int]],
        _ found: inout [CarvedRecord]
    ) {
        let page = frame.bytes.span.bytes
        var place = range.lowerBound
        /// A record whose end is not known until the next one or the end of the range is met.
        var pending: CarvedRecord?
        while place <= range.upperBound - RecordLayout.headerByteCount {
            guard let match = form.match(page, at: place, limit: range.upperBound, isWhole: false),
                var record = record(match, at: place, floor: range.lowerBound, frame)
            else {
                place += 1
                continue
            }
            if let open = pending {
                // What starts in a record's last value is only believed if it is as sure as that record.
                guard record.nodeStart >= open.leastEnd, record.isKeyMatched || !open.isKeyMatched else {
                    place += 1
                    continue
                }
                var closed = Self.close(open, at: record.nodeStart, isClosed: true, page)
                // Behind the used part another state of the page may begin here.
                closed.isEndGuessed = !isClosed
                found.append(closed)
                pending = nil
            }
            record.mayLackEnd = !isClosed && !record.hasOwnEnd
            if !record.isEndKnown, let ends = hints[record.nodeStart],
                let end = ends.first(where: { (record.leastEnd...record.end).contains($0) })
            {
                (record.leastEnd, record.end) = (end, end)
            }
            if record.isEndKnown { found.append(record) } else { pending = record }
            place = max(place + RecordLayout.headerByteCount, record.leastEnd)
        }
        if let pending {
            let end = max(pending.leastEnd, min(firstOldTag, range.upperBound))
            found.append(Self.close(pending, at: end, isClosed: isClosed, page))
        }
    }

    private mutating func record(
        _ match: RecordForm.Match, at start: Int, floor: Int, _ frame: PageFrame
    ) -> CarvedRecord? {
        let page = frame.bytes.span.bytes
        guard let layout = try? RecordLayout(page, start..<match.mostEnd, isLarge: size.isLarge) else { return nil }
        var record = CarvedRecord(
            start: start, end: match.mostEnd, leastEnd: match.leastEnd, leastOwnEnd: match.leastEnd,
            hasOwnEnd: match.isEndKnown, unit: match.unit,
            keys: [], isKeyMatched: false, index: nil, nodeStart: start, valueCount: match.valueCount)
        var key: [UInt8] = []
        if recordKey.make(frame.bytes, layout, into: &key) {
            record.keys = [key]
            if let place = nodeStart(key, before: start, floor: floor, frame) {
                record.nodeStart = place
                record.isKeyMatched = true
                return record
            }
        } else {
            guessKeys(&record, floor: floor, frame)
        }
        let isEnough = match.valueCount > 0 && match.leastEnd - start >= Self.leastRecordByteCount
        return isEnough ? record : nil
    }

    /// Where the node of a record starts if `key` stands before it: whole, or its end with the count of the bytes that
    /// the page's prefix gave.
    private func nodeStart(_ key: [UInt8], before start: Int, floor: Int, _ frame: PageFrame) -> Int? {
        let page = frame.bytes.span.bytes
        let bytes = key.span.bytes
        for count in stride(from: min(key.count, start - floor - 2), through: 0, by: -1) {
            let place = start - count - 2
            guard let word = try? page.little(place, as: UInt16.self), Int(word & 0x1fff) == count,
                KeyOrder.compare(
                    page.extracting((place + 2)..<start), bytes.extracting((key.count - count)..<key.count)) == 0
            else { continue }
            if count == key.count { return place }
            guard place - 2 >= floor, let prefix = try? page.little(place - 2, as: UInt16.self),
                Int(prefix & 0x1fff) == key.count - count
            else { continue }
            if count > 0 { return place - 2 }
            // Two numbers are not much; the page must have the prefix still.
            let header = frame.layout.externalHeader
            if header.count >= key.count,
                KeyOrder.compare(
                    page.extracting(header.lowerBound..<(header.lowerBound + key.count)), bytes) == 0
            {
                return place - 2
            }
        }
        return nil
    }

    /// Keys that may stand before a record, where its values don't tell.
    private func guessKeys(_ record: inout CarvedRecord, floor: Int, _ frame: PageFrame) {
        let page = frame.bytes.span.bytes
        let start = record.start
        let header = frame.layout.externalHeader
        let isWhole: (Int) -> Bool = { [recordKey] in recordKey.isSequential ? $0 == 4 : $0 <= recordKey.byteLimit }
        for count in 0...max(0, min(recordKey.byteLimit, start - floor - 2)) where start - count - 2 >= floor {
            let place = start - count - 2
            guard record.keys.count < Self.guessLimit else { return }
            guard let word = try? page.little(place, as: UInt16.self), Int(word & 0x1fff) == count else { continue }
            if place - 2 >= floor, let prefix = try? page.little(place - 2, as: UInt16.self) {
                let shared = Int(prefix & 0x1fff)
                if shared > 0, isWhole(shared + count), !frame.layout.isRoot, shared <= header.count {
                    if record.keys.isEmpty { record.nodeStart = place - 2 }
                    record.keys.append(
                        page.bytes(header.lowerBound..<(header.lowerBound + shared))
                            + page.bytes((place + 2)..<start))
                }
            }
            if count > 0, isWhole(count) {
                if record.keys.isEmpty { record.nodeStart = place }
                record.keys.append(page.bytes((place + 2)..<start))
            }
        }
    }

    /// Decides where a record ends whose last value has no size of its own.
    private static func close(_ record: CarvedRecord, at limit: Int, isClosed: Bool, _ page: RawSpan) -> CarvedRecord {
        var record = record
        if isClosed, limit <= record.end {
            (record.leastEnd, record.end) = (limit, limit)
            return record
        }
        // What follows was never used, or was overwritten.
        var end = min(record.end, limit)
        let isCut = end < limit
        if !isCut, end > record.leastEnd, let fill = try? page.byte(end - 1), fills.contains(fill) {
            var start = end
            while start > record.leastEnd, (try? page.byte(start - 1)) == fill { start -= 1 }
            if fill == 0 || end - start >= 4 { end = start }
        }
        let rest = (end - record.leastEnd) % record.unit
        if rest > 0 { end += end + record.unit - rest <= min(record.end, limit) ? record.unit - rest : -rest }
        record.isEndGuessed = true
        record.end = end
        return record
    }

    /// What the engine writes over bytes that it gives up, and zero.
    private static let fills: Set<UInt8> = Set("DROHdlzu".utf8).union([0])
}
