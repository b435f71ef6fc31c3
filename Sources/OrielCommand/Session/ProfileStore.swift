// Layer: OrielCommand/Session. Uses: PlatformIO (files). Used by: Session.
// The file of --profile: what was learned about devices, as JSON keyed by address.

import FoundationEssentials
import PlatformIO
import SNMPEngine

/// What was learned about devices, in a file.
struct ProfileStore {
    private let path: String
    /// By address: `192.0.2.1:161`, `tcp:[2001:db8::1]:161`.
    private(set) var profiles: [String: TargetProfile]

    /// Reads the file; one that does not exist yet is empty.
    init(reading path: String) throws(CommandError) {
        self.path = path
        let bytes: [UInt8]
        do throws(IOError) {
            bytes = try FileAccess.read(path)
        } catch {
            guard error.isNotFound else { throw CommandError(error) }
            profiles = [:]
            return
        }
        do {
            profiles = try JSONDecoder().decode([String: TargetProfile].self, from: Data(bytes))
        } catch {
            throw CommandError(.localFailure, "\(path) is no file of --profile; remove it or name another one")
        }
    }

    /// Writes one profile; those that other runs have saved meanwhile stay.
    func save(_ profile: TargetProfile, for key: String) throws(CommandError) {
        var all = try ProfileStore(reading: path).profiles
        guard all[key] != profile else { return }
        all[key] = profile
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(all) else {
            throw CommandError(.localFailure, "what was learned about \(key) can't be written as JSON")
        }
        do throws(IOError) {
            try FileAccess.writeAtomically(path, Array(data) + [UInt8(ascii: "\n")])
        } catch {
            throw CommandError(error)
        }
    }
}
