import PlatformIO
import Primitives
import Testing

@Suite struct AddressTests {
    @Test func zoneNamesAreInterfaces() throws {
        let index = try #require(AddressResolver.interfaceIndex("lo"))
        let address = try AddressResolver.numeric("[::1%lo]:161", defaultPort: 1)
        #expect(address == SocketAddress(ipv6High: 0, low: 1, scope: index, port: 161))
        #expect(throws: AddressSyntaxError.badZone) { try AddressResolver.numeric("::1%nosuch0", defaultPort: 1) }
    }

    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1:7"), ("[::1]:161", "[::1]:161"), ("::1%1", "[::1%1]:7"),
            ("127.9.9.9:0", "127.9.9.9:0"),
        ])
    func numericTextsResolveToThemselves(text: String, expected: String) throws {
        #expect(try AddressResolver.resolve(text, defaultPort: 7).map(\.description) == [expected])
    }

    @Test func localhostIsLoopback() throws {
        let found = try AddressResolver.resolve("localhost:99", defaultPort: 7, family: .ipv4)
        #expect(found.allSatisfy { $0.isLoopback && $0.port == 99 } && !found.isEmpty)
        #expect(Set(found).count == found.count)
    }

    @Test(
        arguments: [
            ("", .syntax(.empty, text: "")), ("127.0.0.1:99999", .syntax(.badPort, text: "127.0.0.1:99999")),
            ("[::1", .syntax(.badBrackets, text: "[::1")), ("1.2.3", .syntax(.notNumeric, text: "1.2.3")),
            ("0x7f000001", .syntax(.notNumeric, text: "0x7f000001")),
            ("2130706433", .syntax(.notNumeric, text: "2130706433")),
            ("a b", .syntax(.notNumeric, text: "a b")), ("a\0b", .syntax(.notNumeric, text: "a\0b")),
            (String(repeating: "a", count: 254), .syntax(.notNumeric, text: String(repeating: "a", count: 254))),
        ] as [(String, ResolutionError)])
    func malformedTextAsksNobody(text: String, expected: ResolutionError) {
        #expect(throws: expected) { try AddressResolver.resolve(text, defaultPort: 161) }
    }

    @Test func wrongFamilyIsSaid() {
        let error = #expect(throws: ResolutionError.self) {
            try AddressResolver.resolve("127.0.0.1", defaultPort: 161, family: .ipv6)
        }
        #expect(error?.description == "\"127.0.0.1\" has no IPv6 address")
    }

    @Test func failedLookupNamesTheHost() {
        let text = ResolutionError.lookup(code: -2, host: "router.example").description
        #expect(text.hasPrefix("cannot resolve \"router.example\": ") && !text.hasSuffix(": "))
    }
}
