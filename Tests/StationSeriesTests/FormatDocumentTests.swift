import Foundation
import PeerRig
import Primitives
import StationSeries
import Testing

/// The examples and the decoder in docs/format/samples.md.
@Suite struct FormatDocumentTests {
    private static let hasPython = PeerRig.path(of: "python3") != nil
    private static let noPython: Comment = "no python3 here: run Scripts/install-deps test"

    private static let start: Int64 = 1_763_740_100_123_456
    private static let rounds = [
        Round(
            time: start, upTime: 8_640_025, durationMicroseconds: 1200, requests: 2,
            values: [
                SeriesValue(series: 11, value: RawValue(type: .counter64, bits: 123_456_789)),
                SeriesValue(series: 12, value: RawValue(integer32: -1)),
                SeriesValue(series: 20, value: RawValue(float: 0.25)),
            ]),
        Round(
            time: start + 10_000_100, upTime: 8_641_025, durationMicroseconds: 1300, requests: 2,
            values: [
                SeriesValue(series: 11, value: RawValue(type: .counter64, bits: 123_457_789)),
                SeriesValue(series: 20, value: RawValue(float: 0.25)),
            ]),
        Round(time: start + 20_000_050, verdict: .none, durationMicroseconds: 60_000, requests: 3),
        Round(
            time: start + 30_000_000, upTime: 8_643_025, verdict: .partial, durationMicroseconds: 1250, requests: 2,
            values: [
                SeriesValue(series: 11, value: RawValue(type: .counter64, bits: 123_459_800)),
                SeriesValue(series: 20, value: RawValue(float: 0.75)),
            ]),
    ]

    /// The examples in the order of the document: what the decoder must be told, the bytes, what it must print.
    private static var examples: [(kind: String, bytes: [UInt8], text: String)] {
        let (timeline, blocks) = pack(rounds)
        return [
            ("round", rounds[0].encoded(), text(rounds[0])),
            ("timeline", timeline.encoded(), text(timeline)),
            ("block", blocks[0].1.encoded(), text(blocks[0].1)),
            ("block", blocks[2].1.encoded(), text(blocks[2].1)),
        ]
    }

    private static func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/format/samples.md"), encoding: .utf8)
    }

    /// The texts between fences that name the language.
    private static func fenced(_ language: String) throws -> [[Substring]] {
        var found: [[Substring]] = []
        var inside = false
        for line in try document().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                inside = line == "```" + language
                if inside { found.append([]) }
            } else if inside {
                found[found.count - 1].append(line)
            }
        }
        return found
    }

    @Test func theExamplesAreWhatIsWritten() throws {
        let blocks = try Self.fenced("text").filter { $0.first?.hasPrefix("01  ") == true }
        let written = blocks.map { lines in
            // Hexadecimal digits up to two blanks, then what they mean.
            [UInt8](
                hex: lines.map { String($0.prefix(upTo: $0.firstRange(of: "  ")?.lowerBound ?? $0.endIndex)) }.joined())
        }
        #expect(written.map(\.hex) == Self.examples.map(\.bytes.hex))
    }

    @Test(.enabled(if: hasPython, noPython)) func theDecoderReadsTheExamples() throws {
        try expectDecoded(Self.examples)
    }

    @Test(.enabled(if: hasPython, noPython)) func theDecoderReadsAnything() throws {
        var records: [(kind: String, bytes: [UInt8], text: String)] = []
        for seed in UInt64(0)..<60 {
            var random = SeededRandom(seed: seed)
            let round = random.round()
            records.append(("round", round.encoded(), Self.text(round)))
            let timeline = random.timeline(count: random.below(150))
            records.append(("timeline", timeline.encoded(), Self.text(timeline)))
            let block = random.block(count: random.below(150))
            records.append(("block", block.encoded(), Self.text(block)))
        }
        try expectDecoded(records)
    }

    private func expectDecoded(_ records: [(kind: String, bytes: [UInt8], text: String)]) throws {
        let script = try #require(try Self.fenced("python").first).joined(separator: "\n")
        let arguments = records.flatMap { [$0.kind, $0.bytes.hex] }
        let result = try PeerProgram.run("python3", ["-c", script] + arguments)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == records.count + 1, "\(result.errorOutput)")
        for (index, (line, record)) in zip(lines, records).enumerated() {
            #expect(line == record.text, "record \(index): \(record.kind) \(record.bytes.hex)")
        }
    }

    private static func text(_ head: RoundHead) -> String {
        let upTime = head.upTime.map(String.init) ?? "None"
        return "(\(head.time), \(upTime), \(head.verdict.rawValue), \(head.durationMicroseconds), \(head.requests))"
    }

    private static func text(_ value: RawValue) -> String {
        let bits = value.type == .integer32 ? value.text : String(value.bits)
        return "\(value.type.rawValue), \(bits))"
    }

    private static func text(_ round: Round) -> String {
        let values = round.values.map { "(\($0.series), " + text($0.value) }.joined(separator: ", ")
        return "(\(text(round.head)), [\(values)])"
    }

    private static func text(_ timeline: Timeline) -> String {
        "[\(timeline.heads.map(text).joined(separator: ", "))]"
    }

    private static func text(_ block: Block) -> String {
        "[\(block.values.map { $0.map { "(" + text($0) } ?? "None" }.joined(separator: ", "))]"
    }
}
