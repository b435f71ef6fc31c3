// Layer: WinSNMP. Uses: PlatformIO. Used by: sending.

import PlatformIO

extension SNMPAPIError {
    /// The code for what the system says about a socket.
    init(_ error: IOError) {
        if error.isAddressInUse {
            self = .tlInUse
        } else if error.isUnreachable {
            self = .tlUndeliverable
        } else if error.isOutOfResources {
            self = .tlResourceError
        } else if error.isFamilyUnsupported {
            self = .tlNotSupported
        } else if error.isAddressUnavailable {
            self = .tlSrcInvalid
        } else {
            self = .tlOther
        }
    }
}
