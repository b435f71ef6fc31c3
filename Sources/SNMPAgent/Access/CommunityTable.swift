// Layer: SNMPAgent. Uses: Primitives, SNMPCodec. Used by: Agent.
// Which communities are known, from where, and what principal and context they stand for (RFC 3584, section 5).

public import Primitives
public import SNMPCodec

/// Addresses that share a number of leading bits.
public struct SourceFilter: Hashable, Sendable {
    /// An address of the network, its IPv4 part unmapped.
    public let network: SocketAddress
    /// How many leading bits must agree: 0...32 for IPv4, 0...128 for IPv6.
    public let prefixLength: Int

    /// Makes a filter; lengths out of range are clamped. The port does not matter.
    public init(_ network: SocketAddress, prefixLength: Int) {
        self.network = network.normalized
        self.prefixLength = min(max(prefixLength, 0), self.network.octetCount * 8)
    }

    /// Whether `address` lies in the network.
    public func contains(_ address: SocketAddress) -> Bool {
        let address = address.normalized
        guard address.family == network.family else { return false }
        var bits = prefixLength
        var index = 0
        while bits > 0 {
            let mask = bits >= 8 ? 0xFF : UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            if (address.octet(at: index) ^ network.octet(at: index)) & mask != 0 { return false }
            bits -= 8
            index += 1
        }
        return true
    }
}

/// A community and what it stands for.
public struct Community: Sendable {
    let octets: [UInt8]
    /// The principal that access control knows.
    public let securityName: [UInt8]
    /// The context that requests are for.
    public let contextName: [UInt8]
    /// The versions it is good for: `.v1`, `.v2c`.
    public let versions: Set<SNMPVersion>
    /// Sources it is good for; empty for all.
    public let sources: [SourceFilter]

    /// Makes a community. Without a security name of its own the principal is called `public`: the community itself
    /// would show up wherever principals are named.
    public init(
        _ octets: [UInt8], securityName: String = "public", contextName: [UInt8] = [],
        versions: Set<SNMPVersion> = [.v1, .v2c], sources: [SourceFilter] = []
    ) {
        self.octets = octets
        self.securityName = Array(securityName.utf8)
        self.contextName = contextName
        self.versions = versions
        self.sources = sources
    }
}

extension Community: CustomStringConvertible, CustomReflectable {
    /// The principal, without the community.
    public var description: String { "community of \(String(decoding: securityName, as: UTF8.self)), redacted" }

    /// Mirrors everything but the community, so that `dump` does not print it.
    public var customMirror: Mirror {
        Mirror(self, children: ["securityName": securityName, "contextName": contextName])
    }
}

/// The communities of an agent.
public struct CommunityTable: Sendable {
    /// The communities in the order of their checks.
    public var communities: [Community]

    /// Makes a table.
    public init(_ communities: [Community] = []) { self.communities = communities }

    /// The first entry that fits. Compares all communities in full, so that timing does not tell how much of one was
    /// guessed.
    func find(
        _ bytes: RawSpan, _ community: Range<Int>, _ version: SNMPVersion, from source: SocketAddress
    ) -> Community? {
        var found: Community?
        for candidate in communities where candidate.octets.count == community.count {
            var difference: UInt8 = 0
            for index in 0..<community.count {
                difference |= candidate.octets[index] ^ bytes.unsafeLoad(
                    fromByteOffset: community.lowerBound + index, as: UInt8.self)
            }
            if difference == 0, found == nil, candidate.versions.contains(version),
                candidate.sources.isEmpty || candidate.sources.contains(where: { $0.contains(source) })
            {
                found = candidate
            }
        }
        return found
    }
}
