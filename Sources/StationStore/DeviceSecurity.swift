// Layer: StationStore. Uses: DeviceSealing. Used by: Recorder, Reader, whoever polls.
// What it takes to talk to a device, and its form in the database, which is sealed.

/// The version of SNMP that a device is asked with.
public enum DeviceVersion: UInt8, Sendable, Hashable, CaseIterable {
    /// SNMPv1.
    case v1 = 1
    /// SNMPv2c.
    case v2c = 2
    /// SNMPv3 with the user-based security model.
    case v3 = 3
}

/// The secrets of a device. Printed forms show none.
public enum DeviceSecurity: Hashable, Sendable {
    /// SNMPv1 with a community.
    case v1(community: [UInt8])
    /// SNMPv2c with a community.
    case v2c(community: [UInt8])
    /// SNMPv3 with a user.
    case v3(DeviceUser)

    /// The version.
    public var version: DeviceVersion {
        switch self {
        case .v1: .v1
        case .v2c: .v2c
        case .v3: .v3
        }
    }
}

/// A user of SNMPv3.
public struct DeviceUser: Hashable, Sendable {
    /// A protocol by its name, such as `SHA-256` or `AES-128`, and its password.
    public struct Protection: Hashable, Sendable {
        /// The protocol's name.
        public var protocolName: String
        /// The password.
        public var password: [UInt8]

        /// Makes one.
        public init(protocolName: String, password: [UInt8]) {
            self.protocolName = protocolName
            self.password = password
        }
    }

    /// The user's name.
    public var name: String
    /// Authentication; nil without.
    public var authentication: Protection?
    /// Privacy; nil without.
    public var privacy: Protection?
    /// The context's name, often empty.
    public var contextName: String

    /// Makes a user.
    public init(
        name: String, authentication: Protection? = nil, privacy: Protection? = nil, contextName: String = ""
    ) {
        self.name = name
        self.authentication = authentication
        self.privacy = privacy
        self.contextName = contextName
    }
}

extension DeviceSecurity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Version, and the user with the names of protocols; no community and no password.
    public var description: String {
        switch self {
        case .v1: "SNMPv1"
        case .v2c: "SNMPv2c"
        case .v3(let user): "SNMPv3 \(user)"
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension DeviceUser: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name and the names of protocols.
    public var description: String {
        var text = "user \(name)"
        if let authentication { text += " \(authentication.protocolName)" }
        if let privacy { text += " \(privacy.protocolName)" }
        return text
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension DeviceUser.Protection: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The protocol's name.
    public var description: String { protocolName }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

// MARK: The form that is sealed: a format version (1), the version of SNMP, then parts, each after its length in two
// bytes, low byte first. A community is one part; a user is name, context, and two parts for each protection, which
// are both empty without it.

extension DeviceSecurity {
    private static let format: UInt8 = 1

    /// The bytes to be sealed; nil if a part has more than 65,535 bytes or all together more than 64 KiB.
    func encoded() -> [UInt8]? {
        var bytes = [Self.format, version.rawValue]
        var isFine = true
        func put(_ part: [UInt8]) {
            isFine = isFine && part.count <= 0xFFFF && bytes.count + part.count + 2 <= 1 << 16
            guard isFine else { return }
            bytes += [UInt8(truncatingIfNeeded: part.count), UInt8(truncatingIfNeeded: part.count >> 8)]
            bytes += part
        }
        switch self {
        case .v1(let community), .v2c(let community): put(community)
        case .v3(let user):
            put(Array(user.name.utf8))
            put(Array(user.contextName.utf8))
            for protection in [user.authentication, user.privacy] {
                put(Array((protection?.protocolName ?? "").utf8))
                put(protection?.password ?? [])
            }
        }
        return isFine ? bytes : nil
    }

    /// Reads the bytes; nil if they make no sense.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count >= 2, bytes[0] == Self.format, let version = DeviceVersion(rawValue: bytes[1])
        else { return nil }
        var parts: [[UInt8]] = []
        var place = 2
        while place < bytes.count {
            guard place + 2 <= bytes.count else { return nil }
            let end = place + 2 + Int(bytes[place]) + Int(bytes[place + 1]) << 8
            guard end <= bytes.count else { return nil }
            parts.append(Array(bytes[(place + 2)..<end]))
            place = end
        }
        guard parts.count == (version == .v3 ? 6 : 1) else { return nil }
        func text(_ part: Int) -> String { String(decoding: parts[part], as: UTF8.self) }
        func protection(_ part: Int) -> DeviceUser.Protection? {
            parts[part].isEmpty ? nil : .init(protocolName: text(part), password: parts[part + 1])
        }
        switch version {
        case .v1: self = .v1(community: parts[0])
        case .v2c: self = .v2c(community: parts[0])
        case .v3:
            self = .v3(
                DeviceUser(
                    name: text(0), authentication: protection(2), privacy: protection(4), contextName: text(1)))
        }
    }
}
