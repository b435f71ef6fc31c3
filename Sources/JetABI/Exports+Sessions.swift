// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: sessions and transactions.

public import CJet
import ESEEngine
import Jet

/// Name and password are not used by any version of the engine.
@inline(__always)
private func beginSession(_ instance: JET_INSTANCE, _ psesid: UnsafeMutablePointer<JET_SESID>?) -> JET_ERR {
    result { () throws(JetError) in
        let psesid = try required(psesid)
        psesid.pointee = try library.beginSession(instance)
    }
}

/// See esent.h.
@c @implementation
public func JetBeginSession(
    _ instance: JET_INSTANCE, _ psesid: UnsafeMutablePointer<JET_SESID>?, _ szUserName: JET_PCSTR?,
    _ szPassword: JET_PCSTR?
) -> JET_ERR { beginSession(instance, psesid) }

/// See esent.h.
@c @implementation
public func JetBeginSessionA(
    _ instance: JET_INSTANCE, _ psesid: UnsafeMutablePointer<JET_SESID>?, _ szUserName: JET_PCSTR?,
    _ szPassword: JET_PCSTR?
) -> JET_ERR { beginSession(instance, psesid) }

/// See esent.h.
@c @implementation
public func JetBeginSessionW(
    _ instance: JET_INSTANCE, _ psesid: UnsafeMutablePointer<JET_SESID>?, _ szUserName: JET_PCWSTR?,
    _ szPassword: JET_PCWSTR?
) -> JET_ERR { beginSession(instance, psesid) }

/// See esent.h.
@c @implementation
public func JetDupSession(_ sesid: JET_SESID, _ psesid: UnsafeMutablePointer<JET_SESID>?) -> JET_ERR {
    result { () throws(JetError) in
        let psesid = try required(psesid)
        psesid.pointee = try library.duplicateSession(sesid)
    }
}

/// See esent.h.
@c @implementation
public func JetEndSession(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.endSession(sesid) }
}

/// See esent.h.
@c @implementation
public func JetSetSessionContext(_ sesid: JET_SESID, _ ulContext: JET_API_PTR) -> JET_ERR {
    result { () throws(JetError) in try library.setSessionContext(sesid, ulContext) }
}

/// See esent.h.
@c @implementation
public func JetResetSessionContext(_ sesid: JET_SESID) -> JET_ERR {
    result { () throws(JetError) in try library.resetSessionContext(sesid) }
}

/// See esent.h.
@c @implementation
public func JetGetVersion(_ sesid: JET_SESID, _ pwVersion: UnsafeMutablePointer<UInt32>?) -> JET_ERR {
    result { () throws(JetError) in
        let pwVersion = try required(pwVersion)
        pwVersion.pointee = try library.version(sesid)
    }
}

// MARK: Parameters of a session

/// See esent.h.
@c @implementation
public func JetSetSessionParameter(
    _ sesid: JET_SESID, _ sesparamid: UInt32, _ pvParam: UnsafeMutableRawPointer?, _ cbParam: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        if pvParam == nil && cbParam != 0 { throw .invalidParameter }
        let parameter = try SessionParameter(number: sesparamid)
        if parameter == .transactionLevel { throw .featureNotAvailable }
        guard let pvParam, Int(cbParam) == parameter.byteCount else { throw .invalidBufferSize }
        let value =
            parameter.byteCount == 8
            ? pvParam.loadUnaligned(as: UInt64.self) : UInt64(pvParam.loadUnaligned(as: UInt32.self))
        try library.setSessionParameter(sesid, parameter, to: value)
    }
}

/// See esent.h.
@c @implementation
public func JetGetSessionParameter(
    _ sesid: JET_SESID, _ sesparamid: UInt32, _ pvParam: UnsafeMutableRawPointer?, _ cbParamMax: UInt32,
    _ pcbParamActual: UnsafeMutablePointer<UInt32>?
) -> JET_ERR {
    result { () throws(JetError) in
        if pvParam == nil && pcbParamActual == nil { throw .invalidParameter }
        let parameter = try SessionParameter(number: sesparamid)
        let value = try library.sessionParameter(sesid, parameter)
        pcbParamActual?.pointee = UInt32(parameter.byteCount)
        guard let pvParam else { return }
        guard Int(cbParamMax) == parameter.byteCount else { throw .invalidBufferSize }
        if parameter.byteCount == 8 {
            pvParam.storeBytes(of: value, as: UInt64.self)
        } else {
            pvParam.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
        }
    }
}

// MARK: Transactions

/// See esent.h.
@c @implementation
public func JetBeginTransaction(_ sesid: JET_SESID) -> JET_ERR {
    result { () throws(JetError) in try library.beginTransaction(sesid) }
}

/// See esent.h.
@c @implementation
public func JetBeginTransaction2(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.beginTransaction(sesid, isReadOnly: isReadOnly(grbit)) }
}

/// See esent.h. The number is for the caller's own traces.
@c @implementation
public func JetBeginTransaction3(_ sesid: JET_SESID, _ trxid: Int64, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.beginTransaction(sesid, isReadOnly: isReadOnly(grbit)) }
}

/// Other bits mean nothing, as in Windows.
@inline(__always)
private func isReadOnly(_ grbit: JET_GRBIT) -> Bool { grbit & JET_GRBIT(JET_bitTransactionReadOnly) != 0 }

/// See esent.h.
@c @implementation
public func JetCommitTransaction(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.commitTransaction(sesid, CommitFlags(rawValue: grbit)) }
}

/// See esent.h.
@c @implementation
public func JetCommitTransaction2(
    _ sesid: JET_SESID, _ grbit: JET_GRBIT, _ cmsecDurableCommit: UInt32,
    _ pCommitId: UnsafeMutablePointer<JET_COMMIT_ID>?
) -> JET_ERR {
    result { () throws(JetError) in
        // The log does not tell places of commits yet, and a commit without its place would be of no use.
        if pCommitId != nil { throw .featureNotAvailable }
        try library.commitTransaction(sesid, CommitFlags(rawValue: grbit), maximumDelay: cmsecDurableCommit)
    }
}

/// See esent.h.
@c @implementation
public func JetRollback(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in
        try library.rollback(sesid, all: grbit & JET_GRBIT(JET_bitRollbackAll) != 0)
    }
}
