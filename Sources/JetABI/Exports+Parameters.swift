// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: parameters of the process and of instances.

public import CJet
import ESEEngine
import Jet

// MARK: One parameter

/// The value that lParam and szParam give; only the one is looked at that the parameter needs. Nil: text is missing.
private func value<Unit: TextUnit>(
    _ paramid: UInt32, _ lParam: JET_API_PTR, _ szParam: UnsafePointer<Unit>?
) throws(JetError) -> ParameterValue? {
    if try JetLibrary.isText(paramid) { return try readText(szParam).map { .text($0) } }
    guard paramid == UInt32(JET_paramUnicodeIndexDefault) else { return .integer(UInt64(lParam)) }
    guard let index = UnsafePointer<JET_UNICODEINDEX>(bitPattern: lParam)?.pointee else { return .integer(0) }
    return .integer(UnicodeIndexDefault(localeNumber: index.lcid, mapFlags: index.dwMapFlags).packed)
}

private func setParameter<Unit: TextUnit>(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ sesid: JET_SESID, _ paramid: UInt32, _ lParam: JET_API_PTR,
    _ szParam: UnsafePointer<Unit>?
) -> JET_ERR {
    result { () throws(JetError) in
        try library.setParameter(
            paramid, to: try value(paramid, lParam, szParam), instance: pinstance?.pointee ?? 0, session: sesid)
    }
}

/// See esent.h.
@c @implementation
public func JetSetSystemParameter(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ sesid: JET_SESID, _ paramid: UInt32, _ lParam: JET_API_PTR,
    _ szParam: JET_PCSTR?
) -> JET_ERR { setParameter(pinstance, sesid, paramid, lParam, szParam) }

/// See esent.h.
@c @implementation
public func JetSetSystemParameterA(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ sesid: JET_SESID, _ paramid: UInt32, _ lParam: JET_API_PTR,
    _ szParam: JET_PCSTR?
) -> JET_ERR { setParameter(pinstance, sesid, paramid, lParam, szParam) }

/// See esent.h.
@c @implementation
public func JetSetSystemParameterW(
    _ pinstance: UnsafeMutablePointer<JET_INSTANCE>?, _ sesid: JET_SESID, _ paramid: UInt32, _ lParam: JET_API_PTR,
    _ szParam: JET_PCWSTR?
) -> JET_ERR { setParameter(pinstance, sesid, paramid, lParam, szParam) }

private func getParameter<Unit: TextUnit>(
    _ instance: JET_INSTANCE, _ sesid: JET_SESID, _ paramid: UInt32, _ plParam: UnsafeMutablePointer<JET_API_PTR>?,
    _ szParam: UnsafeMutablePointer<Unit>?, _ cbMax: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        if paramid == UInt32(JET_paramErrorToString) {
            // The number comes in as a JET_ERR, in the first four bytes.
            let number = UnsafeRawPointer(try required(plParam)).loadUnaligned(as: JET_ERR.self)
            try write(JetLibrary.describe(number), to: szParam, byteCount: cbMax)
            return
        }
        switch try library.parameter(paramid, instance: instance, session: sesid) {
        case .text(let text):
            // What was cut is no error and no warning, in no version of Windows.
            try write(text, to: szParam, byteCount: cbMax)
        case .integer(let value):
            let plParam = try required(plParam)
            guard paramid == UInt32(JET_paramUnicodeIndexDefault) else {
                plParam.pointee = JET_API_PTR(value)
                return
            }
            guard Int(cbMax) >= MemoryLayout<JET_UNICODEINDEX>.size else { throw .bufferTooSmall }
            let index = UnicodeIndexDefault(packed: value)
            UnsafeMutableRawPointer(plParam).storeBytes(
                of: JET_UNICODEINDEX(lcid: index.localeNumber, dwMapFlags: index.mapFlags), as: JET_UNICODEINDEX.self)
        }
    }
}

/// See esent.h.
@c @implementation
public func JetGetSystemParameter(
    _ instance: JET_INSTANCE, _ sesid: JET_SESID, _ paramid: UInt32, _ plParam: UnsafeMutablePointer<JET_API_PTR>?,
    _ szParam: JET_PSTR?, _ cbMax: UInt32
) -> JET_ERR { getParameter(instance, sesid, paramid, plParam, szParam, cbMax) }

/// See esent.h.
@c @implementation
public func JetGetSystemParameterA(
    _ instance: JET_INSTANCE, _ sesid: JET_SESID, _ paramid: UInt32, _ plParam: UnsafeMutablePointer<JET_API_PTR>?,
    _ szParam: JET_PSTR?, _ cbMax: UInt32
) -> JET_ERR { getParameter(instance, sesid, paramid, plParam, szParam, cbMax) }

/// See esent.h.
@c @implementation
public func JetGetSystemParameterW(
    _ instance: JET_INSTANCE, _ sesid: JET_SESID, _ paramid: UInt32, _ plParam: UnsafeMutablePointer<JET_API_PTR>?,
    _ szParam: JET_PWSTR?, _ cbMax: UInt32
) -> JET_ERR { getParameter(instance, sesid, paramid, plParam, szParam, cbMax) }

// MARK: Many parameters

/// Sets what `setting` gives for each index, and tells `done` of the results, as far as it came.
private func enableMultiInstance(
    _ count: UInt32, _ pcsetsucceed: UnsafeMutablePointer<UInt32>?,
    _ setting: (Int) throws(JetError) -> ParameterSetting, _ done: (Int, JET_ERR) -> Void
) -> JET_ERR {
    var succeeded = 0
    var isReached = false
    let error = result { () throws(JetError) in
        guard count <= Limit.elements else { throw .invalidParameter }
        var settings: [ParameterSetting] = []
        for index in 0..<Int(count) {
            do throws(JetError) { settings.append(try setting(index)) } catch {
                // The library finds the same fault when it comes to this one.
                settings.append(ParameterSetting(number: .max, value: nil))
                break
            }
        }
        try library.enableMultipleInstances(settings) {
            succeeded = $0
            isReached = true
        }
    }
    pcsetsucceed?.pointee = UInt32(succeeded)
    for index in 0..<succeeded { done(index, 0) }
    let isFault =
        error != JetError.systemParamsAlreadySet.rawValue && error != JetError.runningInOneInstanceMode.rawValue
    if error < 0, isReached, isFault, succeeded < Int(count) { done(succeeded, error) }
    return error
}

private func enableMultiInstanceA(
    _ settings: UnsafeMutablePointer<JET_SETSYSPARAM_A>?, _ count: UInt32,
    _ pcsetsucceed: UnsafeMutablePointer<UInt32>?
) -> JET_ERR {
    enableMultiInstance(
        count, pcsetsucceed,
        { (index) throws(JetError) in
            let one = try required(settings)[index]
            return ParameterSetting(number: one.paramid, value: try value(one.paramid, one.lParam, one.sz))
        }, { settings?[$0].err = $1 })
}

/// See esent.h.
@c @implementation
public func JetEnableMultiInstance(
    _ psetsysparam: UnsafeMutablePointer<JET_SETSYSPARAM_A>?, _ csetsysparam: UInt32,
    _ pcsetsucceed: UnsafeMutablePointer<UInt32>?
) -> JET_ERR { enableMultiInstanceA(psetsysparam, csetsysparam, pcsetsucceed) }

/// See esent.h.
@c @implementation
public func JetEnableMultiInstanceA(
    _ psetsysparam: UnsafeMutablePointer<JET_SETSYSPARAM_A>?, _ csetsysparam: UInt32,
    _ pcsetsucceed: UnsafeMutablePointer<UInt32>?
) -> JET_ERR { enableMultiInstanceA(psetsysparam, csetsysparam, pcsetsucceed) }

/// See esent.h.
@c @implementation
public func JetEnableMultiInstanceW(
    _ psetsysparam: UnsafeMutablePointer<JET_SETSYSPARAM_W>?, _ csetsysparam: UInt32,
    _ pcsetsucceed: UnsafeMutablePointer<UInt32>?
) -> JET_ERR {
    enableMultiInstance(
        csetsysparam, pcsetsucceed,
        { (index) throws(JetError) in
            let one = try required(psetsysparam)[index]
            return ParameterSetting(number: one.paramid, value: try value(one.paramid, one.lParam, one.sz))
        }, { psetsysparam?[$0].err = $1 })
}
