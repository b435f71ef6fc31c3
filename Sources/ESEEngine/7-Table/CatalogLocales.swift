// Layer: ESEEngine/7-Table. Uses: Catalog, RowCursor. Used by: data definition.
// MSysLocales counts the localized indexes of each locale and sort version (format map, 6.5): Windows looks there for
// what it has to rebuild.

import ESEFormat

extension Catalog {
    /// Counts a new localized index. In a transaction of the engine's own, as in ESE: a count that is too high does no
    /// harm, and sessions don't get into each other's way.
    func countLocale(of index: IndexDefinition) throws(JetError) {
        guard index.flags.contains(.localized), let version = index.sortVersion, let order = index.sortID else {
            return
        }
        let locale = index.localeName ?? options.localeName
        let name = "LocaleName=\(locale),SortID=\(order),Ver=\(String(version, radix: 16))"
        var key: [UInt8] = []
        for unit in name.utf16 { key += [UInt8(unit & 0xff), UInt8(unit >> 8)] }
        key += [0, 0]
        let value = ColumnKey(ColumnID(2))
        let keyColumn = ColumnKey(ColumnID(128))
        let wanted = key
        try inOwnTransaction { (own) throws(JetError) in
            guard let table = try find(SystemCatalog.localesName, own) else { return }
            let cursor = RowCursor(table, own)
            var isThere = try cursor.first()
            while isThere {
                let count = try cursor.withRecord { (record) throws(JetError) in
                    guard try [UInt8](record.field(keyColumn).bytes) == wanted else { return Int32?.none }
                    let field = try record.field(value)
                    guard !field.isNull, field.bytes.count == 4 else { return 0 }
                    return Int32(littleEndian: field.bytes.loadUnaligned(as: Int32.self))
                }
                if let count {
                    let bytes = withUnsafeBytes(of: (count &+ 1).littleEndian) { [UInt8]($0) }
                    return try cursor.change { (record) throws(JetError) in
                        try bytes.lend { (bytes: Bytes) throws(JetError) in
                            try record.setByEngine(value, bytes.buffer)
                        }
                    }
                }
                isThere = try cursor.next()
            }
            try cursor.prepare(.insert)
            let record = try cursor.preparedRecord()
            try record.set(ColumnKey(ColumnID(1)), number: UInt8(2))
            try record.set(value, number: Int32(1))
            try record.set(keyColumn, octets: wanted)
            try cursor.update()
        }
    }
}
