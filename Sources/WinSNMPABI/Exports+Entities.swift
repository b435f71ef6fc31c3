// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: entities and contexts.

public import CWinSNMP
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpStrToEntity(_ session: HSNMP_SESSION?, _ string: LPCSTR?) -> HSNMP_ENTITY? {
    handle { () throws(SNMPAPIError) in
        try library.strToEntity(
            SessionHandle(session),
            text: { () throws(SNMPAPIError) -> String in
                guard let string, let text = readText(at: string, limit: Limit.name) else { throw .entityUnknown }
                return text
            })
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpEntityToStr(_ entity: HSNMP_ENTITY?, _ size: smiUINT32, _ string: LPSTR?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        let text = try library.entityToStr(EntityHandle(entity))
        return try store(text, at: string, size: size) { library.failing($0, entity: EntityHandle(entity), $1) }
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreeEntity(_ entity: HSNMP_ENTITY?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.freeEntity(EntityHandle(entity)) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetPort(_ hEntity: HSNMP_ENTITY?, _ nPort: UINT) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setPort(EntityHandle(hEntity), nPort) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpStrToContext(_ session: HSNMP_SESSION?, _ string: smiLPCOCTETS?) -> HSNMP_CONTEXT? {
    handle { () throws(SNMPAPIError) in
        try library.strToContext(
            SessionHandle(session),
            octets: { () throws(SNMPAPIError) -> [UInt8] in
                guard let string = string?.pointee else { throw .allocError }
                guard string.len > 0, string.ptr != nil, string.len <= Limit.octets else { throw .contextInvalid }
                return try string.octets()
            })
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpContextToStr(_ context: HSNMP_CONTEXT?, _ string: smiLPOCTETS?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let octets = try library.contextToStr(ContextHandle(context))
        guard let string else {
            throw library.failing(.allocError, context: ContextHandle(context), "no descriptor for the octets")
        }
        string.pointee = smiOCTETS(copying: octets)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreeContext(_ context: HSNMP_CONTEXT?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.freeContext(ContextHandle(context)) }
}
