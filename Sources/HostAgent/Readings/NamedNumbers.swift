// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler; memory, protocol and statistics groups.
// Files that are lists of names and numbers: /proc/meminfo, /proc/vmstat, /proc/net/snmp6, and /proc/net/snmp with its
// lines of names above lines of numbers.

/// Numbers by name.
struct NamedNumbers: Hashable {
    private var numbers: [String: UInt64] = [:]

    /// More names than any kernel has.
    static let maximumCount = 4096

    /// Nothing.
    init() {}

    /// The number of `name`; nil if the file did not have it. Negative numbers are in two's complement.
    subscript(name: String) -> UInt64? { numbers[name] }

    /// Whether there is no number at all.
    var isEmpty: Bool { numbers.isEmpty }

    /// Takes over the numbers of `other`.
    mutating func merge(_ other: NamedNumbers) { numbers.merge(other.numbers) { $1 } }

    /// All names with `prefix` and a number behind it, such as `Icmp6InType135`.
    func numbered(_ prefix: String) -> [(number: UInt64, value: UInt64)] {
        numbers.compactMap { name, value in
            guard name.hasPrefix(prefix) else { return nil }
            return TextCursor.decimal(Array(name.utf8.dropFirst(prefix.utf8.count))[...]).map { ($0, value) }
        }
    }

    /// Lines of a name, perhaps a colon, and a number: `MemTotal:  24684096 kB`, `pgpgin 5277269`.
    static func lines(_ text: TextCursor) -> NamedNumbers {
        var text = text
        var result = NamedNumbers()
        while result.numbers.count < maximumCount, text.nextLine() {
            guard var name = text.word(), let number = text.number() else { continue }
            if name.last == TextCursor.colon { name = name.dropLast() }
            result.numbers[String(decoding: name, as: UTF8.self)] = number
        }
        return result
    }

    /// Pairs of lines, names above numbers, each led by the protocol: `Ip: Forwarding …` and `Ip: 2 …`. The names
    /// here are protocol and name together: `IpForwarding`. Only the named protocols are read.
    static func pairedLines(_ text: TextCursor, protocols: [String]) -> NamedNumbers {
        var names = text
        var result = NamedNumbers()
        while names.nextLine() {
            var values = names
            guard let head = names.upTo(TextCursor.colon),
                let family = protocols.first(where: { head.elementsEqual($0.utf8) })
            else { continue }
            guard values.nextLine(), values.upTo(TextCursor.colon)?.elementsEqual(head) == true else { continue }
            while result.numbers.count < maximumCount, let name = names.word(), let value = values.signedOrLarge() {
                result.numbers[family + String(decoding: name, as: UTF8.self)] = value
            }
            // The line of numbers is done, too.
            _ = names.nextLine()
        }
        return result
    }
}

extension TextCursor {
    /// The next word as a number of 64 bits, signed or unsigned, in two's complement.
    fileprivate mutating func signedOrLarge() -> UInt64? {
        guard let word = word() else { return nil }
        guard word.first == 0x2D else { return TextCursor.decimal(word) }
        return TextCursor.decimal(word.dropFirst()).map { 0 &- $0 }
    }
}
