import PeerRig
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

extension ObjectIdentifier {
    static let system: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]
    static let sysDescr: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 1, 0]
    static let sysObjectID: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 2, 0]
    static let sysUpTime: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    static let sysContact: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 4, 0]
    static let sysName: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 5, 0]
    static let sysLocation: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 6, 0]
    static let snmpEngineID: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0]
    static let snmpEngineBoots: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0]
    static let ifEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1]
    static let nothing: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 99_999, 1, 0]
    static let coldStart: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 1]
    static let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]

    /// As net-snmp's tools write it.
    var dotted: String { ".\(self)" }
}

extension PeerAuth {
    var ours: AuthProtocol? { AuthProtocol(name: rawValue) }
}

extension PeerPriv {
    var ours: (priv: PrivProtocol, keyExtension: KeyExtension)? {
        switch self {
        case .none: nil
        case .des: (.des, .blumenthal)
        case .aes128: (.aes128, .blumenthal)
        case .aes192: (.aes192, .blumenthal)
        case .aes256: (.aes256, .blumenthal)
        case .aes192Reeder: (.aes192, .reeder)
        case .aes256Reeder: (.aes256, .reeder)
        }
    }
}

extension PeerUser {
    /// The user as ours; `isGuessing` leaves the key extension to be found, the passwords may be others than the
    /// user's.
    func credentials(
        isGuessing: Bool = false, authPassword: String? = nil, privPassword: String? = nil
    ) throws(SecurityError) -> USMCredentials {
        guard let auth = auth.ours else { return try USMCredentials(userName: name) }
        let authKey = KeySource.password(authPassword ?? self.authPassword)
        guard let (priv, keyExtension) = priv.ours else {
            return try USMCredentials(userName: name, auth: auth, authKey: authKey)
        }
        return try USMCredentials(
            userName: name, auth: auth, authKey: authKey, priv: priv,
            privKey: .password(privPassword ?? self.privPassword), keyExtension: isGuessing ? nil : keyExtension)
    }

    /// Whether there are two ways to lengthen the user's key.
    var hasDialects: Bool { (try? credentials(isGuessing: true))?.candidateKeyExtensions.count == 2 }
}

extension TargetSecurity {
    static let readOnlyV1 = TargetSecurity.v1(community: Array(SNMPDaemon.readOnly.utf8))
    static let readOnlyV2c = TargetSecurity.v2c(community: Array(SNMPDaemon.readOnly.utf8))
    static let readWriteV1 = TargetSecurity.v1(community: Array(SNMPDaemon.readWrite.utf8))
    static let readWriteV2c = TargetSecurity.v2c(community: Array(SNMPDaemon.readWrite.utf8))
    static func v3(_ user: PeerUser) throws -> TargetSecurity { .v3(try user.credentials()) }
}

/// How to reach a daemon.
enum Way: String, CaseIterable, Sendable {
    case udp, udp6, tcp

    func peer(_ port: UInt16) -> Peer {
        switch self {
        case .udp: Peer(.loopbackIPv4(port: port))
        case .udp6: Peer(.loopbackIPv6(port: port))
        case .tcp: Peer(.loopbackIPv4(port: port), .tcp)
        }
    }
}

extension SNMPManager {
    func target(
        _ daemon: SNMPDaemon, _ security: TargetSecurity, over way: Way = .udp, policy: RequestPolicy = RequestPolicy(),
        profile: TargetProfile = TargetProfile()
    ) throws(SNMPError) -> SNMPTarget {
        try target(TargetConfiguration(way.peer(daemon.port), security, policy: policy), profile: profile)
    }
}

/// One manager for all tests that need nothing special: keys are made once.
let sharedManager = Result { try SNMPManager() }

func failure(of body: () async throws(SNMPError) -> Void) async -> SNMPError? {
    do throws(SNMPError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Runs `body` in `count` tasks at once and returns their results in order.
func inTasks<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        for index in 0..<count { group.addTask { (index, try await body(index)) } }
        var results: [Int: Value] = [:]
        for try await (index, value) in group { results[index] = value }
        return (0..<count).compactMap { results[$0] }
    }
}

/// Values that arrive on any thread, and can be waited for.
final class Recorder<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<[Value], Never>)] = []
    }
    private let state = Locked(State())

    func append(_ value: Value) {
        let (values, due) = state.withLock { state in
            state.values.append(value)
            let count = state.values.count
            let due = state.waiters.filter { $0.count <= count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= count }
            return (due.isEmpty ? [] : state.values, due)
        }
        for continuation in due { continuation.resume(returning: values) }
    }

    /// All values so far.
    var values: [Value] { state.withLock { $0.values } }

    /// Waits until there are `count` values; ends with the test's time limit only.
    func values(atLeast count: Int) async -> [Value] {
        await withCheckedContinuation { continuation in
            let values = state.withLock { state -> [Value]? in
                if state.values.count >= count { return state.values }
                state.waiters.append((count, continuation))
                return nil
            }
            if let values { continuation.resume(returning: values) }
        }
    }
}
