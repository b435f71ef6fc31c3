// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through oriel_winsnmp.h, which says what each function does.
// Exports: what this library adds to WinSNMP.

public import CWinSNMP
import WinSNMP

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpSetWindowHook(
    _ isWindow: ORIEL_SNMP_ISWINDOW?, _ postMessage: ORIEL_SNMP_POSTMESSAGE?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        guard let isWindow, let postMessage else {
            guard isWindow == nil, postMessage == nil else {
                throw library.failing(.operationInvalid, "one function of the window hook is missing")
            }
            return library.setWindowHook(nil)
        }
        let client = ClientWindows(isWindow: isWindow, postMessage: postMessage)
        library.setWindowHook(
            WindowHook(isWindow: { client.isWindow($0) }, postMessage: { client.post($0, $1, $2, $3) }))
    }
}

/// A program's windows. That any thread may call the functions is its promise.
private struct ClientWindows: @unchecked Sendable {
    private let isWindowFunction: ORIEL_SNMP_ISWINDOW
    private let postMessageFunction: ORIEL_SNMP_POSTMESSAGE

    init(isWindow: ORIEL_SNMP_ISWINDOW, postMessage: ORIEL_SNMP_POSTMESSAGE) {
        isWindowFunction = isWindow
        postMessageFunction = postMessage
    }

    func isWindow(_ window: UInt) -> Bool { isWindowFunction(HWND(bitPattern: window)) != 0 }

    func post(_ window: UInt, _ message: UInt32, _ wParam: UInt, _ lParam: Int) -> Bool {
        postMessageFunction(HWND(bitPattern: window), message, WPARAM(wParam), LPARAM(lParam)) != 0
    }
}

private func option(_ number: smiUINT32) throws(SNMPAPIError) -> WinSNMPOption {
    guard let option = WinSNMPOption(rawValue: number) else {
        throw library.failing(.operationInvalid, "there is no option \(number)")
    }
    return option
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpSetOption(_ option: smiUINT32, _ value: smiUINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.setOption(try WinSNMPABI.option(option), value) }
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpGetOption(_ option: smiUINT32, _ value: smiLPUINT32?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        let option = try WinSNMPABI.option(option)
        guard let value else { throw library.failing(.noop, "no output") }
        value.pointee = library.option(option)
    }
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpSetDatabase(_ path: LPCSTR?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        guard let path else { return try library.setDatabase(path: nil) }
        guard let text = readText(at: path, limit: Limit.path) else {
            throw library.failing(.sizeInvalid, "a path of more than \(Limit.path) octets")
        }
        try library.setDatabase(path: text)
    }
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpGetDescriptor(_ session: HSNMP_SESSION?) -> CInt {
    do throws(SNMPAPIError) { return try library.descriptor(SessionHandle(session)) } catch { return -1 }
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpWait(_ session: HSNMP_SESSION?, _ milliseconds: smiINT32) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.wait(SessionHandle(session), milliseconds: milliseconds) }
}

/// See oriel_winsnmp.h.
@c @implementation
public func OrielSnmpGetErrorText(_ session: HSNMP_SESSION?, _ size: smiUINT32, _ text: LPSTR?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        try store(library.lastErrorText(SessionHandle.unlessNull(session)), at: text, size: size) {
            library.failing($0, $1)
        }
    }
}
