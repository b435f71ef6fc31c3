// Layer: ESEInterchangeTests. Used by: the tests of this target.
// What esedbexport (libesedb 20181229) prints of a database that we wrote, and what it can't.

import ESEFormat
import Foundation
import PeerRig
import Testing

/// A row as esedbexport has to print it.
enum ExportedText {
    /// A cell that can be compared, or why it can't.
    enum Cell: Equatable {
        case text(String)
        case skipped(Limit)
    }

    /// What esedbexport does not do.
    enum Limit: String, CaseIterable {
        case fixedNull = "it prints what lies in the place of a fixed column that is NULL"
        case single = "it prints each number of 32 bits with a fraction as 0"
        case default_ = "it knows no defaults"
        case several = "it leaves out several values, but three and more of text"
        case separated =
            "it leaves out values of more than 1,024 bytes, which stand outside the record, of Windows' files too"
        case compressed = "it prints some compressed values wrongly"
    }

    /// The program, if it is here.
    static let program = PeerRig.path(of: "esedbexport")

    /// Whether it is.
    static var isAvailable: Bool { program != nil }

    /// A row as it has to be printed.
    static func cells(_ row: [String: [ColumnValue]], _ every: EveryType) -> [Cell] {
        every.columns.map { column in
            guard let values = row[column.name] else {
                if column.name == "default" { return .skipped(.default_) }
                return column.name.hasPrefix("fixed") ? .skipped(.fixedNull) : .text("")
            }
            if column.name == "long Text" || column.name == "long Binary" { return .skipped(.compressed) }
            if values.count == 2 || values.count > 2 && column.type != .text { return .skipped(.several) }
            let byteCount = EveryType.stored(values[0], column.name, column.type).count
            if column.type.isLong, byteCount > 1_024 { return .skipped(.separated) }
            if column.type == .single { return .skipped(.single) }
            return .text(values.map { text($0, column.type) }.joined(separator: "; "))
        }
    }

    private static func text(_ value: ColumnValue, _ type: ColumnType) -> String {
        switch value {
        case .null: ""
        case .bit(let value): value ? "true" : "false"
        case .unsigned(let value): String(value)
        case .signed(let value): type == .currency ? String(UInt64(bitPattern: value)) : String(value)
        case .single(let value): String(format: "%f", value)
        case .double(let value): String(format: "%f", value)
        case .dateTime(let value):
            String(format: "(0x%08x 0x%08x)", UInt32(value.bitPattern >> 32), UInt32(value.bitPattern & 0xffff_ffff))
        case .guid(let value): hexadecimal(value.bytes)
        case .text(let value): value
        case .binary(let value): hexadecimal(value)
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String { ReferenceCell([bytes]).text }

    /// Compares a table.
    static func compare(
        _ expected: [[Cell]], _ names: [String], _ table: String, _ path: String
    ) async throws {
        guard let program else { return }
        let target = path + "-text"
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(program, ["-T", table, "-t", target, path], seconds: 60)
        }
        #expect(result.status == 0, "\(result.output.suffix(300)) \(result.errorOutput.suffix(300))")
        let directory = target + ".export"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        let file = try #require(files.first { $0.hasPrefix(table + ".") })
        let text = String(
            decoding: FileManager.default.contents(atPath: "\(directory)/\(file)") ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(lines.first?.map(String.init) == names)
        #expect(lines.count == expected.count + 1)
        var compared = 0
        var skipped: [Limit: Int] = [:]
        var wrong: [String: String] = [:]
        for (line, cells) in zip(lines.dropFirst(), expected) {
            for (place, cell) in cells.enumerated() where place < line.count {
                switch cell {
                case .skipped(let limit): skipped[limit, default: 0] += 1
                case .text(let text):
                    compared += 1
                    if line[place] != text { wrong[names[place]] = "\(line[place].prefix(60)) for \(text.prefix(60))" }
                }
            }
        }
        #expect(wrong.isEmpty)
        #expect(compared > expected.count * 15)
        for (limit, count) in skipped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            print("esedbexport: \(count) of \(compared) cells are not compared: \(limit.rawValue)")
        }
    }
}
