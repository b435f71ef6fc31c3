// What the manager engine costs by itself: GET of 10 variables, submit to completion, against an echo in memory.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine

/// The engine without sockets.
struct EngineBench {
    /// Answers requests at next to no cost: the same list of bindings each time, behind a fresh header.
    private struct Echo {
        let bindings: [UInt8]
        let community: [UInt8]
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2_048, alignment: 16)

        /// The answer to a request, at the end of `buffer`; its length.
        func answer(_ request: UnsafeRawBufferPointer) throws(BERError) -> Int {
            var deviations = Deviations()
            let layout = try MessageLayout.parse(RawSpan(_unsafeBytes: request), &deviations)
            guard case .community(let message) = layout else { return 0 }
            var writer = BERWriter(buffer)
            writer.raw(bindings.span.bytes)
            writer.pduHeader(.response, requestID: message.pdu.requestID, 0, 0, since: 0)
            writer.messageHeader(version: .v2c, community: community, since: 0)
            return writer.byteCount
        }
    }

    /// Counts what completions see; confined to this thread.
    private final class Tally: @unchecked Sendable {
        var answers = 0
        var varbinds = 0
        var sum: UInt64 = 0
    }

    static func run(_ options: Options) throws -> Measurement {
        let names = (0..<10 as Range<UInt32>).map { [1, 3, 6, 1, 2, 1, 2, 2, 1, 10 + $0, 10_001] as ObjectIdentifier }
        let list = try BERWriter.encode(limit: 2_048) { writer in
            writer.bindingList(names.map { VarBind($0, .counter32(4_000_000_000)) })
        }
        let echo = Echo(bindings: list, community: Array(options.community.utf8))
        defer { echo.buffer.deallocate() }
        var now = SystemClock.now
        var engine = ManagerEngine(
            random: RandomSource(seed: 1),
            local: LocalEngine(engineID: EngineID([0x80, 0, 0, 0, 1]), boots: 1, start: now), at: now)
        var policy = RequestPolicy()
        policy.maximumInFlight = options.window
        let peer = Peer(.loopbackIPv4(port: 161))
        var profile = TargetProfile()
        profile.window = options.window
        guard
            let target = engine.addTarget(
                TargetConfiguration(peer, .v2c(community: echo.community), policy: policy), profile: profile)
        else { throw BenchFailure("no target") }
        let request = Request.get(try EncodedBindings(names: names))
        let tally = Tally()
        var completions: [DueCompletion] = []
        var echoTime = Interval.zero
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        while tally.answers < options.count {
            for _ in 0..<options.window {
                engine.submit(request, to: target, at: now) { outcome, message in
                    guard case .response(let response) = outcome else { return }
                    tally.answers += 1
                    tally.varbinds += EngineBench.read(response, message, &tally.sum)
                }
            }
            var replies: [[UInt8]] = []
            engine.drainOutgoing { message, _ in
                guard let count = try? echo.answer(message) else { return }
                replies.append([UInt8](echo.buffer[(echo.buffer.count - count)...]))
            }
            now = now + .microseconds(100)
            for index in replies.indices {
                replies[index].withUnsafeMutableBytes { bytes in
                    engine.receive(bytes, from: peer, at: now)
                    engine.swapCompletions(&completions)
                    for completion in completions { completion.run() }
                    completions.removeAll(keepingCapacity: true)
                }
            }
            engine.advance(to: now)
        }
        let end = SystemClock.processCPUTime
        let wallEnd = SystemClock.now
        let sample = try BERWriter.encode(limit: 2_048) { writer in
            writer.message(
                version: .v2c, community: echo.community,
                .pdu(PDU(.get, requestID: 1_234_567_890, names.map { VarBind($0) })))
        }
        let echoStart = SystemClock.processCPUTime
        for _ in 0..<options.count {
            let replies = try sample.withUnsafeBytes { bytes in
                let count = try echo.answer(bytes)
                return [[UInt8](echo.buffer[(echo.buffer.count - count)...])]
            }
            tally.sum &+= UInt64(replies[0].count)
        }
        echoTime = SystemClock.processCPUTime - echoStart
        var measurement = Measurement()
        measurement.requests = tally.answers
        measurement.varbinds = tally.varbinds
        measurement.wall = wallEnd - wall
        measurement.cpu = end - cpu - echoTime
        measurement.errors = options.count > tally.answers ? options.count - tally.answers : 0
        measurement.extra = [
            ("ns_per_request", "\(measurement.cpu.nanoseconds / Int64(tally.answers))"),
            ("echo_ns_per_request", "\(echoTime.nanoseconds / Int64(options.count))"),
        ]
        return measurement
    }

    /// Reads all numbers of a response.
    private static func read(_ response: Response, _ message: RawSpan, _ sum: inout UInt64) -> Int {
        var reader = BERReader(response.pdu.bindings)
        var deviations = Deviations()
        var count = 0
        while let binding = try? reader.binding(message, &deviations) {
            guard let value = try? BER.unsigned(message, binding.content, bits: 32, &deviations) else { break }
            sum &+= value
            count += 1
        }
        return count
    }
}
