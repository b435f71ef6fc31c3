// Layer: SNMPEngine. Uses: SNMPCodec, SNMPSecurity. Used by: NotificationReceiver, applications.

public import Primitives
public import SNMPCodec
public import SNMPSecurity

/// A trap or inform that arrived and was accepted.
public struct ReceivedNotification: Sendable {
    /// How it was sent.
    public enum Kind: Hashable, Sendable {
        /// A trap of SNMPv1, as it came.
        case trapV1(TrapV1PDU)
        /// A trap of SNMPv2, which nobody confirms.
        case trap
        /// An inform, whose sender waits until `token` is confirmed.
        case inform(InformToken)
    }

    /// How it was sent.
    public var kind: Kind
    /// The version of its message.
    public var version: SNMPVersion
    /// Who sent the message.
    public var source: Peer
    /// The local address it came to, if known.
    public var destination: SocketAddress?
    /// When it arrived, on the receiver's clock.
    public var receivedAt: Instant
    /// What happened: the value of snmpTrapOID.0, or its equivalent for a v1 trap (RFC 3584, section 3.1). Empty when
    /// the message does not say.
    public var trapOID: ObjectIdentifier
    /// sysUpTime of the sender in hundredths of a second; 0 when the message does not say.
    public var upTime: UInt32
    /// All bindings in their order, with the first two of a v2 notification, and for a v1 trap as it came.
    public var variableBindings: [VarBind]
    /// The request-id; 0 in a v1 trap.
    public var requestID: Int32
    /// The community of a v1 or v2c message. A secret: not part of `description`.
    public var community: [UInt8]
    /// The user of a v3 message; empty otherwise.
    public var userName: [UInt8]
    /// How a v3 message was protected.
    public var securityLevel: SecurityLevel
    /// The context of a v3 message: its engine and name.
    public var contextEngineID: EngineID
    /// The context's name.
    public var contextName: [UInt8]
    /// What was tolerated in the message.
    public var deviations: Deviations
}

extension ReceivedNotification: CustomStringConvertible, CustomReflectable {
    /// Version, source and what happened; never the community.
    public var description: String { "\(version) notification \(trapOID) from \(source)" }

    /// Mirrors everything but the community.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "kind": kind, "version": version, "source": source, "trapOID": trapOID, "upTime": upTime,
                "variableBindings": variableBindings, "deviations": deviations,
            ])
    }
}

/// The name of an inform that waits for its confirmation.
public struct InformToken: Hashable, Sendable {
    let number: UInt64
}

/// What was counted by a receiver of notifications.
public struct NotificationStatistics: Hashable, Sendable {
    /// Messages that arrived.
    public var received = 0
    /// Notifications handed to the consumer.
    public var delivered = 0
    /// Informs among them that were confirmed.
    public var confirmed = 0
    /// Messages that could not be decoded.
    public var malformed = 0
    /// Messages with a community that is not accepted.
    public var badCommunity = 0
    /// SNMPv3 messages that failed authentication, decryption or the time window, or whose user is not known.
    public var rejected = 0
    /// Discoveries and other requests answered with a Report.
    public var reports = 0
    /// Repetitions of informs that were delivered before.
    public var duplicates = 0
    /// Messages that are not notifications.
    public var unexpected = 0
    /// Notifications dropped because their source sent more than its limit.
    public var overSourceLimit = 0
    /// Informs not accepted because too many wait for confirmation; their senders will repeat them.
    public var overPendingLimit = 0

    /// Nothing counted yet.
    public init() {}
}

/// Limits of a receiver of notifications.
public struct NotificationLimits: Sendable {
    /// Notifications per second from one address, on average; nil for no limit.
    public var perSourceRate: Int?
    /// How many may come at once from one address.
    public var perSourceBurst = 1_000
    /// Addresses to keep count of; beyond it the one that was quiet for longest is forgotten.
    public var maximumSources = 65_536
    /// Informs that may wait for confirmation.
    public var maximumPendingInforms = 65_536
    /// Confirmed informs remembered, to answer repetitions without delivering them again.
    public var rememberedInforms = 16_384

    /// The default limits.
    public init() {}
}
