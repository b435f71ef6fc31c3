// Layer: test support. Uses: SupervisedProcess, PeerUser. Used by: interoperability tests.
// A private snmptrapd on loopback: the receiver that our notifications must reach.

import Foundation

/// Net-SNMP's notification receiver on free loopback ports, with a community and all users of `PeerUser.all`.
public final class TrapDaemon: Sendable {
    /// The community whose notifications are logged.
    public static let community = "rig-traps"
    /// The receiver's own snmpEngineID in hexadecimal: authoritative for informs.
    public static let engineID = "80001f880472696774726170"
    /// The sender's snmpEngineID in hexadecimal for which the users exist: authoritative for v3 traps.
    public static let senderEngineID = "80001f880472696773656e64"

    /// The port on 127.0.0.1 (UDP and TCP) and on ::1 (UDP).
    public let port: UInt16

    private let process: SupervisedProcess

    /// Starts a receiver and returns when it listens.
    ///
    /// - Parameter extra: further lines of configuration (snmptrapd.conf).
    public init(extra: [String] = []) throws(PeerRigError) {
        let users = PeerUser.all.flatMap { user in
            [
                user.createLine(), user.createLine(engineID: Self.senderEngineID),
                "authUser log \(user.name) \(user.configurationLevel)",
            ]
        }
        let lines = ["exactEngineID 0x\(Self.engineID)", "authCommunity log \(Self.community)"] + users + extra
        (process, port) = try SupervisedProcess.onFreePort(
            program: "snmptrapd", configuration: lines.joined(separator: "\n") + "\n",
            arguments: ["-n", "-On", "-Oe", "-Ot", "-F", LoggedNotification.format]
        ) { port in ["udp:127.0.0.1:\(port)", "tcp:127.0.0.1:\(port)", "udp6:[::1]:\(port)"] }
    }

    /// The receiver over UDP and IPv4, as Net-SNMP's tools name it.
    public var udp: String { "udp:127.0.0.1:\(port)" }
    /// The receiver over UDP and IPv6.
    public var udp6: String { "udp6:[::1]:\(port)" }
    /// The receiver over TCP and IPv4.
    public var tcp: String { "tcp:127.0.0.1:\(port)" }

    /// Everything that the receiver logged.
    public var log: String { process.log.text }

    /// The notifications so far, in order of arrival.
    public var notifications: [LoggedNotification] { LoggedNotification.all(in: log) }

    /// Waits until `count` notifications have come, `seconds` at most, and returns all there are by then.
    public func notifications(atLeast count: Int, seconds: Double = 20) -> [LoggedNotification] {
        process.log.wait(seconds: seconds) { text in
            let all = LoggedNotification.all(in: text)
            return all.count >= count ? all : nil
        } ?? notifications
    }

    /// Waits for the first notification that `matches`, `seconds` at most; nil if none has come.
    public func notification(
        seconds: Double = 20, where matches: (LoggedNotification) -> Bool
    ) -> LoggedNotification? {
        process.log.wait(seconds: seconds) { LoggedNotification.all(in: $0).first(where: matches) }
    }

    /// Ends the receiver.
    public func stop() { process.stop() }
}
