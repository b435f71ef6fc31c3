// Layer: OrielCommand/Commands. Uses: SNMP (NotificationListener), NotificationText. Used by: Oriel.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Station

extension Command {
    static let listen = Command(
        "listen", "prints the traps and informs that arrive",
        usage: ["[options] [ADDRESS...]"],
        explanation: [
            "ADDRESS is where to listen: a port, an address, or both, with udp:, udp6:, tcp: or tcp6: in front if it is"
                + " not udp:. Without one it is udp:162 of all IPv4 addresses; ports below 1024 take root or"
                + " CAP_NET_BIND_SERVICE.",
            "Informs are confirmed after they were written out. Communities are never printed. Runs until Control-C or"
                + " --count, then reports on standard error what was received and lost.",
            "SNMPv3 users can be given several times. A user without protocols and passwords takes those of -a, -A, -x"
                + " and -X. Users may send from any engine.",
            OptionGroup.secretsNote,
        ],
        options: [
            OptionGroup(
                title: "Who may send",
                options: [
                    Option(
                        "-c", "--community", "COMMUNITY",
                        "a community to accept, several times if needed; without it all are accepted"
                    ) { settings, text in settings.communities.append(Secret(argument: text)) },
                    users,
                ] + OptionGroup.keys),
            OptionGroup(
                title: "Output", options: [OptionGroup.format, OptionGroup.json, OptionGroup.count]),
        ],
        examples: [
            "oriel listen", "oriel listen --json 1162 udp6:1162 tcp:1162 >> notifications.jsonl",
            "oriel listen -c private --user sender,SHA-256,@auth.key,AES,@priv.key 192.0.2.1:162",
        ]
    ) { invocation throws(CommandError) in try await invocation.listen() }

    static let users = Option(
        "-u", "--user", "NAME[,AUTH,PASSWORD[,PRIV,PASSWORD]]", "an SNMPv3 user, several times if needed"
    ) { settings, text in settings.users.append(text) }
}

extension Invocation {
    /// The endpoints that texts name.
    func endpoints(_ texts: [String], defaultPort: UInt16) throws(CommandError) -> [ServiceEndpoint] {
        var endpoints: [ServiceEndpoint] = []
        for text in texts {
            do throws(ResolutionError) {
                endpoints.append(try HostText(text).endpoint(defaultPort: defaultPort))
            } catch {
                throw CommandError(error)
            }
        }
        return endpoints
    }

    /// The users that the options name.
    func users() throws(CommandError) -> [USMCredentials] {
        var users: [USMCredentials] = []
        for text in settings.users { users.append(try settings.session.credentials(description: text, console)) }
        return users
    }

    fileprivate func listen() async throws(CommandError) -> ExitStatus {
        var options = NotificationListener.Options(
            try endpoints(operands.isEmpty ? ["162"] : operands, defaultPort: 162))
        if !settings.communities.isEmpty {
            var communities: [[UInt8]] = []
            for community in settings.communities { communities.append(try community.resolved().octets) }
            options.communities = communities
        }
        options.users = try users()
        let listener: NotificationListener
        do throws(SNMPServiceError) {
            listener = try NotificationListener(options)
        } catch {
            throw CommandError(.localFailure, Self.advice(error, another: "oriel listen 1162"))
        }
        for endpoint in listener.endpoints { console.note("listening on \(endpoint.text)") }
        do throws(CommandError) {
            try await receive(listener)
        } catch {
            listener.close()
            throw error
        }
        // Once it is closed, all confirmations are sent and counted.
        listener.close()
        report(listener.statistics)
        return .success
    }

    private func receive(_ listener: NotificationListener) async throws(CommandError) {
        let text = NotificationText(settings.display)
        var count = 0
        // Ends when the task is cancelled.
        for await notification in listener.notifications {
            try console.writeLine(text.text(notification))
            try console.flushOutput()
            if case .inform(let token) = notification.kind { listener.confirm(token) }
            count += 1
            if count == settings.count { return }
        }
    }

    /// Starts this machine's agent; `another` is the advice when a port can't be had.
    func startAgent(
        _ settings: HostService.Settings, _ endpoints: [ServiceEndpoint], another: String
    ) throws(CommandError) -> HostService {
        do throws(SNMPServiceError) {
            return try HostService(settings, endpoints)
        } catch {
            throw CommandError(.localFailure, Self.advice(error, another: another))
        }
    }

    /// What to do when a port can't be had.
    static func advice(_ error: SNMPServiceError, another: String) -> String {
        guard case .io(let failure) = error else { return error.description }
        if failure.isAddressInUse { return "\(failure); stop that program, or name another port: \(another)" }
        return failure.isPermissionDenied ? "\(failure); or name another port: \(another)" : "\(failure)"
    }

    private func report(_ statistics: NotificationListener.Statistics) {
        let receiver = statistics.receiver
        var lost: [String] = []
        for (count, what) in [
            (receiver.malformed, "malformed"), (receiver.badCommunity, "with another community"),
            (receiver.rejected, "rejected by SNMPv3 security"), (receiver.unexpected, "no notifications"),
            (receiver.duplicates, "repeated"), (receiver.overSourceLimit, "over the limit of their source"),
            (receiver.overPendingLimit + statistics.overWaitingLimit, "over the limit of waiting ones"),
            (Int(clamping: statistics.kernelDrops), "dropped by the system"),
        ] where count > 0 { lost.append("\(count) \(what)") }
        let confirmed = receiver.confirmed > 0 ? ", \(receiver.confirmed) confirmed" : ""
        let rest = lost.isEmpty ? "" : "; " + lost.joined(separator: ", ")
        console.note("\(receiver.delivered) notification\(receiver.delivered == 1 ? "" : "s")\(confirmed)\(rest)")
    }
}
