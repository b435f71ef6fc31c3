// Layer: ESEExportTests. Tests: how values become text, through the sinks.

import ESEExport
import ESEFormat
import Testing

@Suite struct RenderingTests {
    /// One value through a CSV sink, without the header.
    private func csv(_ bytes: [UInt8], _ rendering: ValueRendering, binary: BinaryForm = .hex) throws -> String {
        let output = MemoryOutput()
        let sink = CSVSink(output, binary: binary)
        let column = ColumnDefinition(id: ColumnID(1), name: "c", type: .longBinary)
        try sink.beginTable(
            ExportTable(name: "t", columns: [ExportColumn(name: "c", rendering: rendering, definition: column)]))
        sink.beginRow(.live)
        sink.beginColumn(valueCount: 1)
        _ = sink.value(bytes.span.bytes, rendering)
        sink.endColumn()
        try sink.endRow()
        try sink.finish()
        return String(String(decoding: output.bytes.dropFirst(3).dropLast(2), as: UTF8.self))
    }

    private func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    @Test(arguments: [
        (0.0, "1899-12-30T00:00:00"), (2.5, "1900-01-01T12:00:00"), (-1.25, "1899-12-29T06:00:00"),
        (45_418.297_326_388_89, "2024-05-06T07:08:09"), (36_585.0, "2000-02-29T00:00:00"),
        (2_958_465.999_988_426, "9999-12-31T23:59:59"), (-657_434.0, "0100-01-01T00:00:00"),
        (45_418.297_327_812_5, "2024-05-06T07:08:09.123"),
    ])
    func oleDates(days: Double, text: String) throws {
        #expect(try csv(little(days.bitPattern), .oleDate) == text)
    }

    @Test func whatIsNoDateIsANumber() throws {
        #expect(try csv(little(Double.nan.bitPattern), .oleDate) == "nan")
        #expect(try csv(little((3e6).bitPattern), .oleDate) == "3000000.0")
    }

    /// Some programs keep a file time in a column of dates; its bits are no date that anybody means.
    @Test func fileTimeInAColumnOfDates() throws {
        #expect(try csv(little(133_594_528_891_234_567), .oleDate) == "2024-05-06T07:08:09.1234567Z")
    }

    @Test(arguments: [
        (133_594_528_891_234_567 as UInt64, "2024-05-06T07:08:09.1234567Z"), (1, "1601-01-01T00:00:00.0000001Z"),
        (116_444_736_000_000_000, "1970-01-01T00:00:00.0000000Z"), (0, "\"\""),
        (2_650_467_743_999_999_999, "9999-12-31T23:59:59.9999999Z"), (.max, "18446744073709551615"),
    ])
    func fileTimes(units: UInt64, text: String) throws {
        #expect(try csv(little(units), .fileTime) == text)
        #expect(try csv(little(units).reversed(), .fileTimeBigEndian) == text)
    }

    @Test func identities() throws {
        #expect(try csv([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0], .sid) == "S-1-5-18")
        let user: [UInt8] = [
            1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xe9, 3, 0, 0,
        ]
        #expect(try csv(user, .sid) == "S-1-5-21-1-2-4294967295-1001")
        // Not an identity: the bytes themselves.
        #expect(try csv([1, 5, 0], .sid) == "010500")
    }

    @Test(
        arguments: [
            ([192, 0, 2, 1], "192.0.2.1"),
            ([0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1], "2001:db8::1"),
            (Array(repeating: 0, count: 16), "::"), (Array(repeating: 0, count: 15) + [1], "::1"),
            ([0xfe, 0x80] + Array(repeating: 0, count: 14), "fe80::"),
            ([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1], "1:0:1::1:1:1"), ([1, 2, 3], "010203"),
        ] as [([UInt8], String)])
    func addresses(bytes: [UInt8], text: String) throws {
        #expect(try csv(bytes, .ipAddress) == text)
    }

    @Test func bytesAndText() throws {
        #expect(try csv([0, 0x7f, 0xff], .binary) == "007fff")
        #expect(try csv(Array("a".utf8), .binary, binary: .base64) == "YQ==")
        #expect(try csv(Array("ab".utf8), .binary, binary: .base64) == "YWI=")
        #expect(try csv(Array("abc".utf8), .binary, binary: .base64) == "YWJj")
        #expect(try csv([0x41, 0, 0x42, 0, 0, 0, 0x43, 0], .utf16) == "AB")
        #expect(try csv([0x41, 0, 0x42], .utf16) == "410042")
        #expect(try csv([0x80], .text(codePage: 1252)) == "€")
        #expect(try csv(Array(0..<16), .guidBytes) == "03020100-0504-0706-0809-0a0b0c0d0e0f")
    }

    @Test func numbers() throws {
        #expect(try csv([0xff], .bit) == "true")
        #expect(try csv(little(1 << 63), .signed) == "-9223372036854775808")
        #expect(try csv(little(.max), .unsigned) == "18446744073709551615")
        #expect(try csv([0, 0, 0xc0, 0x3f], .floating) == "1.5")
        #expect(try csv(little((0.1).bitPattern), .floating) == "0.1")
        #expect(try csv(little(Double.infinity.bitPattern), .floating) == "inf")
    }

    /// Bytes of any length for every rendering: a text or a mark, never a trap.
    @Test func wrongSizesAreMarkedOrWrittenAsBytes() throws {
        let renderings: [ValueRendering] = [
            .bit, .signed, .unsigned, .floating, .oleDate, .guid, .text(codePage: 1200), .binary, .fileTime,
            .fileTimeBigEndian, .secondsSince1601, .sid, .utf16, .ipAddress, .guidBytes, .srumIdentity(typeColumn: 0),
            .directorySID, .unsignedBytes, .unsignedBigEndian,
        ]
        for rendering in renderings {
            for count in 0...40 {
                for fill in [0, 1, 0x7f, 0xff] as [UInt8] {
                    _ = try csv(Array(repeating: fill, count: count), rendering)
                }
            }
        }
        #expect(try csv([1, 2, 3], .signed).hasPrefix("#unreadable: "))
    }
}
