// Layer: SNMPNames. Used by: ValueText, NameTable+Format.
// Display hints (RFC 2579 section 3.1): how octets and integers are shown, written as in `1x:` or `d-2`.

/// A parsed DISPLAY-HINT of an octet string.
public struct DisplayHint: Sendable, Equatable {
    /// One step of the hint: how to show the next octets.
    struct Step: Sendable, Equatable {
        enum Format: UInt8 {
            case decimal = 0x64  // d
            case hexadecimal = 0x78  // x
            case octal = 0x6F  // o
            case ascii = 0x61  // a
            case utf8 = 0x74  // t
        }

        var isRepeated = false
        var byteCount = 0
        var format: Format
        var separator: Character?
        var terminator: Character?
    }

    let steps: [Step]

    /// Reads a hint; nil when it does not follow the grammar or could go on without using octets.
    public init?(_ hint: String) {
        var steps: [Step] = []
        var rest = hint.utf8[...]
        while let first = rest.first {
            let isRepeated = first == UInt8(ascii: "*")
            if isRepeated { rest = rest.dropFirst() }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[digits.endIndex...]
            guard digits.count <= 5, let count = Int(Substring(digits)),
                let format = rest.first.flatMap(Step.Format.init)
            else { return nil }
            rest = rest.dropFirst()
            var step = Step(isRepeated: isRepeated, byteCount: count, format: format)
            step.separator = Self.takeLiteral(&rest)
            if step.separator != nil { step.terminator = Self.takeLiteral(&rest) }
            steps.append(step)
        }
        // The last step repeats, so it must use octets up. Elsewhere a width of 0 only writes its separator (RFC 3419).
        guard let last = steps.last, last.byteCount > 0 else { return nil }
        self.steps = steps
    }

    /// True when so many octets are shown as text and nothing but that.
    func isText(upTo count: Int) -> Bool {
        let step = steps[0]
        return !step.isRepeated && step.byteCount >= count && (step.format == .ascii || step.format == .utf8)
    }

    private static func takeLiteral(_ rest: inout Substring.UTF8View) -> Character? {
        guard let byte = rest.first, byte < 0x80, byte != UInt8(ascii: "*"), !(0x30...0x39).contains(byte) else {
            return nil
        }
        rest = rest.dropFirst()
        return Character(Unicode.Scalar(byte))
    }

    /// The octets as the hint shows them; the last step repeats until the octets are used up.
    ///
    /// Separators stand between octets only, never at the end. Bytes of a text step that are not valid UTF-8 become
    /// replacement characters, and NUL, when a text holds one, a dot like every other unprintable character.
    public func text(of octets: [UInt8]) -> String {
        var text = ""
        var position = 0
        var stepNumber = 0
        while position < octets.count {
            let step = steps[min(stepNumber, steps.count - 1)]
            stepNumber += 1
            var count = 1
            if step.isRepeated {
                count = Int(octets[position])
                position += 1
            }
            while count > 0, position < octets.count {
                let bytes = octets[position..<min(position + step.byteCount, octets.count)]
                position = bytes.endIndex
                count -= 1
                if step.byteCount > 0 { append(bytes, step, isLastStep: stepNumber >= steps.count, to: &text) }
                // A repetition's terminator takes the place of its last separator.
                let isReplaced = step.isRepeated && count == 0 && step.terminator != nil
                if position < octets.count, !isReplaced, let separator = step.separator { text.append(separator) }
            }
            if position < octets.count, let terminator = step.terminator { text.append(terminator) }
        }
        return text
    }

    private func append(_ bytes: ArraySlice<UInt8>, _ step: Step, isLastStep: Bool, to text: inout String) {
        switch step.format {
        case .ascii, .utf8:
            if bytes.contains(0) {
                ValueText.appendPrintable(bytes, escapes: true, to: &text)
            } else {
                text += String(decoding: bytes, as: UTF8.self)
            }
        case .decimal: text += Self.number(bytes, radix: 10)
        case .octal: text += Self.number(bytes, radix: 8)
        case .hexadecimal:
            // Without a separator a single digit could not be told from half of its neighbour.
            if step.byteCount == 1, step.separator == nil, isLastStep, let byte = bytes.first {
                Hex.append(byte, to: &text)
            } else {
                text += Self.number(bytes, radix: 16)
            }
        }
    }

    /// A number of any length; only the last eight octets count, as in a 64-bit machine word.
    private static func number(_ bytes: ArraySlice<UInt8>, radix: Int) -> String {
        String(bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, radix: radix)
    }

    /// An integer as an integer's hint shows it: `d`, `d-2` (two decimals), `x`, `o`, `b`; nil for other hints.
    public static func text(of value: Int64, hint: String) -> String? {
        let bits = UInt64(bitPattern: value)
        switch hint.utf8.first {
        case UInt8(ascii: "d"):
            let rest = hint.dropFirst()
            guard !rest.isEmpty else { return String(value) }
            guard rest.first == "-", let places = Int(rest.dropFirst()), (0...32).contains(places) else { return nil }
            guard places > 0 else { return String(value) }
            var digits = String(value.magnitude)
            if digits.utf8.count < places {
                digits = String(repeating: "0", count: places - digits.utf8.count) + digits
            }
            return (value < 0 ? "-" : "") + digits.dropLast(places) + "." + digits.suffix(places)
        case UInt8(ascii: "x") where hint.utf8.count == 1: return String(bits, radix: 16)
        case UInt8(ascii: "o") where hint.utf8.count == 1: return String(bits, radix: 8)
        case UInt8(ascii: "b") where hint.utf8.count == 1:
            let digits = String(bits & 0xFFFF_FFFF, radix: 2)
            return String(repeating: "0", count: 32 - digits.utf8.count) + digits
        default: return nil
        }
    }
}
