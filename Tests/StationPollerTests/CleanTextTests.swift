import Primitives
import SNMPCodec
import Testing

@testable import StationPoller

@Suite struct CleanTextTests {
    @Test(arguments: [
        ("eth0", "eth0"), ("  a\r\n b\t", "a b"), ("a\u{0}b", "a\u{FFFD}b"), ("end\u{0}\u{0}", "end"), ("", ""),
        ("\u{1B}[31mred", "\u{FFFD}[31mred"), ("a\u{202E}b", "a\u{FFFD}b"), ("a\u{200B}b", "a\u{FFFD}b"),
        ("\u{85}x\u{2028}y", "x y"), ("Zürich 東京", "Zürich 東京"), ("<script>", "<script>"),
    ]) func textsAreCleaned(raw: String, clean: String) {
        #expect(CleanText.text(Array(raw.utf8)) == clean)
    }

    @Test func whatIsNoUTF8IsLatin1() {
        #expect(CleanText.text([0x5A, 0xFC, 0x72]) == "Z\u{FC}r")
    }

    @Test func theCutFallsBetweenScalars() {
        for width in 1...4 {
            let scalar = ["a", "ü", "東", "𝕏"][width - 1]
            for lead in 0..<4 {
                let text = String(repeating: "x", count: lead) + String(repeating: scalar, count: 2_000)
                let cut = CleanText.text(Array(text.utf8))
                #expect(cut == String(text.prefix(255)), "width \(width), lead \(lead)")
            }
        }
    }

    @Test func anyOctetsGiveAHarmlessText() {
        let seed: UInt64 = 20_261_121
        var random = SeededRandom(seed: seed)
        for round in 0..<500 {
            let octets = (0..<Int(random.next() % 2_000)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) }
            let text = CleanText.text(octets)
            #expect(text.unicodeScalars.count <= 255, "seed \(seed), round \(round)")
            let isHarmless = text.unicodeScalars.allSatisfy { $0.value >= 32 && !(0x7F...0x9F).contains($0.value) }
            #expect(isHarmless, "seed \(seed), round \(round)")
        }
    }

    @Test func valuesOfOtherTypes() {
        #expect(CleanText.text(.integer(-3)) == "-3")
        #expect(CleanText.text(.counter64(.max)) == "18446744073709551615")
        #expect(CleanText.text(.objectIdentifier([1, 3, 6])) == "1.3.6")
        #expect(CleanText.text(.null) == nil)
        #expect(CleanText.address([0, 0x1A, 255]) == "00:1a:ff")
    }
}
