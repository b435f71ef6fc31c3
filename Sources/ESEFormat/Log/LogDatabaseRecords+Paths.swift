// Layer: ESEFormat/Log. Uses: LogText. Used by: recovery, instance.
// The paths in records about databases.

extension CreateDatabaseRecord {
    /// Makes a record for a path that is stored as UTF-16; `pathBytes` gives its payload, before which come the two
    /// numbers of the format, 16 bits each, if `hasVersion`.
    public init(
        session: UInt16, database: UInt8, options: UInt32, greatestPageCount: UInt32, signature: DatabaseSignature,
        path: String, hasVersion: Bool
    ) {
        self.init(
            session: session, database: database, options: options, greatestPageCount: greatestPageCount,
            signature: signature, pathByteCount: UInt16(Self.pathBytes(path).count), flags: 8 | (hasVersion ? 4 : 0))
    }

    /// A path as it is stored. It must be shorter than 32767 UTF-16 units.
    public static func pathBytes(_ path: String) -> [UInt8] { LogText.utf16(path) }

    /// The path in this record's bytes, up to its zero.
    public func path(in record: RawSpan) -> String {
        LogText.text(record.extracting(path), isUTF16: flags & 8 != 0)
    }

    /// The version and the major update that the database is made with, if the record says so. Throws `truncated` for
    /// bytes of another record.
    public func version(in record: RawSpan) throws(FormatError) -> (version: UInt16, updateMajor: UInt16)? {
        guard flags & 4 != 0 else { return nil }
        return (try record.little(path.lowerBound - 4), try record.little(path.lowerBound - 2))
    }
}

extension AttachDatabaseRecord {
    /// The path in this record's bytes, up to its zero.
    public func path(in record: RawSpan) -> String {
        LogText.text(record.extracting(path), isUTF16: flags & 8 != 0)
    }
}

extension DetachDatabaseRecord {
    /// The path in this record's bytes, up to its zero.
    public func path(in record: RawSpan) -> String {
        LogText.text(record.extracting(path), isUTF16: flags & 0x10 != 0)
    }
}
