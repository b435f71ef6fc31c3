import Primitives
import SNMPCodec
import Testing

@Suite struct ObjectIdentifierTests {
    static func ascending(_ count: Int) -> [UInt32] { (0..<UInt32(count)).map { $0 } }

    // The storage moves to the heap between 20 and 21 arcs.
    @Test(arguments: [0, 1, 2, 19, 20, 21, 22, 32, 33, 127, 128])
    func keepsItsArcsAtEveryLength(count: Int) throws {
        let arcs = Self.ascending(count)
        let name = try #require(ObjectIdentifier(arcs: arcs))
        #expect(name.count == count)
        #expect(name.isEmpty == (count == 0))
        #expect(name.arcs == arcs)
        #expect((0..<count).map { name[$0] } == arcs)
        #expect(name.last == arcs.last)
        #expect(name == ObjectIdentifier(span: arcs.span))
        #expect(Set([name, try #require(ObjectIdentifier(arcs: arcs))]).count == 1)
        #expect(name.description == arcs.map(String.init).joined(separator: "."))
        if count > 0 { #expect(ObjectIdentifier(name.description) == name) }
    }

    @Test func refusesMoreThan128Arcs() throws {
        #expect(ObjectIdentifier(arcs: Self.ascending(129)) == nil)
        #expect(ObjectIdentifier(span: Self.ascending(129).span) == nil)
        #expect(ObjectIdentifier(Self.ascending(129).map(String.init).joined(separator: ".")) == nil)
        var name = try #require(ObjectIdentifier(arcs: Self.ascending(128)))
        let before = name
        let fits = name.append(1)
        #expect(!fits)
        #expect(name == before)
        #expect(name.appending(contentsOf: [1]) == nil)
        #expect(name.appending(contentsOf: []) == name)
    }

    @Test func appendingTheOneHundredTwentyNinthArcIsOurOwnBug() async {
        await #expect(processExitsWith: .failure) {
            _ = ObjectIdentifier(arcs: [UInt32](repeating: 1, count: 128))?.appending(1)
        }
    }

    @Test func arcsOutsideTheIdentifierAreOurOwnBug() async {
        await #expect(processExitsWith: .failure) { _ = ([1, 3] as ObjectIdentifier)[2] }
    }

    // Copies share the spilled storage, and must not see each other's changes.
    @Test func copiesAreIndependent() throws {
        for count in [5, 20, 21, 40] {
            let first = try #require(ObjectIdentifier(arcs: Self.ascending(count)))
            var second = first
            second.append(99)
            #expect(first.arcs == Self.ascending(count))
            #expect(second.arcs == Self.ascending(count) + [99])
            second.removeAll()
            #expect(second.isEmpty && first.count == count)
            second.append(7)
            #expect(second.arcs == [7])
        }
    }

    @Test(
        arguments: [
            ("1.3.6.1.2.1.1.3.0", [1, 3, 6, 1, 2, 1, 1, 3, 0]), (".1.3.6", [1, 3, 6]), ("0", [0]), (".0", [0]),
            ("4294967295", [.max]), ("1.007", [1, 7]),
        ] as [(String, [UInt32])])
    func parses(text: String, arcs: [UInt32]) { #expect(ObjectIdentifier(text)?.arcs == arcs) }

    @Test(
        arguments: [
            "", ".", "..1", "1..3", "1.", "1.3.", "1.4294967296", "1.99999999999999999999999", "1.-3", "1.3a", " 1.3",
            "1.3 ", "1,3", "１.3", "iso.3",
        ])
    func refusesMalformedText(text: String) { #expect(ObjectIdentifier(text) == nil) }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func ordersLikeArrays(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<rounds(300) {
            // Long common beginnings, so that what differs lies on both sides of the inline storage.
            let common = [UInt32](repeating: 1, count: Int(random.next() % 24))
            let a = common + (0..<random.next() % 3).map { _ in UInt32(truncatingIfNeeded: random.next() % 3) }
            let b = common + (0..<random.next() % 3).map { _ in UInt32(truncatingIfNeeded: random.next() % 3) }
            guard let x = ObjectIdentifier(arcs: a), let y = ObjectIdentifier(arcs: b) else { continue }
            #expect((x < y) == a.lexicographicallyPrecedes(b), "seed \(seed): \(x) and \(y)")
            #expect((x == y) == (a == b))
            #expect(x.starts(with: y) == a.starts(with: b))
            #expect(!(x < x))
        }
    }

    @Test func comparesArcsWithoutSign() {
        #expect(oid("1.3.2147483647") < oid("1.3.2147483648"))
        #expect(oid("1.3.0") < oid("1.3.4294967295"))
        #expect(oid("1.3") < oid("1.3.0"))
        #expect(ObjectIdentifier() < oid("0"))
    }

    @Test func prefixAndSuffix() throws {
        let name = try #require(ObjectIdentifier(arcs: Self.ascending(25)))
        #expect(name.prefix(3) == [0, 1, 2])
        #expect(name.prefix(0).isEmpty && name.prefix(-1).isEmpty)
        #expect(name.prefix(99) == name)
        #expect(name.prefix(20).arcs == Self.ascending(20))
        #expect(name.suffix(from: 23) == [23, 24])
        #expect(name.suffix(from: 25) == [] && name.suffix(from: 99) == [])
        #expect(name.suffix(from: -1) == name.arcs)
        #expect(name.starts(with: name.prefix(21)) && name.starts(with: []) && name.starts(with: name))
        #expect(!name.prefix(20).starts(with: name))
    }

    @Test(
        arguments: [
            ("1.3.6", "1.3.7"), ("1.3.4294967295", "1.4"), ("1.4294967295.4294967295", "2"),
            ("4294967294", "4294967295"),
        ])
    func nextSiblingComesAfterAllBelow(name: String, sibling: String) throws {
        let next = try #require(oid(name).nextSibling)
        #expect(next == oid(sibling))
        let below = try #require(oid(name).appending(contentsOf: [UInt32](repeating: .max, count: 100)))
        #expect(below < next)
    }

    @Test func nothingComesAfterTheGreatestArcs() {
        #expect(ObjectIdentifier().nextSibling == nil)
        #expect(oid("4294967295.4294967295").nextSibling == nil)
    }
}
