// The command line that all programs of the benchmark share; Benchmarks/README.md describes it.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity

/// What to measure.
struct Options {
    var mode = "get"
    /// `snmp`, or `winsnmp` for `get` and `bulkwalk` through the handle API.
    var api = "snmp"
    var agent = "127.0.0.1:161"
    var version = "2c"
    var community = "public"
    var user = "bench"
    var authPassword = "bench-auth-pass"
    var privPassword = "bench-priv-pass"
    var window = 1
    var count = 10_000
    var root = ".1.3.6.1.2.1"
    var maxRepetitions = 25
    /// The database of `ese-read` and `ese-scan`.
    var file = ""
    /// The database that `ese-make` makes, about how large, and the size of its pages.
    var out = ""
    var bytes = 250_000_000
    var pageSize = 4_096

    /// Reads flags; the text is what was wrong.
    init(_ arguments: [String]) throws(BenchFailure) {
        var rest = arguments[...]
        if arguments.contains(where: { $0.hasPrefix("ese-") }) { count = 1 }
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchFailure("\(flag) needs a value") }
            switch flag {
            case "--mode": mode = value
            case "--api":
                guard ["snmp", "async", "winsnmp"].contains(value) else {
                    throw BenchFailure("--api is snmp, async or winsnmp")
                }
                api = value
            case "--agent": agent = value
            case "--version": version = value
            case "--community": community = value
            case "--user": user = value
            case "--auth-pass": authPassword = value
            case "--priv-pass": privPassword = value
            case "--window": window = try Options.number(flag, value)
            case "--file": file = value
            case "--out": out = value
            case "--bytes": bytes = try Options.number(flag, value)
            case "--page-size": pageSize = try Options.number(flag, value)
            case "--count", "--repeat": count = try Options.number(flag, value)
            case "--root": root = value
            case "--max-repetitions": maxRepetitions = try Options.number(flag, value)
            default: throw BenchFailure("unknown option \(flag); see Benchmarks/README.md")
            }
        }
    }

    /// Reads the value of a flag that takes a whole number.
    static func number(
        _ flag: String, _ text: String, _ range: ClosedRange<Int> = 1...Int.max
    ) throws(BenchFailure) -> Int {
        guard let number = Int(text), range.contains(number) else {
            let end = range.upperBound == .max ? "" : " to \(range.upperBound)"
            throw BenchFailure("\(flag) wants a number from \(range.lowerBound)\(end), not \(text)")
        }
        return number
    }

    func configuration() throws -> TargetConfiguration {
        let address = try AddressResolver.numeric(agent, defaultPort: 161)
        var policy = RequestPolicy()
        policy.maximumInFlight = max(window, 1)
        let security: TargetSecurity =
            version == "3"
            ? .v3(
                try USMCredentials(
                    userName: user, auth: .hmacSHA256, authKey: .password(authPassword), priv: .aes128,
                    privKey: .password(privPassword)))
            : .v2c(community: Array(community.utf8))
        return TargetConfiguration(Peer(address), security, policy: policy)
    }
}

/// What ends a benchmark early.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What was measured, printed as one JSON line.
struct Measurement {
    var requests = 0
    var varbinds = 0
    var errors = 0
    var wall = Interval.zero
    var cpu = Interval.zero
    var extra: [(String, String)] = []

    func line(_ options: Options) -> String {
        var fields = [
            ("peer", options.api == "snmp" ? "\"oriel\"" : "\"\(options.api)\""), ("mode", "\"\(options.mode)\""),
            ("version", "\"\(options.version)\""),
            ("window", "\(options.window)"), ("requests", "\(requests)"), ("varbinds", "\(varbinds)"),
            ("wall_s", "\(wall.inSeconds)"), ("cpu_s", "\(cpu.inSeconds)"), ("errors", "\(errors)"),
        ]
        fields += extra
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
