// Layer: OrielCommand/Session. Uses: PlatformIO (files). Used by: trap, listen, agent.
// The engine IDs of this program's own engines and how often each was started. SNMPv3 receivers reject an engine whose
// boots go backwards, so the number is on disk before the first message is sent.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec

/// An own engine: its ID and the number of this start.
struct EngineState {
    let engineID: EngineID
    let boots: Int32

    /// Counts a start of the engine with a role, and writes that down.
    /// - Parameters:
    ///   - role: the engine's name: `trap`, `listen`, `agent`.
    ///   - given: the engine ID to use; nil for the one kept for the role, made at random the first time.
    static func start(_ role: String, engineID given: EngineID?, _ console: Console) throws(CommandError) -> EngineState
    {
        let directory = try directory(console)
        let name = given.map { "engine-\($0.description.dropFirst(2))" } ?? "engine-\(role)"
        let path = "\(directory)/\(name)"
        let old = try read(path)
        let engineID = given ?? old?.engineID ?? .random(using: .fromSystem())
        // At its maximum the number stays: such an engine is to be given a new ID (RFC 3414, section 2.2.2).
        let boots = min((old?.boots ?? 0) + 1, Int32.max - 1)
        do throws(IOError) {
            try FileAccess.createDirectory(directory, mode: 0o700)
            try FileAccess.writeAtomically(path, Array("\(engineID) \(boots)\n".utf8))
        } catch {
            throw CommandError(
                .localFailure, "the engine's boots can't be kept: \(error); set XDG_STATE_HOME to a writable directory")
        }
        return EngineState(engineID: engineID, boots: boots)
    }

    private static func directory(_ console: Console) throws(CommandError) -> String {
        // The specification has relative paths ignored.
        if let state = console.environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/oriel" }
        guard let home = console.environment("HOME"), !home.isEmpty else {
            throw CommandError(.localFailure, "HOME or XDG_STATE_HOME must be set: the engine's boots are kept there")
        }
        return home + "/.local/state/oriel"
    }

    private static func read(_ path: String) throws(CommandError) -> EngineState? {
        let text: String
        do throws(IOError) {
            text = try FileAccess.readText(path, limit: 1_024)
        } catch {
            if error.isNotFound { return nil }
            throw CommandError(error)
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let id = EngineID(hex: words[0]), id.isWellFormed, let boots = Int32(words[1]),
            boots >= 0
        else { throw CommandError(.localFailure, "\(path) does not hold an engine ID and its boots; remove it") }
        return EngineState(engineID: id, boots: boots)
    }
}
