// Layer: test support. Uses: SupervisedProcess, PeerUser. Used by: interoperability tests.
// A private snmpd on loopback: the agent that our manager must get along with.

import Foundation
import Synchronization

/// Net-SNMP's agent on free loopback ports, with communities and all users of `PeerUser.all`.
///
/// sysContact.0 and sysLocation.0 are writable with `readWrite` and by every user.
public final class SNMPDaemon: Sendable {
    /// The community that may read.
    public static let readOnly = "rig-reads"
    /// The community that may read and write.
    public static let readWrite = "rig-writes"
    /// The agent's snmpEngineID in hexadecimal.
    public static let engineID = "80001f880472696761676e74"

    /// The port on 127.0.0.1 (UDP and TCP) and on ::1 (UDP).
    public let port: UInt16

    private let process: SupervisedProcess
    private let starts = Mutex(1)

    /// Starts an agent and returns when it listens.
    ///
    /// - Parameter extra: further lines of configuration (snmpd.conf), such as `view` and `access`.
    public init(extra: [String] = []) throws(PeerRigError) {
        let users = PeerUser.all.flatMap { [$0.createLine(), "rwuser \($0.name) \($0.configurationLevel)"] }
        let lines =
            ["exactEngineID 0x\(Self.engineID)", "sysName rig", "dontLogTCPWrappersConnects true"]
            + ["rocommunity \(Self.readOnly) 127.0.0.1", "rocommunity6 \(Self.readOnly) ::1"]
            + ["rwcommunity \(Self.readWrite) 127.0.0.1", "rwcommunity6 \(Self.readWrite) ::1"]
            + users + extra
        (process, port) = try SupervisedProcess.onFreePort(
            program: "snmpd", configuration: lines.joined(separator: "\n") + "\n", arguments: ["-I", "-smux"]
        ) { port in ["udp:127.0.0.1:\(port)", "tcp:127.0.0.1:\(port)", "udp6:[::1]:\(port)"] }
    }

    /// One agent for all tests of this process that change nothing in it.
    public static func shared() throws(PeerRigError) -> SNMPDaemon { try sharedResult.get() }

    private static let sharedResult = Result { () throws(PeerRigError) in try SNMPDaemon() }

    /// The agent over UDP and IPv4, as Net-SNMP's tools name it.
    public var udp: String { "udp:127.0.0.1:\(port)" }
    /// The agent over UDP and IPv6.
    public var udp6: String { "udp6:[::1]:\(port)" }
    /// The agent over TCP and IPv4.
    public var tcp: String { "tcp:127.0.0.1:\(port)" }

    /// Everything that the agent logged.
    public var log: String { process.log.text }

    /// Restarts the agent on the same port: snmpEngineBoots grows by one, snmpEngineTime starts over.
    public func restart() throws(PeerRigError) {
        try starts.withLock { (count: inout Int) throws(PeerRigError) in
            count += 1
            process.restart()
            guard process.waitUntilReady(start: count) == .ready else { throw .notReady(log) }
        }
    }

    /// Ends the agent, for tests of a peer that goes away.
    public func stop() { process.stop() }
}
