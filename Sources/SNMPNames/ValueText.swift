// Layer: SNMPNames. Uses: nothing. Used by: OrielCommand.
// Values as text, in the forms that Net-SNMP's tools print by default and with -Oq.

/// Writes values as text: `INTEGER: up(1)`, `STRING: "eth0"`, `Timeticks: (12345) 0:02:03.45`.
///
/// Values come in as plain numbers and octets, with the syntax and unit that `NameTable.syntax(of:)` gives.
public struct ValueText: Sendable {
    /// True for values alone, without the type before them (`up`, `0:0:02:03.45`), as with `-Oq`.
    public var isQuick: Bool
    /// True for numbers in place of labels, as with `-Oe`.
    public var numbersForLabels: Bool

    /// Makes a writer; by default with types and labels.
    public init(isQuick: Bool = false, numbersForLabels: Bool = false) {
        self.isQuick = isQuick
        self.numbersForLabels = numbersForLabels
    }

    /// What stands for the exception noSuchObject (RFC 3416 section 4.2.1).
    public static let noSuchObject = "No Such Object available on this agent at this OID"
    /// What stands for the exception noSuchInstance.
    public static let noSuchInstance = "No Such Instance currently exists at this OID"
    /// What stands for the exception endOfMibView.
    public static let endOfMibView = "No more variables left in this MIB View (It is past the end of the MIB tree)"
    /// What stands for a NULL.
    public static let null = "NULL"

    // MARK: Numbers

    /// An INTEGER: its label and number, or the number by its hint.
    public func integer(_ value: Int64, _ syntax: Syntax? = nil, units: String? = nil) -> String {
        var text = isQuick ? "" : "INTEGER: "
        if let label = syntax?.label(for: value), !numbersForLabels {
            text += isQuick ? label : "\(label)(\(value))"
        } else {
            text += Self.hinted(value, syntax)
        }
        return text + Self.suffix(units)
    }

    /// A Gauge32 or Unsigned32.
    public func gauge32(_ value: UInt32, _ syntax: Syntax? = nil, units: String? = nil) -> String {
        typed("Gauge32", Self.hinted(Int64(value), syntax), units)
    }

    /// A UInteger32 of the historic SNMPv2 drafts, which Net-SNMP writes without its type.
    public func uinteger32(_ value: UInt32, _ syntax: Syntax? = nil, units: String? = nil) -> String {
        Self.hinted(Int64(value), syntax) + Self.suffix(units)
    }

    /// A Counter32.
    public func counter32(_ value: UInt32, units: String? = nil) -> String { typed("Counter32", String(value), units) }

    /// A Counter64.
    public func counter64(_ value: UInt64, units: String? = nil) -> String { typed("Counter64", String(value), units) }

    /// TimeTicks in hundredths of a second: `Timeticks: (12345) 0:02:03.45`, or quick `0:0:02:03.45`.
    public func timeTicks(_ value: UInt32, units: String? = nil) -> String {
        let duration = isQuick ? Self.quickDuration(value) : "Timeticks: (\(value)) " + Self.duration(value)
        return duration + Self.suffix(units)
    }

    /// Hundredths of a second as `0:02:03.45`, `1 day, 0:00:00.00` or `2 days, 3:04:05.06`.
    public static func duration(_ hundredths: UInt32) -> String {
        let days = hundredths / 8_640_000
        let time = clock(hundredths, hoursDigits: 1)
        return days == 0 ? time : "\(days) day\(days == 1 ? "" : "s"), \(time)"
    }

    private static func quickDuration(_ hundredths: UInt32) -> String {
        "\(hundredths / 8_640_000):" + clock(hundredths, hoursDigits: 1)
    }

    private static func clock(_ hundredths: UInt32, hoursDigits: Int) -> String {
        let seconds = hundredths / 100
        let hours = seconds / 3600 % 24
        return "\(hours):\(padded(seconds / 60 % 60)):\(padded(seconds % 60)).\(padded(hundredths % 100))"
    }

    private static func padded(_ number: UInt32) -> String { number < 10 ? "0\(number)" : String(number) }

    private static func hinted(_ value: Int64, _ syntax: Syntax?) -> String {
        syntax?.hint.flatMap { DisplayHint.text(of: value, hint: $0) } ?? String(value)
    }

    // MARK: Octets

    /// An OCTET STRING: by its hint, as BITS, as quoted text when printable, or as hexadecimal digits.
    public func octets(_ octets: [UInt8], _ syntax: Syntax? = nil, units: String? = nil) -> String {
        if let syntax, syntax.base == .bits { return bits(octets, syntax) }
        if let hint = syntax?.hint.flatMap(DisplayHint.init) {
            return (isQuick ? "" : "STRING: ") + hint.text(of: octets) + Self.suffix(units)
        }
        if octets.isEmpty { return "\"\"" }
        if octets.allSatisfy({ Self.isPrintable($0) }) {
            var text = isQuick ? "\"" : "STRING: \""
            Self.appendPrintable(octets[...], escapes: true, to: &text)
            return text + "\"" + Self.suffix(units)
        }
        return (isQuick ? "\"" : "Hex-STRING: ") + Self.hexadecimal(octets) + (isQuick ? "\"" : "") + Self.suffix(units)
    }

    /// BITS: the octets, then the label and number of each bit that is set: `BITS: 60 b(1) c(2) `.
    public func bits(_ octets: [UInt8], _ syntax: Syntax? = nil) -> String {
        if isQuick { return "\"" + Self.hexadecimal(octets) + "\"" }
        var text = "BITS: " + Self.hexadecimal(octets)
        for (index, octet) in octets.enumerated() {
            for bit in 0..<8 where octet & (0x80 >> bit) != 0 {
                let number = index * 8 + bit
                if let label = syntax?.label(for: Int64(number)), !numbersForLabels {
                    text += "\(label)(\(number)) "
                } else {
                    text += "\(number) "
                }
            }
        }
        return text
    }

    /// An IPv4 address of four octets; other lengths, which devices do send, as hexadecimal digits.
    public func ipAddress(_ octets: [UInt8]) -> String {
        let address = octets.count == 4 ? octets.map { String($0) }.joined(separator: ".") : Self.hexadecimal(octets)
        return typed("IpAddress", address, nil)
    }

    /// An Opaque value by its octets.
    public func opaque(_ octets: [UInt8], units: String? = nil) -> String {
        typed("OPAQUE", Self.hexadecimal(octets), units)
    }

    /// A float in an Opaque, as UCD-SNMP-MIB has load averages.
    public func float(_ value: Float, units: String? = nil) -> String {
        typed("Opaque: Float", Self.sixDecimals(Double(value)), units)
    }

    /// A double in an Opaque.
    public func double(_ value: Double, units: String? = nil) -> String {
        typed("Opaque: Double", Self.sixDecimals(value), units)
    }

    /// A value of a type outside the standard: its tag and octets.
    public func other(tag: UInt8, _ octets: [UInt8]) -> String {
        "Variable has bad type 0x" + String(tag, radix: 16) + ": " + Self.hexadecimal(octets)
    }

    /// An OBJECT IDENTIFIER, named by a table.
    public func objectIdentifier(
        _ oid: [UInt32], in names: NameTable, style: NameStyle = .module, units: String? = nil
    ) -> String {
        typed("OID", names.format(oid, style), units)
    }

    /// Octets as `00 1A FF `, each with a space behind it.
    public static func hexadecimal(_ octets: [UInt8]) -> String {
        var text = ""
        text.reserveCapacity(octets.count * 3)
        for octet in octets {
            Hex.append(octet, uppercase: true, to: &text)
            text += " "
        }
        return text
    }

    // MARK: Parts

    private func typed(_ type: String, _ value: String, _ units: String?) -> String {
        (isQuick ? "" : type + ": ") + value + Self.suffix(units)
    }

    private static func suffix(_ units: String?) -> String { units.map { " " + $0 } ?? "" }

    /// Printable ASCII or white space.
    static func isPrintable(_ octet: UInt8) -> Bool { (0x20...0x7E).contains(octet) || (0x09...0x0D).contains(octet) }

    /// Appends octets as ASCII, with dots for what can't be printed and, if asked, backslashes before `"` and `\`.
    static func appendPrintable(_ octets: ArraySlice<UInt8>, escapes: Bool, to text: inout String) {
        for octet in octets {
            if escapes, octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { text += "\\" }
            text.unicodeScalars.append(isPrintable(octet) ? Unicode.Scalar(octet) : ".")
        }
    }

    /// A number with six decimals, as C's `%f` writes it.
    private static func sixDecimals(_ value: Double) -> String {
        // Larger numbers have no decimals left that mean anything.
        guard value.isFinite, value.magnitude < 1e12 else {
            return value.isFinite ? "\(value)" : value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
        }
        let millionths = UInt64(value.magnitude * 1e6 + 0.5)
        let decimals = String(millionths % 1_000_000)
        let padding = String(repeating: "0", count: 6 - decimals.utf8.count)
        return (value.sign == .minus ? "-" : "") + "\(millionths / 1_000_000)." + padding + decimals
    }
}
