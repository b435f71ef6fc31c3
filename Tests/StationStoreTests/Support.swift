// Layer: StationStoreTests. Used by: the suites.
// Stores on simulated disks, directories of their own, and rounds.

import ESE
import ESETestKit
import PlatformIO
import Primitives
import StationSeries
import StationStore
import Testing

/// A directory of its own for one test, removed with everything in it at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/oriel-store-\(Program.id)-\(UInt64.random(in: 0...UInt64.max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { Self.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }
}

/// A store on a disk in memory.
struct Rig {
    static let key = [UInt8](0..<32)

    let disk: SimulatedDisk
    let store: StationStore
    var recorder: Recorder { store.recorder }
    var reader: Reader { store.reader }

    init(seed: UInt64 = 1, _ change: (inout StoreOptions) -> Void = { _ in }) throws {
        try self.init(SimulatedDisk(seed: seed), change)
    }

    init(_ disk: SimulatedDisk, _ change: (inout StoreOptions) -> Void = { _ in }) throws {
        var options = StoreOptions()
        options.cacheByteCount = 4 << 20
        change(&options)
        self.disk = disk
        store = try StationStore.open(
            simulated: "/data", key: Self.key, options: options,
            environment: EngineEnvironment(storage: disk, reporter: SilentReporter()))
    }

    /// Closes the store and opens it again.
    func reopened() throws -> Rig {
        try store.close()
        return try Rig(disk) { $0 = store.options }
    }

    /// Adds a device; returns its number.
    func addDevice(_ name: String = "core-1") throws -> Int32 {
        try recorder.add(
            DeviceRecord(name: name, address: "udp:192.0.2.1:161", intervalMilliseconds: 10_000, added: 1),
            security: .v2c(community: Array("public".utf8))
        ).id
    }

    /// Adds a device with so many series of its own; returns its number and theirs.
    func addDevice(_ name: String, seriesCount: Int) throws -> (id: Int32, series: [Int32]) {
        let id = try addDevice(name)
        let series = (0..<seriesCount).map {
            DeviceCatalogue.Series(
                metric: "metric\($0)", oid: "1.3.6.1.\($0)", type: .counter64, unit: "octets", nature: .counter)
        }
        let result = try recorder.record(DeviceCatalogue(series: series), of: id, now: 1)
        return (id, result.series.map(\.id))
    }

    /// The times and values of all samples of a series.
    func samples(_ series: Int32, in range: Range<Int64> = 0..<Int64.max) throws -> [Sample] {
        var samples: [Sample] = []
        try reader.samples(of: series, in: range) {
            samples.append(Sample(time: $0.time, bits: $0.value?.bits))
            return true
        }
        return samples
    }

    /// Packs everything that is due.
    func packAll(now: Int64) throws {
        while try recorder.packDue(now: now) {}
    }
}

/// A sample as tests compare it.
struct Sample: Hashable {
    var time: Int64
    var bits: UInt64?
}

/// A round with a value for each series.
func makeRound(_ time: Int64, _ values: [(Int32, UInt64)]) -> Round {
    Round(
        time: time, upTime: UInt32(truncatingIfNeeded: time / 10_000), verdict: .complete,
        durationMicroseconds: 1_500, requests: 3,
        values: values.map { SeriesValue(series: $0.0, value: RawValue(type: .counter64, bits: $0.1)) })
}

/// What `body` failed with; nil, and an issue, if it didn't.
func storeError(
    _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> StoreError? {
    #expect(throws: StoreError.self, sourceLocation: sourceLocation) { try body() }
}

/// A second in microseconds.
let second: Int64 = 1_000_000
