import SNMPCodec
import Testing

@testable import SNMPNames

/// Values as text; the expected texts are those of Net-SNMP's tools.
@Suite struct ValueTextTests {
    let table = NameTable.standard
    let full = ValueText()
    let quick = ValueText(isQuick: true)

    private func syntax(_ name: String) throws -> Syntax { try #require(table.node(named: name)?.syntax) }

    @Test(
        arguments: [
            (12345, "0:02:03.45", "0:0:02:03.45"), (0, "0:00:00.00", "0:0:00:00.00"),
            (8_640_000, "1 day, 0:00:00.00", "1:0:00:00.00"), (18_384_506, "2 days, 3:04:05.06", "2:3:04:05.06"),
            (.max, "497 days, 2:27:52.95", "497:2:27:52.95"),
        ] as [(UInt32, String, String)])
    func timeTicks(value: UInt32, text: String, quickText: String) {
        #expect(full.timeTicks(value) == "Timeticks: (\(value)) \(text)")
        #expect(quick.timeTicks(value) == quickText)
    }

    @Test func integers() throws {
        let status = try syntax("ifAdminStatus")
        #expect(full.integer(1, status) == "INTEGER: up(1)" && quick.integer(1, status) == "up")
        #expect(full.integer(9, status) == "INTEGER: 9" && full.integer(-9) == "INTEGER: -9")
        #expect(ValueText(numbersForLabels: true).integer(1, status) == "INTEGER: 1")
        #expect(full.integer(7, try syntax("ifMtu"), units: "octets") == "INTEGER: 7 octets")
        #expect(full.gauge32(.max) == "Gauge32: 4294967295" && quick.gauge32(5, units: "kB") == "5 kB")
        #expect(full.counter32(3) == "Counter32: 3" && full.counter64(.max) == "Counter64: 18446744073709551615")
    }

    @Test(
        arguments: [
            ("d", -5, "-5"), ("d-2", 12345, "123.45"), ("d-2", -1, "-.01"), ("d-2", 100, "1.00"), ("d-3", 12, ".012"),
            ("d-3", 123, ".123"), ("d-0", 7, "7"), ("x", 255, "ff"), ("o", 8, "10"),
            ("d-1", .min, "-922337203685477580.8"),
            ("b", 5, "00000000000000000000000000000101"),
        ] as [(String, Int64, String)])
    func integerHint(hint: String, value: Int64, text: String) {
        #expect(DisplayHint.text(of: value, hint: hint) == text)
    }

    @Test(arguments: ["", "e", "d-", "d-x", "d-99", "d2", "x1", "1x:"]) func badIntegerHint(hint: String) {
        #expect(DisplayHint.text(of: 1, hint: hint) == nil)
    }

    @Test func octetStrings() throws {
        #expect(full.octets(Array("eth0".utf8), try syntax("ifDescr")) == "STRING: eth0")
        #expect(quick.octets(Array("eth0".utf8), try syntax("ifDescr")) == "eth0")
        #expect(full.octets([], try syntax("ifDescr")) == "STRING: " && full.octets([]) == "\"\"")
        #expect(full.octets(Array("a\"b\\".utf8)) == "STRING: \"a\\\"b\\\\\"")
        #expect(quick.octets(Array("ab".utf8)) == "\"ab\"")
        #expect(full.octets([0, 0x1A, 0xFF]) == "Hex-STRING: 00 1A FF " && quick.octets([0, 0x1A]) == "\"00 1A \"")
        #expect(full.octets([0, 0x1A, 0x2B, 3, 4, 0xFF], try syntax("ifPhysAddress")) == "STRING: 0:1a:2b:3:4:ff")
        #expect(full.octets([65, 0, 66], try syntax("ifDescr")) == "STRING: A.B")
        let date: [UInt8] = [7, 0xEA, 11, 21, 1, 2, 3, 4]
        #expect(full.octets(date, try syntax("hrSystemDate")) == "STRING: 2026-11-21,1:2:3.4")
        let zoned = date + [43, 5, 30]
        #expect(full.octets(zoned, try syntax("hrSystemDate")) == "STRING: 2026-11-21,1:2:3.4,+5:30")
    }

    @Test(
        arguments: [
            ("1x:", [1, 16, 255], "1:10:ff"), ("1x", [1, 16], "0110"), ("2d", [1, 0], "256"), ("1o.", [8, 9], "10.11"),
            ("255a", Array("hé".utf8), "hé"), ("255t", Array("hé".utf8), "hé"),
            ("1d.1d.1d.1d/2d", [10, 0, 0, 1, 0, 161], "10.0.0.1/161"),
            ("*1x:/1x:", [2, 1, 2, 9, 8], "1:2/9:8"), ("*1d.", [3, 1, 2], "1.2"), ("1d-1d", [1, 2, 3], "1-23"),
            ("0a[2x:2x0a]:2d", [0x20, 1, 0, 5, 0, 161], "[2001:5]:161"), ("1d", [], ""), ("*1d.", [0, 1, 5], "5"),
        ] as [(String, [UInt8], String)])
    func octetHint(hint: String, octets: [UInt8], text: String) throws {
        #expect(try #require(DisplayHint(hint)).text(of: octets) == text)
    }

    @Test(arguments: ["", "x", "0a", "1d0a", "99999999d", "1z", "*", "1", "*0a."]) func badOctetHint(hint: String) {
        #expect(DisplayHint(hint) == nil)
    }

    @Test func bits() throws {
        let syntax = try syntax("hrPrinterDetectedErrorState")
        #expect(syntax.base == .octets)
        let bits = Syntax(
            name: "BITS", base: .bits, hint: nil,
            labels: [ValueLabel(number: 1, name: "b"), ValueLabel(number: 9, name: "c")],
            fixedByteCount: nil)
        #expect(full.octets([0x60, 0x40], bits) == "BITS: 60 40 b(1) 2 c(9) ")
        #expect(quick.octets([0x60], bits) == "\"60 \"")
    }

    @Test func addressesAndOpaque() {
        #expect(
            full.ipAddress([10, 0, 0, 1]) == "IpAddress: 10.0.0.1" && full.ipAddress([1, 2]) == "IpAddress: 01 02 ")
        #expect(full.float(1.5) == "Opaque: Float: 1.500000" && quick.float(-0.1) == "-0.100000")
        #expect(
            full.double(3.14159265) == "Opaque: Double: 3.141593" && full.float(-.infinity) == "Opaque: Float: -inf")
        #expect(full.float(.nan) == "Opaque: Float: nan" && full.double(0.9999999) == "Opaque: Double: 1.000000")
        #expect(full.opaque([0x9F, 0x78, 4, 0x3F]) == "OPAQUE: 9F 78 04 3F ")
        #expect(full.other(tag: 0x4E, [1]) == "Variable has bad type 0x4e: 01 ")
        #expect(full.uinteger32(7) == "7")
    }

    @Test func objectIdentifiers() {
        #expect(full.objectIdentifier([0, 0], in: table) == "OID: SNMPv2-SMI::zeroDotZero")
        #expect(quick.objectIdentifier([1, 3, 6, 1, 4, 1, 9], in: table, style: .numeric) == ".1.3.6.1.4.1.9")
    }

    /// Values under their names, as snmpget prints them behind the equals sign.
    @Test(
        arguments: [
            ("sysDescr.0", .string("Linux"), "STRING: Linux"),
            ("sysUpTime.0", .timeTicks(100), "Timeticks: (100) 0:00:01.00"),
            ("ifOperStatus.1", .integer(1), "INTEGER: up(1)"), ("ifSpeed.1", .gauge32(10), "Gauge32: 10"),
            ("ifInOctets.1", .counter32(1), "Counter32: 1"), ("ifHCInOctets.1", .counter64(1), "Counter64: 1"),
            ("sysObjectID.0", .objectIdentifier([1, 3, 6, 1, 4, 1, 8072, 3, 2, 10]), "OID: NET-SNMP-TC::linux"),
            ("ipAdEntAddr.127.0.0.1", .ipAddress(0x7F00_0001), "IpAddress: 127.0.0.1"),
            ("laLoadFloat.1", .float(0.25), "Opaque: Float: 0.250000"),
            ("memTotalReal.0", .integer(5), "INTEGER: 5 kB"),
            ("sysDescr.0", .integer(1), "Wrong Type (should be OCTET STRING): INTEGER: 1"),
            ("ifOperStatus.1", .string("up"), "Wrong Type (should be INTEGER): STRING: \"up\""),
            ("ifInOctets.1", .gauge32(1), "Wrong Type (should be Counter32): Gauge32: 1"),
            ("sysDescr.0", .noSuchInstance, ValueText.noSuchInstance), ("sysDescr.0", .null, "NULL"),
            ("enterprises.9.1", .string("a"), "STRING: \"a\""), ("ifTable", .endOfMibView, ValueText.endOfMibView),
            ("iso", .other(tag: 0x4E, content: []), "Variable has bad type 0x4e: "), ("iso", .uinteger32(3), "3"),
        ] as [(String, SNMPValue, String)])
    func valueUnderItsName(name: String, value: SNMPValue, text: String) throws {
        let identifier = try table.identifier(name)
        #expect(full.text(value, of: identifier) == text)
        #expect(!quick.text(value, of: identifier).contains("Wrong Type"))
    }

    @Test func codecIdentifiersWorkLikeNumbers() throws {
        let identifier = try table.identifier("IF-MIB::ifDescr.3")
        #expect(identifier == [1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 3])
        #expect(table.format(identifier) == "IF-MIB::ifDescr.3" && table.format(identifier, .suffix) == "ifDescr.3")
        #expect(table.describe(identifier).indexes == [.integer(3)])
        #expect(table.node(above: identifier)?.label == "ifDescr")
        #expect(table.syntax(of: identifier)?.syntax.name == "DisplayString")
        #expect(throws: NameError.empty) { try table.identifier("") }
    }
}
