// The storage of an instance from start to end: databases are made, attached, detached, and clean afterwards.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct StoreTests {
    private func error(_ body: () throws -> Void) -> JetError? {
        do { try body() } catch { return error as? JetError }
        return nil
    }

    @Test(arguments: [4_096, 8_192, 16_384, 32_768] as [UInt64])
    func databaseIsThereInEveryLaterRun(pageByteCount: UInt64) throws {
        let machine = StoreMachine()
        let parameters = try StoreMachine.parameters { parameters in
            try parameters.set(.databasePageSize, to: pageByteCount)
            try parameters.set(.logFileSize, to: 512)
        }
        for round in 0..<4 {
            let run = try machine.start(parameters)
            let session = try run.session()
            let (database, tree) = round == 0 ? try run.create("/a.edb", session) : try run.open("/a.edb", session)
            #expect(try machine.header("/a.edb").state == .dirtyShutdown)
            #expect(try run.keys(tree, session) == Array(0..<round * 300))
            try run.insert(round * 300..<(round + 1) * 300, tree, session)
            run.store.close(database, session)
            try session.closeAll()
            try run.store.terminate(.complete)
            #expect(!run.store.isRunning && run.tasks.scheduled.isEmpty)
            let header = try machine.header("/a.edb")
            #expect(header.isClean && header.lastObjectID == ObjectID(2) && header.attachPosition.rawValue != 0)
        }
        #expect(machine.reporter.reports.isEmpty)
    }

    @Test func cleanDatabaseNeedsNoLogs() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<500, tree, session)
        try session.closeAll()
        try run.store.terminate(.abrupt)
        let other = StoreMachine(seed: 2)
        other.disk.putFile("/b/c.edb", try #require(machine.disk.contents("/a.edb")))
        let later = try other.start()
        let user = try later.session()
        #expect(try later.keys(try later.open("/b/c.edb", user).tree, user).count == 500)
        try user.closeAll()
        try later.store.terminate(.complete)
        #expect(try other.header("/b/c.edb").isClean)
        let old = try machine.header("/a.edb").logSignature
        #expect(try other.header("/b/c.edb").logSignature != old)
    }

    @Test func detachedDatabaseIsCleanWhileTheInstanceRuns() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (database, tree) = try run.create("/a.edb", session)
        try run.insert(0..<200, tree, session)
        #expect(error { try run.store.detach("/a.edb", session) } == .databaseInUse)
        #expect(run.store.close(database, session) && !run.store.close(database, session))
        try run.store.detach("/a.edb", session)
        #expect(try machine.header("/a.edb").isClean)
        #expect(error { try run.store.detach("/a.edb", session) } == .databaseNotFound)
        #expect(error { _ = try run.store.open("/a.edb", session) } == .databaseNotFound)
        // It comes back under the same number, and its old pages are gone from the cache.
        #expect(try run.keys(try run.open("/a.edb", session).tree, session).count == 200)
        #expect(try run.store.attach("/a.edb", session) == .databaseAttached)
        try session.closeAll()
        try run.store.detach(nil, try run.session())
        #expect(run.store.databases.isEmpty)
        try run.store.terminate(.complete)
    }

    @Test func sixDatabasesAndNoMore() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        var trees: [Tree] = []
        for number in 0..<6 { trees.append(try run.create("/\(number).edb", session).tree) }
        #expect(error { _ = try run.create("/7.edb", session) } == .tooManyAttachedDatabases)
        #expect(try !machine.disk.exists("/7.edb"))
        // One transaction over all of them.
        try session.begin(level: 1, isReadOnly: false)
        for (number, tree) in trees.enumerated() {
            let cursor = TreeCursor(tree, session.worker)
            for key in 0...number { try cursor.insert(StoreRun.key(key), [1]) }
            cursor.release()
        }
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        for (number, tree) in trees.enumerated() { #expect(try run.keys(tree, session).count == number + 1) }
        try session.closeAll()
        try run.store.terminate(.complete)
        for number in 0..<6 { #expect(try machine.header("/\(number).edb").isClean) }
    }

    @Test func instancesKeepOutOfEachOthersFiles() throws {
        let machine = StoreMachine()
        let one = try machine.start()
        #expect(error { _ = try machine.start() } == .fileAccessDenied)
        let two = try machine.start(try StoreMachine.parameters("/two"))
        let first = try one.session(), second = try two.session()
        let (_, tree) = try one.create("/a.edb", first)
        #expect(error { try two.store.attach("/a.edb", second) } == .fileAccessDenied)
        #expect(error { _ = try two.create("/a.edb", second) } == .databaseDuplicate)
        #expect(error { _ = try two.create("/a.edb", second, .overwriteExisting) } == .fileAccessDenied)
        let (_, other) = try two.create("/b.edb", second)
        try one.insert(0..<10, tree, first)
        try two.insert(0..<20, other, second)
        for run in [one, two] { try run.store.terminate(.complete) }
        for path in ["/a.edb", "/b.edb"] { #expect(try machine.header(path).isClean) }
    }

    @Test func openingFollowsTheRules() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let one = try run.session(), two = try run.session()
        let (database, _) = try run.create("/d/a.edb", one)
        #expect(error { _ = try run.create("/d/../d/a.edb", one) } == .databaseDuplicate)
        #expect(error { _ = try run.store.open("/d/a.edb", two, .exclusive) } == .databaseInUse)
        run.store.close(database, one)
        _ = try run.store.open("\\d\\a.edb", two, .exclusive)
        #expect(error { _ = try run.store.open("/d/a.edb", one) } == .databaseLocked)
        #expect(two.database(database.slot.rawValue) === database && one.database(database.slot.rawValue) == nil)
        try two.closeAll()
        _ = try run.store.open("/d/a.edb", one)
        try one.begin(level: 1, isReadOnly: false)
        #expect(error { try run.store.attach("/d/a.edb", one) } == .inTransaction)
        #expect(error { try run.store.detach(nil, one) } == .inTransaction)
        try one.rollback(level: 1)
        #expect(error { try run.store.attach("/none.edb", one) } == .databaseNotFound)
        #expect(error { try run.store.attach("", one) } == .databaseInvalidPath)
        try run.store.terminate(.complete)
    }

    @Test func unfitFilesAreNotAttached() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        _ = try run.create("/a.edb", session)
        let dirty = try #require(machine.disk.contents("/a.edb"))
        try run.store.terminate(.complete)
        let clean = try #require(machine.disk.contents("/a.edb"))
        machine.disk.putFile("/dirty.edb", dirty)
        machine.disk.putFile("/copy.edb", clean)
        machine.disk.putFile("/junk.edb", [UInt8](repeating: 7, count: 100_000))
        let next = try machine.start()
        let user = try next.session()
        #expect(error { try next.store.attach("/dirty.edb", user) } == .databaseDirtyShutdown)
        #expect(error { try next.store.attach("/junk.edb", user) } == .databaseCorrupted)
        try next.store.attach("/a.edb", user)
        #expect(error { try next.store.attach("/copy.edb", user) } == .databaseSignInUse)
        #expect(error { _ = try next.create("/copy.edb", user) } == .databaseDuplicate)
        _ = try next.create("/copy.edb", user, .overwriteExisting)
        try next.store.terminate(.complete)
        let large = try machine.start(
            try StoreMachine.parameters("/large") { try $0.set(.databasePageSize, to: 8_192) })
        #expect(error { try large.store.attach("/a.edb", try large.session()) } == .pageSizeMismatch)
        try large.store.terminate(.complete)
        #expect(machine.disk.contents("/dirty.edb") == dirty)
    }

    @Test func databaseForReadingIsNotTouched() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<50, tree, session)
        try run.store.terminate(.complete)
        let before = try #require(machine.disk.contents("/a.edb"))
        let reader = try machine.start(), other = try machine.start(try StoreMachine.parameters("/two"))
        for run in [reader, other] {
            let user = try run.session()
            try run.store.attach("/a.edb", user, .readOnly)
            #expect(try run.store.open("/a.edb", user).warning == .fileOpenReadOnly)
            let (database, warning) = try run.store.open("/a.edb", user, .readOnly)
            #expect(warning == nil && database.isReadOnly && !database.isLogged)
            #expect(try run.keys(try #require(try database.tree(root: StoreRun.treeRoot)), user).count == 50)
        }
        for run in [reader, other] { try run.store.terminate(.complete) }
        #expect(machine.disk.contents("/a.edb") == before)
    }

    @Test func withoutRecoveryThereIsNoLog() throws {
        let machine = StoreMachine()
        let parameters = try StoreMachine.parameters { try $0.set(.recovery, to: "off") }
        for round in 0..<3 {
            let run = try machine.start(parameters)
            let session = try run.session()
            let (_, tree) = round == 0 ? try run.create("/a.edb", session) : try run.open("/a.edb", session)
            try run.insert(round * 10..<round * 10 + 10, tree, session)
            #expect(try run.keys(tree, session).count == round * 10 + 10)
            #expect(try machine.header("/a.edb").state == .dirtyShutdown)
            try session.closeAll()
            try run.store.terminate(.complete)
            #expect(try machine.header("/a.edb").isClean)
            #expect(try !machine.disk.exists("/one/log"))
        }
    }

    @Test func unloggedDatabaseStandsBesideLoggedOnes() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        let (free, other) = try run.create("/b.edb", session, .recoveryOff)
        #expect(!free.isLogged)
        try run.insert(0..<100, tree, session)
        try run.insert(0..<100, other, session)
        run.tasks.runAll()
        try run.store.advanceCheckpoint()
        try session.closeAll()
        try run.store.terminate(.complete)
        for path in ["/a.edb", "/b.edb"] { #expect(try machine.header(path).isClean) }
    }

    @Test func temporaryDatabaseComesAndGoes() throws {
        let machine = StoreMachine()
        for _ in 0..<2 {
            let run = try machine.start()
            let path = "/one/tmp/tmp.edb"
            #expect(try !machine.disk.exists(path))
            let database = try run.store.temporaryDatabase()
            let again = try run.store.temporaryDatabase()
            #expect(database.isTemporary && database === again)
            #expect(try machine.header(path).fileType == .temporaryDatabase)
            let session = try run.session()
            let tree = database.register(
                try Tree.create(
                    in: database.root, objectID: ObjectID(2), pageFlags: [], pageCount: 1, withExtents: false,
                    greatestKeyByteCount: 255, session.worker))
            try run.insert(0..<3_000, tree, session)
            #expect(try run.keys(tree, session).count == 3_000)
            // Nobody asks for versions of temporary tables: they are gone with the commit.
            run.tasks.runAll()
            #expect(run.store.versions.bucketCount <= 1)
            let other = try machine.start(
                try StoreMachine.parameters("/two") { try $0.set(.tempPath, to: path) })
            #expect(error { _ = try other.store.temporaryDatabase() } == .tempPathInUse)
            try other.store.terminate(.complete)
            try session.closeAll()
            try run.store.terminate(.complete)
            #expect(try !machine.disk.exists(path))
        }
    }

    @Test func failedPopulationLeavesNothing() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let thrown = error {
            _ = try run.store.createDatabase("/a.edb", session) { (open, worker) throws(JetError) in
                let tree = open.register(
                    try Tree.create(
                        in: open.root, objectID: ObjectID(2), pageFlags: [], pageCount: 1, withExtents: false,
                        greatestKeyByteCount: 255, worker))
                try session.begin(level: 1, isReadOnly: false)
                let cursor = TreeCursor(tree, worker)
                try cursor.insert([1], [2])
                cursor.release()
                throw .outOfMemory
            }
        }
        #expect(thrown == .outOfMemory && session.level == 0)
        #expect(try !machine.disk.exists("/a.edb"))
        #expect(run.store.databases.isEmpty)
        _ = try run.create("/a.edb", session)
        try run.store.terminate(.complete)
        #expect(try machine.header("/a.edb").isClean)
    }

    @Test func missingDirectoriesAreMadeOnlyIfWanted() throws {
        let machine = StoreMachine()
        #expect(
            error {
                _ = try machine.start(try StoreMachine.parameters { try $0.set(.createPathIfNotExist, to: 0) })
            } == .invalidLogDirectory)
        let run = try machine.start()
        for path in ["/one/log/edb.log", "/one/sys/edb.chk"] { #expect(try machine.disk.exists(path)) }
        try run.store.terminate(.complete)
    }
}
