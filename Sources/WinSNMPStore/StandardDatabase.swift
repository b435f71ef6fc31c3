// Layer: WinSNMPStore. Uses: ESEDatabase, JSONDatabase, LayeredDatabase. Used by: WinSNMP, the command, the station.
// Which databases there are: where a user's own is, and where the station keeps its own for its devices.

import PlatformIO
public import WinSNMPDatabase

/// The places of databases.
public enum StandardDatabase {
    /// How entries of the station are changed.
    public static let changingStation = "it is a device of the station; change it with oriel station"

    /// Where the database of a user is: `WINSNMP_DATABASE`, else `$XDG_CONFIG_HOME/oriel/winsnmp`, else
    /// `~/.config/oriel/winsnmp`. Nil if not even `HOME` is set.
    /// - Parameter environment: The value of an environment variable.
    public static func path(environment: (String) -> String?) -> String? {
        if let path = environment("WINSNMP_DATABASE"), !path.isEmpty { return path }
        return defaultPath(environment)
    }

    private static func defaultPath(_ environment: (String) -> String?) -> String? {
        // The specification of the XDG directories has relative paths ignored.
        if let directory = environment("XDG_CONFIG_HOME"), directory.hasPrefix("/") {
            return directory + "/oriel/winsnmp"
        }
        guard let home = environment("HOME"), !home.isEmpty else { return nil }
        return home + "/.config/oriel/winsnmp"
    }

    /// The database at a path: a JSON file if its name ends in `.json`, else a directory.
    public static func open(path: String) -> any StoredDatabase {
        isJSON(path) ? JSONDatabase(path: path) : ESEDatabase(path: path)
    }

    private static func isJSON(_ path: String) -> Bool { path.lowercased().hasSuffix(".json") }

    /// The database of a user; nil if there is no place for one. At the default place it takes over the file
    /// `winsnmp.json` that earlier versions had there.
    public static func own(environment: (String) -> String?) -> (any StoredDatabase)? {
        guard let path = path(environment: environment) else { return nil }
        guard path == defaultPath(environment) else { return open(path: path) }
        return ESEDatabase(path: path, takingOver: path + ".json")
    }

    /// The station's data directory: `ORIEL_DATA`, else `$XDG_DATA_HOME/oriel/station`, else
    /// `~/.local/share/oriel/station`. Nil if not even `HOME` is set.
    public static func stationDirectory(environment: (String) -> String?) -> String? {
        if let directory = environment("ORIEL_DATA"), !directory.isEmpty { return directory }
        if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/oriel/station" }
        guard let home = environment("HOME"), !home.isEmpty else { return nil }
        return home + "/.local/share/oriel/station"
    }

    /// The database that a station keeps of its devices in its data directory.
    public static func station(in directory: String) -> ESEDatabase { ESEDatabase(path: directory + "/winsnmp") }

    /// The user's own database before the station's; nil if there is no place for one.
    public static func layered(environment: (String) -> String?) -> (any WinSNMPDatabase)? {
        guard let own = own(environment: environment) else { return nil }
        guard let data = stationDirectory(environment: environment) else { return own }
        return LayeredDatabase(own, before: station(in: data), changingOther: changingStation)
    }

    /// `layered(environment:)` by this process's own environment.
    public static func layered() -> (any WinSNMPDatabase)? { layered(environment: Program.environment) }
}
