// Layer: test support. Used by: TrapDaemon.
// One notification as snmptrapd logged it, in a format of our own that survives any text in the values.

/// A notification that a `TrapDaemon` accepted.
public struct LoggedNotification: Hashable, Sendable, CustomStringConvertible {
    /// Net-SNMP's words for the PDU: `TRAP`, `TRAP2` or `INFORM`.
    public let kind: String
    /// Net-SNMP's words for the message: `SNMP v1`, `SNMP v2c` or `SNMP v3`.
    public let version: String
    /// `community NAME` or `user NAME, context NAME`.
    public let security: String
    /// The transport and its addresses, such as `UDP: [127.0.0.1]:40000->[127.0.0.1]:162`.
    public let transport: String
    /// The enterprise of a v1 trap (RFC 1157 section 4.1.6), `.` otherwise.
    public let enterprise: String
    /// generic-trap, specific-trap and time-stamp of a v1 trap; zeros otherwise.
    public let generic: Int, specific: Int, timeStamp: Int
    /// agent-addr of a v1 trap, `0.0.0.0` otherwise.
    public let agentAddress: String
    /// The variable bindings, for v2 PDUs with sysUpTime.0 and snmpTrapOID.0 in front.
    public let varBinds: [PrintedVarBind]

    public var description: String { "\(kind), \(version), \(security), \(transport), \(varBinds)" }

    // ASCII's own separators: unit between fields, group between variable bindings, record at the end.
    static let format = "%P\u{1f}%b\u{1f}%N\u{1f}%w\u{1f}%q\u{1f}%T\u{1f}%a\u{1f}%V\u{1d}%v\u{1e}\n"

    /// All complete records of a log; the daemon's own lines before a record are skipped.
    static func all(in log: String) -> [LoggedNotification] {
        // The last piece is what follows the last complete record.
        log.split(separator: "\u{1e}", omittingEmptySubsequences: false).dropLast().compactMap(Self.init(record:))
    }

    private init?(record: Substring) {
        let fields = record.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 8 else { return nil }
        // "TRAP2, SNMP v2c, community public", perhaps behind log lines of the daemon.
        let line = fields[0].split(separator: "\n").last.map(String.init) ?? ""
        let words = line.split(separator: ",", maxSplits: 2).map { String($0.drop { $0 == " " }) }
        guard words.count == 3 else { return nil }
        (kind, version, security) = (words[0], words[1], words[2])
        (transport, enterprise, agentAddress) = (fields[1], fields[2], fields[6])
        generic = Int(fields[3]) ?? 0
        // An enterprise-specific trap's number is printed with a dot in front.
        specific = Int(fields[4].drop { $0 == "." }) ?? 0
        timeStamp = Int(fields[5]) ?? 0
        varBinds = fields[7].split(separator: "\u{1d}").compactMap { PrintedVarBind(line: String($0)) }
    }
}
