// Layer: ESEFormatTests. Tests: identifiers, page sizes, GUIDs, integers out of bytes.

import ESEFormat
import Testing

@Suite struct ValueTests {
    @Test func guidIsWrittenAsWindowsDoes() {
        let guid = GUID(low: 0x4f6d_6fcf_d10c_a2fe, high: 0x89fa_6692_e9b2_8e84)
        #expect(guid.description == "d10ca2fe-6fcf-4f6d-848e-b2e99266fa89")
        #expect(guid.bytes.prefix(4) == [0xfe, 0xa2, 0x0c, 0xd1])
    }

    @Test func pagesStartBehindTwoHeaderPages() {
        #expect(PageSize.kibibytes4.fileOffset(of: PageNumber(1)) == 8_192)
        #expect(PageSize.kibibytes32.fileOffset(of: PageNumber(24)) == 25 * 32_768)
    }

    @Test(arguments: [(PageSize.kibibytes2, 1_966), (.kibibytes4, 4_014), (.kibibytes8, 8_110), (.kibibytes32, 8_150)])
    func chunkSizes(size: PageSize, count: Int) {
        #expect(size.longValueChunkByteCount == count)
    }

    @Test func integersBeyondTheEndThrow() throws {
        let bytes: [UInt8] = [1, 2, 3]
        #expect(try bytes.span.bytes.little(1, as: UInt16.self) == 0x0302)
        #expect(try bytes.span.bytes.big(1, as: UInt16.self) == 0x0203)
        for offset in [-1, 2, 3, Int.max] {
            #expect(throws: FormatError(.truncated, at: offset)) {
                try bytes.span.bytes.little(offset, as: UInt16.self)
            }
        }
    }
}
