// Layer: OrielCommand/Session. Uses: SNMPNames. Used by: the commands that take names.

import SNMPCodec
import SNMPNames

extension Invocation {
    /// Reads a name; `.` is the root of all names.
    func identifier(_ text: String) throws(CommandError) -> ObjectIdentifier {
        if text == "." { return [1] }
        do throws(NameError) {
            return try NameTable.standard.identifier(text)
        } catch {
            throw CommandError(.usage, error.description)
        }
    }

    /// Reads all operands from a position on as names.
    func identifiers(from position: Int) throws(CommandError) -> [ObjectIdentifier] {
        _ = try operand(0, "HOST")
        var identifiers: [ObjectIdentifier] = []
        for text in operands.dropFirst(position) { identifiers.append(try identifier(text)) }
        guard !identifiers.isEmpty else { throw CommandError(.usage, "NAME is missing") }
        return identifiers
    }
}
