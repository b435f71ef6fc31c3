// Layer: SNMPCodec. Uses: PDU, TranslationError. Used by: engines (notification senders and receivers), applications.
// Traps of SNMPv1 to notifications of SNMPv2 and back (RFC 3584, section 3).

/// Names and numbers that notifications are made of (RFC 3418, RFC 3584, section 5.3).
public enum NotificationNames {
    /// sysUpTime.0, the name of a notification's first binding.
    public static let sysUpTime: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    /// snmpTrapOID.0, the name of a notification's second binding.
    public static let snmpTrapOID: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0]
    /// snmpTrapEnterprise.0: the enterprise of the v1 trap that a notification was made from.
    public static let snmpTrapEnterprise: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0]
    /// snmpTrapAddress.0: the agent address of the v1 trap that a notification was made from.
    public static let snmpTrapAddress: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 18, 1, 3, 0]
    /// snmpTrapCommunity.0: the community of the v1 trap that a notification was made from.
    public static let snmpTrapCommunity: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 18, 1, 4, 0]
    /// snmpTraps: what the standard traps stand under; generic trap N is `snmpTraps.(N + 1)`.
    public static let snmpTraps: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5]
    /// The generic-trap number of traps that an enterprise defines itself.
    public static let enterpriseSpecific: Int32 = 6

    /// The generic-trap number, 0...5, of a standard trap; nil for all other identifiers.
    public static func genericTrap(_ trapOID: ObjectIdentifier) -> Int32? {
        guard trapOID.count == snmpTraps.count + 1, trapOID.starts(with: snmpTraps), let last = trapOID.last,
            (1...6).contains(last)
        else { return nil }
        return Int32(last) - 1
    }
}

/// What a notification of SNMPv2 says, apart from its bindings (RFC 3584, section 3).
public struct NotificationHead: Hashable, Sendable {
    /// sysUpTime of the sender in hundredths of a second.
    public var upTime: UInt32
    /// What happened: the value of snmpTrapOID.0.
    public var trapOID: ObjectIdentifier
}

extension PDU {
    /// The first two bindings of a notification; nil for other PDUs, and when they are not sysUpTime.0 and
    /// snmpTrapOID.0.
    ///
    /// Any number of 32 bits without sign is taken for the time, because some senders give it another type.
    public var notificationHead: NotificationHead? {
        guard type == .trap || type == .inform, variableBindings.count >= 2,
            variableBindings[0].name == NotificationNames.sysUpTime,
            let time = variableBindings[0].value.asUInt64, let upTime = UInt32(exactly: time),
            variableBindings[1].name == NotificationNames.snmpTrapOID,
            case .objectIdentifier(let trapOID) = variableBindings[1].value
        else { return nil }
        return NotificationHead(upTime: upTime, trapOID: trapOID)
    }

    /// Makes a notification: sysUpTime.0 and snmpTrapOID.0, then `bindings` (RFC 3416, section 4.2.6).
    /// `type` is `.trap` or `.inform`.
    public static func notification(
        _ type: PDUType = .trap, requestID: Int32, _ head: NotificationHead, _ bindings: [VarBind] = []
    ) -> PDU {
        precondition(type == .trap || type == .inform, "a notification is a trap or an inform")
        let first = [
            VarBind(NotificationNames.sysUpTime, .timeTicks(head.upTime)),
            VarBind(NotificationNames.snmpTrapOID, .objectIdentifier(head.trapOID)),
        ]
        return PDU(type, requestID: requestID, first + bindings)
    }
}

extension NotificationHead {
    /// Makes the head of a notification.
    public init(upTime: UInt32, _ trapOID: ObjectIdentifier) {
        self.upTime = upTime
        self.trapOID = trapOID
    }
}

extension TrapV1PDU {
    /// What happened, as the value of snmpTrapOID.0 (RFC 3584, section 3.1, (2) and (3)).
    ///
    /// Throws `unknownGenericTrap`, `specificTrapOutOfRange` and `identifierTooLong`.
    public func trapOID() throws(TranslationError) -> ObjectIdentifier {
        switch genericTrap {
        case 0...5: return NotificationNames.snmpTraps.appending(UInt32(genericTrap) + 1)
        case NotificationNames.enterpriseSpecific:
            guard let specific = UInt32(exactly: specificTrap) else { throw .specificTrapOutOfRange }
            guard let name = enterprise.appending(contentsOf: [0, specific]) else { throw .identifierTooLong }
            return name
        default: throw .unknownGenericTrap
        }
    }

    /// This trap as a notification of SNMPv2 (RFC 3584, section 3.1); `type` is `.trap` or `.inform`.
    ///
    /// When it is passed on for someone else, as proxies and receivers do, `community` is that of its message (an
    /// empty one counts): then snmpTrapAddress.0, snmpTrapCommunity.0 and snmpTrapEnterprise.0 are appended as far as
    /// they are not there yet. Nil leaves all three out. Throws what `trapOID` throws.
    public func notification(
        _ type: PDUType = .trap, requestID: Int32, forwardingCommunity community: [UInt8]? = nil
    ) throws(TranslationError) -> PDU {
        let head = NotificationHead(upTime: timestamp, try trapOID())
        var bindings = variableBindings
        if let community {
            let origin = [
                VarBind(NotificationNames.snmpTrapAddress, .ipAddress(agentAddress)),
                VarBind(NotificationNames.snmpTrapCommunity, .octetString(community)),
                VarBind(NotificationNames.snmpTrapEnterprise, .objectIdentifier(enterprise)),
            ]
            for binding in origin where !variableBindings.contains(where: { $0.name == binding.name }) {
                bindings.append(binding)
            }
        }
        return .notification(type, requestID: requestID, head, bindings)
    }

    /// Makes a trap of SNMPv1 from a notification of SNMPv2 (RFC 3584, section 3.2).
    ///
    /// `agentAddress` counts when the notification holds no snmpTrapAddress.0: the sender's own IPv4 address, first
    /// octet in the highest byte, when it originates the notification; 0 when it passes it on, or has no such address.
    ///
    /// Throws `noSuchPDUType` for PDUs that are neither trap nor inform, `malformedNotification` (also for a
    /// snmpTrapOID that leaves no enterprise), `typeNotInV1` (Counter64) and `specificTrapOutOfRange`.
    public init(notification pdu: PDU, agentAddress: UInt32 = 0) throws(TranslationError) {
        guard pdu.type == .trap || pdu.type == .inform else { throw .noSuchPDUType }
        guard let head = pdu.notificationHead else { throw .malformedNotification }
        let bindings = Array(pdu.variableBindings.dropFirst(2))
        guard !bindings.contains(where: { $0.value.isNewerThanV1 }) else { throw .typeNotInV1 }
        var address = agentAddress
        if case .ipAddress(let original)? = bindings.value(of: NotificationNames.snmpTrapAddress) { address = original }
        if let generic = NotificationNames.genericTrap(head.trapOID) {
            var enterprise = NotificationNames.snmpTraps
            if case .objectIdentifier(let original)? = bindings.value(of: NotificationNames.snmpTrapEnterprise) {
                enterprise = original
            }
            self.init(
                enterprise: enterprise, agentAddress: address, genericTrap: generic, specificTrap: 0,
                timestamp: head.upTime, bindings)
            return
        }
        let count = head.trapOID.count
        guard count >= 3, let last = head.trapOID.last else { throw .malformedNotification }
        let enterprise = head.trapOID.prefix(head.trapOID[count - 2] == 0 ? count - 2 : count - 1)
        // A single arc can't be written in BER.
        guard enterprise.count >= 2 else { throw .malformedNotification }
        guard let specific = Int32(exactly: last) else { throw .specificTrapOutOfRange }
        self.init(
            enterprise: enterprise, agentAddress: address, genericTrap: NotificationNames.enterpriseSpecific,
            specificTrap: specific, timestamp: head.upTime, bindings)
    }
}

extension Array where Element == VarBind {
    /// The value of the first binding of `name`.
    fileprivate func value(of name: ObjectIdentifier) -> SNMPValue? {
        first { $0.name == name }?.value
    }
}
