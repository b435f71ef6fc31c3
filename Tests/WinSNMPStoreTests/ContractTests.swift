import PlatformIO
import Primitives
import SNMPCodec
import SNMPSecurity
import Testing
import WinSNMPDatabase
import WinSNMPEntries
import WinSNMPStore

/// What every database does, run on each.
@Suite struct DatabaseContractTests {
    enum Store: CaseIterable {
        case memory, json, ese, layered

        func make(_ scratch: Scratch) -> any WinSNMPDatabase {
            switch self {
            case .memory: MemoryDatabase()
            case .json: JSONDatabase(path: scratch.path + "/new/winsnmp.json")
            case .ese: ESEDatabase(path: scratch.path + "/new/winsnmp")
            case .layered:
                LayeredDatabase(
                    ESEDatabase(path: scratch.path + "/own"), before: ESEDatabase(path: scratch.path + "/other"),
                    changingOther: "elsewhere")
            }
        }
    }

    @Test(arguments: Store.allCases)
    func keepsEntries(store: Store) throws {
        let scratch = try Scratch()
        let database = store.make(scratch)
        #expect(try database.entityNames() == [])
        #expect(try database.contextNames() == [])
        #expect(try database.entity(named: "core") == nil)
        #expect(try database.context(named: "monitor") == nil)
        #expect(try !database.put(fullEntity("core")))
        #expect(try !database.put(fullEntity("access")))
        #expect(try !database.put(fullContext()))
        #expect(try database.entityNames() == ["access", "core"])
        #expect(try database.contextNames() == ["monitor"])
        #expect(try database.entity(named: "core") == fullEntity("core"))
        #expect(try database.context(named: "monitor") == fullContext())
        #expect(try database.entity(named: "CORE") == nil)
        #expect(try database.entity(named: "monitor") == nil)
        let other = EntityEntry(name: "core", address: "192.0.2.9")
        #expect(try database.put(other))
        #expect(try database.entity(named: "core") == other)
        #expect(try database.removeEntity(named: "core"))
        #expect(try !database.removeEntity(named: "core"))
        #expect(try database.removeContext(named: "monitor"))
        #expect(try !database.removeContext(named: "monitor"))
        #expect(try database.entityNames() == ["access"])
        #expect(try database.contextNames() == [])
    }

    @Test(arguments: Store.allCases)
    func refusesBadEntries(store: Store) throws {
        let scratch = try Scratch()
        let database = store.make(scratch)
        #expect(throws: DatabaseError.self) { try database.put(EntityEntry(name: "", address: "192.0.2.1")) }
        #expect(throws: DatabaseError.self) { try database.put(EntityEntry(name: "e", address: "a b")) }
        #expect(throws: DatabaseError.self) {
            try database.put(ContextEntry(name: "", kind: .community(.literal("public"))))
        }
        #expect(try database.entityNames() == [])
        #expect(try database.contextNames() == [])
    }

    @Test(arguments: Store.allCases)
    func findsByAddress(store: Store) throws {
        let scratch = try Scratch()
        let database = store.make(scratch)
        func put(_ name: String, _ address: String, _ port: UInt16 = 161) throws {
            var entity = EntityEntry(name: name, address: address)
            entity.requestPort = port
            try database.put(entity)
        }
        func name(_ address: String) throws -> String? {
            try database.entity(at: SocketAddress(parsing: address))?.name
        }
        try put("b", "192.0.2.1")
        try put("a", "192.0.2.1", 1161)
        try put("v6", "2001:DB8:0::1")
        try put("mapped", "::ffff:192.0.2.7")
        try put("link2", "fe80::1%2")
        try put("link3", "fe80::1%3")
        try put("host", "localhost")
        // A port that an entity has decides; else the first by name.
        #expect(try name("192.0.2.1:161") == "b" && name("192.0.2.1:1161") == "a" && name("192.0.2.1:5000") == "a")
        #expect(try name("[::ffff:192.0.2.1]:161") == "b" && name("192.0.2.7:1") == "mapped")
        #expect(try name("[2001:db8::1]:40000") == "v6")
        #expect(try name("[fe80::1%3]:161") == "link3" && name("[fe80::1%2]:161") == "link2")
        #expect(try name("[fe80::1%4]:161") == nil && name("[fe80::1]:161") == "link2")
        #expect(try name("127.0.0.1:161") == nil && name("192.0.2.2:161") == nil)
        try put("a", "192.0.2.3")
        #expect(try name("192.0.2.1:1161") == "b" && name("192.0.2.3:9") == "a")
        try database.removeEntity(named: "b")
        #expect(try name("192.0.2.1:161") == nil)
    }

    /// Random operations on both stores and on plain dictionaries give the same.
    @Test(arguments: 0..<5 as Range<UInt64>)
    func agreesWithAModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        let stores: [any WinSNMPDatabase] = [
            MemoryDatabase(), JSONDatabase(path: scratch.path + "/d.json"), ESEDatabase(path: scratch.path + "/d"),
        ]
        var entities: [String: EntityEntry] = [:]
        var contexts: [String: ContextEntry] = [:]
        for _ in 0..<30 {
            let name = "n\(Int.random(in: 0..<6, using: &random))"
            let operation = Int.random(in: 0..<5, using: &random)
            var entity = EntityEntry(name: name, address: "192.0.2.\(Int.random(in: 0..<4, using: &random))")
            if Bool.random(using: &random) { entity.retries = UInt32.random(in: 0...100, using: &random) }
            let reference = CredentialReference.literal("c\(Int.random(in: 0..<3, using: &random))")
            let context = ContextEntry(name: name, kind: .community(reference))
            for store in stores {
                switch operation {
                case 0, 1: #expect(try store.put(entity) == (entities[name] != nil))
                case 2: #expect(try store.removeEntity(named: name) == (entities[name] != nil))
                case 3: #expect(try store.put(context) == (contexts[name] != nil))
                default: #expect(try store.removeContext(named: name) == (contexts[name] != nil))
                }
            }
            switch operation {
            case 0, 1: entities[name] = entity
            case 2: entities[name] = nil
            case 3: contexts[name] = context
            default: contexts[name] = nil
            }
            for store in stores {
                #expect(try store.entityNames() == entities.keys.sorted(), "seed \(seed)")
                #expect(try store.contextNames() == contexts.keys.sorted(), "seed \(seed)")
                #expect(try store.entity(named: name) == entities[name], "seed \(seed)")
                #expect(try store.context(named: name) == contexts[name], "seed \(seed)")
                let expected = entities.values.filter { $0.address == entity.address }.map(\.name).min()
                #expect(try store.entity(at: SocketAddress(parsing: entity.address))?.name == expected, "seed \(seed)")
            }
        }
    }
}

@Suite struct StandardDatabaseTests {
    @Test(arguments: [
        (["WINSNMP_DATABASE": "rel.json", "XDG_CONFIG_HOME": "/x", "HOME": "/h"], "rel.json"),
        (["WINSNMP_DATABASE": "", "XDG_CONFIG_HOME": "/x", "HOME": "/h"], "/x/oriel/winsnmp"),
        (["XDG_CONFIG_HOME": "rel", "HOME": "/h"], "/h/.config/oriel/winsnmp"),
        (["HOME": "/h"], "/h/.config/oriel/winsnmp"), (["HOME": ""], nil), ([:], nil),
    ])
    func ownFollowsTheEnvironment(environment: [String: String], path: String?) {
        #expect(StandardDatabase.path { environment[$0] } == path)
        #expect(StandardDatabase.own { environment[$0] }?.path == path)
    }

    @Test(arguments: [
        (["ORIEL_DATA": "/d", "XDG_DATA_HOME": "/x", "HOME": "/h"], "/d"),
        (["ORIEL_DATA": "", "XDG_DATA_HOME": "/x", "HOME": "/h"], "/x/oriel/station"),
        (["XDG_DATA_HOME": "rel", "HOME": "/h"], "/h/.local/share/oriel/station"), ([:], nil),
    ])
    func theStationFollowsTheEnvironment(environment: [String: String], path: String?) {
        #expect(StandardDatabase.stationDirectory { environment[$0] } == path)
    }

    @Test func aNameThatEndsInJSONIsAFile() {
        #expect(StandardDatabase.open(path: "/a/b.json") is JSONDatabase)
        #expect(StandardDatabase.open(path: "/a/b.JSON") is JSONDatabase)
        #expect(StandardDatabase.open(path: "/a/json") is ESEDatabase)
    }
}
