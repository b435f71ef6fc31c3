// Layer: Station/Query. Uses: StationStore (records), StationSeries. Used by: Chart.
// What the samples of a series are judged by when they become the values of a chart.

import StationPoller
import StationSeries
import StationStore

/// Tells an interval that was longer at its time from gaps: two spaces of the same length are no accident.
struct Cadence {
    private let usual: Int64
    private var last: Int64?
    private var space: Int64 = 0

    init(_ usual: Int64) { self.usual = usual }

    /// The interval that a sample at a time is to be judged by.
    mutating func interval(at time: Int64) -> Int64 {
        defer { last = time }
        guard let last, time > last else { return usual }
        let next = time - last
        defer { space = next }
        return next > usual && space > usual && abs(next - space) < space / 5 ? next : usual
    }
}

/// A series with what its values are judged by.
struct ChartSource {
    let record: SeriesRecord
    let device: DeviceRecord
    let rules: RateRules
    /// The series of the interface's ifCounterDiscontinuityTime.
    let discontinuity: Int32?

    init(_ record: SeriesRecord, _ device: DeviceRecord, _ object: ObjectRecord?, _ all: [SeriesRecord] = []) {
        self.record = record
        self.device = device
        rules = RateRules(
            maximumPerSecond: LiveDevice.maximumPerSecond(
                record.metric, object.flatMap { PolledObject($0) }?.bitsPerSecond),
            intervalMicroseconds: device.intervalMicroseconds)
        discontinuity =
            record.nature == .counter && record.object != 0
            ? all.first { $0.object == record.object && $0.metric == "ifCounterDiscontinuityTime" }?.id : nil
    }

    private var isOctets: Bool { record.nature == .counter && record.unit == "octets" }
    /// From the counter's unit to the chart's.
    var factor: Double { isOctets ? 8 : 1 }
    /// The chart's unit.
    var unit: String {
        if isOctets { return "bit/s" }
        return record.nature == .counter ? "\(record.unit)/s" : record.unit
    }
}

extension DeviceRecord {
    /// The time between rounds.
    var intervalMicroseconds: Int64 { max(Int64(intervalMilliseconds) * 1_000, 1_000) }
}

extension PolledObject {
    /// hrStorageRam (RFC 2790).
    var isMemory: Bool { kind == .storage && attributes["hrStorageType"]?.hasSuffix(".25.2.1.2") ?? false }
}
