// Layer: WinSNMP. Uses: the environment. Used by: WinSNMPLibrary, the C library.

import PlatformIO

/// Settings beyond the standard, by their numbers in oriel_winsnmp.h.
public enum WinSNMPOption: UInt32, Sendable, CaseIterable {
    /// The UDP port that notifications come to, 1...65535; 162 by default. Counts for the next registration that opens
    /// the port.
    case trapPort = 1
    /// 1 lets `createSession` without window and callback make a polling session.
    case pollingSessions = 2
    /// 1 adds snmpTrapAddress.0 and snmpTrapCommunity.0 to translated traps of SNMPv1 (RFC 3584, section 3.1).
    case rfc3584Traps = 3
    /// 1, the default, answers registered informs; 0 leaves that to the application.
    case answerInforms = 4
    /// Hundredths of a second that an attempt waits when the entity's timeout is 0; 300 by default.
    case defaultTimeout = 5
    /// The retries that entities begin with; 3 by default.
    case defaultRetries = 6
    /// Most sessions alive at once; 4,096 by default.
    case maximumSessions = 7
    /// Most handles of each other kind alive at once; 262,144 by default.
    case maximumHandles = 8
    /// 1, the default, shares the trap port with other programs of the same user.
    case shareTrapPort = 9

    /// The environment variable that a library of this process begins with.
    public var environmentName: String {
        switch self {
        case .trapPort: "WINSNMP_TRAP_PORT"
        case .pollingSessions: "WINSNMP_POLLING_SESSIONS"
        case .rfc3584Traps: "WINSNMP_RFC3584_TRAPS"
        case .answerInforms: "WINSNMP_ANSWER_INFORMS"
        case .defaultTimeout: "WINSNMP_TIMEOUT"
        case .defaultRetries: "WINSNMP_RETRIES"
        case .maximumSessions: "WINSNMP_MAX_SESSIONS"
        case .maximumHandles: "WINSNMP_MAX_HANDLES"
        case .shareTrapPort: "WINSNMP_SHARE_TRAP_PORT"
        }
    }

    /// The values that it takes.
    public var range: ClosedRange<UInt32> {
        switch self {
        case .trapPort: 1...65_535
        case .pollingSessions, .rfc3584Traps, .answerInforms, .shareTrapPort: 0...1
        case .defaultTimeout: 1...360_000
        case .defaultRetries: 0...255
        case .maximumSessions, .maximumHandles: 1...1_048_575
        }
    }
}

/// The settings of a library.
public struct WinSNMPOptions: Sendable {
    /// See `WinSNMPOption.trapPort`.
    public var trapPort: UInt16 = 162
    /// See `WinSNMPOption.pollingSessions`.
    public var allowsPollingSessions = false
    /// See `WinSNMPOption.rfc3584Traps`.
    public var addsTrapOrigin = false
    /// See `WinSNMPOption.answerInforms`.
    public var answersInforms = true
    /// See `WinSNMPOption.defaultTimeout`.
    public var defaultTimeout: UInt32 = 300
    /// See `WinSNMPOption.defaultRetries`.
    public var defaultRetries: UInt32 = 3
    /// See `WinSNMPOption.maximumSessions`.
    public var maximumSessions = 4_096
    /// See `WinSNMPOption.maximumHandles`.
    public var maximumHandles = 262_144
    /// See `WinSNMPOption.shareTrapPort`.
    public var sharesTrapPort = true
    /// The database alone that is used: a directory, or a JSON file whose name ends in `.json`. Nil for the user's own
    /// (`WINSNMP_DATABASE`, else the default place) before the station's.
    public var databasePath: String?

    /// The defaults.
    public init() {}

    /// The defaults, with what the environment says instead. Values out of range are ignored.
    public static func fromEnvironment(_ variable: (String) -> String?) -> WinSNMPOptions {
        var options = WinSNMPOptions()
        for option in WinSNMPOption.allCases {
            guard let text = variable(option.environmentName), let value = UInt32(text), option.range.contains(value)
            else { continue }
            options[option] = value
        }
        return options
    }

    /// The setting of this number. Values set must be in its range.
    subscript(option: WinSNMPOption) -> UInt32 {
        get {
            switch option {
            case .trapPort: UInt32(trapPort)
            case .pollingSessions: allowsPollingSessions ? 1 : 0
            case .rfc3584Traps: addsTrapOrigin ? 1 : 0
            case .answerInforms: answersInforms ? 1 : 0
            case .defaultTimeout: defaultTimeout
            case .defaultRetries: defaultRetries
            case .maximumSessions: UInt32(clamping: maximumSessions)
            case .maximumHandles: UInt32(clamping: maximumHandles)
            case .shareTrapPort: sharesTrapPort ? 1 : 0
            }
        }
        set {
            switch option {
            case .trapPort: trapPort = UInt16(clamping: newValue)
            case .pollingSessions: allowsPollingSessions = newValue != 0
            case .rfc3584Traps: addsTrapOrigin = newValue != 0
            case .answerInforms: answersInforms = newValue != 0
            case .defaultTimeout: defaultTimeout = newValue
            case .defaultRetries: defaultRetries = newValue
            case .maximumSessions: maximumSessions = Int(newValue)
            case .maximumHandles: maximumHandles = Int(newValue)
            case .shareTrapPort: sharesTrapPort = newValue != 0
            }
        }
    }
}
