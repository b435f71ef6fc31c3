// Layer: ESEFormatTests. Tests: Compression, SevenBit, LZXpress, LZ4.
// Golden streams: [MS-XCA] 3.1; the values "Record ..." were compressed by Windows (decompress_test.edb and
// decompress_test2.edb of ese_parser's test data); the LZ4 blocks are those of lz4 for Python.

import ESEFormat
import Testing

/// A value as stored, and what it is.
struct CompressedValue: Sendable, CustomTestStringConvertible {
    let name: String
    let stored: [UInt8]
    let plain: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ stored: String, _ plain: [UInt8]) {
        self.name = name
        self.stored = hex(stored)
        self.plain = plain
    }

    /// "Record", spaces up to `count` characters less one, and the number.
    static func record(_ number: Int, count: Int, isUnicode: Bool) -> [UInt8] {
        let characters = Array("Record".utf8) + Array(repeating: 32, count: count - 7) + Array("\(number)".utf8)
        return isUnicode ? characters.flatMap { [$0, 0] as [UInt8] } : characters
    }

    private static let abc = Array(repeating: Array("abc".utf8), count: 100).flatMap(\.self)
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz".utf8)

    static let sevenBit = [
        CompressedValue(
            "Windows, 7-bit ASCII", "0e d2f2f82d2783402010080402814030", record(0, count: 17, isUnicode: false)),
        CompressedValue(
            "Windows, 7-bit ASCII, 5", "0e d2f2f82d2783402010080402814035", record(5, count: 17, isUnicode: false)),
        CompressedValue(
            "Windows, 7-bit Unicode", "16 d2f2f82d2783402010080402814031", record(1, count: 17, isUnicode: true)),
        // By hand: 0x61 is 1100001.
        CompressedValue("one character", "0e 61", [0x61]),
        CompressedValue("one unit", "16 61", [0x61, 0]),
        // "ab": 110_0001, then 110_0010 from bit 7 on: 0x3161, 14 bits: six of the last byte.
        CompressedValue("two characters", "0d 6131", [0x61, 0x62]),
        CompressedValue("eight characters fill seven bytes", "0f ffffffffffffff", Array(repeating: 0x7f, count: 8)),
    ]
    static let xpress = [
        CompressedValue(
            "MS-XCA, literals", "18 1a00 3f000000 6162636465666768696a6b6c6d6e6f707172737475767778797a", alphabet),
        CompressedValue("MS-XCA, a long match", "18 2c01 ffffff1f 616263 1700 0f ff 2601", abc),
        CompressedValue(
            "Windows, ASCII", "18 0708 ffff7f01 5265636f726420 0700 0f ff fc07 30",
            record(0, count: 2_055, isUnicode: false)),
        CompressedValue(
            "Windows, Unicode", "18 0e10 ffff0400 5200650063006f0072006400 20 0f00 0f ff fc0f 3100",
            record(1, count: 2_055, isUnicode: true)),
    ]
    static let other = [
        // Two matches share the half bytes of their lengths: 3 + 7 + 2 and 3 + 7 + 4. Then a length in the byte behind.
        CompressedValue(
            "shared half bytes", "18 1b00 ffffff7f 61 0700 42 0700", Array(repeating: 0x61, count: 27)),
        CompressedValue(
            "a length in a byte", "18 1e00 ffffff7f 61 0700 0f 04", Array(repeating: 0x61, count: 30)),
        // The length stands in four bytes when the two before are 0.
        CompressedValue(
            "a length in four bytes", "18 1e00 ffffff7f 61 0700 0f ff 0000 1a000000",
            Array(repeating: 0x61, count: 30)),
        CompressedValue("LZ4, a run", "38 2800 1f 61 0100 0f 50 6161616161", Array(repeating: 0x61, count: 40)),
        CompressedValue(
            "LZ4, literals after a match", "38 2500 3f 616263 0300 05 a0 30313233343536373839",
            Array(abc.prefix(27)) + Array("0123456789".utf8)),
        CompressedValue("LZ4, literals", "38 0500 50 48656c6c6f", Array("Hello".utf8)),
        CompressedValue(
            "LZ4, a long length", "38 2c01 1f 00 0100 ff 14 50 0000000000", Array(repeating: 0, count: 300)),
        CompressedValue("scrubbed", "20 7a7a7a", Array(repeating: 0, count: 100)),
    ]
    static let all = sevenBit + xpress + other
}

@Suite struct CompressionTests {
    @Test(arguments: CompressedValue.all) func golden(_ value: CompressedValue) throws {
        let limit = value.plain.count
        #expect(try Compression.expand(value.stored.span.bytes, limit: limit) == value.plain)
        var output: [UInt8] = [1, 2, 3]
        try Compression.expand(value.stored.span.bytes, into: &output, limit: limit)
        #expect(output == [1, 2, 3] + value.plain)
        guard Compression.scheme(of: value.stored.span.bytes) != .scrub else { return }
        #expect(try Compression.expandedByteCount(of: value.stored.span.bytes) == limit)
        output = [9]
        #expect(throws: FormatError.self) {
            try Compression.expand(value.stored.span.bytes, into: &output, limit: limit - 1)
        }
        #expect(output == [9])
    }

    /// What Windows stored is what is stored here, byte for byte.
    @Test(arguments: CompressedValue.sevenBit.prefix(3) + CompressedValue.xpress.suffix(2))
    func whatWindowsStores(_ value: CompressedValue) {
        #expect(Compressor.compress(value.plain.span.bytes) == value.stored)
    }

    /// The examples are smaller than what the engine gives to XPRESS; the first one does not shrink at all.
    @Test func examplesOfTheSpecification() {
        let examples = CompressedValue.xpress
        let (short, long) = (examples[0].plain, examples[1].plain)
        #expect(Compressor.compress(long.span.bytes, minimumForXpress: 1) == examples[1].stored)
        #expect(Compressor.compress(short.span.bytes, minimumForXpress: 1)?.first == 0x0d)
    }

    @Test(
        arguments: [
            (0x08, .sevenBitASCII, "7-bit ASCII"), (0x17, .sevenBitUnicode, "7-bit Unicode"), (0x18, .xpress, "XPRESS"),
            (0x20, .scrub, "scrubbed"), (0x28, .xpress9, "XPRESS9"), (0x30, .xpress10, "XPRESS10"), (0x3f, .lz4, "LZ4"),
            (0x07, nil, nil), (0x40, nil, nil), (0xff, nil, nil),
        ] as [(UInt8, CompressionScheme?, String?)])
    func schemes(first: UInt8, scheme: CompressionScheme?, name: String?) {
        let stored = [first]
        let found = Compression.scheme(of: stored.span.bytes)
        #expect(found == scheme)
        #expect(found?.name == name)
    }

    @Test func nothingHasNoScheme() {
        let nothing: [UInt8] = []
        #expect(Compression.scheme(of: nothing.span.bytes) == nil)
        #expect(throws: FormatError(.badCompression, at: 0)) {
            try Compression.expand(nothing.span.bytes, limit: 10)
        }
        #expect(throws: FormatError(.badCompression, at: 0)) {
            try Compression.expandedByteCount(of: nothing.span.bytes)
        }
    }

    @Test func schemeWithoutADescription() throws {
        let xpress10 = hex("30 1234 01020304 0102030405060708 09")
        #expect(throws: FormatError(.unsupportedCompression, at: 0)) {
            try Compression.expand(xpress10.span.bytes, limit: 1 << 20)
        }
        #expect(try Compression.expandedByteCount(of: xpress10.span.bytes) == 0x3412)
    }

    @Test func scrubbedValuesAreZerosWithinTheLimit() throws {
        let scrubbed = hex("20 4c4c")
        #expect(try Compression.expandedByteCount(of: scrubbed.span.bytes) == 0)
        #expect(try Compression.expand(scrubbed.span.bytes, limit: 8_150) == Array(repeating: 0, count: 8_150))
        #expect(try Compression.expand(scrubbed.span.bytes, limit: .max).count == 32_768)
        #expect(try Compression.expand(scrubbed.span.bytes, limit: -1) == [])
    }

    /// One for each check of the decoders, with the place that is reported.
    @Test(arguments: [
        ("more bits unused than there are", "08", 0), ("XPRESS without a size", "18 01", 1),
        ("flags cut", "18 0500 ffff7f", 3), ("no literal", "18 0500 ffffff7f", 7),
        ("a match cut", "18 0500 ffffff7f 61 07", 8), ("no half byte", "18 ff00 ffffff7f 61 0700", 10),
        ("no length byte", "18 ff00 ffffff7f 61 0700 0f", 11),
        ("no long length", "18 ff00 ffffff7f 61 0700 0f ff 01", 12),
        ("no length of four bytes", "18 ff00 ffffff7f 61 0700 0f ff 0000 010000", 14),
        ("a long length below 22", "18 ff00 ffffff7f 61 0700 0f ff 1500", 14),
        ("a match before the start", "18 0500 ffffff7f 61 0800", 10),
        ("a match beyond the end", "18 0300 ffffff7f 61 0000", 10),
        ("a huge match", "18 ffff ffffff7f 61 0700 0f ff 0000 ffffffff", 18),
        ("LZ4 without a size", "38", 1), ("LZ4: too few bytes", "38 0600 50 48656c6c6f", 9),
        ("LZ4: too many literals", "38 0400 50 48656c6c6f", 4), ("LZ4: literals cut", "38 0500 50 4865", 4),
        ("LZ4: distance cut", "38 2800 1f 61 01", 5), ("LZ4: distance 0", "38 2800 1f 61 0000 0f 50", 8),
        ("LZ4: before the start", "38 2800 1f 61 0200 0f 50", 8), ("LZ4: length cut", "38 2800 1f 61 0100", 7),
        ("LZ4: beyond the end", "38 0500 1f 61 0100 00", 8), ("LZ4: endless length", "38 0500 1f 61 0100 ff ff", 8),
        ("LZ4: nothing", "38 0500", 3),
    ])
    func malformed(name: String, stored: String, place: Int) {
        let bytes = hex(stored)
        #expect(throws: FormatError(.badCompression, at: place)) {
            try Compression.expand(bytes.span.bytes, limit: 1 << 20)
        }
    }

    /// A mask that is used up where the value ends needs no further one, and what follows is not looked at.
    @Test func whatFollowsTheStream() throws {
        let plain = (0..<32).map { UInt8($0) }
        let stored = hex("18 2000 00000000") + plain
        #expect(try Compression.expand(stored.span.bytes, limit: 32) == plain)
        let more = stored + [0xff, 0xff, 0xff, 0xff, 1, 2]
        #expect(try Compression.expand(more.span.bytes, limit: 32) == plain)
    }
}
