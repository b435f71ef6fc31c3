// Support of the tests of definitions: databases, tables and their columns through the C functions.

import CJet
import ESEReader
import ESEVerify
import Foundation
import JetABI
import Testing

/// Texts and other memory that C structures point to; it lasts as long as the object.
final class Arena {
    private var memory: [UnsafeMutableRawPointer] = []

    deinit { for one in memory { one.deallocate() } }

    func bytes(_ bytes: [UInt8]) -> UnsafeMutableRawPointer {
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(8, bytes.count), alignment: 16)
        pointer.copyMemory(from: bytes, byteCount: bytes.count)
        memory.append(pointer)
        return pointer
    }

    func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let size = MemoryLayout<Element>.stride * max(1, elements.count)
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memory.append(pointer)
        let typed = pointer.bindMemory(to: Element.self, capacity: max(1, elements.count))
        for (index, element) in elements.enumerated() { (typed + index).initialize(to: element) }
        return typed
    }

    func text(_ text: String) -> UnsafeMutablePointer<CChar> { array(Array(text.utf8CString)) }

    func wide(_ text: String) -> UnsafeMutablePointer<WCHAR> { array(Array(text.utf16) + [0]) }
}

/// A database of a running instance, made or opened by a session.
final class OpenedDatabase {
    let instance: Running
    let session: JET_SESID
    private(set) var database: JET_DBID = .max
    let path: String

    init(_ instance: Running, name: String = "test.edb") throws {
        self.instance = instance
        session = try instance.session()
        path = "\(instance.directory.path)/\(name)"
        if FileManager.default.fileExists(atPath: path) {
            let attached = JetAttachDatabaseA(session, path, 0)
            try #require(attached == JET_errSuccess || attached == JET_wrnDatabaseAttached)
            try #require(JetOpenDatabaseA(session, path, nil, &database, 0) == JET_errSuccess)
        } else {
            try #require(JetCreateDatabaseA(session, path, nil, &database, 0) == JET_errSuccess)
        }
    }

    func open(_ name: String, _ grbit: Int32 = 0) throws -> JET_TABLEID {
        var table: JET_TABLEID = 0
        let result = JetOpenTableA(session, database, name, nil, 0, JET_GRBIT(grbit), &table)
        try #require(result == JET_errSuccess, "\(name): \(result)")
        return table
    }

    func create(_ name: String) throws -> JET_TABLEID {
        var table: JET_TABLEID = 0
        let result = JetCreateTableA(session, database, name, 1, 80, &table)
        try #require(result == JET_errSuccess, "\(name): \(result)")
        return table
    }

    @discardableResult
    func add(
        _ name: String, _ type: Int32, _ grbit: Int32 = 0, to table: JET_TABLEID, most: UInt32 = 0, cp: UInt16 = 0,
        default value: [UInt8] = []
    ) throws -> JET_COLUMNID {
        var id: JET_COLUMNID = 0
        let result = addResult(name, type, grbit, to: table, most: most, cp: cp, default: value, &id)
        try #require(result == JET_errSuccess, "\(name): \(result)")
        return id
    }

    func addResult(
        _ name: String, _ type: Int32, _ grbit: Int32 = 0, to table: JET_TABLEID, most: UInt32 = 0, cp: UInt16 = 0,
        default value: [UInt8] = [], _ id: inout JET_COLUMNID
    ) -> JET_ERR {
        var definition = JET_COLUMNDEF()
        definition.cbStruct = UInt32(MemoryLayout<JET_COLUMNDEF>.size)
        definition.coltyp = JET_COLTYP(type)
        definition.grbit = JET_GRBIT(bitPattern: grbit)
        definition.cbMax = most
        definition.cp = cp
        return JetAddColumnA(session, table, name, &definition, value, UInt32(value.count), &id)
    }

    /// A column as it is told of by its name.
    func column(_ name: String, of table: JET_TABLEID) -> JET_COLUMNDEF? {
        var definition = JET_COLUMNDEF()
        let result = JetGetTableColumnInfoA(
            session, table, name, &definition, UInt32(MemoryLayout<JET_COLUMNDEF>.size), JET_ColInfo)
        return result == JET_errSuccess ? definition : nil
    }

    func createIndex(_ name: String, _ key: String, _ grbit: Int32 = 0, on table: JET_TABLEID) -> JET_ERR {
        let units = Array(key.utf8CString)
        return JetCreateIndexA(session, table, name, JET_GRBIT(grbit), units, UInt32(units.count), 80)
    }

    /// Values of a column of all rows, from the first on; the cursor is before the first afterwards.
    func values(_ table: JET_TABLEID, _ column: JET_COLUMNID) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        var result = JetMove(session, table, Int32(bitPattern: 0x8000_0000), 0)
        while result == JET_errSuccess {
            var buffer = [UInt8](repeating: 0, count: 1_024)
            var count: UInt32 = 0
            let read = JetRetrieveColumn(session, table, column, &buffer, 1_024, &count, 0, nil)
            values.append(read == JET_wrnColumnNull ? nil : Array(buffer.prefix(Int(count))))
            result = JetMove(session, table, 1, 0)
        }
        return values
    }

    func texts(_ table: JET_TABLEID, _ column: JET_COLUMNID) -> [String] {
        values(table, column).map { String(decoding: $0 ?? [], as: UTF8.self) }
    }

    func numbers(_ table: JET_TABLEID, _ column: JET_COLUMNID) -> [UInt32] {
        values(table, column).map { ($0 ?? []).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// Ends the instance in order and checks the file; its schema.
    func end() throws -> ESEDatabase {
        try #require(JetEndSession(session, 0) == JET_errSuccess)
        try #require(instance.terminate(JET_bitTermComplete) == JET_errSuccess)
        return try Self.verify(path)
    }

    static func verify(_ path: String) throws -> ESEDatabase {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let report = Verification(MemorySource(bytes)).run()
        // A deleted column leaves a row of this name without a type, as in Windows, which the verifier does not know.
        let errors = report.findings.filter { $0.severity == .error }.map { "\($0)" }
        let others = errors.filter { !$0.contains("JetStub_") }
        #expect(others.isEmpty, "\(others.joined(separator: "\n"))")
        return try ESEDatabase(readingFrom: MemorySource(bytes))
    }
}
