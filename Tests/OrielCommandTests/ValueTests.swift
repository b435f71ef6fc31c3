import Foundation
import JSON
import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPNames
import Station
import Testing

@testable import OrielCommand

@Suite struct TypedValueTests {
    private let any: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 99_999, 1]

    @Test(arguments: [
        ("i", "-5", SNMPValue.integer(-5)), ("u", "4294967295", .gauge32(.max)), ("t", "12", .timeTicks(12)),
        ("a", "192.0.2.1", .ipAddress(0xC000_0201)), ("o", "1.3.6", .objectIdentifier([1, 3, 6])),
        ("o", "sysDescr.0", .objectIdentifier([1, 3, 6, 1, 2, 1, 1, 1, 0])), ("s", "a b", .string("a b")),
        ("x", "00 ff", .octetString([0, 255])), ("x", "0:1a:FF", .octetString([0, 0x1A, 255])),
        ("x", "0x00ff", .octetString([0, 255])), ("d", "1 2 255", .octetString([1, 2, 255])),
        ("b", "0 9", .octetString([0x80, 0x40])), ("c", "7", .counter32(7)),
        ("C64", "18446744073709551615", .counter64(.max)),
        ("F", "1.5", .float(1.5)), ("D", "-2.25", .double(-2.25)), ("n", "", .null),
    ])
    func readsEveryType(type: String, text: String, expected: SNMPValue) throws {
        #expect(try TypedValue.parse(text, type: type, for: any) == expected)
    }

    @Test(arguments: [
        ("i", "2147483648"), ("i", "x"), ("u", "-1"), ("t", "1.5"), ("a", "1.2.3"), ("a", "1.2.3.256"),
        ("o", "no.such"),
        ("x", "123"), ("x", "zz"), ("x", "+1"), ("d", "256"), ("b", "-1"), ("b", "65536"), ("C64", "-1"), ("F", "f"),
        ("=", "5"), ("q", "5"),
    ])
    func refusesWhatDoesNotFit(type: String, text: String) {
        #expect(throws: UsageError.self) { try TypedValue.parse(text, type: type, for: any) }
    }

    @Test(arguments: [
        ("ifAdminStatus.3", "down", SNMPValue.integer(2)), ("ifAdminStatus.3", "1", .integer(1)),
        ("sysName.0", "n", .string("n")), ("sysUpTime.0", "5", .timeTicks(5)),
        ("ifPhysAddress.1", "0:1:2:3:4:5", .octetString([0, 1, 2, 3, 4, 5])),
        ("sysObjectID.0", "sysDescr", .objectIdentifier([1, 3, 6, 1, 2, 1, 1, 1])),
        ("ifHCInOctets.1", "9", .counter64(9)),
    ])
    func takesTheTypeOfKnownObjects(name: String, text: String, expected: SNMPValue) throws {
        let identifier = try NameTable.standard.identifier(name)
        #expect(try TypedValue.parse(text, type: "=", for: identifier) == expected)
    }
}

@Suite struct PrinterTests {
    private let up = VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 3], .integer(1))
    private let ticks = VarBind([1, 3, 6, 1, 2, 1, 1, 3, 0], .timeTicks(12_345))
    private let name = VarBind([1, 3, 6, 1, 2, 1, 1, 5, 0], .string("rig"))

    @Test(arguments: [
        ("S", "IF-MIB::ifOperStatus.3 = INTEGER: up(1)"), ("s", "ifOperStatus.3 = INTEGER: up(1)"),
        ("n", ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: up(1)"), ("e", "IF-MIB::ifOperStatus.3 = INTEGER: 1"),
        ("q", "IF-MIB::ifOperStatus.3 up"), ("Q", "IF-MIB::ifOperStatus.3 = up"), ("v", "INTEGER: up(1)"),
        ("qv", "up"), ("X", "IF-MIB::ifOperStatus[3] = INTEGER: up(1)"),
        ("f", ".iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifOperStatus.3 = INTEGER: up(1)"),
    ])
    func writesEveryStyle(letters: String, expected: String) throws {
        var display = DisplaySettings()
        try display.apply(letters)
        #expect(BindingPrinter(display).line(up) == expected)
    }

    @Test func writesTicksAndOctetsAsAsked() throws {
        var display = DisplaySettings()
        try display.apply("tx")
        #expect(BindingPrinter(display).value(ticks) == "12345")
        #expect(BindingPrinter(display).value(name) == "Hex-STRING: 72 69 67 ")
        #expect(BindingPrinter(DisplaySettings()).value(ticks) == "Timeticks: (12345) 0:02:03.45")
        #expect(BindingPrinter(DisplaySettings()).value(name) == "STRING: rig")
    }

    @Test func leavesUnitsOut() throws {
        let memory = VarBind([1, 3, 6, 1, 4, 1, 2021, 4, 5, 0], .integer(5))
        let withUnits = BindingPrinter(DisplaySettings()).value(memory)
        var display = DisplaySettings()
        try display.apply("U")
        #expect(withUnits == "INTEGER: 5 kB")
        #expect(BindingPrinter(display).value(memory) == "INTEGER: 5")
    }

    /// A device must not be able to command the terminal of who looks at it.
    @Test func escapeSequencesAreHarmless() {
        let evil = VarBind([1, 3, 6, 1, 2, 1, 1, 1, 0], .string("a\u{1B}]0;x\u{07}b\r\nc\rd\te\u{9B}1m"))
        let text = BindingPrinter(DisplaySettings()).value(evil)
        #expect(text == "STRING: a\\x1b]0;x\\x07b\nc\\x0dd\te\\x9b1m")
        var display = DisplaySettings()
        display.isJSON = true
        let line = BindingPrinter(display).line(evil)
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test(
        arguments: [
            (SNMPValue.integer(1), "INTEGER", "1"), (.octetString([0x41]), "OCTET STRING", "A"),
            (.octetString([0xFF, 0x00]), "OCTET STRING", "ff00"), (.octetString([]), "OCTET STRING", ""),
            (.null, "NULL", nil), (.objectIdentifier([1, 3]), "OBJECT IDENTIFIER", "1.3"),
            (.ipAddress(0xC000_0201), "IpAddress", "192.0.2.1"), (.counter32(.max), "Counter32", "4294967295"),
            (.gauge32(2), "Gauge32", "2"), (.timeTicks(3), "TimeTicks", "3"), (.opaque([1, 2]), "Opaque", "0102"),
            (.float(1.5), "Float", "1.5"), (.double(.infinity), "Double", nil),
            (.counter64(.max), "Counter64", "18446744073709551615"), (.uinteger32(4), "UInteger32", "4"),
            (.noSuchObject, "noSuchObject", nil), (.noSuchInstance, "noSuchInstance", nil),
            (.endOfMibView, "endOfMibView", nil), (.other(tag: 0x99, content: [1]), "other", "01"),
        ] as [(SNMPValue, String, String?)])
    func writesEveryTypeAsJSON(value: SNMPValue, type: String, expected: String?) throws {
        var display = DisplaySettings()
        display.isJSON = true
        let line = BindingPrinter(display).line(VarBind([1, 3, 6, 1, 4, 1, 99_999, 1], value))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["oid"] as? String == "1.3.6.1.4.1.99999.1")
        #expect(object["type"] as? String == type)
        let text = object["value"].flatMap { $0 is NSNull ? nil : "\($0)" }
        #expect(text == expected)
    }
}

@Suite struct TableTextTests {
    @Test func alignsAndFolds() {
        var table = TableText(titles: ["name", "n", "text"])
        table.add([.init("a"), .init("5", isNumber: true), .init("x")])
        table.add([.init("long"), .init("123", isNumber: true), .init("two\nlines")])
        #expect(table.lines(width: nil) == ["name    n  text", "a       5  x", "long  123  two lines"])
        #expect(
            table.lines(width: 12) == [
                "name    n", "a       5", "long  123", "", "name  text", "a     x", "long  two lines",
            ])
    }

    @Test func countsTerminalColumns() {
        #expect(TableText.columns(of: "abc") == 3)
        #expect(TableText.columns(of: "é") == 1)
        #expect(TableText.columns(of: "日本") == 4)
        #expect(LiveScreen.clipped("\u{1B}[1mabc\u{1B}[0mdef", 4) == "\u{1B}[1mabc\u{1B}[0md")
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [
        (0.0, "0 bit/s"), (999, "999 bit/s"), (999.6, "1.00 kbit/s"), (1_234, "1.23 kbit/s"), (12_345, "12.3 kbit/s"),
        (999_900, "1.00 Mbit/s"), (1e9, "1.00 Gbit/s"), (-5, "0 bit/s"),
    ])
    func scalesRates(rate: Double, expected: String) { #expect(Quantity.rate(rate) == expected) }

    @Test(arguments: [
        (0 as UInt64, "0 B"), (1_023, "1023 B"), (1_024, "1.00 KiB"), (1_536, "1.50 KiB"), (25_276_514_304, "23.5 GiB"),
        (.max, "16384 PiB"),
    ])
    func scalesBytes(count: UInt64, expected: String) { #expect(Quantity.bytes(count) == expected) }
}

@Suite struct HostTextTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:161"), ("udp:192.0.2.1:1161", "192.0.2.1:1161"), ("udp6:[::1]:161", "[::1]:161"),
        ("tcp:192.0.2.1", "tcp:192.0.2.1:161"), ("tcp6:[2001:db8::1]", "tcp:[2001:db8::1]:161"), ("::1", "[::1]:161"),
    ])
    func readsHosts(text: String, expected: String) throws {
        #expect(try HostText(text).resolve(defaultPort: 161).text == expected)
    }

    @Test func wrongFamilyIsAnError() {
        #expect(throws: ResolutionError.self) { try HostText("udp6:192.0.2.1").resolve(defaultPort: 161) }
        #expect(throws: ResolutionError.self) { try HostText("tcp4:[::1]").resolve(defaultPort: 161) }
    }

    @Test(arguments: [
        ("1162", "udp:0.0.0.0:1162"), ("udp6:1162", "udp:[::]:1162"), ("tcp:1162", "tcp:0.0.0.0:1162"),
        ("127.0.0.1", "udp:127.0.0.1:162"), ("tcp6:[::1]:9", "tcp:[::1]:9"),
    ])
    func readsEndpoints(text: String, expected: String) throws {
        #expect(try HostText(text).endpoint(defaultPort: 162).text == expected)
    }
}

@Suite struct VerdictTests {
    private func verdict(_ outcome: WalkVerdict.Outcome, rows: Int) -> WalkVerdict {
        var verdict = WalkVerdict(outcome)
        verdict.rows = rows
        return verdict
    }

    @Test func statusTellsWhatHappened() {
        let timeout = RequestFailure.transport("gone")
        let name: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 1, 0]
        #expect(verdict(.complete, rows: 0).status == .success)
        #expect(verdict(.skippedRows(after: [name]), rows: 3).status == .incomplete)
        #expect(verdict(.loop(at: name), rows: 3).status == .incomplete)
        #expect(verdict(.partial(.noAnswer(timeout), last: name), rows: 3).status == .incomplete)
        #expect(verdict(.partial(.noAnswer(timeout), last: nil), rows: 0).status == .noAnswer)
        #expect(verdict(.partial(.noAnswer(.refused(.wrongDigest)), last: nil), rows: 0).status == .refused)
        #expect(verdict(.partial(.agentError(.authorizationError), last: nil), rows: 0).status == .refused)
        #expect(verdict(.partial(.cancelled, last: nil), rows: 0).status == .incomplete)
    }

    @Test func verdictIsJSON() throws {
        let line = verdict(.loop(at: [1, 3, 6, 1, 2, 1, 1, 1, 0]), rows: 2).json(root: [1, 3, 6, 1, 2, 1, 1]).text
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["verdict"] as? String == "loop")
        #expect(object["last"] as? String == "SNMPv2-MIB::sysDescr.0")
        #expect(object["root"] as? String == "SNMPv2-MIB::system")
        #expect(object["rows"] as? Int == 2)
    }
}
