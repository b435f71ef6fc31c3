// Layer: ESEVerifyTests. Tests: verification of databases that Windows made.

import ESEFormat
import ESEReader
import ESEVerify
import PeerRig
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")")) struct SampleTests {
    @Test("nothing is wrong in clean databases", arguments: ESESamples.databases)
    func clean(sample: ESESample) throws {
        let source = MemorySource(try ESESamples.bytes(of: sample.path), name: sample.name)
        let report = Verification(source).run()
        for line in report.lines { print(line) }
        #expect(report.isComplete)
    }
}
