// Layer: WinSNMPStore. Uses: ESEReader, EntryColumns. Used by: ESEDatabase.
// The entries of a database that nobody has open, read without the engine: nothing is written and no lock is taken.

import ESEFormat
import ESEReader
import JSON
import PlatformIO
import WinSNMPDatabase

/// What reading a file came to.
enum EntryReading {
    /// What stands in it.
    case entries([(list: EntryList, node: JSONNode)])
    /// A writer is at work, or crashed: the engine has to look at it first.
    case dirty

    /// The most bytes of one text.
    private static let textByteLimit = 16 << 20

    /// Reads a file.
    ///
    /// Whoever writes to a database writes its header first, and again at the end, with another place in the log. So
    /// what was read between two equal clean headers is what one writer left.
    static func read(_ path: String) throws(DatabaseError) -> EntryReading {
        let file: RandomAccessFile
        do throws(IOError) { file = try RandomAccessFile(reading: path) } catch { throw .file(error) }
        let before = try header(file)
        let result: EntryReading
        do throws(DatabaseError) {
            result = try content(file)
        } catch {
            // A page that was being written may look damaged.
            guard try header(file) == before else { return .dirty }
            throw error
        }
        return try header(file) == before ? result : .dirty
    }

    /// The header and its shadow, whatever the size of the pages.
    private static func header(_ file: RandomAccessFile) throws(DatabaseError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        do throws(IOError) {
            let count = try file.read(at: 0, into: &bytes, count: bytes.count)
            bytes.removeLast(bytes.count - count)
        } catch {
            throw .file(error)
        }
        return bytes
    }

    private static func content(_ file: RandomAccessFile) throws(DatabaseError) -> EntryReading {
        let path = file.path
        var options = ReadOptions()
        options.longValueByteLimit = textByteLimit
        options.cacheByteLimit = 4 << 20
        let database: ESEReader.ESEDatabase
        do throws(ESEError) {
            database = try ESEReader.ESEDatabase(readingFrom: file, options: options)
        } catch {
            throw .damaged(file: path, problem: error.description)
        }
        guard !database.warnings.contains(.headersLost) else {
            throw .damaged(file: path, problem: ReadWarning.headersLost.description)
        }
        guard database.header.isClean else { return .dirty }
        for row in try rows(of: "settings", texts: ["key", "value"], numbers: [], database, path)
        where row.texts["key"] == "format" {
            guard let format = row.texts["value"].flatMap({ Int($0) }), format <= EntrySpecs.format else {
                throw .newerFormat(file: path)
            }
        }
        var entries: [(list: EntryList, node: JSONNode)] = []
        for list in EntryList.allCases {
            let columns = EntryColumns.of(list)
            let found = try rows(
                of: list.rawValue, texts: columns.textColumns, numbers: columns.numberColumns, database, path)
            for (number, values) in found.enumerated() {
                guard let node = columns.node(of: values) else {
                    throw .damaged(
                        file: path, problem: "\(list.rawValue)[\(number)]: the column other is no JSON object")
                }
                entries.append((list, node))
            }
        }
        if let damage = database.damage.kept.first(where: \.isLoss) {
            throw .damaged(file: path, problem: damage.description)
        }
        return .entries(entries)
    }

    /// All rows of a table.
    private static func rows(
        of name: String, texts: [String], numbers: [String], _ database: ESEReader.ESEDatabase, _ path: String
    ) throws(DatabaseError) -> [EntryColumns.Values] {
        let cursor: RowCursor
        do throws(ESEError) { cursor = try database.table(name).rows() } catch {
            throw .damaged(file: path, problem: error.description)
        }
        let wanted = Set(texts + numbers)
        let places = cursor.columns.enumerated().filter { wanted.contains($0.element.name) }
            .map { (place: $0.offset, name: $0.element.name) }
        var rows: [EntryColumns.Values] = []
        while cursor.next() {
            var values = EntryColumns.Values()
            for (place, name) in places {
                do throws(FormatError) {
                    switch try cursor.value(place) {
                    case .text(let text): values.texts[name] = text
                    case .signed(let number): values.numbers[name] = Int32(exactly: number)
                    default: break
                    }
                } catch {
                    throw .damaged(file: path, problem: "row \(rows.count), column \(name): \(error)")
                }
            }
            rows.append(values)
        }
        return rows
    }
}
