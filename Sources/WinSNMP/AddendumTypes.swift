// Layer: WinSNMP. Used by: the C library, applications.
// The structures of the v3 addendum (smiENTITYINFO, smiCONTEXTINFO).

/// All about an entity (smiENTITYINFO).
public struct EntityInfo: Hashable, Sendable {
    /// The entity; set by `entityInfo`.
    public var entity = EntityHandle(rawValue: 0)
    /// The session that owns it; set by `entityInfo`.
    public var session = SessionHandle(rawValue: 0)
    /// How the address is read: 0...2, or 3 (SNMPAPI_UNTRANSLATED_V3).
    public var translateMode: UInt32 = 1
    /// 0 SNMPv1, 1 SNMPv2c, 3 SNMPv3.
    public var version: UInt32 = 0
    /// A name for people.
    public var friendlyName: [UInt8] = []
    /// 2 for IPv4, 10 for IPv6 (AF_INET and AF_INET6 of Linux), 0 when unspecified.
    public var addressFamily: UInt32 = 0
    /// The address as `strToEntity` reads it.
    public var address: [UInt8] = []
    /// The port for requests; 0 for 161.
    public var requestPort: UInt32 = 0
    /// The port for notifications; 0 for 162.
    public var notificationPort: UInt32 = 0
    /// The longest message that the entity takes, in octets; 0 for as much as UDP allows.
    public var maximumMessageSize: UInt32 = 0
    /// The SNMPv3 engine; empty when it is to be discovered, and as long as it is not.
    public var engineID: [UInt8] = []
    /// The engine's boots; 0 when not known.
    public var engineBoots: UInt32 = 0
    /// The engine's time in seconds; 0 when not known.
    public var engineTime: UInt32 = 0
    /// Seconds since the engine's time was learned; 0 when not known.
    public var engineSeconds: UInt32 = 0
    /// 1 when requests are repeated by the library; read only.
    public var retransmitMode: UInt32 = 1
    /// See `WinSNMPLibrary.setTimeout`.
    public var policyTimeout: UInt32 = 0
    /// See `WinSNMPLibrary.setRetry`.
    public var policyRetry: UInt32 = 0
    /// See `WinSNMPLibrary.timeout`; read only.
    public var actualTimeout: UInt32 = 0
    /// See `WinSNMPLibrary.retry`; read only.
    public var actualRetry: UInt32 = 0

    /// An SNMPv1 entity without an address.
    public init() {}
}

/// All about a context (smiCONTEXTINFO). Printed without its keys.
public struct ContextInfo: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The context; set by `contextInfo`.
    public var context = ContextHandle(rawValue: 0)
    /// The session that owns it; set by `contextInfo`.
    public var session = SessionHandle(rawValue: 0)
    /// See `EntityInfo.translateMode`.
    public var translateMode: UInt32 = 1
    /// 0 SNMPv1, 1 SNMPv2c, 3 SNMPv3.
    public var version: UInt32 = 0
    /// A name for people.
    public var friendlyName: [UInt8] = []
    /// The engine that has the context; empty for the engine that is asked.
    public var contextEngineID: [UInt8] = []
    /// The context's name; empty for the default one.
    public var contextName: [UInt8] = []
    /// The community of SNMPv1 and SNMPv2c, the user of SNMPv3.
    public var securityName: [UInt8] = []
    /// 1 SNMPv1, 2 SNMPv2c, 3 USM; 0 for that of the version.
    public var securityModel: UInt32 = 0
    /// 0 neither, 1 authentication, 3 authentication and privacy.
    public var securityLevel: UInt32 = 0
    /// 1 none, 2 MD5, 3 SHA-1, 4 SHA-224, 5 SHA-256, 6 SHA-384, 7 SHA-512.
    public var authProtocol: UInt32 = 1
    /// The authentication key as `passwordToKey` makes it: not localized, as long as the protocol's digest.
    public var authKey: [UInt8] = []
    /// 1 none, 2 DES, 3 3DES, 4 AES-128, 5 AES-192, 6 AES-256.
    public var privProtocol: UInt32 = 1
    /// The privacy key as `passwordToKey` makes it with the authentication protocol.
    public var privKey: [UInt8] = []

    /// A context of SNMPv1 without a community.
    public init() {}

    /// Version and level.
    public var description: String { "context of version \(version), security level \(securityLevel)" }

    /// Mirrors what is no secret.
    public var customMirror: Mirror {
        Mirror(self, children: ["version": version, "securityLevel": securityLevel])
    }
}
