import Primitives
import Testing

@testable import SNMPPorts

@Suite struct ShareFrameTests {
    static let addresses: [SocketAddress] = [
        .loopback(162), .any(0), .loopback6(65_535),
        SocketAddress(ipv6High: 0xFE80_0000_0000_0000, low: .max, scope: 3, port: 1),
    ]

    /// One frame of each kind, with what it should read as.
    static var samples: [(frame: ShareFrame, bytes: [UInt8], payload: [UInt8])] {
        func make(
            _ payload: [UInt8], _ frame: ShareFrame, _ write: (inout [UInt8]) -> Void
        )
            -> (ShareFrame, [UInt8], [UInt8])
        {
            var bytes: [UInt8] = []
            write(&bytes)
            return (frame, bytes, payload)
        }
        let payload = seeded(1, 100)
        let range = 57..<157
        return [
            make([], .hello) { ShareFrame.appendHello(to: &$0) },
            make([], .welcome(addresses)) { ShareFrame.appendWelcome(addresses, to: &$0) },
            make(payload, .datagram(range, source: addresses[0], local: addresses[2], isTruncated: true)) {
                ShareFrame.appendDatagram(
                    payload, source: addresses[0], local: addresses[2], isTruncated: true, to: &$0)
            },
            make(payload, .datagram(range, source: addresses[3], local: nil, isTruncated: false)) {
                ShareFrame.appendDatagram(payload, source: addresses[3], local: nil, isTruncated: false, to: &$0)
            },
            make(payload, .send(range, destination: addresses[1], source: addresses[0])) {
                ShareFrame.appendSend(payload, destination: addresses[1], source: addresses[0], to: &$0)
            },
            make([], .send(57..<57, destination: addresses[2], source: nil)) {
                ShareFrame.appendSend([UInt8](), destination: addresses[2], source: nil, to: &$0)
            },
        ]
    }

    @Test func framesReadAsTheyWereWritten() throws {
        for (frame, bytes, payload) in ShareFrameTests.samples {
            let read = try #require(try ShareFrame.parse(bytes.span, at: 0))
            #expect(read.frame == frame && read.end == bytes.count)
            #expect(Array(bytes.suffix(payload.count)) == payload)
            for count in 0..<bytes.count {
                let part = Array(bytes[..<count])
                #expect(try ShareFrame.parse(part.span, at: 0) == nil)
            }
        }
    }

    @Test func helloIsTheseOctets() {
        var bytes: [UInt8] = []
        ShareFrame.appendHello(to: &bytes)
        #expect(bytes == [0, 0, 0, 0, 1, 1, 0, 0])
    }

    @Test func addressesHaveOneFormOnly() throws {
        var bytes: [UInt8] = []
        let mapped = SocketAddress(ipv6High: 0, low: 0xFFFF_7F00_0001, port: 5)
        ShareFrame.appendSend([], destination: mapped, source: nil, to: &bytes)
        let (frame, _) = try #require(try ShareFrame.parse(bytes.span, at: 0))
        #expect(frame == .send(57..<57, destination: .loopback(5), source: nil))
        // The same, written as another program could.
        var forged = bytes
        (forged[9], forged[27], forged[28]) = (6, 0xFF, 0xFF)
        #expect(throws: ShareFrameError.content) { try ShareFrame.parse(forged.span, at: 0) }
    }

    @Test func deviationsAreNamed() {
        func expect(_ error: ShareFrameError, _ index: Int, _ value: UInt8, in sample: Int) {
            var bytes = ShareFrameTests.samples[sample].bytes
            bytes[index] = value
            #expect(throws: error) { try ShareFrame.parse(bytes.span, at: 0) }
        }
        expect(.version(2), 4, 2, in: 0)
        expect(.version(0), 4, 0, in: 0)
        expect(.kind(0), 5, 0, in: 0)
        expect(.kind(5), 5, 5, in: 0)
        expect(.content, 6, 1, in: 0)
        expect(.content, 7, 1, in: 0)
        // 16 MiB: refused before it is waited for.
        expect(.length, 0, 1, in: 0)
        // No addresses; more than there are.
        expect(.length, 8, 0, in: 1)
        expect(.length, 8, 5, in: 1)
        expect(.content, 9, 0, in: 1)
        expect(.content, 9, 5, in: 1)
        expect(.content, 10, 1, in: 1)
        // Flags that aren't known, that don't fit, or not this kind's.
        expect(.content, 8, 4, in: 2)
        expect(.content, 8, 0, in: 2)
        expect(.content, 8, 3, in: 3)
        expect(.content, 8, 3, in: 4)
        // A zone or high octets in an address of IPv4; something in an address that isn't given.
        expect(.content, 13, 1, in: 2)
        expect(.content, 17, 1, in: 2)
        expect(.content, 56, 1, in: 3)
        // A source is always given.
        expect(.content, 9, 0, in: 2)
        var short = ShareFrameTests.samples[4].bytes
        (short[2], short[3]) = (0, 48)
        #expect(throws: ShareFrameError.length) { try ShareFrame.parse(short.span, at: 0) }
        var talkative = ShareFrameTests.samples[0].bytes + [0]
        talkative[3] = 1
        #expect(throws: ShareFrameError.length) { try ShareFrame.parse(talkative.span, at: 0) }
    }

    @Test func payloadsBeyondTheLimitAreNotWritten() throws {
        var bytes: [UInt8] = []
        let longest = [UInt8](repeating: 7, count: ShareFrame.payloadLimit)
        #expect(!ShareFrame.appendSend(longest + [7], destination: .loopback(1), source: nil, to: &bytes))
        #expect(bytes.isEmpty)
        #expect(ShareFrame.appendSend(longest, destination: .loopback(1), source: nil, to: &bytes))
        #expect(try ShareFrame.parse(bytes.span, at: 0)?.end == bytes.count)
    }

    @Test(arguments: 0..<8)
    func mutatedFramesNeverLeadBeyondTheirEnd(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var goodCount = 0
        var badCount = 0
        for _ in 0..<5_000 {
            var bytes = ShareFrameTests.samples.randomElement(using: &random)?.bytes ?? []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if random.oneIn(4) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            let start = random.oneIn(4) ? Int.random(in: 0...(bytes.count + 1), using: &random) : 0
            do throws(ShareFrameError) {
                guard let (frame, end) = try ShareFrame.parse(bytes.span, at: start) else { continue }
                goodCount += 1
                #expect(end > start && end <= bytes.count, "seed \(seed)")
                switch frame {
                case .hello, .welcome: break
                case .datagram(let range, let address, _, _), .send(let range, let address, _):
                    #expect(range.lowerBound > start && range.upperBound == end, "seed \(seed)")
                    #expect(!address.isIPv4Mapped, "seed \(seed)")
                }
            } catch {
                badCount += 1
            }
        }
        #expect(goodCount > 500 && badCount > 500)
    }

    @Test(arguments: 0..<4)
    func framesComeOutOfAnyPieces(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let samples = (0..<200).compactMap { _ in ShareFrameTests.samples.randomElement(using: &random) }
        let stream = samples.flatMap(\.bytes)
        var buffer = FrameBuffer()
        var payloads: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...400, using: &random))
            buffer.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
            try buffer.forEach { _, payload in
                payloads.append(Array(payload))
                // What a receiver writes stays in its payload.
                for index in payload.indices { payload[index] = 0xEE }
                return true
            }
        }
        #expect(payloads == samples.map(\.payload), "seed \(seed)")
        #expect(buffer.byteCount == 0)
    }
}
