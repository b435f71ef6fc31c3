// Layer: Jet. Used by: JetLibrary, JetABI.
// Options of an initialisation.

/// What JetInit2 and JetInit3 are given. C name: JET_RSTINFO.
public struct RecoveryOptions: Sendable {
    /// C name: JET_bitReplayIgnoreMissingDB.
    public static let ignoreMissingDatabases: UInt32 = 0x4

    /// C names: JET_bitReplayIgnoreMissingDB …
    public var flags: UInt32
    /// How many databases have moved. C name: crstmap.
    public var moveCount: Int
    /// Is told how far recovery is, 0...1000. C name: pfnStatus.
    public var progress: (@Sendable (Int) -> Void)?

    /// Makes options.
    public init(flags: UInt32 = 0, moveCount: Int = 0, progress: (@Sendable (Int) -> Void)? = nil) {
        self.flags = flags
        self.moveCount = moveCount
        self.progress = progress
    }
}
