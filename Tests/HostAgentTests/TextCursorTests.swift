// Layer: tests. Uses: HostAgent/Access.

import Testing

@testable import HostAgent

private func slice(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

@Suite struct TextCursorTests {
    @Test func wordsAndNumbersStayInTheirLine() {
        var text = TextCursor(Array("one 2\t 3\n\nlast".utf8))
        var seen: [String?] = [text.word().map { String(decoding: $0, as: UTF8.self) }]
        while text.nextLine() {
            for _ in 0..<4 { seen.append(text.word().map { String(decoding: $0, as: UTF8.self) }) }
        }
        #expect(seen == [nil, "one", "2", "3", nil, nil, nil, nil, nil, "last", nil, nil, nil])
        let after = text.word()
        #expect(after == nil)
    }

    @Test func separatorThatIsMissingMovesNothing() {
        var text = TextCursor(Array("  name:5\nnone".utf8))
        _ = text.nextLine()
        let name = text.upTo(0x3A)
        let number = text.number()
        #expect(name == slice("name"))
        #expect(number == 5)
        _ = text.nextLine()
        let missing = text.upTo(0x3A)
        let rest = text.rest
        #expect(missing == nil)
        #expect(rest == slice("none"))
    }

    @Test(arguments: [
        ("0", UInt64(0)), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("", nil), ("-1", nil),
        ("12x", nil), ("99999999999999999999", nil), ("000000000000000000000", nil),
    ])
    func decimalNumbers(_ text: String, _ value: UInt64?) { #expect(TextCursor.decimal(slice(text)) == value) }

    @Test(arguments: [
        ("1788.29", UInt64(178829)), ("0.5", 50), ("7", 700), ("1.234", 123), ("1.", nil), (".5", nil), ("1.x", nil),
        ("1.23x", nil), ("184467440737095516.15", .max), ("184467440737095516.16", nil),
    ])
    func hundredthsOfNumbers(_ text: String, _ value: UInt64?) { #expect(TextCursor.hundredths(slice(text)) == value) }

    @Test(arguments: [
        ("0x1003", UInt64(0x1003)), ("FFFFFFFFFFFFFFFF", .max), ("10000000000000000", nil), ("0x", nil), ("g", nil),
        ("", nil),
    ])
    func hexadecimalNumbers(_ text: String, _ value: UInt64?) {
        #expect(TextCursor.hexadecimal(slice(text)) == value)
    }

    @Test func signedNumbers() {
        var text = TextCursor(Array("-1 9223372036854775807 9223372036854775808 - -9223372036854775808 5".utf8))
        _ = text.nextLine()
        let numbers = (0..<6).map { _ in text.signedNumber() }
        #expect(numbers == [-1, .max, nil, nil, nil, 5])
    }

    @Test func octetsBetweenColons() {
        #expect(TextCursor.colonOctets(slice("02:fc:00:00:00:0A")) == [2, 0xFC, 0, 0, 0, 10])
        #expect(TextCursor.colonOctets(slice("02:fc:0")) == nil)
        #expect(TextCursor.colonOctets(slice("02-fc")) == nil)
        #expect(TextCursor.colonOctets(slice("")) == nil)
    }

    @Test func lineCutByTheLimitIsLeftOut() {
        func lineCount(_ text: String, limit: Int) -> Int {
            var text = TextCursor(Array(text.utf8), limit: limit)
            var count = 0
            while text.nextLine() { count += 1 }
            return count
        }
        #expect(lineCount("a 1\nb 23", limit: 9) == 2)
        #expect(lineCount("a 1\nb 23", limit: 8) == 1)
        #expect(lineCount("12345", limit: 5) == 0)
    }

    @Test(arguments: [
        (Int64(0), 0, [7, 178, 1, 1, 0, 0, 0, 0, 0x2B, 0, 0]),
        // 2000-02-29 23:59:59.9 UTC and 1900 seconds to the east: the day after.
        (9_518_687_999, 1900, [7, 208, 3, 1, 0, 31, 39, 9, 0x2B, 0, 31]),
        (17_952_259_037, -12_600, [7, 234, 11, 20, 22, 21, 43, 7, 0x2D, 3, 30]),
        // 2100 is no leap year.
        (41_075_423_990, 0, [8, 52, 2, 28, 23, 59, 59, 0, 0x2B, 0, 0]),
        (41_075_424_000, 0, [8, 52, 3, 1, 0, 0, 0, 0, 0x2B, 0, 0]),
        (Int64.min, -100_000, [7, 178, 1, 1, 0, 0, 0, 0, 0x2D, 23, 59]),
    ] as [(Int64, Int, [UInt8])])
    func datesAndTimes(_ deciseconds: Int64, _ offset: Int, _ octets: [UInt8]) {
        #expect(dateAndTime(wallDeciseconds: deciseconds, utcOffsetSeconds: offset) == octets)
    }
}
