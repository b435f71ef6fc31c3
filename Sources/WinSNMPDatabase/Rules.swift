// Layer: WinSNMPDatabase. Used by: the entries, when they are read and when they are stored.
// What an entry may hold. The same rules for the file, for programs and for the command.

import SNMPCodec

/// An entry's member that breaks a rule.
struct RuleViolation: Error, Equatable {
    let member: String
    let problem: String
}

/// The rules.
enum Rules {
    static let engineID = "an engine ID has 5 to 32 octets, written as 10 to 64 hexadecimal digits"
    static let versions = "1, 2c, 3"
    static let timeouts: ClosedRange<UInt32> = 1...360_000
    static let retries: ClosedRange<UInt32> = 0...100
    /// From the least that every engine takes (RFC 3412, snmpEngineMaxMessageSize) to the longest UDP datagram.
    static let messageSizes: ClosedRange<UInt32> = 484...65_535

    /// A friendly name: what a C program can hand over as a string and a terminal can show.
    static func checkName(_ name: String, _ member: String) throws(RuleViolation) {
        guard (1...255).contains(name.utf8.count), !hasControls(name), name.first != " ", name.last != " " else {
            throw RuleViolation(
                member: member, problem: "a name has 1 to 255 octets, no control characters and no space at its ends")
        }
    }

    static func checkEngineID(_ id: EngineID?, _ member: String) throws(RuleViolation) {
        if let id, !id.isWellFormed { throw RuleViolation(member: member, problem: engineID) }
    }

    static func checkRange(
        _ number: UInt32?, _ range: ClosedRange<UInt32>, _ member: String
    ) throws(RuleViolation) {
        guard let number, !range.contains(number) else { return }
        throw RuleViolation(
            member: member,
            problem: "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
    }

    /// Letters, digits, hyphens, underscores and dots, and the last label not a number (RFC 1123 section 2.1); anything
    /// non-ASCII is left for the system to judge.
    static func isHostName(_ host: String) -> Bool {
        let bytes = host.utf8
        guard (1...253).contains(bytes.count), bytes.first != UInt8(ascii: "-"), !hasControls(host) else {
            return false
        }
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: byte >= 0x80
            }
        }
        let labels = host.split(separator: ".")
        guard isPlain, let last = labels.last else { return false }
        return !last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
