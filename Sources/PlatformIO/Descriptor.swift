// Layer: PlatformIO. Uses: libc. Used by: sockets, the event loop and files.
// A file descriptor with one owner, so that it is closed once and never after its number was reused.

import CLinux

/// An open file descriptor; closes when it goes out of scope.
struct Descriptor: ~Copyable {
    /// The number.
    let number: Int32

    /// Takes over an open descriptor.
    init(owning number: Int32) {
        precondition(number >= 0, "not an open descriptor")
        self.number = number
    }

    deinit { _ = close(number) }

    /// Gives the open descriptor to the caller, who closes it.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Closes now and reports what the system says, which for a written file may be the first news of a failed write.
    consuming func closeReporting(_ subject: String) throws(IOError) {
        let result = close(number)
        let code = oriel_errno()
        discard self
        // On EINTR Linux has closed the descriptor already; closing again could hit somebody else's.
        if result != 0 && code != EINTR { throw IOError(code: code, operation: "close", subject: subject) }
    }
}
