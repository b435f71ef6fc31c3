import Foundation
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing
import WinSNMP

extension ObjectIdentifier {
    /// What the agent of ours serves.
    static let title: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 1, 1, 0]
}

/// A user of the agent, with the numbers of winsnmp.h.
struct V3User: Sendable, CustomStringConvertible {
    var name: String
    var level: UInt32
    var auth: UInt32 = 1
    var priv: UInt32 = 1

    var description: String { name }
    var authPassword: String { "password of \(name)" }
    var privPassword: String { "privacy of \(name)" }

    static let all: [V3User] = [
        V3User(name: "plain", level: 0), V3User(name: "md5", level: 1, auth: 2),
        V3User(name: "sha1", level: 1, auth: 3),
        V3User(name: "sha224", level: 1, auth: 4), V3User(name: "sha256", level: 1, auth: 5),
        V3User(name: "sha384", level: 1, auth: 6), V3User(name: "sha512", level: 1, auth: 7),
        V3User(name: "des", level: 3, auth: 2, priv: 2), V3User(name: "3des", level: 3, auth: 3, priv: 3),
        V3User(name: "aes128", level: 3, auth: 3, priv: 4), V3User(name: "aes192", level: 3, auth: 5, priv: 5),
        V3User(name: "aes256", level: 3, auth: 7, priv: 6),
    ]

    private static let auths: [AuthProtocol] = [
        .hmacMD5, .hmacSHA1, .hmacSHA224, .hmacSHA256, .hmacSHA384, .hmacSHA512,
    ]
    private static let privs: [PrivProtocol] = [.des, .tripleDES, .aes128, .aes192, .aes256]

    func credentials() throws -> USMCredentials {
        guard level > 0 else { return try USMCredentials(userName: name) }
        let auth = Self.auths[Int(auth) - 2]
        guard level == 3 else {
            return try USMCredentials(userName: name, auth: auth, authKey: .password(authPassword))
        }
        return try USMCredentials(
            userName: name, auth: auth, authKey: .password(authPassword), priv: Self.privs[Int(priv) - 2],
            privKey: .password(privPassword))
    }

    /// What createContext takes.
    func info(_ library: WinSNMPLibrary) throws -> ContextInfo {
        var info = ContextInfo()
        info.version = 3
        info.securityModel = 3
        info.securityName = Array(name.utf8)
        info.securityLevel = level
        info.authProtocol = auth
        info.privProtocol = priv
        if level > 0 { info.authKey = try library.passwordToKey(Array(authPassword.utf8), protocol: Int32(auth)) }
        if level > 1 { info.privKey = try library.passwordToKey(Array(privPassword.utf8), protocol: Int32(auth)) }
        return info
    }
}

/// An agent of SNMPv1, v2c and v3 with one object.
func agentServer(_ users: [V3User] = []) throws -> AgentServer {
    let configuration = AgentConfiguration(
        engineID: EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("winsnmp".utf8)), engineBoots: 7,
        communities: [Community(Array("public".utf8))], access: .readWrite(minimumUserLevel: .noAuthNoPriv),
        firstSalt: 1)
    let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
    for user in users { try agent.add(user.credentials()) }
    try agent.register(ScalarGroup(root: [1, 3, 6, 1, 4, 1, 55_555, 1], [.constant(1, .string("an agent of ours"))]))
    return try AgentServer(agent, endpoints: [ServiceEndpoint(.loopbackIPv4(port: 0))])
}

extension AgentServer {
    var port: UInt16 { endpoints[0].address.port }
}

extension Caller {
    /// An SNMPv3 entity.
    func v3Entity(_ port: UInt16, timeout: UInt32 = 500, retries: UInt32 = 5) throws -> EntityHandle {
        var info = EntityInfo()
        info.version = 3
        info.address = Array("127.0.0.1".utf8)
        info.requestPort = UInt32(port)
        info.policyTimeout = timeout
        info.policyRetry = retries
        return try library.createEntity(session, info)
    }

    /// Sends a GET of the agent's object and waits for the notice.
    func ask(_ entity: EntityHandle, _ context: ContextHandle) async throws -> Notice {
        let before = notices.count
        let id = try send(pdu(.get, [VarBind(.title)]), to: entity, context)
        let notice = try await notices.first(before + 1)[before]
        try #require(notice.lParam == Int(id))
        return notice
    }
}

/// A directory for the length of a test.
final class PrivateFiles: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "oriel-winsnmp-\(UInt64.random(in: 0 ... .max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file that nobody else can read; the result is its path.
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        let isMade = FileManager.default.createFile(
            atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        try #require(isMade)
        return file
    }
}
