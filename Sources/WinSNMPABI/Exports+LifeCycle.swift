// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: life cycle and errors.

public import CWinSNMP
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpStartup(
    _ nMajorVersion: smiLPUINT32?, _ nMinorVersion: smiLPUINT32?, _ nLevel: smiLPUINT32?,
    _ nTranslateMode: smiLPUINT32?, _ nRetransmitMode: smiLPUINT32?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let info = try library.startup()
        store(info, nMajorVersion, nMinorVersion, nLevel, nTranslateMode, nRetransmitMode)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpStartupEx(
    _ nMajorVersion: smiLPUINT32?, _ nMinorVersion: smiLPUINT32?, _ nLevel: smiLPUINT32?,
    _ nTranslateMode: smiLPUINT32?, _ nRetransmitMode: smiLPUINT32?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let info = try library.startupEx()
        store(info, nMajorVersion, nMinorVersion, nLevel, nTranslateMode, nRetransmitMode)
    }
}

/// Any of the addresses may be NULL, and several may be the same.
private func store(
    _ info: StartupInfo, _ major: smiLPUINT32?, _ minor: smiLPUINT32?, _ level: smiLPUINT32?,
    _ translateMode: smiLPUINT32?, _ retransmitMode: smiLPUINT32?
) {
    major?.pointee = info.majorVersion
    minor?.pointee = info.minorVersion
    level?.pointee = info.level
    translateMode?.pointee = info.translateMode
    retransmitMode?.pointee = info.retransmitMode
}

/// See winsnmp.h.
@c @implementation
public func SnmpCleanup() -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.cleanup()
        freeDescriptorsAfterCleanup()
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpCleanupEx() -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.cleanupEx()
        freeDescriptorsAfterCleanup()
    }
}

/// A cleanup that leaves another user of the library leaves the descriptors too.
private func freeDescriptorsAfterCleanup() {
    if !library.isInitialized { DescriptorMemory.shared.freeAll() }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetLastError(_ session: HSNMP_SESSION?) -> SNMPAPI_STATUS {
    library.lastError(SessionHandle.unlessNull(session))
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetVendorInfo(_ vendorInfo: smiLPVENDORINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let info = try library.vendorInfo()
        guard let vendorInfo else { throw library.failing(.noop, "no output") }
        vendorInfo.pointee = smiVENDORINFO()
        fill(&vendorInfo.pointee.vendorName, info.name)
        fill(&vendorInfo.pointee.vendorContact, info.contact)
        fill(&vendorInfo.pointee.vendorVersionId, info.version)
        fill(&vendorInfo.pointee.vendorVersionDate, info.versionDate)
        vendorInfo.pointee.vendorEnterprise = info.enterprise
    }
}

/// Writes what fits of a text into a field of zeros, leaving the last one.
private func fill<Field>(_ field: inout Field, _ text: String) {
    withUnsafeMutableBytes(of: &field) { field in
        for (index, octet) in text.utf8.prefix(field.count - 1).enumerated() { field[index] = octet }
    }
}
