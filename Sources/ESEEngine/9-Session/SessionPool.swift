// Layer: ESEEngine/9-Session. Uses: PlatformIO (lock). Used by: instances.
// How many sessions an instance may have, and their numbers in the log.

import PlatformIO

/// The sessions' numbers of an instance. ESE's name: procid. Safe from any thread.
public final class SessionPool: Sendable {
    /// How sessions are counted.
    public enum Quota: UInt8, Sendable, CaseIterable {
        /// The limit counts the application's sessions; the engine's own come on top.
        case strict
        /// One pool for both, of the limit and `internalReserve`, as Windows has it.
        case shared
    }

    /// Whose session it is.
    public enum User: UInt8, Sendable, CaseIterable {
        /// The application's.
        case application
        /// The engine's own: cleaning, long values, backup …
        case engine
    }

    /// Sessions that are kept for the engine. ESE's names: cpibSystem and what comes on top.
    public static let internalReserve = 69
    /// The greatest limit. C name: the range of JET_paramMaxSessions.
    public static let greatestLimit = 30_000
    /// The limit if none was set. C name: JET_paramMaxSessions.
    public static let defaultLimit = 16

    private struct Core {
        /// One bit a number; number 1 is bit 0 of word 0.
        var words: [UInt64] = []
        var applicationCount = 0
        var engineCount = 0
        var isUnlimited = false
    }

    /// The limit, 0...30000.
    public let limit: Int
    /// How it counts.
    public let quota: Quota
    private let core = Locked(Core())

    /// Makes a pool. A limit out of range is a mistake of the caller.
    public init(limit: Int = SessionPool.defaultLimit, quota: Quota = .strict) {
        precondition(0...Self.greatestLimit ~= limit)
        self.limit = limit
        self.quota = quota
    }

    /// Recovery has as many sessions as the log had.
    public func setUnlimited(_ isUnlimited: Bool) { core.withLock { $0.isUnlimited = isUnlimited } }

    /// How many sessions there are.
    public func count(_ user: User) -> Int {
        core.withLock { user == .application ? $0.applicationCount : $0.engineCount }
    }

    /// Takes the lowest free number, 1 or more. JET_errOutOfSessions.
    public func take(_ user: User) throws(JetError) -> UInt16 {
        try core.withLock { (core) throws(JetError) in
            if !core.isUnlimited {
                let hasRoom =
                    switch (quota, user) {
                    case (.strict, .application): core.applicationCount < limit
                    case (.strict, .engine): core.engineCount < Self.internalReserve
                    case (.shared, _): core.applicationCount + core.engineCount < limit + Self.internalReserve
                    }
                guard hasRoom else { throw SessionError.outOfSessions }
            }
            let index = core.words.firstIndex { $0 != .max } ?? core.words.count
            if index == core.words.count { core.words.append(0) }
            let bit = (~core.words[index]).trailingZeroBitCount
            let number = index * 64 + bit + 1
            // 65535 means no session in log records.
            guard number < Int(UInt16.max) else { throw SessionError.outOfSessions }
            core.words[index] |= 1 << UInt64(bit)
            switch user {
            case .application: core.applicationCount += 1
            case .engine: core.engineCount += 1
            }
            return UInt16(number)
        }
    }

    /// Takes a certain number, for recovery. False if it is taken.
    public func take(number: UInt16) -> Bool {
        precondition(number > 0 && number < .max)
        return core.withLock { core in
            let (index, bit) = (Int(number - 1) / 64, UInt64(number - 1) % 64)
            while core.words.count <= index { core.words.append(0) }
            guard core.words[index] & 1 << bit == 0 else { return false }
            core.words[index] |= 1 << bit
            core.engineCount += 1
            return true
        }
    }

    /// Gives a number back, which was taken for `user`.
    public func give(_ number: UInt16, _ user: User) {
        core.withLock { core in
            let (index, bit) = (Int(number - 1) / 64, UInt64(number - 1) % 64)
            precondition(core.words[index] & 1 << bit != 0, "the number is free")
            core.words[index] &= ~(1 << bit)
            switch user {
            case .application: core.applicationCount -= 1
            case .engine: core.engineCount -= 1
            }
        }
    }
}
