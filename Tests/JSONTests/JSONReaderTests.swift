import JSON
import Primitives
import Testing

@Suite struct JSONReaderTests {
    @Test func readsEveryKindOfValue() throws {
        let node = try JSONNode(text: "\u{FEFF}{ \"a\": [1, -0.5e+3, true, false, null], \"b\": {}, \"c\": [] }\r\n")
        #expect(
            node["a"]?.elements?.map(\.value) == [.number("1"), .number("-0.5e+3"), .bool(true), .bool(false), .null])
        #expect(node["b"]?.fields == [] && node["c"]?.elements == [])
        #expect(node["d"] == nil)
    }

    @Test func readsEscapes() throws {
        let node = try JSONNode(text: #""\"\\\/\b\f\n\r\t\u00e9\u4e2d\ud83d\ude00é""#)
        #expect(node.value == .string("\"\\/\u{8}\u{C}\n\r\té中😀é"))
    }

    @Test func valuesKnowTheirLines() throws {
        let node = try JSONNode(text: "{\n\"a\": 1,\n\n\"b\":\n[2,\n3]}")
        #expect(node.line == 1 && node["a"]?.line == 2 && node["b"]?.line == 5)
        #expect(node["b"]?.elements?.map(\.line) == [5, 6])
    }

    @Test(arguments: [
        ("", 1), ("\n\n", 3), ("{", 1), ("{\n", 2), ("[1,\n]", 2), ("{\"a\" 1}", 1), ("{\"a\":1,}", 1), ("{a:1}", 1),
        ("[1 2]", 1), ("01", 1), ("-", 1), ("1.", 1), ("1e", 1), (".5", 1), ("+1", 1), ("NaN", 1), ("tru", 1),
        ("\"a\nb\"", 1), ("\"a", 1), ("\"\\", 1), ("\"\\x\"", 1), ("\"\\u12\"", 1), ("\"\\u+123\"", 1),
        ("\"\\ud800\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\udc00\"", 1), ("{}\n\nx", 3), ("// a\n{}", 1),
        ("{\"a\":1,\n\"a\":2}", 2),
    ])
    func refusesWithTheLine(text: String, line: Int) {
        let error = #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
        #expect(error?.line == line, "\(text): \(error?.problem ?? "")")
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xC3, 0x22]) }
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func depthIsLimited() throws {
        let limit = JSONReader.maximumDepth
        _ = try JSONNode(text: String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
        for opening in ["[", "{\"a\":"] {
            let deep = String(repeating: opening, count: 100_000)
            #expect(throws: JSONError.self) { try JSONNode(text: deep) }
        }
    }

    /// What is written is read back as the same tree, with the same digits and order.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func writtenTreesAreReadBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let tree = Self.tree(&random, depth: 4)
        #expect(try JSONNode(text: tree.text) == tree, "seed \(seed)")
    }

    /// Damaged texts are refused or read, and never end the program; what is read can be written and read again.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func damagedTextsDoNoHarm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = Array(Self.tree(&random, depth: 4).text.utf8)
        for _ in 0..<50 {
            var damaged = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) where !damaged.isEmpty {
                let position = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[position] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: position)
                default: damaged.removeSubrange(position...)
                }
            }
            guard let node = try? JSONReader.read(damaged) else { continue }
            #expect(try JSONNode(text: node.text) == node, "seed \(seed)")
        }
    }

    private static func tree(_ random: inout SeededRandom, depth: Int) -> JSONNode {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return JSONNode(.null)
        case 1: return JSONNode(.bool(Bool.random(using: &random)))
        case 2: return .number(Int64.random(in: .min ... .max, using: &random))
        case 3: return JSONNode(.number("18446744073709551616.10E-7"))
        case 4: return .string(text(&random))
        case 5:
            let count = Int.random(in: 0..<4, using: &random)
            return JSONNode(.array((0..<count).map { _ in tree(&random, depth: depth - 1) }))
        default:
            let count = Int.random(in: 0..<4, using: &random)
            return JSONNode(
                .object((0..<count).map { .init("\($0)" + text(&random), tree(&random, depth: depth - 1)) }))
        }
    }

    private static func text(_ random: inout SeededRandom) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let number = UInt32.random(in: 0..<(Bool.random(using: &random) ? 0x100 : 0x20000), using: &random)
            if let scalar = Unicode.Scalar(number) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
