import PeerRig
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

private let user = PeerUser(auth: .sha256, priv: .aes128)

/// Our manager and net-snmp's agent: who may ask.
@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct ManagerSecurityTests {
    @Test(arguments: PeerUser.all)
    func everyUserIsAnswered(user: PeerUser) async throws {
        let target = try sharedManager.get().target(SNMPDaemon.shared(), try .v3(user))
        #expect(try await target.get(.snmpEngineID).asOctets == EngineID(hex: SNMPDaemon.engineID)?.octets)
        #expect(target.engineID == EngineID(hex: SNMPDaemon.engineID))
    }

    @Test(arguments: PeerUser.all.filter(\.hasDialects))
    func keyExtensionIsFoundAndRemembered(user: PeerUser) async throws {
        let daemon = try SNMPDaemon.shared()
        let security = TargetSecurity.v3(try user.credentials(isGuessing: true))
        let target = try sharedManager.get().target(daemon, security)
        #expect(try await target.get(.sysName).asText == "rig")
        let found = target.profile
        #expect(found.keyExtension == user.priv.ours?.keyExtension.description)
        // Given back, it is not looked for again: one discovery at most, and one message for each request.
        let again = try sharedManager.get().target(daemon, security, profile: found)
        #expect(try await again.get(.sysName).asText == "rig")
        let needed = again.statistics.sent - again.statistics.retransmitted
        #expect(needed - again.statistics.answered <= 1)
        #expect(again.profile.keyExtension == found.keyExtension)
    }

    /// A wrong guess of several requests at once does not undo what the first has proved.
    @Test func keyExtensionIsFoundByManyRequestsAtOnce() async throws {
        let user = PeerUser(auth: .sha1, priv: .aes256Reeder)
        let target = try sharedManager.get().target(
            SNMPDaemon.shared(), .v3(try user.credentials(isGuessing: true)))
        let values = try await inTasks(20) { _ in try await target.get(.sysName) }
        #expect(values == Array(repeating: .string("rig"), count: 20))
        #expect(target.profile.keyExtension == "reeder")
    }

    @Test(arguments: [TargetSecurity.v1(community: Array("wrong".utf8)), .v2c(community: Array("wrong".utf8))])
    func wrongCommunityIsSilence(security: TargetSecurity) async throws {
        let policy = RequestPolicy.fixed(timeout: .milliseconds(50), retries: 2)
        let target = try sharedManager.get().target(SNMPDaemon.shared(), security, policy: policy)
        let error = await failure { () async throws(SNMPError) in _ = try await target.get(.sysName) }
        guard case .request(.timeout(let evidence)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(evidence.attempts == 3)
        #expect(evidence.elapsed >= .milliseconds(150))
        #expect(evidence.malformedReplies + evidence.unmatchedReplies + evidence.rejectedReplies == 0)
        #expect("\(error!)".hasPrefix("no answer after 3 attempts in 0.") == true)
        #expect(!"\(error!)".contains("wrong"))
    }

    @Test func unknownUserIsRefused() async throws {
        try await expectRefusal(.unknownUserName, .v3(try USMCredentials(userName: "nobody-there")))
        try await expectRefusal(
            .unknownUserName,
            .v3(
                try USMCredentials(
                    userName: "nobody-there", auth: .hmacSHA256, authKey: .password(user.authPassword), priv: .aes128,
                    privKey: .password(user.privPassword))))
    }

    @Test(arguments: [user, PeerUser(auth: .md5, priv: .none), PeerUser(auth: .sha512, priv: .aes256Reeder)])
    func wrongAuthenticationPasswordIsRefused(user: PeerUser) async throws {
        try await expectRefusal(.wrongDigest, .v3(try user.credentials(authPassword: "not the password")))
    }

    @Test func wrongAuthenticationProtocolIsRefused() async throws {
        try await expectRefusal(
            .wrongDigest,
            .v3(try USMCredentials(userName: user.name, auth: .hmacSHA512, authKey: .password(user.authPassword))))
    }

    /// net-snmp drops what it can't decrypt, and what is for another context; that its engine was found is the hint.
    @Test(arguments: [
        user, PeerUser(auth: .sha1, priv: .des), PeerUser(auth: .sha512, priv: .aes256),
        PeerUser(auth: .md5, priv: .aes256Reeder),
    ])
    func wrongPrivacyPasswordIsSilenceWithAHint(user: PeerUser) async throws {
        for isGuessing in [false, true] {
            try await expectHint(.v3(try user.credentials(isGuessing: isGuessing, privPassword: "not the password")))
        }
    }

    @Test func unknownContextIsSilenceWithAHint() async throws {
        try await expectHint(.v3(try user.credentials(), contextName: Array("elsewhere".utf8)))
    }

    @Test func higherLevelThanTheUsersIsRefused() async throws {
        let plain = PeerUser(auth: .sha256, priv: .none)
        try await expectRefusal(
            .unsupportedSecurityLevel,
            .v3(
                try USMCredentials(
                    userName: plain.name, auth: .hmacSHA256, authKey: .password(plain.authPassword), priv: .aes128,
                    privKey: .password(plain.authPassword))))
    }

    /// The message is good; the agent's access control says no.
    @Test func lowerLevelThanTheUsersIsDenied() async throws {
        let target = try sharedManager.get().target(
            SNMPDaemon.shared(),
            .v3(try USMCredentials(userName: user.name, auth: .hmacSHA256, authKey: .password(user.authPassword))))
        let error = await failure { () async throws(SNMPError) in _ = try await target.get(.sysName) }
        guard case .agent(.authorizationError, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func restartedAgentGoesOnAnswering() async throws {
        let daemon = try await PeerRig.onThread { try SNMPDaemon() }
        let manager = try SNMPManager()
        let users = [user, PeerUser(auth: .sha512, priv: .none), PeerUser(auth: .none, priv: .none)]
        let targets = try users.map { user throws in
            try manager.target(
                daemon, .v3(try user.credentials()), policy: .fixed(timeout: .milliseconds(500), retries: 10))
        }
        for target in targets { #expect(try await target.get(.snmpEngineBoots) == .integer(1)) }
        for boots in 2...3 {
            // Requests are under way while the agent goes down and comes up.
            async let values = inTasks(targets.count) { index -> SNMPValue in
                do throws(SNMPError) {
                    return try await targets[index].get(.snmpEngineBoots)
                } catch {
                    // While nobody listens, the network says so.
                    guard case .request(.transport) = error else { throw error }
                    return .null
                }
            }
            try await PeerRig.onThread { try daemon.restart() }
            let allowed: Set<SNMPValue> = [.integer(Int32(boots)), .integer(Int32(boots) - 1), .null]
            #expect(try await allowed.isSuperset(of: values))
            for target in targets { #expect(try await target.get(.snmpEngineBoots) == .integer(Int32(boots))) }
        }
        #expect(targets[0].statistics.bootsRollbacks == 0)
        manager.close()
    }

    private func expectHint(_ security: TargetSecurity) async throws {
        let policy = RequestPolicy.fixed(timeout: .milliseconds(100), retries: 3)
        let target = try sharedManager.get().target(SNMPDaemon.shared(), security, policy: policy)
        let error = await failure { () async throws(SNMPError) in _ = try await target.get(.sysName) }
        guard case .request(.timeout(let evidence)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(evidence.attempts == 4 && evidence.onlyDiscoveryAnswered, "\(evidence)")
    }

    private func expectRefusal(
        _ refusal: SecurityRefusal, _ security: TargetSecurity, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        // Nothing but an answer of the agent ends the request before the test's time limit.
        let policy = RequestPolicy.fixed(timeout: .seconds(50), retries: 0)
        let target = try sharedManager.get().target(SNMPDaemon.shared(), security, policy: policy)
        let error = await failure { () async throws(SNMPError) in _ = try await target.get(.sysName) }
        #expect(error == .request(.refused(refusal)), sourceLocation: sourceLocation)
    }
}
