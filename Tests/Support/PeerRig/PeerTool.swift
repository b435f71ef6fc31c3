// Layer: test support. Uses: PeerRig, PeerUser. Used by: interoperability tests.
// Net-SNMP's command-line tools, run to their end with their output captured.

import Foundation

/// The outcome of one tool.
public struct PeerToolResult: Sendable, CustomStringConvertible {
    /// The exit status; Net-SNMP's tools give 0 for an answer, 1 for a timeout or an error.
    public let status: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errorOutput: String

    /// The variable bindings in the output.
    public var varBinds: [PrintedVarBind] { PrintedVarBind.all(in: output) }

    public var description: String { "status \(status)\n\(output)\(errorOutput)" }
}

/// Net-SNMP's manager tools. All calls return when the tool has ended.
public enum PeerTool {
    /// `snmpget` of `oids`.
    public static func get(
        _ oids: String..., from agent: String, as credentials: PeerCredentials, options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpget", arguments(credentials, options, agent) + oids)
    }

    /// `snmpgetnext` of `oids`.
    public static func next(
        _ oids: String..., from agent: String, as credentials: PeerCredentials, options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpgetnext", arguments(credentials, options, agent) + oids)
    }

    /// `snmpwalk` below `root`.
    public static func walk(
        _ root: String, from agent: String, as credentials: PeerCredentials, options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpwalk", arguments(credentials, options, agent) + [root])
    }

    /// `snmpbulkwalk` below `root`.
    public static func bulkWalk(
        _ root: String, from agent: String, as credentials: PeerCredentials, options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpbulkwalk", arguments(credentials, options, agent) + [root])
    }

    /// `snmpset`; `assignments` are triples of OID, the tool's type letter and value: `[".1.3…", "s", "text"]`.
    public static func set(
        _ assignments: [String], on agent: String, as credentials: PeerCredentials, options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpset", arguments(credentials, options, agent) + assignments)
    }

    /// `snmptrap` of version 2c or 3: an SNMPv2-Trap with `trapOID`, then `assignments` as for `set`.
    /// A v3 trap is sent as the engine `TrapDaemon.senderEngineID`.
    public static func trap(
        _ trapOID: String, _ assignments: [String] = [], to receiver: String, as credentials: PeerCredentials,
        options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        var options = options
        if case .v3 = credentials { options += ["-e", "0x\(TrapDaemon.senderEngineID)"] }
        return try run("snmptrap", arguments(credentials, options, receiver) + ["4711", trapOID] + assignments)
    }

    /// `snmpinform`: an InformRequest with `trapOID`, then `assignments`; status 0 means that it was acknowledged.
    public static func inform(
        _ trapOID: String, _ assignments: [String] = [], to receiver: String, as credentials: PeerCredentials,
        options: [String] = []
    ) throws(PeerRigError) -> PeerToolResult {
        try run("snmpinform", arguments(credentials, options, receiver) + ["4711", trapOID] + assignments)
    }

    /// Numbers instead of names, TimeTicks as numbers, two seconds of patience and one repetition:
    /// `options` come last and win.
    private static func arguments(_ credentials: PeerCredentials, _ options: [String], _ agent: String) -> [String] {
        ["-On", "-Oe", "-Ot", "-t", "2", "-r", "1"] + credentials.arguments + options + [agent]
    }

    /// Runs any of Net-SNMP's programs; ends it after `seconds` with an error.
    public static func run(
        _ tool: String, _ arguments: [String], seconds: Double = 60
    ) throws(PeerRigError) -> PeerToolResult {
        guard let path = PeerRig.path(of: tool) else { throw .cannotStart("\(tool) is not installed") }
        // Its own state is gone with the directory.
        let directory = try PeerRig.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let program = try PeerProgram(path, arguments, wholeEnvironment: PeerRig.environment(in: directory))
        return try program.finish(seconds: seconds)
    }
}
