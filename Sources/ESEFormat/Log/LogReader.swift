// Layer: ESEFormat/Log. Uses: LogSegment, LogRecord. Used by: recovery, log stream, `oriel db log`.
// The records of one log file in order. Nothing in the file is trusted: lengths are checked against the segment, and
// memory is bounded by the file's size.

/// Where the segments of a log file come from.
public protocol LogSegmentSource {
    /// Fills the buffer, 4096 bytes, with the segment at this place of the file; false if it can't be read or isn't
    /// there. Why, the source may keep for itself.
    mutating func readSegment(_ sector: UInt16, into segment: UnsafeMutableRawBufferPointer) -> Bool
}

/// A log file in memory.
public struct LogFileBytes: LogSegmentSource {
    /// The whole file, header included.
    public let bytes: [UInt8]

    /// Makes a source of a whole file.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Copies a segment.
    public func readSegment(_ sector: UInt16, into segment: UnsafeMutableRawBufferPointer) -> Bool {
        let start = Int(sector) * LogSegment.byteCount
        guard bytes.count - start >= LogSegment.byteCount else { return false }
        bytes.withUnsafeBytes { file in
            segment.copyMemory(from: UnsafeRawBufferPointer(rebasing: file[start..<start + LogSegment.byteCount]))
        }
        return true
    }
}

/// Why a log can't be read on.
public struct LogReadError: Error, Hashable, Sendable {
    /// What was wrong.
    public enum Kind: Hashable, Sendable {
        /// A segment can't be read, and there is no shadow of it.
        case unreadable
        /// A segment says that it belongs further on.
        case misplacedSegment
        /// The log ends here, but this segment behind it is of the same log: something is missing in between.
        case segmentBehindEnd(UInt16)
        /// What stands here is no record, or doesn't fit where it is.
        case badRecord
        /// Reading was to start here, but no record ends or begins here.
        case badStart
    }

    /// What was wrong.
    public let kind: Kind
    /// Where.
    public let position: LogPosition
}

extension LogReadError: CustomStringConvertible {
    /// What was wrong and where, for people.
    public var description: String {
        switch kind {
        case .unreadable: "log segment at \(position) can't be read"
        case .misplacedSegment: "log segment at \(position) belongs elsewhere"
        case .segmentBehindEnd(let sector): "log is damaged at \(position): it goes on at segment \(sector)"
        case .badRecord: "no log record at \(position)"
        case .badStart: "no log record starts at \(position)"
        }
    }
}

/// Why a log file has no more records.
public enum LogEnd: Hashable, Sendable {
    /// Its last segment is used.
    case full
    /// The next segment hasn't been written in this use of the file.
    case unwritten
    /// The next segment is damaged, as by a write that was interrupted.
    case torn
}

/// Reads one log file: `next` goes to a record, `bytes` are those of the record gone to.
///
/// The position of a record is where the log stood when it was appended, as everywhere in ESE: the end of the record
/// before it, thus sometimes before zeros that fill a segment; the start of a segment has byte 0, not 40.
public struct LogReader<Source: LogSegmentSource>: ~Copyable {
    /// Where segments come from.
    public var source: Source
    /// The file's number.
    public let generation: UInt32
    /// Whether records of padding (NOP2) are passed over.
    public var skipsPadding = true
    /// Whether damage ends the log even if the same log goes on behind it. For logs of our own writing, where a crash
    /// may leave any of the segments that had not been made durable.
    public var endsAtDamage = false
    /// Why there are no more records; nil until `next` said so.
    public private(set) var end: LogEnd?
    /// Where the last complete record ends: the position of the next one, had it been written.
    public private(set) var endPosition: LogPosition
    /// Whether the log ends inside a record.
    public private(set) var endsInsideRecord = false
    /// The last segment that was read and good; 0 before that.
    public private(set) var lastSector: UInt16 = 0
    /// Segments that were damaged, and read from their shadows.
    public private(set) var shadowCount = 0
    /// Wrong bits that were corrected.
    public private(set) var correctedBitCount = 0
    /// The XOR of the checksums of all segments read so far: what the header of the next file says about this one, if
    /// reading began at the start.
    public private(set) var segmentsChecksum: UInt64 = 0
    /// The bytes of the last record; valid until the next call of `next` and only while the reader lives.
    public private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    private let lastUsable: UInt16
    private let segment = UnsafeMutableRawPointer.allocate(byteCount: LogSegment.byteCount, alignment: 16)
    private let other = UnsafeMutableRawPointer.allocate(byteCount: LogSegment.byteCount, alignment: 16)
    private var assembled = UnsafeMutableRawPointer.allocate(byteCount: 8_192, alignment: 16)
    private var assembledCapacity = 8_192
    /// The place in the segment; 4096 also before the first one.
    private var offset = LogSegment.byteCount
    private var start: LogPosition?
    private var skipsFragments = false
    private var failure: LogReadError?

    /// Makes a reader of a file of `sectorCount` sectors, the header included. It begins at the file's start, or at a
    /// position of a record or the end of one; a position in another generation traps.
    public init(_ source: Source, generation: UInt32, sectorCount: UInt16, from start: LogPosition? = nil) {
        precondition(start.map { $0.generation == generation } ?? true, "a position in this file")
        self.source = source
        self.generation = generation
        lastUsable = LogSegment.lastUsable(sectorCount: sectorCount)
        endPosition = LogPosition(generation: generation, sector: 1, byte: 0)
        if let start, start.sector >= 1 {
            lastSector = start.sector - 1
            endPosition.sector = start.sector
            skipsFragments = true
            if start.byte > LogSegment.headerByteCount { self.start = start }
        }
    }

    deinit {
        segment.deallocate()
        other.deallocate()
        assembled.deallocate()
    }

    /// Goes to the next record and gives its position; nil at the end. After an error the same one is thrown again.
    public mutating func next() throws(LogReadError) -> LogPosition? {
        if let failure { throw failure }
        guard end == nil else { return nil }
        do throws(LogReadError) {
            if let start { try go(to: start) }
            return try advance()
        } catch {
            failure = error
            throw error
        }
    }

    /// Decodes the record gone to. Throws `badRecord` where its parts don't fit together.
    public func decode() throws(FormatError) -> LogRecord { try LogRecord(decoding: bytes.bytes) }

    private func place(_ offset: Int) -> LogPosition {
        guard offset < LogSegment.byteCount else {
            return LogPosition(generation: generation, sector: lastSector &+ 1, byte: 0)
        }
        return LogPosition(
            generation: generation, sector: lastSector,
            byte: offset <= LogSegment.headerByteCount ? 0 : UInt16(offset))
    }

    private func error(_ kind: LogReadError.Kind, _ offset: Int) -> LogReadError {
        LogReadError(kind: kind, position: place(offset))
    }

    /// The bytes of the segment from `offset`; the caller has checked that it is at most 4096.
    private func rest(_ offset: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: segment + offset, count: LogSegment.byteCount - offset)
    }

    /// Reads the first segment and passes over its records until the wanted place.
    private mutating func go(to wanted: LogPosition) throws(LogReadError) {
        start = nil
        guard Int(wanted.byte) <= LogSegment.byteCount else { throw LogReadError(kind: .badStart, position: wanted) }
        guard try load() else { return }
        while offset < Int(wanted.byte) {
            guard let count = try? LogRecordType.byteCount(ofRecordIn: rest(offset).bytes) else { break }
            offset += count
        }
        guard offset == Int(wanted.byte) else { throw LogReadError(kind: .badStart, position: wanted) }
        endPosition = place(offset)
        skipsFragments = false
    }

    private mutating func advance() throws(LogReadError) -> LogPosition? {
        var position = endPosition
        // Bytes of a fragmented record: how many there will be (0: not in one), how many there are.
        var total = 0
        var seen = 0
        while true {
            if offset >= LogSegment.byteCount {
                guard end == nil, try load() else {
                    endsInsideRecord = total > 0
                    return nil
                }
            }
            let rest = rest(offset)
            let left = rest.count
            let first = rest[0]
            switch LogRecordType(rawValue: first) {
            case .nop:
                while offset < LogSegment.byteCount, segment.load(fromByteOffset: offset, as: UInt8.self) == 0 {
                    offset += 1
                }
            case .fragmentBegin:
                guard left >= LogSegment.firstFragmentHeaderByteCount else { throw error(.badRecord, offset) }
                let whole = Int(rest.bytes.inside(1, as: UInt32.self))
                let count = Int(rest.bytes.inside(5, as: UInt16.self))
                let room = Int(lastUsable - lastSector + 1) * LogSegment.bodyByteCount
                guard count > 0, count < whole, whole <= room, left >= 7 + count else {
                    throw error(.badRecord, offset)
                }
                if total > 0 {
                    guard offset == LogSegment.headerByteCount, rest[7] == LogRecordType.undoInfo.rawValue else {
                        throw error(.badRecord, offset)
                    }
                    position = place(offset)
                }
                reserve(whole)
                assembled.copyMemory(from: segment + offset + 7, byteCount: count)
                (total, seen) = (whole, count)
                skipsFragments = false
                offset += 7 + count
            case .fragment:
                guard left >= LogSegment.fragmentHeaderByteCount else { throw error(.badRecord, offset) }
                let count = Int(rest.bytes.inside(1, as: UInt16.self))
                guard left >= 3 + count, skipsFragments || total > 0 && count <= total - seen else {
                    throw error(.badRecord, offset)
                }
                if total > 0 {
                    (assembled + seen).copyMemory(from: segment + offset + 3, byteCount: count)
                    seen += count
                }
                offset += 3 + count
                guard total > 0 else {
                    // The rest of a record that began before the place where reading started.
                    endPosition = place(offset)
                    position = endPosition
                    continue
                }
                if seen < total { continue }
                let record = UnsafeRawBufferPointer(start: assembled, count: total)
                guard let needed = try? LogRecordType.byteCount(ofRecordIn: record.bytes), needed == total else {
                    throw LogReadError(kind: .badRecord, position: position)
                }
                endPosition = place(offset)
                bytes = record
                return position
            case .some(let type):
                if total > 0 {
                    // A crash left the record before incomplete, and recovery went on with a new segment.
                    guard offset == LogSegment.headerByteCount,
                        type == .recoveryUndo || type == .recoveryUndoOld || type == .undoInfo
                    else { throw error(.badRecord, offset) }
                    position = place(offset)
                    total = 0
                }
                guard let count = try? LogRecordType.byteCount(ofRecordIn: rest.bytes), count <= left else {
                    throw error(.badRecord, offset)
                }
                skipsFragments = false
                bytes = UnsafeRawBufferPointer(rebasing: rest[..<count])
                offset += count
                endPosition = place(offset)
                if type == .padding, skipsPadding {
                    position = endPosition
                    continue
                }
                return position
            case nil:
                throw error(.badRecord, offset)
            }
        }
    }

    /// Room for a record; its size is bounded by that of the file.
    private mutating func reserve(_ byteCount: Int) {
        guard byteCount > assembledCapacity else { return }
        assembled.deallocate()
        assembled = .allocate(byteCount: byteCount, alignment: 16)
        assembledCapacity = byteCount
    }
}

extension LogReader {
    /// Reads the segment behind the last one into the buffer; false if the log ends there.
    private mutating func load() throws(LogReadError) -> Bool {
        let sector = lastSector &+ 1
        guard lastSector < lastUsable else {
            end = .full
            return false
        }
        let place = LogPosition(generation: generation, sector: sector, byte: 0)
        let buffer = UnsafeMutableRawBufferPointer(start: segment, count: LogSegment.byteCount)
        let isRead = source.readSegment(sector, into: buffer)
        var verdict = isRead ? LogSegment.check(UnsafeRawBufferPointer(buffer).bytes, at: place) : .invalid
        if case .correctable(let bit) = verdict {
            buffer[bit / 8] ^= 1 << UInt8(bit % 8)
            verdict = LogSegment.check(UnsafeRawBufferPointer(buffer).bytes, at: place)
            correctedBitCount += 1
        }
        if verdict == .invalid, let verdictOfShadow = readOther(sector + 1, at: place), verdictOfShadow == .valid {
            segment.copyMemory(from: other, byteCount: LogSegment.byteCount)
            shadowCount += 1
            verdict = .valid
        }
        switch verdict {
        case .valid:
            lastSector = sector
            offset = LogSegment.headerByteCount
            segmentsChecksum ^= UInt64(littleEndian: segment.load(as: UInt64.self))
            return true
        case .misplaced: throw LogReadError(kind: .misplacedSegment, position: place)
        case .empty, .stale, .shadow: end = .unwritten
        case .invalid, .correctable: end = .torn
        }
        if !isRead { throw LogReadError(kind: .unreadable, position: place) }
        guard !endsAtDamage, sector < lastUsable else { return false }
        for behind in sector + 1...lastUsable {
            let there = LogPosition(generation: generation, sector: behind, byte: 0)
            if readOther(behind, at: there) == .valid {
                throw LogReadError(kind: .segmentBehindEnd(behind), position: place)
            }
        }
        return false
    }

    /// What the segment at one place is worth at another; nil if it can't be read.
    private mutating func readOther(_ sector: UInt16, at place: LogPosition) -> LogSegment.Verdict? {
        let buffer = UnsafeMutableRawBufferPointer(start: other, count: LogSegment.byteCount)
        guard source.readSegment(sector, into: buffer) else { return nil }
        return LogSegment.check(UnsafeRawBufferPointer(buffer).bytes, at: place)
    }
}
