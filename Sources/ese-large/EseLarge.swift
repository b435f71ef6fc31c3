// Layer: a program for measurements. Uses: LargeRun, ESEVerify. Used by: Scripts/bench-store, people.
// A large database with a small cache, and then a look at every page, record and entry of it.

import ESE
import ESEVerify
import PlatformIO

@main
struct EseLarge {
    private static let usage = """
        usage: ese-large --dir D [--mib N] [--cache-mib N] [--page-size N] [--operations N] [--verify]
          Fills a database in D, an empty directory, until it has --mib (2048), with --cache-mib of cache (16), reads,
          changes and deletes; one JSON line a phase. --verify only verifies the database that is in D.

        """
    private static let output = BufferedOutput(descriptor: 1, name: "standard output", capacity: 0)

    private static func say(_ text: String) { try? output.write(text) }

    static func main() {
        var options = LargeOptions()
        var isVerification = false
        var rest = CommandLine.arguments.dropFirst()
        while let argument = rest.popFirst() {
            if argument == "--verify" {
                isVerification = true
                continue
            }
            guard let value = rest.popFirst() else { refuse() }
            if argument == "--dir" {
                options.directory = value
                continue
            }
            guard let number = Int(value), number > 0, number < 1 << 40 else { refuse() }
            switch argument {
            case "--mib": options.byteCount = number << 20
            case "--cache-mib": options.cacheByteCount = number << 20
            case "--operations": options.operationCount = number
            case "--page-size":
                guard let size = PageSize.allCases.first(where: { $0.byteCount == number }) else { refuse() }
                options.pageSize = size
            default: refuse()
            }
        }
        if options.directory.isEmpty { refuse() }
        do {
            if isVerification { Program.exit(try verify(options) ? 0 : 1) }
            Program.exit(try LargeRun(options, say: say).run() ? 0 : 1)
        } catch {
            say("ese-large: \(error)\n")
            Program.exit(2)
        }
    }

    private static func refuse() -> Never {
        say(usage)
        Program.exit(64)
    }

    private static func verify(_ options: LargeOptions) throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        let report = Verification(
            try RandomAccessFile(reading: options.directory + "/" + LargeRun.fileName)
        ).run()
        let seconds = (clock.now - start).components.seconds
        let errors = report.groups.reduce(0) { $0 + $1.errorCount }
        for finding in report.groups.flatMap(\.kept) where finding.severity == .error { say("\(finding)\n") }
        say(
            """
            {"phase":"verify","wall_s":\(seconds),"rows":\(report.counts.records),"entries":\(report.counts.entries),\
            "long_values":\(report.counts.longValues),"pages":\(report.counts.treePages),\
            "peak_rss_kb":\(Program.peakResidentByteCount >> 10),"errors":\(errors)}

            """)
        return errors == 0
    }
}
