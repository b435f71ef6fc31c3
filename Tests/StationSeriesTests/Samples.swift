// Layer: test support. Used by: the suites of StationSeries.
// Rounds and series drawn from a seed.

import Primitives
import StationSeries

extension SeededRandom {
    /// A number below `limit`.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// From 0 up to but without 1.
    mutating func unit() -> Double { Double(next() >> 11) / 0x1p53 }

    /// Bits of any length, so that small numbers are as likely as large ones.
    mutating func bits() -> UInt64 { next() >> (next() % 64) }

    mutating func type() -> SampleType { SampleType.allCases[below(SampleType.allCases.count)] }

    mutating func value(_ type: SampleType) -> RawValue { RawValue(type: type, bits: bits()) }

    mutating func head(after time: Int64) -> RoundHead {
        RoundHead(
            time: time &+ Int64(truncatingIfNeeded: oneIn(20) ? next() : 10_000_000 + next() % 5000),
            upTime: oneIn(10) ? nil : UInt32(truncatingIfNeeded: bits()),
            verdict: RoundVerdict.allCases[oneIn(8) ? below(3) : 0],
            durationMicroseconds: UInt32(truncatingIfNeeded: bits()), requests: UInt16(truncatingIfNeeded: bits()))
    }

    mutating func round(after time: Int64 = 1_763_740_100_000_000) -> Round {
        let ascends = oneIn(2)
        var series: Int32 = 0
        let values = (0..<below(40)).map { _ in
            series = ascends ? series + 1 + Int32(below(9)) : Int32(truncatingIfNeeded: bits()) &- (oneIn(4) ? 9 : 0)
            return SeriesValue(series: series, value: value(type()))
        }
        return Round(head: head(after: time), values: values)
    }

    /// A block of a likely kind: constant, counter, gauge, float, of many types; some with holes.
    mutating func block(count: Int) -> Block {
        let kind = below(7)
        let type = type()
        var bits = bits()
        let holes = oneIn(2) ? UInt64(2 + below(30)) : 0
        let values = (0..<count).map { _ -> RawValue? in
            switch kind {
            case 0: break
            case 1: bits &+= 1_000_000 &+ next() % 1000
            case 2: bits &+= next() % 2000 &- 1000
            case 3: bits &+= oneIn(10) ? next() : 0
            case 4: bits = next()
            case 5: return value(self.type())
            default: bits = (Double(bitPattern: bits) + 1).bitPattern
            }
            return holes > 0 && oneIn(holes) ? nil : RawValue(type: type, bits: bits)
        }
        return Block(values: values)
    }

    mutating func timeline(count: Int) -> Timeline {
        var time: Int64 = 1_763_740_100_000_000
        return Timeline(
            heads: (0..<count).map { _ in
                let head = head(after: time)
                time = head.time
                return head
            })
    }
}

extension [UInt8] {
    /// The bytes of hexadecimal digits; blanks are skipped.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
