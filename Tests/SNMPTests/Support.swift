import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

extension ObjectIdentifier {
    /// What the tests' agents serve.
    static let root: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555]
    static let title: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 1, 1, 0]
    static let knob: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 1, 2, 0]
    static let entry: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 2, 1]
    static let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]
}

extension TargetSecurity {
    static let v1 = TargetSecurity.v1(community: Array("tests".utf8))
    static let v2c = TargetSecurity.v2c(community: Array("tests".utf8))
}

let agentEngineID = EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("tests".utf8))

/// Users of all three levels.
let users: [USMCredentials] = {
    do {
        return [
            try USMCredentials(userName: "plain"),
            try USMCredentials(userName: "signer", auth: .hmacSHA256, authKey: .password("signer's password")),
            try USMCredentials(
                userName: "hider", auth: .hmacSHA512, authKey: .password("hider's password"), priv: .aes256,
                privKey: .password("hider's privacy"), keyExtension: .blumenthal),
        ]
    } catch {
        preconditionFailure("\(error)")
    }
}()

/// An agent of ours with a title, a writable knob and a table of `rowCount` rows and three columns.
func agentServer(
    rowCount: UInt32 = 100, port: UInt16 = 0, loop: SNMPLoop? = nil,
    access: AccessControl = .readWrite(minimumUserLevel: .noAuthNoPriv)
) throws -> AgentServer {
    let configuration = AgentConfiguration(
        engineID: agentEngineID, engineBoots: 7, communities: [Community(Array("tests".utf8))], access: access,
        firstSalt: 1)
    let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
    for user in users { try agent.add(user) }
    try agent.register(
        ScalarGroup(
            root: ObjectIdentifier.root.appending(1),
            [.constant(1, .string("an agent of ours")), .stored(2, .integer(0))]))
    let cells = (1...3).flatMap { column in
        (1...max(rowCount, 1)).map { row in
            VarBind(ObjectIdentifier.entry.appending(column).appending(row), .integer(Int32(column * 1_000 + row)))
        }
    }
    try agent.register(StoredSubtree(root: ObjectIdentifier.root.appending(2), typeDepth: 2, cells))
    let endpoints: [ServiceEndpoint] = [
        ServiceEndpoint(.loopbackIPv4(port: port)), ServiceEndpoint(.loopbackIPv6(port: 0)),
        ServiceEndpoint(.loopbackIPv4(port: port), .tcp), ServiceEndpoint(.loopbackIPv6(port: 0), .tcp),
    ]
    return try AgentServer(agent, endpoints: endpoints, loop: loop)
}

extension AgentServer {
    var peers: [Peer] { endpoints.map { Peer($0.address, $0.transport) } }
    var udp: Peer { peers[0] }
    var tcp: Peer { peers[2] }
}

extension SNMPManager {
    func target(
        _ peer: Peer, _ security: TargetSecurity = .v2c, policy: RequestPolicy = RequestPolicy()
    ) throws(SNMPError) -> SNMPTarget {
        try target(TargetConfiguration(peer, security, policy: policy))
    }
}

func failure(of body: () async throws(SNMPError) -> Void) async -> SNMPError? {
    do throws(SNMPError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Waits long enough that only an answer, never a timeout, can end a request.
let patient = RequestPolicy.fixed(timeout: .seconds(55), retries: 0)

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

extension RequestOutcome {
    var label: String {
        switch self {
        case .response: "response"
        case .sent: "sent"
        case .failure(let failure): "\(failure)"
        }
    }

    var isCancelled: Bool {
        if case .failure(.cancelled) = self { return true }
        return false
    }
}
