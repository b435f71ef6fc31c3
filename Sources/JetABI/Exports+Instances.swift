// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: instances, initialisation and termination.

public import CJet
import ESEEngine
import Jet

// MARK: Making

private func createInstance<Unit: TextUnit>(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ name: UnsafePointer<Unit>?,
    _ displayName: UnsafePointer<Unit>?
) -> JET_ERR {
    result { () throws(JetError) in
        let pinstance = try required(pinstance)
        pinstance.pointee = .max
        pinstance.pointee = try library.createInstance(name: try readText(name), displayName: try readText(displayName))
    }
}

/// See esent.h.
@c @implementation
public func JetCreateInstance(_ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCSTR?) -> JET_ERR
{ createInstance(pinstance, szInstanceName, nil) }

/// See esent.h.
@c @implementation
public func JetCreateInstanceA(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCSTR?
)
    -> JET_ERR
{ createInstance(pinstance, szInstanceName, nil) }

/// See esent.h.
@c @implementation
public func JetCreateInstanceW(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCWSTR?
)
    -> JET_ERR
{ createInstance(pinstance, szInstanceName, nil) }

/// See esent.h.
@c @implementation
public func JetCreateInstance2(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCSTR?, _ szDisplayName: JET_PCSTR?,
    _ grbit: JET_GRBIT
) -> JET_ERR { createInstance(pinstance, szInstanceName, szDisplayName) }

/// See esent.h.
@c @implementation
public func JetCreateInstance2A(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCSTR?, _ szDisplayName: JET_PCSTR?,
    _ grbit: JET_GRBIT
) -> JET_ERR { createInstance(pinstance, szInstanceName, szDisplayName) }

/// See esent.h.
@c @implementation
public func JetCreateInstance2W(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ szInstanceName: JET_PCWSTR?, _ szDisplayName: JET_PCWSTR?,
    _ grbit: JET_GRBIT
) -> JET_ERR { createInstance(pinstance, szInstanceName, szDisplayName) }

// MARK: Initialising

private func initialise(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ grbit: JET_GRBIT,
    _ given: () throws(JetError) -> (moveCount: Int32, status: JET_PFNSTATUS?)? = { () throws(JetError) in nil }
) -> JET_ERR {
    result { () throws(JetError) in
        var options = RecoveryOptions(flags: grbit)
        if let given = try given() {
            options.moveCount = Int(given.moveCount)
            if let status = given.status { options.progress = { report($0, to: status) } }
        }
        guard let pinstance else {
            _ = try library.initialise(.nowhere, options)
            return
        }
        let given = pinstance.pointee
        if !isHandle(given) { pinstance.pointee = .max }
        pinstance.pointee = try library.initialise(.handle(given), options)
    }
}

/// What the callback returns would stop a restore; recovery goes on.
private func report(_ done: Int, to status: JET_PFNSTATUS) {
    var state = JET_SNPROG(
        cbStruct: UInt32(MemoryLayout<JET_SNPROG>.size), cunitDone: UInt32(clamping: done), cunitTotal: 1000)
    _ = status(.max, JET_SNP(JET_snpRestore), JET_SNT(JET_sntProgress), &state)
}

/// See esent.h.
@c @implementation
public func JetInit(_ pinstance: UnsafeMutablePointer<JET_INSTANCE>?) -> JET_ERR { initialise(pinstance, 0) }

/// See esent.h.
@c @implementation
public func JetInit2(_ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ grbit: JET_GRBIT) -> JET_ERR {
    initialise(pinstance, grbit)
}

private func initialise3A(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ prstInfo: UnsafeMutablePointer<JET_RSTINFO_A>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    initialise(pinstance, grbit) { () throws(JetError) in
        guard let info = prstInfo?.pointee else { return nil }
        try checkSize(info.cbStruct, of: JET_RSTINFO_A.self)
        return (info.crstmap, info.pfnStatus)
    }
}

/// See esent.h.
@c @implementation
public func JetInit3(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ prstInfo: UnsafeMutablePointer<JET_RSTINFO_A>?,
    _ grbit: JET_GRBIT
) -> JET_ERR { initialise3A(pinstance, prstInfo, grbit) }

/// See esent.h.
@c @implementation
public func JetInit3A(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ prstInfo: UnsafeMutablePointer<JET_RSTINFO_A>?,
    _ grbit: JET_GRBIT
) -> JET_ERR { initialise3A(pinstance, prstInfo, grbit) }

/// See esent.h.
@c @implementation
public func JetInit3W(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ prstInfo: UnsafeMutablePointer<JET_RSTINFO_W>?,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    initialise(pinstance, grbit) { () throws(JetError) in
        guard let info = prstInfo?.pointee else { return nil }
        try checkSize(info.cbStruct, of: JET_RSTINFO_W.self)
        return (info.crstmap, info.pfnStatus)
    }
}

// MARK: Ending

/// See esent.h.
@c @implementation
public func JetTerm(_ instance: JET_INSTANCE) -> JET_ERR {
    result { () throws(JetError) in try library.terminate(instance, .abrupt) }
}

/// See esent.h.
@c @implementation
public func JetTerm2(_ instance: JET_INSTANCE, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.terminate(instance, TerminationFlags(rawValue: grbit)) }
}

/// See esent.h.
@c @implementation
public func JetStopService() -> JET_ERR { result { () throws(JetError) in try library.stopService() } }

/// See esent.h.
@c @implementation
public func JetStopServiceInstance(_ instance: JET_INSTANCE) -> JET_ERR {
    result { () throws(JetError) in try library.stopService(instance) }
}

/// See esent.h.
@c @implementation
public func JetStopServiceInstance2(_ instance: JET_INSTANCE, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.stopService(instance, StopFlags(rawValue: grbit)) }
}
