// Layer: ESEVerifyTests. Tests: verification of databases that Windows made.

import ESEFormat
import ESEReader
import ESEVerify
import PeerRig
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")")) struct SampleTests {
    /// Catalog1.edb was copied while it was in use, although its header says that it was shut down cleanly: the
    /// shadow of its
    /// catalog is from before the first row, pages are newer than the header, one record came to the disk after its
    /// entry.
    private static let known: [String: [Finding.Kind: Int]] = [
        "misc/Catalog1.edb": [.catalogShadowMissing: 128, .pageTime: 3, .indexDangling: 1]
    ]

    @Test("nothing is wrong in clean databases", arguments: ESESamples.databases.filter { $0.state == "clean" })
    func clean(sample: ESESample) throws {
        let source = MemorySource(try ESESamples.bytes(of: sample.path), name: sample.name)
        var options = VerifyOptions()
        // A catalog of 65,000 columns: its keys take seconds in a debug build.
        let isLarge = sample.name == "dissect/large.edb"
        if isLarge { options.checks.remove(.indexes) }
        let report = Verification(source, options: options).run()
        let found = Dictionary(uniqueKeysWithValues: report.groups.map { ($0.kind, $0.errorCount + $0.noteCount) })
        #expect(found == Self.known[sample.name] ?? [:], "\(report.lines)")
        #expect(report.isComplete && report.isClean)
        #expect(report.counts.records > 100)
        #expect(isLarge || report.counts.keysRecomputed >= report.counts.entries + report.counts.records / 2)
    }

    @Test(
        "what wasn't shut down cleanly has no errors either",
        arguments: ESESamples.databases.filter { $0.state != "clean" })
    func dirty(sample: ESESample) throws {
        let report = Verification(MemorySource(try ESESamples.bytes(of: sample.path), name: sample.name)).run()
        #expect(!report.isClean && report.isComplete)
        // Long values that were deleted, and not yet cleaned up.
        #expect(report.findings.allSatisfy { $0.kind == .longValueOrphan }, "\(report.lines)")
    }
}
