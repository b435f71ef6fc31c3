// Layer: WinSNMPDatabase. Uses: Rules, MemberReader. Used by: the databases, WinSNMP, the command.
// An entity of the administrative database: what stands behind a friendly name that SnmpStrToEntity gets.

import JSON
import PlatformIO
public import Primitives
public import SNMPCodec

/// An SNMP entity under a friendly name: where it is, and how to talk with it.
public struct EntityEntry: Hashable, Sendable {
    /// How messages travel.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// Datagrams (RFC 3417).
        case udp
        /// A connection (RFC 3430).
        case tcp
    }

    /// The friendly name: 1 to 255 octets of UTF-8 without control characters. Names differ by upper and lower case.
    public var name: String
    /// How messages travel.
    public var transport = Transport.udp
    /// A numeric IPv4 or IPv6 address without brackets, perhaps with a zone, or a host name; no port.
    public var address: String
    /// The port for requests.
    public var requestPort: UInt16 = 161
    /// The port for notifications.
    public var notificationPort: UInt16 = 162
    /// The version to talk; v1 unless told, as WinSNMP defaults.
    public var version = SNMPVersion.v1
    /// The time to wait for an answer in hundredths of a second, 1...360,000; nil for the library's default.
    public var timeoutCentiseconds: UInt32?
    /// How often an unanswered request is repeated, 0...100; nil for the library's default.
    public var retries: UInt32?
    /// The engine ID, if it is known beforehand.
    public var engineID: EngineID?
    /// The longest message in octets that the entity takes, 484...65,535; nil if it is not known.
    public var maximumMessageByteCount: UInt32?
    /// The friendly name of the context to use when none is named; it need not exist.
    public var contextName: String?

    /// An entity with the standard ports, over UDP with SNMPv1.
    public init(name: String, address: String) {
        self.name = name
        self.address = address
    }

    /// The address with `requestPort`; nil for a host name. A zone that names a missing interface is nil as well.
    public var numericAddress: SocketAddress? {
        try? SocketAddress(
            numericHost: address, port: requestPort, interfaceIndex: AddressResolver.interfaceIndex)
    }

    /// The addresses with `requestPort`, best first; never empty. Asks the network for a host name, which may block for
    /// seconds. Throws `DatabaseError.address`.
    public func addresses() throws(DatabaseError) -> [SocketAddress] {
        if let numericAddress { return [numericAddress] }
        do throws(ResolutionError) {
            // In brackets so that no colon of a zone's or an address's is taken for a port.
            let text = address.contains(":") ? "[\(address)]" : address
            return try AddressResolver.resolve(text, defaultPort: requestPort)
        } catch {
            throw .address(error, entity: name)
        }
    }

    /// Throws `DatabaseError.invalid` if the entry can't be stored.
    public func validate() throws(DatabaseError) {
        do throws(RuleViolation) { try check() } catch {
            throw .invalid(entry: name, member: error.member, problem: error.problem)
        }
    }

    func check() throws(RuleViolation) {
        try Rules.checkName(name, "name")
        try Self.checkAddress(address)
        for (port, member) in [(requestPort, "requestPort"), (notificationPort, "notificationPort")] where port == 0 {
            throw RuleViolation(member: member, problem: "a whole number from 1 to 65535 is expected")
        }
        try Rules.checkRange(timeoutCentiseconds, Rules.timeouts, "timeoutCentiseconds")
        try Rules.checkRange(retries, Rules.retries, "retries")
        try Rules.checkEngineID(engineID, "engineID")
        try Rules.checkRange(maximumMessageByteCount, Rules.messageSizes, "maximumMessageByteCount")
        if let contextName { try Rules.checkName(contextName, "context") }
    }

    private static func checkAddress(_ address: String) throws(RuleViolation) {
        // The interface of a zone may come and go.
        if (try? SocketAddress(numericHost: address, port: 0, interfaceIndex: { _ in 1 })) != nil,
            !Rules.hasControls(address)
        {
            return
        }
        guard !Rules.isHostName(address) else { return }
        let problem =
            address.contains(":") || address.contains("[")
            ? "an address has no port and no brackets; the port stands in requestPort"
            : "neither an IPv4 or IPv6 address nor a host name"
        throw RuleViolation(member: "address", problem: problem)
    }
}

extension EntityEntry {
    /// The members that this type knows, in the order in which they are written.
    static let members = [
        "name", "transport", "address", "requestPort", "notificationPort", "version", "timeoutCentiseconds", "retries",
        "engineID", "maximumMessageByteCount", "context",
    ]

    init(_ members: MemberReader) throws(MemberError) {
        self.init(name: try members.string("name"), address: try members.string("address"))
        transport =
            try members.word("transport", "udp, tcp") { Transport(rawValue: $0.lowercased()) } ?? transport
        requestPort = try members.number("requestPort", 1...UInt16.max) ?? requestPort
        notificationPort = try members.number("notificationPort", 1...UInt16.max) ?? notificationPort
        version = try members.word("version", Rules.versions, SNMPVersion.init(databaseText:)) ?? version
        timeoutCentiseconds = try members.number("timeoutCentiseconds", Rules.timeouts)
        retries = try members.number("retries", Rules.retries)
        engineID = try members.engineID("engineID")
        maximumMessageByteCount = try members.number("maximumMessageByteCount", Rules.messageSizes)
        contextName = try members.optionalString("context")
        do throws(RuleViolation) { try check() } catch { throw members.failure(error.member, error.problem) }
    }

    var node: JSONNode {
        var fields = [
            JSONNode.Field("name", .string(name)), JSONNode.Field("transport", .string(transport.rawValue)),
            JSONNode.Field("address", .string(address)), JSONNode.Field("requestPort", .number(requestPort)),
            JSONNode.Field("notificationPort", .number(notificationPort)),
            JSONNode.Field("version", .string(version.databaseText)),
        ]
        if let timeoutCentiseconds { fields.append(.init("timeoutCentiseconds", .number(timeoutCentiseconds))) }
        if let retries { fields.append(.init("retries", .number(retries))) }
        if let engineID { fields.append(.init("engineID", .string(engineID))) }
        if let maximumMessageByteCount {
            fields.append(.init("maximumMessageByteCount", .number(maximumMessageByteCount)))
        }
        if let contextName { fields.append(.init("context", .string(contextName))) }
        return JSONNode(.object(fields))
    }
}

extension EntityEntry: Codable {
    /// Reads the members as they stand in the database's file; throws `DecodingError`.
    public init(from decoder: any Decoder) throws {
        self = try decoder.entry { members throws(MemberError) in try EntityEntry(members) }
    }

    /// Writes the members as they stand in the database's file.
    public func encode(to encoder: any Encoder) throws { try node.encode(to: encoder) }
}

extension Decoder {
    /// Reads an entry from an object.
    func entry<Entry>(_ read: (MemberReader) throws(MemberError) -> Entry) throws -> Entry {
        let node = try JSONNode(from: self)
        do throws(MemberError) { return try read(try MemberReader(node, "")) } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: codingPath, debugDescription: "\(error.path): \(error.problem)"))
        }
    }
}

extension SNMPVersion {
    /// `1`, `2c` or `3`, as in the database's file and on command lines.
    public var databaseText: String {
        switch self {
        case .v1: "1"
        case .v2c: "2c"
        case .v3: "3"
        }
    }

    /// Reads `1`, `2c` or `2`, or `3`; nil for anything else.
    public init?(databaseText text: String) {
        switch text {
        case "1": self = .v1
        case "2c", "2": self = .v2c
        case "3": self = .v3
        default: return nil
        }
    }
}
