// Layer: StationTestKit. Uses: SNMPCodec, StationSeries. Used by: FleetObjects, FleetCheck, benchmarks.
// What a device of a fleet served, in order, in memory and as a file.

public import PlatformIO
import SNMPCodec
import StationSeries

/// A number that a GET got.
struct ServedValue: Hashable, Sendable {
    /// The place of its name in the log's names; -1: no value, but a walk.
    var place: Int32
    /// The number.
    var value: RawValue
    /// When the request came, by a clock that doesn't jump, in nanoseconds: the same for all names of a request.
    var at: Int64
}

/// What a device served.
public struct ServedLog: Hashable, Sendable {
    /// The names of all that the device has.
    var names: [ObjectIdentifier]
    /// What GETs got, in order, and where walks were.
    var values: [ServedValue] = []

    init(names: [ObjectIdentifier]) { self.names = names }

    /// How many numbers GETs got.
    public var count: Int { values.count { $0.place >= 0 } }

    /// Takes note of a step of a walk.
    mutating func noteWalk(at time: Int64) {
        if let last = values.last, last.place == -1 { return }
        values.append(ServedValue(place: -1, value: RawValue(type: .integer32, bits: 0), at: time))
    }

    // MARK: Files.

    /// Writes logs to a file, for `read` of this version of the program.
    public static func write(_ logs: [ServedLog], to path: String) throws(IOError) {
        let output = try FileOutput(writing: path)
        var bytes: [UInt8] = []
        func put(_ value: Int64) {
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
        }
        put(Int64(logs.count))
        for log in logs {
            put(Int64(log.names.count))
            for name in log.names {
                let text = Array(name.description.utf8)
                put(Int64(text.count))
                bytes += text
            }
            put(Int64(log.values.count))
            for value in log.values {
                put(Int64(value.place) << 8 | Int64(value.value.type.rawValue))
                put(Int64(bitPattern: value.value.bits))
                put(value.at)
                if bytes.count > 1 << 16 {
                    try output.write(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
        }
        try output.write(bytes)
        try output.close()
    }

    /// Reads what `write` wrote; nil if it is something else.
    public static func read(_ path: String) throws(IOError) -> [ServedLog]? {
        let bytes = try FileAccess.read(path, limit: 4 << 30)
        var offset = 0
        func number() -> Int64? {
            guard offset + 8 <= bytes.count else { return nil }
            defer { offset += 8 }
            return (0..<8).reduce(0) { $0 | Int64(bytes[offset + $1]) << (8 * $1) }
        }
        guard let count = number() else { return nil }
        var logs: [ServedLog] = []
        for _ in 0..<count {
            var log = ServedLog(names: [])
            guard let nameCount = number() else { return nil }
            for _ in 0..<nameCount {
                guard let length = number(), length >= 0, offset + Int(length) <= bytes.count else { return nil }
                let text = String(decoding: bytes[offset..<offset + Int(length)], as: UTF8.self)
                offset += Int(length)
                guard let name = ObjectIdentifier(text) else { return nil }
                log.names.append(name)
            }
            guard let valueCount = number(), valueCount >= 0, Int(valueCount) <= bytes.count / 24 else { return nil }
            log.values.reserveCapacity(Int(valueCount))
            for _ in 0..<valueCount {
                guard let head = number(), let bits = number(), let time = number(),
                    let type = SampleType(rawValue: UInt8(truncatingIfNeeded: head))
                else { return nil }
                let value = RawValue(type: type, bits: UInt64(bitPattern: bits))
                log.values.append(ServedValue(place: Int32(truncatingIfNeeded: head >> 8), value: value, at: time))
            }
            logs.append(log)
        }
        return offset == bytes.count ? logs : nil
    }
}
