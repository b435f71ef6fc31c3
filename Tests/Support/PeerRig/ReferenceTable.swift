// Layer: test support. Uses: PeerRig. Used by: ESEReference.
// The lines that reference.py prints, as tables. The script says what each line means.

/// A column as the catalog has it.
public struct ReferenceColumn: Sendable, Equatable {
    /// Column identifier: 1…127 fixed, 128…255 variable, from 256 tagged.
    public let id: Int
    public let name: String
    /// `JET_coltyp`, 1…18.
    public let type: Int
    /// 1252, 1200, or 0 for columns that are no text.
    public let codePage: Int
    /// The catalog's Flags.
    public let flags: Int
}

/// An index and what its tree holds.
public struct ReferenceIndex: Sendable, Equatable {
    public let name: String
    /// Live leaf nodes; for the primary index the table's rows.
    public let entries: Int
    /// SHA-256 in hexadecimal over the live leaf nodes in order: length of the key (u32 LE), key, length of the data
    /// (u32 LE), data. Nil for the primary index.
    public let digest: String?

    public init(name: String, entries: Int, digest: String?) {
        self.name = name
        self.entries = entries
        self.digest = digest
    }
}

/// The values of one column in one row, as uncompressed bytes.
public struct ReferenceCell: Sendable, Equatable {
    /// Nil is NULL; otherwise one value, or several of a multi-valued column in order.
    public let values: [[UInt8]]?

    public init(_ values: [[UInt8]]?) { self.values = values }

    /// As the script prints it: `-`, or the values in hexadecimal with commas between.
    public var text: String {
        guard let values else { return "-" }
        var text: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            for byte in value {
                text.append(Self.digits[Int(byte >> 4)])
                text.append(Self.digits[Int(byte & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

/// A live row. Holds the script's line and decodes it when asked: catalogs of wide tables have millions of cells.
public struct ReferenceRow: Sendable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let range: Range<Int>

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// The cells as the script prints them, with tabs between: the quick way to compare whole rows, see `text(of:)`.
    public var text: String { String(decoding: bytes[range], as: UTF8.self) }

    public var description: String { text }

    /// The form of `text` for a row that was read otherwise: a cell for each column in id order, nil for NULL.
    public static func text(of cells: [[[UInt8]]?]) -> String {
        cells.map { ReferenceCell($0).text }.joined(separator: "\t")
    }

    /// A cell for each of the table's columns, in their order.
    public var cells: [ReferenceCell] {
        bytes[range].split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { field in
            if field.elementsEqual([UInt8(ascii: "-")]) { return ReferenceCell(nil) }
            let values = field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            return ReferenceCell(values.map(Self.bytes(ofHex:)))
        }
    }

    private static func bytes(ofHex text: ArraySlice<UInt8>) -> [UInt8] {
        stride(from: text.startIndex, to: text.endIndex - 1, by: 2).map { digit(text[$0]) << 4 | digit(text[$0 + 1]) }
    }

    private static func digit(_ character: UInt8) -> UInt8 {
        character < UInt8(ascii: "a") ? character - UInt8(ascii: "0") : character - UInt8(ascii: "a") + 10
    }
}

/// A table with all its live rows.
public struct ReferenceTable: Sendable {
    public let name: String
    /// Object identifier of the table in the catalog.
    public let objectID: Int
    /// In id order, without deleted ones.
    public internal(set) var columns: [ReferenceColumn] = []
    /// Live rows in the order of the primary index.
    public internal(set) var rows: [ReferenceRow] = []
    /// All indexes, the primary one too.
    public internal(set) var indexes: [ReferenceIndex] = []
    /// Live rows by dissect's walk without deleted nodes; nil if it refuses the table, and the rows are pyesedb's.
    public internal(set) var walkedRows: Int?
    /// Records by pyesedb's count; nil if it does not open the table.
    public internal(set) var countedRows: Int?
    /// What the script had to say about the table.
    public internal(set) var notes: [String] = []

    /// Reads the script's output; throws if a line is none of its own or a table has not the rows that it announced.
    static func all(in bytes: [UInt8]) throws(PeerRigError) -> [ReferenceTable] {
        var tables: [ReferenceTable] = []
        var announced = 0
        func check() throws(PeerRigError) {
            guard let last = tables.last, last.rows.count != announced else { return }
            throw .unexpectedAnswer("\(last.name) has \(last.rows.count) of \(announced) rows")
        }
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            defer { start = end + 1 }
            if bytes[start] == UInt8(ascii: "R"), !tables.isEmpty, end > start + 1 {
                tables[tables.count - 1].rows.append(ReferenceRow(bytes, start + 2..<end))
                continue
            }
            let line = String(decoding: bytes[start..<end], as: UTF8.self)
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if fields[0] == "T", fields.count == 4, let objectID = Int(fields[2]), let rows = Int(fields[3]) {
                try check()
                announced = rows
                tables.append(ReferenceTable(name: fields[1], objectID: objectID))
            } else if tables.isEmpty {
                guard fields[0] == "N" else { throw .unexpectedAnswer(line) }
            } else {
                try tables[tables.count - 1].take(fields)
            }
        }
        try check()
        return tables
    }

    private init(name: String, objectID: Int) {
        self.name = name
        self.objectID = objectID
    }

    /// Takes a line other than a row.
    private mutating func take(_ fields: [String]) throws(PeerRigError) {
        let numbers = fields.map { Int($0) }
        switch (fields[0], fields.count) {
        case ("C", 6):
            guard let id = numbers[1], let type = numbers[3], let codePage = numbers[4], let flags = numbers[5] else {
                break
            }
            columns.append(ReferenceColumn(id: id, name: fields[2], type: type, codePage: codePage, flags: flags))
            return
        case ("I", 4):
            guard let entries = numbers[2] else { break }
            let digest = fields[3] == "-" ? nil : fields[3]
            indexes.append(ReferenceIndex(name: fields[1], entries: entries, digest: digest))
            return
        case ("X", 3):
            (walkedRows, countedRows) = (numbers[1], numbers[2])
            return
        case ("N", 2):
            notes.append(fields[1])
            return
        default: break
        }
        throw .unexpectedAnswer(fields.joined(separator: "\t"))
    }
}
