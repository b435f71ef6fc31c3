// Layer: SNMPTestKit. Uses: SNMPCodec. Used by: tests and benchmarks.
// Well-formed messages of SNMPv3: discovery, Reports, and all security levels. Digests and cipher texts are made up.

import SNMPCodec

extension MessageTemplates {
    static let engineID: [UInt8] = [0x80, 0, 0x1F, 0x88, 4, 0x6F, 0x72, 0x69, 0x65, 0x6C]

    static func v3Message(
        _ name: String, _ flags: V3Flags, engineID: [UInt8] = engineID, user: String = "user",
        digestByteCount: Int = 0, privacy: [UInt8] = [], model: Int32 = V3Layout.userBasedSecurityModel,
        contextName: String = "", _ pdu: PDU
    ) -> MessageTemplate {
        var message = DecodedV3Message(
            messageID: 0x0102_0304, maximumSize: 65_507, flags: flags, securityModel: model,
            payload: .plain(contextEngineID: engineID, contextName: Array(contextName.utf8), .pdu(pdu)))
        if flags.contains(.encrypted) {
            message.payload = .encrypted((0..<40).map { $0 &* 37 })
        }
        if model == V3Layout.userBasedSecurityModel {
            message.engineID = engineID
            message.engineBoots = 7
            message.engineTime = 86_400
            message.userName = Array(user.utf8)
            message.authentication = (0..<digestByteCount).map { UInt8($0) &* 5 | 0x80 }
            message.privacy = privacy
        } else {
            message.otherParameters = [1, 2, 3]
        }
        let octets = try? DecodedMessage.v3(message).encoded()
        return MessageTemplate(name: "v3-\(name)", octets: octets ?? [])
    }

    static let get = PDU(.get, requestID: 1, [VarBind(sysDescr)])
    static func report(_ counter: UInt32) -> PDU {
        PDU(.report, requestID: 0, [VarBind([1, 3, 6, 1, 6, 3, 15, 1, 1, counter, 0], .counter32(3))])
    }

    static let v3: [MessageTemplate] = [
        v3Message("discovery", .reportable, engineID: [], user: "", PDU(.get, requestID: 1, [])),
        v3Message("report-unknown-engine", [], user: "", report(4)),
        v3Message("report-time-window", .authenticated, digestByteCount: 12, report(2)),
        v3Message("noauth-get", .reportable, get),
        v3Message("noauth-response", [], PDU(.response, requestID: 1, bindings(allValues))),
        v3Message("noauth-trap", [], PDU.notification(requestID: 1, v2Head, ifBindings)),
        v3Message(
            "md5-getnext", authenticated, digestByteCount: 12, contextName: "context",
            PDU(.getNext, requestID: 1, [VarBind(sysDescr)])),
        v3Message(
            "sha256-getbulk", authenticated, digestByteCount: 24,
            PDU.getBulk(requestID: 1, nonRepeaters: 0, maxRepetitions: 50, [VarBind([1, 3, 6, 1, 2, 1])])),
        v3Message("sha512-set", authenticated, digestByteCount: 48, PDU(.set, requestID: 1, bindings(v1Values))),
        v3Message(
            "sha-inform", authenticated, digestByteCount: 12,
            PDU.notification(.inform, requestID: 1, v2Head, ifBindings)),
        v3Message("sha-response", .authenticated, digestByteCount: 12, PDU(.response, requestID: 1, ifBindings)),
        v3Message("aes-request", encrypted, digestByteCount: 12, privacy: [1, 2, 3, 4, 5, 6, 7, 8], get),
        v3Message("sha512aes-trap", encrypted, digestByteCount: 48, privacy: [0, 0, 0, 0, 0xFF, 0, 0, 0], get),
        v3Message("other-model", .reportable, model: 4, get),
    ]

    static let authenticated: V3Flags = [.authenticated, .reportable]
    static let encrypted: V3Flags = [.authenticated, .encrypted, .reportable]
}
