// Layer: StationTestKit. Uses: FleetObjects, SNMP (AgentServer). Used by: benchmarks, tests.
// Many agents on loopback addresses, on one thread.

import PlatformIO
import Primitives
public import SNMP
import SNMPAgent
import SNMPCodec
import SNMPSecurity

/// A device of a fleet, as a station is told of it.
public struct FleetDevice: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Where it is, with the port.
    public var host: String
    /// Whether it is asked with SNMPv3, else with version 2c.
    public var isSecure: Bool

    /// Describes a device.
    public init(name: String, host: String, isSecure: Bool) {
        self.name = name
        self.host = host
        self.isSecure = isSecure
    }

    /// It as `oriel station import` reads it.
    public func json(interval: Int) -> String {
        let access =
            isSecure
            ? """
            "version": "3", "user": {"name": "\(Fleet.user)", "auth": "SHA-256", "authPassword": "\(Fleet.password)", \
            "priv": "AES", "privPassword": "\(Fleet.password)"}
            """ : "\"version\": \"2c\", \"community\": \"\(Fleet.community)\""
        return "{\"name\": \"\(name)\", \"host\": \"\(host)\", \"interval\": \(interval), \(access)}"
    }
}

/// Agents on 127.0.1.1, 127.0.1.2 and so on, all on one port. The devices' counters grow at each GET.
public final class Fleet: Sendable {
    /// What all devices of version 2c know.
    public static let community = "fleet"
    /// The user of all devices of version 3: SHA-256 and AES.
    public static let user = "fleet"
    /// The user's password for both.
    public static let password = "a password for made-up devices"

    /// The devices: every second one with SNMPv3.
    public let devices: [FleetDevice]
    private let objects: [FleetObjects]
    private let servers: [AgentServer]
    private let loop: SNMPLoop

    /// Starts the agents.
    /// - Parameters:
    ///   - agents: how many, 1 to 10,000.
    ///   - interfaces: of each.
    ///   - seed: what all values follow from, and how much counters grow.
    public init(agents: Int, interfaces: Int, seed: UInt64 = 1) throws(SNMPServiceError) {
        precondition((1...10_000).contains(agents) && interfaces > 0, "1 to 10,000 agents with an interface or more")
        loop = try SNMPLoop(name: "fleet")
        let cache = MasterKeyCache()
        let start = SystemClock.now
        var port: UInt16 = 0
        var devices: [FleetDevice] = []
        var objects: [FleetObjects] = []
        var servers: [AgentServer] = []
        for number in 0..<agents {
            let device = FleetObjects(device: number, interfaces: interfaces, seed: seed, start: start)
            let agent = Agent(
                AgentConfiguration(
                    engineID: EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("fleet-\(number)".utf8)), engineBoots: 1,
                    communities: [Community(Array(Self.community.utf8))],
                    access: .readOnly(minimumUserLevel: .authPriv), servesOwnObjects: false,
                    firstSalt: seed &+ UInt64(number)),
                start: start, cache: cache)
            do throws(SecurityError) {
                try agent.add(
                    try USMCredentials(
                        userName: Self.user, auth: .hmacSHA256, authKey: .password(Self.password), priv: .aes128,
                        privKey: .password(Self.password)))
            } catch {
                throw .security(error)
            }
            do throws(RegistrationError) { try agent.register(device) } catch {
                preconditionFailure("an agent without objects has room")
            }
            let (high, low) = (UInt8(1 + number / 250), UInt8(1 + number % 250))
            let address = SocketAddress(ipv4: 127, 0, high, low, port: port)
            let server = try AgentServer(
                agent, endpoints: [ServiceEndpoint(address)], receiveBufferByteCount: 1 << 18, loop: loop)
            port = server.endpoints[0].address.port
            devices.append(
                FleetDevice(
                    name: "fleet-\(number + 1)", host: "127.0.\(high).\(low):\(port)", isSecure: number % 2 == 1))
            objects.append(device)
            servers.append(server)
        }
        (self.devices, self.objects, self.servers) = (devices, objects, servers)
    }

    /// Ends the agents; what they served, in the order of the devices.
    public func close() -> [ServedLog] {
        for server in servers { server.close() }
        loop.stop()
        return objects.map(\.served)
    }
}
