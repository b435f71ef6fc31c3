// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: lists of variable bindings.

public import CWinSNMP
import SNMPCodec
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpCreateVbl(_ session: HSNMP_SESSION?, _ name: smiLPCOID?, _ value: smiLPCVALUE?) -> HSNMP_VBL? {
    handle { () throws(SNMPAPIError) in
        try library.createVbl(
            SessionHandle(session),
            binding: { () throws(SNMPAPIError) -> VarBind? in
                guard let name else { return nil }
                return VarBind(try name.pointee.identifier(), try value?.pointee.value() ?? .null)
            })
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpDuplicateVbl(_ session: HSNMP_SESSION?, _ vbl: HSNMP_VBL?) -> HSNMP_VBL? {
    handle { () throws(SNMPAPIError) in try library.duplicateVbl(SessionHandle(session), VBLHandle(vbl)) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreeVbl(_ vbl: HSNMP_VBL?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.freeVbl(VBLHandle(vbl)) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpCountVbl(_ vbl: HSNMP_VBL?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in try library.countVbl(VBLHandle(vbl)) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetVb(
    _ vbl: HSNMP_VBL?, _ index: smiUINT32, _ name: smiLPOID?, _ value: smiLPVALUE?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.withVb(VBLHandle(vbl), index: index) { binding throws(SNMPAPIError) in
            if name == nil, value == nil { throw .noop }
            name?.pointee = smiOID(copying: binding.name)
            value?.pointee = smiVALUE(copying: binding.value)
        }
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetVb(
    _ vbl: HSNMP_VBL?, _ index: smiUINT32, _ name: smiLPCOID?, _ value: smiLPCVALUE?
) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        Int(
            try library.setVb(
                VBLHandle(vbl), index: index,
                binding: { () throws(SNMPAPIError) -> (name: ObjectIdentifier?, value: SNMPValue?) in
                    (try name?.pointee.identifier(), try value?.pointee.value())
                }))
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpDeleteVb(_ vbl: HSNMP_VBL?, _ index: smiUINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.deleteVb(VBLHandle(vbl), index: index) }
}
