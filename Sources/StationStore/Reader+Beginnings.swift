// Layer: StationStore. Uses: Reader, StationSeries. Used by: Station.
// Where the record of a device and of a series begins: what lies before is no gap.

import ESE
import StationSeries

extension Reader {
    /// The time of the oldest round of a device that is still there, in microseconds since 1970 UTC; nil without any.
    /// - Throws: `noDevice`; what reading throws.
    public func firstRound(of device: Int32) throws(StoreError) -> Int64? {
        try read { (tables) throws(JetError) in
            guard try tables.findDevice(device) else { throw tables.fail(.noDevice(device)) }
            var first: Int64?
            let number = [KeyValue.integer(Int64(device))]
            let start = tables.timeline.start
            try tables.timelines.scan(equal: number) { (row) throws(JetError) in
                first = try row[start]
                return false
            }
            let time = tables.round.time
            try tables.rounds.scan(equal: number) { (row) throws(JetError) in
                first = min(first ?? .max, try row[time] ?? .max)
                return false
            }
            return first
        }
    }

    /// The time of the oldest value of a series that is still there, in microseconds since 1970 UTC; nil without any.
    /// - Throws: `noSeries`; `damaged` for a block that can't be read; what reading throws.
    public func firstValue(of id: Int32) throws(StoreError) -> Int64? {
        try read { (tables) throws(JetError) in
            guard let series = try tables.livingSeries(id) else { throw tables.fail(.noSeries(id)) }
            var block: Int64?
            let column = tables.block.start
            try tables.blocks.scan(equal: [.integer(Int64(id))]) { (row) throws(JetError) in
                block = try row[column]
                return false
            }
            if let block, let place = try tables.values(of: id, block).firstIndex(where: { $0 != nil }),
                try tables.findTimeline(series.device, block)
            {
                let heads = try tables.heads(series.device, block)
                if place < heads.count { return heads[place].time }
            }
            var first: Int64?
            try tables.unpacked(series.device, .min ..< .max) { (bytes) throws(JetError) in
                try tables.reading("a round of device \(series.device)") { () throws(SeriesFormatError) in
                    if try Round.value(of: id, in: bytes) != nil { first = try Round.head(of: bytes).time }
                }
                return first == nil
            }
            return first
        }
    }
}
