// Layer: ESEFormat. Used by: every decoder, and everything above that reads databases.

/// Why bytes are not what the format asks for, and where. Small, trivial, cheap to throw.
public struct FormatError: Error, Hashable, Sendable {
    /// What was wrong.
    public enum Code: UInt8, Sendable, CaseIterable {
        /// The bytes end inside a structure.
        case truncated
        /// A file that is no ESE database at all: the signature is missing.
        case notADatabase
        /// The checksum does not fit the bytes.
        case badChecksum
        /// A page size other than 2, 4, 8, 16 and 32 KiB.
        case badPageSize
        /// A count or an offset of the page header that the page has no room for.
        case badPageHeader
        /// A tag that points outside the page's used part.
        case badTag
        /// A node whose parts don't fit into it.
        case badNode
        /// A key that is no key of this kind of tree.
        case badKey
        /// A record whose parts don't fit into it.
        case badRecord
        /// A value whose size is not that of its column's type.
        case badValue
        /// The space header or an extent is impossible.
        case badSpace
        /// A row of the catalog that describes nothing.
        case badCatalogRow
        /// A long value's root or chunk is malformed.
        case badLongValue
        /// Compressed bytes that can't be expanded.
        case badCompression
        /// A compression scheme that has no public description: XPRESS10.
        case unsupportedCompression
        /// The value is encrypted.
        case encrypted
    }

    /// What was wrong.
    public let code: Code
    /// Where, in bytes from the start of the structure that was read: the page, the record or the value.
    public let offset: Int32

    /// Makes an error; the offset is clamped to 32 bits.
    @inline(never)
    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = Int32(clamping: offset)
    }
}

extension FormatError: CustomStringConvertible {
    /// What was wrong and where, for people.
    public var description: String { "\(code.text) at byte \(offset)" }
}

extension FormatError.Code {
    /// What was wrong, in a few words.
    public var text: String {
        switch self {
        case .truncated: "the bytes end inside a structure"
        case .notADatabase: "no ESE database"
        case .badChecksum: "the checksum does not fit"
        case .badPageSize: "impossible page size"
        case .badPageHeader: "impossible page header"
        case .badTag: "a tag points outside the page"
        case .badNode: "the parts of a node don't fit into it"
        case .badKey: "malformed key"
        case .badRecord: "the parts of a record don't fit into it"
        case .badValue: "a value has not the size of its type"
        case .badSpace: "impossible space header or extent"
        case .badCatalogRow: "malformed row of the catalog"
        case .badLongValue: "malformed long value"
        case .badCompression: "malformed compressed value"
        case .unsupportedCompression: "compression scheme without a public description"
        case .encrypted: "encrypted value"
        }
    }
}
