// Layer: OrielCommand/Output. Uses: ESEFormat. Used by: the sub-commands of db.
// Flags of tables, columns and indexes in words.

import ESEFormat

/// Names of flags. Bits without a name are given as a number.
enum DatabaseNames {
    static func names(of flags: TableFlags) -> [String] {
        names(
            flags,
            [
                (.system, "system"), (.fixedDDL, "fixed-ddl"), (.template, "template"), (.derived, "derived"),
                (.systemDynamic, "system-dynamic"),
                (.noFixedOrVariableColumnsInDerivedTables, "no-fixed-or-variable-columns-in-derived-tables"),
            ])
    }

    static func names(of flags: ColumnFlags) -> [String] {
        names(
            flags,
            [
                (.notNull, "not-null"), (.version, "version"), (.autoincrement, "autoincrement"),
                (.multivalued, "multi-valued"), (.hasDefault, "default"), (.escrowUpdate, "escrow"),
                (.finalize, "finalize"), (.userDefinedDefault, "user-defined-default"), (.template, "template"),
                (.deleteOnZero, "delete-on-zero"), (.primaryIndexPlaceholder, "primary-placeholder"),
                (.compressed, "compressed"), (.encrypted, "encrypted"),
            ])
    }

    static func names(of flags: IndexFlags) -> [String] {
        names(
            flags,
            [
                (.primary, "primary"), (.unique, "unique"), (.allowAllNulls, "allow-all-nulls"),
                (.allowFirstNull, "allow-first-null"), (.allowSomeNulls, "allow-some-nulls"),
                (.noNullSegment, "no-null-segment"), (.localeSet, "locale-set"), (.multivalued, "multi-valued"),
                (.template, "template"), (.derived, "derived"), (.localized, "localized"),
                (.nullsSortHigh, "nulls-sort-high"), (.tuples, "tuples"), (.crossProduct, "cross-product"),
                (.disallowTruncation, "disallow-truncation"), (.nestedTable, "nested-table"),
                (.extendedColumns, "extended-columns"), (.dotNetGUID, "dot-net-guid"),
                (.deferredPopulate, "deferred-populate"), (.optionallyUnique, "optionally-unique"),
            ])
    }

    static func names(of flags: PageFlags) -> [String] {
        names(flags.subtracting(.flushType), PageFlags.names.map { ($0.flag, $0.name) })
    }

    /// The flags of LCMapString that say how text is compared.
    static func lcMapNames(_ flags: UInt32) -> [String] {
        let known: [(UInt32, String)] = [
            (1, "ignore-case"), (2, "ignore-nonspace"), (4, "ignore-symbols"), (0x10, "linguistic-ignore-case"),
            (0x20, "linguistic-ignore-diacritic"), (0x400, "sort-key"), (0x1000, "string-sort"),
            (0x1_0000, "ignore-kana-type"), (0x2_0000, "ignore-width"), (0x800_0000, "linguistic-casing"),
        ]
        var rest = flags
        var names: [String] = []
        for (bit, name) in known where flags & bit != 0 {
            names.append(name)
            rest &= ~bit
        }
        return rest == 0 ? names : names + [DatabaseText.hex(rest)]
    }

    private static func names<Flags: OptionSet>(_ flags: Flags, _ known: [(Flags, String)]) -> [String]
    where Flags.RawValue == UInt32, Flags.Element == Flags {
        var rest = flags
        var names: [String] = []
        for (flag, name) in known where flags.contains(flag) {
            names.append(name)
            rest.subtract(flag)
        }
        return rest.isEmpty ? names : names + [DatabaseText.hex(rest.rawValue)]
    }
}
