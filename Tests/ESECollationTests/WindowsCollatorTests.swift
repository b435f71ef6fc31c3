// Layer: ESECollationTests. Tests: sort keys against those that Windows stored; order, limits, what is refused.

import ESECollation
import ESEFormat
import Primitives
import Testing

func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8.filter { $0 != 0x20 })
    return stride(from: 0, to: digits.count - 1, by: 2).map { place in
        UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16) ?? 0
    }
}

func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }

/// The sort key of a text; nil if it is refused.
func sortKey(_ text: [UInt8], _ flags: CollationFlags = .engineDefault, limit: Int = .max) -> [UInt8]? {
    guard var collator = WindowsCollator(flags: flags) else { return nil }
    var key: [UInt8] = []
    return collator.appendSortKey(of: text.span.bytes, to: &key, limit: limit).map { _ in key }
}

@Suite struct WindowsCollatorTests {
    /// Keys of localized indexes of the sample databases (fox-it/dissect.esedb, tests/_data: index.edb, Current.mdb;
    /// and Catalog1.edb of Windows File History), without the byte before the sort key.
    static let golden: [(String, String)] = [
        (
            "Simple Unicode text \u{1f98a}",
            """
            0e910e320e510e7e0e480e2107020e9f0e700e320e0a0e7c0e1a0e2107020e990e210ea60e990702b040b686\
            0102020202020202020202020202020202020202023f3f01010100
            """
        ),
        (
            "2db807b1-39bd-49f7-8e52-dc77e9dd4fd0.jpg",
            """
            0d1c0e1a0e090d280d030d260e090d1a0d1e0d2a0e090e1a0d200d2a0e230d260d280e210d220d1c0e1a0e0a0d260d260e210d2a\
            0e1a0e1a0d200e230e1a0d0307330e350e7e0e2501010101fff78212fff38212ffef8212ffeb821200
            """
        ),
        ("1-04 Creep.m4a", "0d1a0d030d2007020e0a0e8a0e210e210e7e07330e510d200e0201010101fffe821200"),
        (
            "04 Ain\u{2019}t No Hat 4 That.mp3",
            """
            0d030d2007020e020e320e70077a0e9907020e700e7c07020e2c0e020e9907020d2007020e990e2c0e020e9907330e510e7e0d1e\
            0101010100
            """
        ),
        ("062.jpg", "0d030d240d1c07330e350e7e0e250101010100"),
        (
            "WP_20131014_022.jpg",
            "0ea40e7e07440d1c0d030d1a0d1e0d1a0d030d1a0d2007440d030d1c0d1c07330e350e7e0e250101010100"
        ),
        ("10.10.10.100", "0d1a0d0307330d1a0d0307330d1a0d0307330d1a0d030d030101010100"),
        ("\u{0}", "0101010100"),
    ]

    @Test(arguments: golden)
    func keysThatWindowsStored(text: String, key: String) {
        #expect(sortKey(utf16(text)) == hex(key))
    }

    @Test func wholeKeyOfThreeColumns() throws {
        // Current.mdb, index Username_RoleGuid_TenantId_index.
        let columns = [
            ColumnDefinition(id: ColumnID(256), name: "AuthenticatedUserName", type: .longText, codePage: 1_200),
            ColumnDefinition(id: ColumnID(1), name: "RoleGuid", type: .guid),
            ColumnDefinition(id: ColumnID(2), name: "TenantId", type: .guid),
        ]
        var index = IndexDefinition(
            objectID: ObjectID(1), name: "Username_RoleGuid_TenantId_index", rootPage: PageNumber(2), flags: .localized,
            segments: columns.map { IndexSegment(column: $0.id) })
        index.lcMapFlags = 0x30401
        index.localeName = "en-US"
        index.sortVersion = 0x0006_020f_0006_020f
        index.sortID = WindowsCollator.sortID
        var builder = try KeyBuilder(
            index: index, columns: columns, collator: WindowsCollator(index: index))
        var key: [UInt8] = []
        let report = try builder.build(
            of: [
                utf16("nt authority\\anonymous logon"), hex("6f22a910ee50d849a3939a501d47ce04"),
                [UInt8](repeating: 0, count: 16),
            ], into: &key)
        #expect(report == KeyReport())
        #expect(
            key
                == hex(
                    """
                    7f0e700e9907020e020e9f0e990e2c0e7c0e8a0e320e990ea707410e020e700e7c0e700ea70e510e7c0e9f0e9107020e\
                    480e7c0e250e7c0e7001010101007f9a501d47ce04a393d849ee506f22a9107f00000000000000000000000000000000
                    """))
        let parts = try KeyReader(index: index, columns: columns).segments(of: key.span.bytes)
        #expect(parts.map(\.range) == [0..<62, 62..<79, 79..<96])
        #expect(parts[1].content == .value(.guid(GUID(low: 0x49d8_50ee_10a9_226f, high: 0x04ce_471d_509a_93a3))))
    }

    @Test func longTextFillsTheKey() throws {
        // index.edb, IxLongUnicode: 1,024 characters a after the words.
        let columns = [ColumnDefinition(id: ColumnID(258), name: "LongUnicode", type: .longText, codePage: 1_200)]
        let index = IndexDefinition(
            objectID: ObjectID(1), name: "IxLongUnicode", rootPage: PageNumber(2), flags: .localized,
            segments: [IndexSegment(column: ColumnID(258))])
        let text = utf16("Long Unicode text \u{1f98a} " + String(repeating: "a", count: 1_024))
        var builder = try KeyBuilder(
            index: index, columns: columns, collator: WindowsCollator(flags: .engineDefault))
        var key: [UInt8] = []
        #expect(try builder.build(of: [text], into: &key) == KeyReport(isTruncated: true))
        let words = hex("7f0e480e7c0e700e2507020e9f0e700e320e0a0e7c0e1a0e2107020e990e210ea60e990702b040b6860702")
        #expect(key == words + (0..<106).flatMap { _ in hex("0e02") })
    }

    @Test func wellKnownKeys() {
        // .NET's documentation of SortKey.KeyData prints that of "llama" in en-US.
        #expect(sortKey(utf16("llama"), .sortKey) == hex("0e480e480e020e510e020101010100"))
        #expect(sortKey(utf16("Llama"), .sortKey) == hex("0e480e480e020e510e020101120101 00"))
    }

    @Test func flagsLeaveOutWhatTheySay() {
        #expect(sortKey(utf16("e\u{301}")) != sortKey(utf16("e")))
        #expect(sortKey(utf16("e\u{301}")) == sortKey(utf16("\u{e9}")))
        let plain: CollationFlags = [.sortKey, .ignoreCase, .ignoreNonspacing, .ignoreSymbols]
        #expect(sortKey(utf16("\u{c9}-T!\u{c9}"), plain) == sortKey(utf16("ete"), plain))
        #expect(sortKey(utf16("a-b"), [.sortKey, .stringSort]) == hex("0e02068 20e09 01010101 00"))
        #expect(sortKey(utf16("\u{c6}")) == sortKey(utf16("ae")))
        #expect(sortKey(utf16("\u{4e00}")) == hex("fdff3c6a0101010100"))
    }

    @Test func whatIsNotKnownIsRefused() {
        // Kana, Jamo, private use, a compatibility form, a letter that is more than upper case, a letter with a mark.
        for text in ["\u{3042}", "\u{1100}", "\u{e000}", "\u{2f00}", "\u{b2}", "\u{fb2a}"] {
            #expect(sortKey(utf16("ab" + text)) == nil, "\(text)")
            // But what was cut off before does not matter.
            #expect(sortKey(utf16("ab" + text), limit: 4) == hex("0e020e09"))
            var key: [UInt8] = [1, 2, 3]
            var collator = WindowsCollator(flags: .engineDefault)
            #expect(collator?.appendSortKey(of: utf16("ab" + text).span.bytes, to: &key, limit: 255) == nil)
            #expect(key == [1, 2, 3])
        }
        #expect(sortKey(utf16("\u{1f98a}"), .sortKey) == nil)
    }

    @Test func onlyTheKnownOrderIsOffered() {
        #expect(WindowsCollator(flags: .ignoreCase) == nil)
        #expect(WindowsCollator(flags: [.sortKey, CollationFlags(rawValue: 8)]) == nil)
        #expect(WindowsCollator(flags: .sortKey, localeName: "en-GB") != nil)
        #expect(WindowsCollator(flags: .sortKey, localeName: "sv-SE") == nil)
        #expect(WindowsCollator(flags: .sortKey, localeName: "de-DE", sortID: WindowsCollator.sortID) != nil)
        #expect(WindowsCollator(flags: .sortKey, localeName: "en-US", sortID: GUID(low: 1, high: 2)) == nil)
        #expect(WindowsCollator(flags: .sortKey, lcid: 0x409) != nil)
        #expect(WindowsCollator(flags: .sortKey, lcid: 0x41d) == nil)
        #expect(WindowsCollator(flags: .sortKey, sortVersion: 0x0006_020e_0006_020e) != nil)
        #expect(WindowsCollator(flags: .sortKey, sortVersion: 0x0006_0101_0006_0101) == nil)
        #expect(WindowsCollator.sortID.description == "00000001-57ee-1e5c-00b4-d0000bb1e11e")
    }

    /// Letters of ASCII sort without regard to case, as the alphabet does.
    @Test func lettersSortAsTheAlphabet() throws {
        var random = SeededRandom(seed: 0x414c_5048)
        func word() -> String {
            String(
                decoding: (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    UInt8.random(in: 0x61...0x63, using: &random) ^ (Bool.random(using: &random) ? 0x20 : 0)
                }, as: UTF8.self)
        }
        for _ in 0..<2_000 {
            let (a, b) = (word(), word())
            let keys = try [a, b].map { try #require(sortKey(utf16($0))) }
            let (low, high) = (a.lowercased(), b.lowercased())
            #expect((keys[0] == keys[1]) == (low == high), "seed 414c5048, \(a) \(b)")
            #expect(keys[0].lexicographicallyPrecedes(keys[1]) == (low < high), "seed 414c5048, \(a) \(b)")
        }
    }

    /// A cut key is the beginning of the whole one; a key splits again where it was put together; nothing traps.
    @Test func anyTextHasAKeyOrIsRefused() throws {
        var random = SeededRandom(seed: 0x5445_5854)
        let columns = [ColumnDefinition(id: ColumnID(256), name: "text", type: .longText, codePage: 1_200)]
        var index = IndexDefinition(
            objectID: ObjectID(1), name: "x", rootPage: PageNumber(2), flags: [],
            segments: [IndexSegment(column: ColumnID(256))])
        index.maximumKeyByteCount = 2_000
        index.maximumSegmentByteCount = 2_000
        let reader = try KeyReader(index: index, columns: columns)
        var refused = 0
        for _ in 0..<1_500 {
            let blocks: [ClosedRange<UInt16>] = [
                0...0x24f, 0x300...0x5ff, 0x1e00...0x206f, 0x4e00...0x9fff, 0...0xffff,
            ]
            let block = blocks.randomElement(using: &random) ?? 0...0xff
            let units = (0..<Int.random(in: 1...9, using: &random)).map { _ in UInt16.random(in: block, using: &random)
            }
            let text = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            guard let whole = sortKey(text) else {
                refused += 1
                continue
            }
            #expect(whole.last == 0)
            let limit = Int.random(in: 0...whole.count, using: &random)
            #expect(sortKey(text, limit: limit) == Array(whole.prefix(limit)), "seed 54455854, \(units)")
            var builder = try KeyBuilder(
                index: index, columns: columns, collator: WindowsCollator(flags: .engineDefault))
            var key: [UInt8] = []
            #expect(try builder.build(of: [text], into: &key).isExact)
            let parts = try reader.segments(of: key.span.bytes)
            #expect(parts.map(\.content) == [.sortKey(whole)], "seed 54455854, \(units)")
        }
        #expect(refused > 50 && refused < 1_200)
    }

    @Test func returnsMoreThanTheLimitWhenCut() throws {
        let text = utf16("some words, and more")
        var collator = try #require(WindowsCollator(flags: .engineDefault))
        var key: [UInt8] = []
        let whole = try #require(collator.appendSortKey(of: text.span.bytes, to: &key, limit: .max))
        #expect(whole == key.count)
        for limit in 0..<whole {
            key = []
            #expect(try #require(collator.appendSortKey(of: text.span.bytes, to: &key, limit: limit)) > limit)
            #expect(key.count == limit)
        }
        key = []
        #expect(collator.appendSortKey(of: text.span.bytes, to: &key, limit: whole) == whole)
    }
}
