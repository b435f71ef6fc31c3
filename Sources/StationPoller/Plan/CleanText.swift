// Layer: StationPoller/Plan. Used by: PlanBuilder.
// Texts of devices are made by strangers: they are cut, and what controls terminals or the direction of text is taken
// out, before anything else sees them.

import SNMPCodec

/// Makes text for people out of values of devices.
enum CleanText {
    /// The most Unicode scalars of a text.
    static let limit = 255

    /// The text of an octet string: UTF-8, or Latin-1 where it is none. White space becomes single spaces, control
    /// characters U+FFFD; at most 255 scalars.
    static func text(_ octets: [UInt8]) -> String {
        var head = octets.prefix(limit * 4)
        if head.count < octets.count { dropPartOfScalar(&head) }
        // Some agents send the end of a C string along.
        while head.last == 0 { head.removeLast() }
        guard let text = String(validating: head, as: UTF8.self) else {
            return clean(String(String.UnicodeScalarView(head.map { Unicode.Scalar($0) })))
        }
        return clean(text)
    }

    /// A value as text: strings as above, numbers in decimal, identifiers dotted; nil for what says nothing.
    static func text(_ value: SNMPValue) -> String? {
        switch value {
        case .octetString(let octets): text(octets)
        case .objectIdentifier(let name): name.description
        default: value.asInt64.map(\.description) ?? value.asUInt64.map(\.description)
        }
    }

    /// A hardware address: hexadecimal digits with colons, 32 octets at most.
    static func address(_ octets: [UInt8]) -> String {
        octets.prefix(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    /// Cuts a sequence of UTF-8 off that the end of `octets` broke.
    private static func dropPartOfScalar(_ octets: inout ArraySlice<UInt8>) {
        var rest = octets
        for _ in 0..<3 {
            guard let last = rest.popLast(), last >= 0x80 else { return }
            if last >= 0xC0 {
                octets = rest
                return
            }
        }
    }

    private static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        var hasSpace = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                hasSpace = count > 0
                continue
            }
            guard count + (hasSpace ? 2 : 1) <= limit else { break }
            if hasSpace {
                result.append(" ")
                count += 1
                hasSpace = false
            }
            result.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
            count += 1
        }
        return String(result)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters turn the direction of text around or hide; emoji need joiners, device names don't.
        case .control, .format, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
