// Layer: PlatformIO. Uses: libc, Descriptor. Used by: HostAgent.
// Reading the beginning of files that may be too long to be read as a whole.

import CLinux

extension FileAccess {
    /// Reads the beginning of a file: all of it, or the first `limit` bytes of a longer one.
    ///
    /// For lists under /proc that may be long: the kernel makes up no more than is asked for.
    /// - Parameter longestLine: for a list that the kernel makes up line by line, the most bytes of a line. Then a
    ///   piece that leaves room for one more line in a page was the last, and the end is not looked for by another
    ///   read: of the list of TCP connections that takes as long as all of it, since the kernel searches its whole
    ///   table again.
    public static func readPrefix(
        _ path: String, limit: Int, longestLine: Int? = nil
    ) throws(IOError) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "open", subject: path) }
        let number = retryingInterrupted { oriel_open(path, O_RDONLY | O_CLOEXEC, 0) }
        guard number >= 0 else { throw .last("open", path) }
        let file = Descriptor(owning: number)
        var bytes: [UInt8] = []
        var room = 4_096
        while bytes.count < limit {
            room = min(room, limit - bytes.count)
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let result = retryingInterrupted { CLinux.read(file.number, buffer.baseAddress, room) }
                if result < 0 { code = oriel_errno() }
                count = max(result, 0)
            }
            guard code == 0 else { throw IOError(code: code, operation: "read", subject: path) }
            // A short read is no end: lists under /proc come in pieces.
            if chunk.isEmpty { break }
            // Most files come in one piece, which need not be copied.
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            if let longestLine, room >= 4_096, chunk.count <= 4_096 - longestLine { break }
            room = min(room * 2, 65_536)
        }
        return bytes
    }
}
