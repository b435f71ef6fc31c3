// Layer: OrielCommand/Settings. Uses: PlatformIO, SNMPSecurity. Used by: SessionSettings, listeners, agents.
// Communities and passwords as the user gave them: directly, or as the file that holds them.

import PlatformIO
import SNMPSecurity

/// A community or password, or where to find it. Prints as `<secret>`.
struct Secret: Sendable {
    private enum Source {
        case value(SecretBytes)
        case file(String)
    }

    private let source: Source

    /// Takes an argument: `@PATH` names a file whose first line is the secret, `@@...` a secret that begins with `@`.
    init(argument: String) {
        if argument.hasPrefix("@@") {
            source = .value(SecretBytes(utf8: String(argument.dropFirst())))
        } else if argument.hasPrefix("@") {
            source = .file(String(argument.dropFirst()))
        } else {
            source = .value(SecretBytes(utf8: argument))
        }
    }

    /// The secret; reads the file.
    func resolved() throws(CommandError) -> SecretBytes {
        switch source {
        case .value(let secret): return secret
        case .file(let path):
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try FileAccess.read(path, limit: 4_096)
            } catch {
                throw CommandError(.localFailure, error.description)
            }
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            guard !line.isEmpty else { throw CommandError(.localFailure, "\(path) has no secret in its first line") }
            return SecretBytes(Array(line))
        }
    }
}

extension Secret: CustomStringConvertible, CustomReflectable {
    /// A fixed text.
    var description: String { "<secret>" }

    var customMirror: Mirror { Mirror(self, children: [:]) }
}
