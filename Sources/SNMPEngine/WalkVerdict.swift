// Layer: SNMPEngine. Used by: walks, applications.
// How a walk ended. A walk that stops short never looks like one that is complete.

public import SNMPCodec

/// How a walk ended, and what it took.
public struct WalkVerdict: Hashable, Sendable {
    /// The verdict proper.
    public enum Outcome: Hashable, Sendable {
        /// The agent has nothing more below the root.
        case complete
        /// The walk reached its end, but the agent failed at some names, and what lies between there and the next name
        /// that it gave may be missing.
        case skippedRows(after: [ObjectIdentifier])
        /// The agent keeps answering with names that were there before; `at` is the last name that was new.
        case loop(at: ObjectIdentifier)
        /// The walk stopped before its end. `last` is the last name received; nil if there was none.
        case partial(PartialCause, last: ObjectIdentifier?)
    }

    /// What happened.
    public var outcome: Outcome
    /// Rows (variable bindings) received.
    public var rows = 0
    /// Requests sent, not counting repetitions.
    public var requests = 0
    /// Requests that failed: timeouts, errors, replies that could not be used.
    public var failedRequests = 0
    /// What was tolerated in the replies.
    public var deviations: Deviations = []

    /// Makes a verdict.
    public init(_ outcome: Outcome) { self.outcome = outcome }

    /// Whether all that the agent has was received, as far as can be told.
    public var isComplete: Bool { outcome == .complete }
}

/// Why a walk stopped before its end.
public enum PartialCause: Hashable, Sendable {
    /// Requests got no usable answer, however small.
    case noAnswer(RequestFailure)
    /// The agent refused with this status, even a single GETNEXT.
    case agentError(ErrorStatus)
    /// The agent answers without any binding.
    case emptyResponses
    /// The limit on rows was reached.
    case rowLimit(Int)
    /// The walk was cancelled.
    case cancelled
}

extension WalkVerdict: CustomStringConvertible {
    /// The verdict in a sentence.
    public var description: String {
        let text =
            switch outcome {
            case .complete: "complete"
            case .skippedRows(let after):
                "skipped rows: the agent failed after \(after.map(\.description).joined(separator: ", "))"
            case .loop(let name): "loop: names repeat after \(name)"
            case .partial(let cause, let last):
                "partial, \(last.map { "last name \($0)" } ?? "no rows"): \(cause)"
            }
        var notes = "\(rows) rows, \(requests) requests"
        if failedRequests > 0 { notes += ", \(failedRequests) of them failed" }
        if !deviations.isEmpty { notes += "; tolerated: \(deviations.labels.joined(separator: ", "))" }
        return "\(text) (\(notes))"
    }
}

extension PartialCause: CustomStringConvertible {
    /// The cause in words.
    public var description: String {
        switch self {
        case .noAnswer(let failure): failure.description
        case .agentError(let status): "the agent answers \(status)"
        case .emptyResponses: "the agent answers without any rows"
        case .rowLimit(let limit): "the limit of \(limit) rows was reached"
        case .cancelled: "cancelled"
        }
    }
}
