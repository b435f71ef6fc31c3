// Layer: StationPageTests. Uses: PeerRig. Used by: nothing.
// The station's page in a headless Chromium: Tests/Support/page/click.py, with made-up data and with a station that
// runs. Skips without the browser, unless ORIEL_REQUIRE_PEERS is 1.

import Foundation
import PeerRig
import Testing

/// Clicks through the page.
private enum Page {
    /// Why it can't be done here; nil if it can.
    static let skipReason: String? = {
        let browsers = ["chromium", "google-chrome"]
        let hasBrowser = browsers.contains { PeerRig.path(of: $0) != nil }
        let missing =
            (hasBrowser ? [] : ["chromium"]) + ["chromedriver", "python3"].filter { PeerRig.path(of: $0) == nil }
        return missing.isEmpty ? nil : "no \(missing.joined(separator: ", ")) here: run Scripts/install-deps test"
    }()

    /// The program that was built with the tests.
    static let program: String? =
        ProcessInfo.processInfo.environment["ORIEL_PROGRAM"]
        ?? Bundle.main.executableURL.map { $0.deletingLastPathComponent().appendingPathComponent("oriel").path }

    /// Seconds after which the cases end by themselves, with the browser and the station that they started. Nothing
    /// takes as long unless something hangs.
    private static let limit = 420

    static func click(_ arguments: [String]) async throws -> PeerToolResult {
        try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(
                "python3", ["\(PeerRig.packageRoot)/Tests/Support/page/click.py", "--limit", "\(limit)"] + arguments,
                environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: Double(limit + 60))
        }
    }
}

@Suite struct PagePresenceTests {
    /// `make test` never skips the suite below.
    @Test(.enabled(if: PeerRig.isRequired, "ORIEL_REQUIRE_PEERS is not 1"))
    func browserIsPresentWhereItIsRequired() {
        #expect(Page.skipReason == nil)
    }
}

@Suite(.enabled(if: Page.skipReason == nil, "\(Page.skipReason ?? "")"), .timeLimit(.minutes(10)))
struct PageTests {
    @Test func showsMadeUpData() async throws {
        let result = try await Page.click([])
        #expect(result.status == 0 && result.output.hasSuffix("all good\n"), "\(result)")
    }

    @Test func showsAStationThatRuns() async throws {
        let program = try #require(Page.program)
        try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) isn't built")
        let result = try await Page.click(["--oriel", program])
        #expect(result.status == 0 && result.output.hasSuffix("all good\n"), "\(result)")
        #expect(result.output.contains("good  station off for a while is a gap"), "\(result)")
    }
}
