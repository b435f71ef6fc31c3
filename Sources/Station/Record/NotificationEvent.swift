// Layer: Station/Record. Uses: SNMPEngine (ReceivedNotification), SNMPNames. Used by: TrapReceiver.
// A trap or inform as an event: a line for people, and all of it as JSON. The community is a secret and stays out.

import JSON
import SNMPCodec
public import SNMPEngine
import SNMPNames
import SNMPSecurity
public import StationStore

extension EventRecord {
    /// The event of a notification.
    /// - Parameters:
    ///   - time: When it arrived, in microseconds since 1970 UTC.
    ///   - device: Which device sent it; 0: none that is known.
    ///   - interfaceName: The name of a device's interface by its index.
    public init(
        _ notification: ReceivedNotification, time: Int64, device: Int32, interfaceName: (UInt32) -> String?
    ) {
        let names = NameTable.standard
        var detail = JSONObject()
        detail.add("version", notification.version.plainText)
        if notification.version == .v3 {
            detail.add("user", String(decoding: notification.userName, as: UTF8.self).harmless)
            detail.add("level", notification.securityLevel.description)
            detail.add("context", String(decoding: notification.contextName, as: UTF8.self).harmless)
        }
        detail.add("upTime", .unsigned(UInt64(notification.upTime)))
        var bindings = notification.variableBindings[...]
        if case .trapV1(let trap) = notification.kind {
            detail.add("enterprise", trap.enterprise.description)
            detail.add("genericTrap", Int(trap.genericTrap))
            detail.add("specificTrap", Int(trap.specificTrap))
        } else if bindings.count >= 2, bindings[0].name == NotificationNames.sysUpTime,
            bindings[1].name == NotificationNames.snmpTrapOID
        {
            bindings = bindings.dropFirst(2)
        }
        var about = ""
        var list: [JSONValue] = []
        for binding in bindings {
            list.append(.object(BindingJSON.object(binding)))
            if about.isEmpty, let name = Self.interface(binding, interfaceName) { about = " (\(name))" }
        }
        detail.add("varbinds", .array(list))
        let isInform = if case .inform = notification.kind { true } else { false }
        let trap = names.format(notification.trapOID)
        self.init(
            time: time, device: device, kind: isInform ? "inform" : "trap",
            severity: Self.severity(of: notification.trapOID), source: notification.source.text,
            title: "\(trap.split(separator: ":").last.map(String.init) ?? trap)\(about)",
            trapOID: notification.trapOID.description, detail: detail.text)
    }

    private static let ifEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1]
    private static let snmpTraps: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5]

    /// The interface that a binding is about: its name from the binding itself, or by its index.
    private static func interface(_ binding: VarBind, _ interfaceName: (UInt32) -> String?) -> String? {
        guard binding.name.starts(with: ifEntry), binding.name.count == ifEntry.count + 2, let index = binding.name.last
        else { return nil }
        return interfaceName(index) ?? "interface \(index)"
    }

    /// linkDown and authenticationFailure (RFC 3418, RFC 2863) are worth a look.
    private static func severity(of trap: ObjectIdentifier) -> Severity {
        guard trap.starts(with: snmpTraps), trap.count == snmpTraps.count + 1 else { return .info }
        return trap.last == 3 || trap.last == 5 ? .warning : .info
    }
}

extension SNMPVersion {
    /// `1`, `2c` or `3`.
    var plainText: String {
        switch self {
        case .v1: "1"
        case .v2c: "2c"
        case .v3: "3"
        }
    }
}

extension String {
    /// The text without control characters, which terminals might obey.
    var harmless: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 })
        )
    }
}
