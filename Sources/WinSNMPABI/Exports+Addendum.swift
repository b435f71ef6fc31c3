// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: the SNMPv3 addendum.

public import CWinSNMP
import WinSNMP

// MARK: Entities

/// See winsnmp.h.
@c @implementation
public func SnmpCreateEntity(_ session: HSNMP_SESSION?, _ entityInfo: smiLPENTITYINFO?) -> HSNMP_ENTITY? {
    handle { () throws(SNMPAPIError) in
        let session = SessionHandle(session)
        try library.sessionIsValid(session)
        let info = try recording(
            { library.failing($0, session: session, $1) },
            { () throws(SNMPAPIError) in
                guard let entityInfo else { throw .allocError }
                return try EntityInfo(entityInfo.pointee)
            })
        return try library.createEntity(session, info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetEntityInfo(_ hEntity: HSNMP_ENTITY?, _ entityInfo: smiLPENTITYINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let info = try library.entityInfo(EntityHandle(hEntity))
        guard let entityInfo else { throw library.failing(.noop, entity: EntityHandle(hEntity), "no output") }
        entityInfo.pointee = smiENTITYINFO(copying: info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetEntityInfo(_ hEntity: HSNMP_ENTITY?, _ entityInfo: smiLPENTITYINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let entity = EntityHandle(hEntity)
        try library.check(entity)
        let info = try recording(
            { library.failing($0, entity: entity, $1) },
            { () throws(SNMPAPIError) in
                guard let entityInfo else { throw .noop }
                return try EntityInfo(entityInfo.pointee)
            })
        try library.setEntityInfo(entity, info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreeEntityInfo(_ entityInfo: smiLPENTITYINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard let entityInfo else { throw library.failing(.allocError, "no structure") }
        let info = entityInfo.pointee
        try free([info.dFriendlyName, info.dAddressString, info.dEngineID])
        entityInfo.pointee.dFriendlyName = smiOCTETS()
        entityInfo.pointee.dAddressString = smiOCTETS()
        entityInfo.pointee.dEngineID = smiOCTETS()
    }
}

// MARK: Contexts

/// See winsnmp.h.
@c @implementation
public func SnmpCreateContext(_ session: HSNMP_SESSION?, _ contextInfo: smiLPCONTEXTINFO?) -> HSNMP_CONTEXT? {
    handle { () throws(SNMPAPIError) in
        let session = SessionHandle(session)
        try library.sessionIsValid(session)
        let info = try recording(
            { library.failing($0, session: session, $1) },
            { () throws(SNMPAPIError) in
                guard let contextInfo else { throw .allocError }
                return try ContextInfo(contextInfo.pointee)
            })
        return try library.createContext(session, info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpGetContextInfo(_ hContext: HSNMP_CONTEXT?, _ contextInfo: smiLPCONTEXTINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let info = try library.contextInfo(ContextHandle(hContext))
        guard let contextInfo else { throw library.failing(.noop, context: ContextHandle(hContext), "no output") }
        contextInfo.pointee = smiCONTEXTINFO(copying: info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpSetContextInfo(_ hContext: HSNMP_CONTEXT?, _ contextInfo: smiLPCONTEXTINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let context = ContextHandle(hContext)
        try library.check(context)
        let info = try recording(
            { library.failing($0, context: context, $1) },
            { () throws(SNMPAPIError) in
                guard let contextInfo else { throw .noop }
                return try ContextInfo(contextInfo.pointee)
            })
        try library.setContextInfo(context, info)
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpFreeContextInfo(_ contextInfo: smiLPCONTEXTINFO?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard let contextInfo else { throw library.failing(.allocError, "no structure") }
        let info = contextInfo.pointee
        try free([
            info.dFriendlyName, info.dContextEngineID, info.dContextName, info.dSecurityName, info.dSecurityAuthKey,
            info.dSecurityPrivKey,
        ])
        contextInfo.pointee.dFriendlyName = smiOCTETS()
        contextInfo.pointee.dContextEngineID = smiOCTETS()
        contextInfo.pointee.dContextName = smiOCTETS()
        contextInfo.pointee.dSecurityName = smiOCTETS()
        contextInfo.pointee.dSecurityAuthKey = smiOCTETS()
        contextInfo.pointee.dSecurityPrivKey = smiOCTETS()
    }
}

// MARK: Keys

/// See winsnmp.h.
@c @implementation
public func SnmpPasswordToKey(
    _ password: smiLPOCTETS?, _ authProtocol: smiINT32, _ key: smiLPOCTETS?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.requireInitialized()
        let octets = try recording(
            { library.failing($0, $1) },
            { () throws(SNMPAPIError) in
                guard let password, key != nil else { throw .allocError }
                return try password.pointee.octets()
            })
        key?.pointee = smiOCTETS(copying: try library.passwordToKey(octets, protocol: authProtocol))
    }
}

// MARK: Their parts

/// Runs `body`, which reads the caller's memory; an error of it is recorded by `failing`.
private func recording<Result>(
    _ failing: (SNMPAPIError, String) -> SNMPAPIError, _ body: () throws(SNMPAPIError) -> Result
) throws(SNMPAPIError) -> Result {
    do throws(SNMPAPIError) { return try body() } catch { throw failing(error, "an argument can't be read") }
}

/// Frees all of these octets, or none and throws if there are some that were not handed out.
private func free(_ parts: [smiOCTETS]) throws(SNMPAPIError) {
    let addresses = parts.filter { $0.len != 0 || $0.ptr != nil }.map { UInt(bitPattern: $0.ptr) }
    guard addresses.allSatisfy(DescriptorMemory.shared.isLive) else {
        throw library.failing(.operationInvalid, "memory that was not handed out, or was freed before")
    }
    for address in addresses { _ = DescriptorMemory.shared.free(address) }
}

extension EntityInfo {
    init(_ info: smiENTITYINFO) throws(SNMPAPIError) {
        self.init()
        translateMode = info.nTranslateMode
        version = info.nSnmpVersion
        friendlyName = try info.dFriendlyName.octets()
        addressFamily = info.nAddressFamily
        address = try info.dAddressString.octets()
        requestPort = info.nRequestPort
        notificationPort = info.nNotificationPort
        maximumMessageSize = info.nMaxMsgSize
        engineID = try info.dEngineID.octets()
        engineBoots = info.nEngineBoots
        engineTime = info.nEngineTime
        engineSeconds = info.nEngineSeconds
        retransmitMode = info.nRetransmitMode
        policyTimeout = info.nPolicyTimeout
        policyRetry = info.nPolicyRetry
    }
}

extension smiENTITYINFO {
    init(copying info: EntityInfo) {
        self.init()
        hEntity = HANDLE(handle: info.entity.rawValue)
        hSession = HANDLE(handle: info.session.rawValue)
        nTranslateMode = info.translateMode
        nSnmpVersion = info.version
        dFriendlyName = smiOCTETS(copying: info.friendlyName)
        nAddressFamily = info.addressFamily
        dAddressString = smiOCTETS(copying: info.address)
        nRequestPort = info.requestPort
        nNotificationPort = info.notificationPort
        nMaxMsgSize = info.maximumMessageSize
        dEngineID = smiOCTETS(copying: info.engineID)
        nEngineBoots = info.engineBoots
        nEngineTime = info.engineTime
        nEngineSeconds = info.engineSeconds
        nRetransmitMode = info.retransmitMode
        nPolicyTimeout = info.policyTimeout
        nPolicyRetry = info.policyRetry
        nActualTimeout = info.actualTimeout
        nActualRetry = info.actualRetry
    }
}

extension ContextInfo {
    init(_ info: smiCONTEXTINFO) throws(SNMPAPIError) {
        self.init()
        translateMode = info.nTranslateMode
        version = info.nSnmpVersion
        friendlyName = try info.dFriendlyName.octets()
        contextEngineID = try info.dContextEngineID.octets()
        contextName = try info.dContextName.octets()
        securityName = try info.dSecurityName.octets()
        securityModel = info.nSecurityModel
        securityLevel = info.nSecurityLevel
        authProtocol = info.nSecurityAuthProtocol
        authKey = try info.dSecurityAuthKey.octets()
        privProtocol = info.nSecurityPrivProtocol
        privKey = try info.dSecurityPrivKey.octets()
    }
}

extension smiCONTEXTINFO {
    init(copying info: ContextInfo) {
        self.init()
        hContext = HANDLE(handle: info.context.rawValue)
        hSession = HANDLE(handle: info.session.rawValue)
        nTranslateMode = info.translateMode
        nSnmpVersion = info.version
        dFriendlyName = smiOCTETS(copying: info.friendlyName)
        dContextEngineID = smiOCTETS(copying: info.contextEngineID)
        dContextName = smiOCTETS(copying: info.contextName)
        dSecurityName = smiOCTETS(copying: info.securityName)
        nSecurityModel = info.securityModel
        nSecurityLevel = info.securityLevel
        nSecurityAuthProtocol = info.authProtocol
        dSecurityAuthKey = smiOCTETS(copying: info.authKey)
        nSecurityPrivProtocol = info.privProtocol
        dSecurityPrivKey = smiOCTETS(copying: info.privKey)
    }
}
