import Primitives
import SNMPCodec
import SNMPEngine
import Testing

@testable import WinSNMP

struct ErrorRingTests {
    @Test func withoutErrors() {
        let ring = ErrorRing()
        #expect(ring.code(0) == 1)
        #expect(ring.entry(0).text.isEmpty)
    }

    @Test func newestForThreadsWithoutOne() {
        var ring = ErrorRing()
        let first = ring.add(.noop, "a")
        let second = ring.add(.rptOther, "b")
        #expect(first != 0 && second != first)
        #expect(ring.code(first) == 8)
        #expect(ring.entry(first).text == "a")
        #expect(ring.code(0) == 299)
        #expect(ring.entry(0).text == "b")
    }

    @Test func codesOutliveTheirSentences() {
        var ring = ErrorRing()
        let all = SNMPAPIError.allCases
        let numbers = (0..<1_000).map { ring.add(all[$0 % all.count], "sentence \($0)") }
        #expect(Set(numbers).count == 1_000)
        for (index, number) in numbers.enumerated() {
            #expect(ring.code(number) == all[index % all.count].rawValue)
            let text = ring.entry(number).text
            // Never another error's sentence.
            #expect(text == "sentence \(index)" || text.isEmpty && index < 1_000 - 60)
        }
    }
}

struct FifoTests {
    @Test("random histories agree with an array", arguments: 0..<10)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var fifo = Fifo<Int>()
        var model: [Int] = []
        for step in 0..<rounds(20_000) {
            switch Int.random(in: 0..<1_000, using: &random) {
            case 0..<(step / 2_000 % 2 == 0 ? 600 : 350):
                fifo.append(step)
                model.append(step)
            case 998:
                fifo.removeAll()
                model.removeAll()
            case 997:
                fifo.removeAll { $0 % 3 == 0 }
                model.removeAll { $0 % 3 == 0 }
            default:
                let expected = model.isEmpty ? nil : model.removeFirst()
                let value = fifo.popFirst()
                #expect(value == expected)
            }
            #expect(fifo.count == model.count && fifo.isEmpty == model.isEmpty && fifo.first == model.first)
        }
        var rest: [Int] = []
        while let value = fifo.popFirst() { rest.append(value) }
        #expect(rest == model)
    }

    @Test func elementsAreGivenUpAtOnce() {
        final class Thing {}
        var fifo = Fifo<Thing>()
        for _ in 0..<10 { fifo.append(Thing()) }
        weak let first = fifo.first
        #expect(first != nil)
        _ = fifo.popFirst()
        #expect(first == nil)
    }
}

struct IPXAddressTests {
    @Test(arguments: [
        ("00000001:00081A0D01C2", "00000001:00081A0D01C2"), ("ABCDEF01.ffffffffffff", "ABCDEF01:FFFFFFFFFFFF"),
        ("00000000-000000000000", "00000000:000000000000"),
    ])
    func reads(text: String, printed: String) throws {
        let address = try #require(IPXAddress(text))
        #expect(address.text == printed)
        #expect(IPXAddress(printed) == address)
    }

    @Test(arguments: [
        "", "00000001:00081A0D01C", "00000001:00081A0D01C22", "0000001:00081A0D01C22", "00000001/00081A0D01C2",
        "0000000G:00081A0D01C2", "00000001:00081A0D01C ", " 0000001:00081A0D01C2", "+0000001:00081A0D01C2",
        "00000001:00081A0D0\u{FF11}",
    ])
    func refuses(text: String) { #expect(IPXAddress(text) == nil) }

    @Test func everyNumberComesBack() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<rounds(1_000) {
            let text = (0..<20).map { _ in String("0123456789ABCDEF".randomElement(using: &random) ?? "0") }.joined()
            let address = text.prefix(8) + ":" + text.suffix(12)
            #expect(IPXAddress(String(address))?.text == String(address))
        }
    }
}

struct RegistrationTests {
    private func entity(_ address: SocketAddress?) -> Named<EntityRecord>? {
        address.map { Named(handle: 0, record: EntityRecord(.ip($0, .udp), .v2c, timeout: 0, retries: 0)) }
    }

    private func registration(
        _ address: SocketAddress? = nil, _ community: String? = nil, _ name: ObjectIdentifier? = nil
    ) -> Registration {
        Registration(
            agent: entity(address),
            context: community.map { Named(handle: 0, record: ContextRecord(Array($0.utf8))) }, notification: name)
    }

    private let here = SocketAddress.loopbackIPv4(port: 0)
    private let there = SocketAddress(ipv4: 10, 0, 0, 1, port: 0)

    @Test func compares() {
        let all: [Registration] = [nil, here, there].flatMap { address in
            [nil, "a", "b"].flatMap { community in
                ([nil, .ours, [1, 3, 6, 1, 4, 1, 99, 1], .linkDown] as [ObjectIdentifier?]).map {
                    registration(address, community, $0)
                }
            }
        }
        for (i, a) in all.enumerated() {
            for (j, b) in all.enumerated() {
                #expect(a.isSame(as: b) == (i == j))
                let isSameSender = i / 4 == j / 4
                let isPrefix = i % 4 == 0 || i % 4 == j % 4 || i % 4 == 1 && j % 4 == 2
                #expect(a.covers(b) == (i == 0 || isSameSender && isPrefix), "\(i) \(j)")
            }
        }
    }
}
