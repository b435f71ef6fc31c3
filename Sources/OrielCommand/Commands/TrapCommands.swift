// Layer: OrielCommand/Commands. Uses: Session, EngineState, TypedValue. Used by: Oriel.
// trap and inform: one notification.

import JSON
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

extension Command {
    static let trap = Command(
        "trap", "sends a notification that nobody confirms",
        usage: [
            "[options] HOST UPTIME TRAP [NAME TYPE VALUE]...",
            "-v 1 [options] HOST ENTERPRISE ADDRESS GENERIC SPECIFIC UPTIME [NAME TYPE VALUE]...",
        ],
        explanation: [
            "UPTIME is in hundredths of a second; empty ('') it is this machine's. TRAP names the notification. HOST's"
                + " port is 162 unless given.",
            "In SNMPv1 ENTERPRISE is the kind of device, ADDRESS its IPv4 address, GENERIC 0 coldStart, 1 warmStart, 2"
                + " linkDown, 3 linkUp, 4 authenticationFailure, 5 egpNeighborLoss or 6 for SPECIFIC. Empty, ENTERPRISE"
                + " is net-snmp's for Linux and ADDRESS 0.0.0.0.",
            "An SNMPv3 trap is sent in the name of an own engine, which the receiver has to know. Its ID is that of -e,"
                + " or one made at first use. How often it was started is kept in $XDG_STATE_HOME/oriel.",
            TypedValue.note, OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [.security, .timing, OptionGroup(title: "Output", options: [OptionGroup.json])],
        examples: [
            "oriel trap -c private manager.example '' linkDown ifIndex.3 i 3",
            "oriel trap -v1 manager.example '' 192.0.2.7 6 17 ''",
            "oriel trap -u sender -e 80001f880472696773656e64 -A @auth.key manager.example '' coldStart",
        ]
    ) { invocation throws(CommandError) in
        invocation.settings.session.effectiveVersion == .v1
            ? try await invocation.trapV1() : try await invocation.notify(isInform: false)
    }

    static let inform = Command(
        "inform", "sends a notification and waits until it is confirmed",
        usage: ["[options] HOST UPTIME TRAP [NAME TYPE VALUE]..."],
        explanation: [
            "UPTIME is in hundredths of a second; empty ('') it is this machine's. TRAP names the notification. HOST's"
                + " port is 162 unless given. The exit status is 3 if nobody confirms.",
            TypedValue.note, OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [.security, .timing, OptionGroup(title: "Output", options: [OptionGroup.json])],
        examples: [
            "oriel inform manager.example '' linkUp ifIndex.3 i 3",
            "oriel inform -u sender -a SHA-256 -A @auth.key manager.example '' coldStart",
        ]
    ) { invocation throws(CommandError) in
        guard invocation.settings.session.effectiveVersion != .v1 else {
            throw CommandError(.usage, "SNMPv1 has no informs; take -v 2c or oriel trap")
        }
        return try await invocation.notify(isInform: true)
    }
}

extension Invocation {
    fileprivate func notify(isInform: Bool) async throws(CommandError) -> ExitStatus {
        let host = try operand(0, "HOST")
        let upTime = try upTime(try operand(1, "UPTIME"))
        let name = try identifier(try operand(2, "TRAP"))
        let bindings = try bindings(from: 3)
        // Informs belong to the receiver's engine, v3 traps to ours.
        var engine: EngineState?
        if settings.session.effectiveVersion == .v3, !isInform {
            // Before the engine's start is counted: wrong options are no start.
            _ = try settings.session.security(console)
            engine = try EngineState.start("trap", engineID: settings.session.engineID, console)
        }
        try await withSession(host, defaultPort: 162, localEngine: engine.map { ($0.engineID, $0.boots) }) {
            session throws(CommandError) in
            try await session.perform { target throws(SNMPError) in
                if isInform {
                    try await target.inform(name, upTime: upTime, bindings)
                } else {
                    try await target.trap(name, upTime: upTime, bindings)
                }
            }
        }
        return try sent(isInform ? "confirmed" : "sent", engine)
    }

    fileprivate func trapV1() async throws(CommandError) -> ExitStatus {
        let host = try operand(0, "HOST")
        let enterprise = try operand(1, "ENTERPRISE")
        let address = try operand(2, "ADDRESS")
        let trap = TrapV1PDU(
            enterprise: enterprise.isEmpty ? [1, 3, 6, 1, 4, 1, 8072, 3, 2, 10] : try identifier(enterprise),
            agentAddress: address.isEmpty ? 0 : try ipAddress(address),
            genericTrap: try number(3, "GENERIC", 0...6), specificTrap: try number(4, "SPECIFIC", 0...Int32.max),
            timestamp: try upTime(try operand(5, "UPTIME")), try bindings(from: 6))
        try await withSession(host, defaultPort: 162) { session throws(CommandError) in
            try await session.perform { target throws(SNMPError) in try await target.trap(trap) }
        }
        return try sent("sent", nil)
    }

    private func ipAddress(_ text: String) throws(CommandError) -> UInt32 {
        do throws(UsageError) { return try TypedValue.ipAddress(text) } catch { throw CommandError(error) }
    }

    private func number(_ position: Int, _ name: String, _ range: ClosedRange<Int32>) throws(CommandError) -> Int32 {
        let text = try operand(position, name)
        guard let number = Int32(text), range.contains(number) else {
            throw CommandError(
                .usage, "\(name) is a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return number
    }

    /// Hundredths of a second; empty for those since this machine's start, which wrap after 497 days.
    private func upTime(_ text: String) throws(CommandError) -> UInt32 {
        if text.isEmpty { return UInt32(truncatingIfNeeded: SystemClock.now.nanoseconds / 10_000_000) }
        guard let ticks = UInt32(text) else {
            throw CommandError(.usage, "UPTIME is a number of hundredths of a second, or empty; not \"\(text)\"")
        }
        return ticks
    }

    private func sent(_ word: String, _ engine: EngineState?) throws(CommandError) -> ExitStatus {
        guard settings.display.isJSON else { return .success }
        var object = JSONObject()
        object.add("notification", word)
        object.add("engineID", engine?.engineID.description)
        object.add("engineBoots", engine.map { .integer(Int64($0.boots)) })
        try console.writeLine(object.text)
        return .success
    }
}
