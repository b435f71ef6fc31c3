// Layer: OrielCommand/Session. Uses: SNMP, HostText, ProfileStore. Used by: the commands that talk to a device.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import Station

/// A device as the options name it, ready to be asked.
struct Session {
    let target: SNMPTarget
    /// The address, for messages to the user.
    let name: String
    private let manager: SNMPManager
    private let profiles: ProfileStore?

    /// Resolves `host` and makes a manager for it.
    init(
        _ host: String, _ settings: SessionSettings, _ console: Console, defaultPort: UInt16 = 161,
        localEngine: (engineID: EngineID, boots: Int32)? = nil
    ) throws(CommandError) {
        let security = try settings.security(console)
        let peer = try HostText.peer(host, defaultPort: defaultPort)
        let profiles = try settings.profilePath.map { path throws(CommandError) in try ProfileStore(reading: path) }
        var profile = profiles?.profiles[peer.text] ?? TargetProfile()
        if let engineID = settings.engineID { profile.engineID = String(engineID.description.dropFirst(2)) }
        try self.init(
            peer, security, policy: settings.policy, profile: profile, profiles: profiles, localEngine: localEngine)
    }

    /// Makes a manager for `peer`.
    init(
        _ peer: Peer, _ security: TargetSecurity, policy: RequestPolicy, profile: TargetProfile = TargetProfile(),
        profiles: ProfileStore? = nil, localEngine: (engineID: EngineID, boots: Int32)? = nil
    ) throws(CommandError) {
        name = peer.text
        self.profiles = profiles
        do throws(SNMPServiceError) {
            var options = SNMPManager.Options()
            options.localEngine = localEngine
            manager = try SNMPManager(options)
        } catch {
            throw CommandError(error)
        }
        do throws(SNMPError) {
            target = try manager.target(TargetConfiguration(peer, security, policy: policy), profile: profile)
        } catch {
            throw CommandError(error, peer: peer.text)
        }
    }

    /// Saves what was learned and closes the sockets.
    func end() throws(CommandError) {
        defer { manager.close() }
        try profiles?.save(target.profile, for: name)
    }

    /// Runs an operation, with its failure as the user is to see it.
    func perform<Result>(
        _ operation: (SNMPTarget) async throws(SNMPError) -> Result
    ) async throws(CommandError) -> Result {
        do throws(SNMPError) { return try await operation(target) } catch { throw CommandError(error, peer: name) }
    }
}

extension HostText {
    /// The address of a host.
    static func peer(_ text: String, defaultPort: UInt16) throws(CommandError) -> Peer {
        do throws(ResolutionError) {
            return try HostText(text).resolve(defaultPort: defaultPort)
        } catch {
            throw CommandError(error)
        }
    }
}

extension SessionSettings {
    /// Timing: a given timeout is kept to; without one it follows the device.
    var policy: RequestPolicy {
        var policy = RequestPolicy()
        if let retries { policy.retries = retries }
        if let timeout {
            policy.initialTimeout = timeout
            policy.adaptsTimeout = false
        }
        return policy
    }
}

extension Invocation {
    /// Runs `body` with a session for `host`; saves what was learned whatever happens, as far as that is possible.
    func withSession<Result>(
        _ host: String, defaultPort: UInt16 = 161, localEngine: (engineID: EngineID, boots: Int32)? = nil,
        _ body: (Session) async throws(CommandError) -> Result
    ) async throws(CommandError) -> Result {
        let session = try Session(
            host, settings.session, console, defaultPort: defaultPort, localEngine: localEngine)
        let result: Result
        do throws(CommandError) {
            result = try await body(session)
        } catch {
            // The failure itself is what the user has to hear of.
            try? session.end()
            throw error
        }
        try session.end()
        return result
    }
}
