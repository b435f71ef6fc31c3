// Layer: OrielCommand/Commands. Uses: HostService, Session, LiveReader, LiveScreen. Used by: Oriel.

import JSON
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Station

extension Command {
    static let live = Command(
        "live", "shows interfaces, processors, memory and disks as they change",
        usage: ["[options] [HOST]"],
        explanation: [
            "Without HOST it is this machine: an agent is started inside this program and asked through SNMPv3, signed"
                + " and encrypted, over the loopback interface. Control-C ends it.",
            "If standard output is no terminal, each interval gives a block of text, or with --json a line.",
            OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [
            OptionGroup(
                title: "Display",
                options: [
                    Option("-i", "--interval", "SECONDS", "time between two readings, without it 2") {
                        settings, text throws(UsageError) in
                        guard let seconds = Double(text), seconds >= 0.1, seconds <= 86_400 else {
                            throw UsageError("takes a number of seconds from 0.1 to 86400")
                        }
                        settings.interval = .fractionalSeconds(seconds)
                    },
                    OptionGroup.count, OptionGroup.json,
                ]),
            .security, .timing,
        ],
        examples: [
            "oriel live", "oriel live --count 1", "oriel live -c private -i 5 switch.example",
            "oriel live --json --count 10 >> machine.jsonl",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        if let host = invocation.operands.first {
            return try await invocation.withSession(host) { session throws(CommandError) in
                try await invocation.show(session)
            }
        }
        return try await invocation.showThisMachine()
    }
}

extension Invocation {
    fileprivate func showThisMachine() async throws(CommandError) -> ExitStatus {
        // Known to nobody but this process, and gone with it.
        let passwords = (0..<2).map { _ in EngineID.random(using: .fromSystem()).description }
        let user: USMCredentials
        do throws(SecurityError) {
            user = try USMCredentials(
                userName: "live", auth: .hmacSHA256, authKey: .password(passwords[0]), priv: .aes128,
                privKey: .password(passwords[1]))
        } catch {
            throw CommandError(.localFailure, "the keys of the connection can't be made: \(error)")
        }
        let service = try startAgent(
            HostService.Settings(engineID: .random(using: .fromSystem()), engineBoots: 1, users: [user]),
            [ServiceEndpoint(.loopbackIPv4(port: 0))], another: "oriel live HOST")
        defer { service.close() }
        let session = try Session(Peer(service.endpoints[0].address), .v3(user), policy: RequestPolicy())
        let status: ExitStatus
        do throws(CommandError) {
            status = try await show(session)
        } catch {
            try? session.end()
            throw error
        }
        try session.end()
        return status
    }

    /// Reads and shows until the task is cancelled or the count is reached.
    fileprivate func show(_ session: Session) async throws(CommandError) -> ExitStatus {
        let reader = LiveReader(session.target)
        let screen = LiveScreen(
            source: "\(session.name)  SNMP\(session.target.version)", console: console,
            isRedrawn: console.outputWidth() != nil && !settings.display.isJSON)
        try screen.begin()
        defer { screen.end() }
        var shown = 0
        let base = try await first(reader, session)
        var tracker = LiveTracker(base)
        // Rates take two readings: the first screen comes soon, the others in their interval.
        var wake = base.time + .seconds(1)
        while !Task.isCancelled {
            try? await Task.sleep(for: .nanoseconds(max(0, (wake - SystemClock.now).nanoseconds)))
            if Task.isCancelled { break }
            let reading: LiveReading
            switch await reader.read() {
            case .success(let value): reading = value
            case .failure(.request(.cancelled)): return .success
            case .failure(let error):
                // It may come back; what it says then is compared with what it said last.
                screen.trouble(CommandError(error, peer: session.name).message)
                wake = SystemClock.now + settings.interval
                continue
            }
            wake = reading.time + settings.interval
            let change = tracker.add(reading)
            if settings.display.isJSON {
                try console.writeLine(change.json.text)
                try console.flushOutput()
            } else {
                try screen.show(change)
            }
            shown += 1
            if shown == settings.count { break }
        }
        return .success
    }

    /// Without a first answer there is nothing to show.
    private func first(_ reader: LiveReader, _ session: Session) async throws(CommandError) -> LiveReading {
        switch await reader.read() {
        case .success(let reading): return reading
        case .failure(let error): throw CommandError(error, peer: session.name)
        }
    }
}
