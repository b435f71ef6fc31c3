// Layer: OrielCommand/Commands. Uses: HostAgent, SNMP (AgentServer). Used by: AgentCommand, LiveCommand.
// This machine as an SNMP agent on sockets.

import HostAgent
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPSecurity

/// This machine's agent, serving.
struct HostService {
    /// Who may ask, and as which engine the agent answers.
    struct Settings {
        var engineID: EngineID
        var engineBoots: Int32
        /// Communities that may read, and with `isWritable` also write.
        var communities: [[UInt8]] = []
        /// Users, each of which must protect its messages as well as its keys allow.
        var users: [USMCredentials] = []
        var isWritable = false
    }

    private let server: AgentServer

    /// Where it listens, with the ports that the system chose.
    var endpoints: [ServiceEndpoint] { server.endpoints }

    /// Starts to serve. `another` is the advice when a port can't be had.
    init(_ settings: Settings, _ endpoints: [ServiceEndpoint], another: String) throws(CommandError) {
        let now = SystemClock.now
        let agent = Agent(
            AgentConfiguration(
                engineID: settings.engineID, engineBoots: settings.engineBoots,
                communities: settings.communities.map { Community($0) }, access: Self.access(settings),
                firstSalt: RandomSource.fromSystem().next()),
            start: now, cache: MasterKeyCache())
        do throws(SecurityError) {
            for user in settings.users { try agent.add(user) }
        } catch {
            throw CommandError(.localFailure, "the keys of a user can't be made: \(error)")
        }
        do throws(RegistrationError) {
            try HostAgent(files: SystemFiles(), startedAt: now).register(into: agent)
        } catch {
            preconditionFailure("the groups of this machine overlap")
        }
        do throws(SNMPServiceError) {
            server = try AgentServer(agent, endpoints: endpoints)
        } catch {
            throw CommandError(.localFailure, Invocation.advice(error, another: another))
        }
    }

    private static func access(_ settings: Settings) -> AccessControl {
        var access = AccessControl()
        access.define(view: "all", .all)
        let writeView = settings.isWritable ? "all" : nil
        access.defaultGroup = "communities"
        for model in [SecurityModel.v1, .v2c] {
            access.allow(
                AccessEntry(
                    group: "communities", model: model, minimumLevel: .noAuthNoPriv, readView: "all",
                    writeView: writeView))
        }
        for level in SecurityLevel.allCases {
            access.allow(
                AccessEntry(
                    group: level.description, model: .usm, minimumLevel: level, readView: "all", writeView: writeView))
        }
        for user in settings.users { access.assign(.usm, user.userName, to: user.securityLevel.description) }
        return access
    }

    /// Ends the service.
    func close() { server.close() }
}
