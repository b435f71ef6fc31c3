import Primitives
import Testing

@Suite struct SocketAddressTests {
    @Test func valueStaysSmall() {
        #expect(MemoryLayout<SocketAddress>.stride == 24)
        #expect(_isPOD(SocketAddress.self))
    }

    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1:7"), ("192.0.2.255:161", "192.0.2.255:161"), ("0.0.0.0:0", "0.0.0.0:0"),
            ("::", "[::]:7"), ("::1", "[::1]:7"), ("[::1]", "[::1]:7"), ("[::1]:161", "[::1]:161"),
            ("1::", "[1::]:7"), ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:7"), ("1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:7"),
            ("1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]:7"), ("::2:3:4:5:6:7:8", "[0:2:3:4:5:6:7:8]:7"),
            ("2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:7"), ("2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:7"),
            ("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:7"), ("64:ff9b::192.0.2.33", "[64:ff9b::c000:221]:7"),
            ("1:2:3:4:5:6:192.0.2.1", "[1:2:3:4:5:6:c000:201]:7"), ("fe80::1%3", "[fe80::1%3]:7"),
            ("[fe80::1%lo]:162", "[fe80::1%1]:162"), ("[::ffff:10.0.0.1]:65535", "[::ffff:10.0.0.1]:65535"),
        ])
    func numericFormsAreRead(text: String, expected: String) throws {
        let address = try SocketAddress(parsing: text, defaultPort: 7) { $0 == "lo" ? 1 : nil }
        #expect(address.description == expected)
        #expect(try SocketAddress(parsing: address.description) == address)
    }

    @Test(
        arguments: [
            ("", .empty), (":161", .empty), ("[]", .empty), ("[]:1", .empty), ("router", .notNumeric),
            ("router:161", .notNumeric), ("1.2.3", .notNumeric), ("1.2.3.4.5", .notNumeric), ("1.2.3.256", .notNumeric),
            ("01.2.3.4", .notNumeric), ("1.2.3.", .notNumeric), ("1.2.3.-4", .notNumeric), (" 1.2.3.4", .notNumeric),
            ("1.2.3.4:", .badPort), ("1.2.3.4:65536", .badPort), ("1.2.3.4:-1", .badPort), ("1.2.3.4:+1", .badPort),
            ("1.2.3.4:99999999999999999999", .badPort), ("[::1", .badBrackets), ("[::1]161", .badBrackets),
            ("[1.2.3.4]:1", .badBrackets), ("::1]", .notNumeric), ("[::1]:", .badPort), ("[::1]:x", .badPort),
            (":::", .notNumeric), ("::1::", .notNumeric), ("1:2:3:4:5:6:7", .notNumeric),
            (":1:2:3:4:5:6:7", .notNumeric),
            ("1:2:3:4:5:6:7:8:9", .notNumeric), ("1:2:3:4:5:6:7:8::", .notNumeric), ("::1:2:3:4:5:6:7:8", .notNumeric),
            ("1:2:3:4:5:6:7:", .notNumeric), ("12345::", .notNumeric), ("::g", .notNumeric),
            ("::1.2.3", .notNumeric), ("1.2.3.4::", .notNumeric), ("1:2:3:4:5:6:7:1.2.3.4", .notNumeric),
            ("fe80::1%", .badZone), ("fe80::1%nope", .badZone), ("fe80::1%4294967296", .badZone),
            ("1.2.3.4%1", .badZone), ("::%%1", .badZone), ("::\u{660}", .notNumeric),
        ] as [(String, AddressSyntaxError)])
    func malformedTextIsRefused(text: String, reason: AddressSyntaxError) {
        #expect(throws: reason) { try SocketAddress(parsing: text) }
    }

    @Test func hostNamesKeepTheirPortApart() throws {
        #expect(try SocketAddress.splitPort("router.example:162") == ("router.example", 162))
        #expect(try SocketAddress.splitPort("router.example") == ("router.example", nil))
        #expect(try SocketAddress.splitPort("[fe80::1%eth0]:162") == ("fe80::1%eth0", 162))
        #expect(try SocketAddress.splitPort("fe80::1%eth0") == ("fe80::1%eth0", nil))
    }

    @Test func mappedAddressNormalizesToIPv4() throws {
        let mapped = try SocketAddress(parsing: "[::ffff:192.0.2.1]:161")
        let plain = try SocketAddress(parsing: "192.0.2.1:161")
        #expect(mapped != plain)
        #expect(mapped.isIPv4Mapped && !plain.isIPv4Mapped)
        #expect(mapped.normalized == plain)
        #expect(plain.mapped == mapped)
        let native = try SocketAddress(parsing: "[::fffe:192.0.2.1]:161")
        #expect(native.normalized == native)
        #expect(native.mapped == native)
    }

    @Test func octetsRoundTrip() throws {
        let four: [UInt8] = [192, 0, 2, 1]
        let sixteen: [UInt8] = Array(1...16)
        #expect(SocketAddress(octets: four, port: 1)?.octets == four)
        #expect(SocketAddress(octets: four, port: 1)?.ipv4 == 0xC000_0201)
        #expect(SocketAddress(octets: sixteen, scope: 9, port: 1)?.octets == sixteen)
        #expect(SocketAddress(octets: sixteen, scope: 9, port: 1)?.scope == 9)
        #expect(SocketAddress(octets: [1, 2, 3], port: 1) == nil)
        #expect(SocketAddress(octets: sixteen + [0], port: 1) == nil)
    }

    @Test func randomAddressesSurviveText() throws {
        var random = SeededRandom(seed: 0x0A11)
        for round in 0..<2_000 {
            // Masks make runs of zeros, the hard part of the canonical form, common.
            let high = random.next() & random.next() & random.next()
            let low = random.next() & random.next() & random.next()
            let mask: UInt64 = random.oneIn(2) ? 0xFFFF_0000_FFFF_0000 : .max
            let address = SocketAddress(
                ipv6High: high & mask, low: low & mask, scope: UInt32(round % 3),
                port: UInt16(truncatingIfNeeded: random.next()))
            #expect(try SocketAddress(parsing: address.description) == address, "seed 0x0A11 round \(round)")
        }
    }

    @Test func kindsAreRecognized() throws {
        let any = SocketAddress.anyIPv4(port: 1), any6 = SocketAddress.anyIPv6(port: 1)
        #expect(any.isAny && any6.isAny && !SocketAddress.loopbackIPv4(port: 1).isAny)
        #expect(SocketAddress.loopbackIPv4(port: 1).isLoopback && SocketAddress.loopbackIPv6(port: 1).isLoopback)
        #expect(!any.isLoopback && !any6.isLoopback)
        #expect(try SocketAddress(parsing: "ff02::1").isMulticast)
        #expect(try SocketAddress(parsing: "239.1.1.1").isMulticast)
        #expect(try !SocketAddress(parsing: "fe80::1").isMulticast && !SocketAddress(parsing: "240.1.1.1").isMulticast)
        #expect(try SocketAddress(parsing: "febf::1").isLinkLocal && SocketAddress(parsing: "169.254.1.1").isLinkLocal)
        #expect(try !SocketAddress(parsing: "fec0::1").isLinkLocal)
        #expect(try !SocketAddress(parsing: "169.253.1.1").isLinkLocal)
    }

    @Test func orderIsByFamilyThenNumberThenPort() throws {
        let sorted = try ["9.0.0.1:1", "10.0.0.1:1", "10.0.0.1:2", "[::]:1", "[::1]:1", "[1::%1]:1", "[1::%2]:1"]
            .map { try SocketAddress(parsing: $0) }
        #expect(sorted.reversed().sorted() == sorted)
        #expect(Set(sorted).count == sorted.count)
    }
}
