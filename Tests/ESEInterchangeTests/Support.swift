// Layer: ESEInterchangeTests. Used by: the tests of this target.
// Instances on real files, and what readers see in the databases that they leave.

import ESE
import ESEEngine
import ESEFormat
import ESEReader
import ESEVerify
import PeerRig
import PlatformIO
import Testing

/// A directory of its own for one test, removed with everything in it at the end.
final class TestDirectory {
    let path: String

    init() throws {
        path = "/tmp/oriel-interchange-\(Program.id)-\(UInt64.random(in: 0...UInt64.max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { TestDirectory.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }

    /// An instance with its files here.
    func open(_ pageSize: PageSize) throws -> Instance {
        var options = InstanceOptions()
        options.pageSize = pageSize
        options.environment = EngineEnvironment(reporter: SilentReporter())
        return try Instance.open(directory: path + "/logs", options)
    }
}

/// Rows in the form of reference.py: cells of hexadecimal values.
struct TableImage {
    var names: [String]
    var rows: [String]

    /// What our reader sees.
    init(_ table: ESETable) throws {
        let cursor = table.rows()
        names = cursor.columns.map(\.name)
        rows = []
        while cursor.next() {
            var cells: [[[UInt8]]?] = []
            for column in cursor.columns.indices {
                let count = try cursor.valueCount(column)
                var values: [[UInt8]] = []
                for occurrence in 0..<count {
                    try cursor.withValue(column, occurrence: occurrence) { values.append($0.bytes(0..<$0.byteCount)) }
                }
                cells.append(count == 0 ? nil : values)
            }
            rows.append(ReferenceRow.text(of: cells))
        }
    }

    /// What the engine sees.
    init(_ table: TableCursor) throws {
        (names, rows) = try table.access { (cursor) throws(JetError) in
            let columns = cursor.table.columnInfo(cursor.session).sorted { $0.key.id < $1.key.id }
            var rows: [String] = []
            var isThere = try cursor.first()
            while isThere {
                var cells: [[[UInt8]]?] = []
                for column in columns {
                    let count = try cursor.valueCount(column.key)
                    var values: [[UInt8]] = []
                    for occurrence in 1..<(count + 1) { values.append(try cursor.bytes(column.key, occurrence)) }
                    cells.append(count == 0 ? nil : values)
                }
                rows.append(ReferenceRow.text(of: cells))
                isThere = try cursor.next()
            }
            return (columns.map(\.definition.name), rows)
        }
    }

    init(names: [String], rows: [String]) {
        self.names = names
        self.rows = rows
    }

    /// Says where two differ; nil if they don't.
    func difference(from other: TableImage) -> String? {
        if names != other.names { return "columns \(names) are \(other.names)" }
        if rows.count != other.rows.count { return "\(rows.count) rows are \(other.rows.count)" }
        for (number, (mine, theirs)) in zip(rows, other.rows).enumerated() where mine != theirs {
            let cells = zip(
                mine.split(separator: "\t", omittingEmptySubsequences: false),
                theirs.split(separator: "\t", omittingEmptySubsequences: false))
            for (place, (a, b)) in cells.enumerated() where a != b {
                return "row \(number), \(names[place]): \(a.prefix(80)) (\(a.count)) is \(b.prefix(80)) (\(b.count))"
            }
        }
        return nil
    }
}

extension ESEEngine.RowCursor {
    /// A value as it is stored, expanded.
    func bytes(_ key: ColumnKey, _ occurrence: Int) throws(JetError) -> [UInt8] {
        let count = try retrieve(
            key, into: UnsafeMutableRawBufferPointer(start: nil, count: 0), occurrence: occurrence
        ).byteCount
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 8)
        defer { buffer.deallocate() }
        _ = try retrieve(key, into: buffer, occurrence: occurrence)
        return [UInt8](buffer.prefix(count))
    }
}

/// What readers that are not ours see in a database that we wrote.
enum Readers {
    /// Compares tables with what dissect.esedb sees, if it is here.
    static func compareWithDissect(_ images: [String: TableImage], _ path: String) async throws {
        guard ESEReference.isAvailable else {
            print("dissect.esedb is not compared: \(ESEReference.skipReason ?? "")")
            return
        }
        for (name, image) in images.sorted(by: { $0.key < $1.key }) {
            let reference = try await ESEReference.table(name, of: path)
            let theirs = TableImage(names: reference.columns.map(\.name), rows: reference.rows.map(\.text))
            let difference = theirs.difference(from: image)
            #expect(difference == nil, "\(name), dissect.esedb: \(difference ?? "") \(reference.notes)")
        }
    }

    /// The verifier finds nothing.
    static func expectSound(_ path: String) throws {
        let groups = try findings(path)
        #expect(groups.isEmpty, "\(path): \(groups)")
    }

    /// What the verifier finds: how often by kind, and the first ones.
    static func findings(_ path: String) throws -> [String: String] {
        let report = Verification(try RandomAccessFile(reading: path)).run()
        #expect(report.isComplete && report.isClean, "\(path)")
        var result: [String: String] = [:]
        for group in report.groups {
            result[group.kind.rawValue] =
                "\(group.errorCount + group.noteCount): \(group.kept.prefix(2).map(\.description))"
        }
        return result
    }
}
