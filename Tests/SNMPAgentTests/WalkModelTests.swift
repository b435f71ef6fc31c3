import Primitives
import SNMPAgent
import SNMPCodec
import Testing

/// GETNEXT and GETBULK against a sorted array, over random objects in random subtrees seen through random views.
@Suite struct WalkModelTests {
    struct World {
        let agent: Agent
        /// What is visible, ascending.
        let model: [VarBind]
        let names: [ObjectIdentifier]
    }

    static func world(_ random: inout SeededRandom) throws -> World {
        var roots: [ObjectIdentifier] = []
        var all: [VarBind] = []
        var subtrees: [any ManagedSubtree] = []
        for _ in 0..<Int(random.next() % 6) + 1 {
            let root = Lab.root.appending(contentsOf: (0..<Int(random.next() % 3) + 1).map { _ in
                UInt32(random.next() % 4) }) ?? Lab.root
            if roots.contains(where: { $0.starts(with: root) || root.starts(with: $0) }) { continue }
            roots.append(root)
            var bindings: [ObjectIdentifier: SNMPValue] = [:]
            for _ in 0..<Int(random.next() % 40) {
                let suffix = (0..<Int(random.next() % 4)).map { _ in
                    random.oneIn(20) ? UInt32.max : UInt32(random.next() % 5) }
                let value: SNMPValue = random.oneIn(3) ? .counter64(random.next()) : .integer(Int32(random.next() % 9))
                bindings[root.appending(contentsOf: suffix) ?? root] = value
            }
            let list = bindings.map { VarBind($0.key, $0.value) }
            all += list
            if random.oneIn(2) {
                subtrees.append(StoredSubtree(root: root, list))
            } else {
                subtrees.append(
                    SnapshotSubtree(root: root, maximumAge: .seconds(1)) { (_) throws(ObjectError) in list })
            }
        }
        let view = randomView(&random, all.map(\.name))
        var access = AccessControl.readOnly(view: view)
        access.define(view: "default", view)
        let agent = Lab.agent(access: access)
        for subtree in subtrees { try agent.register(subtree) }
        let visible = all.filter { isVisible($0.name, view) }.sorted { $0.name < $1.name }
        var names = all.map(\.name) + roots + [Lab.root, [1, 3]]
        names += names.compactMap { $0.appending(contentsOf: [UInt32(random.next() % 5)]) }
        return World(agent: agent, model: visible, names: names)
    }

    static func randomView(_ random: inout SeededRandom, _ names: [ObjectIdentifier]) -> View {
        if random.oneIn(3) { return View([ViewFamily(Lab.root)]) }
        var families = [ViewFamily(Lab.root, included: !random.oneIn(3))]
        for _ in 0..<Int(random.next() % 5) where !names.isEmpty {
            let name = names[Int(random.next() % UInt64(names.count))]
            let length = Lab.root.count + Int(random.next() % UInt64(name.count - Lab.root.count + 1))
            // Masks of two octets reach past the arcs of the root.
            let mask: [UInt8] = random.oneIn(2) ? [] : [UInt8(truncatingIfNeeded: random.next()) | 0xFE, 0x5F]
            families.append(ViewFamily(name.prefix(length), mask: mask, included: random.oneIn(2)))
        }
        return View(families)
    }

    /// The rule of RFC 3415, section 4, by hand: of all matching families the longest, then the greatest, decides.
    static func isVisible(_ name: ObjectIdentifier, _ view: View) -> Bool {
        let matching = view.families.filter { family in
            guard name.count >= family.subtree.count else { return false }
            return (0..<family.subtree.count).allSatisfy { index in
                let octet = index / 8 < family.mask.count ? family.mask[index / 8] : 0xFF
                return octet >> UInt8(7 - index % 8) & 1 == 0 || name[index] == family.subtree[index]
            }
        }
        let decisive = matching.max { a, b in
            a.subtree.count != b.subtree.count ? a.subtree.count < b.subtree.count : a.subtree < b.subtree
        }
        return decisive?.isIncluded ?? false
    }

    static func next(_ model: [VarBind], after name: ObjectIdentifier) -> VarBind {
        model.first { $0.name > name } ?? VarBind(name, .endOfMibView)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func agreesWithASortedArray(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try Self.world(&random)
        let v1Model = world.model.filter { !$0.value.isNewerThanV1 }
        for _ in 0..<20 {
            let names = (0..<Int(random.next() % 5) + 1).map { _ in
                world.names[Int(random.next() % UInt64(world.names.count))]
            }
            let list = names.map { VarBind($0) }
            let next = try #require(try Lab.ask(world.agent, PDU(.getNext, requestID: 5, list)))
            #expect(next.variableBindings == names.map { Self.next(world.model, after: $0) }, "seed \(seed)")

            let v1 = try #require(try Lab.ask(world.agent, PDU(.getNext, requestID: 5, list), version: .v1))
            let expected = names.map { Self.next(v1Model, after: $0) }
            if let end = expected.firstIndex(where: { $0.value == .endOfMibView }) {
                #expect(v1.errorStatus == .noSuchName && v1.errorIndexField == Int32(end + 1), "seed \(seed)")
            } else {
                #expect(v1.variableBindings == expected, "seed \(seed)")
            }

            let get = try #require(try Lab.ask(world.agent, PDU(.get, requestID: 5, list)))
            for (name, binding) in zip(names, get.variableBindings) {
                let value = world.model.first { $0.name == name }?.value
                #expect(value == nil ? binding.value.isException : binding.value == value, "seed \(seed)")
            }

            let nonRepeaters = Int(random.next() % 4), repetitions = Int(random.next() % 12)
            let bulk = try #require(
                try Lab.ask(world.agent, Lab.bulk(Int32(nonRepeaters), Int32(repetitions), names)))
            #expect(
                bulk.variableBindings == Self.bulk(world.model, names, nonRepeaters, repetitions), "seed \(seed)")
        }
    }

    static func bulk(
        _ model: [VarBind], _ names: [ObjectIdentifier], _ nonRepeaters: Int, _ repetitions: Int
    ) -> [VarBind] {
        var result = names.prefix(nonRepeaters).map { next(model, after: $0) }
        var columns = Array(names.dropFirst(nonRepeaters))
        for _ in 0..<repetitions where !columns.isEmpty {
            let row = columns.map { next(model, after: $0) }
            result += row
            columns = row.map(\.name)
            if row.allSatisfy({ $0.value == .endOfMibView }) { break }
        }
        return result
    }

    /// A walk by GETNEXT visits exactly what is visible, in order.
    @Test(arguments: 100..<120 as Range<UInt64>)
    func walkSeesEverythingOnce(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try Self.world(&random)
        var seen: [VarBind] = []
        var name = Lab.root
        while true {
            let response = try #require(try Lab.ask(world.agent, Lab.getNext(name)))
            let binding = try #require(response.variableBindings.first)
            if binding.value == .endOfMibView { break }
            seen.append(binding)
            name = binding.name
            try #require(seen.count <= world.model.count, "seed \(seed)")
        }
        #expect(seen == world.model, "seed \(seed)")
    }

    /// Walks over more columns than are remembered, while the objects change under them.
    @Test(arguments: 200..<208 as Range<UInt64>)
    func walksOverChangingObjects(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let subtree = StoredSubtree(root: Lab.root)
        let agent = Lab.agent()
        try agent.register(subtree)
        let columns = Int(random.next() % 40) + 1
        var names = (0..<columns).map { Lab.oid(UInt32($0)) }
        for _ in 0..<30 {
            for _ in 0..<Int(random.next() % 30) {
                let name = Lab.oid(UInt32(random.next() % 40), UInt32(random.next() % 20))
                subtree.set(name, to: random.oneIn(3) ? nil : .integer(Int32(random.next() % 100)))
            }
            let model = subtree.contents.map { VarBind($0.key, $0.value) }
            let repetitions = Int(random.next() % 4) + 1
            let bulk = try #require(try Lab.ask(agent, Lab.bulk(0, Int32(repetitions), names)))
            #expect(bulk.variableBindings == Self.bulk(model, names, 0, repetitions), "seed \(seed)")
            names = bulk.variableBindings.suffix(columns).map(\.name)
            if random.oneIn(8) { names = (0..<columns).map { Lab.oid(UInt32($0)) } }
        }
    }
}
