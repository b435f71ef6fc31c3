import SNMPCodec
import Testing

@Suite struct EngineIDTests {
    @Test func readsAndPrintsHexadecimal() {
        #expect(EngineID(hex: "0x80001F88aB")?.octets == [0x80, 0, 0x1F, 0x88, 0xAB])
        #expect(EngineID(hex: "0X00")?.octets == [0])
        #expect(EngineID([0x80, 0, 0xAB]).description == "0x8000ab")
        #expect(EngineID(hex: String(repeating: "ab", count: 32))?.octets.count == 32)
    }

    @Test(arguments: ["", "0x", "0", "0xabc", "0xgg", "ab cd", "0x0x00"])
    func refusesMalformedText(text: String) { #expect(EngineID(hex: text) == nil) }

    @Test func knowsTheAllowedLengths() {
        #expect(EngineID(hex: String(repeating: "ab", count: 33)) == nil)
        for (count, isWellFormed) in [(0, false), (4, false), (5, true), (32, true), (33, false)] {
            #expect(EngineID([UInt8](repeating: 1, count: count)).isWellFormed == isWellFormed)
        }
        #expect(EngineID.empty.isEmpty)
    }
}
