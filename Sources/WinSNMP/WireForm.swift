// Layer: WinSNMP. Uses: SNMPCodec, SNMPEngine. Used by: sending and encoding, so that both make the same octets.
// What a PDU of the API looks like in a version of SNMP.

import SNMPCodec
import SNMPEngine

/// An error with its sentence, on its way to the session's slot.
struct Refusal: Error {
    let error: SNMPAPIError
    let text: String

    init(_ error: SNMPAPIError, _ text: String = "") {
        self.error = error
        self.text = text
    }
}

extension PDURecord {
    /// The PDU's type. Every record has one that SNMP knows.
    var kind: PDUType { PDUType(rawValue: UInt8(truncatingIfNeeded: type)) ?? .getNext }

    /// The PDU as `version` says it (RFC 3584): GETBULK becomes GETNEXT in SNMPv1, a notification its Trap-PDU, errors
    /// and exceptions of a response those of SNMPv1.
    ///
    /// Throws `pduInvalid` for error fields in a PDU that has none, and for a v1 trap without the two bindings that
    /// notifications begin with; `operationInvalid` for what the version can't say.
    func wireForm(_ version: SNMPVersion, agentAddress: @autoclosure () -> UInt32) throws(Refusal) -> AnyPDU {
        let kind = kind
        if kind != .response, kind != .getBulk, errorStatus != 0 || errorIndex != 0 {
            throw Refusal(.pduInvalid, "error-status and error-index of a request must be 0")
        }
        if kind == .getBulk {
            guard version != .v1 else { return .pdu(PDU(.getNext, requestID: requestID, try bindings(in: .v1))) }
            return .pdu(
                .getBulk(
                    requestID: requestID, nonRepeaters: max(0, errorStatus), maxRepetitions: max(0, errorIndex),
                    bindings))
        }
        if version == .v1 {
            switch kind {
            case .inform: throw Refusal(.operationInvalid, "SNMPv1 has no INFORM")
            case .trap: return .trapV1(try trapV1(agentAddress()))
            case .response: return .pdu(try responseV1())
            default: break
            }
        }
        return .pdu(
            PDU(
                kind, requestID: requestID, errorStatus: ErrorStatus(rawValue: errorStatus), errorIndex: errorIndex,
                try bindings(in: version)))
    }

    private func bindings(in version: SNMPVersion) throws(Refusal) -> [VarBind] {
        if version == .v1, let newer = bindings.first(where: { $0.value.isNewerThanV1 }) {
            throw Refusal(.operationInvalid, "SNMPv1 has no type for the value of \(newer.name)")
        }
        return bindings
    }

    private func trapV1(_ agentAddress: UInt32) throws(Refusal) -> TrapV1PDU {
        do throws(TranslationError) {
            var trap = try TrapV1PDU(
                notification: PDU(.trap, requestID: requestID, bindings), agentAddress: agentAddress)
            // They are fields of the Trap-PDU now, or of no use to a receiver of SNMPv1.
            let origin = [
                NotificationNames.snmpTrapAddress, NotificationNames.snmpTrapCommunity,
                NotificationNames.snmpTrapEnterprise,
            ]
            trap.variableBindings.removeAll { origin.contains($0.name) }
            return trap
        } catch {
            let code: SNMPAPIError = error == .malformedNotification ? .pduInvalid : .operationInvalid
            throw Refusal(code, "the notification can't be said in SNMPv1: \(error)")
        }
    }

    /// A response for a manager that speaks SNMPv1: an exception is the error noSuchName at its binding.
    private func responseV1() throws(Refusal) -> PDU {
        var status = ErrorStatus(rawValue: errorStatus).asV1
        var index = errorIndex
        if status == .noError, let place = bindings.firstIndex(where: { $0.value.isException }) {
            status = .noSuchName
            index = Int32(place + 1)
        }
        var list = bindings
        for place in list.indices where list[place].value.isException { list[place].value = .null }
        if let newer = list.first(where: { $0.value.isNewerThanV1 }) {
            throw Refusal(.operationInvalid, "SNMPv1 has no type for the value of \(newer.name)")
        }
        return PDU(.response, requestID: requestID, errorStatus: status, errorIndex: index, list)
    }
}

extension Request {
    /// The request that sends a PDU.
    init?(sending pdu: AnyPDU) throws(Refusal) {
        do throws(BERError) {
            switch pdu {
            case .trapV1(let trap): self = try .trapV1(trap)
            case .pdu(let pdu):
                let bindings = try EncodedBindings(pdu.variableBindings)
                switch pdu.type {
                case .get: self = .get(bindings)
                case .getNext: self = .getNext(bindings)
                case .getBulk:
                    self = .getBulk(
                        bindings, nonRepeaters: Int(pdu.nonRepeaters), maxRepetitions: Int(pdu.maxRepetitions))
                case .set: self = .set(bindings)
                case .trap: self = .trap(bindings)
                case .inform: self = .inform(bindings)
                case .response, .report, .trapV1: return nil
                }
                requestID = pdu.requestID
            }
        } catch {
            throw Refusal(error.code == .bufferTooSmall ? .tlPduTooBig : .pduInvalid, "\(error)")
        }
    }
}

extension SNMPValue {
    /// Whether the API has a syntax for it. BITS and NsapAddress of old drafts, and IpAddress of a length other than 4,
    /// are octets behind their tags.
    var isOfTheAPI: Bool {
        guard case .other(let tag, _) = self else { return true }
        return tag == 0x03 || tag == 0x45 || tag == BERTag.ipAddress
    }
}

extension CommunityMessage {
    /// The message as octets. Throws `tlPduTooBig`, `pduInvalid`.
    func octets(limit: Int = SNMPLimits.maximumMessageByteCount) throws(Refusal) -> [UInt8] {
        do throws(BERError) {
            return try encoded(limit: limit)
        } catch {
            throw Refusal(error.code == .bufferTooSmall ? .tlPduTooBig : .pduInvalid, "\(error)")
        }
    }
}
