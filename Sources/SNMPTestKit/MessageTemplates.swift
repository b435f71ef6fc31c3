// Layer: SNMPTestKit. Uses: SNMPCodec. Used by: tests and benchmarks.
// Well-formed messages of every version and PDU type: where mutation starts.

public import SNMPCodec

/// A well-formed message with a name.
public struct MessageTemplate: Hashable, Sendable, CustomStringConvertible {
    /// What it is, for reports: `v2c-getbulk`.
    public let name: String
    /// The whole message.
    public let octets: [UInt8]
    /// The name.
    public var description: String { name }
}

/// Messages of every version and PDU type, and with values of every type.
public enum MessageTemplates {
    /// All templates.
    public static let all: [MessageTemplate] = v1 + v2c + v3

    /// A name under the standard MIB, as most requests ask for.
    static let sysDescr: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 1, 0]
    static let sysUpTime: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    static let enterprise: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 8072, 3, 2, 10]
    static let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]

    /// Values of all types that SNMPv1 has.
    public static let v1Values: [SNMPValue] = [
        .integer(-129), .octetString(Array("a string".utf8)), .null, .objectIdentifier(enterprise),
        .ipAddress(0xC000_0201), .counter32(.max), .gauge32(0x8000_0000), .timeTicks(127), .opaque([4, 2, 0, 255]),
        .float(1.5), .double(-2.25),
    ]
    /// Values of all types that SNMPv2 has, and of others that occur.
    public static let allValues: [SNMPValue] =
        v1Values + [
            .counter64(.max), .counter64(0), .uinteger32(7), .noSuchObject, .noSuchInstance, .endOfMibView,
            .other(tag: BERTag.nsapAddress, content: [1, 2, 3]), .other(tag: BERTag.counter32, content: []),
        ]

    /// Bindings of `values` under successive names.
    public static func bindings(_ values: [SNMPValue]) -> [VarBind] {
        values.enumerated().map { VarBind(enterprise.appending(UInt32($0.offset) * 127), $0.element) }
    }

    /// A response of 20 interface counters, the message that polling mostly consists of.
    public static let counterResponse = PDU(
        .response, requestID: 0x1234_5678,
        (1...20).map { index in
            VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 10, index], .counter32(0x9ABC_DEF0 &* index))
        })

    static let v2Head = NotificationHead(upTime: 4_711, linkDown)
    static let ifBindings = [
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 300], .integer(300)),
        VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 300], .integer(2)),
    ]
    /// The longest name that SNMP allows.
    static let longName: ObjectIdentifier = {
        var name: ObjectIdentifier = [1, 3]
        var arc: UInt32 = 1
        while name.append(arc) { arc = arc &* 31 &+ 1 }
        return name
    }()

    static func community(_ version: SNMPVersion, _ name: String, _ pdu: AnyPDU) -> MessageTemplate {
        let octets = try? CommunityMessage(version: version, community: Array("public".utf8), pdu: pdu).encoded()
        return MessageTemplate(name: "\(version)-\(name)", octets: octets ?? [])
    }

    static func trap(_ generic: Int32, _ specific: Int32, _ bindings: [VarBind]) -> AnyPDU {
        .trapV1(
            TrapV1PDU(
                enterprise: enterprise, agentAddress: 0xC000_0201, genericTrap: generic, specificTrap: specific,
                timestamp: 4_711, bindings))
    }

    static let v1: [MessageTemplate] = [
        community(.v1, "get", .pdu(PDU(.get, requestID: 1, [VarBind(sysDescr), VarBind(sysUpTime)]))),
        community(.v1, "getnext", .pdu(PDU(.getNext, requestID: -1, [VarBind([1, 3])]))),
        community(.v1, "response-types", .pdu(PDU(.response, requestID: 1, bindings(v1Values)))),
        community(
            .v1, "response-error",
            .pdu(PDU(.response, requestID: 1, errorStatus: .noSuchName, errorIndex: 1, [VarBind(sysDescr)]))),
        community(.v1, "set", .pdu(PDU(.set, requestID: 1, [VarBind(sysDescr, .octetString([]))]))),
        community(.v1, "trap-generic", trap(2, 0, ifBindings)),
        community(.v1, "trap-enterprise", trap(6, 17, bindings(v1Values))),
    ]

    static let v2c: [MessageTemplate] = [
        community(.v2c, "get", .pdu(PDU(.get, requestID: 1, [VarBind(sysDescr), VarBind(sysUpTime)]))),
        community(.v2c, "get-nothing", .pdu(PDU(.get, requestID: .min, []))),
        community(.v2c, "getnext", .pdu(PDU(.getNext, requestID: .max, [VarBind([0, 0])]))),
        community(
            .v2c, "getbulk",
            .pdu(
                PDU.getBulk(
                    requestID: 1, nonRepeaters: 1, maxRepetitions: 25,
                    [VarBind(sysUpTime), VarBind([1, 3, 6, 1, 2, 1, 2])]))),
        community(.v2c, "response-counters", .pdu(counterResponse)),
        community(.v2c, "response-types", .pdu(PDU(.response, requestID: 1, bindings(allValues)))),
        community(
            .v2c, "response-toobig", .pdu(PDU(.response, requestID: 1, errorStatus: .tooBig, errorIndex: 0, []))),
        community(
            .v2c, "response-long",
            .pdu(
                PDU(
                    .response, requestID: 1,
                    [
                        VarBind(longName, .objectIdentifier(longName)),
                        VarBind([2, .max], .octetString([UInt8](repeating: 0x30, count: 300))),
                    ]))),
        community(.v2c, "set", .pdu(PDU(.set, requestID: 1, bindings(allValues)))),
        community(.v2c, "inform", .pdu(.notification(.inform, requestID: 1, v2Head, ifBindings))),
        community(.v2c, "trap", .pdu(.notification(requestID: 1, v2Head, ifBindings + bindings(allValues)))),
    ]
}
