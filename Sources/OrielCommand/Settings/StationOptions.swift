// Layer: OrielCommand/Settings. Uses: Option, Settings. Used by: the station's commands.
// The options of the station.

import Primitives
import Station

/// What the options of `station` say.
struct StationSettings: Sendable {
    /// The data directory; nil: the standard one.
    var directory: String?
    /// Where the page is served.
    var listen = "127.0.0.1:8161"
    var trapPort: UInt16?
    var leavesOutAgent = false
    var retentionDays = 400
    /// The name of a device to add.
    var name: String?
    /// In milliseconds.
    var interval = DeviceSpec.defaultInterval
    /// Times as they were written.
    var from: String?
    var to: String?
    var isRate = false
    /// The kind of events.
    var kind: String?
    /// Words of events.
    var search: String?
}

extension OptionGroup {
    /// Where the store is.
    static let stationData = Option(
        "-d", "--data", "DIR",
        "data directory; without it that of ORIEL_DATA, else oriel/station in $XDG_DATA_HOME or ~/.local/share"
    ) { settings, text throws(UsageError) in
        guard !text.isEmpty else { throw UsageError("takes the path of a directory") }
        settings.station.directory = text
    }

    /// How the station runs.
    static let station = OptionGroup(
        title: "Station",
        options: [
            stationData,
            Option(nil, "--listen", "ADDRESS", "address and port of the page; without it 127.0.0.1:8161") {
                settings, text in settings.station.listen = text
            },
            Option(
                nil, "--trap-port", "NUMBER",
                "port for traps and informs; without it 162, or 1162 where that can't be had"
            ) { settings, text throws(UsageError) in
                settings.station.trapPort = UInt16(try number(text, 0...65_535))
            },
            Option(flag: nil, "--no-agent", "don't watch this machine") { settings in
                settings.station.leavesOutAgent = true
            },
            Option(nil, "--keep", "DAYS", "delete samples and events after so many days; without it 400") {
                settings, text throws(UsageError) in
                settings.station.retentionDays = try number(text, 1...36_500)
            },
        ])

    /// A device to add.
    static let stationDevice = OptionGroup(
        title: "Device",
        options: [
            Option(nil, "--name", "NAME", "name of the device; without it HOST") { settings, text in
                settings.station.name = text
            },
            Option("-i", "--interval", "TIME", "time between two rounds, 1s to 1d: 10s, 1m; without it 60s") {
                settings, text throws(UsageError) in
                settings.station.interval = try milliseconds(text)
            },
        ])

    /// The times of a question.
    static let stationTimes = OptionGroup(
        title: "Which samples",
        options: [
            from(.lastHour), to,
            Option(flag: nil, "--rate", "the growth a second of a counter in place of its samples") { settings in
                settings.station.isRate = true
            },
        ])

    /// Where a question begins unless told.
    enum Beginning: String {
        case lastHour = "-1h"
        case everything = "the oldest"
    }

    static func from(_ usual: Beginning) -> Option {
        Option(
            nil, "--from", "TIME",
            "where to begin, without it \(usual.rawValue); -30m, -7d, 2026-11-21, seconds since 1970"
        ) { settings, text in settings.station.from = text }
    }

    static let to = Option(nil, "--to", "TIME", "where to end, without it now") { settings, text in
        settings.station.to = text
    }

    static let eventKind = Option("-k", "--kind", "KIND", "only events of this kind") { settings, text in
        settings.station.kind = text
    }

    static let eventSearch = Option("-s", "--search", "WORDS", "only events with these words") { settings, text in
        settings.station.search = text
    }

    static let eventCount = Option("-N", "--count", "NUMBER", "how many, without it 50") {
        settings, text throws(UsageError) in settings.count = try number(text, 1...Int(Int32.max))
    }

    private static func milliseconds(_ text: String) throws(UsageError) -> Int32 {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        guard let count = Double(unit == nil ? Substring(text) : text.dropLast()),
            count * (unit ?? 1) >= 1, count * (unit ?? 1) <= 86_400
        else { throw UsageError("takes a time from 1s to 1d, such as 10s, 60 or 5m") }
        return Int32(count * (unit ?? 1) * 1_000)
    }
}
