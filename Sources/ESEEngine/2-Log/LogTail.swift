// Layer: ESEEngine/2-Log. Uses: ESEFormat. Used by: LogWriter, LogStream's start, recovery before it reads a log.
// The end of a log that was cut off by a power failure. What a device made of the writes since the last sync is not
// known: any may be missing or torn. What a segment's header says of its time of writing tells such a cut from damage.

public import ESEFormat

/// The end of the last log file.
public enum LogTail {
    /// Where a segment's header holds what was durable when it was written: the first 8 of 12 bytes that ESE reserves
    /// and doesn't look at. Zero in segments of Windows.
    static let durableOffset = 24

    /// Writes the header of a segment, whose time is there, and its checksum. 4096 bytes, of which those behind the
    /// last record are zero.
    static func seal(_ segment: UnsafeMutableRawPointer, at position: LogPosition, durable: UInt64) {
        segment.storeBytes(of: position.rawValue.littleEndian, toByteOffset: 8, as: UInt64.self)
        segment.storeBytes(of: durable.littleEndian, toByteOffset: durableOffset, as: UInt64.self)
        segment.storeBytes(of: 0, toByteOffset: 32, as: UInt64.self)
        let buffer = UnsafeMutableRawBufferPointer(start: segment, count: LogSegment.byteCount)
        var span = buffer.mutableBytes
        // A page of 4 KiB has the same checksum, and sealing it can't fail.
        try? PageChecksum.seal(&span, number: PageNumber(UInt32(position.sector)), size: .kibibytes4)
    }

    /// What was done to a file.
    public enum Outcome: Hashable, Sendable {
        /// Nothing was needed.
        case whole
        /// The last segment was made good again from its two copies.
        case restored(LogPosition)
        /// Writes that were never durable were cut off; from here on there is nothing.
        case cut(LogPosition)
        /// Something that was durable is damaged. The file is as it was.
        case damaged(LogPosition)
    }

    /// Makes the newest log file fit to be read and continued after a power failure: afterwards it has valid segments
    /// first and then none of its generation, or is damaged. May itself be interrupted at any time and done again. Only
    /// for the newest file; all before it are durable.
    public static func repair(_ file: any StorageFile, _ header: LogHeader) throws(StorageError) -> Outcome {
        let count = Int(header.sectorCount)
        guard count > 2 else { return .whole }
        var image = LogImage(segmentCount: count, generation: header.generation)
        try image.read(file)
        var end = 1
        while end < count - 1, image.isGood(end) { end += 1 }
        let place = image.position(end)
        if end < count - 1, image.check(end) != .empty, let good = image.restored(end) {
            // The second copy first: there is always one that is whole or both can still be put together.
            image.put(good, end + 1)
            try image.write(end + 1, to: file)
            try file.sync()
            image.put(good, end)
            try image.write(end, to: file)
            try file.sync()
            _ = try cut(from: end + 2, &image, file)
            return .restored(place)
        }
        // What was durable in the segment that is missing is named by any later write.
        let nothing = place.rawValue | UInt64(LogSegment.headerByteCount)
        for sector in end..<count where image.isOwn(sector) && image.durable(sector) > nothing {
            if sector > end || image.check(sector) == .invalid { return .damaged(place) }
        }
        return try cut(from: end, &image, file) ? .cut(place) : .whole
    }

    /// Makes the file end with the first `byteCount` bytes of a segment, at most 4096, and gives the segment; with 40
    /// no segment stays. Nil if there is no such segment. May be interrupted at any time and done again.
    static func prepareEnd(
        _ file: any StorageFile, _ header: LogHeader, sector: Int, byteCount: Int
    ) throws(StorageError) -> [UInt8]? {
        var image = LogImage(segmentCount: Int(header.sectorCount), generation: header.generation)
        try image.read(file)
        guard byteCount > LogSegment.headerByteCount else {
            _ = try cut(from: sector, &image, file)
            return []
        }
        guard var segment = image.segment(sector) else { return nil }
        _ = try cut(from: sector + 1, &image, file)
        let isCut = segment[byteCount...].contains { $0 != 0 }
        if isCut {
            let end = LogPosition(generation: header.generation, sector: UInt16(sector), byte: UInt16(byteCount))
            for index in byteCount..<segment.count { segment[index] = 0 }
            segment.withUnsafeMutableBytes { buffer in
                seal(buffer.baseAddress.unsafelyUnwrapped, at: image.position(sector), durable: end.rawValue)
            }
        }
        // It will be written over, so there must be a second copy.
        image.put(segment, sector + 1)
        try image.write(sector + 1, to: file)
        try file.sync()
        if isCut {
            image.put(segment, sector)
            try image.write(sector, to: file)
            try file.sync()
        }
        return segment
    }

    /// Zeroes what could be taken for segments of this generation.
    private static func cut(
        from first: Int, _ image: inout LogImage, _ file: any StorageFile
    ) throws(StorageError) -> Bool {
        var isChanged = false
        for sector in first..<max(first, image.segmentCount) {
            switch image.check(sector) {
            case .empty, .stale: continue
            // A shadow of the segment before the end does no harm; others are older.
            case .shadow where sector == first: continue
            default: break
            }
            image.clear(sector)
            try image.write(sector, to: file)
            isChanged = true
        }
        if isChanged { try file.sync() }
        return isChanged
    }
}

/// All segments of a file in memory.
private struct LogImage {
    let segmentCount: Int
    let generation: UInt32
    private var bytes: [UInt8]

    private static let size = LogSegment.byteCount

    init(segmentCount: Int, generation: UInt32) {
        self.segmentCount = segmentCount
        self.generation = generation
        bytes = [UInt8](repeating: 0, count: segmentCount * Self.size)
    }

    /// Reads the file as far as it goes; the rest is zero.
    mutating func read(_ file: any StorageFile) throws(StorageError) {
        _ = try file.read(into: &bytes, at: 0)
    }

    func position(_ sector: Int) -> LogPosition {
        LogPosition(generation: generation, sector: UInt16(sector), byte: 0)
    }

    func check(_ sector: Int) -> LogSegment.Verdict {
        check(sector, as: sector)
    }

    func isGood(_ sector: Int) -> Bool {
        switch check(sector) {
        case .valid, .correctable: true
        default: false
        }
    }

    /// A good segment, with a wrong bit made right.
    func segment(_ sector: Int) -> [UInt8]? {
        var segment = Array(bytes[sector * Self.size..<(sector + 1) * Self.size])
        switch check(sector) {
        case .valid: return segment
        case .correctable(let bitIndex):
            segment[bitIndex / 8] ^= 1 << UInt8(bitIndex % 8)
            return LogSegment.check(segment.span.bytes, at: position(sector)) == .valid ? segment : nil
        default: return nil
        }
    }

    /// Checks what stands at `sector` as if it stood at `place`.
    private func check(_ sector: Int, as place: Int) -> LogSegment.Verdict {
        let segment = bytes.span.bytes.extracting(sector * Self.size..<(sector + 1) * Self.size)
        return LogSegment.check(segment, at: position(place))
    }

    private func number(_ sector: Int, _ offset: Int) -> UInt64 {
        (try? bytes.span.bytes.little(sector * Self.size + offset)) ?? 0
    }

    /// Whether the header says that it is the segment at this place. The checksum may be wrong.
    func isOwn(_ sector: Int) -> Bool { number(sector, 8) == position(sector).rawValue }

    func durable(_ sector: Int) -> UInt64 { number(sector, LogTail.durableOffset) }

    mutating func clear(_ sector: Int) {
        for index in sector * Self.size..<(sector + 1) * Self.size { bytes[index] = 0 }
    }

    mutating func put(_ segment: [UInt8], _ sector: Int) {
        bytes.replaceSubrange(sector * Self.size..<(sector + 1) * Self.size, with: segment)
    }

    func write(_ sector: Int, to file: any StorageFile) throws(StorageError) {
        try file.write(Array(bytes[sector * Self.size..<(sector + 1) * Self.size]), at: UInt64(sector * Self.size))
    }

    /// The segment at a place where none is valid, from what is there and behind: its shadow; else what was durable of
    /// it before both were written over and torn. Nil if there is no sign of it.
    func restored(_ sector: Int) -> [UInt8]? {
        if check(sector + 1, as: sector) == .valid {
            return Array(bytes[(sector + 1) * Self.size..<(sector + 2) * Self.size])
        }
        let copies = [sector, sector + 1].filter { number($0, 8) == position(sector).rawValue }
        for copy in copies {
            if let old = shortened(copy, sector) { return old }
        }
        for copy in copies {
            // The header is of the newer write. It says how much was durable, and that much is in both copies.
            let durable = LogPosition(rawValue: durable(copy))
            let count = Int(durable.byte)
            guard durable.generation == generation, Int(durable.sector) == sector, count <= Self.size,
                count > LogSegment.headerByteCount
            else { continue }
            let range = LogSegment.headerByteCount..<count
            let first = bytes[sector * Self.size + range.lowerBound..<sector * Self.size + range.upperBound]
            let second = bytes[
                (sector + 1) * Self.size + range.lowerBound..<(sector + 1) * Self.size + range.upperBound]
            guard first.elementsEqual(second) else { continue }
            var segment = Array(bytes[copy * Self.size..<copy * Self.size + count])
            segment.append(contentsOf: [UInt8](repeating: 0, count: Self.size - count))
            segment.withUnsafeMutableBytes { buffer in
                LogTail.seal(buffer.baseAddress.unsafelyUnwrapped, at: position(sector), durable: durable.rawValue)
            }
            return segment
        }
        return nil
    }

    /// The older state of a copy whose header is older than its end: records were added behind it. Without them its
    /// checksum is right.
    private func shortened(_ copy: Int, _ sector: Int) -> [UInt8]? {
        var segment = Array(bytes[copy * Self.size..<(copy + 1) * Self.size])
        let place = position(sector)
        var end = Self.size
        while end > LogSegment.headerByteCount {
            end -= 1
            guard segment[end] != 0 else { continue }
            segment[end] = 0
            if LogSegment.check(segment.span.bytes, at: place) == .valid { return segment }
        }
        return nil
    }
}
