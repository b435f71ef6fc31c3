// Layer: ESEEngine/9-Session. Uses: JetError. Used by: gates, instances, sessions.
// JET's numbers that only instances and sessions give.

/// Short names of JET's numbers, each a constant.
enum SessionError {
    static let invalidGrbit = JetError(rawValue: -900)
    static let termInProgress = JetError(rawValue: -1000)
    static let outOfSessions = JetError(rawValue: -1101)
    static let invalidSesid = JetError(rawValue: -1104)
    static let invalidInstance = JetError(rawValue: -1115)
    static let notInitialized = JetError(rawValue: -1029)
    static let alreadyInitialized = JetError(rawValue: -1030)
    static let initInProgress = JetError(rawValue: -1031)
    static let restoreInProgress = JetError(rawValue: -506)
    static let backupInProgress = JetError(rawValue: -505)
    static let clientRequestToStop = JetError(rawValue: -1329)
    static let unavailableLogDiskFull = JetError(rawValue: -1092)
    static let sessionSharing = JetError(rawValue: -1910)
    static let invalidOperation = JetError(rawValue: -1906)
    static let contextAlreadySet = JetError(rawValue: -1912)
    static let contextNotSetByThisThread = JetError(rawValue: -1913)
    static let sessionInUse = JetError(rawValue: -1914)
    static let rollbackError = JetError(rawValue: -1917)
    static let notInTransaction = JetError(rawValue: -1054)
    static let mustRollback = JetError(rawValue: -1057)
    static let tooManyActiveUsers = JetError(rawValue: -1059)
    static let transactionTooDeep = JetError(rawValue: -1103)
    static let dirtyShutdown = JetError(rawValue: -1116)
    static let runningInOneInstanceMode = JetError(rawValue: -1080)
    static let runningInMultiInstanceMode = JetError(rawValue: -1081)
    static let instanceNameInUse = JetError(rawValue: -1086)
    static let tooManyInstances = JetError(rawValue: -1214)
}
