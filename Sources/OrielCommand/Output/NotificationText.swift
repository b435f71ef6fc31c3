// Layer: OrielCommand/Output. Uses: SNMPEngine (ReceivedNotification), BindingPrinter. Used by: ListenCommand.
// Notifications for people and as JSON. The community is a secret and appears in neither.

import JSON
import PlatformIO
import SNMPCodec
import SNMPEngine
import SNMPNames
import SNMPSecurity
import Station

/// Writes received notifications.
struct NotificationText {
    private let display: DisplaySettings
    private let printer: BindingPrinter

    init(_ display: DisplaySettings) {
        self.display = display
        printer = BindingPrinter(display)
    }

    /// A notification, without the last line end.
    func text(_ notification: ReceivedNotification, at wallSeconds: Int64 = SystemClock.wallSeconds) -> String {
        display.isJSON ? json(notification, wallSeconds) : human(notification, wallSeconds)
    }

    /// The bindings behind sysUpTime.0 and snmpTrapOID.0, which the heading shows.
    private func payload(_ notification: ReceivedNotification) -> ArraySlice<VarBind> {
        let bindings = notification.variableBindings[...]
        if case .trapV1 = notification.kind { return bindings }
        let isHeaded =
            bindings.count >= 2 && bindings[0].name == NotificationNames.sysUpTime
            && bindings[1].name == NotificationNames.snmpTrapOID
        return isHeaded ? bindings.dropFirst(2) : bindings
    }

    private func human(_ notification: ReceivedNotification, _ wallSeconds: Int64) -> String {
        var text = LocalTime(wallSeconds: wallSeconds)?.text ?? ""
        text += " \(notification.source.text) \(version(notification.version)) \(kind(notification.kind))"
        if notification.version == .v3 {
            let user = String(decoding: notification.userName, as: UTF8.self)
            text += " (\(BindingPrinter.harmless(user)), \(notification.securityLevel))"
        }
        text += " \(printer.name(notification.trapOID)), up \(ValueText.duration(notification.upTime))"
        if case .trapV1(let trap) = notification.kind {
            text += "\n    enterprise \(printer.name(trap.enterprise)), agent \(Self.address(trap.agentAddress))"
            text += ", generic \(trap.genericTrap), specific \(trap.specificTrap)"
        }
        for binding in payload(notification) { text += "\n    \(printer.line(binding))" }
        return text
    }

    private func json(_ notification: ReceivedNotification, _ wallSeconds: Int64) -> String {
        let names = NameTable.standard
        var object = JSONObject()
        object.add("time", LocalTime(utcSeconds: wallSeconds)?.utcText)
        object.add("source", notification.source.text)
        object.add("version", version(notification.version))
        object.add("kind", kind(notification.kind))
        if notification.version == .v3 {
            object.add("user", String(decoding: notification.userName, as: UTF8.self))
            object.add("level", notification.securityLevel.description)
            object.add("contextEngineID", notification.contextEngineID.description)
            object.add("context", String(decoding: notification.contextName, as: UTF8.self))
        }
        object.add("trap", names.format(notification.trapOID))
        object.add("trapOID", notification.trapOID.description)
        object.add("upTime", .unsigned(UInt64(notification.upTime)))
        if case .trapV1(let trap) = notification.kind {
            object.add("enterprise", trap.enterprise.description)
            object.add("agentAddress", Self.address(trap.agentAddress))
            object.add("genericTrap", Int(trap.genericTrap))
            object.add("specificTrap", Int(trap.specificTrap))
        }
        object.add("bindings", .array(payload(notification).map { .object(BindingJSON.object($0)) }))
        return object.text
    }

    private func version(_ version: SNMPVersion) -> String {
        switch version {
        case .v1: "v1"
        case .v2c: "v2c"
        case .v3: "v3"
        }
    }

    private func kind(_ kind: ReceivedNotification.Kind) -> String {
        if case .inform = kind { return "inform" }
        return "trap"
    }

    private static func address(_ address: UInt32) -> String {
        (0..<4).map { String(address >> (24 - 8 * $0) & 0xFF) }.joined(separator: ".")
    }
}

extension LocalTime {
    /// `2026-11-21 02:03:04`
    var text: String {
        "\(year)-\(Self.two(month))-\(Self.two(day)) \(Self.two(hour)):\(Self.two(minute)):\(Self.two(second))"
    }

    /// `2026-11-21T02:03:04Z`, for a time made with `utcSeconds` (RFC 3339).
    var utcText: String {
        "\(year)-\(Self.two(month))-\(Self.two(day))T\(Self.two(hour)):\(Self.two(minute)):\(Self.two(second))Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
