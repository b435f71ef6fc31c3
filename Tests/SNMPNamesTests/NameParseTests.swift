import Testing

@testable import SNMPNames

@Suite struct NameParseTests {
    let table = NameTable.standard

    @Test(
        arguments: [
            ("1.3.6.1", [1, 3, 6, 1]), (".1.3.6", [1, 3, 6]), ("iso.3.6", [1, 3, 6]), (".iso.org.dod", [1, 3, 6]),
            ("sysDescr.0", [1, 3, 6, 1, 2, 1, 1, 1, 0]), ("system.sysDescr.0", [1, 3, 6, 1, 2, 1, 1, 1, 0]),
            ("SNMPv2-MIB::system.1.0", [1, 3, 6, 1, 2, 1, 1, 1, 0]), ("1.3.6.1.mgmt.mib-2", [1, 3, 6, 1, 2, 1]),
            ("IF-MIB::ifDescr.3", [1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 3]),
            ("ifTable.1.ifDescr.3", [1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 3]),
            ("ifDescr[3]", [1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 3]), ("9.4294967295", [9, 4_294_967_295]), ("5", [5]),
            ("enterprises.8072.\"ab\"", [1, 3, 6, 1, 4, 1, 8072, 2, 97, 98]), ("iso.'ab'.1", [1, 97, 98, 1]),
            ("nsExtendOutput1Line.\"a.b\\\"c\"", [1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 3, 1, 1, 5, 97, 46, 98, 34, 99]),
            ("nsExtendOutput1Line[x]", [1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 3, 1, 1, 1, 120]),
            ("ifRcvAddressStatus.3.2.65", [1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 2, 3, 2, 65]),
            ("ifRcvAddressStatus[3][0:a:FF]", [1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 2, 3, 3, 0, 10, 255]),
            ("ipAdEntAddr.10.0.0.256", [1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 0, 0, 256]),
            ("ipAdEntAddr.10", [1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10]),
            ("ipAddressIfIndex.ipv4.\"10.0.0.1\"", [1, 3, 6, 1, 2, 1, 4, 34, 1, 3, 1, 4, 10, 0, 0, 1]),
            ("ipAddressIfIndex.dns.\"a.b\"", [1, 3, 6, 1, 2, 1, 4, 34, 1, 3, 16, 3, 97, 46, 98]),
            ("dot1dTpFdbPort.'abcdef'", [1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2, 97, 98, 99, 100, 101, 102]),
        ] as [(String, [UInt32])])
    func formIsRead(text: String, oid: [UInt32]) throws {
        #expect(try table.parse(text) == oid)
    }

    @Test(
        arguments: [
            ("", .empty), (".", .empty), ("1..3", .empty), ("1.3.", .empty), ("sysDescr.", .empty),
            ("IF-MIB::", .empty),
            ("1.3.4294967296", .badNumber("4294967296")), ("1.3.6x", .badNumber("6x")), ("1.0x10", .badNumber("0x10")),
            ("ifDescr.eth0", .badIndex("eth0", index: "ifIndex")), ("ifDescr.-1", .badIndex("-1", index: "ifIndex")),
            ("ipAddressIfIndex.ipv5.\"\"", .badIndex("ipv5", index: "ipAddressAddrType")),
            ("dot1dTpFdbPort.'abc'", .badIndex("3 octets", index: "dot1dTpFdbAddress")),
            ("dot1dTpFdbPort[0:1:2:3:4:100]", .badIndex("0:1:2:3:4:100", index: "dot1dTpFdbAddress")),
            ("nsExtendOutput1Line.\"abc", .unbalanced("\"abc")),
            ("nsExtendOutput1Line.\"abc\\", .unbalanced("\"abc\\")),
            ("nsExtendOutput1Line.\"a\"b", .unbalanced("b")), ("ifDescr[3", .unbalanced("")),
            ("ifDescr.3]", .unbalanced("]")),
            ("ifDescr[]", .empty), ("nsExtendOutput1Line[\"a\".3]", .unbalanced(".3]")),
        ] as [(String, NameError)])
    func malformedTextIsRefused(text: String, error: NameError) {
        #expect(throws: error) { try table.parse(text) }
    }

    @Test func unknownNamesComeWithTheNearest() throws {
        #expect(throws: NameError.unknownName("ifDesc", suggestions: ["ifDescr", "ifDest"])) {
            _ = try NameTable([
                FactTable(module: "M", text: "1 iso\n 1 ifDescr\n 2 ifDest\n 3 sysUpTime")
            ]).parse("ifDesc")
        }
        func suggestions(_ text: String) -> [String] {
            do {
                _ = try table.parse(text)
                return ["parsed"]
            } catch .unknownName(_, let names), .unknownModule(_, let names) {
                #expect("\(NameError.unknownName(text, suggestions: names))".contains("did you mean \(names[0])"))
                return names
            } catch {
                return ["\(error)"]
            }
        }
        #expect(suggestions("sysdescr.0").first == "sysDescr")
        #expect(suggestions("IF-MIB::ifHCInOctet.1").first == "ifHCInOctets")
        #expect(suggestions("IFMIB::ifDescr").first == "IF-MIB")
        #expect(suggestions("system.sysUptmie").first == "sysUpTime")
        #expect(throws: NameError.unknownName("zzzzzzzzzzzz", suggestions: [])) { try table.parse("zzzzzzzzzzzz") }
        // A name of another module, or not below the one before it, does not count.
        #expect(throws: NameError.self) { try table.parse("TCP-MIB::ifDescr") }
        #expect(throws: NameError.self) { try table.parse("system.ifDescr") }
        #expect(throws: NameError.self) { try table.parse(".system") }
    }

    @Test func lengthsAreLimited() throws {
        let longest = Array(repeating: "1", count: 128).joined(separator: ".")
        #expect(try table.parse(longest).count == 128)
        #expect(throws: NameError.tooLong) { try table.parse(longest + ".1") }
        #expect(throws: NameError.tooLong) { try table.parse("iso.\"" + String(repeating: "a", count: 128) + "\"") }
        #expect(throws: NameError.tooLong) { try table.parse(String(repeating: "a", count: 5000)) }
    }

    /// One table with an index of every kind; small, so that looking for suggestions takes no time.
    private static let everyIndex = FactTable(
        module: "M",
        text: """
            tc InetAddressType INTEGER enum=ipv4(1),ipv6(2),ipv4z(3)
            1 iso
             1 t table
              1 e row index=i,a,m,y,n,o,*s
               1 i Integer32
               2 a IpAddress
               3 m OCTETS size=2 hint=1x:
               4 y InetAddressType
               5 n OCTETS
               6 o OID
               7 s OCTETS hint=255a
             2 u table
              1 f row index=y,n,s
               1 v Counter32
             3 w table
              1 g row index=*s
               1 x Counter32
            """)

    @Test func randomTextNeverTraps() throws {
        let table = try NameTable([Self.everyIndex])
        var random = SplitMix(state: 0xBAD)
        let pieces = [
            ".", "::", "M", "v", "x", "s", "ipv4", "1", "4", "4294967295", "[", "]", "\"", "'", "\\", "%", "0:1",
            "1.2.3.4",
            "STRING: ", "é", "\0", "", "v.ipv4.\"1.2.3.4\".", "x[", "s.1.9.9.9.9.1.2.ipv6.",
        ]
        var readable = 0
        for _ in 0..<20_000 {
            let seed = random.state
            let text = (0..<Int(random.next() % 10)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
                .joined()
            guard let oid = try? table.parse(text) else { continue }
            readable += 1
            #expect(oid.count <= 128 && !oid.isEmpty, "seed \(seed)")
            #expect((try? table.parse(table.format(oid, .numeric))) == oid, "seed \(seed)")
            let described = table.describe(oid)
            #expect(described.suffix.suffix(described.remainder.count) == described.remainder[...], "seed \(seed)")
        }
        #expect(readable > 500)
    }

    /// Any instance of any index, written in brackets, is read back as it was.
    @Test func randomInstancesReadBackFromBrackets() throws {
        let table = try NameTable([Self.everyIndex])
        var random = SplitMix(state: 0xB0B)
        for column in ["s", "v", "x"] {
            let base = try table.parse(column)
            for _ in 0..<3_000 {
                let seed = random.state
                // Small numbers make lengths and address types that fit; 33 to 96 hold letters, quotes and brackets.
                let suffix = (0..<Int(random.next() % 16)).map { _ in
                    [1, 2, 4, UInt32(random.next() % 6), 33 + UInt32(random.next() % 64)][Int(random.next() % 5)]
                }
                let oid = base + suffix
                let text = table.format(oid, .brackets)
                #expect((try? table.parse(text)) == oid, "\(text), seed \(seed)")
            }
        }
    }
}
