// What a file must look like to be taken for one whose making was cut off, and header copies that differ.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct UnfinishedDatabaseTests {
    private static let path = "/a.edb"

    private func error(_ body: () throws -> Void) -> JetError? {
        do { try body() } catch { return error as? JetError }
        return nil
    }

    /// A header page as it is in a file.
    private func header(_ state: DatabaseState, _ size: PageSize = .kibibytes4) -> [UInt8] {
        var header = DatabaseHeader(pageSize: size)
        header.format = FormatVersion(updateMajor: 20)
        header.fileType = .database
        header.state = state
        header.signature = DatabaseSignature(random: 77)
        return header.encoded()
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// A torn page of a header: only its first 512 bytes came.
    private var torn: [UInt8] { Array(header(.justCreated).prefix(512)) + zeros(4_096 - 512) }

    /// The bytes of a clean database with some records.
    private func database() throws -> [UInt8] {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create(Self.path, session)
        try run.insert(0..<50, tree, session)
        try session.closeAll()
        try run.store.terminate(.complete)
        return try #require(machine.disk.contents(Self.path))
    }

    @Test func aFileThatWasBeingMadeIsNoDatabaseAndIsReplaced() throws {
        let length = 256 * 4_096
        let files: [(String, [UInt8])] = [
            ("empty", []), ("zeros", zeros(length)), ("a part of zeros", zeros(5_000)),
            ("both copies", header(.justCreated) + header(.justCreated) + zeros(length - 8_192)),
            ("the first copy", header(.justCreated) + zeros(length - 4_096)),
            ("the first copy alone", header(.justCreated)),
            ("a torn first copy", torn + zeros(length - 4_096)),
            ("a torn first copy, the second whole", torn + header(.justCreated) + zeros(length - 8_192)),
        ]
        for (name, bytes) in files {
            let machine = StoreMachine()
            machine.disk.putFile(Self.path, bytes)
            let run = try machine.start()
            let session = try run.session()
            #expect(error { try run.store.attach(Self.path, session) } == .databaseNotFound, "\(name)")
            #expect(error { try run.store.attach(Self.path, session, .readOnly) } == .databaseNotFound, "\(name)")
            #expect(machine.disk.contents(Self.path) == bytes, "\(name)")
            let (_, tree) = try run.create(Self.path, session)
            try run.insert(0..<10, tree, session)
            try session.closeAll()
            try run.store.terminate(.complete)
            #expect(try machine.header(Self.path).isClean, "\(name)")
        }
    }

    @Test func nothingElseIsTakenForOne() throws {
        let whole = try database()
        var withoutHeaders = whole
        withoutHeaders.replaceSubrange(0..<8_192, with: zeros(8_192))
        var withTornHeaders = whole
        withTornHeaders.replaceSubrange(0..<8_192, with: torn + zeros(4_096))
        var dirty = whole
        dirty.replaceSubrange(0..<8_192, with: header(.dirtyShutdown) + header(.dirtyShutdown))
        let files: [(String, [UInt8], JetError)] = [
            ("without headers", withoutHeaders, .databaseCorrupted),
            ("with torn headers", withTornHeaders, .databaseCorrupted),
            ("in use", dirty, .databaseDirtyShutdown),
            ("in use, without pages", header(.dirtyShutdown) + zeros(255 * 4_096), .databaseDirtyShutdown),
            ("a note", Array("Dear diary".utf8), .databaseCorrupted),
            ("zeros and a note", zeros(9_000) + Array("Dear diary".utf8), .databaseCorrupted),
            ("more zeros than a new one has", zeros(300 * 4_096), .databaseCorrupted),
        ]
        for (name, bytes, wanted) in files {
            let machine = StoreMachine()
            machine.disk.putFile(Self.path, bytes)
            let run = try machine.start()
            let session = try run.session()
            #expect(error { try run.store.attach(Self.path, session) } == wanted, "\(name)")
            #expect(error { _ = try run.create(Self.path, session) } == .databaseDuplicate, "\(name)")
            #expect(machine.disk.contents(Self.path) == bytes, "\(name)")
            try session.closeAll()
            try run.store.terminate(.complete)
        }
        // One that is whole.
        let machine = StoreMachine()
        machine.disk.putFile(Self.path, whole)
        let run = try machine.start()
        let session = try run.session()
        #expect(error { _ = try run.create(Self.path, session) } == .databaseDuplicate)
        #expect(machine.disk.contents(Self.path) == whole)
        #expect(try run.keys(run.open(Self.path, session).tree, session).count == 50)
        try session.closeAll()
        try run.store.terminate(.complete)
    }

    /// The machine stopped between the copies of a header: the next attach makes them agree again.
    @Test func copiesOfTheHeaderAgreeAgainAfterTheNextAttach() throws {
        let whole = try database()
        let old = header(.cleanShutdown)
        var cases: [(String, [UInt8])] = []
        var bytes = whole
        // The first copy is newer.
        bytes.replaceSubrange(4_096..<8_192, with: old)
        cases.append(("an old second copy", bytes))
        bytes.replaceSubrange(4_096..<8_192, with: zeros(4_096))
        cases.append(("no second copy", bytes))
        bytes = whole
        bytes[600] ^= 0xff
        cases.append(("a torn first copy", bytes))
        for (name, bytes) in cases {
            let machine = StoreMachine()
            machine.disk.putFile(Self.path, bytes)
            let before = try DatabaseHeader.read(start: bytes.span.bytes)
            #expect(!before.warnings.isEmpty, "\(name)")
            let run = try machine.start()
            let session = try run.session()
            let (_, tree) = try run.open(Self.path, session)
            #expect(try machine.header(Self.path).state == .dirtyShutdown, "\(name)")
            #expect(try run.keys(tree, session).count == 50, "\(name)")
            try session.closeAll()
            try run.store.terminate(.complete)
            #expect(try machine.header(Self.path).isClean, "\(name)")
        }
    }

    /// The power fails at each call of an attach and a detach, and the copies may differ: the next attach heals that,
    /// also if recovery comes between.
    @Test func copiesAgreeAfterAttachAndDetachWereCutOff() throws {
        let whole = try database()
        var differed = 0
        for call in 1...500 {
            let machine = StoreMachine(disk: SimulatedDisk(seed: UInt64(call), sectorByteCount: 512))
            machine.disk.putFile(Self.path, whole)
            let first = try machine.start()
            let session = try first.session()
            machine.disk.cutPower(atCall: machine.disk.callCount + call)
            do {
                try first.store.attach(Self.path, session)
                try first.store.detach(Self.path, session)
            } catch {
                #expect(machine.disk.isOff, "call \(call): \(error)")
            }
            let isCut = machine.disk.isOff
            machine.disk.powerFailure()
            let bytes = try #require(machine.disk.contents(Self.path))
            let reading = try DatabaseHeader.read(start: bytes.span.bytes)
            if !reading.warnings.isEmpty { differed += 1 }
            let second = StoreMachine(seed: 2, disk: machine.disk)
            let run = try second.start()
            let user = try run.session()
            let (_, tree) = try run.open(Self.path, user)
            #expect(try second.header(Self.path).state == .dirtyShutdown, "call \(call)")
            #expect(try run.keys(tree, user).count == 50, "call \(call)")
            try user.closeAll()
            try run.store.terminate(.complete)
            #expect(try second.header(Self.path).isClean, "call \(call)")
            if !isCut { break }
        }
        #expect(differed > 0)
    }

    /// A making that failed and was taken back is so for a recovery that reads of it, too.
    @Test func aCreationThatFailedStaysUndoneAfterACrash() throws {
        for call in 1...500 {
            let machine = StoreMachine(seed: UInt64(call))
            let run = try machine.start()
            let session = try run.session()
            var didFail = false
            do throws(JetError) {
                _ = try run.store.createDatabase(Self.path, session) { (_, _) throws(JetError) in
                    // Its pages and what the log says of them are there; then it fails, and the power goes soon.
                    machine.disk.cutPower(atCall: machine.disk.callCount + call)
                    throw .diskFull
                }
            } catch {
                didFail = true
            }
            #expect(didFail)
            let isCut = machine.disk.isOff
            machine.disk.powerFailure()
            let second = StoreMachine(seed: 2, disk: machine.disk)
            let next = try second.start()
            let user = try next.session()
            #expect(error { try next.store.attach(Self.path, user) } == .databaseNotFound, "call \(call)")
            let (_, tree) = try next.create(Self.path, user)
            try next.insert(0..<10, tree, user)
            try user.closeAll()
            try next.store.terminate(.complete)
            #expect(try second.header(Self.path).isClean, "call \(call)")
            if !isCut { return }
        }
        Issue.record("there is no end")
    }
}
