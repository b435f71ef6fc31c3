import Foundation
import Primitives
import SNMPCodec
import Testing

/// How many rounds a seeded test runs: 100 times as many with ORIEL_SOAK=1.
func rounds(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["ORIEL_SOAK"] == "1" ? usual * 100 : usual
}

/// Makes a name from dotted decimal that the test itself wrote.
func oid(_ text: String) -> ObjectIdentifier { ObjectIdentifier(text)! }

/// Octets from hexadecimal digits; white space is skipped.
func hex(_ text: some StringProtocol) -> [UInt8] {
    let digits = text.utf8.compactMap { byte -> UInt8? in Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }
    precondition(digits.count % 2 == 0)
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Hexadecimal digits of octets.
func hexText(_ octets: [UInt8]) -> String {
    octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// What `BERWriter` makes of `body`.
func written(limit: Int = 70_000, _ body: (inout BERWriter) -> Void) -> [UInt8] {
    (try? BERWriter.encode(limit: limit, body)) ?? []
}

/// Random objects for property tests.
struct RandomPDUs {
    var random: SeededRandom
    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    /// Numbers near the places where encodings change length, and any others.
    mutating func number() -> UInt64 {
        switch below(3) {
        case 0: return UInt64(below(300))
        case 1: return (1 << UInt64(below(64))) &+ UInt64(below(3)) &- 1
        default: return random.next() >> UInt64(below(64))
        }
    }

    mutating func signed() -> Int32 { Int32(truncatingIfNeeded: number()) }
    mutating func unsigned() -> UInt32 { UInt32(truncatingIfNeeded: number()) }
    mutating func octets(_ bound: Int) -> [UInt8] {
        (0..<below(bound)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// A name that BER can express: two to 128 arcs.
    mutating func name() -> ObjectIdentifier {
        let first = UInt32(below(3))
        var arcs = [first, first == 2 ? unsigned() : UInt32(below(40))]
        let more = random.oneIn(8) ? below(127) : below(22)
        for _ in 0..<more { arcs.append(random.oneIn(2) ? UInt32(below(128)) : unsigned()) }
        return ObjectIdentifier(arcs: arcs)!
    }

    /// A value of any type, in the one form that decoding gives.
    mutating func value() -> SNMPValue {
        switch below(18) {
        case 0: .integer(signed())
        case 1: .octetString(octets(300))
        case 2: .null
        case 3: .objectIdentifier(name())
        case 4: .ipAddress(unsigned())
        case 5: .counter32(unsigned())
        case 6: .gauge32(unsigned())
        case 7: .timeTicks(unsigned())
        // Opaque content that begins otherwise than a wrapped number.
        case 8: .opaque([0x30] + octets(20))
        // Not NaN, which is not equal to itself.
        case 9: .float(Float(signed()) / 16)
        case 10: .double(Double(signed()) / 16)
        case 11: .counter64(number())
        case 12: .uinteger32(unsigned())
        case 13: .noSuchObject
        case 14: .noSuchInstance
        case 15: .endOfMibView
        case 16: .other(tag: [BERTag.bitString, BERTag.nsapAddress, 0x48, 0x83, 0x0A][below(5)], content: octets(20))
        default: .other(tag: [BERTag.integer, BERTag.counter32, BERTag.counter64][below(3)], content: [])
        }
    }

    mutating func bindings() -> [VarBind] { (0..<below(12)).map { _ in VarBind(name(), value()) } }

    mutating func pdu(_ version: SNMPVersion) -> AnyPDU {
        let types: [PDUType] =
            switch version {
            case .v1: [.get, .getNext, .response, .set, .trapV1]
            case .v2c: [.get, .getNext, .response, .set, .getBulk, .inform, .trap]
            case .v3: [.get, .getNext, .response, .set, .getBulk, .inform, .trap, .report]
            }
        let type = types[below(types.count)]
        if type == .trapV1 {
            return .trapV1(
                TrapV1PDU(
                    enterprise: name(), agentAddress: unsigned(), genericTrap: signed(), specificTrap: signed(),
                    timestamp: unsigned(), bindings()))
        }
        return .pdu(
            PDU(
                type, requestID: signed(), errorStatus: ErrorStatus(rawValue: signed()), errorIndex: signed(),
                bindings()))
    }
}
