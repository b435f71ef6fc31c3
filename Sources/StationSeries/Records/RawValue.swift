// Layer: StationSeries/Records. Used by: rounds, blocks, rates, and all of the station.
// What a device said for one instance: the type on the wire and the bits, nothing computed.

/// The types a sample can have: tags of RFC 2578 (SMIv2) and, for numbers with fractions, the tags inside an Opaque.
public enum SampleType: UInt8, Hashable, Sendable, CaseIterable {
    /// INTEGER, Integer32: 32 bits with a sign.
    case integer32 = 0x02
    /// Counter32: grows, and passes zero at 2^32.
    case counter32 = 0x41
    /// Gauge32, Unsigned32: 32 bits without a sign.
    case gauge32 = 0x42
    /// TimeTicks: hundredths of a second, modulo 2^32.
    case timeTicks = 0x43
    /// Counter64: grows, and passes zero at 2^64.
    case counter64 = 0x46
    /// Opaque float: IEEE 754, 32 bits.
    case float = 0x78
    /// Opaque double: IEEE 754, 64 bits.
    case double = 0x79
}

/// One value as the device gave it.
public struct RawValue: Hashable, Sendable {
    /// The type on the wire.
    public var type: SampleType
    /// The value: a number without a sign, `integer32` extended to 64 bits by its sign, or the bit pattern of a float
    /// (in the low 32 bits) or double. Records keep only the bits that the type has.
    public var bits: UInt64

    /// A value; bits that the type can't hold are dropped (`integer32`: the low 32 bits, extended by the sign).
    public init(type: SampleType, bits: UInt64) {
        self.type = type
        self.bits = type.held(bits)
    }

    /// An INTEGER.
    public init(integer32 value: Int32) { self.init(type: .integer32, bits: UInt64(bitPattern: Int64(value))) }

    /// An Opaque float.
    public init(float value: Float) { self.init(type: .float, bits: UInt64(value.bitPattern)) }

    /// An Opaque double.
    public init(double value: Double) { self.init(type: .double, bits: value.bitPattern) }

    /// The value as a number; beyond 2^53 rounded, and for floats perhaps not finite.
    public var number: Double {
        switch type {
        case .integer32: Double(Int64(bitPattern: bits))
        case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: Double(bitPattern: bits)
        case .counter32, .gauge32, .timeTicks, .counter64: Double(bits)
        }
    }

    /// The value in decimal digits, exact.
    public var text: String {
        switch type {
        case .integer32: String(Int64(bitPattern: bits))
        case .float: String(describing: Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: String(describing: Double(bitPattern: bits))
        case .counter32, .gauge32, .timeTicks, .counter64: String(bits)
        }
    }
}

/// A value and the series that it belongs to.
public struct SeriesValue: Hashable, Sendable {
    /// The series' number in the database.
    public var series: Int32
    /// What the device said.
    public var value: RawValue

    /// The value of a series.
    public init(series: Int32, value: RawValue) {
        self.series = series
        self.value = value
    }
}

extension SampleType {
    /// The bits that a value of this type can have.
    @inline(__always) func held(_ bits: UInt64) -> UInt64 {
        switch self {
        case .integer32: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: bits)))
        case .counter32, .gauge32, .timeTicks, .float: bits & 0xFFFF_FFFF
        case .counter64, .double: bits
        }
    }

    /// The code in round records, 0 to 6.
    @inline(__always) var code: UInt64 {
        switch self {
        case .integer32: 0
        case .counter32: 1
        case .gauge32: 2
        case .timeTicks: 3
        case .counter64: 4
        case .float: 5
        case .double: 6
        }
    }

    /// The type with this code; nil for 7 and up.
    @inline(__always) init?(code: UInt64) {
        switch code {
        case 0: self = .integer32
        case 1: self = .counter32
        case 2: self = .gauge32
        case 3: self = .timeTicks
        case 4: self = .counter64
        case 5: self = .float
        case 6: self = .double
        default: return nil
        }
    }
}
