// Layer: SNMPAgent. Uses: ScalarGroup. Used by: Agent.
// What the agent counts and says about itself, and the objects that show it (RFC 3418, 3411, 3412, 3413, 3414).

import Primitives
import SNMPCodec
public import SNMPSecurity

/// The agent's counters. They wrap.
public struct AgentCounters: Hashable, Sendable {
    /// snmpInPkts: messages received.
    public var inPackets: UInt32 = 0
    /// snmpOutPkts: messages sent.
    public var outPackets: UInt32 = 0
    /// snmpInBadVersions: messages of unknown versions.
    public var inBadVersions: UInt32 = 0
    /// snmpInBadCommunityNames: messages of unknown communities, or from where they are not accepted.
    public var inBadCommunityNames: UInt32 = 0
    /// snmpInBadCommunityUses: operations that their community does not allow.
    public var inBadCommunityUses: UInt32 = 0
    /// snmpInASNParseErrs: malformed messages.
    public var inASNParseErrors: UInt32 = 0
    /// snmpSilentDrops: requests whose answer, even as an error, did not fit.
    public var silentDrops: UInt32 = 0
    /// snmpUnknownSecurityModels: SNMPv3 messages of other security models than USM.
    public var unknownSecurityModels: UInt32 = 0
    /// snmpInvalidMsgs: SNMPv3 messages with impossible headers.
    public var invalidMessages: UInt32 = 0
    /// snmpUnknownPDUHandlers: PDUs that an agent does not take, or for other engines.
    public var unknownPDUHandlers: UInt32 = 0
    /// snmpUnknownContexts: requests for contexts that do not exist.
    public var unknownContexts: UInt32 = 0
    /// The counters of usmStats.
    public var security = USMStatistics()

    /// Makes counters at zero.
    public init() {}
}

/// What the agent's own objects read; apart from the agent, so that these don't keep each other alive.
final class AgentState {
    var counters = AgentCounters()
    /// snmpEnableAuthenTraps.
    var reportsAuthenticationFailures = false
    /// snmpSetSerialNo.
    var setSerialNumber: Int32 = 0
}

extension AgentState {
    static let snmp: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 11]
    static let snmpSet: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 6]
    static let snmpEngine: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 10, 2, 1]
    static let messageProcessing: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 11, 2, 1]
    static let target: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 12, 1]

    /// snmpUnknownPDUHandlers.0.
    static let unknownPDUHandlers = messageProcessing.appending(3).appending(0)
    /// snmpUnknownContexts.0.
    static let unknownContexts = target.appending(5).appending(0)

    private func counter(_ arc: UInt32, _ path: KeyPath<AgentCounters, UInt32>) -> Scalar {
        Scalar(arc, read: { [self] (_) throws(ObjectError) in .counter32(counters[keyPath: path]) })
    }

    /// The agent's own objects.
    func groups(
        engineID: EngineID, boots: Int32, start: Instant, maximumMessageByteCount: Int
    ) -> [ScalarGroup] {
        [
            ScalarGroup(
                root: AgentState.snmp,
                [
                    counter(1, \.inPackets), counter(2, \.outPackets), counter(3, \.inBadVersions),
                    counter(4, \.inBadCommunityNames), counter(5, \.inBadCommunityUses),
                    counter(6, \.inASNParseErrors), enableAuthenTraps(), counter(31, \.silentDrops),
                    // There is no proxy, so nothing is dropped by it.
                    .constant(32, .counter32(0)),
                ]),
            ScalarGroup(root: AgentState.snmpSet, [setSerialNo()]),
            ScalarGroup(
                root: AgentState.snmpEngine,
                [
                    .constant(1, .octetString(engineID.octets)), .constant(2, .integer(boots)),
                    Scalar(3, read: { (now) throws(ObjectError) in
                        .integer(Int32(clamping: max((now - start).nanoseconds, 0) / 1_000_000_000))
                    }),
                    .constant(4, .integer(Int32(clamping: maximumMessageByteCount))),
                ]),
            ScalarGroup(
                root: AgentState.messageProcessing,
                [
                    counter(1, \.unknownSecurityModels), counter(2, \.invalidMessages),
                    counter(3, \.unknownPDUHandlers),
                ]),
            // All contexts that exist are available, so snmpUnavailableContexts stays 0.
            ScalarGroup(
                root: AgentState.target, [.constant(4, .counter32(0)), counter(5, \.unknownContexts)]),
            ScalarGroup(
                root: USMStatistics.root,
                [
                    counter(1, \.security.unsupportedSecurityLevels), counter(2, \.security.notInTimeWindows),
                    counter(3, \.security.unknownUserNames), counter(4, \.security.unknownEngineIDs),
                    counter(5, \.security.wrongDigests), counter(6, \.security.decryptionErrors),
                ]),
        ]
    }

    /// snmpEnableAuthenTraps: 1 enabled, 2 disabled (RFC 3418).
    private func enableAuthenTraps() -> Scalar {
        Scalar(
            30, read: { [self] (_) throws(ObjectError) in .integer(reportsAuthenticationFailures ? 1 : 2) },
            write: Scalar.Writer(
                check: { (value) throws(ObjectError) in
                    guard case .integer(let number) = value else { throw ObjectError(.wrongType) }
                    guard number == 1 || number == 2 else { throw ObjectError(.wrongValue) }
                },
                assign: { [self] (value) throws(ObjectError) in
                    reportsAuthenticationFailures = value == .integer(1)
                }))
    }

    /// snmpSetSerialNo: a SET must name the current value, and counts it up (TestAndIncr, RFC 2579).
    private func setSerialNo() -> Scalar {
        Scalar(
            1, read: { [self] (_) throws(ObjectError) in .integer(setSerialNumber) },
            write: Scalar.Writer(
                check: { [self] (value) throws(ObjectError) in
                    guard case .integer(let number) = value else { throw ObjectError(.wrongType) }
                    guard number == setSerialNumber else { throw ObjectError(.inconsistentValue) }
                },
                assign: { [self] (_) throws(ObjectError) in
                    setSerialNumber = setSerialNumber == .max ? 0 : setSerialNumber + 1
                },
                restore: { [self] (value) throws(ObjectError) in
                    if case .integer(let number) = value { setSerialNumber = number }
                }))
    }
}
