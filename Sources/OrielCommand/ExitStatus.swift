// Layer: OrielCommand. Used by: every command.

/// How the program ends.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case incomplete = 1
    case usage = 2
    case noAnswer = 3
    case refused = 4
    case localFailure = 5
    case interrupted = 130
    /// What a shell shows for a death by SIGPIPE.
    case brokenPipe = 141

    /// What the help says.
    static let meanings: [(Int32, String)] = [
        (0, "all that was asked for was done or received"),
        (1, "only a part: a walk that stopped early, looped or skipped rows, or names that the agent does not have"),
        (2, "the arguments are wrong"),
        (3, "no answer"),
        (4, "refused: an error-status of the agent, or its SNMPv3 security"),
        (5, "a failure on this side: a file, a port, a host name that can't be resolved"),
    ]
}
