// Layer: SNMPCodec. Uses: PDU. Used by: agent, engines (proxies, notification senders and receivers).
// Requests and responses between SNMPv1 and SNMPv2 (RFC 3584, section 4). SNMPv3 uses the PDUs of SNMPv2.
// Notifications are in Translation+Notifications.swift.

/// Why a PDU has no equivalent in the other version.
public enum TranslationError: UInt8, Error, Hashable, Sendable, CaseIterable {
    /// The other version has no such PDU, for example an Inform in SNMPv1.
    case noSuchPDUType
    /// A value is of a type that SNMPv1 does not have (Counter64, exceptions).
    case typeNotInV1
    /// The first two bindings of a notification are not sysUpTime.0 and snmpTrapOID.0 with usable values.
    case malformedNotification
    /// The generic-trap field of a v1 trap is not 0...6.
    case unknownGenericTrap
    /// The specific-trap number does not fit: it is negative, or a sub-identifier above 2^31 - 1.
    case specificTrapOutOfRange
    /// The identifier of the notification would have more than 128 arcs.
    case identifierTooLong
}

extension TranslationError: CustomStringConvertible {
    /// The reason for people.
    public var description: String {
        switch self {
        case .noSuchPDUType: "the other SNMP version has no such PDU"
        case .typeNotInV1: "a value is of a type that SNMPv1 does not have"
        case .malformedNotification: "a notification without sysUpTime.0 and snmpTrapOID.0 in front"
        case .unknownGenericTrap: "unknown generic-trap number"
        case .specificTrapOutOfRange: "specific-trap number out of range"
        case .identifierTooLong: "the notification's identifier would have more than 128 arcs"
        }
    }
}

extension ErrorStatus {
    /// The status as SNMPv1 knows it (RFC 3584, section 4.4). What that table does not list becomes `genErr`.
    ///
    /// When `authorizationError` is translated, `snmpInBadCommunityUses` is to be counted.
    public var asV1: ErrorStatus {
        switch self {
        case .noError, .tooBig, .noSuchName, .badValue, .readOnly, .genErr: self
        case .wrongValue, .wrongEncoding, .wrongType, .wrongLength, .inconsistentValue: .badValue
        case .noAccess, .notWritable, .noCreation, .inconsistentName, .authorizationError: .noSuchName
        default: .genErr
        }
    }

    /// The status as a receiver of SNMPv2 gets it from an SNMPv1 entity: unchanged (RFC 3584, section 4.4).
    ///
    /// `readOnly`, which that table leaves out because agents do not send it, stays as it is too.
    public var asV2: ErrorStatus { self }
}

/// What becomes of a response that is passed on in another version.
public enum TranslatedResponse: Hashable, Sendable {
    /// This is the response to pass on.
    case response(PDU)
    /// Nothing can be passed on yet: this request has to be sent first, under a request-id of the sender's choice,
    /// and its response is to be translated again.
    case sendAgain(PDU)
}

extension PDU {
    /// This request as SNMPv1 can carry it: a GETBULK becomes a GETNEXT (RFC 3584, sections 4.2.1 and 4.3.1).
    ///
    /// Throws `noSuchPDUType` for anything but GET, GETNEXT, GETBULK and SET, and `typeNotInV1`.
    public func requestForV1() throws(TranslationError) -> PDU {
        guard !variableBindings.contains(where: { $0.value.isNewerThanV1 }) else { throw .typeNotInV1 }
        switch type {
        case .get, .getNext, .set: return self
        case .getBulk: return PDU(.getNext, requestID: requestID, variableBindings)
        case .response, .trapV1, .inform, .trap, .report: throw .noSuchPDUType
        }
    }

    /// This response of an SNMPv2 entity, or of an agent's own SNMPv2 access to its data, for the SNMPv1 sender of
    /// `original` (RFC 3584, sections 4.2.2 and 4.3.2).
    ///
    /// - Errors are mapped, and carry the bindings of `original`.
    /// - Exceptions, and Counter64 in a GET, become noSuchName at the position of the first.
    /// - Counter64 in a GETNEXT is stepped over: `sendAgain` with the names to go on from. Then `sent` is that request
    ///   when its response is translated.
    /// - A response that has another number of bindings than its request, or whose names do not come after those
    ///   asked for where they are to be stepped over, becomes genErr: passing it on could loop or leak newer types.
    public func responseForV1(to original: PDU, sent: PDU? = nil) -> TranslatedResponse {
        func failure(_ status: ErrorStatus, _ index: Int32) -> TranslatedResponse {
            .response(
                PDU(
                    .response, requestID: original.requestID, errorStatus: status, errorIndex: index,
                    original.variableBindings))
        }
        guard errorStatus == .noError else { return failure(errorStatus.asV1, errorIndexField) }
        let asked = sent ?? original
        guard variableBindings.count == asked.variableBindings.count, asked.variableBindings.count
            == original.variableBindings.count
        else { return failure(.genErr, 0) }
        let isGetNext = original.type == .getNext
        let refused = variableBindings.firstIndex {
            $0.value.isException || (!isGetNext && $0.value.isNewerThanV1)
        }
        if let refused { return failure(.noSuchName, Int32(clamping: refused + 1)) }
        var again = asked
        var steps = false
        for (index, binding) in variableBindings.enumerated() where binding.value.isNewerThanV1 {
            guard binding.name > asked.variableBindings[index].name else {
                return failure(.genErr, Int32(clamping: index + 1))
            }
            again.variableBindings[index].name = binding.name
            steps = true
        }
        if steps { return .sendAgain(again) }
        return .response(PDU(.response, requestID: original.requestID, variableBindings))
    }

    /// This response of an SNMPv1 entity for the SNMPv2 sender of `original` (RFC 3584, section 4.3.1).
    ///
    /// `sent` is the request that this answers, when it was not `original.requestForV1()`. Everything but tooBig is
    /// passed on as it is. A tooBig loses its bindings; that to a GETBULK is first tried again with the first binding
    /// alone, and then becomes a response without bindings and without error.
    public func responseForV2(to original: PDU, sent: PDU? = nil) -> TranslatedResponse {
        var result = self
        result.requestID = original.requestID
        guard errorStatus == .tooBig else { return .response(result) }
        if original.type == .getBulk {
            let asked = (sent ?? original).variableBindings
            if asked.count > 1 {
                return .sendAgain(PDU(.getNext, requestID: original.requestID, Array(asked.prefix(1))))
            }
            result.errorStatusField = ErrorStatus.noError.rawValue
        }
        result.errorIndexField = 0
        result.variableBindings = []
        return .response(result)
    }

    /// What a v1 response of noSuchName says about the binding it points at, as the exception that SNMPv2 has for it:
    /// noSuchInstance for a GET, endOfMibView for a GETNEXT; nil if the response says something else.
    ///
    /// For managers that show all versions alike. SNMPv1 does not tell noSuchObject from noSuchInstance, and gives no
    /// values for the other bindings of the request. Proxies pass noSuchName on unchanged (`responseForV2`).
    public func exceptionForNoSuchName(to request: PDU) -> (index: Int, value: SNMPValue)? {
        guard type == .response, errorStatus == .noSuchName else { return nil }
        let index = Int(errorIndexField) - 1
        guard request.variableBindings.indices.contains(index) else { return nil }
        switch request.type {
        case .get: return (index, .noSuchInstance)
        case .getNext, .getBulk: return (index, .endOfMibView)
        default: return nil
        }
    }
}

/// Helpers for agents that answer SNMPv1 from data of SNMPv2.
public enum V1Access {
    /// The first binding after `name` that SNMPv1 can carry, found by repeated steps of `next`, the agent's own
    /// GETNEXT: objects of type Counter64 are not in view of SNMPv1 (RFC 3584, section 4.2.2.1).
    ///
    /// Nil at the end: when `next` gives nil, an exception, or a name that is not after the one asked for.
    public static func next<E: Error>(
        after name: ObjectIdentifier, _ next: (ObjectIdentifier) throws(E) -> VarBind?
    ) throws(E) -> VarBind? {
        var name = name
        while let binding = try next(name), binding.name > name, !binding.value.isException {
            if !binding.value.isNewerThanV1 { return binding }
            name = binding.name
        }
        return nil
    }
}
