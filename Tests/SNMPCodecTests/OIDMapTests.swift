import Primitives
import SNMPCodec
import Testing

@Suite struct OIDMapTests {
    /// A plain sorted array of pairs, searched from front to back.
    struct Model {
        var pairs: [(ObjectIdentifier, Int)] = []

        mutating func set(_ key: ObjectIdentifier, _ value: Int) -> Int? {
            if let index = pairs.firstIndex(where: { $0.0 == key }) {
                defer { pairs[index].1 = value }
                return pairs[index].1
            }
            pairs.append((key, value))
            pairs.sort { $0.0.arcs.lexicographicallyPrecedes($1.0.arcs) }
            return nil
        }

        mutating func remove(_ key: ObjectIdentifier) -> Int? {
            guard let index = pairs.firstIndex(where: { $0.0 == key }) else { return nil }
            return pairs.remove(at: index).1
        }
    }

    static func shortName(_ random: inout SeededRandom) -> ObjectIdentifier {
        let count = Int(random.next() % 5)
        return ObjectIdentifier(
            arcs: (0..<count).map { _ in
                random.oneIn(9) ? .max - UInt32(random.next() % 2) : UInt32(random.next() % 4)
            })!
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func behavesLikeASortedArray(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var map = OIDMap<Int>()
        var model = Model()
        for step in 0..<rounds(400) {
            let key = OIDMapTests.shortName(&random)
            switch random.next() % 8 {
            case 0...3: #expect(map.updateValue(step, forKey: key) == model.set(key, step), "seed \(seed)")
            case 4: #expect(map.removeValue(forKey: key) == model.remove(key), "seed \(seed)")
            case 5:
                map[key] = step
                _ = model.set(key, step)
            case 6:
                map[key] = nil
                _ = model.remove(key)
            default:
                if random.oneIn(40) {
                    map.removeAll(under: key)
                    model.pairs.removeAll { $0.0.starts(with: key) }
                }
            }
            let probe = OIDMapTests.shortName(&random)
            let later = model.pairs.first { probe.arcs.lexicographicallyPrecedes($0.0.arcs) }
            #expect(map.next(after: probe)?.key == later?.0, "seed \(seed), step \(step), after \(probe)")
            #expect(map.next(after: probe)?.value == later?.1)
            #expect(map[probe] == model.pairs.first { $0.0 == probe }?.1)
            #expect(map.position(of: probe) == model.pairs.firstIndex { $0.0 == probe })
            let under = map.positions(under: probe)
            #expect(map.keys[under].elementsEqual(model.pairs.map(\.0).filter { $0.starts(with: probe) }))
        }
        #expect(map.map(\.key) == model.pairs.map(\.0))
        #expect(map.map(\.value) == model.pairs.map(\.1))
        #expect(map.count == model.pairs.count)
    }

    @Test func unsortedPairsAreSortedAndTheLastOfEqualKeysCounts() {
        let map = OIDMap([(oid("1.3.2"), "a"), (oid("1.3.1"), "b"), (oid("1.3.2"), "c"), (oid("1.3"), "d")])
        #expect(map.keys == [oid("1.3"), oid("1.3.1"), oid("1.3.2")])
        #expect(map.values == ["d", "b", "c"])
        // Equal neighbours in otherwise ascending pairs.
        #expect(OIDMap([(oid("1.3"), 1), (oid("1.3"), 2), (oid("1.4"), 3)]).values == [2, 3])
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func buildingEqualsInserting(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pairs = (0..<200).map { (OIDMapTests.shortName(&random), $0) }
        var inserted = OIDMap<Int>()
        for (key, value) in pairs { inserted[key] = value }
        #expect(OIDMap(pairs) == inserted, "seed \(seed)")
        #expect(OIDMap(inserted.map { ($0.key, $0.value) }) == inserted)
    }

    @Test func nextIsStrictlyGreaterAndNilAtTheEnd() {
        let map: OIDMap<Int> = [[1, 3, 6]: 1, [1, 3, 6, 0]: 2, [1, 3, 7]: 3]
        #expect(map.next(after: [])?.key == [1, 3, 6])
        #expect(map.next(after: [1, 3, 6])?.key == [1, 3, 6, 0])
        #expect(map.next(after: [1, 3, 6, 0])?.key == [1, 3, 7])
        #expect(map.next(after: [1, 3, 7]) == nil)
        #expect(OIDMap<Int>().next(after: []) == nil)
    }

    @Test func positionsUnderTheGreatestArcReachTheEnd() {
        let map: OIDMap<Int> = [[1]: 1, [.max, .max]: 2, [.max, .max, 1]: 3]
        #expect(map.positions(under: [.max, .max]) == 1..<3)
        #expect(map.positions(under: [.max]) == 1..<3)
        #expect(map.positions(under: []) == 0..<3)
        #expect(map.positions(under: [2]).isEmpty)
    }

    @Test func valuesChangeInPlace() {
        var map: OIDMap<[Int]> = [[1, 3]: [1]]
        map.updateValue(at: 0) { $0.append(2) }
        #expect(map[[1, 3]] == [1, 2])
        map.removeAll()
        #expect(map.isEmpty)
    }
}
