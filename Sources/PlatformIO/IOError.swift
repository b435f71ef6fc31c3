// Layer: PlatformIO. Uses: libc. Used by: every system call here and everybody who reports one that failed.
// One error type for the module: the error number, what was tried, and on what.

import CLinux

/// A system call that failed.
public struct IOError: Error, Hashable, Sendable {
    /// The error number (`errno`).
    public let code: Int32
    /// What was tried, as a verb phrase: "bind", "open", "connect to".
    public let operation: String
    /// What it was tried on: a path or an address; nil if there is nothing to name.
    public let subject: String?

    /// Makes an error from an error number.
    public init(code: Int32, operation: String, subject: String? = nil) {
        self.code = code
        self.operation = operation
        self.subject = subject
    }

    /// Makes an error from the thread's `errno`; call it right after the failed call.
    static func last(_ operation: String, _ subject: String? = nil) -> IOError {
        IOError(code: oriel_errno(), operation: operation, subject: subject)
    }
}

extension IOError {
    /// An error for what was tried on something that had been stopped (`ECANCELED`).
    public static func stopped(_ operation: String, _ subject: String? = nil) -> IOError {
        IOError(code: ECANCELED, operation: operation, subject: subject)
    }

    /// An error for what is forbidden by a check of ours (`EPERM`).
    public static func forbidden(_ operation: String, _ subject: String? = nil) -> IOError {
        IOError(code: EPERM, operation: operation, subject: subject)
    }
}

extension IOError: CustomStringConvertible {
    /// One line: what failed, on what, why, and what may help.
    ///
    /// Example: "cannot bind 127.0.0.1:161: Permission denied (EACCES); ports below 1024 need root or the capability
    /// CAP_NET_BIND_SERVICE".
    public var description: String {
        var text = "cannot \(operation)"
        if let subject { text += " \(subject)" }
        text += ": \(reason)"
        if let name { text += " (\(name))" }
        if let hint { text += "; \(hint)" }
        return text
    }

    /// The system's sentence for the error number.
    public var reason: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, let text = oriel_error_text(code, base, buffer.count)
            else { return "unknown error" }
            return String(cString: text)
        }
    }

    /// The symbolic name of the error number, such as `EADDRINUSE`; nil if the system doesn't tell.
    public var name: String? { oriel_error_name(code).map { String(cString: $0) } }

    private var hint: String? {
        switch (code, operation) {
        case (EADDRINUSE, _): "another program has this port open"
        case (EACCES, "bind"): "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE"
        case (EADDRNOTAVAIL, "bind"): "no interface of this machine has this address"
        case (EAGAIN, "lock"): "it is open for writing elsewhere"
        case (EMFILE, _): "raise the limit of open files (ulimit -n)"
        default: nil
        }
    }
}

extension IOError {
    /// Nothing to read or no room to write at the moment (`EAGAIN`).
    public var isWouldBlock: Bool { IOError.isWouldBlock(code) }
    /// The reader of a pipe has gone (`EPIPE`). A command-line program should end quietly, as with status 141.
    public var isBrokenPipe: Bool { code == EPIPE }
    /// The address is taken (`EADDRINUSE`).
    public var isAddressInUse: Bool { code == EADDRINUSE }
    /// This machine has no such address (`EADDRNOTAVAIL`).
    public var isAddressUnavailable: Bool { code == EADDRNOTAVAIL }
    /// This machine doesn't speak the address family (`EAFNOSUPPORT`).
    public var isFamilyUnsupported: Bool { code == EAFNOSUPPORT }
    /// Nobody listens there (`ECONNREFUSED`).
    public var isRefused: Bool { code == ECONNREFUSED }
    /// The file or directory does not exist (`ENOENT`).
    public var isNotFound: Bool { code == ENOENT }
    /// A component of the path that ought to be a directory is something else (`ENOTDIR`).
    public var isNotDirectory: Bool { code == ENOTDIR }
    /// What ought to be a file is a directory (`EISDIR`).
    public var isDirectory: Bool { code == EISDIR }
    /// There is one already (`EEXIST`).
    public var isExisting: Bool { code == EEXIST }
    /// No space is left on the device, or for this user (`ENOSPC` or `EDQUOT`).
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }
    /// The file system is mounted for reading only (`EROFS`).
    public var isReadOnly: Bool { code == EROFS }
    /// The caller lacks a permission (`EACCES` or `EPERM`).
    public var isPermissionDenied: Bool { code == EACCES || code == EPERM }
    /// The process or the system has no descriptors or no memory left (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`).
    public var isOutOfResources: Bool { code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM }
    /// The peer or the way to it refused what was sent (port, host or network unreachable): about one peer, and no
    /// reason to give up a socket that serves many.
    public var isUnreachable: Bool { IOError.isUnreachable(code) }

    static func isWouldBlock(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK }

    static func isUnreachable(_ code: Int32) -> Bool {
        switch code {
        case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, ENOPROTOOPT, EPROTO: true
        default: false
        }
    }

    /// Codes that a socket's error queue also hands to an unrelated call: besides the unreachable ones, a datagram that
    /// was too long for the path or forbidden on the way.
    static func isTransient(_ code: Int32) -> Bool {
        isUnreachable(code) || code == EMSGSIZE || code == EACCES || code == EOPNOTSUPP
    }
}

/// Calls `body` again while a signal interrupts it.
@inline(__always)
func retryingInterrupted<Result: SignedInteger>(_ body: () -> Result) -> Result {
    while true {
        let result = body()
        if result != -1 || oriel_errno() != EINTR { return result }
    }
}
