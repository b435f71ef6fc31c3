import JSON
import PlatformIO
import Primitives
import SNMPCodec
import SNMPSecurity
import Testing
import WinSNMPEntries

@testable import WinSNMPDatabase

@Suite struct JSONDatabaseTests {
    @Test func readsAFileWrittenByHand() throws {
        let scratch = try Scratch()
        let path = try scratch.file(
            "d.json",
            """
            { "entities": [ { "name": "printer", "address": "printer.example" },
                            { "name": "core", "address": "192.0.2.1", "transport": "TCP", "version": "2c" } ],
              "contexts": [ { "name": "lab", "community": { "literal": "public" } },
                            { "name": "mon", "user": "u", "auth": "sha256", "authPassword": { "environment": "A" },
                              "priv": "aes-256-c", "privPassword": { "file": "/p" } } ] }
            """)
        let database = JSONDatabase(path: path)
        #expect(try database.entity(named: "printer") == EntityEntry(name: "printer", address: "printer.example"))
        let core = try #require(try database.entity(named: "core"))
        #expect(core.transport == .tcp && core.version == .v2c && core.requestPort == 161)
        guard case .user(let user)? = try database.context(named: "mon")?.kind else { Issue.record("no user"); return }
        #expect(user.securityLevel == .authPriv && user.privacy?.keyExtension == .reeder)
        #expect(user.authentication == .init(.hmacSHA256, password: .environment("A")))
    }

    @Test func unknownMembersSurvive() throws {
        let scratch = try Scratch()
        let path = try scratch.file(
            "d.json",
            """
            { "$schema": "x", "entities": [
              { "note": "first", "name": "a", "retries": 9, "address": "192.0.2.1", "x": { "y": [ 1.50, 1e400 ] } },
              { "name": "b", "address": "192.0.2.2", "rack": 12345678901234567890 } ],
              "later": [ {} ] }
            """)
        let database = JSONDatabase(path: path)
        #expect(try database.put(EntityEntry(name: "a", address: "192.0.2.9")))
        try database.put(ContextEntry(name: "c", kind: .community(.literal("public"))))
        let root = try JSONReader.read(FileAccess.read(path))
        #expect(root["$schema"]?.value == .string("x") && root["later"]?.elements?.count == 1)
        let entities = try #require(root["entities"]?.elements)
        #expect(entities[0]["note"]?.value == .string("first"))
        #expect(entities[0]["x"]?["y"]?.elements?.map(\.value) == [.number("1.50"), .number("1e400")])
        // What the new entry does not say is gone.
        #expect(entities[0]["retries"] == nil && entities[0]["address"]?.value == .string("192.0.2.9"))
        #expect(entities[1]["rack"]?.value == .number("12345678901234567890"))
        #expect(root.fields?.map(\.name) == ["$schema", "entities", "later", "contexts"])
        #expect(try FileAccess.status(path).permissions == 0o600)
    }

    @Test(arguments: [
        ("[]", 1, ""), ("{\n\"entities\": 5}", 2, "entities"), ("{\"entities\": [\n5]}", 2, "entities[0]"),
        ("{\"version\": 2}", 1, "version"), ("{\"version\": 0}", 1, "version"), ("{\"version\": \"1\"}", 1, "version"),
        ("{\"entities\": [{\"name\":\"a\"}]}", 1, "entities[0].address"),
        ("{\"entities\": [{\"address\":\"a\"}]}", 1, "entities[0].name"),
        ("{\"entities\": [{\"name\":\"a\",\n\"address\":5}]}", 2, "entities[0].address"),
        ("{\"entities\": [{\"name\":\"a\",\n\"address\":\"192.0.2.1:161\"}]}", 2, "entities[0].address"),
        (
            "{\"entities\": [{\"name\":\"a\",\"address\":\"b\"},\n{\"name\":\"a\",\"address\":\"b\"}]}", 2,
            "entities[1].name"
        ),
        ("{\"entities\": [{\"name\":\"a\",\"address\":\"b\",\n\"requestPort\":65536}]}", 2, "entities[0].requestPort"),
        ("{\"entities\": [{\"name\":\"a\",\"address\":\"b\",\n\"requestPort\":1.5}]}", 2, "entities[0].requestPort"),
        ("{\"entities\": [{\"name\":\"a\",\"address\":\"b\",\n\"version\":\"4\"}]}", 2, "entities[0].version"),
        ("{\"entities\": [{\"name\":\"a\",\"address\":\"b\",\n\"engineID\":\"80\"}]}", 2, "entities[0].engineID"),
        ("{\"contexts\": [\n{\"name\":\"c\"}]}", 2, "contexts[0].community"),
        ("{\"contexts\": [{\"name\":\"c\",\"community\":\n\"public\"}]}", 2, "contexts[0].community"),
        ("{\"contexts\": [{\"name\":\"c\",\"community\":{}}]}", 1, "contexts[0].community"),
        ("{\"contexts\": [{\"name\":\"c\",\"community\":{\"literal\":\"\"}}]}", 1, "contexts[0].community"),
        (
            "{\"contexts\": [{\"name\":\"c\",\"community\":{\"literal\":\"p\",\"file\":\"/p\"}}]}", 1,
            "contexts[0].community"
        ),
        (
            "{\"contexts\": [{\"name\":\"c\",\"community\":{\"literal\":\"p\"},\n\"user\":\"u\"}]}", 2,
            "contexts[0].user"
        ),
        (
            "{\"contexts\": [{\"name\":\"c\",\"community\":{\"literal\":\"p\"},\n\"auth\":\"MD5\"}]}", 2,
            "contexts[0].auth"
        ),
        ("{\"contexts\": [{\"name\":\"c\",\"user\":\"u\",\n\"auth\":\"MD5\"}]}", 1, "contexts[0].authPassword"),
        ("{\"contexts\": [{\"name\":\"c\",\"user\":\"u\",\n\"level\":\"authPriv\"}]}", 2, "contexts[0].level"),
        (
            "{\"contexts\": [{\"name\":\"c\",\"user\":\"u\",\"auth\":\"MD5\",\n"
                + "\"authPassword\":{\"literal\":\"s3cret-s3cret\"}}]}", 2, "contexts[0].authPassword"
        ),
        ("{\"entities\": [\n{\"name\": }]}", 2, ""),
    ])
    func malformedFilesAreNamedToTheMember(text: String, line: Int, member: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("d.json", text)
        let database = JSONDatabase(path: path)
        let error = #expect(throws: DatabaseError.self) { try database.entityNames() }
        #expect(error?.line == line && error?.member == member, "\(error.map(\.description) ?? "")")
        #expect(error?.description.hasPrefix("\(path), line \(line)") == true)
        #expect(error?.description.contains("s3cret") == false)
        // Nothing is written over what cannot be read.
        #expect(throws: DatabaseError.self) { try database.put(fullEntity()) }
        #expect(throws: DatabaseError.self) { try database.removeEntity(named: "a") }
        #expect(try FileAccess.readText(path) == text)
    }

    @Test(arguments: ["", " \n", "{}", "{\"entities\": null}", "{\"version\": 1}"])
    func emptyFilesAreEmptyDatabases(text: String) throws {
        let scratch = try Scratch()
        let database = JSONDatabase(path: try scratch.file("d.json", text))
        #expect(try database.entityNames() == [])
        try database.put(fullEntity())
        #expect(try database.entityNames() == ["core"])
    }

    @Test func oversizedFilesAreRefused() throws {
        let scratch = try Scratch()
        let path = try scratch.file("d.json", "{}" + String(repeating: " ", count: 999))
        let database = JSONDatabase(path: path, limit: 1_000)
        #expect(throws: DatabaseError.tooLong(file: path)) { try database.entityNames() }
        _ = try scratch.file("d.json", "{}" + String(repeating: " ", count: 998))
        #expect(try database.entityNames() == [])
    }

    @Test func nothingTooLongIsWritten() throws {
        let scratch = try Scratch()
        let text = "{\"filler\":\"\(String(repeating: "x", count: 900))\"}"
        let path = try scratch.file("d.json", text)
        #expect(throws: DatabaseError.tooLong(file: path)) {
            try JSONDatabase(path: path, limit: 1_000).put(fullEntity())
        }
        #expect(try FileAccess.readText(path) == text)
    }

    @Test func filesThatOthersWriteAreRefused() throws {
        let scratch = try Scratch()
        let path = try scratch.file("d.json", "{}", mode: 0o646)
        #expect(throws: DatabaseError.writableByOthers(file: path)) { try JSONDatabase(path: path).entityNames() }
        _ = try scratch.file("d.json", "{}", mode: 0o644)
        #expect(try JSONDatabase(path: path).entityNames() == [])
    }

    @Test func otherThingsThanFilesAreRefused() throws {
        let scratch = try Scratch()
        for path in [scratch.path, "/dev/zero", scratch.path + "/a\0b"] {
            #expect(throws: DatabaseError.self) { try JSONDatabase(path: path).entityNames() }
        }
        _ = try scratch.file("plain", "")
        let error = #expect(throws: DatabaseError.self) {
            try JSONDatabase(path: scratch.path + "/plain/d.json").put(fullEntity())
        }
        guard case .file? = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test func aLockIsNoWayToAnotherFile() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/d.json"
        try FileAccess.createDirectory(path + ".lock")
        #expect(throws: DatabaseError.self) { try JSONDatabase(path: path).put(fullEntity()) }
        #expect(!FileAccess.exists(path))
    }

    @Test func changesOfOthersAreSeen() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/d.json"
        let reader = JSONDatabase(path: path)
        #expect(try reader.entityNames() == [])
        // Each time with the same size.
        for round in 0..<20 {
            let text = "{\"entities\":[{\"name\":\"e\(1_000 + round)\",\"address\":\"192.0.2.1\"}]}"
            _ = try scratch.file("d.json", text)
            #expect(try reader.entityNames() == ["e\(1_000 + round)"])
        }
        try JSONDatabase(path: path).put(fullEntity("other"))
        #expect(try reader.entity(named: "other") != nil)
        // Damage is reported rather than hidden by what was read before.
        _ = try scratch.file("d.json", "{")
        #expect(throws: DatabaseError.self) { try reader.entityNames() }
        try FileAccess.remove(path)
        #expect(try reader.entityNames() == [])
    }

    /// A second write within one tick of the file system's clock would not show in the file's state.
    @Test func freshFilesAreReadEachTime() throws {
        let scratch = try Scratch()
        let path = try scratch.file("d.json", "{\"entities\":[{\"name\":\"a\",\"address\":\"192.0.2.1\"}]}")
        let database = JSONDatabase(path: path)
        let written = try FileAccess.status(path).changedNanoseconds
        for _ in 0..<3 { #expect(try database.entity(named: "a") != nil) }
        // On a machine that stood still meanwhile the file is no longer fresh.
        let isFresh = SystemClock.wallNanoseconds - written < 1_900_000_000
        #expect(database.loadCount == 3 || !isFresh)
    }

    @Test func settledFilesAreReadOnce() throws {
        let scratch = try Scratch()
        let path = try scratch.file("d.json", "{\"entities\":[{\"name\":\"a\",\"address\":\"192.0.2.1\"}]}")
        let database = JSONDatabase(path: path)
        let deadline = SystemClock.now + .seconds(30)
        while SystemClock.wallNanoseconds - (try FileAccess.status(path).changedNanoseconds) <= 2_100_000_000,
            SystemClock.now < deadline
        {
            SystemClock.sleep(.milliseconds(100))
        }
        #expect(try database.entityNames() == ["a"])
        let before = database.loadCount
        for _ in 0..<100 { #expect(try database.entity(named: "a") != nil) }
        #expect(database.loadCount == before)
        try database.put(fullEntity("b"))
        #expect(try database.entityNames() == ["a", "b"])
    }

    /// Writers and readers at once: no entry is lost, and no reader ever sees half a file.
    @Test(.timeLimit(.minutes(6)))
    func writersLoseNothing() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/d.json"
        let isDone = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let database = JSONDatabase(path: path)
                while !isDone.withLock({ $0 }) {
                    for name in try database.entityNames() { #expect(name.hasPrefix("w")) }
                    await Task.yield()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for writer in 0..<4 {
                    writers.addTask {
                        let database = JSONDatabase(path: path)
                        for entry in 0..<12 {
                            try database.put(EntityEntry(name: "w\(writer)-\(entry)", address: "192.0.2.1"))
                            await Task.yield()
                        }
                        try database.removeEntity(named: "w\(writer)-0")
                    }
                }
                try await writers.waitForAll()
            }
            isDone.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(try JSONDatabase(path: path).entityNames().count == 44)
        #expect(try FileAccess.list(scratch.path) == ["d.json", "d.json.lock"])
        #expect(try FileAccess.status(path + ".lock").permissions == 0o600)
    }

    /// Random damage to a good file is an error or a readable database, never a crash; rewriting keeps it readable.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func damagedFilesDoNoHarm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        let path = scratch.path + "/d.json"
        let database = JSONDatabase(path: path)
        try database.put(fullEntity())
        try database.put(fullContext())
        let good = try FileAccess.read(path)
        for _ in 0..<25 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<2, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = UInt8.random(in: 0...255, using: &random)
            }
            guard let file = try? JSONFile(bytes, path), let table = try? file.table(path) else { continue }
            let text = Array(file.root.text.utf8)
            #expect(try JSONFile(text, path).table(path).entities == table.entities, "seed \(seed)")
        }
    }
}

@Suite struct DocumentationTests {
    /// The example in the documentation is read, and is what the database itself would write.
    @Test func theExampleIsWhatIsWritten() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try FileAccess.readText("/\(root)/docs/winsnmp/database.md")
        let start = try #require(page.firstRange(of: "```json\n")?.upperBound)
        let end = try #require(page[start...].firstRange(of: "```")?.lowerBound)
        let example = String(page[start..<end])
        let file = try JSONFile(Array(example.utf8), "database.md")
        let table = try file.table("database.md")
        #expect(
            table.entities.keys.sorted() == ["core-switch"] && table.contexts.keys.sorted() == ["monitor", "readers"])
        var written = JSONFile()
        for entity in table.entities.values { _ = written.put(entity.node, in: .entities, named: entity.name) }
        for name in ["readers", "monitor"] {
            let context = try #require(table.contexts[name])
            _ = written.put(context.node, in: .contexts, named: name)
        }
        #expect(written.root.text == example)
    }
}
