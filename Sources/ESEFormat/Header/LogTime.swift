// Layer: ESEFormat/Header. Used by: DatabaseHeader, later logs and checkpoints.
// The small structures that the headers of all files share: times, places in the log, signatures, backups.

/// A time in a header. ESE's term: LOGTIME, eight bytes. Zero means that nothing happened yet.
public struct LogTime: RawRepresentable, Hashable, Sendable {
    /// The eight bytes as stored, as a little-endian number.
    public var rawValue: UInt64

    /// Makes a time of what is stored.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes a time. Parts beyond their range are cut to it: years 1900...2155, milliseconds 0...999.
    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0,
        isUTC: Bool = true
    ) {
        func part(_ value: Int, _ most: Int, _ shift: UInt64) -> UInt64 {
            UInt64(max(0, min(most, value))) << shift
        }
        let thousandths = part(millisecond, 999, 0)
        rawValue =
            part(second, 59, 0) | part(minute, 59, 8) | part(hour, 23, 16) | part(day, 31, 24) | part(month, 12, 32)
            | part(year - 1_900, 255, 40) | (isUTC ? 1 << 48 : 0) | (thousandths & 0x7f) << 49
            | (thousandths >> 7) << 57
    }

    /// No time.
    public static let none = LogTime(rawValue: 0)

    /// Whether a time is stored.
    public var isSet: Bool { rawValue & 0xffff_ffff_ffff != 0 }
    /// The year, 1900...2155.
    public var year: Int { 1_900 + part(40) }
    /// The month, 1...12; a damaged header may have others, here and below.
    public var month: Int { part(32) }
    /// The day of the month, 1...31.
    public var day: Int { part(24) }
    /// The hour, 0...23.
    public var hour: Int { part(16) }
    /// The minute, 0...59.
    public var minute: Int { part(8) }
    /// The second, 0...59.
    public var second: Int { part(0) }
    /// Thousandths of a second, 0...999. Old Windows stores none.
    public var millisecond: Int { Int(rawValue >> 49 & 0x7f | (rawValue >> 57 & 7) << 7) }
    /// Whether it is UTC; else it is the local time of the machine that wrote it, whose zone isn't known.
    public var isUTC: Bool { rawValue >> 48 & 1 == 1 }
    /// Whether it was set by a snapshot of the volume. ESE: fOSSnapshot.
    public var isFromSnapshot: Bool { rawValue >> 56 & 1 == 1 }

    private func part(_ shift: UInt64) -> Int { Int(rawValue >> shift & 0xff) }
}

extension LogTime: CustomStringConvertible {
    /// ISO 8601 such as `2024-11-20T07:31:09.120Z`, without `Z` for local times; `-` for no time.
    public var description: String {
        guard isSet else { return "-" }
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
        let time = "\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2))"
        return "\(date)T\(time)\(millisecond == 0 ? "" : "." + digits(millisecond, 3))\(isUTC ? "Z" : "")"
    }

    private func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

/// A place in the log. ESE's term: LGPOS, eight bytes.
public struct LogPosition: Hashable, Comparable, Sendable {
    /// The number of the log file, from 1; 0 means no place. ESE's term: lGeneration.
    public var generation: UInt32
    /// The sector in the file. ESE's term: isec.
    public var sector: UInt16
    /// The byte in the sector. ESE's term: ib.
    public var byte: UInt16

    /// Makes a place.
    public init(generation: UInt32, sector: UInt16, byte: UInt16) {
        self.generation = generation
        self.sector = sector
        self.byte = byte
    }

    /// Makes a place of the eight bytes as stored: byte, sector, generation.
    public init(rawValue: UInt64) {
        self.init(
            generation: UInt32(rawValue >> 32), sector: UInt16(truncatingIfNeeded: rawValue >> 16),
            byte: UInt16(truncatingIfNeeded: rawValue))
    }

    /// No place.
    public static let none = LogPosition(rawValue: 0)

    /// The eight bytes as stored, as a little-endian number.
    public var rawValue: UInt64 {
        get { UInt64(generation) << 32 | UInt64(sector) << 16 | UInt64(byte) }
        set { self = LogPosition(rawValue: newValue) }
    }

    /// Orders by time of writing.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension LogPosition: CustomStringConvertible {
    /// As Windows' tool prints it, in hexadecimal: `(0x5,3,1D5)`.
    public var description: String {
        func hex(_ value: some BinaryInteger) -> String { String(value, radix: 16, uppercase: true) }
        return "(0x\(hex(generation)),\(hex(sector)),\(hex(byte)))"
    }
}

/// Tells files that belong together. ESE's term: SIGNATURE, 28 bytes. All zero for a database that keeps no logs.
public struct DatabaseSignature: Hashable, Sendable {
    /// A random number.
    public var random: UInt32
    /// When it was made.
    public var time: LogTime
    /// The first eight bytes of the computer's name; zero in today's files.
    public var computerNameStart: UInt64
    /// The last eight bytes of the computer's name.
    public var computerNameEnd: UInt64

    /// Makes a signature.
    public init(random: UInt32 = 0, time: LogTime = .none, computerNameStart: UInt64 = 0, computerNameEnd: UInt64 = 0) {
        self.random = random
        self.time = time
        self.computerNameStart = computerNameStart
        self.computerNameEnd = computerNameEnd
    }

    static let byteCount = 28

    init(decoding bytes: RawSpan, at offset: Int) throws(FormatError) {
        random = try bytes.little(offset)
        time = LogTime(rawValue: try bytes.little(offset + 4))
        computerNameStart = try bytes.little(offset + 12)
        computerNameEnd = try bytes.little(offset + 20)
    }

    /// Whether it is one.
    public var isSet: Bool { self != DatabaseSignature() }

    /// The computer's name as far as it is plain ASCII; empty in today's files.
    public var computerName: String {
        var name = ""
        for index in 0..<16 {
            let half = index < 8 ? computerNameStart : computerNameEnd
            let byte = UInt8(truncatingIfNeeded: half >> UInt64(index % 8 * 8))
            guard byte >= 0x20, byte < 0x7f else { break }
            name.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return name
    }
}

extension DatabaseSignature: CustomStringConvertible {
    /// Time and random number, such as `2021-03-04T10:11:12 0x87c3f09e`; `-` for none.
    public var description: String {
        guard isSet else { return "-" }
        let name = computerName
        return "\(time) 0x\(String(random, radix: 16))\(name.isEmpty ? "" : " \(name)")"
    }
}

/// What a backup took. ESE's term: BKINFO, 24 bytes.
public struct BackupInfo: Hashable, Sendable {
    /// Where the log stood.
    public var position: LogPosition
    /// When it was made.
    public var time: LogTime
    /// The first generation of the log in it.
    public var firstGeneration: UInt32
    /// The last generation of the log in it.
    public var lastGeneration: UInt32

    /// Makes a description of a backup; by default that of none.
    public init(
        position: LogPosition = .none, time: LogTime = .none, firstGeneration: UInt32 = 0, lastGeneration: UInt32 = 0
    ) {
        self.position = position
        self.time = time
        self.firstGeneration = firstGeneration
        self.lastGeneration = lastGeneration
    }

    static let byteCount = 24

    init(decoding bytes: RawSpan, at offset: Int) throws(FormatError) {
        position = LogPosition(rawValue: try bytes.little(offset))
        time = LogTime(rawValue: try bytes.little(offset + 8))
        firstGeneration = try bytes.little(offset + 16)
        lastGeneration = try bytes.little(offset + 20)
    }

    /// Whether there was a backup.
    public var isSet: Bool { self != BackupInfo() }
}

extension BackupInfo: CustomStringConvertible {
    /// Time, place and generations; `-` for none.
    public var description: String {
        guard isSet else { return "-" }
        return "\(time) \(position) generations \(firstGeneration)...\(lastGeneration)"
    }
}
