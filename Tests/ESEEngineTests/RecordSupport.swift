// Layer: ESEEngineTests. Used by: tests of records and keys.
// Short ways to set and read columns by arrays.

import ESEFormat

@testable import ESEEngine

/// The columns of most tests: two numbers, a Bit, fixed text, two variable and five tagged ones.
let testColumns: [ColumnDefinition] = [
    ColumnDefinition(id: ColumnID(1), name: "id", type: .long, flags: [.notNull], recordOffset: 4),
    ColumnDefinition(id: ColumnID(2), name: "wide", type: .longLong, recordOffset: 8),
    ColumnDefinition(id: ColumnID(3), name: "bit", type: .bit, recordOffset: 16),
    ColumnDefinition(
        id: ColumnID(4), name: "fixed", type: .text, codePage: 1_252, maximumByteCount: 6, recordOffset: 17),
    ColumnDefinition(id: ColumnID(128), name: "a", type: .binary, maximumByteCount: 255),
    ColumnDefinition(id: ColumnID(129), name: "b", type: .text, codePage: 1_252, maximumByteCount: 20),
    ColumnDefinition(id: ColumnID(256), name: "long", type: .longBinary),
    ColumnDefinition(id: ColumnID(257), name: "many", type: .long, flags: [.multivalued]),
    ColumnDefinition(
        id: ColumnID(258), name: "text", type: .longText, flags: [.multivalued, .compressed], codePage: 1_200),
    ColumnDefinition(
        id: ColumnID(259), name: "default", type: .short, flags: [.multivalued, .hasDefault], defaultValue: [7, 0]),
    ColumnDefinition(id: ColumnID(260), name: "tags", type: .text, flags: [.multivalued], codePage: 1_252),
]

/// Makes a shape of columns that are sound.
func shape(_ columns: [ColumnDefinition] = testColumns, _ size: PageSize = .kibibytes4) -> RecordShape {
    do throws(JetError) {
        return try RecordShape(columns: columns, pageSize: size)
    } catch {
        fatalError("the columns of a test: \(error)")
    }
}

func key(_ number: UInt16) -> ColumnKey { ColumnKey(ColumnID(number)) }

extension RecordBuffer {
    @discardableResult
    func put(
        _ number: UInt16, _ value: [UInt8]?, occurrence: Int = 1, offset: Int = 0, options: SetOptions = [],
        threshold: Int = 0
    ) throws(JetError) -> SetResult {
        var result: Result<SetResult, JetError> = .success(SetResult())
        func run(_ bytes: UnsafeRawBufferPointer?) {
            do throws(JetError) {
                result = .success(
                    try set(
                        key(number), bytes, occurrence: occurrence, offset: offset, options: options,
                        threshold: threshold))
            } catch { result = .failure(error) }
        }
        if let value { value.withUnsafeBytes { run($0) } } else { run(nil) }
        return try result.get()
    }

    func load(_ record: [UInt8], _ shape: RecordShape, for update: RecordUpdate = .replace) throws(JetError) {
        var failure: JetError?
        record.withUnsafeBytes { bytes in
            do throws(JetError) { try load(bytes, shape, for: update) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The record.
    var array: [UInt8] { [UInt8](bytes) }

    /// A value, expanded; nil for NULL.
    func value(_ number: UInt16, _ occurrence: Int = 1) throws(JetError) -> [UInt8]? {
        try view().field(key(number), occurrence: occurrence).array()
    }

    /// All values of a column.
    func values(_ number: UInt16) throws(JetError) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for occurrence in 1..<(try view().valueCount(key(number)) + 1) {
            all.append(try value(number, occurrence) ?? [])
        }
        return all
    }
}

extension RecordField {
    /// The value, expanded; nil for NULL.
    func array() throws(JetError) -> [UInt8]? {
        if isNull { return nil }
        var bytes: [UInt8] = []
        try expand(into: &bytes)
        return bytes
    }
}
