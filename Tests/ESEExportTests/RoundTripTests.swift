// Layer: ESEExportTests. Tests: random rows in all three forms, which Python reads back and finds equal.

import ESEExport
import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

@Suite struct RoundTripTests {
    private static let renderings: [(ValueRendering, ColumnType)] = [
        (.signed, .longLong), (.unsigned, .unsignedLongLong), (.text(codePage: 1200), .longText),
        (.text(codePage: 1252), .text), (.binary, .longBinary), (.guid, .guid), (.floating, .double), (.bit, .bit),
    ]

    private func value(_ rendering: ValueRendering, _ random: inout SeededRandom) -> [UInt8] {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        // What the forms must quote or escape, and a few others; no NUL, at which Python's csv may stop.
        let marks = Array("\",\r\n \\\t\u{1}/{[aZ".utf8)
        switch rendering {
        case .text(1200):
            return (0..<Int.random(in: 0...20, using: &random)).flatMap { _ -> [UInt8] in
                Bool.random(using: &random)
                    ? [marks.randomElement(using: &random) ?? 1, 0] : [UInt8.random(in: 1...255, using: &random), 0xd8]
            }
        case .text:
            return (0..<Int.random(in: 0...20, using: &random)).map { _ in marks.randomElement(using: &random) ?? 1 }
        case .binary: return bytes(Int.random(in: 0...20, using: &random))
        case .guid: return bytes(16)
        case .bit: return bytes(1)
        // Finite, and exact in every form.
        case .floating:
            let number = Double(Int.random(in: -1_000_000...1_000_000, using: &random)) / 64
            return (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
        default: return bytes(8)
        }
    }

    private let script = """
        import csv, json, sqlite3, sys
        base = sys.argv[1]
        objects = [json.loads(line) for line in open(base + ".jsonl", encoding="utf-8", newline="\\n")]
        rows = list(csv.reader(open(base + ".csv", encoding="utf-8", newline=""), strict=True))
        stored = list(sqlite3.connect(base + ".sqlite").execute("select * from t"))
        assert rows[0] == list(objects[0]), rows[0]
        assert len(rows) - 1 == len(objects) == len(stored), (len(rows), len(objects), len(stored))
        def text(value):
            if value is None: return ""
            if isinstance(value, bool): return "true" if value else "false"
            if isinstance(value, list): return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            return repr(value) if isinstance(value, float) else str(value)
        def plain(value):
            if isinstance(value, bytes): return value.hex()
            return value
        for row, object, record in zip(rows[1:], objects, stored):
            for cell, (name, value), field in zip(row, object.items(), record):
                if isinstance(value, list):
                    assert json.loads(cell) == value, (name, cell, value)
                    assert json.loads(field) == value, (name, field, value)
                    continue
                assert cell == text(value), (name, cell, value)
                if isinstance(value, int) and value > 2**63 - 1: value = str(value)
                assert plain(field) == value, (name, field, value)
        print(len(objects))
        """

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func allFormsSayTheSame(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("oriel-round-\(UUID())").path
        defer { for end in [".csv", ".jsonl", ".sqlite"] { try? FileManager.default.removeItem(atPath: base + end) } }
        let csv = MemoryOutput()
        let json = MemoryOutput()
        do {
            let sinks: [any RowSink] = [
                CSVSink(csv), JSONLinesSink(json, namesTable: false), try SQLiteSink(creating: base + ".sqlite"),
            ]
            let columns = Self.renderings.enumerated().map { index, pair in
                ExportColumn(
                    name: "c\(index)", rendering: pair.0,
                    definition: ColumnDefinition(id: ColumnID(1), name: "c\(index)", type: pair.1))
            }
            for sink in sinks { try sink.beginTable(ExportTable(name: "t", columns: columns)) }
            for _ in 0..<200 {
                let row = Self.renderings.map { pair in
                    (0..<([0, 1, 1, 1, 3].randomElement(using: &random) ?? 1)).map { _ in value(pair.0, &random) }
                }
                for sink in sinks {
                    sink.beginRow(.live)
                    for (values, pair) in zip(row, Self.renderings) {
                        sink.beginColumn(valueCount: values.count)
                        for value in values {
                            let isWritten = sink.value(value.span.bytes, pair.0)
                            #expect(isWritten)
                        }
                        sink.endColumn()
                    }
                    try sink.endRow()
                }
            }
            for sink in sinks {
                try sink.endTable()
                try sink.finish()
            }
        }
        try Data(csv.bytes).write(to: URL(fileURLWithPath: base + ".csv"))
        try Data(json.bytes).write(to: URL(fileURLWithPath: base + ".jsonl"))
        let script = script
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run("/usr/bin/env", ["python3", "-c", script, base], seconds: 60)
        }
        #expect(result.output == "200\n", "seed \(seed): \(result.errorOutput)")
    }
}
