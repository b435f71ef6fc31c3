// Layer: StationPoller/Machine. Uses: SNMP. Used by: DeviceMachine.
// Failures in words: what happened, and what is likely behind it.

import SNMP
import SNMPEngine

extension SNMPError {
    /// What happened and what to look at, for somebody who looks after the device.
    var advice: String {
        switch self {
        case .request(.timeout(let evidence)):
            guard evidence.saysNothing else { return description }
            return description + ": it may be switched off, no SNMP agent may run there, a firewall may be in between, "
                + "or it does not know the community or user (many agents then keep silent)"
        case .request(.transport(let text)):
            guard text.contains("refused") else { return text }
            return text + ": the host is there, but no SNMP agent listens at this port"
        default: return description
        }
    }
}

extension TimeoutEvidence {
    /// Whether nothing at all came from the device.
    fileprivate var saysNothing: Bool {
        malformedReplies == 0 && unmatchedReplies == 0 && lateReplies == 0 && foreignReplies == 0
            && rejectedReplies == 0 && !onlyDiscoveryAnswered
    }
}

extension WalkVerdict {
    /// Why the walk didn't bring all, in the same words each time; nil if it did.
    var shortfall: String? {
        switch outcome {
        case .complete: nil
        case .skippedRows(let after):
            "the agent fails at rows after \(after.prefix(3).map(\.description).joined(separator: ", "))"
        case .loop: "the agent goes round in circles"
        case .partial(.noAnswer, _): "no answer to parts of it"
        case .partial(.rowLimit, _): "it has no end"
        case .partial(.cancelled, _): "it took too long"
        case .partial(let cause, _): cause.description
        }
    }
}
