// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: PDUs.

public import CWinSNMP
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpCreatePdu(
    _ session: HSNMP_SESSION?, _ PDU_type: smiINT, _ request_id: smiINT32, _ error_status: smiINT,
    _ error_index: smiINT, _ varbindlist: HSNMP_VBL?
) -> HSNMP_PDU? {
    handle { () throws(SNMPAPIError) in
        try library.createPdu(
            SessionHandle(session), type: PDU_type, requestID: request_id, errorStatus: error_status,
            errorIndex: error_index, vbl: VBLHandle.unlessNull(varbindlist))
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetPduData(
    _ PDU: HSNMP_PDU?, _ PDU_type: smiLPINT?, _ request_id: smiLPINT32?, _ error_status: smiLPINT?,
    _ error_index: smiLPINT?, _ varbindlist: LPHSNMP_VBL?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let data = try library.pduData(PDUHandle(PDU))
        guard
            PDU_type != nil || request_id != nil || error_status != nil || error_index != nil || varbindlist != nil
        else { throw library.failing(.noop, pdu: PDUHandle(PDU), "no output") }
        if let varbindlist {
            varbindlist.pointee = HANDLE(handle: try library.pduVbl(PDUHandle(PDU)).rawValue)
        }
        PDU_type?.pointee = data.type
        request_id?.pointee = data.requestID
        error_status?.pointee = data.errorStatus
        error_index?.pointee = data.errorIndex
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetPduData(
    _ PDU: HSNMP_PDU?, _ PDU_type: UnsafePointer<smiINT>?, _ request_id: UnsafePointer<smiINT32>?,
    _ non_repeaters: UnsafePointer<smiINT>?, _ max_repetitions: UnsafePointer<smiINT>?,
    _ varbindlist: UnsafePointer<HSNMP_VBL?>?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.setPduData(
            PDUHandle(PDU), type: PDU_type?.pointee, requestID: request_id?.pointee,
            nonRepeaters: non_repeaters?.pointee, maxRepetitions: max_repetitions?.pointee,
            vbl: varbindlist.map { VBLHandle($0.pointee) })
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpDuplicatePdu(_ session: HSNMP_SESSION?, _ PDU: HSNMP_PDU?) -> HSNMP_PDU? {
    handle { () throws(SNMPAPIError) in try library.duplicatePdu(SessionHandle(session), PDUHandle(PDU)) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreePdu(_ PDU: HSNMP_PDU?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.freePdu(PDUHandle(PDU)) }
}
