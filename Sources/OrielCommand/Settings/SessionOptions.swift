// Layer: OrielCommand/Settings. Uses: Option, Settings. Used by: the commands that talk to a device.
// The options with which one says whom to talk to, as net-snmp's tools have them.

import Primitives
import SNMPCodec
import SNMPSecurity

extension OptionGroup {
    /// Version and credentials.
    static let security = OptionGroup(
        title: "Version and credentials",
        options: [
            Option("-v", "--snmp", "1|2c|3", "SNMP version; without it 2c, or 3 if -u is given") {
                settings, text throws(UsageError) in
                switch text {
                case "1": settings.session.version = .v1
                case "2c", "2": settings.session.version = .v2c
                case "3": settings.session.version = .v3
                default: throw UsageError("there is no version \"\(text)\"; take 1, 2c or 3")
                }
            },
            Option(
                "-c", "--community", "COMMUNITY",
                "community of v1 and v2c; else from ORIEL_COMMUNITY, else \"public\""
            ) { settings, text in settings.session.community = Secret(argument: text) },
            Option("-u", "--user", "USER", "SNMPv3 user name") { settings, text in settings.session.user = text },
            level, auth, authPassword, priv, privPassword,
            Option("-n", "--context", "CONTEXT", "SNMPv3 context name") { settings, text in
                settings.session.context = text
            },
            Option("-e", "--engine-id", "ENGINEID", "engine ID of the authoritative engine, in hexadecimal") {
                settings, text throws(UsageError) in
                settings.session.engineID = try engineID(text)
            },
            Option("-E", "--context-engine-id", "ENGINEID", "engine ID of the context, in hexadecimal") {
                settings, text throws(UsageError) in
                settings.session.contextEngineID = try engineID(text)
            },
        ])

    /// The protocols and passwords of one user.
    static let keys = [level, auth, authPassword, priv, privPassword]

    static let level = Option(
        "-l", "--level", "LEVEL",
        "noAuthNoPriv, authNoPriv or authPriv; without it the highest that the passwords allow"
    ) { settings, text throws(UsageError) in
        guard SecurityLevel.allCases.contains(where: { $0.description.lowercased() == text.lowercased() }) else {
            throw UsageError("there is no level \"\(text)\"; take noAuthNoPriv, authNoPriv or authPriv")
        }
        settings.session.level = text.lowercased()
    }

    static let auth = Option(
        "-a", "--auth", "PROTOCOL", "MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512; without it SHA"
    ) { settings, text throws(UsageError) in
        guard AuthProtocol(name: text) != nil else {
            throw UsageError("unknown protocol \"\(text)\"; take MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512")
        }
        settings.session.auth = text
    }

    private static let authPassword = Option(
        "-A", "--auth-password", "PASSWORD", "authentication password; else from ORIEL_AUTH_PASSWORD"
    ) { settings, text in settings.session.authPassword = Secret(argument: text) }

    static let priv = Option(
        "-x", "--priv", "PROTOCOL",
        "DES, 3DES, AES, AES-192 or AES-256; without it AES. With -C behind AES-192 or AES-256 keys are made Cisco's"
            + " way; without it both ways are tried"
    ) { settings, text throws(UsageError) in
        guard PrivProtocol.parse(name: text) != nil else {
            throw UsageError("unknown protocol \"\(text)\"; take DES, 3DES, AES, AES-192 or AES-256")
        }
        settings.session.priv = text
    }

    private static let privPassword = Option(
        "-X", "--priv-password", "PASSWORD", "privacy password; else from ORIEL_PRIV_PASSWORD"
    ) { settings, text in settings.session.privPassword = Secret(argument: text) }

    static func engineID(_ text: String) throws(UsageError) -> EngineID {
        guard let id = EngineID(hex: text), id.isWellFormed else {
            throw UsageError("an engine ID has 5 to 32 octets, written as 10 to 64 hexadecimal digits")
        }
        return id
    }

    /// Timing.
    static let timing = OptionGroup(
        title: "Timing",
        options: [
            Option("-r", "--retries", "NUMBER", "repetitions of an unanswered request, 0 to 10; without it 3") {
                settings, text throws(UsageError) in
                settings.session.retries = try number(text, 0...10)
            },
            Option(
                "-t", "--timeout", "SECONDS",
                "time to wait for each attempt; without it 1 second at first, then what the device needs"
            ) { settings, text throws(UsageError) in
                guard let seconds = Double(text), seconds >= 0.001, seconds <= 3_600 else {
                    throw UsageError("takes a number of seconds from 0.001 to 3600")
                }
                settings.session.timeout = .fractionalSeconds(seconds)
            },
        ])

    /// What was learned about devices.
    static let profile = Option(
        nil, "--profile", "FILE", "file in which to keep what was learned about devices, such as how many rows fit"
    ) { settings, text in settings.session.profilePath = text }

    /// A decimal number in a range.
    static func number(_ text: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// What stands below the options of credentials.
    static let secretsNote =
        "COMMUNITY and PASSWORD may be @FILE, to be read from the first line of a file, so that they need not stand on"
        + " the command line; one that begins with @ is written with two."

    /// How a device is named.
    static let hostNote =
        "HOST is a name or address, with an optional port: switch.example, 192.0.2.1:1161, [2001:db8::1]:161. In"
        + " front of it may stand udp:, udp6:, tcp: or tcp6:. Of a name with several addresses the first IPv4 address"
        + " is taken, with udp6: and tcp6: the first IPv6 address."
}
