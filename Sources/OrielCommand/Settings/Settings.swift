// Layer: OrielCommand/Settings. Used by: options, which fill it, and commands, which read it.
// What all options together can say. Each command's table decides which of it can be said there.

import Primitives
import SNMPCodec
import SNMPNames

/// The choices made by options.
struct Settings: Sendable {
    var session = SessionSettings()
    var display = DisplaySettings()
    var isVerbose = false
    /// Max-repetitions of GETBULK; nil leaves it to the command.
    var maxRepetitions: Int?
    /// Non-repeaters of GETBULK.
    var nonRepeaters = 0
    /// Rows after which a walk stops.
    var maximumRows: Int?
    /// Notifications or screens after which to stop.
    var count: Int?
    /// Time between two screens.
    var interval = Interval.seconds(2)
    /// Communities of a listener or agent.
    var communities: [Secret] = []
    /// SNMPv3 users of a listener or agent.
    var users: [String] = []
    /// Where an agent listens.
    var listen: [String] = []
    /// Whether an agent allows SET.
    var isWritable = false
    /// Entries of WinSNMP's database.
    var winSNMP = WinSNMPSettings()
    /// The station and its questions.
    var station = StationSettings()
    /// What to read of an ESE database.
    var database = DatabaseSettings()
}

/// How to talk to a device.
struct SessionSettings: Sendable {
    var version: SNMPVersion?
    var community: Secret?
    var user: String?
    var level: String?
    var auth: String?
    var authPassword: Secret?
    var priv: String?
    var privPassword: Secret?
    var context = ""
    var engineID: EngineID?
    var contextEngineID: EngineID?
    var retries: Int?
    var timeout: Interval?
    var profilePath: String?
}

/// How to print.
struct DisplaySettings: Sendable {
    var style = NameStyle.module
    /// `-Oq`, `-OQ`: values without their types.
    var isQuick = false
    /// `-OQ`: an equals sign all the same.
    var hasEquals = true
    /// `-Ov`: no names.
    var valuesOnly = false
    /// `-Oe`: numbers instead of labels.
    var numbersForLabels = false
    /// `-Ot`: ticks as plain numbers.
    var plainTicks = false
    /// `-OU`: no units.
    var hidesUnits = false
    /// `-Ox`: octets in hexadecimal.
    var hexadecimal = false
    var isJSON = false

    /// Takes the letters of `-O`; throws for one that means nothing.
    mutating func apply(_ letters: String) throws(UsageError) {
        guard !letters.isEmpty else { throw UsageError("needs one or more of the letters n f s S X q Q v e t U x") }
        for letter in letters {
            switch letter {
            case "n": style = .numeric
            case "f": style = .full
            case "s": style = .suffix
            case "S": style = .module
            case "X": style = .brackets
            case "q": (isQuick, hasEquals) = (true, false)
            case "Q": (isQuick, hasEquals) = (true, true)
            case "v": valuesOnly = true
            case "e": numbersForLabels = true
            case "t": plainTicks = true
            case "U": hidesUnits = true
            case "x": hexadecimal = true
            default: throw UsageError("no output option \"\(letter)\"; there are n f s S X q Q v e t U x")
            }
        }
    }
}
