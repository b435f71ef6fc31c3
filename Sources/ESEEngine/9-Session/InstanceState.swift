// Layer: ESEEngine/9-Session. Uses: SessionErrors. Used by: the gates, instances.
// Where an instance is in its life, in one word.

/// A phase in the life of an instance.
public enum InstancePhase: UInt, Sendable, CaseIterable {
    /// Made; parameters are set. Also after an initialisation that failed.
    case created = 0
    /// Initialisation runs; no log is replayed now.
    case initialising = 1
    /// Initialisation replays the log.
    case recovering = 2
    /// A backup is being restored.
    case restoring = 3
    /// Sessions may begin.
    case running = 4
    /// Termination waits for those inside, or does its work.
    case terminating = 5
    /// Over. The handle is dead.
    case terminated = 6
}

/// Why an instance became unavailable.
public enum UnavailableCause: UInt, Sendable, CaseIterable {
    /// It is not.
    case none = 0
    /// A fatal error, such as a failed write of the log. C name: JET_errInstanceUnavailable.
    case fatalError = 0x20
    /// No space for the log. C name: JET_errInstanceUnavailableDueToFatalLogDiskFull.
    case logDiskFull = 0x40

    /// What calls get.
    public var error: JetError? {
        switch self {
        case .none: nil
        case .fatalError: .instanceUnavailable
        case .logDiskFull: SessionError.unavailableLogDiskFull
        }
    }
}

/// An instance's state: phase, a stop that was requested, the cause that made it unavailable.
public struct InstanceState: Hashable, Sendable {
    static let stopBit: UInt = 0x10
    static let causeBits: UInt = 0x60
    static let runningWord = InstancePhase.running.rawValue

    /// The word.
    let word: UInt

    @inline(__always)
    init(word: UInt) { self.word = word }

    /// Makes a state.
    public init(_ phase: InstancePhase, isStopped: Bool = false, cause: UnavailableCause = .none) {
        word = phase.rawValue | (isStopped ? Self.stopBit : 0) | cause.rawValue
    }

    /// The phase.
    public var phase: InstancePhase {
        guard let phase = InstancePhase(rawValue: word & 0xF) else { preconditionFailure("a phase was put in") }
        return phase
    }
    /// Whether a stop was requested. ESE's name: m_fStopJetService.
    public var isStopped: Bool { word & Self.stopBit != 0 }
    /// Why it is unavailable.
    public var cause: UnavailableCause { UnavailableCause(rawValue: word & Self.causeBits) ?? .fatalError }
}
