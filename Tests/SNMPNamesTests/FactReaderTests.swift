import Testing

@testable import SNMPNames

/// A table's text is our own, but a slip in it must be named, not guessed at.
@Suite struct FactReaderTests {
    private func problem(_ text: String) -> String? {
        do {
            _ = try NameTable([FactTable(module: "M", text: text)])
            return nil
        } catch {
            return "\(error.line): \(error.problem)"
        }
    }

    @Test(arguments: [
        ("1 iso\n  3 org", "2: indented deeper than a child"), ("1", "1: incomplete node"), ("", "1: incomplete node"),
        ("x iso", "1: bad number x"), ("1..2 iso", "1: bad number 1..2"),
        ("4294967296 iso", "1: bad number 4294967296"),
        ("1 iso\n 1 a\n 1 b", "0: b has a number taken before"), ("1 iso row", "1: iso needs index= or augments="),
        ("1 iso row augments=x", "0: iso augments an unknown row"), ("1 iso row index=x", "0: iso has index x?"),
        ("1 a Unknown", "1: bad syntax of a"), ("1 a INTEGER", "1: bad syntax of a"),
        ("1 a BITS", "1: bad syntax of a"),
        ("1 a INTEGER enum=b(2),c(1)", "1: bad syntax of a"), ("1 a INTEGER enum=b", "1: bad syntax of a"),
        ("1 a INTEGER enum=b(x)", "1: bad syntax of a"), ("1 a OCTETS size=x", "1: bad syntax of a"),
        ("1 a Integer32 size=4", "1: bad syntax of a"), ("tc A", "1: incomplete convention"),
        ("tc A OCTETS\ntc A OCTETS", "2: convention A stands twice"), ("tc A Nothing", "1: bad syntax of A"),
    ])
    func slipIsNamed(text: String, expected: String) {
        #expect(problem(text) == expected)
    }

    @Test func attributesReachTheNodes() throws {
        let text = """
            tc Small OCTETS size=2 hint=1x:
            1 a
             1 t table
              1 e row index=i,*s
               1 i Integer32
               2 s Small units=some words here
               3 n INTEGER enum=one(1),two(2)
             2 v Small hint=1d.
            """
        let table = try NameTable([FactTable(module: "M", text: text)])
        let string = try #require(table.node(named: "M::s"))
        #expect(string.oid == [1, 1, 1, 2] && string.units == "some words here" && string.kind == .column)
        #expect(string.syntax?.name == "Small" && string.syntax?.hint == "1x:" && string.syntax?.fixedByteCount == 2)
        #expect(string.indexes.map(\.name) == ["i", "s"] && string.indexes.map(\.isImplied) == [false, true])
        let refined = try #require(table.node(named: "v"))
        #expect(refined.kind == .scalar && refined.syntax?.hint == "1d." && refined.syntax?.fixedByteCount == 2)
        #expect(table.node(named: "n")?.syntax?.label(for: 2) == "two")
    }
}
