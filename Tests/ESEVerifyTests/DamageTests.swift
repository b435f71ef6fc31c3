// Layer: ESEVerifyTests. Tests: that each kind of damage is found, and that verification ends.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

/// A way to damage a database, and what must be found.
struct Damaging: Sendable, CustomTestStringConvertible {
    let name: String
    let kinds: [Finding.Kind]
    let damage: @Sendable (inout DamagedFile) throws -> Void

    init(_ name: String, _ kinds: Finding.Kind..., damage: @escaping @Sendable (inout DamagedFile) throws -> Void) {
        self.name = name
        self.kinds = kinds
        self.damage = damage
    }

    var testDescription: String { name }
}

@Suite struct DamageTests {
    static let seed: UInt64 = 0x0e5e_0001

    @Test("nothing is wrong in built databases", arguments: [PageSize.kibibytes4, .kibibytes16])
    func built(size: PageSize) throws {
        let bytes = try size == .kibibytes4 ? TestDatabases.standard.get() : TestDatabases.description(size).build()
        let report = Verification(MemorySource(bytes)).run()
        #expect(report.findings.map(\.description) == [])
        #expect(report.isClean && report.isComplete)
        #expect(report.counts.keysRecomputed > 500)
        #expect(report.counts.longValues == 16)
    }

    @Test("seeded damage is found", arguments: Damagings.all) func isFound(damaging: Damaging) throws {
        var file = try DamagedFile(try TestDatabases.standard.get(), seed: Self.seed)
        try damaging.damage(&file)
        let report = Verification(MemorySource(file.bytes)).run()
        for kind in damaging.kinds {
            #expect(
                report.count(of: kind) > 0,
                "\(damaging.name), seed \(Self.seed): no \(kind.rawValue) in \(report.findings.map(\.description))")
        }
        #expect(report.isComplete)
    }

    @Test("bytes changed at random never stop verification") func noise() throws {
        var errorCounts: [Int] = []
        for round in 0..<6 {
            var file = try DamagedFile(try TestDatabases.standard.get(), seed: Self.seed + UInt64(round))
            let pages = try (1...file.lastPage).filter { try file.header($0).objectID != ObjectID(0) }
            for _ in 0..<40 {
                let number = try file.pick(pages)
                var places: [(Int, UInt8)] = []
                for _ in 0..<8 {
                    let bits = file.random.next()
                    places.append((Int(bits & 4_095), UInt8(truncatingIfNeeded: bits >> 32)))
                }
                try file.edit(number) { page in for (place, byte) in places { page[place] = byte } }
            }
            let report = Verification(MemorySource(file.bytes)).run()
            #expect(report.isComplete, "seed \(file.random.state)")
            errorCounts.append(report.errorCount)
        }
        #expect(errorCounts.count { $0 > 0 } >= 5, "\(errorCounts), from seed \(Self.seed) on")
    }

    @Test("files cut anywhere are verified to their end", arguments: [0, 1, 4_095, 8_192, 12_288, 40_000])
    func cut(length: Int) throws {
        let bytes = try TestDatabases.standard.get()
        let report = Verification(MemorySource(Array(bytes[..<length]))).run()
        #expect(report.errorCount > 0)
    }

    @Test func keepsAFewAndCountsAll() throws {
        var file = try DamagedFile(try TestDatabases.standard.get(), seed: Self.seed)
        for page in try file.pages(of: file.table("People").objectID) {
            try file.edit(page) { $0.put(UInt16(9), at: 28) }
        }
        var options = VerifyOptions()
        options.keptPerKind = 2
        let report = Verification(MemorySource(file.bytes), options: options).run()
        #expect(report.count(of: .pageFreeCount) > 2)
        #expect(report.groups.first { $0.kind == .pageFreeCount }?.kept.count == 2)
    }

    @Test func comparesInPartsToo() throws {
        var file = try DamagedFile(try TestDatabases.standard.get(), seed: Self.seed)
        try #require(Damagings.all.first { $0.name == "an entry is gone" }).damage(&file)
        try #require(Damagings.all.first { $0.name == "a long value has other references" }).damage(&file)
        var options = VerifyOptions()
        options.compareLimit = 30
        let report = Verification(MemorySource(file.bytes), options: options).run()
        #expect(report.count(of: .indexMissing) == 1)
        #expect(report.count(of: .longValueReferences) == 1)
    }

    @Test func stopsWhenTold() throws {
        let report = Verification(MemorySource(try TestDatabases.standard.get())).run { _ in false }
        #expect(!report.isComplete)
    }

    @Test func kindsHaveNamesOfTheirOwn() {
        #expect(Set(Finding.Kind.allCases.map(\.rawValue)).count == Finding.Kind.allCases.count)
        #expect(Finding.Kind.allCases.allSatisfy { $0.rawValue.wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil })
    }
}
