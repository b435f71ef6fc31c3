// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: sending and receiving, notifications, the agent's role, messages as octets.

public import CWinSNMP
import SNMPCodec
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpSendMsg(
    _ session: HSNMP_SESSION?, _ srcEntity: HSNMP_ENTITY?, _ dstEntity: HSNMP_ENTITY?, _ context: HSNMP_CONTEXT?,
    _ PDU: HSNMP_PDU?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.sendMsg(
            SessionHandle(session), source: EntityHandle.unlessNull(srcEntity),
            destination: EntityHandle(dstEntity), context: ContextHandle(context), pdu: PDUHandle(PDU))
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpRecvMsg(
    _ session: HSNMP_SESSION?, _ srcEntity: LPHSNMP_ENTITY?, _ dstEntity: LPHSNMP_ENTITY?,
    _ context: LPHSNMP_CONTEXT?, _ PDU: LPHSNMP_PDU?
) -> SNMPAPI_STATUS {
    let parts = messageParts(srcEntity, dstEntity, context, PDU)
    do throws(SNMPAPIError) {
        let message = try library.recvMsg(SessionHandle(session), parts: parts)
        srcEntity?.pointee = HANDLE(handle: message.source.rawValue)
        dstEntity?.pointee = HANDLE(handle: message.destination.rawValue)
        context?.pointee = HANDLE(handle: message.context.rawValue)
        PDU?.pointee = HANDLE(handle: message.pdu.rawValue)
        return SNMPAPI_STATUS(message.failure == nil ? SNMPAPI_SUCCESS : SNMPAPI_FAILURE)
    } catch {
        // Programs use the outputs without a look at the result.
        srcEntity?.pointee = nil
        dstEntity?.pointee = nil
        context?.pointee = nil
        PDU?.pointee = nil
        return SNMPAPI_STATUS(SNMPAPI_FAILURE)
    }
}

/// The parts of a message that somebody wants to have handles of.
private func messageParts(
    _ source: LPHSNMP_ENTITY?, _ destination: LPHSNMP_ENTITY?, _ context: LPHSNMP_CONTEXT?, _ pdu: LPHSNMP_PDU?
) -> MessageParts {
    var parts: MessageParts = []
    if source != nil { parts.insert(.source) }
    if destination != nil { parts.insert(.destination) }
    if context != nil { parts.insert(.context) }
    if pdu != nil { parts.insert(.pdu) }
    return parts
}

/// See winsnmp.h.
@c @implementation
public func SnmpRegister(
    _ session: HSNMP_SESSION?, _ srcEntity: HSNMP_ENTITY?, _ dstEntity: HSNMP_ENTITY?, _ context: HSNMP_CONTEXT?,
    _ notification: smiLPCOID?, _ state: smiUINT32
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.register(
            SessionHandle(session), source: EntityHandle.unlessNull(srcEntity),
            destination: EntityHandle.unlessNull(dstEntity), context: ContextHandle.unlessNull(context),
            notification: { () throws(SNMPAPIError) -> ObjectIdentifier? in
                guard let notification, notification.pointee.len > 0 else { return nil }
                return try notification.pointee.identifier()
            }, isOn: state != smiUINT32(SNMPAPI_OFF))
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpCancelMsg(_ session: HSNMP_SESSION?, _ reqId: smiINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.cancelMsg(SessionHandle(session), requestID: reqId) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpListen(_ hEntity: HSNMP_ENTITY?, _ lStatus: SNMPAPI_STATUS) -> SNMPAPI_STATUS {
    SnmpListenEx(hEntity, lStatus, smiUINT32(SNMPLISTEN_USEENTITY_ADDR))
}

/// See winsnmp.h.
@c @implementation
public func SnmpListenEx(
    _ hEntity: HSNMP_ENTITY?, _ lStatus: SNMPAPI_STATUS, _ nUseEntityAddr: smiUINT32
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.listen(EntityHandle(hEntity), status: lStatus, useEntityAddress: nUseEntityAddr)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpEncodeMsg(
    _ session: HSNMP_SESSION?, _ srcEntity: HSNMP_ENTITY?, _ dstEntity: HSNMP_ENTITY?, _ context: HSNMP_CONTEXT?,
    _ pdu: HSNMP_PDU?, _ msgBufDesc: smiLPOCTETS?
) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        let message = try library.encodeMsg(
            SessionHandle(session), source: EntityHandle.unlessNull(srcEntity),
            destination: EntityHandle.unlessNull(dstEntity), context: ContextHandle(context), pdu: PDUHandle(pdu))
        guard let msgBufDesc else {
            throw library.failing(.allocError, session: SessionHandle(session), "no descriptor for the message")
        }
        msgBufDesc.pointee = smiOCTETS(copying: message)
        return message.count
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpDecodeMsg(
    _ session: HSNMP_SESSION?, _ srcEntity: LPHSNMP_ENTITY?, _ dstEntity: LPHSNMP_ENTITY?,
    _ context: LPHSNMP_CONTEXT?, _ pdu: LPHSNMP_PDU?, _ msgBufDesc: smiLPCOCTETS?
) -> SNMPAPI_STATUS {
    srcEntity?.pointee = nil
    dstEntity?.pointee = nil
    context?.pointee = nil
    pdu?.pointee = nil
    return count { () throws(SNMPAPIError) in
        let decoded = try library.decodeMsg(
            SessionHandle(session), parts: messageParts(nil, nil, context, pdu),
            message: { () throws(SNMPAPIError) -> [UInt8] in
                guard var message = msgBufDesc?.pointee else { throw .allocError }
                guard message.len > 0, message.ptr != nil else { throw .messageInvalid }
                // What is behind the longest possible message can't belong to it.
                message.len = min(message.len, smiUINT32(Limit.message))
                return try message.octets()
            })
        context?.pointee = HANDLE(handle: decoded.context.rawValue)
        pdu?.pointee = HANDLE(handle: decoded.pdu.rawValue)
        return decoded.byteCount
    }
}
