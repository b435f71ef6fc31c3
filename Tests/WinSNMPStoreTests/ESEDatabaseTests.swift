import ESE
import ESEFormat
import ESEReader
import JSON
import PlatformIO
import Primitives
import SNMPSecurity
import Testing
import WinSNMPDatabase
import WinSNMPEntries

@testable import WinSNMPStore

@Suite struct ESEDatabaseTests {
    @Test func theDirectoryIsItsOwnersOnly() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path + "/a/b")
        try database.put(fullEntity())
        for (name, mode) in [("", 0o700), ("/winsnmp.edb", 0o600), ("/lock", 0o600)] as [(String, UInt32)] {
            #expect(try FileAccess.status(database.path + name).permissions == mode, "\(name)")
        }
        #expect(try FileAccess.status(scratch.path + "/a").permissions == 0o700)
        #expect(!FileAccess.exists(database.path + "/making"))
    }

    @Test func readingMakesNothing() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path + "/d", takingOver: scratch.path + "/d.json")
        #expect(try database.entityNames() == [])
        #expect(try !database.removeEntity(named: "a") && !database.removeContext(named: "a"))
        #expect(try FileAccess.list(scratch.path) == [])
    }

    @Test func anyReaderOfESEGetsAtTheEntries() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(fullEntity())
        try database.put(fullContext())
        try database.put(ContextEntry(name: "lab", kind: .community(.literal("public"))))
        let reader = try ESEReader.ESEDatabase(readingFrom: scratch.path + "/winsnmp.edb")
        #expect(reader.warnings.isEmpty && reader.header.isClean)
        let entities = try reader.table("entities").rows()
        #expect(entities.next())
        #expect(try entities["key"] == .binary(Array("core".utf8)) && entities["name"] == .text("core"))
        #expect(try entities["address"] == .text("2001:db8::1") && entities["request_port"] == .signed(1_161))
        #expect(try entities["version"] == .text("3") && entities["timeout_cs"] == .signed(250))
        #expect(try entities["other"] == .null)
        #expect(!entities.next())
        let contexts = try reader.table("contexts").rows()
        #expect(contexts.next())
        #expect(try contexts["community_source"] == .text("literal") && contexts["community"] == .text("public"))
        #expect(contexts.next())
        #expect(try contexts["auth_password_source"] == .text("environment"))
        #expect(try contexts["auth_password"] == .text("MON_AUTH") && contexts["community"] == .null)
        #expect(reader.damage.isEmpty)
    }

    @Test func unknownMembersSurvive() throws {
        let scratch = try Scratch()
        let text = """
            { "entities": [
                { "name": "a", "address": "192.0.2.1", "rack": 12345678901234567890, "x": { "y": [ 1.50 ] } } ],
              "contexts": [ { "name": "c", "user": "u", "owner": "ann" } ] }
            """
        let file = try scratch.file("in.json", text)
        let database = ESEDatabase(path: scratch.path + "/d")
        #expect(try database.put(EntryCollection(readingFrom: file)) == 0)
        #expect(try database.put(EntityEntry(name: "a", address: "192.0.2.9")))
        #expect(try database.entity(named: "a")?.address == "192.0.2.9")
        let out = try JSONReader.read(Array(database.collection().text.utf8))
        let entity = try #require(out["entities"]?.elements?.first)
        #expect(entity["rack"]?.value == .number("12345678901234567890"))
        #expect(entity["x"]?["y"]?.elements?.map(\.value) == [.number("1.50")])
        #expect(out["contexts"]?.elements?.first?["owner"]?.value == .string("ann"))
        // The same once more: the names are there, and nothing stands there twice.
        #expect(try database.put(EntryCollection(readingFrom: file)) == 2)
        #expect(try database.entity(named: "a")?.address == "192.0.2.1")
        let again = try #require(
            try JSONReader.read(Array(database.collection().text.utf8))["entities"]?.elements?.first)
        #expect(again.fields?.count { $0.name == "rack" } == 1)
    }

    @Test func everyEntryComesBackAsItWas() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        let long = String(repeating: "x", count: 255)
        var entities = [
            fullEntity(), EntityEntry(name: long, address: "router"), EntityEntry(name: "CORE", address: "a"),
        ]
        entities.append(EntityEntry(name: "größe \u{1F600}", address: "größe.example"))
        let kinds: [ContextEntry.Kind] = [
            .community(.literal("a\u{1}\"")), .community(.environment("V")), .community(.file("~/f")),
            .community(.sealed([UInt8](repeating: 7, count: 40), keyFile: "/k")),
            .user(ContextUser(userName: "u")),
            .user(
                ContextUser(
                    userName: "u",
                    authentication: .init(.hmacSHA1, password: .sealed([1] + Array(0..<60), keyFile: "/k")))),
        ]
        let contexts = kinds.enumerated().map { ContextEntry(name: "c\($0)", kind: $1) } + [fullContext()]
        try database.change(putting: entities, contexts, removingEntities: ["none"], removingContexts: [])
        let fresh = ESEDatabase(path: scratch.path)
        for entity in entities { #expect(try fresh.entity(named: entity.name) == entity) }
        for context in contexts { #expect(try fresh.context(named: context.name) == context) }
        #expect(try fresh.entityNames().count == 4 && fresh.contextNames().count == contexts.count)
    }

    @Test func namesWithAccentsAreTheSameHoweverWritten() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(EntityEntry(name: "caf\u{E9}", address: "192.0.2.1"))
        #expect(try database.put(EntityEntry(name: "cafe\u{301}", address: "192.0.2.2")))
        #expect(try database.entityNames().count == 1)
        #expect(try database.removeEntity(named: "cafe\u{301}"))
        #expect(try database.entityNames() == [])
    }

    @Test func allOrNothingIsStored() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(EntityEntry(name: "a", address: "192.0.2.1"))
        #expect(throws: DatabaseError.self) {
            try database.change(
                putting: [EntityEntry(name: "b", address: "192.0.2.1"), EntityEntry(name: "", address: "x")], [],
                removingEntities: ["a"], removingContexts: [])
        }
        #expect(try database.entityNames() == ["a"])
    }

    // MARK: The file before.

    @Test func theFileOfBeforeIsReadAndThenTakenOver() throws {
        let scratch = try Scratch()
        let old = scratch.path + "/winsnmp.json"
        try JSONDatabase(path: old).put(fullEntity("old"))
        try JSONDatabase(path: old).put(fullContext())
        let database = ESEDatabase(path: scratch.path + "/winsnmp", takingOver: old)
        #expect(try database.entityNames() == ["old"] && database.contextNames() == ["monitor"])
        #expect(try database.collection().entities.count == 1)
        #expect(!FileAccess.exists(database.path))
        #expect(try !database.put(EntityEntry(name: "new", address: "192.0.2.1")))
        #expect(try database.entityNames() == ["new", "old"])
        #expect(try database.entity(named: "old") == fullEntity("old"))
        #expect(try database.context(named: "monitor") == fullContext())
        #expect(!FileAccess.exists(old) && FileAccess.exists(old + ".imported"))
        // A new one of the name has nothing to say.
        try JSONDatabase(path: old).put(fullEntity("late"))
        #expect(try database.entityNames() == ["new", "old"])
    }

    @Test func removingFromTheFileOfBeforeTakesItOver() throws {
        let scratch = try Scratch()
        let old = scratch.path + "/winsnmp.json"
        try JSONDatabase(path: old).put(fullEntity("old"))
        let database = ESEDatabase(path: scratch.path + "/winsnmp", takingOver: old)
        #expect(try database.removeEntity(named: "old"))
        #expect(try database.entityNames() == [] && !FileAccess.exists(old))
    }

    @Test func aDamagedFileOfBeforeStaysWhereItIs() throws {
        let scratch = try Scratch()
        let old = try scratch.file("winsnmp.json", "{ \"entities\": [ 5 ] }")
        let database = ESEDatabase(path: scratch.path + "/winsnmp", takingOver: old)
        #expect(throws: DatabaseError.self) { try database.entityNames() }
        let error = #expect(throws: DatabaseError.self) { try database.put(fullEntity()) }
        #expect(error?.description.contains("winsnmp.json, line 1, entities[0]") == true)
        #expect(FileAccess.exists(old) && !FileAccess.exists(database.path + "/winsnmp.edb"))
    }

    // MARK: The cache.

    @Test func changesOfOthersAreSeen() throws {
        let scratch = try Scratch()
        let (one, two) = (ESEDatabase(path: scratch.path), ESEDatabase(path: scratch.path))
        for round in 0..<8 {
            try one.put(EntityEntry(name: "e", address: "192.0.2.\(round)"))
            #expect(try two.entity(named: "e")?.address == "192.0.2.\(round)")
        }
    }

    @Test func settledFilesAreReadOnce() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(fullEntity("a"))
        let end = SystemClock.now + .seconds(30)
        while SystemClock.wallNanoseconds - (try FileAccess.status(database.file).changedNanoseconds) <= 2_100_000_000,
            SystemClock.now < end
        {
            SystemClock.sleep(.milliseconds(100))
        }
        #expect(try database.entityNames() == ["a"])
        let before = database.loadCount
        for _ in 0..<100 { #expect(try database.entity(named: "a") != nil) }
        #expect(database.loadCount == before)
    }

    /// Writers and readers in one process at once: no entry is lost, and no reader ever sees half a change.
    @Test(.timeLimit(.minutes(6)))
    func writersLoseNothing() async throws {
        let scratch = try Scratch()
        let path = scratch.path
        let isDone = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let database = ESEDatabase(path: path)
                while !isDone.withLock({ $0 }) {
                    let entries = try database.entries()
                    #expect(Set(entries.entities.keys) == Set(entries.contexts.keys))
                    await Task.yield()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for writer in 0..<3 {
                    writers.addTask {
                        let database = ESEDatabase(path: path)
                        for number in 0..<5 {
                            let name = "w\(writer)-\(number)"
                            try database.change(
                                putting: [EntityEntry(name: name, address: "192.0.2.1")],
                                [ContextEntry(name: name, kind: .community(.literal("public")))],
                                removingEntities: [], removingContexts: [])
                            await Task.yield()
                        }
                    }
                }
                try await writers.waitForAll()
            }
            isDone.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(try ESEDatabase(path: path).entityNames().count == 15)
    }
}
