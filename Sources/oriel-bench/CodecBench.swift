// Encoding and decoding of one response, without a network.

import PlatformIO
import Primitives
import SNMPCodec

enum CodecBench {
    /// The message that all programs of the benchmark use.
    static var message: CommunityMessage {
        var bindings: [VarBind] = []
        for index in 0..<10 as Range<UInt32> {
            bindings.append(VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 10 + index, 10_001], .counter32(4_000_000_000 + index)))
        }
        for index in 0..<6 as Range<UInt32> {
            bindings.append(
                VarBind(
                    [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6 + index, 10_001],
                    .counter64(9_000_000_000_000_000_000 + UInt64(index))))
        }
        bindings.append(VarBind([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 10_001], .string("GigabitEthernet1/0/1")))
        bindings.append(VarBind([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, 10_001], .string("uplink to core-2, rack 14")))
        bindings.append(VarBind([1, 3, 6, 1, 2, 1, 1, 3, 0], .timeTicks(123_456_789)))
        bindings.append(VarBind([1, 3, 6, 1, 2, 1, 1, 2, 0], .objectIdentifier([1, 3, 6, 1, 4, 1, 9, 1, 1208])))
        return CommunityMessage(
            version: .v2c, community: Array("public".utf8),
            pdu: .pdu(PDU(.response, requestID: 1_234_567, bindings)))
    }

    static func run(_ options: Options) throws -> Measurement {
        let message = CodecBench.message
        var measurement = Measurement()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2_048, alignment: 16)
        defer { buffer.deallocate() }
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        var byteCount = 0
        for _ in 0..<options.count {
            var writer = BERWriter(buffer)
            writer.message(version: message.version, community: message.community, message.pdu)
            guard !writer.overflowed else { throw BenchFailure("the message does not fit") }
            byteCount &+= writer.byteCount
        }
        let encoded = SystemClock.processCPUTime
        let bytes = try message.encoded()
        for _ in 0..<options.count {
            var deviations = Deviations()
            let decoded = try CommunityMessage(decoding: bytes.span.bytes, &deviations)
            measurement.varbinds += decoded.pdu.variableBindings.count
        }
        let end = SystemClock.processCPUTime
        measurement.wall = SystemClock.now - wall
        measurement.cpu = end - cpu
        measurement.requests = options.count
        measurement.varbinds = options.count * 20
        measurement.extra = [
            ("encode_cpu_s", "\((encoded - cpu).inSeconds)"), ("decode_cpu_s", "\((end - encoded).inSeconds)"),
            ("bytes", "\(byteCount / options.count)"),
        ]
        return measurement
    }
}
