// Layer: SNMPNames. Used by: NameTable+Describe, NameTable+Format.
// Splits the numbers behind a column into the parts of the table's index (RFC 2578 section 7.7).

/// One part of an instance's index, as the table's definition reads it.
public enum IndexValue: Sendable, Equatable {
    /// A number without a label.
    case integer(UInt32)
    /// A number with a label, for example 1 and `ipv4`.
    case labelled(UInt32, label: String)
    /// An octet string (also a MAC address), without the length that may stand before it.
    case octets([UInt8])
    /// An IPv4 address.
    case ipAddress([UInt8])
    /// An internet address of RFC 4001: type 1 to 4 with 4, 16, 8 or 20 octets.
    case internetAddress(type: UInt32, octets: [UInt8])
    /// An object identifier, without the length that may stand before it.
    case objectIdentifier([UInt32])
}

/// A part of an index found in an object identifier.
struct IndexPiece {
    enum Meaning {
        case integer
        case labelled(String)
        /// Length first, so that something may follow.
        case countedOctets
        /// A fixed length, or all that is left.
        case plainOctets
        case ipAddress
        case internetAddress(type: UInt32)
        case objectIdentifier
    }

    let meaning: Meaning
    /// The content, without a length before it.
    let content: Range<Int>
    /// The part with its length.
    let whole: Range<Int>
}

/// Walks along an index, part by part.
struct IndexDecoder {
    private let parts: [IndexPart]
    private let oid: [UInt32]
    private(set) var position: Int
    private var partNumber = 0
    /// The number before, when it was the type of an internet address.
    private var addressType: UInt32?

    init(_ parts: [IndexPart], of oid: [UInt32], from position: Int) {
        self.parts = parts
        self.oid = oid
        self.position = position
    }

    /// The definition of the part that `next` returned last.
    var lastPart: IndexPart { parts[partNumber - 1] }

    /// The next part; nil when the parts or the numbers are used up, or the numbers do not fit the part.
    mutating func next() -> IndexPiece? {
        guard partNumber < parts.count, position < oid.count, let piece = piece(parts[partNumber]) else { return nil }
        let isType = parts[partNumber].syntax.name == "InetAddressType"
        addressType = isType ? oid[position] : nil
        position = piece.whole.upperBound
        partNumber += 1
        return piece
    }

    private func piece(_ part: IndexPart) -> IndexPiece? {
        let left = oid.count - position
        func found(_ meaning: IndexPiece.Meaning, _ content: Range<Int>) -> IndexPiece {
            IndexPiece(meaning: meaning, content: content, whole: position..<content.upperBound)
        }
        switch part.syntax.base {
        case .integer32, .enumeration, .unsigned32, .gauge32, .timeTicks:
            let label = part.syntax.label(for: Int64(oid[position]))
            return found(label.map { .labelled($0) } ?? .integer, position..<(position + 1))
        case .ipAddress:
            guard left >= 4, areOctets(position..<(position + 4)) else { return nil }
            return found(.ipAddress, position..<(position + 4))
        case .octets, .bits:
            let content: Range<Int>
            if part.isImplied {
                content = position..<oid.count
            } else if let count = part.syntax.fixedByteCount {
                guard count <= left else { return nil }
                content = position..<(position + count)
            } else {
                guard let counted = counted() else { return nil }
                content = counted
            }
            guard areOctets(content) else { return nil }
            if let type = addressType, InternetAddress.byteCount(ofType: type) == content.count, !part.isImplied {
                return found(.internetAddress(type: type), content)
            }
            return found(content.lowerBound == position ? .plainOctets : .countedOctets, content)
        case .objectIdentifier:
            guard !part.isImplied else { return found(.objectIdentifier, position..<oid.count) }
            return counted().map { found(.objectIdentifier, $0) }
        case .counter32, .counter64, .opaque:
            return nil
        }
    }

    /// The numbers behind a length at the current position.
    private func counted() -> Range<Int>? {
        let count = Int(oid[position])
        guard count < oid.count - position else { return nil }
        return (position + 1)..<(position + 1 + count)
    }

    private func areOctets(_ range: Range<Int>) -> Bool { range.allSatisfy { oid[$0] <= 255 } }

    /// The part as a value.
    func value(_ piece: IndexPiece) -> IndexValue {
        let octets = { oid[piece.content].map { UInt8(truncatingIfNeeded: $0) } }
        switch piece.meaning {
        case .integer: return .integer(oid[piece.content.lowerBound])
        case .labelled(let label): return .labelled(oid[piece.content.lowerBound], label: label)
        case .countedOctets, .plainOctets: return .octets(octets())
        case .ipAddress: return .ipAddress(octets())
        case .internetAddress(let type): return .internetAddress(type: type, octets: octets())
        case .objectIdentifier: return .objectIdentifier(Array(oid[piece.content]))
        }
    }
}

/// The text of the addresses of RFC 4001, as Net-SNMP writes them in an index.
enum InternetAddress {
    /// The octets of an address type: IPv4, IPv6, and both with a zone; nil for types without a fixed form.
    static func byteCount(ofType type: UInt32) -> Int? {
        switch type {
        case 1: 4
        case 2: 16
        case 3: 8
        case 4: 20
        default: nil
        }
    }

    /// `127.0.0.1`, `00:01:...:0f`, or either with `%zone`; the octets must be of the type's length.
    static func append(_ octets: ArraySlice<UInt32>, type: UInt32, to text: inout String) {
        let addressCount = type == 1 || type == 3 ? 4 : 16
        for (offset, octet) in octets.prefix(addressCount).enumerated() {
            if offset > 0 { text += addressCount == 4 ? "." : ":" }
            if addressCount == 4 {
                text += String(octet)
            } else {
                Hex.append(UInt8(truncatingIfNeeded: octet), to: &text)
            }
        }
        if type >= 3 {
            text += "%" + String(octets.dropFirst(addressCount).reduce(0) { $0 << 8 | $1 & 0xFF })
        }
    }

    /// Reads what `append` writes; nil when the text is not an address of the type.
    static func octets(_ text: Substring, type: UInt32) -> [UInt32]? {
        let halves = text.split(separator: "%", omittingEmptySubsequences: false)
        guard halves.count == (type >= 3 ? 2 : 1) else { return nil }
        let isIPv4 = type == 1 || type == 3
        var octets: [UInt32] = []
        for part in halves[0].split(separator: isIPv4 ? "." : ":", omittingEmptySubsequences: false) {
            guard part.count <= 3, let octet = UInt8(part, radix: isIPv4 ? 10 : 16) else { return nil }
            octets.append(UInt32(octet))
        }
        if halves.count == 2 {
            guard let zone = UInt32(halves[1]) else { return nil }
            octets += [zone >> 24, zone >> 16 & 0xFF, zone >> 8 & 0xFF, zone & 0xFF]
        }
        return octets.count == byteCount(ofType: type) ? octets : nil
    }
}

/// Hexadecimal digits without a formatting library.
enum Hex {
    private static let upper = Array("0123456789ABCDEF".unicodeScalars).map(Character.init)
    private static let lower = Array("0123456789abcdef".unicodeScalars).map(Character.init)

    /// Two digits.
    static func append(_ byte: UInt8, uppercase: Bool = false, to text: inout String) {
        let digits = uppercase ? upper : lower
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
}
