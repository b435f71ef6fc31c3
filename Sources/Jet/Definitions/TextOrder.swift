// Layer: Jet. Uses: ESECollation, ESEEngine (Catalog.Options). Used by: JetInstance.
// The order of Unicode text in indexes.

import ESECollation
public import ESEEngine
public import ESEFormat

/// The orders of text that databases are opened with.
enum TextOrder {
    /// What new indexes are stamped with, beside the order itself. It is no version of Windows', so that Windows makes
    /// such an index anew instead of relying on sort keys that were made here.
    static let version: UInt32 = 0x4f52_0001
    /// The same twice, as the catalog has it: the version of the weights and of what is defined.
    static let sortVersion = UInt64(version) << 32 | UInt64(version)

    /// The options of catalogs.
    static func catalogOptions(_ language: UnicodeIndexDefault) -> Catalog.Options {
        var options = Catalog.Options()
        options.collator = { index in
            if index.sortVersion != sortVersion { return WindowsCollator(index: index) }
            return WindowsCollator(
                flags: CollationFlags(rawValue: index.lcMapFlags), localeName: index.localeName, lcid: index.lcid,
                sortVersion: nil, sortID: index.sortID)
        }
        options.sortVersion = sortVersion
        options.sortID = WindowsCollator.sortID
        options.localeName = localeName(of: language.localeNumber) ?? "en-US"
        return options
    }

    private static let names: [UInt32: String] = [
        0x007f: "", 0x0409: "en-US", 0x0809: "en-GB", 0x0c09: "en-AU", 0x1009: "en-CA", 0x1409: "en-NZ",
        0x1809: "en-IE", 0x0407: "de-DE", 0x0807: "de-CH", 0x0c07: "de-AT", 0x040c: "fr-FR", 0x080c: "fr-BE",
        0x0c0c: "fr-CA", 0x100c: "fr-CH", 0x0410: "it-IT", 0x0413: "nl-NL", 0x0416: "pt-BR", 0x0816: "pt-PT",
        0x0c0a: "es-ES", 0x080a: "es-MX", 0x0406: "da-DK", 0x040b: "fi-FI", 0x0414: "nb-NO", 0x041d: "sv-SE",
        0x0405: "cs-CZ", 0x0415: "pl-PL", 0x040e: "hu-HU", 0x0419: "ru-RU", 0x041f: "tr-TR", 0x0408: "el-GR",
        0x0404: "zh-TW", 0x0804: "zh-CN", 0x0411: "ja-JP", 0x0412: "ko-KR", 0x0401: "ar-SA", 0x040d: "he-IL",
    ]

    /// The name of a locale that has a number; nil if none is known. 0, 0x400 and 0x800 mean the default.
    static func localeName(of number: UInt32) -> String? {
        switch number & 0xffff {
        case 0, 0x400, 0x800, 0x1400: "en-US"
        default: names[number & 0xffff]
        }
    }

    /// The number of a locale that has a name; nil if none is known.
    static func localeNumber(of name: String) -> UInt32? {
        names.first { $0.value.lowercased() == name.lowercased() }?.key
    }
}

/// What JetGetIndexInfo and others tell of locales.
public struct LocaleNumber {
    /// The number of an index's locale; 0 if none is known. C name: LCID.
    public static func of(_ index: IndexDefinition) -> UInt32 {
        if index.lcid != 0 { return index.lcid }
        return TextOrder.localeNumber(of: index.localeName ?? "en-US") ?? 0
    }

    /// The name of a locale that has a number.
    /// - Throws: `invalidLanguageId` if none is known.
    public static func name(of number: UInt32) throws(JetError) -> String {
        guard let name = TextOrder.localeName(of: number), !name.isEmpty else { throw .invalidLanguageId }
        return name
    }
}
