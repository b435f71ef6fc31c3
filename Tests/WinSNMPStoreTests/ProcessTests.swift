import Foundation
import PeerRig
import PlatformIO
import Primitives
import Testing
import WinSNMPDatabase
import WinSNMPEntries

@testable import WinSNMPStore

/// What tests do with files that PlatformIO doesn't.
enum TestFiles {
    static func setPermissions(_ path: String, _ mode: UInt32) throws {
        try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: path)
    }
}

/// Several processes with one database: in turn, at once, and one that is killed.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ProcessTests {
    private static let oriel = "\(PeerRig.packageRoot)/.build/debug/oriel"

    private func add(_ first: String, _ count: Int, _ path: String) throws -> PeerProgram {
        let script = """
            i=0; while [ $i -lt $2 ]; do
            "$0" winsnmp entity add "$1$i" 192.0.2.1 --database "$3" || exit 1; i=$((i+1)); done
            """
        return try PeerProgram("/bin/sh", ["-c", script, Self.oriel, first, String(count), path])
    }

    @Test func writersInOtherProcessesLoseNothing() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/d"
        let writers = try ["a", "b", "c"].map { try add($0, 6, path) }
        let reader = ESEDatabase(path: path)
        var seen = 0
        let end = SystemClock.now + .seconds(240)
        while seen < 18, SystemClock.now < end {
            let names = try reader.entityNames()
            #expect(names.count >= seen)
            seen = names.count
        }
        for writer in writers {
            let result = try writer.finish(seconds: 240)
            #expect(result.status == 0, "\(result)")
        }
        #expect(try reader.entityNames().count == 18)
    }

    /// Killed at any moment, a writer has stored all or nothing of what it came for, and nobody has to clean up.
    @Test(arguments: 0..<2 as Range<UInt64>)
    func aKilledWriterLeavesAllOrNothing(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        let path = scratch.path + "/d"
        let database = ESEDatabase(path: path)
        var present = -1
        for round in 0..<12 {
            var text = "{ \"entities\": ["
            for number in 0..<60 {
                text += "\(number == 0 ? "" : ",") { \"name\": \"e\(number)\", \"address\": \"h\(round)\" }"
            }
            let file = try scratch.file("import.json", text + "] }")
            var isDone = false
            do {
                let writer = try PeerProgram(Self.oriel, ["winsnmp", "import", file, "--database", path])
                SystemClock.sleep(.milliseconds(Int64.random(in: 0...700, using: &random)))
                isDone = writer.output.contains("imported")
                withExtendedLifetime(writer) {}
            }
            let addresses = Set(try database.entries().entities.values.map(\.address))
            #expect(addresses.count <= 1, "seed \(seed), round \(round): \(addresses)")
            let now = addresses.first.flatMap { Int($0.dropFirst()) } ?? -1
            #expect(now == round || now == present && !isDone, "seed \(seed), round \(round): \(now)")
            #expect(try [0, 60].contains(database.entityNames().count))
            present = now
        }
        // Then another one can write.
        #expect(try !database.put(EntityEntry(name: "last", address: "192.0.2.1")))
    }
}
