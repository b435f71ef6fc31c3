// Layer: Station/Devices. Uses: HostAgent, SNMP (AgentServer). Used by: Station, the commands agent and live.
// This machine as an SNMP agent on sockets.

import HostAgent
import PlatformIO
import Primitives
public import SNMP
import SNMPAgent
public import SNMPCodec
public import SNMPSecurity

/// This machine's agent, serving.
public struct HostService: Sendable {
    /// Who may ask, and as which engine the agent answers.
    public struct Settings {
        /// The agent's engine ID.
        public var engineID: EngineID
        /// How often it was started.
        public var engineBoots: Int32
        /// Communities that may read, and with `isWritable` also write.
        public var communities: [[UInt8]]
        /// Users, each of which must protect its messages as well as its keys allow.
        public var users: [USMCredentials]
        /// Whether SET is allowed.
        public var isWritable: Bool

        /// Makes settings.
        public init(
            engineID: EngineID, engineBoots: Int32, communities: [[UInt8]] = [], users: [USMCredentials] = [],
            isWritable: Bool = false
        ) {
            self.engineID = engineID
            self.engineBoots = engineBoots
            self.communities = communities
            self.users = users
            self.isWritable = isWritable
        }
    }

    private let server: AgentServer

    /// Where it listens, with the ports that the system chose.
    public var endpoints: [ServiceEndpoint] { server.endpoints }

    /// Starts to serve. Throws `security` when a user's keys can't be made, `io` when a port can't be had.
    public init(_ settings: Settings, _ endpoints: [ServiceEndpoint]) throws(SNMPServiceError) {
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
            throw .security(error)
        }
        do throws(RegistrationError) {
            try HostAgent(files: SystemFiles(), startedAt: now).register(into: agent)
        } catch {
            preconditionFailure("the groups of this machine overlap")
        }
        server = try AgentServer(agent, endpoints: endpoints)
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
    public func close() { server.close() }
}
