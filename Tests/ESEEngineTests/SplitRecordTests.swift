// Records of splits and merges against two that Windows wrote.

import ESEFormat
import Testing

@Suite struct SplitRecordTests {
    private func bytes(_ hex: String) -> [UInt8] {
        var digits = hex.filter { !$0.isWhitespace }[...]
        var bytes: [UInt8] = []
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    private func split(_ bytes: [UInt8]) throws(FormatError) -> SplitRecord { try SplitRecord(bytes.span.bytes) }

    private func merge(_ bytes: [UInt8]) throws(FormatError) -> MergeRecord { try MergeRecord(bytes.span.bytes) }

    @Test func appendOfTheCatalogIsReadAndWritten() throws {
        // Evidence: Windows 8's log of a new database: the first split of MSysObjects' leaf 13.
        let bytes = bytes(
            """
            3e0500010d00000022010000000000001c010000000000000c000000020000040e00000000000000ffffffffffffffff
            040000000d0100000000000004000000020000000201370037003800020800000208000000000000ffffffff00000000
            0d0000000d0000000000000000007f800000037f80027f800001047f800000027f80027f80000001
            """)
        let record = try split(bytes)
        #expect(record.encoded() == bytes && record.encodedByteCount == bytes.count)
        #expect(record.page.page == PageNumber(13) && record.newPage == PageNumber(14))
        #expect(record.page.databaseTime == DatabaseTime(290) && record.page.databaseTimeBefore == DatabaseTime(284))
        #expect(record.kind == .append && record.operation == .insert)
        #expect(record.operationLine == 55 && record.splitLine == 55 && record.lineCount == 56)
        #expect(record.prefixLineOfSource == nil && record.prefixLineOfNew == 0)
        // The separator is what the last key and the new one share, and a byte.
        #expect(record.separator == [0x7f, 0x80, 0, 0, 3, 0x7f, 0x80, 2, 0x7f, 0x80, 0, 1, 4])
        #expect(record.oldPrefix.count == 13 && record.newPrefix.isEmpty && record.beforeImage.isEmpty)
        #expect(record.newPageFlags == [.leaf, .newRecordFormat])
    }

    @Test func emptiedPageIsReadAndWritten() throws {
        // Evidence: the same log: leaf 64, the first child of root 62, is given back.
        let bytes = bytes(
            """
            3f07000140000000dd03000000000000dc03000000000000580400000100000441000000b40300000000000000000000
            ffffffffffffffff3e00000057030000000000003e0000000d0000000000000000000000040100000000000000000000
            """)
        let record = try merge(bytes)
        #expect(record.encoded() == bytes && record.encodedByteCount == bytes.count)
        #expect(record.kind == .emptyPage && record.changes == .emptyPage)
        #expect(record.page.page == PageNumber(64) && record.rightPage == PageNumber(65) && record.leftPage == .none)
        #expect(record.parentPage == PageNumber(62) && record.root == PageNumber(62) && record.objectID == ObjectID(13))
    }

    @Test func recordsThatAreCutAreRefused() {
        var record = SplitRecord()
        record.separator = [1, 2, 3]
        record.beforeImage = [4, 5]
        let bytes = record.encoded()
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self) { try split(Array(bytes[..<count])) }
        }
        #expect(throws: FormatError.self) { try split(bytes + [0]) }
        record.isOld = true
        record.beforeImage = []
        #expect((try? split(record.encoded())) == record)
        #expect(throws: FormatError.self) { try merge(bytes) }
    }
}
