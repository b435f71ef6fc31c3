// Layer: test support. Used by: interoperability tests and benchmarks of the command line.
// Net-SNMP's daemons and tools as living counterparts: where they are and with what environment they run.

import Foundation

/// What the whole rig shares: finding Net-SNMP's programs, and keeping the machine's own configuration out.
public enum PeerRig {
    /// True if every program that the rig starts is installed.
    public static var isAvailable: Bool { skipReason == nil }

    /// Why tests against real peers can't run here, for a test's `.enabled(if:)` comment; nil if they can.
    public static let skipReason: String? = {
        let programs = ["snmpd", "snmptrapd", "snmpget", "snmpset", "snmpbulkwalk", "snmptrap"]
        let missing = programs.filter { path(of: $0) == nil }
        if missing.isEmpty { return nil }
        return "no \(missing.joined(separator: ", ")) here: run Scripts/install-deps test"
    }()

    /// Whether missing peers are a failure: `make test` installs them and sets `ORIEL_REQUIRE_PEERS=1`.
    public static var isRequired: Bool { ProcessInfo.processInfo.environment["ORIEL_REQUIRE_PEERS"] == "1" }

    /// The directory that holds Package.swift.
    public static let packageRoot: String =
        URL(fileURLWithPath: "\(#filePath)/../../../..").standardized.path

    /// The full path of one of Net-SNMP's programs, or nil. Daemons are often outside a user's PATH.
    public static func path(of program: String) -> String? {
        let kegs = ["/opt/homebrew/opt/net-snmp", "/usr/local/opt/net-snmp"].flatMap { ["\($0)/sbin", "\($0)/bin"] }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let places = kegs + path + ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
        return places.lazy.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// An environment in which Net-SNMP reads and writes only below `directory` and loads no MIB files.
    static func environment(in directory: String) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SNMP") }
        environment["HOME"] = directory
        // The path replaces the default one whole; without its second part no saved state would be read back.
        environment["SNMPCONFPATH"] = "\(directory):\(directory)/persistent"
        environment["SNMP_PERSISTENT_DIR"] = "\(directory)/persistent"
        environment["MIBS"] = ""
        environment["MIBDIRS"] = "\(directory)/no-mibs"
        environment["LC_ALL"] = "C"
        return environment
    }

    /// Makes a directory of its own below the system's temporary directory.
    static func makeDirectory() throws(PeerRigError) -> String {
        let path = NSTemporaryDirectory() + "oriel-peer-\(UInt64.random(in: 0 ... .max))"
        do {
            let private700: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: private700)
        } catch {
            throw .cannotStart("\(path): \(error)")
        }
        return path
    }

    /// Runs blocking `work`, such as a call of `PeerTool`, on a thread of its own.
    ///
    /// Needed when the peer waits for code of ours that runs in tasks: there are no more threads for tasks than
    /// processors, and a few tests that block in them would starve the very code that they wait for.
    public static func onThread<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: Result { () throws(Failure) in try work() }) }.start()
        }
        return try result.get()
    }
}

/// Why a peer could not be used. The texts may quote a peer's own log.
public enum PeerRigError: Error, Equatable {
    /// A program or its directory is missing or could not be started.
    case cannotStart(String)
    /// A daemon did not get ready; holds its log.
    case notReady(String)
    /// A tool ran longer than its time limit.
    case timedOut(String)
    /// A tool failed or printed something else than it should; holds that.
    case unexpectedAnswer(String)
}
