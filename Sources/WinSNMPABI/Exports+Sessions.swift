// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: sessions, and the callbacks of C.

public import CWinSNMP
import WinSNMP

/// What a C program gave with its callback, and gets back with each call. The addresses are its own matter, also that
/// any thread may use them.
private struct ClientCallback: @unchecked Sendable {
    let function: SNMPAPI_CALLBACK
    let window: HWND?
    let message: UINT
    let clientData: LPVOID?

    /// Returns false when the program wants its session closed.
    func call(_ session: SessionHandle, _ wParam: UInt, _ lParam: Int) -> Bool {
        function(HANDLE(handle: session.rawValue), window, message, WPARAM(wParam), LPARAM(lParam), clientData) != 0
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpOpen(_ hWnd: HWND?, _ wMsg: UINT) -> HSNMP_SESSION? {
    handle { () throws(SNMPAPIError) in try library.open(window: UInt(bitPattern: hWnd), message: wMsg) }
}

/// See winsnmp.h.
@c @implementation
public func SnmpCreateSession(
    _ hWnd: HWND?, _ wMsg: UINT, _ fCallBack: SNMPAPI_CALLBACK?, _ lpClientData: LPVOID?
) -> HSNMP_SESSION? {
    handle { () throws(SNMPAPIError) in
        let window = UInt(bitPattern: hWnd)
        guard let fCallBack else {
            return try library.createSession(window: window, message: wMsg, callback: nil)
        }
        let client = ClientCallback(function: fCallBack, window: hWnd, message: wMsg, clientData: lpClientData)
        return try library.createSession(window: window, message: wMsg) { client.call($0, $1, $2) }
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpClose(_ session: HSNMP_SESSION?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in try library.close(SessionHandle(session)) }
}
