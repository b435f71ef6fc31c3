// Layer: StationPoller/Plan. Uses: SNMPCodec, StationSeries. Used by: plans, rounds.

public import SNMPCodec
public import StationSeries

extension RawValue {
    /// The sample that a value of SNMP is; nil for strings, exceptions and all else that is no number.
    public init?(_ value: SNMPValue) {
        switch value {
        case .integer(let number): self.init(type: .integer32, bits: UInt64(bitPattern: Int64(number)))
        case .counter32(let number): self.init(type: .counter32, bits: UInt64(number))
        // UInteger32 is what Gauge32 was called in drafts.
        case .gauge32(let number), .uinteger32(let number): self.init(type: .gauge32, bits: UInt64(number))
        case .timeTicks(let number): self.init(type: .timeTicks, bits: UInt64(number))
        case .counter64(let number): self.init(type: .counter64, bits: number)
        case .float(let number): self.init(type: .float, bits: UInt64(number.bitPattern))
        case .double(let number): self.init(type: .double, bits: number.bitPattern)
        default: return nil
        }
    }
}
