// Layer: OrielCommand/Commands. Uses: StationCommand+*, Station. Used by: Oriel.
// station: the network recorder. Alone it runs; its sub-commands talk to the one that runs, or to its data.

import JSON
import PlatformIO
import SNMP
import SNMPSecurity
import Station
import StationStore
import StationWeb

extension Command {
    static let station = Command(
        "station", "polls devices, receives their traps, records and shows it all",
        usage: ["[options]", "SUBCOMMAND [options] [operands]"],
        explanation: [
            "Without a sub-command the station runs: it watches this machine and all devices that were added, records"
                + " every sample, trap and inform in its data directory, and serves a page with charts. Control-C ends"
                + " it with everything written.",
            "Devices are added and removed while it runs or while it doesn't. The page is served to this machine only;"
                + " to see it from another one take ssh -L 8161:127.0.0.1:8161 HOST.",
        ],
        options: [.station],
        examples: [
            "oriel station", "oriel station --data /srv/oriel --listen 127.0.0.1:8080 --trap-port 1162",
            "oriel station add switch.example -c private --name core-switch",
            "oriel station add router.example -u monitor -a SHA-256 -A @auth.key -X @priv.key --interval 10s",
            "oriel station top",
        ],
        subcommands: [stationAdd, stationList, stationRemove, stationImport, stationQuery, stationEvents, stationTop]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try await invocation.runStation()
    }

    static let stationAdd = Command(
        "station add", "watches a device from now on",
        usage: ["[options] HOST"],
        explanation: [
            "The secrets are kept encrypted in the data directory and are never shown.", OptionGroup.hostNote,
            OptionGroup.secretsNote,
        ],
        options: [
            .stationDevice, .security,
            OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json]),
        ],
        examples: [
            "oriel station add 192.0.2.1 -c private", "oriel station add switch.example --name core -i 10s",
            "oriel station add router.example -u monitor -a SHA-256 -A @auth.key -x AES -X @priv.key",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        let session = invocation.settings.session
        if session.engineID != nil || session.contextEngineID != nil {
            throw CommandError(.usage, "-e and -E can't be kept with a device yet; leave them out")
        }
        let spec = DeviceSpec(
            name: invocation.settings.station.name, host: try invocation.operand(0, "HOST"),
            security: try session.deviceSecurity(invocation.console),
            intervalMilliseconds: invocation.settings.station.interval)
        return try invocation.showChanged(try invocation.ask(.add([spec])), "watching")
    }

    static let stationImport = Command(
        "station import", "watches the devices of a JSON file",
        usage: ["[options] FILE"],
        explanation: [
            "FILE holds an array of devices, or an object with the member devices. A device has host, and if wanted"
                + " name, version (1, 2c, 3), community, interval in seconds, and for SNMPv3 user: an object with"
                + " name, auth, authPassword, priv, privPassword and context. All of them are added or, if one can't"
                + " be, none. - reads standard input."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station import devices.json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        let path = try invocation.operand(0, "FILE")
        let text: String
        do throws(IOError) {
            text = String(
                decoding: try FileAccess.read(path == "-" ? "/dev/stdin" : path, limit: 16 << 20), as: UTF8.self)
        } catch {
            throw CommandError(error)
        }
        let specs: [DeviceSpec]
        do throws(StationError) {
            specs = try DeviceSpec.list(text)
        } catch {
            throw CommandError(.usage, "\(path): \(error)")
        }
        guard !specs.isEmpty else { throw CommandError(.usage, "\(path) has no devices") }
        return try invocation.showChanged(try invocation.ask(.add(specs)), "watching")
    }

    static let stationRemove = Command(
        "station remove", "watches a device no more and forgets its samples",
        usage: ["[options] DEVICE..."],
        explanation: [
            "DEVICE is a name or number as oriel station list shows them. Events stay until they are too old."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station remove core-switch"]
    ) { invocation throws(CommandError) in
        _ = try invocation.operand(0, "DEVICE")
        var status = ExitStatus.success
        for name in invocation.operands {
            status = try invocation.showChanged(try invocation.ask(.remove(name)), "removed")
        }
        return status
    }

    static let stationList = Command(
        "station list", "lists the devices and how they are",
        usage: ["[options]"],
        explanation: [
            "States are those of the station that runs; without one everything is new, and the values are the last"
                + " ones."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station list", "oriel station list --json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try invocation.listDevices(try invocation.devices(), byTraffic: false)
    }

    static let stationTop = Command(
        "station top", "lists the devices with the most traffic first",
        usage: ["[options]"],
        explanation: ["On a terminal it is repeated every two seconds until Control-C; --count says how often."],
        options: [
            OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.count, OptionGroup.json])
        ],
        examples: ["oriel station top", "oriel station top --count 1 --json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try await invocation.top()
    }

    static let stationQuery = Command(
        "station query", "prints the samples of a series, or their rates",
        usage: ["[options] DEVICE", "[options] DEVICE SERIES"],
        explanation: [
            "DEVICE is a name or number. Without SERIES the device's series are listed. SERIES is a number out of that"
                + " list, or a metric and an object's name, such as ifHCInOctets/eth0.",
            "With --rate each line has the end of an interval, the growth a second (bits a second for octets) and the"
                + " state: ok, wrapped, reset, unknown or gap.",
        ],
        options: [
            .stationTimes, OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json]),
        ],
        examples: [
            "oriel station query core-switch", "oriel station query core-switch ifHCInOctets/eth0 --from -1d --rate",
            "oriel station query 1 11 --from 2026-11-21 --json",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 2)
        return try invocation.query()
    }

    static let stationEvents = Command(
        "station events", "prints traps, informs and what else happened",
        usage: ["[options] [DEVICE]"],
        explanation: [
            "The newest events, oldest first; those of DEVICE, a name or number, or of all. Each line has time,"
                + " severity, device or sender, kind and title. Kinds are trap, inform, state (a device went up or"
                + " down), restart, change (a name, description or table changed), walk (a verdict changed), clock and"
                + " station.",
            "--search takes words that must all be in title, sender, device or varbinds, whatever the case of their"
                + " letters.",
        ],
        options: [
            OptionGroup(
                title: "Which events",
                options: [
                    OptionGroup.eventKind, OptionGroup.eventSearch, OptionGroup.from(.everything), OptionGroup.to,
                    OptionGroup.eventCount,
                ]),
            OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json]),
        ],
        examples: [
            "oriel station events", "oriel station events core-switch --kind trap --from -7d",
            "oriel station events --search 'linkDown uplink' --count 500 --json",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        return try invocation.events()
    }
}

extension SessionSettings {
    /// Version and credentials as the store keeps them.
    func deviceSecurity(_ console: Console) throws(CommandError) -> DeviceSecurity {
        switch try security(console) {
        case .v1(let community): return .v1(community: community)
        case .v2c(let community): return .v2c(community: community)
        case .v3(let credentials, _, _):
            return .v3(
                DeviceUser(
                    name: String(decoding: credentials.userName, as: UTF8.self),
                    authentication: credentials.authentication.map {
                        .init(protocolName: auth ?? "SHA", password: $0.key.secret.octets)
                    },
                    privacy: credentials.privacy.map {
                        .init(protocolName: priv ?? "AES", password: $0.key.secret.octets)
                    }, contextName: context))
        }
    }
}

extension CommandError {
    init(_ error: StationError) {
        switch error {
        case .invalid, .store(.nameTaken), .store(.nameInvalid): self.init(.usage, error.description)
        case .notFound: self.init(.usage, error.description, kind: .notFound)
        default: self.init(.localFailure, error.description)
        }
    }
}
