import Primitives
import SNMPAgent
import SNMPCodec
import Testing

@Suite struct RegistryTests {
    @Test func overlapsAreRefused() throws {
        var registry = ObjectRegistry()
        try registry.register(StoredSubtree(root: Lab.oid(5, 1)))
        try registry.register(StoredSubtree(root: Lab.oid(5, 3)))
        for (root, other) in [
            (Lab.oid(5, 1), Lab.oid(5, 1)), (Lab.oid(5), Lab.oid(5, 1)), (Lab.oid(5, 3, 9), Lab.oid(5, 3)),
            (Lab.root, Lab.oid(5, 1)),
        ] {
            #expect(throws: RegistrationError.overlaps(other)) { try registry.register(StoredSubtree(root: root)) }
        }
        #expect(throws: RegistrationError.rootTooShort) { try registry.register(StoredSubtree(root: [1])) }
        try registry.register(StoredSubtree(root: Lab.oid(5, 2)))
        #expect(registry.roots == [Lab.oid(5, 1), Lab.oid(5, 2), Lab.oid(5, 3)])
        let removed = [Lab.oid(5, 2), Lab.oid(5, 2), Lab.oid(5)].map { registry.unregister(root: $0) }
        #expect(removed == [true, false, false])
        #expect(registry.roots == [Lab.oid(5, 1), Lab.oid(5, 3)])
    }

    @Test func agentRefusesOverlapsPerContext() throws {
        let agent = Lab.agent(servesOwnObjects: true)
        try agent.register(Lab.table(rows: 1))
        #expect(throws: RegistrationError.overlaps(Lab.oid(1))) { try agent.register(Lab.table(rows: 1)) }
        try agent.register(Lab.table(rows: 1), context: [1])
        #expect(throws: RegistrationError.self) { try agent.register(StoredSubtree(root: [1, 3, 6, 1, 2, 1, 11])) }
        #expect(agent.unregister(root: Lab.oid(1), context: [1]))
        #expect(!agent.unregister(root: Lab.oid(1), context: [1]))
        #expect(agent.unregister(root: Lab.oid(1)))
    }

    @Test func snapshotsAreTakenOncePerAge() throws {
        var taken: [Instant] = []
        let subtree = SnapshotSubtree(root: Lab.oid(1), maximumAge: .milliseconds(500)) { (now) throws(ObjectError) in
            taken.append(now)
            return [
                VarBind(Lab.oid(1, 2, 0), .integer(Int32(taken.count))), VarBind(Lab.oid(1, 1, 0), .integer(0)),
                VarBind(Lab.oid(2, 1, 0), .string("not ours")),
            ]
        }
        let agent = Lab.agent()
        try agent.register(subtree)
        func read(_ milliseconds: Int64) throws -> [SNMPValue]? {
            try Lab.ask(
                agent, Lab.getNext(Lab.oid(1), Lab.oid(1, 1, 0), Lab.oid(1, 2, 0)),
                at: Instant.zero + .milliseconds(milliseconds))?.variableBindings.map(\.value)
        }
        #expect(try read(0) == [.integer(0), .integer(1), .endOfMibView])
        #expect(try read(499) == [.integer(0), .integer(1), .endOfMibView])
        #expect(try read(500) == [.integer(0), .integer(2), .endOfMibView])
        subtree.invalidate()
        #expect(try read(501) == [.integer(0), .integer(3), .endOfMibView])
        #expect(taken.count == 3)
    }

    @Test func failedSnapshotIsTriedAgain() throws {
        var isBroken = true
        let agent = Lab.agent()
        try agent.register(
            SnapshotSubtree(root: Lab.oid(1), maximumAge: .seconds(9)) { (_) throws(ObjectError) in
                if isBroken { throw ObjectError(.resourceUnavailable) }
                return [VarBind(Lab.oid(1, 1, 0), .integer(1))]
            })
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1, 1, 0)))?.errorStatus == .genErr)
        isBroken = false
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1, 1, 0)))?.errorStatus == .noError)
    }

    @Test func tablesFromRows() throws {
        var rows = [TableRow(index: [2, 7], [.integer(1), nil]), TableRow(index: [1], [.integer(2), .null, .null])]
        let agent = Lab.agent()
        try agent.register(
            SnapshotSubtree.table(entry: Lab.oid(1), columns: [4, 2], maximumAge: .zero) { (_) throws(ObjectError) in
                rows
            })
        func walk() throws -> [VarBind]? {
            try Lab.ask(agent, Lab.bulk(0, 20, [Lab.oid(1)]))?.variableBindings.filter { !$0.value.isException }
        }
        #expect(
            try walk() == [
                VarBind(Lab.oid(1, 2, 1), .null), VarBind(Lab.oid(1, 4, 1), .integer(2)),
                VarBind(Lab.oid(1, 4, 2, 7), .integer(1)),
            ])
        rows.removeLast()
        #expect(try walk() == [VarBind(Lab.oid(1, 4, 2, 7), .integer(1))])
        // A name that would be too long is left out.
        rows.append(TableRow(index: [UInt32](repeating: 1, count: 121), [.integer(3)]))
        #expect(try walk()?.count == 1)
    }

    @Test func storedSubtreesKeepToTheirRoot() {
        let subtree = StoredSubtree(root: Lab.oid(1), [VarBind(Lab.oid(2), .null), VarBind(Lab.oid(1, 1), .null)])
        #expect(subtree.contents.keys == [Lab.oid(1, 1)])
        #expect(!subtree.set(Lab.oid(2), to: .null))
        #expect(subtree.set(Lab.oid(1, 0), to: .null))
        #expect(subtree.contents.keys == [Lab.oid(1, 0), Lab.oid(1, 1)])
        #expect(subtree.set(Lab.oid(1, 0), to: nil))
        subtree.replaceAll([VarBind(Lab.oid(3), .null)])
        #expect(subtree.contents.isEmpty)
    }
}
