// Layer: ESEExport/Rendering. Uses: Digits, Moments, Identities. Used by: sinks, WellKnownTables.
// How the stored bytes of a value become text: by the column's type, or by what is known of the column. Appends to the
// caller's bytes and allocates nothing else.

public import ESEFormat

/// How the values of a column are written.
public enum ValueRendering: Hashable, Sendable {
    /// `true` and `false`.
    case bit
    /// A whole number, little-endian, of 1, 2, 4 or 8 bytes.
    case signed
    /// The same without a sign.
    case unsigned
    /// A number of 4 or 8 bytes with a fraction.
    case floating
    /// An OLE date, as `2024-05-06T07:08:09.123`; Windows' file time if the bits are one and no date.
    case oleDate
    /// A GUID.
    case guid
    /// Text in a code page.
    case text(codePage: UInt32)
    /// Bytes.
    case binary
    /// 100-ns units since 1601, as `2024-05-06T07:08:09.1234567Z`, little-endian in 8 bytes; 0 is an empty text.
    case fileTime
    /// The same, big-endian.
    case fileTimeBigEndian
    /// Seconds since 1601, in 8 bytes.
    case secondsSince1601
    /// A security identifier, as `S-1-5-18`.
    case sid
    /// The same as the directory stores it: the last number, the RID, is big-endian.
    case directorySID
    /// A whole number in a binary column, little-endian, without a sign.
    case unsignedBytes
    /// A whole number of 1 to 8 bytes, big-endian, without a sign.
    case unsignedBigEndian
    /// UTF-16 in a binary column, up to a NUL.
    case utf16
    /// An IPv4 or IPv6 address.
    case ipAddress
    /// A GUID in a binary column.
    case guidBytes
    /// What an identity of SRUM is depends on another column of the row: 3 is a security identifier, the others are
    /// text.
    case srumIdentity(typeColumn: Int)

    /// How the values of a column are written if nothing is known but its type.
    public init(_ column: ColumnDefinition) {
        switch column.type {
        case .bit: self = .bit
        case .short, .long, .longLong, .currency: self = .signed
        case .unsignedByte, .unsignedShort, .unsignedLong, .unsignedLongLong: self = .unsigned
        case .single, .double: self = .floating
        case .dateTime: self = .oleDate
        case .guid: self = .guid
        case .text, .longText: self = .text(codePage: column.codePage)
        case .binary, .longBinary, .superLongValue: self = .binary
        }
    }
}

/// How bytes are written.
public enum BinaryForm: String, CaseIterable, Sendable {
    /// Two hexadecimal digits for each, in lower case.
    case hex
    /// Base64 with padding (RFC 4648, section 4).
    case base64
}

/// What a rendered value is in formats that know types.
enum RenderedKind {
    case number
    case boolean
    case text
}

extension ValueRendering {
    /// Whether nearly all values are numbers or booleans.
    var isUsuallyBare: Bool {
        switch self {
        case .bit, .signed, .unsigned, .floating, .unsignedBytes, .unsignedBigEndian: true
        default: false
        }
    }

    /// Appends a value as text.
    /// - Throws: `badValue` if the bytes can't be a value of this kind; `output` has not changed then.
    func append(_ bytes: RawSpan, binary: BinaryForm, to output: inout [UInt8]) throws(FormatError) -> RenderedKind {
        switch self {
        case .bit:
            guard bytes.byteCount == 1 else { throw FormatError(.badValue, at: bytes.byteCount) }
            output.append(contentsOf: try bytes.byte(0) != 0 ? "true".utf8 : "false".utf8)
            return .boolean
        case .signed:
            output.appendDecimal(try Self.signed(bytes))
            return .number
        case .unsigned:
            output.appendDecimal(try Self.unsigned(bytes))
            return .number
        case .floating: return Self.append(try Self.floating(bytes), bytes.byteCount, to: &output)
        case .oleDate:
            guard bytes.byteCount == 8 else { throw FormatError(.badValue, at: bytes.byteCount) }
            let days = Double(bitPattern: try bytes.little(0))
            if output.appendOLEDate(days) { return .text }
            let units: UInt64 = try bytes.little(0)
            if Moments.isPlausible(fileTime: units) {
                output.appendFileTime(units)
                return .text
            }
            return Self.append(days, 8, to: &output)
        case .guid, .guidBytes:
            guard bytes.byteCount == 16 else { return try other(bytes, binary, &output) }
            output.appendGUID(low: try bytes.little(0), high: try bytes.little(8))
        case .text(let codePage): Text.appendUTF8(of: bytes, codePage: codePage, to: &output)
        case .binary: output.append(bytes, as: binary)
        case .fileTime:
            guard bytes.byteCount == 8 else { return try other(bytes, binary, &output) }
            return output.appendFileTimeOrNumber(try bytes.little(0, as: UInt64.self))
        case .fileTimeBigEndian:
            guard bytes.byteCount == 8 else { return try other(bytes, binary, &output) }
            return output.appendFileTimeOrNumber(try bytes.big(0, as: UInt64.self))
        case .secondsSince1601:
            guard bytes.byteCount == 8 else { return try other(bytes, binary, &output) }
            return output.appendSecondsOrNumber(try bytes.little(0))
        case .sid:
            guard output.appendSID(bytes) else { return try other(bytes, binary, &output) }
        case .directorySID:
            guard output.appendSID(bytes, isLastBigEndian: true) else { return try other(bytes, binary, &output) }
        case .unsignedBytes, .unsignedBigEndian:
            guard let number = wholeNumber(bytes) else { return try other(bytes, binary, &output) }
            output.appendDecimal(number)
            return .number
        case .utf16:
            guard bytes.byteCount % 2 == 0 else { return try other(bytes, binary, &output) }
            var end = 0
            while end < bytes.byteCount, try bytes.little(end, as: UInt16.self) != 0 { end += 2 }
            Text.appendUTF8(ofUTF16: bytes.extracting(0..<end), to: &output)
        case .ipAddress:
            guard output.appendIPAddress(bytes) else { return try other(bytes, binary, &output) }
        case .srumIdentity: return try Self.utf16.append(bytes, binary: binary, to: &output)
        }
        return .text
    }

    /// The number of a value of `unsignedBytes` or `unsignedBigEndian`; nil for impossible sizes.
    func wholeNumber(_ bytes: RawSpan) -> UInt64? {
        guard self == .unsignedBigEndian else { return try? Self.unsigned(bytes) }
        guard 1...8 ~= bytes.byteCount else { return nil }
        var number: UInt64 = 0
        for place in 0..<bytes.byteCount { number = number << 8 | UInt64((try? bytes.byte(place)) ?? 0) }
        return number
    }

    /// What is known of a column is not true of this value: it is written as the bytes it is.
    private func other(
        _ bytes: RawSpan, _ binary: BinaryForm, _ output: inout [UInt8]
    ) throws(FormatError) -> RenderedKind {
        output.append(bytes, as: binary)
        return .text
    }

    static func signed(_ bytes: RawSpan) throws(FormatError) -> Int64 {
        switch bytes.byteCount {
        case 1: Int64(try bytes.little(0, as: Int8.self))
        case 2: Int64(try bytes.little(0, as: Int16.self))
        case 4: Int64(try bytes.little(0, as: Int32.self))
        case 8: try bytes.little(0)
        default: throw FormatError(.badValue, at: bytes.byteCount)
        }
    }

    static func unsigned(_ bytes: RawSpan) throws(FormatError) -> UInt64 {
        switch bytes.byteCount {
        case 1: UInt64(try bytes.byte(0))
        case 2: UInt64(try bytes.little(0, as: UInt16.self))
        case 4: UInt64(try bytes.little(0, as: UInt32.self))
        case 8: try bytes.little(0)
        default: throw FormatError(.badValue, at: bytes.byteCount)
        }
    }

    static func floating(_ bytes: RawSpan) throws(FormatError) -> Double {
        switch bytes.byteCount {
        case 4: Double(Float(bitPattern: try bytes.little(0)))
        case 8: Double(bitPattern: try bytes.little(0))
        default: throw FormatError(.badValue, at: bytes.byteCount)
        }
    }

    /// The shortest text that reads back as the same number.
    private static func append(_ value: Double, _ byteCount: Int, to output: inout [UInt8]) -> RenderedKind {
        output.append(contentsOf: (byteCount == 4 ? Float(value).description : value.description).utf8)
        return value.isFinite ? .number : .text
    }
}
