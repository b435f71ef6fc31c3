// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: modes, timeouts, retries.

public import CWinSNMP
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpGetTranslateMode(_ nTranslateMode: smiLPUINT32?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let mode = try library.translateMode()
        guard let nTranslateMode else { throw library.failing(.noop, "no output") }
        nTranslateMode.pointee = mode.rawValue
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetTranslateMode(_ nTranslateMode: smiUINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setTranslateMode(nTranslateMode) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetRetransmitMode(_ nRetransmitMode: smiLPUINT32?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let mode = try library.retransmitMode()
        guard let nRetransmitMode else { throw library.failing(.noop, "no output") }
        nRetransmitMode.pointee = mode
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetRetransmitMode(_ nRetransmitMode: smiUINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setRetransmitMode(nRetransmitMode) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetTimeout(
    _ hEntity: HSNMP_ENTITY?, _ nPolicyTimeout: smiLPTIMETICKS?, _ nActualTimeout: smiLPTIMETICKS?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let timeout = try library.timeout(EntityHandle(hEntity))
        guard nPolicyTimeout != nil || nActualTimeout != nil else {
            throw library.failing(.noop, entity: EntityHandle(hEntity), "no output")
        }
        nPolicyTimeout?.pointee = timeout.policy
        nActualTimeout?.pointee = timeout.actual
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetTimeout(_ hEntity: HSNMP_ENTITY?, _ nPolicyTimeout: smiTIMETICKS) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setTimeout(EntityHandle(hEntity), nPolicyTimeout) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetRetry(
    _ hEntity: HSNMP_ENTITY?, _ nPolicyRetry: smiLPUINT32?, _ nActualRetry: smiLPUINT32?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let retry = try library.retry(EntityHandle(hEntity))
        guard nPolicyRetry != nil || nActualRetry != nil else {
            throw library.failing(.noop, entity: EntityHandle(hEntity), "no output")
        }
        nPolicyRetry?.pointee = retry.policy
        nActualRetry?.pointee = retry.actual
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetRetry(_ hEntity: HSNMP_ENTITY?, _ nPolicyRetry: smiUINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setRetry(EntityHandle(hEntity), nPolicyRetry) }
}
