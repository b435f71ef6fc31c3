import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMPDatabase
import WinSNMPEntries
import WinSNMPStore

/// A user's own database before the station's.
@Suite struct LayeredTests {
    private let own = MemoryDatabase()
    private let other = MemoryDatabase()
    private let both: LayeredDatabase

    init() throws {
        both = LayeredDatabase(own, before: other, changingOther: "change it elsewhere")
        try other.put(EntityEntry(name: "core", address: "192.0.2.1"))
        try other.put(EntityEntry(name: "edge", address: "192.0.2.2"))
        try other.put(ContextEntry(name: "core", kind: .community(.literal("theirs"))))
        try own.put(EntityEntry(name: "core", address: "192.0.2.9"))
        try own.put(EntityEntry(name: "mine", address: "192.0.2.3"))
    }

    @Test func ownNamesComeFirst() throws {
        #expect(try both.entityNames() == ["core", "edge", "mine"] && both.contextNames() == ["core"])
        #expect(try both.entity(named: "core")?.address == "192.0.2.9")
        #expect(try both.entity(named: "edge")?.address == "192.0.2.2")
        #expect(try both.context(named: "core")?.kind == .community(.literal("theirs")))
        try both.put(ContextEntry(name: "core", kind: .community(.literal("ours"))))
        #expect(try both.context(named: "core")?.kind == .community(.literal("ours")))
        #expect(try other.context(named: "core")?.kind == .community(.literal("theirs")))
    }

    @Test func addressesGiveNamesThatLeadBackToThem() throws {
        #expect(try both.entity(at: SocketAddress(parsing: "192.0.2.2:161"))?.name == "edge")
        #expect(try both.entity(at: SocketAddress(parsing: "192.0.2.9:161"))?.name == "core")
        // By this name one gets to another machine.
        #expect(try both.entity(at: SocketAddress(parsing: "192.0.2.1:161")) == nil)
    }

    @Test func whatIsTheOthersStays() throws {
        #expect(try both.removeEntity(named: "core"))
        #expect(try both.entity(named: "core")?.address == "192.0.2.1")
        for name in ["core", "edge"] {
            let error = #expect(throws: DatabaseError.readOnly(entry: name, how: "change it elsewhere")) {
                try both.removeEntity(named: name)
            }
            #expect(error?.description.contains("change it elsewhere") == true)
        }
        #expect(throws: DatabaseError.self) { try both.removeContext(named: "core") }
        #expect(try !both.removeEntity(named: "none") && !both.removeContext(named: "none"))
        #expect(try other.entityNames() == ["core", "edge"])
    }

    @Test func whatMayNotBeReadIsEmptyAndDamageIsTold() throws {
        let hidden = LayeredDatabase(
            own, before: Failing(.file(IOError.forbidden("open", "/d"))), changingOther: "")
        #expect(try hidden.entityNames() == ["core", "mine"] && hidden.entity(named: "edge") == nil)
        #expect(try hidden.entity(at: SocketAddress(parsing: "192.0.2.2:161")) == nil)
        #expect(try hidden.contextNames() == [] && hidden.context(named: "core") == nil)
        let damaged = LayeredDatabase(
            own, before: Failing(.damaged(file: "/d", problem: "page 4")), changingOther: "")
        #expect(try damaged.entity(named: "core") != nil)
        #expect(throws: DatabaseError.self) { try damaged.entity(named: "edge") }
    }

    @Test func theStandardOneIsTheUsersBeforeTheStations() throws {
        let scratch = try Scratch()
        let environment = ["HOME": scratch.path, "ORIEL_DATA": scratch.path + "/data"]
        let standard = try #require(StandardDatabase.layered { environment[$0] })
        #expect(try standard.entityNames() == [])
        try StandardDatabase.station(in: scratch.path + "/data").put(EntityEntry(name: "core", address: "192.0.2.1"))
        #expect(try standard.entity(named: "core")?.address == "192.0.2.1")
        try standard.put(EntityEntry(name: "core", address: "192.0.2.9"))
        #expect(try standard.entity(named: "core")?.address == "192.0.2.9")
        #expect(FileAccess.exists(scratch.path + "/.config/oriel/winsnmp/winsnmp.edb"))
        #expect(StandardDatabase.layered { _ in nil } == nil)
        // Without a home directory there is no station, and a database that is named all the same.
        let named = StandardDatabase.layered { $0 == "WINSNMP_DATABASE" ? scratch.path + "/named" : nil }
        #expect(try named?.entityNames() == [])
    }
}

/// A database that can't be asked.
private struct Failing: WinSNMPDatabase {
    let error: DatabaseError

    init(_ error: DatabaseError) { self.error = error }

    func entity(named name: String) throws(DatabaseError) -> EntityEntry? { throw error }
    func entity(at address: SocketAddress) throws(DatabaseError) -> EntityEntry? { throw error }
    func entityNames() throws(DatabaseError) -> [String] { throw error }
    func put(_ entity: EntityEntry) throws(DatabaseError) -> Bool { throw error }
    func removeEntity(named name: String) throws(DatabaseError) -> Bool { throw error }
    func context(named name: String) throws(DatabaseError) -> ContextEntry? { throw error }
    func contextNames() throws(DatabaseError) -> [String] { throw error }
    func put(_ context: ContextEntry) throws(DatabaseError) -> Bool { throw error }
    func removeContext(named name: String) throws(DatabaseError) -> Bool { throw error }
}
