// Layer: OrielCommand/Output. Uses: SNMPNames, DisplaySettings. Used by: every command that prints bindings.

import JSON
import SNMPCodec
import SNMPNames
import Station

/// Writes bindings as net-snmp's tools do, in the style that the options ask for.
struct BindingPrinter: Sendable {
    private let display: DisplaySettings
    private let names: NameTable
    private let values: ValueText

    init(_ display: DisplaySettings, names: NameTable = .standard) {
        self.display = display
        self.names = names
        values = ValueText(isQuick: display.isQuick, numbersForLabels: display.numbersForLabels)
    }

    /// A binding on a line, without the line's end: for people, or as JSON.
    func line(_ binding: VarBind) -> String {
        if display.isJSON { return BindingJSON.object(binding).text }
        if display.valuesOnly { return value(binding) }
        return name(binding.name) + (display.hasEquals ? " = " : " ") + value(binding)
    }

    /// The name in the chosen style.
    func name(_ identifier: ObjectIdentifier) -> String { Self.harmless(names.format(identifier, display.style)) }

    /// The value in the chosen style.
    func value(_ binding: VarBind) -> String {
        switch binding.value {
        case .timeTicks(let ticks) where display.plainTicks: return String(ticks)
        case .octetString(let octets) where display.hexadecimal:
            let digits = ValueText.hexadecimal(octets)
            return display.isQuick ? "\"\(digits)\"" : octets.isEmpty ? "\"\"" : "Hex-STRING: \(digits)"
        default: break
        }
        var text = values.text(binding.value, of: binding.name, in: names, style: display.style)
        if display.hidesUnits, let units = names.syntax(of: binding.name)?.units, text.hasSuffix(" " + units) {
            text.removeLast(units.count + 1)
        }
        return Self.harmless(text)
    }

    /// A device may put escape sequences into its strings; a terminal must not obey them. Line ends and tabs stay.
    static func harmless(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
        var result = ""
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            switch scalar {
            case "\n", "\t": result.unicodeScalars.append(scalar)
            // The line ends of other systems.
            case "\r" where next == "\n": break
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
